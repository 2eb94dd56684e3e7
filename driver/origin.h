/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where a script comes from: what of its process it keeps, wherever it runs. */
#ifndef _LUADRV_ORIGIN_H
#define _LUADRV_ORIGIN_H

#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/kref.h>
#include <linux/memcontrol.h>

#include "driver/compat.h"

/**
 * struct luadrv_origin - what was taken from a process
 * @ref: references to it
 * @net: its network namespace
 * @net_tracker: tells a debug kernel who holds @net
 * @cred: its credentials
 * @memcg: its memory cgroup, or NULL
 * @cpus: processors that it may use
 * @nice: its niceness
 * @umask: permissions that no file gets which it makes
 */
struct luadrv_origin {
	struct kref ref;
	struct net *net;
	netns_tracker net_tracker;
	const struct cred *cred;
	struct mem_cgroup *memcg;
	struct cpumask cpus;
	int nice;
	umode_t umask;
};

/**
 * struct luadrv_self - what a thread was before it took on an origin
 * @cred: its credentials
 * @memcg: what its allocations were charged to
 */
struct luadrv_self {
	const struct cred *cred;
	struct mem_cgroup *memcg;
};

struct luadrv_origin *luadrv_origin_new(void);
struct luadrv_origin *luadrv_origin_get(struct luadrv_origin *origin);
void luadrv_origin_put(struct luadrv_origin *origin);
void luadrv_origin_assume(struct luadrv_origin *origin, struct luadrv_self *self);
void luadrv_origin_leave(struct luadrv_self *self);

#endif
