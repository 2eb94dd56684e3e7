// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Bytes in and out of flows, by the kernel's calls or by the script's hooks,
 * which are counted alike.
 */
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/string.h>

#include "lload.h"
#include "luadata/data.h"
#include "socket/pollable.h"

/* Error messages that are thrown away in one turn, if no hook reads them. */
#define LLOAD_DRAINS	16

/**
 * lload_call_hook() - have the caller of lload_step() call a hook
 * @e: the engine
 * @f: the flow
 * @hook: the hook, which there is
 * @len: bytes to be moved at most
 * @flags: MSG_* to do so with
 * @call: for the caller
 *
 * Context: Process context.
 * Return: LLOAD_CALL.
 */
int lload_call_hook(struct lload *e, struct lload_flow *f, enum lload_hook hook, size_t len,
		    int flags, struct lload_call *call)
{
	const struct lsock_addr *peer = f->peer && f->peer->len ? f->peer : NULL;

	e->pending = f;
	e->hook = hook;
	e->asked = len;
	*call = (struct lload_call){
		.hook = hook,
		.flow = f->number,
		.sock = f->ls,
		.addr = hook >= LLOAD_HOOK_SENDMSG ? peer : lload_flow_addr(e, f),
		.len = len,
		.flags = flags,
	};
	return LLOAD_CALL;
}

static bool lload_wants_data(const struct lload *e, const struct lload_flow *f)
{
	if (!f->readable)
		return false;
	if (e->config.kind == LLOAD_STREAM)
		return e->config.reads;
	/* Who does not take responses is not asked again. */
	return e->config.client || !f->sending;
}

/* A stream writes its buffer again and again, when it is time for it: a server without a rate always. */
static void lload_stream_begin(struct lload *e, struct lload_flow *f)
{
	u64 due;

	if (!e->config.writes || f->sending)
		return;
	if ((!e->config.client && !e->stage_count) || lload_slot_take(e, &due))
		f->sending = e->config.buffer;
	else
		lload_slot_wait(e, f);
}

static void lload_begin(struct lload *e, struct lload_flow *f)
{
	if (e->config.kind == LLOAD_STREAM)
		lload_stream_begin(e, f);
	else if (e->config.client)
		lload_rr_begin(e, f);
}

/* Clients decide when their connections end, be it amid a message: to who serves that is no failure. */
static bool lload_may_end(const struct lload *e)
{
	return !e->config.client;
}

static int lload_break(struct lload *e, struct lload_flow *f)
{
	lload_rr_fail(e, f);
	lload_flow_shut(e, f);
	return LLOAD_GONE;
}

static int lload_at_end(struct lload *e, struct lload_flow *f)
{
	if (!lload_may_end(e))
		lload_count_error(e, f->got ? LLOAD_CAUSE_SHORT : LLOAD_CAUSE_EOF, 0);
	return lload_break(e, f);
}

/* A call, or a hook, has failed. TCP has ended then, unless it is but the script that knows what its hook means. */
static int lload_failed(struct lload *e, struct lload_flow *f, enum lload_cause cause, int err)
{
	bool reset = err == -ECONNRESET || err == -EPIPE;

	if (reset)
		cause = LLOAD_CAUSE_RESET;
	if (!reset || !lload_may_end(e))
		lload_count_error(e, cause, err);
	if (err == -EBADF || (!lload_is_udp(e) && cause != LLOAD_CAUSE_HOOK))
		return lload_break(e, f);
	/* Over UDP it goes on, with the next message. */
	if (lload_is_udp(e) && e->config.client)
		lload_rr_lose(e, f);
	else if (lload_is_udp(e))
		f->sending = 0;
	return 0;
}

/*
 * Nobody but the socket knows what a hook has left, or whether it has tried at all. That it has no room counts
 * only where a send has found so: who then waits for room is told of it.
 */
static __poll_t lload_ask(struct lload *e, struct lload_flow *f)
{
	struct lpollable *p = lsock_pollable(f->ls);
	__poll_t events = p->ops->ask(p);

	f->readable = events & lload_readable(e);
	if (events & EPOLLERR)
		f->troubled = true;
	return events;
}

static int lload_received(struct lload *e, struct lload_flow *f, s64 n, bool hooked)
{
	if (n == -EAGAIN && lsock_is_closed(f->ls))
		n = -EBADF;
	if (hooked && lload_is_udp(e))
		lload_ask(e, f);
	else if (hooked)
		f->readable = !lsock_is_drained(f->ls);
	else if (n == -EAGAIN)
		f->readable = false;
	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n < 0)
		return lload_failed(e, f, hooked ? LLOAD_CAUSE_HOOK : LLOAD_CAUSE_RECV, n);
	if (!n && !lload_is_udp(e))
		return lload_at_end(e, f);

	e->counts.received += n;
	if (!e->counts.receives++)
		e->counts.first = e->now;
	/* There was no more, as a rule; whoever brings more tells. */
	if (!hooked && !lload_is_udp(e) && n < e->config.buffer && !f->ended)
		f->readable = !lsock_is_drained(f->ls);
	return e->config.kind == LLOAD_STREAM ? 0 : lload_rr_got(e, f, n);
}

static int lload_sent(struct lload *e, struct lload_flow *f, s64 n, bool hooked)
{
	int res;

	if (n == -EAGAIN && lsock_is_closed(f->ls))
		n = -EBADF;
	if (n == -EINTR)
		return 0;
	if (n < 0 && n != -EAGAIN) {
		res = lload_failed(e, f, hooked ? LLOAD_CAUSE_HOOK : LLOAD_CAUSE_SEND, n);
		if (res || !hooked)
			return res;
	}
	if (n < 0) {
		f->writable = hooked && lload_ask(e, f) & LLOAD_WRITABLE;
		f->blocked = !f->writable;
		if (f->blocked && lload_is_udp(e))
			lload_flow_interest(e, f);
		return 0;
	}

	e->counts.sent += n;
	e->counts.sends++;
	/* A datagram that was cut short has gone nevertheless. */
	if (lload_is_udp(e))
		n = e->asked;
	f->sending -= min_t(u64, n, f->sending);
	return 0;
}

/* There is an error that is not in the queue: to be received, or by who does not receive to be taken off UDP's socket. */
static void lload_take_error(struct lload *e, struct lload_flow *f)
{
	const struct lsock_opt *opt = lsock_opt_named(SOL_SOCKET, "error", strlen("error"));
	struct lsock_optval val;

	f->readable = true;
	if (!lload_is_udp(e) || !lload_only_writes(e) || lsock_getsockopt(f->ls, opt, &val))
		return;
	if (val.num)
		lload_count_error(e, LLOAD_CAUSE_SEND, -(int)val.num);
}

/* What a hook has done with the error queue. */
static void lload_told(struct lload *e, struct lload_flow *f, s64 n)
{
	if (n >= 0) {
		lload_ask(e, f);
		return;
	}
	lload_take_error(e, f);
	if (n != -EAGAIN && n != -EINTR)
		lload_count_error(e, LLOAD_CAUSE_HOOK, n);
}

/* Errors, and other things of which the error queue tells. */
static int lload_look_at_trouble(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	struct lsock_vec vec = { ldata_addr(e->buffer), e->config.buffer };
	struct lsock_msg m = {
		.vec = &vec, .count = 1, .len = vec.len,
		.flags = MSG_ERRQUEUE | MSG_DONTWAIT, .timeout = LSOCK_AS_SOCKET,
	};
	int i;

	f->troubled = false;
	if (lload_has_hook(e, LLOAD_HOOK_RECVERR))
		return lload_call_hook(e, f, LLOAD_HOOK_RECVERR, e->config.buffer, MSG_ERRQUEUE,
				       call);
	for (i = 0; i < LLOAD_DRAINS; i++)
		if (lsock_recv(f->ls, &m) < 0)
			return 0;
	f->troubled = true;
	return 0;
}

static int lload_get(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	struct lsock_vec vec = { ldata_addr(e->buffer), e->config.buffer };
	struct lsock_msg m = {
		.vec = &vec, .count = 1, .len = vec.len, .flags = MSG_DONTWAIT,
		.timeout = LSOCK_AS_SOCKET, .addr = f->peer,
	};
	u64 len = vec.len;

	if (lload_has_hook(e, LLOAD_HOOK_RECVMSG)) {
		if (e->config.kind != LLOAD_STREAM)
			len = min_t(u64, len, lload_incoming(e) - f->got);
		return lload_call_hook(e, f, LLOAD_HOOK_RECVMSG, len, 0, call);
	}
	if (e->config.skips && !lload_is_udp(e))
		m.flags |= MSG_TRUNC;
	return lload_received(e, f, lsock_recv(f->ls, &m), false);
}

static int lload_put(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	struct lsock_vec vec = { ldata_addr(e->buffer), e->config.buffer };
	struct lsock_msg m = {
		.vec = &vec, .count = 1, .flags = MSG_DONTWAIT, .timeout = LSOCK_AS_SOCKET,
		.addr = f->peer && f->peer->len ? f->peer : NULL,
	};

	m.len = min_t(u64, f->sending, vec.len);
	if (lload_is_udp(e) && e->config.kind != LLOAD_STREAM)
		m.len = min_t(u64, m.len, lload_outgoing(e));
	else if (f->sending > m.len && !e->config.no_cork)
		m.flags |= MSG_MORE;
	if (lload_has_hook(e, LLOAD_HOOK_SENDMSG))
		return lload_call_hook(e, f, LLOAD_HOOK_SENDMSG, m.len, m.flags & MSG_MORE, call);
	e->asked = m.len;
	return lload_sent(e, f, lsock_send(f->ls, &m), false);
}

/*
 * A turn of a flow has these parts, in this order. Where a hook is to be called they give LLOAD_CALL, and
 * lload_move_on() goes on.
 */

static int lload_end_turn(struct lload *e, struct lload_flow *f)
{
	lload_begin(e, f);
	/* Who can always go on is not always next. */
	if (f->troubled || lload_wants_data(e, f) || (f->sending && f->writable))
		lload_flow_queue(e, f);
	return 0;
}

static int lload_move_out(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	int res;

	lload_begin(e, f);
	if (f->sending && f->writable) {
		res = lload_put(e, f, call);
		if (res)
			return res;
	}
	return lload_end_turn(e, f);
}

static int lload_move_in(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	int res;

	if (lload_wants_data(e, f)) {
		res = lload_get(e, f, call);
		if (res)
			return res;
	}
	return lload_move_out(e, f, call);
}

/**
 * lload_move() - a turn of a flow: what it can do without waiting, once each way
 * @e: the engine
 * @f: the flow, LLOAD_OPEN; in no list
 * @call: where it goes what is to be called
 *
 * Context: Process context. May sleep.
 * Return: 0; LLOAD_CALL.
 */
int lload_move(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	int res = f->troubled ? lload_look_at_trouble(e, f, call) : 0;

	if (!res)
		res = lload_move_in(e, f, call);
	return res == LLOAD_GONE ? 0 : res;
}

/**
 * lload_move_on() - go on with a turn, after the pending hook
 * @e: the engine, with its @hook and @asked
 * @f: the flow
 * @n: bytes that the hook has moved, or -errno
 * @call: where it goes what is to be called
 *
 * Context: Process context. May sleep.
 * Return: 0; LLOAD_CALL.
 */
int lload_move_on(struct lload *e, struct lload_flow *f, s64 n, struct lload_call *call)
{
	int res;

	switch (e->hook) {
	case LLOAD_HOOK_RECVMSG:
		res = lload_received(e, f, n, true) ? : lload_move_out(e, f, call);
		break;
	case LLOAD_HOOK_SENDMSG:
		res = lload_sent(e, f, n, true) ? : lload_end_turn(e, f);
		break;
	default:
		lload_told(e, f, n);
		res = lload_move_in(e, f, call);
	}
	return res == LLOAD_GONE ? 0 : res;
}
