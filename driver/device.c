// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * /dev/luadrv: opening, writing, reading, calls, closing. driver/uapi/luadrv.h
 * says what each does.
 *
 * flush() can give close(2) an error but is called by every close of a file,
 * so it must find out whether it is the last; two processes that close at the
 * same time may both find the other's reference. The script then runs in
 * release(), whose result nobody sees.
 */
#include "driver/compat.h"
#include "driver/registry.h"
#include "driver/session.h"

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/workqueue.h>

/* How often it is looked whether calls of a session have lost its last descriptor. */
#define RECHECK		(HZ / 20)

static const struct file_operations table_fops;
static void recheck(struct work_struct *work);

static int open_table(struct inode *inode, struct file *file)
{
	const struct file_operations *fops = &table_fops;

	fops = fops_get(fops);
	if (!fops)
		return -ENODEV;
	replace_fops(file, fops);
	/* The misc device's, which a seq_file would take for its own. */
	file->private_data = NULL;
	return single_open(file, luadrv_table_show, NULL);
}

static int device_open(struct inode *inode, struct file *file)
{
	struct luadrv_session *session;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!(file->f_mode & FMODE_WRITE))
		return open_table(inode, file);
	session = luadrv_session_new(file->f_mode & FMODE_READ);
	if (!session)
		return -ENOMEM;
	session->file = file;
	INIT_DELAYED_WORK(&session->recheck, recheck);
	file->private_data = session;
	return stream_open(inode, file);
}

static ssize_t device_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	return luadrv_session_append(iocb->ki_filp->private_data, from);
}

/*
 * Calls that wait keep the file open if other threads might close it. A close
 * must know how many do so, to find that no descriptor is left.
 */
static bool pin(struct luadrv_session *session)
{
	if (!compat_files_shared())
		return false;
	spin_lock(&session->closers_lock);
	session->pinned++;
	spin_unlock(&session->closers_lock);
	return true;
}

static void unpin(struct luadrv_session *session, bool pinned)
{
	if (!pinned)
		return;
	spin_lock(&session->closers_lock);
	session->pinned--;
	spin_unlock(&session->closers_lock);
}

static ssize_t device_read(struct file *file, char __user *buffer, size_t size, loff_t *pos)
{
	struct luadrv_session *session = file->private_data;
	struct luadrv_piece piece = { .buffer = buffer, .size = size };
	bool pinned = pin(session);
	ssize_t len;

	len = luadrv_output_read(session->output, &piece, file->f_flags & O_NONBLOCK, 0);
	unpin(session, pinned);
	return len;
}

static __poll_t device_poll(struct file *file, poll_table *table)
{
	struct luadrv_session *session = file->private_data;

	if (!session->output)
		return EPOLLOUT | EPOLLWRNORM;
	return luadrv_output_poll(session->output, file, table);
}

static long call_read(struct file *file, struct luadrv_session *session,
		      struct luadrv_read __user *arg)
{
	struct luadrv_piece piece = {};
	struct luadrv_read call;
	ssize_t len;

	if (copy_from_user(&call, arg, sizeof(call)))
		return -EFAULT;
	piece.buffer = u64_to_user_ptr(call.buffer);
	piece.size = call.size;
	len = luadrv_output_read(session->output, &piece, file->f_flags & O_NONBLOCK,
				 call.run);
	if (len > 0 && put_user(piece.stream, &arg->stream))
		return -EFAULT;
	return len;
}

static long call_stop(struct luadrv_stop __user *arg, const struct luadrv_runtime *but)
{
	struct luadrv_selection selection = { .but = but };
	struct luadrv_stop call;
	int res;

	if (copy_from_user(&call, arg, sizeof(call)))
		return -EFAULT;
	if (call.flags & ~LUADRV_STOP_ALL ||
	    strnlen(call.name, LUADRV_NAME_SIZE) == LUADRV_NAME_SIZE)
		return -EINVAL;
	selection.id = call.id;
	selection.name = call.name;
	selection.all = call.flags & LUADRV_STOP_ALL;
	if (!selection.id && !*selection.name && !selection.all)
		return -EINVAL;
	res = luadrv_registry_stop(&selection);
	if (res < 0)
		return res;
	return put_user(res, &arg->count);
}

static long call_log(struct luadrv_log __user *arg)
{
	struct luadrv_piece piece = {};
	struct luadrv_output *out;
	struct luadrv_log call;
	ssize_t len;

	if (copy_from_user(&call, arg, sizeof(call)))
		return -EFAULT;
	if (call.flags & ~LUADRV_LOG_WAIT)
		return -EINVAL;
	out = luadrv_registry_log(call.id);
	if (IS_ERR(out))
		return PTR_ERR(out);
	piece.buffer = u64_to_user_ptr(call.buffer);
	piece.size = call.size;
	piece.position = call.position;
	len = luadrv_output_log(out, &piece, call.flags & LUADRV_LOG_WAIT);
	luadrv_output_put(out);
	if (len >= 0 && ((len && put_user(piece.stream, &arg->stream)) ||
			 put_user(piece.position, &arg->position)))
		return -EFAULT;
	return len;
}

/* Calls that a file that is open for reading only knows, too. */
static long call_any(unsigned int cmd, void __user *arg, const struct luadrv_runtime *own)
{
	switch (cmd) {
	case LUADRV_STOP:
		return call_stop(arg, own);
	case LUADRV_LOG:
		return call_log(arg);
	default:
		return -ENOTTY;
	}
}

/* Neither another process nor another thread has the file. */
static bool is_alone(struct file *file)
{
	return !compat_files_shared() && file_count(file) == 1;
}

/* Calls that only a file knows that is open for reading and writing. */
static long call_interactive(struct file *file, struct luadrv_session *session,
			     unsigned int cmd, void __user *arg)
{
	enum luadrv_job job = LUADRV_JOB_RUN;

	switch (cmd) {
	case LUADRV_INTERRUPT:
	case LUADRV_READ:
	case LUADRV_RUN:
		break;
	case LUADRV_LAST:
		job = LUADRV_JOB_LAST;
		break;
	case LUADRV_CHECK:
		job = LUADRV_JOB_CHECK;
		break;
	default:
		return -ENOTTY;
	}
	if (!session->output)
		return -EBADF;
	if (cmd == LUADRV_READ)
		return call_read(file, session, arg);
	if (cmd == LUADRV_INTERRUPT)
		return luadrv_session_ask(session);
	return luadrv_session_run(session, job, is_alone(file));
}

static long call_session(struct file *file, unsigned int cmd, void __user *arg)
{
	struct luadrv_session *session = file->private_data;

	if (cmd == LUADRV_OPTIONS)
		return luadrv_session_options(session, arg);
	if (cmd == LUADRV_SPAWN)
		return luadrv_session_spawn(session);
	if (cmd == LUADRV_STOP || cmd == LUADRV_LOG)
		return call_any(cmd, arg, READ_ONCE(session->rt));
	return call_interactive(file, session, cmd, arg);
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct luadrv_session *session = file->private_data;
	bool pinned = pin(session);
	long res = call_session(file, cmd, (void __user *)arg);

	unpin(session, pinned);
	return res;
}

static long table_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return call_any(cmd, (void __user *)arg, NULL);
}

/*
 * Two descriptors may be closed at the same time, each of them when the other
 * is still there, or one while somebody is in poll(2), which is not told of: as
 * long as calls are under way, it is looked again whether they are alone.
 */
static void recheck(struct work_struct *work)
{
	struct luadrv_session *session = container_of(to_delayed_work(work),
						      struct luadrv_session, recheck);
	unsigned int calls;

	spin_lock(&session->closers_lock);
	calls = session->pinned;
	spin_unlock(&session->closers_lock);
	if (!calls)
		return;
	if (file_count(session->file) <= calls)
		luadrv_session_cut(session);
	schedule_delayed_work(&session->recheck, RECHECK);
}

static int device_flush(struct file *file, fl_owner_t id)
{
	struct luadrv_session *session = file->private_data;
	long others = file_count(file) - 1;
	unsigned int calls;

	if (others <= 0)
		return luadrv_session_close(session);
	spin_lock(&session->closers_lock);
	session->closers[session->closings++ % ARRAY_SIZE(session->closers)] =
		task_tgid_nr(current);
	calls = session->pinned;
	spin_unlock(&session->closers_lock);
	if (!session->output || !calls)
		return 0;
	if (others <= calls)
		luadrv_session_interrupt(session);
	else
		schedule_delayed_work(&session->recheck, RECHECK);
	return 0;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct luadrv_session *session = file->private_data;

	cancel_delayed_work_sync(&session->recheck);
	luadrv_session_release(session);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.write_iter = device_write_iter,
	.splice_write = iter_file_splice_write,
	.read = device_read,
	.poll = device_poll,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.flush = device_flush,
	.release = device_release,
};

static const struct file_operations table_fops = {
	.owner = THIS_MODULE,
	.read = seq_read,
	.llseek = seq_lseek,
	.unlocked_ioctl = table_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = single_release,
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
