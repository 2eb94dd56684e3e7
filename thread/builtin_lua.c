// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The C functions of the libraries, which every state has. One without
 * upvalues is the same in all of them. One with upvalues goes by a name that
 * it has in the libraries when they are opened, before a script can change
 * them.
 */
#include "thread/thread_lua.h"

/* A table of the registry: functions by name, and names by function. */
#define NAMED "luadrv.named"

bool lthread_is_closure(lua_State *L, int idx)
{
	if (!lua_getupvalue(L, idx, 1))
		return false;
	lua_pop(L, 1);
	return true;
}

/* Notes the closures of the library on top in the table at @named. */
static void name_closures(lua_State *L, int named, const char *library)
{
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (lua_iscfunction(L, -1) && lthread_is_closure(L, -1)) {
			lua_pushfstring(L, "%s.%s", library, lua_tostring(L, -2));
			lua_pushvalue(L, -2);
			lua_pushvalue(L, -2);
			lua_rawset(L, named);
			lua_insert(L, -2);
			lua_rawset(L, named);
		} else {
			lua_pop(L, 1);
		}
	}
}

void lthread_name_builtins(lua_State *L)
{
	int top = lua_gettop(L);

	lua_newtable(L);
	lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		name_closures(L, top + 1, lua_tostring(L, -2));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	lua_setfield(L, LUA_REGISTRYINDEX, NAMED);
}

int lthread_look_up(lua_State *L)
{
	lua_getfield(L, LUA_REGISTRYINDEX, NAMED);
	lua_insert(L, -2);
	lua_rawget(L, -2);
	lua_remove(L, -2);
	return lua_type(L, -1);
}
