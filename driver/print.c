// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What scripts print, as records of the kernel log. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver/runtime.h"
#include "driver/trace.h"

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
		pr_err("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
	else
		pr_info("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
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

/* Into the kernel log, a record a line. */
static int to_kernel_log(struct luadrv_runtime *rt, enum luadrv_log_level level,
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
	return 0;
}

/**
 * luadrv_trace_error() - the event of an error
 * @rt: the runtime whose script failed
 * @text: the error, of which the event has the first line
 * @len: length of the text
 *
 * Context: Process, in the task that runs the script.
 */
void luadrv_trace_error(struct luadrv_runtime *rt, const char *text, size_t len)
{
	if (!trace_luadrv_error_enabled())
		return;
	luadrv_take_line(rt, text, len);
	trace_luadrv_error(rt->id, rt->line);
}

static bool is_detached(const struct luadrv_runtime *rt)
{
	return rt->detached || (rt->leader && rt->leader->detached);
}

/**
 * luadrv_tell_error() - write an error to where those of a script go
 * @rt: the runtime whose script failed
 * @text: any bytes
 * @len: length of the text
 *
 * Context: Process, in the task that runs the script or ran it last. May sleep.
 * Return: as luadrv_log().
 */
int luadrv_tell_error(struct luadrv_runtime *rt, const char *text, size_t len)
{
	if (is_detached(rt) || !rt->output)
		to_kernel_log(rt, LUADRV_LOG_ERROR, text, len);
	if (!rt->output)
		return 0;
	return luadrv_output_write(rt->output, LUADRV_ERRORS, text, len);
}

/**
 * luadrv_log() - write text to where a script prints
 * @rt: the runtime whose script says it
 * @level: how it is meant
 * @text: any bytes. In the kernel log each line is a record, a line that is too
 *	long makes several; elsewhere an error gets a line end
 * @len: length of the text
 *
 * Context: Process, in the task that runs the script. May sleep. A signal to it
 * cuts what it prints short; in the kernel log an error is cut at
 * %LONGEST_ERROR and %LINES_OF_ERROR. Errors of detached scripts, and of their
 * threads, go there, too.
 * Return: 0; -ENOBUFS when nobody reads what it printed so far; -ENOMEM; -EINTR.
 */
int luadrv_log(struct luadrv_runtime *rt, enum luadrv_log_level level,
	       const char *text, size_t len)
{
	if (level == LUADRV_LOG_ERROR) {
		luadrv_trace_error(rt, text, len);
		return luadrv_tell_error(rt, text, len);
	}
	if (rt->output)
		return luadrv_output_write(rt->output, LUADRV_OUTPUT, text, len);
	/* Records end by themselves. */
	return to_kernel_log(rt, level, text, len - (len && text[len - 1] == '\n'));
}

void luaport_tell(struct luaport *port, const char *text, size_t len)
{
	luadrv_log(container_of(port, struct luadrv_runtime, port),
		   LUADRV_LOG_ERROR, text, len);
}
