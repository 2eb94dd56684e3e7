// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void die(const char *what, ...)
{
	int error = errno;
	va_list arguments;

	va_start(arguments, what);
	vfprintf(stderr, what, arguments);
	va_end(arguments);
	fprintf(stderr, error ? ": %s\n" : "\n", strerror(error));
	exit(1);
}

uint64_t number(const char *text)
{
	return strtoull(text, NULL, 10);
}

/* ADDRESS:PORT */
struct sockaddr_in address(const char *text)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	char host[INET_ADDRSTRLEN] = "";
	unsigned short port;

	if (sscanf(text, "%15[0-9.]:%hu", host, &port) != 2 || inet_pton(AF_INET, host, &name.sin_addr) != 1)
		die("no ADDRESS:PORT: %s", text);
	name.sin_port = htons(port);
	return name;
}

static void add_step(struct route *route, const void *head, size_t size, const struct sockaddr_in *port_first,
		     size_t answer)
{
	struct step *step = &route->steps[route->count++];

	memcpy(step->bytes, head, size);
	if (port_first && route->granted) {	/* version 4: the port, the address, no user */
		memcpy(step->bytes + size, &port_first->sin_port, 2);
		memcpy(step->bytes + size + 2, &port_first->sin_addr, 4);
		size += 7;
	} else if (port_first) {
		memcpy(step->bytes + size, &port_first->sin_addr, 4);
		memcpy(step->bytes + size + 4, &port_first->sin_port, 2);
		size += 6;
	}
	step->size = size;
	step->answer = answer;
}

/* The proxy is not given: straight there. Socks is 4 or 5. */
struct route route_to(const char *server, const char *proxy, int socks)
{
	struct sockaddr_in target = address(server);
	struct route route = { .first = proxy ? address(proxy) : target };

	if (proxy && socks == 4) {
		route.granted = 90;
		add_step(&route, "\4\1", 2, &target, 8);
	} else if (proxy) {
		add_step(&route, "\5\1\0", 3, NULL, 2);
		add_step(&route, "\5\1\0\1", 4, &target, 10);
	}
	return route;
}

void send_all(int fd, const void *bytes, size_t size)
{
	while (size) {
		ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

		if (sent < 0)
			die("send");
		bytes = (const char *)bytes + sent;
		size -= sent;
	}
}

/* Fewer bytes only at the end of the stream. */
size_t receive(int fd, void *bytes, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t more = recv(fd, (char *)bytes + got, size - got, 0);

		if (more < 0)
			die("recv");
		if (!more)
			break;
		got += more;
	}
	return got;
}

int open_tunnel(const struct route *route)
{
	unsigned char answer[16];
	int i, one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)&route->first, sizeof(route->first)))
		die("connect");
	for (i = 0; i < route->count; i++) {
		send_all(fd, route->steps[i].bytes, route->steps[i].size);
		if (receive(fd, answer, route->steps[i].answer) != route->steps[i].answer ||
		    answer[1] != route->granted)
			die("the proxy refuses");
	}
	return fd;
}

uint64_t clock_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static FILE *open_to_read(const char *path)
{
	FILE *file = fopen(path, "r");

	if (!file)
		die("%s", path);
	return file;
}

/* Nanoseconds that tasks have run. What interrupts do while none runs is missing. */
static uint64_t task_ns(void)
{
	FILE *file = open_to_read("/proc/schedstat");
	uint64_t ran, all = 0;
	char line[256];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "cpu%*u %*u %*u %*u %*u %*u %*u %lu", &ran) == 1)
			all += ran;
	fclose(file);
	return all;
}

/* Nanoseconds that processors have worked; /proc/stat has only hundredths of a second. Newer kernels do not tell. */
static uint64_t busy_ns(void)
{
	FILE *file = open_to_read("/proc/timer_list");
	uint64_t now = 0, idle, busy = 0;
	char line[256];

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " .idle_sleeptime : %lu", &idle) == 1)
			busy += now - idle;
		else
			sscanf(line, "now at %lu", &now);
	}
	fclose(file);
	return busy ? busy : task_ns();
}

/* To read how busy the machine was takes time, which is left out. */
void span_begin(struct span *span)
{
	span->busy = busy_ns();
	span->time = clock_ns();
}

void span_end(struct span *span)
{
	span->time = clock_ns() - span->time;
	span->busy = busy_ns() - span->busy;
}

/* As the first members of a JSON object. */
void span_print(const struct span *span)
{
	printf("{\"seconds\": %.9f, \"busy\": %.9f", span->time / 1e9, span->busy / 1e9);
}

/* Each word is that of its place alone, so nothing can be lost, doubled or exchanged unseen. */
void pattern_fill(void *bytes, size_t size, uint64_t offset)
{
	while (size) {
		uint64_t word = (offset / 8 + 1) * 0x9e3779b97f4a7c15;
		size_t from = offset % 8, n = 8 - from < size ? 8 - from : size;

		memcpy(bytes, (char *)&word + from, n);
		bytes = (char *)bytes + n;
		offset += n;
		size -= n;
	}
}

int pattern_differs(const void *bytes, size_t size, uint64_t offset)
{
	static unsigned char expected[BUFFER_SIZE];

	pattern_fill(expected, size, offset);
	return memcmp(bytes, expected, size);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Sorts them, and prints percentiles in microseconds as a member of a JSON object. */
void print_times(uint64_t *times, size_t count)
{
	qsort(times, count, sizeof(*times), compare);
	printf(", \"p50\": %.3f, \"p95\": %.3f, \"p99\": %.3f, \"most\": %.3f", times[count / 2] / 1e3,
	       times[count * 95 / 100] / 1e3, times[count * 99 / 100] / 1e3, times[count - 1] / 1e3);
}
