/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the target device expects of files of /dev/luadrv and of detached
 * scripts, and what its two files have of each other: targets/device.c opens,
 * writes, closes and is the script that runs; device_calls.c makes the calls.
 */
#ifndef _FUZZ_DEVICE_MODEL_H
#define _FUZZ_DEVICE_MODEL_H

#include "kernel/kernel.h"
#include "driver/runtime.h"
#include "driver/session.h"
#include "fuzz.h"
#include "text_model.h"

#define FILES		4
#define MAX_SCRIPT	20000
#define MAX_DETACHED	32
#define USER_SIZE	8192
#define MAX_ARGS	256

/* What a script is to run with. */
struct device_setup {
	char name[LUADRV_NAME_SIZE];
	char args[MAX_ARGS];
	size_t args_size, max_script;
};

/**
 * struct device_file - an open file
 * @file: itself; its count is @fds and @pins
 * @open: there is one
 * @fds: descriptors
 * @pins: calls under way that hold the file
 * @borrowed: calls under way that rely on a descriptor
 * @broken: errno of a write that lost data, or 0
 * @len: length of what was written
 * @text: that
 * @setup: as LUADRV_OPTIONS said
 * @output: what a session printed
 * @ran: it has a runtime
 * @running: it runs
 * @writer: who wrote last
 * @closers: who closed it last
 * @closings: how many did
 */
struct device_file {
	struct file file;
	bool open;
	int fds, pins, borrowed;
	int broken;
	size_t len;
	char text[MAX_SCRIPT];
	struct device_setup setup;
	struct text_model output;
	bool reading;
	bool ran, running;
	pid_t writer, closers[4];
	unsigned int closings;
};

/**
 * struct device_script - one that shall run
 * @text: its text
 * @len: length of the text
 * @setup: how
 * @job: what to do with it
 * @ran: how often it ran
 * @result: what it gave
 * @file: of which session it is, or NULL
 * @id: number of a detached one, if that is known
 * @output: what a detached one printed
 * @order: the how manieth of the detached ones it was that ended, or 0
 */
struct device_script {
	char *text;
	size_t len;
	struct device_setup setup;
	enum luadrv_job job;
	int ran;
	int result;
	struct device_file *file;
	u32 id;
	struct text_model *output;
	unsigned int order;
};

extern struct fuzz_input *device_in;
extern u8 device_user[USER_SIZE];
extern struct device_script device_detached[MAX_DETACHED];
extern unsigned int device_spawned, device_ended;

/* Whether signals reach the current task. */
bool device_fit(void);
static inline bool device_is_session(const struct device_file *f)
{
	return f->file.f_mode == (FMODE_READ | FMODE_WRITE);
}

/* Takes what was written, as a script that shall run; the text is to be freed. */
void device_take(struct device_file *f, struct device_script *script);
/* Makes @script what the next one to run must be; gives the one before. */
struct device_script *device_expect(struct device_script *script);
/* How many threads were made of which device_add_detached() was not told. */
long device_made(void);
/* A detached script was made of @script. @id: its number, or 0. */
void device_add_detached(const struct device_script *script, u32 id);

/* device_calls.c */
void device_ioctl(struct device_file *f);
void device_read(struct device_file *f);

#endif
