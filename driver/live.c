// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Counters of live objects and of allocations, and the debugfs files that show them. */
#include "driver/live.h"
#include "driver/runtime.h"

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>

DEFINE_PER_CPU(unsigned long, luadrv_allocations);
DEFINE_PER_CPU(u64, luadrv_relayed[LUADRV_RELAYED_KINDS]);

static atomic_long_t live[LUADRV_LIVE_COUNT];

static const char *const names[] = {
	[LUADRV_LIVE_SESSIONS] = "sessions",
	[LUADRV_LIVE_STATES] = "states",
	[LUADRV_LIVE_LEAKED_BYTES] = "leaked_bytes",
	[LUADRV_LIVE_SOCKETS] = "sockets",
	[LUADRV_LIVE_POLLS] = "polls",
	[LUADRV_LIVE_POLL_ITEMS] = "poll_items",
	[LUADRV_LIVE_TIMERS] = "timers",
	[LUADRV_LIVE_UPCALLS] = "upcalls",
	[LUADRV_LIVE_RELAYS] = "relays",
	[LUADRV_LIVE_DATA] = "data",
	[LUADRV_LIVE_DATA_BYTES] = "data_bytes",
	[LUADRV_LIVE_PARCELS] = "parcels",
	[LUADRV_LIVE_CHANNELS] = "channels",
	[LUADRV_LIVE_THREADS] = "threads",
	[LUADRV_LIVE_ACCOUNTS] = "accounts",
	[LUADRV_LIVE_NETNS] = "netns",
	[LUADRV_LIVE_ENGINES] = "engines",
	[LUADRV_LIVE_HISTOGRAMS] = "histograms",
};

static struct dentry *folder;

void luadrv_live_add(enum luadrv_live_kind kind, long n)
{
	atomic_long_add(n, &live[kind]);
}

static int live_show(struct seq_file *file, void *unused)
{
	long lua_bytes, charged_bytes;
	int i;

	for (i = 0; i < LUADRV_LIVE_COUNT; i++)
		seq_printf(file, "%s %ld\n", names[i], atomic_long_read(&live[i]));
	luadrv_account_totals(&lua_bytes, &charged_bytes);
	seq_printf(file, "lua_bytes %ld\n", lua_bytes);
	seq_printf(file, "charged_bytes %ld\n", charged_bytes);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(live);

static int allocations_show(struct seq_file *file, void *unused)
{
	unsigned long n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += per_cpu(luadrv_allocations, cpu);
	seq_printf(file, "%lu\n", n);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(allocations);

static int relayed_show(struct seq_file *file, void *unused)
{
	u64 pages = 0, copies = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		pages += per_cpu(luadrv_relayed[LUADRV_RELAYED_PAGES], cpu);
		copies += per_cpu(luadrv_relayed[LUADRV_RELAYED_COPIES], cpu);
	}
	seq_printf(file, "pages %llu\ncopies %llu\n", pages, copies);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(relayed);

/**
 * luadrv_live_init() - make the debugfs files luadrv/live, luadrv/allocations and luadrv/relayed
 *
 * A kernel without debugfs does without them.
 */
void luadrv_live_init(void)
{
	folder = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("live", 0400, folder, NULL, &live_fops);
	debugfs_create_file("allocations", 0400, folder, NULL, &allocations_fops);
	debugfs_create_file("relayed", 0400, folder, NULL, &relayed_fops);
}

void luadrv_live_exit(void)
{
	debugfs_remove(folder);
}
