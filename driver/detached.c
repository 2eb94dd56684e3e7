// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Scripts that no process waits for: each in a kernel thread, which any signal
 * that ends a process ends.
 *
 * A worker makes the thread, since who asks for it may be exiting, and a
 * process that was killed can make none.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver/reaper.h"
#include "driver/session.h"

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

/**
 * struct detached - a script for a thread of its own
 * @rt: its runtime
 * @text: the script
 * @remains: of its thread
 */
struct detached {
	struct luadrv_runtime *rt;
	struct luadrv_text text;
	struct luadrv_remains remains;
};

/**
 * struct making - a thread that is being made
 * @work: makes it
 * @made: it was made, or could not be
 * @detached: what it is to run; the thread's from when it was made
 * @err: why it could not be made
 */
struct making {
	struct work_struct work;
	struct completion made;
	struct detached *detached;
	int err;
};

static void detached_free(struct detached *detached)
{
	luadrv_runtime_forget(detached->rt);
	kvfree(detached->text.script);
	kfree(detached);
}

static void detached_gone(struct luadrv_remains *remains)
{
	detached_free(container_of(remains, struct detached, remains));
}

static int detached_main(void *data)
{
	struct detached *detached = data;
	struct luadrv_origin *origin = luadrv_origin_get(detached->rt->origin);
	struct luadrv_self self;

	allow_signal(SIGINT);
	allow_signal(SIGTERM);
	allow_signal(SIGKILL);
	luadrv_origin_assume(origin, &self);
	luadrv_runtime_run(detached->rt, detached->text.script, detached->text.len,
			   LUADRV_JOB_RUN);
	luadrv_output_end(detached->rt->output);
	luadrv_runtime_finish(detached->rt, false);
	luadrv_origin_leave(&self);
	luadrv_origin_put(origin);
	luadrv_reaper_take(&detached->remains, detached_gone);
	return 0;
}

static void make_thread(struct work_struct *work)
{
	struct making *making = container_of(work, struct making, work);
	struct task_struct *thread;

	thread = kthread_create(detached_main, making->detached, KBUILD_MODNAME "/%s",
				making->detached->rt->name);
	making->err = PTR_ERR_OR_ZERO(thread);
	if (!IS_ERR(thread))
		wake_up_process(thread);
	complete(&making->made);
}

static int make(struct detached *detached)
{
	struct making making = { .detached = detached };

	INIT_WORK_ONSTACK(&making.work, make_thread);
	init_completion(&making.made);
	queue_work(system_unbound_wq, &making.work);
	wait_for_completion(&making.made);
	destroy_work_on_stack(&making.work);
	return making.err;
}

static struct detached *detached_new(struct luadrv_setup *setup,
				     struct luadrv_origin *origin)
{
	struct detached *detached = kzalloc(sizeof(*detached), GFP_KERNEL_ACCOUNT);
	struct luadrv_output *output;

	if (!detached)
		return NULL;
	output = luadrv_output_new(setup->output, true);
	if (output) {
		luadrv_output_begin(output, false);
		detached->rt = luadrv_runtime_new(setup, origin, output);
		luadrv_output_put(output);
	}
	if (!detached->rt) {
		kfree(detached);
		return NULL;
	}
	detached->rt->detached = true;
	return detached;
}

/**
 * luadrv_detach() - run a script in a kernel thread of its own
 * @setup: how; the script takes over the arguments
 * @origin: the process in whose place it runs
 * @text: the script, which it takes over when it runs
 *
 * Context: Process. May sleep, not for long.
 * Return: the script's number; -ENOMEM; what making a thread failed with.
 */
int luadrv_detach(struct luadrv_setup *setup, struct luadrv_origin *origin,
		  struct luadrv_text *text)
{
	struct detached *detached = detached_new(setup, origin);
	int err, id;

	if (!detached)
		return -ENOMEM;
	id = detached->rt->id;
	detached->text = *text;
	/* The thread's; until here the caller's open file keeps the module. */
	__module_get(THIS_MODULE);
	err = make(detached);
	if (!err) {
		text->script = NULL;
		return id;
	}
	detached->text.script = NULL;
	detached->rt->detached = false;
	luadrv_output_end(detached->rt->output);
	luadrv_runtime_finish(detached->rt, false);
	detached_free(detached);
	module_put(THIS_MODULE);
	return err;
}
