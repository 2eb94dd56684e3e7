// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The task that runs a script: how it is made to look up, and how it is
 * stopped.
 *
 * The task itself runs the script, so that a signal to it ends the script:
 * every wait is interruptible, and between waits a timer makes the VM look up
 * every few milliseconds (lua/interrupt_lua.c). While the task sleeps in a
 * wait the timer rests. It is one that fires in hard interrupts: soft ones may
 * be left to a thread that a busy script does not let run.
 */
#include "driver/registry.h"
#include "driver/runtime.h"

#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/sizes.h>

#define TICK ms_to_ktime(10)

/*
 * Of each 16 KiB of the kernel stack, calls leave 6 KiB free at least
 * (LUADRV_STACK_MOST): the rest of a network transmission, memory reclaim and an
 * interrupt must fit in there. The handler of the overflow error gets so much of it.
 */
#define STACK_FOR_HANDLER 2048

static struct luadrv_runtime *runtime_of(struct luaport *port)
{
	return container_of(port, struct luadrv_runtime, port);
}

static bool is_to_stop(struct luadrv_runtime *rt)
{
	return READ_ONCE(rt->stopping) || signal_pending(current);
}

int luaport_attend(struct luaport *port)
{
	WRITE_ONCE(port->pending, 0);
	if (is_to_stop(runtime_of(port)))
		return -EINTR;
	cond_resched();
	return 0;
}

/* The stop itself is for luaport_attend(). */
bool luaport_breathe(struct luaport *port)
{
	WRITE_ONCE(port->pending, 0);
	cond_resched();
	if (!is_to_stop(runtime_of(port)))
		return false;
	WRITE_ONCE(port->pending, 1);
	return true;
}

const char *luaport_stop_reason(struct luaport *port)
{
	struct luadrv_runtime *rt = runtime_of(port);

	if (READ_ONCE(rt->quiet))
		return NULL;
	return READ_ONCE(rt->stopping) ? "stopped by request" : "stopped by a signal";
}

void luaport_thread_freed(struct luaport *port, struct lua_State *thread)
{
	struct luadrv_runtime *rt = runtime_of(port);
	unsigned long flags;

	/* The tick holds the lock as long as it uses what it read in @running. */
	raw_spin_lock_irqsave(&rt->lock, flags);
	if (port->running == thread)
		port->running = NULL;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
}

static enum hrtimer_restart on_tick(struct hrtimer *timer)
{
	struct luadrv_runtime *rt = container_of(timer, struct luadrv_runtime, tick);
	enum hrtimer_restart again = HRTIMER_NORESTART;
	unsigned long flags;

	raw_spin_lock_irqsave(&rt->lock, flags);
	if (rt->asleep) {
		rt->parked = true;
	} else {
		WRITE_ONCE(rt->port.pending, 1);
		luaport_arm(&rt->port);
		hrtimer_forward_now(timer, TICK);
		again = HRTIMER_RESTART;
	}
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	return again;
}

/**
 * luadrv_runtime_sleep() - the script enters a call that may sleep
 * @rt: its runtime
 * @wait: name of the call; a constant
 *
 * Context: Process, in the task that runs the script.
 */
void luadrv_runtime_sleep(struct luadrv_runtime *rt, const char *wait)
{
	WRITE_ONCE(rt->wait, wait);
	WRITE_ONCE(rt->asleep, true);
}

/**
 * luadrv_runtime_wake() - the script is back from a call that may have slept
 * @rt: its runtime
 *
 * Context: Process, in the task that runs the script.
 */
void luadrv_runtime_wake(struct luadrv_runtime *rt)
{
	unsigned long flags;
	bool parked;

	raw_spin_lock_irqsave(&rt->lock, flags);
	rt->asleep = false;
	parked = rt->parked;
	rt->parked = false;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	if (parked)
		hrtimer_start(&rt->tick, TICK, HRTIMER_MODE_REL_HARD);
}

/* Makes the task that runs a script look up, whatever it does. */
static void kick(struct task_struct *task)
{
	if (task->flags & PF_KTHREAD) {
		send_sig(SIGKILL, task, 1);
	} else {
		/* What a freezer does, too: all that user space sees is a restarted call. */
		set_tsk_thread_flag(task, TIF_SIGPENDING);
		wake_up_process(task);
	}
}

/**
 * luadrv_task_init() - make a runtime ready to be run
 * @rt: the runtime
 *
 * Context: Any.
 */
void luadrv_task_init(struct luadrv_runtime *rt)
{
	raw_spin_lock_init(&rt->lock);
	hrtimer_setup(&rt->tick, on_tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
}

/*
 * A stop (SIGSTOP, Ctrl-Z) takes effect on the way back to user space. Until
 * then it would only break every wait off, so it waits itself, and a SIGCONT
 * takes it back.
 */
static void put_off_stops(sigset_t *old)
{
	sigset_t stops;

	siginitset(&stops, SIG_KERNEL_STOP_MASK);
	sigprocmask(SIG_BLOCK, &stops, old);
}

/**
 * luadrv_task_enter() - the current task begins to run a script
 * @rt: its runtime, which nobody runs
 * @old: takes the signals that were blocked before, for luadrv_task_leave()
 *
 * Context: Process.
 */
void luadrv_task_enter(struct luadrv_runtime *rt, sigset_t *old)
{
	const size_t scale = THREAD_SIZE / SZ_16K;
	char *stack = (char *)end_of_stack(current) + THREAD_SIZE;
	unsigned long flags;
	bool stopping;

	put_off_stops(old);
	rt->port.stack_soft = stack - scale * rt->stack;
	rt->port.stack_hard = rt->port.stack_soft - scale * STACK_FOR_HANDLER;
	rt->port.overflow = 0;
	raw_spin_lock_irqsave(&rt->lock, flags);
	rt->task = current;
	rt->pid = task_pid_nr(current);
	rt->cpu_before = current->se.sum_exec_runtime;
	stopping = rt->stopping;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	/* Who asked for that may have gone, and nobody reminds it. */
	if (stopping)
		kick(current);
	hrtimer_start(&rt->tick, TICK, HRTIMER_MODE_REL_HARD);
}

/**
 * luadrv_task_leave() - the current task does not run a script any more
 * @rt: its runtime
 * @old: from luadrv_task_enter()
 *
 * Context: Process.
 */
void luadrv_task_leave(struct luadrv_runtime *rt, sigset_t *old)
{
	unsigned long flags;

	hrtimer_cancel(&rt->tick);
	raw_spin_lock_irqsave(&rt->lock, flags);
	rt->cpu += current->se.sum_exec_runtime - rt->cpu_before;
	rt->task = NULL;
	rt->heeds = false;
	rt->asked = false;
	if (rt->session)
		rt->stopping = false;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	luadrv_registry_changed();
	sigprocmask(SIG_SETMASK, old, NULL);
}

/* Reminds the task of a stop, which this may @ask for; tells whether there is one. */
static bool stop(struct luadrv_runtime *rt, bool ask)
{
	struct task_struct *task = NULL;
	unsigned long flags;
	bool stopping;

	raw_spin_lock_irqsave(&rt->lock, flags);
	if (ask && (rt->task || !rt->session))
		rt->stopping = true;
	stopping = rt->stopping;
	if (rt->task && stopping) {
		WRITE_ONCE(rt->port.pending, 1);
		luaport_arm(&rt->port);
		task = rt->task;
		get_task_struct(task);
	}
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	if (task) {
		kick(task);
		put_task_struct(task);
	}
	return stopping;
}

/**
 * luadrv_runtime_stop() - ask a script to end
 * @rt: its runtime
 *
 * A signal can get lost to who waits in the kernel: until it has ended, kick it
 * now and then.
 *
 * Context: Process.
 * Return: whether there is something to end: an idle session has nothing.
 */
bool luadrv_runtime_stop(struct luadrv_runtime *rt)
{
	return stop(rt, true);
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
	return stop(rt, false);
}

/**
 * luadrv_runtime_heed() - whether a script is one that can be asked to come to its end early
 * @rt: its runtime; that of a thread never is
 * @heeds: it will look at luadrv_runtime_asked()
 *
 * Context: Process, in the task that runs the script.
 */
void luadrv_runtime_heed(struct luadrv_runtime *rt, bool heeds)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&rt->lock, flags);
	rt->heeds = heeds && !rt->leader;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
}

/**
 * luadrv_runtime_asked() - whether the script was asked to come to its end early, in this run
 * @rt: its runtime
 *
 * Context: Process, in the task that runs the script.
 */
bool luadrv_runtime_asked(struct luadrv_runtime *rt)
{
	return READ_ONCE(rt->asked);
}

/**
 * luadrv_runtime_ask() - ask a script to come to its end early
 * @rt: its runtime
 *
 * Context: Process.
 * Return: whether that was of use: not if it would not heed it, or has been asked before.
 */
bool luadrv_runtime_ask(struct luadrv_runtime *rt)
{
	unsigned long flags;
	bool heeds;

	raw_spin_lock_irqsave(&rt->lock, flags);
	heeds = rt->heeds && !rt->asked;
	if (heeds)
		WRITE_ONCE(rt->asked, true);
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	return heeds;
}

/**
 * luadrv_runtime_cpu() - CPU time that a script has used
 * @rt: its runtime
 *
 * Context: Any.
 * Return: nanoseconds.
 */
u64 luadrv_runtime_cpu(struct luadrv_runtime *rt)
{
	unsigned long flags;
	u64 cpu;

	raw_spin_lock_irqsave(&rt->lock, flags);
	cpu = rt->cpu;
	if (rt->task)
		cpu += rt->task->se.sum_exec_runtime - rt->cpu_before;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	return cpu;
}
