/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The inside of poll sets, for poll.c and member.c; pollable.h has the lock order. */
#ifndef _LUADRV_LPOLL_H
#define _LUADRV_LPOLL_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "pollable.h"
#include "socket.h"

/**
 * struct lpoll - a poll set
 * @ref: references to it
 * @account: what it and its items are charged to
 * @mutex: protects @slots, @count, @closed, @round and what every item is
 *	watched for; nobody sleeps for an event with it
 * @slots: the items, by slot
 * @count: how many there are
 * @closed: it is over
 * @tells: members whose object was closed are reported before they go
 * @round: number of the round in which members are reported once each
 * @lock: protects @ready, @dead and every item's link
 * @ready: items that may be ready
 * @dead: items whose object was closed; they wait for somebody to free them
 * @wait: who waits for @ready, @dead or @closed
 */
struct lpoll {
	struct kref ref;
	struct luadrv_account *account;
	struct mutex mutex;
	struct xarray slots;
	unsigned int count;
	bool closed;
	bool tells;
	u32 round;
	spinlock_t lock;
	struct list_head ready;
	struct list_head dead;
	wait_queue_head_t wait;
};

/**
 * struct lpoll_item - an object's membership in a poll set
 * @set: the set
 * @object: what it watches; holds a reference
 * @slot: its number in the set
 * @interest: what to report, nothing once a one-shot was; read without a lock
 *	by wake-ups
 * @wait: on the object's wait queue, unless @dead
 * @dead: the object was closed; written under its lock and the set's, so that
 *	either is enough to read it
 * @oneshot: it is reported once, until it is modified
 * @edge: it is reported when it is woken up, not for as long as it is ready
 * @round: the set's round in which it was reported last
 * @node: in the object's items, unless @dead; under its lock
 * @link: in the set's ready or dead list, or in none
 */
struct lpoll_item {
	struct lpoll *set;
	struct lpollable *object;
	u32 slot;
	__poll_t interest;
	wait_queue_entry_t wait;
	bool dead;
	bool oneshot;
	bool edge;
	u32 round;
	struct list_head node;
	struct list_head link;
};

/* member.c */
void lpoll_mark(struct lpoll_item *item);
void lpoll_drop(struct lpoll *set, struct lpoll_item *item);
void lpoll_reap(struct lpoll *set);
bool lpoll_tell_dead(struct lpoll *set, unsigned int *slot);

#endif
