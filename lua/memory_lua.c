// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Running out of memory, and what userdata own beside it. */
#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"

/*
 * The error's text is made in advance, since then it is too late. It is longer
 * than a short string and so a new object, as luaC_fix() needs it.
 */
void luaport_set_memory_message(lua_State *L, const char *text)
{
	TString *message = luaS_new(L, text);

	luaC_fix(L, obj2gco(message));
	G(L)->memerrmsg = message;
}

/* What luaM_realloc_() does: no finalizers run, so no script does. */
void luai_collect(lua_State *L)
{
	luaC_fullgc(L, 1);
}

void luai_nomemory(lua_State *L)
{
	luaD_throw(L, LUA_ERRMEM);
}

void luaport_own_userdata(void *userdata)
{
	Udata *u = (Udata *)((char *)userdata - sizeof(UUdata));

	l_setbit(u->marked, LUAPORT_OWNER_BIT);
}
