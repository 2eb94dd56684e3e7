// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Where a connection was going before address translation redirected it to
 * us. getsockopt() asks connection tracking, for processes alone; its table is
 * open to modules. It is a module itself, which need not be there: then
 * nothing was redirected either.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/module.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>
#endif

#include "opttable.h"

#if IS_ENABLED(CONFIG_NF_CONNTRACK)

/* Makes of the connection's @tuple the one that it began with. */
static int lsock_first_tuple(struct sock *sk, struct nf_conntrack_tuple *tuple)
{
	struct nf_conntrack_zone zone = {
		.id = NF_CT_DEFAULT_ZONE_ID,
		.dir = NF_CT_DEFAULT_ZONE_DIR,
	};
	struct nf_conntrack_tuple_hash *hash;
	typeof(&nf_conntrack_find_get) find;
	struct nf_conn *ct;

	if (!inet_sk(sk)->inet_dport)
		return -ENOTCONN;
	find = symbol_get(nf_conntrack_find_get);
	if (!find)
		return -ENOENT;
	hash = find(sock_net(sk), &zone, tuple);
	if (hash) {
		ct = nf_ct_tuplehash_to_ctrack(hash);
		*tuple = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
		/* nf_ct_put() would need the module. */
		nf_conntrack_put(&ct->ct_general);
	}
	symbol_put(nf_conntrack_find_get);
	return hash ? 0 : -ENOENT;
}

static int lsock_find_original(struct sock *sk, struct nf_conntrack_tuple *tuple,
			       struct lsock_optval *val)
{
	int err;

	if (sk->sk_protocol != IPPROTO_TCP)
		return -EOPNOTSUPP;
	err = lsock_first_tuple(sk, tuple);
	if (err == -ENOENT)
		val->why = "no connection that connection tracking knows";
	return err;
}

/**
 * lsock_original_dst() - where an IPv4 connection was going at first
 * @sk: the socket
 * @val: where the address goes
 *
 * Context: Process context; @sk is locked.
 * Return: 0; -ENOTCONN; -ENOENT when connection tracking is not there, or does
 * not know the connection; -EOPNOTSUPP when it is not TCP.
 */
int lsock_original_dst(struct sock *sk, struct lsock_optval *val)
{
	struct sockaddr_in *in = (struct sockaddr_in *)val->addr.storage;
	const struct inet_sock *inet = inet_sk(sk);
	struct nf_conntrack_tuple tuple = {
		.src.l3num = NFPROTO_IPV4,
		.dst.protonum = sk->sk_protocol,
	};
	int err;

	tuple.src.u3.ip = inet->inet_rcv_saddr;
	tuple.src.u.tcp.port = inet->inet_sport;
	tuple.dst.u3.ip = inet->inet_daddr;
	tuple.dst.u.tcp.port = inet->inet_dport;
	err = lsock_find_original(sk, &tuple, val);
	if (err)
		return err;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = tuple.dst.u3.ip;
	in->sin_port = tuple.dst.u.tcp.port;
	val->addr.len = sizeof(*in);
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
/**
 * lsock_original_dst6() - where an IPv6 connection was going at first
 * @sk: the socket
 * @val: where the address goes
 *
 * Context: Process context; @sk is locked.
 * Return: as lsock_original_dst().
 */
int lsock_original_dst6(struct sock *sk, struct lsock_optval *val)
{
	struct sockaddr_in6 *in = (struct sockaddr_in6 *)val->addr.storage;
	const struct inet_sock *inet = inet_sk(sk);
	struct nf_conntrack_tuple tuple = {
		.src.l3num = NFPROTO_IPV6,
		.dst.protonum = sk->sk_protocol,
	};
	int err;

	tuple.src.u3.in6 = sk->sk_v6_rcv_saddr;
	tuple.src.u.tcp.port = inet->inet_sport;
	tuple.dst.u3.in6 = sk->sk_v6_daddr;
	tuple.dst.u.tcp.port = inet->inet_dport;
	err = lsock_find_original(sk, &tuple, val);
	if (err)
		return err;

	in->sin6_family = AF_INET6;
	in->sin6_addr = tuple.dst.u3.in6;
	in->sin6_port = tuple.dst.u.tcp.port;
	in->sin6_scope_id = ipv6_iface_scope_id(&in->sin6_addr,
						sk->sk_bound_dev_if);
	val->addr.len = sizeof(*in);
	return 0;
}
#endif
#endif
