/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a log or a session's output should hold: every byte that was printed,
 * by its position. How much of a text has arrived is seen from the output's own
 * position; that what is read is the same is checked here.
 */
#ifndef _FUZZ_TEXT_MODEL_H
#define _FUZZ_TEXT_MODEL_H

#include "driver/output.h"
#include "driver/uapi/luadrv.h"

#define TEXT_MAX	(1 << 16)

/**
 * struct text_model - what was printed
 * @out: where to; NULL when that is gone
 * @end: bytes that have arrived
 * @taken: bytes that were read, of a session
 * @active: a script may print
 * @closed: nobody will read
 * @runs: calls of LUADRV_RUN and LUADRV_LAST that have returned
 * @over: the end when it was active last
 * @writing: the text that is being written, or NULL
 * @left: bytes of it that have not arrived
 * @stream: what kind of text it is
 * @bytes: each byte
 * @streams: its stream
 */
struct text_model {
	struct luadrv_output *out;
	size_t end;
	size_t taken;
	bool active;
	bool closed;
	u64 runs;
	size_t over;
	const char *writing;
	size_t left;
	u32 stream;
	u8 bytes[TEXT_MAX];
	u8 streams[TEXT_MAX];
};

/* One call that reads. @asked: bytes; @position: of a log, where to begin */
struct text_call {
	const u8 *buffer;
	size_t asked;
	u64 position;
	bool nonblock;
	bool wait;
	u64 run;
};

void text_begin(struct text_model *m, struct luadrv_output *out);
/* A text that is written by @write, nested calls and all; gives what that gave. */
int text_write(struct text_model *m, u32 stream, const char *text, size_t len,
	       int (*write)(void *data, const char *text, size_t len), void *data);
/* Takes in what has arrived. */
void text_sync(struct text_model *m);
/* The last script that could print has ended. */
void text_over(struct text_model *m);
/* Checks what a read of a session gave, and of a log. */
void text_check_read(struct text_model *m, const struct text_call *call, u32 stream,
		     ssize_t len);
void text_check_log(struct text_model *m, const struct text_call *call, u32 stream,
		    u64 position, ssize_t len);

#endif
