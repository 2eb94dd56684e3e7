/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The inside of a script's socket, for the files of the kernel half.
 *
 * Locks nest in this order: a poll set's mutex, lsock.lock, the lock of the
 * socket's wait queue, the poll set's spinlock. The last two are also taken
 * in softirq context, by wake-ups.
 */
#ifndef _LUADRV_LSOCK_H
#define _LUADRV_LSOCK_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/net.h>
#include <linux/spinlock.h>

#include "socket.h"

/**
 * struct lsock - a script's socket
 * @ref: one by the script's handle, one by each poll set that watches it
 * @account: what it is charged to
 * @sock: the kernel's socket; gone once the socket is closed and unused
 * @lock: protects @users, @closed, @items and the end of @sock
 * @users: calls in flight, each of which keeps @sock
 * @closed: no further call may begin
 * @items: the poll items (struct lpoll_item) that watch it
 * @nonblock: no call waits
 */
struct lsock {
	struct kref ref;
	struct luadrv_account *account;
	struct socket *sock;
	spinlock_t lock;
	unsigned int users;
	bool closed;
	struct list_head items;
	bool nonblock;
};

/* sock.c */
struct lsock *lsock_alloc(struct luadrv_account *account);
void lsock_get(struct lsock *ls);
struct socket *lsock_pin(struct lsock *ls);
void lsock_unpin(struct lsock *ls);

/* member.c */
void lpoll_forget(struct lsock *ls);

#endif
