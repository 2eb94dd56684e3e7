/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A runtime: one Lua state and what the kernel keeps for it. Its script runs in
 * one task at a time. Kernel side only.
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
#include "driver/account.h"
#include "driver/compat.h"
#include "driver/origin.h"
#include "driver/output.h"
#include "driver/pool.h"
#include "driver/script.h"
#include "driver/uapi/luadrv.h"

/* Module parameters */
extern unsigned long luadrv_memory;
extern unsigned long luadrv_output;
extern unsigned int luadrv_sockets;
extern unsigned long luadrv_instructions;
extern unsigned int luadrv_max_script;
extern unsigned int luadrv_stack;
extern unsigned long luadrv_fail_alloc;
extern unsigned int luadrv_fail_alloc_times;

/**
 * struct luadrv_account - what one script holds, and how much it may
 * @ref: one by the runtime, one by each object that is charged to it
 * @all: in the list of all accounts
 * @max_memory: bytes that the Lua heaps and all that is charged may take
 * @used: bytes that they take
 * @kept: of these, what nobody gives back before the end
 * @peak: the most that it ever was
 * @lua_bytes: of these, the Lua heaps of all states of the script
 * @charged_bytes: and memory outside of them
 * @max_sockets: how many sockets there may be
 * @sockets: how many there are
 * @things: how many there are of what else is counted
 * @gets_files: a peer of a Unix socket has sent open files
 * @budget: instructions that the script and its threads may still execute
 * @parts_lock: protects what follows; a channel's own lock nests in it, and
 *	the locks of what stops a thread
 * @channels: the channels of the script
 * @threads: its threads that run
 * @thread_count: kernel threads that have yet to go
 * @ending: no more threads
 * @idle: woken when the last kernel thread goes
 * @fail_countdown: for tests: allocations until they begin to fail; 0: never
 * @failures: how many then fail; 0: all
 */
struct luadrv_account {
	struct kref ref;
	struct list_head all;
	long max_memory;
	atomic_long_t used;
	atomic_long_t kept;
	long peak;
	atomic_long_t lua_bytes;
	atomic_long_t charged_bytes;
	int max_sockets;
	atomic_t sockets;
	atomic_t things[LUADRV_ACCOUNT_THINGS];
	bool gets_files;
	atomic64_t budget;
	spinlock_t parts_lock;
	struct list_head channels;
	struct list_head threads;
	unsigned int thread_count;
	bool ending;
	wait_queue_head_t idle;
	long fail_countdown;
	unsigned int failures;
};

/**
 * struct luadrv_runtime - a script
 * @port: what it shares with the Lua core
 * @ref: references to it
 * @id: its number in the registry, 0 before it is there
 * @account: what it may hold
 * @leader: the script whose thread it is, which outlives it, or NULL
 * @thread: the thread that it is, or NULL
 * @quiet: nobody needs to be told that it is stopped
 * @origin: the process that it comes from
 * @output: what it printed, or NULL: it prints to the kernel log
 * @detached: runs in a kernel thread of its own
 * @session: its state stays from run to run
 * @name: what it is called
 * @named: it was given that name, and is called so in messages
 * @stack: bytes of each 16 KiB of the kernel stack that calls may fill
 * @max_script: bytes that a file of a module may have
 * @args: its arguments, each with its NUL
 * @args_size: bytes of them
 * @tick: makes it look up every few milliseconds
 * @lock: protects @task, @stopping, @heeds, @asked, @asleep, @parked and the coroutine that is armed
 * @task: who runs it now, or NULL
 * @pid: number of the task that runs it or ran it last
 * @stopping: somebody wants the run to end
 * @heeds: the script looks at @asked now and then
 * @asked: somebody would have the script come to its end early
 * @asleep: in a kernel call that may sleep: no tick is needed
 * @parked: the tick found it asleep and was not set again
 * @wait: name of that call
 * @pool: the small blocks of its Lua heap
 * @misfits: small blocks that are not from @pool (driver/alloc.c)
 * @frees: blocks that the allocator gave back since it last let others run
 * @born: when it was made, in ns
 * @cpu: CPU time of its earlier runs, in ns
 * @cpu_before: CPU time of @task when it began to run it
 * @received: bytes that its sockets received
 * @sent: bytes that they sent
 * @line: where a record for the kernel log is put together
 */
struct luadrv_runtime {
	struct luaport port;
	struct kref ref;
	u32 id;
	struct luadrv_account *account;
	struct luadrv_runtime *leader;
	struct lthread *thread;
	bool quiet;
	struct luadrv_origin *origin;
	struct luadrv_output *output;
	bool detached;
	bool session;
	char name[LUADRV_NAME_SIZE];
	bool named;
	unsigned int stack;
	unsigned int max_script;
	char *args;
	size_t args_size;
	struct hrtimer tick;
	raw_spinlock_t lock;
	struct task_struct *task;
	pid_t pid;
	bool stopping;
	bool heeds;
	bool asked;
	bool asleep;
	bool parked;
	const char *wait;
	struct luadrv_pool pool;
	struct luadrv_misfit *misfits;
	unsigned int frees;
	u64 born;
	u64 cpu;
	u64 cpu_before;
	u64 received;
	u64 sent;
	char line[512];
};

/* account.c */
bool luadrv_account_fails(struct luadrv_account *account);
bool luadrv_account_take(struct luadrv_account *account, size_t bytes);
void luadrv_account_give(struct luadrv_account *account, size_t bytes);
void luadrv_account_totals(long *lua_bytes, long *charged_bytes);

/**
 * struct luadrv_setup - how a script shall run
 * @memory: bytes that it may hold
 * @instructions: that it may execute; 0: any number
 * @sockets: how many it may hold
 * @output: bytes that are kept of what it prints
 * @stack: bytes of each 16 KiB of the kernel stack that calls may fill
 * @max_script: bytes that its text and the files of modules may have
 * @args: its arguments, each with its NUL; kvmalloc()ed
 * @args_size: bytes of them
 * @name: what it is called; empty: as the process
 * @spawner: who spawns it as a thread, or NULL
 * @session: its state stays from run to run
 * @detached: it runs in a kernel thread of its own
 */
struct luadrv_setup {
	unsigned long memory;
	unsigned long instructions;
	unsigned int sockets;
	unsigned long output;
	unsigned int stack;
	unsigned int max_script;
	char *args;
	size_t args_size;
	char name[LUADRV_NAME_SIZE];
	struct luadrv_runtime *spawner;
	bool session;
	bool detached;
};

/* For tests: true when this allocation shall fail. */
static inline bool luadrv_account_fail(struct luadrv_account *account)
{
	return unlikely(READ_ONCE(account->fail_countdown)) && luadrv_account_fails(account);
}

/* print.c */
size_t luadrv_take_line(struct luadrv_runtime *rt, const char *text, size_t len);
void luadrv_trace_error(struct luadrv_runtime *rt, const char *text, size_t len);
int luadrv_tell_error(struct luadrv_runtime *rt, const char *text, size_t len);

/* runtime.c */
struct luadrv_runtime *luadrv_runtime_new(struct luadrv_setup *setup,
					  struct luadrv_origin *origin,
					  struct luadrv_output *output);
struct luadrv_runtime *luadrv_runtime_get(struct luadrv_runtime *rt);
void luadrv_runtime_put(struct luadrv_runtime *rt);
int luadrv_runtime_run(struct luadrv_runtime *rt, const char *script, size_t len,
		       enum luadrv_job job);
void luadrv_runtime_last(struct luadrv_runtime *rt);
void luadrv_runtime_finish(struct luadrv_runtime *rt, bool finalize);
void luadrv_runtime_forget(struct luadrv_runtime *rt);
void luadrv_runtime_end(struct luadrv_runtime *rt, bool finalize);

/* task.c */
void luadrv_task_init(struct luadrv_runtime *rt);
void luadrv_task_enter(struct luadrv_runtime *rt, sigset_t *old);
void luadrv_task_leave(struct luadrv_runtime *rt, sigset_t *old);
bool luadrv_runtime_stop(struct luadrv_runtime *rt);
bool luadrv_runtime_kick(struct luadrv_runtime *rt);
bool luadrv_runtime_ask(struct luadrv_runtime *rt);
u64 luadrv_runtime_cpu(struct luadrv_runtime *rt);

/* port.c */
void luadrv_port_init(void);

/* device.c */
int luadrv_device_init(void);
void luadrv_device_exit(void);

#endif
