// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The life of flows: their sockets are opened or accepted, join the poll set, and are closed. */
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "driver/account.h"
#include "driver/memory.h"
#include "lload.h"

/* Connections that are accepted in one turn. */
#define LLOAD_ACCEPTS	16

static size_t lload_flow_size(const struct lload *e)
{
	size_t requests = e->config.client ? e->config.outstanding : 0;

	return sizeof(struct lload_flow) + requests * sizeof(struct lload_request);
}

/**
 * lload_flow_new() - make a flow that has no socket yet
 * @e: the engine
 *
 * Context: Process context. May sleep.
 * Return: the flow, which is the engine's; ERR_PTR(-ENOMEM).
 */
struct lload_flow *lload_flow_new(struct lload *e)
{
	size_t size = lload_flow_size(e);
	struct lload_flow *f;
	int err;

	err = luadrv_account_charge(e->account, luadrv_kvsize(size));
	if (err)
		return ERR_PTR(err);
	f = luadrv_kvmalloc(size, __GFP_ZERO);
	if (!f) {
		err = -ENOMEM;
		goto err_uncharge;
	}
	err = xa_alloc(&e->flows, &f->number, f, xa_limit_31b, LUADRV_GFP);
	if (err)
		goto err_free;
	INIT_LIST_HEAD(&f->link);
	f->writable = true;
	e->count++;
	return f;

err_free:
	kvfree(f);
err_uncharge:
	luadrv_account_uncharge(e->account, luadrv_kvsize(size));
	return ERR_PTR(err);
}

/**
 * lload_flow_peer() - make room for whom a flow is to answer
 * @e: the engine, of a server
 * @f: the flow, of UDP
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM.
 */
int lload_flow_peer(struct lload *e, struct lload_flow *f)
{
	int err;

	err = luadrv_account_charge(e->account, sizeof(*f->peer));
	if (err)
		return err;
	f->peer = kzalloc(sizeof(*f->peer), LUADRV_GFP);
	if (f->peer)
		return 0;
	luadrv_account_uncharge(e->account, sizeof(*f->peer));
	return -ENOMEM;
}

static void lload_flow_leave(struct lload *e, struct lload_flow *f)
{
	if (!f->member)
		return;
	lpoll_discard(e->set, f->slot);
	xa_erase(&e->slots, f->slot);
	f->member = false;
}

/* The flow has no socket any more. */
static void lload_flow_close(struct lload *e, struct lload_flow *f)
{
	lload_flow_leave(e, f);
	if (!f->ls)
		return;
	lsock_close(f->ls, false);
	lsock_drop(f->ls);
	f->ls = NULL;
}

/**
 * lload_flow_free() - end a flow, without its hook
 * @e: the engine
 * @f: the flow; its socket is closed
 *
 * Context: Process context. May sleep.
 */
void lload_flow_free(struct lload *e, struct lload_flow *f)
{
	lload_flow_close(e, f);
	list_del(&f->link);
	xa_erase(&e->flows, f->number);
	if (e->pending == f)
		e->pending = NULL;
	luadrv_account_uncharge(e->account,
				luadrv_kvsize(lload_flow_size(e)) +
				(f->peer ? sizeof(*f->peer) : 0));
	kfree(f->peer);
	kvfree(f);
	e->count--;
}

/**
 * lload_flow_queue() - a flow has something to do, after those that have had before
 * @e: the engine
 * @f: the flow
 *
 * Context: Process context.
 */
void lload_flow_queue(struct lload *e, struct lload_flow *f)
{
	list_move_tail(&f->link, &e->busy);
}

/**
 * lload_flow_hurry() - a flow has something to do next
 * @e: the engine
 * @f: the flow
 *
 * Context: Process context.
 */
void lload_flow_hurry(struct lload *e, struct lload_flow *f)
{
	list_move(&f->link, &e->busy);
}

/**
 * lload_flow_addr() - what a flow connects to
 * @e: the engine
 * @f: the flow
 *
 * Context: Process context.
 * Return: the address; NULL in a server.
 */
const struct lsock_addr *lload_flow_addr(struct lload *e, const struct lload_flow *f)
{
	return e->targets.count ? &e->targets.list[f->number % e->targets.count] : NULL;
}

/*
 * What the set shall report. It reports edges, so TCP may be asked for all at once: it tells of room only
 * to who found none. UDP tells of all that has left.
 */
static unsigned int lload_flow_events(const struct lload *e, const struct lload_flow *f)
{
	__poll_t events = EPOLLIN | EPOLLRDHUP;

	if (f->state == LLOAD_LISTENING)
		return (__force unsigned int)EPOLLIN;
	/* A connection that is made makes room, too. */
	if (f->blocked || !lload_is_udp(e))
		events |= EPOLLOUT;
	return (__force unsigned int)events | lsock_edge;
}

/**
 * lload_flow_join() - have the poll set watch a flow's socket
 * @e: the engine
 * @f: the flow; queued if that fails
 * @call: where it goes what fails
 *
 * Context: Process context. May sleep.
 * Return: 0; as lpoll_add().
 */
int lload_flow_join(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	int err;

	err = lpoll_add(e->set, lsock_pollable(f->ls), lload_flow_events(e, f), &f->slot);
	if (err)
		goto err_again;
	err = xa_err(xa_store(&e->slots, f->slot, f, LUADRV_GFP));
	if (err)
		goto err_discard;
	f->member = true;
	return 0;

err_discard:
	lpoll_discard(e->set, f->slot);
err_again:
	lload_flow_hurry(e, f);
	call->what = "poll";
	call->again = true;
	return err;
}

/**
 * lload_flow_interest() - what the poll set watches a flow for has changed
 * @e: the engine
 * @f: the flow, which is in the set unless somebody closed its socket
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOENT.
 */
int lload_flow_interest(struct lload *e, struct lload_flow *f)
{
	return lpoll_modify(e->set, lsock_pollable(f->ls), lload_flow_events(e, f));
}

/**
 * lload_flow_open() - open a flow's socket
 * @e: the engine, of a client
 * @f: the flow, LLOAD_IDLE; becomes LLOAD_NEW
 *
 * Context: Process context. May sleep.
 * Return: 0; as lsock_new().
 */
int lload_flow_open(struct lload *e, struct lload_flow *f)
{
	int err;

	err = lsock_new(e->account, e->net, e->config.family, e->config.type, 0, &f->ls);
	if (err)
		return err;
	f->state = LLOAD_NEW;
	f->readable = false;
	f->writable = true;
	f->ended = false;
	f->troubled = false;
	f->blocked = false;
	f->lossy = false;
	f->renewed = false;
	f->sending = 0;
	f->got = 0;
	lload_flow_hurry(e, f);
	return 0;
}

static int lload_set_options(struct lload *e, struct lsock *ls, struct lload_call *call)
{
	unsigned int i;
	int err;

	for (i = 0; i < e->option_count; i++) {
		err = lsock_setsockopt(ls, e->options[i].opt, &e->options[i].val);
		if (err) {
			call->what = e->options[i].opt->name;
			return err;
		}
	}
	return 0;
}

static int lload_bind_source(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	int err;

	if (!e->sources.count)
		return 0;
	err = lsock_bind(f->ls, &e->sources.list[f->number % e->sources.count]);
	if (err) {
		call->what = "bind";
		call->addr = &e->sources.list[f->number % e->sources.count];
	}
	return err;
}

/* A connection stands. */
static int lload_flow_stands(struct lload *e, struct lload_flow *f)
{
	f->state = LLOAD_OPEN;
	e->counts.connects++;
	if (e->phase == LLOAD_OPENING)
		e->connected++;
	lload_flow_queue(e, f);
	return 0;
}

/**
 * lload_flow_connect() - let a flow's new socket connect
 * @e: the engine, of a client
 * @f: the flow, LLOAD_SEEN; becomes LLOAD_CONNECTING or LLOAD_OPEN
 * @call: where it goes what fails
 *
 * Context: Process context. May sleep.
 * Return: 0; -errno of the call that failed.
 */
int lload_flow_connect(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	const struct lsock_addr *addr = lload_flow_addr(e, f);
	int err;

	err = lload_flow_join(e, f, call);
	if (err)
		return err;
	f->state = LLOAD_CONNECTING;
	err = lload_set_options(e, f->ls, call);
	if (!err)
		err = lload_bind_source(e, f, call);
	if (err)
		return err;
	call->what = "connect";
	call->addr = addr;
	err = lsock_connect(f->ls, (struct lsock_addr *)addr, 0);
	/* On one machine it is done by now. */
	if (err == -EINPROGRESS)
		return lload_flow_connected(e, f, call);
	return err ? err : lload_flow_stands(e, f);
}

/**
 * lload_flow_connected() - whether a flow has connected
 * @e: the engine, of a client
 * @f: the flow, LLOAD_CONNECTING; becomes LLOAD_OPEN when it has
 * @call: where it goes what fails
 *
 * Context: Process context. May sleep.
 * Return: 0, also when it goes on; -errno of the call that failed.
 */
int lload_flow_connected(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	int err = lsock_connected(f->ls);

	if (err == -EINPROGRESS) {
		list_del_init(&f->link);
		return 0;
	}
	call->what = "connect";
	call->addr = lload_flow_addr(e, f);
	return err ? err : lload_flow_stands(e, f);
}

/* -EINVAL: it does not listen any more. */
static bool lload_is_fatal(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM || err == -EBADF || err == -EINVAL;
}

/**
 * lload_flow_serve() - begin with a connection that was accepted
 * @e: the engine, of a server
 * @f: the flow, LLOAD_SEEN; becomes LLOAD_OPEN
 * @call: where it goes what fails
 *
 * Context: Process context. May sleep.
 * Return: 0; -errno of the call that failed.
 */
int lload_flow_serve(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	int err;

	f->state = LLOAD_OPEN;
	err = lload_flow_join(e, f, call);
	if (err) {
		f->state = LLOAD_SEEN;
		return err;
	}
	e->counts.connects++;
	if (e->config.kind == LLOAD_STREAM && e->config.writes)
		lload_flow_queue(e, f);
	return 0;
}

/* Takes one connection: 0; -errno. */
static int lload_accept_one(struct lload *e, struct lload_flow *listener, struct lload_call *call)
{
	struct lload_flow *f = lload_flow_new(e);
	int err;

	call->what = "accept";
	call->again = true;
	if (IS_ERR(f))
		return PTR_ERR(f);
	err = lsock_accept(listener->ls, 0, &f->ls);
	if (err)
		goto err_free;
	err = lload_set_options(e, f->ls, call);
	if (err)
		goto err_free;
	f->state = LLOAD_SEEN;
	return lload_flow_serve(e, f, call);

err_free:
	lload_flow_free(e, f);
	return err;
}

/**
 * lload_flow_accept() - take the connections of a listening flow, some at once
 * @e: the engine, of a server
 * @f: the flow; queued again if there may be more
 * @call: where it goes what fails
 *
 * Context: Process context. May sleep.
 * Return: 0; -errno when the engine cannot go on.
 */
int lload_flow_accept(struct lload *e, struct lload_flow *f, struct lload_call *call)
{
	int i, err;

	for (i = 0; i < LLOAD_ACCEPTS; i++) {
		err = lload_accept_one(e, f, call);
		if (err == -EAGAIN || err == -EINTR)
			return 0;
		if (lload_is_fatal(err))
			break;
		if (err)
			lload_count_error(e, LLOAD_CAUSE_ACCEPT, err);
	}
	lload_flow_queue(e, f);
	return i < LLOAD_ACCEPTS ? err : 0;
}

/**
 * lload_flow_end() - a flow's socket is to be closed for good, or up to its next request
 * @e: the engine
 * @f: the flow; gone, unless it is a client's of LLOAD_CRR, or renewed
 *
 * Context: Process context. May sleep.
 */
void lload_flow_end(struct lload *e, struct lload_flow *f)
{
	bool goes_on = e->config.client && (e->config.kind == LLOAD_CRR || f->renewed);

	if (!goes_on || e->phase == LLOAD_FINISHING) {
		lload_flow_free(e, f);
		return;
	}
	lload_flow_close(e, f);
	f->state = LLOAD_IDLE;
	lload_flow_queue(e, f);
}

/**
 * lload_flow_shut() - end a flow, after its hook has seen its socket
 * @e: the engine
 * @f: the flow; gone when this returns, or LLOAD_CLOSING, or LLOAD_IDLE
 *
 * Context: Process context. May sleep.
 */
void lload_flow_shut(struct lload *e, struct lload_flow *f)
{
	bool seen = f->ls && f->state != LLOAD_NEW;

	if (!e->config.client || !lload_has_hook(e, LLOAD_HOOK_CLOSE) || !seen) {
		lload_flow_end(e, f);
		return;
	}
	lload_flow_leave(e, f);
	f->state = LLOAD_CLOSING;
	lload_flow_hurry(e, f);
}
