// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Many relays that a script does not wait for: it gives their sockets away, and each relay that is over closes
 * its two. So a tunnel costs its script nothing while it lasts, nor when it ends.
 *
 * Who takes a relay off the list of its set ends it: the relay's own work when it is over, or who closes the set.
 */
#include "lsock.h"
#include "lrelay.h"

#include <linux/slab.h>

#include "driver/account.h"
#include "driver/memory.h"

/**
 * lrelay_set_new() - make an empty set of relays
 * @account: what it and its relays are charged to
 * @opts: how its relays work
 *
 * Context: Process context. May sleep.
 * Return: the set, which lrelay_set_free() ends; NULL without memory.
 */
struct lrelay_set *lrelay_set_new(struct luadrv_account *account, const struct lrelay_opts *opts)
{
	struct lrelay_set *set;

	if (luadrv_account_charge(account, sizeof(*set)))
		return NULL;
	set = kzalloc(sizeof(*set), LUADRV_GFP);
	if (!set) {
		luadrv_account_uncharge(account, sizeof(*set));
		return NULL;
	}
	set->account = luadrv_account_get(account);
	set->opts = *opts;
	spin_lock_init(&set->lock);
	INIT_LIST_HEAD(&set->relays);
	init_waitqueue_head(&set->empty);
	return set;
}

/**
 * lrelay_set_add() - give two sockets to a relay of the set
 * @set: the set, not closed
 * @a: as for lrelay_new(); it leaves all poll sets
 * @b: the same
 *
 * When this has worked, the set closes the sockets when the relay is over, whoever has handles of them.
 *
 * Context: Process context, of the only one that has the set. May sleep.
 * Return: as lrelay_new().
 */
int lrelay_set_add(struct lrelay_set *set, struct lsock *a, struct lsock *b)
{
	struct lrelay *r;

	return lrelay_new(set->account, a, b, &set->opts, set, &r);
}

/* A relay begins to be one of the set. */
void lrelay_set_enter(struct lrelay_set *set, struct lrelay *r)
{
	int i;

	for (i = 0; i < 2; i++) {
		lsock_share(r->ends[i].ls);
		lsock_forget(r->ends[i].ls);
	}
	spin_lock(&set->lock);
	list_add(&r->node, &set->relays);
	set->count++;
	spin_unlock(&set->lock);
}

/* Takes a relay off the list; false when another one has done that, and will end it. */
static bool lrelay_set_take(struct lrelay_set *set, struct lrelay *r)
{
	bool mine;

	spin_lock(&set->lock);
	mine = !list_empty(&r->node);
	list_del_init(&r->node);
	spin_unlock(&set->lock);
	return mine;
}

/* Closes the sockets of a relay that is over, and gives it back. */
static void lrelay_set_leave(struct lrelay_set *set, struct lrelay *r)
{
	u64 moved[2] = { r->ways[0].moved, r->ways[1].moved };
	int i;

	for (i = 0; i < 2; i++) {
		lsock_close(r->ends[i].ls, false);
		lsock_drop(r->ends[i].ls);
	}
	lrelay_put(r);
	spin_lock(&set->lock);
	for (i = 0; i < 2; i++)
		set->moved[i] += moved[i];
	set->ended++;
	if (!--set->count)
		wake_up(&set->empty);
	spin_unlock(&set->lock);
}

/**
 * lrelay_set_over() - a relay of a set is over
 * @r: the relay, which has LRELAY_BUSY for good; afterwards it may be gone
 *
 * Context: Process context. May sleep.
 * Return: false when another one ends it, who waits for LRELAY_BUSY.
 */
bool lrelay_set_over(struct lrelay *r)
{
	if (!lrelay_set_take(r->set, r))
		return false;
	lrelay_set_leave(r->set, r);
	return true;
}

static struct lrelay *lrelay_set_first(struct lrelay_set *set)
{
	struct lrelay *r;

	spin_lock(&set->lock);
	r = list_first_entry_or_null(&set->relays, struct lrelay, node);
	if (r)
		list_del_init(&r->node);
	spin_unlock(&set->lock);
	return r;
}

/**
 * lrelay_set_close() - end all relays of a set, and close their sockets
 * @set: the set
 *
 * Closing it again does nothing.
 *
 * Context: Process context, of the only one that has the set. Sleeps, not for long.
 */
void lrelay_set_close(struct lrelay_set *set)
{
	struct lrelay *r;

	while ((r = lrelay_set_first(set))) {
		lrelay_stop(r);
		lrelay_set_leave(set, r);
		cond_resched();
	}
	/* Those that were over just now. */
	wait_event(set->empty, !READ_ONCE(set->count));
	/* The last one has let go of the lock, too. */
	spin_lock(&set->lock);
	spin_unlock(&set->lock);
}

/**
 * lrelay_set_free() - close a set, and free it
 * @set: the set
 *
 * Context: as lrelay_set_close().
 */
void lrelay_set_free(struct lrelay_set *set)
{
	lrelay_set_close(set);
	luadrv_account_uncharge(set->account, sizeof(*set));
	luadrv_account_put(set->account);
	kfree(set);
}

/**
 * lrelay_set_result() - what a set has done until now
 * @set: the set
 * @result: where it goes
 *
 * Context: Process context.
 */
void lrelay_set_result(struct lrelay_set *set, struct lrelay_set_result *result)
{
	const struct lrelay *r;
	int i;

	spin_lock(&set->lock);
	result->running = set->count;
	result->ended = set->ended;
	for (i = 0; i < 2; i++)
		result->moved[i] = set->moved[i];
	list_for_each_entry(r, &set->relays, node)
		for (i = 0; i < 2; i++)
			result->moved[i] += READ_ONCE(r->ways[i].moved);
	spin_unlock(&set->lock);
}

/**
 * lrelay_set_count() - how many relays of a set are running
 * @set: the set
 *
 * Context: Any.
 */
unsigned int lrelay_set_count(const struct lrelay_set *set)
{
	return READ_ONCE(set->count);
}

/**
 * lrelay_set_news() - for the statistics: what was moved since this was asked last
 * @set: the set
 *
 * Context: Process context, of the only one that has the set.
 * Return: bytes, of both directions.
 */
u64 lrelay_set_news(struct lrelay_set *set)
{
	struct lrelay_set_result result;
	u64 moved, news;

	lrelay_set_result(set, &result);
	moved = result.moved[0] + result.moved[1];
	news = moved > set->told ? moved - set->told : 0;
	set->told += news;
	return news;
}
