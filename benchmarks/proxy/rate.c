// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* New connections, some of them at once: each fetches a small file over HTTP. */
#include "load.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
	int fd, step;		/* that was sent; the last one is the request for the file */
	uint64_t start;
	size_t got;
	char answer[4096];
};

static const struct route *route;
static char request[256];
static size_t expected;

static void begin(struct connection *c, int epoll)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c };
	int one = 1;

	*c = (struct connection){ .step = -1, .start = clock_ns() };
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		die("socket");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(c->fd, (const struct sockaddr *)&route->first, sizeof(route->first)) && errno != EINPROGRESS)
		die("connect");
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event))
		die("epoll_ctl");
}

static void next_step(struct connection *c)
{
	c->got = 0;
	if (++c->step < route->count)
		send_all(c->fd, route->steps[c->step].bytes, route->steps[c->step].size);
	else
		send_all(c->fd, request, strlen(request));
}

/* The file's size is what the answer has after its header. */
static void check_answer(const struct connection *c)
{
	const char *body = memmem(c->answer, c->got, "\r\n\r\n", 4);

	errno = 0;
	if (!body || c->answer + c->got - (body + 4) != (ptrdiff_t)expected)
		die("an answer of %zu bytes: %.*s", c->got, (int)c->got, c->answer);
}

/* Does what can be done; true when the connection has ended. */
static int proceed(struct connection *c)
{
	for (;;) {
		size_t want = c->step < route->count ? route->steps[c->step].answer : sizeof(c->answer);
		ssize_t n = recv(c->fd, c->answer + c->got, want - c->got, 0);

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0)
			die("recv");
		if (!n && c->step == route->count)
			return 1;
		c->got += n;
		if (c->step < route->count && (!n || (c->got == want && (unsigned char)c->answer[1] != route->granted)))
			die("the proxy refuses");
		if (c->step < route->count && c->got == want)
			next_step(c);
	}
}

static void run(uint64_t *times, unsigned int count, unsigned int at_once)
{
	struct connection *all = calloc(at_once, sizeof(*all));
	unsigned int begun, ended = 0;
	int epoll = epoll_create1(0);
	struct epoll_event events[64];

	for (begun = 0; begun < at_once && begun < count; begun++)
		begin(&all[begun], epoll);
	while (ended < count) {
		int i, n = epoll_wait(epoll, events, 64, -1);

		for (i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			if (c->step < 0 && (events[i].events & (EPOLLOUT | EPOLLERR)))
				next_step(c);
			if (c->step < 0 || !proceed(c))
				continue;
			check_answer(c);
			close(c->fd);
			times[ended++] = clock_ns() - c->start;
			if (begun++ < count)
				begin(c, epoll);
		}
	}
}

void rate(const struct route *way, const char *path, size_t size, unsigned int count, unsigned int at_once)
{
	uint64_t *times = calloc(count, sizeof(*times));
	struct span span;

	route = way;
	expected = size;
	snprintf(request, sizeof(request), "GET /%s HTTP/1.0\r\n\r\n", path);
	span_begin(&span);
	run(times, count, at_once);
	span_end(&span);
	span_print(&span);
	printf(", \"count\": %u", count);
	print_times(times, count);
	printf("}\n");
}
