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

int luasocket_send_end(lua_State *L, struct luasocket_try *t, int err, const char *call)
{
	if (!t->got)
		return luasocket_fail(L, err, call);
	lua_pushinteger(L, t->got);
	return 1;
}

int luasocket_send_try(lua_State *L, struct luasocket_try *t, struct lsock_msg *m, int keep,
		       const char *call)
{
	struct lsock *ls = check_socket(L);
	ssize_t n;

	if ((size_t)t->got > m->len)
		return luaL_error(L, "what is sent has changed meanwhile");
	m->offset += t->got;
	m->len -= t->got;
	do {
		n = t->turn ? -EAGAIN : luasocket_send(L, ls, m, call);
		if (t->task && n == -EINPROGRESS && m->flags & lsock_fastopen_flag)
			n = -EAGAIN;
		if (luasocket_must_wait(t, n)) {
			lua_settop(L, keep);
			return LUASOCKET_AGAIN;
		}
		if (n < 0 && t->got) {
			lsock_keep_error(ls, (int)n);
			return luasocket_send_end(L, t, (int)n, call);
		}
		if (n < 0)
			return luasocket_raise(L, ls, (int)n, call, m->addr);
		t->got += n;
		m->offset += n;
		m->len -= n;
		m->flags &= ~lsock_fastopen_flag;
		luasocket_spent(L, t);
	} while (t->task && !t->instant && m->len && n && lsock_is_stream(ls));
	lua_pushinteger(L, t->got);
	return 1;
}

/* Whether what came so far is not all that the call waits for. */
static bool wants_more(struct lsock *ls, const struct luasocket_try *t, const struct lsock_msg *m)
{
	return t->task && !t->instant && m->len && m->flags & lsock_waitall_flag && lsock_is_stream(ls);
}

ssize_t luasocket_recv_try(lua_State *L, struct lsock *ls, struct luasocket_try *t,
			   struct lsock_msg *m, const char *call)
{
	bool peek = m->flags & lsock_peek_flag;
	size_t control = m->controllen;
	ssize_t n;

	if (peek) {
		t->got = 0;
		t->done = 0;
	}
	if ((size_t)t->got > m->len)
		luaL_error(L, "the room has changed meanwhile");
	m->offset += t->got;
	m->len -= t->got;
	for (;;) {
		m->controllen = control;
		n = t->turn ? -EAGAIN : luasocket_recv(L, ls, m, call);
		if (n < 0 && t->got && n != -EAGAIN) {
			lsock_keep_error(ls, (int)n);
			break;
		}
		if (n < 0) {
			t->slow = t->got && lsock_recv_slow(ls);
			return n;
		}
		t->got += n;
		t->done += m->copied;
		m->offset += n;
		m->len -= n;
		if (!n || !wants_more(ls, t, m) || (peek && lsock_at_end(ls)))
			break;
		t->slow = peek;
		if (peek)
			return -EAGAIN;
		luasocket_spent(L, t);
	}
	m->copied = t->done;
	return t->got;
}

void *luasocket_keep_room(lua_State *L, struct luasocket_try *t, int at, size_t size)
{
	if (t->tries && lua_gettop(L) >= at && lua_type(L, at) == LUA_TUSERDATA &&
	    lua_rawlen(L, at) >= size) {
		lua_settop(L, at);
		return lua_touserdata(L, at);
	}
	if (t->got)
		luaL_error(L, "the room has changed meanwhile");
	lua_settop(L, at - 1);
	return lua_newuserdata(L, size);
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

static int send_body(lua_State *L, struct luasocket_try *t)
{
	struct lsock_msg m = {};
	struct luasocket_vec v;

	check_socket(L);
	m.flags = luasocket_check_mask(L, 3, lsock_flags, lsock_send_flags, "flags");
	luasocket_begin(t, &m, luasocket_check_timeout(L, 6));
	lua_settop(L, 5);
	luasocket_check_bytes(L, 2, &v);
	check_part(L, 4, &v, &m);
	return luasocket_send_try(L, t, &m, 5, "send");
}

static int send_end(lua_State *L, struct luasocket_try *t, int err)
{
	return luasocket_send_end(L, t, err, "send");
}

const struct luasocket_call luasocket_send_call = {
	.body = send_body,
	.end = send_end,
	.side = LUASOCKET_WRITES,
};

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
	return luasocket_do(L, &luasocket_send_call);
}

/* Where the room of a table is kept, behind the arguments but the time-out. */
#define ROOM	6

/* Gives the bytes, or fewer values for what must wait, or raises. */
static int recv_table(lua_State *L, struct lsock *ls, struct luasocket_try *t, struct lsock_msg *m)
{
	size_t size = luadrv_check_size(L, 2, 1, LSOCK_MAX_TABLE, "size");
	struct lsock_vec vec = { NULL, size };
	ssize_t n;

	luaL_argcheck(L, lua_isnoneornil(L, 4), 4, "an offset is for buffers");
	luaL_argcheck(L, lua_isnoneornil(L, 5), 5, "a length is for buffers");
	vec.base = luasocket_keep_room(L, t, ROOM, size);
	m->vec = &vec;
	m->count = 1;
	m->len = size;
	n = luasocket_recv_try(L, ls, t, m, "recv");
	if (luasocket_must_wait(t, n)) {
		/* Who waits for the first byte keeps no room. */
		lua_settop(L, t->got ? ROOM : ROOM - 1);
		return LUASOCKET_AGAIN;
	}
	if (n < 0)
		return luasocket_raise(L, ls, (int)n, "recv", NULL);
	luasocket_push_bytes(L, vec.base, m->copied);
	lua_pushinteger(L, n);
	return 2;
}

static int recv_buffer(lua_State *L, struct lsock *ls, struct luasocket_try *t,
		       struct lsock_msg *m, struct luasocket_vec *v)
{
	ssize_t n;

	check_part(L, 4, v, m);
	if (t->task && !t->instant && t->timeout && !t->got && lsock_recv_slow(ls) && !lsock_readable(ls))
		return LUASOCKET_AGAIN;
	n = luasocket_recv_try(L, ls, t, m, "recv");
	if (luasocket_must_wait(t, n)) {
		lua_settop(L, ROOM - 1);
		return LUASOCKET_AGAIN;
	}
	if (n < 0)
		return luasocket_raise(L, ls, (int)n, "recv", NULL);
	lua_pushvalue(L, 2);
	lua_pushinteger(L, n);
	return 2;
}

static int recv_body(lua_State *L, struct luasocket_try *t)
{
	struct lsock *ls = check_socket(L);
	struct lsock_msg m = {
		.flags = luasocket_check_mask(L, 3, lsock_flags, lsock_recv_flags, "flags"),
	};
	struct luasocket_vec v;

	luaL_checkany(L, 2);
	luasocket_begin(t, &m, t->tries ? 0 : luasocket_check_timeout(L, ROOM));
	if (!t->tries)
		lua_settop(L, ROOM - 1);
	if (luasocket_test_room(L, 2, &v))
		return recv_buffer(L, ls, t, &m, &v);
	/* A table needs memory: only for what is there. */
	if (t->task && !t->instant && t->timeout && !t->got && !lsock_readable(ls)) {
		luadrv_check_size(L, 2, 1, LSOCK_MAX_TABLE, "size");
		return LUASOCKET_AGAIN;
	}
	return recv_table(L, ls, t, &m);
}

/* The part that has come, if it is one. */
static int recv_end(lua_State *L, struct luasocket_try *t, int err)
{
	if (!t->got)
		return luasocket_fail(L, err, "recv");
	if (lua_type(L, ROOM) == LUA_TUSERDATA)
		luasocket_push_bytes(L, lua_touserdata(L, ROOM), t->done);
	else
		lua_pushvalue(L, 2);
	lua_pushinteger(L, t->got);
	return 2;
}

const struct luasocket_call luasocket_recv_call = {
	.body = recv_body,
	.end = recv_end,
	.side = LUASOCKET_READS,
};

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
	return luasocket_do(L, &luasocket_recv_call);
}

static int write_end(lua_State *L, struct luasocket_try *t, int err)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);

	lua_pushinteger(L, t->got);
	if (ls)
		luasocket_push_target(L, ls, NULL);
	else
		lua_pushnil(L);
	return luasocket_raise_part(L, err, "write", "sent");
}

/* Sends the piece at @i, of which t->part bytes have gone. Gives 0 or -errno. */
static int write_piece(lua_State *L, struct lsock *ls, struct luasocket_try *t, int i, int flags)
{
	const struct luasocket_deadline deadline = { t->task ? 0 : LSOCK_AS_SOCKET, 0 };
	struct lsock_vec vec;
	struct lsock_msg m = { .vec = &vec, .count = 1, .flags = flags };
	size_t sent = t->got;
	int err;

	vec.base = (void *)lua_tolstring(L, i, &vec.len);
	m.offset = t->part;
	m.len = vec.len - t->part;
	err = luasocket_send_all(L, ls, &m, &deadline, &sent, "write");
	t->got = sent;
	t->part = err ? (lua_Integer)m.offset : 0;
	return err;
}

static int write_body(lua_State *L, struct luasocket_try *t)
{
	struct lsock *ls = check_socket(L);
	bool stream = lsock_is_stream(ls);
	int i, err, last = lua_gettop(L), all = last;

	t->timeout = LSOCK_AS_SOCKET;
	t->each = true;
	for (i = 2; i <= last; i++)
		luaL_checkstring(L, i);
	/* What is sent last must say that it is, or the kernel waits for more. */
	while (stream && last > 1 && !lua_rawlen(L, last))
		last--;
	for (i = 2 + t->done; i <= last; i++, t->done++) {
		if (stream && !lua_rawlen(L, i))
			continue;
		err = write_piece(L, ls, t, i, stream && i < last ? lsock_more_flag : 0);
		if (luasocket_must_wait(t, err)) {
			lua_settop(L, all);
			return LUASOCKET_AGAIN;
		}
		if (err)
			return write_end(L, t, err);
	}
	lua_pushinteger(L, t->got);
	return 1;
}

static const struct luasocket_call write_call = {
	.body = write_body,
	.end = write_end,
	.side = LUASOCKET_WRITES,
};

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
	return luasocket_do(L, &write_call);
}

const luaL_Reg luasocket_msg_methods[] = {
	{ "recv", l_recv },
	{ "send", l_send },
	{ "write", l_write },
	{ NULL, NULL }
};
