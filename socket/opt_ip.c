// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The options of IPv4, which IPv6 sockets that speak it have too, of UDP, and of raw sockets. */
#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <net/dst.h>
#include <net/dst_ops.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/raw.h>

#include "opttable.h"

/* Since Linux 2.4, in a header of its own that needs more of netfilter. */
#ifndef SO_ORIGINAL_DST
#define SO_ORIGINAL_DST		80
#endif

LSOCK_GETTER(udp_cork, udp_test_bit(CORK, sk))
LSOCK_GETTER(gro, udp_test_bit(GRO_ENABLED, sk))
LSOCK_GETTER(segment, READ_ONCE(udp_sk(sk)->gso_size))

LSOCK_GETTER(bind_address_no_port, inet_test_bit(BIND_ADDRESS_NO_PORT, sk))
LSOCK_GETTER(freebind, inet_test_bit(FREEBIND, sk))
LSOCK_GETTER(hdrincl, inet_test_bit(HDRINCL, sk))
LSOCK_GETTER(mtu_discover, READ_ONCE(inet_sk(sk)->pmtudisc))
LSOCK_GETTER(multicast_all, inet_test_bit(MC_ALL, sk))
LSOCK_GETTER(multicast_if, READ_ONCE(inet_sk(sk)->mc_index))
LSOCK_GETTER(multicast_loop, inet_test_bit(MC_LOOP, sk))
LSOCK_GETTER(multicast_ttl, READ_ONCE(inet_sk(sk)->mc_ttl))
LSOCK_GETTER(pktinfo, inet_test_bit(PKTINFO, sk))
LSOCK_GETTER(recverr, inet_test_bit(RECVERR, sk))
LSOCK_GETTER(recvfragsize, inet_test_bit(RECVFRAGSIZE, sk))
LSOCK_GETTER(recvorigdstaddr, inet_test_bit(ORIGDSTADDR, sk))
LSOCK_GETTER(recvtos, inet_test_bit(TOS, sk))
LSOCK_GETTER(recvttl, inet_test_bit(TTL, sk))
LSOCK_GETTER(tos, READ_ONCE(inet_sk(sk)->tos))
LSOCK_GETTER(transparent, inet_test_bit(TRANSPARENT, sk))
LSOCK_GETTER(ttl, inet_sk(sk)->uc_ttl >= 0 ? inet_sk(sk)->uc_ttl :
	     READ_ONCE(sock_net(sk)->ipv4.sysctl_ip_default_ttl))

static int get_icmp_filter(struct sock *sk, struct lsock_optval *val)
{
	if (sk->sk_protocol != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	val->num = raw_sk(sk)->filter.data;
	return 0;
}

/**
 * lsock_get_mtu() - the longest packet that the path of a connection takes
 * @sk: the socket
 * @val: where the length goes
 *
 * Context: Process context; @sk is locked.
 * Return: 0; -ENOTCONN.
 */
int lsock_get_mtu(struct sock *sk, struct lsock_optval *val)
{
	struct dst_entry *dst = sk_dst_get(sk);

	if (!dst)
		return -ENOTCONN;
	/* Not by dst_mtu(), which wants to know all who could be called. */
	val->num = dst->ops->mtu(dst);
	dst_release(dst);
	return 0;
}

static unsigned int pack_group(const struct lsock_optval *val, void *raw)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)val->addr.storage;
	struct ip_mreqn *req = raw;

	req->imr_multiaddr = in->sin_addr;
	req->imr_ifindex = (int)val->num;
	return sizeof(*req);
}

/* Here no address is a device without one. */
static unsigned int pack_device(const struct lsock_optval *val, void *raw)
{
	struct ip_mreqn *req = raw;

	req->imr_ifindex = (int)val->num;
	return sizeof(*req);
}

/* IPv6 has the same numbers. */
const struct lsock_name lsock_mtu_words[] = {
	{ "dont", NULL, IP_PMTUDISC_DONT },
	{ "want", NULL, IP_PMTUDISC_WANT },
	{ "do", NULL, IP_PMTUDISC_DO },
	{ "probe", NULL, IP_PMTUDISC_PROBE },
	{ "interface", NULL, IP_PMTUDISC_INTERFACE },
	{ "omit", NULL, IP_PMTUDISC_OMIT },
	{ }
};

const struct lsock_opt lsock_udp_opts[] = {
	{ SOL_UDP, UDP_CORK, "cork", NULL, BOOL, 0, 1, get_udp_cork,
	  NULL, "collects what is sent, until it is off, as one message" },
	{ SOL_UDP, UDP_GRO, "gro", NULL, BOOL, 0, 1, get_gro,
	  NULL, "receives several messages of a sender at once; a control message tells how long each is" },
	{ SOL_UDP, UDP_SEGMENT, "segment", NULL, INT, 0, USHRT_MAX, get_segment,
	  "bytes", "cuts what is sent at once into messages of this length; 0: it does not" },
	{ }
};

const struct lsock_opt lsock_raw_opts[] = {
	{ SOL_RAW, ICMP_FILTER, "icmp_filter", NULL, INT, 0, U32_MAX, get_icmp_filter,
	  NULL, "a bit for each type of ICMP message that is not wanted" },
	{ }
};

const struct lsock_opt lsock_ip_opts[] = {
	{ SOL_IP, IP_ADD_MEMBERSHIP, "add_membership", NULL, GROUP, 0, INT_MAX, NULL,
	  NULL, "receives what is sent to this group", .pack = pack_group },
	{ SOL_IP, IP_BIND_ADDRESS_NO_PORT, "bind_address_no_port", NULL, BOOL, 0, 1, get_bind_address_no_port,
	  NULL, "bind to port 0 leaves the choice of the port to connect, which has more of them" },
	{ SOL_IP, IP_DROP_MEMBERSHIP, "drop_membership", NULL, GROUP, 0, INT_MAX, NULL,
	  NULL, "ends what add_membership began", .pack = pack_group },
	{ SOL_IP, IP_FREEBIND, "freebind", NULL, BOOL, 0, 1, get_freebind,
	  NULL, "binds to addresses that the machine does not have" },
	{ SOL_IP, IP_HDRINCL, "hdrincl", NULL, BOOL, 0, 1, get_hdrincl,
	  NULL, "what a raw socket sends begins with an IP header" },
	{ SOL_IP, IP_MTU, "mtu", NULL, INT, 0, 0, lsock_get_mtu,
	  "bytes", "the longest packet that the path of the connection takes", .readonly = true },
	{ SOL_IP, IP_MTU_DISCOVER, "mtu_discover", NULL, WORD, IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT, get_mtu_discover,
	  NULL, "whether it finds out how long packets may be on their path, and forbids to cut them up",
	  .words = lsock_mtu_words },
	{ SOL_IP, IP_MULTICAST_ALL, "multicast_all", NULL, BOOL, 0, 1, get_multicast_all,
	  NULL, "receives what is sent to groups that other sockets joined" },
	{ SOL_IP, IP_MULTICAST_IF, "multicast_if", NULL, DEVICE, 0, INT_MAX, get_multicast_if,
	  NULL, "the device that sends to groups; 0: as routes say", .pack = pack_device },
	{ SOL_IP, IP_MULTICAST_LOOP, "multicast_loop", NULL, BOOL, 0, 1, get_multicast_loop,
	  NULL, "what is sent to groups comes to sockets of this machine too" },
	{ SOL_IP, IP_MULTICAST_TTL, "multicast_ttl", NULL, INT, 0, 255, get_multicast_ttl,
	  "hops", "how far what is sent to groups goes" },
	{ SOL_IP, SO_ORIGINAL_DST, "original_dst", NULL, ADDR, 0, 0, LSOCK_ORIGINAL_DST,
	  NULL, "where a TCP connection was going before address translation sent it here", .readonly = true,
	  .lacks = LSOCK_NEEDS(NF_CONNTRACK) },
	{ SOL_IP, IP_PKTINFO, "pktinfo", NULL, BOOL, 0, 1, get_pktinfo,
	  NULL, "tells, as a control message, to which address and device a message came" },
	{ SOL_IP, IP_RECVERR, "recverr", NULL, BOOL, 0, 1, get_recverr,
	  NULL, "tells errors of the network in detail; the flag ERRQUEUE reads them" },
	{ SOL_IP, IP_RECVFRAGSIZE, "recvfragsize", NULL, BOOL, 0, 1, get_recvfragsize,
	  NULL, "tells, as a control message, how long the longest part of a message was that came in parts" },
	{ SOL_IP, IP_RECVORIGDSTADDR, "recvorigdstaddr", NULL, BOOL, 0, 1, get_recvorigdstaddr,
	  NULL, "tells, as a control message, where a redirected message was going" },
	{ SOL_IP, IP_RECVTOS, "recvtos", NULL, BOOL, 0, 1, get_recvtos,
	  NULL, "tells, as a control message, the type of service of a message" },
	{ SOL_IP, IP_RECVTTL, "recvttl", NULL, BOOL, 0, 1, get_recvttl,
	  NULL, "tells, as a control message, the time to live of a message" },
	{ SOL_IP, IP_TOS, "tos", NULL, INT, 0, 255, get_tos,
	  NULL, "the type of service of its packets: DSCP times 4; TCP keeps the lowest two bits to itself" },
	{ SOL_IP, IP_TRANSPARENT, "transparent", NULL, BOOL, 0, 1, get_transparent,
	  NULL, "binds to addresses of others and takes in what goes to them (TPROXY); needs CAP_NET_ADMIN" },
	{ SOL_IP, IP_TTL, "ttl", NULL, INT, -1, 255, get_ttl,
	  "hops", "how far its packets go, 1 or more; -1: the system's default" },
	{ }
};
