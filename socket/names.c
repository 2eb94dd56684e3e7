// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The words and letters that scripts may use for the kernel's numbers. Single
 * letters are those of the 2018 library, where it had one.
 */
#include "socket.h"

#include <linux/in.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/socket.h>

const struct lsock_name lsock_families[] = {
	{ "inet", "i", AF_INET },
	{ "inet6", "i6", AF_INET6 },
	{ "unix", "x", AF_UNIX },
	{ "packet", "p", AF_PACKET },
	{ }
};

const struct lsock_name lsock_types[] = {
	{ "tcp", "t", SOCK_STREAM },
	{ "udp", "u", SOCK_DGRAM },
	{ "stream", NULL, SOCK_STREAM },
	{ "dgram", NULL, SOCK_DGRAM },
	{ "seqpacket", NULL, SOCK_SEQPACKET },
	{ "raw", "r", SOCK_RAW },
	{ }
};

const struct lsock_name lsock_levels[] = {
	{ "socket", "s", SOL_SOCKET },
	{ "tcp", "t", SOL_TCP },
	{ "udp", "u", SOL_UDP },
	{ "raw", "r", SOL_RAW },
	{ "ip", "i", SOL_IP },
	{ "ipv6", "i6", SOL_IPV6 },
	{ }
};

const struct lsock_name lsock_flags[] = {
	{ "DONTWAIT", "D", MSG_DONTWAIT },
	{ "PEEK", "P", MSG_PEEK },
	{ "TRUNC", "T", MSG_TRUNC },
	{ "WAITALL", "W", MSG_WAITALL },
	{ "MORE", "M", MSG_MORE },
	{ "OOB", "O", MSG_OOB },
	{ "DONTROUTE", "R", MSG_DONTROUTE },
	{ "ERRQUEUE", "E", MSG_ERRQUEUE },
	{ "NOSIGNAL", "N", MSG_NOSIGNAL },
	{ "CONFIRM", "C", MSG_CONFIRM },
	{ "FASTOPEN", "F", MSG_FASTOPEN },
	{ "EOR", NULL, MSG_EOR },
	{ "CTRUNC", NULL, MSG_CTRUNC },
	{ }
};

const struct lsock_name lsock_shuts[] = {
	{ "read", "r", SHUT_RD },
	{ "write", "w", SHUT_WR },
	{ "both", "rw", SHUT_RDWR },
	{ }
};

/* EPOLLET itself is the sign of an int. This bit is EPOLLWAKEUP's, which sets do not know. */
#define EDGE	(1 << 29)

const struct lsock_name lsock_events[] = {
	{ "IN", "r", (__force int)EPOLLIN },
	{ "PRI", "p", (__force int)EPOLLPRI },
	{ "OUT", "w", (__force int)EPOLLOUT },
	{ "ERR", NULL, (__force int)EPOLLERR },
	{ "HUP", NULL, (__force int)EPOLLHUP },
	{ "RDHUP", "h", (__force int)EPOLLRDHUP },
	{ "ONESHOT", "1", (__force int)EPOLLONESHOT },
	{ "ET", "e", EDGE },
	{ }
};

/* None of them makes the kernel keep, or look for, memory of the script. */
const int lsock_send_flags = MSG_DONTWAIT | MSG_MORE | MSG_OOB |
			     MSG_DONTROUTE | MSG_NOSIGNAL | MSG_CONFIRM |
			     MSG_FASTOPEN | MSG_EOR;
const int lsock_recv_flags = MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC |
			     MSG_WAITALL | MSG_OOB | MSG_ERRQUEUE |
			     MSG_NOSIGNAL;
/* For accept and connect: the two ways to say that they shall not wait. */
const int lsock_wait_flags = MSG_DONTWAIT | O_NONBLOCK;
/* For what looks for the end of a line. */
const int lsock_line_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
const int lsock_more_flag = MSG_MORE;
const int lsock_peek_flag = MSG_PEEK;
const int lsock_waitall_flag = MSG_WAITALL;
const int lsock_fastopen_flag = MSG_FASTOPEN;
/* Time-outs do not apply to what never waits. */
const int lsock_instant_flags = MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE;
const int lsock_dontwait_flag = MSG_DONTWAIT;
/* What the kernel may tell about a message that was received. */
const int lsock_result_flags = MSG_TRUNC | MSG_CTRUNC | MSG_OOB | MSG_EOR |
			       MSG_ERRQUEUE;

const int lsock_poll_events = (__force int)(EPOLLIN | EPOLLPRI | EPOLLOUT |
					    EPOLLERR | EPOLLHUP | EPOLLRDHUP);
const int lsock_default_events = (__force int)EPOLLIN;
const int lsock_oneshot = (__force int)EPOLLONESHOT;
const int lsock_edge = EDGE;
