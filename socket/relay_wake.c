// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What has a relay run: the wake-ups of its sockets, and its timer. It runs in a softirq of the processor where the
 * wake-up was, and if that cannot do all, in a worker there.
 */
#include "lsock.h"
#include "lrelay.h"

#include <linux/interrupt.h>
#include <linux/llist.h>
#include <linux/percpu.h>
#include <linux/wait_bit.h>

#include "driver/compat.h"

/* How many relays a processor works for at once: one, and others while that waits for a lock or for memory. */
#define LRELAY_ACTIVE	4

static struct workqueue_struct *lrelay_workers;

/* The relays that are to run in the next softirq of a processor. */
struct lrelay_softirq {
	struct llist_head relays;
	struct tasklet_struct tasklet;
};

static DEFINE_PER_CPU(struct lrelay_softirq, lrelay_softirqs);

static void lrelay_softirq(struct tasklet_struct *tasklet)
{
	struct lrelay_softirq *soft = container_of(tasklet, struct lrelay_softirq, tasklet);
	struct llist_node *list = llist_reverse_order(llist_del_all(&soft->relays));
	struct lrelay *r, *next;

	llist_for_each_entry_safe(r, next, list, soft)
		lrelay_run_soft(r);
}

/**
 * lrelay_begin() - have a relay run
 * @r: the relay; the caller has LRELAY_BUSY, and hands it on
 *
 * Context: Any.
 */
void lrelay_begin(struct lrelay *r)
{
	struct lrelay_softirq *soft;

	if (test_bit(LRELAY_SLOW, &r->flags)) {
		queue_work(lrelay_workers, &r->work);
		return;
	}
	soft = &get_cpu_var(lrelay_softirqs);
	if (llist_add(&r->soft, &soft->relays))
		tasklet_schedule(&soft->tasklet);
	put_cpu_var(lrelay_softirqs);
}

/**
 * lrelay_release() - let go of LRELAY_BUSY
 * @r: the relay; afterwards it may be gone
 *
 * Context: Any.
 * Return: whether the caller has it still, for something has happened meanwhile.
 */
bool lrelay_release(struct lrelay *r)
{
	unsigned long old, fresh;

	do {
		old = READ_ONCE(r->flags);
		if (old & BIT(LRELAY_AGAIN) && !(old & BIT(LRELAY_STOP)))
			return true;
		fresh = old & ~BIT(LRELAY_BUSY);
	} while (cmpxchg(&r->flags, old, fresh) != old);
	/* Only the address is used, to find who waits. */
	if (old & BIT(LRELAY_STOP))
		wake_up_bit(&r->flags, LRELAY_BUSY);
	return false;
}

/**
 * lrelay_kick() - have a relay look what there is to do
 * @r: the relay, not over
 *
 * Context: Any.
 */
void lrelay_kick(struct lrelay *r)
{
	if (READ_ONCE(r->pausing))
		return;
	set_bit(LRELAY_AGAIN, &r->flags);
	/* Pairs with lrelay_release(): it sees this, or this sees that it has let go. */
	smp_mb__after_atomic();
	if (!test_and_set_bit(LRELAY_BUSY, &r->flags))
		lrelay_begin(r);
}

/*
 * The socket's wake-up. A key of 0 says that anything may have happened. Pairs with the barriers where the flags
 * are set: what is ignored here was there before the work looked.
 */
int lrelay_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	static const __poll_t data = EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND;
	static const __poll_t room = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	struct lrelay_end *end = container_of(wait, struct lrelay_end, wait);
	__poll_t events = key_to_poll(key);

	if (events && !(events & ~data) && READ_ONCE(end->deaf))
		return 1;
	if (events && !(events & ~room) && !READ_ONCE(end->full))
		return 1;
	lrelay_kick(wait->private);
	return 1;
}

/**
 * lrelay_init() - make the workers, and what runs in softirqs
 *
 * They stay on the processor where the wake-up was: it has just had what arrived in its caches.
 *
 * Context: Process context.
 * Return: 0; -ENOMEM.
 */
int lrelay_init(void)
{
	struct lrelay_softirq *soft;
	int cpu;

	for_each_possible_cpu(cpu) {
		soft = per_cpu_ptr(&lrelay_softirqs, cpu);
		init_llist_head(&soft->relays);
		tasklet_setup(&soft->tasklet, lrelay_softirq);
	}
	lrelay_workers = alloc_workqueue("luadrv_relay", WQ_PERCPU, LRELAY_ACTIVE);
	return lrelay_workers ? 0 : -ENOMEM;
}

/**
 * lrelay_exit() - wait until all have left the module
 *
 * Context: Process context. May sleep, not for long: there is no relay any more.
 */
void lrelay_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(&lrelay_softirqs, cpu)->tasklet);
	destroy_workqueue(lrelay_workers);
}
