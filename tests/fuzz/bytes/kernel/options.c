// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * In place of socket/opt_*.c, whose rows and readers are all about the inside
 * of real sockets: options of every kind, which have any value.
 */
#include "kernel.h"
#include "socket/lsock.h"
#include "socket/opttable.h"

LSOCK_GETTER(number, (s64)world_answer() << 56 >> (world_answer() & 63))

static int get_linger(struct sock *sk, struct lsock_optval *val)
{
	val->on = sock_flag(sk, SOCK_LINGER);
	val->num = sk->sk_lingertime;
	return 0;
}

static int get_text(struct sock *sk, struct lsock_optval *val)
{
	memset(val->text, world_answer(), world_answer() % sizeof(val->text));
	return 0;
}

static int get_raw(struct sock *sk, struct lsock_optval *val)
{
	memset(val->raw, world_answer(), sizeof(val->raw));
	val->why = "it is not to be";
	return world_answer() & 1 ? -ENOTCONN : 0;
}

static int get_addr(struct sock *sk, struct lsock_optval *val)
{
	struct sockaddr_in *in = (struct sockaddr_in *)val->addr.storage;

	in->sin_family = world_answer() & 1 ? AF_INET : world_answer();
	val->addr.len = world_answer() % 32;
	return 0;
}

static int set_program(struct sock *sk, const struct lsock_optval *val)
{
	world_check(val->len >= 1 && val->len <= 4096, "length of a program");
	world_touch(val->insns, val->len * sizeof(*val->insns));
	return world_answer() & 1 ? -EINVAL : 0;
}

static int set_nothing(struct sock *sk, const struct lsock_optval *val)
{
	return world_answer() & 1 ? -ENOENT : 0;
}

static unsigned int pack_group(const struct lsock_optval *val, void *raw)
{
	world_check(val->addr.len == sizeof(struct sockaddr_in), "address of a group");
	memcpy(raw, val->addr.storage, val->addr.len);
	return val->addr.len;
}

static const struct lsock_name words[] = {
	{ "dont", NULL, 0 }, { "want", NULL, 1 }, { "do", NULL, 2 }, { }
};

static const struct lsock_name bits[] = {
	{ "software", NULL, 16 }, { "rx_software", NULL, 8 }, { "tx_ack", NULL, 512 }, { }
};

static const struct lsock_field fields[] = {
	{ "state", 0, 1 }, { "half", 2, 2 }, { "rtt", 4, 4 }, { "bytes_sent", LSOCK_OPT_RAW_SIZE - 8, 8 }, { }
};

const struct lsock_opt lsock_socket_opts[] = {
	{ SOL_SOCKET, 51, "attach_reuseport_cbpf", NULL, FILTER, 1, 4096, NULL, NULL, "", .set = set_program },
	{ SOL_SOCKET, SO_BINDTODEVICE, "bindtodevice", NULL, TEXT, 0, 15, get_text, NULL, "" },
	{ SOL_SOCKET, 57, "cookie", NULL, LONG, 0, 0, get_number, NULL, "", .readonly = true },
	{ SOL_SOCKET, SO_DETACH_FILTER, "detach_filter", NULL, NONE, 0, 0, NULL, NULL, "", .set = set_nothing },
	{ SOL_SOCKET, SO_ERROR, "error", "e", INT, 0, 0, get_number, NULL, "", .readonly = true },
	{ SOL_SOCKET, SO_LINGER, "linger", "l", LINGER, 0, INT_MAX, get_linger, "s", "" },
	{ SOL_SOCKET, SO_MARK, "mark", NULL, INT, 0, 0xffffffff, get_number, NULL, "" },
	{ SOL_SOCKET, 47, "max_pacing_rate", NULL, LONG, -1, LLONG_MAX, get_number, "bytes/s", "" },
	{ SOL_SOCKET, SO_RCVBUFFORCE, "rcvbufforce", "rf", INT, 0, INT_MAX, NULL, "bytes", "" },
	{ SOL_SOCKET, SO_RCVTIMEO_NEW, "rcvtimeo", NULL, MS, 0, INT_MAX, get_number, "ms", "" },
	{ SOL_SOCKET, SO_REUSEADDR, "reuseaddr", "ra", BOOL, 0, 1, get_number, NULL, "" },
	{ SOL_SOCKET, SO_TIMESTAMPING_NEW, "timestamping", NULL, MASK, 0, 0x7fff, get_number, NULL, "", .words = bits },
	{ }
};

const struct lsock_opt lsock_tcp_opts[] = {
	{ SOL_TCP, 13, "congestion", NULL, TEXT, 1, 15, get_text, NULL, "" },
	{ SOL_TCP, TCP_INFO, "info", NULL, TABLE, 0, 0, get_raw, NULL, "", .readonly = true, .unlocked = true,
	  .fields = fields },
	{ SOL_TCP, TCP_KEEPIDLE, "keepidle", NULL, INT, 1, 32767, get_number, "s", "" },
	{ SOL_TCP, TCP_NODELAY, "nodelay", NULL, BOOL, 0, 1, get_number, NULL, "" },
	{ SOL_TCP, 44, "rto_max", NULL, INT, 1000, 120000, get_number, "ms", "", .lacks = "it is to come" },
	{ }
};

const struct lsock_opt lsock_udp_opts[] = { { } };
const struct lsock_opt lsock_raw_opts[] = { { } };

const struct lsock_opt lsock_ip_opts[] = {
	{ SOL_IP, IP_ADD_MEMBERSHIP, "add_membership", NULL, GROUP, 0, INT_MAX, NULL, NULL, "", .pack = pack_group },
	{ SOL_IP, IP_MTU_DISCOVER, "mtu_discover", NULL, WORD, 0, 5, get_number, NULL, "", .words = words },
	{ SOL_IP, IP_MULTICAST_IF, "multicast_if", NULL, DEVICE, 0, INT_MAX, get_number, NULL, "" },
	{ SOL_IP, 80, "original_dst", NULL, ADDR, 0, 0, get_addr, NULL, "", .readonly = true },
	{ SOL_IP, IP_TTL, "ttl", NULL, INT, -1, 255, get_number, "hops", "" },
	{ }
};

const struct lsock_opt lsock_ipv6_opts[] = { { } };

/* No socket has a program. */
void lsock_end_programs(struct lsock *ls)
{
}

int lsock_charge_inherited(struct lsock *ls)
{
	return 0;
}
