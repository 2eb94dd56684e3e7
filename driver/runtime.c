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
#include "driver/compat.h"
#include "driver/live.h"
#include "driver/runtime.h"
#include "thread/thread.h"

#include <linux/ktime.h>
#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/nsproxy.h>
#include <linux/random.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

#define TICK ms_to_ktime(10)

/*
 * Bytes of the kernel stack that calls leave free, of each 16 KiB: the rest of
 * a network transmission, memory reclaim and an interrupt must fit below. The
 * handler of the overflow error gets what lies between the two.
 */
#define STACK_SOFT 6144
#define STACK_HARD 4096

static siphash_key_t pointer_key __ro_after_init;
static hsiphash_key_t bytes_key __ro_after_init;
u64 luaport_hash_keys[4] __ro_after_init;

/**
 * luadrv_runtime_init() - draw the keys of all hashes
 */
void __init luadrv_runtime_init(void)
{
	get_random_bytes(&pointer_key, sizeof(pointer_key));
	get_random_bytes(&bytes_key, sizeof(bytes_key));
	get_random_bytes(luaport_hash_keys, sizeof(luaport_hash_keys));
	/* Odd, so that multiplying by them loses nothing. */
	luaport_hash_keys[1] |= 1;
	luaport_hash_keys[2] |= 1;
}

int luaport_attend(struct luaport *port)
{
	WRITE_ONCE(port->pending, 0);
	if (signal_pending(current))
		return -EINTR;
	cond_resched();
	return 0;
}

void luaport_thread_freed(struct luaport *port, struct lua_State *thread)
{
	struct luadrv_runtime *rt = container_of(port, struct luadrv_runtime, port);

	unsigned long flags;

	/* The tick holds the lock as long as it uses what it read in @running. */
	raw_spin_lock_irqsave(&rt->lock, flags);
	if (port->running == thread)
		port->running = NULL;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
}

u64 luaport_pointer_id(const void *ptr)
{
	return siphash_1u64((unsigned long)ptr, &pointer_key) >> 16;
}

u32 luaport_hash_bytes(const void *bytes, size_t len, u32 seed)
{
	hsiphash_key_t key = bytes_key;

	key.key[0] ^= seed;
	return hsiphash(bytes, len, &key);
}

u32 luaport_random32(void)
{
	return get_random_u32();
}

u64 luaport_random64(void)
{
	return get_random_u64();
}

s64 luaport_time(void)
{
	return ktime_get_real_seconds();
}

u64 luaport_cputime(void)
{
	u64 user, system;

	task_cputime_adjusted(current, &user, &system);
	return user + system;
}

void luaport_abort(void)
{
	panic(KBUILD_MODNAME ": Lua error outside of a protected call");
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
 *
 * Context: Process, in the task that runs the script.
 */
void luadrv_runtime_sleep(struct luadrv_runtime *rt)
{
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
	return rt->net;
}

u64 luadrv_time_ns(void)
{
	return ktime_get_ns();
}

void luadrv_sleep(unsigned int ms)
{
	msleep_interruptible(ms);
}

/* A process can call itself anything; the log gets no control characters from that. */
static void set_owner(struct luadrv_runtime *rt)
{
	char *c;

	get_task_comm(rt->owner, current);
	for (c = rt->owner; *c; c++)
		if (iscntrl(*c))
			*c = '?';
	rt->pid = task_pid_nr(current);
}

static struct luadrv_runtime *runtime_new(void)
{
	struct luadrv_runtime *rt = kzalloc(sizeof(*rt), GFP_KERNEL_ACCOUNT);
	char *stack = (char *)end_of_stack(current);

	/* The Lua side takes one for the other. */
	BUILD_BUG_ON(offsetof(struct luadrv_runtime, port) != 0);
	if (!rt)
		return NULL;
	rt->account = luadrv_account_new(luadrv_memory, luadrv_sockets);
	if (!rt->account) {
		kfree(rt);
		return NULL;
	}
	rt->net = get_net_track(current->nsproxy->net_ns, &rt->net_tracker,
				GFP_KERNEL);
	luadrv_live_add(LUADRV_LIVE_NETNS, 1);
	rt->port.stack_soft = stack + THREAD_SIZE / SZ_16K * STACK_SOFT;
	rt->port.stack_hard = stack + THREAD_SIZE / SZ_16K * STACK_HARD;
	raw_spin_lock_init(&rt->lock);
	hrtimer_setup(&rt->tick, on_tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	set_owner(rt);
	luadrv_live_add(LUADRV_LIVE_STATES, 1);
	return rt;
}

static void runtime_free(struct luadrv_runtime *rt)
{
	luadrv_live_add(LUADRV_LIVE_STATES, -1);
	luadrv_live_add(LUADRV_LIVE_NETNS, -1);
	put_net_track(rt->net, &rt->net_tracker);
	luadrv_account_put(rt->account);
	kfree(rt);
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
 * luadrv_run() - run a script in the calling task, to its end
 * @script: its text
 * @len: length of the text
 *
 * Context: Process; sleeps for as long as the script wants, until a signal.
 * Return: 0; -EINVAL when it does not compile; -ECANCELED when it raised an
 * error; -ENOMEM when it ran out of memory; -EINTR when a signal stopped it.
 * Every failure has been told in the kernel log.
 */
int luadrv_run(const char *script, size_t len)
{
	struct luadrv_runtime *rt = runtime_new();
	sigset_t old;
	int err;

	if (!rt)
		return -ENOMEM;
	put_off_stops(&old);
	hrtimer_start(&rt->tick, TICK, HRTIMER_MODE_REL_HARD);
	err = luadrv_state_run(rt, script, len);
	lchannel_end_all(rt->account);
	hrtimer_cancel(&rt->tick);
	sigprocmask(SIG_SETMASK, &old, NULL);
	runtime_free(rt);
	return err;
}
