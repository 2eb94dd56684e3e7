// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* How threads are ended, and what their handles tell of their ends. */
#include "lparcel.h"
#include "lthread.h"

#include <linux/jiffies.h>

#include "driver/account.h"
#include "driver/registry.h"
#include "driver/runtime.h"

/* One that has ended is no longer in the list. */
static void lthread_ask_to_stop(struct lthread *t)
{
	spin_lock(&t->account->parts_lock);
	if (!list_empty(&t->link)) {
		WRITE_ONCE(t->rt->quiet, true);
		luadrv_runtime_stop(t->rt);
	}
	spin_unlock(&t->account->parts_lock);
}

/**
 * lthread_release() - give the handle of a thread back
 * @t: the thread; it runs on, unless it is owned
 *
 * Context: Process context. May sleep.
 */
void lthread_release(struct lthread *t)
{
	if (t->owner)
		lthread_ask_to_stop(t);
	lthread_put(t);
}

/**
 * lthread_stop_owned() - stop the threads that go with a run, which was stopped
 * @rt: who ran; the handles may be there until its next collection
 *
 * Context: Process context.
 */
void lthread_stop_owned(const struct luadrv_runtime *rt)
{
	struct lthread *t;

	spin_lock(&rt->account->parts_lock);
	list_for_each_entry(t, &rt->account->threads, link) {
		if (t->owner != rt)
			continue;
		WRITE_ONCE(t->rt->quiet, true);
		luadrv_runtime_stop(t->rt);
	}
	spin_unlock(&rt->account->parts_lock);
}

/**
 * lthread_end_all() - stop all threads of a script and wait until they have ended
 * @account: the script's, which gets no more threads
 *
 * A stopped thread ends within a moment, so a signal does not end the wait.
 *
 * Context: Process context. Sleeps.
 */
void lthread_end_all(struct luadrv_account *account)
{
	struct lthread *t;

	do {
		spin_lock(&account->parts_lock);
		account->ending = true;
		list_for_each_entry(t, &account->threads, link) {
			WRITE_ONCE(t->rt->quiet, true);
			luadrv_runtime_stop(t->rt);
		}
		spin_unlock(&account->parts_lock);
	} while (!wait_event_timeout(account->idle, !READ_ONCE(account->thread_count),
				     LUADRV_REMIND));
	/* The last one is out of the lock before the account can go. */
	spin_lock(&account->parts_lock);
	spin_unlock(&account->parts_lock);
}

static bool lthread_done(struct lthread *t)
{
	/* Pairs with lthread_finish(). */
	return smp_load_acquire(&t->done);
}

/* Waits for its end; gives what the wait gave. */
static long lthread_wait(struct lthread *t, int timeout)
{
	long left = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : msecs_to_jiffies(timeout);

	spin_lock(&t->account->parts_lock);
	t->joining = true;
	spin_unlock(&t->account->parts_lock);
	left = wait_event_interruptible_timeout(t->wait, lthread_done(t), left);
	spin_lock(&t->account->parts_lock);
	t->joining = false;
	spin_unlock(&t->account->parts_lock);
	return left;
}

/**
 * lthread_join() - wait until a thread has ended
 * @t: the thread
 * @timeout: milliseconds; 0: do not wait; negative: for ever
 * @result: where its results or its error go; the caller's. NULL when it has
 *	none, or somebody got it before
 * @end: where it goes how it ended
 *
 * Context: Process context. Sleeps.
 * Return: 0; -EAGAIN when it has not ended in time; -EALREADY when it was
 * joined before; -EINTR.
 */
int lthread_join(struct lthread *t, int timeout, struct lparcel **result,
		 enum lthread_end *end)
{
	if (lthread_wait(t, timeout) < 0)
		return -EINTR;
	if (!lthread_done(t))
		return -EAGAIN;
	if (t->joined)
		return -EALREADY;
	t->joined = true;
	*result = t->result;
	t->result = NULL;
	if (t->err == -EINTR)
		*end = LTHREAD_STOPPED;
	else if (t->err == -ETIME)
		*end = LTHREAD_SPENT;
	else if (!*result)
		*end = LTHREAD_NO_MEMORY;
	else
		*end = t->err ? LTHREAD_RAISED : LTHREAD_RETURNED;
	return 0;
}

/**
 * lthread_stop() - stop a thread and wait until it has ended
 * @t: the thread
 *
 * Context: Process context. Sleeps.
 * Return: 0; -EINTR.
 */
int lthread_stop(struct lthread *t)
{
	long left;

	do {
		lthread_ask_to_stop(t);
		left = wait_event_interruptible_timeout(t->wait, lthread_done(t),
							LUADRV_REMIND);
	} while (!left);
	return left < 0 ? -EINTR : 0;
}

/* The number that the registry gave it. */
u32 lthread_id(struct lthread *t)
{
	return t->rt->id;
}

/* What it does, or how it ended, in a word. */
const char *lthread_status(struct lthread *t)
{
	if (!lthread_done(t))
		return READ_ONCE(t->rt->asleep) ? "waiting" : "running";
	if (t->err == -EINTR)
		return "stopped";
	return t->err ? "failed" : "done";
}
