// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Functions that do something else in tasks, and outside are what they were. */
#include "async/async.h"

static int returned(lua_State *L, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	return lua_gettop(L);
}

/*
 * Its upvalues: the function that was there, in C and without upvalues, which is
 * called in this one's place, so that errors have the script's position; and the
 * function for tasks.
 */
int luaasync_replaced(lua_State *L)
{
	struct luasocket_tasks *tasks = luaport_of(L)->tasks;

	if (!tasks || !tasks->running)
		return lua_tocfunction(L, lua_upvalueindex(1))(L);
	lua_pushvalue(L, lua_upvalueindex(2));
	lua_insert(L, 1);
	lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, returned);
	return lua_gettop(L);
}

/* replace(old, new): the function that is old, and in tasks new. */
int luaasync_replace(lua_State *L)
{
	lua_settop(L, 2);
	luaL_argcheck(L, lua_iscfunction(L, 1) && !lua_getupvalue(L, 1, 1), 1, "C function expected");
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_pushcclosure(L, luaasync_replaced, 2);
	return 1;
}
