// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Methods of sockets that move bytes. Where the bytes are a data object or a
 * string that is sent, nothing is allocated and nothing copied but what the
 * kernel copies.
 */

/***
 * Methods that move bytes.
 * @submodule socket
 */
#include <string.h>

#include "luadata/data.h"
#include "luasocket.h"

/* What read() asks for when it is not told. */
#define READ_SIZE 4096

static struct lsock *check_socket(lua_State *L)
{
	return luadrv_box_check(L, 1, luasocket_type);
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

static void bytes_of_table(lua_State *L, int arg, struct luasocket_bytes *bytes)
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
	}
	bytes->data = buf;
	bytes->len = n;
}

void luasocket_check_bytes(lua_State *L, int arg, struct luasocket_bytes *bytes)
{
	const struct ldata *data;

	switch (lua_type(L, arg)) {
	case LUA_TSTRING:
		bytes->data = lua_tolstring(L, arg, &bytes->len);
		return;
	case LUA_TTABLE:
		bytes_of_table(L, arg, bytes);
		return;
	case LUA_TUSERDATA:
		data = luadrv_box_check(L, arg, ldata_type);
		bytes->data = ldata_addr(data);
		bytes->len = ldata_size(data);
		return;
	default:
		luaL_argerror(L, arg,
			      lua_pushfstring(L, "string, table of bytes or data object expected, got %s",
					      luaL_typename(L, arg)));
	}
}

void luasocket_push_bytes(lua_State *L, const u8 *bytes, size_t n)
{
	size_t i;

	lua_createtable(L, (int)n, 0);
	for (i = 0; i < n; i++) {
		lua_pushinteger(L, bytes[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

size_t luasocket_transmit(lua_State *L, struct lsock *ls,
			  const struct luasocket_bytes *bytes, int flags,
			  struct lsock_addr *to, const char *call)
{
	ssize_t n;

	luadrv_wait_begin(L, call);
	n = lsock_send(ls, bytes->data, bytes->len, flags, to);
	luadrv_wait_end(L);
	if (n < 0)
		luadrv_raise(L, (int)n, call, NULL);
	luadrv_count_bytes(L, 0, n);
	return n;
}

size_t luasocket_receive(lua_State *L, struct lsock *ls, void *buf, size_t len,
			 int flags, struct lsock_recv *res, bool want_from,
			 const char *call)
{
	ssize_t n;

	luadrv_wait_begin(L, call);
	n = lsock_recv(ls, buf, len, flags, res, want_from);
	luadrv_wait_end(L);
	if (n < 0)
		luadrv_raise(L, (int)n, call, NULL);
	luadrv_count_bytes(L, n, 0);
	return n;
}

/*
 * The optional arguments @arg (offset) and @arg + 1 (length) as a part of
 * @size bytes, which must contain it.
 */
static size_t check_part(lua_State *L, int arg, size_t size, size_t *len)
{
	size_t offset = 0;

	if (!lua_isnoneornil(L, arg))
		offset = luadrv_check_size(L, arg, 0, size, "offset");
	*len = size - offset;
	if (!lua_isnoneornil(L, arg + 1))
		*len = luadrv_check_size(L, arg + 1, 0, *len, "length");
	return offset;
}

/***
 * Sends bytes over a connection, or one datagram to the connected peer. Waits
 * until there is room; a stream may take less than all of it, in particular
 * when it must not wait. There is never a SIGPIPE.
 * @function socket:send
 * @tparam string|table|luadata bytes a string, an array of integers 0..255, or
 *  a data object
 * @tparam[opt] string|integer flags letters, names or number: `"D"` DONTWAIT,
 *  `"M"` MORE, `"O"` OOB, `"R"` DONTROUTE, `"C"` CONFIRM, `"N"` NOSIGNAL
 *  (always on), EOR, `"F"` FASTOPEN; several as `"DM"` or `"dontwait,more"`
 * @tparam[opt=0] integer offset of the first byte to send, counted from 0
 * @tparam[opt] integer length in bytes; default: up to the end
 * @treturn integer how many bytes were sent
 * @raise error object of sendmsg(2): `EAGAIN` when it must not wait,
 *  `ETIMEDOUT`, `EPIPE`, `ECONNRESET`, `ENOTCONN`, `EMSGSIZE`, ...
 * @usage sock:send("hello") sock:send{1, 2, 3}
 * local sent = sock:send(buf, "D", 0, size)
 */
static int l_send(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	int flags = luasocket_check_mask(L, 3, lsock_flags, lsock_send_flags,
					 "flags");
	struct luasocket_bytes bytes;
	size_t offset;

	lua_settop(L, 5);
	luasocket_check_bytes(L, 2, &bytes);
	offset = check_part(L, 4, bytes.len, &bytes.len);
	bytes.data = (const char *)bytes.data + offset;
	lua_pushinteger(L, luasocket_transmit(L, ls, &bytes, flags, NULL, "send"));
	return 1;
}

/***
 * Receives what has arrived, or one datagram; waits until there is something.
 * @function socket:recv
 * @tparam luadata|integer buffer a data object to fill, or the most bytes to
 *  take into a new table, 1..1048576
 * @tparam[opt] string|integer flags letters, names or number: `"D"` DONTWAIT,
 *  `"P"` PEEK, `"W"` WAITALL, `"T"` TRUNC, `"O"` OOB, `"E"` ERRQUEUE
 * @tparam[opt=0] integer offset in the data object, counted from 0
 * @tparam[opt] integer length the most bytes to put there; default: up to its end
 * @treturn table|luadata the bytes: an array of integers 0..255, or the buffer
 * @treturn integer how many came, 0 at the end of a stream. With TRUNC the
 *  size of the whole datagram
 * @raise error object of recvmsg(2): `EAGAIN` when it must not wait,
 *  `ETIMEDOUT`, `ECONNRESET`, `ENOTCONN`, ...
 * @usage local bytes, size = sock:recv(5)
 * local buf = data.new(65536)
 * local _, size = sock:recv(buf)
 */
static int l_recv(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	int flags = luasocket_check_mask(L, 3, lsock_flags, lsock_recv_flags,
					 "flags");
	const struct ldata *data;
	struct lsock_recv res;
	size_t n, size, offset;
	void *buf;

	if (lua_type(L, 2) == LUA_TUSERDATA) {
		data = luadrv_box_check(L, 2, ldata_type);
		offset = check_part(L, 4, ldata_size(data), &size);
		n = luasocket_receive(L, ls, (u8 *)ldata_addr(data) + offset,
				      size, flags, &res, false, "recv");
		lua_pushvalue(L, 2);
	} else {
		size = luadrv_check_size(L, 2, 1, LSOCK_MAX_TABLE, "size");
		buf = lua_newuserdata(L, size);
		n = luasocket_receive(L, ls, buf, size, flags, &res, false,
				      "recv");
		luasocket_push_bytes(L, buf, res.copied);
	}
	lua_pushinteger(L, n);
	return 2;
}

/***
 * Receives a string: what has arrived, or one datagram.
 * @function socket:read
 * @tparam[opt=4096] integer n the most bytes to take, 1..1048576
 * @tparam[opt] string|integer flags as in @{socket:recv}; `"W"` waits until all
 *  n bytes are there
 * @treturn string|nil the bytes, nil at the end of a stream (also of seqpacket,
 *  where an empty message looks the same)
 * @raise as @{socket:recv}
 */
static int l_read(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	size_t n, size = READ_SIZE;
	struct lsock_recv res;
	luaL_Buffer b;
	char *buf;
	int flags;

	if (!lua_isnoneornil(L, 2))
		size = luadrv_check_size(L, 2, 1, LSOCK_MAX_TABLE, "size");
	flags = luasocket_check_mask(L, 3, lsock_flags, lsock_recv_flags, "flags");
	buf = luaL_buffinitsize(L, &b, size);
	n = luasocket_receive(L, ls, buf, size, flags, &res, false, "read");
	if (!n && lsock_has_end(ls))
		lua_pushnil(L);
	else
		luaL_pushresultsize(&b, res.copied);
	return 1;
}

/* Sends the string at @arg completely; gives its length. */
static size_t write_string(lua_State *L, struct lsock *ls, int arg, int flags)
{
	struct luasocket_bytes left;
	size_t n, len;

	left.data = lua_tolstring(L, arg, &len);
	left.len = len;
	do {
		n = luasocket_transmit(L, ls, &left, flags, NULL, "write");
		left.data = (const char *)left.data + n;
		left.len -= n;
		luadrv_check_stop(L);
	} while (left.len);
	return len;
}

/***
 * Sends all of its arguments, however long that takes; over a datagram socket,
 * each as a datagram. If it fails, part of it may have been sent: where that
 * matters, and where nothing must wait, use @{socket:send}.
 * @function socket:write
 * @tparam string|integer ... what to send, as io.write() takes it
 * @treturn integer how many bytes were sent
 * @raise as @{socket:send}
 * @usage sock:write("HTTP/1.0 200 OK\r\n\r\n", body)
 */
static int l_write(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	bool stream = lsock_is_stream(ls);
	int i, last = lua_gettop(L);
	size_t len, sent = 0;

	for (i = 2; i <= last; i++)
		luaL_checkstring(L, i);
	/* What is sent last must say that it is, or the kernel waits for more. */
	while (stream && last > 1 && !lua_rawlen(L, last))
		last--;
	for (i = 2; i <= last; i++) {
		lua_tolstring(L, i, &len);
		if (stream && !len)
			continue;
		sent += write_string(L, ls, i,
				     stream && i < last ? lsock_more_flag : 0);
	}
	lua_pushinteger(L, sent);
	return 1;
}

const luaL_Reg luasocket_msg_methods[] = {
	{ "read", l_read },
	{ "recv", l_recv },
	{ "send", l_send },
	{ "write", l_write },
	{ NULL, NULL }
};
