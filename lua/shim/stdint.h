/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef _LUADRV_SHIM_STDINT_H
#define _LUADRV_SHIM_STDINT_H

#include <linux/types.h>

#endif
