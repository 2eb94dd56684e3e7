// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Lua's allocator: the kernel's, within the script's memory limit.
 *
 * Its contract has two traps. When there is no old block, @osize is a type
 * tag and no size. And a block that shrinks must never fail.
 */
#include "driver/memory.h"
#include "driver/runtime.h"

/* Blocks up to this size stay within kmalloc(), which can grow them in place. */
#define SMALL_BLOCK 4096

/* A collection or the end of a state frees many blocks in one go. */
#define FREES_PER_BREATH 1024

static void free_block(struct luadrv_runtime *rt, void *ptr)
{
	kvfree(ptr);
	if (++rt->frees % FREES_PER_BREATH == 0)
		cond_resched();
}

/* True if @ptr would hold much more memory than the @nsize that is counted. */
static bool wasteful(const void *ptr, size_t nsize)
{
	return is_vmalloc_addr(ptr) || nsize <= ksize(ptr) / 2;
}

static void *move_block(void *ptr, size_t osize, size_t nsize)
{
	void *new = luadrv_kvmalloc(nsize, 0);

	if (!new)
		return NULL;
	memcpy(new, ptr, min(osize, nsize));
	kvfree(ptr);
	return new;
}

static void *resize_block(void *ptr, size_t osize, size_t nsize)
{
	void *new;

	if (nsize <= osize) {
		if (!wasteful(ptr, nsize))
			return ptr;
		/* Where there is no memory for a smaller block the old one serves. */
		new = move_block(ptr, osize, nsize);
		return new ? new : ptr;
	}
	if (nsize <= SMALL_BLOCK && !is_vmalloc_addr(ptr))
		return krealloc(ptr, nsize, LUADRV_GFP);
	return move_block(ptr, osize, nsize);
}

/**
 * luadrv_alloc() - lua_Alloc: make, resize or free a block of the Lua heap
 * @ud: the runtime
 * @ptr: old block, or NULL
 * @osize: its size if there is one
 * @nsize: size that it shall have; 0 frees it
 *
 * Context: Process, in the task that runs the script. May sleep.
 * Return: the block, or NULL when freed, when there is no memory, or when the
 * script's limit does not allow it.
 */
void *luadrv_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
	struct luadrv_runtime *rt = ud;
	struct luadrv_account *account = rt->account;
	void *new;

	if (!ptr)
		osize = 0;
	if (!nsize) {
		account->lua_bytes -= osize;
		if (ptr)
			free_block(rt, ptr);
		return NULL;
	}
	if (nsize > osize && (nsize > INT_MAX || luadrv_account_fail(account) ||
			      !luadrv_account_has_room(account, nsize - osize)))
		return NULL;
	new = ptr ? resize_block(ptr, osize, nsize) : luadrv_kvmalloc(nsize, 0);
	if (new)
		account->lua_bytes += (long)nsize - (long)osize;
	return new;
}
