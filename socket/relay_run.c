// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What the work of a relay does when it runs: it moves what is there and has room, in both directions by
 * turns; hands on the end of a stream after what came before it, and a reset; and looks whether the relay is
 * over. It never waits for a socket, and after a while it queues itself behind the others.
 */
#include "lsock.h"
#include "lrelay.h"

#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <net/sock.h>
#include <net/tcp_states.h>

/* What a direction may move before it is the turn of others. */
#define LRELAY_BUDGET	SZ_256K
/* How long to wait when there is no memory. */
#define LRELAY_PAUSE	max(HZ / 20, 1)

/* What came of a direction's turn. */
enum lrelay_turn {
	LRELAY_EMPTY,	/* nothing more is there, or no room */
	LRELAY_MORE,	/* it is not known whether there is */
	LRELAY_SHORT,	/* there is no memory */
};

static void lrelay_end(struct lrelay *r, enum lrelay_reason reason)
{
	if (!r->reason)
		r->reason = reason;
}

static bool lrelay_closed(const struct lrelay *r)
{
	return READ_ONCE(r->ends[0].ls->pollable.closed) ||
	       READ_ONCE(r->ends[1].ls->pollable.closed);
}

/* What a reset is for a peer. A Unix socket cannot send one before it is closed. */
static void lrelay_reset(struct socket *sock)
{
	if (sock->sk->sk_family == AF_UNIX)
		kernel_sock_shutdown(sock, SHUT_RDWR);
	else if (READ_ONCE(sock->sk->sk_state) != TCP_CLOSE)
		lsock_abort(sock);
}

/* A socket has failed, so nothing will come of the other one, either. */
static void lrelay_fail(struct lrelay *r, struct lrelay_end *end, int err)
{
	struct lrelay_end *other = end == &r->ends[0] ? &r->ends[1] : &r->ends[0];

	/* What a close does may look like any failure. */
	if (lrelay_closed(r)) {
		lrelay_end(r, LRELAY_CLOSED);
		return;
	}
	if (r->reason)
		return;
	lrelay_end(r, LRELAY_ERROR);
	r->err = err;
	r->blame = end;
	/* With one direction, the script still has its own use for where that began. */
	if (r->count == 2 || (end == r->ways[0].from && !r->keep))
		lrelay_reset(other->sock);
}

/* A stream has ended, and all of it was sent. */
static void lrelay_eof(struct lrelay *r, struct lrelay_way *way)
{
	if (lrelay_closed(r)) {
		lrelay_end(r, LRELAY_CLOSED);
		return;
	}
	way->done = true;
	WRITE_ONCE(way->from->deaf, true);
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

static enum lrelay_turn lrelay_failed(struct lrelay *r, struct lrelay_way *way, int err)
{
	if (err == -ENOMEM || err == -ENOBUFS)
		return LRELAY_SHORT;
	if (err != -EAGAIN) {
		lrelay_fail(r, r->blame, err);
		return LRELAY_EMPTY;
	}
	if (r->blame != way->to)
		return LRELAY_EMPTY;
	WRITE_ONCE(way->from->deaf, true);
	return lrelay_is_short(way->to) ? LRELAY_SHORT : LRELAY_EMPTY;
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
	ssize_t n;

	if (lrelay_is_empty(from)) {
		r->blame = way->from;
		return -EAGAIN;
	}
	if (!r->copy && lrelay_can_pages(from, way->to->sock->sk)) {
		n = lrelay_pages(r, way, &most);
		if (n != -EOPNOTSUPP)
			return n;
	}
	return lrelay_copy(r, way, scratch, most);
}

static enum lrelay_turn lrelay_move(struct lrelay *r, struct lrelay_way *way,
				    struct lrelay_scratch *scratch)
{
	size_t left = LRELAY_BUDGET;
	ssize_t n;

	WRITE_ONCE(way->from->deaf, false);
	/* Pairs with lrelay_wake(): what it ignored until now is there now. */
	smp_mb();
	while (left) {
		n = lrelay_step(r, way, scratch, min_t(u64, left, way->left));
		if (n < 0)
			return lrelay_failed(r, way, n);
		if (!n) {
			lrelay_eof(r, way);
			return LRELAY_EMPTY;
		}
		r->last = jiffies;
		WRITE_ONCE(way->moved, way->moved + n);
		way->left -= n;
		left -= n;
		if (!way->left) {
			lrelay_end(r, LRELAY_MOST);
			return LRELAY_EMPTY;
		}
		cond_resched();
	}
	return LRELAY_MORE;
}

static bool lrelay_is_due(unsigned long since, unsigned long limit)
{
	return limit && time_after_eq(jiffies, since + limit);
}

static bool lrelay_is_half(const struct lrelay *r)
{
	return r->count == 2 && r->ways[0].done != r->ways[1].done;
}

/* Failures that no direction has met: it had nothing to move, or has ended. */
static void lrelay_look(struct lrelay *r)
{
	int i, err;

	for (i = 0; i < 2; i++) {
		err = READ_ONCE(r->ends[i].sock->sk->sk_err);
		if (err)
			lrelay_fail(r, &r->ends[i], -err);
	}
}

/* What ends a relay beside what it moves. */
static void lrelay_limit(struct lrelay *r)
{
	if (lrelay_closed(r))
		lrelay_end(r, LRELAY_CLOSED);
	if (lrelay_is_due(r->began, r->total))
		lrelay_end(r, LRELAY_TOTAL);
	if (lrelay_is_half(r) && lrelay_is_due(r->ended, r->half))
		lrelay_end(r, LRELAY_HALF);
	if (lrelay_is_due(r->last, r->idle))
		lrelay_end(r, LRELAY_IDLE);
}

/* The timer may fire too early, never too late: it is set anew when that turns out. */
static void lrelay_arm(struct lrelay *r, unsigned long since, unsigned long limit)
{
	unsigned long due = since + limit;

	if (limit && (!timer_pending(&r->timer) || time_before(due, r->timer.expires)))
		mod_timer(&r->timer, due);
}

static enum lrelay_turn lrelay_run(struct lrelay *r)
{
	enum lrelay_turn turn, result = LRELAY_EMPTY;
	struct lrelay_scratch scratch = {};
	unsigned int i;

	for (i = 0; i < r->count && !r->reason; i++) {
		if (r->ways[i].done)
			continue;
		turn = lrelay_move(r, &r->ways[i], &scratch);
		result = max(result, turn);
	}
	lrelay_scratch_free(&scratch);
	/* What came before a reset goes first, as far as there is room. */
	if (result != LRELAY_MORE)
		lrelay_look(r);
	lrelay_limit(r);
	return result;
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

	if (READ_ONCE(r->stopping) || r->over || READ_ONCE(r->pausing))
		return;
	turn = lrelay_run(r);
	if (r->reason) {
		lrelay_finish(r);
		return;
	}
	if (turn == LRELAY_MORE) {
		lrelay_kick(r);
		return;
	}
	if (turn == LRELAY_SHORT) {
		WRITE_ONCE(r->pausing, true);
		lrelay_arm(r, jiffies, LRELAY_PAUSE);
	}
	lrelay_arm(r, r->began, r->total);
	lrelay_arm(r, r->last, r->idle);
	if (lrelay_is_half(r))
		lrelay_arm(r, r->ended, r->half);
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
	lrelay_kick(r);
}
