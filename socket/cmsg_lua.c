// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Control messages: arrays of tables that scripts see, and the bytes that the
 * kernel sees. An element is
 *
 *	level	a word of socket.level, or a number
 *	type	a word of lsock_cmsg_types, or a number
 *	...	its fields; or data, a string, where they are not known
 *
 * With data that came from the kernel there is also received, which is true: it is
 * not sent. What has fields tells by its type whether it only comes.
 */
#include <string.h>

#include "luasocket.h"

/* For numbers of the kernel that have no word. */
#define MAX_NUMBER	0x7fffffff
/* Each has a header of 16 bytes. */
#define MAX_ELEMENTS	(LSOCK_MAX_CONTROL / 16)

/**
 * struct building - control messages that are being put together
 * @m: the message that they go with
 * @slot: stack index of the memory that they are in
 * @room: how much that is
 * @i: which of them is at work, counted from 1
 */
struct building {
	struct lsock_msg *m;
	int slot;
	size_t room;
	int i;
};

void luasocket_control_room(lua_State *L, int hdr, struct lsock_msg *m)
{
	size_t room = 0;

	if (lua_getfield(L, hdr, "controllen") != LUA_TNIL)
		room = (size_t)luadrv_field_range(L, -1, 1, LSOCK_MAX_CONTROL, "msghdr.controllen");
	if (lua_getfield(L, hdr, "control") != LUA_TNIL) {
		if (!lua_istable(L, -1))
			luaL_error(L, "msghdr.control must be a table, not a %s", luaL_typename(L, -1));
		if (!room)
			room = LSOCK_CONTROL_ROOM;
	}
	lua_pop(L, 2);
	if (!room)
		return;
	m->control = lua_newuserdata(L, room);
	m->controllen = room;
}

static void push_level(lua_State *L, int level)
{
	const struct lsock_name *n;

	for (n = lsock_levels; n->name; n++) {
		if (n->value == level) {
			lua_pushstring(L, n->name);
			return;
		}
	}
	lua_pushinteger(L, level);
}

/* Sets the field of the table on top; what is not there stays nil. */
static void push_field(lua_State *L, const struct lsock_cmsg *cmsg,
		       const struct lsock_cmsg_field *field)
{
	struct lsock_addr addr;
	char host[LSOCK_HOST_SIZE];
	int len;
	s64 num;

	if (lsock_cmsg_family(field) >= 0) {
		lsock_cmsg_addr(cmsg, field, &addr);
		len = lsock_addr_host(&addr, luadrv_net_of(L), host);
		if (len < 0)
			return;
		lua_pushlstring(L, host, len);
	} else {
		num = lsock_cmsg_num(cmsg, field);
		if (!num && (field->kind == LSOCK_CMSG_TIMEVAL || field->kind == LSOCK_CMSG_TIMESPEC))
			return;
		lua_pushinteger(L, num);
	}
	lua_setfield(L, -2, field->name);
}

void luasocket_push_cmsg(lua_State *L, const struct lsock_cmsg *cmsg)
{
	const struct lsock_cmsg_field *field;

	lua_createtable(L, 0, 4);
	push_level(L, cmsg->level);
	lua_setfield(L, -2, "level");
	if (!cmsg->known) {
		lua_pushinteger(L, cmsg->type);
		lua_setfield(L, -2, "type");
		lua_pushlstring(L, cmsg->data, cmsg->len);
		lua_setfield(L, -2, "data");
		lua_pushboolean(L, true);
		lua_setfield(L, -2, "received");
		return;
	}
	lua_pushstring(L, cmsg->known->name);
	lua_setfield(L, -2, "type");
	for (field = cmsg->known->fields; field->name; field++)
		push_field(L, cmsg, field);
}

/* Clears what an earlier message left in the table on top, behind @n. Its length may be anything, and no bound. */
static void clear_behind(lua_State *L, lua_Integer n)
{
	while (lua_rawgeti(L, -1, ++n) != LUA_TNIL) {
		luadrv_check_stop(L);
		lua_pop(L, 1);
		lua_pushnil(L);
		lua_rawseti(L, -2, n);
	}
	lua_pop(L, 1);
}

void luasocket_push_control(lua_State *L, int hdr, const struct lsock_msg *m)
{
	struct lsock_cmsg cmsg;
	lua_Integer n = 0;
	size_t at = 0;

	lua_pushliteral(L, "control");
	if (lua_rawget(L, hdr) != LUA_TTABLE)
		lua_newtable(L);
	while (lsock_cmsg_next(m->control, m->controllen, &at, &cmsg)) {
		luasocket_push_cmsg(L, &cmsg);
		lua_rawseti(L, -2, ++n);
	}
	clear_behind(L, n);
}

static const struct lsock_cmsg_type *find_type(int level, int type, const char *name)
{
	const struct lsock_cmsg_type *known;

	for (known = lsock_cmsg_types; known->name; known++)
		if (known->level == level &&
		    (name ? !strcmp(known->name, name) : known->type == type))
			return known;
	return NULL;
}

/* Raises if the message is one that no script can send. */
static void check_allowed(lua_State *L, const struct building *b, int level, int type,
			  const char *name)
{
	const struct lsock_cmsg_refusal *r;

	for (r = lsock_cmsg_refused; r->name; r++)
		if (r->level == level && (name ? !strcmp(r->name, name) : r->type == type))
			luaL_error(L, "msghdr.control[%d] cannot be sent: %s", b->i, r->reason);
}

/* Level and type of the element on top. */
static void check_type(lua_State *L, const struct building *b, struct lsock_cmsg *cmsg)
{
	const char *name = NULL;

	lua_getfield(L, -1, "level");
	cmsg->level = luasocket_field_name(L, -1, lsock_levels, MAX_NUMBER, "msghdr.control level");
	lua_getfield(L, -2, "type");
	cmsg->type = -1;
	if (lua_type(L, -1) == LUA_TSTRING)
		name = lua_tostring(L, -1);
	else
		cmsg->type = (int)luadrv_field_range(L, -1, 0, MAX_NUMBER, "msghdr.control type");
	check_allowed(L, b, cmsg->level, cmsg->type, name);
	cmsg->known = find_type(cmsg->level, cmsg->type, name);
	if (!cmsg->known && name)
		luaL_error(L, "msghdr.control[%d]: invalid type name '%s'", b->i, name);
	if (cmsg->known)
		cmsg->type = cmsg->known->type;
	lua_pop(L, 2);
}

/* Makes room for the message, in a larger memory if it must be. */
static void add(lua_State *L, struct building *b, struct lsock_cmsg *cmsg)
{
	struct lsock_msg *m = b->m;
	void *larger;

	if (!lsock_cmsg_add(m->control, b->room, &m->controllen, cmsg))
		return;
	if (b->room < LSOCK_MAX_CONTROL) {
		larger = lua_newuserdata(L, LSOCK_MAX_CONTROL);
		memcpy(larger, m->control, m->controllen);
		m->control = larger;
		b->room = LSOCK_MAX_CONTROL;
		lua_replace(L, b->slot);
	}
	if (lsock_cmsg_add(m->control, b->room, &m->controllen, cmsg))
		luaL_error(L, "msghdr.control has more than %d bytes", LSOCK_MAX_CONTROL);
}

static void set_addr(lua_State *L, const struct building *b, struct lsock_cmsg *cmsg,
		     const struct lsock_cmsg_field *field)
{
	struct lsock_host host = { 0 };
	struct lsock_addr addr;

	if (lua_type(L, -1) == LUA_TSTRING)
		host.text = lua_tolstring(L, -1, &host.len);
	if (!host.text || lsock_addr_parse(&addr, lsock_cmsg_family(field), luadrv_net_of(L), &host))
		luaL_error(L, "msghdr.control[%d].%s must be an address", b->i, field->name);
	lsock_cmsg_set_addr(cmsg, field, &addr);
}

/* Takes the field's value from the top of the stack. Only a single one must be there. */
static void set_field(lua_State *L, const struct building *b, struct lsock_cmsg *cmsg,
		      const struct lsock_cmsg_field *field)
{
	s64 max = lsock_cmsg_max(field);

	if (lua_isnil(L, -1) && strcmp(field->name, "value"))
		return;
	if (lsock_cmsg_family(field) >= 0) {
		set_addr(L, b, cmsg, field);
		return;
	}
	if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0 || lua_tointeger(L, -1) > max)
		luaL_error(L, "msghdr.control[%d].%s must be in 0..%I", b->i, field->name,
			   (LUAI_UACINT)max);
	lsock_cmsg_set_num(cmsg, field, lua_tointeger(L, -1));
}

/* Appends the element at stack index @at. */
static void add_element(lua_State *L, struct building *b, int at)
{
	const struct lsock_cmsg_field *field;
	struct lsock_cmsg cmsg;
	const char *data;

	/* A header that recvmsg() made may be sent on: what only comes is no request. */
	lua_getfield(L, at, "received");
	if (lua_toboolean(L, -1))
		return;
	lua_pop(L, 1);
	check_type(L, b, &cmsg);
	if (lua_getfield(L, at, "data") != LUA_TNIL) {
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "msghdr.control[%d].data must be a string", b->i);
		data = lua_tolstring(L, -1, &cmsg.len);
		add(L, b, &cmsg);
		memcpy(cmsg.data, data, cmsg.len);
		return;
	}
	if (!cmsg.known)
		luaL_error(L, "msghdr.control[%d].data is missing", b->i);
	if (!cmsg.known->sends)
		return;
	cmsg.len = cmsg.known->size;
	add(L, b, &cmsg);
	for (field = cmsg.known->fields; field->name; field++) {
		lua_getfield(L, at, field->name);
		set_field(L, b, &cmsg, field);
		lua_pop(L, 1);
	}
}

void luasocket_check_control(lua_State *L, int hdr, struct lsock_msg *m)
{
	int control = lua_gettop(L) + 1;
	struct building b = { .m = m, .slot = control + 1, .room = LSOCK_CONTROL_ROOM };

	if (lua_getfield(L, hdr, "control") == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	if (!lua_istable(L, control))
		luaL_error(L, "msghdr.control must be a table, not a %s", luaL_typename(L, control));
	m->control = lua_newuserdata(L, b.room);
	for (b.i = 1; lua_rawgeti(L, control, b.i) != LUA_TNIL; b.i++) {
		if (b.i > MAX_ELEMENTS)
			luaL_error(L, "msghdr.control has more than %d elements", MAX_ELEMENTS);
		if (!lua_istable(L, -1))
			luaL_error(L, "msghdr.control[%d] must be a table, not a %s", b.i,
				   luaL_typename(L, -1));
		add_element(L, &b, b.slot + 1);
		lua_settop(L, b.slot);
	}
	lua_settop(L, b.slot);
	if (!m->controllen)
		m->control = NULL;
}
