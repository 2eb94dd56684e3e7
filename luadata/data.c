// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Buffers of bytes and views of them. A buffer lives as long as any view of
 * it does and stays charged to the account of the script that made it.
 */
#include "luadata/data.h"

#include <linux/errno.h>
#include <linux/refcount.h>

#include "driver/account.h"
#include "driver/live.h"
#include "driver/memory.h"

/**
 * struct ldata_buffer - bytes that views share
 * @views: how many there are
 * @account: what the bytes are charged to
 * @whole: the first view, of all bytes; part of the buffer since every buffer
 *	has one. Tells where the bytes are also after it was put.
 */
struct ldata_buffer {
	refcount_t views;
	struct luadrv_account *account;
	struct ldata whole;
};

/* What a buffer of @size bytes takes. */
static size_t charge_of(size_t size)
{
	return sizeof(struct ldata_buffer) + luadrv_kvsize(size);
}

static struct ldata_buffer *buffer_alloc(size_t size)
{
	struct ldata_buffer *buffer = kzalloc(sizeof(*buffer), LUADRV_GFP);

	if (!buffer)
		return NULL;
	/* Apart from the rest: a power of two stays one. */
	buffer->whole.addr = luadrv_kvmalloc(size, __GFP_ZERO);
	if (!buffer->whole.addr) {
		kfree(buffer);
		return NULL;
	}
	buffer->whole.buffer = buffer;
	buffer->whole.size = size;
	refcount_set(&buffer->views, 1);
	return buffer;
}

static void buffer_put(struct ldata_buffer *buffer)
{
	struct luadrv_account *account = buffer->account;

	if (!refcount_dec_and_test(&buffer->views))
		return;
	luadrv_live_add(LUADRV_LIVE_DATA_BYTES, -(long)buffer->whole.size);
	luadrv_account_uncharge(account, charge_of(buffer->whole.size));
	luadrv_account_put(account);
	kvfree(buffer->whole.addr);
	kfree(buffer);
}

/**
 * ldata_new() - make a buffer of zero bytes
 * @account: charged for it until the last view is gone
 * @size: number of bytes, 1 to LDATA_MAX_SIZE
 * @view: takes a view of the whole buffer, to be given to ldata_put()
 *
 * Context: Process context. May sleep.
 * Return: 0, -EINVAL if the size is out of range, -ENOMEM if the account does
 *	not allow as much or the kernel has no memory.
 */
int ldata_new(struct luadrv_account *account, size_t size, struct ldata **view)
{
	struct ldata_buffer *buffer;
	int err;

	if (!size || size > LDATA_MAX_SIZE)
		return -EINVAL;
	/* Before anything is allocated: the limit is there to prevent that. */
	err = luadrv_account_charge(account, charge_of(size));
	if (err)
		return err;
	buffer = buffer_alloc(size);
	if (!buffer) {
		luadrv_account_uncharge(account, charge_of(size));
		return -ENOMEM;
	}
	buffer->account = luadrv_account_get(account);
	luadrv_live_add(LUADRV_LIVE_DATA, 1);
	luadrv_live_add(LUADRV_LIVE_DATA_BYTES, size);
	*view = &buffer->whole;
	return 0;
}

/**
 * ldata_segment() - make a view of a part of a view
 * @parent: the view; may go before the segment does
 * @offset: of the part's first byte, relative to @parent
 * @size: number of bytes; may be 0
 * @view: takes the segment, to be given to ldata_put()
 *
 * Context: Process context. May sleep.
 * Return: 0, -ERANGE if the part does not lie within @parent, -ENOMEM if the
 *	account allows no more or the kernel has no memory.
 */
int ldata_segment(const struct ldata *parent, u64 offset, u64 size,
		  struct ldata **view)
{
	struct ldata_buffer *buffer = parent->buffer;
	struct ldata *segment;
	int err;

	if (!ldata_covers(parent, offset, size))
		return -ERANGE;
	err = luadrv_account_charge(buffer->account, sizeof(*segment));
	if (err)
		return err;
	segment = kmalloc(sizeof(*segment), LUADRV_GFP);
	if (!segment) {
		luadrv_account_uncharge(buffer->account, sizeof(*segment));
		return -ENOMEM;
	}
	segment->buffer = buffer;
	segment->addr = parent->addr + offset;
	segment->size = size;
	refcount_inc(&buffer->views);
	luadrv_live_add(LUADRV_LIVE_DATA, 1);
	*view = segment;
	return 0;
}

/**
 * ldata_put() - give up a view
 * @view: from ldata_new() or ldata_segment(); must not be used any more
 *
 * Frees the buffer with its last view.
 *
 * Context: Process context. May sleep.
 */
void ldata_put(struct ldata *view)
{
	struct ldata_buffer *buffer = view->buffer;

	luadrv_live_add(LUADRV_LIVE_DATA, -1);
	if (view != &buffer->whole) {
		luadrv_account_uncharge(buffer->account, sizeof(*view));
		kfree(view);
	}
	buffer_put(buffer);
}
