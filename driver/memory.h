/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Memory that a script asks for: in any size, accounted, and at nobody else's cost. */
#ifndef _LUADRV_MEMORY_H
#define _LUADRV_MEMORY_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/* Where memory is short, the script gets the error; the kernel kills nobody to make room for it. */
#define LUADRV_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * luadrv_kvmalloc() - kvmalloc() that takes the memory that is there
 * @size: bytes
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
	void *mem;

	if (size <= PAGE_SIZE)
		return kmalloc(size, LUADRV_GFP | flags);
	mem = kmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_NORETRY | flags);
	return mem ? mem : __vmalloc(size, LUADRV_GFP | flags);
}

#endif
