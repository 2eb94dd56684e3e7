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

static const struct embedded libraries[] = {
	{ "socket.resolve", luadrv_text_resolve, luadrv_text_resolve_end, luasocket_resolve_core },
	{ "async", luadrv_text_async_async, luadrv_text_async_async_end, luaasync_core },
	{ "async.addr", luadrv_text_async_addr, luadrv_text_async_addr_end, luaasync_core },
	{ "async.dgram", luadrv_text_async_dgram, luadrv_text_async_dgram_end, luaasync_core },
	{ "async.errors", luadrv_text_async_errors, luadrv_text_async_errors_end, luaasync_core },
	{ "async.loop", luadrv_text_async_loop, luadrv_text_async_loop_end, luaasync_core },
	{ "async.members", luadrv_text_async_members, luadrv_text_async_members_end, luaasync_core },
	{ "async.queue", luadrv_text_async_queue, luadrv_text_async_queue_end, luaasync_core },
	{ "async.request", luadrv_text_async_request, luadrv_text_async_request_end, luaasync_core },
	{ "async.relays", luadrv_text_async_relays, luadrv_text_async_relays_end, luaasync_core },
	{ "async.slots", luadrv_text_async_slots, luadrv_text_async_slots_end, luaasync_core },
	{ "async.sockets", luadrv_text_async_sockets, luadrv_text_async_sockets_end, luaasync_core },
	{ "async.stream", luadrv_text_async_stream, luadrv_text_async_stream_end, luaasync_core },
	{ "async.timers", luadrv_text_async_timers, luadrv_text_async_timers_end, luaasync_core },
	{ "async.waits", luadrv_text_async_waits, luadrv_text_async_waits_end, luaasync_core },
	{ "bit", luadrv_text_load_bit, luadrv_text_load_bit_end, luaload_core },
	{ "load.collectors", luadrv_text_load_collectors, luadrv_text_load_collectors_end, luaload_core },
	{ "load.constants", luadrv_text_load_constants, luadrv_text_load_constants_end, luaload_core },
	{ "load.control", luadrv_text_load_control, luadrv_text_load_control_end, luaload_core },
	{ "load.flags", luadrv_text_load_flags, luadrv_text_load_flags_end, luaload_core },
	{ "load.flows", luadrv_text_load_flows, luadrv_text_load_flows_end, luaload_core },
	{ "load.formats", luadrv_text_load_formats, luadrv_text_load_formats_end, luaload_core },
	{ "load.io", luadrv_text_load_io, luadrv_text_load_io_end, luaload_core },
	{ "load.json", luadrv_text_load_json, luadrv_text_load_json_end, luaload_core },
	{ "load", luadrv_text_load_load, luadrv_text_load_load_end, luaload_core },
	{ "load.names", luadrv_text_load_names, luadrv_text_load_names_end, luaload_core },
	{ "load.options", luadrv_text_load_options, luadrv_text_load_options_end, luaload_core },
	{ "load.progress", luadrv_text_load_progress, luadrv_text_load_progress_end, luaload_core },
	{ "load.results", luadrv_text_load_results, luadrv_text_load_results_end, luaload_core },
	{ "load.crew", luadrv_text_load_crew, luadrv_text_load_crew_end, luaload_core },
	{ "load.rtts", luadrv_text_load_rtts, luadrv_text_load_rtts_end, luaload_core },
	{ "load.run", luadrv_text_load_run, luadrv_text_load_run_end, luaload_core },
	{ "load.script", luadrv_text_load_script, luadrv_text_load_script_end, luaload_core },
	{ "load.state", luadrv_text_load_state, luadrv_text_load_state_end, luaload_core },
	{ "load.statistics", luadrv_text_load_statistics, luadrv_text_load_statistics_end, luaload_core },
	{ "syscall", luadrv_text_load_syscall, luadrv_text_load_syscall_end, luaload_core },
	{ "load.thresholds", luadrv_text_load_thresholds, luadrv_text_load_thresholds_end, luaload_core },
	{ "load.types", luadrv_text_load_types, luadrv_text_load_types_end, luaload_core },
	{ "load.units", luadrv_text_load_units, luadrv_text_load_units_end, luaload_core },
	{ "load.values", luadrv_text_load_values, luadrv_text_load_values_end, luaload_core },
	{ "load.worker", luadrv_text_load_worker, luadrv_text_load_worker_end, luaload_core },
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
