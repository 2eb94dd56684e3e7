// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The library data: memory that scripts and the kernel share.
 *
 * A data object is a box with a view in it. It stays full until the collector
 * finalizes it, and there is no way to close one: whoever has a data object on
 * his stack has its memory, whatever finalizers run meanwhile.
 */

/***
 * Data objects: bytes that scripts and sockets share.
 * @module data
 */
#include <string.h>

#include "luadata/data_lua.h"

const char *const ldata_type = "luadata";

/* How many bytes of data make the collector run; see note_allocation(). */
#define DATA_PER_COLLECTION	(4 << 20)

/* How many elements of a table are read between two looks at the world. */
#define CHECK_INTERVAL		1024

/*
 * The collector counts a data object as the few bytes of its box. So that
 * garbage does not pile up to the limit, where Lua's own allocations would
 * fail too, it is run for every few MiB of data. The number of bytes since the
 * last time is the upvalue of data.new().
 */
static void note_allocation(lua_State *L, size_t size)
{
	lua_Integer bytes = lua_tointeger(L, lua_upvalueindex(1)) + size;

	if (bytes >= DATA_PER_COLLECTION && lua_gc(L, LUA_GCISRUNNING, 0)) {
		lua_gc(L, LUA_GCCOLLECT, 0);
		bytes = size;
	}
	lua_pushinteger(L, bytes);
	lua_replace(L, lua_upvalueindex(1));
}

static void release(void *object)
{
	ldata_put(object);
}

/* Pushes a data object of @size zero bytes. */
static struct ldata *push_new(lua_State *L, size_t size)
{
	void **slot = luadrv_box_new(L, ldata_type, release);
	struct luadrv_account *account = luadrv_account_of(L);
	struct ldata *view;
	int err;

	note_allocation(L, size);
	err = ldata_new(account, size, &view);
	if (err == -ENOMEM) {
		/* Garbage may hold what is needed until it is finalized. */
		lua_gc(L, LUA_GCCOLLECT, 0);
		err = ldata_new(account, size, &view);
	}
	if (err)
		luadrv_raise(L, err, "data.new",
			     "%I bytes (limit: module parameter memory, --memory)",
			     (LUAI_UACINT)size);
	*slot = view;
	return view;
}

static void copy_table(lua_State *L, struct ldata *view)
{
	size_t i;

	for (i = 0; i < view->size; i++) {
		if (i % CHECK_INTERVAL == 0)
			luadrv_check_stop(L);
		lua_geti(L, 1, i + 1);
		view->addr[i] = ldata_check_byte(L, -1, "element", i + 1);
		lua_pop(L, 1);
	}
}

/* The size of the data object to be made of the argument 1; 0 if none is. */
static size_t check_new_size(lua_State *L)
{
	lua_Integer size;

	switch (lua_type(L, 1)) {
	case LUA_TNUMBER:
		if (lua_tointeger(L, 1) < 1)
			return 0;
		return luadrv_check_size(L, 1, 1, LDATA_MAX_SIZE, "size");
	case LUA_TSTRING:
	case LUA_TTABLE:
		size = luaL_len(L, 1);
		if (size > (lua_Integer)LDATA_MAX_SIZE)
			luaL_argerror(L, 1, "too long");
		return size < 1 ? 0 : size;
	default:
		return 0;
	}
}

/***
 * Makes a data object: of a number of zero bytes, or with the bytes of a
 * string or a table. It cannot be empty and never changes its size.
 *
 * `#d` is the number of bytes and `tostring(d)` all of them as a string. A
 * byte is `d[i]`, 0 to 255, the first one `d[1]`: reading one that is not
 * there gives nil, writing it raises. Objects are equal only to themselves.
 *
 * A data object that goes to another thread, with @{thread.spawn} or through a
 * channel, is not copied: both have the same bytes, and what one writes the
 * other sees, at some time. Nothing locks them. Of what several write at once
 * any byte may be anybody's, also within a number or a string; to take turns is
 * up to them, for example by a channel that the right to write goes through.
 * The memory counts as that of the one script that all its threads belong to,
 * until the last of them lets go of it.
 *
 * Source: the seed, which took the low 8 bits of any number in a table,
 * returned nothing where memory does not suffice, and had no d[i].
 *
 * @function data.new
 * @tparam integer|string|table source size in bytes, up to 1 GiB; or a string;
 * or a table with a byte, 0 to 255, at each of 1, 2, ... #source
 * @treturn ?data no value at all if the source is empty, no positive number or of
 * another type
 * @raise if the source is too large, or if an element is no byte; an error
 * object with the code ENOMEM if the script's memory (module parameter `memory`)
 * does not suffice
 * @usage local buffer = data.new(65536)
 * local magic = data.new{0xca, 0xfe}
 */
static int l_new(lua_State *L)
{
	size_t size = check_new_size(L);
	struct ldata *view;

	if (!size)
		return 0;
	view = push_new(L, size);
	if (lua_type(L, 1) == LUA_TSTRING)
		memcpy(view->addr, lua_tostring(L, 1), size);
	else if (lua_type(L, 1) == LUA_TTABLE)
		copy_table(L, view);
	return 1;
}

/***
 * Makes a data object of a part of this one. Both have the same memory: what
 * is written to one is seen in the other. The memory lives as long as any
 * such object. The new object has no layout.
 *
 * Source: the seed.
 *
 * @function data:segment
 * @tparam[opt=0] integer offset of the first byte, counted from 0
 * @tparam[optchain] integer length in bytes; default: up to the end
 * @treturn ?data nil if the part begins at or behind the end of the object,
 * or reaches beyond it
 * @raise if an argument is no integer or negative; an error object with the
 * code ENOMEM as @{data.new}
 * @usage local body = packet:segment(8)
 */
static int l_segment(lua_State *L)
{
	const struct ldata *parent = luadrv_box_check(L, 1, ldata_type);
	struct ldata_part part;
	struct ldata *view;
	void **slot;
	int err;

	if (!ldata_check_part(L, 2, parent, &part) ||
	    part.offset == parent->size) {
		lua_pushnil(L);
		return 1;
	}
	slot = luadrv_box_new(L, ldata_type, release);
	err = ldata_segment(parent, part.offset, part.size, &view);
	if (err == -ENOMEM) {
		lua_gc(L, LUA_GCCOLLECT, 0);
		err = ldata_segment(parent, part.offset, part.size, &view);
	}
	if (err)
		luadrv_raise(L, err, "segment", "(limit: module parameter memory, --memory)");
	*slot = view;
	return 1;
}

/* d[key]: a byte, a field of the layout, a method; the methods are the upvalue. */
static int l_index(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);

	if (lua_isinteger(L, 2)) {
		lua_Integer i = lua_tointeger(L, 2);

		if (i < 1 || (u64)i > view->size)
			return 0;
		lua_pushinteger(L, view->addr[i - 1]);
		return 1;
	}
	if (ldata_field_get(L, view))
		return 1;
	lua_pushvalue(L, 2);
	lua_rawget(L, lua_upvalueindex(1));
	return 1;
}

static int l_newindex(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	lua_Integer i;

	if (!lua_isinteger(L, 2))
		return ldata_field_set(L, view);
	i = lua_tointeger(L, 2);
	if (i < 1 || (u64)i > view->size)
		return luaL_error(L, "byte %I is not within the %I bytes of the data object",
				  (LUAI_UACINT)i, (LUAI_UACINT)view->size);
	view->addr[i - 1] = ldata_check_byte(L, 3, "byte", i);
	return 0;
}

static int l_len(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);

	lua_pushinteger(L, view->size);
	return 1;
}

static int l_tostring(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);

	ldata_push_string(L, view->addr, view->size);
	return 1;
}

static const luaL_Reg functions[] = {
	{ "layout", ldata_layout_new },
	{ NULL, NULL }
};

static const luaL_Reg methods[] = {
	{ "layout", ldata_layout_apply },
	{ "segment", l_segment },
	{ NULL, NULL }
};

static const luaL_Reg meta[] = {
	{ "__newindex", l_newindex },
	{ "__len", l_len },
	{ "__tostring", l_tostring },
	{ NULL, NULL }
};

int luaopen_data(lua_State *L)
{
	luadrv_box_type(L, ldata_type, methods, meta);
	luaL_getmetatable(L, ldata_type);
	lua_getfield(L, -1, "__index");
	luaL_setfuncs(L, ldata_bytes_methods, 0);
	luaL_setfuncs(L, ldata_pack_methods, 0);
	luaL_setfuncs(L, ldata_checksum_methods, 0);
	/* Fields come before methods, so a function has to look; see l_index(). */
	lua_pushcclosure(L, l_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
	ldata_layout_open(L);

	luaL_newlib(L, functions);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, l_new, 1);
	lua_setfield(L, -2, "new");
	return 1;
}
