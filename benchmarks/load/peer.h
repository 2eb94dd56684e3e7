/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What client and server of the yardstick share. */
#ifndef _BENCH_PEER_H
#define _BENCH_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define EVENTS	64
#define ROOM	65536

/* What is run: bytes are those of a request and of a response. */
struct plan {
	bool udp, connects;	/* connects: a connection for each transaction */
	struct sockaddr_in address;
	unsigned int bytes, flows;
	uint64_t length;	/* ns */
};

extern char buffer[ROOM];

void die(const char *what) __attribute__((noreturn));
void watch(int epoll, int how, int fd, uint32_t events, void *data);
void serve(const struct plan *plan);
void run(const struct plan *plan);

#endif
