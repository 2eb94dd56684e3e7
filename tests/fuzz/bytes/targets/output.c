// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A session's output or a log: printed to, read, looked at from any position.
 * While one waits, others go on with the next operations.
 */
#include "kernel/kernel.h"
#include "driver/output.h"
#include "text_model.h"
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_FIRST;

#define DEPTH	6

static struct fuzz_input *input;
static struct luadrv_output *out;
static struct text_model model;
static unsigned int depth, active, pattern;
static bool reading;
static u8 user[8192];

static size_t take_size(void)
{
	u8 size = fuzz_byte(input);

	return size < 128 ? size : (size - 127) * 71;
}

static int print(void *data, const char *text, size_t len)
{
	u32 stream = *(u32 *)data;

	/* An error gets its line end there. */
	return luadrv_output_write(out, stream, text, len - (stream == LUADRV_ERRORS));
}

static void do_write(void)
{
	u32 stream = fuzz_byte(input) % 4 ? LUADRV_OUTPUT : LUADRV_ERRORS;
	char *text;
	size_t i, len = take_size();

	if (model.writing)
		return;
	text = malloc(len + 1);
	for (i = 0; i < len; i++)
		text[i] = (char)(pattern++ * 7);
	text[len] = '\n';
	text_write(&model, stream, text, len + (stream == LUADRV_ERRORS), print, &stream);
	free(text);
}

static void do_read(void)
{
	u8 how = fuzz_byte(input);
	struct luadrv_piece piece = { .buffer = user, .size = take_size() };
	struct text_call call = { .buffer = user, .asked = piece.size, .nonblock = how & 1,
				  .run = how >> 1 & 3 };
	ssize_t len;

	if (reading) {
		/* Somebody waits in a read already. */
		len = luadrv_output_read(out, &piece, true, call.run);
		world_check(len == (call.asked ? -EAGAIN : 0), "two read at a time");
		return;
	}
	reading = true;
	len = luadrv_output_read(out, &piece, call.nonblock, call.run);
	reading = false;
	text_check_read(&model, &call, piece.stream, len);
	if (len > 0)
		world_check(piece.position == model.taken - len, "position");
}

static void do_log(void)
{
	u8 how = fuzz_byte(input);
	struct luadrv_piece piece = { .buffer = user, .size = take_size() };
	struct text_call call = { .buffer = user, .asked = piece.size, .wait = how & 1 };
	ssize_t len;

	call.position = how & 2 ? model.end - min(model.end, (size_t)(how >> 2) * 8) :
				  (u64)(how >> 2) * 1021;
	piece.position = call.position;
	len = luadrv_output_log(out, &piece, call.wait);
	text_check_log(&model, &call, piece.stream, piece.position, len);
}

static void do_state(u8 what)
{
	if (what % 4 == 0) {
		luadrv_output_begin(out, what & 4);
		active++;
	} else if (what % 4 == 1 && active) {
		luadrv_output_end(out);
		active--;
	} else if (what % 4 == 2) {
		model.runs++;
		luadrv_output_ran(out);
	} else if (what == 255) {
		model.closed = true;
		luadrv_output_close(out);
	}
	model.active = active;
}

static void do_poll(void)
{
	poll_table table = {};
	__poll_t events = luadrv_output_poll(out, NULL, &table);
	bool over = !model.active || model.closed;

	text_sync(&model);
	world_check(table.queue == &out->changed, "polls for nothing");
	world_check(!(events & EPOLLIN) == !(model.taken < model.end || over), "poll");
}

static void step(void)
{
	u8 op = fuzz_byte(input);

	switch (op % 8) {
	case 0:
	case 1:
		do_write();
		break;
	case 2:
	case 3:
		if (out->log)
			do_log();
		else
			do_read();
		break;
	case 4:
		do_state(fuzz_byte(input));
		break;
	case 5:
		if (!out->log)
			do_poll();
		break;
	case 6:
		world.writable = fuzz_byte(input) ? sizeof(user) : take_size();
		break;
	case 7:
		if (!depth)
			current->signalled = op & 8;
	}
}

/* Others go on, in tasks of their own. */
static bool meanwhile(void)
{
	struct task_struct other = world_task, *before = current;

	if (!input->left || depth == DEPTH)
		return false;
	depth++;
	other.signalled = false;
	current = &other;
	step();
	current = before;
	depth--;
	return true;
}

void target_run(struct fuzz_input *in)
{
	u8 how = fuzz_byte(in);

	input = in;
	depth = active = pattern = 0;
	reading = false;
	world.user = user;
	world.writable = sizeof(user);
	world.meanwhile = meanwhile;
	out = luadrv_output_new(how >> 1 == 127 ? LONG_MAX : (size_t)(how >> 1 & 7) * 3000,
				how & 1);
	if (!out)
		return;
	text_begin(&model, out);
	while (in->left)
		step();
	luadrv_output_put(out);
}
