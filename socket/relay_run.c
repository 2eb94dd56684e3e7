// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What the work of a relay does when it runs: it moves what is there and has room, in both directions by
 * turns; hands on the end of a stream after what came before it, and a reset; and looks whether the relay is
 * over. It never waits for a socket, and after a while it queues itself behind the others.
 */
#include "lsock.h"
#include "lrelay.h"

#include <linux/cred.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <net/tcp_states.h>

/* What a direction may move before it is the turn of others. */
#define LRELAY_BUDGET	SZ_256K
/* The same in a softirq. */
#define LRELAY_SOFT_BUDGET	SZ_128K
/* How long to wait when there is no memory. */
#define LRELAY_PAUSE	max(HZ / 20, 1)

/* A stream has ended, and all of it was sent. */
static void lrelay_eof(struct lrelay *r, struct lrelay_way *way)
{
	if (lrelay_closed(r)) {
		lrelay_end(r, LRELAY_CLOSED);
		return;
	}
	way->done = true;
	WRITE_ONCE(way->from->deaf, true);
	if (r->failed)
		return;
	if (!r->keep)
		kernel_sock_shutdown(way->to->sock, SHUT_WR);
	if (r->count == 1 || (r->ways[0].done && r->ways[1].done))
		lrelay_end(r, LRELAY_EOF);
	else
		r->ended = jiffies;
}

/* The kernel tells when there is room, but not when there is memory for a socket that has nothing on its way. */
static bool lrelay_is_short(const struct lrelay_end *to)
{
	return to->sock->sk->sk_family != AF_UNIX && !READ_ONCE(to->sock->sk->sk_wmem_queued);
}

static enum lrelay_turn lrelay_full(struct lrelay_way *way)
{
	WRITE_ONCE(way->from->deaf, true);
	return lrelay_is_short(way->to) ? LRELAY_SHORT : LRELAY_EMPTY;
}

static enum lrelay_turn lrelay_failed(struct lrelay *r, struct lrelay_way *way, int err)
{
	if (err == -ENOMEM || err == -ENOBUFS)
		return LRELAY_SHORT;
	if (err == -EAGAIN && r->blame == way->to)
		return lrelay_full(way);
	if (r->failed == way->from && r->blame == way->from)
		way->done = true;
	else if (err != -EAGAIN)
		lrelay_fail(r, r->blame, err);
	return err == -EAGAIN ? LRELAY_EMPTY : LRELAY_MORE;
}

/* Is there nothing for the lock of the socket to be taken for? Whatever comes after this look wakes the work. */
static bool lrelay_is_empty(const struct sock *sk)
{
	return skb_queue_empty_lockless(&sk->sk_receive_queue) && !READ_ONCE(sk->sk_err) &&
	       !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN) &&
	       READ_ONCE(sk->sk_state) != TCP_CLOSE;
}

/* See lrelay.h, as these are. */
static ssize_t lrelay_step(struct lrelay *r, struct lrelay_way *way,
			   struct lrelay_scratch *scratch, size_t most)
{
	const struct sock *from = way->from->sock->sk;
	bool plain = lrelay_is_plain(way);
	ssize_t n;

	if ((plain || from->sk_family == AF_UNIX) && lrelay_is_empty(from)) {
		r->blame = way->from;
		return -EAGAIN;
	}
	if (plain) {
		n = lrelay_tcp(r, way, most, false);
		if (n != -EOPNOTSUPP)
			return n;
	}
	lrelay_settle(r, way, false);
	return lrelay_copy(r, way, scratch, most);
}

/* Notes that bytes were moved; false when no more are wanted. */
static bool lrelay_moved(struct lrelay *r, struct lrelay_way *way, size_t n)
{
	struct lrelay_way *back = way == &r->ways[0] ? &r->ways[1] : &r->ways[0];

	r->last = jiffies;
	WRITE_ONCE(way->moved, way->moved + n);
	way->left -= n;
	back->back = back->moved;
	if (!way->left)
		lrelay_end(r, LRELAY_MOST);
	return way->left;
}

static void lrelay_listen(struct lrelay_way *way)
{
	if (way->from->deaf)
		/* Pairs with lrelay_wake(): what it ignored until now is there now. */
		smp_store_mb(way->from->deaf, false);
}

static enum lrelay_turn lrelay_move(struct lrelay *r, struct lrelay_way *way,
				    struct lrelay_scratch *scratch)
{
	size_t left = LRELAY_BUDGET;
	ssize_t n;

	lrelay_listen(way);
	while (left) {
		n = lrelay_step(r, way, scratch, min_t(u64, left, way->left));
		if (n < 0)
			return lrelay_failed(r, way, n);
		if (!n) {
			lrelay_eof(r, way);
			return LRELAY_EMPTY;
		}
		left -= n;
		if (!lrelay_moved(r, way, n))
			return LRELAY_EMPTY;
		if (way->to->full)
			return lrelay_full(way);
		cond_resched();
	}
	return LRELAY_MORE;
}

static bool lrelay_is_half(const struct lrelay *r)
{
	return r->count == 2 && r->ways[0].done != r->ways[1].done;
}

/* Failures that no direction has met: it had nothing to move, or has ended. */
static enum lrelay_turn lrelay_look_for_failure(struct lrelay *r)
{
	int i, err;

	for (i = 0; i < 2 && !r->failed; i++) {
		err = READ_ONCE(r->ends[i].sock->sk->sk_err);
		if (err)
			lrelay_fail(r, &r->ends[i], -err);
	}
	/* Something may have come with it, after its turn. */
	return r->failed ? LRELAY_MORE : LRELAY_EMPTY;
}

/* Does a slow reader take what was sent to it, though there is no room yet for more? */
static bool lrelay_is_read(struct lrelay *r)
{
	const struct sock *sk;
	u32 acked = 0;
	bool fresh;
	int i;

	for (i = 0; i < 2; i++) {
		sk = r->ends[i].sock->sk;
		if (sk->sk_family != AF_UNIX && READ_ONCE(sk->sk_wmem_queued))
			acked += READ_ONCE(tcp_sk(sk)->snd_una);
	}
	fresh = acked && acked != r->acked;
	r->acked = acked;
	return fresh;
}

static void lrelay_limit_idle(struct lrelay *r)
{
	if (!lrelay_is_due(r->last, r->idle))
		return;
	if (lrelay_is_read(r))
		r->last = jiffies;
	else
		lrelay_end(r, LRELAY_IDLE);
}

/* What ends a relay beside what it moves. */
static void lrelay_limit(struct lrelay *r)
{
	if (lrelay_closed(r))
		lrelay_end(r, LRELAY_CLOSED);
	if (lrelay_is_due(r->began, r->total))
		lrelay_end(r, LRELAY_TOTAL);
	if (r->failed)
		return;
	if (lrelay_is_half(r) && lrelay_is_due(r->ended, r->half))
		lrelay_end(r, LRELAY_HALF);
	lrelay_limit_idle(r);
}

/* The timer may fire too early, never too late: it is set anew when that turns out. */
static void lrelay_arm(struct lrelay *r, u32 since, u32 limit)
{
	unsigned long due = jiffies + (s32)(since + limit - (u32)jiffies);

	if (limit && (!timer_pending(&r->timer) || time_before(due, r->timer.expires)))
		mod_timer(&r->timer, due);
}

/**
 * lrelay_can_soft() - whether both directions can do without what sleeps
 * @r: the relay
 *
 * Context: Any.
 */
bool lrelay_can_soft(const struct lrelay *r)
{
	return lrelay_is_plain(&r->ways[0]) && (r->count == 1 || lrelay_is_plain(&r->ways[1]));
}

static enum lrelay_turn lrelay_move_all(struct lrelay *r)
{
	enum lrelay_turn turn, result = LRELAY_EMPTY;
	struct lrelay_scratch scratch;
	unsigned int i;

	lrelay_scratch_init(&scratch);
	for (i = 0; i < r->count && !r->reason; i++) {
		if (r->ways[i].done)
			continue;
		turn = lrelay_move(r, &r->ways[i], &scratch);
		lrelay_settle(r, &r->ways[i], false);
		result = max(result, turn);
	}
	lrelay_scratch_free(&scratch);
	return result;
}

static enum lrelay_turn lrelay_run(struct lrelay *r)
{
	enum lrelay_turn turn = LRELAY_EMPTY;

	if (!lrelay_closed(r))
		turn = lrelay_move_all(r);
	/* What came before a reset goes first. */
	if (turn != LRELAY_MORE && !r->failed)
		turn = max(turn, lrelay_look_for_failure(r));
	else if (turn != LRELAY_MORE)
		turn = max(turn, lrelay_pass_failure(r));
	lrelay_limit(r);
	return turn;
}

/* As who made the relay: what goes to a Unix socket may carry who that is. */
static enum lrelay_turn lrelay_run_as(struct lrelay *r)
{
	const struct cred *old = override_creds(r->cred);
	enum lrelay_turn turn = lrelay_run(r);

	revert_creds(old);
	return turn;
}

/**
 * lrelay_set_timer() - have the limits of a relay looked at in time
 * @r: the relay; the caller has LRELAY_BUSY
 *
 * Context: Any.
 */
void lrelay_set_timer(struct lrelay *r)
{
	lrelay_arm(r, r->began, r->total);
	lrelay_arm(r, r->last, r->idle);
	if (lrelay_is_half(r))
		lrelay_arm(r, r->ended, r->half);
}

/* Something has happened that nobody tells of when it is over: the timer does. */
static void lrelay_pause(struct lrelay *r, enum lrelay_turn turn)
{
	if (turn != LRELAY_SHORT && turn != LRELAY_LATER)
		return;
	if (turn == LRELAY_SHORT)
		/* Before the timer can fire, which takes it back. */
		smp_store_mb(r->pausing, true);
	lrelay_arm(r, jiffies, LRELAY_PAUSE);
}

/* Lets go of a relay that is over; then it may be gone. */
static void lrelay_over(struct lrelay *r)
{
	if (r->set && lrelay_set_over(r))
		return;
	set_bit(LRELAY_STOP, &r->flags);
	lrelay_release(r);
}

static void lrelay_look_again(struct lrelay *r)
{
	clear_bit(LRELAY_AGAIN, &r->flags);
	/* Pairs with lrelay_kick(): what it told of is there now. */
	smp_mb__after_atomic();
}

/**
 * lrelay_work() - the work of a relay
 * @work: a part of it
 *
 * Context: A worker.
 */
void lrelay_work(struct work_struct *work)
{
	struct lrelay *r = container_of(work, struct lrelay, work);
	enum lrelay_turn turn;

	if (test_bit(LRELAY_STOP, &r->flags)) {
		lrelay_release(r);
		return;
	}
	clear_bit(LRELAY_SLOW, &r->flags);
	lrelay_look_again(r);
	turn = lrelay_run_as(r);
	if (r->reason) {
		lrelay_finish(r);
		lrelay_over(r);
		return;
	}
	if (turn == LRELAY_MORE)
		set_bit(LRELAY_AGAIN, &r->flags);
	lrelay_pause(r, turn);
	lrelay_set_timer(r);
	if (r->failed || !lrelay_can_soft(r))
		set_bit(LRELAY_SLOW, &r->flags);
	if (lrelay_release(r))
		lrelay_begin(r);
}

/* Moves what a direction has; false when a worker is needed, which finds out why. */
static bool lrelay_move_soft(struct lrelay *r, struct lrelay_way *way)
{
	size_t left = LRELAY_SOFT_BUDGET;
	ssize_t n = -EAGAIN;

	lrelay_listen(way);
	while (left && !lrelay_is_empty(way->from->sock->sk)) {
		n = lrelay_tcp(r, way, min_t(u64, left, way->left), true);
		if (n > 0) {
			left -= n;
			if (!lrelay_moved(r, way, n))
				return false;
			/* Mostly this was all, and it need not be looked for. */
			if (!lrelay_settle(r, way, true))
				return false;
		} else if (n != -EAGAIN || r->blame == way->from) {
			break;
		}
		if (way->to->full) {
			n = lrelay_full(way) == LRELAY_EMPTY ? -EAGAIN : -ENOMEM;
			break;
		}
		n = -EAGAIN;
	}
	if (!left)
		set_bit(LRELAY_AGAIN, &r->flags);
	return lrelay_settle(r, way, true) && n == -EAGAIN;
}

static bool lrelay_try_soft(struct lrelay *r)
{
	unsigned int i;

	if (lrelay_closed(r))
		return false;
	for (i = 0; i < r->count; i++)
		if (!r->ways[i].done && !lrelay_move_soft(r, &r->ways[i]))
			return false;
	for (i = 0; i < 2; i++)
		if (READ_ONCE(r->ends[i].sock->sk->sk_err))
			return false;
	return true;
}

/**
 * lrelay_run_soft() - run a relay where nothing can be waited for
 * @r: the relay; the caller has LRELAY_BUSY, and hands it on
 *
 * Context: Softirq.
 */
void lrelay_run_soft(struct lrelay *r)
{
	if (!test_bit(LRELAY_STOP, &r->flags)) {
		lrelay_look_again(r);
		if (!lrelay_try_soft(r))
			set_bit(LRELAY_SLOW, &r->flags);
	}
	if (test_bit(LRELAY_SLOW, &r->flags) || lrelay_release(r))
		lrelay_begin(r);
}

/**
 * lrelay_timer() - the timer of a relay has fired
 * @timer: a part of it
 *
 * Context: Softirq.
 */
void lrelay_timer(struct timer_list *timer)
{
	struct lrelay *r = container_of(timer, struct lrelay, timer);

	WRITE_ONCE(r->pausing, false);
	set_bit(LRELAY_SLOW, &r->flags);
	lrelay_kick(r);
}
