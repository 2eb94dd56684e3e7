/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Stand-ins: waiting, the work of others, numbered objects. While a task
 * waits, the target may have others do something (world.meanwhile).
 */
#ifndef _FUZZ_KERNEL_WAIT_H
#define _FUZZ_KERNEL_WAIT_H

#define init_waitqueue_head(q)	INIT_LIST_HEAD(&(q)->entries)
#define init_waitqueue_func_entry(w, f)	((void)((w)->func = (f)))
#define add_wait_queue(q, w)	list_add(&(w)->entry, &(q)->entries)
#define remove_wait_queue(q, w)	list_del(&(w)->entry)
/* There is one processor, so nothing needs a barrier. */
#define waitqueue_active(q)	(!list_empty(&(q)->entries))
#define key_to_poll(key)	((__poll_t)(unsigned long)(key))
#define wq_has_sleeper(q)	true
#define wake_up(q)		wake_up_key(q, 0)
#define wake_up_all(q)		wake_up_key(q, 0)
#define wake_up_poll(q, key)	wake_up_key(q, key)
#define poll_wait(file, q, table)	((void)((table)->queue = (q)))
#define DECLARE_WAIT_QUEUE_HEAD(q) \
	wait_queue_head_t q = { { &(q).entries, &(q).entries } }
#define DEFINE_WAIT_FUNC(w, f)	wait_queue_entry_t w = { .func = (f) }
#define WQ_FLAG_WOKEN		2
#define woken_wake_function	world_wake
#define wait_woken(w, mode, timeout)	world_wait_woken(w, timeout)

/* Notes that @wait was woken. */
int world_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key);
/* What is left of the time. */
long world_wait_woken(wait_queue_entry_t *wait, long timeout);
/* Others do something: gives 0, or -ERESTARTSYS with a signal where nobody does. */
int world_wait(void);
int world_lock_interruptible(bool *held);

#define mutex_lock_interruptible(l)	world_lock_interruptible(&(l)->held)

static inline void wake_up_key(wait_queue_head_t *q, __poll_t key)
{
	wait_queue_entry_t *w, *next;

	list_for_each_entry_safe(w, next, &q->entries, entry)
		w->func(w, 0, 0, (void *)(unsigned long)key);
}

/* What ends the wait must also wake who waits. */
#define wait_event_interruptible(q, condition)	({			\
	wait_queue_entry_t _wait = { .func = world_wake };		\
	int _err = 0;							\
	add_wait_queue(&(q), &_wait);					\
	world_may_sleep();						\
	while (!(condition) && !_err) {					\
		_wait.flags &= ~WQ_FLAG_WOKEN;				\
		_err = world_wait();					\
		world_check(_wait.flags & WQ_FLAG_WOKEN || !(condition), "nobody is woken");	\
	}								\
	remove_wait_queue(&(q), &_wait);				\
	_err;								\
})

#define wait_event_interruptible_timeout(q, condition, timeout)	({	\
	long _left = (timeout);						\
	long _res = (condition) ? _left : world_sleep(_left);		\
	_res ? _res : (condition) ? 1 : 0;				\
})

/* As above, but told how to sleep; who else waits in the queue is not looked at. */
#define TASK_INTERRUPTIBLE	1
#define ___wait_cond_timeout(condition)	({				\
	bool _cond = (condition);					\
	if (_cond && !__ret)						\
		__ret = 1;						\
	_cond || !__ret;						\
})
#define ___wait_event(q, condition, state, exclusive, ret, sleep) ({	\
	long __ret = (ret);						\
	(void)(q);							\
	world_may_sleep();						\
	while (!(condition)) {						\
		if (signal_pending(current)) {				\
			__ret = -ERESTARTSYS;				\
			break;						\
		}							\
		sleep;							\
	}								\
	__ret;								\
})

/* The work of others is done at once */

struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);
struct work_struct { void (*func)(struct work_struct *work); };
struct workqueue_struct { int unused; };
#define WQ_UNBOUND		0
#define system_unbound_wq	NULL
#define INIT_WORK(w, f)		((void)((w)->func = (f)))
#define INIT_WORK_ONSTACK(w, f)	INIT_WORK(w, f)
#define destroy_work_on_stack(w)	((void)(w))
#define schedule_work(w)	world_work(w)
#define flush_work(w)		((void)(w))
#define queue_work(q, w)	((void)(q), world_work(w))
#define destroy_workqueue(q)	((void)(q))

/* In a task of its own. */
void world_work(struct work_struct *work);

/* Work for later is done when the target says so; one at a time. */
struct delayed_work { struct work_struct work; };
extern struct delayed_work *world_delayed;
#define INIT_DELAYED_WORK(w, f)	INIT_WORK(&(w)->work, f)
#define to_delayed_work(w)	container_of(w, struct delayed_work, work)
#define schedule_delayed_work(w, delay)	((void)(world_delayed = world_delayed ?: (w)))
#define cancel_delayed_work_sync(w)	((void)(world_delayed = world_delayed == (w) ? NULL : world_delayed))

/* Does what is to be done later; false if there is nothing. */
bool world_later(void);

static inline struct workqueue_struct *alloc_workqueue(const char *name, int flags, int max)
{
	static struct workqueue_struct queue;

	return &queue;
}

/* An array of pointers, not sorted by their numbers */

#define XARRAY_PLACES	64
struct xarray {
	u32 ids[XARRAY_PLACES];
	void *places[XARRAY_PLACES];
};

struct xa_limit { u32 min, max; };
#define XA_LIMIT(lowest, highest)	((struct xa_limit){ lowest, highest })
#define XA_FLAGS_ALLOC		0
#define xa_limit_31b		XA_LIMIT(0, INT_MAX)
#define DEFINE_XARRAY_ALLOC1(xa)	struct xarray xa
#define xa_init_flags(xa, f)	memset(xa, 0, sizeof(*(xa)))
#define xa_destroy(xa)		((void)(xa))
#define xa_for_each(xa, i, p)						\
	for (u32 _n = 0; _n < XARRAY_PLACES; _n++)			\
		if (((p) = (xa)->places[_n]) && ((i) = (xa)->ids[_n], true))

/* The lowest number of those in the limits that are free, from *@next on. */
int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
		    u32 *next, gfp_t gfp);
int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp);
void *xa_load(struct xarray *xa, unsigned long id);
void *xa_erase(struct xarray *xa, unsigned long id);

#endif
