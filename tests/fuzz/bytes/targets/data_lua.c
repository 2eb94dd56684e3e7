// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Data objects and layouts against a model that works bit by bit: each
 * operation must succeed or raise as predicted, give the predicted value, and
 * change the predicted bytes and no others.
 */
#include <string.h>

#include "data_model.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_FIRST;

/* How many of the buffers have been given out. */
static int used;

static void set_view(struct view *v, struct bytes *bytes, size_t offset, size_t size)
{
	*v = (struct view){ bytes, offset, size };
}

/* Puts the object on top into the place of @v. */
static void keep(lua_State *L, struct view *v, struct bytes *bytes, size_t offset, size_t size)
{
	lua_replace(L, v - model_views + 1);
	set_view(v, bytes, offset, size);
}

/* Pushes the optional arguments offset and length; false if they must raise. */
static bool push_part(lua_State *L, size_t size, lua_Integer *offset, lua_Integer *len)
{
	u8 given = fuzz_byte(model_in);

	*offset = 0;
	if (given & 1) {
		*offset = model_take_integer(size);
		lua_pushinteger(L, *offset);
	} else {
		lua_pushnil(L);
	}
	*len = *offset >= 0 && (u64)*offset < size ? size - *offset : 0;
	if (given & 2) {
		*len = model_take_integer(size);
		lua_pushinteger(L, *len);
	} else {
		lua_pushnil(L);
	}
	return *offset >= 0 && *len >= 0;
}

/* Operations */

static void op_new(lua_State *L)
{
	struct view *v = model_take_place();
	lua_Integer size = model_take_integer(LARGEST);
	bool large = size > LARGEST;

	lua_getglobal(L, "data");
	lua_getfield(L, -1, "new");
	lua_pushinteger(L, size);
	/* A large one may be too large for the script's memory. */
	if (large) {
		if (!lua_pcall(L, 1, 0, 0))
			world_check(size <= (lua_Integer)LDATA_MAX_SIZE, "a larger one than there may be");
		return;
	}
	if (!model_call(L, 1, 1, true))
		return;
	if (size >= 1)
		keep(L, v, &model_buffers[used++], 0, size);
	else
		world_check(lua_isnil(L, -1), "an object of no bytes");
}

/* Of a table, or of the string of its bytes, some of which may be no bytes. */
static void op_new_from(lua_State *L)
{
	struct view *v = model_take_place();
	bool string = fuzz_byte(model_in) & 1;
	int n = fuzz_byte(model_in) % 20;
	struct bytes *bytes = &model_buffers[used];
	bool want = true;
	lua_Integer byte;

	lua_getglobal(L, "data");
	lua_getfield(L, -1, "new");
	lua_newtable(L);
	for (int i = 0; i < n; i++) {
		byte = string ? fuzz_byte(model_in) : model_take_integer(255);
		want = want && byte >= 0 && byte <= 255;
		bytes->at[i] = byte;
		lua_pushinteger(L, byte);
		lua_rawseti(L, -2, i + 1);
	}
	if (string) {
		lua_pop(L, 1);
		lua_pushlstring(L, (char *)bytes->at, n);
	}
	if (model_call(L, 1, 1, want) && n) {
		used++;
		keep(L, v, bytes, 0, n);
	} else {
		memset(bytes, 0, sizeof(*bytes));
	}
}

static void op_segment(lua_State *L)
{
	struct view *to = model_take_place(), *v = model_take_view();
	lua_Integer offset, len;
	bool valid;

	if (!v->bytes)
		return;
	model_push_method(L, "segment", v);
	valid = push_part(L, v->size, &offset, &len);
	if (!model_call(L, 3, 1, valid))
		return;
	if (!model_covers(v->size, offset, len) || (u64)offset == v->size)
		world_check(lua_isnil(L, -1), "a segment out of nothing");
	else
		keep(L, to, v->bytes, v->offset + offset, len);
}

static void op_string(lua_State *L)
{
	struct view *v = model_take_view();
	lua_Integer offset, len;
	bool valid;

	if (!v->bytes)
		return;
	model_push_method(L, "string", v);
	valid = push_part(L, v->size, &offset, &len);
	if (!model_call(L, 3, 1, valid))
		return;
	if (model_covers(v->size, offset, len))
		model_expect_bytes(L, model_addr(v) + offset, len);
	else
		world_check(lua_isnil(L, -1), "a string of bytes that are not there");
}

static void op_fill(lua_State *L)
{
	struct view *v = model_take_view();
	lua_Integer byte = model_take_integer(255), offset, len;
	bool valid;

	if (!v->bytes)
		return;
	model_push_method(L, "fill", v);
	lua_pushinteger(L, byte);
	valid = push_part(L, v->size, &offset, &len) && model_covers(v->size, offset, len);
	if (model_call(L, 4, 0, valid && byte >= 0 && byte <= 255))
		memset(model_addr(v) + offset, byte, len);
}

static void op_copy(lua_State *L)
{
	struct view *v = model_take_view(), *from = model_take_view();
	bool string = fuzz_byte(model_in) & 1, valid;
	lua_Integer offset, len, to;

	if (!v->bytes || !from->bytes)
		return;
	model_push_method(L, "copy", v);
	if (string)
		lua_pushlstring(L, (char *)model_addr(from), from->size);
	else
		lua_pushvalue(L, from - model_views + 1);
	valid = push_part(L, from->size, &offset, &len) && model_covers(from->size, offset, len);
	to = model_take_integer(v->size);
	lua_pushinteger(L, to);
	if (model_call(L, 5, 0, valid && model_covers(v->size, to, len)))
		memmove(model_addr(v) + to, model_addr(from) + offset, len);
}

static void op_index(lua_State *L)
{
	struct view *v = model_take_view();
	lua_Integer i = model_take_integer(v->size);

	if (!v->bytes)
		return;
	lua_pushinteger(L, i);
	lua_gettable(L, v - model_views + 1);
	if (i >= 1 && (u64)i <= v->size)
		model_expect_integer(L, model_addr(v)[i - 1]);
	else
		world_check(lua_isnil(L, -1), "a byte that is not there");
}

static void op_newindex(lua_State *L)
{
	struct view *v = model_take_view();
	lua_Integer i = model_take_integer(v->size), byte = model_take_integer(255);
	bool valid = i >= 1 && (u64)i <= v->size && byte >= 0 && byte <= 255;

	if (!v->bytes)
		return;
	lua_pushcfunction(L, model_assign);
	lua_pushvalue(L, v - model_views + 1);
	lua_pushinteger(L, i);
	lua_pushinteger(L, byte);
	if (model_call(L, 3, 0, valid))
		model_addr(v)[i - 1] = byte;
}

static void op_drop(lua_State *L)
{
	struct view *v = model_take_place();

	lua_pushnil(L);
	keep(L, v, NULL, 0, 0);
	if (fuzz_byte(model_in) & 1)
		lua_gc(L, LUA_GCCOLLECT, 0);
}

static void (*const ops[])(lua_State *L) = {
	op_new, op_new_from, op_segment, op_string, op_fill, op_copy, model_get, model_set, op_index,
	op_newindex, model_new_layout, model_apply, model_field_get, model_field_set, op_drop
};

/* What is in the kernel's memory is what is in the model's. */
static void compare(lua_State *L)
{
	const struct ldata *got;

	for (int i = 0; i < VIEWS; i++) {
		got = luadrv_box_test(L, i + 1, ldata_type);
		world_check(!got == !model_views[i].bytes, "an object more, or less");
		if (got)
			world_check(ldata_size(got) == model_views[i].size &&
				    !memcmp(ldata_addr(got), model_addr(&model_views[i]), model_views[i].size),
				    "the bytes differ");
	}
}

static int body(lua_State *L)
{
	int i;

	fuzz_open(L, "data");
	lua_settop(L, METHODS_AT - 1);
	luaL_checkstack(L, 40, NULL);
	lua_getglobal(L, "data");
	lua_getfield(L, -1, "new");
	lua_pushinteger(L, 1);
	lua_call(L, 1, 1);
	lua_replace(L, METHODS_AT);
	/* So that operations find an object. */
	lua_getglobal(L, "data");
	lua_getfield(L, -1, "new");
	lua_pushinteger(L, 33);
	lua_call(L, 1, 1);
	keep(L, &model_views[0], &model_buffers[used++], 0, 33);
	for (i = 0; i < MAX_OPS && model_in->left; i++) {
		lua_settop(L, METHODS_AT);
		ops[fuzz_byte(model_in) % (sizeof(ops) / sizeof(*ops))](L);
		if (luai_stopping(L))
			break;
		compare(L);
	}
	return 0;
}

void target_run(struct fuzz_input *in)
{
	int status;

	used = 0;
	model_reset(in);
	status = fuzz_run_body(body, NULL);
	if (status && fuzz_calm())
		world_fail("it ends with %d: %s", status, fuzz_error);
}
