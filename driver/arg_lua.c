// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Arguments: the only place where Lua integers become C integers. */
#include <limits.h>

#include "driver/binding.h"

static void describe_range(lua_State *L, lua_Integer n, lua_Integer min,
			   lua_Integer max, const char *what)
{
	lua_pushfstring(L, "%s must be in %I..%I, not %I", what, (LUAI_UACINT)min,
			(LUAI_UACINT)max, (LUAI_UACINT)n);
}

lua_Integer luadrv_check_range(lua_State *L, int arg, lua_Integer min,
			       lua_Integer max, const char *what)
{
	lua_Integer n = luaL_checkinteger(L, arg);

	if (n < min || n > max) {
		describe_range(L, n, min, max, what);
		luaL_argerror(L, arg, lua_tostring(L, -1));
	}
	return n;
}

int luadrv_check_int(lua_State *L, int arg, int min, int max, const char *what)
{
	return (int)luadrv_check_range(L, arg, min, max, what);
}

size_t luadrv_check_size(lua_State *L, int arg, size_t min, size_t max,
			 const char *what)
{
	return (size_t)luadrv_check_range(L, arg, (lua_Integer)min,
					  (lua_Integer)max, what);
}

lua_Integer luadrv_field_range(lua_State *L, int idx, lua_Integer min,
			       lua_Integer max, const char *what)
{
	int valid;
	lua_Integer n = lua_tointegerx(L, idx, &valid);

	if (!valid)
		luaL_error(L, "%s must be an integer, not a %s", what,
			   luaL_typename(L, idx));
	if (n < min || n > max) {
		describe_range(L, n, min, max, what);
		luaL_error(L, "%s", lua_tostring(L, -1));
	}
	return n;
}

int luadrv_check_timeout(lua_State *L, int arg)
{
	if (lua_isnoneornil(L, arg))
		return -1;
	return luadrv_check_int(L, arg, 0, INT_MAX, "time-out in ms");
}
