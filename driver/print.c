// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What scripts print, as records of the kernel log. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver/runtime.h"

#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/string.h>

/* An error is told whole, but not without end: bytes and lines of it. */
#define LONGEST_ERROR SZ_16K
#define LINES_OF_ERROR 100

static void emit(struct luadrv_runtime *rt, enum luadrv_log_level level)
{
	if (level == LUADRV_LOG_ERROR)
		pr_err("%s[%d]: %s\n", rt->owner, rt->pid, rt->line);
	else
		pr_info("%s[%d]: %s\n", rt->owner, rt->pid, rt->line);
}

/**
 * luadrv_take_line() - make a record of the beginning of a text
 * @rt: the runtime; its line takes the record
 * @text: any bytes, of which the record has those up to the end of a line, or as many as fit
 * @len: length of the text
 *
 * Control characters, which could forge records or drive a terminal, are
 * written as in a Lua string: \0, \27.
 *
 * Context: Process, in the task that runs the script.
 * Return: how many bytes of @text are in the record.
 */
size_t luadrv_take_line(struct luadrv_runtime *rt, const char *text, size_t len)
{
	size_t from = 0, to = 0;
	unsigned char c;

	while (from < len && text[from] != '\n' && to + 5 < sizeof(rt->line)) {
		c = text[from++];
		if ((c < ' ' && c != '\t') || c == 127)
			to += sprintf(rt->line + to, "\\%d", c);
		else
			rt->line[to++] = c;
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
 * it prints short; an error is cut at %LONGEST_ERROR and %LINES_OF_ERROR.
 */
void luadrv_log(struct luadrv_runtime *rt, enum luadrv_log_level level,
		const char *text, size_t len)
{
	unsigned int lines = 0;
	size_t taken;

	if (level == LUADRV_LOG_ERROR)
		len = min_t(size_t, len, LONGEST_ERROR);
	do {
		taken = luadrv_take_line(rt, text, len);
		emit(rt, level);
		if (taken < len && text[taken] == '\n')
			taken++;
		text += taken;
		len -= taken;
		cond_resched();
		lines++;
	} while (len && (level == LUADRV_LOG_ERROR ? lines < LINES_OF_ERROR :
						     !signal_pending(current)));
}

void luaport_tell(struct luaport *port, const char *text, size_t len)
{
	luadrv_log(container_of(port, struct luadrv_runtime, port),
		   LUADRV_LOG_ERROR, text, len);
}
