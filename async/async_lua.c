// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What the library async, which is written in Lua, is built on: what scripts
 * cannot do. The rest of this folder is the library.
 */
#include <limits.h>

#include "driver/embedded.h"
#include "socket/luasocket.h"
#include "thread/thread_lua.h"

static struct lsock *check_socket(lua_State *L)
{
	return luadrv_box_check(L, 1, luasocket_type);
}

/* need(name): a library that is written in Lua, whatever the script has made of require. */
static int core_need(lua_State *L)
{
	luadrv_push_library(L, luaL_checkstring(L, 1));
	return 1;
}

/* weak(poll): the set does not keep its members from being collected. */
static int core_weak(lua_State *L)
{
	luadrv_box_check(L, 1, luapoll_type);
	lua_getuservalue(L, 1);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "v");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	return 0;
}

/* methods(type): the table of methods of "socket", "channel" or "timer". */
static int core_methods(lua_State *L)
{
	static const char *const names[] = { "socket", "channel", "timer", NULL };
	const char *const types[] = { luasocket_type, lchannel_type, luatimer_type };

	luaL_getmetatable(L, types[luaL_checkoption(L, 1, NULL, names)]);
	lua_getfield(L, -1, "__index");
	return 1;
}

/*
 * patience(sock, sending): how long a call that is not told may wait, in ms; 0: not at all, -1: for
 * ever; nil if it is no socket, or is closed.
 */
static int core_patience(lua_State *L)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);
	int ms = ls ? lsock_patience(ls, lua_toboolean(L, 2)) : -EBADF;

	if (ms == -EBADF)
		return 0;
	lua_pushinteger(L, ms);
	return 1;
}

/* kind(sock): whether it is a stream; whether it has an end. */
static int core_kind(lua_State *L)
{
	struct lsock *ls = check_socket(L);

	lua_pushboolean(L, lsock_is_stream(ls));
	lua_pushboolean(L, lsock_has_end(ls));
	return 2;
}

/*
 * connect(sock, addr...): begins, or goes on, to connect, as the method does. Gives 0 when it
 * is done, or the errno of one that must wait; and the time-out that the call was given, which is 0 if it must not wait.
 */
static int core_connect(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	struct lsock_addr addr;
	int next, flags, timeout, err;

	next = luasocket_check_addr(L, 2, ls, false, &addr, "connect");
	flags = luasocket_check_mask(L, next, lsock_flags, lsock_wait_flags, "flags");
	timeout = luasocket_check_timeout(L, next + 1);
	luadrv_wait_begin(L, "connect");
	err = lsock_connect(ls, &addr, 0);
	luadrv_wait_end(L);
	if (err && err != -EINPROGRESS && err != -EALREADY && err != -EAGAIN)
		return luasocket_raise(L, ls, err, "connect", &addr);
	lua_pushinteger(L, -err);
	if (flags)
		lua_pushinteger(L, 0);
	else if (timeout == LSOCK_AS_SOCKET)
		lua_pushnil(L);
	else
		lua_pushinteger(L, timeout);
	return 2;
}

/*
 * failure(code, call, where, sock, addr...): an error object. Instead of the socket there may be
 * another value, and no address.
 */
static int core_failure(lua_State *L)
{
	int code = luadrv_check_int(L, 1, 1, INT_MAX, "errno");
	const char *call = luaL_checkstring(L, 2);
	struct lsock *ls = luadrv_box_test(L, 4, luasocket_type);
	bool named = ls && !lua_isnoneornil(L, 5);
	struct lsock_addr addr;
	const char *target;

	luaL_checkstring(L, 3);
	if (named)
		luasocket_check_addr(L, 5, ls, false, &addr, call);
	if (ls)
		luasocket_push_target(L, ls, named ? &addr : NULL);
	else
		lua_pushnil(L);
	target = lua_tostring(L, -1);
	if (target)
		luadrv_push_error(L, code, call, "%s", target);
	else
		luadrv_push_error(L, code, call, NULL);
	lua_pushvalue(L, 3);
	lua_setfield(L, -2, "where");
	return 1;
}

static const luaL_Reg core[] = {
	{ .name = "connect", .func = core_connect },
	{ .name = "failure", .func = core_failure },
	{ .name = "kind", .func = core_kind },
	{ .name = "methods", .func = core_methods },
	{ .name = "need", .func = core_need },
	{ .name = "patience", .func = core_patience },
	{ .name = "weak", .func = core_weak },
	{ NULL, NULL }
};

int luaasync_core(lua_State *L)
{
	static const char *const libraries[] = { "data", "kernel", "socket", NULL };
	const char *const *name;

	luaL_newlib(L, core);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	for (name = libraries; *name; name++) {
		lua_getfield(L, -1, *name);
		lua_setfield(L, -3, *name);
	}
	lua_pop(L, 1);
	return 1;
}
