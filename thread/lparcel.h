/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The inside of parcels and channels, for the files of the kernel half. */
#ifndef _LUADRV_LPARCEL_H
#define _LUADRV_LPARCEL_H

#include <linux/list.h>
#include <linux/types.h>

#include "thread.h"

/**
 * struct lparcel - bytes and objects on their way between Lua states
 * @link: in a channel's queue, or among those that are to be freed
 * @account: what it is charged to
 * @chunks: the bytes; those before the reader are freed already
 * @writing: the chunk that takes the next byte; empty ones may follow it
 * @at: the reader's place in the first chunk
 * @objects: what it carries (struct lparcel_object), in their order
 */
struct lparcel {
	struct list_head link;
	struct luadrv_account *account;
	struct list_head chunks;
	struct lparcel_chunk *writing;
	size_t at;
	struct list_head objects;
};

/* parcel.c: frees all parcels in the list, and those that they lead to. */
void lparcel_free_all(struct list_head *parcels);

/* channel.c: lchannel_put(); the last one leaves the parcels in it in @parcels. */
void lchannel_leave(struct lchannel *ch, struct list_head *parcels);

#endif
