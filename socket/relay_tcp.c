// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Moving bytes from TCP to TCP. They lie in pages, from which another socket can send as they are. The pages are
 * looked up and kept under the lock of one socket, sent under that of the other, and taken as far as they were
 * sent; so never are two sockets locked, and nothing is held in between.
 *
 * A page that a peer fills with few bytes would be held for these alone. So a packet of small pieces is
 * copied, as is what lies in memory that cannot be handed on; into pages, too, so that all is sent alike.
 *
 * Most of it is done in softirqs, where nothing can be waited for: what cannot be done there is left to a worker.
 */
#include "lsock.h"
#include "lrelay.h"

#include <linux/bitmap.h>
#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "driver/compat.h"
#include "driver/live.h"

/* How many pieces go at once: the kernel makes two packets of so many. */
#define LRELAY_PIECES	(2 * MAX_SKB_FRAGS)
/* What the pieces of a packet must have on the average to be handed on. */
#define LRELAY_LEAST	1024
/* So many bytes in one direction only are no conversation. */
#define LRELAY_ONE_SIDED	SZ_16K

/**
 * struct lrelay_look - what is there, and would be read next
 * @most: how many bytes are wanted
 * @pages: whether they may be handed on
 * @vec: in which pieces they lie; each holds its page
 * @count: how many these are
 * @bytes: how many bytes there are
 * @copies: which pieces are copies
 */
struct lrelay_look {
	size_t most;
	bool pages;
	struct bio_vec vec[LRELAY_PIECES];
	unsigned int count;
	size_t bytes;
	DECLARE_BITMAP(copies, LRELAY_PIECES);
};

/**
 * struct lrelay_spot - some bytes in a row
 * @skb: in what packet, from which they can be copied
 * @at: at what offset of that
 * @page: in what page they lie; NULL if that is not to be handed on
 * @offset: at what offset of that
 * @len: how many
 */
struct lrelay_spot {
	const struct sk_buff *skb;
	size_t at;
	struct page *page;
	size_t offset;
	size_t len;
};

static bool lrelay_add(struct lrelay_look *look, struct page *page, size_t offset, size_t len)
{
	struct bio_vec *vec = &look->vec[look->count++];

	vec->bv_page = page;
	vec->bv_offset = offset;
	vec->bv_len = len;
	look->bytes += len;
	return look->bytes < look->most && look->count < LRELAY_PIECES;
}

/* Copies some bytes, and goes on with the next piece only if that was all. */
static bool lrelay_copy_out(struct lrelay_look *look, const struct lrelay_spot *spot, size_t len)
{
	size_t n = min_t(size_t, len, PAGE_SIZE);
	void *buf = netdev_alloc_frag(n);
	struct page *page;

	if (!buf)
		return false;
	page = virt_to_head_page(buf);
	if (skb_copy_bits(spot->skb, spot->at, buf, n)) {
		put_page(page);
		return false;
	}
	__set_bit(look->count, look->copies);
	return lrelay_add(look, page, buf - page_address(page), n) && n == spot->len;
}

/* The next bytes. False when they were the last ones. */
static bool lrelay_piece(struct lrelay_look *look, const struct lrelay_spot *spot)
{
	size_t n = min(spot->len, look->most - look->bytes);

	if (!look->pages || !spot->page || !sendpage_ok(spot->page))
		return lrelay_copy_out(look, spot, n);
	get_page(spot->page);
	return lrelay_add(look, spot->page, spot->offset, n);
}

static bool lrelay_head(struct lrelay_look *look, const struct sk_buff *top, size_t base,
			const struct sk_buff *skb, size_t offset)
{
	const void *data = skb->data + offset;
	bool dense = skb->head_frag && skb_headlen(skb) >= LRELAY_LEAST;
	struct lrelay_spot spot = {
		.skb = top,
		.at = base + offset,
		.page = dense ? virt_to_page(data) : NULL,
		.offset = offset_in_page(data),
		.len = skb_headlen(skb) - offset,
	};

	return lrelay_piece(look, &spot);
}

/*
 * The bytes of @skb itself from @offset on, without the packets that hang on it. Its first is at @base of
 * @top, which it is, or hangs on.
 */
static bool lrelay_packet(struct lrelay_look *look, const struct sk_buff *top, size_t base,
			  const struct sk_buff *skb, size_t offset)
{
	struct lrelay_spot spot = { .skb = top, .at = base + max_t(size_t, offset, skb_headlen(skb)) };
	int i, count = skb_shinfo(skb)->nr_frags;
	bool dense = skb->data_len >= count * LRELAY_LEAST;
	const skb_frag_t *frag;
	size_t len;

	if (offset < skb_headlen(skb)) {
		if (!lrelay_head(look, top, base, skb, offset))
			return false;
		offset = skb_headlen(skb);
	}
	offset -= skb_headlen(skb);
	for (i = 0; i < count; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		len = skb_frag_size(frag);
		if (offset >= len) {
			offset -= len;
			continue;
		}
		spot.page = dense ? skb_frag_page(frag) : NULL;
		spot.offset = skb_frag_off(frag) + offset;
		spot.len = len - offset;
		if (!lrelay_piece(look, &spot))
			return false;
		spot.at += spot.len;
		offset = 0;
	}
	return true;
}

/* All bytes of @skb from @offset on. */
static bool lrelay_skb(struct lrelay_look *look, const struct sk_buff *skb, size_t offset)
{
	struct lrelay_spot rest = { .skb = skb };
	const struct sk_buff *part;
	size_t base = skb->len;

	skb_walk_frags(skb, part)
		base -= part->len;
	if (offset < base && !lrelay_packet(look, skb, 0, skb, offset))
		return false;
	skb_walk_frags(skb, part) {
		/* Deeper than that no driver builds them. */
		if (skb_has_frag_list(part)) {
			rest.at = max(base, offset);
			rest.len = skb->len - rest.at;
			return lrelay_piece(look, &rest);
		}
		if (offset < base + part->len &&
		    !lrelay_packet(look, skb, base, part, max(base, offset) - base))
			return false;
		base += part->len;
	}
	return true;
}

static void lrelay_walk(struct lrelay_look *look, const struct sock *sk)
{
	const struct sk_buff *skb;
	u32 seq = tcp_sk(sk)->copied_seq, offset;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		offset = seq - TCP_SKB_CB(skb)->seq;
		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_SYN)
			offset--;
		if (offset >= skb->len)
			continue;
		if (!compat_skb_readable(skb) || !lrelay_skb(look, skb, offset))
			break;
		seq += skb->len - offset;
	}
}

static int lrelay_eat(read_descriptor_t *desc, struct sk_buff *skb, unsigned int offset,
		      size_t len)
{
	len = min(len, desc->count);
	desc->count -= len;
	return len;
}

/*
 * Takes what was sent. The socket is locked. Who has sent nothing for a while need not wait with telling the peer
 * that all has come, for something to send along: this peer may wait for that.
 */
static void lrelay_consume(struct lrelay *r, struct lrelay_way *way)
{
	read_descriptor_t desc = { .count = way->owed };
	struct sock *sk = way->from->sock->sk;

	if (!way->owed)
		return;
	if (way->moved - way->back > LRELAY_ONE_SIDED)
		inet_csk_exit_pingpong_mode(sk);
	tcp_read_sock(sk, &desc, lrelay_eat);
	WARN_ON_ONCE(desc.count);
	way->owed = 0;
}

/* Why there is nothing. Only FIN tells of the end of a stream; a reset may have been told to another one. */
static int lrelay_why(struct sock *sk)
{
	if (sk->sk_err)
		return sock_error(sk);
	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_state == TCP_CLOSE)
		return -ECONNRESET;
	return sk->sk_shutdown & RCV_SHUTDOWN ? 0 : -EAGAIN;
}

static bool lrelay_lock(struct sock *sk, bool soft)
{
	if (!soft) {
		lock_sock(sk);
		return true;
	}
	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk)) {
		__release(&sk->sk_lock.slock);	/* for sparse: the caller has it */
		return true;
	}
	bh_unlock_sock(sk);
	return false;
}

static void lrelay_unlock(struct sock *sk, bool soft)
{
	if (soft) {
		__acquire(&sk->sk_lock.slock);	/* for sparse, as above */
		bh_unlock_sock(sk);
	} else {
		release_sock(sk);
	}
}

/* Takes what was sent, and looks what is there then; gives how much, or why there is nothing. */
static ssize_t lrelay_look(struct lrelay *r, struct lrelay_look *look, struct lrelay_way *way,
			   bool soft)
{
	struct sock *sk = way->from->sock->sk;
	ssize_t res = -EOPNOTSUPP;

	if (!lrelay_lock(sk, soft))
		return -EINPROGRESS;
	lrelay_consume(r, way);
	/* To find the place of urgent data is the kernel's art. */
	if (!tcp_sk(sk)->urg_data) {
		lrelay_walk(look, sk);
		res = look->bytes ?: lrelay_why(sk);
	}
	lrelay_unlock(sk, soft);
	return res;
}

/* Notes how the first bytes of a look were moved. */
static void lrelay_note(const struct lrelay_look *look, ssize_t sent)
{
	size_t n, copies = 0, left = max_t(ssize_t, sent, 0);
	unsigned int i;

	if (bitmap_empty(look->copies, LRELAY_PIECES)) {
		luadrv_note_relayed(LUADRV_RELAYED_PAGES, left);
		return;
	}
	for (i = 0; i < look->count; i++) {
		n = min_t(size_t, left, look->vec[i].bv_len);
		if (test_bit(i, look->copies))
			copies += n;
		else
			luadrv_note_relayed(LUADRV_RELAYED_PAGES, n);
		left -= n;
	}
	luadrv_note_relayed(LUADRV_RELAYED_COPIES, copies);
}

static ssize_t lrelay_send_look(struct lrelay_look *look, struct lrelay_way *way, bool soft)
{
	int flags = lrelay_flags(way, look->bytes);
	struct sock *sk = way->to->sock->sk;
	ssize_t sent = -EINPROGRESS;
	gfp_t allocation;
	unsigned int i;

	if (lrelay_lock(sk, soft)) {
		allocation = sk->sk_allocation;
		if (soft)
			sk->sk_allocation = GFP_ATOMIC | __GFP_NOWARN;
		sent = compat_send_pages(sk, look->vec, look->count, look->bytes, flags);
		sk->sk_allocation = allocation;
		lrelay_unlock(sk, soft);
	}
	lrelay_note(look, sent);
	for (i = 0; i < look->count; i++)
		put_page(look->vec[i].bv_page);
	return sent;
}

/* Programs of a sockmap, and protocols above, have queues of their own. */
static bool lrelay_is_tcp(const struct sock *sk)
{
	return sk->sk_family != AF_UNIX && !READ_ONCE(sk->sk_user_data) &&
	       !READ_ONCE(inet_csk(sk)->icsk_ulp_ops);
}

/**
 * lrelay_is_plain() - whether lrelay_tcp() can do it
 * @way: the direction
 *
 * Context: Any.
 */
bool lrelay_is_plain(const struct lrelay_way *way)
{
	const struct sock *to = way->to->sock->sk;

	return lrelay_is_tcp(way->from->sock->sk) && lrelay_is_tcp(to) &&
	       to->sk_route_caps & NETIF_F_SG;
}

/* See lrelay.h. */
ssize_t lrelay_tcp(struct lrelay *r, struct lrelay_way *way, size_t most, bool soft)
{
	struct lrelay_look look __uninitialized;
	ssize_t n, sent;

	look.most = most;
	look.pages = !r->copy;
	look.count = 0;
	look.bytes = 0;
	bitmap_zero(look.copies, LRELAY_PIECES);
	r->blame = way->from;
	n = lrelay_look(r, &look, way, soft);
	if (n <= 0)
		return n;
	r->blame = way->to;
	lrelay_expect(way, true);
	sent = lrelay_send_look(&look, way, soft);
	if (sent <= 0)
		return sent ?: -EAGAIN;
	if (sent == n)
		lrelay_expect(way, false);
	way->owed = sent;
	return sent;
}

/**
 * lrelay_settle() - take what was sent
 * @r: the relay
 * @way: the direction; what it sends next is looked at anew
 * @soft: the caller cannot wait
 *
 * Context: Process context, or with @soft softirq.
 * Return: whether it was taken.
 */
bool lrelay_settle(struct lrelay *r, struct lrelay_way *way, bool soft)
{
	struct sock *sk = way->from->sock->sk;

	if (!way->owed)
		return true;
	if (!lrelay_lock(sk, soft))
		return false;
	lrelay_consume(r, way);
	lrelay_unlock(sk, soft);
	return true;
}
