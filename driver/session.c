// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Who runs the script of an open file: the process that closes it last, the
 * one that calls LUADRV_RUN, or a kernel thread.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver/live.h"
#include "driver/registry.h"
#include "driver/session.h"

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

/**
 * luadrv_session_new() - what belongs to a file that is being opened
 * @interactive: for reading, too
 *
 * Context: Process, the one that opens. May sleep.
 * Return: the session or NULL when there is no memory.
 */
struct luadrv_session *luadrv_session_new(bool interactive)
{
	struct luadrv_session *session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);

	if (!session)
		return NULL;
	mutex_init(&session->lock);
	mutex_init(&session->running);
	spin_lock_init(&session->closers_lock);
	session->origin = luadrv_origin_new();
	if (session->origin && interactive)
		session->output = luadrv_output_new(READ_ONCE(luadrv_output), false);
	if (!session->origin || (interactive && !session->output)) {
		if (session->origin)
			luadrv_origin_put(session->origin);
		kfree(session);
		return NULL;
	}
	luadrv_live_add(LUADRV_LIVE_SESSIONS, 1);
	return session;
}

static void session_free(struct luadrv_session *session)
{
	kvfree(session->script);
	kvfree(session->setup.args);
	luadrv_output_put(session->output);
	luadrv_origin_put(session->origin);
	kfree(session);
	luadrv_live_add(LUADRV_LIVE_SESSIONS, -1);
}

/* No signal reaches who exits or serves others; who is in execve() holds locks that others wait for. */
static bool is_unfit(void)
{
	return (current->flags & (PF_EXITING | PF_KTHREAD | PF_IO_WORKER)) ||
	       compat_in_execve();
}

/* Runs a script whose state ends with it. */
static int run_once(struct luadrv_setup *setup, struct luadrv_text *text)
{
	struct luadrv_origin *origin = luadrv_origin_new();
	struct luadrv_runtime *rt = NULL;
	int err;

	if (origin) {
		rt = luadrv_runtime_new(setup, origin, NULL);
		luadrv_origin_put(origin);
	}
	if (!rt)
		return -ENOMEM;
	err = luadrv_runtime_run(rt, text->script, text->len, LUADRV_JOB_RUN);
	luadrv_runtime_end(rt, false);
	/* There is nobody to take a status. */
	return min(err, 0);
}

/*
 * The last reference need not end in a process that had the file open: one in
 * flight in a message of a Unix socket ends where the kernel clears that away.
 */
static bool is_stranger(const struct luadrv_session *session)
{
	pid_t me = task_tgid_nr(current);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(session->closers); i++)
		if (session->closers[i] == me)
			return false;
	return session->writer != me;
}

static int close_script(struct luadrv_session *session, bool detach)
{
	struct luadrv_setup setup;
	struct luadrv_text text;
	int err;

	err = luadrv_session_take(session, &text);
	if (err || !text.script)
		return err;
	err = luadrv_session_setup(session, &setup);
	if (!err && (detach || is_unfit())) {
		err = luadrv_detach(&setup, session->origin, &text);
		err = min(err, 0);
	} else if (!err) {
		err = run_once(&setup, &text);
	}
	kvfree(setup.args);
	kvfree(text.script);
	return err;
}

/* Who interrupts a run does not have @running. */
static void set_runtime(struct luadrv_session *session, struct luadrv_runtime *rt)
{
	spin_lock(&session->closers_lock);
	WRITE_ONCE(session->rt, rt);
	spin_unlock(&session->closers_lock);
}

/* Nothing of an interactive session runs any more. */
static void close_runtime(struct luadrv_session *session, bool finalize)
{
	struct luadrv_runtime *rt;

	luadrv_output_close(session->output);
	/* What was interrupted is on its way out. */
	mutex_lock(&session->running);
	rt = session->rt;
	set_runtime(session, NULL);
	mutex_unlock(&session->running);
	if (!rt)
		return;
	luadrv_runtime_last(rt);
	luadrv_runtime_end(rt, finalize && !is_unfit());
}

/**
 * luadrv_session_close() - a process closes the file for the last time
 * @session: its session
 *
 * Context: Process. Runs the script, or has a kernel thread run it where no
 * signal would reach it.
 * Return: as luadrv_runtime_run(), but 0 for any status.
 */
int luadrv_session_close(struct luadrv_session *session)
{
	if (!session->output)
		return close_script(session, false);
	close_runtime(session, true);
	return 0;
}

/**
 * luadrv_session_release() - nobody has the file any more
 * @session: its session, which goes
 *
 * Context: Process, any: what luadrv_session_close() has not done already is
 * done in a kernel thread, unless this one had the file open.
 */
void luadrv_session_release(struct luadrv_session *session)
{
	bool stranger = is_stranger(session);

	if (!session->output)
		close_script(session, stranger);
	else
		close_runtime(session, !stranger);
	session_free(session);
}

/* For luadrv_runtime_put(); NULL if there is none. */
static struct luadrv_runtime *get_runtime(struct luadrv_session *session)
{
	struct luadrv_runtime *rt;

	spin_lock(&session->closers_lock);
	rt = session->rt ? luadrv_runtime_get(session->rt) : NULL;
	spin_unlock(&session->closers_lock);
	return rt;
}

/* What runs in the session now is to end. */
static void stop_runtime(struct luadrv_session *session)
{
	struct luadrv_runtime *rt = get_runtime(session);

	if (!rt)
		return;
	luadrv_runtime_stop(rt);
	luadrv_runtime_put(rt);
}

/**
 * luadrv_session_ask() - LUADRV_INTERRUPT
 * @session: of which file, an interactive one
 *
 * Context: Process.
 * Return: 0; -ESRCH when nothing runs that can be asked.
 */
int luadrv_session_ask(struct luadrv_session *session)
{
	struct luadrv_runtime *rt = get_runtime(session);
	bool asked;

	if (!rt)
		return -ESRCH;
	asked = luadrv_runtime_ask(rt);
	luadrv_runtime_put(rt);
	return asked ? 0 : -ESRCH;
}

/**
 * luadrv_session_cut() - no descriptor of a session that is in use is left
 * @session: the session
 *
 * A run that is about to begin does not, readers are at the end, and what runs
 * is asked to end.
 *
 * Context: Process.
 */
void luadrv_session_cut(struct luadrv_session *session)
{
	luadrv_output_close(session->output);
	stop_runtime(session);
}

/**
 * luadrv_session_interrupt() - the last descriptor of a session was closed while it is in use
 * @session: the session
 *
 * As luadrv_session_cut(), but what runs has ended when this returns.
 *
 * Context: Process. Sleeps, until a signal.
 */
void luadrv_session_interrupt(struct luadrv_session *session)
{
	luadrv_session_cut(session);
	while (!mutex_trylock(&session->running)) {
		stop_runtime(session);
		if (signal_pending(current))
			return;
		schedule_timeout_interruptible(LUADRV_REMIND);
	}
	mutex_unlock(&session->running);
}

/* The session's runtime, which the first run makes: in the namespaces of that process. */
static int make_runtime(struct luadrv_session *session)
{
	struct luadrv_origin *origin;
	struct luadrv_setup setup;
	struct luadrv_runtime *rt = NULL;
	int err;

	if (session->rt)
		return 0;
	err = luadrv_session_setup(session, &setup);
	if (err)
		return err;
	origin = luadrv_origin_new();
	if (origin) {
		luadrv_output_limit(session->output, setup.output);
		setup.session = true;
		rt = luadrv_runtime_new(&setup, origin, session->output);
		luadrv_origin_put(origin);
	}
	kvfree(setup.args);
	if (!rt)
		return -ENOMEM;
	set_runtime(session, rt);
	return 0;
}

/* The state ends with this run, as that of a script that a closing process runs; all can still be read. */
static int run_last(struct luadrv_session *session, struct luadrv_text *text)
{
	struct luadrv_runtime *rt = session->rt;
	int err;

	luadrv_runtime_last(rt);
	err = luadrv_runtime_run(rt, text->script, text->len, LUADRV_JOB_RUN);
	set_runtime(session, NULL);
	luadrv_runtime_end(rt, false);
	return err;
}

static int run_text(struct luadrv_session *session, struct luadrv_text *text,
		    enum luadrv_job job, bool alone)
{
	int err;

	luadrv_output_begin(session->output, alone);
	err = READ_ONCE(session->output->closed) ? -EINTR : make_runtime(session);
	if (!err && job == LUADRV_JOB_LAST)
		err = run_last(session, text);
	else if (!err)
		err = luadrv_runtime_run(session->rt, text->script, text->len, job);
	luadrv_output_end(session->output);
	return err;
}

/**
 * luadrv_session_run() - LUADRV_RUN, LUADRV_LAST and LUADRV_CHECK
 * @session: of which file, an interactive one
 * @job: which of them
 * @alone: nobody else can read meanwhile what it prints
 *
 * Context: Process. Runs the script.
 * Return: as luadrv_runtime_run(); -EBUSY when another run has not ended: what
 * was written stays.
 */
int luadrv_session_run(struct luadrv_session *session, enum luadrv_job job, bool alone)
{
	struct luadrv_text text;
	int err;

	/* Another run may take any time: who waits for its end would not know why. */
	if (!mutex_trylock(&session->running))
		return -EBUSY;
	err = luadrv_session_take(session, &text);
	if (!err)
		err = run_text(session, &text, job, alone);
	mutex_unlock(&session->running);
	kvfree(text.script);
	if (job != LUADRV_JOB_CHECK)
		luadrv_output_ran(session->output);
	return err;
}

/**
 * luadrv_session_spawn() - LUADRV_SPAWN
 * @session: of which file
 *
 * Context: Process. May sleep.
 * Return: the script's number; -ENOMEM, or what a write failed with.
 */
int luadrv_session_spawn(struct luadrv_session *session)
{
	struct luadrv_setup setup;
	struct luadrv_text text;
	int res;

	res = luadrv_session_take(session, &text);
	if (res)
		return res;
	res = luadrv_session_setup(session, &setup);
	if (!res)
		res = luadrv_detach(&setup, session->origin, &text);
	kvfree(setup.args);
	kvfree(text.script);
	return res;
}
