// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Counters of live objects and the debugfs file that shows them. */
#include "driver/live.h"

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

static atomic_long_t live[LUADRV_LIVE_COUNT];

static const char *const names[LUADRV_LIVE_COUNT] = {
#define X(kind, name) [LUADRV_LIVE_##kind] = #name,
	LUADRV_LIVE_KINDS(X)
#undef X
};

static struct dentry *folder;

void luadrv_live_add(enum luadrv_live_kind kind, long n)
{
	atomic_long_add(n, &live[kind]);
}

static int live_show(struct seq_file *file, void *unused)
{
	int i;

	for (i = 0; i < LUADRV_LIVE_COUNT; i++)
		seq_printf(file, "%s %ld\n", names[i], atomic_long_read(&live[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(live);

/**
 * luadrv_live_init() - make the debugfs file luadrv/live
 *
 * A kernel without debugfs does without it.
 */
void luadrv_live_init(void)
{
	folder = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("live", 0400, folder, NULL, &live_fops);
}

void luadrv_live_exit(void)
{
	debugfs_remove(folder);
}
