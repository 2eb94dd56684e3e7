// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Moving bytes by copying them, which every stream can. They are looked at, sent, and then taken as far as
 * they were sent.
 */
#include "lsock.h"
#include "lrelay.h"

#include <linux/gfp.h>
#include <linux/tcp.h>
#include <linux/uio.h>
#include <net/sock.h>

/* The most at once: 32 KiB, if there are that many pages in a row. */
#define LRELAY_ORDER	3

static int lrelay_scratch(struct lrelay_scratch *scratch, size_t most)
{
	unsigned int order = min(get_order(most), LRELAY_ORDER);

	if (scratch->buf)
		return 0;
	scratch->buf = (void *)__get_free_pages(GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY, order);
	if (!scratch->buf) {
		order = 0;
		scratch->buf = (void *)__get_free_page(GFP_KERNEL | __GFP_NOWARN);
	}
	scratch->order = order;
	return scratch->buf ? 0 : -ENOMEM;
}

/**
 * lrelay_scratch_free() - give the memory of a run back
 * @scratch: whose, or nothing yet
 *
 * Context: Process context.
 */
void lrelay_scratch_free(struct lrelay_scratch *scratch)
{
	if (scratch->buf)
		free_pages((unsigned long)scratch->buf, scratch->order);
}

static ssize_t lrelay_recv(struct socket *sock, void *buf, size_t len, int flags)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {};

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, len);
	return sock_recvmsg(sock, &msg, flags | MSG_DONTWAIT);
}

static ssize_t lrelay_send(struct socket *sock, void *buf, size_t len, int flags)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { .msg_flags = flags };

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, len);
	return sock_sendmsg(sock, &msg);
}

/* Takes what was sent. TCP knows how to throw it away; a Unix socket copies it again. */
static int lrelay_take(struct socket *sock, void *buf, size_t len)
{
	int flags = sock->sk->sk_family == AF_UNIX ? 0 : MSG_TRUNC;
	ssize_t n;

	while (len) {
		n = lrelay_recv(sock, buf, len, flags);
		if (n <= 0)
			return n ?: -EPIPE;
		len -= n;
	}
	return 0;
}

/**
 * lrelay_flags() - how to send
 * @way: the direction
 * @n: how many bytes are to be sent
 *
 * Where more is there that will follow, a small packet need not be sent for the last of these.
 *
 * Context: Any.
 * Return: flags for sendmsg().
 */
int lrelay_flags(const struct lrelay_way *way, size_t n)
{
	const struct sock *sk = way->from->sock->sk;
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	const struct tcp_sock *tp = tcp_sk(sk);

	/* The end of the stream counts as one. */
	if (sk->sk_family != AF_UNIX && n < way->left &&
	    READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq) > n + 1)
		flags |= MSG_MORE;
	return flags;
}

/* See lrelay.h. */
ssize_t lrelay_copy(struct lrelay *r, struct lrelay_way *way, struct lrelay_scratch *scratch,
		    size_t most)
{
	ssize_t n, sent;
	size_t size;
	int err;

	r->blame = way->from;
	err = lrelay_scratch(scratch, most);
	if (err)
		return err;
	size = min_t(size_t, most, PAGE_SIZE << scratch->order);
	n = lrelay_recv(way->from->sock, scratch->buf, size, MSG_PEEK);
	if (n <= 0)
		return n;

	r->blame = way->to;
	sent = lrelay_send(way->to->sock, scratch->buf, n, lrelay_flags(way, n));
	if (sent <= 0)
		return sent ?: -EAGAIN;

	r->blame = way->from;
	err = lrelay_take(way->from->sock, scratch->buf, sent);
	/* They have gone. What is wrong with the source is told the next time. */
	if (err)
		cmpxchg(&way->from->sock->sk->sk_err, 0, -err);
	return sent;
}
