/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* <linux/types.h>, <linux/stddef.h> and <linux/compiler.h>: what both worlds see. */
#ifndef _FUZZ_KERNEL_TYPES_H
#define _FUZZ_KERNEL_TYPES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef u8 __u8;
typedef u16 __u16, __be16;
typedef u32 __u32, __be32;
typedef u64 __u64;
typedef s32 __s32;
typedef s64 __s64;
typedef unsigned int __poll_t;
typedef unsigned int gfp_t;
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef __INTPTR_TYPE__ intptr_t;
typedef long ssize_t;

#define bool	_Bool
#define true	1
#define false	0
#undef NULL
#define NULL	((void *)0)
#undef offsetof
#define offsetof(type, member)	__builtin_offsetof(type, member)

#define __force
#define __user
#define __init
#define __exit
#define __must_check
#define __weak		__attribute__((weak))
#define __noreturn	__attribute__((noreturn))
#define __ro_after_init
#define __aligned(n)	__attribute__((aligned(n)))
#define __printf(f, a)	__attribute__((format(printf, f, a)))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define noinline	__attribute__((__noinline__))
#define __READ_ONCE(x)	(*(const volatile typeof(x) *)&(x))
/* Loops of the Lua libraries look at a flag: steps as well (steps.h). */
#ifdef lua_assert
#define READ_ONCE(x)	(world_step(), __READ_ONCE(x))
#else
#define READ_ONCE(x)	__READ_ONCE(x)
#endif
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))

#endif
