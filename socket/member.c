// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The members of poll sets. Each has an entry on its object's wait queue; a
 * wake-up puts the member on the set's list of those that may be ready. A
 * member leaves when it is removed, with its set, or when its object is closed:
 * then the object's side only marks it dead, and the set's next call frees it.
 */
#include "lpoll.h"

#include <linux/sched.h>
#include <linux/slab.h>

#include "driver/account.h"
#include "driver/live.h"
#include "driver/memory.h"

/* How many sets may watch an object: each of its wake-ups goes through all of them, with interrupts off. */
#define LPOLL_MAX_SETS		256
/* What an item takes, with its share of the slots. */
#define LPOLL_ITEM_CHARGE	(sizeof(struct lpoll_item) + 2 * sizeof(long))

/**
 * lpoll_mark() - note that a member may be ready
 * @item: the member
 *
 * Context: Any.
 */
void lpoll_mark(struct lpoll_item *item)
{
	struct lpoll *set = item->set;
	unsigned long flags;
	bool fresh;

	spin_lock_irqsave(&set->lock, flags);
	fresh = !item->dead && list_empty(&item->link);
	if (fresh)
		list_add_tail(&item->link, &set->ready);
	spin_unlock_irqrestore(&set->lock, flags);

	/* Pairs with the barrier in the wait's set_current_state(): who goes to sleep has looked at the list then. */
	if (fresh && wq_has_sleeper(&set->wait))
		wake_up(&set->wait);
}

/*
 * The object's wake-up. A key of 0 says that anything may have happened, which
 * is of no interest where nothing is.
 */
static int lpoll_wake(wait_queue_entry_t *wait, unsigned int mode, int sync,
		      void *key)
{
	struct lpoll_item *item = container_of(wait, struct lpoll_item, wait);
	__poll_t events = key_to_poll(key);
	__poll_t interest;

	/* Pairs with lpoll_modify(): the event came before this look at what is of interest. */
	smp_mb();
	interest = READ_ONCE(item->interest);
	if (interest && (!events || events & interest))
		lpoll_mark(item);
	return 1;
}

static void lpoll_watch_for(struct lpoll_item *item, unsigned int events)
{
	item->oneshot = events & lsock_oneshot;
	item->edge = events & lsock_edge;
	events &= lsock_poll_events;
	WRITE_ONCE(item->interest,
		   (__force __poll_t)events | EPOLLERR | EPOLLHUP);
}

static struct lpoll_item *lpoll_item_new(struct lpoll *set, struct lpollable *object,
					 unsigned int events)
{
	struct lpoll_item *item;
	int err;

	err = luadrv_account_charge(set->account, LPOLL_ITEM_CHARGE);
	if (err)
		return ERR_PTR(err);

	item = kzalloc(sizeof(*item), LUADRV_GFP);
	if (!item) {
		luadrv_account_uncharge(set->account, LPOLL_ITEM_CHARGE);
		return ERR_PTR(-ENOMEM);
	}

	item->set = set;
	item->object = object;
	object->ops->get(object);
	lpoll_watch_for(item, events);
	init_waitqueue_func_entry(&item->wait, lpoll_wake);
	INIT_LIST_HEAD(&item->link);
	luadrv_live_add(LUADRV_LIVE_POLL_ITEMS, 1);
	return item;
}

static void lpoll_item_free(struct lpoll_item *item)
{
	luadrv_account_uncharge(item->set->account, LPOLL_ITEM_CHARGE);
	item->object->ops->put(item->object);
	kfree(item);
	luadrv_live_add(LUADRV_LIVE_POLL_ITEMS, -1);
}

/* The membership of @object in @set, or NULL. Its lock is held. */
static struct lpoll_item *lpoll_find(struct lpoll *set, struct lpollable *object)
{
	struct lpoll_item *item;

	lockdep_assert_held(&object->lock);
	list_for_each_entry(item, &object->items, node)
		if (item->set == set)
			return item;
	return NULL;
}

static int lpoll_attach(struct lpoll_item *item)
{
	struct lpollable *object = item->object;
	int err = 0;

	spin_lock(&object->lock);
	if (object->closed) {
		err = -EBADF;
	} else if (lpoll_find(item->set, object)) {
		err = -EEXIST;
	} else if (object->sets >= LPOLL_MAX_SETS) {
		err = -ENOSPC;
	} else {
		object->sets++;
		list_add(&item->node, &object->items);
		add_wait_queue(object->ops->queue(object), &item->wait);
	}
	spin_unlock(&object->lock);
	return err;
}

/*
 * No wake-up finds @item any more when this returns, and nobody who closes its
 * object is still at it.
 */
static void lpoll_detach(struct lpoll_item *item)
{
	struct lpoll *set = item->set;
	struct lpollable *object = item->object;

	spin_lock(&object->lock);
	if (!item->dead) {
		object->sets--;
		list_del(&item->node);
		remove_wait_queue(object->ops->queue(object), &item->wait);
	}
	spin_unlock(&object->lock);

	spin_lock_irq(&set->lock);
	list_del(&item->link);
	spin_unlock_irq(&set->lock);
}

/**
 * lpoll_drop() - take a member out of its set for good
 * @set: the set; its mutex is held
 * @item: the member
 *
 * Context: Process context. May sleep.
 */
void lpoll_drop(struct lpoll *set, struct lpoll_item *item)
{
	lockdep_assert_held(&set->mutex);
	lpoll_detach(item);
	xa_erase(&set->slots, item->slot);
	set->count--;
	lpoll_item_free(item);
}

static struct lpoll_item *lpoll_first_dead(struct lpoll *set)
{
	struct lpoll_item *item;

	lockdep_assert_held(&set->mutex);
	spin_lock_irq(&set->lock);
	item = list_first_entry_or_null(&set->dead, struct lpoll_item, link);
	spin_unlock_irq(&set->lock);
	return item;
}

/**
 * lpoll_reap() - free the members whose objects were closed, and so their slots, unless they are to be told of
 * @set: the set; its mutex is held
 *
 * Context: Process context. May sleep.
 */
void lpoll_reap(struct lpoll *set)
{
	struct lpoll_item *item;

	lockdep_assert_held(&set->mutex);
	while (!set->tells && (item = lpoll_first_dead(set))) {
		lpoll_drop(set, item);
		cond_resched();
	}
}

/**
 * lpoll_tell_dead() - report a member whose object was closed, and free it
 * @set: the set; its mutex is held
 * @slot: where its number goes, which is free again
 *
 * Context: Process context. May sleep.
 * Return: false if there is none.
 */
bool lpoll_tell_dead(struct lpoll *set, unsigned int *slot)
{
	struct lpoll_item *item = lpoll_first_dead(set);

	if (!item)
		return false;
	*slot = item->slot;
	lpoll_drop(set, item);
	return true;
}

/**
 * lpoll_forget() - take an object that is being closed out of all poll sets
 * @object: the object; its lock is held
 *
 * Context: Process context.
 */
void lpoll_forget(struct lpollable *object)
{
	struct lpoll_item *item, *next;
	struct lpoll *set;

	lockdep_assert_held(&object->lock);
	list_for_each_entry_safe(item, next, &object->items, node) {
		set = item->set;
		object->sets--;
		list_del(&item->node);
		remove_wait_queue(object->ops->queue(object), &item->wait);

		spin_lock_irq(&set->lock);
		item->dead = true;
		list_move(&item->link, &set->dead);
		spin_unlock_irq(&set->lock);
		/* The set is still there: its end waits for the lock of @object. */
		wake_up(&set->wait);
	}
}

static int lpoll_insert(struct lpoll *set, struct lpoll_item *item)
{
	int err;

	lockdep_assert_held(&set->mutex);
	if (set->closed)
		return -EBADF;

	err = xa_alloc(&set->slots, &item->slot, item, xa_limit_31b, LUADRV_GFP);
	if (err)
		return err;

	err = lpoll_attach(item);
	if (err) {
		xa_erase(&set->slots, item->slot);
		return err;
	}
	set->count++;
	return 0;
}

/**
 * lpoll_add() - watch an object
 * @set: the set
 * @object: the object; the set takes a reference of its own
 * @events: of lsock_poll_events, lsock_oneshot, lsock_edge; errors and hang-ups
 *	are always reported
 * @slot: where its number in the set goes, the lowest that is free
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the set or the object is closed; -EEXIST when the
 * object is in the set; -ENOSPC when too many others have it; -ENOMEM.
 */
int lpoll_add(struct lpoll *set, struct lpollable *object, unsigned int events,
	      unsigned int *slot)
{
	struct lpoll_item *item = lpoll_item_new(set, object, events);
	int err;

	if (IS_ERR(item))
		return PTR_ERR(item);

	mutex_lock(&set->mutex);
	lpoll_reap(set);
	err = lpoll_insert(set, item);
	if (!err) {
		*slot = item->slot;
		/* What happened before its entry was queued is seen now. */
		lpoll_mark(item);
	}
	mutex_unlock(&set->mutex);

	if (err)
		lpoll_item_free(item);
	return err;
}

/* The membership of @object in @set, or NULL; the mutex keeps it. */
static struct lpoll_item *lpoll_lookup(struct lpoll *set, struct lpollable *object)
{
	struct lpoll_item *item;

	lockdep_assert_held(&set->mutex);
	spin_lock(&object->lock);
	item = lpoll_find(set, object);
	spin_unlock(&object->lock);
	return item;
}

/**
 * lpoll_modify() - change what is reported of an object
 * @set: the set
 * @object: the object
 * @events: as with lpoll_add()
 *
 * A one-shot that was reported is watched again. If the object is ready now, it
 * is reported, in any mode.
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOENT when the object is not in the set.
 */
int lpoll_modify(struct lpoll *set, struct lpollable *object, unsigned int events)
{
	struct lpoll_item *item;
	int err = 0;

	mutex_lock(&set->mutex);
	item = lpoll_lookup(set, object);
	if (item) {
		lpoll_watch_for(item, events);
		/* Pairs with lpoll_wake(): one that missed this interest made its event first; the next scan sees it. */
		smp_mb();
		lpoll_mark(item);
	} else {
		err = -ENOENT;
	}
	mutex_unlock(&set->mutex);
	return err;
}

/**
 * lpoll_remove() - watch an object no longer
 * @set: the set
 * @object: the object
 * @slot: where the number that it had goes
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the object is closed, and so in no set; -ENOENT when
 * it is not in the set.
 */
int lpoll_remove(struct lpoll *set, struct lpollable *object, unsigned int *slot)
{
	struct lpoll_item *item;
	int err = 0;

	mutex_lock(&set->mutex);
	item = lpoll_lookup(set, object);
	if (item) {
		*slot = item->slot;
		lpoll_drop(set, item);
	} else {
		err = READ_ONCE(object->closed) ? -EBADF : -ENOENT;
	}
	mutex_unlock(&set->mutex);
	return err;
}

/**
 * lpoll_slot() - where an object is in a set
 * @set: the set
 * @object: the object
 * @slot: where its number goes
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOENT when the object is not in the set.
 */
int lpoll_slot(struct lpoll *set, struct lpollable *object, unsigned int *slot)
{
	struct lpoll_item *item;

	mutex_lock(&set->mutex);
	item = lpoll_lookup(set, object);
	if (item)
		*slot = item->slot;
	mutex_unlock(&set->mutex);
	return item ? 0 : -ENOENT;
}

/**
 * lpoll_discard() - watch the object with a number no longer
 * @set: the set
 * @slot: its number; nothing happens if it is free
 *
 * Context: Process context. May sleep.
 */
void lpoll_discard(struct lpoll *set, unsigned int slot)
{
	struct lpoll_item *item;

	mutex_lock(&set->mutex);
	item = xa_load(&set->slots, slot);
	if (item)
		lpoll_drop(set, item);
	mutex_unlock(&set->mutex);
}
