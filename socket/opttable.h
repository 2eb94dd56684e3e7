/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the tables of options have in common. A row is
 *
 *	level, number, name, letters, kind, min, max, reader,
 *	unit, help, and by name what only few options have
 *
 * in this order, with the reader and whatever precedes it in the first line,
 * so that tools/options can read it.
 */
#ifndef _LUADRV_OPTTABLE_H
#define _LUADRV_OPTTABLE_H

#include <linux/kernel.h>
#include <linux/socket.h>
#include <net/sock.h>

#include "driver/compat.h"
#include "opt.h"

#define NONE	LSOCK_OPT_NONE
#define BOOL	LSOCK_OPT_BOOL
#define INT	LSOCK_OPT_INT
#define LONG	LSOCK_OPT_LONG
#define MS	LSOCK_OPT_MS
#define WORD	LSOCK_OPT_WORD
#define MASK	LSOCK_OPT_MASK
#define TEXT	LSOCK_OPT_TEXT
#define LINGER	LSOCK_OPT_LINGER
#define TABLE	LSOCK_OPT_TABLE
#define ADDR	LSOCK_OPT_ADDR
#define DEVICE	LSOCK_OPT_DEVICE
#define GROUP	LSOCK_OPT_GROUP
#define FILTER	LSOCK_OPT_FILTER

/* A reader that is an expression: the socket is locked, and of the level's kind. */
#define LSOCK_GETTER(name, expr)					\
static int get_##name(struct sock *sk, struct lsock_optval *val)	\
{									\
	val->num = (expr);						\
	return 0;							\
}

/* opt_socket.c */
extern const struct lsock_opt lsock_socket_opts[];
/* opt_tcp.c */
extern const struct lsock_opt lsock_tcp_opts[];
/* opt_ip.c */
extern const struct lsock_opt lsock_udp_opts[];
extern const struct lsock_opt lsock_raw_opts[];
extern const struct lsock_opt lsock_ip_opts[];
/* opt_ipv6.c */
extern const struct lsock_opt lsock_ipv6_opts[];

/* opt_ip.c, for opt_ipv6.c: the ways to find the path's MTU, and a reader of it */
extern const struct lsock_name lsock_mtu_words[];
int lsock_get_mtu(struct sock *sk, struct lsock_optval *val);

/* opt_filter.c: setters */
int lsock_attach_filter(struct lsock *ls, const struct lsock_optval *val);
int lsock_detach_filter(struct lsock *ls, const struct lsock_optval *val);
int lsock_attach_reuseport(struct lsock *ls, const struct lsock_optval *val);
int lsock_detach_reuseport(struct lsock *ls, const struct lsock_optval *val);

/* opt_origdst.c: readers */
int lsock_original_dst(struct sock *sk, struct lsock_optval *val);
int lsock_original_dst6(struct sock *sk, struct lsock_optval *val);

#if IS_ENABLED(CONFIG_NF_CONNTRACK)
#define LSOCK_ORIGINAL_DST	lsock_original_dst
#define LSOCK_ORIGINAL_DST6	lsock_original_dst6
#else
#define LSOCK_ORIGINAL_DST	NULL
#define LSOCK_ORIGINAL_DST6	NULL
#endif

/* What an option lacks on a kernel that is built without this. */
#define LSOCK_NEEDS(option)						\
	(IS_ENABLED(CONFIG_##option) ? NULL :				\
	 "this kernel is built without CONFIG_" #option)

#endif
