// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What a call would find at a socket, for those who must know before they make it. */
#include "lsock.h"

#include <linux/poll.h>
#include <net/sock.h>
#include <net/tcp_states.h>

/* Whether nothing more will come. */
bool lsock_ended(const struct sock *sk)
{
	return READ_ONCE(sk->sk_err) || READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN ||
	       READ_ONCE(sk->sk_state) == TCP_CLOSE;
}

static bool lsock_is_listening(struct lsock *ls)
{
	struct socket *sock = lsock_pin(ls);
	bool listening;

	if (!sock)
		return false;
	listening = READ_ONCE(sock->sk->sk_state) == TCP_LISTEN;
	lsock_unpin(ls);
	return listening;
}

/**
 * lsock_is_closed() - whether somebody has closed a socket
 * @ls: the socket
 *
 * Context: Any.
 */
bool lsock_is_closed(const struct lsock *ls)
{
	return READ_ONCE(ls->pollable.closed);
}

/**
 * lsock_accept_waits() - whether the socket listens, and no connection is there
 * @ls: the socket
 *
 * Context: Process context.
 */
bool lsock_accept_waits(struct lsock *ls)
{
	return lsock_is_listening(ls) && !(ls->pollable.ops->ask(&ls->pollable) & EPOLLIN);
}

/**
 * lsock_readable() - whether a call that receives would find something
 * @ls: the socket
 *
 * Context: Process context. May sleep.
 * Return: true also if it would fail.
 */
bool lsock_readable(struct lsock *ls)
{
	__poll_t mask = ls->pollable.ops->ask(&ls->pollable);

	return mask & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP) || lsock_is_closed(ls) ||
	       READ_ONCE(ls->claimed) & LSOCK_RECEIVES || lsock_is_listening(ls);
}

/**
 * lsock_is_drained() - whether a connection has nothing to be received at this moment
 * @ls: the socket, of TCP
 *
 * It costs a small part of what lsock_readable() does.
 *
 * Context: Process context. May sleep.
 * Return: false also if it has ended, or failed; true if it is closed.
 */
bool lsock_is_drained(struct lsock *ls)
{
	struct socket *sock = lsock_pin(ls);
	const struct sock *sk;
	bool drained;

	if (!sock)
		return true;
	sk = sock->sk;
	drained = skb_queue_empty_lockless(&sk->sk_receive_queue) && !READ_ONCE(sk->sk_err) &&
		  !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN);
	lsock_unpin(ls);
	return drained;
}

/**
 * lsock_at_end() - whether nothing more than is there will come
 * @ls: the socket
 *
 * Context: Process context.
 */
bool lsock_at_end(struct lsock *ls)
{
	struct socket *sock = lsock_pin(ls);
	bool ended;

	if (!sock)
		return true;
	ended = lsock_ended(sock->sk);
	lsock_unpin(ls);
	return ended;
}

/**
 * lsock_recv_slow() - whether nobody tells when a little more has come
 * @ls: the socket
 *
 * Context: Process context.
 */
bool lsock_recv_slow(struct lsock *ls)
{
	struct socket *sock = lsock_pin(ls);
	bool slow;

	if (!sock)
		return false;
	slow = READ_ONCE(sock->sk->sk_rcvlowat) > 1;
	lsock_unpin(ls);
	return slow;
}
