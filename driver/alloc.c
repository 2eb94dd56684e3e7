// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Lua's allocator: small blocks from the state's pool, others from the kernel,
 * all within the script's memory limit.
 *
 * Its contract has two traps. When there is no old block, @osize is a type
 * tag and no size. And a block that shrinks must never fail.
 */
#include "driver/live.h"
#include "driver/memory.h"
#include "driver/pool.h"
#include "driver/runtime.h"

/* Blocks up to this size stay within kmalloc(), which can grow them in place. */
#define KMALLOC_BLOCK 4096

/* A collection or the end of a state frees many blocks in one go. */
#define FREES_PER_BREATH 1024

/**
 * struct luadrv_misfit - end of a large block that shrank to a small size when
 * there was no memory for a small block
 * @next: the state's next one
 * @charged: bytes that the account holds for it
 */
struct luadrv_misfit {
	struct luadrv_misfit *next;
	size_t charged;
};

/* Each large block has room for what makes it a misfit. */
#define LARGE_MIN (LUADRV_POOL_MAX + sizeof(struct luadrv_misfit))

/* Takes memory into account, if need be in place of the pool's empty slabs. */
static bool take(struct luadrv_runtime *rt, size_t bytes)
{
	return luadrv_account_take(rt->account, bytes) ||
	       (luadrv_pool_drain(&rt->pool, rt->account) &&
		luadrv_account_take(rt->account, bytes));
}

static void *kernel_block(size_t size)
{
	return luadrv_kvmalloc(max(size, LARGE_MIN), 0);
}

/* What such a block takes: the account is charged for that. */
static size_t charge_of(size_t size)
{
	return luadrv_kvsize(max(size, LARGE_MIN));
}

static void *new_large(struct luadrv_runtime *rt, size_t size)
{
	void *block;

	if (size > INT_MAX || !take(rt, charge_of(size)))
		return NULL;
	block = kernel_block(size);
	if (!block)
		luadrv_account_give(rt->account, charge_of(size));
	return block;
}

static void *new_block(struct luadrv_runtime *rt, size_t size)
{
	if (size <= LUADRV_POOL_MAX)
		return luadrv_pool_alloc(&rt->pool, rt->account, size);
	return new_large(rt, size);
}

/* The misfit at @block, taken off the list, or NULL. */
static struct luadrv_misfit *misfit_at(struct luadrv_runtime *rt, void *block)
{
	struct luadrv_misfit **link, *misfit;

	for (link = &rt->misfits; *link; link = &(*link)->next) {
		misfit = *link;
		if ((void *)misfit == block + LUADRV_POOL_MAX) {
			*link = misfit->next;
			return misfit;
		}
	}
	return NULL;
}

static void make_misfit(struct luadrv_runtime *rt, void *block, size_t charged)
{
	struct luadrv_misfit *misfit = block + LUADRV_POOL_MAX;

	misfit->charged = charged;
	misfit->next = rt->misfits;
	rt->misfits = misfit;
}

static void free_large(struct luadrv_runtime *rt, void *block, size_t charged)
{
	kvfree(block);
	luadrv_account_give(rt->account, charged);
}

static void free_block(struct luadrv_runtime *rt, void *block, size_t size)
{
	struct luadrv_misfit *misfit;

	if (unlikely(++rt->frees % FREES_PER_BREATH == 0))
		cond_resched();
	if (size > LUADRV_POOL_MAX) {
		free_large(rt, block, charge_of(size));
		return;
	}
	misfit = unlikely(rt->misfits) ? misfit_at(rt, block) : NULL;
	if (misfit)
		free_large(rt, block, misfit->charged);
	else
		luadrv_pool_free(&rt->pool, rt->account, block);
}

static void *copy_large(void *block, size_t osize, size_t nsize)
{
	void *new = kernel_block(nsize);

	if (!new)
		return NULL;
	memcpy(new, block, min(osize, nsize));
	kvfree(block);
	return new;
}

static void *grow_large(struct luadrv_runtime *rt, void *block, size_t osize, size_t nsize)
{
	size_t more;
	void *new;

	if (nsize > INT_MAX)
		return NULL;
	more = charge_of(nsize) - charge_of(osize);
	if (!take(rt, more))
		return NULL;
	if (nsize <= KMALLOC_BLOCK && !is_vmalloc_addr(block))
		new = krealloc(block, max(nsize, LARGE_MIN), LUADRV_GFP);
	else
		new = copy_large(block, osize, nsize);
	if (!new)
		luadrv_account_give(rt->account, more);
	return new;
}

/* A block that would take as much stays; where there is no memory for a smaller one the old one serves. */
static void *shrink_large(struct luadrv_runtime *rt, void *block, size_t osize, size_t nsize)
{
	size_t less = charge_of(osize) - charge_of(nsize);
	void *new = less ? copy_large(block, osize, nsize) : NULL;

	luadrv_account_give(rt->account, less);
	return new ? new : block;
}

static void *keep(struct luadrv_runtime *rt, void *block, size_t osize)
{
	if (osize > LUADRV_POOL_MAX)
		make_misfit(rt, block, charge_of(osize));
	return block;
}

static void *move_block(struct luadrv_runtime *rt, void *block, size_t osize, size_t nsize)
{
	void *new = new_block(rt, nsize);

	if (!new)
		return nsize <= osize ? keep(rt, block, osize) : NULL;
	memcpy(new, block, min(osize, nsize));
	free_block(rt, block, osize);
	return new;
}

static void *resize_misfit(struct luadrv_runtime *rt, struct luadrv_misfit *misfit, void *block,
			   size_t osize, size_t nsize)
{
	size_t charged = misfit->charged;
	void *new = new_block(rt, nsize);

	if (!new) {
		make_misfit(rt, block, charged);
		return nsize <= osize ? block : NULL;
	}
	memcpy(new, block, min(osize, nsize));
	free_large(rt, block, charged);
	return new;
}

static void *resize_block(struct luadrv_runtime *rt, void *block, size_t osize, size_t nsize)
{
	struct luadrv_misfit *misfit;

	if (osize > LUADRV_POOL_MAX && nsize > LUADRV_POOL_MAX)
		return nsize > osize ? grow_large(rt, block, osize, nsize) :
				       shrink_large(rt, block, osize, nsize);
	if (osize <= LUADRV_POOL_MAX) {
		misfit = unlikely(rt->misfits) ? misfit_at(rt, block) : NULL;
		if (misfit)
			return resize_misfit(rt, misfit, block, osize, nsize);
		if (nsize <= LUADRV_POOL_MAX && luadrv_pool_fits(block, nsize))
			return block;
	}
	return move_block(rt, block, osize, nsize);
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

	if (!nsize) {
		if (ptr)
			free_block(rt, ptr, osize);
		return NULL;
	}
	if (!ptr || nsize > osize) {
		luadrv_note_allocation();
		if (luadrv_account_fail(rt->account))
			return NULL;
	}
	return ptr ? resize_block(rt, ptr, osize, nsize) : new_block(rt, nsize);
}
