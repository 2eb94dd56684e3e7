// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Tasks of the stand-in kernel, beside the one that all begins with, and what they wait for. */
#include "kernel.h"

/* A thread that was made and did not run yet. */
struct thread {
	struct list_head link;
	struct task_struct task;
	int (*main)(void *data);
	void *data;
};

struct cred world_cred;
struct mem_cgroup world_memcg;
long world_module_users, world_paths;

struct delayed_work *world_delayed;

static LIST_HEAD(threads);

/* A kernel thread: it has no memory, no files, and is nobody's. */
static struct task_struct kernel_task(void)
{
	static struct cred init_cred;
	static struct fs_struct init_fs;

	return (struct task_struct){
		.flags = PF_KTHREAD, .comm = "kernel", .tgid = 2, .cred = &init_cred,
		.nsproxy = world_task.nsproxy, .stack = world_task.stack,
		.cpus_ptr = world_task.cpus_ptr, .files = world_task.files,
		.fs = &init_fs,
	};
}

struct task_struct *world_kthread(int (*main)(void *data), void *data)
{
	struct thread *thread = world_alloc(sizeof(*thread), true);

	if (!thread)
		return ERR_PTR(-ENOMEM);
	world_check(current->flags & PF_KTHREAD, "a process makes a thread");
	thread->task = kernel_task();
	thread->main = main;
	thread->data = data;
	list_add_tail(&thread->link, &threads);
	return &thread->task;
}

bool world_is_task(const struct task_struct *task)
{
	struct thread *thread;

	list_for_each_entry(thread, &threads, link)
		if (&thread->task == task)
			return true;
	return task == current || task == &world_task || task->refs;
}

long world_threads(void)
{
	struct thread *thread;
	long n = 0;

	list_for_each_entry(thread, &threads, link)
		n++;
	return n;
}

bool world_thread(void)
{
	struct thread *thread = list_first_entry_or_null(&threads, struct thread, link);
	struct task_struct *before = current;

	if (!thread)
		return false;
	list_del(&thread->link);
	current = &thread->task;
	thread->main(thread->data);
	world_check(current == &thread->task, "a thread ends as another task");
	world_check(current->cred == kernel_task().cred, "a thread ends with credentials of others");
	world_check(!current->active_memcg, "a thread ends within a cgroup");
	world_check(!current->fs->root.of && !current->fs->pwd.of, "a thread ends in directories of others");
	world_check(!current->refs, "a thread ends that somebody refers to");
	current = before;
	world_free(thread);
	return true;
}

void world_work(struct work_struct *work)
{
	struct task_struct worker = kernel_task(), *before = current;

	current = &worker;
	work->func(work);
	current = before;
}

bool world_later(void)
{
	struct delayed_work *delayed = xchg(&world_delayed, NULL);

	if (delayed)
		world_work(&delayed->work);
	return delayed;
}

int world_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	wait->flags |= WQ_FLAG_WOKEN;
	return 0;
}

int world_wait(void)
{
	struct task_struct *before = current;

	world_may_sleep();
	if (!signal_pending(current)) {
		if (world.meanwhile && world.meanwhile()) {
			world_check(current == before, "others go on as another task");
			return 0;
		}
		current->signalled = true;
	}
	return -ERESTARTSYS;
}

/* Who waits for some time only is not woken by a signal that nobody sends. */
long world_wait_woken(wait_queue_entry_t *wait, long timeout)
{
	world_may_sleep();
	if (!signal_pending(current) && !(wait->flags & WQ_FLAG_WOKEN) &&
	    (!world.meanwhile || !world.meanwhile()) && !world_sleep(timeout) &&
	    !(wait->flags & WQ_FLAG_WOKEN))
		timeout = 0;
	wait->flags &= ~WQ_FLAG_WOKEN;
	return timeout;
}

int world_lock_interruptible(bool *held)
{
	world_may_sleep();
	while (*held)
		if (world_wait())
			return -EINTR;
	world_lock(held, false);
	return 0;
}

size_t world_user_good(const void *at, size_t n, bool write)
{
	size_t good = write ? world.writable : world.readable;
	size_t offset = (const u8 *)at - world.user;

	return !world.user || offset > good ? 0 : min(n, good - offset);
}

/* Files whose text a function makes: all of it at the first read */

void seq_printf(struct seq_file *file, const char *fmt, ...)
{
	char line[1024];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	world_check(len < (int)sizeof(line), "a line is too long");
	if (!file) {
		world_live(line);
		return;
	}
	world_check(file->len + len < sizeof(file->text), "a file is too long");
	memcpy(file->text + file->len, line, len + 1);
	file->len += len;
}

int single_open(struct file *file, int (*show)(struct seq_file *, void *), void *data)
{
	struct seq_file *seq = world_alloc(sizeof(*seq), true);

	world_check(!file->private_data, "a file that has another's data");
	if (!seq)
		return -ENOMEM;
	seq->show = show;
	file->private_data = seq;
	return 0;
}

int single_release(struct inode *inode, struct file *file)
{
	world_free(file->private_data);
	return 0;
}

ssize_t seq_read(struct file *file, char *buffer, size_t size, loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	size_t n;

	if (!seq->len)
		seq->show(seq, NULL);
	n = min(size, seq->len - (size_t)*pos);
	if (copy_to_user(buffer, seq->text + *pos, n))
		return -EFAULT;
	*pos += n;
	return n;
}

/* Numbered objects */

void *xa_load(struct xarray *xa, unsigned long id)
{
	int i;

	for (i = 0; i < XARRAY_PLACES; i++)
		if (xa->places[i] && xa->ids[i] == id)
			return xa->places[i];
	return NULL;
}

void *xa_erase(struct xarray *xa, unsigned long id)
{
	int i;

	for (i = 0; i < XARRAY_PLACES; i++)
		if (xa->places[i] && xa->ids[i] == id)
			return xchg(&xa->places[i], NULL);
	return NULL;
}

int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
		    u32 *next, gfp_t gfp)
{
	void *node = world_alloc(1, false);
	int i;

	world_free(node);
	for (i = 0; node && i < XARRAY_PLACES; i++) {
		if (xa->places[i])
			continue;
		for (*id = max(*next, limit.min); xa_load(xa, *id); ++*id)
			;
		xa->ids[i] = *id;
		xa->places[i] = entry;
		*next = *id + 1;
		return 0;
	}
	return -ENOMEM;
}

int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp)
{
	u32 next = limit.min;

	return xa_alloc_cyclic(xa, id, entry, limit, &next, gfp);
}
