/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What differs between the kernels that the module is built for, in one place.
 * The sources are written for the newest kernel; here the older ones catch up.
 */
#ifndef _LUADRV_COMPAT_H
#define _LUADRV_COMPAT_H

#include <linux/bvec.h>
#include <linux/crc32.h>
#include <linux/fdtable.h>
#include <linux/fs_struct.h>
#include <linux/hrtimer.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/socket.h>
#include <linux/sockptr.h>
#include <linux/udp.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

/* hex_to_bin() was in <linux/kernel.h>; in 7.2 that does not even include the new place. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/hex.h>
#endif

/* 6.12 has it for variables that are worth not to be cleared at each call. */
#ifndef __uninitialized
#if __has_attribute(__uninitialized__)
#define __uninitialized	__attribute__((__uninitialized__))
#else
#define __uninitialized
#endif
#endif

/* Since 6.17 a workqueue says that its workers stay on a processor; before, that is what it does unless it says otherwise. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define WQ_PERCPU	0
#endif

/* 6.19 gave the addresses that kernel_bind() and kernel_connect() take a type of their own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define compat_sockaddr sockaddr_unsized
#else
#define compat_sockaddr sockaddr
#endif

/* 6.7 brought do_sock_setsockopt(), which also asks the cgroup and the security module. */
static inline int compat_setsockopt(struct socket *sock, int level, int name,
				    void *value, unsigned int len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return do_sock_setsockopt(sock, false, level, name,
				  KERNEL_SOCKPTR(value), len);
#else
	if (level == SOL_SOCKET)
		return sock_setsockopt(sock, level, name, KERNEL_SOCKPTR(value),
				       len);
	if (!sock->ops->setsockopt)
		return -EOPNOTSUPP;
	return sock->ops->setsockopt(sock, level, name, KERNEL_SOCKPTR(value),
				     len);
#endif
}

/* 6.12 brought packets whose bytes lie in a device. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define compat_skb_readable(skb)	skb_frags_readable(skb)
#else
#define compat_skb_readable(skb)	true
#endif

/*
 * compat_send_pages(sk, vec, count, bytes, flags): has TCP send pages as they are, without waiting. The socket is
 * locked. The pages stay the caller's; what is sent has references of its own.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
static inline ssize_t compat_send_pages(struct sock *sk, struct bio_vec *vec,
					unsigned int count, size_t bytes, int flags)
{
	struct msghdr msg = { .msg_flags = flags | MSG_SPLICE_PAGES };

	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, vec, count, bytes);
	return tcp_sendmsg_locked(sk, &msg, bytes);
}
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
/*
 * The calls for one page each cost more than all the rest. Those who send with MSG_ZEROCOPY from within the kernel
 * may put pages into the packets by themselves, and these have all that others have.
 */
static inline int compat_fill_pages(struct sock *sk, struct sk_buff *skb, struct iov_iter *from,
				    size_t length)
{
	size_t done = 0, n;
	struct bio_vec vec;
	int frags;

	/* It is no packet of MSG_ZEROCOPY, whose memory is somebody else's. */
	if (skb_zcopy_pure(skb)) {
		if (!sk_wmem_schedule(sk, length))
			return -ENOMEM;
		skb_shinfo(skb)->flags &= ~SKBFL_PURE_ZEROCOPY;
	}
	while (done < length) {
		vec = mp_bvec_iter_bvec(from->bvec, ((struct bvec_iter){
			.bi_size = from->count, .bi_bvec_done = from->iov_offset }));
		n = min(length - done, (size_t)vec.bv_len);
		frags = skb_shinfo(skb)->nr_frags;
		if (skb_can_coalesce(skb, frags, vec.bv_page, vec.bv_offset)) {
			skb_frag_size_add(&skb_shinfo(skb)->frags[frags - 1], n);
		} else if (frags < MAX_SKB_FRAGS) {
			get_page(vec.bv_page);
			skb_fill_page_desc(skb, frags, vec.bv_page, vec.bv_offset, n);
		} else {
			break;
		}
		iov_iter_advance(from, n);
		done += n;
	}
	skb->len += done;
	skb->data_len += done;
	skb->truesize += done;
	sk_wmem_queued_add(sk, done);
	sk_mem_charge(sk, done);
	return done < length ? -EMSGSIZE : 0;
}

static inline void compat_pages_sent(struct sk_buff *skb, struct ubuf_info *ubuf, bool success)
{
}

static inline ssize_t compat_send_pages(struct sock *sk, struct bio_vec *vec,
					unsigned int count, size_t bytes, int flags)
{
	struct ubuf_info ubuf = { .callback = compat_pages_sent, .flags = SKBFL_SHARED_FRAG };
	struct msghdr msg = {
		.msg_flags = flags | MSG_ZEROCOPY,
		.msg_ubuf = &ubuf,
		.sg_from_iter = compat_fill_pages,
	};

	refcount_set(&ubuf.refcnt, 1);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, vec, count, bytes);
	return tcp_sendmsg_locked(sk, &msg, bytes);
}
#else
static inline ssize_t compat_send_pages(struct sock *sk, struct bio_vec *vec,
					unsigned int count, size_t bytes, int flags)
{
	ssize_t n = 0, sent = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		n = tcp_sendpage_locked(sk, vec[i].bv_page, vec[i].bv_offset, vec[i].bv_len,
					i + 1 < count ? flags | MSG_MORE | MSG_SENDPAGE_NOTLAST :
					flags);
		if (n > 0)
			sent += n;
		if (n != vec[i].bv_len)
			break;
	}
	/* The next call tells it, then. */
	if (sent && n < 0 && n != -EAGAIN)
		cmpxchg(&sk->sk_err, 0, -n);
	return sent ?: n;
}
#endif

/* Before 6.15 the function of this name was in a module of its own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
#define compat_crc32c(crc, bytes, size) __crc32c_le(crc, bytes, size)
#else
#define compat_crc32c(crc, bytes, size) crc32c(crc, bytes, size)
#endif

/*
 * Does a call hold a reference of its own to its file? It does if others have
 * the same table of descriptors. Before 5.11 whoever looks into /proc/PID/fd
 * counts as one; where there is one thread only, it is taken for that.
 */
static inline bool compat_files_shared(void)
{
	if (LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0) && thread_group_empty(current))
		return false;
	return atomic_read(&current->files->count) > 1;
}

/* Is this task in execve()? */
static inline bool compat_in_execve(void)
{
	return current->in_execve;
}

/* 5.17 began to track who holds a network namespace, for debug kernels. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
struct compat_tracker {};
#define netns_tracker struct compat_tracker

static inline struct net *get_net_track(struct net *net, netns_tracker *tracker,
					gfp_t gfp)
{
	return get_net(net);
}

static inline void put_net_track(struct net *net, netns_tracker *tracker)
{
	put_net(net);
}
#endif

/* Before 5.15 modules could not have the word that says whose memory an interrupt takes; threads do not need it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 15, 0)
static inline struct mem_cgroup *compat_set_active_memcg(struct mem_cgroup *memcg)
{
#ifdef CONFIG_MEMCG
	struct mem_cgroup *old = current->active_memcg;

	current->active_memcg = memcg;
	return old;
#else
	return NULL;
#endif
}
#else
#define compat_set_active_memcg(memcg) set_active_memcg(memcg)
#endif

/* 6.18 joined the two locks of a task's root and working directory. */
static inline void compat_fs_lock(struct fs_struct *fs)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	write_seqlock(&fs->seq);
#else
	spin_lock(&fs->lock);
	write_seqcount_begin(&fs->seq);
#endif
}

static inline void compat_fs_unlock(struct fs_struct *fs)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	write_sequnlock(&fs->seq);
#else
	write_seqcount_end(&fs->seq);
	spin_unlock(&fs->lock);
#endif
}

/* Since 6.10 a tracepoint's text needs to be named once only. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define compat_assign_str(field, text) __assign_str(field)
#else
#define compat_assign_str(field, text) __assign_str(field, text)
#endif

/* 6.13 joined the two steps of making a timer. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, const enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* Why this kernel lacks what came with a version of Linux; NULL if it has it. */
#define compat_since(major, minor)					\
	(LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0) ? NULL :	\
	 "it came with Linux " #major "." #minor)

/*
 * 6.6 and 6.7 gathered in words of flags what had been bit fields in struct
 * inet_sock, ipv6_pinfo and udp_sock; so have stable kernels for the last one.
 */
#ifndef inet_test_bit
#define inet_test_bit(nr, sk)			compat_inet_##nr(inet_sk(sk))
#define compat_inet_BIND_ADDRESS_NO_PORT(inet)	((inet)->bind_address_no_port)
#define compat_inet_FREEBIND(inet)		((inet)->freebind)
#define compat_inet_HDRINCL(inet)		((inet)->hdrincl)
#define compat_inet_MC_ALL(inet)		((inet)->mc_all)
#define compat_inet_MC_LOOP(inet)		((inet)->mc_loop)
#define compat_inet_ORIGDSTADDR(inet)		(!!((inet)->cmsg_flags & IP_CMSG_ORIGDSTADDR))
#define compat_inet_PKTINFO(inet)		(!!((inet)->cmsg_flags & IP_CMSG_PKTINFO))
#define compat_inet_RECVERR(inet)		((inet)->recverr)
#define compat_inet_RECVFRAGSIZE(inet)		(!!((inet)->cmsg_flags & IP_CMSG_RECVFRAGSIZE))
#define compat_inet_TOS(inet)			(!!((inet)->cmsg_flags & IP_CMSG_TOS))
#define compat_inet_TRANSPARENT(inet)		((inet)->transparent)
#define compat_inet_TTL(inet)			(!!((inet)->cmsg_flags & IP_CMSG_TTL))
#endif
#ifndef inet6_test_bit
#define inet6_test_bit(nr, sk)			compat_inet6_##nr(inet6_sk(sk))
#define compat_inet6_MC6_ALL(np)		((np)->mc_all)
#define compat_inet6_MC6_LOOP(np)		((np)->mc_loop)
#define compat_inet6_RECVERR6(np)		((np)->recverr)
#endif
#ifndef udp_test_bit
#define udp_test_bit(nr, sk)			compat_udp_##nr(udp_sk(sk))
#define compat_udp_CORK(up)			(!!READ_ONCE((up)->corkflag))
#define compat_udp_GRO_ENABLED(up)		((up)->gro_enabled)
#endif

/* 6.7 gave each network namespace its own limit of what options keep for a socket. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define compat_optmem_max(sk)	READ_ONCE(sock_net(sk)->core.sysctl_optmem_max)
#else
#define compat_optmem_max(sk)	READ_ONCE(sysctl_optmem_max)
#endif

/* 5.15 gave stream sockets of Unix urgent data. */
#if IS_ENABLED(CONFIG_AF_UNIX_OOB)
#define compat_unix_has_oob	true
#define compat_unix_oob(sk)	(!!READ_ONCE(unix_sk(sk)->oob_skb))
#else
#define compat_unix_has_oob	false
#define compat_unix_oob(sk)	false
#endif

/* 6.15 made the longest retransmission time-out an option, and its number one of its own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define compat_tcp_rto_max(sk)	tcp_rto_max(sk)
#else
#define compat_tcp_rto_max(sk)	TCP_RTO_MAX
#endif
#ifndef TCP_RTO_MAX_MS
#define TCP_RTO_MAX_MS		44
#endif

/* What is there only since a version of Linux: 6.2 and 6.7 added to struct tcp_info. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define compat_if_6_2(what)	what
#else
#define compat_if_6_2(what)
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define compat_if_6_7(what)	what
#else
#define compat_if_6_7(what)
#endif

#endif
