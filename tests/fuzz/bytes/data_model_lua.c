// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The model of data objects, bit by bit, and operations on their numbers and fields. */
#include <string.h>

#include "data_model.h"

struct fuzz_input *model_in;
struct view model_views[VIEWS];
struct layout model_layouts[LAYOUTS];
struct bytes model_buffers[MAX_OPS + 2];

void model_reset(struct fuzz_input *in)
{
	model_in = in;
	memset(model_buffers, 0, sizeof(model_buffers));
	memset(model_views, 0, sizeof(model_views));
	memset(model_layouts, 0, sizeof(model_layouts));
}

/* Bits, one after the other */

static int bit_at(const u8 *bytes, u64 i)
{
	return bytes[i / 8] >> (7 - i % 8) & 1;
}

static void put_bit(u8 *bytes, u64 i, int bit)
{
	u8 mask = 0x80 >> i % 8;

	bytes[i / 8] = bit ? bytes[i / 8] | mask : bytes[i / 8] & ~mask;
}

/* Which bit of the number the @i-th bit of the field is. */
static unsigned int weight(const struct field *f, unsigned int i)
{
	unsigned int byte = i / 8, width = f->length - byte * 8 < 8 ? f->length - byte * 8 : 8;

	if (!f->little)
		return f->length - 1 - i;
	return byte * 8 + width - 1 - i % 8;
}

static u64 read_bits(const u8 *bytes, const struct field *f)
{
	u64 value = 0;

	for (unsigned int i = 0; i < f->length; i++)
		value |= (u64)bit_at(bytes, f->offset + i) << weight(f, i);
	return value;
}

static void write_bits(u8 *bytes, const struct field *f, u64 value)
{
	for (unsigned int i = 0; i < f->length; i++)
		put_bit(bytes, f->offset + i, value >> weight(f, i) & 1);
}

u8 *model_addr(const struct view *v)
{
	return v->bytes->at + v->offset;
}

bool model_covers(size_t size, lua_Integer offset, lua_Integer len)
{
	return offset >= 0 && len >= 0 && (u64)offset <= size && (u64)len <= size - (u64)offset;
}

static bool field_fits(const struct view *v, const struct field *f)
{
	u64 size = f->is_string ? v->size : (u64)v->size * 8;

	return f->offset <= size && f->length <= size - f->offset;
}

/* Of two fields of one name the later counts. */
static const struct field *find_field(const struct view *v, const char *name)
{
	const struct field *found = NULL;

	for (int i = 0; i < v->layout.n; i++)
		if (!strcmp(v->layout.fields[i].name, name))
			found = &v->layout.fields[i];
	return found && !found->absent ? found : NULL;
}

/* Input */

lua_Integer model_take_integer(size_t size)
{
	lua_Integer near[] = {
		-1, size - 1, size, size + 1, size * 8 - 1, size * 8, size * 8 + 1, 255, 256,
		65535, 65536, 1L << 30, (1L << 30) + 1, 1L << 31, 1L << 32, 1L << 60, 1L << 61,
		LUA_MAXINTEGER, LUA_MININTEGER, -128, -129, -32768, -(1L << 31)
	};
	u8 byte = fuzz_byte(model_in);
	u64 n = 0;

	if (byte < 160)
		return byte;
	if (byte < 160 + sizeof(near) / sizeof(*near))
		return near[byte - 160];
	for (int i = byte % 8; i >= 0; i--)
		n = n << 8 | fuzz_byte(model_in);
	return n;
}

struct view *model_take_place(void)
{
	return &model_views[fuzz_byte(model_in) % VIEWS];
}

struct view *model_take_view(void)
{
	struct view *v = model_take_place();

	return v->bytes ? v : &model_views[0];
}

static const char *take_name(void)
{
	static const char *const names[] = { "a", "b", "c", "get", "fill", "string", "x\0y", "" };

	u8 byte = fuzz_byte(model_in);

	return names[byte < 192 ? byte % 3 : byte % 8];
}

/* Calls */

void model_push_method(lua_State *L, const char *name, const struct view *v)
{
	lua_getfield(L, METHODS_AT, name);
	lua_pushvalue(L, v - model_views + 1);
}

/* Calls what is pushed; whether it succeeded, which is @want unless the world has troubles. */
bool model_call(lua_State *L, int nargs, int nresults, bool want)
{
	int status = lua_pcall(L, nargs, nresults, 0);

	if (!status == want)
		return !status;
	if (status && !fuzz_calm())
		return false;
	world_fail("%s: %s", status ? "it raises" : "it does not raise",
		   status ? luaL_tolstring(L, -1, NULL) : "");
}

void model_expect_integer(lua_State *L, lua_Integer want)
{
	if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) != want)
		world_fail("got %s, want %lld", luaL_tolstring(L, -1, NULL), want);
}

void model_expect_bytes(lua_State *L, const u8 *want, size_t size)
{
	size_t len;
	const char *got = lua_tolstring(L, -1, &len);

	world_check(got && len == size && !memcmp(got, want, size), "other bytes");
}

/* Numbers at an offset */

int model_assign(lua_State *L)
{
	lua_settable(L, 1);
	return 0;
}

/* The type that a name of one stands for; false if for none. */
static bool take_type(char name[8], struct field *f, bool *is_signed)
{
	static const char *const texts[] = {
		"8", "16", "32", "64", "8le", "16le", "32le", "64le", "8be", "16be", "32be",
		"64be", "", "24", "8x", "le"
	};
	static const u8 widths[] = { 8, 16, 32, 64 };
	u8 byte = fuzz_byte(model_in);
	int i = byte % 16;

	*is_signed = byte & 16;
	name[0] = byte & 32 ? 'x' : *is_signed ? 'i' : 'u';
	strcpy(name + 1, texts[i]);
	f->length = widths[i % 4];
	f->little = i / 4 == 1;
	f->is_string = false;
	return i < 12 && !(byte & 32);
}

/* Pushes the arguments of get and set; false if they must raise. */
static bool push_place(lua_State *L, const struct view *v, struct field *f, bool *is_signed)
{
	lua_Integer offset = model_take_integer(v->size);
	char name[8];
	bool valid = take_type(name, f, is_signed);

	lua_pushinteger(L, offset);
	lua_pushstring(L, name);
	f->offset = (u64)offset > v->size ? v->size * 8 : (u64)offset * 8;
	return valid && offset >= 0;
}

void model_get(lua_State *L)
{
	struct view *v = model_take_view();
	struct field f = {};
	bool is_signed, valid;
	u64 want;

	if (!v->bytes)
		return;
	model_push_method(L, "get", v);
	valid = push_place(L, v, &f, &is_signed);
	if (!model_call(L, 3, 1, valid))
		return;
	if (!field_fits(v, &f)) {
		world_check(lua_isnil(L, -1), "a number that is not there");
		return;
	}
	want = read_bits(model_addr(v), &f);
	if (is_signed && f.length < 64 && want >> (f.length - 1))
		want -= 1ULL << f.length;
	model_expect_integer(L, want);
}

static bool in_range(lua_Integer value, u64 width, bool negative, bool positive)
{
	if (width == 64)
		return true;
	return value >= (negative ? -(1LL << (width - 1)) : 0) &&
	       value < (positive ? 1LL << width : 1LL << (width - 1));
}

void model_set(lua_State *L)
{
	struct view *v = model_take_view();
	struct field f = {};
	bool is_signed, valid;
	lua_Integer value;

	if (!v->bytes)
		return;
	model_push_method(L, "set", v);
	valid = push_place(L, v, &f, &is_signed);
	value = model_take_integer(255);
	lua_pushinteger(L, value);
	valid = valid && in_range(value, f.length, is_signed, !is_signed) && field_fits(v, &f);
	if (model_call(L, 4, 0, valid))
		write_bits(model_addr(v), &f, value);
}

/* Fields of layouts */

/* Mostly one that there can be. */
static lua_Integer take_length(void)
{
	u8 byte = fuzz_byte(model_in);

	return byte < 240 ? byte % 65 : model_take_integer(8);
}

/* One field, positional or by keys, with words in the places that they may have. */
static void push_field(lua_State *L, struct field *f)
{
	static const char *const words[] = { "number", "string", "big", "little", "net", "host" };
	lua_Integer offset = model_take_integer(16), length = take_length();
	u8 how = fuzz_byte(model_in);
	const char *word = words[how % 8 % 6], *order = words[2 + (how >> 3) % 4];
	bool keys = how & 32;

	f->offset = offset;
	f->length = length;
	f->is_string = word[0] == 's' && how & 64;
	f->little = false;
	lua_newtable(L);
	lua_pushinteger(L, offset);
	if (keys)
		lua_setfield(L, -2, "offset");
	else
		lua_rawseti(L, -2, 1);
	lua_pushinteger(L, length);
	lua_rawseti(L, -2, 2);
	if (how & 64) {
		lua_pushstring(L, word);
		lua_rawseti(L, -2, 3);
		f->little = word[0] == 'l' || word[0] == 'h';
	}
	if (how & 128) {
		lua_pushstring(L, order);
		lua_setfield(L, -2, "endian");
		f->little = order[0] == 'l' || order[0] == 'h';
	}
	f->absent = offset < 0 || length < 1 ||
		    length > (f->is_string ? (lua_Integer)LDATA_MAX_SIZE : 64);
}

static void apply(lua_State *L, struct view *v, int at)
{
	if (!v->bytes || !model_layouts[at].n)
		return;
	model_push_method(L, "layout", v);
	lua_pushvalue(L, LAYOUT_AT + at);
	if (model_call(L, 2, 0, true))
		v->layout = model_layouts[at];
}

void model_new_layout(lua_State *L)
{
	int at = fuzz_byte(model_in) % LAYOUTS, n = fuzz_byte(model_in) % FIELDS + 1;
	struct layout made = { n };

	lua_getglobal(L, "data");
	lua_getfield(L, -1, "layout");
	lua_newtable(L);
	for (int i = 0; i < n; i++) {
		made.fields[i].name = take_name();
		push_field(L, &made.fields[i]);
		lua_setfield(L, -2, made.fields[i].name);
	}
	if (model_call(L, 1, 1, true)) {
		lua_replace(L, LAYOUT_AT + at);
		model_layouts[at] = made;
		apply(L, model_take_view(), at);
	}
}

void model_apply(lua_State *L)
{
	struct view *v = model_take_view();
	int at = fuzz_byte(model_in) % LAYOUTS;

	apply(L, v, at);
}

static int look_up(lua_State *L)
{
	lua_gettable(L, 1);
	return 1;
}

void model_field_get(lua_State *L)
{
	struct view *v = model_take_view();
	const char *name = take_name();
	const struct field *f;

	if (!v->bytes)
		return;
	f = find_field(v, name);
	lua_pushcfunction(L, look_up);
	lua_pushvalue(L, v - model_views + 1);
	lua_pushstring(L, name);
	if (!model_call(L, 2, 1, true) || !f)
		return;
	if (!field_fits(v, f))
		world_check(lua_isnil(L, -1), "a field that is not there");
	else if (f->is_string)
		model_expect_bytes(L, model_addr(v) + f->offset, f->length);
	else
		model_expect_integer(L, read_bits(model_addr(v), f));
}

void model_field_set(lua_State *L)
{
	struct view *v = model_take_view();
	const char *name = take_name(), *text = "some text that is longer than most";
	bool string = fuzz_byte(model_in) & 1, there, valid;
	lua_Integer value = model_take_integer(255);
	const struct field *f;
	size_t len = (u64)value % 32;

	if (!v->bytes)
		return;
	f = find_field(v, name);
	lua_pushcfunction(L, model_assign);
	lua_pushvalue(L, v - model_views + 1);
	lua_pushstring(L, name);
	if (string)
		lua_pushlstring(L, text, len);
	else
		lua_pushinteger(L, value);
	there = f && field_fits(v, f);
	valid = !there || f->is_string || (!string && in_range(value, f->length, true, true));
	if (f && f->is_string && !string) {
		text = lua_pushfstring(L, "%I", value);
		len = strlen(text);
		lua_insert(L, -5);
	}
	if (!model_call(L, 3, 0, valid) || !there)
		return;
	if (f->is_string)
		memcpy(model_addr(v) + f->offset, text, len < f->length ? len : f->length);
	else
		write_bits(model_addr(v), f, value);
}
