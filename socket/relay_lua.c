// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Relays for scripts. */

/***
 * Relays: the kernel moves what arrives at one socket to another one.
 * @submodule socket
 */
#include <limits.h>
#include <string.h>

#include "luasocket.h"
#include "relay.h"

const char luarelay_type[] = "lrelay";

static const char *const reasons[LRELAY_REASONS] = {
	[LRELAY_RUNS] = "running",
	[LRELAY_EOF] = "eof",
	[LRELAY_MOST] = "bytes",
	[LRELAY_IDLE] = "idle",
	[LRELAY_HALF] = "half",
	[LRELAY_TOTAL] = "total",
	[LRELAY_ERROR] = "error",
	[LRELAY_CLOSED] = "closed",
	[LRELAY_STOPPED] = "stopped",
};

static struct lrelay *check_relay(lua_State *L)
{
	return luadrv_box_check(L, 1, luarelay_type);
}

static void release(void *object)
{
	lrelay_close(object);
	lrelay_put(object);
}

/* Pushes how many bytes were moved; gives how many numbers that are. */
static int push_moved(lua_State *L, const struct lrelay_result *result)
{
	unsigned int i;

	for (i = 0; i < result->ways; i++)
		lua_pushinteger(L, (lua_Integer)result->moved[i]);
	return (int)result->ways;
}

/* Pushes what came of a relay; gives how many values that are. */
static int push_result(lua_State *L, struct lrelay *r)
{
	struct lrelay_result result;
	const char *side;
	u64 news;
	int n;

	news = lrelay_news(r);
	luadrv_count_bytes(L, news, news);
	lrelay_result(r, &result);
	n = push_moved(L, &result);
	lua_pushstring(L, reasons[result.reason]);
	if (result.reason != LRELAY_ERROR)
		return n + 1;
	side = result.ways == 1 ? (result.side ? "to" : "from") : result.side ? "b" : "a";
	luadrv_push_error(L, result.err, result.ways == 1 ? "splice" : "relay", "%s", side);
	lua_pushstring(L, side);
	lua_setfield(L, -2, "side");
	return n + 2;
}

/* As lrelay_wait(). Does not raise. */
static int wait_for(lua_State *L, struct lrelay *r, int timeout)
{
	int res;

	luadrv_wait_begin(L, "relay");
	res = lrelay_wait(r, timeout);
	luadrv_wait_end(L);
	return res;
}

static void close_relay(lua_State *L, struct lrelay *r)
{
	luadrv_wait_begin(L, "relay");
	lrelay_close(r);
	luadrv_wait_end(L);
}

/***
 * Waits until the relay is over.
 *
 * Source: an addition to the seed.
 *
 * @function lrelay:wait
 * @tparam[opt] integer ms how long to wait, in milliseconds; 0: not at all; nil
 *  or -1: for ever
 * @return nothing when the time is over; otherwise what @{socket.relay}, or
 *  @{socket.splice}, returns
 * @raise error object: `EINTR`; the relay goes on
 * @usage local up, down, reason = relay:wait(1000)
 */
static int l_wait(lua_State *L)
{
	struct lrelay *r = check_relay(L);
	int res = wait_for(L, r, luasocket_check_wait(L, 2));

	if (res < 0)
		return luadrv_raise(L, res, "relay", NULL);
	return res ? push_result(L, r) : 0;
}

/***
 * Ends the relay, if it is not over. Its sockets stay open and are the script's
 * again; what has not been sent yet can be received from the one where it
 * arrived.
 *
 * Source: an addition to the seed.
 *
 * @function lrelay:stop
 * @return what @{socket.relay}, or @{socket.splice}, returns
 * @raise an error when called on anything but a relay that is not closed
 * @usage local up, down, reason = relay:stop()
 */
static int l_stop(lua_State *L)
{
	struct lrelay *r = check_relay(L);

	luadrv_wait_begin(L, "relay");
	lrelay_stop(r);
	luadrv_wait_end(L);
	return push_result(L, r);
}

/***
 * How many bytes have been moved until now.
 *
 * Source: an addition to the seed.
 *
 * @function lrelay:count
 * @treturn integer from the first socket to the second
 * @treturn ?integer and back, where it has two directions
 * @raise an error when called on anything but a relay that is not closed
 * @usage local up, down = relay:count()
 */
static int l_count(lua_State *L)
{
	struct lrelay_result result;

	lrelay_result(check_relay(L), &result);
	return push_moved(L, &result);
}

/***
 * Ends the relay, and takes it out of all poll sets. A relay that nobody refers
 * to is closed. Closing it again does nothing.
 *
 * Source: an addition to the seed.
 *
 * @function lrelay:close
 * @return nothing
 * @raise an error when called on anything but a relay
 * @usage relay:close()
 */
static int l_close(lua_State *L)
{
	struct lrelay *r = luadrv_box_close(L, 1, luarelay_type);
	u64 news;

	if (!r)
		return 0;
	close_relay(L, r);
	news = lrelay_news(r);
	luadrv_count_bytes(L, news, news);
	return 0;
}

/***
 * The relay as text.
 * @function lrelay:__tostring
 * @treturn string such as `lrelay (running)`; or the reason of its end, or `closed`
 * @usage print(relay)
 */
static int l_tostring(lua_State *L)
{
	struct lrelay *r = luadrv_box_test(L, 1, luarelay_type);
	struct lrelay_result result = { .reason = LRELAY_CLOSED };

	if (r)
		lrelay_result(r, &result);
	lua_pushfstring(L, "lrelay (%s)", reasons[result.reason]);
	return 1;
}

static bool option_is(lua_State *L, const char *key, const char *name)
{
	if (strcmp(key, name) != 0)
		return false;
	if (!lua_isboolean(L, -1))
		luaL_error(L, "%s must be a boolean, not a %s", name, luaL_typename(L, -1));
	return true;
}

static int *limit_of(struct lrelay_opts *opts, const char *key)
{
	return strcmp(key, "idle") == 0 ? &opts->idle :
	       strcmp(key, "total") == 0 ? &opts->total :
	       strcmp(key, "half") == 0 && !opts->oneway ? &opts->half : NULL;
}

/* Takes the option @key, whose value is on top. */
static void set_option(lua_State *L, struct lrelay_opts *opts, const char *key, bool *nowait)
{
	int *limit = limit_of(opts, key);

	if (limit)
		*limit = (int)luadrv_field_range(L, -1, 1, INT_MAX, key);
	else if (opts->oneway && strcmp(key, "bytes") == 0)
		opts->most = luadrv_field_range(L, -1, 1, LUA_MAXINTEGER, key);
	else if (opts->oneway && option_is(L, key, "keep"))
		opts->keep = lua_toboolean(L, -1);
	else if (option_is(L, key, "copy"))
		opts->copy = lua_toboolean(L, -1);
	else if (nowait && option_is(L, key, "nowait"))
		*nowait = lua_toboolean(L, -1);
	else
		luaL_error(L, "unknown option '%s'", key);
}

void luarelay_check_options(lua_State *L, int arg, struct lrelay_opts *opts, bool *nowait)
{
	if (lua_isnoneornil(L, arg))
		return;
	luaL_checktype(L, arg, LUA_TTABLE);
	lua_pushnil(L);
	while (lua_next(L, arg)) {
		luadrv_check_stop(L);
		if (lua_type(L, -2) != LUA_TSTRING)
			luaL_argerror(L, arg, "options have names");
		set_option(L, opts, lua_tostring(L, -2), nowait);
		lua_pop(L, 1);
	}
}

static int try_new(lua_State *L, struct lsock *a, struct lsock *b,
		   const struct lrelay_opts *opts, void **box)
{
	struct lrelay *r;
	int err = lrelay_new(luadrv_account_of(L), a, b, opts, NULL, &r);

	if (!err)
		*box = r;
	return err;
}

static int start(lua_State *L, bool oneway)
{
	const char *call = oneway ? "splice" : "relay";
	struct lsock *a = luadrv_box_check(L, 1, luasocket_type);
	struct lsock *b = luadrv_box_check(L, 2, luasocket_type);
	struct lrelay_opts opts = { .oneway = oneway };
	bool nowait = false;
	void **box;
	int err;

	luasocket_check_stream(L, a, 1, call, "only streams can be relayed");
	luasocket_check_stream(L, b, 2, call, "only streams can be relayed");
	luaL_argcheck(L, a != b || oneway, 2, "another socket expected");
	luarelay_check_options(L, 3, &opts, &nowait);
	lua_settop(L, 3);
	box = luadrv_box_new(L, luarelay_type, release);
	err = try_new(L, a, b, &opts, box);
	if (luasocket_collect(L, err))
		err = try_new(L, a, b, &opts, box);
	if (err)
		return luasocket_raise_new(L, err, call, NULL);
	if (nowait)
		return 1;
	err = wait_for(L, *box, -1);
	close_relay(L, *box);
	if (err < 0)
		return luadrv_raise(L, err, call, NULL);
	return push_result(L, *box);
}

/***
 * Hands two connected streams to the kernel: until both have ended, what
 * arrives at one is sent by the other, without passing through Lua. What had
 * arrived before goes first. Nothing is taken that has not been sent, so a slow
 * reader costs no memory, and whatever ends the relay, no byte is lost.
 *
 * The end of a stream is handed on after all that came before it, and then the
 * other direction goes on alone; a reset, or another failure, is handed on as a
 * reset. The sockets stay open, and calls that would send or receive there get
 * `EBUSY` until the relay is over.
 *
 * The reasons of its end:
 *
 * - `"eof"`: both streams have ended
 * - `"idle"`, `"half"`, `"total"`: a limit was reached
 * - `"error"`: one of the connections failed
 * - `"closed"`: one of the sockets was closed
 * - `"stopped"`: by @{lrelay:stop}
 *
 * Options:
 *
 * - `idle`: milliseconds without a byte in any direction, after which it ends
 * - `half`: milliseconds that it may last when one of the streams has ended
 * - `total`: milliseconds that it may last at all
 * - `copy`: `true`: bytes are always copied; otherwise memory goes from one
 *   socket to the other where the kernel allows that
 * - `nowait`: `true`: the relay itself is returned at once, for
 *   @{lrelay:wait}, or for poll sets
 *
 * Urgent data go in their order with the others. Open files that a Unix peer sends
 * along are closed: bytes are moved, and nothing else.
 *
 * Source: an addition to the seed; setsockopt(SO_SPLICE) of OpenBSD.
 *
 * @function socket.relay
 * @tparam luasocket a a connected stream, `"tcp"` or unix
 * @tparam luasocket b another one
 * @tparam[opt] table opts options
 * @treturn integer|lrelay how many bytes went from a to b; or, with `nowait`, the
 *  relay
 * @treturn integer how many from b to a
 * @treturn string the reason of its end
 * @treturn ?error with `"error"`: what failed; its field `side` is `"a"` or `"b"`
 * @raise error object: `ENOTCONN`; `EBUSY` when one of them is in a relay, or
 *  another thread is in a call with it; `EBADF`, `ENOMEM`; `EINTR`, which ends the
 *  relay
 * @usage local up, down, reason = socket.relay(client, server, { idle = 300000, half = 30000 })
 */
int luarelay_relay(lua_State *L)
{
	return start(L, false);
}

/***
 * Hands one direction to the kernel: what arrives at one stream is sent by
 * another one, until the first has ended. The other direction, if there is one,
 * stays the script's. For the rest it does what @{socket.relay} does, with these
 * options besides:
 *
 * - `bytes`: after how many bytes it ends, with the reason `"bytes"`
 * - `keep`: `true`: neither the end nor the failure of the first stream is handed
 *   on, so that the script can send more
 *
 * and without `half`. When the second stream fails, the first is left as it is.
 *
 * Source: an addition to the seed; setsockopt(SO_SPLICE) of OpenBSD.
 *
 * @function socket.splice
 * @tparam luasocket from a connected stream
 * @tparam luasocket to another one; or the same, for an echo
 * @tparam[opt] table opts options
 * @treturn integer|lrelay how many bytes went; or, with `nowait`, the relay
 * @treturn string the reason of its end
 * @treturn ?error with `"error"`: what failed; its field `side` is `"from"` or `"to"`
 * @raise as @{socket.relay}
 * @usage local n = socket.splice(server, client, { bytes = length, keep = true })
 */
int luarelay_splice(lua_State *L)
{
	return start(L, true);
}

static const luaL_Reg methods[] = {
	{ "close", l_close },
	{ "count", l_count },
	{ "stop", l_stop },
	{ "wait", l_wait },
	{ NULL, NULL }
};

static const luaL_Reg meta[] = {
	{ "__tostring", l_tostring },
	{ NULL, NULL }
};

void luarelay_open(lua_State *L)
{
	luadrv_box_type(L, luarelay_type, methods, meta);
}
