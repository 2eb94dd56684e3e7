/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Between the two sides of a runtime: the kernel side (runtime.c, alloc.c,
 * print.c) that sees no lua.h, and the Lua side (*_lua.c) that sees no kernel
 * headers. No call to the kernel side raises.
 */
#ifndef _LUADRV_SCRIPT_H
#define _LUADRV_SCRIPT_H

#include <linux/types.h>

struct lthread;
struct luadrv_runtime;
struct luadrv_account;
struct net;

enum luadrv_log_level { LUADRV_LOG_PRINT, LUADRV_LOG_ERROR };

/* What to do with a script. Only sessions know LUADRV_JOB_LAST. */
enum luadrv_job { LUADRV_JOB_RUN, LUADRV_JOB_CHECK, LUADRV_JOB_THREAD, LUADRV_JOB_LAST };

/* task.c */
void luadrv_runtime_sleep(struct luadrv_runtime *rt, const char *wait);
void luadrv_runtime_wake(struct luadrv_runtime *rt);
void luadrv_runtime_heed(struct luadrv_runtime *rt, bool heeds);
bool luadrv_runtime_asked(struct luadrv_runtime *rt);

/* runtime.c */
struct luadrv_account *luadrv_runtime_account(struct luadrv_runtime *rt);
struct net *luadrv_runtime_net(struct luadrv_runtime *rt);
void luadrv_runtime_count(struct luadrv_runtime *rt, size_t received, size_t sent);
/* The thread that it is, or NULL. */
struct lthread *luadrv_runtime_thread(struct luadrv_runtime *rt);
/* Whether its state stays when the run ends. */
bool luadrv_runtime_stays(struct luadrv_runtime *rt);
/* What messages call the script; its arguments, each with its NUL. */
const char *luadrv_runtime_name(struct luadrv_runtime *rt);
const char *luadrv_runtime_args(struct luadrv_runtime *rt, size_t *size);
/* How long a file of a module may be, in bytes. */
size_t luadrv_runtime_max_script(struct luadrv_runtime *rt);

/* port.c */
/* Nanoseconds of a clock that only goes forward. */
u64 luadrv_time_ns(void);
/* Sleeps for a time, or until a signal. */
void luadrv_sleep(unsigned int ms);

/* kernel.c */
/* The kernel's release, as uname -r has it; how many processors are online. */
const char *luadrv_kernel_release(void);
unsigned int luadrv_kernel_cpus(void);
void luadrv_kernel_random(void *buf, size_t size);
/* Writes into the kernel log at a level of 0..7. */
void luadrv_kernel_log(struct luadrv_runtime *rt, int level, const char *text, size_t len);

/* alloc.c: Lua's allocator; @ud is the runtime */
void *luadrv_alloc(void *ud, void *ptr, size_t osize, size_t nsize);

/* print.c: 0; -EINTR, -ENOMEM, -ENOBUFS when not all was written */
int luadrv_log(struct luadrv_runtime *rt, enum luadrv_log_level level,
	       const char *text, size_t len);

/* state_lua.c */

/**
 * luadrv_state_run() - run a script in the Lua state of a runtime
 * @rt: the runtime; its tick runs already
 * @script: text of the script
 * @len: length of the text
 * @what: to run it, only to compile it, or to run what a thread got instead
 *
 * The first call makes the state.
 *
 * Context: Process, in the task that runs the script. Does not raise.
 * Return: as luadrv_runtime_run().
 */
int luadrv_state_run(struct luadrv_runtime *rt, const char *script, size_t len,
		     enum luadrv_job what);

/**
 * luadrv_state_close() - end the Lua state of a runtime, if it has one
 * @rt: the runtime; if finalizers shall run, its tick runs
 * @finalize: run finalizers
 *
 * Context: Process, in the task that runs the script. Does not raise.
 * Return: 0, or what the finalizers were ended with: the negative errno of a
 * stop, or as luadrv_runtime_run() if one called os.exit().
 */
int luadrv_state_close(struct luadrv_runtime *rt, bool finalize);

/**
 * luadrv_state_renew() - forget that the last run was stopped, and what it has executed
 * @rt: the runtime
 *
 * Context: Process, in the task that runs the script. Does not raise.
 */
void luadrv_state_renew(struct luadrv_runtime *rt);

#endif
