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
struct lthread;
struct luadrv_runtime;

/* parcel.c: bytes and objects on their way from one Lua state to another */

/* Objects that a parcel carries */
enum lparcel_kind {
	LPARCEL_SOCKET,		/* struct lsock: a handle */
	LPARCEL_DATA,		/* struct ldata */
	LPARCEL_CHANNEL,	/* struct lchannel */
	LPARCEL_TIMER,		/* struct ltimer */
	LPARCEL_HISTOGRAM,	/* struct lhist: a copy */
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

/* thread.c: Lua states in kernel threads of their own */

#define LTHREAD_NAME_SIZE	64

/**
 * struct lthread_options - how a thread shall run
 * @cpu: the processor that it runs on; negative: any that the script may use
 * @owned: it is stopped when its handle goes, or its spawner's run is stopped
 * @name: what it is called; empty: as the script
 */
struct lthread_options {
	int cpu;
	bool owned;
	char name[LTHREAD_NAME_SIZE];
};

/* How a thread ended, for lthread_join() */
enum lthread_end {
	LTHREAD_RETURNED,	/* with results */
	LTHREAD_RAISED,		/* with an error */
	LTHREAD_STOPPED,
	LTHREAD_SPENT,		/* all instructions of the script */
	LTHREAD_NO_MEMORY,	/* or none for its error */
};

int lthread_spawn(struct luadrv_runtime *rt, const struct lthread_options *options,
		  struct lparcel *work, struct lthread **res);
void lthread_release(struct lthread *t);
void lthread_stop_owned(const struct luadrv_runtime *rt);
int lthread_join(struct lthread *t, int timeout, struct lparcel **result,
		 enum lthread_end *end);
int lthread_stop(struct lthread *t);
u32 lthread_id(struct lthread *t);
const char *lthread_status(struct lthread *t);
struct lparcel *lthread_work(struct lthread *t);
void lthread_result(struct lthread *t, struct lparcel *result);
void lthread_error(struct lthread *t, const char *text, size_t len);
void lthread_end_all(struct luadrv_account *account);

#endif
