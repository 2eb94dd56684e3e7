// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Methods of sockets for their options; what options there are is in opt.c. */

/***
 * Options.
 * @submodule socket
 */
#include <limits.h>
#include <string.h>

#include "luasocket.h"

static struct lsock *check_socket(lua_State *L)
{
	return luadrv_box_check(L, 1, luasocket_type);
}

/* The option that the arguments 2 and 3 name; raises as @call if there is none. */
static const struct lsock_opt *check_option(lua_State *L, const char *call)
{
	int level = luasocket_check_name(L, 2, lsock_levels, INT_MAX, "level");
	const struct lsock_opt *opt;
	const char *name;
	size_t len;
	int number;

	if (lua_type(L, 3) == LUA_TNUMBER) {
		number = luadrv_check_int(L, 3, 0, INT_MAX, "option");
		opt = lsock_opt_numbered(level, number);
		if (!opt)
			luadrv_raise(L, -ENOPROTOOPT, call, "level %d option %d",
				     level, number);
		return opt;
	}

	name = luaL_checklstring(L, 3, &len);
	opt = lsock_opt_named(level, name, len);
	if (!opt)
		luaL_argerror(L, 3, lua_pushfstring(L, "invalid option name '%s'",
						    name));
	return opt;
}

static void check_linger(lua_State *L, struct lsock_optval *val)
{
	if (lua_isboolean(L, 4) && !lua_toboolean(L, 4)) {
		*val = (struct lsock_optval){ 0, false };
		return;
	}
	if (!lua_istable(L, 4)) {
		val->num = luadrv_check_int(L, 4, 0, INT_MAX, "linger");
		val->on = true;
		return;
	}
	if (lua_getfield(L, 4, "onoff") == LUA_TNIL)
		lua_geti(L, 4, 1);
	val->on = lua_isboolean(L, -1) ? lua_toboolean(L, -1) :
		  luadrv_field_range(L, -1, 0, 1, "linger.onoff");
	if (lua_getfield(L, 4, "linger") == LUA_TNIL)
		lua_geti(L, 4, 2);
	val->num = lua_isnil(L, -1) ? 0 :
		   luadrv_field_range(L, -1, 0, INT_MAX, "linger.linger");
}

static void check_value(lua_State *L, const struct lsock_opt *opt,
			struct lsock_optval *val)
{
	switch (opt->kind) {
	case LSOCK_OPT_LINGER:
		check_linger(L, val);
		return;
	case LSOCK_OPT_MS:
		val->num = lua_isnil(L, 4) ? 0 :
			   luadrv_check_int(L, 4, 0, INT_MAX, opt->name);
		return;
	case LSOCK_OPT_UINT:
		val->num = luadrv_check_range(L, 4, 0, UINT_MAX, opt->name);
		return;
	default:
		val->num = lua_isboolean(L, 4) ? lua_toboolean(L, 4) :
			   luadrv_check_int(L, 4, INT_MIN, INT_MAX, opt->name);
		return;
	}
}

/***
 * Sets an option of the socket. Options, by level:
 *
 * - `"socket"`/`"s"`: `broadcast`/`b`, `debug`/`d`, `dontroute`/`dt`,
 *   `keepalive`/`k`, `linger`/`l`, `no_check`/`n`, `oobinline`/`o`,
 *   `priority`/`p`, `rcvbuf`/`r`, `rcvbufforce`/`rf`, `reuseaddr`/`ra`,
 *   `reuseport`/`rp`, `sndbuf`/`s`, `sndbufforce`/`sf`, `incoming_cpu`, `mark`,
 *   `rcvlowat`, `rcvtimeo`, `sndtimeo`; only to be read: `error`/`e`,
 *   `type`/`t`, `acceptconn`, `domain`, `protocol`
 * - `"tcp"`/`"t"`: `nodelay`, `cork`, `keepidle`, `keepintvl`, `keepcnt`,
 *   `maxseg`, `notsent_lowat`, `quickack`, `syncnt`, `user_timeout`,
 *   `window_clamp`
 * - `"ip"`/`"i"`: `tos`, `ttl`, `mtu_discover`
 *
 * @function socket:setsockopt
 * @tparam string|integer level name, letter or number (`socket.level`)
 * @tparam string|integer option name, letters or number (`socket.optname`)
 * @tparam integer|boolean|table value an integer or, for what is on or off, a
 *  boolean. `rcvtimeo`, `sndtimeo`: milliseconds, 0 for no limit. `linger`: the
 *  seconds that close() waits for unsent data (0: it resets the connection),
 *  false for off, or a table `{onoff=, linger=}` or `{onoff, linger}`
 * @raise error object of setsockopt(2), as `EINVAL`, `EPERM`, `ENOPROTOOPT`
 * @usage server:setsockopt("socket", "reuseaddr", true)
 * client:setsockopt("tcp", "nodelay", 1)
 */
static int l_setsockopt(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	const struct lsock_opt *opt = check_option(L, "setsockopt");
	struct lsock_optval val = {};
	int err;

	luaL_checkany(L, 4);
	check_value(L, opt, &val);
	err = lsock_setsockopt(ls, opt, &val);
	if (err)
		return luadrv_raise(L, err, "setsockopt", "%s", opt->name);
	return 0;
}

/***
 * Reads an option of the socket; see @{socket:setsockopt} for which there are.
 * @function socket:getsockopt
 * @tparam string|integer level name, letter or number (`socket.level`)
 * @tparam string|integer option name, letters or number (`socket.optname`)
 * @treturn integer|table an integer, 0 or 1 for what is off or on; `linger`: a
 *  table with the fields `onoff` (0 or 1) and `linger` (seconds); `error`: the
 *  errno of what went wrong since it was read last, or 0
 * @raise error object: `EOPNOTSUPP` when it can only be set, `ENOPROTOOPT`
 * @usage local err = sock:getsockopt("socket", "error")
 */
static int l_getsockopt(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	const struct lsock_opt *opt = check_option(L, "getsockopt");
	struct lsock_optval val;
	int err;

	err = lsock_getsockopt(ls, opt, &val);
	if (err)
		return luadrv_raise(L, err, "getsockopt", "%s", opt->name);
	if (opt->kind == LSOCK_OPT_LINGER) {
		lua_createtable(L, 0, 2);
		lua_pushinteger(L, val.on);
		lua_setfield(L, -2, "onoff");
		lua_pushinteger(L, val.num);
		lua_setfield(L, -2, "linger");
	} else {
		lua_pushinteger(L, val.num);
	}
	return 1;
}

void luasocket_push_options(lua_State *L)
{
	const struct lsock_opt *opt;

	lua_newtable(L);
	for (opt = lsock_opts; opt->optname >= 0; opt++) {
		lua_pushinteger(L, opt->optname);
		lua_setfield(L, -2, opt->name);
	}
}

const luaL_Reg luasocket_opt_methods[] = {
	{ "getsockopt", l_getsockopt },
	{ "setsockopt", l_setsockopt },
	{ NULL, NULL }
};
