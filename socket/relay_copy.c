// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Moving bytes by the calls that every stream has. They are looked at, sent, and then taken as far as they
 * were sent.
 */
#include "lsock.h"
#include "lrelay.h"

#include <linux/gfp.h>
#include <linux/tcp.h>
#include <linux/uio.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "driver/live.h"

/* The most at once: 32 KiB, if there are that many pages in a row. */
#define LRELAY_ORDER	3

/**
 * lrelay_scratch_init() - memory for few bytes
 * @scratch: whose; the caller gives it back with lrelay_scratch_free()
 *
 * Context: Any.
 */
void lrelay_scratch_init(struct lrelay_scratch *scratch)
{
	scratch->buf = scratch->few;
	scratch->size = sizeof(scratch->few);
}

/**
 * lrelay_scratch_grow() - memory for more bytes
 * @scratch: whose
 * @most: how many there may be
 *
 * Context: Process context. May sleep.
 * Return: whether it is larger now; otherwise what it has will do.
 */
bool lrelay_scratch_grow(struct lrelay_scratch *scratch, size_t most)
{
	unsigned int order = min(get_order(most), LRELAY_ORDER);
	unsigned long pages;

	if (scratch->buf != scratch->few)
		return false;
	pages = __get_free_pages(GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY, order);
	if (!pages)
		return false;
	scratch->buf = (u8 *)pages;
	scratch->size = PAGE_SIZE << order;
	return true;
}

/**
 * lrelay_scratch_free() - give the memory of a run back
 * @scratch: whose
 *
 * Context: Process context.
 */
void lrelay_scratch_free(struct lrelay_scratch *scratch)
{
	if (scratch->buf != scratch->few)
		free_pages((unsigned long)scratch->buf, get_order(scratch->size));
}

static ssize_t lrelay_recv(struct socket *sock, void *buf, size_t len, int flags)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {};

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, len);
	return sock_recvmsg(sock, &msg, flags | MSG_DONTWAIT);
}

/* Sends without waiting. */
ssize_t lrelay_send(struct socket *sock, void *buf, size_t len, int flags)
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

/**
 * lrelay_expect() - say whether room for what is sent is waited for
 * @way: the direction
 * @room: it is, or will be if the next call finds none
 *
 * Context: Any.
 */
void lrelay_expect(struct lrelay_way *way, bool room)
{
	if (room == way->to->full)
		return;
	/* Pairs with lrelay_wake(): room that comes after a call found none finds this set. */
	smp_store_mb(way->to->full, room);
}

/* The end of a stream, or what looks like one, because the reset was told to another one. */
static ssize_t lrelay_ended(const struct sock *sk)
{
	if (sk->sk_family != AF_UNIX && READ_ONCE(sk->sk_state) == TCP_CLOSE &&
	    !sock_flag(sk, SOCK_DONE))
		return -ECONNRESET;
	return 0;
}

/* See lrelay.h. */
ssize_t lrelay_copy(struct lrelay *r, struct lrelay_way *way, struct lrelay_scratch *scratch,
		    size_t most)
{
	ssize_t n, sent;
	int err;

	r->blame = way->from;
	n = lrelay_recv(way->from->sock, scratch->buf, min(most, scratch->size), MSG_PEEK);
	if (n == scratch->size && n < most && lrelay_scratch_grow(scratch, most))
		n = lrelay_recv(way->from->sock, scratch->buf, min(most, scratch->size), MSG_PEEK);
	if (n <= 0)
		return n ?: lrelay_ended(way->from->sock->sk);

	r->blame = way->to;
	lrelay_expect(way, true);
	sent = lrelay_send(way->to->sock, scratch->buf, n, lrelay_flags(way, n));
	if (sent <= 0)
		return sent ?: -EAGAIN;
	if (sent == n)
		lrelay_expect(way, false);
	luadrv_note_relayed(LUADRV_RELAYED_COPIES, sent);

	r->blame = way->from;
	err = lrelay_take(way->from->sock, scratch->buf, sent);
	/* They have gone. What is wrong with the source is told the next time. */
	if (err)
		cmpxchg(&way->from->sock->sk->sk_err, 0, -err);
	return sent;
}
