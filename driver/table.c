// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The table of all scripts, for people and programs: fields have no spaces, so
 * that a program can take it apart; the name, which may, comes last.
 */
#include "driver/registry.h"
#include "driver/runtime.h"

#include <linux/ktime.h>
#include <linux/seq_file.h>

#define HEADER "%6s %6s %7s %-8s %-9s %12s %12s %11s %11s %7s %14s %14s %s\n"

static const char *state_of(const struct luadrv_runtime *rt)
{
	if (READ_ONCE(rt->stopping))
		return "stopping";
	if (!READ_ONCE(rt->task) && rt->session)
		return "idle";
	if (!READ_ONCE(rt->task))
		return READ_ONCE(rt->pid) ? "ending" : "starting";
	return READ_ONCE(rt->asleep) ? "waiting" : "running";
}

/* A number that may be missing. */
static void show_number(struct seq_file *file, int width, int number)
{
	if (number)
		seq_printf(file, "%*d ", width, number);
	else
		seq_printf(file, "%*s ", width, "-");
}

static void show_seconds(struct seq_file *file, u64 ns)
{
	u64 ms = div_u64(ns, NSEC_PER_MSEC);
	u32 rest;
	u64 seconds = div_u64_rem(ms, MSEC_PER_SEC, &rest);

	seq_printf(file, "%8llu.%03u ", seconds, rest);
}

static int show_script(struct luadrv_runtime *rt, void *data)
{
	struct luadrv_account *account = rt->account;
	const char *state = state_of(rt);
	struct seq_file *file = data;
	bool waits = !strcmp(state, "waiting");
	long used = atomic_long_read(&account->used);

	show_number(file, 6, rt->id);
	show_number(file, 6, rt->leader ? rt->leader->id : 0);
	show_number(file, 7, READ_ONCE(rt->task) ? rt->pid : 0);
	seq_printf(file, "%-8s %-9s ", state, waits ? READ_ONCE(rt->wait) : "-");
	show_seconds(file, ktime_get_ns() - rt->born);
	show_seconds(file, luadrv_runtime_cpu(rt));
	seq_printf(file, "%11ld %11ld %7d ", used, max(used, READ_ONCE(account->peak)),
		   atomic_read(&account->sockets));
	seq_printf(file, "%14llu %14llu %s\n", READ_ONCE(rt->received),
		   READ_ONCE(rt->sent), rt->name);
	return 0;
}

int luadrv_table_show(struct seq_file *file, void *unused)
{
	seq_printf(file, HEADER, "ID", "PARENT", "PID", "STATE", "WAIT", "AGE", "CPU",
		   "MEMORY", "PEAK", "SOCKETS", "RECEIVED", "SENT", "NAME");
	luadrv_registry_each(show_script, file);
	return 0;
}
