/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The inside of a script's socket, for the files of the kernel half; pollable.h has the lock order. */
#ifndef _LUADRV_LSOCK_H
#define _LUADRV_LSOCK_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/net.h>

#include "pollable.h"
#include "socket.h"

/* What a program of the packet filter decides. */
enum lsock_program {
	LSOCK_FILTER,		/* what the socket takes in */
	LSOCK_REUSEPORT,	/* which socket of a port gets it */
	LSOCK_PROGRAMS
};

/* What a relay keeps calls from doing. */
#define LSOCK_SENDS	1
#define LSOCK_RECEIVES	2

/**
 * struct lsock - a script's socket
 * @pollable: what poll sets watch; its lock protects @users, @claimers, @claimed and the end of @sock
 * @ref: one by each handle, one by each poll set that watches it
 * @handles: how many scripts, and parcels between them, have it; it is closed
 *	when the last one lets go of it
 * @account: what it is charged to
 * @sock: the kernel's socket; gone once the socket is closed and unused
 * @users: calls in flight, each of which keeps @sock
 * @claimers: those of them that are relays
 * @claimed: what only a relay may do now: LSOCK_SENDS, LSOCK_RECEIVES
 * @nonblock: no call waits
 * @programs: bytes that its programs of the packet filter are charged, under the
 *	lock of @sock
 * @chooser: the program LSOCK_REUSEPORT, only to be compared: it may be gone
 */
struct lsock {
	struct lpollable pollable;
	struct kref ref;
	atomic_t handles;
	struct luadrv_account *account;
	struct socket *sock;
	unsigned int users;
	unsigned int claimers;
	unsigned int claimed;
	bool nonblock;
	size_t programs[LSOCK_PROGRAMS];
	const struct bpf_prog *chooser;
};

/* sock.c */
struct lsock *lsock_alloc(struct luadrv_account *account);
void lsock_get(struct lsock *ls);
struct socket *lsock_pin(struct lsock *ls);
void lsock_unpin(struct lsock *ls);
void lsock_forget(struct lsock *ls);
int lsock_claim(struct lsock *ls, unsigned int claim, struct socket **sock);
void lsock_unclaim(struct lsock *ls, unsigned int claim);
int lsock_abort(struct socket *sock);
void lsock_end_waits(struct socket *sock);

/* state.c */
bool lsock_ended(const struct sock *sk);

/* wait.c */
long lsock_timeo(const struct lsock *ls, int timeout, const long *timeo);
long lsock_pace(const struct socket *sock);
bool lsock_waits_here(struct lsock *ls, const struct socket *sock, int timeout);
int lsock_retry(struct lsock *ls, struct socket *sock, long timeo, long pace,
		int (*attempt)(void *arg), void *arg);
int lsock_end(struct lsock *ls, int res, long timeo);

/* opt_filter.c */
void lsock_end_programs(struct lsock *ls);
int lsock_charge_inherited(struct lsock *ls);

/* unix.c */
void lsock_unix_release(struct socket *sock);
bool lsock_unix_gets_files(struct lsock *ls, int flags);
void lsock_unix_got(struct lsock *ls, int flags, int result);
bool lsock_unix_waits_here(struct lsock *ls);
int lsock_unix_by_worker(int (*func)(void *arg), void *arg);

#endif
