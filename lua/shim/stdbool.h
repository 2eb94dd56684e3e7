/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef _LUADRV_SHIM_STDBOOL_H
#define _LUADRV_SHIM_STDBOOL_H

#include <linux/types.h>
#include <linux/stddef.h>

#endif
