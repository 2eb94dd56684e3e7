// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Timers that poll sets can watch. As with timerfd, the kernel's timer fires
 * once and is set anew when the script has read that: however short an interval
 * is, nothing fires that nobody reads, and what was missed is counted by the
 * clock.
 */
#include "pollable.h"
#include "socket.h"

#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "driver/account.h"
#include "driver/compat.h"
#include "driver/live.h"
#include "driver/memory.h"

/**
 * struct ltimer - a timer of a script
 * @pollable: what poll sets watch; its lock protects all but @expired, and is
 *	held while @hrtimer is set or cancelled, so that nobody does both
 * @ref: one by each box, each parcel, each poll set that has it
 * @account: what it is charged to
 * @wait: who waits for it
 * @hrtimer: fires at @due; never sets itself anew
 * @due: when it expires, or expired, in ns of the monotonic clock
 * @interval: ns from one expiry to the next; 0: there is one only
 * @set: it will expire, or did and was not read since
 * @expired: it did; written by @hrtimer, or while that cannot fire
 */
struct ltimer {
	struct lpollable pollable;
	struct kref ref;
	struct luadrv_account *account;
	wait_queue_head_t wait;
	struct hrtimer hrtimer;
	u64 due;
	u64 interval;
	bool set;
	bool expired;
};

static struct ltimer *ltimer_of(struct lpollable *p)
{
	return container_of(p, struct ltimer, pollable);
}

static void ltimer_tell(struct ltimer *t)
{
	WRITE_ONCE(t->expired, true);
	wake_up_poll(&t->wait, EPOLLIN | EPOLLRDNORM);
}

static enum hrtimer_restart ltimer_fire(struct hrtimer *hrtimer)
{
	ltimer_tell(container_of(hrtimer, struct ltimer, hrtimer));
	return HRTIMER_NORESTART;
}

static wait_queue_head_t *ltimer_poll_queue(struct lpollable *p)
{
	return &ltimer_of(p)->wait;
}

static __poll_t ltimer_poll_ask(struct lpollable *p)
{
	return READ_ONCE(ltimer_of(p)->expired) ? EPOLLIN | EPOLLRDNORM : 0;
}

static void ltimer_poll_get(struct lpollable *p)
{
	ltimer_get(ltimer_of(p));
}

static void ltimer_poll_put(struct lpollable *p)
{
	ltimer_put(ltimer_of(p));
}

static const struct lpollable_ops ltimer_pollable_ops = {
	.queue = ltimer_poll_queue,
	.ask = ltimer_poll_ask,
	.get = ltimer_poll_get,
	.put = ltimer_poll_put,
};

/**
 * ltimer_pollable() - a timer as poll sets see it
 * @t: the timer; the result is a part of it
 *
 * Context: Any.
 */
struct lpollable *ltimer_pollable(struct ltimer *t)
{
	return &t->pollable;
}

static int ltimer_take_account(struct luadrv_account *account)
{
	int err = luadrv_account_add(account, LUADRV_ACCOUNT_TIMERS, LTIMER_MOST);

	if (err)
		return err;
	err = luadrv_account_charge(account, sizeof(struct ltimer));
	if (err)
		luadrv_account_remove(account, LUADRV_ACCOUNT_TIMERS);
	return err;
}

static void ltimer_give_account(struct luadrv_account *account)
{
	luadrv_account_uncharge(account, sizeof(struct ltimer));
	luadrv_account_remove(account, LUADRV_ACCOUNT_TIMERS);
}

/**
 * ltimer_new() - make a timer that is not set
 * @account: what it is charged to
 * @res: where it goes; the caller ends it with ltimer_put()
 *
 * Context: Process context. May sleep.
 * Return: 0; -EMFILE when the account has LTIMER_MOST; -ENOMEM.
 */
int ltimer_new(struct luadrv_account *account, struct ltimer **res)
{
	struct ltimer *t;
	int err;

	err = ltimer_take_account(account);
	if (err)
		return err;
	t = kzalloc(sizeof(*t), LUADRV_GFP);
	if (!t) {
		ltimer_give_account(account);
		return -ENOMEM;
	}
	lpollable_init(&t->pollable, &ltimer_pollable_ops);
	kref_init(&t->ref);
	t->account = luadrv_account_get(account);
	init_waitqueue_head(&t->wait);
	hrtimer_setup(&t->hrtimer, ltimer_fire, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	luadrv_live_add(LUADRV_LIVE_TIMERS, 1);
	*res = t;
	return 0;
}

/**
 * ltimer_get() - take a reference to a timer
 * @t: the timer; the caller has one
 *
 * Context: Any.
 */
void ltimer_get(struct ltimer *t)
{
	kref_get(&t->ref);
}

static void ltimer_free(struct kref *ref)
{
	struct ltimer *t = container_of(ref, struct ltimer, ref);

	hrtimer_cancel(&t->hrtimer);
	ltimer_give_account(t->account);
	luadrv_account_put(t->account);
	kfree(t);
	luadrv_live_add(LUADRV_LIVE_TIMERS, -1);
}

/**
 * ltimer_put() - give a reference to a timer back
 * @t: the timer; cancelled and freed if the reference is the last one
 *
 * Context: Process context.
 */
void ltimer_put(struct ltimer *t)
{
	kref_put(&t->ref, ltimer_free);
}

/* As if it had never been set. What fires at this moment is over when this returns. */
static void ltimer_clear(struct ltimer *t)
{
	lockdep_assert_held(&t->pollable.lock);
	hrtimer_cancel(&t->hrtimer);
	t->set = false;
	WRITE_ONCE(t->expired, false);
}

static void ltimer_start(struct ltimer *t)
{
	lockdep_assert_held(&t->pollable.lock);
	t->set = true;
	hrtimer_start(&t->hrtimer, ns_to_ktime(t->due), HRTIMER_MODE_ABS_SOFT);
}

/**
 * ltimer_set() - set a timer, in place of what it was set to
 * @t: the timer
 * @ms: milliseconds from now to its expiry; 0: it expires now
 * @interval: milliseconds from each expiry to the next; 0: there is one only
 *
 * Expiries that were not read are forgotten.
 *
 * Context: Process context.
 * Return: 0; -EBADF when it is closed.
 */
int ltimer_set(struct ltimer *t, unsigned int ms, unsigned int interval)
{
	int err = 0;

	spin_lock(&t->pollable.lock);
	if (t->pollable.closed) {
		err = -EBADF;
		goto out;
	}
	ltimer_clear(t);
	t->due = ktime_get_ns() + (u64)ms * NSEC_PER_MSEC;
	t->interval = (u64)interval * NSEC_PER_MSEC;
	if (ms) {
		ltimer_start(t);
	} else {
		t->set = true;
		ltimer_tell(t);
	}
out:
	spin_unlock(&t->pollable.lock);
	return err;
}

/**
 * ltimer_set_at() - set a timer to a moment, in place of what it was set to
 * @t: the timer
 * @due: when it expires, once, in ns of the monotonic clock
 *
 * Context: Process context.
 * Return: 0; -EBADF when it is closed.
 */
int ltimer_set_at(struct ltimer *t, u64 due)
{
	int err = -EBADF;

	spin_lock(&t->pollable.lock);
	if (!t->pollable.closed) {
		ltimer_clear(t);
		t->due = min_t(u64, due, KTIME_MAX);
		t->interval = 0;
		ltimer_start(t);
		err = 0;
	}
	spin_unlock(&t->pollable.lock);
	return err;
}

/**
 * ltimer_cancel() - a timer shall not expire
 * @t: the timer; expiries that were not read are forgotten
 *
 * Context: Process context.
 * Return: 1 if it was set, 0 if not; -EBADF when it is closed.
 */
int ltimer_cancel(struct ltimer *t)
{
	int res;

	spin_lock(&t->pollable.lock);
	res = t->pollable.closed ? -EBADF : t->set;
	ltimer_clear(t);
	spin_unlock(&t->pollable.lock);
	return res;
}

/* How often it has expired since it was due, once at least. */
static u64 ltimer_expiries(const struct ltimer *t)
{
	u64 now = ktime_get_ns();

	return now > t->due ? div64_u64(now - t->due, t->interval) + 1 : 1;
}

/* How often it has expired; sets it for the next time. */
static s64 ltimer_take(struct ltimer *t)
{
	s64 n = 0;

	spin_lock(&t->pollable.lock);
	if (t->pollable.closed) {
		n = -EBADF;
	} else if (t->expired && t->interval) {
		n = ltimer_expiries(t);
		t->due += n * t->interval;
		WRITE_ONCE(t->expired, false);
		ltimer_start(t);
	} else if (t->expired) {
		n = 1;
		ltimer_clear(t);
	}
	spin_unlock(&t->pollable.lock);
	return n;
}

static bool ltimer_done(struct ltimer *t)
{
	return READ_ONCE(t->expired) || READ_ONCE(t->pollable.closed);
}

/**
 * ltimer_read() - wait for a timer, and take note that it expired
 * @t: the timer
 * @timeout: milliseconds to wait; 0: do not wait; negative: for ever
 *
 * Context: Process context. Sleeps.
 * Return: how often it expired since it was set or read; 0 when the time is
 * over; -EBADF when it is closed; -EINTR.
 */
s64 ltimer_read(struct ltimer *t, int timeout)
{
	unsigned long end = jiffies + (timeout > 0 ? msecs_to_jiffies(timeout) + 1 : 0);
	long left;
	s64 n;

	while (!(n = ltimer_take(t))) {
		if (signal_pending(current))
			return -EINTR;
		left = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : (long)(end - jiffies);
		if (!timeout || left <= 0)
			return 0;
		left = wait_event_interruptible_timeout(t->wait, ltimer_done(t), left);
		if (left < 0)
			return -EINTR;
	}
	return n;
}

/**
 * ltimer_close() - end a timer for all who have it
 * @t: the timer; the caller's reference stays the caller's
 *
 * It is in no poll set any more, every call on it fails, and whoever waits in
 * one is woken up. Closing it again does nothing.
 *
 * Context: Process context.
 */
void ltimer_close(struct ltimer *t)
{
	spin_lock(&t->pollable.lock);
	if (!t->pollable.closed) {
		ltimer_clear(t);
		WRITE_ONCE(t->pollable.closed, true);
		lpoll_forget(&t->pollable);
	}
	spin_unlock(&t->pollable.lock);
	wake_up_all(&t->wait);
}

/**
 * ltimer_status() - what a timer does
 * @t: the timer
 *
 * Context: Any.
 * Return: "closed", "expired", "set" or "not set".
 */
const char *ltimer_status(struct ltimer *t)
{
	if (READ_ONCE(t->pollable.closed))
		return "closed";
	if (READ_ONCE(t->expired))
		return "expired";
	return READ_ONCE(t->set) ? "set" : "not set";
}
