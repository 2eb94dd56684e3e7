/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef _LUADRV_SHIM_SIGNAL_H
#define _LUADRV_SHIM_SIGNAL_H

/* Of the hook mask: the tick sets it while the VM looks. */
typedef volatile int sig_atomic_t;

#endif
