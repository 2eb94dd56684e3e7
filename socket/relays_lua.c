// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Sets of relays for scripts. */

/***
 * Sets of relays, to which scripts give connections away.
 * @submodule socket
 */
#include "luasocket.h"
#include "relay.h"

const char luarelays_type[] = "lrelays";

static struct lrelay_set *check_set(lua_State *L)
{
	return luadrv_box_check(L, 1, luarelays_type);
}

static void release(void *object)
{
	lrelay_set_free(object);
}

static void count_news(lua_State *L, struct lrelay_set *set)
{
	u64 news = lrelay_set_news(set);

	luadrv_count_bytes(L, news, news);
}

/***
 * Gives two connected streams away: the kernel moves what arrives at each of them
 * to the other, as @{socket.relay} does, and closes both when that is over. To the
 * script they are closed from now on, and they leave all poll sets. What it is told
 * of them is in @{lrelays:count}. TCP gets the option `nodelay`.
 *
 * Source: an addition to the seed.
 *
 * @function lrelays:add
 * @tparam luasocket a a connected stream, `"tcp"` or unix
 * @tparam luasocket b another one
 * @return nothing
 * @raise error object, with the sockets left as they were: `ENOTCONN`; `EBUSY` when
 *  one of them is in a relay, or another thread is in a call with it; `EBADF`, `ENOMEM`
 * @usage tunnels:add(client, server)
 */
static int l_add(lua_State *L)
{
	struct lrelay_set *set = check_set(L);
	struct lsock *a = luadrv_box_check(L, 2, luasocket_type);
	struct lsock *b = luadrv_box_check(L, 3, luasocket_type);
	int err;

	luasocket_check_stream(L, a, 2, "relay", "only streams can be relayed");
	luasocket_check_stream(L, b, 3, "relay", "only streams can be relayed");
	luaL_argcheck(L, a != b, 3, "another socket expected");
	err = lrelay_set_add(set, a, b);
	if (luasocket_collect(L, err)) {
		/* A finalizer may have closed it. */
		check_set(L);
		err = lrelay_set_add(set, a, b);
	}
	if (err)
		return luasocket_raise_new(L, err, "relay", NULL);
	luadrv_box_close(L, 2, luasocket_type);
	luadrv_box_close(L, 3, luasocket_type);
	return 0;
}

/***
 * What the relays of the set have done until now.
 *
 * Source: an addition to the seed.
 *
 * @function lrelays:count
 * @treturn integer bytes from the first sockets to the second
 * @treturn integer bytes back
 * @treturn integer how many relays are over
 * @raise an error when called on anything but a set that is not closed
 * @usage local up, down, over = tunnels:count()
 */
static int l_count(lua_State *L)
{
	struct lrelay_set *set = check_set(L);
	struct lrelay_set_result result;

	count_news(L, set);
	lrelay_set_result(set, &result);
	lua_pushinteger(L, (lua_Integer)result.moved[0]);
	lua_pushinteger(L, (lua_Integer)result.moved[1]);
	lua_pushinteger(L, (lua_Integer)result.ended);
	return 3;
}

/***
 * How many relays are not over.
 *
 * Source: an addition to the seed.
 *
 * @function lrelays:__len
 * @treturn integer
 * @raise an error when called on anything but a set that is not closed
 * @usage while #tunnels >= 1000 do kernel.sleep(20) end
 */
static int l_len(lua_State *L)
{
	lua_pushinteger(L, lrelay_set_count(check_set(L)));
	return 1;
}

/***
 * Ends all relays of the set, and closes their sockets. So does forgetting the set,
 * and the end of the script. Closing it again does nothing.
 *
 * Source: an addition to the seed.
 *
 * @function lrelays:close
 * @return nothing
 * @raise an error when called on anything but a set
 * @usage tunnels:close()
 */
static int l_close(lua_State *L)
{
	struct lrelay_set *set = luadrv_box_close(L, 1, luarelays_type);

	if (!set)
		return 0;
	luadrv_wait_begin(L, "relay");
	lrelay_set_close(set);
	luadrv_wait_end(L);
	count_news(L, set);
	return 0;
}

/***
 * The set as text.
 * @function lrelays:__tostring
 * @treturn string such as `lrelays (12)`; or `closed`
 * @usage print(tunnels)
 */
static int l_tostring(lua_State *L)
{
	struct lrelay_set *set = luadrv_box_test(L, 1, luarelays_type);

	if (set)
		lua_pushfstring(L, "lrelays (%d)", (int)lrelay_set_count(set));
	else
		lua_pushliteral(L, "lrelays (closed)");
	return 1;
}

/***
 * Makes a set of relays: a script gives it pairs of connections by @{lrelays:add},
 * and is done with them.
 *
 * Source: an addition to the seed.
 *
 * @function socket.relays
 * @tparam[opt] table opts for all of them, as of @{socket.relay}: `idle`, `half`,
 *  `total`, `copy`
 * @treturn lrelays
 * @raise error object: `ENOMEM`
 * @usage local tunnels = socket.relays{ idle = 900000, half = 60000 }
 */
int luarelays_new(lua_State *L)
{
	struct lrelay_opts opts = {};
	struct lrelay_set *set;
	void **box;

	luarelay_check_options(L, 1, &opts, NULL);
	lua_settop(L, 1);
	box = luadrv_box_new(L, luarelays_type, release);
	set = lrelay_set_new(luadrv_account_of(L), &opts);
	if (!set && luasocket_collect(L, -ENOMEM))
		set = lrelay_set_new(luadrv_account_of(L), &opts);
	if (!set)
		return luasocket_raise_new(L, -ENOMEM, "relays", NULL);
	*box = set;
	return 1;
}

static const luaL_Reg methods[] = {
	{ "add", l_add },
	{ "close", l_close },
	{ "count", l_count },
	{ NULL, NULL }
};

static const luaL_Reg meta[] = {
	{ "__len", l_len },
	{ "__tostring", l_tostring },
	{ NULL, NULL }
};

void luarelays_open(lua_State *L)
{
	luadrv_box_type(L, luarelays_type, methods, meta);
}
