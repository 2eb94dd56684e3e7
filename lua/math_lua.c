// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The library math, as far as it has a meaning for integers. */

/***
 * The library math, as far as it has a meaning for integers.
 *
 * `math.maxinteger` and `math.mininteger` are the greatest and the least
 * integer.
 * @module math
 */
#include "lua.h"
#include "lauxlib.h"
#include "lualib.h"

/* The generator of math.random(): splitmix64, one state a script, as its library's upvalue. */
struct generator {
	u64 state;
};

static u64 next_random(struct generator *g)
{
	u64 z = (g->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static struct generator *generator_of(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

/***
 * Absolute value; math.mininteger stays what it is.
 * @function math.abs
 * @tparam integer x
 * @treturn integer
 * @usage assert(math.abs(-3) == 3)
 */
static int l_abs(lua_State *L)
{
	lua_Integer n = luaL_checkinteger(L, 1);

	lua_pushinteger(L, n < 0 ? (lua_Integer)(0u - (lua_Unsigned)n) : n);
	return 1;
}

/***
 * The argument itself, since every number is an integer: math.ceil and
 * math.floor.
 * @function math.floor
 * @tparam integer x
 * @treturn integer
 * @usage assert(math.floor("7") == 7)
 */
static int l_identity(lua_State *L)
{
	lua_pushinteger(L, luaL_checkinteger(L, 1));
	return 1;
}

/***
 * Remainder of the division that rounds towards zero.
 * @function math.fmod
 * @tparam integer a
 * @tparam integer b
 * @treturn integer
 * @raise "zero" if b is 0
 * @usage assert(math.fmod(-7, 3) == -1 and -7 % 3 == 2)
 */
static int l_fmod(lua_State *L)
{
	lua_Integer a = luaL_checkinteger(L, 1);
	lua_Integer b = luaL_checkinteger(L, 2);

	luaL_argcheck(L, b != 0, 2, "zero");
	/* The hardware traps on mininteger % -1. */
	lua_pushinteger(L, b == -1 ? 0 : a % b);
	return 1;
}

/* The index of the argument that is less than all others, or that all others are less than. */
static int find_extreme(lua_State *L, bool least)
{
	int i, best = 1, n = lua_gettop(L);

	luaL_argcheck(L, n >= 1, 1, "value expected");
	for (i = 2; i <= n; i++) {
		luai_tick(L);
		if (lua_compare(L, least ? i : best, least ? best : i, LUA_OPLT))
			best = i;
	}
	return best;
}

/***
 * The least of its arguments, by the operator <.
 * @function math.min
 * @param x
 * @param ... more
 * @return one of them
 * @usage assert(math.min(3, 1, 2) == 1)
 */
static int l_min(lua_State *L)
{
	lua_pushvalue(L, find_extreme(L, true));
	return 1;
}

/***
 * The greatest of its arguments, by the operator <.
 * @function math.max
 * @param x
 * @param ... more
 * @return one of them
 * @usage assert(math.max(3, 1, 2) == 3)
 */
static int l_max(lua_State *L)
{
	lua_pushvalue(L, find_extreme(L, false));
	return 1;
}

/* A number in 0..@limit, each as likely: draws again what would favour some. */
static u64 project(struct generator *g, u64 limit)
{
	u64 mask = limit, drawn;
	int shift;

	for (shift = 1; shift < 64; shift *= 2)
		mask |= mask >> shift;
	do {
		drawn = next_random(g) & mask;
	} while (drawn > limit);
	return drawn;
}

/***
 * A pseudo-random integer: random() gives one of 32 bits (0..0xffffffff),
 * random(m) one in 1..m, random(m, n) one in m..n, where n - m is an integer.
 * @function math.random
 * @tparam[opt] integer m
 * @tparam[opt] integer n
 * @treturn integer
 * @raise "interval is empty", "interval too large"
 * @usage local die = math.random(6)
 */
static int l_random(lua_State *L)
{
	struct generator *g = generator_of(L);
	lua_Integer low = 1, high;

	switch (lua_gettop(L)) {
	case 0:
		lua_pushinteger(L, next_random(g) >> 32);
		return 1;
	case 1:
		high = luaL_checkinteger(L, 1);
		break;
	case 2:
		low = luaL_checkinteger(L, 1);
		high = luaL_checkinteger(L, 2);
		break;
	default:
		return luaL_error(L, "wrong number of arguments");
	}
	luaL_argcheck(L, low <= high, 1, "interval is empty");
	luaL_argcheck(L, low >= 0 || high <= LUA_MAXINTEGER + low, 1,
		      "interval too large");
	lua_pushinteger(L, (lua_Integer)((lua_Unsigned)low +
		project(g, high - low)));
	return 1;
}

/***
 * Starts the sequence of math.random() that belongs to a number; every script
 * begins with one of its own.
 * @function math.randomseed
 * @tparam integer x
 * @return nothing
 * @usage math.randomseed(42)
 * local first = math.random()
 * math.randomseed(42)
 * assert(math.random() == first)
 */
static int l_randomseed(lua_State *L)
{
	generator_of(L)->state = luaL_checkinteger(L, 1);
	return 0;
}

/***
 * The integer that a number or numeral stands for, or nil.
 * @function math.tointeger
 * @param x
 * @treturn ?integer
 * @usage assert(math.tointeger("x") == nil)
 */
static int l_tointeger(lua_State *L)
{
	int valid;
	lua_Integer n = lua_tointegerx(L, 1, &valid);

	luaL_checkany(L, 1);
	if (valid)
		lua_pushinteger(L, n);
	else
		lua_pushnil(L);
	return 1;
}

/***
 * "integer" for a number, nil for anything else.
 * @function math.type
 * @param x
 * @treturn ?string
 * @usage assert(math.type(7) == "integer")
 */
static int l_type(lua_State *L)
{
	luaL_checkany(L, 1);
	if (lua_type(L, 1) == LUA_TNUMBER)
		lua_pushliteral(L, "integer");
	else
		lua_pushnil(L);
	return 1;
}

/***
 * Whether a < b when both are read as unsigned.
 * @function math.ult
 * @tparam integer a
 * @tparam integer b
 * @treturn boolean
 * @usage assert(math.ult(1, -1))
 */
static int l_ult(lua_State *L)
{
	lua_Unsigned a = luaL_checkinteger(L, 1);
	lua_Unsigned b = luaL_checkinteger(L, 2);

	lua_pushboolean(L, a < b);
	return 1;
}

static const luaL_Reg functions[] = {
	{ "abs", l_abs },
	{ "ceil", l_identity },
	{ "floor", l_identity },
	{ "fmod", l_fmod },
	{ "max", l_max },
	{ "min", l_min },
	{ "random", l_random },
	{ "randomseed", l_randomseed },
	{ "tointeger", l_tointeger },
	{ "type", l_type },
	{ "ult", l_ult },
	{ NULL, NULL }
};

int luaopen_math(lua_State *L)
{
	struct generator *g;

	luaL_newlibtable(L, functions);
	g = lua_newuserdata(L, sizeof(*g));
	g->state = luaport_random64();
	luaL_setfuncs(L, functions, 1);
	lua_pushinteger(L, LUA_MAXINTEGER);
	lua_setfield(L, -2, "maxinteger");
	lua_pushinteger(L, LUA_MININTEGER);
	lua_setfield(L, -2, "mininteger");
	return 1;
}
