/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What scripts print, kept until somebody reads it: for a session, where print
 * waits for a reader; for a detached script, whose oldest output makes room
 * for the newest.
 */
#ifndef _LUADRV_OUTPUT_H
#define _LUADRV_OUTPUT_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

/**
 * struct luadrv_record - a piece of text, in a page
 * @link: in the output's list
 * @position: of its first byte
 * @stream: LUADRV_OUTPUT or LUADRV_ERRORS
 * @len: how many bytes there are
 * @text: they
 */
struct luadrv_record {
	struct list_head link;
	u64 position;
	u32 stream;
	u32 len;
	char text[];
};

#define LUADRV_RECORD_ROOM	(PAGE_SIZE - sizeof(struct luadrv_record))

/**
 * struct luadrv_output - text that was printed
 * @ref: references to it
 * @lock: protects all that follows, but for @reading
 * @records: the text, in pieces
 * @count: how many pieces there are
 * @most: how many there may be
 * @spare: a piece for the error of a script that has used up the memory
 * @end: position behind the last byte; the first byte ever has 0
 * @log: the oldest pieces make room
 * @promised: the run up to which somebody said to read
 * @had_reader: somebody reads, for whom print waits
 * @alone: nobody can read while the script runs
 * @closed: nobody will read any more
 * @active: scripts that may still print
 * @threads: threads of a session that may
 * @runs: calls of LUADRV_RUN and LUADRV_LAST that have returned
 * @over: the end when the last script was over: what follows is of threads
 * @changed: who reads waits there, woken when there is more, or an end
 * @room: who prints waits there, woken when there is room
 * @reading: one reader at a time
 */
struct luadrv_output {
	struct kref ref;
	spinlock_t lock;
	struct list_head records;
	unsigned int count;
	unsigned int most;
	struct luadrv_record *spare;
	u64 end;
	bool log;
	bool had_reader;
	bool alone;
	bool closed;
	unsigned int active;
	unsigned int threads;
	u64 runs;
	u64 over;
	u64 promised;
	wait_queue_head_t changed;
	wait_queue_head_t room;
	struct mutex reading;
};

/**
 * struct luadrv_piece - what a reader gets
 * @buffer: where to, in user space
 * @size: how much of it
 * @stream: takes LUADRV_OUTPUT or LUADRV_ERRORS
 * @position: of the first byte; with a log, also where to begin
 */
struct luadrv_piece {
	void __user *buffer;
	size_t size;
	u32 stream;
	u64 position;
};

/* output.c */
struct luadrv_output *luadrv_output_new(size_t size, bool log);
void luadrv_output_limit(struct luadrv_output *out, size_t size);
struct luadrv_output *luadrv_output_get(struct luadrv_output *out);
void luadrv_output_put(struct luadrv_output *out);
void luadrv_output_trim(struct luadrv_output *out, size_t size);
void luadrv_output_begin(struct luadrv_output *out, bool alone);
void luadrv_output_end(struct luadrv_output *out);
void luadrv_output_threads(struct luadrv_output *out, int more);
void luadrv_output_ran(struct luadrv_output *out);
void luadrv_output_close(struct luadrv_output *out);
int luadrv_output_write(struct luadrv_output *out, u32 stream, const char *text,
			size_t len);
void luadrv_output_drop(struct luadrv_output *out, struct list_head *into);

/* reading.c */
ssize_t luadrv_output_read(struct luadrv_output *out, struct luadrv_piece *piece,
			   bool nonblock, u64 run);
ssize_t luadrv_output_log(struct luadrv_output *out, struct luadrv_piece *piece,
			  bool wait);
__poll_t luadrv_output_poll(struct luadrv_output *out, struct file *file,
			    poll_table *table);

#endif
