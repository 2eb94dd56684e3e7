// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* luadrv stop: ends scripts, and waits for it. */
#include "command/session.h"
#include "command/table.h"
#include "command/text.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static int stop_all(int fd)
{
	struct luadrv_stop call = { .flags = LUADRV_STOP_ALL };

	if (ioctl(fd, LUADRV_STOP, &call) && errno != ESRCH) {
		complain("stop: %s", strerror(errno));
		return FAILED;
	}
	if (!call.count) {
		complain("no script runs");
		return FAILED;
	}
	printf("stopped %u script%s\n", call.count, call.count == 1 ? "" : "s");
	return 0;
}

static const char *name_of(const struct table *t, uint32_t id)
{
	uint32_t other;
	size_t row;

	for (row = 0; row < t->rows; row++)
		if (table_id(table_cell(t, row, "ID"), &other) && other == id)
			return table_cell(t, row, "NAME");
	return "";
}

/* Those that a word means; how many were stopped, or -1 after a complaint. */
static int stop_some(int fd, const struct table *t, const char *wanted, uint32_t *ids)
{
	size_t n = table_find(t, wanted, ids), i;
	int stopped = 0;

	for (i = 0; i < n; i++) {
		struct luadrv_stop call = { .id = ids[i] };

		if (!ioctl(fd, LUADRV_STOP, &call)) {
			if (!call.count)
				continue;
			printf("stopped %u ", ids[i]);
			text_plain(stdout, name_of(t, ids[i]));
			putchar('\n');
			stopped++;
		} else if (errno != ESRCH) {
			complain("stop %u: %s", ids[i], strerror(errno));
			return -1;
		}
	}
	if (!stopped)
		complain("no script %s runs", wanted);
	return stopped;
}

static int stop_each(int fd, char **wanted)
{
	uint32_t *ids;
	int status = 0;
	struct table t;

	if (table_read(&t))
		return FAILED;
	ids = must(calloc(t.rows + 1, sizeof(*ids)));
	for (; *wanted; wanted++)
		if (stop_some(fd, &t, *wanted, ids) <= 0)
			status = FAILED;
	free(ids);
	table_free(&t);
	return status;
}

int stop_main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "all", no_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 }
	};
	bool all = false;
	int option, fd, status;

	while ((option = getopt_long(argc, argv, "+", names, NULL)) >= 0) {
		if (option != 'a')
			return try_help();
		all = true;
	}
	if (all == (optind < argc)) {
		complain("stop what? Either ID|NAME... or --all");
		return try_help();
	}
	fd = device_open(O_RDONLY);
	if (fd < 0)
		return FAILED;
	status = all ? stop_all(fd) : stop_each(fd, argv + optind);
	return finish_output() || status ? FAILED : 0;
}
