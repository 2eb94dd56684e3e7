// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The bytes of messages: strings, data objects, arrays of these, and tables of
 * bytes. The kernel reads and writes them where they are; only a table of bytes
 * is copied.
 */
#include "luadata/data.h"
#include "luasocket.h"

/* None yet, in memory for @n. May push. */
static void start(lua_State *L, struct luasocket_vec *v, size_t n)
{
	v->vec = v->few;
	if (n > LUASOCKET_FEW)
		v->vec = lua_newuserdata(L, n * sizeof(*v->vec));
	v->count = 0;
	v->size = 0;
}

static void add(struct luasocket_vec *v, const void *base, size_t len)
{
	if (!len)
		return;
	v->vec[v->count].base = (void *)base;
	v->vec[v->count].len = len;
	v->count++;
	v->size += len;
}

void luasocket_set_bytes(struct luasocket_vec *v, const void *base, size_t len)
{
	v->vec = v->few;
	v->count = 0;
	v->size = 0;
	add(v, base, len);
}

static void set_data(lua_State *L, int arg, struct luasocket_vec *v)
{
	const struct ldata *data = luadrv_box_check(L, arg, ldata_type);

	luasocket_set_bytes(v, ldata_addr(data), ldata_size(data));
}

static u8 check_byte(lua_State *L, int idx, lua_Unsigned at)
{
	lua_Integer byte = lua_tointeger(L, idx);

	if (!lua_isinteger(L, idx))
		luaL_error(L, "byte %I must be an integer, not a %s",
			   (LUAI_UACINT)at, luaL_typename(L, idx));
	if (byte < 0 || byte > 255)
		luaL_error(L, "byte %I must be in 0..255, not %I",
			   (LUAI_UACINT)at, (LUAI_UACINT)byte);
	return (u8)byte;
}

static void bytes_of_table(lua_State *L, int arg, struct luasocket_vec *v)
{
	size_t i, n = lua_rawlen(L, arg);
	u8 *buf;

	luaL_argcheck(L, n <= LSOCK_MAX_TABLE, arg,
		      "table of more than 1048576 bytes");
	buf = lua_newuserdata(L, n ? n : 1);
	for (i = 0; i < n; i++) {
		lua_rawgeti(L, arg, (lua_Integer)i + 1);
		buf[i] = check_byte(L, -1, i + 1);
		lua_pop(L, 1);
		luai_tick(L);
	}
	luasocket_set_bytes(v, buf, n);
}

/* Adds what is on top. Strings stay where they are as long as the array that has them. */
static bool add_element(lua_State *L, struct luasocket_vec *v, bool sends)
{
	const struct ldata *data = luadrv_box_test(L, -1, ldata_type);
	const char *s;
	size_t len;

	if (data) {
		add(v, ldata_addr(data), ldata_size(data));
	} else if (sends && lua_type(L, -1) == LUA_TSTRING) {
		s = lua_tolstring(L, -1, &len);
		add(v, s, len);
	} else {
		return false;
	}
	return true;
}

static void add_elements(lua_State *L, int arg, struct luasocket_vec *v, bool sends)
{
	size_t i, n = lua_rawlen(L, arg);

	luaL_argcheck(L, n <= LSOCK_MAX_VEC, arg, "array of more than 1024 elements");
	start(L, v, n);
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, arg, (lua_Integer)i);
		if (!add_element(L, v, sends))
			luaL_error(L, "element %I must be %s, not a %s", (LUAI_UACINT)i,
				   sends ? "a string or a data object" : "a data object",
				   luaL_typename(L, -1));
		lua_pop(L, 1);
	}
}

/* The type of the first element of the table at @arg. */
static int type_within(lua_State *L, int arg)
{
	int type = lua_rawgeti(L, arg, 1);

	lua_pop(L, 1);
	return type;
}

void luasocket_check_bytes(lua_State *L, int arg, struct luasocket_vec *v)
{
	const char *s;
	size_t len;
	int type;

	switch (lua_type(L, arg)) {
	case LUA_TSTRING:
		s = lua_tolstring(L, arg, &len);
		luasocket_set_bytes(v, s, len);
		return;
	case LUA_TTABLE:
		type = type_within(L, arg);
		if (type == LUA_TSTRING || type == LUA_TUSERDATA)
			add_elements(L, arg, v, true);
		else
			bytes_of_table(L, arg, v);
		return;
	case LUA_TUSERDATA:
		set_data(L, arg, v);
		return;
	default:
		luaL_argerror(L, arg,
			      lua_pushfstring(L, "string, table of bytes or data object expected, got %s",
					      luaL_typename(L, arg)));
	}
}

bool luasocket_test_room(lua_State *L, int arg, struct luasocket_vec *v)
{
	switch (lua_type(L, arg)) {
	case LUA_TUSERDATA:
		set_data(L, arg, v);
		return true;
	case LUA_TTABLE:
		luaL_argcheck(L, lua_rawlen(L, arg), arg,
			      "integer, data object or array of these expected, got table of none");
		add_elements(L, arg, v, false);
		return true;
	default:
		return false;
	}
}

void luasocket_push_bytes(lua_State *L, const u8 *bytes, size_t n)
{
	size_t i;

	lua_createtable(L, (int)n, 0);
	for (i = 0; i < n; i++) {
		lua_pushinteger(L, bytes[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
		luai_tick(L);
	}
}
