// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The calls of C's socket interface that move no bytes: options, names, connections. */

/***
 * @submodule load
 */
#include <limits.h>
#include <string.h>

#include "load/load_lua.h"
#include "socket/opt.h"

/* What a call gives that has nothing to tell but that it did it. */
static int done(lua_State *L, struct lsock *ls, int err, const char *call,
		const struct lsock_addr *to)
{
	if (err)
		return luaload_failed(L, ls, err, call, to);
	lua_pushboolean(L, true);
	return 1;
}

static int option_failed(lua_State *L, struct lsock *ls, int err, const char *call,
			 const char *name, const char *why)
{
	luasocket_push_option_error(L, ls, err, call, name, why);
	return luaload_give_error(L);
}

/***
 * Reads an option of a socket.
 * @function getsockopt
 * @tparam luasocket sock
 * @tparam integer|string level as in @{socket:getsockopt}
 * @tparam integer|string option
 * @return its value, as @{socket:getsockopt} gives it, or nil
 * @treturn ?error why there is none
 * @raise an error for arguments of a wrong type, or names that are unknown
 * @usage local dropped = getsockopt(sock, SOL_SOCKET, SO_RXQ_OVFL)
 */
static int call_getsockopt(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);
	const char *name;
	const struct lsock_opt *opt = luasocket_find_option(L, &name);
	struct lsock_optval val = {};
	int err = opt ? -EBADF : -ENOPROTOOPT;

	if (ls && opt)
		err = lsock_getsockopt(ls, opt, &val);
	if (err)
		return option_failed(L, ls, err, "getsockopt", name, val.why);
	luasocket_push_optval(L, opt, &val);
	if (lua_istable(L, -1) && !strcmp(opt->name, "info"))
		luaload_set_type(L, "tcp_info");
	return 1;
}

/* The argument 4: C's struct timeval is milliseconds, as sockets take it. */
static void check_timeval(lua_State *L)
{
	lua_Integer sec, usec;

	if (!lua_istable(L, 4))
		return;
	lua_pushliteral(L, "tv_sec");
	if (lua_rawget(L, 4) == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	lua_pushliteral(L, "tv_usec");
	lua_rawget(L, 4);
	sec = luadrv_field_range(L, -2, 0, INT_MAX / 1000 - 1, "tv_sec");
	usec = luadrv_field_range(L, -1, 0, 999999, "tv_usec");
	lua_pop(L, 2);
	lua_pushinteger(L, sec * 1000 + (usec + 999) / 1000);
	lua_replace(L, 4);
}

/* The argument 5: how long the string at 4 is. C's may end in zeros, and other values have their own length. */
static void check_text_length(lua_State *L)
{
	const char *text;
	size_t len;

	if (lua_type(L, 4) != LUA_TSTRING || lua_isnoneornil(L, 5))
		return;
	text = lua_tolstring(L, 4, &len);
	len = luadrv_check_size(L, 5, 0, INT_MAX, "length") < len ? (size_t)lua_tointeger(L, 5) : len;
	while (len && !text[len - 1])
		len--;
	lua_pushlstring(L, text, len);
	lua_replace(L, 4);
}

/***
 * Sets an option of a socket.
 * @function setsockopt
 * @tparam luasocket sock
 * @tparam integer|string level as in @{socket:setsockopt}
 * @tparam integer|string option
 * @param value as in @{socket:setsockopt}
 * @tparam[opt] integer len how many bytes of a string
 * @treturn boolean|nil true
 * @treturn ?error why not
 * @raise an error for arguments of a wrong type, values out of range, or names that are unknown
 * @usage assert(setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2))
 */
static int call_setsockopt(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);
	const char *name;
	const struct lsock_opt *opt = luasocket_find_option(L, &name);
	struct lsock_optval val = {};
	int err = opt ? -EBADF : -ENOPROTOOPT;

	if (opt) {
		check_timeval(L);
		check_text_length(L);
		luasocket_check_optval(L, opt, &val);
	}
	if (ls && opt)
		err = lsock_setsockopt(ls, opt, &val);
	if (err)
		return option_failed(L, ls, err, "setsockopt", name, val.why);
	lua_pushboolean(L, true);
	return 1;
}

/***
 * Gives a socket its address.
 * @function bind
 * @tparam luasocket sock
 * @param ... as in @{socket:bind}: a table `{addr=, port=}`, or a host and a port
 * @treturn boolean|nil true
 * @treturn ?error why not
 * @raise an error for arguments of a wrong type
 * @usage assert(bind(sock, { addr = "127.0.0.1", port = 0 }))
 */
static int call_bind(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);
	struct lsock_addr addr;

	if (!ls)
		return luaload_failed(L, ls, -EBADF, "bind", NULL);
	luasocket_check_addr(L, 2, ls, true, &addr, "bind");
	return done(L, ls, lsock_bind(ls, &addr), "bind", &addr);
}

/***
 * Connects a socket.
 * @function connect
 * @tparam luasocket sock
 * @param ... as in @{socket:connect}: a table `{addr=, port=}`, or a host and a port
 * @treturn boolean|nil true
 * @treturn ?error why not, or not yet: `EINPROGRESS`
 * @raise an error for arguments of a wrong type
 * @usage local ok, err = connect(sock, { addr = "127.0.0.1", port = 12867 })
 */
static int call_connect(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);
	struct lsock_addr addr;
	int err, timeout;

	if (!ls)
		return luaload_failed(L, ls, -EBADF, "connect", NULL);
	luasocket_check_addr(L, 2, ls, false, &addr, "connect");
	timeout = luaload_message_now(L) ? 0 : LSOCK_AS_SOCKET;
	luadrv_wait_begin(L, "connect");
	err = lsock_connect(ls, &addr, timeout);
	luadrv_wait_end(L);
	return done(L, ls, err, "connect", &addr);
}

static int give_name(lua_State *L, bool peer, const char *call)
{
	struct lsock *ls = luaload_check_socket(L);
	struct lsock_addr addr;
	int err = ls ? lsock_name(ls, peer, &addr) : -EBADF;

	if (err)
		return luaload_failed(L, ls, err, call, NULL);
	luaload_push_addr(L, &addr, lsock_family(ls));
	return 1;
}

/***
 * A socket's own address.
 * @function getsockname
 * @tparam luasocket sock
 * @treturn table|nil `{addr=, port=, family=}`
 * @treturn ?error why there is none
 * @raise an error for what is no socket
 * @usage print(getsockname(sock).port)
 */
static int call_getsockname(lua_State *L)
{
	return give_name(L, false, "getsockname");
}

/***
 * The address of a socket's peer.
 * @function getpeername
 * @tparam luasocket sock
 * @treturn table|nil `{addr=, port=, family=}`
 * @treturn ?error why there is none
 * @raise an error for what is no socket
 * @usage local peer, err = getpeername(sock)
 */
static int call_getpeername(lua_State *L)
{
	return give_name(L, true, "getpeername");
}

/***
 * Ends one or both directions of a connection.
 * @function shutdown
 * @tparam luasocket sock
 * @tparam[opt] integer|string how as in @{socket:shutdown}; both
 * @treturn boolean|nil true
 * @treturn ?error why not
 * @raise an error for arguments of a wrong type
 * @usage shutdown(sock, SHUT_WR)
 */
static int call_shutdown(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);
	int how = 2;

	if (!lua_isnoneornil(L, 2))
		how = luasocket_check_name(L, 2, lsock_shuts, 2, "direction");
	return done(L, ls, ls ? lsock_shutdown(ls, how) : -EBADF, "shutdown", NULL);
}

/***
 * Closes a socket.
 * @function close
 * @tparam luasocket sock
 * @treturn boolean|nil true
 * @treturn ?error `EBADF` if it is closed
 * @raise an error for what is no socket
 * @usage close(sock)
 */
static int call_close(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);

	if (ls) {
		luadrv_box_close(L, 1, luasocket_type);
		luadrv_wait_begin(L, "close");
		lsock_close(ls, true);
		luadrv_wait_end(L);
	}
	return done(L, ls, ls ? 0 : -EBADF, "close", NULL);
}

const luaL_Reg luaload_socket_calls[] = {
	{ "bind", call_bind },
	{ "close", call_close },
	{ "connect", call_connect },
	{ "getpeername", call_getpeername },
	{ "getsockname", call_getsockname },
	{ "getsockopt", call_getsockopt },
	{ "setsockopt", call_setsockopt },
	{ "shutdown", call_shutdown },
	{ NULL, NULL }
};
