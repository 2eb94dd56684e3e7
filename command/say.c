// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Words to the user, and writing that reports what goes wrong. */
#include "command/command.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A message on standard error, in one write. */
void complain(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len >= 0)
		fprintf(stderr, "luadrv: %s\n", text);
	free(text);
}

/* After a complaint about the command line: the exit status. */
int try_help(void)
{
	fprintf(stderr, "Try 'luadrv --help' or 'man luadrv'.\n");
	return USAGE;
}

/* Writes everything, also where O_NONBLOCK is set; 0, or -1 with errno. */
int write_all(int fd, const char *text, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	while (len) {
		n = write(fd, text, len);
		if (n < 0 && errno == EAGAIN) {
			poll(&ready, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return -1;
		} else if (n > 0) {
			text += n;
			len -= n;
		}
	}
	return 0;
}

/* Ends what stdio has of the output; the exit status. */
int finish_output(void)
{
	bool failed = ferror(stdout);

	if (!fflush(stdout) && !failed)
		return 0;
	complain("standard output: %s", strerror(errno));
	return FAILED;
}

/* The memory, or the end: so little is asked for that nothing else would work either. */
void *must(void *memory)
{
	if (!memory) {
		complain("out of memory");
		_exit(FAILED);
	}
	return memory;
}
