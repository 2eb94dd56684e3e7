/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the C files of the library async have of each other. */
#ifndef _LUADRV_ASYNC_H
#define _LUADRV_ASYNC_H

#include "socket/luasocket.h"

/* What the loop gives, beside LUASOCKET_WAIT and LUASOCKET_ENTER: see core.serve(). */
enum {
	LUAASYNC_UNDO = 4,	/* takes back the wait of the task that runs */
	LUAASYNC_TASKS,		/* tasks by their coroutines */
	LUAASYNC_WAITING,	/* other coroutines in which tasks wait, as weak keys */
	LUAASYNC_SERVICES = LUAASYNC_WAITING
};

/* coroutine_lua.c */

/* Under its address, what the coroutine of a task yields when it waits. */
extern const char luaasync_wait;
/* Pushes what the loop gives. False, and nothing, where there is no library. */
bool luaasync_push(lua_State *L, int which);
int luaasync_resume(lua_State *L);
int luaasync_wrap(lua_State *L);

/* replace_lua.c: functions in place of others; the first upvalue is what was there */
int luaasync_replace(lua_State *L);
int luaasync_replaced(lua_State *L);

#endif
