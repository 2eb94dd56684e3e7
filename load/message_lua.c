// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The message that hooks get: the engine's bytes, and what came with them. It
 * costs nothing until a script looks at it.
 */

/***
 * What hooks that move bytes get: where these are, or go, and what came with them. It is
 * there while the hook runs; afterwards each use raises an error.
 *
 * Its fields can only be read, under the names of C's `struct msghdr`, too (`msg_iov`, ...):
 *
 * - `iov`: an array of one element, which is also at 0, as in C: a table with `iov_base`
 *   (also `base`), a data object, and `iov_len` (also `len`), how many bytes it has. A hook
 *   may write another data object into `iov_base`, or a smaller number into `iov_len`
 * - `iovlen`: 1
 * - `name`: who sent it, or who gets it, `{addr=, port=, family=}`; nil over a connection
 * - `namelen`: how many bytes that has in C; 0: it is nil
 * - `control`: an array of control messages, as @{socket:recvmsg} has them
 * - `controllen`: how many bytes these have in C
 * - `flags`: `MSG_` flags that came with it
 * @classmod lmessage
 */
#include <string.h>

#include "load/load_lua.h"
#include "luadata/data.h"

const char luaload_message_type[] = "lmessage";

/* Its address is where the registry has the state's struct luaload_now. */
static const char now_key;

/* And where it has the metatables by which tables have C's names, too. */
static const char types_key;

/* Indexes of a message's user value */
#define ENGINE	1
#define VIEW	2	/* a data object of the bytes of this call, or of an earlier one */
#define PIECES	3	/* what the field iov gives */

struct luaload_message *luaload_message_new(lua_State *L, int engine)
{
	struct luaload_message *m;

	engine = lua_absindex(L, engine);
	m = lua_newuserdata(L, sizeof(*m));
	m->type = luaload_message_type;
	m->e = NULL;
	m->sock = NULL;
	luaL_setmetatable(L, luaload_message_type);
	lua_createtable(L, PIECES, 0);
	lua_pushvalue(L, engine);
	lua_rawseti(L, -2, ENGINE);
	lua_setuservalue(L, -2);
	return m;
}

/* Scripts cannot make userdata: who has that length and the type's address is a message. */
struct luaload_message *luaload_message_at(lua_State *L, int idx)
{
	struct luaload_message *m = luaport_userdata(L, idx, sizeof(*m));

	if (m && m->type == luaload_message_type)
		return m;
	return luaL_checkudata(L, idx, luaload_message_type);
}

struct luaload_message *luaload_check_message(lua_State *L, int arg)
{
	struct luaload_message *m = luaload_message_at(L, arg);

	if (!m->e || m->hook < LLOAD_HOOK_SENDMSG)
		luaL_argerror(L, arg, "a message is there only while its hook runs");
	return m;
}

struct luaload_now *luaload_get_now(lua_State *L)
{
	struct luaload_now *now;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &now_key);
	now = lua_touserdata(L, -1);
	lua_pop(L, 1);
	return now;
}

void luaload_use_message(lua_State *L, struct luaload_now *now, struct luaload_message *m, int idx)
{
	/* It costs more to set it than to run a short hook. */
	if (now->message == m)
		return;
	idx = lua_absindex(L, idx);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &now_key);
	lua_pushvalue(L, idx);
	lua_setuservalue(L, -2);
	now->message = m;
	lua_pop(L, 1);
}

struct luaload_message *luaload_message_now(lua_State *L)
{
	/* Calls travel to states that have no library. */
	const struct luaload_now *now = luaload_get_now(L);

	return now && now->message && now->message->e ? now->message : NULL;
}

static void release_view(void *object)
{
	ldata_put(object);
}

/* Pushes a data object of the message's bytes; @values is the message's user value. */
static void push_view(lua_State *L, const struct luaload_message *m, int values)
{
	const struct ldata *buffer = lload_buffer(m->e);
	struct ldata *view;
	void **slot;
	int err;

	lua_rawgeti(L, values, VIEW);
	view = luadrv_box_test(L, -1, ldata_type);
	if (view && view->addr == buffer->addr + m->offset && view->size == m->len)
		return;
	lua_pop(L, 1);
	slot = luadrv_box_new(L, ldata_type, release_view);
	err = ldata_segment(buffer, m->offset, m->len, &view);
	if (err)
		luadrv_raise(L, err, "message", "%I bytes (limit: module parameter memory, --memory)",
			     (LUAI_UACINT)m->len);
	*slot = view;
	lua_pushvalue(L, -1);
	lua_rawseti(L, values, VIEW);
}

/* Sets the field @name, and its short form, of the table below the top to the value there, which it pops. */
static void set_both(lua_State *L, const char *name)
{
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, name);
	lua_setfield(L, -2, strchr(name, '_') + 1);
}

static void push_iov(lua_State *L, struct luaload_message *m)
{
	int values;

	lua_getuservalue(L, 1);
	values = lua_gettop(L);
	if (m->looked) {
		lua_rawgeti(L, values, PIECES);
		return;
	}
	lua_createtable(L, 1, 1);
	lua_createtable(L, 0, 4);
	push_view(L, m, values);
	set_both(L, "iov_base");
	lua_pushinteger(L, (lua_Integer)m->len);
	set_both(L, "iov_len");
	lua_pushvalue(L, -1);
	lua_rawseti(L, -3, 0);
	lua_rawseti(L, -2, 1);
	lua_pushvalue(L, -1);
	lua_rawseti(L, values, PIECES);
	m->looked = true;
}

void luaload_message_vec(lua_State *L, int arg, const struct luaload_message *m, struct lsock_vec *vec)
{
	const struct ldata *view;

	vec->base = lload_buffer(m->e)->addr + m->offset;
	vec->len = m->len;
	if (!m->looked)
		return;
	lua_getuservalue(L, arg);
	lua_rawgeti(L, -1, PIECES);
	if (lua_rawgeti(L, -1, 1) != LUA_TTABLE)
		luaL_argerror(L, arg, "iov[1] must be a table");
	lua_pushliteral(L, "iov_len");
	lua_rawget(L, -2);
	lua_pushliteral(L, "iov_base");
	lua_rawget(L, -3);
	view = luadrv_box_test(L, -1, ldata_type);
	if (!view)
		luaL_argerror(L, arg, "iov[1].iov_base must be a data object");
	vec->base = ldata_addr(view);
	vec->len = (size_t)luadrv_field_range(L, -2, 0, (lua_Integer)ldata_size(view), "iov[1].iov_len");
}

void luaload_set_addr(lua_State *L, const struct lsock_addr *addr, int family)
{
	int table = lua_gettop(L);

	luasocket_set_addr(L, table, addr);
	lua_pushinteger(L, family);
	luasocket_raw_setfield(L, table, "family");
}

void luaload_set_type(lua_State *L, const char *name)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &types_key) != LUA_TTABLE) {
		lua_pop(L, 1);
		luadrv_push_library(L, "load.names");
		lua_getfield(L, -1, "metatables");
		lua_remove(L, -2);
		lua_call(L, 0, 1);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &types_key);
	}
	lua_pushstring(L, name);
	lua_rawget(L, -2);
	lua_setmetatable(L, -3);
	lua_pop(L, 1);
}

void luaload_push_addr(lua_State *L, const struct lsock_addr *addr, int family)
{
	lua_createtable(L, 0, 3);
	luaload_set_addr(L, addr, family);
	luaload_set_type(L, "sockaddr");
}

static void push_name(lua_State *L, struct luaload_message *m)
{
	int family = lsock_family(m->sock);

	if (m->addr.len && family)
		luaload_push_addr(L, &m->addr, family);
	else
		lua_pushnil(L);
}

static void push_control(lua_State *L, struct luaload_message *m)
{
	struct lsock_msg received = { .control = m->control, .controllen = m->controllen };

	lua_newtable(L);
	luasocket_push_control(L, lua_gettop(L), &received);
}

static void push_flags(lua_State *L, struct luaload_message *m)
{
	lua_pushinteger(L, m->result);
}

static void push_namelen(lua_State *L, struct luaload_message *m)
{
	lua_pushinteger(L, (lua_Integer)m->addr.len);
}

static void push_controllen(lua_State *L, struct luaload_message *m)
{
	lua_pushinteger(L, (lua_Integer)m->controllen);
}

static void push_iovlen(lua_State *L, struct luaload_message *m)
{
	(void)m;
	lua_pushinteger(L, 1);
}

/* The control message @n, counted from 1. There are few. */
static bool find_cmsg(const struct luaload_message *m, lua_Integer n, struct lsock_cmsg *cmsg)
{
	size_t at = 0;

	while (lsock_cmsg_next(m->control, m->controllen, &at, cmsg))
		if (--n == 0)
			return true;
	return false;
}

/* Pushes the control message @n, behind its number; nothing if there is none. Gives how many values that are. */
static int push_cmsg(lua_State *L, const struct luaload_message *m, lua_Integer n)
{
	struct lsock_cmsg cmsg;

	if (!find_cmsg(m, n, &cmsg))
		return 0;
	lua_pushinteger(L, n);
	luasocket_push_cmsg(L, &cmsg);
	lua_pushinteger(L, cmsg.level);
	lua_setfield(L, -2, "cmsg_level");
	lua_pushinteger(L, cmsg.type);
	lua_setfield(L, -2, "cmsg_type");
	lua_pushlstring(L, cmsg.data, cmsg.len);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "data");
	lua_setfield(L, -2, "cmsg_data");
	lua_pushboolean(L, true);
	lua_setfield(L, -2, "received");
	return 2;
}

static int next_cmsg(lua_State *L)
{
	return push_cmsg(L, luaload_check_message(L, 1), luaL_checkinteger(L, 2) + 1);
}

/***
 * The control messages that came, one after the other. Each is a table as
 * @{socket:recvmsg} has it, and has the fields `cmsg_level`, `cmsg_type` (C's numbers) and
 * `cmsg_data` (its bytes, a string; also `data`).
 * @function lmessage:cmsgs
 * @treturn function for a `for` that gives a number and a control message
 * @raise an error when the hook does not run any more
 * @usage for _, cmsg in msg:cmsgs() do print(cmsg.type, #cmsg.cmsg_data) end
 */
static int l_cmsgs(lua_State *L)
{
	luaload_check_message(L, 1);
	lua_pushcfunction(L, next_cmsg);
	lua_pushvalue(L, 1);
	lua_pushinteger(L, 0);
	return 3;
}

/***
 * The first control message.
 * @function lmessage:cmsg_firsthdr
 * @treturn ?integer its number; nothing if none came
 * @treturn ?table the message, as @{lmessage:cmsgs} gives it
 * @raise an error when the hook does not run any more
 * @usage local _, cmsg = msg:cmsg_firsthdr()
 */
static int l_cmsg_firsthdr(lua_State *L)
{
	struct luaload_message *m = luaload_check_message(L, 1);

	m->cursor = 1;
	return push_cmsg(L, m, 1);
}

/***
 * The control message after the one that @{lmessage:cmsg_firsthdr}, or this function, gave last.
 * @function lmessage:cmsg_nxthdr
 * @treturn ?integer its number; nothing if there are no more
 * @treturn ?table the message, as @{lmessage:cmsgs} gives it
 * @raise an error when the hook does not run any more
 * @usage local _, cmsg = msg:cmsg_nxthdr()
 */
static int l_cmsg_nxthdr(lua_State *L)
{
	struct luaload_message *m = luaload_check_message(L, 1);
	int n = push_cmsg(L, m, (lua_Integer)m->cursor + 1);

	if (n)
		m->cursor++;
	return n;
}

static const luaL_Reg methods[] = {
	{ "cmsg_firsthdr", l_cmsg_firsthdr },
	{ "cmsg_nxthdr", l_cmsg_nxthdr },
	{ "cmsgs", l_cmsgs },
	{ NULL, NULL }
};

static const struct {
	const char *name;
	void (*push)(lua_State *L, struct luaload_message *m);
} fields[] = {
	{ "iov", push_iov },
	{ "iovlen", push_iovlen },
	{ "name", push_name },
	{ "namelen", push_namelen },
	{ "control", push_control },
	{ "controllen", push_controllen },
	{ "flags", push_flags },
	{ NULL, NULL }
};

static int message_index(lua_State *L)
{
	struct luaload_message *m = luaload_check_message(L, 1);
	const char *key = luaL_checkstring(L, 2);
	const luaL_Reg *method;
	int i;

	for (method = methods; method->name; method++) {
		if (!strcmp(key, method->name)) {
			lua_pushcfunction(L, method->func);
			return 1;
		}
	}
	if (!strncmp(key, "msg_", 4))
		key += 4;
	for (i = 0; fields[i].name; i++) {
		if (!strcmp(key, fields[i].name)) {
			fields[i].push(L, m);
			return 1;
		}
	}
	return 0;
}

static int message_newindex(lua_State *L)
{
	return luaL_error(L, "a message's fields cannot be set, only those of iov[1]");
}

static const luaL_Reg meta[] = {
	{ "__index", message_index },
	{ "__newindex", message_newindex },
	{ NULL, NULL }
};

void luaload_message_open(lua_State *L)
{
	struct luaload_now *now;

	/* Whoever runs an engine has the first one. */
	if (!luaload_get_now(L)) {
		now = lua_newuserdata(L, sizeof(*now));
		now->message = NULL;
		lua_rawsetp(L, LUA_REGISTRYINDEX, &now_key);
	}
	luadrv_box_type(L, luaload_message_type, NULL, meta);
}
