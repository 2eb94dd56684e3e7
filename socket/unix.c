// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What Unix sockets need beyond others.
 *
 * Their peers may send open files. A script takes none, so whoever receives
 * such a message, or clears it away, closes them; but a task that came from
 * user space does that only when it returns there, when its script has ended.
 * What a hostile peer sends would pile up. A worker closes files at once.
 *
 * And they wait for room where to close them wakes nobody: in the queue of
 * another socket.
 */
#include "lsock.h"

#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "driver/account.h"
#include "driver/compat.h"

struct chore {
	struct work_struct work;
	struct socket *sock;
	struct msghdr *msg;
	struct kvec *vec;
	int flags;
	int res;
};

static void do_recvmsg(struct work_struct *work)
{
	struct chore *chore = container_of(work, struct chore, work);

	chore->res = kernel_recvmsg(chore->sock, chore->msg, chore->vec, 1,
				    chore->vec->iov_len, chore->flags);
}

static void do_release(struct work_struct *work)
{
	sock_release(container_of(work, struct chore, work)->sock);
}

static int have_done(struct chore *chore, work_func_t func)
{
	INIT_WORK_ONSTACK(&chore->work, func);
	schedule_work(&chore->work);
	flush_work(&chore->work);
	destroy_work_on_stack(&chore->work);
	return chore->res;
}

/* Whether files that this task lets go of stay open. */
static bool keeps_files(void)
{
	return !(current->flags & PF_KTHREAD);
}

/**
 * lsock_unix_release() - end a kernel's socket, and all that was sent to it
 * @sock: the socket
 *
 * Context: Process context. May sleep.
 */
void lsock_unix_release(struct socket *sock)
{
	struct chore chore = { .sock = sock };

	if (keeps_files())
		have_done(&chore, do_release);
	else
		sock_release(sock);
}

/* Receives in a worker, which must not wait, and waits here. */
static int recv_by_worker(struct socket *sock, struct msghdr *msg,
			  const struct kvec *vec, int flags, long timeo)
{
	bool all = (flags & MSG_WAITALL) && sock->type == SOCK_STREAM;
	struct kvec rest = *vec;
	struct chore chore = { .sock = sock, .msg = msg, .vec = &rest,
			       .flags = flags | MSG_DONTWAIT };
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int n, got = 0;

	add_wait_queue(&sock->wq.wait, &wait);
	for (;;) {
		n = have_done(&chore, do_recvmsg);
		if (n > 0 && all) {
			got += n;
			rest.iov_base += n;
			rest.iov_len -= n;
			if (rest.iov_len)
				continue;
		}
		if (n != -EAGAIN || !timeo)
			break;
		if (signal_pending(current)) {
			n = -ERESTARTSYS;
			break;
		}
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
	}
	remove_wait_queue(&sock->wq.wait, &wait);
	return got ?: n;
}

/**
 * lsock_unix_recvmsg() - receive from a Unix socket
 * @ls: the socket, pinned
 * @sock: the kernel's
 * @msg: without room for control messages: the kernel cannot give files to who
 *	has no table of them, and says so in its log
 * @vec: where the bytes go
 * @flags: MSG_*
 * @timeo: how long to wait, in jiffies
 *
 * The first message with files shows that the script has such peers; until its
 * end these files stay open, but no others.
 *
 * Context: Process context. Sleeps until something arrives.
 * Return: as kernel_recvmsg().
 */
int lsock_unix_recvmsg(struct lsock *ls, struct socket *sock, struct msghdr *msg,
		       struct kvec *vec, int flags, long timeo)
{
	bool closes = !(flags & MSG_PEEK) && keeps_files();
	int n;

	if (closes && luadrv_account_gets_files(ls->account))
		return recv_by_worker(sock, msg, vec, flags, timeo);
	n = kernel_recvmsg(sock, msg, vec, 1, vec->iov_len, flags);
	/* So a message's files look to who did not want them. */
	if (closes && n >= 0 && (msg->msg_flags & MSG_CTRUNC))
		luadrv_account_set_gets_files(ls->account);
	return n;
}

/* How long it may take to see that another task has closed the socket. */
#define LOOK_AGAIN	msecs_to_jiffies(5)

/* Before another try, as long as there is time for one; whether there is. */
static bool look_again(struct lsock *ls, struct socket *sock, long *timeo)
{
	long step = min_t(long, *timeo, LOOK_AGAIN);

	if (!step)
		return false;
	if (*timeo != MAX_SCHEDULE_TIMEOUT)
		*timeo -= step;
	wait_event_interruptible_timeout(sock->wq.wait,
					 READ_ONCE(ls->pollable.closed), step);
	return !READ_ONCE(ls->pollable.closed);
}

/* Whether another task could close the socket; in tests, a worker always can. */
static bool is_shared(struct lsock *ls)
{
	return atomic_read(&ls->handles) > 1 || lsock_testing();
}

/**
 * lsock_unix_connect() - connect a Unix socket
 * @ls: the socket, pinned
 * @sock: the kernel's
 * @addr: the peer's address
 * @timeo: how long to wait, in jiffies
 *
 * Context: Process context. Sleeps until the listening peer has room.
 * Return: as kernel_connect().
 */
int lsock_unix_connect(struct lsock *ls, struct socket *sock,
		       struct lsock_addr *addr, long timeo)
{
	struct compat_sockaddr *to = (struct compat_sockaddr *)addr->storage;
	int err;

	if (!is_shared(ls))
		return kernel_connect(sock, to, addr->len, timeo ? 0 : O_NONBLOCK);
	do {
		err = signal_pending(current) ? -ERESTARTSYS :
		      kernel_connect(sock, to, addr->len, O_NONBLOCK);
	} while (err == -EAGAIN && look_again(ls, sock, &timeo));
	return err;
}

/**
 * lsock_unix_sendmsg() - send over a Unix socket
 * @ls: the socket, pinned
 * @sock: the kernel's
 * @msg: the message; its flags have MSG_DONTWAIT where it must not wait
 * @vec: its bytes
 * @timeo: how long to wait, in jiffies
 *
 * Context: Process context. Sleeps until there is room.
 * Return: as kernel_sendmsg().
 */
int lsock_unix_sendmsg(struct lsock *ls, struct socket *sock, struct msghdr *msg,
		       struct kvec *vec, long timeo)
{
	bool tries = sock->type != SOCK_STREAM && is_shared(ls);
	int n;

	if (tries)
		msg->msg_flags |= MSG_DONTWAIT;
	do {
		n = tries && signal_pending(current) ? -ERESTARTSYS :
		    kernel_sendmsg(sock, msg, vec, 1, vec->iov_len);
	} while (n == -EAGAIN && tries && look_again(ls, sock, &timeo));
	return n;
}
