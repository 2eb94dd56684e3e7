// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Where what scripts print goes. */
#include "command/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool coloured(void)
{
	static int known = -1;
	const char *term = getenv("TERM");

	if (known < 0)
		known = isatty(STDERR_FILENO) && !getenv("NO_COLOR") && term && strcmp(term, "dumb");
	return known;
}

/*
 * Output to standard output, or a file, errors to standard error, as they come. Nobody
 * wants what cannot be written: then the process ends, and with it the script.
 */
void sink_show(struct sink *sink, uint32_t stream, const char *text, size_t len)
{
	bool error = stream == LUADRV_ERRORS;
	bool red = error && coloured();
	int fd = error ? STDERR_FILENO : sink->file ? sink->fd : STDOUT_FILENO;

	if (!sink->shown && sink->before)
		write_all(fd, sink->before, strlen(sink->before));
	sink->shown = true;
	if (red && write_all(fd, "\033[31m", 5) == 0) {
		write_all(fd, text, len);
		write_all(fd, "\033[0m", 4);
	} else if (write_all(fd, text, len)) {
		if (!error)
			complain("%s: %s", sink->file ? sink->file : "standard output", strerror(errno));
		_exit(FAILED);
	}
}

/* Into memory. */
void sink_keep(struct sink *sink, const char *text, size_t len)
{
	sink->text = must(realloc(sink->text, sink->len + len + 1));
	memcpy(sink->text + sink->len, text, len);
	sink->len += len;
	sink->text[sink->len] = '\0';
}

/* A piece of what a script prints, as it comes; the thread that reads gives it. */
void sink_take(struct sink *sink, uint32_t stream, const char *text, size_t len)
{
	sink->errors |= stream == LUADRV_ERRORS;
	if (stream & sink->keep)
		sink_keep(sink, text, len);
	else
		sink_show(sink, stream, text, len);
}
