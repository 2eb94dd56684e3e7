// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Boxes: userdata that own one kernel object each. A box comes into being
 * empty, so that once it is filled the object is taken care of, whatever error
 * comes next.
 *
 * The core releases the object when it frees the box. A finalizer (__gc) could
 * not be relied on: it is not called where there is no memory or no C stack
 * left to call it, nor for what other finalizers make while the state ends.
 */
#include <string.h>

#include "driver/binding.h"

/*
 * Scripts can neither make userdata nor change metatables of userdata, so a
 * full userdata of this size that carries the type's name is a box of it.
 */
struct box {
	luaport_release *freed;
	const char *type;
	void *object;
	void (*release)(void *object);
	bool closed;
};

static struct box *to_box(lua_State *L, int arg, const char *type)
{
	struct box *box = luaport_userdata(L, arg, sizeof(*box));

	if (!box || box->type == type)
		return box;
	return luaL_testudata(L, arg, type) ? box : NULL;
}

static struct box *check_box(lua_State *L, int arg, const char *type)
{
	struct box *box = to_box(L, arg, type);

	if (!box)
		luaL_argerror(L, arg,
			      lua_pushfstring(L, "%s expected, got %s", type,
					      luaL_typename(L, arg)));
	return box;
}

static void on_freed(lua_State *L, void *userdata)
{
	struct box *box = userdata;

	(void)L;
	if (box->object)
		box->release(box->object);
}

void **luadrv_box_new(lua_State *L, const char *type,
		      void (*release)(void *object))
{
	struct box *box = lua_newuserdata(L, sizeof(*box));

	box->freed = on_freed;
	box->type = type;
	box->object = NULL;
	box->release = release;
	box->closed = false;
	luaport_own_userdata(box);
	luaL_setmetatable(L, type);
	return &box->object;
}

void **luadrv_box_slot(lua_State *L, int arg, const char *type)
{
	return &check_box(L, arg, type)->object;
}

void *luadrv_box_check(lua_State *L, int arg, const char *type)
{
	struct box *box = check_box(L, arg, type);

	if (box->closed || !box->object)
		luaL_error(L, "attempt to use a closed %s", type);
	return box->object;
}

void *luadrv_box_open(lua_State *L, int arg, const char *type)
{
	struct box *box = check_box(L, arg, type);

	return box->closed ? NULL : box->object;
}

void *luadrv_box_test(lua_State *L, int arg, const char *type)
{
	struct box *box = to_box(L, arg, type);

	return box && !box->closed ? box->object : NULL;
}

void *luadrv_box_close(lua_State *L, int arg, const char *type)
{
	struct box *box = check_box(L, arg, type);

	if (box->closed)
		return NULL;
	box->closed = true;
	return box->object;
}

void luadrv_box_type(lua_State *L, const char *type, const luaL_Reg *methods,
		     const luaL_Reg *meta)
{
	luaL_newmetatable(L, type);
	if (methods) {
		lua_newtable(L);
		luaL_setfuncs(L, methods, 0);
		lua_setfield(L, -2, "__index");
	}
	if (meta)
		luaL_setfuncs(L, meta, 0);
	lua_pushstring(L, type);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}
