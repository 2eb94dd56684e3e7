// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The small blocks of a Lua state. A slab finds its blocks by their addresses:
 * the kernel aligns what it allocates in a power of two to that. It is from
 * kmalloc() and not from the page allocator, so that kmemleak looks into it.
 */
#include "driver/pool.h"

#include "driver/memory.h"
#include "driver/runtime.h"

#include <linux/kasan.h>
#include <linux/list.h>
#include <linux/slab.h>

#define SLAB_SIZE 4096

/* As many empty slabs are kept for the next blocks. */
#define SPARES 16

/**
 * struct slab - header of the page that blocks of one size share
 * @node: in the pool's list of slabs that have free blocks, or in that of spares
 * @free: the free blocks, each of which begins with the next one's address
 * @used: how many are not
 * @class: which size
 */
struct slab {
	struct hlist_node node;
	void *free;
	unsigned int used;
	unsigned int class;
};

/* Steps of 8, 16, 32 and 64: no block wastes more than a fifth. */
static const u16 sizes[LUADRV_POOL_CLASSES] = {
	16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512
};

/* The class of a size, in units of 8 bytes. */
static const u8 classes[LUADRV_POOL_MAX / 8 + 1] = {
	0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 8, 9, 9, 10, 10,
	[17 ... 20] = 11, [21 ... 24] = 12, [25 ... 28] = 13, [29 ... 32] = 14,
	[33 ... 40] = 15, [41 ... 48] = 16, [49 ... 56] = 17, [57 ... 64] = 18,
};

static unsigned int class_of(size_t size)
{
	return classes[(size + 7) / 8];
}

static struct slab *slab_of(void *block)
{
	return (struct slab *)((unsigned long)block & ~(SLAB_SIZE - 1UL));
}

/*
 * KASAN sees blocks as it sees those of kmalloc(). Its functions for that are
 * not for modules; these, for compiled code, are. Both take shadow addresses.
 */
#ifdef CONFIG_KASAN_GENERIC
static void forbid(void *block, size_t size)
{
	__asan_set_shadow_f8(kasan_mem_to_shadow(block), size / 8);
}

static void allow(void *block, size_t size)
{
	__asan_set_shadow_00(kasan_mem_to_shadow(block), (size + 7) / 8);
}
#else
static void forbid(void *block, size_t size) { }
static void allow(void *block, size_t size) { }
#endif

static void slab_fill(struct slab *slab, unsigned int class)
{
	char *end = (char *)slab + SLAB_SIZE, *block;
	size_t size = sizes[class];

	slab->class = class;
	slab->used = 0;
	slab->free = slab + 1;
	for (block = slab->free; block + 2 * size <= end; block += size)
		*(void **)block = block + size;
	*(void **)block = NULL;
	forbid(slab->free, end - (char *)slab->free);
}

static void slab_release(struct slab *slab, struct luadrv_account *account)
{
	allow(slab, SLAB_SIZE);
	kfree(slab);
	luadrv_account_give(account, SLAB_SIZE);
}

static struct slab *take_spare(struct luadrv_pool *pool)
{
	struct slab *slab = hlist_entry(pool->spare.first, struct slab, node);

	hlist_del(&slab->node);
	pool->spares--;
	allow(slab, SLAB_SIZE);
	return slab;
}

static struct slab *new_slab(struct luadrv_account *account)
{
	struct slab *slab;

	if (!luadrv_account_take(account, SLAB_SIZE))
		return NULL;
	slab = kmalloc(SLAB_SIZE, LUADRV_GFP);
	if (!slab)
		luadrv_account_give(account, SLAB_SIZE);
	return slab;
}

static noinline struct slab *add_slab(struct luadrv_pool *pool, struct luadrv_account *account,
				      unsigned int class)
{
	struct slab *slab = pool->spares ? take_spare(pool) : new_slab(account);

	if (!slab)
		return NULL;
	slab_fill(slab, class);
	hlist_add_head(&slab->node, &pool->partial[class]);
	pool->used++;
	return slab;
}

/**
 * luadrv_pool_alloc() - a small block
 * @pool: the state's pool
 * @account: of the script
 * @size: bytes, at most LUADRV_POOL_MAX
 *
 * Context: Process, in the task that runs the state. May sleep.
 * Return: the block, aligned to 8 bytes, or NULL when there is no memory or
 * when the script's limit does not allow it.
 */
void *luadrv_pool_alloc(struct luadrv_pool *pool, struct luadrv_account *account, size_t size)
{
	unsigned int class = class_of(size);
	struct slab *slab = hlist_entry_safe(pool->partial[class].first, struct slab, node);
	void *block;

	if (unlikely(!slab)) {
		slab = add_slab(pool, account, class);
		if (!slab)
			return NULL;
	}
	block = slab->free;
	allow(block, max_t(size_t, size, sizeof(void *)));
	slab->free = *(void **)block;
	slab->used++;
	if (unlikely(!slab->free))
		hlist_del(&slab->node);
	return block;
}

static noinline void slab_emptied(struct luadrv_pool *pool, struct luadrv_account *account,
				  struct slab *slab)
{
	hlist_del(&slab->node);
	pool->used--;
	if (pool->spares < SPARES) {
		hlist_add_head(&slab->node, &pool->spare);
		pool->spares++;
	} else {
		slab_release(slab, account);
	}
	if (!pool->used)
		luadrv_pool_drain(pool, account);
}

/**
 * luadrv_pool_free() - give a block back
 * @pool: the pool that it is from
 * @account: of the script
 * @block: not NULL
 *
 * Context: Process, in the task that runs the state.
 */
void luadrv_pool_free(struct luadrv_pool *pool, struct luadrv_account *account, void *block)
{
	struct slab *slab = slab_of(block);

	allow(block, sizeof(void *));
	*(void **)block = slab->free;
	forbid(block, sizes[slab->class]);
	if (unlikely(!slab->free))
		hlist_add_head(&slab->node, &pool->partial[slab->class]);
	slab->free = block;
	if (unlikely(!--slab->used))
		slab_emptied(pool, account, slab);
}

/**
 * luadrv_pool_fits() - whether a block may serve as one of another size
 * @block: from a pool
 * @size: bytes, at most LUADRV_POOL_MAX
 *
 * Context: Process, in the task that runs the state.
 * Return: true if so; the block then is one of this size.
 */
bool luadrv_pool_fits(void *block, size_t size)
{
	unsigned int class = slab_of(block)->class;

	if (class != class_of(size))
		return false;
	forbid(block, sizes[class]);
	allow(block, size);
	return true;
}

/**
 * luadrv_pool_drain() - give the empty slabs back
 * @pool: the state's pool
 * @account: of the script
 *
 * Context: Process, in the task that runs the state.
 * Return: true if there were any.
 */
bool luadrv_pool_drain(struct luadrv_pool *pool, struct luadrv_account *account)
{
	if (!pool->spares)
		return false;
	while (pool->spares)
		slab_release(take_spare(pool), account);
	return true;
}
