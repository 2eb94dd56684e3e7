// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Layouts: names for the bits and bytes of data objects.
 *
 * A layout is compiled once into a table from names to struct ldata_field
 * userdata. Scripts never see that table: it is the user value of the layout
 * object, and of every data object that the layout is applied to. To find a
 * field takes one look-up and allocates nothing.
 */

/***
 * Layouts.
 * @submodule data
 */
#include <string.h>

#include "luadata/data_lua.h"

#define LAYOUT_TYPE	"luadata.layout"

/* A compiled field. Of a string, offset and width are in bytes. */
struct ldata_field {
	struct ldata_bits bits;
	bool is_string;
};

/* Names that the fields of a layout cannot have: these methods always win. */
static bool is_reserved(const char *name)
{
	return !strcmp(name, "layout") || !strcmp(name, "segment");
}

/* Pushes what @spec has under @key or, if nothing, at position @pos. */
static int push_item(lua_State *L, int spec, const char *key, int pos)
{
	if (lua_getfield(L, spec, key) != LUA_TNIL)
		return lua_type(L, -1);
	lua_pop(L, 1);
	return lua_geti(L, spec, pos);
}

/* The integer at stack index @idx; @what and @name name it in the error. */
static lua_Integer check_integer(lua_State *L, int idx, lua_Integer min,
				 lua_Integer max, const char *what,
				 const char *name)
{
	int valid;
	lua_Integer n = lua_tointegerx(L, idx, &valid);

	if (!valid || n < min || n > max) {
		what = lua_pushfstring(L, "%s of field '%s'", what, name);
		luadrv_field_range(L, idx, min, max, what);
	}
	return n;
}

/* Offset or length, 0 if it is not there. */
static lua_Integer compile_number(lua_State *L, int spec, const char *key,
				  int pos, const char *name)
{
	lua_Integer n = 0;

	if (push_item(L, spec, key, pos) != LUA_TNIL)
		n = check_integer(L, lua_gettop(L), LUA_MININTEGER,
				  LUA_MAXINTEGER, key, name);
	lua_pop(L, 1);
	return n;
}

/*
 * Type and byte order, either of them in either place, by their first letter:
 * that is how scripts have them. 'n' is a number as a type and the network's
 * order as an order. The seed ignored any other word, and so does this.
 */
static void compile_word(lua_State *L, int spec, const char *key, int pos,
			 const char *name, struct ldata_field *field)
{
	int type = push_item(L, spec, key, pos);
	const char *word;

	if (type == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	if (type != LUA_TSTRING)
		luaL_error(L, "field '%s': %s must be a string, not %s", name,
			   key, lua_typename(L, type));
	word = lua_tostring(L, -1);
	switch (*word) {
	case 's':
		field->is_string = true;
		break;
	case 'n':
	case 'b':
		field->bits.endian = LDATA_BIG;
		break;
	case 'l':
		field->bits.endian = LDATA_LITTLE;
		break;
	case 'h':
		field->bits.endian = LDATA_HOST;
		break;
	}
	lua_pop(L, 1);
}

/* Pushes the field that @spec describes; false if no object can have it. */
static bool compile_field(lua_State *L, int spec, const char *name)
{
	struct ldata_field *field = lua_newuserdata(L, sizeof(*field));
	lua_Integer offset, length, most;

	field->is_string = false;
	field->bits.endian = LDATA_BIG;
	compile_word(L, spec, "type", 3, name, field);
	compile_word(L, spec, "endian", 4, name, field);
	offset = compile_number(L, spec, "offset", 1, name);
	length = compile_number(L, spec, "length", 2, name);
	most = field->is_string ? LDATA_MAX_SIZE : 64;
	if (offset < 0 || length < 1 || length > most)
		return false;
	field->bits.offset = offset;
	field->bits.width = length;
	return true;
}

/* Pushes the compiled form of the table at @table. */
static void compile(lua_State *L, int table)
{
	int compiled, spec;

	lua_newtable(L);
	compiled = lua_gettop(L);
	spec = compiled + 2;
	lua_pushnil(L);
	while (lua_next(L, table)) {
		const char *name;

		luadrv_check_stop(L);
		if (lua_type(L, -2) != LUA_TSTRING)
			luaL_error(L, "layout: a field's name must be a string, not %s",
				   luaL_typename(L, -2));
		name = lua_tostring(L, -2);
		if (!lua_istable(L, spec))
			luaL_error(L, "field '%s' must be a table, not %s", name,
				   luaL_typename(L, spec));
		if (compile_field(L, spec, name) && !is_reserved(name)) {
			lua_pushvalue(L, -3);
			lua_insert(L, -2);
			lua_rawset(L, compiled);
		}
		lua_settop(L, compiled + 1);
	}
}

/* Pushes the compiled form of the argument @arg, a layout or a table. */
static void push_compiled(lua_State *L, int arg)
{
	if (luaL_testudata(L, arg, LAYOUT_TYPE)) {
		lua_getuservalue(L, arg);
		return;
	}
	luaL_checktype(L, arg, LUA_TTABLE);
	compile(L, arg);
}

/***
 * Makes a layout: names for parts of data objects. It can be applied to any
 * number of them with @{data:layout}.
 *
 * Every entry of the table is `name = {offset, length [, type [, endian]]}`,
 * or the same with the keys `offset`, `length`, `type`, `endian`, which count
 * before positions. Offsets begin with 0, and that is what a missing one is.
 *
 * A `'number'` (the default) has offset and length in bits, 1 to 64 of them;
 * bit 0 is the most significant one of the first byte. Its byte order is
 * `'big'` or `'net'` (the default), `'little'` or `'host'`. A `'string'` has
 * offset and length in bytes. Of these words only the first letter counts;
 * type and order may change places (`{0, 64, 'little'}`), and words that
 * begin with another letter are ignored.
 *
 * A layout leaves out what no object can have: a field without a length, with
 * one of 0 or less, a number of more than 64 bits, a string of more than 1 GiB,
 * a negative offset. There is no such field then.
 *
 * In little-endian order the bits, taken as they lie, are cut into bytes, of
 * which the first is the least significant: of the bytes 12 34 56, the field
 * `{0, 20, 'n', 'l'}` reads 0x53412.
 *
 * The table is only read: what is changed in it afterwards has no effect.
 *
 * Source: the seed, where data.layout changed the table and gave it back.
 *
 * @function data.layout
 * @tparam table|layout fields a layout is given back as it is
 * @treturn layout
 * @raise if a field's name is no string or the field no table, if its offset or
 * length is no integer, its type or byte order no string; the message names the
 * field
 * @usage local header = data.layout{
 *   version = {0, 8}, command = {8, 8}, port = {16, 16},
 *   user = {offset = 8, length = 4, type = 'string'},
 * }
 */
int ldata_layout_new(lua_State *L)
{
	if (luaL_testudata(L, 1, LAYOUT_TYPE)) {
		lua_settop(L, 1);
		return 1;
	}
	push_compiled(L, 1);
	lua_newuserdata(L, 0);
	lua_insert(L, -2);
	lua_setuservalue(L, -2);
	luaL_setmetatable(L, LAYOUT_TYPE);
	return 1;
}

/***
 * Applies a layout to the data object, in place of the one that it had: from
 * now on its fields can be read and written as `d.name`.
 *
 * To read a field that is not there, or not all within the object, gives nil;
 * to write one does nothing. A number is read unsigned (one of 64 bits may turn
 * out negative); one written must fit the field, signed or unsigned, else
 * writing raises. Writing a string that is shorter than its field leaves the
 * rest of the field alone, and what is longer is cut off.
 *
 * `layout` and `segment` are always the methods; any other field hides the
 * method of its name.
 *
 * Source: the seed, where a number that was too large for its field spoilt its
 * neighbours, and what was no number became 0.
 *
 * @function data:layout
 * @tparam[opt] table|layout layout as for @{data.layout}; without it nothing
 * happens and nothing is returned
 * @treturn data the object itself
 * @raise as @{data.layout}
 * @usage local request = data.new(8):layout(header)
 * request.port = 80
 */
int ldata_layout_apply(lua_State *L)
{
	luadrv_box_check(L, 1, ldata_type);
	if (lua_isnoneornil(L, 2))
		return 0;
	push_compiled(L, 2);
	lua_setuservalue(L, 1);
	lua_settop(L, 1);
	return 1;
}

/* A copy: a finalizer may replace the layout while Lua allocates. */
static bool find_field(lua_State *L, struct ldata_field *field)
{
	const struct ldata_field *found = NULL;
	int top = lua_gettop(L);

	if (lua_getuservalue(L, 1) == LUA_TTABLE) {
		lua_pushvalue(L, 2);
		lua_rawget(L, -2);
		found = lua_touserdata(L, -1);
	}
	lua_settop(L, top);
	if (found)
		*field = *found;
	return found;
}

static bool is_within(const struct ldata *view, const struct ldata_field *field)
{
	if (field->is_string)
		return ldata_covers(view, field->bits.offset, field->bits.width);
	return ldata_bits_within(view, &field->bits);
}

int ldata_field_get(lua_State *L, const struct ldata *view)
{
	struct ldata_field field;
	u64 value;

	if (!find_field(L, &field))
		return 0;
	if (field.is_string) {
		if (is_within(view, &field))
			ldata_push_string(L, view->addr + field.bits.offset,
					  field.bits.width);
		else
			lua_pushnil(L);
	} else if (!ldata_bits_get(view, &field.bits, &value)) {
		lua_pushinteger(L, value);
	} else {
		lua_pushnil(L);
	}
	return 1;
}

static void set_string(lua_State *L, const struct ldata *view,
		       const struct ldata_field *field, const char *name)
{
	size_t len;
	const char *s = lua_tolstring(L, 3, &len);

	if (!s)
		luaL_error(L, "field '%s': string expected, got %s", name,
			   luaL_typename(L, 3));
	if (len > field->bits.width)
		len = field->bits.width;
	memcpy(view->addr + field->bits.offset, s, len);
}

static void set_number(lua_State *L, const struct ldata *view,
		       const struct ldata_field *field, const char *name)
{
	unsigned int width = field->bits.width;
	lua_Integer max = LUA_MAXINTEGER >> (width < 64 ? 63 - width : 0);
	lua_Integer min = LUA_MININTEGER >> (64 - width);

	ldata_bits_set(view, &field->bits,
		       check_integer(L, 3, min, max, "value", name));
}

int ldata_field_set(lua_State *L, const struct ldata *view)
{
	struct ldata_field field;
	const char *name;

	if (lua_type(L, 2) != LUA_TSTRING)
		return luaL_error(L, "index of a byte or name of a field expected, got %s",
				  luaL_typename(L, 2));
	name = lua_tostring(L, 2);
	if (!find_field(L, &field) || !is_within(view, &field))
		return 0;
	if (field.is_string)
		set_string(L, view, &field, name);
	else
		set_number(L, view, &field, name);
	return 0;
}

void ldata_layout_open(lua_State *L)
{
	luaL_newmetatable(L, LAYOUT_TYPE);
	lua_pushliteral(L, LAYOUT_TYPE);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}
