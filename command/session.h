/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A session of /dev/luadrv, and where what its scripts print goes. */
#ifndef SESSION_H
#define SESSION_H

#include "command/command.h"

/*
 * struct sink - takes what a script prints
 * @keep: LUADRV_OUTPUT, LUADRV_ERRORS, or both: what is kept; the rest is shown
 * @before: what is shown before anything else, or NULL
 * @file: NULL, or the name of a file that gets what would go to standard output
 * @fd: its descriptor
 * @text: what was kept
 * @len: bytes in @text, after which there is a NUL
 * @shown: whether anything was shown
 * @errors: whether there was any of LUADRV_ERRORS
 */
struct sink {
	uint32_t keep;
	const char *before;
	const char *file;
	int fd;
	char *text;
	size_t len;
	bool shown;
	bool errors;
};

void sink_take(struct sink *sink, uint32_t stream, const char *text, size_t len);
void sink_show(struct sink *sink, uint32_t stream, const char *text, size_t len);
void sink_keep(struct sink *sink, const char *text, size_t len);

/* struct session - an open file; @runs counts the calls of LUADRV_RUN and LUADRV_LAST */
struct session {
	int fd;
	uint64_t runs;
};

int device_open(int flags);
int session_open(struct session *s, const struct luadrv_options *options);
void session_close(struct session *s);
int session_write(struct session *s, const char *text, size_t len);
int session_run(struct session *s, unsigned long call, struct sink *sink, int *number);
int session_check(struct session *s, struct sink *sink);

#endif
