// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * How long the calls of a socket wait, and what a script is told when they end.
 *
 * The socket's own time-out is the kernel's (SO_RCVTIMEO, SO_SNDTIMEO), so the
 * kernel's call waits. A time-out for one call must not be seen by other tasks
 * that use the socket, so there the kernel's call does not wait, and we do
 * between two of them.
 */
#include "lsock.h"

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <net/sock.h>

/* The codes with which the kernel would restart a system call. */
static int lsock_signal(int err)
{
	switch (err) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
	case -ERESTART_RESTARTBLOCK:
		return -EINTR;
	default:
		return err;
	}
}

/**
 * lsock_end() - end a call that lsock_pin() began
 * @ls: the socket
 * @res: what the kernel gave
 * @timeo: how long the call would have waited, in jiffies; 0: not at all
 *
 * Only if it would have waited, "try again" means that the time is over; and
 * when the socket was closed meanwhile, that is what happened, whatever errno
 * it led to.
 *
 * Context: Process context. May sleep.
 * Return: @res, or the errno that a script shall see instead.
 */
int lsock_end(struct lsock *ls, int res, long timeo)
{
	lsock_unpin(ls);
	if (res > 0)
		return res;
	/* Closing it looks like the end of a stream, or like any failure. */
	if (READ_ONCE(ls->pollable.closed))
		return -EBADF;
	if (!res)
		return 0;
	if (timeo && timeo != MAX_SCHEDULE_TIMEOUT &&
	    (res == -EAGAIN || res == -EINPROGRESS || res == -EALREADY))
		return -ETIMEDOUT;
	return lsock_signal(res);
}

/**
 * lsock_timeo() - how long a call may wait
 * @ls: the socket
 * @timeout: what the call was given: milliseconds, LSOCK_FOREVER, LSOCK_AS_SOCKET
 * @timeo: the socket's own time-out for such calls
 *
 * Context: Any.
 * Return: jiffies; 0: not at all.
 */
long lsock_timeo(const struct lsock *ls, int timeout, const long *timeo)
{
	if (timeout >= 0)
		return msecs_to_jiffies(timeout);
	if (timeout == LSOCK_FOREVER)
		return MAX_SCHEDULE_TIMEOUT;
	return READ_ONCE(ls->nonblock) ? 0 : READ_ONCE(*timeo);
}

/**
 * lsock_waits_here() - whether a call of the kernel's must not wait itself
 * @ls: the socket
 * @sock: its kernel socket
 * @timeout: what the call was given
 *
 * What waits for room in the queue of another Unix socket is not woken when its
 * own is closed. Another task can close it; in tests, a worker always can.
 *
 * Context: Any.
 */
bool lsock_waits_here(struct lsock *ls, const struct socket *sock, int timeout)
{
	if (timeout != LSOCK_AS_SOCKET)
		return true;
	return sock->sk->sk_family == AF_UNIX &&
	       (atomic_read(&ls->handles) > 1 || lsock_testing());
}

/**
 * lsock_pace() - how long to wait for room before another look
 * @sock: the socket
 *
 * The same Unix sockets wake nobody, either, who does not wait in the kernel's
 * call, when there is room again. TCP may have been without memory, of which
 * nobody is told when there is some again.
 *
 * Context: Any.
 * Return: jiffies.
 */
long lsock_pace(const struct socket *sock)
{
	if (sock->sk->sk_family == AF_UNIX)
		return msecs_to_jiffies(5);
	return sock->type == SOCK_STREAM ? HZ / 5 : MAX_SCHEDULE_TIMEOUT;
}

/**
 * lsock_retry() - repeat a call that does not wait until it has nothing to wait for
 * @ls: the socket, pinned
 * @sock: its kernel socket
 * @timeo: how long to go on, in jiffies
 * @pace: how long to wait at once, in jiffies; MAX_SCHEDULE_TIMEOUT: until something happens
 * @attempt: makes the call; -EAGAIN: to be repeated
 * @arg: for @attempt
 *
 * Context: Process context. Sleeps.
 * Return: what @attempt gave at last; -EAGAIN when the time is over, -EINTR
 * when a signal came, -EBADF when the socket is closed.
 */
int lsock_retry(struct lsock *ls, struct socket *sock, long timeo, long pace,
		int (*attempt)(void *arg), void *arg)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	unsigned long end = jiffies + timeo;
	int res = attempt(arg);
	long left = timeo;

	if (res != -EAGAIN || !timeo)
		return res;
	add_wait_queue(&sock->wq.wait, &wait);
	for (;;) {
		res = attempt(arg);
		if (res == -EAGAIN && READ_ONCE(ls->pollable.closed))
			res = -EBADF;
		if (res == -EAGAIN && signal_pending(current))
			res = -EINTR;
		if (timeo != MAX_SCHEDULE_TIMEOUT)
			left = end - jiffies;
		if (res != -EAGAIN || left <= 0)
			break;
		/* A Unix socket that finds no room wakes itself: it gives back what it had taken to send. */
		if (pace != MAX_SCHEDULE_TIMEOUT && sock->sk->sk_family == AF_UNIX)
			wait.flags &= ~WQ_FLAG_WOKEN;
		wait_woken(&wait, TASK_INTERRUPTIBLE, min(left, pace));
	}
	remove_wait_queue(&sock->wq.wait, &wait);
	return res;
}
