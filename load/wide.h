/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Numbers for the sums of histograms. There is no library here to divide such numbers. Context of all: any. */
#ifndef _LUADRV_LOAD_WIDE_H
#define _LUADRV_LOAD_WIDE_H

#include <linux/bitops.h>
#include <linux/limits.h>
#include <linux/types.h>

#define WIDE_WORDS	3

/**
 * struct wide - a number of 192 bits
 * @word: its parts, the least significant one first
 *
 * The sum of 2^63 squares of 64-bit values is less than one half of the largest.
 */
struct wide {
	u64 word[WIDE_WORDS];
};

static inline struct wide wide_from(u64 n)
{
	return (struct wide){ .word = { n } };
}

static inline struct wide wide_times(struct wide a, u64 n)
{
	unsigned __int128 sum = 0;
	int i;

	for (i = 0; i < WIDE_WORDS; i++) {
		sum += (unsigned __int128)a.word[i] * n;
		a.word[i] = (u64)sum;
		sum >>= 64;
	}
	return a;
}

static inline struct wide wide_plus(struct wide a, struct wide b)
{
	unsigned __int128 sum = 0;
	int i;

	for (i = 0; i < WIDE_WORDS; i++) {
		sum += a.word[i];
		sum += b.word[i];
		a.word[i] = (u64)sum;
		sum >>= 64;
	}
	return a;
}

/* Most sums are of short numbers. */
static inline void wide_add(struct wide *a, u64 n)
{
	a->word[0] += n;
	if (a->word[0] < n && !++a->word[1])
		a->word[2]++;
}

static inline bool wide_less(const struct wide *a, const struct wide *b)
{
	int i = WIDE_WORDS - 1;

	while (i > 0 && a->word[i] == b->word[i])
		i--;
	return a->word[i] < b->word[i];
}

/* 0 where @b is greater. */
static inline struct wide wide_minus(struct wide a, struct wide b)
{
	bool borrow = false;
	int i;

	if (wide_less(&a, &b))
		return wide_from(0);
	for (i = 0; i < WIDE_WORDS; i++) {
		u64 n = a.word[i] - b.word[i] - borrow;

		borrow = a.word[i] < b.word[i] || (borrow && a.word[i] == b.word[i]);
		a.word[i] = n;
	}
	return a;
}

/* Divides @a by @n, bit by bit, as nobody is in a hurry; gives the remainder. */
static inline u64 wide_divide(struct wide *a, u64 n)
{
	u64 left = 0;
	int i;

	for (i = 64 * WIDE_WORDS - 1; i >= 0; i--) {
		u64 *word = &a->word[i / 64], bit = BIT_ULL(i % 64);
		bool carry = left >> 63;

		left = left << 1 | (*word & bit ? 1 : 0);
		*word &= ~bit;
		if (carry || left >= n) {
			left -= n;
			*word |= bit;
		}
	}
	return left;
}

/* The low bits; U64_MAX if there are others. */
static inline u64 wide_low(const struct wide *a)
{
	return a->word[1] || a->word[2] ? U64_MAX : a->word[0];
}

/* The square root, rounded down. */
static inline u64 wide_root(const struct wide *a)
{
	u64 root = 0;
	int i;

	for (i = 63; i >= 0; i--) {
		u64 next = root | BIT_ULL(i);
		struct wide square = wide_times(wide_from(next), next);

		if (!wide_less(a, &square))
			root = next;
	}
	return root;
}

#endif
