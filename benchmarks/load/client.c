// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The client of the yardstick: one request of each flow is under way, and each transaction is timed. */
#include "peer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct flow {
	int fd;
	bool connecting;
	unsigned int got;
	uint64_t begun;
};

/* How many transactions took how long, by the power of two of the nanoseconds. */
static uint64_t counts[64];

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void begin(const struct plan *plan, struct flow *flow)
{
	flow->got = 0;
	flow->begun = now();
	if (send(flow->fd, buffer, plan->bytes, MSG_NOSIGNAL) != (ssize_t)plan->bytes)
		die("send");
}

/* Connections of tcp_crr end with a reset, since else their ports would be taken for a minute. */
static void open_flow(const struct plan *plan, int epoll, struct flow *flow)
{
	struct linger reset = { .l_onoff = 1 };
	int one = 1;

	flow->fd = socket(AF_INET, (plan->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);
	if (flow->fd < 0)
		die("socket");
	if (!plan->udp)
		setsockopt(flow->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (plan->connects)
		setsockopt(flow->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (connect(flow->fd, (const struct sockaddr *)&plan->address, sizeof(plan->address)) && errno != EINPROGRESS)
		die("connect");
	flow->connecting = !plan->udp;
	watch(epoll, EPOLL_CTL_ADD, flow->fd, plan->udp ? EPOLLIN : EPOLLOUT, flow);
	if (plan->udp)
		begin(plan, flow);
}

/* Does what can be done; whether a transaction has ended. */
static bool proceed(const struct plan *plan, int epoll, struct flow *flow)
{
	ssize_t n;

	if (flow->connecting) {
		flow->connecting = false;
		watch(epoll, EPOLL_CTL_MOD, flow->fd, EPOLLIN, flow);
		begin(plan, flow);
		return false;
	}
	n = recv(flow->fd, buffer, plan->bytes - flow->got, 0);
	if (n <= 0)
		die("recv");
	flow->got += n;
	if (flow->got < plan->bytes)
		return false;
	counts[63 - __builtin_clzll((now() - flow->begun) | 1)]++;
	if (plan->connects) {
		close(flow->fd);
		open_flow(plan, epoll, flow);
	} else {
		begin(plan, flow);
	}
	return true;
}

void run(const struct plan *plan)
{
	struct flow *flows = calloc(plan->flows, sizeof(*flows));
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(0);
	uint64_t done = 0, start;
	unsigned int i;

	if (!flows)
		die("calloc");
	start = now();
	for (i = 0; i < plan->flows; i++)
		open_flow(plan, epoll, &flows[i]);
	while (now() - start < plan->length) {
		int k, n = epoll_wait(epoll, events, EVENTS, 1000);

		for (k = 0; k < n; k++)
			done += proceed(plan, epoll, events[k].data.ptr);
	}
	printf("%lu %lu\n", done, now() - start);
}
