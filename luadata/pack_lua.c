// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Data objects: values by the formats of string.pack and string.unpack, where
 * they are, without a string in between.
 */

/***
 * Values by format.
 * @submodule data
 */
#include <limits.h>
#include <string.h>

#include "luadata/data_lua.h"

/* Where the arguments of both methods are. */
#define OFFSET_ARG	2
#define FORMAT_ARG	3

#define INTEGER_SIZE	8
#define LARGEST_SIZE	16
#define NATIVE_ALIGN	8

enum kind {
	SIGNED,
	UNSIGNED,
	FIXED,		/* a string of a given size */
	COUNTED,	/* a string after its length */
	ENDED,		/* a string before a zero */
	PADDING,
	ALIGNMENT,
	NOTHING,
};

/**
 * struct format - a format that is being read
 * @next: what is to be read next
 * @little: order of bytes
 * @align: the most that is aligned to
 */
struct format {
	const char *next;
	bool little;
	unsigned int align;
};

/**
 * struct option - an option of a format
 * @kind: what it is
 * @size: how many bytes its number, or string of fixed size, takes
 * @pad: how many come before that
 */
struct option {
	enum kind kind;
	unsigned int size;
	unsigned int pad;
};

static struct format check_format(lua_State *L)
{
	enum ldata_endian host = LDATA_HOST;
	struct format f = { .align = 1, .little = host == LDATA_LITTLE };

	f.next = luaL_checkstring(L, FORMAT_ARG);
	return f;
}

/* The number that comes next, or @none. */
static int take_number(struct format *f, int none)
{
	int n = 0;

	if (*f->next < '0' || *f->next > '9')
		return none;
	while (*f->next >= '0' && *f->next <= '9' && n <= (INT_MAX - 9) / 10)
		n = n * 10 + (*f->next++ - '0');
	return n;
}

/* The size of an integer that comes next, or @none. */
static unsigned int take_size(lua_State *L, struct format *f, int none)
{
	int n = take_number(f, none);

	if (n < 1 || n > LARGEST_SIZE)
		return luaL_error(L, "integral size (%d) out of limits [1,%d]", n,
				  LARGEST_SIZE);
	return n;
}

/* Options that have no size of their own, or set how others are read. */
static void take_other(lua_State *L, struct format *f, char letter, struct option *o)
{
	o->size = 0;
	o->kind = NOTHING;
	switch (letter) {
	case 'z':
		o->kind = ENDED;
		break;
	case 'x':
		o->kind = PADDING;
		o->size = 1;
		break;
	case 'X':
		o->kind = ALIGNMENT;
		break;
	case ' ':
		break;
	case '<':
	case '>':
		f->little = letter == '<';
		break;
	case '=':
		f->little = LDATA_HOST == LDATA_LITTLE;
		break;
	case '!':
		f->align = take_size(L, f, NATIVE_ALIGN);
		break;
	case 'f':
	case 'd':
	case 'n':
		luaL_error(L, "format option '%c' is for floats, which the kernel does not have",
			   letter);
		break;
	default:
		luaL_error(L, "invalid format option '%c'", letter);
	}
}

static void take_fixed(lua_State *L, struct format *f, struct option *o)
{
	int size = take_number(f, -1);

	if (size < 0)
		luaL_error(L, "missing size for format option 'c'");
	o->kind = FIXED;
	o->size = size;
}

static void take_letter(lua_State *L, struct format *f, struct option *o)
{
	char letter = *f->next++;

	o->kind = letter >= 'a' ? SIGNED : UNSIGNED;
	switch (letter) {
	case 'b':
	case 'B':
		o->size = 1;
		break;
	case 'h':
	case 'H':
		o->size = 2;
		break;
	case 'l':
	case 'L':
	case 'j':
	case 'J':
	case 'T':
		o->size = INTEGER_SIZE;
		break;
	case 'i':
	case 'I':
		o->size = take_size(L, f, 4);
		break;
	case 's':
		o->kind = COUNTED;
		o->size = take_size(L, f, INTEGER_SIZE);
		break;
	case 'c':
		take_fixed(L, f, o);
		break;
	default:
		take_other(L, f, letter, o);
	}
}

/* The option that comes next, for the byte at offset @at. */
static void take_option(lua_State *L, struct format *f, u64 at, struct option *o)
{
	struct option next;
	unsigned int align;

	take_letter(L, f, o);
	align = o->size;
	o->pad = 0;
	if (o->kind == ALIGNMENT) {
		next.size = 0;
		if (*f->next)
			take_letter(L, f, &next);
		if (!next.size || next.kind == FIXED)
			luaL_argerror(L, FORMAT_ARG, "invalid next option for option 'X'");
		align = next.size;
	}
	if (align <= 1 || o->kind == FIXED)
		return;
	if (align > f->align)
		align = f->align;
	if (align & (align - 1))
		luaL_argerror(L, FORMAT_ARG, "format asks for alignment not power of 2");
	o->pad = -at & (align - 1);
}

/* Writing */

/**
 * struct packer - values that are being packed
 * @view: where they go
 * @at: offset of the next one
 * @arg: where the last one is among the arguments
 * @little: order of bytes
 * @write: write them; else only see whether that will do
 */
struct packer {
	const struct ldata *view;
	u64 at;
	int arg;
	bool little;
	bool write;
};

/* The next @size bytes. */
static u8 *claim(lua_State *L, struct packer *p, u64 size)
{
	u8 *at = p->view->addr + p->at;

	if (!ldata_covers(p->view, p->at, size))
		ldata_range_error(L, "pack", p->at, size, p->view->size);
	p->at += size;
	return at;
}

static void put_bytes(lua_State *L, struct packer *p, const void *bytes, size_t size)
{
	u8 *at = claim(L, p, size);

	if (p->write)
		memcpy(at, bytes, size);
}

static void put_zeros(lua_State *L, struct packer *p, size_t size)
{
	u8 *at = claim(L, p, size);

	if (p->write)
		memset(at, 0, size);
}

static void put_number(lua_State *L, struct packer *p, unsigned int size,
		       lua_Integer n, bool is_signed)
{
	u8 *at = claim(L, p, size), more = is_signed && n < 0 ? 0xff : 0;
	unsigned int i;

	if (!p->write)
		return;
	for (i = 0; i < size; i++)
		at[p->little ? i : size - 1 - i] =
			i < INTEGER_SIZE ? (u64)n >> 8 * i : more;
}

static void put_integer(lua_State *L, struct packer *p, const struct option *o)
{
	lua_Integer n = luaL_checkinteger(L, ++p->arg);
	unsigned int bits = o->size * 8;
	lua_Integer rest;

	if (o->size < INTEGER_SIZE && o->kind == UNSIGNED) {
		luaL_argcheck(L, !((u64)n >> bits), p->arg, "unsigned overflow");
	} else if (o->size < INTEGER_SIZE) {
		rest = n >> (bits - 1);
		luaL_argcheck(L, rest == 0 || rest == -1, p->arg, "integer overflow");
	}
	put_number(L, p, o->size, n, o->kind == SIGNED);
}

static void put_string(lua_State *L, struct packer *p, const struct option *o)
{
	size_t len;
	const char *s = luaL_checklstring(L, ++p->arg, &len);

	switch (o->kind) {
	case FIXED:
		luaL_argcheck(L, len <= o->size, p->arg, "string longer than given size");
		put_bytes(L, p, s, len);
		put_zeros(L, p, o->size - len);
		break;
	case COUNTED:
		luaL_argcheck(L, o->size >= INTEGER_SIZE || !(len >> 8 * o->size), p->arg,
			      "string length does not fit in given size");
		put_number(L, p, o->size, len, false);
		put_bytes(L, p, s, len);
		break;
	default:
		luaL_argcheck(L, !memchr(s, 0, len), p->arg, "string contains zeros");
		put_bytes(L, p, s, len + 1);
	}
}

static void pack_all(lua_State *L, struct packer *p)
{
	struct format f = check_format(L);
	struct option o;

	while (*f.next) {
		luai_tick(L);
		take_option(L, &f, p->at, &o);
		p->little = f.little;
		put_zeros(L, p, o.pad);
		switch (o.kind) {
		case SIGNED:
		case UNSIGNED:
			put_integer(L, p, &o);
			break;
		case PADDING:
			put_zeros(L, p, o.size);
			break;
		case ALIGNMENT:
		case NOTHING:
			break;
		default:
			put_string(L, p, &o);
		}
	}
}

/***
 * Writes values at an offset, by a format of string.pack: as it would put them
 * into a string. Options that align (`!`) count from the object's first byte.
 *
 * Source: an addition to the seed; string.pack.
 *
 * @function data:pack
 * @tparam integer offset of the first byte, counted from 0
 * @tparam string format of string.pack; the bytes of numbers are in the order of
 * the machine unless it begins with `>` or `<`
 * @param ... the values
 * @treturn integer the offset behind the last byte that was written
 * @raise as string.pack, or if the bytes would not all be within the object;
 * nothing is written then
 * @usage local at = packet:pack(0, '>I2I2I4', 53, 40000, 0)
 * at = packet:pack(at, 's1', name)
 */
static int l_pack(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	u64 offset = luadrv_check_range(L, OFFSET_ARG, 0, LUA_MAXINTEGER, "offset");
	struct packer p = { .view = view };
	int pass;

	/* What can fail fails in the first pass, before anything is written. */
	for (pass = 0; pass < 2; pass++) {
		p.at = offset;
		p.arg = FORMAT_ARG;
		p.write = pass;
		claim(L, &p, 0);
		pack_all(L, &p);
	}
	lua_pushinteger(L, p.at);
	return 1;
}

/* Reading */

/* Of bytes that others may be writing, each is read once. */
static u8 byte_at(const u8 *at, unsigned int size, bool little, unsigned int i)
{
	return READ_ONCE(at[little ? i : size - 1 - i]);
}

static lua_Integer get_number(lua_State *L, const u8 *at, const struct option *o, bool little)
{
	unsigned int i, low = o->size < INTEGER_SIZE ? o->size : INTEGER_SIZE;
	unsigned int spare = 64 - low * 8;
	u64 n = 0;
	u8 more;

	for (i = low; i-- > 0;)
		n = n << 8 | byte_at(at, o->size, little, i);
	if (o->kind == SIGNED)
		n = (u64)((s64)(n << spare) >> spare);
	more = o->kind == SIGNED && (s64)n < 0 ? 0xff : 0;
	for (i = INTEGER_SIZE; i < o->size; i++)
		if (byte_at(at, o->size, little, i) != more)
			luaL_error(L, "%d-byte integer does not fit into Lua Integer",
				   (int)o->size);
	return n;
}

/* Pushes the string whose length is at offset @at; false if it is not all there. */
static bool push_counted(lua_State *L, const struct ldata *view, const struct option *o,
			 bool little, u64 *at)
{
	u64 len = get_number(L, view->addr + *at, o, little);

	*at += o->size;
	if (!ldata_covers(view, *at, len))
		return false;
	ldata_push_string(L, view->addr + *at, len);
	*at += len;
	return true;
}

/* Pushes the string from offset @at to the next zero; false if there is none. */
static bool push_ended(lua_State *L, const struct ldata *view, u64 *at)
{
	struct ldata rest = { .addr = view->addr + *at, .size = view->size - *at };
	struct ldata zero = { .addr = (u8 *)"", .size = 1 };
	size_t len = ldata_search(L, &rest, &zero);

	if (len > rest.size)
		return false;
	ldata_push_string(L, rest.addr, len);
	*at += len + 1;
	return true;
}

/* Pushes what the option stands for; false if it is not all there. */
static bool push_option(lua_State *L, const struct ldata *view, const struct option *o,
			bool little, u64 *at)
{
	if (!ldata_covers(view, *at, (u64)o->pad + o->size))
		return false;
	*at += o->pad;
	luaL_checkstack(L, 2, "too many results");
	switch (o->kind) {
	case SIGNED:
	case UNSIGNED:
		lua_pushinteger(L, get_number(L, view->addr + *at, o, little));
		break;
	case FIXED:
		ldata_push_string(L, view->addr + *at, o->size);
		break;
	case COUNTED:
		return push_counted(L, view, o, little, at);
	case ENDED:
		return push_ended(L, view, at);
	default:
		break;
	}
	*at += o->size;
	return true;
}

/***
 * Reads values at an offset, by a format of string.unpack.
 *
 * Source: an addition to the seed; string.unpack.
 *
 * @function data:unpack
 * @tparam integer offset of the first byte, counted from 0
 * @tparam string format as for @{data:pack}
 * @return the values, and then the offset behind the last byte that was read; nil
 * alone if they are not all within the object
 * @raise as string.unpack, but not for bytes that are not there; if the offset is
 * negative
 * @usage local source, destination = packet:unpack(0, '>I2I2')
 */
static int l_unpack(lua_State *L)
{
	const struct ldata *view = luadrv_box_check(L, 1, ldata_type);
	u64 at = luadrv_check_range(L, OFFSET_ARG, 0, LUA_MAXINTEGER, "offset");
	struct format f = check_format(L);
	bool within = ldata_covers(view, at, 0);
	struct option o;

	lua_settop(L, FORMAT_ARG);
	while (within && *f.next) {
		luai_tick(L);
		take_option(L, &f, at, &o);
		within = push_option(L, view, &o, f.little, &at);
	}
	if (!within) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, at);
	return lua_gettop(L) - FORMAT_ARG;
}

const luaL_Reg ldata_pack_methods[] = {
	{ "pack", l_pack },
	{ "unpack", l_unpack },
	{ NULL, NULL }
};
