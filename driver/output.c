// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What scripts print, between those who print and those who read
 * (driver/reading.c). It is kept in pieces of a page, each of one stream, so
 * that errors stay apart from output and the oldest can go.
 */
#include "driver/memory.h"
#include "driver/output.h"
#include "driver/uapi/luadrv.h"

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

/* The least that is kept: one piece is filled while another is read. */
#define LEAST_RECORDS 2
/* So that a number of pieces is an int, whatever the limit. */
#define MOST_RECORDS SZ_1G

/* So many pieces more there may be of errors, which cannot wait for a reader. */
#define ERROR_RECORDS 8

/* So long a full output waits for its first reader, who may be on the way. */
#define PATIENCE (10 * HZ)

/* Where a control group has no memory left, nobody is to be killed for what a script prints. */
static struct luadrv_record *record_new(void)
{
	return kmalloc(PAGE_SIZE, LUADRV_GFP);
}

static unsigned int pages_of(size_t size)
{
	return clamp_t(size_t, DIV_ROUND_UP(size, PAGE_SIZE), LEAST_RECORDS, MOST_RECORDS);
}

/**
 * luadrv_output_limit() - how much is kept, from now on
 * @out: of what
 * @size: bytes, rounded up to pages
 *
 * Context: Process, before anything is printed.
 */
void luadrv_output_limit(struct luadrv_output *out, size_t size)
{
	out->most = pages_of(size);
}

/**
 * luadrv_output_new() - a place for output
 * @size: bytes that are kept, rounded up to pages
 * @log: the oldest makes room for the newest; otherwise the writer waits
 *
 * Context: Process. May sleep.
 * Return: it, with one reference, or NULL when there is no memory.
 */
struct luadrv_output *luadrv_output_new(size_t size, bool log)
{
	struct luadrv_output *out = kzalloc(sizeof(*out), GFP_KERNEL_ACCOUNT);

	if (!out)
		return NULL;
	kref_init(&out->ref);
	spin_lock_init(&out->lock);
	INIT_LIST_HEAD(&out->records);
	init_waitqueue_head(&out->changed);
	init_waitqueue_head(&out->room);
	mutex_init(&out->reading);
	out->spare = record_new();
	if (!out->spare) {
		kfree(out);
		return NULL;
	}
	luadrv_output_limit(out, size);
	out->log = log;
	return out;
}

struct luadrv_output *luadrv_output_get(struct luadrv_output *out)
{
	kref_get(&out->ref);
	return out;
}

static void output_release(struct kref *ref)
{
	struct luadrv_output *out = container_of(ref, struct luadrv_output, ref);
	struct luadrv_record *record, *next;

	list_for_each_entry_safe(record, next, &out->records, link)
		kfree(record);
	kfree(out->spare);
	kfree(out);
}

void luadrv_output_put(struct luadrv_output *out)
{
	if (out)
		kref_put(&out->ref, output_release);
}

/**
 * luadrv_output_trim() - keep less
 * @out: a log to which nobody prints any more
 * @size: bytes, rounded up to pages; the oldest go
 *
 * Context: Process.
 */
void luadrv_output_trim(struct luadrv_output *out, size_t size)
{
	struct luadrv_record *record, *next;
	LIST_HEAD(dropped);

	spin_lock(&out->lock);
	out->most = min(out->most, pages_of(size));
	while (out->count > out->most)
		luadrv_output_drop(out, &dropped);
	spin_unlock(&out->lock);
	list_for_each_entry_safe(record, next, &dropped, link)
		kfree(record);
}

/**
 * luadrv_output_begin() - one more script may print
 * @out: where to
 * @alone: nobody can read before it has ended
 *
 * Until luadrv_output_end() readers wait for more. Context: Any.
 */
void luadrv_output_begin(struct luadrv_output *out, bool alone)
{
	spin_lock(&out->lock);
	if (!out->active++) {
		/* Whoever read earlier may be the one that runs this, and does not read meanwhile. */
		out->had_reader = waitqueue_active(&out->changed) || out->promised > out->runs;
		out->alone = alone;
	}
	spin_unlock(&out->lock);
}

void luadrv_output_end(struct luadrv_output *out)
{
	spin_lock(&out->lock);
	if (!--out->active)
		out->over = out->end;
	spin_unlock(&out->lock);
	wake_up_all(&out->changed);
}

/**
 * luadrv_output_threads() - more or fewer threads of a script may print
 * @out: where to
 * @more: how many more
 *
 * Context: Any.
 */
void luadrv_output_threads(struct luadrv_output *out, int more)
{
	spin_lock(&out->lock);
	out->threads += more;
	spin_unlock(&out->lock);
	wake_up_all(&out->changed);
}

/**
 * luadrv_output_ran() - a call of LUADRV_RUN or LUADRV_LAST returns
 * @out: where its script printed to
 *
 * Context: Any.
 */
void luadrv_output_ran(struct luadrv_output *out)
{
	spin_lock(&out->lock);
	out->runs++;
	spin_unlock(&out->lock);
	wake_up_all(&out->changed);
}

/**
 * luadrv_output_close() - nobody will read any more
 * @out: who prints to it from now on, prints to nowhere
 *
 * Context: Any.
 */
void luadrv_output_close(struct luadrv_output *out)
{
	spin_lock(&out->lock);
	out->closed = true;
	spin_unlock(&out->lock);
	wake_up_all(&out->changed);
	wake_up_all(&out->room);
}

/* What is still to be printed: a text, then perhaps a line end. */
struct line {
	const char *text;
	size_t len;
	bool ends;
};

/*
 * Appends to the last piece what it has room for, but in parts only what no
 * piece has room for: others may print between two parts.
 */
static size_t append(struct luadrv_output *out, u32 stream, struct line *line)
{
	struct luadrv_record *last;
	size_t room, len;
	bool end;

	lockdep_assert_held(&out->lock);
	if (list_empty(&out->records))
		return 0;
	last = list_last_entry(&out->records, struct luadrv_record, link);
	room = LUADRV_RECORD_ROOM - last->len;
	len = line->len + line->ends;
	if (last->stream != stream || (len > room && len <= LUADRV_RECORD_ROOM))
		return 0;
	end = line->ends && len <= room;
	len = min(line->len, room);
	memcpy(last->text + last->len, line->text, len);
	line->text += len;
	line->len -= len;
	if (end)
		last->text[last->len + len++] = '\n';
	line->ends -= end;
	last->len += len;
	out->end += len;
	return len;
}

/* Puts a piece, empty now, behind the others. */
static void add_record(struct luadrv_output *out, struct luadrv_record *record, u32 stream)
{
	lockdep_assert_held(&out->lock);
	record->stream = stream;
	record->len = 0;
	record->position = out->end;
	list_add_tail(&record->link, &out->records);
	out->count++;
}

/**
 * luadrv_output_drop() - let go of the oldest piece
 * @out: of what
 * @into: list that gets it; the caller's
 *
 * Context: @out->lock is held.
 */
void luadrv_output_drop(struct luadrv_output *out, struct list_head *into)
{
	lockdep_assert_held(&out->lock);
	list_move(out->records.next, into);
	out->count--;
}

/* In a full log the oldest piece becomes the newest. */
static bool recycle(struct luadrv_output *out, u32 stream)
{
	LIST_HEAD(dropped);

	lockdep_assert_held(&out->lock);
	if (!out->log || out->count < out->most)
		return false;
	luadrv_output_drop(out, &dropped);
	add_record(out, list_first_entry(&dropped, struct luadrv_record, link), stream);
	return true;
}

static unsigned int most_of(const struct luadrv_output *out, u32 stream)
{
	return stream == LUADRV_ERRORS && !out->log ? out->most + ERROR_RECORDS : out->most;
}

static bool has_room(struct luadrv_output *out, u32 stream)
{
	return READ_ONCE(out->count) < most_of(out, stream) || READ_ONCE(out->closed);
}

/* Waits for a reader; for the first one, if one can come, not for ever. */
static int wait_for_room(struct luadrv_output *out, u32 stream)
{
	long left;

	if (stream == LUADRV_ERRORS)
		return -ENOBUFS;
	if (!READ_ONCE(out->had_reader)) {
		if (out->alone)
			return -ENOBUFS;
		left = wait_event_interruptible_timeout(out->room, has_room(out, stream) ||
							READ_ONCE(out->had_reader), PATIENCE);
		if (left <= 0)
			return left ? -EINTR : -ENOBUFS;
	}
	if (wait_event_interruptible(out->room, has_room(out, stream)))
		return -EINTR;
	return 0;
}

/*
 * Appends in another piece, for which it waits if it must; bytes or a negative
 * errno. An empty piece would look like the end of the file.
 */
static ssize_t append_piece(struct luadrv_output *out, u32 stream, struct line *line)
{
	struct luadrv_record *record;
	size_t done = 0;
	int err;

	if (!out->log && !has_room(out, stream)) {
		err = wait_for_room(out, stream);
		if (err)
			return err;
	}
	record = record_new();
	if (!record && stream == LUADRV_ERRORS)
		record = xchg(&out->spare, NULL);
	if (!record)
		return -ENOMEM;
	spin_lock(&out->lock);
	if (out->count < most_of(out, stream)) {
		add_record(out, record, stream);
		record = NULL;
		done = append(out, stream, line);
	}
	spin_unlock(&out->lock);
	kfree(record);
	return done;
}

/* Prints the next part; bytes or a negative errno. */
static ssize_t print_part(struct luadrv_output *out, u32 stream, struct line *line)
{
	ssize_t done;

	spin_lock(&out->lock);
	done = append(out, stream, line);
	if (!done && recycle(out, stream))
		done = append(out, stream, line);
	spin_unlock(&out->lock);
	if (!done)
		done = append_piece(out, stream, line);
	if (done > 0)
		wake_up_all(&out->changed);
	return done;
}

/**
 * luadrv_output_write() - print
 * @out: where to
 * @stream: LUADRV_OUTPUT, or LUADRV_ERRORS, where the text gets a line end
 * @text: what
 * @len: length of the text
 *
 * What others print at the same time does not come between, unless it is more
 * than a page.
 *
 * Context: Process. Where it is full, sleeps until somebody reads.
 * Return: 0; -ENOBUFS when it is full and nobody reads; -ENOMEM; -EINTR.
 */
int luadrv_output_write(struct luadrv_output *out, u32 stream, const char *text,
			size_t len)
{
	struct line line = { text, len, stream == LUADRV_ERRORS };
	ssize_t done;

	while ((line.len || line.ends) && !READ_ONCE(out->closed)) {
		done = print_part(out, stream, &line);
		if (done < 0)
			return done;
		if (signal_pending(current) && stream == LUADRV_OUTPUT && line.len)
			return -EINTR;
		cond_resched();
	}
	return 0;
}
