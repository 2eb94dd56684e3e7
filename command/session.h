/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A session of /dev/luadrv, and where what its scripts print goes. */
#ifndef SESSION_H
#define SESSION_H

#include "command/command.h"

/*
 * struct sink - takes what a script prints
 * @take: is given each piece, by the thread that reads
 * @text: what a capture holds
 * @len: bytes in @text, after which there is a NUL
 * @errors: whether there was any of LUADRV_ERRORS
 */
struct sink {
	void (*take)(struct sink *sink, uint32_t stream, const char *text, size_t len);
	char *text;
	size_t len;
	bool errors;
};

void sink_show(struct sink *sink, uint32_t stream, const char *text, size_t len);
void sink_capture(struct sink *sink, uint32_t stream, const char *text, size_t len);

/* struct session - an open file; @runs counts the calls of LUADRV_RUN */
struct session {
	int fd;
	uint64_t runs;
};

int device_open(int flags);
int session_open(struct session *s, const struct luadrv_options *options);
void session_close(struct session *s);
int session_write(struct session *s, const char *text, size_t len);
int session_run(struct session *s, struct sink *sink, int *number);
int session_check(struct session *s, struct sink *sink);

#endif
