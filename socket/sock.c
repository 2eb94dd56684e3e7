// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The life of a script's socket. Every call pins it, so that closing it while
 * another task waits in it only wakes that task up; whoever leaves last
 * releases the kernel's socket.
 */
#include "lsock.h"

#include <linux/fs.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "driver/account.h"
#include "driver/live.h"
#include "driver/memory.h"

static void lsock_free(struct kref *ref)
{
	struct lsock *ls = container_of(ref, struct lsock, ref);

	luadrv_account_uncharge(ls->account, sizeof(*ls));
	luadrv_account_put(ls->account);
	kfree(ls);
}

/* The end of what lsock_alloc() and the creation of @ls->sock began. */
static void lsock_release(struct lsock *ls)
{
	int family = ls->sock ? ls->sock->sk->sk_family : AF_UNSPEC;

	if (ls->sock)
		lsock_end_programs(ls);
	if (family == AF_UNIX)
		lsock_unix_release(ls->sock);
	else if (ls->sock)
		sock_release(ls->sock);
	ls->sock = NULL;
	if (family == AF_PACKET)
		luadrv_account_remove(ls->account, LUADRV_ACCOUNT_PACKETS);
	luadrv_account_remove_socket(ls->account);
	luadrv_live_add(LUADRV_LIVE_SOCKETS, -1);
}

static struct lsock *lsock_of(struct lpollable *p)
{
	return container_of(p, struct lsock, pollable);
}

static wait_queue_head_t *lsock_poll_queue(struct lpollable *p)
{
	return &lsock_of(p)->sock->wq.wait;
}

static void lsock_poll_get(struct lpollable *p)
{
	lsock_get(lsock_of(p));
}

static void lsock_poll_put(struct lpollable *p)
{
	lsock_put(lsock_of(p));
}

/* udp_poll() looks at the flags of the file that is polled; these sockets have none. */
static struct file lsock_no_file;

static __poll_t lsock_poll_ask(struct lpollable *p)
{
	struct lsock *ls = lsock_of(p);
	struct socket *sock = lsock_pin(ls);
	__poll_t events;

	if (!sock)
		return 0;
	events = READ_ONCE(sock->ops)->poll(&lsock_no_file, sock, NULL);
	lsock_unpin(ls);
	return events;
}

static const struct lpollable_ops lsock_pollable_ops = {
	.queue = lsock_poll_queue,
	.ask = lsock_poll_ask,
	.get = lsock_poll_get,
	.put = lsock_poll_put,
};

/**
 * lsock_pollable() - a socket as poll sets see it
 * @ls: the socket; the result is a part of it
 *
 * Context: Any.
 */
struct lpollable *lsock_pollable(struct lsock *ls)
{
	return &ls->pollable;
}

/**
 * lsock_alloc() - a handle that still lacks its kernel socket
 * @account: what it is charged to
 *
 * The caller sets the handle's sock, or gives the handle back with
 * lsock_close() and lsock_put().
 *
 * Context: Process context. May sleep.
 * Return: the handle, with one reference; ERR_PTR(-EMFILE) when the account
 * has all its sockets, ERR_PTR(-ENOMEM).
 */
struct lsock *lsock_alloc(struct luadrv_account *account)
{
	struct lsock *ls;
	int err;

	err = luadrv_account_add_socket(account);
	if (err)
		return ERR_PTR(err);

	err = luadrv_account_charge(account, sizeof(*ls));
	if (err)
		goto err_remove_socket;

	ls = kzalloc(sizeof(*ls), LUADRV_GFP);
	if (!ls) {
		err = -ENOMEM;
		goto err_uncharge;
	}

	lpollable_init(&ls->pollable, &lsock_pollable_ops);
	kref_init(&ls->ref);
	atomic_set(&ls->handles, 1);
	ls->account = luadrv_account_get(account);
	luadrv_live_add(LUADRV_LIVE_SOCKETS, 1);
	return ls;

err_uncharge:
	luadrv_account_uncharge(account, sizeof(*ls));
err_remove_socket:
	luadrv_account_remove_socket(account);
	return ERR_PTR(err);
}

/* What SCTP accepts for the kernel holds no namespace, though its timers go on using it (before 7.0). */
static int check_type(int family, int type, int protocol)
{
	if (family != AF_INET && family != AF_INET6)
		return 0;
	if (type == SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	if (type == SOCK_STREAM && protocol && protocol != IPPROTO_TCP)
		return -EPROTONOSUPPORT;
	return 0;
}

/* Makes @ls->sock, which nobody has seen before it is there. */
static int lsock_create(struct lsock *ls, struct net *net, int family, int type, int protocol)
{
	int err;

	if (family == AF_PACKET &&
	    luadrv_account_add(ls->account, LUADRV_ACCOUNT_PACKETS, LSOCK_MOST_PACKETS))
		return -ENOSPC;
	err = __sock_create(net, family, type, protocol, &ls->sock, 0);
	if (!err)
		return 0;
	ls->sock = NULL;
	if (family == AF_PACKET)
		luadrv_account_remove(ls->account, LUADRV_ACCOUNT_PACKETS);
	return err;
}

/**
 * lsock_new() - create a socket
 * @account: what it is charged to
 * @net: its network namespace, which the socket keeps
 * @family: AF_*
 * @type: SOCK_*
 * @protocol: 0 for the type's own; with AF_PACKET that of the link, in host
 *	byte order
 * @res: where the socket goes; the caller ends it with lsock_close(), lsock_put()
 *
 * It is created as a user's socket is: it holds its namespace for as long as
 * any of its timers runs, belongs to the memory cgroup of the calling process,
 * and the security module is asked. (It is not asked for bind, listen, accept
 * and connect: the kernel has no such calls for modules.)
 *
 * Context: Process context. May sleep.
 * Return: 0; -EMFILE when the account has all its sockets; -ENOSPC when it has
 * all its packet sockets; -ENOMEM; -ENFILE;
 * -EAFNOSUPPORT, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EINVAL, -EPERM, -EACCES
 * as socket(2) has them.
 */
int lsock_new(struct luadrv_account *account, struct net *net, int family,
	      int type, int protocol, struct lsock **res)
{
	struct lsock *ls;
	int err;

	if (!lsock_addr_knows(family))
		return -EAFNOSUPPORT;
	err = check_type(family, type, protocol);
	if (err)
		return err;
	if (family == AF_PACKET)
		protocol = (__force int)htons(protocol);

	ls = lsock_alloc(account);
	if (IS_ERR(ls))
		return PTR_ERR(ls);

	err = lsock_create(ls, net, family, type, protocol);
	if (err) {
		lsock_drop(ls);
		return err;
	}

	*res = ls;
	return 0;
}

/**
 * lsock_pair() - create two Unix sockets that are connected to each other
 * @account: what they are charged to
 * @net: their network namespace
 * @type: SOCK_*
 * @res: where they go; the caller ends them with lsock_close(), lsock_put()
 *
 * Context: Process context. May sleep.
 * Return: as with lsock_new().
 */
int lsock_pair(struct luadrv_account *account, struct net *net, int type,
	       struct lsock *res[2])
{
	int err;

	err = lsock_new(account, net, AF_UNIX, type, 0, &res[0]);
	if (err)
		return err;
	err = lsock_new(account, net, AF_UNIX, type, 0, &res[1]);
	if (err)
		goto err_first;
	err = READ_ONCE(res[0]->sock->ops)->socketpair(res[0]->sock, res[1]->sock);
	if (err)
		goto err_second;
	return 0;

err_second:
	lsock_drop(res[1]);
err_first:
	lsock_drop(res[0]);
	return err;
}

/* A socket that nobody closed on purpose does not hold its script up. */
static void lsock_no_linger(struct sock *sk)
{
	lock_sock(sk);
	if (sk->sk_lingertime)
		sock_reset_flag(sk, SOCK_LINGER);
	release_sock(sk);
}

/**
 * lsock_abort() - end a connection that shutdown does not
 * @sock: the socket, of the Internet
 *
 * 5.10 (from 5.10.186 on) says EBUSY and does not disconnect a socket that is
 * connecting while somebody waits to send or receive; to abort the connection
 * is no question of that.
 *
 * Context: Process context. May sleep.
 * Return: as shutdown(2) otherwise does.
 */
int lsock_abort(struct socket *sock)
{
	return sock->sk->sk_prot->diag_destroy(sock->sk, ECONNABORTED);
}

/**
 * lsock_end_waits() - have everybody leave a call of the kernel's
 * @sock: the socket
 *
 * Whoever waits in one, or is about to, leaves it.
 *
 * Context: Process context. May sleep.
 */
void lsock_end_waits(struct socket *sock)
{
	struct sock *sk = sock->sk;

	switch (kernel_sock_shutdown(sock, SHUT_RDWR)) {
	case -EBUSY:
		lsock_abort(sock);
		break;
	case -EOPNOTSUPP:
		/* Packet sockets cannot be shut down, but whoever waits in one looks whether it was. */
		lock_sock(sk);
		sk->sk_shutdown = SHUTDOWN_MASK;
		sk->sk_state_change(sk);
		release_sock(sk);
		break;
	}
}

/**
 * lsock_close() - close a socket
 * @ls: the socket; the caller's reference stays the caller's
 * @linger: wait for unsent data as long as the option SO_LINGER says
 *
 * From here on every call on it fails, it is in no poll set any more, and the
 * calls that wait in it come to an end. Closing it again does nothing.
 *
 * Context: Process context. May sleep; a signal ends the lingering.
 */
void lsock_close(struct lsock *ls, bool linger)
{
	struct socket *sock;
	bool busy;

	spin_lock(&ls->pollable.lock);
	if (ls->pollable.closed) {
		spin_unlock(&ls->pollable.lock);
		return;
	}
	WRITE_ONCE(ls->pollable.closed, true);
	lpoll_forget(&ls->pollable);
	busy = ls->users++;
	sock = ls->sock;
	spin_unlock(&ls->pollable.lock);

	if (sock && !linger)
		lsock_no_linger(sock->sk);
	if (busy)
		lsock_end_waits(sock);
	lsock_unpin(ls);
}

/**
 * lsock_get() - take a reference to a socket
 * @ls: the socket
 *
 * Context: Any.
 */
void lsock_get(struct lsock *ls)
{
	kref_get(&ls->ref);
}

/**
 * lsock_put() - give a reference to a socket back
 * @ls: the socket; closed, if the reference is the last one
 *
 * Context: Process context.
 */
void lsock_put(struct lsock *ls)
{
	kref_put(&ls->ref, lsock_free);
}

/**
 * lsock_share() - one more handle for a socket
 * @ls: the socket; the caller has a handle
 *
 * Context: Any.
 */
void lsock_share(struct lsock *ls)
{
	lsock_get(ls);
	atomic_inc(&ls->handles);
}

/**
 * lsock_drop() - give a handle of a socket back
 * @ls: the socket; closed, without lingering, with its last handle
 *
 * Context: Process context. May sleep.
 */
void lsock_drop(struct lsock *ls)
{
	if (atomic_dec_and_test(&ls->handles))
		lsock_close(ls, false);
	lsock_put(ls);
}

/**
 * lsock_pin() - keep the kernel's socket for the length of a call
 * @ls: the socket; the caller holds a reference
 *
 * Context: Process context.
 * Return: the kernel's socket, until lsock_unpin(); NULL when it is closed.
 */
struct socket *lsock_pin(struct lsock *ls)
{
	struct socket *sock = NULL;

	spin_lock(&ls->pollable.lock);
	if (!ls->pollable.closed) {
		ls->users++;
		sock = ls->sock;
	}
	spin_unlock(&ls->pollable.lock);
	return sock;
}

/**
 * lsock_unpin() - end what lsock_pin() began
 * @ls: the socket
 *
 * Context: Process context. May sleep: the last to leave a closed socket
 * releases it.
 */
void lsock_unpin(struct lsock *ls)
{
	bool last;

	spin_lock(&ls->pollable.lock);
	last = --ls->users == 0 && ls->pollable.closed;
	spin_unlock(&ls->pollable.lock);

	if (last)
		lsock_release(ls);
}

/**
 * lsock_forget() - take a socket out of all poll sets
 * @ls: the socket; the caller holds a reference
 *
 * Context: Process context.
 */
void lsock_forget(struct lsock *ls)
{
	spin_lock(&ls->pollable.lock);
	if (!ls->pollable.closed)
		lpoll_forget(&ls->pollable);
	spin_unlock(&ls->pollable.lock);
}

/**
 * lsock_claim() - keep the kernel's socket, and what it sends or receives, for a relay
 * @ls: the socket; the caller holds a reference
 * @claim: LSOCK_SENDS, LSOCK_RECEIVES
 * @sock: where the kernel's socket goes, until lsock_unclaim()
 *
 * Context: Process context.
 * Return: 0; -EBADF when it is closed; -EBUSY when a relay has it, or a call is in flight.
 */
int lsock_claim(struct lsock *ls, unsigned int claim, struct socket **sock)
{
	int err = 0;

	spin_lock(&ls->pollable.lock);
	if (ls->pollable.closed) {
		err = -EBADF;
	} else if (ls->claimed & claim || ls->users != ls->claimers) {
		err = -EBUSY;
	} else {
		ls->users++;
		ls->claimers++;
		WRITE_ONCE(ls->claimed, ls->claimed | claim);
		*sock = ls->sock;
	}
	spin_unlock(&ls->pollable.lock);
	return err;
}

/**
 * lsock_unclaim() - end what lsock_claim() began
 * @ls: the socket
 * @claim: the same as there
 *
 * Context: Process context. May sleep: the last to leave a closed socket releases it,
 * and does not linger.
 */
void lsock_unclaim(struct lsock *ls, unsigned int claim)
{
	if (READ_ONCE(ls->pollable.closed))
		lsock_no_linger(ls->sock->sk);
	spin_lock(&ls->pollable.lock);
	ls->claimers--;
	WRITE_ONCE(ls->claimed, ls->claimed & ~claim);
	spin_unlock(&ls->pollable.lock);
	lsock_unpin(ls);
}
