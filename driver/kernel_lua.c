// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The library kernel: what a script asks of the kernel itself. */

/***
 * The kernel itself.
 * @module kernel
 */
#include <limits.h>

#include "driver/binding.h"
#include "driver/script.h"

/***
 * A clock that only goes forward, whatever is done to the time of day.
 * @function kernel.time_ns
 * @treturn integer nanoseconds since some moment in the past
 */
static int l_time_ns(lua_State *L)
{
	lua_pushinteger(L, luadrv_time_ns());
	return 1;
}

/***
 * Does nothing for a while.
 * @function kernel.sleep
 * @tparam integer ms milliseconds
 */
static int l_sleep(lua_State *L)
{
	int ms = luadrv_check_int(L, 1, 0, INT_MAX, "time in ms");

	luadrv_wait_begin(L, "sleep");
	luadrv_sleep(ms);
	luadrv_wait_end(L);
	luadrv_check_stop(L);
	return 0;
}

static const luaL_Reg functions[] = {
	{ "sleep", l_sleep },
	{ "time_ns", l_time_ns },
	{ NULL, NULL }
};

int luaopen_kernel(lua_State *L)
{
	luaL_newlib(L, functions);
	return 1;
}
