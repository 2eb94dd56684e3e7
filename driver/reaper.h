/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The end of the module's kernel threads: who sees that one has ended can unload the module. */
#ifndef _LUADRV_REAPER_H
#define _LUADRV_REAPER_H

#include <linux/workqueue.h>

struct task_struct;

/**
 * struct luadrv_remains - what a kernel thread leaves behind
 * @work: waits until it has gone
 * @task: the thread; holds a reference
 * @gone: what is done then, in process context; it may free this
 */
struct luadrv_remains {
	struct work_struct work;
	struct task_struct *task;
	void (*gone)(struct luadrv_remains *remains);
};

void luadrv_reaper_take(struct luadrv_remains *remains,
			void (*gone)(struct luadrv_remains *remains));
int luadrv_reaper_init(void);
void luadrv_reaper_exit(void);

#endif
