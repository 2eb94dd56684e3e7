/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Protected calls for x86_64: the registers that a callee saves and the stack
 * pointer (struct luaport_jmpbuf).
 *
 * luaport_try() jumps to the function, so that its own return address is that
 * function's. luaport_jump() returns to it: the function seems to return early.
 * To the compiler this is one plain call, return thunks apply, and no ENDBR is
 * needed at the landing site.
 */
#include <linux/linkage.h>

/* User Mode Linux has neither return thunks nor retpolines. */
#if defined(CONFIG_X86) && !defined(CONFIG_UML)
#include <asm/nospec-branch.h>
#define JUMP_RCX JMP_NOSPEC rcx
#else
#define JUMP_RCX jmp *%rcx
#endif

#ifndef RET
#define RET ret
#endif

	.text

/* void luaport_try(struct luaport_jmpbuf *buf, struct lua_State *L, void *ud, function f) */
SYM_FUNC_START(luaport_try)
	movq	%rbx, 0(%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	movq	%rsp, 48(%rdi)
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	JUMP_RCX
SYM_FUNC_END(luaport_try)

/* void luaport_jump(struct luaport_jmpbuf *buf) */
SYM_FUNC_START(luaport_jump)
	movq	0(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	RET
SYM_FUNC_END(luaport_jump)
