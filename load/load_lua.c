// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What the library load is built on. */
#include "driver/binding.h"
#include "driver/embedded.h"

int luaload_core(lua_State *L)
{
	lua_newtable(L);
	return 1;
}
