// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The socket calls but those that move bytes. Each pins the socket, makes one
 * call of the kernel, and turns what came of a wait into what a script is told.
 */
#include "lsock.h"

#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "driver/compat.h"

static struct sockaddr *lsock_sockaddr(struct lsock_addr *addr)
{
	return (struct sockaddr *)addr->storage;
}

/**
 * lsock_bind() - give a socket its local address
 * @ls: the socket
 * @addr: the address, of the socket's family
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the socket is closed; else as bind(2): -EADDRINUSE,
 * -EADDRNOTAVAIL, -EACCES, -EINVAL.
 */
int lsock_bind(struct lsock *ls, struct lsock_addr *addr)
{
	struct socket *sock = lsock_pin(ls);
	int err;

	if (!sock)
		return -EBADF;
	err = kernel_bind(sock, (struct compat_sockaddr *)lsock_sockaddr(addr),
			  addr->len);
	lsock_unpin(ls);
	return err;
}

/**
 * lsock_listen() - let others connect
 * @ls: the socket
 * @backlog: how many may wait to be accepted; net.core.somaxconn at most
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the socket is closed; else as listen(2): -EADDRINUSE,
 * -EINVAL, -EOPNOTSUPP.
 */
int lsock_listen(struct lsock *ls, int backlog)
{
	struct socket *sock = lsock_pin(ls);
	int max, err;

	if (!sock)
		return -EBADF;
	max = READ_ONCE(sock_net(sock->sk)->core.sysctl_somaxconn);
	if ((unsigned int)backlog > max)
		backlog = max;
	err = kernel_listen(sock, backlog);
	lsock_unpin(ls);
	return err;
}

/* A connection has the listener's time-outs at first: they were not meant for it. */
static void lsock_reset_timeouts(struct sock *sk)
{
	lock_sock(sk);
	WRITE_ONCE(sk->sk_rcvtimeo, MAX_SCHEDULE_TIMEOUT);
	WRITE_ONCE(sk->sk_sndtimeo, MAX_SCHEDULE_TIMEOUT);
	release_sock(sk);
}

struct lsock_accepting {
	struct socket *listener;
	struct socket **child;
};

static int lsock_try_accept(void *arg)
{
	struct lsock_accepting *accepting = arg;

	return kernel_accept(accepting->listener, accepting->child, O_NONBLOCK);
}

/* Takes a connection into @child; gives how long that might have taken. */
static long lsock_accept_into(struct lsock *ls, struct socket *sock, int timeout,
			      struct lsock *child, int *err)
{
	struct lsock_accepting accepting = { sock, &child->sock };
	long timeo = lsock_timeo(ls, timeout, &sock->sk->sk_rcvtimeo);

	if (timeout == LSOCK_AS_SOCKET)
		*err = kernel_accept(sock, &child->sock, timeo ? 0 : O_NONBLOCK);
	else
		*err = lsock_retry(ls, sock, timeo, MAX_SCHEDULE_TIMEOUT, lsock_try_accept,
				   &accepting);
	if (*err)
		child->sock = NULL;
	return timeo;
}

/**
 * lsock_accept() - take the next connection of a listening socket
 * @ls: the socket
 * @timeout: how long to wait for one: milliseconds, LSOCK_FOREVER, LSOCK_AS_SOCKET
 * @res: where the connection's socket goes; the caller ends it with
 *	lsock_close() and lsock_put()
 *
 * Context: Process context. Sleeps until there is one.
 * Return: 0; -EBADF when the socket is closed; -EMFILE when its account has
 * all its sockets; -ENOMEM; -EAGAIN when it must not wait; -ETIMEDOUT; -EINTR;
 * else as accept(2): -EINVAL, -EOPNOTSUPP, -ECONNABORTED.
 */
int lsock_accept(struct lsock *ls, int timeout, struct lsock **res)
{
	struct socket *sock;
	struct lsock *child;
	long timeo;
	int err;

	child = lsock_alloc(ls->account);
	if (IS_ERR(child))
		return PTR_ERR(child);

	sock = lsock_pin(ls);
	if (!sock) {
		err = -EBADF;
		goto err_close;
	}
	timeo = lsock_accept_into(ls, sock, timeout, child, &err);
	err = lsock_end(ls, err, timeo);
	if (!err)
		err = lsock_charge_inherited(child);
	if (err)
		goto err_close;

	lsock_reset_timeouts(child->sock->sk);
	*res = child;
	return 0;

err_close:
	lsock_close(child, false);
	lsock_put(child);
	return err;
}

struct lsock_connecting {
	struct socket *sock;
	struct lsock_addr *addr;
};

static int lsock_connect_flags(struct socket *sock, struct lsock_addr *addr, int flags)
{
	return kernel_connect(sock, (struct compat_sockaddr *)lsock_sockaddr(addr),
			      addr->len, flags);
}

static int lsock_try_connect(void *arg)
{
	struct lsock_connecting *connecting = arg;

	return lsock_connect_flags(connecting->sock, connecting->addr, O_NONBLOCK);
}

/* A connection of Unix sockets stands at once, or the listener has no room: -EAGAIN. */
static int lsock_connect_unix(struct lsock *ls, struct socket *sock,
			      struct lsock_addr *addr, int timeout, long timeo)
{
	struct lsock_connecting connecting = { sock, addr };

	if (!lsock_waits_here(ls, sock, timeout))
		return lsock_connect_flags(sock, addr, timeo ? 0 : O_NONBLOCK);
	return lsock_retry(ls, sock, timeo, lsock_pace(sock), lsock_try_connect, &connecting);
}

/*
 * What the kernel's connect() does when it has waited. To call it again is no
 * way: if another task has shut the socket down, it would begin anew.
 */
static int lsock_connect_end(struct socket *sock)
{
	struct sock *sk = sock->sk;
	int err = 0;

	lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE) {
		err = sock_error(sk) ?: -ECONNABORTED;
		sock->state = sk->sk_prot->disconnect(sk, 0) ? SS_DISCONNECTING :
							       SS_UNCONNECTED;
	} else {
		sock->state = SS_CONNECTED;
	}
	release_sock(sk);
	return err;
}

static bool lsock_connecting(const struct socket *sock)
{
	return (1 << READ_ONCE(sock->sk->sk_state)) & (TCPF_SYN_SENT | TCPF_SYN_RECV);
}

static int lsock_connect_wait(struct lsock *ls, struct socket *sock, long timeo)
{
	/* What closed the socket before it began to connect could not end that. */
	timeo = wait_event_interruptible_timeout(sock->wq.wait,
						 !lsock_connecting(sock) ||
						 READ_ONCE(ls->pollable.closed),
						 timeo);
	if (timeo < 0)
		return timeo;
	if (READ_ONCE(ls->pollable.closed)) {
		lsock_end_waits(sock);
		return -EBADF;
	}
	return timeo ? lsock_connect_end(sock) : -EINPROGRESS;
}

/*
 * The kernel's connect() never waits: it does not know that the socket was closed, and while it does, 5.10
 * (from 5.10.186 on) lets nobody disconnect the socket, so that neither a close nor a shutdown would end it.
 */
static int lsock_connect_inet(struct lsock *ls, struct socket *sock,
			      struct lsock_addr *addr, long timeo)
{
	int err = lsock_connect_flags(sock, addr, O_NONBLOCK);

	if (timeo && (err == -EINPROGRESS || err == -EALREADY))
		err = lsock_connect_wait(ls, sock, timeo);
	return err;
}

/**
 * lsock_connect() - connect to a peer
 * @ls: the socket
 * @addr: the peer's address, of the socket's family
 * @timeout: how long to wait until the connection stands: milliseconds,
 *	LSOCK_FOREVER, LSOCK_AS_SOCKET
 *
 * Context: Process context. Sleeps until the peer has answered.
 * Return: 0; -EBADF when the socket is closed; -EINPROGRESS or -EALREADY when
 * it must not wait; -ETIMEDOUT; -EINTR; else as connect(2): -ECONNREFUSED,
 * -EISCONN, -ENETUNREACH, -EHOSTUNREACH and others.
 */
int lsock_connect(struct lsock *ls, struct lsock_addr *addr, int timeout)
{
	struct socket *sock = lsock_pin(ls);
	long timeo;
	int err;

	if (!sock)
		return -EBADF;
	timeo = lsock_timeo(ls, timeout, &sock->sk->sk_sndtimeo);
	if (sock->sk->sk_family == AF_UNIX)
		err = lsock_connect_unix(ls, sock, addr, timeout, timeo);
	else
		err = lsock_connect_inet(ls, sock, addr, timeo);
	return lsock_end(ls, err, timeo);
}

/**
 * lsock_connected() - how it went to connect without waiting
 * @ls: the socket
 *
 * Context: Process context. May sleep.
 * Return: 0; -EINPROGRESS while it connects; else as lsock_connect().
 */
int lsock_connected(struct lsock *ls)
{
	struct socket *sock = lsock_pin(ls);
	int err;

	if (!sock)
		return -EBADF;
	err = lsock_connecting(sock) ? -EINPROGRESS : lsock_connect_end(sock);
	return lsock_end(ls, err, 0);
}

/**
 * lsock_shutdown() - end one or both directions of a connection
 * @ls: the socket
 * @how: SHUT_RD, SHUT_WR or SHUT_RDWR
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the socket is closed; -ENOTCONN.
 */
int lsock_shutdown(struct lsock *ls, int how)
{
	struct socket *sock = lsock_pin(ls);
	int err;

	if (!sock)
		return -EBADF;
	err = kernel_sock_shutdown(sock, how);
	if (err == -EBUSY)
		err = lsock_abort(sock);
	lsock_unpin(ls);
	return err;
}

/* @peer: as the kernel has it; 0: its own address, 1: its peer's, 2: also that of a connection that is gone. */
static int lsock_getname(struct lsock *ls, int peer, struct lsock_addr *addr)
{
	struct socket *sock = lsock_pin(ls);
	int len;

	if (!sock)
		return -EBADF;
	memset(addr, 0, sizeof(*addr));
	len = READ_ONCE(sock->ops)->getname(sock, lsock_sockaddr(addr), peer);
	lsock_unpin(ls);
	if (len < 0)
		return len;

	addr->len = min_t(int, len, sizeof(addr->storage));
	return 0;
}

/**
 * lsock_name() - the address of a socket or of its peer
 * @ls: the socket
 * @peer: the peer's, not its own
 * @addr: where it goes
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the socket is closed; -ENOTCONN.
 */
int lsock_name(struct lsock *ls, bool peer, struct lsock_addr *addr)
{
	return lsock_getname(ls, peer, addr);
}

/**
 * lsock_peer() - who a socket is, or was, connected to
 * @ls: the socket
 * @addr: where the address goes
 *
 * Context: Process context. May sleep.
 * Return: 0, also when the connection is gone; -EBADF when the socket is
 * closed; -ENOTCONN.
 */
int lsock_peer(struct lsock *ls, struct lsock_addr *addr)
{
	return lsock_getname(ls, 2, addr);
}

/**
 * lsock_settimeout() - how long the calls of a socket may wait
 * @ls: the socket
 * @ms: milliseconds; 0: they do not wait; negative: for ever
 *
 * The options SO_RCVTIMEO and SO_SNDTIMEO do the same for one direction.
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the socket is closed.
 */
int lsock_settimeout(struct lsock *ls, int ms)
{
	long timeo = ms > 0 ? msecs_to_jiffies(ms) : MAX_SCHEDULE_TIMEOUT;
	struct socket *sock = lsock_pin(ls);

	if (!sock)
		return -EBADF;
	lock_sock(sock->sk);
	WRITE_ONCE(ls->nonblock, !ms);
	WRITE_ONCE(sock->sk->sk_rcvtimeo, timeo);
	WRITE_ONCE(sock->sk->sk_sndtimeo, timeo);
	release_sock(sock->sk);
	lsock_unpin(ls);
	return 0;
}

/**
 * lsock_patience() - how long a call of a socket may wait that is not told
 * @ls: the socket
 * @sending: a call that sends, or connects
 *
 * Context: Process context.
 * Return: milliseconds; 0: not at all; LSOCK_FOREVER; -EBADF when the socket is
 * closed.
 */
int lsock_patience(struct lsock *ls, bool sending)
{
	struct socket *sock = lsock_pin(ls);
	long timeo;

	if (!sock)
		return -EBADF;
	timeo = lsock_timeo(ls, LSOCK_AS_SOCKET,
			    sending ? &sock->sk->sk_sndtimeo : &sock->sk->sk_rcvtimeo);
	lsock_unpin(ls);
	if (timeo == MAX_SCHEDULE_TIMEOUT)
		return LSOCK_FOREVER;
	return (int)min_t(unsigned int, jiffies_to_msecs(timeo), INT_MAX);
}

/**
 * lsock_family() - the address family of a socket
 * @ls: the socket
 *
 * Context: Process context.
 * Return: AF_*; AF_UNSPEC when the socket is closed.
 */
int lsock_family(struct lsock *ls)
{
	struct socket *sock = lsock_pin(ls);
	int family;

	if (!sock)
		return AF_UNSPEC;
	family = sock->sk->sk_family;
	lsock_unpin(ls);
	return family;
}

static int lsock_type(struct lsock *ls)
{
	struct socket *sock = lsock_pin(ls);
	int type;

	if (!sock)
		return 0;
	type = sock->type;
	lsock_unpin(ls);
	return type;
}

/**
 * lsock_is_stream() - whether a socket knows no message boundaries
 * @ls: the socket
 *
 * Context: Process context.
 * Return: false also when the socket is closed.
 */
bool lsock_is_stream(struct lsock *ls)
{
	return lsock_type(ls) == SOCK_STREAM;
}

/**
 * lsock_has_end() - whether to receive nothing from a socket means its end
 * @ls: the socket
 *
 * Context: Process context.
 * Return: false also when the socket is closed.
 */
bool lsock_has_end(struct lsock *ls)
{
	int type = lsock_type(ls);

	return type == SOCK_STREAM || type == SOCK_SEQPACKET;
}

/**
 * lsock_kind() - what people call a socket of this family and type
 * @ls: the socket
 *
 * Context: Process context.
 */
const char *lsock_kind(struct lsock *ls)
{
	int type = lsock_type(ls);

	switch (lsock_family(ls)) {
	case AF_UNIX:
		return type == SOCK_STREAM ? "unix stream" :
		       type == SOCK_DGRAM ? "unix dgram" : "unix seqpacket";
	case AF_PACKET:
		return type == SOCK_DGRAM ? "packet dgram" : "packet raw";
	default:
		return type == SOCK_STREAM ? "tcp" : type == SOCK_DGRAM ? "udp" : "raw";
	}
}
