// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Poll sets: what a wait costs depends on how many sockets are ready, not on
 * how many are watched. A wait takes the first of the members that may be ready
 * (member.c puts them on a list) and asks its object. If it is ready it goes
 * to the end of the list, so that it is reported again for as long as it is,
 * and after the others; but one-shots, which are done, and edge-triggered ones,
 * which come back with their next wake-up.
 *
 * Members that are reported are stamped with the number of the round. So a
 * round is over when the first of the list has its stamp.
 */
#include "lpoll.h"

#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "driver/account.h"
#include "driver/live.h"
#include "driver/memory.h"

/**
 * lpoll_new() - create a poll set
 * @account: what it is charged to
 * @res: where it goes; the caller ends it with lpoll_close() and lpoll_put()
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM.
 */
int lpoll_new(struct luadrv_account *account, struct lpoll **res)
{
	struct lpoll *set;
	int err;

	err = luadrv_account_charge(account, sizeof(*set));
	if (err)
		return err;

	set = kzalloc(sizeof(*set), LUADRV_GFP);
	if (!set) {
		luadrv_account_uncharge(account, sizeof(*set));
		return -ENOMEM;
	}

	kref_init(&set->ref);
	set->account = luadrv_account_get(account);
	mutex_init(&set->mutex);
	xa_init_flags(&set->slots, XA_FLAGS_ALLOC);
	spin_lock_init(&set->lock);
	INIT_LIST_HEAD(&set->ready);
	INIT_LIST_HEAD(&set->dead);
	init_waitqueue_head(&set->wait);
	luadrv_live_add(LUADRV_LIVE_POLLS, 1);
	*res = set;
	return 0;
}

/**
 * lpoll_close() - end a poll set
 * @set: the set; the caller's reference stays the caller's
 *
 * It has no members any more, every call on it fails, and whoever waits in it
 * is woken up. Closing it again does nothing.
 *
 * Context: Process context. May sleep.
 */
void lpoll_close(struct lpoll *set)
{
	struct lpoll_item *item;
	unsigned long i;

	mutex_lock(&set->mutex);
	set->closed = true;
	xa_for_each(&set->slots, i, item) {
		lpoll_drop(set, item);
		cond_resched();
	}
	mutex_unlock(&set->mutex);
	wake_up_all(&set->wait);
}

/**
 * lpoll_tell() - have a set report members that are closed
 * @set: the set
 *
 * Each is reported once, with EPOLLNVAL, and has left the set then.
 *
 * Context: Process context. May sleep.
 */
void lpoll_tell(struct lpoll *set)
{
	mutex_lock(&set->mutex);
	set->tells = true;
	mutex_unlock(&set->mutex);
}

static void lpoll_free(struct kref *ref)
{
	struct lpoll *set = container_of(ref, struct lpoll, ref);

	xa_destroy(&set->slots);
	luadrv_account_uncharge(set->account, sizeof(*set));
	luadrv_account_put(set->account);
	kfree(set);
	luadrv_live_add(LUADRV_LIVE_POLLS, -1);
}

/**
 * lpoll_put() - give a reference to a poll set back
 * @set: the set; closed, if the reference is the last one
 *
 * Context: Process context.
 */
void lpoll_put(struct lpoll *set)
{
	kref_put(&set->ref, lpoll_free);
}

/**
 * lpoll_count() - how many objects a set watches
 * @set: the set
 *
 * Context: Process context. May sleep.
 * Return: the number, which is also the highest slot that lpoll_add() can give.
 */
unsigned int lpoll_count(struct lpoll *set)
{
	unsigned int count;

	mutex_lock(&set->mutex);
	lpoll_reap(set);
	count = set->count;
	mutex_unlock(&set->mutex);
	return count;
}

/* The next member that may be ready; with @once, that this round has not reported yet. */
static struct lpoll_item *lpoll_next(struct lpoll *set, bool once)
{
	struct lpoll_item *item;

	spin_lock_irq(&set->lock);
	item = list_first_entry_or_null(&set->ready, struct lpoll_item, link);
	if (item && once && item->round == set->round)
		item = NULL;
	if (item)
		list_del_init(&item->link);
	spin_unlock_irq(&set->lock);
	return item;
}

/* What is to be reported of @item now. */
static __poll_t lpoll_ask(struct lpoll_item *item)
{
	return item->object->ops->ask(item->object) & item->interest &
	       (__force __poll_t)lsock_poll_events;
}

/* @item has been reported: does it stay for the next time? */
static void lpoll_told(struct lpoll_item *item)
{
	item->round = item->set->round;
	if (item->oneshot)
		WRITE_ONCE(item->interest, 0);
	else if (!item->edge)
		lpoll_mark(item);
}

/* Goes over the items that may be ready, at most once over each: 1 and an event, 0, or -EINTR. */
static int lpoll_scan(struct lpoll *set, bool once, unsigned int *slot,
		      unsigned int *events)
{
	unsigned int left = set->count;
	struct lpoll_item *item;
	__poll_t mask;

	lockdep_assert_held(&set->mutex);
	while (left-- && (item = lpoll_next(set, once))) {
		mask = lpoll_ask(item);
		if (mask) {
			lpoll_told(item);
			*slot = item->slot;
			*events = (__force unsigned int)mask;
			return 1;
		}
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int lpoll_try(struct lpoll *set, enum lpoll_turn turn, bool forever,
		     unsigned int *slot, unsigned int *events)
{
	int err;

	err = mutex_lock_interruptible(&set->mutex);
	if (err)
		return -EINTR;
	lpoll_reap(set);
	if (turn == LPOLL_FIRST)
		set->round++;
	if (set->closed) {
		err = -EBADF;
	} else if (set->tells && lpoll_tell_dead(set, slot)) {
		*events = (__force unsigned int)EPOLLNVAL;
		err = 1;
	} else if (!set->count && forever) {
		err = -EDEADLK;
	} else {
		err = lpoll_scan(set, turn != LPOLL_ANY, slot, events);
	}
	mutex_unlock(&set->mutex);
	return err;
}

static bool lpoll_pending(struct lpoll *set)
{
	return !list_empty_careful(&set->ready) ||
	       !list_empty_careful(&set->dead) || READ_ONCE(set->closed);
}

/**
 * lpoll_wait() - wait until a member is ready
 * @set: the set
 * @turn: which one: any; the first of a new round; the next of this round, in
 *	which no member is reported twice
 * @timeout: milliseconds; 0: do not wait; negative: for ever
 * @slot: where the member's number goes
 * @events: where its events go
 *
 * Members that stay ready are reported in turn, unless they were added otherwise.
 *
 * Context: Process context. Sleeps.
 * Return: 1 when a member is ready, 0 when the time is over; -EBADF when the
 * set is closed; -EDEADLK when it has no members and there is no time-out;
 * -EINTR.
 */
int lpoll_wait(struct lpoll *set, enum lpoll_turn turn, int timeout,
	       unsigned int *slot, unsigned int *events)
{
	/* The tick that is under way does not count. */
	unsigned long end = jiffies + (timeout > 0 ? msecs_to_jiffies(timeout) + 1 : 0);
	long left;
	int res;

	for (;;) {
		res = lpoll_pending(set) || !READ_ONCE(set->count) ?
			lpoll_try(set, turn, timeout < 0, slot, events) : 0;
		if (res)
			return res;
		if (signal_pending(current))
			return -EINTR;

		left = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : (long)(end - jiffies);
		if (left <= 0)
			return 0;
		left = wait_event_interruptible_timeout(set->wait,
							lpoll_pending(set),
							left);
		if (left < 0)
			return -EINTR;
		cond_resched();
	}
}
