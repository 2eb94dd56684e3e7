// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The members of poll sets. Each has an entry on its socket's wait queue; a
 * wake-up puts the member on the set's list of those that may be ready. A
 * member leaves when it is removed, with its set, or when its socket is closed:
 * then the socket's side only marks it dead, and the set's next call frees it.
 */
#include "lpoll.h"

#include <linux/slab.h>

#include "driver/account.h"
#include "driver/live.h"

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

	if (fresh)
		wake_up(&set->wait);
}

/* The socket's wake-up. A key of 0 says that anything may have happened. */
static int lpoll_wake(wait_queue_entry_t *wait, unsigned int mode, int sync,
		      void *key)
{
	struct lpoll_item *item = container_of(wait, struct lpoll_item, wait);
	__poll_t events = key_to_poll(key);

	if (!events || events & READ_ONCE(item->interest))
		lpoll_mark(item);
	return 1;
}

static __poll_t lpoll_interest(unsigned int events)
{
	return (__force __poll_t)events | EPOLLERR | EPOLLHUP;
}

static struct lpoll_item *lpoll_item_new(struct lpoll *set, struct lsock *ls,
					 unsigned int events)
{
	struct lpoll_item *item;
	int err;

	err = luadrv_account_charge(set->account, LPOLL_ITEM_CHARGE);
	if (err)
		return ERR_PTR(err);

	item = kzalloc(sizeof(*item), GFP_KERNEL_ACCOUNT);
	if (!item) {
		luadrv_account_uncharge(set->account, LPOLL_ITEM_CHARGE);
		return ERR_PTR(-ENOMEM);
	}

	item->set = set;
	item->ls = ls;
	lsock_get(ls);
	item->interest = lpoll_interest(events);
	init_waitqueue_func_entry(&item->wait, lpoll_wake);
	INIT_LIST_HEAD(&item->link);
	luadrv_live_add(LUADRV_LIVE_POLL_ITEMS, 1);
	return item;
}

static void lpoll_item_free(struct lpoll_item *item)
{
	luadrv_account_uncharge(item->set->account, LPOLL_ITEM_CHARGE);
	lsock_put(item->ls);
	kfree(item);
	luadrv_live_add(LUADRV_LIVE_POLL_ITEMS, -1);
}

/* The membership of @ls in @set, or NULL. Its lock is held. */
static struct lpoll_item *lpoll_find(struct lpoll *set, struct lsock *ls)
{
	struct lpoll_item *item;

	lockdep_assert_held(&ls->lock);
	list_for_each_entry(item, &ls->items, node)
		if (item->set == set)
			return item;
	return NULL;
}

static int lpoll_attach(struct lpoll_item *item)
{
	struct lsock *ls = item->ls;
	int err = 0;

	spin_lock(&ls->lock);
	if (ls->closed) {
		err = -EBADF;
	} else if (lpoll_find(item->set, ls)) {
		err = -EEXIST;
	} else {
		list_add(&item->node, &ls->items);
		add_wait_queue(&ls->sock->wq.wait, &item->wait);
	}
	spin_unlock(&ls->lock);
	return err;
}

/*
 * No wake-up finds @item any more when this returns, and nobody who closes its
 * socket is still at it.
 */
static void lpoll_detach(struct lpoll_item *item)
{
	struct lpoll *set = item->set;
	struct lsock *ls = item->ls;

	spin_lock(&ls->lock);
	if (!item->dead) {
		list_del(&item->node);
		remove_wait_queue(&ls->sock->wq.wait, &item->wait);
	}
	spin_unlock(&ls->lock);

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

/**
 * lpoll_reap() - free the members whose sockets were closed, and so their slots
 * @set: the set; its mutex is held
 *
 * Context: Process context. May sleep.
 */
void lpoll_reap(struct lpoll *set)
{
	struct lpoll_item *item;

	lockdep_assert_held(&set->mutex);
	for (;;) {
		spin_lock_irq(&set->lock);
		item = list_first_entry_or_null(&set->dead, struct lpoll_item,
						link);
		spin_unlock_irq(&set->lock);
		if (!item)
			return;
		lpoll_drop(set, item);
	}
}

/**
 * lpoll_forget() - take a socket that is being closed out of all poll sets
 * @ls: the socket; its lock is held
 *
 * Context: Process context.
 */
void lpoll_forget(struct lsock *ls)
{
	struct lpoll_item *item, *next;
	struct lpoll *set;

	lockdep_assert_held(&ls->lock);
	list_for_each_entry_safe(item, next, &ls->items, node) {
		set = item->set;
		list_del(&item->node);
		remove_wait_queue(&ls->sock->wq.wait, &item->wait);

		spin_lock_irq(&set->lock);
		item->dead = true;
		list_move(&item->link, &set->dead);
		spin_unlock_irq(&set->lock);
		/* The set is still there: its end waits for the lock of @ls. */
		wake_up(&set->wait);
	}
}

static int lpoll_insert(struct lpoll *set, struct lpoll_item *item)
{
	int err;

	lockdep_assert_held(&set->mutex);
	if (set->closed)
		return -EBADF;

	err = xa_alloc(&set->slots, &item->slot, item, xa_limit_31b,
		       GFP_KERNEL_ACCOUNT);
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
 * lpoll_add() - watch a socket
 * @set: the set
 * @ls: the socket; the set takes a reference of its own
 * @events: of lsock_poll_events; errors and hang-ups are always reported
 * @slot: where its number in the set goes, the lowest that is free
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the set or the socket is closed; -EEXIST when the
 * socket is in the set; -ENOMEM.
 */
int lpoll_add(struct lpoll *set, struct lsock *ls, unsigned int events,
	      unsigned int *slot)
{
	struct lpoll_item *item = lpoll_item_new(set, ls, events);
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

/* The membership of @ls in @set, or NULL; the mutex keeps it. */
static struct lpoll_item *lpoll_lookup(struct lpoll *set, struct lsock *ls)
{
	struct lpoll_item *item;

	lockdep_assert_held(&set->mutex);
	spin_lock(&ls->lock);
	item = lpoll_find(set, ls);
	spin_unlock(&ls->lock);
	return item;
}

/**
 * lpoll_modify() - change what is reported of a socket
 * @set: the set
 * @ls: the socket
 * @events: as with lpoll_add()
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOENT when the socket is not in the set.
 */
int lpoll_modify(struct lpoll *set, struct lsock *ls, unsigned int events)
{
	struct lpoll_item *item;
	int err = 0;

	mutex_lock(&set->mutex);
	item = lpoll_lookup(set, ls);
	if (item) {
		WRITE_ONCE(item->interest, lpoll_interest(events));
		lpoll_mark(item);
	} else {
		err = -ENOENT;
	}
	mutex_unlock(&set->mutex);
	return err;
}

/**
 * lpoll_remove() - watch a socket no longer
 * @set: the set
 * @ls: the socket
 * @slot: where the number that it had goes
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOENT when the socket is not in the set.
 */
int lpoll_remove(struct lpoll *set, struct lsock *ls, unsigned int *slot)
{
	struct lpoll_item *item;
	int err = 0;

	mutex_lock(&set->mutex);
	item = lpoll_lookup(set, ls);
	if (item) {
		*slot = item->slot;
		lpoll_drop(set, item);
	} else {
		err = -ENOENT;
	}
	mutex_unlock(&set->mutex);
	return err;
}
