/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Parcels, channels and threads: the interface of the kernel half, which knows
 * no Lua, to the Lua half, which knows no kernel header.
 */
#ifndef _LUADRV_THREAD_H
#define _LUADRV_THREAD_H

#include <linux/types.h>

struct luadrv_account;
struct lchannel;
struct lparcel;
struct lpollable;

/* parcel.c: bytes and objects on their way from one Lua state to another */

/* Objects that a parcel carries by reference */
enum lparcel_kind {
	LPARCEL_SOCKET,		/* struct lsock: a handle */
	LPARCEL_DATA,		/* struct ldata */
	LPARCEL_CHANNEL,	/* struct lchannel */
};

int lparcel_new(struct luadrv_account *account, struct lparcel **res);
void lparcel_free(struct lparcel *parcel);
int lparcel_reserve(struct lparcel *parcel, size_t len);
void lparcel_write(struct lparcel *parcel, const void *bytes, size_t len);
int lparcel_attach(struct lparcel *parcel, enum lparcel_kind kind, void *object);
const void *lparcel_next(struct lparcel *parcel, size_t max, size_t *len);
bool lparcel_read(struct lparcel *parcel, void *bytes, size_t len);
void *lparcel_detach(struct lparcel *parcel, enum lparcel_kind kind);

/* channel.c: bounded queues of parcels between Lua states */

#define LCHANNEL_MAX_ROOM	65536

int lchannel_new(struct luadrv_account *account, unsigned int room,
		 struct lchannel **res);
void lchannel_get(struct lchannel *ch);
void lchannel_put(struct lchannel *ch);
int lchannel_send(struct lchannel *ch, struct lparcel *parcel, int timeout);
int lchannel_receive(struct lchannel *ch, int timeout, struct lparcel **res);
void lchannel_close(struct lchannel *ch);
unsigned int lchannel_count(struct lchannel *ch, unsigned int *room);
struct lpollable *lchannel_pollable(struct lchannel *ch);
void lchannel_end_all(struct luadrv_account *account);

#endif
