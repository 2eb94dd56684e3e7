/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The inside of threads. */
#ifndef _LUADRV_LTHREAD_H
#define _LUADRV_LTHREAD_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/wait.h>

#include "driver/reaper.h"
#include "thread.h"

/**
 * struct lthread - a thread
 * @ref: one by the handle, one by the kernel thread
 * @account: the script's
 * @rt: its runtime; holds a reference
 * @link: in the account's threads while it runs
 * @cpu: the processor that it runs on, or negative
 * @owner: who spawned it, if it is stopped when its handle goes, or a run of its
 *	owner is; or NULL. Only to be compared
 * @work: the function and its arguments, until it takes them
 * @result: its results, or its error if it failed, until somebody joins
 * @error: the error as text, until it is told; charged to the account
 * @error_len: its length
 * @told: its error has been told
 * @err: as luadrv_runtime_run()
 * @joining: a join waits for its end
 * @joined: a join has got what came of it
 * @done: it has ended; what precedes does not change any more, but by joins
 * @wait: woken then
 * @remains: of the kernel thread
 */
struct lthread {
	struct kref ref;
	struct luadrv_account *account;
	struct luadrv_runtime *rt;
	struct list_head link;
	int cpu;
	const struct luadrv_runtime *owner;
	struct lparcel *work;
	struct lparcel *result;
	char *error;
	size_t error_len;
	bool told;
	int err;
	bool joining;
	bool joined;
	bool done;
	wait_queue_head_t wait;
	struct luadrv_remains remains;
};

/* thread.c */
void lthread_put(struct lthread *t);

#endif
