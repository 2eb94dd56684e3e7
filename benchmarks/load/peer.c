// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The yardstick in user space: tcp_rr, tcp_crr and udp_rr as a plain program does them, with one loop of epoll
 * on each side, and one send and one recv for each transaction.
 *
 * Usage: peer server|client tcp_rr|tcp_crr|udp_rr ADDRESS PORT BYTES [FLOWS SECONDS]
 *
 * A server runs until it is killed; a client prints "TRANSACTIONS NANOSECONDS".
 */
#include "peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

char buffer[ROOM];

void die(const char *what)
{
	perror(what);
	exit(1);
}

void watch(int epoll, int how, int fd, uint32_t events, void *data)
{
	struct epoll_event event = { .events = events, .data.ptr = data };

	if (epoll_ctl(epoll, how, fd, &event))
		die("epoll_ctl");
}

int main(int argc, char **argv)
{
	struct plan plan = { .address.sin_family = AF_INET };
	bool client = argc == 8;

	if (!client && argc != 6) {
		fputs("peer: see the beginning of peer.c\n", stderr);
		return 2;
	}
	plan.udp = !strcmp(argv[2], "udp_rr");
	plan.connects = !strcmp(argv[2], "tcp_crr");
	inet_pton(AF_INET, argv[3], &plan.address.sin_addr);
	plan.address.sin_port = htons(strtoul(argv[4], NULL, 10));
	plan.bytes = strtoul(argv[5], NULL, 10);
	if (!plan.bytes || plan.bytes > ROOM)
		die("BYTES");
	if (!client)
		serve(&plan);
	plan.flows = strtoul(argv[6], NULL, 10);
	plan.length = strtoul(argv[7], NULL, 10) * 1000000000;
	run(&plan);
	return 0;
}
