// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Programs of the classic packet filter on sockets. setsockopt() would fetch
 * the instructions from the memory of a process, so what it does then is done
 * here, by the calls that the kernel has for its own programs.
 */
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/in.h>
#include <linux/slab.h>
#include <net/sock_reuseport.h>

#include "opttable.h"

static_assert(sizeof(struct lsock_insn) == sizeof(struct sock_filter));
static_assert(offsetof(struct lsock_insn, jf) == offsetof(struct sock_filter, jf));
static_assert(offsetof(struct lsock_insn, k) == offsetof(struct sock_filter, k));

/* Checks the program and makes it executable. */
static int lsock_make_prog(struct sock *sk, const struct lsock_optval *val,
			   struct bpf_prog **res)
{
	struct sock_fprog_kern fprog = {
		.len = val->len,
		.filter = (struct sock_filter *)val->insns,
	};
	int err;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	err = bpf_prog_create(res, &fprog);
	if (err)
		return err;
	if (bpf_prog_size((*res)->len) > compat_optmem_max(sk)) {
		bpf_prog_destroy(*res);
		return -ENOMEM;
	}
	return 0;
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

/**
 * lsock_attach_filter() - let a socket take in only what a program accepts
 * @sk: the socket
 * @val: the program; it replaces an earlier one
 *
 * Context: Process context; @sk is locked. May sleep.
 * Return: 0; -EINVAL when it is no valid program; -EPERM when the socket's
 * programs are locked, or for want of CAP_NET_ADMIN; -ENOMEM when it is longer
 * than net.core.optmem_max allows.
 */
int lsock_attach_filter(struct sock *sk, const struct lsock_optval *val)
{
	struct sk_filter *filter;
	struct bpf_prog *prog;
	int err;

	/* A filter that drops parts of a connection takes TCP by surprise. */
	if (sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	err = lsock_make_prog(sk, val, &prog);
	if (err)
		return err;
	/* The kernel frees both together. */
	filter = kmalloc(sizeof(*filter), GFP_KERNEL);
	if (!filter || !lsock_charge_prog(sk, prog)) {
		kfree(filter);
		bpf_prog_destroy(prog);
		return -ENOMEM;
	}

	filter->prog = prog;
	refcount_set(&filter->refcnt, 1);
	sk_detach_filter(sk);
	rcu_assign_pointer(sk->sk_filter, filter);
	return 0;
}

/**
 * lsock_attach_reuseport() - let a program choose among sockets of one port
 * @sk: one of them, with SO_REUSEPORT, bound or not
 * @val: the program; it replaces an earlier one
 *
 * Context: Process context; @sk is locked. May sleep.
 * Return: 0; -EINVAL when it is no valid program, or the socket is bound
 * without SO_REUSEPORT; -EPERM when the socket's programs are locked; -ENOMEM.
 */
int lsock_attach_reuseport(struct sock *sk, const struct lsock_optval *val)
{
	struct bpf_prog *prog;
	int err = lsock_make_prog(sk, val, &prog);

	if (err)
		return err;
	err = reuseport_attach_prog(sk, prog);
	if (err)
		bpf_prog_destroy(prog);
	return err;
}
