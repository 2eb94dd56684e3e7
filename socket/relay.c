// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The life of a relay. It watches its sockets as a poll set does, by an entry on the wait queue of each, so
 * nothing of them is replaced, and what the kernel does for them stays as it is. A wake-up has it run
 * (relay_run.c): in a softirq, and what that cannot do by a worker; by one of them at a time.
 *
 * It has a handle of each socket, and pins it like a call that waits: so closing the socket ends the relay,
 * and forgetting it does not. Scripts can neither send nor receive where it does.
 */
#include "lsock.h"
#include "lrelay.h"

#include <linux/cred.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/wait_bit.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "driver/account.h"
#include "driver/compat.h"
#include "driver/live.h"
#include "driver/memory.h"

static bool relay_copy;
module_param(relay_copy, bool, 0644);
MODULE_PARM_DESC(relay_copy, "relays copy bytes, instead of handing on the pages that they lie in");

/* A tunnel shall cost at most 1 KiB beside its two sockets, and kmalloc() makes that of all that is larger. */
#if defined(CONFIG_64BIT) && !defined(CONFIG_DEBUG_SPINLOCK) && !defined(CONFIG_PREEMPT_RT)
static_assert(sizeof(struct lrelay) <= SZ_512);
#endif

static struct lrelay *lrelay_of(struct lpollable *p)
{
	return container_of(p, struct lrelay, pollable);
}

static bool lrelay_over(struct lrelay *r)
{
	/* Pairs with lrelay_finish(). */
	return smp_load_acquire(&r->over);
}

static wait_queue_head_t *lrelay_queue(struct lpollable *p)
{
	return &lrelay_of(p)->watchers;
}

static __poll_t lrelay_ask(struct lpollable *p)
{
	return lrelay_over(lrelay_of(p)) ? EPOLLIN | EPOLLRDNORM : 0;
}

static void lrelay_poll_get(struct lpollable *p)
{
	kref_get(&lrelay_of(p)->ref);
}

static void lrelay_poll_put(struct lpollable *p)
{
	lrelay_put(lrelay_of(p));
}

static const struct lpollable_ops lrelay_pollable_ops = {
	.queue = lrelay_queue,
	.ask = lrelay_ask,
	.get = lrelay_poll_get,
	.put = lrelay_poll_put,
};

/**
 * lrelay_pollable() - a relay as poll sets see it: it can be read from when it is over
 * @r: the relay; the result is a part of it
 *
 * Context: Any.
 */
struct lpollable *lrelay_pollable(struct lrelay *r)
{
	return &r->pollable;
}

static struct lrelay *lrelay_alloc(struct luadrv_account *account)
{
	struct lrelay *r;

	if (luadrv_account_charge(account, sizeof(*r)))
		return NULL;
	r = kzalloc(sizeof(*r), LUADRV_GFP);
	if (!r) {
		luadrv_account_uncharge(account, sizeof(*r));
		return NULL;
	}
	lpollable_init(&r->pollable, &lrelay_pollable_ops);
	kref_init(&r->ref);
	r->account = luadrv_account_get(account);
	r->cred = get_current_cred();
	INIT_WORK(&r->work, lrelay_work);
	timer_setup(&r->timer, lrelay_timer, 0);
	luadrv_live_add(LUADRV_LIVE_RELAYS, 1);
	return r;
}

static void lrelay_free(struct kref *ref)
{
	struct lrelay *r = container_of(ref, struct lrelay, ref);

	luadrv_account_uncharge(r->account, sizeof(*r));
	luadrv_account_put(r->account);
	put_cred(r->cred);
	kfree(r);
	luadrv_live_add(LUADRV_LIVE_RELAYS, -1);
}

/**
 * lrelay_put() - give a reference to a relay back
 * @r: the relay; closed, if the reference is the last one
 *
 * Context: Any.
 */
void lrelay_put(struct lrelay *r)
{
	kref_put(&r->ref, lrelay_free);
}

/* A limit; the jiffy that runs does not count. */
static u32 lrelay_jiffies(int ms)
{
	return ms ? min_t(unsigned long, msecs_to_jiffies(ms) + 1, S32_MAX / 2) : 0;
}

static void lrelay_apply(struct lrelay *r, const struct lrelay_opts *opts)
{
	unsigned int i;

	r->count = opts->oneway ? 1 : 2;
	r->copy = opts->copy || READ_ONCE(relay_copy);
	r->keep = opts->keep;
	r->idle = lrelay_jiffies(opts->idle);
	r->half = lrelay_jiffies(opts->half);
	r->total = lrelay_jiffies(opts->total);
	r->began = jiffies;
	r->last = r->began;
	for (i = 0; i < r->count; i++) {
		r->ways[i].from = &r->ends[i];
		r->ways[i].to = &r->ends[!i];
		r->ways[i].left = opts->most ?: U64_MAX;
		r->ends[i].claim |= LSOCK_RECEIVES;
		r->ends[!i].claim |= LSOCK_SENDS;
	}
}

/* Is there, or was there, anybody at the other end? */
static bool lrelay_connected(const struct sock *sk)
{
	int state = READ_ONCE(sk->sk_state);

	if (sk->sk_family == AF_UNIX)
		return state == TCP_ESTABLISHED;
	if (state == TCP_CLOSE)
		return READ_ONCE(sk->sk_err) || READ_ONCE(sk->sk_shutdown);
	return state != TCP_LISTEN && state != TCP_SYN_SENT;
}

/*
 * Urgent data are part of what is moved: for whom they are urgent is not here. And each byte shall wake us.
 * This is undone by lrelay_restore().
 */
static void lrelay_prepare(struct lrelay_end *end)
{
	struct sock *sk = end->sock->sk;

	lock_sock(sk);
	end->inlined = sock_flag(sk, SOCK_URGINLINE);
	end->lowat = sk->sk_rcvlowat;
	sock_set_flag(sk, SOCK_URGINLINE);
	WRITE_ONCE(sk->sk_rcvlowat, 1);
	release_sock(sk);
}

static void lrelay_restore(struct lrelay_end *end)
{
	struct sock *sk = end->sock->sk;

	lock_sock(sk);
	sock_valbool_flag(sk, SOCK_URGINLINE, end->inlined);
	WRITE_ONCE(sk->sk_rcvlowat, end->lowat);
	release_sock(sk);
}

static int lrelay_attach(struct lrelay *r, int side, struct lsock *ls)
{
	struct lrelay_end *end = &r->ends[side];
	int err = lsock_claim(ls, end->claim, &end->sock);

	if (err)
		return err;
	if (!lrelay_connected(end->sock->sk)) {
		lsock_unclaim(ls, end->claim);
		return -ENOTCONN;
	}
	end->ls = ls;
	end->deaf = !(end->claim & LSOCK_RECEIVES);
	if (!end->deaf)
		lrelay_prepare(end);
	lsock_share(ls);
	init_waitqueue_func_entry(&end->wait, lrelay_wake);
	end->wait.private = r;
	return 0;
}

static void lrelay_detach(struct lrelay_end *end)
{
	struct lsock *ls = end->ls;

	if (end->claim & LSOCK_RECEIVES)
		lrelay_restore(end);
	lsock_unclaim(ls, end->claim);
	lsock_drop(ls);
}

/* Nobody else will ask for it: what comes is to go on at once. */
static void lrelay_hurry(const struct lrelay_end *end)
{
	struct sock *sk = end->sock->sk;

	if (sk->sk_protocol == IPPROTO_TCP)
		tcp_sock_set_nodelay(sk);
}

/* From here on it runs, and one of a set may end and be gone before this returns. */
static void lrelay_start(struct lrelay *r)
{
	int i;

	/* Nobody else can run or end it before this is handed on. */
	__set_bit(LRELAY_BUSY, &r->flags);
	if (!lrelay_can_soft(r))
		__set_bit(LRELAY_SLOW, &r->flags);
	if (r->set)
		lrelay_set_enter(r->set, r);
	for (i = 0; i < 2; i++)
		add_wait_queue(&r->ends[i].sock->wq.wait, &r->ends[i].wait);
	lrelay_set_timer(r);
	/* The softirq runs at the end of this. */
	local_bh_disable();
	lrelay_begin(r);
	local_bh_enable();
}

/**
 * lrelay_new() - begin to move bytes between two sockets
 * @account: what it is charged to
 * @a: a stream that is connected; the caller has a handle, and the relay gets one
 * @b: the same; or, for one direction only, @a
 * @opts: how
 * @set: what ends it and closes the sockets, whose handles it takes, and which delay nothing; or NULL
 * @res: where it goes; the caller ends it with lrelay_close() and lrelay_put()
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when a socket is closed; -EBUSY when one is in a relay, or in a
 * call of another task; -ENOTCONN; -ENOMEM.
 */
int lrelay_new(struct luadrv_account *account, struct lsock *a, struct lsock *b,
	       const struct lrelay_opts *opts, struct lrelay_set *set, struct lrelay **res)
{
	struct lrelay *r = lrelay_alloc(account);
	int err;

	if (!r)
		return -ENOMEM;
	lrelay_apply(r, opts);
	r->set = set;
	if (set)
		INIT_LIST_HEAD(&r->node);
	else
		init_waitqueue_head(&r->watchers);
	err = lrelay_attach(r, 0, a);
	if (err)
		goto err_put;
	err = lrelay_attach(r, 1, b);
	if (err)
		goto err_detach;

	*res = r;
	if (set) {
		lrelay_hurry(&r->ends[0]);
		lrelay_hurry(&r->ends[1]);
	}
	lrelay_start(r);
	return 0;

err_detach:
	lrelay_detach(&r->ends[0]);
err_put:
	lrelay_put(r);
	return err;
}

/**
 * lrelay_closed() - whether one of the sockets was closed
 * @r: the relay, not over
 *
 * Context: Any.
 */
bool lrelay_closed(const struct lrelay *r)
{
	return READ_ONCE(r->ends[0].ls->pollable.closed) ||
	       READ_ONCE(r->ends[1].ls->pollable.closed);
}

/**
 * lrelay_finish() - let go of the sockets, and say that a relay is over
 * @r: the relay; the caller has LRELAY_BUSY
 *
 * Context: Process context. May sleep: it may be the last to have a socket.
 */
void lrelay_finish(struct lrelay *r)
{
	int i;

	for (i = 0; i < 2; i++)
		remove_wait_queue(&r->ends[i].sock->wq.wait, &r->ends[i].wait);
	timer_delete_sync(&r->timer);
	for (i = 0; i < r->count; i++)
		lrelay_settle(r, &r->ways[i], false);
	for (i = 0; i < 2; i++)
		lrelay_detach(&r->ends[i]);
	/* Pairs with lrelay_over(): who sees it sees the reason and the numbers. */
	smp_store_release(&r->over, true);
	if (!r->set)
		wake_up_poll(&r->watchers, EPOLLIN | EPOLLRDNORM);
}

/**
 * lrelay_stop() - end a relay
 * @r: the relay; if it is over already, nothing changes
 *
 * Its sockets are the script's again when this returns. What it has not sent is still to be received.
 *
 * Context: Process context, of the only one that has the relay. Sleeps, not for long.
 */
void lrelay_stop(struct lrelay *r)
{
	if (r->stopped)
		return;
	set_bit(LRELAY_STOP, &r->flags);
	wait_on_bit_lock(&r->flags, LRELAY_BUSY, TASK_UNINTERRUPTIBLE);
	r->stopped = true;
	if (!r->over) {
		r->reason = LRELAY_STOPPED;
		lrelay_finish(r);
	}
}

/**
 * lrelay_close() - end a relay, and take it out of all poll sets
 * @r: the relay; the caller's reference stays the caller's
 *
 * Closing it again does nothing.
 *
 * Context: as lrelay_stop().
 */
void lrelay_close(struct lrelay *r)
{
	lrelay_stop(r);
	spin_lock(&r->pollable.lock);
	if (!r->pollable.closed) {
		WRITE_ONCE(r->pollable.closed, true);
		lpoll_forget(&r->pollable);
	}
	spin_unlock(&r->pollable.lock);
}

/**
 * lrelay_wait() - wait until a relay is over
 * @r: the relay
 * @timeout: milliseconds to wait; 0: do not wait; negative: for ever
 *
 * Context: Process context. Sleeps.
 * Return: 1 when it is over, 0 when the time is; -EINTR.
 */
int lrelay_wait(struct lrelay *r, int timeout)
{
	long left = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : msecs_to_jiffies(timeout);

	left = wait_event_interruptible_timeout(r->watchers, lrelay_over(r), left);
	if (left < 0)
		return -EINTR;
	return lrelay_over(r);
}

/**
 * lrelay_result() - what came of a relay, or has come of it until now
 * @r: the relay
 * @result: where it goes
 *
 * Context: Any.
 */
void lrelay_result(struct lrelay *r, struct lrelay_result *result)
{
	bool over = lrelay_over(r);
	int i;

	result->ways = r->count;
	for (i = 0; i < 2; i++)
		result->moved[i] = READ_ONCE(r->ways[i].moved);
	result->reason = over ? r->reason : LRELAY_RUNS;
	result->err = over ? r->err : 0;
	result->side = over && r->failed == &r->ends[1];
}

/**
 * lrelay_news() - for the statistics: what was moved since this was asked last
 * @r: the relay
 *
 * Context: Process context, of the only one that has the relay.
 * Return: bytes, of both directions.
 */
u64 lrelay_news(struct lrelay *r)
{
	u64 moved = READ_ONCE(r->ways[0].moved) + READ_ONCE(r->ways[1].moved);
	u64 news = moved - r->told;

	r->told = moved;
	return news;
}
