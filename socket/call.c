// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The socket calls. Each pins the socket, makes one call of the kernel, and
 * turns what came of a wait into what a script is told: -EINTR for any signal,
 * -ETIMEDOUT when the socket's time-out ran out.
 */
#include "lsock.h"

#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/uio.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "driver/compat.h"

static struct sockaddr *lsock_sockaddr(struct lsock_addr *addr)
{
	return (struct sockaddr *)addr->storage;
}

/* The codes with which the kernel would restart a system call. */
static int lsock_signal(int err)
{
	switch (err) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
	case -ERESTART_RESTARTBLOCK:
		return -EINTR;
	default:
		return err;
	}
}

/*
 * Ends a call that would have waited @timeo at most (0: not at all) and gave
 * @res. Only if it would have, "try again" means that the time is over; and
 * when the socket was closed meanwhile, that is what happened, whatever errno
 * it led to.
 */
static int lsock_end(struct lsock *ls, int res, long timeo)
{
	lsock_unpin(ls);
	if (res > 0)
		return res;
	/* Closing it looks like the end of a stream, or like any failure. */
	if (READ_ONCE(ls->pollable.closed))
		return -EBADF;
	if (!res)
		return 0;
	if (timeo && timeo != MAX_SCHEDULE_TIMEOUT &&
	    (res == -EAGAIN || res == -EINPROGRESS || res == -EALREADY))
		return -ETIMEDOUT;
	return lsock_signal(res);
}

/* How long a call of @ls may wait; @timeo is the socket's time-out for it. */
static long lsock_timeo(const struct lsock *ls, bool nonblock, const long *timeo)
{
	if (nonblock || READ_ONCE(ls->nonblock))
		return 0;
	return READ_ONCE(*timeo);
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

/**
 * lsock_accept() - take the next connection of a listening socket
 * @ls: the socket
 * @nonblock: do not wait for one
 * @res: where the connection's socket goes; the caller ends it with
 *	lsock_close() and lsock_put()
 *
 * Context: Process context. Sleeps until there is one.
 * Return: 0; -EBADF when the socket is closed; -EMFILE when its account has
 * all its sockets; -ENOMEM; -EAGAIN when it must not wait; -ETIMEDOUT; -EINTR;
 * else as accept(2): -EINVAL, -EOPNOTSUPP, -ECONNABORTED.
 */
int lsock_accept(struct lsock *ls, bool nonblock, struct lsock **res)
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
	timeo = lsock_timeo(ls, nonblock, &sock->sk->sk_rcvtimeo);
	err = kernel_accept(sock, &child->sock, timeo ? 0 : O_NONBLOCK);
	if (err)
		child->sock = NULL;
	err = lsock_end(ls, err, timeo);
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

/**
 * lsock_connect() - connect to a peer
 * @ls: the socket
 * @addr: the peer's address, of the socket's family
 * @nonblock: do not wait until the connection stands
 *
 * Context: Process context. Sleeps until the peer has answered.
 * Return: 0; -EBADF when the socket is closed; -EINPROGRESS or -EALREADY when
 * it must not wait; -ETIMEDOUT; -EINTR; else as connect(2): -ECONNREFUSED,
 * -EISCONN, -ENETUNREACH, -EHOSTUNREACH and others.
 */
int lsock_connect(struct lsock *ls, struct lsock_addr *addr, bool nonblock)
{
	struct socket *sock = lsock_pin(ls);
	long timeo;
	int err;

	if (!sock)
		return -EBADF;
	timeo = lsock_timeo(ls, nonblock, &sock->sk->sk_sndtimeo);
	if (sock->sk->sk_family == AF_UNIX)
		err = lsock_unix_connect(ls, sock, addr, timeo);
	else
		err = compat_connect(sock,
				     (struct compat_sockaddr *)lsock_sockaddr(addr),
				     addr->len, timeo);
	return lsock_end(ls, err, timeo);
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
	lsock_unpin(ls);
	return err;
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
	struct socket *sock = lsock_pin(ls);
	int len;

	if (!sock)
		return -EBADF;
	memset(addr, 0, sizeof(*addr));
	if (peer)
		len = kernel_getpeername(sock, lsock_sockaddr(addr));
	else
		len = kernel_getsockname(sock, lsock_sockaddr(addr));
	lsock_unpin(ls);
	if (len < 0)
		return len;

	addr->len = min_t(int, len, sizeof(addr->storage));
	return 0;
}

/**
 * lsock_settimeout() - how long the calls of a socket may wait
 * @ls: the socket
 * @ms: milliseconds; 0: they do not wait; negative: for ever
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

/**
 * lsock_send() - send bytes, or one message
 * @ls: the socket
 * @data: the bytes; the kernel copies them before this returns
 * @len: how many
 * @flags: of lsock_send_flags; there is never a SIGPIPE
 * @to: the peer, or NULL for the connected one
 *
 * Context: Process context. Sleeps until there is room.
 * Return: how many bytes were sent; -EBADF when the socket is closed; -EINVAL
 * for other flags; -EAGAIN when it must not wait; -ETIMEDOUT; -EINTR; else as
 * sendmsg(2): -EPIPE, -ECONNRESET, -ENOTCONN, -EDESTADDRREQ, -EMSGSIZE and
 * others.
 */
ssize_t lsock_send(struct lsock *ls, const void *data, size_t len, int flags,
		   struct lsock_addr *to)
{
	struct msghdr msg = { .msg_flags = flags | MSG_NOSIGNAL };
	struct kvec vec = { (void *)data, min_t(size_t, len, MAX_RW_COUNT) };
	struct socket *sock;
	long timeo;
	int n;

	if (flags & ~lsock_send_flags)
		return -EINVAL;
	sock = lsock_pin(ls);
	if (!sock)
		return -EBADF;

	if (to) {
		msg.msg_name = to->storage;
		msg.msg_namelen = to->len;
	}
	timeo = lsock_timeo(ls, flags & MSG_DONTWAIT, &sock->sk->sk_sndtimeo);
	if (!timeo)
		msg.msg_flags |= MSG_DONTWAIT;
	if (sock->sk->sk_family == AF_UNIX)
		n = lsock_unix_sendmsg(ls, sock, &msg, &vec, timeo);
	else
		n = kernel_sendmsg(sock, &msg, &vec, 1, vec.iov_len);
	return lsock_end(ls, n, timeo);
}

/* Time-outs do not apply to what never waits. */
#define LSOCK_INSTANT_FLAGS (MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE)

/**
 * lsock_recv() - receive bytes, or one message
 * @ls: the socket
 * @buf: where the bytes go
 * @len: room there
 * @flags: of lsock_recv_flags
 * @res: more about the message; set when the call succeeds
 * @want_from: also tell the sender
 *
 * Context: Process context. Sleeps until something arrives.
 * Return: how many bytes came, which with MSG_TRUNC is not how many are in
 * @buf (that is @res->copied); 0 at the end of a stream; -EBADF when the
 * socket is closed; -EINVAL for other flags; -EAGAIN when it must not wait;
 * -ETIMEDOUT; -EINTR; else as recvmsg(2): -ECONNRESET, -ENOTCONN,
 * -ECONNREFUSED and others.
 */
ssize_t lsock_recv(struct lsock *ls, void *buf, size_t len, int flags,
		   struct lsock_recv *res, bool want_from)
{
	struct kvec vec = { buf, min_t(size_t, len, MAX_RW_COUNT) };
	struct msghdr msg = {};
	struct socket *sock;
	long timeo;
	int n;

	if (flags & ~lsock_recv_flags)
		return -EINVAL;
	sock = lsock_pin(ls);
	if (!sock)
		return -EBADF;

	if (want_from) {
		memset(&res->from, 0, sizeof(res->from));
		/* The kernel says nothing of a sender without a name. */
		if (sock->sk->sk_family == AF_UNIX)
			lsock_addr_unnamed(&res->from);
		msg.msg_name = res->from.storage;
	}
	timeo = lsock_timeo(ls, flags & LSOCK_INSTANT_FLAGS,
			    &sock->sk->sk_rcvtimeo);
	if (!timeo)
		flags |= MSG_DONTWAIT;
	if (sock->sk->sk_family == AF_UNIX)
		n = lsock_unix_recvmsg(ls, sock, &msg, &vec, flags, timeo);
	else
		n = kernel_recvmsg(sock, &msg, &vec, 1, vec.iov_len, flags);
	n = lsock_end(ls, n, timeo);
	if (n < 0)
		return n;

	res->copied = vec.iov_len - iov_iter_count(&msg.msg_iter);
	res->flags = msg.msg_flags & lsock_result_flags;
	if (want_from && msg.msg_namelen > 0)
		res->from.len = min_t(int, msg.msg_namelen,
				      sizeof(res->from.storage));
	return n;
}
