/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The kernel's own resolver of names, for both halves. */
#ifndef _LUADRV_UPCALL_H
#define _LUADRV_UPCALL_H

#include <linux/types.h>

struct luadrv_account;
struct lpollable;
struct lupcall;
struct net;

/* What a name stands for: addresses of IPv4, of IPv6. */
enum lupcall_kind { LUPCALL_INET, LUPCALL_INET6, LUPCALL_PARTS };

/* The longest name that DNS knows. */
#define LUPCALL_MAX_NAME	253

/* upcall.c */
int lupcall_new(struct luadrv_account *account, struct net *net, const char *name,
		size_t len, const bool wanted[LUPCALL_PARTS], struct lupcall **res);
int lupcall_result(struct lupcall *up, enum lupcall_kind part, const char **text);
void lupcall_close(struct lupcall *up);
void lupcall_put(struct lupcall *up);
struct lpollable *lupcall_pollable(struct lupcall *up);
int lupcall_init(void);
void lupcall_exit(void);

#endif
