// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* memchr() a word at a time: the kernel's goes byte by byte, and string.find() rests on it. */
#include <linux/string.h>
#include <linux/types.h>

void *luaport_memchr(const void *s, int c, size_t n);

#define ONES 0x0101010101010101ULL
#define TOPS 0x8080808080808080ULL

/**
 * luaport_memchr() - C's memchr()
 * @s: bytes
 * @c: the byte that is looked for
 * @n: how many there are
 *
 * Context: Any.
 * Return: where it is first, or NULL.
 */
void *luaport_memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;
	u64 wanted = (unsigned char)c * ONES, word, found;

	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		word ^= wanted;
		/* The lowest bit in it is the top of the first byte that is zero now. */
		found = (word - ONES) & ~word & TOPS;
		if (!found)
			continue;
		if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
			return (void *)(p + __builtin_ctzll(found) / 8);
		break;
	}
	for (; n; n--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}
