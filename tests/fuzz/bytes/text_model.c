// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The model of what is printed and read. */
#include "kernel/kernel.h"
#include "text_model.h"

/* A session keeps so many pieces more of errors (driver/output.c). */
#define MORE_PIECES 8
/* The least that a piece holds. */
#define PIECE (PAGE_SIZE - 64)

void text_begin(struct text_model *m, struct luadrv_output *out)
{
	memset(m, 0, offsetof(struct text_model, bytes));
	m->out = out;
}

static void check_pieces(const struct luadrv_output *out)
{
	const struct list_head *link;
	unsigned int n = 0;

	for (link = out->records.next; link != &out->records; link = link->next)
		n++;
	world_check(n == out->count, "pieces are counted wrong");
	world_check(n <= out->most + (out->log ? 0 : MORE_PIECES), "more is kept than may be");
}

void text_sync(struct text_model *m)
{
	size_t n;

	if (!m->out)
		return;
	n = m->out->end - m->end;
	world_check(n <= m->left, "more arrived than was printed");
	if (n) {
		memcpy(m->bytes + m->end, m->writing, n);
		memset(m->streams + m->end, (int)m->stream, n);
		m->writing += n;
		m->left -= n;
		m->end += n;
	}
	check_pieces(m->out);
}

void text_over(struct text_model *m)
{
	text_sync(m);
	m->active = false;
	m->over = m->end;
}

static void check_write(const struct text_model *m, int err)
{
	const struct luadrv_output *out = m->out;

	if (err == -ENOBUFS)
		world_check(!out->log && out->count >= out->most, "ENOBUFS where there is room");
	else if (err == -EINTR)
		world_check(signal_pending(current), "EINTR without a signal");
	else if (err == -ENOMEM)
		world_check(world.fail_alloc, "ENOMEM where there is memory");
	else
		world_check(!err && (!m->left || m->closed), "not all was printed");
}

int text_write(struct text_model *m, u32 stream, const char *text, size_t len,
	       int (*write)(void *data, const char *text, size_t len), void *data)
{
	int err;

	if (m->writing || m->end + len + 1 > TEXT_MAX)
		return 0;
	m->writing = text;
	m->left = len;
	m->stream = stream;
	err = write(data, text, len);
	text_sync(m);
	check_write(m, err);
	m->writing = NULL;
	m->left = 0;
	return err;
}

static void check_bytes(const struct text_model *m, const struct text_call *call,
			u32 stream, size_t position, size_t len)
{
	world_check(len <= call->asked, "more than was asked for");
	world_check(position + len <= m->end, "more than was printed");
	world_check(!memcmp(m->bytes + position, call->buffer, len), "another text");
	for (; len--; position++)
		world_check(m->streams[position] == stream, "text of another stream");
}

static bool check_error(ssize_t len)
{
	if (len == -EFAULT)
		world_check(world.writable < 8192 || !world.user, "EFAULT where nothing faults");
	else if (len == -EINTR)
		world_check(signal_pending(current), "EINTR without a signal");
	else if (len == -ENOMEM)
		world_check(world.fail_alloc, "ENOMEM where there is memory");
	return len == -EFAULT || len == -EINTR || len == -ENOMEM;
}

void text_check_read(struct text_model *m, const struct text_call *call, u32 stream,
		     ssize_t len)
{
	bool ended, over;

	text_sync(m);
	ended = !m->active && m->runs >= call->run;
	over = ended && call->run ? m->taken >= m->over :
				    m->taken == m->end && (m->closed || ended);
	if (len > 0) {
		world_check(!over, "text behind the end of a run");
		check_bytes(m, call, stream, m->taken, len);
		m->taken += len;
		return;
	}
	if (check_error(len))
		return;
	if (len == -EAGAIN)
		world_check(call->nonblock && !over, "EAGAIN");
	else
		world_check(!len && (over || !call->asked), "end of file");
}

/* The first byte that is there may be a later one only where the log was cut. */
static void check_cut(const struct text_model *m, const struct text_call *call, u64 position)
{
	bool one = !memchr(m->streams, m->streams[0] ^ LUADRV_OUTPUT ^ LUADRV_ERRORS, m->end);

	world_check(position >= call->position, "a byte before the position");
	if (position == call->position || !m->out)
		return;
	world_check(m->out->count == m->out->most, "a log was cut that is not full");
	if (one)
		/* Two pieces in a row hold more than one can: the second began for want of room. */
		world_check(m->end - position >= (m->out->most - 1) / 2 * PIECE, "a log was cut too much");
}

void text_check_log(struct text_model *m, const struct text_call *call, u32 stream,
		    u64 position, ssize_t len)
{
	text_sync(m);
	if (len > 0) {
		check_cut(m, call, position);
		check_bytes(m, call, stream, position, len);
		return;
	}
	if (check_error(len))
		return;
	world_check(!len && (!call->asked || call->position >= m->end), "nothing is there");
	/* Who asks for nothing may be told where the log, which was cut, begins. */
	world_check(position <= m->end && position >= min_t(u64, call->position, m->end), "where text is");
	world_check(!call->asked || position == min_t(u64, call->position, m->end), "where the end is");
	world_check(!call->wait || !m->active || call->position < m->end, "who waits gets nothing");
}
