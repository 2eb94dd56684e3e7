// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Asking a script to end. The request stays. A kick can get lost to a task that
 * is just between two waits, so whoever waits for the end repeats it.
 */
#include "driver/runtime.h"

#include <linux/sched/signal.h>
#include <linux/sched/task.h>

/* Makes the task that runs it look up, whatever it does. */
static void kick(struct luadrv_runtime *rt, struct task_struct *task)
{
	if (task->flags & PF_KTHREAD) {
		send_sig(SIGKILL, task, 1);
	} else {
		/* What a freezer does, too: all that user space sees is a restarted call. */
		set_tsk_thread_flag(task, TIF_SIGPENDING);
		wake_up_process(task);
	}
}

/* Takes a reference to the task. @stops: takes whether there is something to end. */
static struct task_struct *arm(struct luadrv_runtime *rt, bool stop, bool *stops)
{
	struct task_struct *task = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&rt->lock, flags);
	if (stop && (rt->task || !rt->session))
		rt->stopping = true;
	*stops = rt->stopping;
	if (rt->task && rt->stopping) {
		WRITE_ONCE(rt->port.pending, 1);
		luaport_arm(&rt->port);
		task = rt->task;
		get_task_struct(task);
	}
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	return task;
}

static bool push(struct luadrv_runtime *rt, bool stop)
{
	bool stops;
	struct task_struct *task = arm(rt, stop, &stops);

	if (task) {
		kick(rt, task);
		put_task_struct(task);
	}
	return stops;
}

/**
 * luadrv_runtime_stop() - ask a script to end
 * @rt: its runtime
 *
 * Context: Process.
 * Return: whether there is something to end: an idle session has nothing.
 */
bool luadrv_runtime_stop(struct luadrv_runtime *rt)
{
	return push(rt, true);
}

/**
 * luadrv_runtime_kick() - remind a script of luadrv_runtime_stop()
 * @rt: its runtime
 *
 * Context: Process.
 * Return: whether it has yet to end.
 */
bool luadrv_runtime_kick(struct luadrv_runtime *rt)
{
	push(rt, false);
	return READ_ONCE(rt->stopping);
}
