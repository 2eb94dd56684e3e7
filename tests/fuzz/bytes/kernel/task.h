/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Stand-ins: the task, time, the log, modules, files, waiting. */
#ifndef _FUZZ_KERNEL_TASK_H
#define _FUZZ_KERNEL_TASK_H

/* The task */

#define TASK_COMM_LEN	16
#define PF_EXITING	1
#define PF_KTHREAD	2
#define PF_IO_WORKER	4
/* Frames are several times as large as in the kernel: sanitizers, no optimisation. */
#define THREAD_SIZE	(128 * 1024)
#define CAP_SYS_ADMIN	21

struct nsproxy { struct net *net_ns; };
struct task_struct {
	unsigned int flags;
	bool in_execve;
	struct nsproxy *nsproxy;
	char comm[TASK_COMM_LEN];
	pid_t tgid;
	char *stack;
};

extern struct task_struct world_task;
#define current			(&world_task)
#define get_task_comm(to, t)	memcpy(to, (t)->comm, TASK_COMM_LEN)
#define task_pid_nr(t)		((t)->tgid)
#define task_tgid_nr(t)		((t)->tgid)
#define end_of_stack(t)		((unsigned long *)(t)->stack)
#define signal_pending(t)	world_signal_pending()

/* None of the signals that are blocked ever comes. The type is libc's. */
#define SIG_KERNEL_STOP_MASK	0x3c0000
#define siginitset(set, mask)	((void)memset(set, 0, sizeof(*(set))))
#define sigprocmask(how, set, old)	((void)(set))
#define capable(c)		true
#define cond_resched()		world_may_sleep()

/* Time */

typedef s64 ktime_t;
extern unsigned long jiffies;
#define HZ			1000
#define MAX_SCHEDULE_TIMEOUT	LONG_MAX
#define msecs_to_jiffies(ms)	((unsigned long)(ms))
#define jiffies_to_msecs(j)	((unsigned int)(j))
#define ms_to_ktime(ms)		((ktime_t)(ms) * 1000000)
#define ktime_get_ns()		((u64)jiffies * 1000000)
#define ktime_get_real_seconds()	((s64)jiffies / HZ)
#define task_cputime_adjusted(t, u, s)	(*(u) = *(s) = jiffies)
#define msleep(ms)		((void)world_sleep(ms))
#define msleep_interruptible(ms)	world_sleep(ms)

enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };
enum hrtimer_mode { HRTIMER_MODE_REL_HARD };
struct hrtimer {
	enum hrtimer_restart (*function)(struct hrtimer *timer);
};

extern struct hrtimer *world_timer;
#define hrtimer_setup(t, f, clock, mode)	((void)((t)->function = (f)))
#define hrtimer_start(t, when, mode)	((void)(world_timer = (t)))
#define hrtimer_cancel(t)		((void)(world_timer = NULL))
#define hrtimer_forward_now(t, by)	((void)(t))

/* The log */

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif
#define pr_err(fmt, ...)	world_log('e', pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...)	world_log('i', pr_fmt(fmt), ##__VA_ARGS__)
#define panic(...)		world_fail(__VA_ARGS__)

/* Randomness and hashes */

typedef struct { u64 key[2]; } siphash_key_t;
typedef siphash_key_t hsiphash_key_t;
#define get_random_u32()	((u32)world_random())
#define get_random_u64()	world_random()
#define hsiphash(bytes, n, k)	((u32)world_hash(bytes, n, (k)->key[0]))

static inline void get_random_bytes(void *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((u8 *)to)[i] = (u8)world_random();
}

static inline u64 siphash_1u64(u64 n, const siphash_key_t *key)
{
	return world_hash(&n, sizeof(n), key->key[0]);
}

/* Modules: their parameters are there as world_param_<name> */

struct kernel_param { void *arg; };
struct kernel_param_ops {
	int (*set)(const char *text, const struct kernel_param *param);
	int (*get)(char *text, const struct kernel_param *param);
};

struct world_param {
	const struct kernel_param_ops *ops;
	struct kernel_param param;
};

#define THIS_MODULE		NULL
#define MODULE_PARM_DESC(name, text)
#define MODULE_DESCRIPTION(text)
#define MODULE_LICENSE(text)
#define param_get_ulong		NULL
#define module_param_cb(name, o, p, perm) \
	const struct world_param world_param_##name = { (o), { (p) } }
#define module_param_named(name, var, type, perm) \
	module_param_cb(name, NULL, &(var), perm)
#define module_param(name, type, perm)	module_param_named(name, name, type, perm)
extern const struct world_param world_param_testing, world_param_max_script;
#define module_init(f)		int world_module_init(void) { return f(); }
#define module_exit(f)		void world_module_exit(void) { f(); }

unsigned long long memparse(const char *text, char **end);

/* debugfs, as far as there is one file */

struct dentry;
struct seq_file;
#define seq_printf(file, ...)	world_live(__VA_ARGS__)
#define DEFINE_SHOW_ATTRIBUTE(name) \
	int (*const world_show)(struct seq_file *, void *) = name##_show; \
	static const int name##_fops
extern int (*const world_show)(struct seq_file *file, void *unused);
#define debugfs_create_dir(name, parent)	NULL
#define debugfs_create_file(name, perm, dir, data, fops) \
	((void)(dir), (void)(fops))
#define debugfs_remove(dir)	((void)(dir))

/* Files */

typedef void *fl_owner_t;
struct inode;
struct file {
	void *private_data;
	long count;
};

struct kiocb { struct file *ki_filp; };
/* @good: how many bytes can be read before one faults. */
struct iov_iter {
	const u8 *bytes;
	size_t count;
	size_t good;
};

struct file_operations {
	void *owner;
	int (*open)(struct inode *inode, struct file *file);
	ssize_t (*write_iter)(struct kiocb *iocb, struct iov_iter *from);
	void *splice_write;
	int (*flush)(struct file *file, fl_owner_t id);
	int (*release)(struct inode *inode, struct file *file);
};

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	unsigned int mode;
};

extern const struct file_operations *world_fops;
#define MISC_DYNAMIC_MINOR	255
#define misc_register(device)	(world_fops = (device)->fops, 0)
#define misc_deregister(device)	((void)(world_fops = NULL))
#define stream_open(inode, file)	0
#define iter_file_splice_write	NULL
#define file_count(file)	((file)->count)
#define iov_iter_count(iter)	((iter)->count)

static inline size_t copy_from_iter(void *to, size_t n, struct iov_iter *from)
{
	n = min(n, min(from->count, from->good));
	memcpy(to, from->bytes, n);
	from->bytes += n;
	from->count -= n;
	from->good -= n;
	return n;
}

/* Waiting */

typedef struct wait_queue_entry {
	int (*func)(struct wait_queue_entry *wait, unsigned int mode, int sync,
		    void *key);
	struct list_head entry;
} wait_queue_entry_t;
typedef struct { struct list_head entries; } wait_queue_head_t;

#define init_waitqueue_head(q)	INIT_LIST_HEAD(&(q)->entries)
#define init_waitqueue_func_entry(w, f)	((void)((w)->func = (f)))
#define add_wait_queue(q, w)	list_add(&(w)->entry, &(q)->entries)
#define remove_wait_queue(q, w)	list_del(&(w)->entry)
#define key_to_poll(key)	((__poll_t)(unsigned long)(key))
#define wake_up(q)		wake_up_key(q, 0)
#define wake_up_all(q)		wake_up_key(q, 0)

static inline void wake_up_key(wait_queue_head_t *q, __poll_t key)
{
	wait_queue_entry_t *w, *next;

	list_for_each_entry_safe(w, next, &q->entries, entry)
		w->func(w, 0, 0, (void *)(unsigned long)key);
}

#define wait_event_interruptible_timeout(q, condition, timeout)	({	\
	long _left = (timeout);						\
	long _res = (condition) ? _left : world_sleep(_left);		\
	_res ? _res : (condition) ? 1 : 0;				\
})

/* The work of others is done at once */

struct work_struct { void (*func)(struct work_struct *work); };
struct workqueue_struct { int unused; };
#define WQ_UNBOUND		0
#define INIT_WORK(w, f)		((void)((w)->func = (f)))
#define queue_work(q, w)	(w)->func(w)
#define destroy_workqueue(q)	((void)(q))

static inline struct workqueue_struct *alloc_workqueue(const char *name, int flags, int max)
{
	static struct workqueue_struct queue;

	return &queue;
}

/* An array of pointers, where the lowest free place is given out */

#define XARRAY_PLACES	64
struct xarray { void *places[XARRAY_PLACES]; };
#define XA_FLAGS_ALLOC		0
#define xa_limit_31b		0
#define xa_init_flags(xa, f)	memset(xa, 0, sizeof(*(xa)))
#define xa_destroy(xa)		((void)(xa))
#define xa_erase(xa, i)		((void)((xa)->places[i] = NULL))
#define xa_for_each(xa, i, p)						\
	for (i = 0; i < XARRAY_PLACES; i++)				\
		if (((p) = (xa)->places[i]))

static inline int xa_alloc(struct xarray *xa, u32 *id, void *entry, int limit, gfp_t gfp)
{
	void *node = world_alloc(1, false);

	world_free(node);
	for (*id = 0; node && *id < XARRAY_PLACES; ++*id) {
		if (!xa->places[*id]) {
			xa->places[*id] = entry;
			return 0;
		}
	}
	return -ENOMEM;
}

#endif
