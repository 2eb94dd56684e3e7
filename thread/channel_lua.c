// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Channels for scripts. */

/***
 * Channels.
 * @submodule thread
 */
#include "socket/luasocket.h"
#include "thread/thread_lua.h"

const char lchannel_type[] = "lchannel";

static struct lchannel *check_channel(lua_State *L)
{
	return luadrv_box_check(L, 1, lchannel_type);
}

void lchannel_release(void *object)
{
	lchannel_put(object);
}

/***
 * Sends a copy of a value: to whoever receives it first. What can be copied is
 * told at @{thread.spawn}.
 * @function lchannel:send
 * @param value any value
 * @tparam[opt] integer ms how long to wait for room, in milliseconds; 0: not
 *  at all; nil or -1: for ever
 * @treturn boolean false when there was no room in time
 * @raise an error that names what cannot be copied; error object: `EPIPE` when
 *  the channel is closed, `ENOMEM`
 * @usage jobs:send{ host = "10.0.0.1", port = 80 }
 */
static int l_send(lua_State *L)
{
	struct lchannel *ch = check_channel(L);
	int timeout = luasocket_check_wait(L, 3);
	void **slot;
	int err;

	luaL_checkany(L, 2);
	slot = lthread_pack(L, 2, 1, "the value", 0);
	luadrv_wait_begin(L, "send");
	err = lchannel_send(ch, *slot, timeout);
	if (!err)
		*slot = NULL;
	luadrv_wait_end(L);
	if (err && err != -EAGAIN)
		return luadrv_raise(L, err, "send", NULL);
	lua_pushboolean(L, !err);
	return 1;
}

/***
 * Receives the value that was sent first. Each value is received once.
 * @function lchannel:receive
 * @tparam[opt] integer ms how long to wait for one, in milliseconds; 0: not at
 *  all; nil or -1: for ever
 * @return the value; nil when there is none
 * @treturn ?string why there is none: `"timeout"`, or `"closed"` when the
 *  channel is closed and empty
 * @raise an error when the script has no memory for the value
 * @usage local job, why = jobs:receive(1000)
 */
static int l_receive(lua_State *L)
{
	struct lchannel *ch = check_channel(L);
	int timeout = luasocket_check_wait(L, 2);
	void **slot = lthread_push_parcel(L);
	struct lparcel *parcel;
	int err;

	luadrv_wait_begin(L, "receive");
	err = lchannel_receive(ch, timeout, &parcel);
	if (!err)
		*slot = parcel;
	luadrv_wait_end(L);
	if (err == -EAGAIN || err == -EPIPE) {
		lua_pushnil(L);
		lua_pushstring(L, err == -EPIPE ? "closed" : "timeout");
		return 2;
	}
	if (err)
		return luadrv_raise(L, err, "receive", NULL);
	return lthread_unpack(L, *slot);
}

/***
 * Closes the channel for everybody: nothing more can be sent. What is in it
 * can still be received. Closing it again does nothing.
 * @function lchannel:close
 * @return nothing
 * @raise an error when called on anything but a channel
 * @usage jobs:close()
 * local last = jobs:receive()
 */
static int l_close(lua_State *L)
{
	lchannel_close(check_channel(L));
	return 0;
}

/***
 * How many values wait in the channel, with `#channel`.
 * @function lchannel:__len
 * @treturn integer
 * @usage print(#jobs .. " jobs wait")
 */
static int l_len(lua_State *L)
{
	unsigned int room;

	lua_pushinteger(L, lchannel_count(check_channel(L), &room));
	return 1;
}

/***
 * The channel as text.
 * @function lchannel:__tostring
 * @treturn string such as `lchannel (3 of 16 values)`
 * @usage print(jobs)
 */
static int l_tostring(lua_State *L)
{
	unsigned int room, count = lchannel_count(check_channel(L), &room);

	lua_pushfstring(L, "lchannel (%d of %d values)", (int)count, (int)room);
	return 1;
}

/***
 * Whether two values are the same channel, with `==`: one that was received
 * from another state equals the one that was sent.
 * @function lchannel:__eq
 * @treturn boolean
 * @usage local same = jobs == jobs
 */
static int l_eq(lua_State *L)
{
	void *ch = luadrv_box_test(L, 1, lchannel_type);

	lua_pushboolean(L, ch && ch == luadrv_box_test(L, 2, lchannel_type));
	return 1;
}

static int try_new(lua_State *L, unsigned int room, void **slot)
{
	struct lchannel *ch;
	int err = lchannel_new(luadrv_account_of(L), room, &ch);

	if (!err)
		*slot = ch;
	return err;
}

/***
 * Makes a channel: a queue of values between threads. It can be sent to other
 * threads itself, and all who have it see the same queue. Poll sets can watch
 * it, as they do sockets.
 * @function thread.channel
 * @tparam[opt=1] integer n how many values it holds, 1 to 65536
 * @treturn lchannel
 * @raise error object: `ENOMEM`
 * @usage local jobs = thread.channel(16)
 */
int lchannel_create(lua_State *L)
{
	int room = 1;
	void **slot;
	int err;

	if (!lua_isnoneornil(L, 1))
		room = luadrv_check_int(L, 1, 1, LCHANNEL_MAX_ROOM, "number of values");
	slot = luadrv_box_new(L, lchannel_type, lchannel_release);
	err = try_new(L, room, slot);
	if (luasocket_collect(L, err))
		err = try_new(L, room, slot);
	if (err)
		return luasocket_raise_new(L, err, "channel", NULL);
	return 1;
}

static const luaL_Reg methods[] = {
	{ "close", l_close },
	{ "receive", l_receive },
	{ "send", l_send },
	{ NULL, NULL }
};

static const luaL_Reg meta[] = {
	{ "__eq", l_eq },
	{ "__len", l_len },
	{ "__tostring", l_tostring },
	{ NULL, NULL }
};

void lchannel_open(lua_State *L)
{
	luadrv_box_type(L, lchannel_type, methods, meta);
}
