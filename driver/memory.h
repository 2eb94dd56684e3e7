/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Memory that a script asks for: in any size, accounted, and at nobody else's cost. */
#ifndef _LUADRV_MEMORY_H
#define _LUADRV_MEMORY_H

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/* Where memory is short, the script gets the error; the kernel kills nobody to make room for it. */
#define LUADRV_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * luadrv_kvsize() - what a block of luadrv_kvmalloc() takes of the machine's memory
 * @size: its bytes
 *
 * kmalloc() gives powers of two (and small sizes between, as which no script
 * is charged), vmalloc() whole pages. Where these are much less, a block is of these.
 *
 * Context: Any.
 * Return: bytes, at least @size; the same for the same @size.
 */
static inline size_t luadrv_kvsize(size_t size)
{
	size_t power = roundup_pow_of_two(max_t(size_t, size, 8));
	size_t pages = PAGE_ALIGN(size);

	return power <= 2 * PAGE_SIZE || power - pages <= pages / 8 ? power : pages;
}

/**
 * luadrv_kvmalloc() - kvmalloc() that takes the memory that is there
 * @size: bytes; luadrv_kvsize() tells what to charge for them
 * @flags: __GFP_ZERO or 0
 *
 * kvmalloc() itself takes __GFP_RETRY_MAYFAIL for the wish to have pages in a
 * row, and reclaims and compacts memory before it is content with others.
 *
 * Context: Process context. May sleep.
 * Return: the memory, for kvfree(), or NULL.
 */
static inline void *luadrv_kvmalloc(size_t size, gfp_t flags)
{
	void *mem = NULL;

	if (size <= PAGE_SIZE)
		return kmalloc(size, LUADRV_GFP | flags);
	if (is_power_of_2(luadrv_kvsize(size)))
		mem = kmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_NORETRY | flags);
	return mem ? mem : __vmalloc(size, LUADRV_GFP | flags);
}

#endif
