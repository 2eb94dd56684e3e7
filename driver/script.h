/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Between the two sides of a runtime: the kernel side (runtime.c, alloc.c,
 * print.c) that sees no lua.h, and the Lua side (*_lua.c) that sees no kernel
 * headers. No call to the kernel side raises.
 */
#ifndef _LUADRV_SCRIPT_H
#define _LUADRV_SCRIPT_H

#include <linux/types.h>

struct luadrv_runtime;
struct luadrv_account;
struct net;

enum luadrv_log_level { LUADRV_LOG_PRINT, LUADRV_LOG_ERROR };

/* runtime.c */
void luadrv_runtime_sleep(struct luadrv_runtime *rt);
void luadrv_runtime_wake(struct luadrv_runtime *rt);
struct luadrv_account *luadrv_runtime_account(struct luadrv_runtime *rt);
struct net *luadrv_runtime_net(struct luadrv_runtime *rt);
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

/* print.c */
void luadrv_log(struct luadrv_runtime *rt, enum luadrv_log_level level,
		const char *text, size_t len);

/* state_lua.c */

/**
 * luadrv_state_run() - run a script in a Lua state of its own
 * @rt: the runtime; its tick runs already
 * @script: text of the script
 * @len: length of the text
 *
 * Context: Process, in the task that runs the script. Does not raise.
 * Return: as luadrv_run().
 */
int luadrv_state_run(struct luadrv_runtime *rt, const char *script, size_t len);

#endif
