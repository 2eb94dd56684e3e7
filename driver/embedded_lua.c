// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Libraries of the module that are written in Lua (driver/embedded.S has their
 * texts). They are compiled by the first state and at the first moment that
 * needs them, so those that do not pay nothing.
 */
#include <string.h>

#include "driver/binding.h"
#include "driver/embedded.h"

/**
 * struct embedded - a library that is written in Lua
 * @name: what require() calls it
 * @text: its main chunk, which gets the name and the results of @core
 * @end: where that ends
 * @core: a C function that makes what it is built on, one value
 */
struct embedded {
	const char *name;
	const char *text;
	const char *end;
	lua_CFunction core;
};

#define ASYNC(part) luadrv_text_async_##part, luadrv_text_async_##part##_end, luaasync_core

static const struct embedded libraries[] = {
	{ "socket.resolve", luadrv_text_resolve, luadrv_text_resolve_end, luasocket_resolve_core },
	{ "async", ASYNC(async) },
	{ "async.addr", ASYNC(addr) },
	{ "async.dgram", ASYNC(dgram) },
	{ "async.loop", ASYNC(loop) },
	{ "async.queue", ASYNC(queue) },
	{ "async.request", ASYNC(request) },
	{ "async.sockets", ASYNC(sockets) },
	{ "async.stream", ASYNC(stream) },
	{ "async.timers", ASYNC(timers) },
	{ "async.waits", ASYNC(waits) },
	{ NULL }
};

static const struct embedded *find(const char *name)
{
	const struct embedded *library;

	for (library = libraries; library->name; library++)
		if (!strcmp(library->name, name))
			return library;
	return NULL;
}

bool luadrv_embedded_push(lua_State *L, const char *name)
{
	const struct embedded *library = find(name);

	if (!library)
		return false;
	if (luaL_loadbufferx(L, library->text, library->end - library->text,
			     lua_pushfstring(L, "=%s", name), "t") != LUA_OK)
		lua_error(L);
	lua_remove(L, -2);
	lua_pushcfunction(L, library->core);
	lua_call(L, 0, 1);
	return true;
}
