/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The inside of engines, for the files of the kernel half. All of it belongs to the worker's task. */
#ifndef _LUADRV_LOAD_LLOAD_H
#define _LUADRV_LOAD_LLOAD_H

#include <linux/list.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/xarray.h>

#include "engine.h"
#include "socket/opt.h"
#include "socket/socket.h"

struct ltimer;

/* How far the run is. */
enum lload_phase {
	LLOAD_OPENING,		/* flows are opened, up to LLOAD_READY */
	LLOAD_WAITING,		/* for lload_start(), and then for the begin */
	LLOAD_RUNNING,
	LLOAD_FINISHING,	/* flows are closed */
};

/* How far a flow is. */
enum lload_state {
	LLOAD_IDLE,		/* it has no socket: LLOAD_CRR, between two requests; or renewed */
	LLOAD_NEW,		/* its socket is there, and the hook is to see it */
	LLOAD_SEEN,		/* it has, or there is none */
	LLOAD_CONNECTING,
	LLOAD_OPEN,
	LLOAD_LISTENING,
	LLOAD_CLOSING,		/* the hook is to see its socket before it is closed */
};

/* A request without a response: its slot, and when it was sent, in ns. */
struct lload_request {
	u64 due;
	u64 sent;
};

/**
 * struct lload_flow - one socket, or of LLOAD_CRR one after the other
 * @link: in the engine's list of those that have something to do, or of those
 *	that wait for a slot, or in none
 * @ls: its socket, or NULL; a handle
 * @number: in the engine's flows
 * @slot: in the poll set, if @member
 * @state: how far it is
 * @member: it is in the poll set
 * @readable: the last look found something to read, or there was none
 * @writable: the same of room
 * @ended: it may have ended, or failed: nobody may tell when there is more
 * @troubled: there may be something in the error queue
 * @blocked: the set watches for room
 * @lossy: UDP, of a client: responses may come that nobody waits for any more
 * @overdue: its oldest request had waited for too long at the last scan
 * @renewed: of a client: it goes on with another socket
 * @sending: bytes to be sent
 * @got: bytes of the message that arrives
 * @under_way: how many of @requests are
 * @first: the oldest of them
 * @peer: UDP, of a server: whom to answer
 * @requests: as many as may be under way
 */
struct lload_flow {
	struct list_head link;
	struct lsock *ls;
	u32 number;
	unsigned int slot;
	enum lload_state state;
	bool member;
	bool readable;
	bool writable;
	bool ended;
	bool troubled;
	bool blocked;
	bool lossy;
	bool overdue;
	bool renewed;
	u64 sending;
	u64 got;
	u32 under_way;
	u32 first;
	struct lsock_addr *peer;
	struct lload_request requests[];
};

/* An option that every socket gets. */
struct lload_option {
	const struct lsock_opt *opt;
	struct lsock_optval val;
};

/* Addresses, of which flows take one after the other. */
struct lload_addresses {
	struct lsock_addr *list;
	u32 count;
};

/**
 * struct lload - an engine
 * @account: what it is charged to
 * @net: where its sockets live
 * @config: what it does
 * @phase: how far it is
 * @set: poll set of all its sockets, its timer, and what lload_watch() got
 * @timer: wakes it up at @armed
 * @armed: the moment that @timer is set to; U64_MAX: it is not
 * @timer_slot: its slot
 * @watch_slot: the slot of what lload_watch() got; -1: nothing
 * @flows: by number
 * @slots: by slot in @set
 * @count: how many flows there are
 * @opened: of a client: how many were opened
 * @connected: of a client: how many of these came to LLOAD_OPEN before it was ready
 * @busy: flows that have something to do
 * @idle: flows that wait for a slot
 * @turns: of flows, since the set was looked at
 * @spent: turns that it gave others before it slept, beyond one each time
 * @now: the clock, at the last look
 * @times: what lload_start() got
 * @started: it got it
 * @warm: counting has begun
 * @tick: when the next interval is over
 * @ticked: the last step has told of one
 * @scan: when to look for lost responses again
 * @targets: addresses to connect to
 * @sources: own addresses; there may be none
 * @options: for every socket
 * @option_count: how many
 * @stages: rates, in their order
 * @stage_count: how many; 0: requests begin as fast as they can
 * @stage: the one of @slot_due
 * @stage_begin: when that begins
 * @slot_due: when the next request is to begin
 * @begun: requests that began, of @config's transactions
 * @done: of these: that ended, one way or the other
 * @failure: -errno that lload_step() has given, and gives again
 * @pending: the flow whose hook is called, or NULL
 * @hook: which hook
 * @asked: bytes that the hook was asked to move
 * @counts: what lload_counts() gives
 * @latency: from the request to the response
 * @response: from the slot to the response; NULL without stages
 * @rtts: a ring of the last latencies, each a struct lload_rtt; or NULL
 * @rtt_count: how many were written to it
 * @buffer: what is sent, and where to is received
 */
struct lload {
	struct luadrv_account *account;
	struct net *net;
	struct lload_config config;
	enum lload_phase phase;
	struct lpoll *set;
	struct ltimer *timer;
	u64 armed;
	unsigned int timer_slot;
	int watch_slot;
	struct xarray flows;
	struct xarray slots;
	u32 count;
	u32 opened;
	u32 connected;
	struct list_head busy;
	struct list_head idle;
	unsigned int turns;
	unsigned int spent;
	u64 now;
	struct lload_times times;
	bool started;
	bool warm;
	u64 tick;
	bool ticked;
	u64 scan;
	struct lload_addresses targets;
	struct lload_addresses sources;
	struct lload_option *options;
	unsigned int option_count;
	struct lload_stage stages[LLOAD_MOST_STAGES + 1];
	unsigned int stage_count;
	unsigned int stage;
	u64 stage_begin;
	u64 slot_due;
	u64 begun;
	u64 done;
	int failure;
	struct lload_flow *pending;
	enum lload_hook hook;
	size_t asked;
	struct lload_counts counts;
	struct lhist *latency;
	struct lhist *response;
	struct ldata *rtts;
	u64 rtt_count;
	struct ldata *buffer;
};

static inline bool lload_has_hook(const struct lload *e, enum lload_hook hook)
{
	return e->config.hooks & BIT(hook);
}

/* Its flows only write, so that nothing but the next write tells what has become of the peer. */
static inline bool lload_only_writes(const struct lload *e)
{
	return e->config.kind == LLOAD_STREAM && !e->config.reads;
}

static inline bool lload_is_udp(const struct lload *e)
{
	return e->config.type == SOCK_DGRAM;
}

/* The bytes that one message has that is sent, and that arrives. */
static inline u32 lload_outgoing(const struct lload *e)
{
	return e->config.client ? e->config.request : e->config.response;
}

static inline u32 lload_incoming(const struct lload *e)
{
	return e->config.client ? e->config.response : e->config.request;
}

/* engine.c */
void lload_count_error(struct lload *e, enum lload_cause cause, int err);

/* flow.c: the life of flows */
struct lload_flow *lload_flow_new(struct lload *e);
void lload_flow_free(struct lload *e, struct lload_flow *f);
int lload_flow_peer(struct lload *e, struct lload_flow *f);
int lload_flow_open(struct lload *e, struct lload_flow *f);
int lload_flow_connect(struct lload *e, struct lload_flow *f, struct lload_call *call);
int lload_flow_connected(struct lload *e, struct lload_flow *f, struct lload_call *call);
int lload_flow_accept(struct lload *e, struct lload_flow *f, struct lload_call *call);
int lload_flow_join(struct lload *e, struct lload_flow *f, struct lload_call *call);
int lload_flow_serve(struct lload *e, struct lload_flow *f, struct lload_call *call);
int lload_flow_interest(struct lload *e, struct lload_flow *f);
void lload_flow_shut(struct lload *e, struct lload_flow *f);
void lload_flow_end(struct lload *e, struct lload_flow *f);
const struct lsock_addr *lload_flow_addr(struct lload *e, const struct lload_flow *f);
/* It has something to do: at the end of the queue, or at its head. */
void lload_flow_queue(struct lload *e, struct lload_flow *f);
void lload_flow_hurry(struct lload *e, struct lload_flow *f);

/* What lload_rr_got() gives when the flow is not LLOAD_OPEN any more, or not there. */
#define LLOAD_GONE	1

/* move.c: bytes */

/* What poll events say of a flow. Who reads the error queue says whether that was all. */
#define LLOAD_WRITABLE	(EPOLLOUT | EPOLLHUP | EPOLLERR)

static inline __poll_t lload_readable(const struct lload *e)
{
	return EPOLLIN | EPOLLRDHUP | EPOLLHUP |
	       (lload_has_hook(e, LLOAD_HOOK_RECVERR) ? 0 : EPOLLERR);
}

int lload_move(struct lload *e, struct lload_flow *f, struct lload_call *call);
int lload_move_on(struct lload *e, struct lload_flow *f, s64 n, struct lload_call *call);
int lload_call_hook(struct lload *e, struct lload_flow *f, enum lload_hook hook, size_t len,
		    int flags, struct lload_call *call);

/* rr.c: requests and responses */
void lload_rr_begin(struct lload *e, struct lload_flow *f);
int lload_rr_got(struct lload *e, struct lload_flow *f, u64 n);
void lload_rr_lose(struct lload *e, struct lload_flow *f);
void lload_rr_fail(struct lload *e, struct lload_flow *f);
bool lload_rr_scan(struct lload *e);

/* slot.c: when requests begin */
void lload_slot_start(struct lload *e);
bool lload_slot_take(struct lload *e, u64 *due);
void lload_slot_wait(struct lload *e, struct lload_flow *f);
void lload_slot_serve(struct lload *e);

#endif
