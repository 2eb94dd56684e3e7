/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the Lua files of this folder have of each other. */
#ifndef _LUADRV_DATA_LUA_H
#define _LUADRV_DATA_LUA_H

#include "luadata/data.h"
#include "driver/binding.h"

/* Methods by file: bytes_lua.c, pack_lua.c, checksum_lua.c */
extern const luaL_Reg ldata_bytes_methods[];
extern const luaL_Reg ldata_pack_methods[];
extern const luaL_Reg ldata_checksum_methods[];

/* The optional arguments @arg (offset) and @arg + 1 (length) of a method on @view. */
struct ldata_part {
	u64 offset;
	u64 size;
};

/* Raises unless both are absent or at least 0; says whether the part lies within @view. */
bool ldata_check_part(lua_State *L, int arg, const struct ldata *view,
		      struct ldata_part *part);
/* Raises that @size bytes at @offset are not within @limit bytes; @what is the method. */
int ldata_range_error(lua_State *L, const char *what, u64 offset, u64 size,
		      u64 limit);
/* Pushes bytes of a data object as a string, also while other threads write to them. */
void ldata_push_string(lua_State *L, const u8 *at, size_t size);
/* Where in @in @what is first; @in->size + 1 if nowhere. Raises a stop. */
size_t ldata_search(lua_State *L, const struct ldata *in, const struct ldata *what);
/* The byte at stack index @idx; @what and @at name it in the error. */
u8 ldata_check_byte(lua_State *L, int idx, const char *what, lua_Integer at);

/* layout_lua.c: layouts and the fields that they name */
void ldata_layout_open(lua_State *L);
int ldata_layout_new(lua_State *L);
int ldata_layout_apply(lua_State *L);
/* Pushes what the field of the data object at index 1 named at index 2 holds; 0 if there is none. */
int ldata_field_get(lua_State *L, const struct ldata *view);
/* Writes the value at index 3 to it; does nothing if there is none. */
int ldata_field_set(lua_State *L, const struct ldata *view);

#endif
