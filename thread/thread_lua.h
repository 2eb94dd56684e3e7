/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the Lua half have of each other, and other folders of them. */
#ifndef _LUADRV_THREAD_LUA_H
#define _LUADRV_THREAD_LUA_H

#include "driver/binding.h"
#include "thread/thread.h"

/* The box type of channels (struct lchannel). */
extern const char lchannel_type[];

/* handle_lua.c */
void lthread_open(lua_State *L);
int lthread_create(lua_State *L);

/* execute_lua.c: what a thread does in its state; may raise what it has no memory to report. */
void lthread_execute(lua_State *L, struct lthread *t);

/* channel_lua.c */
void lchannel_open(lua_State *L);
int lchannel_create(lua_State *L);
/* Frees the channel in a box. */
void lchannel_release(void *object);

/*
 * A value in a parcel is one of these bytes and what follows it. Objects are
 * numbered as they come, from 1; PARCEL_SAME gives the number of an earlier
 * one. What is in tables and upvalues follows later, in the order of the
 * objects, so that neither side needs C stack for what is nested.
 */
enum parcel_tag {
	PARCEL_END,		/* of a table's pairs, of a function's upvalues */
	PARCEL_NIL,
	PARCEL_FALSE,
	PARCEL_TRUE,
	PARCEL_INTEGER,		/* s64 */
	PARCEL_SHORT,		/* u8 length, a string that is no object */
	PARCEL_GLOBALS,		/* the table of globals of the state that unpacks */
	PARCEL_SAME,		/* u64 number of an object */
	/* Objects */
	PARCEL_STRING,		/* u64 length, bytes */
	PARCEL_TABLE,		/* u64 length of its array; later pairs */
	PARCEL_ERROR,		/* the same, an error object */
	PARCEL_FUNCTION,	/* u64 length, bytecode; later upvalues */
	PARCEL_BUILTIN,		/* two short strings: library and name of a C function */
	PARCEL_SOCKET,
	PARCEL_VIEW,
	PARCEL_QUEUE,
	PARCEL_TIMER,
	/* In the upvalues of a function: u64 number; followed by its value if it is a new one */
	PARCEL_UPVALUE,
};

/* The longest string that is copied each time that it occurs. */
#define PARCEL_MAX_SHORT	40

/* pack_lua.c */

/* Pushes a box for a parcel; the slot that it returns takes it. */
void **lthread_push_parcel(lua_State *L);
/*
 * Packs the @n values from stack index @first on, and pushes the box of the
 * parcel; gives its slot. In errors the first one is called "@what @number", or
 * just @what if that is 0.
 */
void **lthread_pack(lua_State *L, int first, int n, const char *what, int number);

/* unpack_lua.c */

/* Pushes the values of @parcel, which is in a box on the stack; gives their number. */
int lthread_unpack(lua_State *L, struct lparcel *parcel);

#endif
