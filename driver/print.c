// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What scripts print, as records of the kernel log. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver/runtime.h"

#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/string.h>

#define LONGEST_ERROR SZ_16K

static void emit(struct luadrv_runtime *rt, enum luadrv_log_level level)
{
	if (level == LUADRV_LOG_ERROR)
		pr_err("%s[%d]: %s\n", rt->owner, rt->pid, rt->line);
	else
		pr_info("%s[%d]: %s\n", rt->owner, rt->pid, rt->line);
}

/*
 * Fills rt->line from @text up to the end of a line; returns how many bytes of
 * @text went into it. A NUL would end the record and is written as \0.
 */
static size_t take_line(struct luadrv_runtime *rt, const char *text, size_t len)
{
	size_t from = 0, to = 0;

	while (from < len && text[from] != '\n' && to + 3 < sizeof(rt->line)) {
		if (text[from] == '\0') {
			rt->line[to++] = '\\';
			rt->line[to++] = '0';
		} else {
			rt->line[to++] = text[from];
		}
		from++;
	}
	rt->line[to] = '\0';
	return from;
}

/**
 * luadrv_log() - write text into the kernel log, a record a line
 * @rt: the runtime whose script says it
 * @level: how it is meant
 * @text: any bytes; a line that is too long for a record makes several
 * @len: length of the text
 *
 * Context: Process, in the task that runs the script. A signal to it cuts what
 * it prints short; an error is cut at %LONGEST_ERROR.
 */
void luadrv_log(struct luadrv_runtime *rt, enum luadrv_log_level level,
		const char *text, size_t len)
{
	size_t taken;

	if (level == LUADRV_LOG_ERROR)
		len = min_t(size_t, len, LONGEST_ERROR);
	do {
		taken = take_line(rt, text, len);
		emit(rt, level);
		if (taken < len && text[taken] == '\n')
			taken++;
		text += taken;
		len -= taken;
		cond_resched();
	} while (len && (level == LUADRV_LOG_ERROR || !signal_pending(current)));
}
