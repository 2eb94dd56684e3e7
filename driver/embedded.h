/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Libraries of the module that are written in Lua. */
#ifndef _LUADRV_EMBEDDED_H
#define _LUADRV_EMBEDDED_H

#include <linux/types.h>

#include "lua.h"

/* embedded.S: their texts */
extern const char luadrv_text_resolve[], luadrv_text_resolve_end[];

/* What they are built on: each pushes a value. */
int luasocket_resolve_core(lua_State *L);

/*
 * Pushes the main chunk of the library @name and what it is to be given beside
 * its name; or nothing, and gives false, if there is none.
 */
bool luadrv_embedded_push(lua_State *L, const char *name);

#endif
