/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Memory that scripts and the kernel share: buffers of bytes, views of them,
 * and bit fields in them. Needs neither lua.h nor kernel headers beyond the
 * basic types, so that both sides of a library can include it.
 */
#ifndef _LUADRV_DATA_H
#define _LUADRV_DATA_H

#include <linux/types.h>
#include <linux/stddef.h>

/* No buffer is larger, whatever the account allows: kvmalloc() warns above INT_MAX. */
#define LDATA_MAX_SIZE	(1UL << 30)

/* The box type of data objects: luadrv_box_check(L, arg, ldata_type) gives a struct ldata. */
extern const char *const ldata_type;

struct luadrv_account;
struct ldata_buffer;

/**
 * struct ldata - a view of a buffer
 * @buffer: what the bytes are part of; the view holds a reference
 * @addr: first byte
 * @size: number of bytes; 0 only for an empty segment
 *
 * Never changes between its creation and ldata_put(). Only the bytes do.
 */
struct ldata {
	struct ldata_buffer *buffer;
	u8 *addr;
	size_t size;
};

/* data.c */
int ldata_new(struct luadrv_account *account, size_t size, struct ldata **view);
int ldata_segment(const struct ldata *parent, u64 offset, u64 size,
		  struct ldata **view);
void ldata_put(struct ldata *view);

static inline void *ldata_addr(const struct ldata *view)
{
	return view->addr;
}

static inline size_t ldata_size(const struct ldata *view)
{
	return view->size;
}

/* Whether the @size bytes at @offset all lie within @view. */
static inline bool ldata_covers(const struct ldata *view, u64 offset, u64 size)
{
	return offset <= view->size && size <= view->size - offset;
}

enum ldata_endian {
	LDATA_BIG,
	LDATA_LITTLE,
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	LDATA_HOST = LDATA_LITTLE,
#else
	LDATA_HOST = LDATA_BIG,
#endif
};

/**
 * struct ldata_bits - where a number lies in a view
 * @offset: of its first bit; bit 0 is the most significant one of byte 0
 * @width: how many bits it has, 1 to 64
 * @endian: order of its bytes
 *
 * The bits, taken in order, are cut into bytes; the last one is short when
 * @width is no multiple of 8. In big-endian order the first is the most
 * significant, in little-endian order the last: of the bytes 12 34 56 the
 * first 20 bits read 0x12345 or 0x53412.
 */
struct ldata_bits {
	u64 offset;
	unsigned int width;
	enum ldata_endian endian;
};

/* Whether there is such a number and all of its bits lie within @view. */
static inline bool ldata_bits_within(const struct ldata *view,
				     const struct ldata_bits *bits)
{
	/* Cannot overflow: LDATA_MAX_SIZE has bits to spare. */
	u64 size = (u64)view->size * 8;

	return bits->width >= 1 && bits->width <= 64 &&
	       bits->offset <= size && bits->width <= size - bits->offset;
}

/* field.c */
int ldata_bits_get(const struct ldata *view, const struct ldata_bits *bits,
		   u64 *value);
int ldata_bits_set(const struct ldata *view, const struct ldata_bits *bits,
		   u64 value);

/* checksum.c */
u32 ldata_sum(const void *bytes, size_t size, u32 sum);
u32 ldata_crc32(const void *bytes, size_t size, u32 crc);
u32 ldata_crc32c(const void *bytes, size_t size, u32 crc);

#endif
