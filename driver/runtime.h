/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A runtime: one Lua state and what the kernel keeps for it while a task runs
 * its script. Kernel side only.
 */
#ifndef _LUADRV_RUNTIME_H
#define _LUADRV_RUNTIME_H

#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "lua/port.h"
#include "driver/compat.h"
#include "driver/pool.h"
#include "driver/script.h"

/* Module parameters */
extern unsigned long luadrv_memory;
extern unsigned int luadrv_sockets;
extern unsigned long luadrv_fail_alloc;
extern unsigned int luadrv_fail_alloc_times;

/**
 * struct luadrv_account - what one script holds, and how much it may
 * @ref: one by the runtime, one by each object that is charged to it
 * @all: in the list of all accounts
 * @max_memory: bytes that the Lua heaps and all that is charged may take
 * @used: bytes that they take
 * @peak: the most that it ever was
 * @lua_bytes: of these, the Lua heaps of all states of the script
 * @charged_bytes: and memory outside of them
 * @max_sockets: how many sockets there may be
 * @sockets: how many there are
 * @fail_countdown: for tests: allocations until they begin to fail; 0: never
 * @failures: how many then fail; 0: all
 */
struct luadrv_account {
	struct kref ref;
	struct list_head all;
	long max_memory;
	atomic_long_t used;
	long peak;
	atomic_long_t lua_bytes;
	atomic_long_t charged_bytes;
	int max_sockets;
	atomic_t sockets;
	long fail_countdown;
	unsigned int failures;
};

/**
 * struct luadrv_runtime - a script that runs
 * @port: what it shares with the Lua core
 * @account: what it may hold
 * @net: the network namespace of its sockets
 * @net_tracker: tells a debug kernel who holds @net
 * @tick: makes it look up every few milliseconds
 * @lock: protects @asleep, @parked and the coroutine that the tick arms
 * @asleep: in a kernel call that may sleep: no tick is needed
 * @parked: the tick found it asleep and was not set again
 * @pool: the small blocks of its Lua heap
 * @misfits: small blocks that are not from @pool (driver/alloc.c)
 * @frees: blocks that the allocator gave back since it last let others run
 * @owner: name of the process, for the log
 * @pid: its number there
 * @line: where a record for the kernel log is put together
 */
struct luadrv_runtime {
	struct luaport port;
	struct luadrv_account *account;
	struct net *net;
	netns_tracker net_tracker;
	struct hrtimer tick;
	raw_spinlock_t lock;
	bool asleep;
	bool parked;
	struct luadrv_pool pool;
	struct luadrv_misfit *misfits;
	unsigned int frees;
	char owner[TASK_COMM_LEN];
	pid_t pid;
	char line[512];
};

/* account.c */
bool luadrv_account_fails(struct luadrv_account *account);
bool luadrv_account_take(struct luadrv_account *account, size_t bytes);
void luadrv_account_give(struct luadrv_account *account, size_t bytes);
void luadrv_account_totals(long *lua_bytes, long *charged_bytes);

/* For tests: true when this allocation shall fail. */
static inline bool luadrv_account_fail(struct luadrv_account *account)
{
	return unlikely(READ_ONCE(account->fail_countdown)) && luadrv_account_fails(account);
}

/* runtime.c */
int luadrv_run(const char *script, size_t len);

void luadrv_runtime_init(void);

/* device.c */
int luadrv_device_init(void);
void luadrv_device_exit(void);

#endif
