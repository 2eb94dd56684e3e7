// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Servers for the benchmark: each byte comes back; all bytes are counted, and checked or not. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char usage[] =
	"Usage: server ADDRESS                 echoes at port 7, counts at port 9, counts and checks at port 10\n"
	"       server ADDRESS:PORT TO:PORT    connects there for each client; passes one byte there and back\n";

enum { ECHO = 7, COUNT = 9, CHECK = 10, FILES = 65536 };

/* Of each file: which port it belongs to, whether it listens there, and how many bytes have come. */
static struct {
	unsigned short port;
	int listens;
	uint64_t bytes;
} files[FILES];
static char buffer[BUFFER_SIZE];
static int epoll;

static void watch(int fd, unsigned short port, int listens)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (fd < 0 || fd >= FILES)
		die("a socket");
	files[fd].port = port;
	files[fd].listens = listens;
	files[fd].bytes = 0;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		die("epoll_ctl");
}

static int listen_at(struct sockaddr_in name)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) || listen(fd, 4096))
		die("listen");
	return fd;
}

static void serve_client(int fd)
{
	unsigned short port = files[fd].port;
	ssize_t n = recv(fd, buffer, port == ECHO ? 4096 : sizeof(buffer), 0);

	if (n > 0 && port == ECHO) {
		n = send(fd, buffer, n, MSG_NOSIGNAL);
	} else if (n > 0) {
		if (port == CHECK && pattern_differs(buffer, n, files[fd].bytes))
			n = -1;		/* no answer */
		files[fd].bytes += n;
	} else if (!n && port != ECHO) {
		send(fd, &files[fd].bytes, sizeof(files[fd].bytes), MSG_NOSIGNAL);
	}
	if (n <= 0)
		close(fd);
}

static void serve(const char *host)
{
	static const unsigned short ports[] = { ECHO, COUNT, CHECK };
	struct epoll_event event;
	char name[32];
	size_t i;

	epoll = epoll_create1(0);
	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s:%u", host, ports[i]);
		watch(listen_at(address(name)), ports[i], 1);
	}
	puts("ready");
	fflush(stdout);
	while (epoll_wait(epoll, &event, 1, -1) >= 0 || errno == EINTR) {
		int fd = event.data.fd;

		if (files[fd].listens)
			watch(accept(fd, NULL, NULL), files[fd].port, 0);
		else
			serve_client(fd);
	}
	die("epoll_wait");
}

/* The measure of two bare sockets: the first byte goes there and back, then nothing happens. */
static void pairs(const char *from, const char *to)
{
	struct route route = route_to(to, NULL, 0);
	int client, server, listener = listen_at(address(from));
	char byte;

	puts("ready");
	fflush(stdout);
	for (;;) {
		client = accept(listener, NULL, NULL);
		if (client < 0)
			die("accept");
		server = open_tunnel(&route);
		if (receive(client, &byte, 1) == 1) {
			send_all(server, &byte, 1);
			receive(server, &byte, 1);
			send_all(client, &byte, 1);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc == 2)
		serve(argv[1]);
	else if (argc == 3)
		pairs(argv[1], argv[2]);
	fputs(usage, stderr);
	return 2;
}
