// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Running out of memory, and what userdata own beside it. */
#include <string.h>

#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"

/* @text is in no other string yet, so that there is a new object, as luaC_fix() needs it. */
static TString *fixed_text(lua_State *L, const char *text)
{
	TString *string = luaS_newlstr(L, text, strlen(text));

	luaC_fix(L, obj2gco(string));
	return string;
}

void luaport_prepare_messages(lua_State *L)
{
	/* What the core says while no handler of errors is set. */
	fixed_text(L, "error in error handling");
	fixed_text(L, "cannot resume dead coroutine");
	fixed_text(L, "cannot resume non-suspended coroutine");
	luaport_of(L)->memory_message = fixed_text(L, LUAPORT_NO_MEMORY);
	luaport_of(L)->stop_message = fixed_text(L, "stopped");
	G(L)->memerrmsg = luaport_of(L)->memory_message;
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

void *luaport_userdata(lua_State *L, int idx, size_t size)
{
	const TValue *value = idx > 0 ? L->ci->func + idx : L->top + idx;

	lua_assert(idx > LUA_REGISTRYINDEX && value > L->ci->func);
	if (value >= L->top || !ttisfulluserdata(value) || uvalue(value)->len != size)
		return NULL;
	return getudatamem(uvalue(value));
}

void luaport_own_userdata(void *userdata)
{
	Udata *u = (Udata *)((char *)userdata - sizeof(UUdata));

	l_setbit(u->marked, LUAPORT_OWNER_BIT);
}
