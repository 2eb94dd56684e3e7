// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Names to addresses by the kernel's own resolver, the module dns_resolver: it
 * starts a program of user space (/sbin/request-key, of keyutils) in the
 * initial namespaces, and keeps what that says for a while.
 *
 * Nothing ends that wait but the program's end, so a worker waits, and scripts
 * wait for the worker. Who does not want to wait any more lets go of it; the
 * worker then still has the module until the program ends.
 */
#include "upcall.h"

/* The header after it leaves this out. */
#include <linux/time64.h>
#include <linux/dns_resolver.h>

#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/poll.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "driver/account.h"
#include "driver/live.h"
#include "pollable.h"

/*
 * NULL where dns_resolver is neither built in nor loaded when this module is.
 * (symbol_get() gives no more what is not exported as GPL-only.)
 */
#pragma weak dns_query
static typeof(dns_query) *lupcall_query __ro_after_init = dns_query;

#define LUPCALL_PROGRAM	"/sbin/request-key"
/* How many there may be at a time, in all scripts; each is a process. */
#define LUPCALL_MOST	16
/* And in one script, so that others have some, too. */
#define LUPCALL_MOST_OF_SCRIPT	4
/* What is taken of an answer: some 250 addresses. */
#define LUPCALL_TEXT	4096
#define LUPCALL_CHARGE	(sizeof(struct lupcall) + LUPCALL_PARTS * LUPCALL_TEXT)

/**
 * struct lupcall_part - the addresses of a family
 * @wanted: the script asked for them
 * @err: negative errno; 0: @text has them
 * @text: as the program gave them, with commas between
 */
struct lupcall_part {
	bool wanted;
	int err;
	char *text;
};

/**
 * struct lupcall - a name that is looked up
 * @pollable: what poll sets watch; a part of it
 * @ref: one by the script, one by the worker, one by each poll set
 * @account: the script's, which is charged until it lets go, and counts until the worker is done
 * @work: asks the kernel
 * @watchers: woken when that is done
 * @parts: what came of it, once @done
 * @done: the worker writes nothing more
 * @len: length of the name
 * @name: the name
 */
struct lupcall {
	struct lpollable pollable;
	refcount_t ref;
	struct luadrv_account *account;
	struct work_struct work;
	wait_queue_head_t watchers;
	struct lupcall_part parts[LUPCALL_PARTS];
	bool done;
	size_t len;
	char name[LUPCALL_MAX_NAME + 1];
};

static struct workqueue_struct *lupcall_workers;
static atomic_t lupcall_count = ATOMIC_INIT(0);

static void lupcall_leave(struct lupcall *up)
{
	int i;

	if (!refcount_dec_and_test(&up->ref))
		return;
	for (i = 0; i < LUPCALL_PARTS; i++)
		kfree(up->parts[i].text);
	luadrv_account_put(up->account);
	kfree(up);
	luadrv_live_add(LUADRV_LIVE_UPCALLS, -1);
}

static struct lupcall *lupcall_of(struct lpollable *p)
{
	return container_of(p, struct lupcall, pollable);
}

static wait_queue_head_t *lupcall_queue(struct lpollable *p)
{
	return &lupcall_of(p)->watchers;
}

static bool lupcall_done(struct lupcall *up)
{
	/* Pairs with lupcall_work(). */
	return smp_load_acquire(&up->done);
}

static __poll_t lupcall_ask(struct lpollable *p)
{
	return lupcall_done(lupcall_of(p)) ? EPOLLIN | EPOLLRDNORM : 0;
}

static void lupcall_poll_get(struct lpollable *p)
{
	refcount_inc(&lupcall_of(p)->ref);
}

static void lupcall_poll_put(struct lpollable *p)
{
	lupcall_leave(lupcall_of(p));
}

static const struct lpollable_ops lupcall_pollable_ops = {
	.queue = lupcall_queue,
	.ask = lupcall_ask,
	.get = lupcall_poll_get,
	.put = lupcall_poll_put,
};

struct lpollable *lupcall_pollable(struct lupcall *up)
{
	return &up->pollable;
}

/* The program is what keyutils brings; to fail to start it would be remembered for a minute. */
static int lupcall_find_program(void)
{
	struct path path;
	int err = kern_path(LUPCALL_PROGRAM, LOOKUP_FOLLOW, &path);

	if (!err)
		path_put(&path);
	return err;
}

/* The families are keys of their own: the kernel does not tell them apart by their options. */
static int lupcall_ask_kernel(struct lupcall *up, int part)
{
	static const char *const types[LUPCALL_PARTS] = { "a", "aaaa" };
	static const char *const options[LUPCALL_PARTS] = { "ipv4 list", "ipv6 list" };
	char *text = NULL, *last;
	int len;

	len = lupcall_query(&init_net, types[part], up->name, up->len, options[part],
			    &text, NULL, false);
	if (len < 0)
		return len;
	up->parts[part].text = kmemdup_nul(text, min_t(size_t, len, LUPCALL_TEXT),
					   GFP_KERNEL);
	kfree(text);
	if (!up->parts[part].text)
		return -ENOMEM;
	/* No part of an address. */
	last = len > LUPCALL_TEXT ? strrchr(up->parts[part].text, ',') : NULL;
	if (last)
		*last = '\0';
	return 0;
}

static int lupcall_take_turn(struct luadrv_account *account)
{
	if (luadrv_account_add(account, LUADRV_ACCOUNT_LOOKUPS, LUPCALL_MOST_OF_SCRIPT))
		return -EBUSY;
	if (atomic_add_unless(&lupcall_count, 1, LUPCALL_MOST))
		return 0;
	luadrv_account_remove(account, LUADRV_ACCOUNT_LOOKUPS);
	return -EBUSY;
}

static void lupcall_give_turn(struct luadrv_account *account)
{
	atomic_dec(&lupcall_count);
	luadrv_account_remove(account, LUADRV_ACCOUNT_LOOKUPS);
}

static void lupcall_work(struct work_struct *work)
{
	struct lupcall *up = container_of(work, struct lupcall, work);
	int i, err = lupcall_find_program();

	for (i = 0; i < LUPCALL_PARTS; i++)
		if (up->parts[i].wanted)
			up->parts[i].err = err ?: lupcall_ask_kernel(up, i);
	/* First, for who sees the end may unload it, which waits for the end of this function. */
	module_put(THIS_MODULE);
	lupcall_give_turn(up->account);
	/* Pairs with lupcall_done(): who sees it sees the parts. */
	smp_store_release(&up->done, true);
	wake_up_poll(&up->watchers, EPOLLIN | EPOLLRDNORM);
	lupcall_leave(up);
}

static struct lupcall *lupcall_alloc(struct luadrv_account *account)
{
	struct lupcall *up;

	if (luadrv_account_charge(account, LUPCALL_CHARGE))
		return NULL;
	up = kzalloc(sizeof(*up), GFP_KERNEL_ACCOUNT);
	if (!up) {
		luadrv_account_uncharge(account, LUPCALL_CHARGE);
		return NULL;
	}
	lpollable_init(&up->pollable, &lupcall_pollable_ops);
	refcount_set(&up->ref, 2);
	up->account = luadrv_account_get(account);
	INIT_WORK(&up->work, lupcall_work);
	init_waitqueue_head(&up->watchers);
	luadrv_live_add(LUADRV_LIVE_UPCALLS, 1);
	return up;
}

/**
 * lupcall_new() - begin to look a name up by the kernel's resolver
 * @account: what it is charged to
 * @net: the script's network namespace
 * @name: the name
 * @len: its length, up to LUPCALL_MAX_NAME
 * @wanted: which parts of the answer are wanted
 * @res: where it goes; the caller ends it with lupcall_close() and lupcall_put()
 *
 * Context: Process context. May sleep.
 * Return: 0; -EOPNOTSUPP when the kernel has no resolver, or not for this
 * namespace; -EBUSY when it has enough to do, for this script or at all; -ENOMEM.
 */
int lupcall_new(struct luadrv_account *account, struct net *net, const char *name,
		size_t len, const bool wanted[LUPCALL_PARTS], struct lupcall **res)
{
	struct lupcall *up;
	int i, err;

	if (!lupcall_query || !net_eq(net, &init_net) || len > LUPCALL_MAX_NAME)
		return -EOPNOTSUPP;
	err = lupcall_take_turn(account);
	if (err)
		return err;
	up = lupcall_alloc(account);
	if (!up) {
		lupcall_give_turn(account);
		return -ENOMEM;
	}
	memcpy(up->name, name, len);
	up->len = len;
	for (i = 0; i < LUPCALL_PARTS; i++) {
		up->parts[i].wanted = wanted[i];
		up->parts[i].err = -ENODATA;
	}
	/* The worker's; until here the caller's script keeps the module. */
	__module_get(THIS_MODULE);
	queue_work(lupcall_workers, &up->work);
	*res = up;
	return 0;
}

/**
 * lupcall_result() - what came of it
 * @up: from lupcall_new(); not closed
 * @part: which addresses
 * @text: where they go, valid as long as @up is
 *
 * Context: Process context.
 * Return: 0; -EINPROGRESS; -ENODATA when there are none, or they were not
 * wanted; another negative errno when the kernel cannot tell.
 */
int lupcall_result(struct lupcall *up, enum lupcall_kind part, const char **text)
{
	if (!lupcall_done(up))
		return -EINPROGRESS;
	*text = up->parts[part].text;
	return up->parts[part].err;
}

/**
 * lupcall_close() - do not wait for it any more
 * @up: from lupcall_new(); the caller's reference stays the caller's
 *
 * It leaves all poll sets. Closing it again does nothing.
 *
 * Context: Process context.
 */
void lupcall_close(struct lupcall *up)
{
	bool closed;

	spin_lock(&up->pollable.lock);
	closed = up->pollable.closed;
	if (!closed) {
		WRITE_ONCE(up->pollable.closed, true);
		lpoll_forget(&up->pollable);
	}
	spin_unlock(&up->pollable.lock);
	if (closed)
		return;
	luadrv_account_uncharge(up->account, LUPCALL_CHARGE);
}

/**
 * lupcall_put() - give the caller's reference back
 * @up: closed
 *
 * Context: Process context. May sleep.
 */
void lupcall_put(struct lupcall *up)
{
	lupcall_leave(up);
}

/**
 * lupcall_init() - make the workers
 *
 * Context: Process context.
 * Return: 0; -ENOMEM.
 */
int lupcall_init(void)
{
	lupcall_workers = alloc_workqueue("luadrv_upcall", WQ_UNBOUND, LUPCALL_MOST);
	return lupcall_workers ? 0 : -ENOMEM;
}

/**
 * lupcall_exit() - wait until they have left the module
 *
 * Context: Process context. May sleep, not for long: nothing is looked up any more.
 */
void lupcall_exit(void)
{
	destroy_workqueue(lupcall_workers);
}
