/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Stand-ins: sockets. Whether a call succeeds, and with what, the world answers. */
#ifndef _FUZZ_KERNEL_NET_H
#define _FUZZ_KERNEL_NET_H

#define MAX_RW_COUNT	0x7ffff000UL
#define TCPF_CLOSE	(1 << TCP_CLOSE)
#define TCPF_LISTEN	(1 << TCP_LISTEN)
#define TCPF_SYN_SENT	(1 << TCP_SYN_SENT)
#define TCPF_SYN_RECV	(1 << TCP_SYN_RECV)
#define TCPF_ESTABLISHED (1 << TCP_ESTABLISHED)
#define TCPF_CLOSE_WAIT	(1 << TCP_CLOSE_WAIT)
#define RCV_SHUTDOWN	1
#define SHUTDOWN_MASK	3
#define UNIX_PATH_MAX	108
#define MAX_ADDR_LEN	32

enum sock_flags { SOCK_LINGER };
enum { SS_UNCONNECTED, SS_CONNECTED, SS_DISCONNECTING };
enum { ITER_DEST, ITER_SOURCE };

struct net {
	long refs;
	struct { int sysctl_somaxconn; } core;
};

struct sockaddr_unsized { sa_family_t sa_family; };

struct kvec {
	void *iov_base;
	size_t iov_len;
};

struct msghdr {
	void *msg_name;
	int msg_namelen;
	struct iov_iter msg_iter;
	unsigned int msg_flags;
	void *msg_control;
	size_t msg_controllen;
};

/* As <linux/errqueue.h> has it. */
struct sock_extended_err {
	u32 ee_errno;
	u8 ee_origin, ee_type, ee_code, ee_pad;
	u32 ee_info, ee_data;
};

struct __kernel_sock_timeval { s64 tv_sec, tv_usec; };

/* All layers of a socket in one. */
struct sock;
struct proto {
	int (*disconnect)(struct sock *sk, int flags);
	int (*diag_destroy)(struct sock *sk, int err);
};

struct sock {
	struct net *net;
	bool locked;
	unsigned long flags;
	int sk_state, sk_family, sk_type, sk_protocol, sk_shutdown, sk_err, sk_rcvlowat;
	int sk_receive_queue;
	const struct proto *sk_prot;
	void (*sk_state_change)(struct sock *sk);
	long sk_rcvtimeo, sk_sndtimeo, sk_lingertime;
};

#define skb_queue_empty_lockless(queue)	(!*(queue))

struct socket;
struct proto_ops {
	__poll_t (*poll)(struct file *file, struct socket *sock, void *wait);
	int (*socketpair)(struct socket *a, struct socket *b);
	int (*getname)(struct socket *sock, struct sockaddr *addr, int peer);
};

struct socket {
	int type, state;
	struct sock *sk;
	const struct proto_ops *ops;
	struct { wait_queue_head_t wait; } wq;
	struct list_head all;
};

#define sock_net(sk)		((sk)->net)
#define sock_flag(sk, f)	(!!((sk)->flags & BIT(f)))
#define sock_reset_flag(sk, f)	((void)((sk)->flags &= ~BIT(f)))
#define lock_sock(sk)		(world_may_sleep(), world_lock(&(sk)->locked, false))
#define release_sock(sk)	world_unlock(&(sk)->locked, false)
#define sock_error(sk)		(-xchg(&(sk)->sk_err, 0))
#define sock_rcvlowat(sk, waitall, len) \
	({ int _low = (waitall) ? (len) : min_t(int, READ_ONCE((sk)->sk_rcvlowat), len); _low ?: 1; })

#define get_net(n)		((n)->refs++, (n))
#define put_net(n)		world_check(--(n)->refs >= 0, "net: put too often")

typedef struct { bool held; } netns_tracker;
#define get_net_track(n, t, gfp) \
	(world_check(!(t)->held, "net: held twice"), (t)->held = true, get_net(n))
#define put_net_track(n, t) \
	(world_check((t)->held, "net: not held"), (t)->held = false, put_net(n))

typedef struct { void *kernel; } sockptr_t;
#define KERNEL_SOCKPTR(p)	((sockptr_t){ (p) })

int __sock_create(struct net *net, int family, int type, int protocol,
		  struct socket **res, int kern);
void sock_release(struct socket *sock);
int kernel_bind(struct socket *sock, struct sockaddr_unsized *addr, int len);
int kernel_listen(struct socket *sock, int backlog);
int kernel_accept(struct socket *sock, struct socket **res, int flags);
int kernel_connect(struct socket *sock, struct sockaddr_unsized *addr, int len,
		   int flags);
int kernel_sock_shutdown(struct socket *sock, int how);
int sock_sendmsg(struct socket *sock, struct msghdr *msg);
/* Relays are not built; driver/compat.h has a call of theirs. */
#define MSG_SPLICE_PAGES	0x8000000
struct sock;
struct bio_vec;
int tcp_sendmsg_locked(struct sock *sk, struct msghdr *msg, size_t size);
void iov_iter_bvec(struct iov_iter *iter, unsigned int direction, const struct bio_vec *vec,
		   unsigned long n, size_t count);
int sock_recvmsg(struct socket *sock, struct msghdr *msg, int flags);
void iov_iter_kvec(struct iov_iter *iter, unsigned int direction, const struct kvec *vec,
		   unsigned long n, size_t count);
void iov_iter_advance(struct iov_iter *iter, size_t skip);
int do_sock_setsockopt(struct socket *sock, bool compat, int level, int name,
		       sockptr_t value, int len);

/* Interfaces */

struct net_device {
	char name[IFNAMSIZ];
	int ifindex;
};

#define rcu_read_lock()		world_lock(&world_rcu, true)
#define rcu_read_unlock()	world_unlock(&world_rcu, true)
extern bool world_rcu;
struct net_device *dev_get_by_name_rcu(struct net *net, const char *name);
struct net_device *dev_get_by_index_rcu(struct net *net, int index);

/* The stand-in for the address text of printk; what else there is goes to the C library. */
int world_snprintf(char *to, size_t size, const char *fmt, ...);
#undef snprintf
#define snprintf world_snprintf

extern struct net world_net;
/* Something happens on each socket. */
void world_net_event(void);
/* How many sockets there are. */
long world_sockets(void);

#endif
