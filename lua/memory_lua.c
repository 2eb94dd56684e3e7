// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The text of an out-of-memory error: made in advance, since then it is too late. */
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"

void luaport_set_memory_message(lua_State *L, const char *text);

/* @text is longer than a short string, so that it is a new object, as luaC_fix() needs it. */
void luaport_set_memory_message(lua_State *L, const char *text)
{
	TString *message = luaS_new(L, text);

	luaC_fix(L, obj2gco(message));
	G(L)->memerrmsg = message;
}
