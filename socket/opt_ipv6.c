// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The options of IPv6: SOL_IPV6. */
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <net/dst.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "opttable.h"

#if IS_ENABLED(CONFIG_IPV6)

#define DEFAULT_HOPS	-1

/* In a header of its own that needs more of netfilter. */
#ifndef IP6T_SO_ORIGINAL_DST
#define IP6T_SO_ORIGINAL_DST	80
#endif

LSOCK_GETTER(freebind, inet_test_bit(FREEBIND, sk))
LSOCK_GETTER(mtu_discover, inet6_sk(sk)->pmtudisc)
LSOCK_GETTER(multicast_all, inet6_test_bit(MC6_ALL, sk))
LSOCK_GETTER(multicast_if, READ_ONCE(inet6_sk(sk)->mcast_oif))
LSOCK_GETTER(multicast_loop, inet6_test_bit(MC6_LOOP, sk))
LSOCK_GETTER(recverr, inet6_test_bit(RECVERR6, sk))
LSOCK_GETTER(recvfragsize, inet6_sk(sk)->rxopt.bits.recvfragsize)
LSOCK_GETTER(recvhoplimit, inet6_sk(sk)->rxopt.bits.rxhlim)
LSOCK_GETTER(recvorigdstaddr, inet6_sk(sk)->rxopt.bits.rxorigdstaddr)
LSOCK_GETTER(recvpktinfo, inet6_sk(sk)->rxopt.bits.rxinfo)
LSOCK_GETTER(recvtclass, inet6_sk(sk)->rxopt.bits.rxtclass)
LSOCK_GETTER(tclass, inet6_sk(sk)->tclass)
LSOCK_GETTER(transparent, inet_test_bit(TRANSPARENT, sk))
LSOCK_GETTER(v6only, sk->sk_ipv6only)

/* What is not set is what the route says, or the namespace. */
static s64 lsock_hops(struct sock *sk, int hops)
{
	struct dst_entry *dst;

	if (hops >= 0)
		return hops;
	rcu_read_lock();
	dst = __sk_dst_get(sk);
	if (dst)
		hops = ip6_dst_hoplimit(dst);
	rcu_read_unlock();
	if (hops >= 0)
		return hops;
	return READ_ONCE(sock_net(sk)->ipv6.devconf_all->hop_limit);
}

LSOCK_GETTER(multicast_hops, lsock_hops(sk, inet6_sk(sk)->mcast_hops))
LSOCK_GETTER(unicast_hops, lsock_hops(sk, inet6_sk(sk)->hop_limit))

static unsigned int pack_group(const struct lsock_optval *val, void *raw)
{
	const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)val->addr.storage;
	struct ipv6_mreq *req = raw;

	req->ipv6mr_multiaddr = in->sin6_addr;
	/* The address may name the device, too. */
	req->ipv6mr_ifindex = (int)val->num ?: in->sin6_scope_id;
	return sizeof(*req);
}

const struct lsock_opt lsock_ipv6_opts[] = {
	{ SOL_IPV6, IPV6_ADD_MEMBERSHIP, "add_membership", "join_group", GROUP, 0, INT_MAX, NULL,
	  NULL, "receives what is sent to this group", .pack = pack_group },
	{ SOL_IPV6, IPV6_DROP_MEMBERSHIP, "drop_membership", "leave_group", GROUP, 0, INT_MAX, NULL,
	  NULL, "ends what add_membership began", .pack = pack_group },
	{ SOL_IPV6, IPV6_FREEBIND, "freebind", NULL, BOOL, 0, 1, get_freebind,
	  NULL, "binds to addresses that the machine does not have" },
	{ SOL_IPV6, IPV6_MTU, "mtu", NULL, INT, 0, 0, lsock_get_mtu,
	  "bytes", "the longest packet that the path of the connection takes", .readonly = true },
	{ SOL_IPV6, IPV6_MTU_DISCOVER, "mtu_discover", NULL, WORD, IPV6_PMTUDISC_DONT, IPV6_PMTUDISC_OMIT, get_mtu_discover,
	  NULL, "whether it finds out how long packets may be on their path",
	  .words = lsock_mtu_words },
	{ SOL_IPV6, IPV6_MULTICAST_ALL, "multicast_all", NULL, BOOL, 0, 1, get_multicast_all,
	  NULL, "receives what is sent to groups that other sockets joined" },
	{ SOL_IPV6, IPV6_MULTICAST_HOPS, "multicast_hops", NULL, INT, DEFAULT_HOPS, 255, get_multicast_hops,
	  "hops", "how far what is sent to groups goes; -1: 1" },
	{ SOL_IPV6, IPV6_MULTICAST_IF, "multicast_if", NULL, DEVICE, 0, INT_MAX, get_multicast_if,
	  NULL, "the device that sends to groups; 0: as routes say" },
	{ SOL_IPV6, IPV6_MULTICAST_LOOP, "multicast_loop", NULL, BOOL, 0, 1, get_multicast_loop,
	  NULL, "what is sent to groups comes to sockets of this machine too" },
	{ SOL_IPV6, IP6T_SO_ORIGINAL_DST, "original_dst", NULL, ADDR, 0, 0, LSOCK_ORIGINAL_DST6,
	  NULL, "where a TCP connection was going before address translation sent it here", .readonly = true,
	  .lacks = LSOCK_NEEDS(NF_CONNTRACK) },
	{ SOL_IPV6, IPV6_RECVERR, "recverr", NULL, BOOL, 0, 1, get_recverr,
	  NULL, "tells errors of the network in detail; the flag ERRQUEUE reads them" },
	{ SOL_IPV6, IPV6_RECVFRAGSIZE, "recvfragsize", NULL, BOOL, 0, 1, get_recvfragsize,
	  NULL, "tells, as a control message, how long the longest part of a message was that came in parts" },
	{ SOL_IPV6, IPV6_RECVHOPLIMIT, "recvhoplimit", NULL, BOOL, 0, 1, get_recvhoplimit,
	  NULL, "tells, as a control message, how far a message could still have gone" },
	{ SOL_IPV6, IPV6_RECVORIGDSTADDR, "recvorigdstaddr", NULL, BOOL, 0, 1, get_recvorigdstaddr,
	  NULL, "tells, as a control message, where a redirected message was going" },
	{ SOL_IPV6, IPV6_RECVPKTINFO, "recvpktinfo", NULL, BOOL, 0, 1, get_recvpktinfo,
	  NULL, "tells, as a control message, to which address and device a message came" },
	{ SOL_IPV6, IPV6_RECVTCLASS, "recvtclass", NULL, BOOL, 0, 1, get_recvtclass,
	  NULL, "tells, as a control message, the traffic class of a message" },
	{ SOL_IPV6, IPV6_TCLASS, "tclass", NULL, INT, -1, 255, get_tclass,
	  NULL, "the traffic class of its packets: DSCP times 4; -1: 0; TCP keeps the lowest two bits to itself" },
	{ SOL_IPV6, IPV6_TRANSPARENT, "transparent", NULL, BOOL, 0, 1, get_transparent,
	  NULL, "binds to addresses of others and takes in what goes to them (TPROXY); needs CAP_NET_ADMIN" },
	{ SOL_IPV6, IPV6_UNICAST_HOPS, "unicast_hops", NULL, INT, DEFAULT_HOPS, 255, get_unicast_hops,
	  "hops", "how far its packets go; -1: the system's default" },
	{ SOL_IPV6, IPV6_V6ONLY, "v6only", NULL, BOOL, 0, 1, get_v6only,
	  NULL, "does not speak IPv4; to be set before it binds" },
	{ }
};

#else

const struct lsock_opt lsock_ipv6_opts[] = { { } };

#endif
