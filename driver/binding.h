/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a binding (a *_lua.c file) needs to hand kernel objects to scripts.
 *
 * Everything here takes a lua_State and may longjmp unless it says otherwise,
 * so a caller holds no lock and no reference outside a box. The order in a
 * binding is always: check every argument, push the empty box, acquire, fill
 * the box, push results.
 */
#ifndef _LUADRV_BINDING_H
#define _LUADRV_BINDING_H

#include <linux/types.h>
#include <linux/errno.h>

#include "lua.h"
#include "lauxlib.h"

struct luadrv_account;
struct net;

/* arg_lua.c: the only place where Lua integers become C integers */

/* The integer argument @arg, which must lie in @min..@max; @what names it in the error. */
lua_Integer luadrv_check_range(lua_State *L, int arg, lua_Integer min,
			       lua_Integer max, const char *what);
int luadrv_check_int(lua_State *L, int arg, int min, int max, const char *what);
size_t luadrv_check_size(lua_State *L, int arg, size_t min, size_t max,
			 const char *what);
/* The same for a value at stack index @idx that is a table's field, not an argument. */
lua_Integer luadrv_field_range(lua_State *L, int idx, lua_Integer min,
			       lua_Integer max, const char *what);
/* The time-out argument @arg in ms: nil or none gives -1 (no limit), else 0..INT_MAX. */
int luadrv_check_timeout(lua_State *L, int arg);

/* box_lua.c: userdata that owns one kernel object */

/*
 * Pushes an empty box with the metatable @type; the slot that it returns takes
 * the object. @release frees the object when the collector frees the box, or
 * the state ends; it may sleep and must not call Lua.
 */
void **luadrv_box_new(lua_State *L, const char *type,
		      void (*release)(void *object));
/* The slot of the box at @arg, which has been made before. */
void **luadrv_box_slot(lua_State *L, int arg, const char *type);
/* The object in the box at @arg; raises if it is no @type or is closed. */
void *luadrv_box_check(lua_State *L, int arg, const char *type);
/* The same, but gives NULL if it is closed. */
void *luadrv_box_open(lua_State *L, int arg, const char *type);
/* The same, but gives NULL where luadrv_box_check() would raise. Never raises. */
void *luadrv_box_test(lua_State *L, int arg, const char *type);
/*
 * Closes the box at @arg: gives its object the first time, and NULL from then
 * on. The object stays where it is until the box is freed, so that whoever got
 * it from a box on his stack may use it, whatever a finalizer closes meanwhile.
 */
void *luadrv_box_close(lua_State *L, int arg, const char *type);
/*
 * Registers the metatable @type: @methods go into its __index table, @meta
 * into the metatable itself; getmetatable() shows scripts only @type's name.
 */
void luadrv_box_type(lua_State *L, const char *type, const luaL_Reg *methods,
		     const luaL_Reg *meta);

/* error_lua.c: failures of kernel calls as error objects */

/* Makes the type of error objects. */
void luadrv_error_open(lua_State *L);

/*
 * Raises the error object of a failed kernel call: @err is the negative errno,
 * @call the call's name, @fmt (may be NULL) as in lua_pushfstring() tells what
 * it was done to ("127.0.0.1:80"). Raises the stop instead when the script is
 * being stopped. Never returns.
 */
int luadrv_raise(lua_State *L, int err, const char *call, const char *fmt, ...);
/* The same, but pushes the error object. */
void luadrv_push_error(lua_State *L, int err, const char *call, const char *fmt, ...);
/* Makes the table on top an error object. */
void luadrv_error_mark(lua_State *L);
/* The errno of the error object at @idx, 0 if it is none. */
int luadrv_error_code(lua_State *L, int idx);
/* What a run fails with that ends by the error at @idx: -ENOMEM, -EMFILE where it tells of a limit, else -ECANCELED. */
int luadrv_error_result(lua_State *L, int idx);
/* Pushes the table of errno names and numbers. */
void luadrv_push_errno_table(lua_State *L);

/* Pushes the name of an errno, "ENOENT"; @err may be negative. */
void luadrv_push_error_name(lua_State *L, int err);
/* Pushes what an errno means, "no such file or directory (ENOENT)"; @err may be negative. */
void luadrv_push_error_text(lua_State *L, int err);

/* require_lua.c: makes the globals require and package */
void luadrv_require_open(lua_State *L);
/* Pushes the library @name, which is written in Lua and compiled now if it was not before. */
void luadrv_push_library(lua_State *L, const char *name);
/*
 * Pushes what the file @path begins with, as much as a module may be long; or
 * nothing, and gives false, if it cannot be opened. Its reader's rights are the
 * script's.
 */
bool luadrv_push_file(lua_State *L, const char *path);

/* runtime_lua.c: the script around the binding */

/*
 * Bracket a kernel call that may sleep, which the table of scripts calls @wait
 * (a constant, one word); between the two nothing may raise. Neither raises.
 */
void luadrv_wait_begin(lua_State *L, const char *wait);
void luadrv_wait_end(lua_State *L);
/* Takes bytes into the statistics of the script. Never raises. */
void luadrv_count_bytes(lua_State *L, size_t received, size_t sent);
/*
 * From now on the script looks at luadrv_is_asked(), which tells whether it was
 * asked to come to its end early (LUADRV_INTERRUPT); or it does so no more.
 * Neither raises.
 */
void luadrv_heed(lua_State *L, bool heeds);
bool luadrv_is_asked(lua_State *L);
/* Raises if the script is to stop; otherwise lets others run. For loops of unbounded length. */
void luadrv_check_stop(lua_State *L);
/* Limits and namespace of the script; valid as long as it runs. Never raise. */
struct luadrv_account *luadrv_account_of(lua_State *L);
struct net *luadrv_net_of(lua_State *L);

/* Libraries that the runtime opens; each leaves its table on the stack. */
int luaopen_socket(lua_State *L);
int luaopen_data(lua_State *L);
int luaopen_kernel(lua_State *L);
int luaopen_thread(lua_State *L);

#endif
