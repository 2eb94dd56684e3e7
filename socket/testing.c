// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * For tests: closing or shutting down a socket from another task while a script
 * waits in it, which scripts alone cannot do. Only there with the module parameter testing.
 */
#include "lsock.h"

#include <linux/delay.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "driver/memory.h"

static bool testing;
module_param(testing, bool, 0400);
MODULE_PARM_DESC(testing, "for tests: scripts have socket.testing");

static struct workqueue_struct *queue;

struct closing {
	struct work_struct work;
	struct lsock *ls;
	unsigned int ms;
	bool shutdown;
};

static void run_closing(struct work_struct *work)
{
	struct closing *closing = container_of(work, struct closing, work);

	msleep(closing->ms);
	if (closing->shutdown)
		lsock_shutdown(closing->ls, SHUT_RDWR);
	else
		lsock_close(closing->ls, false);
	lsock_put(closing->ls);
	kfree(closing);
}

/**
 * lsock_close_later() - have a worker close a socket, or shut it down
 * @ls: the socket; the worker takes a reference of its own
 * @ms: milliseconds until then
 * @shutdown: only shut it down, in both directions
 *
 * Context: Process context. May sleep.
 * Return: 0; -EPERM without the parameter testing; -ENOMEM.
 */
int lsock_close_later(struct lsock *ls, unsigned int ms, bool shutdown)
{
	struct closing *closing;

	if (!queue)
		return -EPERM;
	closing = kzalloc(sizeof(*closing), LUADRV_GFP);
	if (!closing)
		return -ENOMEM;
	INIT_WORK(&closing->work, run_closing);
	lsock_get(ls);
	closing->ls = ls;
	closing->ms = ms;
	closing->shutdown = shutdown;
	queue_work(queue, &closing->work);
	return 0;
}

/**
 * lsock_testing() - whether scripts shall have socket.testing
 *
 * Context: Any.
 */
bool lsock_testing(void)
{
	return queue;
}

/**
 * lsock_testing_init() - prepare for tests, if the parameter asks for it
 *
 * Context: Process context.
 * Return: 0; -ENOMEM.
 */
int lsock_testing_init(void)
{
	if (!testing)
		return 0;
	queue = alloc_workqueue("luadrv_testing", WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

/**
 * lsock_testing_exit() - wait for what is still to be closed
 *
 * Context: Process context. Sleeps.
 */
void lsock_testing_exit(void)
{
	if (queue)
		destroy_workqueue(queue);
}
