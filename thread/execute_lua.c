// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What a thread does in its own state: unpacks, calls, packs what came of it. */
#include <string.h>

#include "thread/thread_lua.h"

/* Sets where modules are looked for to the value on top, which it pops. */
static void set_path(lua_State *L)
{
	if (lua_isstring(L, -1)) {
		lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
		if (lua_getfield(L, -1, "package") == LUA_TTABLE) {
			lua_pushvalue(L, -3);
			lua_setfield(L, -2, "path");
		}
		lua_pop(L, 2);
	}
	lua_pop(L, 1);
}

/* The value at @idx is the name of a module, which takes its place. */
static void load_module(lua_State *L, int idx)
{
	const char *name = lua_tostring(L, idx);

	lua_getglobal(L, "require");
	lua_pushvalue(L, idx);
	lua_call(L, 1, 1);
	if (!lua_isfunction(L, -1))
		luaL_error(L, "module '%s' is no function, but a %s value", name,
			   luaL_typename(L, -1));
	lua_replace(L, idx);
}

/* Calls the function with its arguments, and packs its results. */
static int work(lua_State *L)
{
	struct lthread *t = lua_touserdata(L, 1);
	void **slot = lthread_push_parcel(L);
	int base = lua_gettop(L), n;

	*slot = lthread_work(t);
	n = lthread_unpack(L, *slot);
	set_path(L);
	if (lua_isstring(L, base + 1))
		load_module(L, base + 1);
	lua_call(L, n - 2, LUA_MULTRET);
	slot = lthread_pack(L, base + 1, lua_gettop(L) - base, "result", 1);
	lthread_result(t, *slot);
	*slot = NULL;
	return 0;
}

/* Message handler: text gets the thread's number and a traceback, an error object both as fields. */
static int describe(lua_State *L)
{
	lua_Integer id = lua_tointeger(L, lua_upvalueindex(1));

	if (luadrv_error_code(L, 1)) {
		lua_pushinteger(L, id);
		lua_setfield(L, 1, "thread");
		luaL_traceback(L, L, NULL, 1);
		lua_setfield(L, 1, "traceback");
		lua_settop(L, 1);
		return 1;
	}
	if (lua_istable(L, 1) && !luaL_getmetafield(L, 1, "__tostring")) {
		lua_settop(L, 1);
		return 1;
	}
	lua_pushfstring(L, "thread %I: %s", (LUAI_UACINT)id, luaL_tolstring(L, 1, NULL));
	luaL_traceback(L, L, lua_tostring(L, -1), 1);
	return 1;
}

/* Packs the error at stack index 2. */
static int pack_error(lua_State *L)
{
	struct lthread *t = lua_touserdata(L, 1);
	void **slot = lthread_pack(L, 2, 1, "the error", 0);

	lthread_result(t, *slot);
	*slot = NULL;
	return 0;
}

static int try_pack_error(lua_State *L, struct lthread *t, int error)
{
	lua_pushcfunction(L, pack_error);
	lua_pushlightuserdata(L, t);
	lua_pushvalue(L, error);
	return lua_pcall(L, 2, 0, 0);
}

/* Gives the error at @error to who joins: where it cannot be copied, the reason. */
static void leave_error(lua_State *L, struct lthread *t, int error)
{
	if (try_pack_error(L, t, error) == LUA_OK)
		return;
	lua_pushfstring(L, "thread %I: %s", (LUAI_UACINT)lthread_id(t), lua_tostring(L, -1));
	try_pack_error(L, t, lua_gettop(L));
}

/* Tells of the error at @error, in the words that a script's own is told in. */
static void tell_error(lua_State *L, struct lthread *t, int error)
{
	LUAI_UACINT id = (LUAI_UACINT)lthread_id(t);
	const char *text, *traceback;
	size_t len;

	if (luadrv_error_code(L, error)) {
		text = luaL_tolstring(L, error, NULL);
		lua_getfield(L, error, "traceback");
		traceback = lua_tostring(L, -1);
		lua_pushfstring(L, "thread %I: %s\n%s", id, text, traceback);
	} else if (lua_isstring(L, error)) {
		lua_pushvalue(L, error);
	} else {
		lua_pushfstring(L, "thread %I: (error object is a %s value)", id,
				luaL_typename(L, error));
	}
	text = lua_tolstring(L, -1, &len);
	lthread_error(t, text, len);
}

int lthread_execute(lua_State *L, struct lthread *t)
{
	int err, error, status;

	lua_pushinteger(L, lthread_id(t));
	lua_pushcclosure(L, describe, 1);
	lua_pushcfunction(L, work);
	lua_pushlightuserdata(L, t);
	status = lua_pcall(L, 1, 0, -3);
	if (status == LUA_OK)
		return 0;
	/* What is stopped has no error. */
	luai_tick(L);
	if (status == LUA_ERRMEM) {
		/* Who joins is told by the lack of any result. */
		lthread_error(t, LUAPORT_NO_MEMORY, strlen(LUAPORT_NO_MEMORY));
		return -ENOMEM;
	}
	/* No message handler has seen this one. */
	if (status != LUA_ERRRUN)
		lua_pushfstring(L, "thread %I: %s", (LUAI_UACINT)lthread_id(t),
				lua_tostring(L, -1));
	error = lua_gettop(L);
	err = luadrv_error_result(L, error);
	tell_error(L, t, error);
	leave_error(L, t, error);
	return err;
}
