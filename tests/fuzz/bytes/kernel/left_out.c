// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * In place of driver/file.c, socket/upcall.c, thread/thread.c, thread/end.c and the engines of load: there are no files, the kernel
 * has no resolver of names, and neither a thread nor an engine can be made.
 */
#include "socket/relay.h"
#include "kernel.h"
#include "driver/file.h"
#include "driver/runtime.h"
#include "load/engine.h"
#include "socket/upcall.h"
#include "thread/thread.h"

/* Whoever has a thread or a file has it from nowhere. */
static void __noreturn unreachable(void)
{
	world_fail("there are neither threads, files nor engines, nor a resolver");
}

bool luadrv_file_stack_low(void)
{
	return false;
}

int luadrv_file_open(const char *path, struct file **file)
{
	world_may_sleep();
	world_touch(path, strlen(path) + 1);
	return world_answer() & 1 ? -EACCES : -ENOENT;
}

long luadrv_file_read(struct file *file, void *buf, size_t size)
{
	unreachable();
}

void luadrv_file_seek(struct file *file, u64 offset)
{
	unreachable();
}

u64 luadrv_file_left(struct file *file)
{
	unreachable();
}

void luadrv_file_close(void *file)
{
	unreachable();
}

int lupcall_init(void)
{
	return 0;
}

void lupcall_exit(void)
{
}

int lupcall_new(struct luadrv_account *account, struct net *net, const char *name, size_t len,
		const bool wanted[LUPCALL_PARTS], struct lupcall **res)
{
	world_may_sleep();
	world_touch(name, len);
	return -EOPNOTSUPP;
}

int lupcall_result(struct lupcall *up, enum lupcall_kind part, const char **text)
{
	unreachable();
}

void lupcall_close(struct lupcall *up)
{
	unreachable();
}

void lupcall_put(struct lupcall *up)
{
	unreachable();
}

struct lpollable *lupcall_pollable(struct lupcall *up)
{
	unreachable();
}

int lthread_spawn(struct luadrv_runtime *rt, const struct lthread_options *options,
		  struct lparcel *work, struct lthread **res)
{
	world_may_sleep();
	world_check(work && rt->task == current, "a thread without work, or of nobody");
	return options->cpu >= 0 ? -EINVAL : -ENOMEM;
}

void lthread_release(struct lthread *t)
{
	unreachable();
}

/* There are none. */
void lthread_stop_owned(const struct luadrv_runtime *rt)
{
}

int lthread_join(struct lthread *t, int timeout, struct lparcel **result,
		 enum lthread_end *end)
{
	unreachable();
}

int lthread_stop(struct lthread *t)
{
	unreachable();
}

u32 lthread_id(struct lthread *t)
{
	unreachable();
}

const char *lthread_status(struct lthread *t)
{
	unreachable();
}

struct lparcel *lthread_work(struct lthread *t)
{
	unreachable();
}

void lthread_result(struct lthread *t, struct lparcel *result)
{
	unreachable();
}

void lthread_error(struct lthread *t, const char *text, size_t len)
{
	unreachable();
}

void lthread_end_all(struct luadrv_account *account)
{
	world_may_sleep();
	world_check(!account->thread_count, "a thread is left");
	account->ending = true;
}

/* Relays: there are none. */

int lrelay_new(struct luadrv_account *account, struct lsock *a, struct lsock *b,
	       const struct lrelay_opts *opts, struct lrelay_set *set, struct lrelay **res)
{
	return -ENOMEM;
}

int lrelay_wait(struct lrelay *r, int timeout)
{
	return 0;
}

void lrelay_stop(struct lrelay *r)
{
}

void lrelay_result(struct lrelay *r, struct lrelay_result *result)
{
}

u64 lrelay_news(struct lrelay *r)
{
	return 0;
}

void lrelay_close(struct lrelay *r)
{
}

void lrelay_put(struct lrelay *r)
{
}

struct lpollable *lrelay_pollable(struct lrelay *r)
{
	return NULL;
}

struct lrelay_set *lrelay_set_new(struct luadrv_account *account, const struct lrelay_opts *opts)
{
	return NULL;
}

int lrelay_set_add(struct lrelay_set *set, struct lsock *a, struct lsock *b)
{
	return -ENOMEM;
}

unsigned int lrelay_set_count(const struct lrelay_set *set)
{
	return 0;
}

void lrelay_set_result(struct lrelay_set *set, struct lrelay_set_result *result)
{
}

u64 lrelay_set_news(struct lrelay_set *set)
{
	return 0;
}

void lrelay_set_close(struct lrelay_set *set)
{
}

void lrelay_set_free(struct lrelay_set *set)
{
}

int lrelay_init(void)
{
	return 0;
}

void lrelay_exit(void)
{
}

/* Engines: there are none. */

int lload_new(struct luadrv_account *account, struct net *net, const struct lload_config *config,
	      struct lload **res)
{
	world_may_sleep();
	return -ENOMEM;
}

void lload_free(struct lload *e)
{
	unreachable();
}

void lload_shut(struct lload *e)
{
	unreachable();
}

int lload_add_target(struct lload *e, const struct lsock_addr *addr)
{
	unreachable();
}

int lload_add_source(struct lload *e, const struct lsock_addr *addr)
{
	unreachable();
}

int lload_add_option(struct lload *e, const struct lsock_opt *opt, const struct lsock_optval *val)
{
	unreachable();
}

int lload_add_stage(struct lload *e, const struct lload_stage *stage)
{
	unreachable();
}

int lload_serve(struct lload *e, struct lsock *ls)
{
	unreachable();
}

int lload_watch(struct lload *e, struct lpollable *object)
{
	unreachable();
}

void lload_counts(struct lload *e, struct lload_counts *counts)
{
	unreachable();
}

struct lhist *lload_latency(struct lload *e)
{
	unreachable();
}

struct lhist *lload_response(struct lload *e)
{
	unreachable();
}

struct ldata *lload_rtts(struct lload *e, u64 *count)
{
	unreachable();
}

struct ldata *lload_buffer(struct lload *e)
{
	unreachable();
}

struct lsock *lload_next_flow(struct lload *e, u32 *number)
{
	unreachable();
}

void lload_start(struct lload *e, const struct lload_times *times)
{
	unreachable();
}

int lload_step(struct lload *e, struct lload_call *call)
{
	unreachable();
}

int lload_hooked(struct lload *e, s64 result, struct lload_call *call)
{
	unreachable();
}

void lload_note_sender(struct lload *e, const struct lsock_addr *addr)
{
	unreachable();
}

void lload_finish(struct lload *e)
{
	unreachable();
}
