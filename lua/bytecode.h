/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Upstream's reader and writer of bytecode, under the names that the build gives them (Kbuild). */
#ifndef _LUADRV_BYTECODE_H
#define _LUADRV_BYTECODE_H

#include "lobject.h"
#include "lundump.h"

struct LClosure *luaport_undump_core(struct lua_State *L, struct Zio *z, const char *name);
int luaport_dump_core(struct lua_State *L, const struct Proto *f, lua_Writer w, void *data,
		      int strip);

#endif
