/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Libraries of the module that are written in Lua. */
#ifndef _LUADRV_EMBEDDED_H
#define _LUADRV_EMBEDDED_H

#include <linux/types.h>

#include "lua.h"

/* embedded.S: their texts */
extern const char luadrv_text_resolve[], luadrv_text_resolve_end[];
extern const char luadrv_text_async_addr[], luadrv_text_async_addr_end[];
extern const char luadrv_text_async_async[], luadrv_text_async_async_end[];
extern const char luadrv_text_async_dgram[], luadrv_text_async_dgram_end[];
extern const char luadrv_text_async_errors[], luadrv_text_async_errors_end[];
extern const char luadrv_text_async_loop[], luadrv_text_async_loop_end[];
extern const char luadrv_text_async_members[], luadrv_text_async_members_end[];
extern const char luadrv_text_async_queue[], luadrv_text_async_queue_end[];
extern const char luadrv_text_async_request[], luadrv_text_async_request_end[];
extern const char luadrv_text_async_relays[], luadrv_text_async_relays_end[];
extern const char luadrv_text_async_slots[], luadrv_text_async_slots_end[];
extern const char luadrv_text_async_sockets[], luadrv_text_async_sockets_end[];
extern const char luadrv_text_async_stream[], luadrv_text_async_stream_end[];
extern const char luadrv_text_async_timers[], luadrv_text_async_timers_end[];
extern const char luadrv_text_async_waits[], luadrv_text_async_waits_end[];
extern const char luadrv_text_load_bit[], luadrv_text_load_bit_end[];
extern const char luadrv_text_load_collectors[], luadrv_text_load_collectors_end[];
extern const char luadrv_text_load_constants[], luadrv_text_load_constants_end[];
extern const char luadrv_text_load_control[], luadrv_text_load_control_end[];
extern const char luadrv_text_load_flags[], luadrv_text_load_flags_end[];
extern const char luadrv_text_load_flows[], luadrv_text_load_flows_end[];
extern const char luadrv_text_load_formats[], luadrv_text_load_formats_end[];
extern const char luadrv_text_load_io[], luadrv_text_load_io_end[];
extern const char luadrv_text_load_json[], luadrv_text_load_json_end[];
extern const char luadrv_text_load_load[], luadrv_text_load_load_end[];
extern const char luadrv_text_load_names[], luadrv_text_load_names_end[];
extern const char luadrv_text_load_options[], luadrv_text_load_options_end[];
extern const char luadrv_text_load_progress[], luadrv_text_load_progress_end[];
extern const char luadrv_text_load_results[], luadrv_text_load_results_end[];
extern const char luadrv_text_load_crew[], luadrv_text_load_crew_end[];
extern const char luadrv_text_load_rtts[], luadrv_text_load_rtts_end[];
extern const char luadrv_text_load_run[], luadrv_text_load_run_end[];
extern const char luadrv_text_load_script[], luadrv_text_load_script_end[];
extern const char luadrv_text_load_state[], luadrv_text_load_state_end[];
extern const char luadrv_text_load_statistics[], luadrv_text_load_statistics_end[];
extern const char luadrv_text_load_syscall[], luadrv_text_load_syscall_end[];
extern const char luadrv_text_load_thresholds[], luadrv_text_load_thresholds_end[];
extern const char luadrv_text_load_types[], luadrv_text_load_types_end[];
extern const char luadrv_text_load_units[], luadrv_text_load_units_end[];
extern const char luadrv_text_load_values[], luadrv_text_load_values_end[];
extern const char luadrv_text_load_worker[], luadrv_text_load_worker_end[];

/* What they are built on: each pushes a value. */
int luasocket_resolve_core(lua_State *L);
int luaasync_core(lua_State *L);
int luaload_core(lua_State *L);

/*
 * Pushes the main chunk of the library @name and what it is to be given beside
 * its name; or nothing, and gives false, if there is none.
 */
bool luadrv_embedded_push(lua_State *L, const char *name);

#endif
