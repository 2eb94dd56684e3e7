// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Bytecode: functions on their way from one state to another. Nothing verifies
 * it, so none is ever taken from a script: only what comes through
 * luaport_undump() reaches upstream's loader, which the build gives another
 * name (Kbuild), as it does to upstream's writer.
 */
#include "ldebug.h"
#include "ldo.h"
#include "lobject.h"
#include "lundump.h"
#include "lauxlib.h"
#include "bytecode.h"

struct source {
	lua_Reader read;
	void *ud;
};

/* Who reads through this is no script: nobody else can name it. */
static const char *trusted_read(lua_State *L, void *ud, size_t *len)
{
	struct source *source = ud;

	return source->read(L, source->ud, len);
}

LClosure *luaU_undump(lua_State *L, ZIO *z, const char *name)
{
	if (z->reader == trusted_read)
		return luaport_undump_core(L, z, name);
	if (*name == '@' || *name == '=')
		name++;
	else if (*name == LUA_SIGNATURE[0])
		name = "binary string";
	luaO_pushfstring(L, "%s: bytecode is not accepted, only text", name);
	luaD_throw(L, LUA_ERRSYNTAX);
	return NULL;
}

/* There is no use in bytecode for scripts: string.dump() reports failure. */
int luaU_dump(lua_State *L, const Proto *f, lua_Writer w, void *data, int strip)
{
	(void)L;
	(void)f;
	(void)w;
	(void)data;
	(void)strip;
	return 1;
}

/* Both go down into nested functions, about as deep as the compiler did. */
static void check_stack(lua_State *L)
{
	if (luai_cstacklow(L))
		luaL_error(L, LUAI_CSTACKOVERFLOW);
}

void luaport_dump(lua_State *L, lua_Writer write, void *ud)
{
	check_stack(L);
	luaport_dump_core(L, getproto(L->top - 1), write, ud, 0);
}

int luaport_undump(lua_State *L, lua_Reader read, void *ud)
{
	struct source source = { .read = read, .ud = ud };

	check_stack(L);
	return lua_load(L, trusted_read, &source, "=copy", "b");
}
