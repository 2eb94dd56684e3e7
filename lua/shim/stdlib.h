/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef _LUADRV_SHIM_STDLIB_H
#define _LUADRV_SHIM_STDLIB_H

#include <linux/types.h>
#include <linux/stddef.h>
#include "port.h"

/* luaL_newstate() has no place here: states are made with lua_newstate(). */
#define realloc(p, n)	((void)(p), (void)(n), NULL)
#define free(p)		((void)(p))
#define getenv(name)	((char *)NULL)
#define abs(x)		((x) < 0 ? -(x) : (x))
#define abort()		luaport_abort()

#endif
