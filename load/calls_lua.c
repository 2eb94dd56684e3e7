// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The calls of C's socket interface that move bytes, as hooks for load are
 * written with them. What the kernel refuses is a result, no error. Of a hook's
 * own socket, bytes are counted by the engine.
 */

/***
 * @submodule load
 */
#include "load/load_lua.h"
#include "luadata/data.h"

int luaload_give_error(lua_State *L)
{
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

int luaload_failed(lua_State *L, struct lsock *ls, int err, const char *call,
		   const struct lsock_addr *to)
{
	const char *target = NULL;

	/* What has to wait fails often, and needs no address. */
	if (ls && err != -EAGAIN) {
		luasocket_push_target(L, ls, to);
		target = lua_tostring(L, -1);
	}
	if (target)
		luadrv_push_error(L, err, call, "%s", target);
	else
		luadrv_push_error(L, err, call, NULL);
	return luaload_give_error(L);
}

struct lsock *luaload_check_socket(lua_State *L)
{
	/* A descriptor, which is nobody's: only sockets are. */
	if (lua_isinteger(L, 1))
		return NULL;
	return luadrv_box_open(L, 1, luasocket_type);
}

/* @now: the message of the hook that runs, or NULL. */
static ssize_t receive(lua_State *L, struct lsock *ls, struct lsock_msg *m,
		       const struct luaload_message *now, const char *call)
{
	bool own = now && now->sock == ls;
	ssize_t n;

	m->timeout = LSOCK_AS_SOCKET;
	if (now)
		m->flags |= lsock_dontwait_flag;
	n = own ? lsock_recv(ls, m) : luasocket_recv(L, ls, m, call);
	/* What is not to be answered: what stays there, and errors that were reported. */
	if (n >= 0 && own && m->addr->len &&
	    !(m->flags & (lsock_peek_flag | (lsock_instant_flags & ~lsock_dontwait_flag))))
		lload_note_sender(now->e, m->addr);
	return n;
}

static ssize_t transmit(lua_State *L, struct lsock *ls, struct lsock_msg *m,
			const struct luaload_message *now, const char *call)
{
	m->timeout = LSOCK_AS_SOCKET;
	if (now)
		m->flags |= lsock_dontwait_flag;
	return now && now->sock == ls ? lsock_send(ls, m) : luasocket_send(L, ls, m, call);
}

static int recv_flags(lua_State *L, int arg)
{
	return luasocket_check_mask(L, arg, lsock_flags, lsock_recv_flags, "flags");
}

static int send_flags(lua_State *L, int arg)
{
	return luasocket_check_mask(L, arg, lsock_flags, lsock_send_flags, "flags");
}

/***
 * Receives what a hook is asked to receive: bytes to where the message wants them, who sent
 * them, and control messages.
 *
 * This and the following functions are C's calls, which are globals, too (@{load.md}). They
 * give nil and an @{error} object where the kernel refuses: `error.errno` is its number, and
 * `error.AGAIN` is true if it is EAGAIN. In a hook none of them waits.
 * @function recvmsg
 * @tparam luasocket sock
 * @tparam lmessage msg what the hook got
 * @tparam[opt] integer|string flags as in @{socket:recv}
 * @treturn integer|nil how many bytes
 * @treturn ?error why there are none
 * @raise an error for arguments of a wrong type
 * @usage client_recvmsg(function(sock, msg, flags) return recvmsg(sock, msg, flags) end)
 */
static int call_recvmsg(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);
	struct luaload_message *m = luaload_check_message(L, 2);
	struct lsock_msg msg = { .count = 1, .flags = recv_flags(L, 3), .addr = &m->addr };
	struct lsock_vec vec;
	ssize_t n;

	luaload_message_vec(L, 2, m, &vec);
	m->controllen = 0;
	if (!ls)
		return luaload_failed(L, ls, -EBADF, "recvmsg", NULL);
	msg.vec = &vec;
	msg.len = vec.len;
	msg.control = m->control;
	msg.controllen = sizeof(m->control);
	n = receive(L, ls, &msg, m, "recvmsg");
	if (n < 0)
		return luaload_failed(L, ls, (int)n, "recvmsg", NULL);
	m->controllen = msg.controllen;
	m->result = msg.result;
	m->cursor = 0;
	lua_pushinteger(L, n);
	return 1;
}

/***
 * Sends what a hook is asked to send: the bytes of the message, to whom its `name` says.
 * @function sendmsg
 * @tparam luasocket sock
 * @tparam lmessage msg what the hook got
 * @tparam[opt] integer|string flags as in @{socket:send}
 * @treturn integer|nil how many bytes
 * @treturn ?error why none
 * @raise an error for arguments of a wrong type
 * @usage client_sendmsg(function(sock, msg, flags) return sendmsg(sock, msg, flags) end)
 */
static int call_sendmsg(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);
	struct luaload_message *m = luaload_check_message(L, 2);
	struct lsock_msg msg = { .count = 1, .flags = send_flags(L, 3) };
	struct lsock_vec vec;
	ssize_t n;

	luaload_message_vec(L, 2, m, &vec);
	msg.vec = &vec;
	msg.len = vec.len;
	if (m->addr.len)
		msg.addr = &m->addr;
	n = ls ? transmit(L, ls, &msg, m, "sendmsg") : -EBADF;
	if (n < 0)
		return luaload_failed(L, ls, (int)n, "sendmsg", msg.addr);
	lua_pushinteger(L, n);
	return 1;
}

/* The argument @arg + 1: how many of the bytes at @vec. */
static void check_length(lua_State *L, int arg, struct lsock_vec *vec)
{
	if (!lua_isnoneornil(L, arg + 1))
		vec->len = luadrv_check_size(L, arg + 1, 0, vec->len, "length");
}

static ssize_t receive_bytes(lua_State *L, struct lsock *ls, int flags, struct lsock_addr *from,
			     const char *call)
{
	const struct ldata *view = luadrv_box_check(L, 2, ldata_type);
	struct lsock_vec vec = { ldata_addr(view), ldata_size(view) };
	struct lsock_msg m = { .vec = &vec, .count = 1, .flags = flags, .addr = from };

	check_length(L, 2, &vec);
	m.len = vec.len;
	return ls ? receive(L, ls, &m, luaload_message_now(L), call) : -EBADF;
}

static int give_received(lua_State *L, const char *call, int flags)
{
	struct lsock *ls = luaload_check_socket(L);
	struct lsock_addr from = {};
	ssize_t n = receive_bytes(L, ls, flags, &from, call);

	if (n < 0)
		return luaload_failed(L, ls, (int)n, call, NULL);
	lua_pushinteger(L, n);
	return 1;
}

/***
 * Receives bytes.
 * @function recv
 * @tparam luasocket sock
 * @tparam luadata buf where to
 * @tparam[opt] integer len how many at most; as many as the data object has
 * @tparam[opt] integer|string flags as in @{socket:recv}
 * @treturn integer|nil how many came
 * @treturn ?error why none
 * @raise an error for arguments of a wrong type, or a length that is too great
 * @usage local n, err = recv(sock, buf, 100)
 */
static int call_recv(lua_State *L)
{
	return give_received(L, "recv", recv_flags(L, 4));
}

/***
 * Receives bytes, as @{recv} without flags.
 * @function read
 * @tparam luasocket sock
 * @tparam luadata buf
 * @tparam[opt] integer len
 * @treturn integer|nil how many came
 * @treturn ?error why none
 * @raise an error for arguments of a wrong type, or a length that is too great
 * @usage local n, err = read(sock, buf, 100)
 */
static int call_read(lua_State *L)
{
	return give_received(L, "read", 0);
}

/***
 * Receives bytes, and tells who sent them.
 * @function recvfrom
 * @tparam luasocket sock
 * @tparam luadata buf
 * @tparam[opt] integer len
 * @tparam[opt] integer|string flags
 * @tparam[opt] table addr where it goes who sent them
 * @treturn integer|nil how many came
 * @treturn ?table|error who sent them, that table or another one, `{addr=, port=, family=}`, nil
 *  over a connection; or why nothing came
 * @raise an error for arguments of a wrong type, or a length that is too great
 * @usage local n, from = recvfrom(sock, msg.iov[1].iov_base, msg.iov[1].iov_len)
 */
static int call_recvfrom(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);
	struct lsock_addr from = {};
	ssize_t n;

	lua_settop(L, 5);
	if (!lua_isnil(L, 5))
		luaL_checktype(L, 5, LUA_TTABLE);
	n = receive_bytes(L, ls, recv_flags(L, 4), &from, "recvfrom");
	if (n < 0)
		return luaload_failed(L, ls, (int)n, "recvfrom", NULL);
	lua_pushinteger(L, n);
	if (!from.len)
		return 1;
	if (lua_isnil(L, 5)) {
		luaload_push_addr(L, &from, lsock_family(ls));
	} else {
		lua_pushvalue(L, 5);
		luaload_set_addr(L, &from, lsock_family(ls));
	}
	return 2;
}

/* What to send: the argument 2. */
static void check_bytes(lua_State *L, struct lsock_vec *vec)
{
	const struct ldata *view;

	if (lua_type(L, 2) == LUA_TSTRING) {
		vec->base = (void *)lua_tolstring(L, 2, &vec->len);
	} else {
		view = luadrv_box_check(L, 2, ldata_type);
		vec->base = ldata_addr(view);
		vec->len = ldata_size(view);
	}
	check_length(L, 2, vec);
}

static int give_sent(lua_State *L, const char *call, int flags, struct lsock_addr *to)
{
	struct lsock *ls = luaload_check_socket(L);
	struct lsock_msg m = { .count = 1, .flags = flags, .addr = to };
	struct lsock_vec vec;
	ssize_t n;

	check_bytes(L, &vec);
	m.vec = &vec;
	m.len = vec.len;
	n = ls ? transmit(L, ls, &m, luaload_message_now(L), call) : -EBADF;
	if (n < 0)
		return luaload_failed(L, ls, (int)n, call, to);
	lua_pushinteger(L, n);
	return 1;
}

/***
 * Sends bytes.
 * @function send
 * @tparam luasocket sock
 * @tparam string|luadata buf the bytes
 * @tparam[opt] integer len how many of them; all
 * @tparam[opt] integer|string flags as in @{socket:send}
 * @treturn integer|nil how many were sent
 * @treturn ?error why none
 * @raise an error for arguments of a wrong type, or a length that is too great
 * @usage local n, err = send(sock, "hello")
 */
static int call_send(lua_State *L)
{
	return give_sent(L, "send", send_flags(L, 4), NULL);
}

/***
 * Sends bytes, as @{send} without flags.
 * @function write
 * @tparam luasocket sock
 * @tparam string|luadata buf
 * @tparam[opt] integer len
 * @treturn integer|nil how many were sent
 * @treturn ?error why none
 * @raise an error for arguments of a wrong type, or a length that is too great
 * @usage local n, err = write(sock, buf, 100)
 */
static int call_write(lua_State *L)
{
	return give_sent(L, "write", 0, NULL);
}

/***
 * Sends bytes to an address.
 * @function sendto
 * @tparam luasocket sock
 * @tparam string|luadata buf
 * @tparam ?integer len nil: all
 * @tparam ?integer|string flags nil: none
 * @tparam[opt] table addr `{addr=, port=}`; the socket's peer
 * @treturn integer|nil how many were sent
 * @treturn ?error why none
 * @raise an error for arguments of a wrong type, or a length that is too great
 * @usage local n, err = sendto(sock, "hello", nil, 0, from)
 */
static int call_sendto(lua_State *L)
{
	struct lsock *ls = luaload_check_socket(L);
	int flags = send_flags(L, 4);
	struct lsock_addr to;

	if (lua_isnoneornil(L, 5) || !ls)
		return give_sent(L, "sendto", flags, NULL);
	luasocket_field_addr(L, 5, ls, &to, "address", "sendto");
	return give_sent(L, "sendto", flags, &to);
}

const luaL_Reg luaload_message_calls[] = {
	{ "read", call_read },
	{ "recv", call_recv },
	{ "recvfrom", call_recvfrom },
	{ "recvmsg", call_recvmsg },
	{ "send", call_send },
	{ "sendmsg", call_sendmsg },
	{ "sendto", call_sendto },
	{ "write", call_write },
	{ NULL, NULL }
};
