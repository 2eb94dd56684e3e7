// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The work of an engine: what the time demands, the flows that have something
 * to do, each for one turn, and then to wait for what the poll set reports.
 * Where a hook is to be called it leaves off, and goes on with what the hook
 * gave. Between any two turns it looks at the clock and for signals.
 */
#include <linux/ktime.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "histogram.h"
#include "lload.h"

/* Turns between two looks at the poll set, when there is no need to wait. */
#define LLOAD_TURNS	8
/* How often it lets others run before it sleeps; beyond once a wait, so often in all. */
#define LLOAD_YIELDS	6
#define LLOAD_CREDIT	16384

/**
 * lload_start() - what LLOAD_READY was for
 * @e: the engine
 * @times: when it begins, and the rest
 *
 * Context: Process context.
 */
void lload_start(struct lload *e, const struct lload_times *times)
{
	e->times = *times;
	if (times->interval)
		e->times.interval = max_t(u64, times->interval, NSEC_PER_MSEC);
	e->tick = times->begin + e->times.interval;
	e->scan = times->begin;
	e->started = true;
	e->warm = false;
	lload_slot_start(e);
}

/**
 * lload_finish() - begin no more requests; from now on lload_step() closes the sockets
 * @e: the engine
 *
 * Context: Process context.
 */
void lload_finish(struct lload *e)
{
	e->phase = LLOAD_FINISHING;
	e->pending = NULL;
}

static void lload_begin_all(struct lload *e)
{
	struct lload_flow *f;
	unsigned long i;

	e->phase = LLOAD_RUNNING;
	if (!e->config.client && !e->stage_count)
		return;
	xa_for_each(&e->flows, i, f) {
		lload_flow_queue(e, f);
		cond_resched();
	}
}

static void lload_begin_to_count(struct lload *e)
{
	/* Connections that stay were made before. */
	struct lload_counts counts = {
		.connects = e->config.kind == LLOAD_CRR ? 0 : e->counts.connects,
		.warmup_sends = e->counts.warmup_sends + e->counts.sends,
		.warmup_receives = e->counts.warmup_receives + e->counts.receives,
	};

	e->warm = true;
	/* Of those that are to be done, those count that end from now on. */
	e->begun -= e->done;
	e->done = 0;
	e->counts = counts;
	e->rtt_count = 0;
	lhist_reset(e->latency);
	if (e->response)
		lhist_reset(e->response);
}

/* Whether a client has done what it was to do, or nobody is left to do it. */
static bool lload_is_over(const struct lload *e)
{
	if (!e->config.client || e->phase != LLOAD_RUNNING)
		return false;
	return !e->count ||
	       (e->config.limited && e->warm && e->done >= e->config.transactions);
}

/* Gives requests up. The next scan comes early enough, but takes no more than a small part of the time. */
static void lload_scan(struct lload *e)
{
	u64 pause = lload_rr_scan(e) ? 0 : e->config.patience / 4;
	u64 now = ktime_get_ns();

	pause = max_t(u64, pause, NSEC_PER_MSEC);
	e->scan = now + max(pause, 4 * (now - e->now));
}

/* What it is time for. */
static int lload_look_at_time(struct lload *e)
{
	e->now = ktime_get_ns();
	if (!e->started)
		return 0;
	/* Those that were missed, as long as the last one was seen to, are not told of one by one. */
	if (e->ticked && e->tick <= e->now)
		e->tick = e->now + e->times.interval;
	e->ticked = false;
	if (e->phase == LLOAD_WAITING && e->now >= e->times.begin)
		lload_begin_all(e);
	if (!e->warm && e->now >= e->times.warm)
		lload_begin_to_count(e);
	if (e->now >= e->times.end || lload_is_over(e))
		return LLOAD_END;
	if (e->config.patience && e->now >= e->scan)
		lload_scan(e);
	if (e->times.interval && e->now >= e->tick) {
		e->tick += e->times.interval;
		e->ticked = true;
		return LLOAD_TICK;
	}
	lload_slot_serve(e);
	return 0;
}

/* When it is time for something again. */
static u64 lload_moment(const struct lload *e)
{
	u64 moment = e->times.end;

	if (!e->started)
		return U64_MAX;
	if (e->phase == LLOAD_WAITING)
		moment = min(moment, e->times.begin);
	if (!e->warm)
		moment = min(moment, e->times.warm);
	if (e->times.interval)
		moment = min(moment, e->tick);
	if (e->config.patience)
		moment = min(moment, e->scan);
	if (!list_empty(&e->idle))
		moment = min(moment, e->slot_due);
	return moment;
}

static void lload_arm(struct lload *e)
{
	u64 moment = lload_moment(e);

	if (moment == e->armed)
		return;
	e->armed = moment;
	if (moment == U64_MAX)
		ltimer_cancel(e->timer);
	else
		ltimer_set_at(e->timer, moment);
}

/* What a flow is ready for now. */
static void lload_note(struct lload *e, struct lload_flow *f, __poll_t events)
{
	if (events & lload_readable(e))
		f->readable = true;
	if (events & (EPOLLRDHUP | EPOLLHUP))
		f->ended = true;
	if (events & EPOLLERR)
		f->troubled = true;
	if (events & LLOAD_WRITABLE) {
		f->writable = true;
		if (f->blocked) {
			f->blocked = false;
			if (f->member && lload_is_udp(e))
				lload_flow_interest(e, f);
		}
	}
}

/* The poll set has reported @events of the member at @slot. */
static int lload_event(struct lload *e, unsigned int slot, __poll_t events)
{
	struct lload_flow *f;

	if (slot == e->timer_slot) {
		ltimer_read(e->timer, 0);
		e->armed = U64_MAX;
		return 0;
	}
	if ((int)slot == e->watch_slot) {
		/* It was closed, and its slot is somebody else's from now on. */
		if (events & EPOLLNVAL)
			e->watch_slot = -1;
		return LLOAD_ASKED;
	}
	f = xa_load(&e->slots, slot);
	if (!f)
		return 0;
	if (events & EPOLLNVAL) {
		/* The set has forgotten it; calls will tell that it is closed. */
		xa_erase(&e->slots, slot);
		f->member = false;
		events = EPOLLHUP;
	}
	lload_note(e, f, events);
	lload_flow_queue(e, f);
	return 0;
}

/* Looks at what has happened, as much as there were turns: flows that are busy wait. */
static int lload_poll(struct lload *e)
{
	unsigned int slot, events;
	int i, res;

	e->turns = 0;
	for (i = 0; i < LLOAD_TURNS; i++) {
		res = lpoll_wait(e->set, i ? LPOLL_NEXT : LPOLL_FIRST, 0, &slot, &events);
		if (res > 0)
			res = lload_event(e, slot, (__force __poll_t)events);
		else
			return res;
		if (res)
			return res;
	}
	return 0;
}

/*
 * Who is to answer may be waiting for this processor, and to find the answer after it had it costs less than
 * to be woken up. The scheduler lets who has had less run again: of two whose work is much the same, some such
 * turns make up for that, and then none of them sleeps any more. Where they do not, they come to an end.
 */
static int lload_yield(struct lload *e, unsigned int *slot, unsigned int *events)
{
	int i, res = 0;

	if (e->spent)
		e->spent--;
	for (i = 0; i < LLOAD_YIELDS && e->spent < LLOAD_CREDIT && !res; i++) {
		e->spent++;
		schedule();
		res = lpoll_wait(e->set, LPOLL_FIRST, 0, slot, events);
	}
	if (res)
		e->spent -= min(e->spent, 4U);
	return res;
}

/* Waits for something to happen. */
static int lload_wait(struct lload *e)
{
	unsigned int slot, events;
	int res;

	e->turns = 0;
	lload_arm(e);
	res = lpoll_wait(e->set, LPOLL_FIRST, 0, &slot, &events);
	if (!res)
		res = lload_yield(e, &slot, &events);
	if (!res)
		res = lpoll_wait(e->set, LPOLL_FIRST, -1, &slot, &events);
	return res > 0 ? lload_event(e, slot, (__force __poll_t)events) : res;
}

/* Whether there are flows to be opened before it waits for anything. */
static bool lload_is_opening(const struct lload *e)
{
	return e->phase == LLOAD_OPENING &&
	       (e->config.kind == LLOAD_CRR || e->opened < e->config.flows);
}

/* A client's next flow is opened; gives LLOAD_READY when all stand, or -errno. */
static int lload_open_next(struct lload *e, struct lload_call *call)
{
	bool lasting = e->config.kind != LLOAD_CRR;
	struct lload_flow *f;
	int err = 0;

	if (!e->config.client || (e->opened == e->config.flows &&
				  (!lasting || e->connected == e->opened))) {
		e->phase = LLOAD_WAITING;
		return LLOAD_READY;
	}
	if (e->opened == e->config.flows)
		return 0;
	if (!e->targets.count) {
		call->what = "connect";
		return -EDESTADDRREQ;
	}
	call->what = "socket";
	call->again = true;
	f = lload_flow_new(e);
	if (IS_ERR(f))
		return PTR_ERR(f);
	if (lasting)
		err = lload_flow_open(e, f);
	if (err)
		lload_flow_free(e, f);
	else
		e->opened++;
	return err;
}

/* A flow could not connect. One of many that come and go is counted, and one that is renewed. */
static int lload_not_connected(struct lload *e, struct lload_flow *f, int err)
{
	bool lasting = e->config.kind != LLOAD_CRR && e->phase == LLOAD_OPENING;

	if (!err)
		return 0;
	if (lasting || err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return err;
	if (err == -EINTR)
		return 0;
	lload_count_error(e, LLOAD_CAUSE_CONNECT, err);
	lload_rr_fail(e, f);
	lload_flow_shut(e, f);
	return 0;
}

/* The next request, and its connection. */
static int lload_reopen(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	int err;

	lload_rr_begin(e, f);
	if (!f->under_way)
		return 0;
	call->what = "socket";
	call->again = true;
	err = lload_flow_open(e, f);
	if (err)
		lload_flow_queue(e, f);
	else
		f->sending = (u64)f->under_way * e->config.request;
	return err;
}

static int lload_turn(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	list_del_init(&f->link);
	switch (f->state) {
	case LLOAD_IDLE:
		return lload_reopen(e, f, call);
	case LLOAD_NEW:
		f->state = LLOAD_SEEN;
		if (lload_has_hook(e, LLOAD_HOOK_SOCKET))
			return lload_call_hook(e, f, LLOAD_HOOK_SOCKET, 0, 0, call);
		fallthrough;
	case LLOAD_SEEN:
		if (!e->config.client)
			return lload_flow_serve(e, f, call);
		return lload_not_connected(e, f, lload_flow_connect(e, f, call));
	case LLOAD_CONNECTING:
		return lload_not_connected(e, f, lload_flow_connected(e, f, call));
	case LLOAD_OPEN:
		return lload_move(e, f, call);
	case LLOAD_LISTENING:
		return lload_flow_accept(e, f, call);
	case LLOAD_CLOSING:
		return lload_call_hook(e, f, LLOAD_HOOK_CLOSE, 0, 0, call);
	}
	return 0;
}

/* Closes the next flow; gives LLOAD_END when there is none. */
static int lload_close_next(struct lload *e, struct lload_call *call)
{
	unsigned long i = 0;
	struct lload_flow *f = xa_find(&e->flows, &i, ULONG_MAX, XA_PRESENT);

	if (!f)
		return LLOAD_END;
	if (e->config.client && f->ls && lload_has_hook(e, LLOAD_HOOK_CLOSE))
		return lload_call_hook(e, f, LLOAD_HOOK_CLOSE, 0, 0, call);
	lload_flow_free(e, f);
	return 0;
}

static int lload_work(struct lload *e, struct lload_call *call)
{
	int res;

	if (e->phase == LLOAD_FINISHING)
		return lload_close_next(e, call);
	/* The clock is looked at after a wait: all that it is time for ends that. */
	if (e->phase == LLOAD_RUNNING && list_empty(&e->busy) && !lload_is_over(e)) {
		res = lload_wait(e);
		if (res)
			return res;
	}
	res = lload_look_at_time(e);
	if (!res && e->phase == LLOAD_OPENING)
		res = lload_open_next(e, call);
	if (res)
		return res;
	if (list_empty(&e->busy) && e->phase == LLOAD_RUNNING)
		return 0;
	if (list_empty(&e->busy))
		return lload_is_opening(e) ? lload_poll(e) : lload_wait(e);
	if (++e->turns > LLOAD_TURNS) {
		res = lload_poll(e);
		if (res || list_empty(&e->busy))
			return res;
	}
	return lload_turn(e, list_first_entry(&e->busy, struct lload_flow, link), call);
}

/* What it has failed with. A flow that has failed is left as it is, until all are closed. */
static int lload_failure(const struct lload *e)
{
	return e->phase == LLOAD_FINISHING ? 0 : e->failure;
}

/**
 * lload_step() - work until the caller has something to do
 * @e: the engine
 * @call: what goes with it
 *
 * Context: Process context. Sleeps.
 * Return: enum lload_want; -EINTR; -errno of what failed, @call->what, at
 * @call->addr if that is not NULL. Where @call->again is true, it can be called
 * again after that, when there may be memory or sockets again.
 */
int lload_step(struct lload *e, struct lload_call *call)
{
	int res;

	do {
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		call->what = NULL;
		call->addr = NULL;
		call->again = false;
		res = lload_failure(e) ? : lload_work(e, call);
	} while (!res);
	if (res < 0 && res != -EINTR && !call->again)
		e->failure = res;
	return res;
}

/**
 * lload_hooked() - the hook has been called that was asked for
 * @e: the engine
 * @result: what it gave: bytes that it moved; -errno. Of the hook of a socket, or of its
 *	end: not negative if all is well
 * @call: the next hook, if there is one to be called at once
 *
 * Context: Process context. May sleep.
 * Return: 0; LLOAD_CALL; -errno with which the run is to end.
 */
int lload_hooked(struct lload *e, s64 result, struct lload_call *call)
{
	struct lload_flow *f = e->pending;

	e->pending = NULL;
	if (!f || lload_failure(e))
		return lload_failure(e);
	switch (e->hook) {
	case LLOAD_HOOK_SOCKET:
		if (result < 0)
			return result;
		lload_flow_hurry(e, f);
		return 0;
	case LLOAD_HOOK_CLOSE:
		lload_flow_end(e, f);
		return 0;
	default:
		return lload_move_on(e, f, min_t(s64, result, e->asked), call);
	}
}

/**
 * lload_note_sender() - whom the hook has received from
 * @e: the engine; its hook is being called
 * @addr: the address
 *
 * Context: Process context.
 */
void lload_note_sender(struct lload *e, const struct lsock_addr *addr)
{
	if (e->pending && e->pending->peer)
		*e->pending->peer = *addr;
}
