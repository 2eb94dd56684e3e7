// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Sending and receiving. Bytes go from the script's memory to the kernel's
 * socket, or the other way, in one copy, which is the kernel's.
 */
#include "lsock.h"

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <net/sock.h>
#include <net/tcp_states.h>

/* A struct lsock_vec is a struct kvec by another name. */
static_assert(sizeof(struct lsock_vec) == sizeof(struct kvec));
static_assert(offsetof(struct lsock_vec, base) == offsetof(struct kvec, iov_base));
static_assert(offsetof(struct lsock_vec, len) == offsetof(struct kvec, iov_len));

/**
 * struct lsock_moving - a message on its way
 * @ls: the script's socket
 * @sock: the kernel's
 * @m: what the caller asks for
 * @hdr: what the kernel is told, and tells
 * @len: bytes to move
 * @flags: MSG_* for each call of the kernel
 * @moved: bytes that the kernel has taken, or given
 * @copied: those of them that went through @m->vec
 * @control: bytes of control messages that came with them
 * @is_unix: it is a Unix socket
 */
struct lsock_moving {
	struct lsock *ls;
	struct socket *sock;
	struct lsock_msg *m;
	struct msghdr hdr;
	size_t len;
	int flags;
	size_t moved;
	size_t copied;
	size_t control;
	bool is_unix;
};

/* Gives 0; -EBADF when @ls is closed; -EBUSY when a relay @does what is asked for. */
static int lsock_move(struct lsock_moving *t, struct lsock *ls, struct lsock_msg *m,
		      unsigned int does)
{
	*t = (struct lsock_moving){
		.ls = ls,
		.sock = lsock_pin(ls),
		.m = m,
		.hdr = { .msg_control = m->control, .msg_controllen = m->controllen },
		.len = min_t(size_t, m->len, MAX_RW_COUNT),
		.flags = m->flags,
	};
	if (!t->sock)
		return -EBADF;
	/* No relay can begin while it is pinned. */
	if (!(READ_ONCE(ls->claimed) & does))
		return 0;
	lsock_unpin(ls);
	return -EBUSY;
}

/* Has the kernel's call begin where the last one ended. */
static void lsock_set_iter(struct lsock_moving *t, unsigned int direction)
{
	size_t skip = t->m->offset + t->moved;

	iov_iter_kvec(&t->hdr.msg_iter, direction, (struct kvec *)t->m->vec, t->m->count,
		      t->m->offset + t->len);
	if (skip)
		iov_iter_advance(&t->hdr.msg_iter, skip);
}

static int lsock_send_once(struct lsock_moving *t)
{
	/* The kernel's call may have changed them. */
	t->hdr.msg_flags = t->flags;
	lsock_set_iter(t, ITER_SOURCE);
	return sock_sendmsg(t->sock, &t->hdr);
}

/* What waits for a stream goes on until all is sent. */
static int lsock_try_send(void *arg)
{
	struct lsock_moving *t = arg;
	int n = lsock_send_once(t);

	/* It connects, once, and has taken nothing yet: to send is possible when that is done. */
	t->flags &= ~MSG_FASTOPEN;
	if (n == -EINPROGRESS || n == -EALREADY)
		return -EAGAIN;
	if (n < 0)
		return n;
	t->moved += n;
	return t->moved < t->len && t->sock->type == SOCK_STREAM ? -EAGAIN : 0;
}

/* Sending may begin a connection, or wait for one; a close must end that, of which the kernel's wait does not know. */
static bool lsock_connects(const struct socket *sock, int flags)
{
	return sock->type == SOCK_STREAM && sock->sk->sk_family != AF_UNIX &&
	       (flags & MSG_FASTOPEN ||
		!((1 << READ_ONCE(sock->sk->sk_state)) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)));
}

/* A failure that a call took, and does not tell, is for the next one. */
static void lsock_put_back(struct socket *sock, int err)
{
	switch (err) {
	case -ECONNRESET:
	case -ECONNABORTED:
	case -ETIMEDOUT:
	case -EHOSTUNREACH:
	case -ENETUNREACH:
		cmpxchg(&sock->sk->sk_err, 0, -err);
	}
}

/**
 * lsock_keep_error() - leave an error to the next call
 * @ls: the socket
 * @err: what a call failed with that gives the part it has done before
 *
 * Context: Process context.
 */
void lsock_keep_error(struct lsock *ls, int err)
{
	struct socket *sock = lsock_pin(ls);

	if (!sock)
		return;
	lsock_put_back(sock, err);
	lsock_unpin(ls);
}

/*
 * What came of several attempts. The one that failed may have taken the
 * socket's error away; when some bytes have moved, it is for the next call.
 */
static int lsock_moved(struct lsock_moving *t, int n)
{
	if (!t->moved)
		return n;
	lsock_put_back(t->sock, n);
	return t->moved;
}

/**
 * lsock_send() - send bytes, or one message
 * @ls: the socket
 * @m: the message: @m->vec, which the kernel copies before this returns, to the
 *	peer @m->addr, or to the connected one; its flags are of lsock_send_flags
 *
 * There is never a SIGPIPE.
 *
 * Context: Process context. Sleeps until there is room.
 * Return: how many bytes were sent; -EBADF when the socket is closed; -EBUSY
 * when a relay sends there; -EINVAL for other flags; -EAGAIN when it must not
 * wait; -ETIMEDOUT; -EINTR; else as sendmsg(2): -EPIPE, -ECONNRESET, -ENOTCONN,
 * -EDESTADDRREQ, -EMSGSIZE and others.
 */
ssize_t lsock_send(struct lsock *ls, struct lsock_msg *m)
{
	struct lsock_moving t;
	long timeo = 0;
	bool here;
	int n, err;

	if (m->flags & ~lsock_send_flags)
		return -EINVAL;
	err = lsock_move(&t, ls, m, LSOCK_SENDS);
	if (err)
		return err;

	t.flags |= MSG_NOSIGNAL;
	if (m->addr) {
		t.hdr.msg_name = m->addr->storage;
		t.hdr.msg_namelen = m->addr->len;
	}
	if (!(m->flags & MSG_DONTWAIT))
		timeo = lsock_timeo(ls, m->timeout, &t.sock->sk->sk_sndtimeo);
	here = lsock_waits_here(ls, t.sock, m->timeout) || lsock_connects(t.sock, t.flags);
	if (!timeo || here)
		t.flags |= MSG_DONTWAIT;
	if (timeo && here) {
		n = lsock_retry(ls, t.sock, timeo, lsock_pace(t.sock), lsock_try_send, &t);
		n = lsock_moved(&t, n);
	} else {
		n = lsock_send_once(&t);
	}
	return lsock_end(ls, n, timeo);
}

static int lsock_do_recvmsg(void *arg)
{
	struct lsock_moving *t = arg;

	return sock_recvmsg(t->sock, &t->hdr, t->flags);
}

static int lsock_recv_once(struct lsock_moving *t)
{
	size_t room = t->len - t->moved;
	size_t control;
	int n;

	/* What comes with the last of several parts is what the whole comes with. */
	t->hdr.msg_control = t->m->control;
	t->hdr.msg_controllen = t->m->controllen;
	lsock_set_iter(t, ITER_DEST);
	if (t->is_unix && lsock_unix_gets_files(t->ls, t->flags))
		n = lsock_unix_by_worker(lsock_do_recvmsg, t);
	else
		n = lsock_do_recvmsg(t);
	if (n >= 0)
		t->copied += room - iov_iter_count(&t->hdr.msg_iter);
	if (n >= 0 && t->is_unix)
		lsock_unix_got(t->ls, t->flags, t->hdr.msg_flags);
	control = t->m->controllen - t->hdr.msg_controllen;
	if (n > 0 || control || !t->moved)
		t->control = control;
	return n;
}

/*
 * What waits for a stream goes on until it has what SO_RCVLOWAT says or, with
 * MSG_WAITALL, until there is no more room; to peek, it begins anew. The end may
 * have come together with a part, and then nobody is woken for it: it waits only
 * when there is nothing.
 */
static int lsock_try_recv(void *arg)
{
	struct lsock_moving *t = arg;
	bool peek = t->flags & MSG_PEEK;
	int n;

	if (peek) {
		t->moved = 0;
		t->copied = 0;
	}
	do {
		n = lsock_recv_once(t);
		if (n <= 0)
			return n;
		t->moved += n;
		if (t->sock->type != SOCK_STREAM || (peek && lsock_ended(t->sock->sk)) ||
		    t->moved >= sock_rcvlowat(t->sock->sk, t->m->flags & MSG_WAITALL, t->len))
			return 0;
	} while (!peek && !signal_pending(current));
	return -EAGAIN;
}

/* TCP wakes nobody for less than SO_RCVLOWAT, though the rest of what is waited for may be less. */
static long lsock_recv_pace(const struct socket *sock)
{
	return READ_ONCE(sock->sk->sk_rcvlowat) > 1 ? msecs_to_jiffies(5) : MAX_SCHEDULE_TIMEOUT;
}

static int lsock_do_recv(struct lsock *ls, struct lsock_moving *t, long timeo)
{
	bool here = t->m->timeout != LSOCK_AS_SOCKET || (t->is_unix && lsock_unix_waits_here(ls));
	int n;

	if (!timeo)
		t->flags |= MSG_DONTWAIT;
	if (!timeo || !here)
		return lsock_recv_once(t);

	t->flags = (t->flags | MSG_DONTWAIT) & ~MSG_WAITALL;
	n = lsock_retry(ls, t->sock, timeo, lsock_recv_pace(t->sock), lsock_try_recv, t);
	return lsock_moved(t, n);
}

static void lsock_unix_prepare(struct lsock_moving *t)
{
	t->is_unix = true;
	/* The kernel cannot give files to who has no table of them, and says so in its log. */
	t->m->control = NULL;
	t->m->controllen = 0;
	/* Nor does it say anything of a sender without a name. */
	if (t->m->addr)
		lsock_addr_unnamed(t->m->addr);
}

/**
 * lsock_recv() - receive bytes, or one message
 * @ls: the socket
 * @m: where it goes: the bytes into @m->vec; its sender into @m->addr, if there
 *	is one, whose length is 0 where the socket gives none; control messages into
 *	@m->control. Its flags are of lsock_recv_flags. @m->copied, @m->result and
 *	@m->controllen are set when the call succeeds
 *
 * Unix sockets give no control messages: those of theirs are for processes.
 *
 * Context: Process context. Sleeps until something arrives.
 * Return: how many bytes came, which with MSG_TRUNC is not how many are in
 * @m->vec (that is @m->copied); 0 at the end of a stream; -EBADF when the
 * socket is closed; -EBUSY when a relay receives there; -EINVAL for other
 * flags; -EAGAIN when it must not wait; -ETIMEDOUT; -EINTR; else as recvmsg(2): -ECONNRESET, -ENOTCONN,
 * -ECONNREFUSED and others.
 */
ssize_t lsock_recv(struct lsock *ls, struct lsock_msg *m)
{
	struct lsock_moving t;
	long timeo = 0;
	int n, err;

	if (m->flags & ~lsock_recv_flags)
		return -EINVAL;
	err = lsock_move(&t, ls, m, LSOCK_RECEIVES);
	if (err)
		return err;

	if (m->addr) {
		memset(m->addr, 0, sizeof(*m->addr));
		t.hdr.msg_name = m->addr->storage;
	}
	if (t.sock->sk->sk_family == AF_UNIX)
		lsock_unix_prepare(&t);
	if (!(m->flags & lsock_instant_flags))
		timeo = lsock_timeo(ls, m->timeout, &t.sock->sk->sk_rcvtimeo);
	n = lsock_end(ls, lsock_do_recv(ls, &t, timeo), timeo);
	if (n < 0)
		return n;

	m->copied = t.copied;
	m->result = t.hdr.msg_flags & lsock_result_flags;
	m->controllen = t.control;
	if (m->addr && t.hdr.msg_namelen > 0)
		m->addr->len = min_t(int, t.hdr.msg_namelen, sizeof(m->addr->storage));
	return n;
}
