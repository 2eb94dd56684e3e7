// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The library os, as far as the kernel has what it asks for. */

/***
 * The library os, as far as the kernel has what it asks for.
 * @module os
 */
#include "lua.h"
#include "lauxlib.h"
#include "lualib.h"

#define NSEC_PER_SEC 1000000000

/***
 * The time, in seconds since 1970 (UTC).
 * @function os.time
 * @treturn integer
 */
static int l_time(lua_State *L)
{
	lua_pushinteger(L, luaport_time());
	return 1;
}

/***
 * CPU time that the script's process has used, in whole seconds.
 * @function os.clock
 * @treturn integer
 */
static int l_clock(lua_State *L)
{
	lua_pushinteger(L, luaport_cputime() / NSEC_PER_SEC);
	return 1;
}

static const luaL_Reg functions[] = {
	{ "clock", l_clock },
	{ "time", l_time },
	{ NULL, NULL }
};

int luaopen_os(lua_State *L)
{
	luaL_newlib(L, functions);
	return 1;
}
