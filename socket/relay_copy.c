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

static int lrelay_scratch(struct lrelay_scratch *scratch)
{
	unsigned int order = LRELAY_ORDER;

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
	struct msghdr msg = { .msg_flags = flags | MSG_DONTWAIT | MSG_NOSIGNAL };

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

/* Whether more than @n bytes are there, so that who sends them need not think that these were all. */
static bool lrelay_has_more(const struct sock *sk, size_t n)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	/* The end of the stream counts as one. */
	return sk->sk_family != AF_UNIX &&
	       READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq) > n + 1;
}

/* See lrelay.h. */
ssize_t lrelay_copy(struct lrelay *r, struct lrelay_way *way, struct lrelay_scratch *scratch,
		    size_t most)
{
	ssize_t n, sent;
	int flags = 0;
	size_t size;
	int err;

	r->blame = way->from;
	err = lrelay_scratch(scratch);
	if (err)
		return err;
	size = min_t(size_t, most, PAGE_SIZE << scratch->order);
	n = lrelay_recv(way->from->sock, scratch->buf, size, MSG_PEEK);
	if (n <= 0)
		return n;

	r->blame = way->to;
	if (n < way->left && lrelay_has_more(way->from->sock->sk, n))
		flags = MSG_MORE;
	sent = lrelay_send(way->to->sock, scratch->buf, n, flags);
	if (sent <= 0)
		return sent ?: -EAGAIN;

	r->blame = way->from;
	err = lrelay_take(way->from->sock, scratch->buf, sent);
	/* They have gone. What is wrong with the source is told the next time. */
	if (err)
		cmpxchg(&way->from->sock->sk->sk_err, 0, -err);
	return sent;
}
