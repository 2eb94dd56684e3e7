/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What one script may hold: memory outside its Lua heap, sockets, timers. An
 * account outlives its script as long as something is charged to it.
 */
#ifndef _LUADRV_ACCOUNT_H
#define _LUADRV_ACCOUNT_H

#include <linux/types.h>

struct luadrv_account;

struct luadrv_account *luadrv_account_new(size_t max_memory, long max_sockets);
struct luadrv_account *luadrv_account_get(struct luadrv_account *account);
void luadrv_account_put(struct luadrv_account *account);

/* 0 or -ENOMEM when the script's memory limit does not allow @bytes more. */
int luadrv_account_charge(struct luadrv_account *account, size_t bytes);
void luadrv_account_uncharge(struct luadrv_account *account, size_t bytes);
/* What was charged stays so until the account's end: nobody will know when it is free. */
void luadrv_account_keep(struct luadrv_account *account, size_t bytes);

/* 0 or -EMFILE when the script holds as many sockets as it may. */
int luadrv_account_add_socket(struct luadrv_account *account);
void luadrv_account_remove_socket(struct luadrv_account *account);

/* Of what else a script may hold a certain number. */
enum luadrv_account_thing {
	LUADRV_ACCOUNT_TIMERS,
	LUADRV_ACCOUNT_LOOKUPS,
	LUADRV_ACCOUNT_PACKETS,
	LUADRV_ACCOUNT_THINGS
};

/* 0 or -EMFILE when the script holds @most of @thing. */
int luadrv_account_add(struct luadrv_account *account, enum luadrv_account_thing thing, int most);
void luadrv_account_remove(struct luadrv_account *account, enum luadrv_account_thing thing);

/* Whether peers of the script's Unix sockets have sent open files. */
bool luadrv_account_gets_files(const struct luadrv_account *account);
void luadrv_account_set_gets_files(struct luadrv_account *account);

#endif
