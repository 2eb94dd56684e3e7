// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Methods of sockets that set up, name and end connections. */

/***
 * Methods that set up, name and end connections.
 * @submodule socket
 */
#include <limits.h>

#include "luasocket.h"

static struct lsock *check_socket(lua_State *L)
{
	return luadrv_box_check(L, 1, luasocket_type);
}

/***
 * Gives the socket its local address.
 * @function socket:bind
 * @tparam string|integer|table addr by family, see @{address}:
 *  `"127.0.0.1"`, `"::1"`, a path, an interface; `"0.0.0.0"` and `"::"` are every
 *  address of the machine
 * @tparam[opt] integer port 0..65535; with 0 the kernel chooses one. Not with
 *  unix, nor with a table
 * @return nothing
 * @raise error object of bind(2), as `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`;
 *  `ENODEV` for an interface that is not there
 * @usage sock:bind("0.0.0.0", 8080)
 * sock:bind("/run/server.sock")
 */
static int l_bind(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	struct lsock_addr addr;
	int err;

	luasocket_check_addr(L, 2, ls, true, &addr, "bind");
	luadrv_wait_begin(L, "bind");
	err = lsock_bind(ls, &addr);
	luadrv_wait_end(L);
	if (err)
		return luasocket_raise(L, ls, err, "bind", &addr);
	return 0;
}

/***
 * Lets others connect to the socket.
 * @function socket:listen
 * @tparam[opt] integer backlog how many connections may wait for accept();
 *  as many as the machine allows (net.core.somaxconn), which is also the most
 * @return nothing
 * @raise error object of listen(2), as `EADDRINUSE`, `EOPNOTSUPP`
 * @usage sock:listen(100)
 */
static int l_listen(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	int backlog = INT_MAX;
	int err;

	if (!lua_isnoneornil(L, 2))
		backlog = luadrv_check_int(L, 2, 0, INT_MAX, "backlog");
	err = lsock_listen(ls, backlog);
	if (err)
		return luasocket_raise(L, ls, err, "listen", NULL);
	return 0;
}

/* The arguments @arg (flags, of which any means not to wait) and @arg + 1 (milliseconds). */
static int check_wait(lua_State *L, int arg)
{
	int nonblock = luasocket_check_mask(L, arg, lsock_flags, lsock_wait_flags, "flags");
	int timeout = luasocket_check_timeout(L, arg + 1);

	return nonblock ? 0 : timeout;
}

static int accept_end(lua_State *L, struct luasocket_try *t, int err)
{
	(void)t;
	return luasocket_fail(L, err, "accept");
}

static int try_accept(lua_State *L, struct lsock *ls, int timeout, void **box)
{
	struct lsock *child;
	int err;

	luadrv_wait_begin(L, "accept");
	err = lsock_accept(ls, timeout, &child);
	luadrv_wait_end(L);
	if (!err)
		*box = child;
	return err;
}

static int accept_body(lua_State *L, struct luasocket_try *t)
{
	struct lsock *ls = check_socket(L);
	void **box;
	int err;

	t->timeout = check_wait(L, 2);
	/* A socket is made only for a connection. */
	if (t->task && t->timeout && lsock_accept_waits(ls))
		return LUASOCKET_AGAIN;
	lua_settop(L, 3);
	box = luadrv_box_new(L, luasocket_type, luasocket_release);
	err = try_accept(L, ls, t->task ? 0 : t->timeout, box);
	if (luasocket_collect(L, err))
		err = try_accept(L, ls, t->task ? 0 : t->timeout, box);
	if (luasocket_must_wait(t, err)) {
		lua_settop(L, 3);
		return LUASOCKET_AGAIN;
	}
	if (err == -EMFILE || err == -ENOMEM) {
		luasocket_push_target(L, ls, NULL);
		return luasocket_raise_new(L, err, "accept", lua_tostring(L, -1));
	}
	if (err)
		return luasocket_raise(L, ls, err, "accept", NULL);
	return 1;
}

const struct luasocket_call luasocket_accept_call = {
	.body = accept_body,
	.end = accept_end,
	.side = LUASOCKET_READS,
};

/***
 * Takes the next connection of a listening socket; waits until there is one.
 * The connection's socket has no time-out, whatever the listening one has.
 * @function socket:accept
 * @tparam[opt] string|integer flags `"D"` (or `"dontwait"`, `socket.flag.DONTWAIT`,
 *  or 2048, the value of O_NONBLOCK): do not wait
 * @tparam[opt] integer timeout of this call, in ms; 0: do not wait, -1: wait for
 *  ever; default: as @{socket:settimeout} says
 * @treturn luasocket the connection
 * @raise error object of accept(2): `EAGAIN` when it must not wait,
 *  `ETIMEDOUT`, `EMFILE` when the script has all the sockets that it may, ...
 * @usage local client = server:accept()
 */
static int l_accept(lua_State *L)
{
	return luasocket_do(L, &luasocket_accept_call);
}

static int connect_body(lua_State *L, struct luasocket_try *t)
{
	struct lsock *ls = check_socket(L);
	struct lsock_addr addr;
	int next, err;

	next = luasocket_check_addr(L, 2, ls, false, &addr, "connect");
	t->timeout = check_wait(L, next);
	luadrv_wait_begin(L, "connect");
	/* To call the kernel's again is no way to learn how it went. */
	err = t->done ? lsock_connected(ls) : lsock_connect(ls, &addr, t->task ? 0 : t->timeout);
	/* A peer on the same machine has answered by now. */
	if (err == -EINPROGRESS && !t->done && luasocket_may_wait(t, ls, true))
		err = lsock_connected(ls);
	luadrv_wait_end(L);
	t->done = err == -EINPROGRESS || err == -EALREADY;
	t->part = err;
	if (t->task && t->timeout && (t->done || err == -EAGAIN))
		return LUASOCKET_AGAIN;
	if (err)
		return luasocket_raise(L, ls, err, "connect", &addr);
	return 0;
}

static int connect_end(lua_State *L, struct luasocket_try *t, int err)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);
	struct lsock_addr addr;

	if (!ls)
		return luasocket_fail(L, err, "connect");
	luasocket_check_addr(L, 2, ls, false, &addr, "connect");
	if (err == -EAGAIN && t->done)
		err = (int)t->part;
	return luasocket_raise(L, ls, err, "connect", &addr);
}

static const struct luasocket_call connect_call = {
	.body = connect_body,
	.end = connect_end,
	.side = LUASOCKET_WRITES,
};

/***
 * Connects the socket to a peer. A connection that must not be waited for
 * raises `EINPROGRESS`; once the socket is ready for writing, connecting again
 * (or the option "error") tells how it went. With unix there is no such state: a
 * listening socket that has no room raises `EAGAIN`.
 *
 * A datagram socket may be connected again, to another peer. It cannot be made
 * unconnected: that takes a new socket.
 * @function socket:connect
 * @tparam string|integer|table addr as in @{socket:bind}
 * @tparam[opt] integer port 0..65535; not with unix, nor with a table, where the
 *  flags come next
 * @tparam[opt] string|integer flags as in @{socket:accept}
 * @tparam[opt] integer timeout as in @{socket:accept}; when it is over, the
 *  socket goes on connecting
 * @return nothing
 * @raise error object of connect(2), as `ECONNREFUSED`, `ETIMEDOUT`,
 *  `EINPROGRESS`, `EISCONN`, `ENETUNREACH`; with unix `ENOENT`, `EPROTOTYPE`
 * @usage sock:connect("127.0.0.1", 80)
 * sock:connect("/run/server.sock", "D")
 */
static int l_connect(lua_State *L)
{
	return luasocket_do(L, &connect_call);
}

/***
 * Ends one or both directions of a connection. The peer sees the end of the
 * stream once it has read what was sent before.
 * @function socket:shutdown
 * @tparam[opt="both"] string|integer how `"read"`/`"r"`/0, `"write"`/`"w"`/1 or
 *  `"both"`/`"rw"`/2
 * @return nothing
 * @raise error object of shutdown(2): `ENOTCONN`
 * @usage sock:shutdown("write")
 */
static int l_shutdown(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	int how = 2;
	int err;

	if (!lua_isnoneornil(L, 2))
		how = luasocket_check_name(L, 2, lsock_shuts, 2, "direction");
	err = lsock_shutdown(ls, how);
	if (err)
		return luasocket_raise(L, ls, err, "shutdown", NULL);
	return 0;
}

/* A socket that nobody closed on purpose does not wait for its unsent data. */
void luasocket_release(void *object)
{
	lsock_drop(object);
}

/***
 * Closes the socket and takes it out of every poll set. Every other method
 * raises from then on; closing again does nothing. A socket that nobody refers
 * to any more is closed when it is collected, and all are when the script ends.
 * With the option "linger" it waits for unsent data.
 * @function socket:close
 * @return nothing
 * @raise an error when called on anything but a socket
 * @usage sock:close()
 */
static int l_close(lua_State *L)
{
	struct lsock *ls = luadrv_box_close(L, 1, luasocket_type);

	if (!ls)
		return 0;
	luadrv_wait_begin(L, "close");
	lsock_close(ls, true);
	luadrv_wait_end(L);
	return 0;
}

static int push_name(lua_State *L, bool peer, const char *call)
{
	struct lsock *ls = check_socket(L);
	struct lsock_addr addr;
	int err;

	err = lsock_name(ls, peer, &addr);
	if (err)
		return luasocket_raise(L, ls, err, call, NULL);
	return luasocket_push_addr(L, &addr);
}

/***
 * The socket's own address. The document of 2018 calls it `gethostname`, too.
 * @function socket:getsockname
 * @treturn string address, "0.0.0.0", "::" or "" before it has one; in the form
 *  that @{socket:bind} takes
 * @treturn ?integer port, or protocol; nothing with unix
 * @treturn ?string with packet, the interface's address on the link
 * @raise error object of getsockname(2): `EBADF` when another thread closed it
 * @usage local ip, port = sock:getsockname()
 */
static int l_getsockname(lua_State *L)
{
	return push_name(L, false, "getsockname");
}

/***
 * The address of the socket's peer.
 * @function socket:getpeername
 * @treturn string address; `""` when a unix peer has no name
 * @treturn ?integer port; nothing with unix
 * @raise error object: `ENOTCONN`; with packet `EOPNOTSUPP`
 * @usage local ip, port = sock:getpeername()
 */
static int l_getpeername(lua_State *L)
{
	return push_name(L, true, "getpeername");
}

/***
 * How long a call of this socket may wait: accept, connect, and each receiving
 * or sending; a time-out that is given to a call goes before. One that waits longer raises `ETIMEDOUT`; one that must not wait
 * at all raises `EAGAIN` or, connect, `EINPROGRESS`. The options `rcvtimeo` and `sndtimeo`
 * do the same for one direction, and end a time-out of 0 for both.
 * @function socket:settimeout
 * @tparam[opt] integer ms milliseconds; 0: never wait; nil or -1: for ever, as
 *  it is at first
 * @return nothing
 * @raise error object: `EBADF` when another thread closed it
 * @usage sock:settimeout(1000)
 * local ok, e = pcall(sock.read, sock)
 * if not ok and e.name == "ETIMEDOUT" then sock:close() end
 */
static int l_settimeout(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	int ms = luasocket_check_wait(L, 2);
	int err;

	err = lsock_settimeout(ls, ms);
	if (err)
		return luasocket_raise(L, ls, err, "settimeout", NULL);
	return 0;
}

static void add_name(lua_State *L, luaL_Buffer *b, const char *before,
		     struct lsock *ls, bool peer)
{
	struct lsock_addr addr;

	if (!lsock_name(ls, peer, &addr))
		luasocket_add_addr(L, b, before, &addr);
}

/***
 * The socket as text: its type, its address, and its peer's if it has one.
 * @function socket:__tostring
 * @treturn string such as `socket (tcp 127.0.0.1:40000 > [::1]:80)`,
 *  `socket (unix stream > /run/server.sock)`, `socket (packet raw eth0:0x0800)`
 * @usage print("serving " .. tostring(sock))
 */
static int l_tostring(lua_State *L)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);
	luaL_Buffer b;

	/* Another thread may have closed it. */
	if (!ls || !lsock_family(ls)) {
		lua_pushliteral(L, "socket (closed)");
		return 1;
	}
	luaL_buffinit(L, &b);
	luaL_addstring(&b, "socket (");
	luaL_addstring(&b, lsock_kind(ls));
	add_name(L, &b, " ", ls, false);
	add_name(L, &b, " > ", ls, true);
	luaL_addchar(&b, ')');
	luaL_pushresult(&b);
	return 1;
}

const luaL_Reg luasocket_call_methods[] = {
	{ "accept", l_accept },
	{ "bind", l_bind },
	{ "close", l_close },
	{ "connect", l_connect },
	{ "gethostname", l_getsockname },
	{ "getpeername", l_getpeername },
	{ "getsockname", l_getsockname },
	{ "listen", l_listen },
	{ "settimeout", l_settimeout },
	{ "shutdown", l_shutdown },
	{ NULL, NULL }
};

const luaL_Reg luasocket_meta[] = {
	{ "__tostring", l_tostring },
	{ NULL, NULL }
};
