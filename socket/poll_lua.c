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
#include <limits.h>

#include "luasocket.h"
#include "relay.h"
#include "thread/thread_lua.h"
#include "upcall.h"

const char luapoll_type[] = "lpoll";

static struct lpoll *check_poll(lua_State *L)
{
	return luadrv_box_check(L, 1, luapoll_type);
}

/* What can be watched at @idx, NULL if it is closed or something else. */
static struct lpollable *to_pollable(lua_State *L, int idx)
{
	void *object = luadrv_box_test(L, idx, luasocket_type);

	if (object)
		return lsock_pollable(object);
	object = luadrv_box_test(L, idx, lchannel_type);
	if (object)
		return lchannel_pollable(object);
	object = luadrv_box_test(L, idx, luatimer_type);
	if (object)
		return ltimer_pollable(object);
	object = luadrv_box_test(L, idx, luarelay_type);
	if (object)
		return lrelay_pollable(object);
	object = luadrv_box_test(L, idx, luaupcall_type);
	return object ? lupcall_pollable(object) : NULL;
}

/* Whether it is of a type that can be watched. */
static bool is_pollable(lua_State *L, int idx)
{
	return luaL_testudata(L, idx, luasocket_type) ||
	       luaL_testudata(L, idx, lchannel_type) ||
	       luaL_testudata(L, idx, luatimer_type) ||
	       luaL_testudata(L, idx, luarelay_type) ||
	       luaL_testudata(L, idx, luaupcall_type);
}

struct lpollable *luapoll_check_pollable(lua_State *L, int idx)
{
	struct lpollable *object = to_pollable(L, idx);

	if (object)
		return object;
	if (luaL_testudata(L, idx, luatimer_type))
		luadrv_box_check(L, idx, luatimer_type);
	if (luaL_testudata(L, idx, luarelay_type))
		luadrv_box_check(L, idx, luarelay_type);
	luadrv_box_check(L, idx, luasocket_type);
	return NULL;
}

static unsigned int check_events(lua_State *L, int arg)
{
	if (lua_isnoneornil(L, arg))
		return lsock_default_events;
	return luasocket_check_mask(L, arg, lsock_events,
				    lsock_poll_events | lsock_oneshot | lsock_edge,
				    "events");
}

/* Pushes what an error calls the member at @idx: by a socket's address, if it has one. */
static const char *push_member(lua_State *L, int idx)
{
	struct lsock *ls = luadrv_box_test(L, idx, luasocket_type);

	if (ls)
		luasocket_push_target(L, ls, NULL);
	else if (luaL_testudata(L, idx, lchannel_type))
		lua_pushliteral(L, "channel");
	else if (luaL_testudata(L, idx, luatimer_type))
		lua_pushliteral(L, "timer");
	else if (luaL_testudata(L, idx, luarelay_type))
		lua_pushliteral(L, "relay");
	else
		lua_pushnil(L);
	return lua_tostring(L, -1);
}

static int raise_member(lua_State *L, int idx, int err, const char *call)
{
	const char *target = push_member(L, idx);

	if (err != -ENOSPC)
		return luasocket_raise_new(L, err, call, target);
	return luadrv_raise(L, err, call, "%s%s(256 poll sets have it)",
			    target ? target : "", target ? " " : "");
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

int luapoll_add(lua_State *L, int poll, int idx, unsigned int events, unsigned int *slot)
{
	struct lpoll *set = luadrv_box_check(L, poll, luapoll_type);
	struct lpollable *object = luapoll_check_pollable(L, idx);
	int err;

	lua_getuservalue(L, poll);
	err = try_add(L, set, object, events, slot);
	if (luasocket_collect(L, err))
		err = try_add(L, set, object, events, slot);
	if (!err) {
		lua_pushvalue(L, idx);
		lua_rawseti(L, -2, (lua_Integer)*slot + 1);
	}
	lua_pop(L, 1);
	return err;
}

/* The same; gives the slot. */
static unsigned int add_member(lua_State *L, int poll, int idx, unsigned int events)
{
	unsigned int slot;
	int err = luapoll_add(L, poll, idx, events, &slot);

	if (err)
		raise_member(L, idx, err, "poll add");
	return slot;
}

/***
 * Watches one more socket, channel, timer or relay. A channel can be watched for
 * `"r"` (a value waits, or it is closed) and `"w"` (there is room), a timer for
 * `"r"` (it has expired), so can a relay (it is over).
 *
 * A member is reported for as long as it is ready, unless it is told otherwise,
 * with the meaning that epoll(7) gives these words:
 *
 * - `"1"` (`"oneshot"`): it is reported once, and then nothing of it, until
 *   @{lpoll:modify} says again what to watch for
 * - `"e"` (`"et"`), edge-triggered: it is reported when something happens to it,
 *   and then no more until something new happens: so read, or write, until
 *   there is nothing (`EAGAIN`)
 *
 * Source: an addition to the seed, whose sets never change; epoll_ctl(2).
 *
 * @function lpoll:add
 * @tparam luasocket|lchannel|ltimer|lrelay sock
 * @tparam[opt="r"] string|integer events what to watch for: letters `"r"` (or
 *  `"in"`), `"w"` (`"out"`), `"p"` (`"pri"`), `"h"` (`"rdhup"`), and how: `"1"`,
 *  `"e"`; several as `"rw1"` or `"in,oneshot"`, or a sum of `socket.event`
 *  values. Errors and hang-ups are always reported
 * @treturn integer its index: the lowest that is free, from 0
 * @raise error object: `EEXIST` when the set has it already, `EBADF` when
 *  another thread closed it, `ENOSPC` when 256 sets have it, `ENOMEM`
 * @usage poll:add(client, "r1")
 */
static int l_add(lua_State *L)
{
	unsigned int events;

	check_poll(L);
	events = check_events(L, 3);
	lua_settop(L, 2);
	lua_pushinteger(L, add_member(L, 1, 2, events));
	return 1;
}

/***
 * Changes what a member is watched for, and how. If it is ready for that now it
 * is reported, also if it is edge-triggered; a one-shot is watched again.
 *
 * Source: an addition to the seed; epoll_ctl(2).
 *
 * @function lpoll:modify
 * @tparam luasocket|lchannel|ltimer|lrelay sock a member of the set
 * @tparam[opt="r"] string|integer events as in @{lpoll:add}; `""` or 0: errors
 *  and hang-ups only
 * @return nothing
 * @raise error object: `ENOENT` when the set does not have it
 * @usage poll:modify(client, "w1")
 */
static int l_modify(lua_State *L)
{
	struct lpoll *set = check_poll(L);
	struct lpollable *object = luapoll_check_pollable(L, 2);
	unsigned int events = check_events(L, 3);
	int err;

	err = lpoll_modify(set, object, events);
	if (err)
		return raise_member(L, 2, err, "poll modify");
	return 0;
}

/***
 * Watches a member no longer. One that was closed has left already.
 *
 * Source: an addition to the seed; epoll_ctl(2).
 *
 * @function lpoll:remove
 * @tparam luasocket|lchannel|ltimer|lrelay sock
 * @treturn boolean false if it was closed
 * @raise error object: `ENOENT` when the set does not have it
 * @usage poll:remove(client)
 */
static int l_remove(lua_State *L)
{
	struct lpoll *set = check_poll(L);
	struct lpollable *object = to_pollable(L, 2);
	unsigned int slot;
	int err = -EBADF;

	if (!object && !is_pollable(L, 2))
		luaL_checkudata(L, 2, luasocket_type);

	if (object)
		err = lpoll_remove(set, object, &slot);
	if (err && err != -EBADF)
		return raise_member(L, 2, err, "poll remove");
	if (!err) {
		lua_getuservalue(L, 1);
		lua_pushboolean(L, 0);
		lua_rawseti(L, -2, (lua_Integer)slot + 1);
	}
	lua_pushboolean(L, !err);
	return 1;
}

/* Waits for a member of the set at index 1; gives how many results that makes. */
static int wait_for_member(lua_State *L, enum lpoll_turn turn, int timeout)
{
	struct lpoll *set = check_poll(L);
	unsigned int slot, events;
	int res;

	luadrv_wait_begin(L, "select");
	res = lpoll_wait(set, turn, timeout, &slot, &events);
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
 * Waits until a member of the set is ready. Members that stay ready are
 * reported in turn, and what a wait costs does not depend on how many others
 * there are.
 *
 * Source: the seed, which had no time-out and returned the index alone; its
 * document says a socket.
 *
 * @function lpoll:select
 * @tparam[opt] integer ms how long to wait, in milliseconds; 0: not at all;
 *  nil or -1: for ever
 * @treturn integer|nil the member's index, from 0; nil when the time is over
 * @treturn luasocket|lchannel|ltimer|lrelay the member
 * @treturn integer its events, a sum of `socket.event` values
 * @raise an error when it would wait for ever on an empty set
 * @usage local index, sock, events = poll:select(1000)
 * if index == 0 then client = sock:accept() end
 */
static int l_select(lua_State *L)
{
	check_poll(L);
	return wait_for_member(L, LPOLL_ANY, luasocket_check_wait(L, 2));
}

/*
 * What a loop over ready() calls: with the index that it had before, or, the
 * first time, with a negative number that stands for the time-out.
 */
static int l_next_ready(lua_State *L)
{
	lua_Integer at;

	check_poll(L);
	at = luadrv_check_range(L, 2, -2 - (lua_Integer)INT_MAX, INT_MAX, "index");
	if (at >= 0)
		return wait_for_member(L, LPOLL_NEXT, 0);
	return wait_for_member(L, LPOLL_FIRST, (int)(-2 - at));
}

/***
 * Waits until a member of the set is ready, and goes over all that are, for a
 * loop: each is reported once, in turn. What becomes ready meanwhile may be left
 * for the next time. The body may add, modify, remove and close members. This
 * makes no table and no other garbage.
 *
 * Source: an addition to the seed; epoll_wait(2).
 *
 * @function lpoll:ready
 * @tparam[opt] integer ms how long to wait for the first one, in milliseconds;
 *  0: not at all; nil or -1: for ever
 * @treturn function what gives index, member and events, as @{lpoll:select}
 *  does, and nil after the last
 * @treturn lpoll the set
 * @treturn integer what the function is to be called with first
 * @raise in the loop, as @{lpoll:select}
 * @usage for index, sock, events in poll:ready(1000) do serve(sock) end
 */
static int l_ready(lua_State *L)
{
	int timeout;

	check_poll(L);
	timeout = luasocket_check_wait(L, 2);
	lua_pushcfunction(L, l_next_ready);
	lua_pushvalue(L, 1);
	lua_pushinteger(L, -2 - (lua_Integer)timeout);
	return 3;
}

/***
 * Ends the set: it lets go of its members, which stay open. Closing it again
 * does nothing.
 * @function lpoll:close
 * @return nothing
 * @raise an error when called on anything but a poll set
 * @usage poll:close()
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
 * How many members the set has, with `#poll`.
 * @function lpoll:__len
 * @treturn integer
 * @usage while #poll > 0 do poll:remove(client) end
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
 * @usage print(poll)
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
 * Makes a poll set. It keeps its members from being collected, and is the
 * script's, or thread's, own: it cannot be handed to another one.
 *
 * Source: the seed.
 *
 * @function socket.poll
 * @tparam[opt] {luasocket,...} socks sockets, channels, timers to watch for
 *  reading; their indexes are 0, 1, ... in their order
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
		return luasocket_raise_new(L, err, "poll", NULL);
	for (i = 1; i <= n; i++) {
		luadrv_check_stop(L);
		lua_geti(L, 1, i);
		if (!is_pollable(L, 3))
			luaL_argerror(L, 1, lua_pushfstring(L,
				"luasocket expected, got %s as element %I",
				luaL_typename(L, 3), (LUAI_UACINT)i));
		add_member(L, 2, 3, lsock_default_events);
		lua_pop(L, 1);
	}
	return 1;
}

static const luaL_Reg methods[] = {
	{ "add", l_add },
	{ "close", l_close },
	{ "modify", l_modify },
	{ "ready", l_ready },
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
