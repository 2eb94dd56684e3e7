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

/* execute_lua.c: what a thread does in its state, as luadrv_runtime_run(); may raise what it has no memory to report. */
int lthread_execute(lua_State *L, struct lthread *t);

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
	PARCEL_KNOWN,		/* short string, the name of a table that each state has of its own */
	PARCEL_SAME,		/* u64 number of an object */
	/* Objects */
	PARCEL_STRING,		/* u64 length, bytes */
	PARCEL_TABLE,		/* u64 number of elements without a gap; later pairs */
	PARCEL_TYPED,		/* short string, the name of its metatable; a table */
	PARCEL_ERROR,		/* the same, an error object */
	PARCEL_FUNCTION,	/* u64 length, bytecode; later upvalues */
	PARCEL_BUILTIN,		/* u64 address of a C function without upvalues */
	PARCEL_NAMED,		/* short string, the name of another one of the libraries */
	PARCEL_SOCKET,
	PARCEL_VIEW,
	PARCEL_QUEUE,
	PARCEL_TIMER,
	PARCEL_HISTOGRAM,
	/* In the upvalues of a function: u64 number; followed by its value if it is a new one */
	PARCEL_UPVALUE,
};

/* The longest string that is copied each time that it occurs. */
#define PARCEL_MAX_SHORT	40

/* builtin_lua.c: C functions and tables of the libraries */

/* Remembers what the libraries have, before any script runs in the state. */
void lthread_name_builtins(lua_State *L);
/* Whether the function at @idx has upvalues. */
bool lthread_is_closure(lua_State *L, int idx);
/* Replaces a closure of the libraries on top by its name, or a name by its closure; or by nil. */
int lthread_look_up(lua_State *L);
/* Whether each state has a table of its own for that at @idx: pushes its name then. */
bool lthread_known_table(lua_State *L, int idx);
/* Replaces that name on top by this state's table. May raise. */
void lthread_push_known(lua_State *L);

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
