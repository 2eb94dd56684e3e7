// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Threads: Lua states that run in kernel threads of their own. All threads of
 * a script, whoever of them spawned which, have one account, which lists
 * them. They end with the script at the latest, so it needs nothing that the
 * script does not keep.
 */
#include "lparcel.h"
#include "lthread.h"

#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "driver/account.h"
#include "driver/live.h"
#include "driver/memory.h"
#include "driver/reaper.h"
#include "driver/runtime.h"

/* What a kernel thread takes, beside its Lua state. */
#define LTHREAD_STACK_CHARGE	(THREAD_SIZE + sizeof(struct task_struct))
#define LTHREAD_CHARGE		(sizeof(struct lthread) + sizeof(struct luadrv_runtime))

/* As much of an error as is kept until it is known whether a join waits for it. */
#define LTHREAD_MAX_ERROR	4096

static void lthread_forget_error(struct lthread *t)
{
	if (!t->error)
		return;
	luadrv_account_uncharge(t->account, t->error_len);
	kfree(t->error);
	t->error = NULL;
}

/* Stops and what has used up the instructions tell of themselves. */
static bool lthread_is_untold(struct lthread *t)
{
	return !t->told && (t->error || (t->err && t->err != -EINTR && t->err != -ETIME));
}

/* Where there was no memory to keep the error, that is told. */
static void lthread_tell(struct lthread *t)
{
	if (t->error)
		luadrv_tell_error(t->rt, t->error, t->error_len);
	else
		luadrv_tell_error(t->rt, LUAPORT_NO_MEMORY, strlen(LUAPORT_NO_MEMORY));
	t->told = true;
	lthread_forget_error(t);
}

static void lthread_free(struct kref *ref)
{
	struct lthread *t = container_of(ref, struct lthread, ref);

	/* A join waited for it, but gave up at that moment. */
	if (lthread_is_untold(t) && !t->joined)
		lthread_tell(t);
	lthread_forget_error(t);
	if (t->work)
		lparcel_free(t->work);
	if (t->result)
		lparcel_free(t->result);
	if (t->rt)
		luadrv_runtime_put(t->rt);
	luadrv_account_uncharge(t->account, LTHREAD_CHARGE);
	luadrv_account_put(t->account);
	kfree(t);
	luadrv_live_add(LUADRV_LIVE_THREADS, -1);
}

/**
 * lthread_put() - give a reference to a thread back
 * @t: the thread; it runs on
 *
 * Context: Process context. May sleep.
 */
void lthread_put(struct lthread *t)
{
	kref_put(&t->ref, lthread_free);
}

/* Nobody waits for its error, or it has none. Otherwise it is done: that join raises the error. */
static bool lthread_is_alone(struct lthread *t)
{
	spin_lock(&t->account->parts_lock);
	if (t->joining)
		smp_store_release(&t->done, true); /* Pairs with lthread_done(). */
	spin_unlock(&t->account->parts_lock);
	return !t->done;
}

/* From here on nobody can stop it any more. */
static void lthread_finish(struct lthread *t)
{
	struct luadrv_account *account = t->account;

	spin_lock(&account->parts_lock);
	list_del_init(&t->link);
	spin_unlock(&account->parts_lock);
	/* The handle goes on asking for its number. */
	luadrv_runtime_end(luadrv_runtime_get(t->rt), false);
	if (lthread_is_alone(t)) {
		if (lthread_is_untold(t))
			lthread_tell(t);
		/* Pairs with lthread_done(): who sees it sees all that the thread left. */
		smp_store_release(&t->done, true);
	}
	if (t->rt->output)
		luadrv_output_threads(t->rt->output, -1);
	wake_up_all(&t->wait);
}

/* The last that is done for a kernel thread with its script. */
static void lthread_leave(struct luadrv_account *account)
{
	spin_lock(&account->parts_lock);
	luadrv_account_uncharge(account, LTHREAD_STACK_CHARGE);
	account->thread_count--;
	if (!account->thread_count)
		wake_up_all(&account->idle);
	spin_unlock(&account->parts_lock);
}

static void lthread_gone(struct luadrv_remains *remains)
{
	struct lthread *t = container_of(remains, struct lthread, remains);
	struct luadrv_account *account = t->account;

	lthread_put(t);
	lthread_leave(account);
}

static int lthread_main(void *data)
{
	struct lthread *t = data;
	struct luadrv_self self;

	allow_signal(SIGINT);
	allow_signal(SIGTERM);
	allow_signal(SIGKILL);
	t->err = luadrv_origin_assume(t->rt->origin, &self);
	if (!t->err) {
		/* By itself: since 6.14 the kernel sets what a new thread may use after its maker did. */
		if (t->cpu >= 0)
			set_cpus_allowed_ptr(current, cpumask_of(t->cpu));
		t->err = luadrv_runtime_run(t->rt, NULL, 0, LUADRV_JOB_THREAD);
		luadrv_origin_leave(&self);
	}
	lthread_finish(t);
	luadrv_reaper_take(&t->remains, lthread_gone);
	return 0;
}

static struct lthread *lthread_alloc(struct luadrv_account *account)
{
	struct lthread *t;

	if (luadrv_account_charge(account, LTHREAD_CHARGE))
		return NULL;
	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t) {
		luadrv_account_uncharge(account, LTHREAD_CHARGE);
		return NULL;
	}
	kref_init(&t->ref);
	t->account = luadrv_account_get(account);
	INIT_LIST_HEAD(&t->link);
	init_waitqueue_head(&t->wait);
	luadrv_live_add(LUADRV_LIVE_THREADS, 1);
	return t;
}

static int lthread_make_runtime(struct lthread *t, struct luadrv_runtime *parent,
				const struct lthread_options *options)
{
	struct luadrv_setup setup = {
		.instructions = parent->port.instructions,
		.stack = parent->stack,
		.max_script = parent->max_script,
		.spawner = parent,
	};

	strscpy(setup.name, *options->name ? options->name : parent->name,
		sizeof(setup.name));
	t->rt = luadrv_runtime_new(&setup, parent->origin, parent->output);
	if (!t->rt)
		return -ENOMEM;
	t->rt->named = *options->name || parent->named;
	t->rt->thread = t;
	t->cpu = options->cpu;
	t->owner = options->owned ? parent : NULL;
	return 0;
}

/* Enters it into the account's threads, unless the script is over. */
static int lthread_enter(struct lthread *t)
{
	struct luadrv_account *account = t->account;
	int err = 0;

	if (luadrv_account_charge(account, LTHREAD_STACK_CHARGE))
		return -ENOMEM;
	spin_lock(&account->parts_lock);
	if (account->ending) {
		err = -ESHUTDOWN;
	} else {
		list_add(&t->link, &account->threads);
		account->thread_count++;
	}
	spin_unlock(&account->parts_lock);
	if (err)
		luadrv_account_uncharge(account, LTHREAD_STACK_CHARGE);
	return err;
}

static int lthread_start(struct lthread *t)
{
	struct task_struct *task;
	int err = lthread_enter(t);

	if (err)
		return err;
	task = kthread_create(lthread_main, t, KBUILD_MODNAME "/%s", t->rt->name);
	if (IS_ERR(task)) {
		spin_lock(&t->account->parts_lock);
		list_del(&t->link);
		spin_unlock(&t->account->parts_lock);
		lthread_leave(t->account);
		return PTR_ERR(task);
	}
	if (t->rt->output)
		luadrv_output_threads(t->rt->output, 1);
	/* The thread's; until here the script's keeps the module. */
	__module_get(THIS_MODULE);
	wake_up_process(task);
	return 0;
}

/**
 * lthread_spawn() - run a function in a kernel thread
 * @parent: who spawns it
 * @options: how
 * @work: the function and its arguments; the thread's if this succeeds
 * @res: where the thread goes; the caller gives it back with lthread_release()
 *
 * It has its parent's namespace, credentials, memory cgroup, output, account.
 *
 * Context: Process context. May sleep.
 * Return: 0; -EINVAL when the script may not use that processor; -ENOMEM;
 * -ESHUTDOWN when the script is over; -EINTR; what making a thread failed with.
 */
int lthread_spawn(struct luadrv_runtime *parent, const struct lthread_options *options,
		  struct lparcel *work, struct lthread **res)
{
	struct lthread *t;
	int err;

	if (!luadrv_origin_may_use(parent->origin, options->cpu))
		return -EINVAL;
	t = lthread_alloc(parent->account);
	if (!t)
		return -ENOMEM;
	err = lthread_make_runtime(t, parent, options);
	if (err)
		goto err_put;
	t->work = work;
	kref_get(&t->ref);
	err = lthread_start(t);
	if (!err) {
		*res = t;
		return 0;
	}
	t->work = NULL;
	luadrv_runtime_end(t->rt, false);
	t->rt = NULL;
	lthread_put(t);
err_put:
	lthread_put(t);
	return err;
}

/* Gives what the thread is to do, once; its state calls this. */
struct lparcel *lthread_work(struct lthread *t)
{
	struct lparcel *work = t->work;

	t->work = NULL;
	return work;
}

/* Takes what the thread returned or raised; its state calls this. */
void lthread_result(struct lthread *t, struct lparcel *result)
{
	t->result = result;
}

static void lthread_keep_error(struct lthread *t, const char *text, size_t len)
{
	len = min_t(size_t, len, LTHREAD_MAX_ERROR);
	if (luadrv_account_charge(t->account, len))
		return;
	t->error = kmemdup(text, len, LUADRV_GFP);
	t->error_len = len;
	if (!t->error)
		luadrv_account_uncharge(t->account, len);
}

/**
 * lthread_error() - a thread has failed
 * @t: the thread
 * @text: its error, for people
 * @len: length of the text
 *
 * The first error counts. It is told when the thread has ended, unless a join
 * waits for that, which raises it.
 *
 * Context: The thread, while its state is there. May sleep.
 */
void lthread_error(struct lthread *t, const char *text, size_t len)
{
	if (t->error || t->told)
		return;
	luadrv_trace_error(t->rt, text, len);
	lthread_keep_error(t, text, len);
	if (!t->error && !READ_ONCE(t->joining)) {
		luadrv_tell_error(t->rt, text, len);
		t->told = true;
	}
}
