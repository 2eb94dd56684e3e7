// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What the library load is built on: a table, the same for all of its parts. */
#include "driver/embedded.h"
#include "load/load_lua.h"

/* Its address is where the registry has the table. */
static const char core_key;

/* need(name): a library, as nobody may have replaced require(). */
static int core_need(lua_State *L)
{
	luadrv_push_library(L, luaL_checkstring(L, 1));
	return 1;
}

const char luaload_names_key;

/* names(t): the names of tables that other states have, too, by table. */
static int core_names(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &luaload_names_key);
	return 0;
}

static const luaL_Reg functions[] = {
	{ "histogram", lhistogram_create },
	{ "names", core_names },
	{ "need", core_need },
	{ NULL, NULL }
};

int luaload_core(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &core_key) == LUA_TTABLE)
		return 1;
	luaload_engine_open(L);
	luaload_message_open(L);
	lua_newtable(L);
	luaL_setfuncs(L, functions, 0);
	luaL_setfuncs(L, luaload_engine_functions, 0);
	luaL_setfuncs(L, luaload_globals_functions, 0);
	lua_newtable(L);
	luaL_setfuncs(L, luaload_message_calls, 0);
	luaL_setfuncs(L, luaload_socket_calls, 0);
	lua_setfield(L, -2, "calls");
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &core_key);
	return 1;
}
