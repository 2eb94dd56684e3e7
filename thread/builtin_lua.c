// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The C functions of the libraries, which every state has. One without
 * upvalues is the same in all of them. One with upvalues goes by a name that
 * it has in the libraries when they are opened, before a script can change
 * them. And tables that each state has of its own.
 */
#include <string.h>

#include "load/load_lua.h"
#include "thread/thread_lua.h"

/* A table of the registry: functions by name, and names by function. */
#define NAMED "luadrv.named"

/* What the table of globals is called. */
#define GLOBALS "_G"

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

bool lthread_known_table(lua_State *L, int idx)
{
	int top = lua_gettop(L);

	if (!lua_istable(L, idx))
		return false;
	lua_pushvalue(L, idx);
	lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	if (lua_rawequal(L, -1, -2)) {
		lua_pushliteral(L, GLOBALS);
	} else if (lua_rawgetp(L, LUA_REGISTRYINDEX, &luaload_names_key) == LUA_TTABLE) {
		lua_pushvalue(L, top + 1);
		lua_rawget(L, -2);
	}
	if (lua_type(L, -1) != LUA_TSTRING || lua_rawlen(L, -1) > PARCEL_MAX_SHORT) {
		lua_settop(L, top);
		return false;
	}
	lua_replace(L, top + 1);
	lua_settop(L, top + 1);
	return true;
}

void lthread_push_known(lua_State *L)
{
	if (!strcmp(lua_tostring(L, -1), GLOBALS)) {
		lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	} else {
		luadrv_push_library(L, "load.names");
		lua_getfield(L, -1, "known");
		lua_pushvalue(L, -3);
		lua_call(L, 1, 1);
		lua_remove(L, -2);
		if (!lua_istable(L, -1))
			luaL_error(L, "the library load has no table %s", lua_tostring(L, -2));
	}
	lua_remove(L, -2);
}
