// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The options of TCP: SOL_TCP. */
#include <linux/jiffies.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include "opttable.h"

/* Seconds that 255 retransmissions of a SYN-ACK take: more cannot be counted. */
#define MAX_DEFER_ACCEPT	29887
#define MAX_LINGER2		(TCP_FIN_TIMEOUT_MAX / HZ)

LSOCK_GETTER(cork, !!(tcp_sk(sk)->nonagle & TCP_NAGLE_CORK))
LSOCK_GETTER(fastopen, READ_ONCE(inet_csk(sk)->icsk_accept_queue.fastopenq.max_qlen))
LSOCK_GETTER(fastopen_connect, tcp_sk(sk)->fastopen_connect)
LSOCK_GETTER(inq, tcp_sk(sk)->recvmsg_inq)
LSOCK_GETTER(keepcnt, keepalive_probes(tcp_sk(sk)))
LSOCK_GETTER(keepidle, keepalive_time_when(tcp_sk(sk)) / HZ)
LSOCK_GETTER(keepintvl, keepalive_intvl_when(tcp_sk(sk)) / HZ)
LSOCK_GETTER(nodelay, !!(tcp_sk(sk)->nonagle & TCP_NAGLE_OFF))
LSOCK_GETTER(notsent_lowat, READ_ONCE(tcp_sk(sk)->notsent_lowat))
LSOCK_GETTER(quickack, !inet_csk_in_pingpong_mode(sk))
LSOCK_GETTER(rto_max, jiffies_to_msecs(compat_tcp_rto_max(sk)))
LSOCK_GETTER(syncnt, READ_ONCE(inet_csk(sk)->icsk_syn_retries) ?:
	     READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_syn_retries))
LSOCK_GETTER(user_timeout, READ_ONCE(inet_csk(sk)->icsk_user_timeout))
LSOCK_GETTER(window_clamp, READ_ONCE(tcp_sk(sk)->window_clamp))

static int get_congestion(struct sock *sk, struct lsock_optval *val)
{
	static_assert(sizeof(val->text) >= TCP_CA_NAME_MAX);

	strscpy(val->text, inet_csk(sk)->icsk_ca_ops->name, TCP_CA_NAME_MAX);
	return 0;
}

/* The kernel counts retransmissions, the time between which doubles. */
static int get_defer_accept(struct sock *sk, struct lsock_optval *val)
{
	u8 n = READ_ONCE(inet_csk(sk)->icsk_accept_queue.rskq_defer_accept);
	int timeout = TCP_TIMEOUT_INIT / HZ;

	for (; n; n--) {
		val->num += timeout;
		timeout = min_t(int, timeout * 2, TCP_RTO_MAX / HZ);
	}
	return 0;
}

static int get_linger2(struct sock *sk, struct lsock_optval *val)
{
	val->num = READ_ONCE(tcp_sk(sk)->linger2);
	if (!val->num)
		val->num = READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_fin_timeout);
	val->num = val->num < 0 ? -1 : val->num / HZ;
	return 0;
}

static int get_maxseg(struct sock *sk, struct lsock_optval *val)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int wish = READ_ONCE(tp->rx_opt.user_mss);

	val->num = tp->mss_cache;
	if (wish && (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		val->num = wish;
	return 0;
}

/* What tcp_get_info() tells, and its bit fields once more as bytes. */
struct lsock_tcp_info {
	struct tcp_info info;
	u8 snd_wscale;
	u8 rcv_wscale;
	u8 app_limited;
	u8 fastopen_fail;
};

static int get_info(struct sock *sk, struct lsock_optval *val)
{
	struct lsock_tcp_info *res = (struct lsock_tcp_info *)val->raw;

	static_assert(sizeof(*res) <= sizeof(val->raw));

	tcp_get_info(sk, &res->info);
	res->snd_wscale = res->info.tcpi_snd_wscale;
	res->rcv_wscale = res->info.tcpi_rcv_wscale;
	res->app_limited = res->info.tcpi_delivery_rate_app_limited;
	res->fastopen_fail = res->info.tcpi_fastopen_client_fail;
	return 0;
}

#define LSOCK_INFO(field)						\
	{ #field, offsetof(struct tcp_info, tcpi_##field),		\
	  sizeof_field(struct tcp_info, tcpi_##field) },
#define LSOCK_INFO_BITS(field, name)					\
	{ name, offsetof(struct lsock_tcp_info, field), 1 },

static const struct lsock_field info_fields[] = {
	LSOCK_INFO(state)
	LSOCK_INFO(ca_state)
	LSOCK_INFO(retransmits)
	LSOCK_INFO(probes)
	LSOCK_INFO(backoff)
	LSOCK_INFO(options)
	LSOCK_INFO_BITS(snd_wscale, "snd_wscale")
	LSOCK_INFO_BITS(rcv_wscale, "rcv_wscale")
	LSOCK_INFO_BITS(app_limited, "delivery_rate_app_limited")
	LSOCK_INFO_BITS(fastopen_fail, "fastopen_client_fail")
	LSOCK_INFO(rto)
	LSOCK_INFO(ato)
	LSOCK_INFO(snd_mss)
	LSOCK_INFO(rcv_mss)
	LSOCK_INFO(unacked)
	LSOCK_INFO(sacked)
	LSOCK_INFO(lost)
	LSOCK_INFO(retrans)
	LSOCK_INFO(last_data_sent)
	LSOCK_INFO(last_data_recv)
	LSOCK_INFO(last_ack_recv)
	LSOCK_INFO(pmtu)
	LSOCK_INFO(rcv_ssthresh)
	LSOCK_INFO(rtt)
	LSOCK_INFO(rttvar)
	LSOCK_INFO(snd_ssthresh)
	LSOCK_INFO(snd_cwnd)
	LSOCK_INFO(advmss)
	LSOCK_INFO(reordering)
	LSOCK_INFO(rcv_rtt)
	LSOCK_INFO(rcv_space)
	LSOCK_INFO(total_retrans)
	LSOCK_INFO(pacing_rate)
	LSOCK_INFO(max_pacing_rate)
	LSOCK_INFO(bytes_acked)
	LSOCK_INFO(bytes_received)
	LSOCK_INFO(segs_out)
	LSOCK_INFO(segs_in)
	LSOCK_INFO(notsent_bytes)
	LSOCK_INFO(min_rtt)
	LSOCK_INFO(data_segs_in)
	LSOCK_INFO(data_segs_out)
	LSOCK_INFO(delivery_rate)
	LSOCK_INFO(busy_time)
	LSOCK_INFO(rwnd_limited)
	LSOCK_INFO(sndbuf_limited)
	LSOCK_INFO(delivered)
	LSOCK_INFO(delivered_ce)
	LSOCK_INFO(bytes_sent)
	LSOCK_INFO(bytes_retrans)
	LSOCK_INFO(dsack_dups)
	LSOCK_INFO(reord_seen)
	LSOCK_INFO(rcv_ooopack)
	LSOCK_INFO(snd_wnd)
	compat_if_6_2(LSOCK_INFO(rcv_wnd))
	compat_if_6_2(LSOCK_INFO(rehash))
	compat_if_6_7(LSOCK_INFO(total_rto))
	compat_if_6_7(LSOCK_INFO(total_rto_recoveries))
	compat_if_6_7(LSOCK_INFO(total_rto_time))
	{ }
};

const struct lsock_opt lsock_tcp_opts[] = {
	{ SOL_TCP, TCP_CONGESTION, "congestion", NULL, TEXT, 1, TCP_CA_NAME_MAX - 1, get_congestion,
	  NULL, "the algorithm that controls congestion, such as cubic or reno" },
	{ SOL_TCP, TCP_CORK, "cork", NULL, BOOL, 0, 1, get_cork,
	  NULL, "sends full segments alone, until it is off, or for 200 ms" },
	{ SOL_TCP, TCP_DEFER_ACCEPT, "defer_accept", NULL, INT, 0, MAX_DEFER_ACCEPT, get_defer_accept,
	  "s", "how long a listener keeps a connection back until its first data comes; rounded up" },
	{ SOL_TCP, TCP_FASTOPEN, "fastopen", NULL, INT, 0, INT_MAX, get_fastopen,
	  NULL, "how many connections with data in their first packet a listener lets wait, at most net.core.somaxconn" },
	{ SOL_TCP, TCP_FASTOPEN_CONNECT, "fastopen_connect", NULL, BOOL, 0, 1, get_fastopen_connect,
	  NULL, "connects with the first data that is sent" },
	{ SOL_TCP, TCP_INFO, "info", NULL, TABLE, 0, 0, get_info,
	  NULL, "the state of the connection: times in µs, but last_* and total_rto_time in ms", .readonly = true, .unlocked = true,
	  .fields = info_fields },
	{ SOL_TCP, TCP_INQ, "inq", NULL, BOOL, 0, 1, get_inq,
	  NULL, "tells, as a control message, how many bytes are there yet" },
	{ SOL_TCP, TCP_KEEPCNT, "keepcnt", NULL, INT, 1, MAX_TCP_KEEPCNT, get_keepcnt,
	  NULL, "how many keepalive probes without an answer end the connection" },
	{ SOL_TCP, TCP_KEEPIDLE, "keepidle", NULL, INT, 1, MAX_TCP_KEEPIDLE, get_keepidle,
	  "s", "how long it is idle before the first keepalive probe" },
	{ SOL_TCP, TCP_KEEPINTVL, "keepintvl", NULL, INT, 1, MAX_TCP_KEEPINTVL, get_keepintvl,
	  "s", "how long it is from one keepalive probe to the next" },
	{ SOL_TCP, TCP_LINGER2, "linger2", NULL, INT, -1, MAX_LINGER2, get_linger2,
	  "s", "how long the peer may take to close its side after ours; 0: the system's default, -1: no time" },
	{ SOL_TCP, TCP_MAXSEG, "maxseg", NULL, INT, 0, MAX_TCP_WINDOW, get_maxseg,
	  "bytes", "the longest segment, to be set before it connects: 88 or more, 0 for what the path allows" },
	{ SOL_TCP, TCP_NODELAY, "nodelay", NULL, BOOL, 0, 1, get_nodelay,
	  NULL, "sends at once, without collecting small pieces" },
	{ SOL_TCP, TCP_NOTSENT_LOWAT, "notsent_lowat", NULL, INT, 0, U32_MAX, get_notsent_lowat,
	  "bytes", "how much that is not sent yet still counts as writable" },
	{ SOL_TCP, TCP_QUICKACK, "quickack", NULL, BOOL, 0, 1, get_quickack,
	  NULL, "acknowledges at once, for now" },
	{ SOL_TCP, TCP_RTO_MAX_MS, "rto_max", NULL, INT, 1000, 120000, get_rto_max,
	  "ms", "the longest time from one retransmission to the next",
	  .lacks = compat_since(6, 15) },
	{ SOL_TCP, TCP_SYNCNT, "syncnt", NULL, INT, 1, MAX_TCP_SYNCNT, get_syncnt,
	  NULL, "how many times connect repeats itself" },
	{ SOL_TCP, TCP_USER_TIMEOUT, "user_timeout", NULL, INT, 0, INT_MAX, get_user_timeout,
	  "ms", "how long what is sent may stay unacknowledged before the connection ends; 0: the system's default" },
	{ SOL_TCP, TCP_WINDOW_CLAMP, "window_clamp", NULL, INT, 0, INT_MAX, get_window_clamp,
	  "bytes", "the largest window that it offers" },
	{ }
};
