// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * /dev/luadrv: what is written to an open file is a script, and the last
 * close runs it in the process that closes.
 *
 * flush() can give close(2) an error but is called by every close of a file,
 * so it must find out whether it is the last; two processes that close at the
 * same time may both find the other's reference. The script then runs in
 * release(), whose result nobody sees.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver/compat.h"
#include "driver/live.h"
#include "driver/runtime.h"

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/splice.h>
#include <linux/uio.h>

/**
 * struct session - one open file
 * @lock: protects the script while it is written
 * @script: its text so far
 * @len: length of the text
 * @room: size of the buffer
 * @broken: errno of a write that lost data: what there is must not run
 * @writer: the process that wrote last
 * @closers_lock: protects the closers; a mutex that a writer holds while its
 *	memory is slow to come would make processes wait that exit
 * @closers: the last ones that closed the file while others still had it
 * @closings: how many that were
 */
struct session {
	struct mutex lock;
	char *script;
	size_t len;
	size_t room;
	int broken;
	pid_t writer;
	spinlock_t closers_lock;
	pid_t closers[4];
	unsigned int closings;
};

static int device_open(struct inode *inode, struct file *file)
{
	struct session *session;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	if (!session)
		return -ENOMEM;
	mutex_init(&session->lock);
	spin_lock_init(&session->closers_lock);
	file->private_data = session;
	luadrv_live_add(LUADRV_LIVE_SESSIONS, 1);
	return stream_open(inode, file);
}

/* Makes room for @more bytes. */
static int reserve(struct session *session, size_t more)
{
	size_t limit = READ_ONCE(luadrv_max_script);
	size_t room;
	char *bigger;

	if (session->len > limit || more > limit - session->len) {
		pr_err("%s[%d]: script is longer than %zu bytes (module parameter max_script)\n",
		       current->comm, task_pid_nr(current), limit);
		return -EFBIG;
	}
	if (session->len + more <= session->room)
		return 0;
	room = max3(session->len + more, 2 * session->room, (size_t)PAGE_SIZE);
	bigger = kvmalloc(room, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!bigger)
		return -ENOMEM;
	if (session->len)
		memcpy(bigger, session->script, session->len);
	kvfree(session->script);
	session->script = bigger;
	session->room = room;
	return 0;
}

static ssize_t append(struct session *session, struct iov_iter *from)
{
	size_t count = iov_iter_count(from);
	size_t copied;
	int err;

	if (!count)
		return 0;
	err = session->broken;
	if (!err)
		err = reserve(session, count);
	if (!err) {
		copied = copy_from_iter(session->script + session->len, count,
					from);
		session->len += copied;
		if (copied == count)
			return copied;
		session->broken = -EFAULT;
		return copied ? copied : -EFAULT;
	}
	session->broken = err;
	return err;
}

static ssize_t device_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct session *session = iocb->ki_filp->private_data;
	ssize_t ret;

	if (mutex_lock_interruptible(&session->lock))
		return -ERESTARTSYS;
	session->writer = task_tgid_nr(current);
	ret = append(session, from);
	mutex_unlock(&session->lock);
	return ret;
}

/*
 * Why this task must not run a script, or NULL. No signal reaches one that
 * exits or serves others, so nothing could stop the script; one in execve()
 * holds locks that others wait for.
 */
static const char *unfit(void)
{
	if (current->flags & (PF_EXITING | PF_KTHREAD | PF_IO_WORKER))
		return "exited without closing the device";
	if (compat_in_execve())
		return "left closing the device to execve";
	return NULL;
}

static int run_script(const char *script, size_t len)
{
	const char *why = unfit();

	if (!why)
		return luadrv_run(script, len);
	pr_err("%s[%d]: %s: its script of %zu bytes was not run\n",
	       current->comm, task_pid_nr(current), why, len);
	return -ECANCELED;
}

/* Runs the script once; whoever comes first takes it. */
static int finish(struct session *session)
{
	char *script;
	size_t len;
	int err;

	mutex_lock(&session->lock);
	script = session->script;
	len = session->len;
	err = session->broken;
	session->script = NULL;
	session->len = 0;
	session->room = 0;
	mutex_unlock(&session->lock);
	if (script && !err)
		err = run_script(script, len);
	kvfree(script);
	return err;
}

static int device_flush(struct file *file, fl_owner_t id)
{
	struct session *session = file->private_data;

	if (file_count(file) > 1) {
		spin_lock(&session->closers_lock);
		session->closers[session->closings++ %
				 ARRAY_SIZE(session->closers)] =
			task_tgid_nr(current);
		spin_unlock(&session->closers_lock);
		return 0;
	}
	return finish(session);
}

/*
 * The last reference need not end in a process that had the file open: one in
 * flight in a message of a Unix socket ends where the kernel clears that away.
 */
static bool is_stranger(const struct session *session)
{
	pid_t me = task_tgid_nr(current);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(session->closers); i++)
		if (session->closers[i] == me)
			return false;
	return session->writer != me;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct session *session = file->private_data;

	if (session->script && is_stranger(session)) {
		pr_err("nobody closed the device: a script of %zu bytes was not run\n",
		       session->len);
		kvfree(session->script);
		session->script = NULL;
	}
	finish(session);
	kfree(session);
	luadrv_live_add(LUADRV_LIVE_SESSIONS, -1);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.write_iter = device_write_iter,
	.splice_write = iter_file_splice_write,
	.flush = device_flush,
	.release = device_release,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "luadrv",
	.fops = &device_fops,
	.mode = 0600,
};

int luadrv_device_init(void)
{
	return misc_register(&device);
}

void luadrv_device_exit(void)
{
	misc_deregister(&device);
}
