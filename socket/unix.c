// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What Unix sockets need beyond others.
 *
 * Their peers may send open files. A script takes none, so whoever receives
 * such a message, or clears it away, closes them; but a task that came from
 * user space does that only when it returns there, when its script has ended.
 * What a hostile peer sends would pile up. A worker closes files at once.
 */
#include "lsock.h"

#include <linux/sched.h>
#include <linux/workqueue.h>
#include <net/af_unix.h>
#include <net/sock.h>

#include "driver/account.h"
#include "driver/compat.h"

struct chore {
	struct work_struct work;
	int (*func)(void *arg);
	void *arg;
	int res;
};

static void do_chore(struct work_struct *work)
{
	struct chore *chore = container_of(work, struct chore, work);

	chore->res = chore->func(chore->arg);
}

/**
 * lsock_unix_by_worker() - have a worker do something
 * @func: what; it must not wait
 * @arg: for @func
 *
 * Context: Process context. May sleep.
 * Return: what @func gave.
 */
int lsock_unix_by_worker(int (*func)(void *arg), void *arg)
{
	struct chore chore = { .func = func, .arg = arg };

	INIT_WORK_ONSTACK(&chore.work, do_chore);
	schedule_work(&chore.work);
	flush_work(&chore.work);
	destroy_work_on_stack(&chore.work);
	return chore.res;
}

/* Whether files that this task lets go of stay open. */
static bool keeps_files(void)
{
	return !(current->flags & PF_KTHREAD);
}

static int do_release(void *arg)
{
	sock_release(arg);
	return 0;
}

/**
 * lsock_unix_release() - end a kernel's socket, and all that was sent to it
 * @sock: the socket
 *
 * Context: Process context. May sleep.
 */
void lsock_unix_release(struct socket *sock)
{
	if (keeps_files())
		lsock_unix_by_worker(do_release, sock);
	else
		sock_release(sock);
}

/**
 * lsock_unix_gets_files() - whether a worker has to receive
 * @ls: the socket
 * @flags: MSG_*
 *
 * The first message with files shows that the script has such peers; until its
 * end these files stay open, but no others. Those of urgent data, which the
 * kernel throws away on its way to what follows, show nowhere.
 *
 * Context: Process context.
 */
bool lsock_unix_gets_files(struct lsock *ls, int flags)
{
	if (flags & MSG_PEEK || !keeps_files())
		return false;
	if (flags & MSG_OOB || compat_unix_oob(ls->sock->sk))
		luadrv_account_set_gets_files(ls->account);
	return luadrv_account_gets_files(ls->account);
}

/**
 * lsock_unix_waits_here() - whether the kernel must not wait for what is received
 * @ls: the socket
 *
 * Who receives has to be chosen when it is there.
 *
 * Context: Process context.
 */
bool lsock_unix_waits_here(struct lsock *ls)
{
	return keeps_files() && (luadrv_account_gets_files(ls->account) ||
				 (compat_unix_has_oob && ls->sock->type == SOCK_STREAM));
}

/**
 * lsock_unix_got() - look at what was received
 * @ls: the socket
 * @flags: MSG_* that it was received with
 * @result: MSG_* that came with it
 *
 * Context: Process context.
 */
void lsock_unix_got(struct lsock *ls, int flags, int result)
{
	/* So a message's files look to who did not want them. */
	if (!(flags & MSG_PEEK) && keeps_files() && (result & MSG_CTRUNC))
		luadrv_account_set_gets_files(ls->account);
}
