/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef _LUADRV_SHIM_ERRNO_H
#define _LUADRV_SHIM_ERRNO_H

#include <linux/errno.h>

/* No function of the port sets one. User Mode Linux renames that of the kernel. */
#undef errno
#define errno	0

#endif
