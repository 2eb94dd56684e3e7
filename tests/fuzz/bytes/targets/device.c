// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Sessions of the device: opened, written in pieces of any size, some of which
 * fault, shared, closed. What runs, how often, and every result is predicted.
 *
 * Each operation is a byte: the session in the low two bits, then what to do.
 */
#include "kernel/kernel.h"
#include "driver/runtime.h"
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_FIRST;

#define SESSIONS	4
#define MAX_SCRIPT	20000

/* What should be. */
struct model {
	struct file file;
	bool open;
	bool broken;		/* a write lost data */
	bool done;		/* it was run */
	int broken_by;
	size_t len;
	char text[MAX_SCRIPT];
	pid_t writer, closers[4];
	unsigned int closings;
};

static struct model models[SESSIONS];
static struct model *running;
static int runs;
static size_t limit;

int target_luadrv_run(const char *script, size_t len)
{
	world_check(running && !running->done && !running->broken, "nothing should run");
	world_check(len == running->len && !memcmp(script, running->text, len), "another script");
	world_check(!(current->flags & (PF_EXITING | PF_KTHREAD)) && !current->in_execve, "unfit");
	runs++;
	return -ECHRNG;
}

static void do_open(struct model *m)
{
	int err;

	if (m->open)
		return;
	memset(m, 0, sizeof(*m));
	err = world_fops->open(NULL, &m->file);
	world_check(!err || err == -ENOMEM, "open");
	m->open = !err;
	m->file.count = 1;
}

/* How many of @n bytes arrive; a negative errno otherwise. */
static ssize_t predict_write(struct model *m, size_t n, size_t good)
{
	if (!n)
		return 0;
	if (m->broken)
		return m->broken_by;
	if (m->len > limit || n > limit - m->len)
		return -EFBIG;
	return good < n ? good ? (ssize_t)good : -EFAULT : (ssize_t)n;
}

static void do_write(struct model *m, struct fuzz_input *in)
{
	u8 size = fuzz_byte(in), fault = fuzz_byte(in), fill = fuzz_byte(in);
	size_t n = size < 128 ? size : (size - 127) * 97;
	size_t good = fault < 128 ? n : min(n, (size_t)(fault - 128) * 8);
	static u8 bytes[MAX_SCRIPT];
	struct iov_iter from = { bytes, n, good };
	struct kiocb iocb = { &m->file };
	ssize_t want = predict_write(m, n, good), got;

	memset(bytes, fill, n);
	m->writer = current->tgid;
	got = world_fops->write_iter(&iocb, &from);
	if (got == -ENOMEM && !m->broken)
		want = -ENOMEM;
	if (got != want)
		world_fail("write gives %zd, not %zd", got, want);
	if (n && (got < 0 || got < (ssize_t)n) && !m->broken) {
		m->broken = true;
		m->broken_by = got < 0 ? got : -EFAULT;
	}
	if (got > 0 && m->len + got <= sizeof(m->text)) {
		memcpy(m->text + m->len, bytes, got);
		m->len += got;
	}
}

static bool fit(void)
{
	return !(current->flags & (PF_EXITING | PF_KTHREAD | PF_IO_WORKER)) && !current->in_execve;
}

/* Makes the session run and expects it to do so, or not. */
static void finish(struct model *m, bool allowed, int (*call)(struct model *m))
{
	bool expected = allowed && m->len && !m->broken && !m->done && fit();
	int before = runs, err;

	/* A write that did not fit, or that faulted at once, may have left an empty script. */
	running = m;
	err = call(m);
	running = NULL;
	world_check(runs - before <= 1, "it ran twice");
	if (m->len || !allowed)
		world_check(runs - before == expected, "it ran, or did not");
	if (err != 1 && m->broken)
		world_check(err == m->broken_by, "close hides a failed write");
	else if (err != 1 && expected)
		world_check(err == -ECHRNG, "close hides how it went");
	m->done |= allowed;
}

static int call_flush(struct model *m)
{
	return world_fops->flush(&m->file, NULL);
}

static int call_release(struct model *m)
{
	world_fops->release(NULL, &m->file);
	return 1;
}

static void do_flush(struct model *m)
{
	if (m->file.count > 1) {
		m->closers[m->closings++ % 4] = current->tgid;
		world_check(!call_flush(m), "close of one of many");
		m->file.count--;
		return;
	}
	finish(m, true, call_flush);
	m->file.count = 0;
}

static bool known(const struct model *m)
{
	int i;

	for (i = 0; i < 4; i++)
		if (m->closers[i] == current->tgid)
			return true;
	return m->writer == current->tgid;
}

static void do_release(struct model *m)
{
	finish(m, known(m), call_release);
	m->open = false;
}

static void do_task(u8 what)
{
	static const unsigned int flags[] = { 0, 0, PF_EXITING, PF_KTHREAD };

	current->tgid = 100 + (what & 7);
	current->flags = flags[what >> 3 & 3];
	current->in_execve = what >> 5 == 7;
}

static void step(struct fuzz_input *in)
{
	u8 op = fuzz_byte(in);
	struct model *m = &models[op % SESSIONS];

	switch (op / SESSIONS % 8) {
	case 0:
		do_open(m);
		break;
	case 1:
	case 2:
		if (m->open && m->file.count)
			do_write(m, in);
		break;
	case 3:
		if (m->open && m->file.count)
			do_flush(m);
		break;
	case 4:
		if (m->open)
			do_release(m);
		break;
	case 5:
		if (m->file.count)
			m->file.count++;
		break;
	case 6:
		do_task(fuzz_byte(in));
		break;
	case 7:
		limit = fuzz_byte(in) * 64;
		*(unsigned int *)world_param_max_script.param.arg = limit;
	}
}

void target_run(struct fuzz_input *in)
{
	int i;

	memset(models, 0, sizeof(models));
	limit = 16384;
	*(unsigned int *)world_param_max_script.param.arg = limit;
	while (in->left)
		step(in);
	for (i = 0; i < SESSIONS; i++)
		if (models[i].open)
			do_release(&models[i]);
}
