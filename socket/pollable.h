/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What poll sets can watch: sockets, timers, and the channels of the folder thread.
 *
 * Locks nest in this order: a poll set's mutex, lpollable.lock, the lock of
 * the object's wait queue, the poll set's spinlock. The last two are also
 * taken in softirq context, by wake-ups.
 */
#ifndef _LUADRV_POLLABLE_H
#define _LUADRV_POLLABLE_H

#include <linux/list.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

struct lpollable;

/**
 * struct lpollable_ops - what a poll set asks of what it watches
 * @queue: where its wake-ups come from, with their events as the key; called
 *	under its lock and only while it is not closed
 * @ask: the events that it is ready for now, 0 when it is closed; may sleep
 * @get: takes a reference; any context
 * @put: gives it back; process context
 */
struct lpollable_ops {
	wait_queue_head_t *(*queue)(struct lpollable *p);
	__poll_t (*ask)(struct lpollable *p);
	void (*get)(struct lpollable *p);
	void (*put)(struct lpollable *p);
};

/**
 * struct lpollable - an object that poll sets can watch; a part of it
 * @ops: its kind
 * @lock: protects @closed, @sets, @items, and what the object puts under it
 * @closed: no further call may begin, and no set watches it
 * @sets: how many sets watch it
 * @items: the poll items (struct lpoll_item) that watch it
 */
struct lpollable {
	const struct lpollable_ops *ops;
	spinlock_t lock;
	bool closed;
	unsigned int sets;
	struct list_head items;
};

static inline void lpollable_init(struct lpollable *p,
				  const struct lpollable_ops *ops)
{
	p->ops = ops;
	spin_lock_init(&p->lock);
	p->sets = 0;
	INIT_LIST_HEAD(&p->items);
}

/* member.c: takes what is being closed out of all sets; its lock is held */
void lpoll_forget(struct lpollable *p);

#endif
