// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What scripts print, between those who print and those who read. It is kept
 * in pieces of a page, each of one stream, so that errors stay apart from
 * output and the oldest can go.
 */
#include "driver/memory.h"
#include "driver/output.h"
#include "driver/uapi/luadrv.h"

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* The least that is kept: one piece is filled while another is read. */
#define LEAST_RECORDS 2
/* So that a number of pieces is an int, whatever the limit. */
#define MOST_RECORDS SZ_1G

struct record {
	struct list_head link;
	u64 position;
	u32 stream;
	u32 len;
	char text[];
};

#define RECORD_ROOM (PAGE_SIZE - sizeof(struct record))

/* So many pieces more there may be of errors, which cannot wait for a reader. */
#define ERROR_RECORDS 8

/* So long a full output waits for its first reader, who may be on the way. */
#define PATIENCE (10 * HZ)

/* Where a control group has no memory left, nobody is to be killed for what a script prints. */
static struct record *record_new(void)
{
	return kmalloc(PAGE_SIZE, LUADRV_GFP);
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
	out->most = clamp_t(size_t, DIV_ROUND_UP(size, PAGE_SIZE), LEAST_RECORDS, MOST_RECORDS);
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
	struct record *record, *next;

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
}

/* Appends to the last piece what it has room for. */
static size_t append(struct luadrv_output *out, u32 stream, const char *text,
		     size_t len)
{
	struct record *last;

	lockdep_assert_held(&out->lock);
	if (list_empty(&out->records))
		return 0;
	last = list_last_entry(&out->records, struct record, link);
	if (last->stream != stream)
		return 0;
	len = min_t(size_t, len, RECORD_ROOM - last->len);
	memcpy(last->text + last->len, text, len);
	last->len += len;
	out->end += len;
	return len;
}

/* Puts a piece, empty now, behind the others. */
static void add_record(struct luadrv_output *out, struct record *record, u32 stream)
{
	lockdep_assert_held(&out->lock);
	record->stream = stream;
	record->len = 0;
	record->position = out->end;
	list_add_tail(&record->link, &out->records);
	out->count++;
}

static void drop_first(struct luadrv_output *out, struct list_head *into)
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
	drop_first(out, &dropped);
	add_record(out, list_first_entry(&dropped, struct record, link), stream);
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
		left = wait_event_interruptible_timeout(out->changed, has_room(out, stream) ||
							READ_ONCE(out->had_reader), PATIENCE);
		if (left <= 0)
			return left ? -EINTR : -ENOBUFS;
	}
	if (wait_event_interruptible(out->changed, has_room(out, stream)))
		return -EINTR;
	return 0;
}

/*
 * Appends in another piece, for which it waits if it must; bytes or a negative
 * errno. An empty piece would look like the end of the file.
 */
static ssize_t append_piece(struct luadrv_output *out, u32 stream, const char *text,
			    size_t len)
{
	struct record *record;
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
		done = append(out, stream, text, len);
	}
	spin_unlock(&out->lock);
	kfree(record);
	return done;
}

/**
 * luadrv_output_write() - print
 * @out: where to
 * @stream: LUADRV_OUTPUT or LUADRV_ERRORS
 * @text: what
 * @len: length of the text
 *
 * Context: Process. Where it is full, sleeps until somebody reads.
 * Return: 0; -ENOBUFS when it is full and nobody reads; -ENOMEM; -EINTR.
 */
int luadrv_output_write(struct luadrv_output *out, u32 stream, const char *text,
			size_t len)
{
	ssize_t done;

	while (len) {
		spin_lock(&out->lock);
		done = out->closed ? len : append(out, stream, text, len);
		if (!done && recycle(out, stream))
			done = append(out, stream, text, len);
		spin_unlock(&out->lock);
		if (!done)
			done = append_piece(out, stream, text, len);
		if (done < 0)
			return done;
		text += done;
		len -= done;
		if (done)
			wake_up_all(&out->changed);
		if (signal_pending(current) && stream == LUADRV_OUTPUT && len)
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* Copies what is at @piece->position, or the first that is kept behind it, into @page. */
static size_t peek(struct luadrv_output *out, struct luadrv_piece *piece, char *page)
{
	struct record *record;
	size_t offset, len = 0;

	spin_lock(&out->lock);
	list_for_each_entry(record, &out->records, link) {
		if (record->position + record->len <= piece->position)
			continue;
		piece->position = max(piece->position, record->position);
		offset = piece->position - record->position;
		len = min_t(size_t, record->len - offset, piece->size);
		memcpy(page, record->text + offset, len);
		piece->stream = record->stream;
		break;
	}
	spin_unlock(&out->lock);
	return len;
}

static ssize_t copy_piece(struct luadrv_output *out, struct luadrv_piece *piece)
{
	char *page = kmalloc(PAGE_SIZE, GFP_KERNEL_ACCOUNT);
	size_t len;

	if (!page)
		return -ENOMEM;
	len = peek(out, piece, page);
	if (len && copy_to_user(piece->buffer, page, len))
		len = -EFAULT;
	kfree(page);
	return len;
}

/* Lets go of what lies before @position; a piece that is read in part is cut. */
static void consume(struct luadrv_output *out, u64 position)
{
	struct record *record, *next;
	LIST_HEAD(dropped);
	size_t part;

	spin_lock(&out->lock);
	list_for_each_entry_safe(record, next, &out->records, link) {
		if (record->position + record->len > position)
			break;
		drop_first(out, &dropped);
	}
	if (!list_empty(&out->records) && record->position < position) {
		part = position - record->position;
		record->len -= part;
		memmove(record->text, record->text + part, record->len);
		record->position = position;
	}
	spin_unlock(&out->lock);
	list_for_each_entry_safe(record, next, &dropped, link)
		kfree(record);
	wake_up_all(&out->changed);
}

/* What a reader finds. */
enum sight { SIGHT_NOTHING, SIGHT_TEXT, SIGHT_END };

/*
 * The end is where nothing will come any more, as far as one can know now.
 * Threads of a session may print for ever: who reads a run gets what was
 * printed before its end.
 */
static enum sight look(struct luadrv_output *out, u64 run)
{
	enum sight sight = SIGHT_NOTHING;
	struct record *first;
	bool ended;

	spin_lock(&out->lock);
	first = list_first_entry_or_null(&out->records, struct record, link);
	ended = !out->active && out->runs >= run;
	if (first && (!ended || !run || first->position < out->over))
		sight = SIGHT_TEXT;
	else if (ended || out->closed)
		sight = SIGHT_END;
	spin_unlock(&out->lock);
	return sight;
}

static int wait_for_text(struct luadrv_output *out, bool nonblock, u64 run)
{
	if (look(out, run) != SIGHT_NOTHING)
		return 0;
	if (nonblock)
		return -EAGAIN;
	if (wait_event_interruptible(out->changed, look(out, run) != SIGHT_NOTHING))
		return -EINTR;
	return 0;
}

static ssize_t read_locked(struct luadrv_output *out, struct luadrv_piece *piece,
			   bool nonblock, u64 run)
{
	ssize_t len;

	len = wait_for_text(out, nonblock, run);
	if (len || look(out, run) == SIGHT_END)
		return len;
	piece->position = 0;
	len = copy_piece(out, piece);
	if (len > 0)
		consume(out, piece->position + len);
	return len;
}

/**
 * luadrv_output_read() - take the oldest text
 * @out: from where
 * @piece: where to, and what came
 * @nonblock: do not wait for it
 * @run: it is not over before that many runs have returned; if not 0, what
 *	threads print after the last one is left
 *
 * Context: Process. Sleeps.
 * Return: bytes; 0 when it is over; -EAGAIN, -EINTR, -EFAULT, -ENOMEM.
 */
ssize_t luadrv_output_read(struct luadrv_output *out, struct luadrv_piece *piece,
			   bool nonblock, u64 run)
{
	ssize_t len;

	spin_lock(&out->lock);
	out->promised = max(out->promised, run);
	spin_unlock(&out->lock);
	if (!piece->size)
		return 0;
	piece->size = min_t(size_t, piece->size, PAGE_SIZE);
	WRITE_ONCE(out->had_reader, true);
	if (nonblock) {
		if (!mutex_trylock(&out->reading))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&out->reading)) {
		return -EINTR;
	}
	len = read_locked(out, piece, nonblock, run);
	mutex_unlock(&out->reading);
	return len;
}

/**
 * luadrv_output_log() - look at the text from some position on
 * @out: from where
 * @piece: where to, and what came; with nothing, the position is where more
 *	will be, if it was behind that
 * @wait: for text there, or for the end of the last script
 *
 * Context: Process. Sleeps.
 * Return: bytes; 0 when there are none; -EINTR, -EFAULT, -ENOMEM.
 */
ssize_t luadrv_output_log(struct luadrv_output *out, struct luadrv_piece *piece,
			  bool wait)
{
	u64 from = piece->position;
	ssize_t len;

	piece->size = min_t(size_t, piece->size, PAGE_SIZE);
	if (wait && wait_event_interruptible(out->changed,
					     READ_ONCE(out->end) > from ||
					     !READ_ONCE(out->active)))
		return -EINTR;
	len = copy_piece(out, piece);
	if (!len) {
		spin_lock(&out->lock);
		piece->position = min(piece->position, out->end);
		spin_unlock(&out->lock);
	}
	return len;
}

__poll_t luadrv_output_poll(struct luadrv_output *out, struct file *file,
			    poll_table *table)
{
	WRITE_ONCE(out->had_reader, true);
	poll_wait(file, &out->changed, table);
	if (look(out, 0) != SIGHT_NOTHING)
		return EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM;
	return EPOLLOUT | EPOLLWRNORM;
}
