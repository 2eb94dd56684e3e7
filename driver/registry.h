/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* All scripts there are, by number; who stops them; what those that ended printed last. */
#ifndef _LUADRV_REGISTRY_H
#define _LUADRV_REGISTRY_H

#include <linux/types.h>

/* How often, in jiffies, scripts that are to stop are reminded. */
#define LUADRV_REMIND	(HZ / 50 ?: 1)

struct luadrv_output;
struct luadrv_runtime;
struct seq_file;

/**
 * struct luadrv_selection - which scripts are meant
 * @id: the one of this number, if not 0
 * @name: otherwise those of this name, if not empty
 * @all: otherwise all, but for @but and its threads
 * @but: the caller's own, or NULL
 */
struct luadrv_selection {
	u32 id;
	const char *name;
	bool all;
	const struct luadrv_runtime *but;
};

int luadrv_registry_add(struct luadrv_runtime *rt, const struct luadrv_runtime *spawner);
void luadrv_registry_remove(struct luadrv_runtime *rt);
void luadrv_registry_changed(void);
int luadrv_registry_stop(const struct luadrv_selection *selection);
int luadrv_registry_each(int (*visit)(struct luadrv_runtime *rt, void *data), void *data);
struct luadrv_output *luadrv_registry_log(u32 id);
void luadrv_registry_exit(void);

/* table.c */
int luadrv_table_show(struct seq_file *file, void *unused);

#endif
