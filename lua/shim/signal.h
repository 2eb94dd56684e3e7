/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef _LUADRV_SHIM_SIGNAL_H
#define _LUADRV_SHIM_SIGNAL_H

typedef int sig_atomic_t;

#endif
