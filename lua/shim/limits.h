/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Plain literals: upstream computes with these in #if, the kernel's have casts. */
#ifndef _LUADRV_SHIM_LIMITS_H
#define _LUADRV_SHIM_LIMITS_H

#define CHAR_BIT	__CHAR_BIT__
#define UCHAR_MAX	(__SCHAR_MAX__ * 2 + 1)
#define SHRT_MAX	__SHRT_MAX__
#define INT_MAX		__INT_MAX__
#define INT_MIN		(-__INT_MAX__ - 1)
#define UINT_MAX	(__INT_MAX__ * 2U + 1U)
#define LONG_MAX	__LONG_MAX__
#define LLONG_MAX	__LONG_LONG_MAX__
#define LLONG_MIN	(-__LONG_LONG_MAX__ - 1LL)

#endif
