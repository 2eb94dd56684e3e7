// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The server of the yardstick: answers each request when all of it is there. */
#include "peer.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
	int fd;
	unsigned int got;
};

static void take(int epoll, int listener)
{
	int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	struct connection *c;

	if (fd < 0)
		return;
	c = malloc(sizeof(*c));
	if (!c)
		die("malloc");
	*c = (struct connection){ .fd = fd };
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, c);
}

static void answer(const struct plan *plan, struct connection *c)
{
	ssize_t n = recv(c->fd, buffer, plan->bytes - c->got, 0);

	if (n <= 0) {
		close(c->fd);
		free(c);
		return;
	}
	c->got += n;
	if (c->got < plan->bytes)
		return;
	c->got = 0;
	send(c->fd, buffer, plan->bytes, MSG_NOSIGNAL);
}

static void answer_datagram(int fd)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, buffer, ROOM, 0, (struct sockaddr *)&from, &len);

	if (n > 0)
		sendto(fd, buffer, n, 0, (struct sockaddr *)&from, len);
}

void serve(const struct plan *plan)
{
	int one = 1, fd = socket(AF_INET, (plan->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&plan->address, sizeof(plan->address)))
		die("bind");
	if (!plan->udp && listen(fd, 4096))
		die("listen");
	watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, NULL);
	for (;;) {
		int i, n = epoll_wait(epoll, events, EVENTS, -1);

		for (i = 0; i < n; i++) {
			if (events[i].data.ptr)
				answer(plan, events[i].data.ptr);
			else if (plan->udp)
				answer_datagram(fd);
			else
				take(epoll, fd);
		}
	}
}
