/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* An open file of the device: a script that is written, and what becomes of it. */
#ifndef _LUADRV_SESSION_H
#define _LUADRV_SESSION_H

#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "driver/runtime.h"

/**
 * struct luadrv_session - one open file
 * @file: the file
 * @recheck: looks whether calls under way have lost its last descriptor
 * @lock: protects the script while it is written, and @setup
 * @script: its text so far
 * @len: length of the text
 * @room: size of the buffer
 * @broken: errno of a write that lost data: what there is must not run
 * @writer: the process that wrote last
 * @setup: how the script shall run, as far as options say
 * @origin: the process that opened the file
 * @closers_lock: protects what follows; a mutex that a writer holds while its
 *	memory is slow to come would make processes wait that exit
 * @closers: the last ones that closed the file while others still had it
 * @closings: how many that were
 * @pinned: calls under way that hold the file themselves
 * @running: held while a script runs or one is about to
 * @output: what an interactive session's scripts print, or NULL
 * @rt: its runtime, from the first run to the last one
 */
struct luadrv_session {
	struct file *file;
	struct delayed_work recheck;
	struct mutex lock;
	char *script;
	size_t len;
	size_t room;
	int broken;
	pid_t writer;
	struct luadrv_setup setup;
	struct luadrv_origin *origin;
	spinlock_t closers_lock;
	pid_t closers[4];
	unsigned int closings;
	unsigned int pinned;
	struct mutex running;
	struct luadrv_output *output;
	struct luadrv_runtime *rt;
};

/* A script that was taken out of a session, to be freed with kvfree(). */
struct luadrv_text {
	char *script;
	size_t len;
};

/* script.c */
ssize_t luadrv_session_append(struct luadrv_session *session, struct iov_iter *from);
int luadrv_session_take(struct luadrv_session *session, struct luadrv_text *text);
int luadrv_session_options(struct luadrv_session *session, const void __user *from);
int luadrv_session_setup(struct luadrv_session *session, struct luadrv_setup *setup);

/* session.c */
struct luadrv_session *luadrv_session_new(bool interactive);
int luadrv_session_run(struct luadrv_session *session, enum luadrv_job job, bool alone);
int luadrv_session_spawn(struct luadrv_session *session);
int luadrv_session_close(struct luadrv_session *session);
void luadrv_session_release(struct luadrv_session *session);
void luadrv_session_cut(struct luadrv_session *session);
void luadrv_session_interrupt(struct luadrv_session *session);
int luadrv_session_ask(struct luadrv_session *session);

/* detached.c */
int luadrv_detach(struct luadrv_setup *setup, struct luadrv_origin *origin,
		  struct luadrv_text *text);

#endif
