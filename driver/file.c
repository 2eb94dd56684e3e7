// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Files that scripts have the kernel read: with the credentials, the root and
 * the working directory of the task that runs the script.
 */
#include "driver/file.h"
#include "driver/runtime.h"

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/workqueue.h>

/* Below a file system there are a disk's driver, memory reclaim and an interrupt: bytes of each 16 KiB. */
#define STACK_FILE 8192

/**
 * luadrv_file_stack_low() - whether the stack is too full to enter a file system
 *
 * Context: Process.
 */
bool luadrv_file_stack_low(void)
{
	unsigned long left = (unsigned long)__builtin_frame_address(0) -
			     (unsigned long)end_of_stack(current);

	return left < THREAD_SIZE / SZ_16K * STACK_FILE;
}

/* To open a device does something to it, and a pipe waits for a writer, so neither is opened. */
static int check_kind(const struct inode *inode)
{
	if (S_ISDIR(inode->i_mode))
		return -EISDIR;
	return S_ISREG(inode->i_mode) ? 0 : -EINVAL;
}

static int check_path(const char *path)
{
	struct path found;
	int err = kern_path(path, LOOKUP_FOLLOW, &found);

	if (err)
		return err;
	err = check_kind(d_inode(found.dentry));
	path_put(&found);
	return err;
}

/**
 * luadrv_file_open() - open a regular file to read it
 * @path: its name
 * @file: takes the file, which the caller owns: luadrv_file_close()
 *
 * Context: Process, in the task that runs the script. May sleep; whether a
 * signal ends that is up to the file system.
 * Return: 0; -EISDIR; -EINVAL when it is no regular file or has nothing to read; -EINTR or another
 * errno of a signal; what the file system gives.
 */
int luadrv_file_open(const char *path, struct file **file)
{
	struct file *opened;
	int err = check_path(path);

	if (err)
		return err;
	/* Should it have become a pipe meanwhile, it is not waited for. */
	opened = filp_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_LARGEFILE, 0);
	if (IS_ERR(opened))
		return PTR_ERR(opened);
	err = check_kind(file_inode(opened));
	/* kernel_read() would complain of these in the log. */
	if (!err && (!opened->f_op->read_iter || opened->f_op->read))
		err = -EINVAL;
	if (err)
		luadrv_file_close(opened);
	else
		*file = opened;
	return err;
}

/**
 * luadrv_file_seek() - go to another place in a file
 * @file: from luadrv_file_open()
 * @offset: bytes from its beginning, up to LLONG_MAX; it may be behind its end
 *
 * Context: Any.
 */
void luadrv_file_seek(struct file *file, u64 offset)
{
	file->f_pos = offset;
}

/**
 * luadrv_file_left() - how much of a file is yet to be read
 * @file: from luadrv_file_open()
 *
 * Context: Any.
 * Return: bytes; 0 also for what has a length only when it is read, as in /proc.
 */
u64 luadrv_file_left(struct file *file)
{
	loff_t size = i_size_read(file_inode(file));

	return size > file->f_pos ? size - file->f_pos : 0;
}

/**
 * luadrv_file_read() - read on in a file
 * @file: from luadrv_file_open()
 * @buf: where the bytes go
 * @size: how many to read at most
 *
 * Context: Process, in the task that runs the script. As luadrv_file_open().
 * Return: how many there were, 0 at the end, or a negative errno.
 */
long luadrv_file_read(struct file *file, void *buf, size_t size)
{
	if (signal_pending(current))
		return -EINTR;
	/* The place behind the last byte has to be one, too. */
	size = min_t(u64, size, LLONG_MAX - file->f_pos);
	return kernel_read(file, buf, size, &file->f_pos);
}

struct closing {
	struct work_struct work;
	struct file *file;
};

static void do_close(struct work_struct *work)
{
	fput(container_of(work, struct closing, work)->file);
}

/**
 * luadrv_file_close() - close a file
 * @file: from luadrv_file_open()
 *
 * A task that came from user space closes files when it returns there, which
 * may be long after: those of a script would pile up. A kernel thread does not wait
 * for that.
 *
 * Context: Process. May sleep, for a short time.
 */
void luadrv_file_close(void *file)
{
	struct closing closing = { .file = file };

	INIT_WORK_ONSTACK(&closing.work, do_close);
	schedule_work(&closing.work);
	flush_work(&closing.work);
	destroy_work_on_stack(&closing.work);
}
