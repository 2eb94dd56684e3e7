// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Data objects seen as bytes: strings of them, copies, and numbers at an offset. */

/***
 * Bytes and typed values.
 * @submodule data
 */
#include <string.h>

#include "luadata/data_lua.h"

static lua_Integer opt_size(lua_State *L, int arg, u64 def, const char *what)
{
	if (lua_isnoneornil(L, arg))
		return def;
	return luadrv_check_range(L, arg, 0, LUA_MAXINTEGER, what);
}

bool ldata_check_part(lua_State *L, int arg, const struct ldata *view,
		      struct ldata_part *part)
{
	u64 rest;

	part->offset = opt_size(L, arg, 0, "offset");
	rest = part->offset < view->size ? view->size - part->offset : 0;
	part->size = opt_size(L, arg + 1, rest, "length");
	return ldata_covers(view, part->offset, part->size);
}

u8 ldata_check_byte(lua_State *L, int idx, const char *what, lua_Integer at)
{
	int valid;
	lua_Integer byte = lua_tointegerx(L, idx, &valid);

	if (!valid || byte < 0 || byte > 255) {
		idx = lua_absindex(L, idx);
		what = lua_pushfstring(L, "%s %I", what, (LUAI_UACINT)at);
		luadrv_field_range(L, idx, 0, 255, what);
	}
	return byte;
}

int ldata_range_error(lua_State *L, const char *what, u64 offset, u64 size,
		      u64 limit)
{
	return luaL_error(L, "%s: %I bytes at offset %I are not within %I bytes",
			  what, (LUAI_UACINT)size, (LUAI_UACINT)offset,
			  (LUAI_UACINT)limit);
}

/* Lua's limit for strings that there is only one of (LUAI_MAXSHORTLEN). */
#define LONGEST_INTERNED	40

/*
 * Of a short string Lua takes the hash, and then the bytes: should they change
 * in between, it would be a string that no table finds.
 */
void ldata_push_string(lua_State *L, const u8 *at, size_t size)
{
	char bytes[LONGEST_INTERNED];

	if (size <= sizeof(bytes)) {
		memcpy(bytes, at, size);
		lua_pushlstring(L, bytes, size);
	} else {
		lua_pushlstring(L, (const char *)at, size);
	}
}

/***
 * The bytes as a Lua string.
 *
 * Source: an addition to the seed, which has only tostring(d).
 *
 * @function data:string
 * @tparam[opt=0] integer offset of the first byte, counted from 0
 * @tparam[optchain] integer length in bytes; default: up to the end
 * @treturn ?string nil if the bytes are not all within the object
 * @raise if an argument is no integer or negative
 * @usage local line = buffer:string(0, received)
 */
static int l_string(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	struct ldata_part part;

	if (ldata_check_part(L, 2, view, &part))
		ldata_push_string(L, view->addr + part.offset, part.size);
	else
		lua_pushnil(L);
	return 1;
}

/***
 * Sets bytes to one value.
 *
 * Source: an addition to the seed.
 *
 * @function data:fill
 * @tparam integer byte 0 to 255
 * @tparam[opt=0] integer offset of the first byte, counted from 0
 * @tparam[optchain] integer length in bytes; default: up to the end
 * @treturn data the object itself
 * @raise if the bytes are not all within the object; nothing is written then
 * @usage buffer:fill(0)
 */
static int l_fill(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	int byte = luadrv_check_int(L, 2, 0, 255, "byte");
	struct ldata_part part;

	if (!ldata_check_part(L, 3, view, &part))
		return ldata_range_error(L, "fill", part.offset, part.size,
					 view->size);
	memset(view->addr + part.offset, byte, part.size);
	lua_settop(L, 1);
	return 1;
}

/* The bytes of the argument @arg, a string or a data object, as a view without a buffer. */
static struct ldata check_source(lua_State *L, int arg)
{
	const struct ldata *view = luadrv_box_test(L, arg, ldata_type);
	struct ldata source = {};

	if (view)
		return *view;
	if (lua_type(L, arg) != LUA_TSTRING)
		luaL_argerror(L, arg, lua_pushfstring(L,
			"string or data object expected, got %s",
			luaL_typename(L, arg)));
	source.addr = (u8 *)lua_tolstring(L, arg, &source.size);
	return source;
}

/***
 * Copies bytes into the data object. Source and destination may be the same
 * memory, also if they overlap.
 *
 * Source: an addition to the seed.
 *
 * @function data:copy
 * @tparam string|data source
 * @tparam[opt=0] integer from offset in the source, counted from 0
 * @tparam[optchain] integer length in bytes; default: up to the source's end
 * @tparam[optchain=0] integer to offset in the object, counted from 0
 * @treturn data the object itself
 * @raise if the bytes are not all within the source or would not all be
 * within the object; nothing is written then
 * @usage reply:copy("HTTP/1.1 200 OK\r\n")
 * window:copy(window, 1) -- moves all but the first byte down by one
 */
static int l_copy(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	struct ldata source = check_source(L, 2);
	struct ldata_part part;
	u64 to;

	if (!ldata_check_part(L, 3, &source, &part))
		return ldata_range_error(L, "copy from", part.offset, part.size,
					 source.size);
	to = opt_size(L, 5, 0, "offset");
	if (!ldata_covers(view, to, part.size))
		return ldata_range_error(L, "copy to", to, part.size, view->size);
	memmove(view->addr + to, source.addr + part.offset, part.size);
	lua_settop(L, 1);
	return 1;
}

/* How many bytes are searched between two looks at the world. */
#define SEARCH_STEP	(64UL << 10)

static bool equal(lua_State *L, const u8 *a, const u8 *b, size_t size)
{
	size_t n;

	for (; size; size -= n, a += n, b += n) {
		luai_tick(L);
		n = size < SEARCH_STEP ? size : SEARCH_STEP;
		if (memcmp(a, b, n))
			return false;
	}
	return true;
}

size_t ldata_search(lua_State *L, const struct ldata *in, const struct ldata *what)
{
	size_t at = 0, n;
	const u8 *hit;

	if (!what->size)
		return 0;
	while (what->size <= in->size - at) {
		luai_tick(L);
		n = in->size - at - what->size + 1;
		n = n < SEARCH_STEP ? n : SEARCH_STEP;
		hit = memchr(in->addr + at, *what->addr, n);
		if (!hit) {
			at += n;
			continue;
		}
		if (equal(L, hit, what->addr, what->size))
			return hit - in->addr;
		at = hit - in->addr + 1;
	}
	return in->size + 1;
}

/***
 * Looks for bytes, as they are: there are no patterns.
 *
 * Source: an addition to the seed; string.find.
 *
 * @function data:find
 * @tparam string|data what to look for
 * @tparam[opt=0] integer offset of the first byte to look at, counted from 0
 * @tparam[optchain] integer length how many bytes to look at; default: up to the
 * end
 * @treturn ?integer the offset of the first of them, from 0, counted from the
 * object's first byte; nil if they are nowhere, or if the bytes to look at are
 * not all within the object. Nothing at all is found at once
 * @raise if `what` is neither, or an argument is no integer or negative
 * @usage local eol = buffer:find("\r\n", from)
 */
static int l_find(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	struct ldata what = check_source(L, 2), in = {};
	struct ldata_part part;
	size_t at;

	if (ldata_check_part(L, 3, view, &part)) {
		in.addr = view->addr + part.offset;
		in.size = part.size;
		at = ldata_search(L, &in, &what);
		if (at <= in.size) {
			lua_pushinteger(L, part.offset + at);
			return 1;
		}
	}
	lua_pushnil(L);
	return 1;
}

/* Reads a type's name: [ui](8|16|32|64), big-endian unless 'le' follows. */
static bool parse_type(const char *name, struct ldata_bits *bits, bool *is_signed)
{
	static const char *const widths[] = { "8", "16", "32", "64" };
	const char *order;
	int i;

	*is_signed = *name == 'i';
	if (*name != 'i' && *name != 'u')
		return false;
	for (i = 0; i < 4; i++) {
		size_t len = strlen(widths[i]);

		if (strncmp(name + 1, widths[i], len))
			continue;
		order = name + 1 + len;
		bits->width = 8 << i;
		bits->endian = strcmp(order, "le") ? LDATA_BIG : LDATA_LITTLE;
		return bits->endian == LDATA_LITTLE || !*order ||
		       !strcmp(order, "be");
	}
	return false;
}

/* Fills @bits from the arguments offset and type; returns whether the type is signed. */
static bool check_number_at(lua_State *L, const struct ldata *view,
			    struct ldata_bits *bits)
{
	u64 offset = luadrv_check_range(L, 2, 0, LUA_MAXINTEGER, "offset");
	const char *name = luaL_checkstring(L, 3);
	bool is_signed;

	if (!parse_type(name, bits, &is_signed))
		luaL_argerror(L, 3, lua_pushfstring(L, "unknown type '%s'", name));
	/* In bits; one past the end is as far away as anything beyond. */
	bits->offset = (offset < view->size ? offset : view->size) * 8;
	return is_signed;
}

/***
 * Reads a number at an offset.
 *
 * Source: an addition to the seed.
 *
 * @function data:get
 * @tparam integer offset of its first byte, counted from 0
 * @tparam string type `'u8'`, `'u16'`, `'u32'`, `'u64'` or, signed, `'i8'`,
 * `'i16'`, `'i32'`, `'i64'`; big-endian unless followed by `'le'`; a `'be'`
 * changes nothing. A `'u64'` of 2^63 and more turns out negative.
 * @treturn ?integer nil if the number is not all within the object
 * @raise if the offset is negative or there is no such type
 * @usage local port = packet:get(2, 'u16be')
 */
static int l_get(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	struct ldata_bits bits;
	bool is_signed = check_number_at(L, view, &bits);
	u64 value;

	if (ldata_bits_get(view, &bits, &value)) {
		lua_pushnil(L);
		return 1;
	}
	if (is_signed)
		value = (u64)((s64)(value << (64 - bits.width)) >> (64 - bits.width));
	lua_pushinteger(L, value);
	return 1;
}

/***
 * Writes a number at an offset.
 *
 * Source: an addition to the seed.
 *
 * @function data:set
 * @tparam integer offset of its first byte, counted from 0
 * @tparam string type as for @{data:get}
 * @tparam integer value in the range of the type; any for 64 bits
 * @treturn data the object itself
 * @raise if the value is out of range, or the number would not be all within
 * the object; nothing is written then
 * @usage packet:set(2, 'u16be', 80):set(4, 'u32be', 0x7f000001)
 */
static int l_set(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	struct ldata_bits bits;
	bool is_signed = check_number_at(L, view, &bits);
	lua_Integer min = LUA_MININTEGER, max = LUA_MAXINTEGER, value;

	if (is_signed) {
		max >>= 64 - bits.width;
		min >>= 64 - bits.width;
	} else if (bits.width < 64) {
		max >>= 63 - bits.width;
		min = 0;
	}
	value = luadrv_check_range(L, 4, min, max, "value");
	if (ldata_bits_set(view, &bits, value))
		return ldata_range_error(L, "set", bits.offset / 8, bits.width / 8,
					 view->size);
	lua_settop(L, 1);
	return 1;
}

const luaL_Reg ldata_bytes_methods[] = {
	{ "string", l_string },
	{ "fill", l_fill },
	{ "copy", l_copy },
	{ "find", l_find },
	{ "get", l_get },
	{ "set", l_set },
	{ NULL, NULL }
};
