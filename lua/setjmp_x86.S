/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * setjmp and longjmp for x86_64: the registers that a callee saves, the stack
 * pointer and the return address (struct luaport_jmpbuf).
 *
 * luaport_longjmp() puts the saved return address on the stack and returns to
 * it, rather than jump there: return thunks then apply, and no ENDBR is needed
 * at the landing site.
 */
#include <linux/linkage.h>

/* User Mode Linux has no return thunks. */
#ifndef RET
#define RET ret
#endif

	.text

SYM_FUNC_START(luaport_setjmp)
	movq	%rbx, 0(%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	movq	%rsp, 48(%rdi)
	movq	(%rsp), %rax
	movq	%rax, 56(%rdi)
	xorl	%eax, %eax
	RET
SYM_FUNC_END(luaport_setjmp)

/* void luaport_jump(struct luaport_jmpbuf *buf, int value) */
SYM_FUNC_START(luaport_jump)
	movl	%esi, %eax
	movq	56(%rdi), %rdx
	movq	0(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	movq	%rdx, (%rsp)
	RET
SYM_FUNC_END(luaport_jump)
