// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Socket options: how one is found, read and set. Which ones there are is in
 * the tables of opt_*.c. No kernel has a getsockopt() for modules that knows
 * every level, so an option comes with the function that reads it.
 */
#include "lsock.h"

#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "opttable.h"

static_assert(sizeof_field(struct net_device, name) == LSOCK_DEVICE_NAME + 1);
static_assert(sizeof_field(struct lsock_optval, text) > LSOCK_DEVICE_NAME);

const struct lsock_opt *const lsock_opt_tables[] = {
	lsock_socket_opts,
	lsock_tcp_opts,
	lsock_udp_opts,
	lsock_raw_opts,
	lsock_ip_opts,
	lsock_ipv6_opts,
	NULL
};

/* An empty table, or one of another level, has none. */
static const struct lsock_opt *lsock_opt_first(int level)
{
	const struct lsock_opt *const *table;

	for (table = lsock_opt_tables; *table; table++)
		if ((*table)->name && (*table)->level == level)
			return *table;
	return NULL;
}

/**
 * lsock_opt_named() - the option that goes by a name
 * @level: SOL_*
 * @name: its name, in any case, or its other name
 * @len: length of @name
 *
 * Context: Any.
 * Return: the option, or NULL.
 */
const struct lsock_opt *lsock_opt_named(int level, const char *name, size_t len)
{
	const struct lsock_opt *opt = lsock_opt_first(level);

	if (!opt || strnlen(name, len) < len)
		return NULL;
	for (; opt->name; opt++)
		if (!strcasecmp(name, opt->name) ||
		    (opt->letters && !strcmp(name, opt->letters)))
			return opt;
	return NULL;
}

/* C's numbers of these are of a layout that depends on the process. */
static int lsock_newer_number(int optname)
{
	switch (optname) {
	case SO_RCVTIMEO_OLD:
		return SO_RCVTIMEO_NEW;
	case SO_SNDTIMEO_OLD:
		return SO_SNDTIMEO_NEW;
	case SO_TIMESTAMP_OLD:
		return SO_TIMESTAMP_NEW;
	case SO_TIMESTAMPNS_OLD:
		return SO_TIMESTAMPNS_NEW;
	case SO_TIMESTAMPING_OLD:
		return SO_TIMESTAMPING_NEW;
	default:
		return optname;
	}
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
	const struct lsock_opt *opt = lsock_opt_first(level);

	if (!opt)
		return NULL;
	if (level == SOL_SOCKET)
		optname = lsock_newer_number(optname);
	for (; opt->name; opt++)
		if (opt->optname == optname)
			return opt;
	return NULL;
}

/**
 * lsock_opt_family() - what addresses an option takes
 * @opt: the option
 *
 * Context: Any.
 * Return: AF_*
 */
int lsock_opt_family(const struct lsock_opt *opt)
{
	return opt->level == SOL_IPV6 ? AF_INET6 : AF_INET;
}

/* Whether the fields that the options of @level live in are there at all. */
static bool lsock_has_level(const struct sock *sk, int level)
{
	bool inet6 = sk->sk_family == AF_INET6;
	bool inet = sk->sk_family == AF_INET || inet6;

	switch (level) {
	case SOL_SOCKET:
		return true;
	case SOL_TCP:
		return inet && sk->sk_type == SOCK_STREAM &&
		       sk->sk_protocol == IPPROTO_TCP;
	case SOL_UDP:
		return inet && sk->sk_type == SOCK_DGRAM &&
		       sk->sk_protocol == IPPROTO_UDP;
	case SOL_RAW:
		return inet && !inet6 && sk->sk_type == SOCK_RAW;
	case SOL_IP:
		/* An IPv6 socket may speak IPv4, but for a raw one. */
		return inet && !(inet6 && sk->sk_type == SOCK_RAW);
	case SOL_IPV6:
		return inet6;
	default:
		return false;
	}
}

static const char not_of_socket[] = "not an option of this socket";

/* 0, or why the option cannot be read or set at all: -errno, and the reason in @val. */
static int lsock_opt_refuses(const struct sock *sk, const struct lsock_opt *opt,
			     bool set, struct lsock_optval *val)
{
	if (opt->lacks)
		val->why = opt->lacks;
	else if (!lsock_has_level(sk, opt->level))
		val->why = not_of_socket;
	else if (!set && !opt->get)
		val->why = "it can only be set";
	else if (set && opt->readonly)
		val->why = "it can only be read";
	else
		return 0;
	return set && opt->readonly ? -ENOPROTOOPT : -EOPNOTSUPP;
}

/**
 * lsock_getsockopt() - read a socket option
 * @ls: the socket
 * @opt: the option
 * @val: where its value goes
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the socket is closed; -EOPNOTSUPP when the option
 * cannot be read from this socket, or not on this kernel; what the option has
 * for errors of its own, as -ENOTCONN.
 */
int lsock_getsockopt(struct lsock *ls, const struct lsock_opt *opt,
		     struct lsock_optval *val)
{
	struct socket *sock = lsock_pin(ls);
	int err;

	memset(val, 0, sizeof(*val));
	if (!sock)
		return -EBADF;
	err = lsock_opt_refuses(sock->sk, opt, false, val);
	if (err)
		goto out;

	if (!opt->unlocked)
		lock_sock(sock->sk);
	err = opt->get(sock->sk, val);
	if (!opt->unlocked)
		release_sock(sock->sk);
	if (err == -EOPNOTSUPP)
		val->why = not_of_socket;
out:
	lsock_unpin(ls);
	return err;
}

/* Values as the kernel takes them. */
union lsock_rawopt {
	int num;
	s64 wide;
	struct linger linger;
	struct __kernel_sock_timeval time;
	char text[LSOCK_OPT_TEXT_SIZE];
};

/* Makes @raw of @val; gives its size. */
static unsigned int lsock_optval_pack(const struct lsock_opt *opt,
				      const struct lsock_optval *val,
				      union lsock_rawopt *raw)
{
	memset(raw, 0, sizeof(*raw));
	if (opt->pack)
		return opt->pack(val, raw);
	switch (opt->kind) {
	case LSOCK_OPT_LONG:
		raw->wide = val->num;
		return sizeof(raw->wide);
	case LSOCK_OPT_LINGER:
		raw->linger.l_onoff = val->on;
		raw->linger.l_linger = (int)val->num;
		return sizeof(raw->linger);
	case LSOCK_OPT_MS:
		raw->time.tv_sec = val->num / MSEC_PER_SEC;
		raw->time.tv_usec = val->num % MSEC_PER_SEC * USEC_PER_MSEC;
		return sizeof(raw->time);
	case LSOCK_OPT_TEXT:
		strscpy(raw->text, val->text, sizeof(raw->text));
		return strlen(raw->text) + 1;
	default:
		raw->num = (int)val->num;
		return sizeof(raw->num);
	}
}

/* Gives the device that @val names its index. */
static int lsock_find_device(struct sock *sk, struct lsock_optval *val)
{
	struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_name_rcu(sock_net(sk), val->text);
	if (dev)
		val->num = dev->ifindex;
	rcu_read_unlock();
	return dev ? 0 : -ENODEV;
}

static int lsock_set_pinned(struct lsock *ls, const struct lsock_opt *opt,
			    struct lsock_optval *val)
{
	struct socket *sock = ls->sock;
	union lsock_rawopt raw;
	unsigned int len;
	int err;

	if (opt->kind != LSOCK_OPT_TEXT && *val->text) {
		err = lsock_find_device(sock->sk, val);
		if (err)
			return err;
	}
	if (!opt->set) {
		len = lsock_optval_pack(opt, val, &raw);
		return compat_setsockopt(sock, opt->level, opt->optname, &raw,
					 len);
	}

	lock_sock(sock->sk);
	err = opt->set(ls, val);
	release_sock(sock->sk);
	return err;
}

/**
 * lsock_setsockopt() - set a socket option
 * @ls: the socket
 * @opt: the option
 * @val: its new value, in the range of the option's kind; a device that is
 *	named in it gets its index
 *
 * Context: Process context. May sleep.
 * Return: 0; -EBADF when the socket is closed; -ENOPROTOOPT when the option
 * can only be read; -EOPNOTSUPP when it is none of this socket's, or of this
 * kernel's; -ENODEV when there is no such device; else as setsockopt(2):
 * -EINVAL, -EPERM and others.
 */
int lsock_setsockopt(struct lsock *ls, const struct lsock_opt *opt,
		     struct lsock_optval *val)
{
	struct socket *sock = lsock_pin(ls);
	int err;

	val->why = NULL;
	if (!sock)
		return -EBADF;
	err = lsock_opt_refuses(sock->sk, opt, true, val);
	if (!err)
		err = lsock_set_pinned(ls, opt, val);
	/* A time-out ends what settimeout(0) began. */
	if (!err && opt->kind == LSOCK_OPT_MS)
		WRITE_ONCE(ls->nonblock, false);
	lsock_unpin(ls);
	return err;
}
