// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A kernel thread of a module needs the module up to its last instruction, so
 * it cannot itself tell that it does not need it any more. A work item does,
 * once the thread has gone; the end of the module waits for work items.
 */
#include "driver/reaper.h"

#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched/task.h>

static struct workqueue_struct *reaper;

static void reap(struct work_struct *work)
{
	struct luadrv_remains *remains = container_of(work, struct luadrv_remains, work);

	kthread_stop(remains->task);
	put_task_struct(remains->task);
	module_put(THIS_MODULE);
	remains->gone(remains);
}

/**
 * luadrv_reaper_take() - the last call of a kernel thread of the module
 * @remains: what it leaves behind
 * @gone: called when the thread has gone and given the module back
 *
 * The thread has a reference to the module, which it loses. It returns from
 * its function at once.
 *
 * Context: The thread.
 */
void luadrv_reaper_take(struct luadrv_remains *remains,
			void (*gone)(struct luadrv_remains *remains))
{
	remains->task = get_task_struct(current);
	remains->gone = gone;
	INIT_WORK(&remains->work, reap);
	queue_work(reaper, &remains->work);
}

/**
 * luadrv_reaper_init() - before the first thread
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int luadrv_reaper_init(void)
{
	reaper = alloc_workqueue(KBUILD_MODNAME "_reaper", WQ_UNBOUND, 0);
	return reaper ? 0 : -ENOMEM;
}

/**
 * luadrv_reaper_exit() - after the last thread
 *
 * Context: Process. May sleep.
 */
void luadrv_reaper_exit(void)
{
	destroy_workqueue(reaper);
}
