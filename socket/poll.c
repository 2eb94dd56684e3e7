// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Poll sets: what a wait costs depends on how many sockets are ready, not on
 * how many are watched. Each member has an entry on its socket's wait queue;
 * a wake-up puts the member on the set's list of those that may be ready. A
 * wait takes the first of the list and asks its socket. If it is ready it goes
 * to the end of the list, so that it is reported again for as long as it is,
 * and after the others.
 */
#include "lsock.h"

#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "driver/account.h"
#include "driver/live.h"

/**
 * struct lpoll - a poll set
 * @ref: references to it
 * @account: what it and its items are charged to
 * @mutex: protects @slots, @count, @closed and every item's interest; nobody
 *	sleeps for an event with it
 * @slots: the items, by slot
 * @count: how many there are
 * @closed: it is over
 * @lock: protects @ready, @dead and every item's link
 * @ready: items that may be ready
 * @dead: items whose socket was closed; they wait for somebody to free them
 * @wait: who waits for @ready, @dead or @closed
 */
struct lpoll {
	struct kref ref;
	struct luadrv_account *account;
	struct mutex mutex;
	struct xarray slots;
	unsigned int count;
	bool closed;
	spinlock_t lock;
	struct list_head ready;
	struct list_head dead;
	wait_queue_head_t wait;
};

/**
 * struct lpoll_item - a socket's membership in a poll set
 * @set: the set
 * @ls: the socket; holds a reference
 * @slot: its number in the set
 * @interest: what to report; read without a lock by wake-ups
 * @wait: on the socket's wait queue, unless @dead
 * @dead: the socket was closed; written under its lock and the set's, so that
 *	either is enough to read it
 * @node: in the socket's items, unless @dead; under its lock
 * @link: in the set's ready or dead list, or in none
 */
struct lpoll_item {
	struct lpoll *set;
	struct lsock *ls;
	u32 slot;
	__poll_t interest;
	wait_queue_entry_t wait;
	bool dead;
	struct list_head node;
	struct list_head link;
};

/* What an item takes, with its share of the slots. */
#define LPOLL_ITEM_CHARGE	(sizeof(struct lpoll_item) + 2 * sizeof(long))

/* udp_poll() looks at the flags of the file that is polled; these sockets have none. */
static struct file lpoll_no_file;

/* Notes that @item may be ready. Any context. */
static void lpoll_mark(struct lpoll_item *item)
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

/* Takes @item out of @set for good. */
static void lpoll_drop(struct lpoll *set, struct lpoll_item *item)
{
	lockdep_assert_held(&set->mutex);
	lpoll_detach(item);
	xa_erase(&set->slots, item->slot);
	set->count--;
	lpoll_item_free(item);
}

/* Frees the items whose sockets were closed, and so their slots. */
static void lpoll_reap(struct lpoll *set)
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

	set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);
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
	xa_for_each(&set->slots, i, item)
		lpoll_drop(set, item);
	mutex_unlock(&set->mutex);
	wake_up_all(&set->wait);
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

/**
 * lpoll_count() - how many sockets a set watches
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

static struct lpoll_item *lpoll_next(struct lpoll *set)
{
	struct lpoll_item *item;

	spin_lock_irq(&set->lock);
	item = list_first_entry_or_null(&set->ready, struct lpoll_item, link);
	if (item)
		list_del_init(&item->link);
	spin_unlock_irq(&set->lock);
	return item;
}

/* What is to be reported of @item now. */
static __poll_t lpoll_ask(struct lpoll_item *item)
{
	struct socket *sock = lsock_pin(item->ls);
	__poll_t events;

	if (!sock)
		return 0;
	events = READ_ONCE(sock->ops)->poll(&lpoll_no_file, sock, NULL);
	lsock_unpin(item->ls);
	return events & item->interest & (__force __poll_t)lsock_poll_events;
}

/* One round over the items that may be ready: 1 and an event, or 0. */
static int lpoll_scan(struct lpoll *set, unsigned int *slot,
		      unsigned int *events)
{
	unsigned int left = set->count;
	struct lpoll_item *item;
	__poll_t mask;

	lockdep_assert_held(&set->mutex);
	while (left-- && (item = lpoll_next(set))) {
		mask = lpoll_ask(item);
		if (!mask)
			continue;
		lpoll_mark(item);
		*slot = item->slot;
		*events = (__force unsigned int)mask;
		return 1;
	}
	return 0;
}

static int lpoll_try(struct lpoll *set, unsigned int *slot,
		     unsigned int *events, bool forever)
{
	int err;

	err = mutex_lock_interruptible(&set->mutex);
	if (err)
		return -EINTR;
	lpoll_reap(set);
	if (set->closed)
		err = -EBADF;
	else if (!set->count && forever)
		err = -EDEADLK;
	else
		err = lpoll_scan(set, slot, events);
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
 * @timeout: milliseconds; 0: do not wait; negative: for ever
 * @slot: where the member's number goes
 * @events: where its events go
 *
 * Members that stay ready are reported in turn.
 *
 * Context: Process context. Sleeps.
 * Return: 1 when a member is ready, 0 when the time is over; -EBADF when the
 * set is closed; -EDEADLK when it has no members and there is no time-out;
 * -EINTR.
 */
int lpoll_wait(struct lpoll *set, int timeout, unsigned int *slot,
	       unsigned int *events)
{
	unsigned long end = jiffies + (timeout < 0 ? 0 : msecs_to_jiffies(timeout));
	long left;
	int res;

	for (;;) {
		res = lpoll_try(set, slot, events, timeout < 0);
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
