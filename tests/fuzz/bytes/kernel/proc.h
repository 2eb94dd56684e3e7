/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Stand-ins: what processes have and threads take on, user memory, ioctl numbers, tracepoints. */
#ifndef _FUZZ_KERNEL_PROC_H
#define _FUZZ_KERNEL_PROC_H

/* Credentials and memory cgroups: counted */

struct cred { long refs; };
struct mem_cgroup { long refs; };
extern struct cred world_cred;
extern struct mem_cgroup world_memcg;

#define get_current_cred()	(world_cred.refs++, current->cred)
#define put_cred(c)		world_check((c) && --world_cred.refs >= 0, "cred: put too often")
#define override_creds(c)	xchg(&current->cred, c)
#define revert_creds(c)		((void)(current->cred = (c)))
/* The memory of all processes is one cgroup's. */
#define get_mem_cgroup_from_mm(mm)	(world_memcg.refs++, (mm))
#define mem_cgroup_put(m) \
	world_check(!(m) || --world_memcg.refs >= 0, "cgroup: put too often")
#define set_active_memcg(m)	xchg(&current->active_memcg, m)
#define cpumask_copy(to, from)	((void)(*(to) = *(from)))
#define set_cpus_allowed_ptr(t, mask)	((void)(t), (void)(mask))
#define set_user_nice(t, n)	((void)((t)->nice = (n)))

/* Threads: they run when the target says so (world_thread()) */

#define kthread_create(f, data, fmt, ...)	world_kthread(f, data)
/* Called where the thread returns from its function at once. */
#define kthread_stop(t)		((void)(t))
#define wake_up_process(t)	world_check(world_is_task(t), "wakes a task that is not there")

struct task_struct *world_kthread(int (*main)(void *data), void *data);
bool world_is_task(const struct task_struct *task);

/* User memory. What faults does so from some byte on. */

#define u64_to_user_ptr(n)	((void *)(unsigned long)(n))
/* How many of @n bytes can be read or written. */
size_t world_user_good(const void *at, size_t n, bool write);

static inline size_t copy_from_user(void *to, const void *from, size_t n)
{
	size_t good = world_user_good(from, n, false);

	world_may_sleep();
	if (good)
		memcpy(to, from, good);
	memset((char *)to + good, 0, n - good);
	return n - good;
}

static inline size_t copy_to_user(void *to, const void *from, size_t n)
{
	size_t good = world_user_good(to, n, true);

	world_may_sleep();
	world_touch(from, n);
	if (good)
		memcpy(to, from, good);
	return n - good;
}

#define put_user(value, at)	({					\
	typeof(*(at)) _value = (value);					\
	bool _good = world_user_good(at, sizeof(_value), true) == sizeof(_value);	\
	if (_good)							\
		memcpy(at, &_value, sizeof(_value));			\
	_good ? 0 : -EFAULT;						\
})

/* <linux/ioctl.h> */

#define WORLD_IOC(dir, type, nr, size)	((dir) << 30U | (size) << 16 | (type) << 8 | (nr))
#define _IO(type, nr)		WORLD_IOC(0U, type, nr, 0)
#define _IOW(type, nr, arg)	WORLD_IOC(1U, type, nr, sizeof(arg))
#define _IOWR(type, nr, arg)	WORLD_IOC(3U, type, nr, sizeof(arg))

/* Tracepoints: all are on, and look at nothing */

#define TP_PROTO(...)		__VA_ARGS__
#define TRACE_EVENT(name, proto, args, ...)				\
	static inline void trace_##name(proto) {}			\
	static inline bool trace_##name##_enabled(void) { return true; }
#define DECLARE_EVENT_CLASS(...)
#define DEFINE_EVENT(class, name, proto, args) \
	static inline void trace_##name(proto) {}

#endif
