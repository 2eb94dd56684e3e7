// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What the library load is built on. */
#include "driver/embedded.h"
#include "load/load_lua.h"

static const luaL_Reg core[] = {
	{ "histogram", lhistogram_create },
	{ NULL, NULL }
};

int luaload_core(lua_State *L)
{
	luaL_newlib(L, core);
	return 1;
}
