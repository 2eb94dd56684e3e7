// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The library kernel: what a script asks of the kernel itself. */

/***
 * The kernel itself.
 * @module kernel
 */
#include <limits.h>
#include <string.h>

#include "driver/binding.h"
#include "driver/script.h"

/***
 * A clock that only goes forward, whatever is done to the time of day.
 * @function kernel.time_ns
 * @treturn integer nanoseconds since some moment in the past
 * @usage local begun = kernel.time_ns()
 * local ms = (kernel.time_ns() - begun) // 1000000
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
 * @return nothing
 * @usage kernel.sleep(10)
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

#define MOST_RANDOM 65536

/***
 * Bytes that nobody can guess, from the kernel's own source of randomness.
 * (`math.random` is for games: fast, and of a seed.)
 * @function kernel.random
 * @tparam integer n how many, 0..65536
 * @treturn string
 * @usage local key = kernel.random(16)
 * local id = string.unpack("I2", kernel.random(2))
 */
static int l_random(lua_State *L)
{
	size_t n = luadrv_check_size(L, 1, 0, MOST_RANDOM, "number of bytes");
	luaL_Buffer b;

	luadrv_kernel_random(luaL_buffinitsize(L, &b, n), n);
	luaL_pushresultsize(&b, n);
	return 1;
}

static const char *const levels[] = {
	"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", NULL
};

/***
 * Writes into the kernel log, a record a line, with the name and number of the
 * script's process before it as `print` has it. Control characters are written as in a Lua string: `\27`.
 *
 * All levels are allowed, since whoever may run a script may write to `/dev/kmsg`, too. `emerg` goes to every terminal
 * that is logged in where a log daemon does that.
 * @function kernel.log
 * @tparam string|integer level `"emerg"`, `"alert"`, `"crit"`, `"err"`, `"warning"`, `"notice"`, `"info"`, `"debug"`,
 * or 0..7
 * @tparam string text
 * @return nothing
 * @usage kernel.log("warning", "no server answers")
 */
static int l_log(lua_State *L)
{
	const char *text;
	size_t len;
	int level;

	if (lua_type(L, 1) == LUA_TNUMBER)
		level = luadrv_check_int(L, 1, 0, 7, "level");
	else
		level = luaL_checkoption(L, 1, NULL, levels);
	text = luaL_checklstring(L, 2, &len);
	luadrv_kernel_log((struct luadrv_runtime *)luaport_of(L), level, text, len);
	luadrv_check_stop(L);
	return 0;
}

static const luaL_Reg functions[] = {
	{ "log", l_log },
	{ "random", l_random },
	{ "sleep", l_sleep },
	{ "time_ns", l_time_ns },
	{ NULL, NULL }
};

/***
 * What is so all the time that a script runs.
 * @table kernel
 * @field version the kernel's release, "6.1.0-17-amd64", as uname -r has it
 * @field cpus how many processors are online when the script begins
 */
int luaopen_kernel(lua_State *L)
{
	luaL_newlib(L, functions);
	lua_pushstring(L, luadrv_kernel_release());
	lua_setfield(L, -2, "version");
	lua_pushinteger(L, luadrv_kernel_cpus());
	lua_setfield(L, -2, "cpus");
	return 1;
}
