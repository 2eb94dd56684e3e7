/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the C files of the library load have of each other, and other folders of them. */
#ifndef _LUADRV_LOAD_LUA_H
#define _LUADRV_LOAD_LUA_H

#include "driver/binding.h"

/* histogram_lua.c */

/* The box type of histograms (struct lhist). */
extern const char lhistogram_type[];

/* Makes the type, if the state does not have it yet. */
void lhistogram_open(lua_State *L);
int lhistogram_create(lua_State *L);
/* Pushes an empty box for a histogram; the slot that it returns takes it. */
void **lhistogram_push(lua_State *L);
/* Frees the histogram in a box. */
void lhistogram_release(void *object);

#endif
