// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* All scripts there are, by number, and the logs of those that ended last. */
#include "driver/registry.h"
#include "driver/runtime.h"

#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <linux/xarray.h>

/* Of so many detached scripts that have ended, the log is kept. */
#define KEPT_LOGS 16

/* What is kept of a detached script that has ended. */
struct kept {
	u32 id;
	struct luadrv_output *output;
};

static DEFINE_XARRAY_ALLOC1(scripts);
static u32 next_id = 1;
static struct kept kept[KEPT_LOGS];
static unsigned int kept_next;
/* Protects all of the above. Taken when a script begins, ends, is looked at. */
static DEFINE_MUTEX(registry_lock);
static DECLARE_WAIT_QUEUE_HEAD(changed);

/**
 * luadrv_registry_add() - give a script a number, by which others find it
 * @rt: its runtime
 * @spawner: whose thread it is, or NULL
 *
 * A stop asks all threads there are while it holds the lock; what it has asked
 * to end spawns no more.
 *
 * Context: Process. May sleep.
 * Return: 0; -ENOMEM; -EBUSY when there is no number left; -EINTR when the
 * spawner is to end.
 */
int luadrv_registry_add(struct luadrv_runtime *rt, const struct luadrv_runtime *spawner)
{
	int err = -EINTR;

	mutex_lock(&registry_lock);
	if (!spawner || !READ_ONCE(spawner->stopping))
		err = xa_alloc_cyclic(&scripts, &rt->id, rt, XA_LIMIT(1, INT_MAX), &next_id,
				      GFP_KERNEL);
	mutex_unlock(&registry_lock);
	return err < 0 ? err : 0;
}

static void keep_log(struct luadrv_runtime *rt)
{
	struct kept *slot = &kept[kept_next++ % KEPT_LOGS];

	luadrv_output_put(slot->output);
	slot->id = rt->id;
	slot->output = luadrv_output_get(rt->output);
	/* The script that asked for more has gone, and with it what limits scripts. */
	luadrv_output_trim(slot->output, READ_ONCE(luadrv_output));
}

/**
 * luadrv_registry_remove() - forget a script; of a detached one keep the log
 * @rt: its runtime, which has ended
 *
 * Context: Process. May sleep.
 */
void luadrv_registry_remove(struct luadrv_runtime *rt)
{
	mutex_lock(&registry_lock);
	xa_erase(&scripts, rt->id);
	if (rt->detached && rt->output)
		keep_log(rt);
	mutex_unlock(&registry_lock);
	luadrv_registry_changed();
}

/**
 * luadrv_registry_changed() - tell those who wait for the end of scripts
 *
 * Context: Process.
 */
void luadrv_registry_changed(void)
{
	wake_up_all(&changed);
}

/**
 * luadrv_registry_each() - call a function for every script, in the order of their numbers
 * @visit: the function; not 0 ends the round; must not run scripts
 * @data: what it gets
 *
 * Context: Process. May sleep.
 * Return: what @visit gave last, or 0.
 */
int luadrv_registry_each(int (*visit)(struct luadrv_runtime *rt, void *data), void *data)
{
	struct luadrv_runtime *rt;
	unsigned long id;
	int res = 0;

	mutex_lock(&registry_lock);
	xa_for_each(&scripts, id, rt) {
		res = visit(rt, data);
		if (res)
			break;
	}
	mutex_unlock(&registry_lock);
	return res;
}

/* Threads go with their script, also where that itself, an idle session, has nothing to end. */
static bool selects(const struct luadrv_selection *selection,
		    const struct luadrv_runtime *rt)
{
	const struct luadrv_runtime *script = rt->leader ? rt->leader : rt;

	if (selection->id)
		return rt->id == selection->id || script->id == selection->id;
	if (*selection->name)
		return !strcmp(script->name, selection->name);
	return selection->all && script != selection->but;
}

/* One round of a stop. */
struct stop_round {
	const struct luadrv_selection *selection;
	unsigned int found;
	unsigned int stopped;
	unsigned int stopping;
};

static int ask_to_stop(struct luadrv_runtime *rt, void *data)
{
	struct stop_round *round = data;
	bool stops, goes_along;

	if (!selects(round->selection, rt))
		return 0;
	goes_along = rt->leader && rt->id != round->selection->id;
	if (goes_along)
		WRITE_ONCE(rt->quiet, true);
	stops = luadrv_runtime_stop(rt);
	round->found++;
	round->stopping += stops;
	if (!goes_along)
		round->stopped += stops || !list_empty_careful(&rt->account->threads);
	return 0;
}

static int remind_to_stop(struct luadrv_runtime *rt, void *data)
{
	struct stop_round *round = data;

	if (READ_ONCE(rt->stopping) && selects(round->selection, rt))
		round->stopping += luadrv_runtime_kick(rt);
	return 0;
}

/**
 * luadrv_registry_stop() - stop scripts and wait until they have ended
 * @selection: which
 *
 * Context: Process. Sleeps, until a signal.
 * Return: how many were stopped, or had threads that were; threads count when
 * they were meant themselves. -ESRCH when there is none like that; -EINTR.
 */
int luadrv_registry_stop(const struct luadrv_selection *selection)
{
	struct stop_round round = { .selection = selection };
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	luadrv_registry_each(ask_to_stop, &round);
	if (!round.found && !selection->all)
		return -ESRCH;
	while (round.stopping && !err) {
		/* Queued before it looks, so that no end goes unnoticed meanwhile. */
		add_wait_queue(&changed, &wait);
		round.stopping = 0;
		luadrv_registry_each(remind_to_stop, &round);
		if (round.stopping)
			wait_woken(&wait, TASK_INTERRUPTIBLE, LUADRV_REMIND);
		remove_wait_queue(&changed, &wait);
		if (signal_pending(current))
			err = -EINTR;
	}
	return round.stopping ? err : round.stopped;
}

/**
 * luadrv_registry_log() - what a detached script printed, also after its end
 * @id: its number
 *
 * Context: Process. May sleep.
 * Return: the output, with a reference; ERR_PTR(-ESRCH) when there is none of
 * that number; ERR_PTR(-EINVAL) when it is not detached.
 */
struct luadrv_output *luadrv_registry_log(u32 id)
{
	struct luadrv_output *out = ERR_PTR(-ESRCH);
	struct luadrv_runtime *rt;
	unsigned int i;

	mutex_lock(&registry_lock);
	rt = xa_load(&scripts, id);
	if (rt)
		out = rt->detached && rt->output ? luadrv_output_get(rt->output) :
						   ERR_PTR(-EINVAL);
	for (i = 0; i < KEPT_LOGS && out == ERR_PTR(-ESRCH); i++)
		if (id && kept[i].id == id)
			out = luadrv_output_get(kept[i].output);
	mutex_unlock(&registry_lock);
	return out;
}

/**
 * luadrv_registry_exit() - let go of all that is kept
 *
 * Context: Process, when no script runs any more.
 */
void luadrv_registry_exit(void)
{
	unsigned int i;

	for (i = 0; i < KEPT_LOGS; i++)
		luadrv_output_put(kept[i].output);
	memset(kept, 0, sizeof(kept));
	xa_destroy(&scripts);
}
