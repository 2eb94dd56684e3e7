// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The kernel side of a runtime, from its making until nothing of it is left.
 * What concerns the task that runs it is in driver/task.c.
 */
#include "driver/account.h"
#include "driver/live.h"
#include "driver/registry.h"
#include "driver/runtime.h"
#include "driver/trace.h"
#include "thread/thread.h"

#include <linux/ctype.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>

static struct luadrv_runtime *runtime_of(struct luaport *port)
{
	return container_of(port, struct luadrv_runtime, port);
}

int luaport_may_exit(struct luaport *port)
{
	BUILD_BUG_ON(LUAPORT_EXIT != LUADRV_EXIT);
	return !runtime_of(port)->leader;
}

long long luaport_refill(struct luaport *port)
{
	struct luadrv_runtime *rt = runtime_of(port);

	if (!rt->leader)
		atomic64_set(&rt->account->budget, port->instructions);
	return atomic64_read(&rt->account->budget);
}

long long luaport_spend(struct luaport *port, long long n)
{
	return atomic64_sub_return(n, &runtime_of(port)->account->budget);
}

struct luadrv_account *luadrv_runtime_account(struct luadrv_runtime *rt)
{
	return rt->account;
}

struct net *luadrv_runtime_net(struct luadrv_runtime *rt)
{
	return rt->origin->net;
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

bool luadrv_runtime_stays(struct luadrv_runtime *rt)
{
	return READ_ONCE(rt->session);
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

size_t luadrv_runtime_max_script(struct luadrv_runtime *rt)
{
	return rt->max_script;
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

static void take_setup(struct luadrv_runtime *rt, const struct luadrv_setup *setup)
{
	struct luadrv_runtime *spawner = setup->spawner;

	if (spawner)
		rt->leader = spawner->leader ? spawner->leader : spawner;
	rt->session = setup->session;
	rt->detached = setup->detached;
	rt->stack = setup->stack;
	rt->max_script = setup->max_script;
	rt->port.instructions = min_t(u64, setup->instructions, LLONG_MAX);
	set_name(rt, setup->name);
	rt->args = setup->args;
	rt->args_size = setup->args_size;
}

/**
 * luadrv_runtime_new() - make a runtime and enter it into the registry
 * @setup: how it shall run; the runtime takes over the arguments
 * @origin: where its script comes from; it takes a reference of its own
 * @output: where it prints to, or NULL; it takes a reference of its own
 *
 * Context: Process. May sleep.
 * Return: the runtime, for luadrv_runtime_end(), or NULL when there is no
 * memory, or when who spawns it is to end.
 */
struct luadrv_runtime *luadrv_runtime_new(struct luadrv_setup *setup,
					  struct luadrv_origin *origin,
					  struct luadrv_output *output)
{
	struct luadrv_runtime *rt = kzalloc(sizeof(*rt), GFP_KERNEL_ACCOUNT);
	struct luadrv_runtime *spawner = setup->spawner;

	/* The Lua side takes one for the other. */
	BUILD_BUG_ON(offsetof(struct luadrv_runtime, port) != 0);
	if (!rt)
		return NULL;
	rt->account = spawner ? luadrv_account_get(spawner->account) :
				luadrv_account_new(setup->memory, setup->sockets);
	if (!rt->account)
		goto err_free;
	kref_init(&rt->ref);
	luadrv_task_init(rt);
	rt->born = ktime_get_ns();
	take_setup(rt, setup);
	rt->origin = luadrv_origin_get(origin);
	rt->output = output ? luadrv_output_get(output) : NULL;
	/* From here on others see it, and may stop it. */
	if (luadrv_registry_add(rt, spawner))
		goto err_put;
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
 * instructions, sockets; -EINTR when it was stopped. Every failure has been
 * told. %LUADRV_EXIT and a status when it called os.exit().
 */
int luadrv_runtime_run(struct luadrv_runtime *rt, const char *script, size_t len,
		       enum luadrv_job job)
{
	sigset_t old;
	int err, stop;

	luadrv_task_enter(rt, &old);
	trace_luadrv_start(rt->id, rt->name, rt->pid);
	err = luadrv_state_run(rt, script, len, job);
	/* Whose handler of errors did not run; the workers of one that exits as well. */
	if (err && err != -ECANCELED)
		lthread_stop_owned(rt);
	if (!rt->session) {
		if (!rt->leader)
			lthread_end_all(rt->account);
		stop = luadrv_state_close(rt, true);
		err = stop ? stop : err;
	}
	luadrv_task_leave(rt, &old);
	if (err == -ENOMEM || err == -ETIME || err == -EMFILE)
		trace_luadrv_limit(rt->id, rt->name, err);
	trace_luadrv_end(rt->id, rt->name, err);
	return err;
}

/**
 * luadrv_runtime_last() - a session's state is about to end
 * @rt: its runtime, which nobody runs; its last run, or its end, comes next
 *
 * From here on a stop is not over when that run is, but when it has ended.
 *
 * Context: Process.
 */
void luadrv_runtime_last(struct luadrv_runtime *rt)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&rt->lock, flags);
	rt->session = false;
	raw_spin_unlock_irqrestore(&rt->lock, flags);
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

	if (!rt->leader)
		lthread_end_all(rt->account);
	if (finalize) {
		luadrv_task_enter(rt, &old);
		/* A session's last run may have been stopped; that was not meant for these. */
		luadrv_state_renew(rt);
		luadrv_state_close(rt, true);
		luadrv_task_leave(rt, &old);
	} else {
		luadrv_state_close(rt, false);
	}
	if (!rt->leader)
		lchannel_end_all(rt->account);
	/* Who waits for the end may then unmount what its process had mounted. */
	luadrv_origin_put(rt->origin);
	rt->origin = NULL;
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
