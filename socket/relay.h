/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Relays: the kernel moves what arrives at one socket to another one. For both halves. */
#ifndef _LUADRV_RELAY_H
#define _LUADRV_RELAY_H

#include <linux/types.h>

struct lpollable;
struct lrelay;
struct lrelay_set;
struct lsock;
struct luadrv_account;

/**
 * struct lrelay_opts - how a relay shall work
 * @idle: ms without a byte after which it ends; 0: never
 * @half: ms that it may last when one direction has ended; 0: for ever
 * @total: ms that it may last; 0: for ever
 * @most: bytes after which one that has one direction ends; 0: never
 * @oneway: from the first socket to the second only
 * @keep: the end of what is moved does not end the second socket's stream
 * @copy: bytes are copied, pages are not handed on
 */
struct lrelay_opts {
	int idle;
	int half;
	int total;
	u64 most;
	bool oneway;
	bool keep;
	bool copy;
};

/* Why a relay has ended. */
enum lrelay_reason {
	LRELAY_RUNS,		/* it has not */
	LRELAY_EOF,		/* the streams have */
	LRELAY_MOST,		/* struct lrelay_opts, also the next three */
	LRELAY_IDLE,
	LRELAY_HALF,
	LRELAY_TOTAL,
	LRELAY_ERROR,		/* of a socket */
	LRELAY_CLOSED,		/* a socket was */
	LRELAY_STOPPED,
	LRELAY_REASONS
};

/**
 * struct lrelay_result - what came of a relay
 * @ways: how many directions it has
 * @moved: bytes, from the first socket to the second, and back
 * @reason: why it has ended
 * @err: with LRELAY_ERROR: negative errno
 * @side: with LRELAY_ERROR: whose; 0 or 1
 */
struct lrelay_result {
	unsigned int ways;
	u64 moved[2];
	enum lrelay_reason reason;
	int err;
	int side;
};

/**
 * struct lrelay_set_result - what a set of relays has done until now
 * @running: how many relays it has
 * @ended: how many it has had
 * @moved: bytes of all of them, from the first sockets to the second, and back
 */
struct lrelay_set_result {
	unsigned int running;
	u64 ended;
	u64 moved[2];
};

/* relay.c */
int lrelay_new(struct luadrv_account *account, struct lsock *a, struct lsock *b,
	       const struct lrelay_opts *opts, struct lrelay_set *set, struct lrelay **res);
int lrelay_wait(struct lrelay *r, int timeout);
void lrelay_stop(struct lrelay *r);
void lrelay_result(struct lrelay *r, struct lrelay_result *result);
u64 lrelay_news(struct lrelay *r);
void lrelay_close(struct lrelay *r);
void lrelay_put(struct lrelay *r);
struct lpollable *lrelay_pollable(struct lrelay *r);

/* relay_set.c */
struct lrelay_set *lrelay_set_new(struct luadrv_account *account, const struct lrelay_opts *opts);
int lrelay_set_add(struct lrelay_set *set, struct lsock *a, struct lsock *b);
unsigned int lrelay_set_count(const struct lrelay_set *set);
void lrelay_set_result(struct lrelay_set *set, struct lrelay_set_result *result);
u64 lrelay_set_news(struct lrelay_set *set);
void lrelay_set_close(struct lrelay_set *set);
void lrelay_set_free(struct lrelay_set *set);

/* relay_wake.c */
int lrelay_init(void);
void lrelay_exit(void);

#endif
