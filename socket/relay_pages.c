// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Moving bytes from TCP to TCP without copying them: they lie in pages, from which another socket can send as
 * they are. The pages are looked up and kept under the lock of one socket, sent under that of the other, and
 * taken as far as they were sent; so never are two sockets locked, and nothing is held in between.
 *
 * A page that a peer fills with few bytes would be held for these alone. So what lies in small pieces is
 * copied, as is what lies in memory that cannot be handed on.
 */
#include "lsock.h"
#include "lrelay.h"

#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "driver/compat.h"

/* How many pieces go at once; the kernel makes a packet of about so many. */
#define LRELAY_PIECES	16
/* The smallest that is handed on. */
#define LRELAY_LEAST	1024

/**
 * struct lrelay_pages - bytes that lie in pages, from the beginning of what is there
 * @vec: the pieces
 * @count: how many these are
 * @bytes: of all of them
 * @small: or, if there are none: how many bytes are to be copied before some come
 * @most: how many are wanted
 */
struct lrelay_pages {
	struct bio_vec vec[LRELAY_PIECES];
	unsigned int count;
	size_t bytes;
	size_t small;
	size_t most;
};

/* The next piece; @page: NULL where it cannot be handed on. False when that is the end. */
static bool lrelay_piece(struct lrelay_pages *p, struct page *page, size_t offset, size_t len)
{
	struct bio_vec *vec = &p->vec[p->count];

	if (!page || len < LRELAY_LEAST || !sendpage_ok(page)) {
		if (p->count)
			return false;
		p->small += len;
		return p->small < p->most;
	}
	if (p->small || p->count == LRELAY_PIECES)
		return false;
	len = min(len, p->most - p->bytes);
	get_page(page);
	vec->bv_page = page;
	vec->bv_offset = offset;
	vec->bv_len = len;
	p->count++;
	p->bytes += len;
	return p->bytes < p->most;
}

static bool lrelay_head(struct lrelay_pages *p, const struct sk_buff *skb, size_t offset)
{
	const void *data = skb->data + offset;
	struct page *page = skb->head_frag ? virt_to_page(data) : NULL;

	return lrelay_piece(p, page, offset_in_page(data), skb_headlen(skb) - offset);
}

/* The bytes of @skb itself from @offset on, without the packets that hang on it. */
static bool lrelay_packet(struct lrelay_pages *p, const struct sk_buff *skb, size_t offset)
{
	const skb_frag_t *frag;
	size_t len;
	int i;

	if (offset < skb_headlen(skb)) {
		if (!lrelay_head(p, skb, offset))
			return false;
		offset = skb_headlen(skb);
	}
	offset -= skb_headlen(skb);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		len = skb_frag_size(frag);
		if (offset >= len) {
			offset -= len;
			continue;
		}
		if (!lrelay_piece(p, skb_frag_page(frag), skb_frag_off(frag) + offset,
				  len - offset))
			return false;
		offset = 0;
	}
	return true;
}

/* All bytes of @skb from @offset on. */
static bool lrelay_skb(struct lrelay_pages *p, const struct sk_buff *skb, size_t offset)
{
	const struct sk_buff *part;
	size_t own = skb->len;

	skb_walk_frags(skb, part)
		own -= part->len;
	if (offset < own) {
		if (!lrelay_packet(p, skb, offset))
			return false;
		offset = own;
	}
	offset -= own;
	skb_walk_frags(skb, part) {
		if (offset >= part->len) {
			offset -= part->len;
			continue;
		}
		/* Deeper than that no driver builds them. */
		if (skb_has_frag_list(part))
			return lrelay_piece(p, NULL, 0, part->len - offset);
		if (!lrelay_packet(p, part, offset))
			return false;
		offset = 0;
	}
	return true;
}

/* What is there, and would be read next. */
static void lrelay_gather(struct lrelay_pages *p, struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *skb;
	u32 seq, offset;

	lock_sock(sk);
	seq = tp->copied_seq;
	/* To find the place of urgent data is the kernel's art. */
	if (tp->urg_data)
		goto out;
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		offset = seq - TCP_SKB_CB(skb)->seq;
		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_SYN)
			offset--;
		if (offset >= skb->len)
			continue;
		if (!compat_skb_readable(skb) || !lrelay_skb(p, skb, offset))
			break;
		seq += skb->len - offset;
	}
out:
	release_sock(sk);
}

static int lrelay_eat(read_descriptor_t *desc, struct sk_buff *skb, unsigned int offset,
		      size_t len)
{
	len = min(len, desc->count);
	desc->count -= len;
	return len;
}

/* Takes @n bytes that were sent. */
static void lrelay_consume(struct sock *sk, size_t n)
{
	read_descriptor_t desc = { .count = n };

	lock_sock(sk);
	tcp_read_sock(sk, &desc, lrelay_eat);
	release_sock(sk);
	WARN_ON_ONCE(desc.count);
}

/**
 * lrelay_can_pages() - whether pages can be handed from one socket to another
 * @from: where bytes come from
 * @to: where they go
 *
 * Context: Any.
 */
bool lrelay_can_pages(const struct sock *from, const struct sock *to)
{
	return from->sk_family != AF_UNIX && to->sk_family != AF_UNIX;
}

/* See lrelay.h. */
ssize_t lrelay_pages(struct lrelay *r, struct lrelay_way *way, size_t *most)
{
	struct lrelay_pages p = { .most = *most };
	struct sock *from = way->from->sock->sk;
	unsigned int i;
	ssize_t sent;

	lrelay_gather(&p, from);
	if (!p.count) {
		if (p.small)
			*most = min(*most, p.small);
		return -EOPNOTSUPP;
	}
	r->blame = way->to;
	sent = compat_send_pages(way->to->sock, p.vec, p.count, p.bytes,
				 lrelay_flags(way, p.bytes));
	for (i = 0; i < p.count; i++)
		put_page(p.vec[i].bv_page);
	if (sent > 0)
		lrelay_consume(from, sent);
	return sent ?: -EAGAIN;
}
