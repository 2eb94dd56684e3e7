// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Timers for scripts. */

/***
 * Timers.
 * @submodule socket
 */
#include <limits.h>

#include "luasocket.h"

const char luatimer_type[] = "ltimer";

static struct ltimer *check_timer(lua_State *L)
{
	return luadrv_box_check(L, 1, luatimer_type);
}

void luatimer_release(void *object)
{
	ltimer_put(object);
}

/* Times to set a timer to, in ms. */
struct times {
	unsigned int ms;
	unsigned int interval;
};

/* The arguments @arg and, if there is one, @arg + 1. */
static struct times check_times(lua_State *L, int arg)
{
	struct times times = {};

	times.ms = luadrv_check_int(L, arg, 0, INT_MAX, "time in ms");
	if (!lua_isnoneornil(L, arg + 1))
		times.interval = luadrv_check_int(L, arg + 1, 1, INT_MAX, "interval in ms");
	return times;
}

/***
 * Sets the timer, in place of what it was set to. Expiries that were not read
 * are forgotten.
 *
 * Source: an addition to the seed; timerfd_settime(2).
 *
 * @function ltimer:set
 * @tparam integer ms milliseconds from now until it expires; 0: it does at once
 * @tparam[opt] integer interval milliseconds from each expiry to the next;
 *  without it there is only one
 * @treturn ltimer the timer itself
 * @raise error object: `EBADF` when another thread closed it
 * @usage timer:set(100, 20)
 */
static int l_set(lua_State *L)
{
	struct ltimer *t = check_timer(L);
	struct times times = check_times(L, 2);
	int err = ltimer_set(t, times.ms, times.interval);

	if (err)
		return luadrv_raise(L, err, "timer set", NULL);
	lua_settop(L, 1);
	return 1;
}

/***
 * Stops the timer: it does not expire, and expiries that were not read are
 * forgotten. It can be set again.
 *
 * Source: an addition to the seed.
 *
 * @function ltimer:cancel
 * @treturn boolean whether it was set, or had expired and was not read
 * @raise error object: `EBADF` when another thread closed it
 * @usage if timer:cancel() then print("it was set") end
 */
static int l_cancel(lua_State *L)
{
	int res = ltimer_cancel(check_timer(L));

	if (res < 0)
		return luadrv_raise(L, res, "timer cancel", NULL);
	lua_pushboolean(L, res);
	return 1;
}

/***
 * Waits until the timer has expired, and takes note of it: a poll set reports
 * the timer until this is called. Expiries that come together count together;
 * each is read once, by one thread.
 *
 * Source: an addition to the seed; timerfd_create(2), read(2).
 *
 * @function ltimer:read
 * @tparam[opt] integer ms how long to wait, in milliseconds; 0: not at all; nil
 *  or -1: for ever
 * @treturn integer how often it expired since it was set or read last; 0 when
 *  the time is over
 * @raise error object: `EBADF` when another thread closes it
 * @usage local n = timer:read(0)
 */
static int l_read(lua_State *L)
{
	struct ltimer *t = check_timer(L);
	int timeout = luasocket_check_wait(L, 2);
	s64 n;

	luadrv_wait_begin(L, "timer");
	n = ltimer_read(t, timeout);
	luadrv_wait_end(L);
	if (n < 0)
		return luadrv_raise(L, (int)n, "timer read", NULL);
	lua_pushinteger(L, n);
	return 1;
}

/***
 * Ends the timer for everybody: it leaves all poll sets, and whoever waits for
 * it gets an error. Closing it again does nothing.
 *
 * Source: an addition to the seed.
 *
 * @function ltimer:close
 * @return nothing
 * @raise an error when called on anything but a timer
 * @usage timer:close()
 */
static int l_close(lua_State *L)
{
	struct ltimer *t = luadrv_box_close(L, 1, luatimer_type);

	if (t)
		ltimer_close(t);
	return 0;
}

/***
 * The timer as text.
 * @function ltimer:__tostring
 * @treturn string such as `ltimer (set)`; or `not set`, `expired`, `closed`
 * @usage print(timer)
 */
static int l_tostring(lua_State *L)
{
	struct ltimer *t = luadrv_box_test(L, 1, luatimer_type);

	lua_pushfstring(L, "ltimer (%s)", t ? ltimer_status(t) : "closed");
	return 1;
}

/***
 * Whether two values are the same timer, with `==`: one that was received from
 * another thread equals the one that was sent.
 * @function ltimer:__eq
 * @treturn boolean
 * @usage local index, member = poll:select(1000)
 * if member == timer then timer:read() end
 */
static int l_eq(lua_State *L)
{
	void *t = luadrv_box_test(L, 1, luatimer_type);

	lua_pushboolean(L, t && t == luadrv_box_test(L, 2, luatimer_type));
	return 1;
}

static int try_new(lua_State *L, void **box)
{
	struct ltimer *t;
	int err = ltimer_new(luadrv_account_of(L), &t);

	if (!err)
		*box = t;
	return err;
}

/***
 * Makes a timer, which poll sets can watch, as they do sockets and channels,
 * and which can be handed to other threads. Its clock goes forward only,
 * whatever is done to the time of day, and stands while the machine sleeps. A
 * timer that nobody refers to ends.
 *
 * Source: an addition to the seed; timerfd_create(2).
 *
 * @function socket.timer
 * @tparam[opt] integer ms what to set it to, as in @{ltimer:set}; without it, it
 *  is not set
 * @tparam[opt] integer interval as in @{ltimer:set}
 * @treturn ltimer
 * @raise error object: `EMFILE` when the script has 4096 timers, `ENOMEM`
 * @usage local poll, tick = socket.poll{ server }, socket.timer(1000, 1000)
 * poll:add(tick)
 */
int luatimer_new(lua_State *L)
{
	bool set = !lua_isnoneornil(L, 1);
	struct times times = {};
	void **box;
	int err;

	if (set)
		times = check_times(L, 1);
	else if (!lua_isnoneornil(L, 2))
		return luaL_argerror(L, 1, "an interval needs a time in ms");
	box = luadrv_box_new(L, luatimer_type, luatimer_release);
	err = try_new(L, box);
	if (luasocket_collect(L, err))
		err = try_new(L, box);
	if (err == -EMFILE)
		return luadrv_raise(L, err, "timer", "(a script has 4096 timers at most)");
	if (err)
		return luasocket_raise_new(L, err, "timer", NULL);
	if (set)
		ltimer_set(*box, times.ms, times.interval);
	return 1;
}

static const luaL_Reg methods[] = {
	{ "cancel", l_cancel },
	{ "close", l_close },
	{ "read", l_read },
	{ "set", l_set },
	{ NULL, NULL }
};

static const luaL_Reg meta[] = {
	{ "__eq", l_eq },
	{ "__tostring", l_tostring },
	{ NULL, NULL }
};

void luatimer_open(lua_State *L)
{
	luadrv_box_type(L, luatimer_type, methods, meta);
}
