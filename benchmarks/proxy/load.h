/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the programs of this folder share: addresses, tunnels, clocks, the pattern of test data. */
#ifndef _BENCH_LOAD_H
#define _BENCH_LOAD_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define BUFFER_SIZE	(256 << 10)

/* What a client says before a tunnel is open, and how long the proxy's answer to it is. */
struct step {
	unsigned char bytes[16];
	size_t size, answer;
};

/* The way to a server, through a proxy or not. */
struct route {
	struct sockaddr_in first;
	struct step steps[2];
	int count;
	unsigned char granted;	/* the second byte of each good answer */
};

/* A stretch of time, and how much of it processors were not idle, in nanoseconds. */
struct span {
	uint64_t time, busy;
};

void die(const char *what, ...) __attribute__((noreturn, format(printf, 1, 2)));
uint64_t number(const char *text);
struct sockaddr_in address(const char *text);
struct route route_to(const char *server, const char *proxy, int socks);
int open_tunnel(const struct route *route);
void send_all(int fd, const void *bytes, size_t size);
size_t receive(int fd, void *bytes, size_t size);
uint64_t clock_ns(void);
void span_begin(struct span *span);
void span_end(struct span *span);
void span_print(const struct span *span);
void pattern_fill(void *bytes, size_t size, uint64_t offset);
int pattern_differs(const void *bytes, size_t size, uint64_t offset);
void rate(const struct route *route, const char *path, size_t size, unsigned int count, unsigned int at_once);
void print_times(uint64_t *times, size_t count);

#endif
