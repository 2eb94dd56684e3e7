// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Requests and responses. A client's requests that are under way are answered
 * in their order, which TCP keeps; over UDP, where each datagram is one, the
 * oldest is taken for the one that was answered.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "histogram.h"
#include "lload.h"
#include "luadata/data.h"

/**
 * lload_rr_begin() - begin requests, as many as the flow may have and it is time for
 * @e: the engine, of a client
 * @f: the flow, LLOAD_OPEN or LLOAD_IDLE, in no list
 *
 * Context: Process context.
 */
void lload_rr_begin(struct lload *e, struct lload_flow *f)
{
	struct lload_request *request;
	u32 at;
	u64 due;

	while (f->under_way < e->config.outstanding) {
		if (!lload_slot_take(e, &due)) {
			lload_slot_wait(e, f);
			return;
		}
		at = f->first + f->under_way;
		if (at >= e->config.outstanding)
			at -= e->config.outstanding;
		request = &f->requests[at];
		request->due = due;
		request->sent = e->now;
		f->under_way++;
		f->sending += e->config.request;
	}
}

/* The oldest request is over. */
static void lload_rr_drop(struct lload *e, struct lload_flow *f)
{
	if (++f->first == e->config.outstanding)
		f->first = 0;
	f->under_way--;
	e->done++;
}

static void lload_rr_note(struct lload *e, const struct lload_flow *f, u64 latency)
{
	struct lload_rtt *rtts = ldata_addr(e->rtts);
	u32 at;

	div_u64_rem(e->rtt_count++, e->config.rtts, &at);
	rtts[at] = (struct lload_rtt){ .end = e->now, .latency = latency, .flow = f->number };
}

static void lload_rr_complete(struct lload *e, struct lload_flow *f)
{
	struct lload_request *request = &f->requests[f->first];

	if (e->rtts)
		lload_rr_note(e, f, e->now - request->sent);
	lhist_record(e->latency, e->now - request->sent, 1);
	if (e->response)
		lhist_record(e->response, e->now - request->due, 1);
	lload_rr_drop(e, f);
}

/* How many messages have come with @n bytes more. */
static u64 lload_rr_messages(struct lload *e, struct lload_flow *f, u64 n)
{
	u64 messages;
	u32 rest;

	if (lload_is_udp(e))
		return 1;
	f->got += n;
	if (f->got < lload_incoming(e))
		return 0;
	messages = div_u64_rem(f->got, lload_incoming(e), &rest);
	f->got = rest;
	return messages;
}

/**
 * lload_rr_got() - bytes have arrived
 * @e: the engine
 * @f: the flow
 * @n: how many; of UDP, a datagram
 *
 * Context: Process context. May sleep.
 * Return: 0; LLOAD_GONE when the flow's connection was for that one request.
 */
int lload_rr_got(struct lload *e, struct lload_flow *f, u64 n)
{
	u64 messages = lload_rr_messages(e, f, n);

	if (!e->config.client) {
		f->sending += messages * lload_outgoing(e);
		e->counts.transactions += messages;
		return 0;
	}
	/* Nobody has asked for more. */
	messages = min_t(u64, messages, f->under_way);
	if (!messages) {
		f->got = f->under_way ? f->got : 0;
		return 0;
	}
	e->counts.transactions += messages;
	e->now = ktime_get_ns();
	while (messages--)
		lload_rr_complete(e, f);
	if (f->under_way)
		return 0;
	/* What comes before it asks again is not for it; what comes then is told of. With a hook the socket was asked. */
	f->got = 0;
	if (lload_is_udp(e) && !f->ended && !f->lossy && !lload_has_hook(e, LLOAD_HOOK_RECVMSG))
		f->readable = false;
	if (e->config.kind != LLOAD_CRR)
		return 0;
	lload_flow_shut(e, f);
	return LLOAD_GONE;
}

/**
 * lload_rr_lose() - the oldest request gets no response
 * @e: the engine
 * @f: the flow, of UDP
 *
 * Context: Process context.
 */
void lload_rr_lose(struct lload *e, struct lload_flow *f)
{
	if (!f->under_way)
		return;
	e->counts.lost++;
	f->lossy = true;
	f->readable = true;
	lload_rr_drop(e, f);
	f->sending = (u64)f->under_way * e->config.request < f->sending ?
		     (u64)f->under_way * e->config.request : f->sending;
}

/**
 * lload_rr_fail() - no request of a flow gets a response
 * @e: the engine
 * @f: the flow
 *
 * Context: Process context.
 */
void lload_rr_fail(struct lload *e, struct lload_flow *f)
{
	while (f->under_way)
		lload_rr_drop(e, f);
	f->sending = 0;
	f->got = 0;
}

/*
 * The oldest request has waited for too long. A response that comes later is
 * not to be taken for the next one's, so the flow goes on with another socket;
 * but not amid others' requests, over UDP.
 */
static void lload_rr_expire(struct lload *e, struct lload_flow *f)
{
	if (lload_is_udp(e) && f->under_way > 1) {
		lload_rr_lose(e, f);
		lload_flow_queue(e, f);
		return;
	}
	if (lload_is_udp(e))
		e->counts.lost++;
	else
		lload_count_error(e, LLOAD_CAUSE_TIMEOUT, -ETIMEDOUT);
	lload_rr_fail(e, f);
	f->renewed = true;
	lload_flow_shut(e, f);
}

static bool lload_rr_is_overdue(const struct lload *e, const struct lload_flow *f)
{
	return f->under_way && e->now - f->requests[f->first].sent > e->config.patience;
}

/**
 * lload_rr_scan() - give requests up that wait for too long
 * @e: the engine, of a client with patience
 *
 * Those that were not seen to wait for too long before are left for the next scan: their
 * responses may be there, and only this task was not.
 *
 * Context: Process context. May sleep.
 * Return: whether there are such.
 */
bool lload_rr_scan(struct lload *e)
{
	struct lload_flow *f;
	bool more = false;
	unsigned long i;

	xa_for_each(&e->flows, i, f) {
		while (f->overdue && lload_rr_is_overdue(e, f))
			lload_rr_expire(e, f);
		f->overdue = lload_rr_is_overdue(e, f);
		more |= f->overdue;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return more;
}
