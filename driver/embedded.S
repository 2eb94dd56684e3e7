/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Libraries that are written in Lua: their texts, as they are in the tree.
 * driver/embedded_lua.c says what they are called.
 */
	.macro	embed symbol, file
	.globl	\symbol
	.globl	\symbol\()_end
\symbol:
	.incbin	"\file"
\symbol\()_end:
	.endm

	.section .rodata, "a"
	embed	luadrv_text_resolve, "socket/resolve.lua"
	embed	luadrv_text_async_addr, "async/addr.lua"
	embed	luadrv_text_async_async, "async/async.lua"
	embed	luadrv_text_async_dgram, "async/dgram.lua"
	embed	luadrv_text_async_errors, "async/errors.lua"
	embed	luadrv_text_async_loop, "async/loop.lua"
	embed	luadrv_text_async_members, "async/members.lua"
	embed	luadrv_text_async_queue, "async/queue.lua"
	embed	luadrv_text_async_request, "async/request.lua"
	embed	luadrv_text_async_relays, "async/relays.lua"
	embed	luadrv_text_async_slots, "async/slots.lua"
	embed	luadrv_text_async_sockets, "async/sockets.lua"
	embed	luadrv_text_async_stream, "async/stream.lua"
	embed	luadrv_text_async_timers, "async/timers.lua"
	embed	luadrv_text_async_waits, "async/waits.lua"
	embed	luadrv_text_load_bit, "load/bit.lua"
	embed	luadrv_text_load_collectors, "load/collectors.lua"
	embed	luadrv_text_load_constants, "load/constants.lua"
	embed	luadrv_text_load_control, "load/control.lua"
	embed	luadrv_text_load_flags, "load/flags.lua"
	embed	luadrv_text_load_flows, "load/flows.lua"
	embed	luadrv_text_load_formats, "load/formats.lua"
	embed	luadrv_text_load_io, "load/io.lua"
	embed	luadrv_text_load_json, "load/json.lua"
	embed	luadrv_text_load_load, "load/load.lua"
	embed	luadrv_text_load_names, "load/names.lua"
	embed	luadrv_text_load_options, "load/options.lua"
	embed	luadrv_text_load_progress, "load/progress.lua"
	embed	luadrv_text_load_results, "load/results.lua"
	embed	luadrv_text_load_crew, "load/crew.lua"
	embed	luadrv_text_load_rtts, "load/rtts.lua"
	embed	luadrv_text_load_run, "load/run.lua"
	embed	luadrv_text_load_script, "load/script.lua"
	embed	luadrv_text_load_state, "load/state.lua"
	embed	luadrv_text_load_statistics, "load/statistics.lua"
	embed	luadrv_text_load_syscall, "load/syscall.lua"
	embed	luadrv_text_load_thresholds, "load/thresholds.lua"
	embed	luadrv_text_load_types, "load/types.lua"
	embed	luadrv_text_load_units, "load/units.lua"
	embed	luadrv_text_load_values, "load/values.lua"
	embed	luadrv_text_load_worker, "load/worker.lua"
