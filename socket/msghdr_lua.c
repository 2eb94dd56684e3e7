// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * sendmsg and recvmsg with the message header of the 2018 library: a table
 * with the fields
 *
 *	name	the peer, {addr=, port=} or {addr, port}; see addr_lua.c
 *	iov_len	how many bytes recvmsg may take; also lov_len
 *	flags	what sendmsg is told, and what recvmsg tells
 */

/***
 * Messages with headers.
 * @submodule socket
 */
#include <string.h>

#include "luadata/data.h"
#include "luasocket.h"

static struct lsock *check_socket(lua_State *L)
{
	return luadrv_box_check(L, 1, luasocket_type);
}

static int raw_getfield(lua_State *L, int table, const char *key)
{
	lua_pushstring(L, key);
	return lua_rawget(L, table);
}

/* The header that recvmsg() made may be sent on: what it told is no request. */
static int send_flags(lua_State *L)
{
	int flags;

	lua_getfield(L, 2, "flags");
	flags = luasocket_field_mask(L, -1, lsock_flags,
				     lsock_send_flags | lsock_result_flags,
				     "msghdr.flags");
	lua_pop(L, 1);
	return flags & lsock_send_flags & ~lsock_result_flags;
}

static bool send_name(lua_State *L, struct lsock *ls, struct lsock_addr *addr)
{
	bool named = lua_getfield(L, 2, "name") != LUA_TNIL;

	if (named)
		luasocket_field_addr(L, -1, ls, addr, "msghdr.name", "sendmsg");
	lua_pop(L, 1);
	return named;
}

/***
 * Sends a message, to the peer that its header names or to the connected one.
 * @function socket:sendmsg
 * @tparam table msghdr `name`: the peer, `{addr="127.0.0.1", port=53}` or
 *  `{"127.0.0.1", 53}`, see @{address}; nil for the connected one. `flags`: as in
 *  @{socket:send}; what @{socket:recvmsg} left there does no harm. `iov_len`,
 *  `lov_len`: ignored, the bytes have a length of their own
 * @tparam[opt] string|table|luadata bytes as in @{socket:send}; nothing if absent
 * @tparam[opt] string|integer flags as in @{socket:send}, besides the header's
 * @treturn integer how many bytes were sent
 * @raise as @{socket:send}; `EDESTADDRREQ` without a peer
 * @usage sock:sendmsg({ name = { addr = "127.0.0.1", port = 53 } }, query)
 */
static int l_sendmsg(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	struct luasocket_bytes bytes = { "", 0 };
	struct lsock_addr addr;
	bool named;
	int flags;

	luaL_checktype(L, 2, LUA_TTABLE);
	flags = luasocket_check_mask(L, 4, lsock_flags, lsock_send_flags, "flags");
	lua_settop(L, 3);
	flags |= send_flags(L);
	named = send_name(L, ls, &addr);
	if (!lua_isnil(L, 3))
		luasocket_check_bytes(L, 3, &bytes);
	lua_pushinteger(L, luasocket_transmit(L, ls, &bytes, flags,
					      named ? &addr : NULL, "sendmsg"));
	return 1;
}

/* The header's field that tells how much to receive: what scripts use, or the document's. */
static const char *recv_size(lua_State *L, size_t *size)
{
	const char *field = "iov_len";

	if (lua_getfield(L, 2, field) == LUA_TNIL) {
		lua_pop(L, 1);
		field = "lov_len";
		if (lua_getfield(L, 2, field) == LUA_TNIL)
			luaL_argerror(L, 2, "neither a buffer nor iov_len");
	}
	*size = (size_t)luadrv_field_range(L, -1, 1, LSOCK_MAX_TABLE, field);
	lua_pop(L, 1);
	return field;
}

/* The sender goes where the script looks for it: by name, or by position. */
static void update_name(lua_State *L, const struct lsock_addr *from)
{
	if (raw_getfield(L, 2, "name") != LUA_TTABLE) {
		lua_createtable(L, 0, 2);
		lua_pushvalue(L, -1);
		luasocket_raw_setfield(L, 2, "name");
	}
	luasocket_set_addr(L, lua_gettop(L), from);
}

static void update_header(lua_State *L, const struct lsock_recv *res,
			  const char *size_field, size_t size)
{
	lua_pushinteger(L, (lua_Integer)size);
	luasocket_raw_setfield(L, 2, size_field);
	lua_pushinteger(L, res->flags);
	luasocket_raw_setfield(L, 2, "flags");
	if (res->from.len)
		update_name(L, &res->from);
}

/***
 * Receives a message, and tells more about it than @{socket:recv}.
 * @function socket:recvmsg
 * @tparam table msghdr `iov_len` (or `lov_len`): the most bytes to take into a
 *  new table, 1..1048576, where there is no buffer. It is updated: `name` is
 *  the sender, `{addr=, port=}` (in the form `{addr, port}` if it was in that
 *  form; unchanged over TCP; with packet also `hwaddr` and `pkttype`: "host",
 *  "broadcast", "multicast", "otherhost", "outgoing"); `flags` what came with the message, such as
 *  `socket.flag.TRUNC`; `iov_len` the room there was
 * @tparam[opt] luadata buffer a data object to fill
 * @tparam[opt] string|integer flags as in @{socket:recv}
 * @treturn table|luadata the bytes: an array of integers 0..255, or the buffer
 * @treturn integer how many came
 * @treturn table msghdr
 * @raise as @{socket:recv}
 * @usage local bytes, size, hdr = sock:recvmsg({ iov_len = 512 })
 * print(hdr.name.addr, hdr.name.port)
 */
static int l_recvmsg(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	const char *field = "iov_len";
	const struct ldata *data;
	struct lsock_recv res;
	size_t n, size;
	void *buf;
	int flags, type;

	luaL_checktype(L, 2, LUA_TTABLE);
	type = lua_type(L, 3);
	if (type == LUA_TSTRING || type == LUA_TNUMBER) {
		lua_pushnil(L);
		lua_insert(L, 3);
	}
	flags = luasocket_check_mask(L, 4, lsock_flags, lsock_recv_flags, "flags");
	lua_settop(L, 3);
	if (lua_isnil(L, 3)) {
		field = recv_size(L, &size);
		buf = lua_newuserdata(L, size);
	} else {
		data = luadrv_box_check(L, 3, ldata_type);
		buf = ldata_addr(data);
		size = ldata_size(data);
	}
	n = luasocket_receive(L, ls, buf, size, flags, &res, true, "recvmsg");
	update_header(L, &res, field, size);
	if (lua_isnil(L, 3))
		luasocket_push_bytes(L, buf, res.copied);
	else
		lua_pushvalue(L, 3);
	lua_pushinteger(L, n);
	lua_pushvalue(L, 2);
	return 3;
}

const luaL_Reg luasocket_msghdr_methods[] = {
	{ "recvmsg", l_recvmsg },
	{ "sendmsg", l_sendmsg },
	{ NULL, NULL }
};
