// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Globals that the library load answers for without being asked for by
 * require, what it does at the end of a script, and what it needs that Lua
 * does not have: 128 bits, and the upvalues of functions.
 */
#include <string.h>

#include "load/load_lua.h"

/* Their addresses are where the registry has: who is asked; what he said; what is called at the end. */
static const char asked_key;
static const char found_key;
static const char end_key;

/* What scripts for load expect to be there. */
static const char *const names[] = {
	"S", "client_close", "client_recverr", "client_recvmsg", "client_sendmsg", "client_socket", "collect",
	"is_client", "is_server", "list_sys_consts", "list_sys_funcs", "run", "server_close", "server_recverr",
	"server_recvmsg", "server_sendmsg", "server_socket", "tid_iter",
	/* Calls */
	"bind", "close", "connect", "getpeername", "getsockname", "getsockopt", "read", "recv", "recvfrom",
	"recvmsg", "send", "sendmsg", "sendto", "setsockopt", "shutdown", "write",
	/* Types, and what LuaJIT has for integers */
	"bit", "in6_addr", "in_addr", "scm_timestamping", "sockaddr_in", "sockaddr_in6",
	"sockaddr_storage", NULL
};

/* How C's constants begin. */
static const char *const prefixes[] = {
	"AF_", "AI_", "BPF_", "EPOLL", "ETH_P_", "ICMP_", "INADDR_", "IP6T_", "IPPROTO_", "IPV6_", "IP_", "MSG_",
	"PF_", "SCM_", "SHUT_", "SKF_", "SOCK_", "SOF_", "SOL_", "SO_", "TCP_", "UDP_", NULL
};

/* ECONNREFUSED and the like. */
static bool is_errno(const char *name)
{
	if (*name != 'E' || !name[1])
		return false;
	for (; *name; name++)
		if ((*name < 'A' || *name > 'Z') && (*name < '0' || *name > '9'))
			return false;
	return true;
}

/* uint32_ptr and the like. */
static bool is_pointer(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && !strcmp(name + len - 4, "_ptr");
}

/* Whether the library has been asked for something, or been required. */
static bool is_loaded(lua_State *L)
{
	bool loaded = lua_rawgetp(L, LUA_REGISTRYINDEX, &asked_key) == LUA_TFUNCTION;

	lua_pop(L, 1);
	return loaded;
}

/* Whether the arguments of the script say which workload runs. */
static bool has_workload(lua_State *L)
{
	static const char option[] = "--workload";
	int top = lua_gettop(L);
	bool found = false;
	const char *word;
	lua_Integer i;

	lua_pushglobaltable(L);
	lua_pushliteral(L, "arg");
	if (lua_rawget(L, -2) == LUA_TTABLE) {
		for (i = 1; !found && lua_rawgeti(L, top + 2, i) == LUA_TSTRING; i++) {
			word = lua_tostring(L, -1);
			found = !strncmp(word, option, strlen(option));
			lua_pop(L, 1);
			luai_tick(L);
		}
	}
	lua_settop(L, top);
	return found;
}

/* Whether the library may have it: only then is it worth being loaded. */
static bool is_wanted(lua_State *L, const char *name)
{
	int i;

	/* Many scripts look whether it is there: to those without loads it is not. */
	if (!strcmp(name, "io"))
		return is_loaded(L) || has_workload(L);
	for (i = 0; names[i]; i++)
		if (!strcmp(name, names[i]))
			return true;
	for (i = 0; prefixes[i]; i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return is_errno(name) || is_pointer(name);
}

static void set_asked(lua_State *L, bool loading)
{
	if (loading)
		lua_pushboolean(L, false);
	else
		lua_pushnil(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &asked_key);
}

static int load_library(lua_State *L)
{
	luadrv_push_library(L, "load");
	return 0;
}

/* Pushes who is to be asked, or gives false. While the library is loaded nobody is. */
static bool push_asked(lua_State *L)
{
	int status;

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &asked_key) == LUA_TNIL) {
		set_asked(L, true);
		lua_pushcfunction(L, load_library);
		status = lua_pcall(L, 0, 0, 0);
		if (status != LUA_OK) {
			set_asked(L, false);
			luadrv_check_stop(L);
			lua_error(L);
		}
		if (lua_rawgetp(L, LUA_REGISTRYINDEX, &asked_key) != LUA_TFUNCTION)
			set_asked(L, false);
	}
	return lua_isfunction(L, -1);
}

/* The __index of _G: of those that are wanted, each is asked for once. */
static int find_global(lua_State *L)
{
	if (lua_type(L, 2) != LUA_TSTRING)
		return 0;
	lua_settop(L, 2);
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &found_key) == LUA_TTABLE) {
		lua_pushvalue(L, 2);
		if (lua_rawget(L, 3) != LUA_TNIL)
			return 1;
	}
	if (!is_wanted(L, lua_tostring(L, 2)) || !push_asked(L))
		return 0;
	lua_pushvalue(L, 2);
	lua_call(L, 1, 1);
	if (lua_isnil(L, -1) || lua_rawgetp(L, LUA_REGISTRYINDEX, &found_key) != LUA_TTABLE)
		return 0;
	lua_pushvalue(L, 2);
	lua_pushvalue(L, -3);
	lua_rawset(L, -3);
	lua_pop(L, 1);
	return 1;
}

void luaload_open_globals(lua_State *L)
{
	lua_pushglobaltable(L);
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, find_global);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}

/* lazy(f): f(name) is asked for globals that are not there; it gives nil, or what stays the same. */
static int core_lazy(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	lua_settop(L, 1);
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &found_key);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &asked_key);
	return 0;
}

/* at_end(f): f(last) is called once when the text that runs has been executed, if that did not fail. */
static int core_at_end(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	lua_settop(L, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &end_key);
	return 0;
}

bool luaload_push_end(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &end_key) == LUA_TNIL) {
		lua_pop(L, 1);
		return false;
	}
	lua_pushnil(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &end_key);
	return true;
}

void luaload_begin_run(lua_State *L)
{
	if (luaload_push_end(L))
		lua_pop(L, 1);
}

/* heed(on): whether the script looks at asked(). */
static int core_heed(lua_State *L)
{
	luadrv_heed(L, lua_toboolean(L, 1));
	return 0;
}

/* asked(): whether the script was asked to come to its end early. */
static int core_asked(lua_State *L)
{
	lua_pushboolean(L, luadrv_is_asked(L));
	return 1;
}

/* Upvalue @n of the Lua function at 1. */
static int check_upvalue(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	luaL_argcheck(L, !lua_iscfunction(L, 1), 1, "Lua function expected");
	return luadrv_check_int(L, 2, 1, 255, "number of an upvalue");
}

/* getupvalue(f, n): its name and value, or nothing. */
static int core_getupvalue(lua_State *L)
{
	const char *name = lua_getupvalue(L, 1, check_upvalue(L));

	if (!name)
		return 0;
	lua_pushstring(L, name);
	lua_insert(L, -2);
	return 2;
}

/* setupvalue(f, n, value): its name, or nothing. */
static int core_setupvalue(lua_State *L)
{
	int n = check_upvalue(L);
	const char *name;

	luaL_checkany(L, 3);
	lua_settop(L, 3);
	name = lua_setupvalue(L, 1, n);
	if (!name)
		return 0;
	lua_pushstring(L, name);
	return 1;
}

static u64 magnitude(lua_Integer n)
{
	return n < 0 ? 0 - (u64)n : (u64)n;
}

/* Divides @high:@low by @by, which is greater than @high; what is left goes to @rest. */
static u64 divide(u64 high, u64 low, u64 by, u64 *rest)
{
	u64 quotient = 0;
	bool carry;
	int i;

	for (i = 0; i < 64; i++) {
		carry = high >> 63;
		high = high << 1 | low >> 63;
		low <<= 1;
		quotient <<= 1;
		if (carry || high >= by) {
			high -= by;
			quotient |= 1;
		}
	}
	*rest = high;
	return quotient;
}

/* The product of two numbers, of 64 bits and 64. */
static u64 multiply(u64 a, u64 b, u64 *low)
{
	u64 mask = 0xffffffff;
	u64 bottom = (a & mask) * (b & mask);
	u64 left = (a >> 32) * (b & mask) + (bottom >> 32);
	u64 right = (a & mask) * (b >> 32) + (left & mask);

	*low = right << 32 | (bottom & mask);
	return (a >> 32) * (b >> 32) + (left >> 32) + (right >> 32);
}

/* muldiv(a, b, c): a * b // c, where a * b may have 128 bits. */
static int core_muldiv(lua_State *L)
{
	lua_Integer a = luaL_checkinteger(L, 1), b = luaL_checkinteger(L, 2), c = luaL_checkinteger(L, 3);
	bool negative = ((a < 0) ^ (b < 0)) ^ (c < 0);
	u64 high, low, rest, quotient, most = (u64)LUA_MAXINTEGER + negative;

	luaL_argcheck(L, c, 3, "attempt to divide by zero");
	high = multiply(magnitude(a), magnitude(b), &low);
	luaL_argcheck(L, high < magnitude(c), 3, "the quotient has more than 64 bits");
	quotient = divide(high, low, magnitude(c), &rest);
	if (quotient > most || (quotient == most && negative && rest))
		luaL_argerror(L, 3, "the quotient has more than 64 bits");
	if (negative)
		quotient = 0 - quotient - (rest ? 1 : 0);
	lua_pushinteger(L, (lua_Integer)quotient);
	return 1;
}

/* isqrt(n): the greatest integer whose square is no more than n. */
static int core_isqrt(lua_State *L)
{
	u64 n = (u64)luadrv_check_range(L, 1, 0, LUA_MAXINTEGER, "number");
	u64 root = 0, bit = 1ULL << 62;

	for (; bit; bit >>= 2) {
		if (n >= root + bit) {
			n -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	lua_pushinteger(L, (lua_Integer)root);
	return 1;
}

/* failure(code, call, target): an error object, of a positive errno. */
static int core_failure(lua_State *L)
{
	int code = luadrv_check_int(L, 1, 1, 4095, "errno");

	luadrv_push_error(L, -code, luaL_checkstring(L, 2), "%s", luaL_optstring(L, 3, ""));
	return 1;
}

/* no_memory(whose): the error object of who has got none. */
static int core_no_memory(lua_State *L)
{
	luadrv_push_error(L, -ENOMEM, "load", "(limit: module parameter memory, --memory)%s",
			  luaL_optstring(L, 1, ""));
	return 1;
}

const luaL_Reg luaload_globals_functions[] = {
	{ "asked", core_asked },
	{ "at_end", core_at_end },
	{ "failure", core_failure },
	{ "getupvalue", core_getupvalue },
	{ "heed", core_heed },
	{ "isqrt", core_isqrt },
	{ "lazy", core_lazy },
	{ "muldiv", core_muldiv },
	{ "no_memory", core_no_memory },
	{ "setupvalue", core_setupvalue },
	{ NULL, NULL }
};
