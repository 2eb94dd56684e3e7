// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* How the failure of one socket of a relay is handed on to the other one: as a reset, but after what came before it. */
#include "lsock.h"
#include "lrelay.h"

#include <linux/jiffies.h>
#include <linux/tcp.h>
#include <net/af_unix.h>
#include <net/sock.h>
#include <net/tcp_states.h>

/* How long to wait for a peer that takes nothing of what was sent before. */
#define LRELAY_PATIENCE	(10 * HZ)

/* A Unix socket cannot send a reset before it is closed, so its peer is told as that would tell it. */
static void lrelay_reset_unix(struct socket *sock)
{
	struct sock *peer;

	unix_state_lock(sock->sk);
	peer = unix_sk(sock->sk)->peer;
	if (peer)
		sock_hold(peer);
	unix_state_unlock(sock->sk);
	if (peer) {
		WRITE_ONCE(peer->sk_err, ECONNRESET);
		peer->sk_error_report(peer);
		sock_put(peer);
	}
	kernel_sock_shutdown(sock, SHUT_RDWR);
}

static void lrelay_reset(struct socket *sock)
{
	if (sock->sk->sk_family == AF_UNIX)
		lrelay_reset_unix(sock);
	else if (READ_ONCE(sock->sk->sk_state) != TCP_CLOSE)
		lsock_abort(sock);
}

static struct lrelay_end *lrelay_other(struct lrelay *r, const struct lrelay_end *end)
{
	return end == &r->ends[0] ? &r->ends[1] : &r->ends[0];
}

/**
 * lrelay_fail() - a socket has failed
 * @r: the relay
 * @end: whose socket
 * @err: negative errno
 *
 * Nothing can be sent there any more, but what has come from there goes on, as it would without a relay; then
 * lrelay_pass_failure() ends the other one.
 *
 * Context: Process context, with LRELAY_BUSY.
 */
void lrelay_fail(struct lrelay *r, struct lrelay_end *end, int err)
{
	unsigned int i;

	/* What a close does may look like any failure. */
	if (lrelay_closed(r)) {
		lrelay_end(r, LRELAY_CLOSED);
		return;
	}
	if (!r->failed) {
		r->failed = end;
		r->err = err;
		r->ended = jiffies;
	} else if (r->failed != end) {
		lrelay_end(r, LRELAY_ERROR);
	}
	for (i = 0; i < r->count; i++)
		if (r->ways[i].to == end)
			r->ways[i].done = true;
}

static bool lrelay_has_sent(const struct sock *sk)
{
	return sk->sk_family == AF_UNIX || READ_ONCE(sk->sk_state) == TCP_CLOSE ||
	       READ_ONCE(tcp_sk(sk)->snd_una) == READ_ONCE(tcp_sk(sk)->write_seq);
}

/* Whether the peer of a socket has taken something not too long ago. */
static bool lrelay_is_taken(struct lrelay *r, const struct sock *sk)
{
	u32 una = sk->sk_family == AF_UNIX ? 0 : READ_ONCE(tcp_sk(sk)->snd_una);

	if (una != r->acked) {
		r->acked = una;
		r->last = jiffies;
	}
	return !lrelay_is_due(r->last, LRELAY_PATIENCE) || !lrelay_is_due(r->ended, LRELAY_PATIENCE);
}

/**
 * lrelay_pass_failure() - hand a failure on
 * @r: the relay, of which a socket has failed
 *
 * That is after all that came before it, for a reset throws away what has not arrived.
 *
 * Context: Process context, with LRELAY_BUSY. May sleep.
 * Return: LRELAY_LATER while it is not time for that.
 */
enum lrelay_turn lrelay_pass_failure(struct lrelay *r)
{
	struct sock *other = lrelay_other(r, r->failed)->sock->sk;
	bool told = r->count == 2 || (r->failed == r->ways[0].from && !r->keep);
	bool done = r->ways[0].done && (r->count == 1 || r->ways[1].done);

	if (!(done && (!told || lrelay_has_sent(other))) && lrelay_is_taken(r, other))
		return LRELAY_LATER;
	lrelay_end(r, LRELAY_ERROR);
	if (told)
		lrelay_reset(lrelay_other(r, r->failed)->sock);
	return LRELAY_EMPTY;
}
