// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Methods of sockets that send and receive. Where the bytes are data objects,
 * or strings that are sent, nothing is allocated and nothing copied but what
 * the kernel copies.
 */

/***
 * Methods that send and receive.
 * @submodule socket
 */
#include "luasocket.h"

static struct lsock *check_socket(lua_State *L)
{
	return luadrv_box_check(L, 1, luasocket_type);
}

ssize_t luasocket_send(lua_State *L, struct lsock *ls, struct lsock_msg *m, const char *call)
{
	ssize_t n;

	luadrv_wait_begin(L, call);
	n = lsock_send(ls, m);
	luadrv_wait_end(L);
	if (n > 0)
		luadrv_count_bytes(L, 0, n);
	return n;
}

ssize_t luasocket_recv(lua_State *L, struct lsock *ls, struct lsock_msg *m, const char *call)
{
	ssize_t n;

	luadrv_wait_begin(L, call);
	n = lsock_recv(ls, m);
	luadrv_wait_end(L);
	if (n > 0 && !(m->flags & lsock_peek_flag))
		luadrv_count_bytes(L, n, 0);
	return n;
}

int luasocket_send_all(lua_State *L, struct lsock *ls, struct lsock_msg *m,
		       const struct luasocket_deadline *deadline, size_t *sent, const char *call)
{
	ssize_t n;

	do {
		if (!luasocket_left(deadline, &m->timeout))
			return -ETIMEDOUT;
		n = luasocket_send(L, ls, m, call);
		if (n < 0)
			return (int)n;
		*sent += n;
		m->offset += n;
		m->len -= n;
		luadrv_check_stop(L);
	} while (m->len);
	return 0;
}

/*
 * The optional arguments @arg (offset) and @arg + 1 (length): which part of @v
 * the message is.
 */
static void check_part(lua_State *L, int arg, const struct luasocket_vec *v, struct lsock_msg *m)
{
	m->vec = v->vec;
	m->count = v->count;
	m->offset = 0;
	if (!lua_isnoneornil(L, arg))
		m->offset = luadrv_check_size(L, arg, 0, v->size, "offset");
	m->len = v->size - m->offset;
	if (!lua_isnoneornil(L, arg + 1))
		m->len = luadrv_check_size(L, arg + 1, 0, m->len, "length");
}

/***
 * Sends bytes over a connection, or one datagram to the connected peer. Waits
 * until there is room; a stream may take less than all of it, in particular
 * when it must not wait. There is never a SIGPIPE.
 * @function socket:send
 * @tparam string|table|luadata bytes a string; a data object; an array of
 *  integers 0..255; or an array of strings and data objects, up to 1024, which
 *  are sent one after the other as if they were one
 * @tparam[opt] string|integer flags letters, names or number: `"D"` DONTWAIT,
 *  `"M"` MORE, `"O"` OOB, `"R"` DONTROUTE, `"C"` CONFIRM, `"N"` NOSIGNAL
 *  (always on), EOR, `"F"` FASTOPEN; several as `"DM"` or `"dontwait,more"`
 * @tparam[opt=0] integer offset of the first byte to send, counted from 0
 * @tparam[opt] integer length in bytes; default: up to the end
 * @tparam[opt] integer timeout of this call, in ms; 0: do not wait, -1: wait for
 *  ever; default: as @{socket:settimeout} says
 * @treturn integer how many bytes were sent
 * @raise error object of sendmsg(2): `EAGAIN` when it must not wait,
 *  `ETIMEDOUT`, `EPIPE`, `ECONNRESET`, `ENOTCONN`, `EMSGSIZE`, ...
 * @usage sock:send("hello") sock:send{1, 2, 3} sock:send{ "head", body }
 * local sent = sock:send(buf, "D", 0, size)
 */
static int l_send(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	struct lsock_msg m = {
		.flags = luasocket_check_mask(L, 3, lsock_flags, lsock_send_flags, "flags"),
		.timeout = luasocket_check_timeout(L, 6),
	};
	struct luasocket_vec v;
	ssize_t n;

	lua_settop(L, 5);
	luasocket_check_bytes(L, 2, &v);
	check_part(L, 4, &v, &m);
	n = luasocket_send(L, ls, &m, "send");
	if (n < 0)
		return luasocket_raise(L, ls, (int)n, "send", NULL);
	lua_pushinteger(L, n);
	return 1;
}

static ssize_t check_received(lua_State *L, struct lsock *ls, struct lsock_msg *m)
{
	ssize_t n = luasocket_recv(L, ls, m, "recv");

	if (n < 0)
		luasocket_raise(L, ls, (int)n, "recv", NULL);
	return n;
}

static int recv_table(lua_State *L, struct lsock *ls, struct lsock_msg *m)
{
	size_t size = luadrv_check_size(L, 2, 1, LSOCK_MAX_TABLE, "size");
	struct lsock_vec vec = { lua_newuserdata(L, size), size };
	ssize_t n;

	luaL_argcheck(L, lua_isnoneornil(L, 4), 4, "an offset is for buffers");
	luaL_argcheck(L, lua_isnoneornil(L, 5), 5, "a length is for buffers");
	m->vec = &vec;
	m->count = 1;
	m->len = size;
	n = check_received(L, ls, m);
	luasocket_push_bytes(L, vec.base, m->copied);
	lua_pushinteger(L, n);
	return 2;
}

/***
 * Receives bytes of a connection, or one datagram. Waits until there is
 * something.
 * @function socket:recv
 * @tparam integer|luadata|table buffer how many bytes at most, 1..1048576, to
 *  get a table; or a data object, or an array of up to 1024, to fill
 * @tparam[opt] string|integer flags letters, names or number: `"D"` DONTWAIT,
 *  `"P"` PEEK, `"T"` TRUNC (the size is the datagram's, not what fit),
 *  `"W"` WAITALL, `"O"` OOB, `"E"` ERRQUEUE; several as `"DP"` or `"dontwait,peek"`
 * @tparam[opt=0] integer offset in the buffer where the bytes go
 * @tparam[opt] integer length: the most bytes to take; default: up to the end
 * @tparam[opt] integer timeout as in @{socket:send}
 * @treturn table|luadata the bytes: an array of integers 0..255, or the buffer
 * @treturn integer how many came; 0 at the end of a stream, and also where there is no room:
 *  an offset at the end of the buffer, a length of 0
 * @raise error object of recvmsg(2): `EAGAIN` when it must not wait,
 *  `ETIMEDOUT`, `ECONNRESET`, `ENOTCONN`, `ECONNREFUSED` (UDP), ...
 * @usage local bytes, size = sock:recv(100)
 * local _, size = sock:recv(buf)
 * sock:recv({ head, body }, "W")
 */
static int l_recv(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	struct lsock_msg m = {
		.flags = luasocket_check_mask(L, 3, lsock_flags, lsock_recv_flags, "flags"),
		.timeout = luasocket_check_timeout(L, 6),
	};
	struct luasocket_vec v;
	ssize_t n;

	luaL_checkany(L, 2);
	lua_settop(L, 5);
	if (!luasocket_test_room(L, 2, &v))
		return recv_table(L, ls, &m);

	check_part(L, 4, &v, &m);
	n = check_received(L, ls, &m);
	lua_pushvalue(L, 2);
	lua_pushinteger(L, n);
	return 2;
}

static int write_failed(lua_State *L, struct lsock *ls, int err, size_t sent)
{
	lua_pushinteger(L, (lua_Integer)sent);
	luasocket_push_target(L, ls, NULL);
	return luasocket_raise_part(L, err, "write", "sent");
}

/***
 * Sends all of its arguments, however long that takes; over a datagram socket,
 * each as a datagram. If it fails, the error's field `sent` tells how many bytes
 * have gone. Where nothing must wait use @{socket:send}.
 *
 * The time-out of @{socket:settimeout} counts for each time that it waits: with a
 * peer that takes a little now and then the whole may take any time. For a time
 * limit of the whole message send what is left of it with what is left of the
 * time, as the second example does, which raises `ETIMEDOUT` or `EAGAIN` when the
 * time is over.
 * @function socket:write
 * @tparam string|integer ... what to send, as io.write() takes it
 * @treturn integer how many bytes were sent
 * @raise as @{socket:send}
 * @usage sock:write("HTTP/1.0 200 OK\r\n\r\n", body)
 * @usage local sent, over = 0, kernel.time_ns() + 5000 * 1000000
 * while sent < #body do
 *	local ms = math.max(0, (over - kernel.time_ns()) // 1000000)
 *	sent = sent + sock:send(body, nil, sent, nil, ms)
 * end
 */
static int l_write(lua_State *L)
{
	static const struct luasocket_deadline none = { LSOCK_AS_SOCKET, 0 };
	struct lsock *ls = check_socket(L);
	bool stream = lsock_is_stream(ls);
	int i, err, last = lua_gettop(L);
	struct lsock_vec vec;
	size_t sent = 0;

	for (i = 2; i <= last; i++)
		luaL_checkstring(L, i);
	/* What is sent last must say that it is, or the kernel waits for more. */
	while (stream && last > 1 && !lua_rawlen(L, last))
		last--;
	for (i = 2; i <= last; i++) {
		struct lsock_msg m = { .vec = &vec, .count = 1,
				       .flags = stream && i < last ? lsock_more_flag : 0 };

		vec.base = (void *)lua_tolstring(L, i, &vec.len);
		m.len = vec.len;
		if (stream && !vec.len)
			continue;
		err = luasocket_send_all(L, ls, &m, &none, &sent, "write");
		if (err)
			return write_failed(L, ls, err, sent);
	}
	lua_pushinteger(L, (lua_Integer)sent);
	return 1;
}

const luaL_Reg luasocket_msg_methods[] = {
	{ "recv", l_recv },
	{ "send", l_send },
	{ "write", l_write },
	{ NULL, NULL }
};
