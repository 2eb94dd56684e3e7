/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The inside of a relay. relay.c has its life, relay_run.c what it does, relay_copy.c and relay_pages.c how. */
#ifndef _LUADRV_LRELAY_H
#define _LUADRV_LRELAY_H

#include <linux/kref.h>
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
 * @relay: the relay
 * @ls: the script's socket; the relay has a handle of it, and pins it, until it is over
 * @sock: the kernel's
 * @claim: what scripts cannot do with it meanwhile: LSOCK_SENDS, LSOCK_RECEIVES
 * @wait: on the queue of @sock
 * @deaf: nobody asks what arrives here: there is no room for it, or nowhere to go; read by
 *	wake-ups without a lock
 * @inlined: the option SO_OOBINLINE, as the script had it
 * @lowat: the option SO_RCVLOWAT, as the script had it
 */
struct lrelay_end {
	struct lrelay *relay;
	struct lsock *ls;
	struct socket *sock;
	unsigned int claim;
	wait_queue_entry_t wait;
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
 * @done: nothing more will
 */
struct lrelay_way {
	struct lrelay_end *from;
	struct lrelay_end *to;
	u64 moved;
	u64 left;
	bool done;
};

/**
 * struct lrelay - a relay
 * @pollable: what poll sets watch; a part of it
 * @ref: one by its box, one by each poll set that watches it
 * @account: what it is charged to
 * @watchers: woken when it is over
 * @work: moves bytes; all below is its own until @over, but what wake-ups and the script read
 * @timer: queues @work when a limit is reached, or memory may be there again
 * @ends: the sockets
 * @ways: the directions
 * @count: how many these are
 * @copy: pages are not handed on
 * @keep: the end of what is moved is not told
 * @idle: limits in jiffies, 0 for none
 * @half: the same
 * @total: the same
 * @began: when it did, in jiffies
 * @last: when a byte was moved last
 * @ended: when the first direction ended
 * @stopping: @work shall do nothing any more
 * @pausing: @work shall do nothing until @timer fires
 * @over: @work does nothing any more, and no socket is held
 * @reason: why it is
 * @err: the errno that ended it
 * @blame: whose that was
 * @told: bytes of which lrelay_news() has told
 */
struct lrelay {
	struct lpollable pollable;
	struct kref ref;
	struct luadrv_account *account;
	wait_queue_head_t watchers;
	struct work_struct work;
	struct timer_list timer;
	struct lrelay_end ends[2];
	struct lrelay_way ways[2];
	unsigned int count;
	bool copy;
	bool keep;
	unsigned long idle;
	unsigned long half;
	unsigned long total;
	unsigned long began;
	unsigned long last;
	unsigned long ended;
	bool stopping;
	bool pausing;
	bool over;
	enum lrelay_reason reason;
	int err;
	struct lrelay_end *blame;
	u64 told;
};

/* Memory for one run of the work, made when it is needed. */
struct lrelay_scratch {
	void *buf;
	unsigned int order;
};

/* relay.c */
void lrelay_kick(struct lrelay *r);
void lrelay_finish(struct lrelay *r);

/* relay_run.c */
void lrelay_work(struct work_struct *work);
void lrelay_timer(struct timer_list *timer);

/*
 * relay_copy.c, relay_pages.c: move up to @most bytes that are there, and give how many that were; 0 at the end
 * of the stream; or a negative errno of @r->blame: -EAGAIN where nothing is there, or no room. Nothing is taken
 * that was not sent, so whatever happens, a byte is at one of the two sockets.
 */
ssize_t lrelay_copy(struct lrelay *r, struct lrelay_way *way, struct lrelay_scratch *scratch,
		    size_t most);
void lrelay_scratch_free(struct lrelay_scratch *scratch);
int lrelay_flags(const struct lrelay_way *way, size_t n);
/* The same for lrelay_can_pages() only; -EOPNOTSUPP when up to @most, which may become less, are to be copied. */
ssize_t lrelay_pages(struct lrelay *r, struct lrelay_way *way, size_t *most);
bool lrelay_can_pages(const struct sock *from, const struct sock *to);

#endif
