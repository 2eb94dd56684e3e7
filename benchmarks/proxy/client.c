// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Puts load on a proxy, and prints what came of it as a line of JSON. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char usage[] =
	"Usage: client [-x PROXY:PORT [-s 4|5]] SERVER:PORT download FILE SIZE [check]\n"
	"       ...                                         upload SIZE [check]\n"
	"       ...                                         rate FILE SIZE COUNT AT-ONCE\n"
	"       ...                                         echo COUNT\n"
	"       ...                                         hold COUNT\n"
	"       client pattern SIZE\n";

static char buffer[BUFFER_SIZE];

static void print_bytes(struct span *span, uint64_t bytes)
{
	span_end(span);
	span_print(span);
	printf(", \"bytes\": %lu}\n", bytes);
}

/* Reads the header of the answer. What has come of the file behind it is in the buffer; says how much. */
static size_t skip_header(int fd)
{
	size_t got = 0;
	char *body;

	do {
		ssize_t more = recv(fd, buffer + got, sizeof(buffer) - got, 0);

		if (more <= 0)
			die("recv: no header");
		got += more;
		body = memmem(buffer, got, "\r\n\r\n", 4);
	} while (!body);
	got -= body + 4 - buffer;
	memmove(buffer, body + 4, got);
	return got;
}

static void download(const struct route *route, const char *path, uint64_t size, int check)
{
	uint64_t offset = 0;
	struct span span;
	ssize_t got;
	int fd;

	span_begin(&span);
	fd = open_tunnel(route);
	got = snprintf(buffer, sizeof(buffer), "GET /%s HTTP/1.0\r\n\r\n", path);
	send_all(fd, buffer, got);
	for (got = skip_header(fd); got; got = recv(fd, buffer, sizeof(buffer), 0)) {
		if (got < 0)
			die("recv after %lu bytes", offset);
		errno = 0;
		if (check && pattern_differs(buffer, got, offset))
			die("bytes arrived changed between %lu and %lu", offset, offset + got);
		offset += got;
	}
	close(fd);
	print_bytes(&span, offset);
	errno = 0;
	if (offset != size)
		die("%lu bytes instead of %lu", offset, size);
}

/* The server says how many bytes it had when it sees the end of them, which leaves the other direction open. */
static void upload(const struct route *route, uint64_t size, int check)
{
	struct span span;
	uint64_t offset, answer = 0;
	int fd;

	pattern_fill(buffer, sizeof(buffer), 0);
	span_begin(&span);
	fd = open_tunnel(route);
	for (offset = 0; offset < size; offset += sizeof(buffer)) {
		if (check)
			pattern_fill(buffer, sizeof(buffer), offset);
		send_all(fd, buffer, size - offset < sizeof(buffer) ? size - offset : sizeof(buffer));
	}
	shutdown(fd, SHUT_WR);
	if (receive(fd, &answer, sizeof(answer)) != sizeof(answer))
		answer = 0;
	close(fd);
	print_bytes(&span, answer);
	errno = 0;
	if (answer != size)
		die("the server says that it had %lu bytes instead of %lu", answer, size);
}

static void echo_byte(int fd)
{
	char byte = 'x';

	send_all(fd, &byte, 1);
	errno = 0;
	if (receive(fd, &byte, 1) != 1 || byte != 'x')
		die("no echo");
}

static void echo(const struct route *route, unsigned int count)
{
	uint64_t *times = calloc(count, sizeof(*times));
	int fd = open_tunnel(route);
	struct span span;
	unsigned int i;

	echo_byte(fd);
	span_begin(&span);
	for (i = 0; i < count; i++) {
		times[i] = clock_ns();
		echo_byte(fd);
		times[i] = clock_ns() - times[i];
	}
	span_end(&span);
	span_print(&span);
	printf(", \"count\": %u", count);
	print_times(times, count);
	printf("}\n");
}

/* Opens tunnels; after each line of standard input, sends a byte through a hundred of them, and says so. */
static void hold(const struct route *route, unsigned int count)
{
	int *fds = calloc(count, sizeof(*fds));
	char line[16];
	unsigned int i;

	for (i = 0; i < count; i++) {
		fds[i] = open_tunnel(route);
		echo_byte(fds[i]);
	}
	do {
		printf("{\"open\": %u}\n", count);
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			break;
		for (i = 0; i < count; i += 1 + count / 100)
			echo_byte(fds[i]);
	} while (1);
}

static void pattern(uint64_t size)
{
	uint64_t offset;

	for (offset = 0; offset < size; offset += sizeof(buffer)) {
		pattern_fill(buffer, sizeof(buffer), offset);
		fwrite(buffer, size - offset < sizeof(buffer) ? size - offset : sizeof(buffer), 1, stdout);
	}
	if (fflush(stdout))
		die("write");
}

static int load(const struct route *route, int argc, char **argv)
{
	int check = argc > 2 && !strcmp(argv[argc - 1], "check");

	argc -= check;
	if (argc == 3 && !strcmp(argv[0], "download"))
		download(route, argv[1], number(argv[2]), check);
	else if (argc == 2 && !strcmp(argv[0], "upload"))
		upload(route, number(argv[1]), check);
	else if (argc == 5 && !strcmp(argv[0], "rate"))
		rate(route, argv[1], number(argv[2]), number(argv[3]), number(argv[4]));
	else if (argc == 2 && !strcmp(argv[0], "echo"))
		echo(route, number(argv[1]));
	else if (argc == 2 && !strcmp(argv[0], "hold"))
		hold(route, number(argv[1]));
	else
		return 2;
	return 0;
}

int main(int argc, char **argv)
{
	const char *proxy = NULL;
	struct route route;
	int option, socks = 4, status = 2;

	while ((option = getopt(argc, argv, "+x:s:")) != -1) {
		if (option == 'x')
			proxy = optarg;
		else if (option == 's')
			socks = atoi(optarg);
		else
			argc = 0;
	}
	argc -= optind;
	argv += optind;
	if (argc == 2 && !strcmp(argv[0], "pattern")) {
		pattern(number(argv[1]));
		return 0;
	}
	if (argc > 2) {
		route = socks ? route_to(argv[0], proxy, socks) : route_to(proxy ? proxy : argv[0], NULL, 0);
		status = load(&route, argc - 1, argv + 1);
	}
	if (status)
		fputs(usage, stderr);
	return status;
}
