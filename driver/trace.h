/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Tracepoints: /sys/kernel/tracing/events/luadrv */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM luadrv

#if !defined(_LUADRV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _LUADRV_TRACE_H

#include <linux/tracepoint.h>

#include "driver/compat.h"

/* A script begins to run; a session's does so at each run. */
TRACE_EVENT(luadrv_start,
	TP_PROTO(u32 id, const char *name, int pid),
	TP_ARGS(id, name, pid),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(int, pid)
		__string(name, name)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->pid = pid;
		compat_assign_str(name, name);
	),
	TP_printk("id=%u pid=%d name=%s", __entry->id, __entry->pid, __get_str(name))
);

DECLARE_EVENT_CLASS(luadrv_result,
	TP_PROTO(u32 id, const char *name, int err),
	TP_ARGS(id, name, err),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(int, err)
		__string(name, name)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->err = err;
		compat_assign_str(name, name);
	),
	TP_printk("id=%u err=%d name=%s", __entry->id, __entry->err, __get_str(name))
);

/* It has run; err is 0, a negative errno, or LUADRV_EXIT and a status. */
DEFINE_EVENT(luadrv_result, luadrv_end,
	TP_PROTO(u32 id, const char *name, int err),
	TP_ARGS(id, name, err)
);

/* It has reached a limit: -ENOMEM memory, -ETIME instructions, -EMFILE sockets. */
DEFINE_EVENT(luadrv_result, luadrv_limit,
	TP_PROTO(u32 id, const char *name, int err),
	TP_ARGS(id, name, err)
);

/* It has failed with this error, or this is told of its stop. */
TRACE_EVENT(luadrv_error,
	TP_PROTO(u32 id, const char *text),
	TP_ARGS(id, text),
	TP_STRUCT__entry(
		__field(u32, id)
		__string(text, text)
	),
	TP_fast_assign(
		__entry->id = id;
		compat_assign_str(text, text);
	),
	TP_printk("id=%u %s", __entry->id, __get_str(text))
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH driver
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
