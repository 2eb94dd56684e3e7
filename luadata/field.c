// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Numbers of 1 to 64 bits at any bit of a view. Positions are checked by
 * bits, never by bytes: a field may not reach one bit past the end.
 */
#include "luadata/data.h"

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/swab.h>

/* Whether the field is a whole number of bytes that the CPU knows; see load() and store(). */
static bool is_plain(const struct ldata_bits *bits)
{
	return !(bits->offset % 8) && bits->width >= 8 &&
	       is_power_of_2(bits->width);
}

static u64 load(const u8 *at, unsigned int width, bool swap)
{
	u16 half;
	u32 word;
	u64 both;

	switch (width) {
	case 16:
		memcpy(&half, at, sizeof(half));
		return swap ? swab16(half) : half;
	case 32:
		memcpy(&word, at, sizeof(word));
		return swap ? swab32(word) : word;
	case 64:
		memcpy(&both, at, sizeof(both));
		return swap ? swab64(both) : both;
	default:
		return *at;
	}
}

static void store(u8 *at, unsigned int width, bool swap, u64 value)
{
	u16 half = swap ? swab16(value) : value;
	u32 word = swap ? swab32(value) : value;
	u64 both = swap ? swab64(value) : value;

	switch (width) {
	case 16:
		memcpy(at, &half, sizeof(half));
		break;
	case 32:
		memcpy(at, &word, sizeof(word));
		break;
	case 64:
		memcpy(at, &both, sizeof(both));
		break;
	default:
		*at = value;
	}
}

/* The @width bits from bit @skip of @at on as a big-endian number. */
static u64 gather(const u8 *at, unsigned int skip, unsigned int width)
{
	u64 value = 0;

	while (width) {
		unsigned int count = min(8 - skip, width);
		unsigned int below = 8 - skip - count;

		value = value << count | (*at++ >> below & (BIT(count) - 1));
		width -= count;
		skip = 0;
	}
	return value;
}

/* The reverse. Bits of @value above its width and bits around the field stay out of it. */
static void scatter(u8 *at, unsigned int skip, unsigned int width, u64 value)
{
	while (width) {
		unsigned int count = min(8 - skip, width);
		unsigned int below = 8 - skip - count;
		u8 mask = (BIT(count) - 1) << below;

		width -= count;
		*at = (*at & ~mask) | (value >> width << below & mask);
		at++;
		skip = 0;
	}
}

/* Reads a big-endian number anew as a little-endian one; see struct ldata_bits. */
static u64 big_to_little(u64 value, unsigned int width)
{
	unsigned int odd = width % 8, whole = width - odd;
	u64 bytes;

	if (!whole)
		return value;
	bytes = swab64(value >> odd) >> (64 - whole);
	return odd ? (value & (BIT_ULL(odd) - 1)) << whole | bytes : bytes;
}

static u64 little_to_big(u64 value, unsigned int width)
{
	unsigned int odd = width % 8, whole = width - odd;
	u64 bytes;

	if (!whole)
		return value;
	bytes = swab64(value << (64 - whole));
	return odd ? bytes << odd | (value >> whole & (BIT_ULL(odd) - 1)) : bytes;
}

/**
 * ldata_bits_get() - read a number
 * @view: where
 * @bits: which
 * @value: takes it, unsigned
 *
 * Context: Any.
 * Return: 0, or -ERANGE if the field is not within the view or has no bits or
 *	more than 64.
 */
int ldata_bits_get(const struct ldata *view, const struct ldata_bits *bits,
		   u64 *value)
{
	const u8 *at;
	u64 got;

	if (!ldata_bits_within(view, bits))
		return -ERANGE;
	at = view->addr + bits->offset / 8;
	if (is_plain(bits)) {
		*value = load(at, bits->width, bits->endian != LDATA_HOST);
		return 0;
	}
	got = gather(at, bits->offset % 8, bits->width);
	if (bits->endian == LDATA_LITTLE)
		got = big_to_little(got, bits->width);
	*value = got;
	return 0;
}

/**
 * ldata_bits_set() - write a number
 * @view: where
 * @bits: which
 * @value: its low bits are stored, as many as the field has
 *
 * Context: Any.
 * Return: 0, or -ERANGE as ldata_bits_get(); nothing is written then.
 */
int ldata_bits_set(const struct ldata *view, const struct ldata_bits *bits,
		   u64 value)
{
	u8 *at;

	if (!ldata_bits_within(view, bits))
		return -ERANGE;
	at = view->addr + bits->offset / 8;
	if (is_plain(bits)) {
		store(at, bits->width, bits->endian != LDATA_HOST, value);
		return 0;
	}
	if (bits->endian == LDATA_LITTLE)
		value = little_to_big(value, bits->width);
	scatter(at, bits->offset % 8, bits->width, value);
	return 0;
}
