// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The options of every socket: SOL_SOCKET. */
#include <linux/bpf_common.h>
#include <linux/cred.h>
#include <linux/jiffies.h>
#include <linux/net_tstamp.h>
#include <linux/netdevice.h>
#include <linux/pid.h>
#include <linux/sock_diag.h>
#include <linux/uidgid.h>
#include <net/busy_poll.h>

#include "opttable.h"

/* Longest busy wait, in µs: the kernel looks for no signal in there. */
#define MAX_BUSY_POLL	100000

LSOCK_GETTER(acceptconn, sk->sk_state == TCP_LISTEN)
LSOCK_GETTER(broadcast, sock_flag(sk, SOCK_BROADCAST))
LSOCK_GETTER(debug, sock_flag(sk, SOCK_DBG))
LSOCK_GETTER(domain, sk->sk_family)
LSOCK_GETTER(dontroute, sock_flag(sk, SOCK_LOCALROUTE))
LSOCK_GETTER(incoming_cpu, READ_ONCE(sk->sk_incoming_cpu))
LSOCK_GETTER(keepalive, sock_flag(sk, SOCK_KEEPOPEN))
LSOCK_GETTER(lock_filter, sock_flag(sk, SOCK_FILTER_LOCKED))
LSOCK_GETTER(mark, READ_ONCE(sk->sk_mark))
/* No limit is the greatest number there is. */
LSOCK_GETTER(max_pacing_rate, (long)READ_ONCE(sk->sk_max_pacing_rate))
LSOCK_GETTER(no_check, sk->sk_no_check_tx)
LSOCK_GETTER(oobinline, sock_flag(sk, SOCK_URGINLINE))
LSOCK_GETTER(priority, READ_ONCE(sk->sk_priority))
LSOCK_GETTER(protocol, sk->sk_protocol)
LSOCK_GETTER(rcvbuf, READ_ONCE(sk->sk_rcvbuf))
LSOCK_GETTER(rcvlowat, READ_ONCE(sk->sk_rcvlowat))
LSOCK_GETTER(reuseaddr, sk->sk_reuse)
LSOCK_GETTER(reuseport, sk->sk_reuseport)
LSOCK_GETTER(rxq_ovfl, sock_flag(sk, SOCK_RXQ_OVFL))
LSOCK_GETTER(sndbuf, READ_ONCE(sk->sk_sndbuf))
LSOCK_GETTER(timestamping, READ_ONCE(sk->sk_tsflags))
LSOCK_GETTER(type, sk->sk_type)

#ifdef CONFIG_NET_RX_BUSY_POLL
LSOCK_GETTER(busy_poll, READ_ONCE(sk->sk_ll_usec))

static int get_napi_id(struct sock *sk, struct lsock_optval *val)
{
	val->num = READ_ONCE(sk->sk_napi_id);
	/* Lesser ones are processors that sent. */
	if (val->num < MIN_NAPI_ID)
		val->num = 0;
	return 0;
}
#else
#define get_busy_poll	NULL
#define get_napi_id	NULL
#endif

static int get_bindtodevice(struct sock *sk, struct lsock_optval *val)
{
	int index = READ_ONCE(sk->sk_bound_dev_if);
	struct net_device *dev;

	if (!index)
		return 0;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(sock_net(sk), index);
	if (dev)
		strscpy(val->text, dev->name, IFNAMSIZ);
	rcu_read_unlock();
	return dev ? 0 : -ENODEV;
}

static int get_cookie(struct sock *sk, struct lsock_optval *val)
{
	u32 halves[2];

	sock_diag_save_cookie(sk, halves);
	val->num = (s64)((u64)halves[1] << 32 | halves[0]);
	return 0;
}

static int get_error(struct sock *sk, struct lsock_optval *val)
{
	val->num = -sock_error(sk);
	if (!val->num)
		val->num = xchg(&sk->sk_err_soft, 0);
	return 0;
}

static int get_linger(struct sock *sk, struct lsock_optval *val)
{
	val->on = sock_flag(sk, SOCK_LINGER);
	val->num = READ_ONCE(sk->sk_lingertime) / HZ;
	return 0;
}

/* As the user namespace and the process namespace of who asks see the peer. */
static int get_peercred(struct sock *sk, struct lsock_optval *val)
{
	struct ucred *peer = (struct ucred *)val->raw;
	struct user_namespace *ns = current_user_ns();
	const struct cred *cred;

	if (sk->sk_family != AF_UNIX)
		return -EOPNOTSUPP;
	spin_lock(&sk->sk_peer_lock);
	cred = sk->sk_peer_cred;
	if (cred) {
		peer->pid = pid_vnr(sk->sk_peer_pid);
		peer->uid = from_kuid_munged(ns, cred->euid);
		peer->gid = from_kgid_munged(ns, cred->egid);
	}
	spin_unlock(&sk->sk_peer_lock);
	return cred ? 0 : -ENOTCONN;
}

static s64 lsock_timeo_ms(long timeo)
{
	return timeo == MAX_SCHEDULE_TIMEOUT ? 0 : jiffies_to_msecs(timeo);
}

LSOCK_GETTER(rcvtimeo, lsock_timeo_ms(READ_ONCE(sk->sk_rcvtimeo)))
LSOCK_GETTER(sndtimeo, lsock_timeo_ms(READ_ONCE(sk->sk_sndtimeo)))

static bool has_timestamp(const struct sock *sk, bool ns)
{
	return sock_flag(sk, SOCK_RCVTSTAMP) &&
	       sock_flag(sk, SOCK_TSTAMP_NEW) &&
	       sock_flag(sk, SOCK_RCVTSTAMPNS) == ns;
}

LSOCK_GETTER(timestamp, has_timestamp(sk, false))
LSOCK_GETTER(timestampns, has_timestamp(sk, true))

static const struct lsock_field peercred_fields[] = {
	{ "pid", offsetof(struct ucred, pid), 4 },
	{ "uid", offsetof(struct ucred, uid), 4 },
	{ "gid", offsetof(struct ucred, gid), 4 },
	{ }
};

static const struct lsock_name timestamping_words[] = {
	{ "tx_hardware", NULL, SOF_TIMESTAMPING_TX_HARDWARE },
	{ "tx_software", NULL, SOF_TIMESTAMPING_TX_SOFTWARE },
	{ "rx_hardware", NULL, SOF_TIMESTAMPING_RX_HARDWARE },
	{ "rx_software", NULL, SOF_TIMESTAMPING_RX_SOFTWARE },
	{ "software", NULL, SOF_TIMESTAMPING_SOFTWARE },
	{ "raw_hardware", NULL, SOF_TIMESTAMPING_RAW_HARDWARE },
	{ "opt_id", NULL, SOF_TIMESTAMPING_OPT_ID },
	{ "tx_sched", NULL, SOF_TIMESTAMPING_TX_SCHED },
	{ "tx_ack", NULL, SOF_TIMESTAMPING_TX_ACK },
	{ "opt_cmsg", NULL, SOF_TIMESTAMPING_OPT_CMSG },
	{ "opt_tsonly", NULL, SOF_TIMESTAMPING_OPT_TSONLY },
	{ "opt_stats", NULL, SOF_TIMESTAMPING_OPT_STATS },
	{ "opt_pktinfo", NULL, SOF_TIMESTAMPING_OPT_PKTINFO },
	{ "opt_tx_swhw", NULL, SOF_TIMESTAMPING_OPT_TX_SWHW },
	{ }
};

const struct lsock_opt lsock_socket_opts[] = {
	{ SOL_SOCKET, SO_ACCEPTCONN, "acceptconn", NULL, BOOL, 0, 1, get_acceptconn,
	  NULL, "whether it listens", .readonly = true },
	{ SOL_SOCKET, SO_ATTACH_FILTER, "attach_filter", NULL, FILTER, 1, BPF_MAXINSNS, NULL,
	  NULL, "takes in only what this program accepts; on TCP it needs CAP_NET_ADMIN",
	  .set = lsock_attach_filter },
	{ SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, "attach_reuseport_cbpf", NULL, FILTER, 1, BPF_MAXINSNS, NULL,
	  NULL, "lets this program choose, by number, which socket of a reuseport group gets a connection or message",
	  .set = lsock_attach_reuseport },
	{ SOL_SOCKET, SO_BINDTODEVICE, "bindtodevice", NULL, TEXT, 0, IFNAMSIZ - 1, get_bindtodevice,
	  NULL, "talks over this network device alone; an empty string: over any" },
	{ SOL_SOCKET, SO_BROADCAST, "broadcast", "b", BOOL, 0, 1, get_broadcast,
	  NULL, "may send to broadcast addresses" },
	{ SOL_SOCKET, SO_BUSY_POLL, "busy_poll", NULL, INT, 0, MAX_BUSY_POLL, get_busy_poll,
	  "µs", "how long a call looks for data at the device itself before it waits",
	  .lacks = LSOCK_NEEDS(NET_RX_BUSY_POLL) },
	{ SOL_SOCKET, SO_COOKIE, "cookie", NULL, LONG, 0, 0, get_cookie,
	  NULL, "a number that no other socket has", .readonly = true },
	{ SOL_SOCKET, SO_DEBUG, "debug", "d", BOOL, 0, 1, get_debug,
	  NULL, "records what helps to debug; needs CAP_NET_ADMIN" },
	{ SOL_SOCKET, SO_DETACH_FILTER, "detach_filter", NULL, NONE, 0, 0, NULL,
	  NULL, "removes the program of attach_filter", .set = lsock_detach_filter },
	{ SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, "detach_reuseport_bpf", NULL, NONE, 0, 0, NULL,
	  NULL, "removes the program of attach_reuseport_cbpf", .set = lsock_detach_reuseport },
	{ SOL_SOCKET, SO_DOMAIN, "domain", NULL, INT, 0, 0, get_domain,
	  NULL, "the number of its family, AF_*", .readonly = true },
	{ SOL_SOCKET, SO_DONTROUTE, "dontroute", "dt", BOOL, 0, 1, get_dontroute,
	  NULL, "sends to hosts of the same link alone" },
	{ SOL_SOCKET, SO_ERROR, "error", "e", INT, 0, 0, get_error,
	  NULL, "the errno of what went wrong since it was read last, or 0", .readonly = true },
	{ SOL_SOCKET, SO_INCOMING_CPU, "incoming_cpu", NULL, INT, -1, INT_MAX, get_incoming_cpu,
	  NULL, "the processor that took its last packet in; of a reuseport group, the one that this socket is for" },
	{ SOL_SOCKET, SO_KEEPALIVE, "keepalive", "k", BOOL, 0, 1, get_keepalive,
	  NULL, "probes whether an idle peer is alive" },
	{ SOL_SOCKET, SO_LINGER, "linger", "l", LINGER, 0, INT_MAX, get_linger,
	  "s", "how long close() waits for unsent data; 0: it resets the connection" },
	{ SOL_SOCKET, SO_LOCK_FILTER, "lock_filter", NULL, BOOL, 0, 1, get_lock_filter,
	  NULL, "keeps the programs from being changed, for good" },
	{ SOL_SOCKET, SO_MARK, "mark", NULL, INT, 0, U32_MAX, get_mark,
	  NULL, "the mark of its packets, for routing and filters; needs CAP_NET_ADMIN" },
	{ SOL_SOCKET, SO_MAX_PACING_RATE, "max_pacing_rate", NULL, LONG, -1, S64_MAX, get_max_pacing_rate,
	  "bytes/s", "sends no faster than this; -1: no limit" },
	{ SOL_SOCKET, SO_INCOMING_NAPI_ID, "napi_id", NULL, INT, 0, 0, get_napi_id,
	  NULL, "the device queue that its last packet came from, or 0", .readonly = true,
	  .lacks = LSOCK_NEEDS(NET_RX_BUSY_POLL) },
	{ SOL_SOCKET, SO_NO_CHECK, "no_check", "n", BOOL, 0, 1, get_no_check,
	  NULL, "sends UDP without checksums" },
	{ SOL_SOCKET, SO_OOBINLINE, "oobinline", "o", BOOL, 0, 1, get_oobinline,
	  NULL, "puts urgent bytes among the others" },
	{ SOL_SOCKET, SO_PEERCRED, "peercred", NULL, TABLE, 0, 0, get_peercred,
	  NULL, "who a Unix socket is connected to", .readonly = true, .fields = peercred_fields },
	{ SOL_SOCKET, SO_PRIORITY, "priority", "p", INT, 0, U32_MAX, get_priority,
	  NULL, "the priority of its packets; above 6 it needs CAP_NET_ADMIN" },
	{ SOL_SOCKET, SO_PROTOCOL, "protocol", NULL, INT, 0, 0, get_protocol,
	  NULL, "the number of its protocol, IPPROTO_*", .readonly = true },
	{ SOL_SOCKET, SO_RCVBUF, "rcvbuf", "r", INT, 0, INT_MAX, get_rcvbuf,
	  "bytes", "its buffer for what is received, at most net.core.rmem_max; the kernel doubles the number" },
	{ SOL_SOCKET, SO_RCVBUFFORCE, "rcvbufforce", "rf", INT, 0, INT_MAX, NULL,
	  "bytes", "the same without that limit; needs CAP_NET_ADMIN" },
	{ SOL_SOCKET, SO_RCVLOWAT, "rcvlowat", NULL, INT, 0, INT_MAX, get_rcvlowat,
	  "bytes", "how much a receiving call waits for, and a poll set calls readable" },
	{ SOL_SOCKET, SO_RCVTIMEO_NEW, "rcvtimeo", NULL, MS, 0, INT_MAX, get_rcvtimeo,
	  "ms", "how long a receiving call, or accept, waits; 0 or nil: without a limit" },
	{ SOL_SOCKET, SO_REUSEADDR, "reuseaddr", "ra", BOOL, 0, 1, get_reuseaddr,
	  NULL, "binds to a port though connections of it are still ending" },
	{ SOL_SOCKET, SO_REUSEPORT, "reuseport", "rp", BOOL, 0, 1, get_reuseport,
	  NULL, "lets several sockets have the same port; they share what comes" },
	{ SOL_SOCKET, SO_RXQ_OVFL, "rxq_ovfl", NULL, BOOL, 0, 1, get_rxq_ovfl,
	  NULL, "tells, as a control message, how many messages were lost for want of room" },
	{ SOL_SOCKET, SO_SNDBUF, "sndbuf", "s", INT, 0, INT_MAX, get_sndbuf,
	  "bytes", "its buffer for what is sent, at most net.core.wmem_max; the kernel doubles the number" },
	{ SOL_SOCKET, SO_SNDBUFFORCE, "sndbufforce", "sf", INT, 0, INT_MAX, NULL,
	  "bytes", "the same without that limit; needs CAP_NET_ADMIN" },
	{ SOL_SOCKET, SO_SNDTIMEO_NEW, "sndtimeo", NULL, MS, 0, INT_MAX, get_sndtimeo,
	  "ms", "how long a sending call, or connect, waits; 0 or nil: without a limit" },
	{ SOL_SOCKET, SO_TIMESTAMP_NEW, "timestamp", NULL, BOOL, 0, 1, get_timestamp,
	  NULL, "tells, as a control message, when a message came, in µs" },
	{ SOL_SOCKET, SO_TIMESTAMPING_NEW, "timestamping", NULL, MASK, 0, SOF_TIMESTAMPING_MASK, get_timestamping,
	  NULL, "which time stamps of what it sends and receives are told, as control messages",
	  .words = timestamping_words },
	{ SOL_SOCKET, SO_TIMESTAMPNS_NEW, "timestampns", NULL, BOOL, 0, 1, get_timestampns,
	  NULL, "tells, as a control message, when a message came, in ns" },
	{ SOL_SOCKET, SO_TYPE, "type", "t", INT, 0, 0, get_type,
	  NULL, "the number of its type, SOCK_*", .readonly = true },
	{ }
};
