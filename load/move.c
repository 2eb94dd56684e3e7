// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Bytes in and out of flows, by the kernel's calls or by the script's hooks.
 * What came of either goes through lload_moved(), so that both are counted
 * alike.
 */
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/string.h>

#include "lload.h"
#include "luadata/data.h"

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

/**
 * lload_wants() - whether a flow has something to do at once
 * @e: the engine
 * @f: the flow, LLOAD_OPEN
 *
 * Context: Process context.
 */
bool lload_wants(struct lload *e, struct lload_flow *f)
{
	return f->troubled || lload_wants_data(e, f) || (f->sending && f->writable);
}

/* A stream writes its buffer again and again: a client when it is time for it. */
static void lload_stream_begin(struct lload *e, struct lload_flow *f)
{
	u64 due;

	if (!e->config.writes || f->sending)
		return;
	if (!e->config.client || lload_slot_take(e, &due))
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
		lload_count_error(e, LLOAD_CAUSE_RECV, 0);
	return lload_break(e, f);
}

/* A call, or a hook, has failed. TCP has ended then; the script knows better what its hook means. */
static int lload_failed(struct lload *e, struct lload_flow *f, enum lload_cause cause, int err)
{
	bool reset = err == -ECONNRESET || err == -EPIPE;

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

static int lload_received(struct lload *e, struct lload_flow *f, s64 n, bool hooked)
{
	/* As hooks do not read all that is there, what is left is reported anew. */
	if (hooked || n == -EAGAIN)
		f->readable = false;
	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n < 0)
		return lload_failed(e, f, hooked ? LLOAD_CAUSE_HOOK : LLOAD_CAUSE_RECV, n);
	if (!n && !lload_is_udp(e))
		return lload_at_end(e, f);

	e->counts.received += n;
	e->counts.receives++;
	/* There was no more; whoever brings more tells. */
	if (!lload_is_udp(e) && n < e->config.buffer && !f->ended)
		f->readable = false;
	return e->config.kind == LLOAD_STREAM ? 0 : lload_rr_got(e, f, n);
}

static int lload_sent(struct lload *e, struct lload_flow *f, s64 n, bool hooked)
{
	int res;

	if (n == -EINTR)
		return 0;
	if (n < 0 && n != -EAGAIN) {
		res = lload_failed(e, f, hooked ? LLOAD_CAUSE_HOOK : LLOAD_CAUSE_SEND, n);
		/* Between two calls of a hook that fails each time, others have their turns. */
		if (res || !hooked)
			return res;
	}
	if (n < 0) {
		f->writable = false;
		f->blocked = true;
		if (e->level || lload_is_udp(e))
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

/**
 * lload_moved() - what a call, or the pending hook, has done
 * @e: the engine, with its @hook and @asked
 * @f: the flow
 * @n: bytes that it moved, or -errno
 * @hooked: it was the hook
 *
 * Context: Process context. May sleep.
 * Return: 0; LLOAD_GONE.
 */
int lload_moved(struct lload *e, struct lload_flow *f, s64 n, bool hooked)
{
	switch (e->hook) {
	case LLOAD_HOOK_RECVMSG:
		return lload_received(e, f, n, hooked);
	case LLOAD_HOOK_SENDMSG:
		return lload_sent(e, f, n, hooked);
	default:
		/* What was reported is not in the queue: it is an error that the next call takes. */
		if (n < 0)
			lload_take_error(e, f);
		if (n < 0 && n != -EAGAIN && n != -EINTR)
			lload_count_error(e, LLOAD_CAUSE_HOOK, n);
		return 0;
	}
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
	for (i = 0; i < LLOAD_DRAINS; i++) {
		if (lsock_recv(f->ls, &m) >= 0)
			continue;
		if (e->level)
			lload_take_error(e, f);
		return 0;
	}
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
	e->hook = LLOAD_HOOK_RECVMSG;
	return lload_moved(e, f, lsock_recv(f->ls, &m), false);
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
	e->hook = LLOAD_HOOK_SENDMSG;
	e->asked = m.len;
	return lload_moved(e, f, lsock_send(f->ls, &m), false);
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
	int res;

	if (f->troubled) {
		res = lload_look_at_trouble(e, f, call);
		if (res)
			return res;
	}
	if (lload_wants_data(e, f)) {
		res = lload_get(e, f, call);
		if (res)
			return res == LLOAD_GONE ? 0 : res;
	}
	lload_begin(e, f);
	if (f->sending && f->writable) {
		res = lload_put(e, f, call);
		if (res)
			return res == LLOAD_GONE ? 0 : res;
		lload_begin(e, f);
	}
	if (lload_wants(e, f))
		lload_flow_queue(e, f);
	return 0;
}
