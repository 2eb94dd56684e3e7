// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The life of engines, what they are told before they start, and what they
 * count. An engine is its worker's alone: it has no locks. What other tasks
 * touch, sockets, the poll set and the timer, protects itself.
 */
#include <linux/net.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "driver/account.h"
#include "driver/live.h"
#include "driver/memory.h"
#include "histogram.h"
#include "lload.h"
#include "luadata/data.h"

/* Random bytes that are made at once. */
#define LLOAD_PIECE	65536

static void lload_fill(struct ldata *buffer, u64 seed)
{
	size_t size = ldata_size(buffer), at, n;
	struct rnd_state state;

	prandom_seed_state(&state, seed ? seed : get_random_u32());
	for (at = 0; at < size; at += n) {
		n = min_t(size_t, size - at, LLOAD_PIECE);
		prandom_bytes_state(&state, ldata_addr(buffer) + at, n);
		cond_resched();
	}
}

static int lload_make_timer(struct lload *e)
{
	int err;

	err = ltimer_new(e->account, &e->timer);
	if (err)
		return err;
	e->armed = U64_MAX;
	return lpoll_add(e->set, ltimer_pollable(e->timer), lsock_default_events,
			 &e->timer_slot);
}

/* What an engine is made of; lload_free() ends also what is not complete. */
static int lload_make(struct lload *e)
{
	int err;

	err = lpoll_new(e->account, &e->set);
	if (err)
		return err;
	/* A hook may close a flow's socket. */
	lpoll_tell(e->set);
	err = lload_make_timer(e);
	if (err)
		return err;
	err = lhist_new(e->account, &e->latency);
	if (err)
		return err;
	err = ldata_new(e->account, e->config.buffer, &e->buffer);
	if (err)
		return err;
	lload_fill(e->buffer, e->config.seed);
	if (!e->config.rtts)
		return 0;
	return ldata_new(e->account, e->config.rtts * sizeof(struct lload_rtt), &e->rtts);
}

/**
 * lload_new() - make an engine
 * @account: what it and all that it has is charged to
 * @net: the network namespace of its sockets, which lives as long as it does
 * @config: what it does; its ranges have been checked
 * @res: where it goes; the caller ends it with lload_free()
 *
 * Context: Process context. May sleep.
 * Return: 0; -EMFILE when there are too many timers; -ENOMEM.
 */
int lload_new(struct luadrv_account *account, struct net *net, const struct lload_config *config,
	      struct lload **res)
{
	struct lload *e;
	int err;

	err = luadrv_account_charge(account, sizeof(*e));
	if (err)
		return err;
	e = kzalloc(sizeof(*e), LUADRV_GFP);
	if (!e) {
		luadrv_account_uncharge(account, sizeof(*e));
		return -ENOMEM;
	}
	e->account = luadrv_account_get(account);
	e->net = net;
	e->config = *config;
	if (config->kind == LLOAD_CRR || config->kind == LLOAD_STREAM)
		e->config.outstanding = 1;
	e->watch_slot = -1;
	xa_init_flags(&e->flows, XA_FLAGS_ALLOC);
	xa_init(&e->slots);
	INIT_LIST_HEAD(&e->busy);
	INIT_LIST_HEAD(&e->idle);
	luadrv_live_add(LUADRV_LIVE_ENGINES, 1);

	err = lload_make(e);
	if (err) {
		lload_free(e);
		return err;
	}
	*res = e;
	return 0;
}

static void lload_free_addresses(struct lload *e, struct lload_addresses *addresses)
{
	if (!addresses->list)
		return;
	kvfree(addresses->list);
	luadrv_account_uncharge(e->account, luadrv_kvsize(LLOAD_MOST_ADDRESSES *
							  sizeof(*addresses->list)));
}

static void lload_free_options(struct lload *e)
{
	if (!e->options)
		return;
	kvfree(e->options);
	luadrv_account_uncharge(e->account,
				luadrv_kvsize(LLOAD_MOST_OPTIONS * sizeof(*e->options)));
}

/**
 * lload_shut() - close all sockets of an engine, which stays
 * @e: the engine; whoever is at work with it finds closed sockets
 *
 * Context: Process context. May sleep.
 */
void lload_shut(struct lload *e)
{
	struct lload_flow *f;
	unsigned long i;

	e->failure = -EBADF;
	xa_for_each(&e->flows, i, f) {
		if (f->ls)
			lsock_close(f->ls, false);
		cond_resched();
	}
}

/**
 * lload_free() - end an engine
 * @e: the engine; its sockets are closed, whoever else has them
 *
 * Context: Process context. May sleep.
 */
void lload_free(struct lload *e)
{
	struct lload_flow *f;
	unsigned long i;

	xa_for_each(&e->flows, i, f) {
		lload_flow_free(e, f);
		cond_resched();
	}
	xa_destroy(&e->flows);
	xa_destroy(&e->slots);
	if (e->set) {
		lpoll_close(e->set);
		lpoll_put(e->set);
	}
	if (e->timer) {
		ltimer_close(e->timer);
		ltimer_put(e->timer);
	}
	if (e->latency)
		lhist_put(e->latency);
	if (e->response)
		lhist_put(e->response);
	if (e->rtts)
		ldata_put(e->rtts);
	if (e->buffer)
		ldata_put(e->buffer);
	lload_free_addresses(e, &e->targets);
	lload_free_addresses(e, &e->sources);
	lload_free_options(e);
	luadrv_account_uncharge(e->account, sizeof(*e));
	luadrv_account_put(e->account);
	kfree(e);
	luadrv_live_add(LUADRV_LIVE_ENGINES, -1);
}

/* Charged memory for @size bytes, of zeros; it stays until the engine's end. */
static void *lload_alloc(struct lload *e, size_t size)
{
	void *mem;

	if (luadrv_account_charge(e->account, luadrv_kvsize(size)))
		return NULL;
	mem = luadrv_kvmalloc(size, __GFP_ZERO);
	if (!mem)
		luadrv_account_uncharge(e->account, luadrv_kvsize(size));
	return mem;
}

static int lload_add_address(struct lload *e, struct lload_addresses *addresses,
			     const struct lsock_addr *addr)
{
	if (!addresses->list)
		addresses->list = lload_alloc(e, LLOAD_MOST_ADDRESSES * sizeof(*addr));
	if (!addresses->list)
		return -ENOMEM;
	if (addresses->count >= LLOAD_MOST_ADDRESSES)
		return -ENOSPC;
	addresses->list[addresses->count++] = *addr;
	return 0;
}

/**
 * lload_add_target() - an address that flows connect to, in turn
 * @e: the engine, of a client
 * @addr: the address
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOSPC when there are LLOAD_MOST_ADDRESSES; -ENOMEM.
 */
int lload_add_target(struct lload *e, const struct lsock_addr *addr)
{
	return lload_add_address(e, &e->targets, addr);
}

/**
 * lload_add_source() - an own address of flows, in turn
 * @e: the engine, of a client
 * @addr: the address
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOSPC when there are LLOAD_MOST_ADDRESSES; -ENOMEM.
 */
int lload_add_source(struct lload *e, const struct lsock_addr *addr)
{
	return lload_add_address(e, &e->sources, addr);
}

/**
 * lload_add_option() - set an option of every socket that is opened or accepted
 * @e: the engine
 * @opt: the option
 * @val: its value; no pointer in it may be needed later
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOSPC when there are LLOAD_MOST_OPTIONS; -ENOMEM.
 */
int lload_add_option(struct lload *e, const struct lsock_opt *opt, const struct lsock_optval *val)
{
	if (!e->options)
		e->options = lload_alloc(e, LLOAD_MOST_OPTIONS * sizeof(*e->options));
	if (!e->options)
		return -ENOMEM;
	if (e->option_count >= LLOAD_MOST_OPTIONS)
		return -ENOSPC;
	e->options[e->option_count].opt = opt;
	e->options[e->option_count++].val = *val;
	return 0;
}

/**
 * lload_add_stage() - how fast requests begin, for a time after the stages before
 * @e: the engine, of a client, or a server that writes (LLOAD_STREAM); not started
 * @stage: the rate
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOSPC when there are LLOAD_MOST_STAGES; -ENOMEM.
 */
int lload_add_stage(struct lload *e, const struct lload_stage *stage)
{
	int err;

	if (e->stage_count >= LLOAD_MOST_STAGES)
		return -ENOSPC;
	if (!e->response) {
		err = lhist_new(e->account, &e->response);
		if (err)
			return err;
	}
	e->stages[e->stage_count++] = *stage;
	/* What comes after the last one. */
	e->stages[e->stage_count].length = U64_MAX;
	e->stages[e->stage_count].from = stage->to;
	e->stages[e->stage_count].to = stage->to;
	return 0;
}

/**
 * lload_serve() - serve at a socket
 * @e: the engine, of a server
 * @ls: a socket that listens, or of UDP that is bound; the engine takes a handle of its own
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM; as lpoll_add().
 */
int lload_serve(struct lload *e, struct lsock *ls)
{
	struct lload_flow *f = lload_flow_new(e);
	struct lload_call call;
	int err;

	if (IS_ERR(f))
		return PTR_ERR(f);
	lsock_share(ls);
	f->ls = ls;
	f->state = lload_is_udp(e) ? LLOAD_OPEN : LLOAD_LISTENING;
	err = e->config.kind == LLOAD_RR && lload_is_udp(e) ? lload_flow_peer(e, f) : 0;
	if (!err)
		err = lload_flow_join(e, f, &call);
	if (err) {
		/* It stays as it was for whoever has it. */
		lsock_drop(ls);
		f->ls = NULL;
		lload_flow_free(e, f);
	}
	return err;
}

/**
 * lload_watch() - have lload_step() tell when something is ready
 * @e: the engine
 * @object: the one thing that it watches beside its sockets
 *
 * Context: Process context. May sleep.
 * Return: 0; -EEXIST when it watches something; as lpoll_add().
 */
int lload_watch(struct lload *e, struct lpollable *object)
{
	unsigned int slot;
	int err;

	if (e->watch_slot >= 0)
		return -EEXIST;
	err = lpoll_add(e->set, object, lsock_default_events, &slot);
	if (!err)
		e->watch_slot = slot;
	return err;
}

/**
 * lload_count_error() - a flow has failed in a call
 * @e: the engine
 * @cause: in which
 * @err: -errno; 0: its peer ended it too early
 *
 * Context: Process context.
 */
void lload_count_error(struct lload *e, enum lload_cause cause, int err)
{
	struct lload_counts *counts = &e->counts;
	struct lload_error *error = counts->errors;
	unsigned int i;

	for (i = 0; i < counts->error_count; i++, error++)
		if ((error->cause == cause && error->code == -err) || error->code < 0)
			goto out;
	counts->error_count++;
	error->cause = cause;
	error->code = i == LLOAD_MOST_ERRORS - 1 ? -1 : -err;
	error->count = 0;
out:
	error->count++;
}

/**
 * lload_counts() - what an engine has done
 * @e: the engine
 * @counts: where that goes
 *
 * Context: Process context.
 */
void lload_counts(struct lload *e, struct lload_counts *counts)
{
	*counts = e->counts;
	counts->flows = e->count;
	if (e->config.kind != LLOAD_STREAM)
		counts->under_way = e->begun - e->done;
	counts->warm = e->warm;
}

/**
 * lload_latency() - from requests to their responses, in ns
 * @e: the engine, which keeps its reference
 *
 * Context: Process context.
 */
struct lhist *lload_latency(struct lload *e)
{
	return e->latency;
}

/**
 * lload_response() - from the moments at which requests were due to their responses, in ns
 * @e: the engine, which keeps its reference
 *
 * Context: Process context.
 * Return: the histogram; NULL when requests have no such moment.
 */
struct lhist *lload_response(struct lload *e)
{
	return e->response;
}

/**
 * lload_rtts() - the latencies that are kept one by one
 * @e: the engine, which keeps its reference
 * @count: how many were written, the first of them at the beginning; when all places are
 *	taken the next one takes the place of the oldest
 *
 * Context: Process context.
 * Return: places, each a struct lload_rtt; NULL when none are kept.
 */
struct ldata *lload_rtts(struct lload *e, u64 *count)
{
	*count = e->rtt_count;
	return e->rtts;
}

/**
 * lload_buffer() - what is sent, and where to is received
 * @e: the engine, which keeps its reference
 *
 * Context: Process context.
 */
struct ldata *lload_buffer(struct lload *e)
{
	return e->buffer;
}

/**
 * lload_next_flow() - go over the sockets of flows
 * @e: the engine
 * @number: of the first flow to look at; becomes the one to go on with
 *
 * Context: Process context.
 * Return: the socket, of which the engine keeps its handle; NULL when there are no more.
 */
struct lsock *lload_next_flow(struct lload *e, u32 *number)
{
	unsigned long i = *number;
	struct lload_flow *f;

	xa_for_each_start(&e->flows, i, f, *number) {
		*number = i + 1;
		if (f->ls)
			return f->ls;
	}
	return NULL;
}
