/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Engines: the flows of one worker of a load, and the work on them. The
 * interface of the kernel half, which knows no Lua, to the Lua half, which
 * knows no kernel header. Calls return 0 or -errno unless they say otherwise,
 * may sleep, and end with -EINTR when a signal comes.
 */
#ifndef _LUADRV_LOAD_ENGINE_H
#define _LUADRV_LOAD_ENGINE_H

#include <linux/types.h>

struct ldata;
struct lhist;
struct lload;
struct lpollable;
struct lsock;
struct lsock_addr;
struct lsock_msg;
struct lsock_opt;
struct lsock_optval;
struct luadrv_account;
struct net;

/* The most flows, bytes of a buffer, requests under way of one flow, options, addresses and stages of an engine. */
#define LLOAD_MOST_FLOWS	(1 << 20)
#define LLOAD_MOST_BUFFER	(1 << 24)
#define LLOAD_MOST_OUTSTANDING	1024
#define LLOAD_MOST_OPTIONS	16
#define LLOAD_MOST_ADDRESSES	1024
/* One is that of the warm-up. */
#define LLOAD_MOST_STAGES	65
/* Largest request and response. */
#define LLOAD_MOST_MESSAGE	(1 << 30)
/* The most transactions of which an engine keeps the latencies one by one. */
#define LLOAD_MOST_RTTS	(1 << 24)

enum lload_kind {
	LLOAD_RR,	/* requests and responses over connections that stay */
	LLOAD_CRR,	/* over one connection each */
	LLOAD_STREAM,
};

/* What a script can do in the place of the engine, or beside it. */
enum lload_hook {
	LLOAD_HOOK_SOCKET,
	LLOAD_HOOK_CLOSE,
	LLOAD_HOOK_SENDMSG,
	LLOAD_HOOK_RECVMSG,
	LLOAD_HOOK_RECVERR,
	LLOAD_HOOKS
};

/**
 * struct lload_config - what an engine does
 * @client: it connects and begins; otherwise it serves
 * @kind: the workload
 * @family: AF_INET or AF_INET6
 * @type: SOCK_STREAM or SOCK_DGRAM
 * @hooks: which hooks there are, bits by enum lload_hook
 * @flows: of a client: how many
 * @request: bytes of a request, 1 or more
 * @response: bytes of a response, 1 or more
 * @buffer: bytes that one call moves at most
 * @outstanding: of a client: requests under way of one flow, 1 or more
 * @reads: LLOAD_STREAM: it reads
 * @writes: LLOAD_STREAM: it writes
 * @skips: what is received is not copied (TCP)
 * @no_cork: each call's bytes go out at once (TCP)
 * @seed: of the bytes that are sent; 0: they are different each time
 * @limited: of a client: it ends after @transactions
 * @transactions: how many
 * @skip_late: slots that no flow was free for are left out, not caught up with
 * @patience: of a client: ns after which a response counts as lost (UDP), or its connection
 *	as failed; 0: never
 * @rtts: of a client: of how many transactions, the last ones, it keeps the latencies
 */
struct lload_config {
	bool client;
	enum lload_kind kind;
	int family;
	int type;
	unsigned int hooks;
	u32 flows;
	u32 request;
	u32 response;
	u32 buffer;
	u32 outstanding;
	bool reads;
	bool writes;
	bool skips;
	bool no_cork;
	u64 seed;
	bool limited;
	u64 transactions;
	bool skip_late;
	u64 patience;
	u32 rtts;
};

/**
 * struct lload_times - when things happen, in ns of the monotonic clock
 * @begin: the first request
 * @warm: until then nothing is counted; @begin or later
 * @end: the engine ends; U64_MAX: when it is told to, or its transactions are done
 * @interval: ns between two LLOAD_TICK, from @begin on; 0: there are none
 */
struct lload_times {
	u64 begin;
	u64 warm;
	u64 end;
	u64 interval;
};

/**
 * struct lload_stage - at which rate requests (LLOAD_STREAM: writes) begin
 * @length: ns from the end of the stage before
 * @from: how many in 1000 seconds at its beginning; 0: none
 * @to: how many at its end; the rate goes there evenly
 *
 * After the last stage its @to stays.
 */
struct lload_stage {
	u64 length;
	u64 from;
	u64 to;
};

/* What lload_step() wants of its caller */
enum lload_want {
	LLOAD_READY = 1, /* all flows are connected: lload_start() */
	LLOAD_CALL,	/* a hook is to be called, and then lload_hooked(), which may want the next one */
	LLOAD_ASKED,	/* what lload_watch() got is ready */
	LLOAD_TICK,	/* an interval is over */
	LLOAD_END,	/* the run is over; after lload_finish(): every socket is closed */
};

/**
 * struct lload_call - a hook to be called, or what failed
 * @hook: which
 * @flow: number of the flow, 0 and up; stays the same for the same socket
 * @sock: its socket; the caller has no reference, and needs one to keep it
 * @addr: LLOAD_HOOK_SOCKET, LLOAD_HOOK_CLOSE: of the peer (client), or NULL; of the others,
 *	over UDP, of a server: whom to answer, or NULL
 * @offset: where in the buffer the bytes begin
 * @len: how many bytes to move at most
 * @flags: MSG_* flags to do so with
 * @what: of an error: the kernel's call that failed, "connect"
 * @again: of an error: lload_step() may be called again, and tries again what failed
 */
struct lload_call {
	enum lload_hook hook;
	u32 flow;
	struct lsock *sock;
	const struct lsock_addr *addr;
	size_t offset;
	size_t len;
	int flags;
	const char *what;
	bool again;
};

/* How a flow can fail: in a call, unless it says more. */
enum lload_cause {
	LLOAD_CAUSE_CONNECT,
	LLOAD_CAUSE_ACCEPT,
	LLOAD_CAUSE_SEND,
	LLOAD_CAUSE_RECV,
	LLOAD_CAUSE_RESET,	/* sending or receiving: the connection is broken */
	LLOAD_CAUSE_EOF,	/* errno 0: the peer ended the connection before a response */
	LLOAD_CAUSE_SHORT,	/* the same, amid one */
	LLOAD_CAUSE_TIMEOUT,	/* no response came in time; of UDP they are @lost */
	LLOAD_CAUSE_HOOK,	/* what a hook returned */
	LLOAD_CAUSES
};

/* How many kinds of errors are told apart; the last one stands for all others, with errno -1. */
#define LLOAD_MOST_ERRORS	24

struct lload_error {
	enum lload_cause cause;
	int code;	/* positive errno */
	u64 count;
};

/**
 * struct lload_counts - what an engine has done since the warm-up
 * @transactions: ended ones
 * @sent: bytes
 * @received: bytes
 * @sends: calls that sent something
 * @receives: calls that received something
 * @first: when the first of these did, by the monotonic clock; 0: none has
 * @warmup_sends: such calls before that
 * @warmup_receives: the same
 * @connects: connections that were made, or accepted
 * @lost: responses that did not come in time
 * @skipped: slots that were left out
 * @late: slots that began later than they were due
 * @flows: how many there are now
 * @under_way: of a client: requests that have no response yet
 * @warm: whether the warm-up is over
 * @error_count: how many of @errors there are
 * @errors: by cause and errno
 */
struct lload_counts {
	u64 transactions;
	u64 sent;
	u64 received;
	u64 sends;
	u64 receives;
	u64 first;
	u64 warmup_sends;
	u64 warmup_receives;
	u64 connects;
	u64 lost;
	u64 skipped;
	u64 late;
	u64 flows;
	u64 under_way;
	bool warm;
	unsigned int error_count;
	struct lload_error errors[LLOAD_MOST_ERRORS];
};

/* A transaction of which the latency is kept, in ns; load/rtts.lua reads these numbers. */
struct lload_rtt {
	u64 end;	/* by the monotonic clock */
	u64 latency;
	u64 flow;
};

/* engine.c */
int lload_new(struct luadrv_account *account, struct net *net, const struct lload_config *config,
	      struct lload **res);
void lload_shut(struct lload *e);
void lload_free(struct lload *e);
int lload_add_target(struct lload *e, const struct lsock_addr *addr);
int lload_add_source(struct lload *e, const struct lsock_addr *addr);
int lload_add_option(struct lload *e, const struct lsock_opt *opt, const struct lsock_optval *val);
int lload_add_stage(struct lload *e, const struct lload_stage *stage);
int lload_serve(struct lload *e, struct lsock *ls);
int lload_watch(struct lload *e, struct lpollable *object);
void lload_counts(struct lload *e, struct lload_counts *counts);
/* The latency from the request, and from its slot (NULL without stages); the engine keeps its references. */
struct lhist *lload_latency(struct lload *e);
struct lhist *lload_response(struct lload *e);
/* A ring of struct lload_rtt (NULL without), and how many have been written to it; the engine keeps its reference. */
struct ldata *lload_rtts(struct lload *e, u64 *count);
/* What is sent, and where to is received. */
struct ldata *lload_buffer(struct lload *e);
struct lsock *lload_next_flow(struct lload *e, u32 *number);

/* step.c */
void lload_start(struct lload *e, const struct lload_times *times);
int lload_step(struct lload *e, struct lload_call *call);
int lload_hooked(struct lload *e, s64 result, struct lload_call *call);
/* UDP, of a server: whom a hook has received from; the response goes there. */
void lload_note_sender(struct lload *e, const struct lsock_addr *addr);
void lload_finish(struct lload *e);

#endif
