/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef _LUADRV_SHIM_STDDEF_H
#define _LUADRV_SHIM_STDDEF_H

#include <linux/types.h>
#include <linux/stddef.h>

#endif
