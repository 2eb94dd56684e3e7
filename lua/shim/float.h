/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Included by upstream; nothing of it is used here. */
#ifndef _LUADRV_SHIM_FLOAT_H
#define _LUADRV_SHIM_FLOAT_H
#endif
