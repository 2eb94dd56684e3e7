// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* luadrv log: what a detached script printed last, and what it prints. */
#include "command/session.h"
#include "command/table.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The number of the script that is meant, or 0 after a complaint. */
static uint32_t which(const char *wanted)
{
	struct table t;
	uint32_t *ids, id;
	size_t n;

	if (table_id(wanted, &id))
		return id;
	if (table_read(&t))
		return 0;
	ids = must(calloc(t.rows + 1, sizeof(*ids)));
	n = table_find(&t, wanted, ids);
	id = n == 1 ? ids[0] : 0;
	if (!n)
		complain("no script is called %s; one that has ended is known by its number only", wanted);
	else if (n > 1)
		complain("%zu scripts are called %s: give a number (luadrv ps)", n, wanted);
	free(ids);
	table_free(&t);
	return id;
}

/* A script may print faster than anybody reads: who does not follow it stops where the log ends now. */
static uint64_t end_of(int fd, uint32_t id)
{
	struct luadrv_log call = { .id = id, .position = UINT64_MAX };

	ioctl(fd, LUADRV_LOG, &call);
	return call.position;
}

/* Shows what is kept of the text up to @end; 0, or -1 with errno. */
static int show_up_to(int fd, uint32_t id, uint64_t end, bool follow)
{
	struct sink sink = { 0 };
	char piece[65536];
	struct luadrv_log call = {
		.id = id,
		.flags = follow ? LUADRV_LOG_WAIT : 0,
		.buffer = (uintptr_t)piece,
	};
	uint64_t expected = 0, left;
	int n;

	for (;;) {
		left = call.position < end ? end - call.position : 0;
		call.size = left < sizeof(piece) ? left : sizeof(piece);
		n = ioctl(fd, LUADRV_LOG, &call);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n;
		if (call.position > expected)
			complain("%llu bytes before this are no longer kept",
				 (unsigned long long)(call.position - expected));
		sink_take(&sink, call.stream, piece, n);
		call.position += n;
		expected = call.position;
	}
}

static int show_log(int fd, uint32_t id, bool follow)
{
	if (!show_up_to(fd, id, follow ? UINT64_MAX : end_of(fd, id), follow))
		return 0;
	if (errno == ESRCH)
		complain("there is no script %u, or it ended too long ago", id);
	else if (errno == EINVAL)
		complain("%u is not detached: what it prints goes to who runs it", id);
	else
		complain("the log of %u: %s", id, strerror(errno));
	return FAILED;
}

int log_main(int argc, char **argv)
{
	bool follow = false;
	int option, fd;
	uint32_t id;

	while ((option = getopt(argc, argv, "f")) >= 0) {
		if (option != 'f')
			return try_help();
		follow = true;
	}
	if (optind + 1 != argc) {
		complain("the log of which script? One ID|NAME");
		return try_help();
	}
	id = which(argv[optind]);
	if (!id)
		return FAILED;
	fd = device_open(O_RDONLY);
	return fd < 0 ? FAILED : show_log(fd, id, follow);
}
