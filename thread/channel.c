// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Channels: bounded queues of parcels between the Lua states of one script.
 *
 * Channels in parcels in channels can make a ring that nobody else knows any
 * more. So an account lists its channels, and all of them are emptied when the
 * script is over.
 */
#include "lparcel.h"

#include <linux/jiffies.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "driver/account.h"
#include "driver/live.h"
#include "driver/memory.h"
#include "driver/runtime.h"
#include "socket/pollable.h"

/**
 * struct lchannel - a bounded queue of parcels
 * @pollable: what poll sets watch; its lock protects the queue. Never closed
 *	in the sense of poll sets, which go on to report the channel's end
 * @ref: one by each box, each parcel, each poll set that has it
 * @account: what it is charged to
 * @of_account: in the account's channels
 * @queue: parcels
 * @count: how many there are
 * @room: how many there may be
 * @over: nothing more may be sent
 * @watchers: entries of poll sets
 * @senders: who waits for room; one is woken for each parcel that goes
 * @receivers: who waits for parcels; one is woken for each that comes
 */
struct lchannel {
	struct lpollable pollable;
	refcount_t ref;
	struct luadrv_account *account;
	struct list_head of_account;
	struct list_head queue;
	unsigned int count;
	unsigned int room;
	bool over;
	wait_queue_head_t watchers;
	wait_queue_head_t senders;
	wait_queue_head_t receivers;
};

static struct lchannel *lchannel_of(struct lpollable *p)
{
	return container_of(p, struct lchannel, pollable);
}

static wait_queue_head_t *lchannel_poll_queue(struct lpollable *p)
{
	return &lchannel_of(p)->watchers;
}

static __poll_t lchannel_poll_ask(struct lpollable *p)
{
	struct lchannel *ch = lchannel_of(p);
	__poll_t events = 0;

	spin_lock(&p->lock);
	if (ch->count || ch->over)
		events |= EPOLLIN | EPOLLRDNORM;
	if (!ch->over && ch->count < ch->room)
		events |= EPOLLOUT | EPOLLWRNORM;
	if (ch->over)
		events |= EPOLLHUP;
	spin_unlock(&p->lock);
	return events;
}

static void lchannel_poll_get(struct lpollable *p)
{
	lchannel_get(lchannel_of(p));
}

static void lchannel_poll_put(struct lpollable *p)
{
	lchannel_put(lchannel_of(p));
}

static const struct lpollable_ops lchannel_pollable_ops = {
	.queue = lchannel_poll_queue,
	.ask = lchannel_poll_ask,
	.get = lchannel_poll_get,
	.put = lchannel_poll_put,
};

/**
 * lchannel_pollable() - a channel as poll sets see it
 * @ch: the channel; the result is a part of it
 *
 * Context: Any.
 */
struct lpollable *lchannel_pollable(struct lchannel *ch)
{
	return &ch->pollable;
}

/**
 * lchannel_new() - make a channel
 * @account: what it is charged to
 * @room: how many parcels it holds, 1..LCHANNEL_MAX_ROOM
 * @res: where it goes; the caller ends it with lchannel_put()
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM.
 */
int lchannel_new(struct luadrv_account *account, unsigned int room,
		 struct lchannel **res)
{
	struct lchannel *ch;
	int err;

	err = luadrv_account_charge(account, sizeof(*ch));
	if (err)
		return err;
	ch = kzalloc(sizeof(*ch), LUADRV_GFP);
	if (!ch) {
		luadrv_account_uncharge(account, sizeof(*ch));
		return -ENOMEM;
	}
	lpollable_init(&ch->pollable, &lchannel_pollable_ops);
	refcount_set(&ch->ref, 1);
	INIT_LIST_HEAD(&ch->queue);
	ch->room = room;
	init_waitqueue_head(&ch->watchers);
	init_waitqueue_head(&ch->senders);
	init_waitqueue_head(&ch->receivers);
	ch->account = luadrv_account_get(account);
	spin_lock(&account->parts_lock);
	list_add(&ch->of_account, &account->channels);
	spin_unlock(&account->parts_lock);
	luadrv_live_add(LUADRV_LIVE_CHANNELS, 1);
	*res = ch;
	return 0;
}

/**
 * lchannel_get() - take a reference to a channel
 * @ch: the channel; the caller has one
 *
 * Context: Any.
 */
void lchannel_get(struct lchannel *ch)
{
	refcount_inc(&ch->ref);
}

/* Moves the parcels to @parcels. */
static void lchannel_empty(struct lchannel *ch, struct list_head *parcels)
{
	spin_lock(&ch->pollable.lock);
	list_splice_tail_init(&ch->queue, parcels);
	ch->count = 0;
	spin_unlock(&ch->pollable.lock);
}

/**
 * lchannel_leave() - give a reference to a channel back
 * @ch: the channel
 * @parcels: takes what is in it if the reference is the last one; the caller
 *	frees them
 *
 * Context: Process context.
 */
void lchannel_leave(struct lchannel *ch, struct list_head *parcels)
{
	struct luadrv_account *account = ch->account;

	if (!refcount_dec_and_test(&ch->ref))
		return;
	spin_lock(&account->parts_lock);
	list_del(&ch->of_account);
	spin_unlock(&account->parts_lock);
	lchannel_empty(ch, parcels);
	kfree(ch);
	luadrv_account_uncharge(account, sizeof(*ch));
	luadrv_account_put(account);
	luadrv_live_add(LUADRV_LIVE_CHANNELS, -1);
}

/**
 * lchannel_put() - give a reference to a channel back
 * @ch: the channel; freed, with what is in it, if the reference is the last one
 *
 * Context: Process context. May sleep.
 */
void lchannel_put(struct lchannel *ch)
{
	LIST_HEAD(parcels);

	lchannel_leave(ch, &parcels);
	lparcel_free_all(&parcels);
}

/**
 * lchannel_end_all() - empty all channels of a script that is over
 * @account: the script's; no Lua state that is charged to it is left
 *
 * What is still there is held by parcels in channels alone, and goes with them.
 *
 * Context: Process context. May sleep.
 */
void lchannel_end_all(struct luadrv_account *account)
{
	LIST_HEAD(parcels);
	struct lchannel *ch;

	spin_lock(&account->parts_lock);
	list_for_each_entry(ch, &account->channels, of_account)
		lchannel_empty(ch, &parcels);
	spin_unlock(&account->parts_lock);
	lparcel_free_all(&parcels);
}

static bool lchannel_has_room(struct lchannel *ch)
{
	return READ_ONCE(ch->count) < ch->room || READ_ONCE(ch->over);
}

static bool lchannel_has_parcel(struct lchannel *ch)
{
	return READ_ONCE(ch->count) || READ_ONCE(ch->over);
}

/*
 * Waits in @queue until @ready, at most until @end; with a negative @timeout
 * for ever. Who is woken but gets a signal still finds @ready first, so no
 * wake-up goes to somebody who does not look.
 */
static int lchannel_wait(struct lchannel *ch, wait_queue_head_t *queue,
			 bool (*ready)(struct lchannel *), int timeout,
			 unsigned long end)
{
	long left = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : (long)(end - jiffies);

	if (signal_pending(current))
		return -EINTR;
	if (!timeout || left <= 0)
		return -EAGAIN;
	left = ___wait_event(*queue, ___wait_cond_timeout(ready(ch)),
			     TASK_INTERRUPTIBLE, 1, left,
			     __ret = schedule_timeout(__ret));
	return left < 0 ? -EINTR : 0;
}

static int lchannel_try_send(struct lchannel *ch, struct lparcel *parcel)
{
	int err = 0;

	spin_lock(&ch->pollable.lock);
	if (ch->over) {
		err = -EPIPE;
	} else if (ch->count >= ch->room) {
		err = -EAGAIN;
	} else {
		list_add_tail(&parcel->link, &ch->queue);
		WRITE_ONCE(ch->count, ch->count + 1);
	}
	spin_unlock(&ch->pollable.lock);
	return err;
}

/**
 * lchannel_send() - put a parcel into a channel
 * @ch: the channel
 * @parcel: the parcel; the channel's if this succeeds, else still the caller's
 * @timeout: milliseconds to wait for room; 0: do not wait; negative: for ever
 *
 * Context: Process context. Sleeps.
 * Return: 0; -EPIPE when the channel is closed; -EAGAIN when there was no room
 * in time; -EINTR.
 */
int lchannel_send(struct lchannel *ch, struct lparcel *parcel, int timeout)
{
	unsigned long end = jiffies + (timeout > 0 ? msecs_to_jiffies(timeout) + 1 : 0);
	int err;

	while ((err = lchannel_try_send(ch, parcel)) == -EAGAIN) {
		err = lchannel_wait(ch, &ch->senders, lchannel_has_room, timeout, end);
		if (err)
			return err;
	}
	if (err)
		return err;
	wake_up(&ch->receivers);
	wake_up_poll(&ch->watchers, EPOLLIN | EPOLLRDNORM);
	return 0;
}

static int lchannel_try_receive(struct lchannel *ch, struct lparcel **res)
{
	int err = 0;

	spin_lock(&ch->pollable.lock);
	if (ch->count) {
		*res = list_first_entry(&ch->queue, struct lparcel, link);
		list_del_init(&(*res)->link);
		WRITE_ONCE(ch->count, ch->count - 1);
	} else {
		err = ch->over ? -EPIPE : -EAGAIN;
	}
	spin_unlock(&ch->pollable.lock);
	return err;
}

/**
 * lchannel_receive() - take the first parcel out of a channel
 * @ch: the channel
 * @timeout: milliseconds to wait for one; 0: do not wait; negative: for ever
 * @res: where it goes; the caller's
 *
 * Context: Process context. Sleeps.
 * Return: 0; -EPIPE when the channel is closed and empty; -EAGAIN when none
 * came in time; -EINTR.
 */
int lchannel_receive(struct lchannel *ch, int timeout, struct lparcel **res)
{
	unsigned long end = jiffies + (timeout > 0 ? msecs_to_jiffies(timeout) + 1 : 0);
	int err;

	while ((err = lchannel_try_receive(ch, res)) == -EAGAIN) {
		err = lchannel_wait(ch, &ch->receivers, lchannel_has_parcel, timeout, end);
		if (err)
			return err;
	}
	if (err)
		return err;
	wake_up(&ch->senders);
	wake_up_poll(&ch->watchers, EPOLLOUT | EPOLLWRNORM);
	return 0;
}

/**
 * lchannel_close() - allow nothing more to be sent
 * @ch: the channel; what is in it can still be received
 *
 * Context: Process context.
 */
void lchannel_close(struct lchannel *ch)
{
	spin_lock(&ch->pollable.lock);
	WRITE_ONCE(ch->over, true);
	spin_unlock(&ch->pollable.lock);
	wake_up_all(&ch->senders);
	wake_up_all(&ch->receivers);
	wake_up_poll(&ch->watchers, EPOLLIN | EPOLLRDNORM | EPOLLHUP);
}

/**
 * lchannel_count() - how many parcels are in a channel
 * @ch: the channel
 * @room: where the number of those that fit goes
 *
 * Context: Any.
 * Return: the number.
 */
unsigned int lchannel_count(struct lchannel *ch, unsigned int *room)
{
	*room = ch->room;
	return READ_ONCE(ch->count);
}
