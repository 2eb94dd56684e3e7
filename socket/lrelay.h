/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The inside of a relay. relay.c has its life, relay_wake.c what has it run, relay_run.c what it does,
 * relay_fail.c how failures are handed on, relay_tcp.c and relay_copy.c how bytes are moved.
 */
#ifndef _LUADRV_LRELAY_H
#define _LUADRV_LRELAY_H

#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/net.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "pollable.h"
#include "relay.h"

struct lsock;
struct sock;

/**
 * struct lrelay_end - a socket of a relay
 * @ls: the script's socket; the relay has a handle of it, and pins it, until it is over
 * @sock: the kernel's
 * @claim: what scripts cannot do with it meanwhile: LSOCK_SENDS, LSOCK_RECEIVES
 * @wait: on the queue of @sock; its private is the relay
 * @full: room for what is sent there is waited for; the same
 * @deaf: nobody asks what arrives here: there is no room for it, or nowhere to go; read by
 *	wake-ups without a lock
 * @inlined: the option SO_OOBINLINE, as the script had it
 * @lowat: the option SO_RCVLOWAT, as the script had it
 */
struct lrelay_end {
	struct lsock *ls;
	struct socket *sock;
	unsigned int claim;
	wait_queue_entry_t wait;
	bool full;
	bool deaf;
	bool inlined;
	int lowat;
};

/**
 * struct lrelay_way - a direction of a relay
 * @from: where bytes come from
 * @to: where they go
 * @moved: how many have; read by others
 * @left: how many are still to
 * @back: how many there were when the other direction moved some last
 * @owed: how many of them have been sent, and are still to be taken
 * @done: nothing more will
 */
struct lrelay_way {
	struct lrelay_end *from;
	struct lrelay_end *to;
	u64 moved;
	u64 left;
	u64 back;
	u32 owed;
	bool done;
};

/**
 * struct lrelay - a relay
 * @pollable: what poll sets watch; a part of it
 * @ref: one by its box, one by each poll set that watches it
 * @account: what it is charged to
 * @cred: those of who made it
 * @watchers: woken when it is over; without @set
 * @node: on the list of @set
 * @flags: LRELAY_BUSY and its like
 * @soft: on the list of those that are to run in a softirq
 * @work: does what they cannot; all below is theirs who has LRELAY_BUSY, but what wake-ups and the script read
 * @timer: queues @work when a limit is reached, or memory may be there again
 * @ends: the sockets
 * @ways: the directions
 * @count: how many these are
 * @copy: pages are not handed on
 * @keep: the end of what is moved is not told
 * @idle: limits in jiffies, 0 for none; these times are the low half of jiffies
 * @half: the same
 * @total: the same
 * @began: when it did, in jiffies
 * @last: when a byte was moved last
 * @ended: when the first direction ended, or a socket failed
 * @acked: what peers had taken when that was looked at last
 * @failed: a socket that did, while what came from there goes on
 * @stopped: its owner has LRELAY_BUSY for good
 * @pausing: nothing is to be done until @timer fires
 * @over: nothing is done any more, and no socket is held
 * @reason: why it is
 * @err: the errno that ended it
 * @blame: whose that was
 * @told: bytes of which lrelay_news() has told
 * @set: the set that it belongs to, or NULL
 */
struct lrelay {
	struct lpollable pollable;
	struct kref ref;
	struct luadrv_account *account;
	const struct cred *cred;
	union {
		wait_queue_head_t watchers;
		struct list_head node;
	};
	unsigned long flags;
	struct llist_node soft;
	struct work_struct work;
	struct timer_list timer;
	struct lrelay_end ends[2];
	struct lrelay_way ways[2];
	unsigned int count;
	bool copy;
	bool keep;
	u32 idle;
	u32 half;
	u32 total;
	u32 began;
	u32 last;
	u32 ended;
	u32 acked;
	struct lrelay_end *failed;
	bool stopped;
	bool pausing;
	bool over;
	enum lrelay_reason reason;
	int err;
	struct lrelay_end *blame;
	u64 told;
	struct lrelay_set *set;
};

/**
 * struct lrelay_set - relays that close their sockets
 * @account: what they are charged to
 * @opts: how they work
 * @lock: protects what follows
 * @relays: those that have not ended
 * @count: how many these are, and those whose sockets are being closed
 * @moved: bytes of those that have ended, by direction
 * @ended: how many these are
 * @empty: woken when there is none
 * @told: bytes of which lrelay_set_news() has told; its owner's
 */
struct lrelay_set {
	struct luadrv_account *account;
	struct lrelay_opts opts;
	spinlock_t lock;
	struct list_head relays;
	unsigned int count;
	u64 moved[2];
	u64 ended;
	wait_queue_head_t empty;
	u64 told;
};

/**
 * struct lrelay_scratch - memory for one run of the work
 * @buf: where it is
 * @size: how much
 * @few: what there is at first
 */
struct lrelay_scratch {
	u8 *buf;
	size_t size;
	u8 few[512];
};

/*
 * Who sets LRELAY_BUSY runs a relay: a softirq, a worker, or who stops it. It hands it on, or lets go of it. Who
 * finds it set leaves LRELAY_AGAIN, so that it runs once more.
 */
enum {
	LRELAY_BUSY,	/* it runs, or is about to */
	LRELAY_AGAIN,	/* something has happened since it looked */
	LRELAY_SLOW,	/* a softirq need not try */
	LRELAY_STOP,	/* who has it shall let go of it */
};

/* What came of a direction's turn. */
enum lrelay_turn {
	LRELAY_EMPTY,	/* nothing more is there, or no room */
	LRELAY_LATER,	/* nobody tells when to go on */
	LRELAY_SHORT,	/* there is no memory */
	LRELAY_MORE,	/* it is not known whether there is more */
};

/* The first reason for its end counts. */
static inline void lrelay_end(struct lrelay *r, enum lrelay_reason reason)
{
	if (!r->reason)
		r->reason = reason;
}

/* Whether so many jiffies are over; 0 are never. */
static inline bool lrelay_is_due(u32 since, u32 limit)
{
	return limit && (u32)jiffies - since >= limit;
}

/* relay_fail.c */
void lrelay_fail(struct lrelay *r, struct lrelay_end *end, int err);
enum lrelay_turn lrelay_pass_failure(struct lrelay *r);

/* relay_wake.c */
void lrelay_kick(struct lrelay *r);
void lrelay_begin(struct lrelay *r);
bool lrelay_release(struct lrelay *r);
int lrelay_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key);

/* relay.c */
bool lrelay_closed(const struct lrelay *r);
void lrelay_finish(struct lrelay *r);

/* relay_set.c */
void lrelay_set_enter(struct lrelay_set *set, struct lrelay *r);
bool lrelay_set_over(struct lrelay *r);

/* relay_run.c */
void lrelay_work(struct work_struct *work);
bool lrelay_can_soft(const struct lrelay *r);
void lrelay_run_soft(struct lrelay *r);
void lrelay_set_timer(struct lrelay *r);
void lrelay_timer(struct timer_list *timer);

/*
 * relay_tcp.c, for lrelay_is_plain() only, and relay_copy.c: move up to @most bytes that are there, and give how
 * many that were; 0 at the end of the stream; or a negative errno of @r->blame: -EAGAIN where nothing is there, or
 * no room. What is sent is taken by then, or the direction owes it, and the next call or lrelay_settle() takes
 * it; so whatever happens, a byte is at one of the two sockets.
 */
bool lrelay_is_plain(const struct lrelay_way *way);
/* -EOPNOTSUPP when only lrelay_copy() can; with @soft, for softirqs, -EINPROGRESS when a socket is locked. */
ssize_t lrelay_tcp(struct lrelay *r, struct lrelay_way *way, size_t most, bool soft);
bool lrelay_settle(struct lrelay *r, struct lrelay_way *way, bool soft);

ssize_t lrelay_copy(struct lrelay *r, struct lrelay_way *way, struct lrelay_scratch *scratch,
		    size_t most);
void lrelay_scratch_init(struct lrelay_scratch *scratch);
bool lrelay_scratch_grow(struct lrelay_scratch *scratch, size_t most);
void lrelay_scratch_free(struct lrelay_scratch *scratch);
ssize_t lrelay_send(struct socket *sock, void *buf, size_t len, int flags);
int lrelay_flags(const struct lrelay_way *way, size_t n);
void lrelay_expect(struct lrelay_way *way, bool room);

#endif
