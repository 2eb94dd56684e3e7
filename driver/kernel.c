// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What the library kernel asks of the kernel. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
/* Records of the level debug are shown unless dynamic debug is told otherwise. */
#define DEBUG

#include "driver/runtime.h"

#include <linux/cpumask.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/utsname.h>

const char *luadrv_kernel_release(void)
{
	return init_utsname()->release;
}

unsigned int luadrv_kernel_cpus(void)
{
	return num_online_cpus();
}

void luadrv_kernel_random(void *buf, size_t size)
{
	get_random_bytes(buf, size);
}

/* The level is part of the format, which must be constant. */
static void emit(struct luadrv_runtime *rt, int level)
{
	switch (level) {
	case 0:
		pr_emerg("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
		break;
	case 1:
		pr_alert("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
		break;
	case 2:
		pr_crit("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
		break;
	case 3:
		pr_err("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
		break;
	case 4:
		pr_warn("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
		break;
	case 5:
		pr_notice("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
		break;
	case 6:
		pr_info("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
		break;
	default:
		pr_debug("%s[%d]: %s\n", rt->name, rt->pid, rt->line);
		break;
	}
}

/**
 * luadrv_kernel_log() - write text into the kernel log, a record a line
 * @rt: the runtime whose script says it
 * @level: 0 (emerg) .. 7 (debug)
 * @text: any bytes; a line that is too long for a record makes several
 * @len: length of the text
 *
 * Context: Process, in the task that runs the script. A signal to it cuts it
 * short.
 */
void luadrv_kernel_log(struct luadrv_runtime *rt, int level, const char *text, size_t len)
{
	size_t taken;

	do {
		taken = luadrv_take_line(rt, text, len);
		emit(rt, level);
		if (taken < len && text[taken] == '\n')
			taken++;
		text += taken;
		len -= taken;
		cond_resched();
	} while (len && !signal_pending(current));
}
