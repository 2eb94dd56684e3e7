// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Poll sets for scripts. A set's user value is an array of its members, by
 * slot + 1: it keeps them alive and gives select() the very userdata that were
 * added. Entries are overwritten, never taken out, so that those up to the
 * number of members always exist.
 */

/***
 * Poll sets.
 * @submodule socket
 */
#include "luasocket.h"
#include "thread/thread_lua.h"
#include "upcall.h"

const char luapoll_type[] = "lpoll";

static struct lpoll *check_poll(lua_State *L)
{
	return luadrv_box_check(L, 1, luapoll_type);
}

/* The same, NULL if it is closed; of any other type it raises. */
static struct lpollable *test_pollable(lua_State *L, int idx)
{
	struct lchannel *ch = luadrv_box_test(L, idx, lchannel_type);
	struct lsock *ls;

	if (ch)
		return lchannel_pollable(ch);
	/* Names leave a set when they are closed, and only then. */
	if (luaL_testudata(L, idx, luaupcall_type))
		return NULL;
	ls = luadrv_box_test(L, idx, luasocket_type);
	if (!ls)
		luaL_checkudata(L, idx, luasocket_type);
	return ls ? lsock_pollable(ls) : NULL;
}

struct lpollable *luapoll_check_pollable(lua_State *L, int idx)
{
	struct lchannel *ch = luadrv_box_test(L, idx, lchannel_type);
	struct lupcall *up = luadrv_box_test(L, idx, luaupcall_type);

	if (ch)
		return lchannel_pollable(ch);
	if (up)
		return lupcall_pollable(up);
	return lsock_pollable(luadrv_box_check(L, idx, luasocket_type));
}

static unsigned int check_events(lua_State *L, int arg)
{
	if (lua_isnoneornil(L, arg))
		return lsock_default_events;
	return luasocket_check_mask(L, arg, lsock_events, lsock_poll_events,
				    "events");
}

static int raise_add(lua_State *L, int err)
{
	return luasocket_raise_new(L, err, "poll add");
}

/*
 * Adds @object to @set, whose array of members is on top of the stack. The slot's
 * place in the array is there before the slot is taken, so that nothing can
 * fail in between.
 */
static int try_add(lua_State *L, struct lpoll *set, struct lpollable *object,
		   unsigned int events, unsigned int *slot)
{
	size_t places;

	/* More than once if a finalizer that runs meanwhile adds members too. */
	while ((places = lua_rawlen(L, -1)) <= lpoll_count(set)) {
		lua_pushboolean(L, 0);
		lua_rawseti(L, -2, (lua_Integer)places + 1);
	}
	return lpoll_add(set, object, events, slot);
}

/* Adds the object at stack index @idx to the set at index @poll; gives its slot. */
static unsigned int add_member(lua_State *L, struct lpoll *set, int poll,
			       int idx, unsigned int events)
{
	struct lpollable *object = luapoll_check_pollable(L, idx);
	unsigned int slot;
	int err;

	lua_getuservalue(L, poll);
	err = try_add(L, set, object, events, &slot);
	if (luasocket_collect(L, err))
		err = try_add(L, set, object, events, &slot);
	if (err)
		raise_add(L, err);
	lua_pushvalue(L, idx);
	lua_rawseti(L, -2, (lua_Integer)slot + 1);
	lua_pop(L, 1);
	return slot;
}

/***
 * Watches one more socket or channel. A channel can be watched for `"r"` (a
 * value waits, or it is closed) and `"w"` (there is room).
 * @function lpoll:add
 * @tparam luasocket|lchannel sock
 * @tparam[opt="r"] string|integer events what to watch for: letters `"r"` (or
 *  `"in"`), `"w"` (`"out"`), `"p"` (`"pri"`), `"h"` (`"rdhup"`), several as
 *  `"rw"`, or a sum of `socket.event` values. Errors and hang-ups are always
 *  reported
 * @treturn integer its index: the lowest that is free, from 0
 * @raise error object: `EEXIST` when the set has it already, `ENOMEM`
 */
static int l_add(lua_State *L)
{
	struct lpoll *set = check_poll(L);
	unsigned int events = check_events(L, 3);

	lua_settop(L, 2);
	lua_pushinteger(L, add_member(L, set, 1, 2, events));
	return 1;
}

/***
 * Changes what a socket is watched for.
 * @function lpoll:modify
 * @tparam luasocket sock a member of the set
 * @tparam string|integer events as in @{lpoll:add}; `""` or 0: errors and
 *  hang-ups only
 * @raise error object: `ENOENT` when the set does not have it
 */
static int l_modify(lua_State *L)
{
	struct lpoll *set = check_poll(L);
	struct lpollable *object = luapoll_check_pollable(L, 2);
	unsigned int events = check_events(L, 3);
	int err;

	err = lpoll_modify(set, object, events);
	if (err)
		return luadrv_raise(L, err, "poll modify", NULL);
	return 0;
}

/***
 * Watches a socket no longer. A socket that was closed has left already.
 * @function lpoll:remove
 * @tparam luasocket sock
 * @treturn boolean false if the socket was closed
 * @raise error object: `ENOENT` when the set does not have it
 */
static int l_remove(lua_State *L)
{
	struct lpoll *set = check_poll(L);
	struct lpollable *object = test_pollable(L, 2);
	unsigned int slot;
	int err = -EBADF;

	if (object)
		err = lpoll_remove(set, object, &slot);
	if (err && err != -EBADF)
		return luadrv_raise(L, err, "poll remove", NULL);
	if (!err) {
		lua_getuservalue(L, 1);
		lua_pushboolean(L, 0);
		lua_rawseti(L, -2, (lua_Integer)slot + 1);
	}
	lua_pushboolean(L, !err);
	return 1;
}

/***
 * Waits until a socket of the set is ready. Sockets that stay ready are
 * reported in turn, and what a wait costs does not depend on how many others
 * there are.
 * @function lpoll:select
 * @tparam[opt] integer ms how long to wait, in milliseconds; 0: not at all;
 *  nil or -1: for ever
 * @treturn integer|nil the socket's index, from 0; nil when the time is over
 * @treturn luasocket the socket
 * @treturn integer its events, a sum of `socket.event` values
 * @raise an error when it would wait for ever on an empty set
 * @usage local index, sock, events = poll:select(1000)
 * if index == 0 then client = sock:accept() end
 */
static int l_select(lua_State *L)
{
	struct lpoll *set = check_poll(L);
	int timeout = luasocket_check_wait(L, 2);
	unsigned int slot, events;
	int res;

	luadrv_wait_begin(L, "select");
	res = lpoll_wait(set, timeout, &slot, &events);
	luadrv_wait_end(L);
	if (res == -EDEADLK)
		return luaL_error(L, "poll set is empty");
	if (res < 0)
		return luadrv_raise(L, res, "poll select", NULL);
	if (!res)
		return 0;
	lua_pushinteger(L, slot);
	lua_getuservalue(L, 1);
	lua_rawgeti(L, -1, (lua_Integer)slot + 1);
	lua_remove(L, -2);
	lua_pushinteger(L, events);
	return 3;
}

/***
 * Ends the set: it lets go of its sockets, which stay open. Closing it again
 * does nothing.
 * @function lpoll:close
 */
static int l_close(lua_State *L)
{
	struct lpoll *set = luadrv_box_close(L, 1, luapoll_type);

	if (!set)
		return 0;
	lpoll_close(set);
	lua_pushnil(L);
	lua_setuservalue(L, 1);
	return 0;
}

/***
 * How many sockets the set watches, with `#poll`.
 * @function lpoll:__len
 * @treturn integer
 */
static int l_len(lua_State *L)
{
	lua_pushinteger(L, lpoll_count(check_poll(L)));
	return 1;
}

/***
 * The set as text.
 * @function lpoll:__tostring
 * @treturn string such as `lpoll (3 sockets)`
 */
static int l_tostring(lua_State *L)
{
	struct lpoll *set = luadrv_box_test(L, 1, luapoll_type);

	if (set)
		lua_pushfstring(L, "lpoll (%d sockets)", (int)lpoll_count(set));
	else
		lua_pushliteral(L, "lpoll (closed)");
	return 1;
}

static void release(void *object)
{
	struct lpoll *set = object;

	lpoll_close(set);
	lpoll_put(set);
}

static int try_new(lua_State *L, void **box)
{
	struct lpoll *set;
	int err = lpoll_new(luadrv_account_of(L), &set);

	if (!err)
		*box = set;
	return err;
}

/***
 * Makes a poll set. It keeps its sockets from being collected.
 * @function socket.poll
 * @tparam[opt] {luasocket,...} socks sockets to watch for reading; their
 *  indexes are 0, 1, ... in their order
 * @treturn lpoll
 * @raise error object: `ENOMEM`, `EEXIST` when a socket is there twice
 * @usage local poll = socket.poll{server, client}
 */
int luapoll_new(lua_State *L)
{
	lua_Integer i, n;
	void **box;
	int err;

	if (lua_isnoneornil(L, 1)) {
		lua_settop(L, 0);
		lua_newtable(L);
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	n = luaL_len(L, 1);
	lua_settop(L, 1);
	box = luadrv_box_new(L, luapoll_type, release);
	lua_newtable(L);
	lua_setuservalue(L, 2);
	err = try_new(L, box);
	if (luasocket_collect(L, err))
		err = try_new(L, box);
	if (err)
		return luasocket_raise_new(L, err, "poll");
	for (i = 1; i <= n; i++) {
		luadrv_check_stop(L);
		lua_geti(L, 1, i);
		if (!luaL_testudata(L, 3, luasocket_type) &&
		    !luaL_testudata(L, 3, lchannel_type))
			luaL_argerror(L, 1, lua_pushfstring(L,
				"luasocket expected, got %s as element %I",
				luaL_typename(L, 3), (LUAI_UACINT)i));
		add_member(L, *box, 2, 3, lsock_default_events);
		lua_pop(L, 1);
	}
	return 1;
}

static const luaL_Reg methods[] = {
	{ "add", l_add },
	{ "close", l_close },
	{ "modify", l_modify },
	{ "remove", l_remove },
	{ "select", l_select },
	{ NULL, NULL }
};

static const luaL_Reg meta[] = {
	{ "__len", l_len },
	{ "__tostring", l_tostring },
	{ NULL, NULL }
};

void luapoll_open(lua_State *L)
{
	luadrv_box_type(L, luapoll_type, methods, meta);
}
