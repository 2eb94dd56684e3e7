/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The small blocks of one Lua state: free lists by size over slabs of one
 * page, which are charged to the script's account as a whole. All zeros is an
 * empty pool, and a pool without blocks holds no memory.
 *
 * A pool belongs to the task that runs its state: nothing here is locked.
 */
#ifndef _LUADRV_POOL_H
#define _LUADRV_POOL_H

#include <linux/list.h>
#include <linux/types.h>

struct luadrv_account;

/* The largest block that comes from a pool. */
#define LUADRV_POOL_MAX		512
#define LUADRV_POOL_CLASSES	19

/**
 * struct luadrv_pool - free small blocks
 * @partial: for each size, the slabs that have free blocks
 * @spare: slabs without blocks, kept for any size
 * @spares: how many
 * @used: slabs with blocks
 */
struct luadrv_pool {
	struct hlist_head partial[LUADRV_POOL_CLASSES];
	struct hlist_head spare;
	unsigned int spares;
	unsigned long used;
};

void *luadrv_pool_alloc(struct luadrv_pool *pool, struct luadrv_account *account, size_t size);
void luadrv_pool_free(struct luadrv_pool *pool, struct luadrv_account *account, void *block);
bool luadrv_pool_fits(void *block, size_t size);
bool luadrv_pool_drain(struct luadrv_pool *pool, struct luadrv_account *account);

#ifdef CONFIG_KASAN_GENERIC
/* As the compiler knows them. */
void __asan_set_shadow_00(const void *shadow, size_t size);
void __asan_set_shadow_f8(const void *shadow, size_t size);
#endif

#endif
