// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The library "thread". */

/***
 * Threads: functions that run beside the script, and channels between them.
 * @module thread
 */
#include "thread/thread_lua.h"

static const luaL_Reg functions[] = {
	{ "channel", lchannel_create },
	{ "spawn", lthread_create },
	{ NULL, NULL }
};

int luaopen_thread(lua_State *L)
{
	lchannel_open(L);
	lthread_open(L);
	luaL_newlib(L, functions);
	return 1;
}
