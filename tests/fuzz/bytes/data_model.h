/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The model that the target data compares data objects with, and what its two
 * files have of each other: targets/data_lua.c sees objects as bytes,
 * data_model_lua.c as numbers and fields.
 */
#ifndef _FUZZ_DATA_MODEL_H
#define _FUZZ_DATA_MODEL_H

#include "driver/binding.h"
#include "luadata/data.h"
#include "fuzz.h"

#define VIEWS		6
#define LAYOUTS		3
#define FIELDS		4
#define LARGEST		600
#define MAX_OPS		200

/* Stack: the objects at 1..VIEWS, then the layouts, then an object without any. */
#define LAYOUT_AT	(VIEWS + 1)
#define METHODS_AT	(VIEWS + LAYOUTS + 1)

struct field {
	const char *name;
	u64 offset;
	u64 length;
	bool is_string;
	bool little;
	bool absent;		/* no object can have it */
};

struct layout {
	int n;			/* 0: there is none */
	struct field fields[FIELDS];
};

struct bytes {
	u8 at[LARGEST];
};

struct view {
	struct bytes *bytes;	/* NULL: there is none */
	size_t offset;
	size_t size;
	struct layout layout;
};

/* The input, the views and layouts on the stack, the bytes, of which some are used. */
extern struct fuzz_input *model_in;
extern struct view model_views[VIEWS];
extern struct layout model_layouts[LAYOUTS];
extern struct bytes model_buffers[MAX_OPS + 2];

u8 *model_addr(const struct view *v);
bool model_covers(size_t size, lua_Integer offset, lua_Integer len);
void model_reset(struct fuzz_input *in);

lua_Integer model_take_integer(size_t size);
/* A place for an object; an object, if there is any. */
struct view *model_take_place(void);
struct view *model_take_view(void);

void model_push_method(lua_State *L, const char *name, const struct view *v);
/* Calls what is pushed; whether it succeeded, which is @want unless the world has troubles. */
bool model_call(lua_State *L, int nargs, int nresults, bool want);
void model_expect_integer(lua_State *L, lua_Integer want);
void model_expect_bytes(lua_State *L, const u8 *want, size_t size);
/* t[k] = v, as a function. */
int model_assign(lua_State *L);

/* Operations on numbers and fields */
void model_get(lua_State *L);
void model_set(lua_State *L);
void model_new_layout(lua_State *L);
void model_apply(lua_State *L);
void model_field_get(lua_State *L);
void model_field_set(lua_State *L);

#endif
