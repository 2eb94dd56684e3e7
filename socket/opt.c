// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Socket options: a table, and the two calls that work by it. No kernel has a
 * getsockopt() for other kernel code that knows every level, so an option
 * comes with the function that reads it.
 */
#include "lsock.h"

#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/inet_connection_sock.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "driver/compat.h"

/* Readers: one line each; the socket is locked, and of the kind that the level asks for. */
#define LSOCK_GETTER(name, expr)					\
static void get_##name(struct sock *sk, struct lsock_optval *val)	\
{									\
	val->num = (expr);						\
}

LSOCK_GETTER(acceptconn, sk->sk_state == TCP_LISTEN)
LSOCK_GETTER(broadcast, sock_flag(sk, SOCK_BROADCAST))
LSOCK_GETTER(debug, sock_flag(sk, SOCK_DBG))
LSOCK_GETTER(domain, sk->sk_family)
LSOCK_GETTER(dontroute, sock_flag(sk, SOCK_LOCALROUTE))
LSOCK_GETTER(incoming_cpu, READ_ONCE(sk->sk_incoming_cpu))
LSOCK_GETTER(keepalive, sock_flag(sk, SOCK_KEEPOPEN))
LSOCK_GETTER(mark, READ_ONCE(sk->sk_mark))
LSOCK_GETTER(no_check, sk->sk_no_check_tx)
LSOCK_GETTER(oobinline, sock_flag(sk, SOCK_URGINLINE))
LSOCK_GETTER(priority, READ_ONCE(sk->sk_priority))
LSOCK_GETTER(protocol, sk->sk_protocol)
LSOCK_GETTER(rcvbuf, READ_ONCE(sk->sk_rcvbuf))
LSOCK_GETTER(rcvlowat, READ_ONCE(sk->sk_rcvlowat))
LSOCK_GETTER(reuseaddr, sk->sk_reuse)
LSOCK_GETTER(reuseport, sk->sk_reuseport)
LSOCK_GETTER(sndbuf, READ_ONCE(sk->sk_sndbuf))
LSOCK_GETTER(type, sk->sk_type)

LSOCK_GETTER(cork, !!(tcp_sk(sk)->nonagle & TCP_NAGLE_CORK))
LSOCK_GETTER(keepcnt, keepalive_probes(tcp_sk(sk)))
LSOCK_GETTER(keepidle, keepalive_time_when(tcp_sk(sk)) / HZ)
LSOCK_GETTER(keepintvl, keepalive_intvl_when(tcp_sk(sk)) / HZ)
LSOCK_GETTER(nodelay, !!(tcp_sk(sk)->nonagle & TCP_NAGLE_OFF))
LSOCK_GETTER(notsent_lowat, READ_ONCE(tcp_sk(sk)->notsent_lowat))
LSOCK_GETTER(quickack, !inet_csk_in_pingpong_mode(sk))
LSOCK_GETTER(syncnt, inet_csk(sk)->icsk_syn_retries ?:
	     READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_syn_retries))
LSOCK_GETTER(user_timeout, inet_csk(sk)->icsk_user_timeout)
LSOCK_GETTER(window_clamp, tcp_sk(sk)->window_clamp)

LSOCK_GETTER(mtu_discover, READ_ONCE(inet_sk(sk)->pmtudisc))
LSOCK_GETTER(tos, READ_ONCE(inet_sk(sk)->tos))
LSOCK_GETTER(ttl, inet_sk(sk)->uc_ttl >= 0 ? inet_sk(sk)->uc_ttl :
	     READ_ONCE(sock_net(sk)->ipv4.sysctl_ip_default_ttl))

static void get_error(struct sock *sk, struct lsock_optval *val)
{
	val->num = -sock_error(sk);
	if (!val->num)
		val->num = xchg(&sk->sk_err_soft, 0);
}

static void get_linger(struct sock *sk, struct lsock_optval *val)
{
	val->on = sock_flag(sk, SOCK_LINGER);
	val->num = sk->sk_lingertime / HZ;
}

static void get_maxseg(struct sock *sk, struct lsock_optval *val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	val->num = tp->mss_cache;
	if (tp->rx_opt.user_mss &&
	    (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		val->num = tp->rx_opt.user_mss;
}

static s64 lsock_timeo_ms(long timeo)
{
	return timeo == MAX_SCHEDULE_TIMEOUT ? 0 : jiffies_to_msecs(timeo);
}

LSOCK_GETTER(rcvtimeo, lsock_timeo_ms(READ_ONCE(sk->sk_rcvtimeo)))
LSOCK_GETTER(sndtimeo, lsock_timeo_ms(READ_ONCE(sk->sk_sndtimeo)))

#define INT	LSOCK_OPT_INT
#define UINT	LSOCK_OPT_UINT
#define BOOL	LSOCK_OPT_BOOL
#define MS	LSOCK_OPT_MS

const struct lsock_opt lsock_opts[] = {
	{ SOL_SOCKET, SO_ACCEPTCONN, "acceptconn", NULL, BOOL, get_acceptconn, true },
	{ SOL_SOCKET, SO_BROADCAST, "broadcast", "b", BOOL, get_broadcast },
	{ SOL_SOCKET, SO_DEBUG, "debug", "d", BOOL, get_debug },
	{ SOL_SOCKET, SO_DOMAIN, "domain", NULL, INT, get_domain, true },
	{ SOL_SOCKET, SO_DONTROUTE, "dontroute", "dt", BOOL, get_dontroute },
	{ SOL_SOCKET, SO_ERROR, "error", "e", INT, get_error, true },
	{ SOL_SOCKET, SO_INCOMING_CPU, "incoming_cpu", NULL, INT, get_incoming_cpu },
	{ SOL_SOCKET, SO_KEEPALIVE, "keepalive", "k", BOOL, get_keepalive },
	{ SOL_SOCKET, SO_LINGER, "linger", "l", LSOCK_OPT_LINGER, get_linger },
	{ SOL_SOCKET, SO_MARK, "mark", NULL, UINT, get_mark },
	{ SOL_SOCKET, SO_NO_CHECK, "no_check", "n", BOOL, get_no_check },
	{ SOL_SOCKET, SO_OOBINLINE, "oobinline", "o", BOOL, get_oobinline },
	{ SOL_SOCKET, SO_PRIORITY, "priority", "p", INT, get_priority },
	{ SOL_SOCKET, SO_PROTOCOL, "protocol", NULL, INT, get_protocol, true },
	{ SOL_SOCKET, SO_RCVBUF, "rcvbuf", "r", INT, get_rcvbuf },
	{ SOL_SOCKET, SO_RCVBUFFORCE, "rcvbufforce", "rf", INT, NULL },
	{ SOL_SOCKET, SO_RCVLOWAT, "rcvlowat", NULL, INT, get_rcvlowat },
	{ SOL_SOCKET, SO_RCVTIMEO_NEW, "rcvtimeo", NULL, MS, get_rcvtimeo },
	{ SOL_SOCKET, SO_REUSEADDR, "reuseaddr", "ra", BOOL, get_reuseaddr },
	{ SOL_SOCKET, SO_REUSEPORT, "reuseport", "rp", BOOL, get_reuseport },
	{ SOL_SOCKET, SO_SNDBUF, "sndbuf", "s", INT, get_sndbuf },
	{ SOL_SOCKET, SO_SNDBUFFORCE, "sndbufforce", "sf", INT, NULL },
	{ SOL_SOCKET, SO_SNDTIMEO_NEW, "sndtimeo", NULL, MS, get_sndtimeo },
	{ SOL_SOCKET, SO_TYPE, "type", "t", INT, get_type, true },

	{ SOL_TCP, TCP_CORK, "cork", NULL, BOOL, get_cork },
	{ SOL_TCP, TCP_KEEPCNT, "keepcnt", NULL, INT, get_keepcnt },
	{ SOL_TCP, TCP_KEEPIDLE, "keepidle", NULL, INT, get_keepidle },
	{ SOL_TCP, TCP_KEEPINTVL, "keepintvl", NULL, INT, get_keepintvl },
	{ SOL_TCP, TCP_MAXSEG, "maxseg", NULL, INT, get_maxseg },
	{ SOL_TCP, TCP_NODELAY, "nodelay", NULL, BOOL, get_nodelay },
	{ SOL_TCP, TCP_NOTSENT_LOWAT, "notsent_lowat", NULL, UINT, get_notsent_lowat },
	{ SOL_TCP, TCP_QUICKACK, "quickack", NULL, INT, get_quickack },
	{ SOL_TCP, TCP_SYNCNT, "syncnt", NULL, INT, get_syncnt },
	{ SOL_TCP, TCP_USER_TIMEOUT, "user_timeout", NULL, INT, get_user_timeout },
	{ SOL_TCP, TCP_WINDOW_CLAMP, "window_clamp", NULL, INT, get_window_clamp },

	{ SOL_IP, IP_MTU_DISCOVER, "mtu_discover", NULL, INT, get_mtu_discover },
	{ SOL_IP, IP_TOS, "tos", NULL, INT, get_tos },
	{ SOL_IP, IP_TTL, "ttl", NULL, INT, get_ttl },
	{ .optname = -1 }
};

#undef INT
#undef UINT
#undef BOOL
#undef MS

/**
 * lsock_opt_named() - the option that goes by a name
 * @level: SOL_*
 * @name: its name, in lower case, or the letters of the 2018 library
 * @len: length of @name
 *
 * Context: Any.
 * Return: the option, or NULL.
 */
const struct lsock_opt *lsock_opt_named(int level, const char *name, size_t len)
{
	const struct lsock_opt *opt;

	if (strnlen(name, len) < len)
		return NULL;
	for (opt = lsock_opts; opt->optname >= 0; opt++) {
		if (opt->level != level)
			continue;
		if (!strcmp(name, opt->name) ||
		    (opt->letters && !strcmp(name, opt->letters)))
			return opt;
	}
	return NULL;
}

/**
 * lsock_opt_numbered() - the option that has a number
 * @level: SOL_*
 * @optname: the number
 *
 * Context: Any.
 * Return: the option, or NULL.
 */
const struct lsock_opt *lsock_opt_numbered(int level, int optname)
{
	const struct lsock_opt *opt;

	/* C's names are for these; their layout depends on the process. */
	if (level == SOL_SOCKET && optname == SO_RCVTIMEO_OLD)
		optname = SO_RCVTIMEO_NEW;
	if (level == SOL_SOCKET && optname == SO_SNDTIMEO_OLD)
		optname = SO_SNDTIMEO_NEW;
	for (opt = lsock_opts; opt->optname >= 0; opt++)
		if (opt->level == level && opt->optname == optname)
			return opt;
	return NULL;
}

/* Whether the fields that the options of @level live in are there at all. */
static bool lsock_has_level(const struct sock *sk, int level)
{
	switch (level) {
	case SOL_SOCKET:
		return true;
	case SOL_TCP:
		return sk->sk_type == SOCK_STREAM &&
		       sk->sk_protocol == IPPROTO_TCP;
	case SOL_IP:
		return sk->sk_family == AF_INET;
	default:
		return false;
	}
}

/**
 * lsock_getsockopt() - read a socket option
 * @ls: the socket
 * @opt: the option
 * @val: where its value goes
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the socket is closed; -EOPNOTSUPP when the option
 * cannot be read from this socket.
 */
int lsock_getsockopt(struct lsock *ls, const struct lsock_opt *opt,
		     struct lsock_optval *val)
{
	struct socket *sock = lsock_pin(ls);
	int err = 0;

	if (!sock)
		return -EBADF;
	*val = (struct lsock_optval){};
	if (!opt->get || !lsock_has_level(sock->sk, opt->level)) {
		err = -EOPNOTSUPP;
		goto out;
	}

	lock_sock(sock->sk);
	opt->get(sock->sk, val);
	release_sock(sock->sk);
out:
	lsock_unpin(ls);
	return err;
}

/* Values as the kernel takes them. */
union lsock_rawopt {
	int num;
	struct linger linger;
	struct __kernel_sock_timeval time;
};

/* Makes @raw of @val; gives its size. */
static unsigned int lsock_optval_pack(const struct lsock_opt *opt,
				      const struct lsock_optval *val,
				      union lsock_rawopt *raw)
{
	switch (opt->kind) {
	case LSOCK_OPT_LINGER:
		raw->linger.l_onoff = val->on;
		raw->linger.l_linger = val->num;
		return sizeof(raw->linger);
	case LSOCK_OPT_MS:
		raw->time.tv_sec = val->num / MSEC_PER_SEC;
		raw->time.tv_usec = val->num % MSEC_PER_SEC * USEC_PER_MSEC;
		return sizeof(raw->time);
	default:
		raw->num = (int)val->num;
		return sizeof(raw->num);
	}
}

/**
 * lsock_setsockopt() - set a socket option
 * @ls: the socket
 * @opt: the option
 * @val: its new value, in the range of the option's kind
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the socket is closed; -ENOPROTOOPT when the option
 * cannot be set; else as setsockopt(2): -EINVAL, -EPERM, -EOPNOTSUPP and
 * others.
 */
int lsock_setsockopt(struct lsock *ls, const struct lsock_opt *opt,
		     const struct lsock_optval *val)
{
	union lsock_rawopt raw;
	struct socket *sock;
	unsigned int len;
	int err;

	if (opt->readonly)
		return -ENOPROTOOPT;
	sock = lsock_pin(ls);
	if (!sock)
		return -EBADF;
	len = lsock_optval_pack(opt, val, &raw);
	err = compat_setsockopt(sock, opt->level, opt->optname, &raw, len);
	lsock_unpin(ls);
	return err;
}
