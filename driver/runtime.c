// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The kernel side of a runtime: from the moment that a task begins to run a
 * script until nothing of it is left.
 *
 * The task itself runs the script, so that a signal to it ends the script:
 * every wait is interruptible, and between waits a timer makes the VM look up
 * every few milliseconds (lua/interrupt_lua.c). While the task sleeps in a
 * wait the timer rests. It is one that fires in hard interrupts: soft ones may
 * be left to a thread that a busy script does not let run.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver/account.h"
#include "driver/live.h"
#include "driver/registry.h"
#include "driver/runtime.h"
#include "driver/trace.h"
#include "thread/thread.h"

#include <linux/ctype.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/slab.h>

#define TICK ms_to_ktime(10)

/*
 * Bytes of the kernel stack that calls leave free, of each 16 KiB: the rest of
 * a network transmission, memory reclaim and an interrupt must fit below. The
 * handler of the overflow error gets what lies between the two.
 */
#define STACK_SOFT 6144
#define STACK_HARD 4096

static struct luadrv_runtime *runtime_of(struct luaport *port)
{
	return container_of(port, struct luadrv_runtime, port);
}

int luaport_attend(struct luaport *port)
{
	WRITE_ONCE(port->pending, 0);
	if (READ_ONCE(runtime_of(port)->stopping) || signal_pending(current))
		return -EINTR;
	cond_resched();
	return 0;
}

const char *luaport_stop_reason(struct luaport *port)
{
	struct luadrv_runtime *rt = runtime_of(port);

	if (READ_ONCE(rt->quiet))
		return NULL;
	return READ_ONCE(rt->stopping) ? "stopped by request" : "stopped by a signal";
}

long long luaport_refill(struct luaport *port)
{
	struct luadrv_runtime *rt = runtime_of(port);

	if (!rt->parent)
		atomic64_set(&rt->account->budget, port->instructions);
	return atomic64_read(&rt->account->budget);
}

long long luaport_spend(struct luaport *port, long long n)
{
	return atomic64_sub_return(n, &runtime_of(port)->account->budget);
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

struct luadrv_account *luadrv_runtime_account(struct luadrv_runtime *rt)
{
	return rt->account;
}

struct net *luadrv_runtime_net(struct luadrv_runtime *rt)
{
	return rt->origin->net;
}

const struct luadrv_origin *luadrv_runtime_origin(struct luadrv_runtime *rt)
{
	return rt->origin;
}

/* Only the task that runs the script counts; who reads may see it a moment late. */
void luadrv_runtime_count(struct luadrv_runtime *rt, size_t received, size_t sent)
{
	WRITE_ONCE(rt->received, rt->received + received);
	WRITE_ONCE(rt->sent, rt->sent + sent);
}

struct lthread *luadrv_runtime_thread(struct luadrv_runtime *rt)
{
	return rt->thread;
}

const char *luadrv_runtime_name(struct luadrv_runtime *rt)
{
	return rt->named ? rt->name : "script";
}

const char *luadrv_runtime_args(struct luadrv_runtime *rt, size_t *size)
{
	*size = rt->args_size;
	return rt->args;
}

void luadrv_runtime_limit(struct luadrv_runtime *rt, int err)
{
	trace_luadrv_limit(rt->id, rt->name, err);
}

/* Names come from users; the log and the table get no control characters from them. */
static void set_name(struct luadrv_runtime *rt, const char *name)
{
	char comm[TASK_COMM_LEN];
	char *c;

	rt->named = *name;
	strscpy(rt->name, rt->named ? name : get_task_comm(comm, current), sizeof(rt->name));
	for (c = rt->name; *c; c++)
		if (iscntrl(*c))
			*c = '?';
}

/**
 * luadrv_runtime_new() - make a runtime and enter it into the registry
 * @setup: how it shall run; the runtime takes over the arguments
 * @origin: where its script comes from; it takes a reference of its own
 * @output: where it prints to, or NULL; it takes a reference of its own
 *
 * Context: Process. May sleep.
 * Return: the runtime, for luadrv_runtime_end(), or NULL when there is no memory.
 */
struct luadrv_runtime *luadrv_runtime_new(struct luadrv_setup *setup,
					  struct luadrv_origin *origin,
					  struct luadrv_output *output)
{
	struct luadrv_runtime *rt = kzalloc(sizeof(*rt), GFP_KERNEL_ACCOUNT);

	/* The Lua side takes one for the other. */
	BUILD_BUG_ON(offsetof(struct luadrv_runtime, port) != 0);
	if (!rt)
		return NULL;
	rt->account = setup->leader ? luadrv_account_get(setup->leader->account) :
				      luadrv_account_new(setup->memory, setup->sockets);
	if (!rt->account)
		goto err_free;
	kref_init(&rt->ref);
	raw_spin_lock_init(&rt->lock);
	hrtimer_setup(&rt->tick, on_tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	rt->born = ktime_get_ns();
	rt->leader = setup->leader;
	rt->parent = setup->leader ? setup->leader->id : 0;
	rt->port.instructions = min_t(u64, setup->instructions, LLONG_MAX);
	set_name(rt, setup->name);
	rt->origin = luadrv_origin_get(origin);
	rt->output = output ? luadrv_output_get(output) : NULL;
	if (luadrv_registry_add(rt))
		goto err_put;
	rt->args = setup->args;
	rt->args_size = setup->args_size;
	setup->args = NULL;
	luadrv_live_add(LUADRV_LIVE_STATES, 1);
	return rt;

err_put:
	luadrv_origin_put(rt->origin);
	luadrv_output_put(rt->output);
	luadrv_account_put(rt->account);
err_free:
	kfree(rt);
	return NULL;
}

static void runtime_release(struct kref *ref)
{
	struct luadrv_runtime *rt = container_of(ref, struct luadrv_runtime, ref);

	luadrv_live_add(LUADRV_LIVE_STATES, -1);
	luadrv_origin_put(rt->origin);
	luadrv_output_put(rt->output);
	luadrv_account_put(rt->account);
	kvfree(rt->args);
	kfree(rt);
}

struct luadrv_runtime *luadrv_runtime_get(struct luadrv_runtime *rt)
{
	kref_get(&rt->ref);
	return rt;
}

void luadrv_runtime_put(struct luadrv_runtime *rt)
{
	kref_put(&rt->ref, runtime_release);
}

/* The current task begins to run it. */
static void enter(struct luadrv_runtime *rt)
{
	char *stack = (char *)end_of_stack(current);
	unsigned long flags;

	rt->port.stack_soft = stack + THREAD_SIZE / SZ_16K * STACK_SOFT;
	rt->port.stack_hard = stack + THREAD_SIZE / SZ_16K * STACK_HARD;
	rt->port.overflow = 0;
	raw_spin_lock_irqsave(&rt->lock, flags);
	rt->task = current;
	rt->pid = task_pid_nr(current);
	rt->cpu_before = current->se.sum_exec_runtime;
	if (rt->session)
		rt->stopping = false;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	hrtimer_start(&rt->tick, TICK, HRTIMER_MODE_REL_HARD);
}

static void leave(struct luadrv_runtime *rt)
{
	unsigned long flags;

	hrtimer_cancel(&rt->tick);
	raw_spin_lock_irqsave(&rt->lock, flags);
	rt->cpu += current->se.sum_exec_runtime - rt->cpu_before;
	rt->task = NULL;
	if (rt->session)
		rt->stopping = false;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	luadrv_registry_changed();
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
 * luadrv_runtime_run() - run a script in the calling task, to its end
 * @rt: the runtime; nobody else runs it
 * @script: the script's text
 * @len: length of the text
 * @job: to run it, or only to compile it
 *
 * Unless the runtime is a session's, its state ends with the script.
 *
 * Context: Process; sleeps for as long as the script wants, until a signal or
 * luadrv_runtime_stop().
 * Return: 0; -EINVAL when it does not compile; -ECANCELED when it raised an
 * error; -ENOMEM, -ETIME, -EMFILE when it reached its limit of memory,
 * instructions, sockets; -EINTR when it was stopped. Every failure has been told.
 */
int luadrv_runtime_run(struct luadrv_runtime *rt, const char *script, size_t len,
		       enum luadrv_job job)
{
	sigset_t old;
	int err, stop;

	put_off_stops(&old);
	enter(rt);
	trace_luadrv_start(rt->id, rt->name, rt->pid);
	err = luadrv_state_run(rt, script, len, job);
	if (!rt->session) {
		if (!rt->parent)
			lthread_end_all(rt->account);
		stop = luadrv_state_close(rt, true);
		err = stop ? stop : err;
	}
	leave(rt);
	trace_luadrv_end(rt->id, rt->name, err);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err;
}

/**
 * luadrv_runtime_finish() - end all that a runtime has that nobody runs
 * @rt: the runtime; of use for luadrv_runtime_forget() alone from now on
 * @finalize: run finalizers of its state: a signal can end them
 *
 * Context: Process. May sleep.
 */
void luadrv_runtime_finish(struct luadrv_runtime *rt, bool finalize)
{
	sigset_t old;

	if (!rt->parent)
		lthread_end_all(rt->account);
	if (finalize) {
		put_off_stops(&old);
		enter(rt);
		/* A session's last run may have been stopped; that was not meant for these. */
		luadrv_state_renew(rt);
		luadrv_state_close(rt, true);
		leave(rt);
		sigprocmask(SIG_SETMASK, &old, NULL);
	} else {
		luadrv_state_close(rt, false);
	}
	if (!rt->parent)
		lchannel_end_all(rt->account);
}

/**
 * luadrv_runtime_forget() - nobody finds a finished runtime any more
 * @rt: the runtime; the caller's reference goes
 *
 * Context: Process. May sleep.
 */
void luadrv_runtime_forget(struct luadrv_runtime *rt)
{
	luadrv_registry_remove(rt);
	luadrv_runtime_put(rt);
}

/**
 * luadrv_runtime_end() - finish a runtime and forget it
 * @rt: the runtime; the caller's reference goes
 * @finalize: as luadrv_runtime_finish()
 *
 * Context: Process. May sleep.
 */
void luadrv_runtime_end(struct luadrv_runtime *rt, bool finalize)
{
	luadrv_runtime_finish(rt, finalize);
	luadrv_runtime_forget(rt);
}

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

/* Takes a reference to the task. */
static struct task_struct *arm(struct luadrv_runtime *rt, bool stop)
{
	struct task_struct *task = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&rt->lock, flags);
	if (stop && (rt->task || !rt->session))
		rt->stopping = true;
	if (rt->task && rt->stopping) {
		WRITE_ONCE(rt->port.pending, 1);
		luaport_arm(&rt->port);
		task = rt->task;
		get_task_struct(task);
	}
	raw_spin_unlock_irqrestore(&rt->lock, flags);
	return task;
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
	struct task_struct *task = arm(rt, true);

	if (task) {
		kick(rt, task);
		put_task_struct(task);
	}
	/* It may have ended by now. */
	return task || !rt->session;
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
	struct task_struct *task = arm(rt, false);

	if (task) {
		kick(rt, task);
		put_task_struct(task);
	}
	return READ_ONCE(rt->stopping);
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
