// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Programs of the classic packet filter on sockets. setsockopt() would fetch
 * the instructions from the memory of a process, so what it does then is done
 * here, by the calls that the kernel has for its own programs.
 */
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/in.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/sock_reuseport.h>

#include "driver/account.h"
#include "lsock.h"
#include "opttable.h"

static_assert(sizeof(struct lsock_insn) == sizeof(struct sock_filter));
static_assert(offsetof(struct lsock_insn, jf) == offsetof(struct sock_filter, jf));
static_assert(offsetof(struct lsock_insn, k) == offsetof(struct sock_filter, k));

/* What a program takes of the machine's memory; it is made of whole pages. */
static size_t lsock_prog_bytes(const struct bpf_prog *prog)
{
	return prog->pages * PAGE_SIZE;
}

/* Checks the program, makes it executable, and charges the script for it. */
static int lsock_make_prog(struct lsock *ls, const struct lsock_optval *val,
			   struct bpf_prog **res)
{
	struct sock_fprog_kern fprog = {
		.len = val->len,
		.filter = (struct sock_filter *)val->insns,
	};
	struct sock *sk = ls->sock->sk;
	int err;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	err = bpf_prog_create(res, &fprog);
	if (err)
		return err;
	if (bpf_prog_size((*res)->len) > compat_optmem_max(sk))
		err = -ENOMEM;
	else
		err = luadrv_account_charge(ls->account, lsock_prog_bytes(*res));
	if (err)
		bpf_prog_destroy(*res);
	return err;
}

static void lsock_drop_prog(struct lsock *ls, struct bpf_prog *prog)
{
	luadrv_account_uncharge(ls->account, lsock_prog_bytes(prog));
	bpf_prog_destroy(prog);
}

/* Whether the program that a socket was charged for chooses among the sockets of its port; or for it @alone. */
static bool lsock_chooses(const struct lsock *ls, bool alone)
{
	const struct sock_reuseport *group;
	bool res;

	rcu_read_lock();
	group = rcu_dereference(ls->sock->sk->sk_reuseport_cb);
	res = group && rcu_access_pointer(group->prog) == ls->chooser &&
	      (!alone || group->num_socks <= 1);
	rcu_read_unlock();
	return res;
}

/* The program goes, or it stays with other sockets of the port, for as long as these do. */
static void lsock_leave_chooser(struct lsock *ls, bool goes)
{
	size_t bytes = ls->programs[LSOCK_REUSEPORT];

	ls->programs[LSOCK_REUSEPORT] = 0;
	if (goes)
		luadrv_account_uncharge(ls->account, bytes);
	else
		luadrv_account_keep(ls->account, bytes);
}

/**
 * lsock_end_programs() - give back what a socket's programs are charged
 * @ls: the socket, which ends
 *
 * Context: Process context.
 */
void lsock_end_programs(struct lsock *ls)
{
	if (ls->programs[LSOCK_REUSEPORT])
		lsock_leave_chooser(ls, lsock_chooses(ls, true));
	luadrv_account_uncharge(ls->account, ls->programs[LSOCK_FILTER]);
	ls->programs[LSOCK_FILTER] = 0;
}

/**
 * lsock_charge_inherited() - charge a connection for its listener's filter
 * @ls: the connection, which keeps the filter when the listener gets another
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int lsock_charge_inherited(struct lsock *ls)
{
	const struct sk_filter *filter;
	size_t bytes;
	int err;

	rcu_read_lock();
	filter = rcu_dereference(ls->sock->sk->sk_filter);
	bytes = filter ? lsock_prog_bytes(filter->prog) : 0;
	rcu_read_unlock();
	err = bytes ? luadrv_account_charge(ls->account, bytes) : 0;
	if (!err)
		ls->programs[LSOCK_FILTER] = bytes;
	return err;
}

/* The charge of the program before is over. */
static void lsock_set_charge(struct lsock *ls, enum lsock_program which, size_t bytes)
{
	luadrv_account_uncharge(ls->account, ls->programs[which]);
	ls->programs[which] = bytes;
}

/* The same limit as of all that options keep for a socket. */
static bool lsock_charge_prog(struct sock *sk, const struct bpf_prog *prog)
{
	unsigned int size = bpf_prog_size(prog->len);

	if (atomic_read(&sk->sk_omem_alloc) + size >= compat_optmem_max(sk))
		return false;
	atomic_add(size, &sk->sk_omem_alloc);
	return true;
}

/*
 * As the kernel replaces a filter, so that there is one at any time; what it
 * then calls to release the old one is not for modules. Connections of a
 * listener may have it, too.
 */
static void lsock_replace_filter(struct sock *sk, struct sk_filter *filter)
{
	struct sk_filter *old;

	old = rcu_replace_pointer(sk->sk_filter, filter, lockdep_sock_is_held(sk));
	if (!old)
		return;
	atomic_sub(bpf_prog_size(old->prog->len), &sk->sk_omem_alloc);
	if (!refcount_dec_and_test(&old->refcnt))
		return;
	synchronize_rcu();
	bpf_prog_destroy(old->prog);
	kfree(old);
}

/**
 * lsock_attach_filter() - let a socket take in only what a program accepts
 * @ls: the socket
 * @val: the program; it replaces an earlier one
 *
 * Context: Process context; the kernel's socket is locked. May sleep.
 * Return: 0; -EINVAL when it is no valid program; -EPERM when the socket's
 * programs are locked, or for want of CAP_NET_ADMIN; -ENOMEM when it is longer
 * than net.core.optmem_max or the script's memory allow.
 */
int lsock_attach_filter(struct lsock *ls, const struct lsock_optval *val)
{
	struct sock *sk = ls->sock->sk;
	struct sk_filter *filter;
	struct bpf_prog *prog;
	int err;

	/* A filter that drops parts of a connection takes TCP by surprise. */
	if (sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	err = lsock_make_prog(ls, val, &prog);
	if (err)
		return err;
	/* The kernel frees both together. */
	filter = kmalloc(sizeof(*filter), GFP_KERNEL);
	if (!filter || !lsock_charge_prog(sk, prog)) {
		kfree(filter);
		lsock_drop_prog(ls, prog);
		return -ENOMEM;
	}

	filter->prog = prog;
	refcount_set(&filter->refcnt, 1);
	lsock_replace_filter(sk, filter);
	lsock_set_charge(ls, LSOCK_FILTER, lsock_prog_bytes(prog));
	return 0;
}

/**
 * lsock_detach_filter() - end what lsock_attach_filter() began
 * @ls: the socket
 * @val: ignored
 *
 * Context: Process context; the kernel's socket is locked.
 * Return: 0; -ENOENT when there is no program; -EPERM when it is locked.
 */
int lsock_detach_filter(struct lsock *ls, const struct lsock_optval *val)
{
	int err = sk_detach_filter(ls->sock->sk);

	if (!err)
		lsock_set_charge(ls, LSOCK_FILTER, 0);
	return err;
}

/**
 * lsock_attach_reuseport() - let a program choose among sockets of one port
 * @ls: one of them, with SO_REUSEPORT, bound or not
 * @val: the program; it replaces an earlier one
 *
 * The program is the sockets' in common. The script is charged for it until it
 * goes; where it outlives the socket that it came by, until the script's end.
 *
 * Context: Process context; the kernel's socket is locked. May sleep.
 * Return: 0; -EINVAL when it is no valid program, or the socket is bound
 * without SO_REUSEPORT; -EPERM when the socket's programs are locked; -ENOMEM.
 */
int lsock_attach_reuseport(struct lsock *ls, const struct lsock_optval *val)
{
	struct bpf_prog *prog;
	bool replaces;
	size_t bytes;
	int err = lsock_make_prog(ls, val, &prog);

	if (err)
		return err;
	bytes = lsock_prog_bytes(prog);
	replaces = lsock_chooses(ls, false);
	err = reuseport_attach_prog(ls->sock->sk, prog);
	if (err) {
		lsock_drop_prog(ls, prog);
		return err;
	}
	lsock_leave_chooser(ls, replaces);
	ls->programs[LSOCK_REUSEPORT] = bytes;
	ls->chooser = prog;
	return 0;
}

/**
 * lsock_detach_reuseport() - end what lsock_attach_reuseport() began
 * @ls: one of the sockets
 * @val: ignored
 *
 * Context: Process context; the kernel's socket is locked.
 * Return: 0; -EINVAL when the socket is in no group; -ENOENT when there is no
 * program.
 */
int lsock_detach_reuseport(struct lsock *ls, const struct lsock_optval *val)
{
	bool goes = lsock_chooses(ls, false);
	int err = reuseport_detach_prog(ls->sock->sk);

	if (!err)
		lsock_leave_chooser(ls, goes);
	return err;
}
