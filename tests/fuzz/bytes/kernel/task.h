/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Stand-ins: the task, time, the log, modules, files. */
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
#define TIF_SIGPENDING	1

struct cpumask { u64 cpus; };
struct nsproxy { struct net *net_ns; };
/* Names of files go out from here; @of: 0: the kernel's threads, 1: the processes. References are counted. */
struct path { int of; };
struct fs_struct {
	seqlock_t seq;
	int umask;
	struct path root, pwd;
};
struct task_struct {
	unsigned int flags;
	bool in_execve;
	struct nsproxy *nsproxy;
	char comm[TASK_COMM_LEN];
	pid_t tgid;
	char *stack;
	bool signalled, kicked;
	const struct cred *cred;
	struct mem_cgroup *mm, *active_memcg;
	const struct cpumask *cpus_ptr;
	int nice;
	struct { u64 sum_exec_runtime; } se;
	struct world_files { atomic_t count; } *files;
	struct fs_struct *fs, own_fs;
	long refs;
};

/* The task that all begins with, and the one that runs. */
extern struct task_struct world_task, *world_current;
#define current			world_current
#define get_task_comm(to, t)	((char *)memcpy(to, (t)->comm, TASK_COMM_LEN))
#define task_pid_nr(t)		((t)->tgid)
#define task_tgid_nr(t)		((t)->tgid)
#define task_nice(t)		((t)->nice)
#define end_of_stack(t)		((unsigned long *)(t)->stack)
#define signal_pending(t)	((t)->signalled || (t)->kicked)
#define get_task_struct(t)	((t)->refs++, (t))
#define put_task_struct(t)	world_check(--(t)->refs >= 0, "task: put too often")
#define send_sig(sig, t, priv)	((void)((t)->signalled = true))
#define set_tsk_thread_flag(t, flag)	((void)((t)->kicked = true))
#define allow_signal(sig)	((void)0)
#define thread_group_empty(t)	true

/* None of the signals that are blocked ever comes; a kick without a signal is over. The type is libc's. */
#define SIG_KERNEL_STOP_MASK	0x3c0000
#define siginitset(set, mask)	((void)memset(set, 0, sizeof(*(set))))
#define sigprocmask(how, set, old)	((void)(set), (void)(current->kicked = false))
#define capable(c)		true
#define cond_resched()		world_may_sleep()

#define num_online_cpus()	2U
/* All is the first one's. */
#define DECLARE_PER_CPU(type, name)	extern type name
#define DEFINE_PER_CPU(type, name)	type name
#define per_cpu(name, cpu)		(*((void)(cpu), &(name)))
#define this_cpu_inc(name)		((name)++)
#define this_cpu_add(name, n)		((void)((name) += (n)))
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < 1; (cpu)++)
struct new_utsname { char release[65]; };
#define init_utsname()		(&(const struct new_utsname){ "7.2.0" })

/* Time */

typedef s64 ktime_t;
extern unsigned long jiffies;
#define HZ			1000
#define MAX_SCHEDULE_TIMEOUT	LONG_MAX
#define msecs_to_jiffies(ms)	((unsigned long)(ms))
#define jiffies_to_msecs(j)	((unsigned int)(j))
#define ms_to_ktime(ms)		((ktime_t)(ms) * 1000000)
#define ns_to_ktime(ns)		((ktime_t)(ns))
#define ktime_get_ns()		((u64)jiffies * 1000000)
#define NSEC_PER_MSEC		1000000L
#define ktime_get_real_seconds()	((s64)jiffies / HZ)
#define task_cputime_adjusted(t, u, s)	(*(u) = *(s) = jiffies)
#define msleep(ms)		((void)world_sleep(ms))
#define msleep_interruptible(ms)	world_sleep(ms)
#define schedule_timeout_interruptible(left)	((void)world_sleep(left))
/* What is left of the time when a signal ends it: all of it. */
#define schedule_timeout(left)	({ long _time = (left); world_sleep(_time) ? _time : 0; })

enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };
enum hrtimer_mode { HRTIMER_MODE_REL_HARD, HRTIMER_MODE_ABS_SOFT };
struct hrtimer {
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	ktime_t due;
	struct hrtimer *next;
};

#define hrtimer_setup(t, f, clock, mode)	((void)((t)->function = (f)))
#define hrtimer_forward_now(t, by)	((void)(t))
/* Hard ones are ticks, which fire after so many steps; soft ones fire at their time. */
void hrtimer_start(struct hrtimer *timer, ktime_t when, enum hrtimer_mode mode);
void hrtimer_cancel(struct hrtimer *timer);

/* The log */

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif
#define pr_err(fmt, ...)	world_log('e', pr_fmt(fmt), ##__VA_ARGS__)
#define pr_emerg(fmt, ...)	world_log('0', pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...)	world_log('1', pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...)	world_log('2', pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)	world_log('w', pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...)	world_log('n', pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug(fmt, ...)	world_log('d', pr_fmt(fmt), ##__VA_ARGS__)
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
#define param_get_uint		NULL
#define module_param_cb(name, o, p, perm) \
	const struct world_param world_param_##name = { (o), { (p) } }
#define module_param_named(name, var, type, perm) \
	module_param_cb(name, NULL, &(var), perm)
#define module_param(name, type, perm)	module_param_named(name, name, type, perm)
extern const struct world_param world_param_testing, world_param_max_script;
#define module_init(f)		int world_module_init(void) { return f(); }
#define module_exit(f)		void world_module_exit(void) { f(); }
extern long world_module_users;
#define __module_get(m)		((void)world_module_users++)
#define module_put(m)		world_check(--world_module_users >= 0, "module: put too often")

unsigned long long memparse(const char *text, char **end);

/* debugfs, as far as its file of live objects goes, and files whose text a function makes */

struct dentry;
struct file;
struct inode;
struct seq_file {
	int (*show)(struct seq_file *file, void *unused);
	char text[1 << 14];
	size_t len;
};

void __printf(2, 3) seq_printf(struct seq_file *file, const char *fmt, ...);
int single_open(struct file *file, int (*show)(struct seq_file *, void *), void *data);
int single_release(struct inode *inode, struct file *file);
ssize_t seq_read(struct file *file, char *buffer, size_t size, loff_t *pos);
#define seq_lseek		NULL
#define DEFINE_SHOW_ATTRIBUTE(name) \
	int (*const world_show_##name)(struct seq_file *, void *) = name##_show; \
	static const int name##_fops
extern int (*const world_show_live)(struct seq_file *file, void *unused);
#define debugfs_create_dir(name, parent)	NULL
#define debugfs_create_file(name, perm, dir, data, fops) \
	((void)(dir), (void)(fops))
#define debugfs_remove(dir)	((void)(dir))

/* Who waits (wait.h) */

typedef struct wait_queue_entry {
	int (*func)(struct wait_queue_entry *wait, unsigned int mode, int sync,
		    void *key);
	struct list_head entry;
	unsigned int flags;
} wait_queue_entry_t;
typedef struct { struct list_head entries; } wait_queue_head_t;
typedef struct { wait_queue_head_t *queue; } poll_table;

/* Files */

typedef void *fl_owner_t;
struct file {
	void *private_data;
	const struct file_operations *f_op;
	long count;
	unsigned int f_mode, f_flags;
};

#define FMODE_READ		1
#define FMODE_WRITE		2
#define fops_get(fops)		(fops)
#define replace_fops(file, fops)	((void)((file)->f_op = (fops)))

struct kiocb { struct file *ki_filp; };
/* @good: how many bytes can be read before one faults; @vec, from @skip on: of a message (net.h). */
struct iov_iter {
	const u8 *bytes;
	size_t count;
	size_t good;
	const struct kvec *vec;
	size_t skip;
};

struct file_operations {
	void *owner;
	int (*open)(struct inode *inode, struct file *file);
	ssize_t (*write_iter)(struct kiocb *iocb, struct iov_iter *from);
	void *splice_write;
	ssize_t (*read)(struct file *file, char *buffer, size_t size, loff_t *pos);
	void *llseek;
	__poll_t (*poll)(struct file *file, poll_table *table);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	void *compat_ioctl;
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
#define compat_ptr_ioctl		NULL
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

#endif
