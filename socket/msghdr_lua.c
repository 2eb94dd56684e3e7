// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * sendmsg and recvmsg with the message header of the 2018 library: a table
 * with the fields
 *
 *	name	the peer, {addr=, port=} or {addr, port}; see addr_lua.c
 *	iov_len	how many bytes recvmsg may take; also lov_len
 *	flags	what sendmsg is told, and what recvmsg tells
 *	control	control messages (cmsg_lua.c), with controllen for recvmsg
 */

/***
 * Messages with headers.
 * @submodule socket
 */
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

/*
 * The header that recvmsg() made may be sent on: what it told is no request. But OOB and
 * EOR say the same both ways.
 */
static int send_flags(lua_State *L)
{
	int flags;

	lua_getfield(L, 2, "flags");
	flags = luasocket_field_mask(L, -1, lsock_flags,
				     lsock_send_flags | lsock_result_flags,
				     "msghdr.flags");
	lua_pop(L, 1);
	return flags & lsock_send_flags;
}

static bool send_name(lua_State *L, struct lsock *ls, struct lsock_addr *addr)
{
	bool named = lua_getfield(L, 2, "name") != LUA_TNIL;

	if (named)
		luasocket_field_addr(L, -1, ls, addr, "msghdr.name", "sendmsg");
	lua_pop(L, 1);
	return named;
}

/*
 * The document of 2018 also calls it with the bytes alone. A table is taken for
 * them if there is nothing else to send.
 */
static void check_sendmsg(lua_State *L)
{
	int type = lua_type(L, 2);

	if (type == LUA_TSTRING || type == LUA_TUSERDATA) {
		lua_newtable(L);
		lua_insert(L, 2);
	}
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 5);
	if (lua_isnil(L, 3) && lua_rawlen(L, 2)) {
		lua_pushvalue(L, 2);
		lua_replace(L, 3);
	}
}

static int sendmsg_body(lua_State *L, struct luasocket_try *t)
{
	struct lsock *ls = check_socket(L);
	struct lsock_msg m = {};
	struct luasocket_vec v;
	struct lsock_addr addr;

	check_sendmsg(L);
	m.flags = luasocket_check_mask(L, 4, lsock_flags, lsock_send_flags, "flags");
	m.flags |= send_flags(L);
	luasocket_begin(t, &m, luasocket_check_timeout(L, 5));
	if (send_name(L, ls, &addr))
		m.addr = &addr;
	luasocket_check_control(L, 2, &m);
	/* Last: what any of the above calls could change what a table has. */
	luasocket_set_bytes(&v, NULL, 0);
	if (!lua_isnil(L, 3))
		luasocket_check_bytes(L, 3, &v);
	m.vec = v.vec;
	m.count = v.count;
	m.len = v.size;
	return luasocket_send_try(L, t, &m, 5, "sendmsg");
}

static int sendmsg_end(lua_State *L, struct luasocket_try *t, int err)
{
	return luasocket_send_end(L, t, err, "sendmsg");
}

const struct luasocket_call luasocket_sendmsg_call = {
	.body = sendmsg_body,
	.end = sendmsg_end,
	.side = LUASOCKET_WRITES,
};

/***
 * Sends a message, to the peer that its header names or to the connected one.
 *
 * Control messages that can be sent, those without fields named here with one, `value`:
 *
 * - of level `"ip"`: `pktinfo` {`ifindex`, `spec_dst`: the address to send from}, `ttl`, `tos`
 * - of level `"ipv6"`: `pktinfo` {`ifindex`, `addr`}, `hoplimit`, `tclass`
 * - of level `"udp"`: `segment`: cut the bytes into datagrams of so many
 * - of level `"socket"`: `mark`, `priority` (since Linux 6.14)
 *
 * Any other with its bytes as `data`. `rights` and `credentials` are refused: a script has
 * no descriptors and cannot vouch for a process.
 * @function socket:sendmsg
 * @tparam table msghdr `name`: the peer, `{addr="127.0.0.1", port=53}` or
 *  `{"127.0.0.1", 53}`, see @{address}; nil for the connected one. `flags`: as in
 *  @{socket:send}. `control`: an array of control messages, `{level=, type=, ...}`, up to
 *  4096 bytes. What @{socket:recvmsg} left in the header does no harm: of its flags and
 *  control messages, those are left out that only come (`TRUNC`, `CTRUNC` and `ERRQUEUE`;
 *  what has the field `received`); mind that others, such as `OOB` and `ttl`, are sent as
 *  they came. `iov_len`, `lov_len`: ignored, the bytes have a length of their own
 * @tparam[opt] string|table|luadata bytes as in @{socket:send}; nothing if absent. They may also be
 *  the only argument
 * @tparam[opt] string|integer flags as in @{socket:send}, besides the header's
 * @tparam[opt] integer timeout as in @{socket:send}
 * @treturn integer how many bytes were sent
 * @raise as @{socket:send}; `EDESTADDRREQ` without a peer; `EINVAL` for a control
 *  message that the socket does not take
 * @usage sock:sendmsg({ name = { addr = "127.0.0.1", port = 53 } }, query)
 * sock:sendmsg({ control = { { level = "udp", type = "segment", value = 1200 } } }, buf)
 */
static int l_sendmsg(lua_State *L)
{
	return luasocket_do(L, &luasocket_sendmsg_call);
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

static void update_header(lua_State *L, struct lsock *ls, const struct lsock_msg *m,
			  const char *size_field, bool control)
{
	lua_pushinteger(L, (lua_Integer)m->len);
	luasocket_raw_setfield(L, 2, size_field);
	lua_pushinteger(L, m->result);
	luasocket_raw_setfield(L, 2, "flags");
	/* Where the kernel names no sender, as over TCP, it is the peer; who has none leaves the name as it was. */
	if (!m->addr->len)
		lsock_peer(ls, m->addr);
	if (m->addr->len)
		update_name(L, m->addr);
	if (control) {
		luasocket_push_control(L, 2, m);
		luasocket_raw_setfield(L, 2, "control");
	}
}

/* Where the room of a table is kept, behind the arguments. */
#define ROOM	6

/* What to receive into: a buffer, or memory for a table. Gives the header's field for its size. */
static const char *check_room(lua_State *L, struct luasocket_try *t, struct lsock_msg *m,
			      struct luasocket_vec *v)
{
	const char *field = "iov_len";
	size_t size;

	if (lua_isnil(L, 3)) {
		field = recv_size(L, &size);
		luasocket_set_bytes(v, luasocket_keep_room(L, t, ROOM, size), size);
	}
	luasocket_control_room(L, 2, m);
	/* Last: what any of the above calls could change what a table has. */
	if (!lua_isnil(L, 3) && !luasocket_test_room(L, 3, v))
		luaL_argerror(L, 3, lua_pushfstring(L, "data object or array of these expected, got %s",
						    luaL_typename(L, 3)));
	m->vec = v->vec;
	m->count = v->count;
	m->len = v->size;
	return field;
}

static void check_recvmsg(lua_State *L)
{
	int type = lua_type(L, 3);

	luaL_checktype(L, 2, LUA_TTABLE);
	if (type == LUA_TSTRING || type == LUA_TNUMBER) {
		lua_pushnil(L);
		lua_insert(L, 3);
	}
	lua_settop(L, 5);
}

/* What came, of which @n bytes are told and @copied there. */
static int push_received(lua_State *L, const void *base, size_t copied, lua_Integer n)
{
	if (lua_isnil(L, 3))
		luasocket_push_bytes(L, base, copied);
	else
		lua_pushvalue(L, 3);
	lua_pushinteger(L, n);
	lua_pushvalue(L, 2);
	return 3;
}

static int recvmsg_body(lua_State *L, struct luasocket_try *t)
{
	struct lsock *ls = check_socket(L);
	struct lsock_addr addr;
	struct lsock_msg m = { .addr = &addr };
	struct luasocket_vec v;
	const char *field;
	bool control;
	size_t len;
	ssize_t n;

	if (!t->tries)
		check_recvmsg(L);
	m.flags = luasocket_check_mask(L, 4, lsock_flags, lsock_recv_flags, "flags");
	luasocket_begin(t, &m, luasocket_check_timeout(L, 5));
	field = check_room(L, t, &m, &v);
	control = m.control;
	len = m.len;
	n = luasocket_recv_try(L, ls, t, &m, "recvmsg");
	if (luasocket_must_wait(t, n)) {
		lua_settop(L, t->got && lua_isnil(L, 3) ? ROOM : ROOM - 1);
		return LUASOCKET_AGAIN;
	}
	if (n < 0)
		return luasocket_raise(L, ls, (int)n, "recvmsg", NULL);
	m.len = len;
	update_header(L, ls, &m, field, control);
	return push_received(L, v.vec->base, m.copied, n);
}

/* The part that has come, if it is one. */
static int recvmsg_end(lua_State *L, struct luasocket_try *t, int err)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);
	struct lsock_addr addr = {};
	struct lsock_msg m = { .addr = &addr };
	const char *field = "iov_len";
	struct luasocket_vec v;

	if (!t->got)
		return luasocket_fail(L, err, "recvmsg");
	if (lua_isnil(L, 3))
		field = recv_size(L, &m.len);
	else if (luasocket_test_room(L, 3, &v))
		m.len = v.size;
	if (ls)
		update_header(L, ls, &m, field, false);
	return push_received(L, lua_touserdata(L, ROOM), t->done, t->got);
}

const struct luasocket_call luasocket_recvmsg_call = {
	.body = recvmsg_body,
	.end = recvmsg_end,
	.side = LUASOCKET_READS,
};

/***
 * Receives a message, and tells more about it than @{socket:recv}.
 *
 * Control messages come if the header has a table `control`, or a number `controllen`, and
 * the socket was told to give them by options (@{options.md}). Known ones have these fields:
 *
 * - of level `"socket"`: `timestamp` and `timestampns` {`value`: ns since 1970}, `timestamping`
 *   {`software`, `hardware`: ns}, `rxq_ovfl` {`value`: datagrams dropped so far}
 * - of level `"ip"`: `pktinfo` {`ifindex`, `addr`: where to it was sent, `spec_dst`: the local
 *   address}, `ttl`, `tos`, `recvfragsize` {`value`}, `origdstaddr` {`addr`, `port`}, `recverr`
 *   {`ee_errno`, `ee_origin`, `ee_type`, `ee_code`, `ee_info`, `ee_data`: as in ip(7),
 *   `offender`: who reported it}
 * - of level `"ipv6"`: `pktinfo` {`ifindex`, `addr`}, `hoplimit`, `tclass`, `recvfragsize`
 *   {`value`}, `origdstaddr`, `recverr`
 * - of level `"udp"`: `gro` {`value`: bytes of each datagram but the last}
 * - of level `"tcp"`: `inq` {`value`: bytes that are there yet}
 *
 * All others, and one that was cut, are {`level`, `type`: a number, `data`: a string,
 * `received`: true}. A unix socket gives none.
 * @function socket:recvmsg
 * @tparam table msghdr `iov_len` (or `lov_len`): the most bytes to take into a
 *  new table, 1..1048576, where there is no buffer. `control`: a table that is filled with
 *  control messages, `{level=, type=, ...}`. `controllen`: bytes of room for them,
 *  1..4096, default 384; if that is too little, `flags` has `socket.flag.CTRUNC`.
 *  The header is updated: `name` is
 *  the sender, over a connection the peer, `{addr=, port=}` (in the form `{addr, port}` if it
 *  was in that form; with packet also `hwaddr` and `pkttype`: "host",
 *  "broadcast", "multicast", "otherhost", "outgoing"); `flags` what came with the message, such as
 *  `socket.flag.TRUNC`; `iov_len` the room there was
 * @tparam[opt] luadata|table buffer a data object to fill, or an array of up to 1024
 * @tparam[opt] string|integer flags as in @{socket:recv}
 * @tparam[opt] integer timeout as in @{socket:send}
 * @treturn table|luadata the bytes: an array of integers 0..255, or the buffer
 * @treturn integer how many came; 0 at the end of a stream, and where there is no room at all
 * @treturn table msghdr
 * @raise as @{socket:recv}
 * @usage local bytes, size, hdr = sock:recvmsg({ iov_len = 512 })
 * print(hdr.name.addr, hdr.name.port)
 */
static int l_recvmsg(lua_State *L)
{
	return luasocket_do(L, &luasocket_recvmsg_call);
}

const luaL_Reg luasocket_msghdr_methods[] = {
	{ "recvmsg", l_recvmsg },
	{ "sendmsg", l_sendmsg },
	{ NULL, NULL }
};
