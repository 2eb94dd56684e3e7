// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* A Lua state for targets, made and ended as driver/state_lua.c does it. */
#include <string.h>

#include "driver/binding.h"
#include "driver/script.h"
#include "lualib.h"
#include "fuzz.h"

struct job {
	int (*body)(struct lua_State *L);
	void *argument;
};

/* Opening all of them would take longer than most inputs. */
void fuzz_open(lua_State *L, const char *name)
{
	static const luaL_Reg libraries[] = {
		{ "_G", luaopen_base },
		{ LUA_TABLIBNAME, luaopen_table },
		{ LUA_STRLIBNAME, luaopen_string },
		{ LUA_UTF8LIBNAME, luaopen_utf8 },
		{ LUA_MATHLIBNAME, luaopen_math },
		{ "data", luaopen_data },
		{ "socket", luaopen_socket },
		{ "kernel", luaopen_kernel },
		{ "thread", luaopen_thread },
		{ NULL, NULL }
	};
	const luaL_Reg *library;

	for (library = libraries; library->func; library++) {
		if (strcmp(library->name, name))
			continue;
		luaL_requiref(L, library->name, library->func, 1);
		lua_pop(L, 1);
	}
}

static int run_job(lua_State *L)
{
	struct job *job = lua_touserdata(L, 1);

	luaport_prepare_messages(L);
	luadrv_error_open(L);
	lua_settop(L, 0);
	lua_pushcfunction(L, job->body);
	lua_pushlightuserdata(L, job->argument);
	lua_call(L, 1, 0);
	return 0;
}

static void keep_error(lua_State *L)
{
	size_t len;
	const char *text = lua_tolstring(L, -1, &len);

	if (len >= sizeof(fuzz_error))
		len = sizeof(fuzz_error) - 1;
	memcpy(fuzz_error, text ? text : "", text ? len : 0);
	fuzz_error[text ? len : 0] = '\0';
}

int fuzz_state_run(void *rt, int (*body)(struct lua_State *L), void *argument)
{
	struct job job = { body, argument };
	struct luaport *port = rt;
	lua_State *L = lua_newstate(luadrv_alloc, rt);
	int status;

	if (!L)
		return -ENOMEM;
	*(struct luaport **)lua_getextraspace(L) = port;
	luaport_begin(port, L);
	lua_pushcfunction(L, run_job);
	lua_pushlightuserdata(L, &job);
	status = lua_pcall(L, 1, 0, 0);
	if (status == LUA_ERRRUN)
		keep_error(L);
	lua_close(L);
	if (port->stop)
		return port->stop;
	return status == LUA_OK ? 0 : status == LUA_ERRMEM ? -ENOMEM : -ECANCELED;
}
