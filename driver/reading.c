// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Those who read what scripts print (driver/output.c). */
#include "driver/output.h"
#include "driver/uapi/luadrv.h"

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* Copies what is at @piece->position, or the first that is kept behind it, into @page. */
static size_t peek(struct luadrv_output *out, struct luadrv_piece *piece, char *page)
{
	struct luadrv_record *record;
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
	struct luadrv_record *record, *next;
	LIST_HEAD(dropped);
	size_t part;

	spin_lock(&out->lock);
	list_for_each_entry_safe(record, next, &out->records, link) {
		if (record->position + record->len > position)
			break;
		luadrv_output_drop(out, &dropped);
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
	wake_up_all(&out->room);
}

/* What a reader finds. */
enum sight { SIGHT_NOTHING, SIGHT_TEXT, SIGHT_END };

/*
 * The end is where nothing will come any more, as far as one can know now.
 * Threads of a session may print for ever: who reads a run gets what was
 * printed before its end; who reads all waits for the end of them, too.
 */
static enum sight look(struct luadrv_output *out, u64 run)
{
	enum sight sight = SIGHT_NOTHING;
	struct luadrv_record *first;
	bool ended;

	spin_lock(&out->lock);
	first = list_first_entry_or_null(&out->records, struct luadrv_record, link);
	ended = !out->active && (run ? out->runs >= run : !out->threads);
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
