// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Threads, as the state sees them that spawned them. */

/***
 * Threads.
 * @submodule thread
 */
#include <limits.h>
#include <string.h>

#include "driver/script.h"
#include "socket/luasocket.h"
#include "thread/thread_lua.h"

static const char lthread_type[] = "lthread";

static struct lthread *check_thread(lua_State *L)
{
	return luadrv_box_check(L, 1, lthread_type);
}

static void release(void *object)
{
	lthread_release(object);
}

/* Raises that a thread has ended neither with results nor with an error of its own. */
static int raise_end(lua_State *L, u32 id, enum lthread_end end)
{
	switch (end) {
	case LTHREAD_NO_MEMORY:
		luadrv_push_error(L, -ENOMEM, "join",
				  "thread %d (limit: module parameter memory, --memory)", (int)id);
		lua_pushinteger(L, id);
		lua_setfield(L, -2, "thread");
		return lua_error(L);
	case LTHREAD_SPENT:
		/* They are the script's, so it has none either, unless a session's next run has begun. */
		luaport_check_budget(L);
		return luaL_error(L, "thread %d: no instructions left (limit: module parameter instructions, --instructions)",
				  (int)id);
	default:
		return luaL_error(L, "thread %d was stopped", (int)id);
	}
}

/***
 * Waits until the thread has ended, and gives its results.
 * @function lthread:join
 * @tparam[opt] integer ms how long to wait, in milliseconds; 0: not at all;
 *  nil or -1: for ever
 * @treturn boolean true; false when it has not ended in time
 * @return what the thread's function returned
 * @raise the thread's error: a text that begins with `thread ID:` and ends in
 *  its traceback, or a copy of the table or error object that it raised, an
 *  error object with the fields `thread` and `traceback`; error object:
 *  `ENOMEM`, with the field `thread`, when it ran out of memory; an error when
 *  it was stopped, or joined before. One that used up the script's
 *  instructions ends the script
 * @usage local ok, sum = t:join()
 */
static int l_join(lua_State *L)
{
	struct lthread *t = check_thread(L);
	int timeout = luasocket_check_wait(L, 2), n, err;
	void **slot = lthread_push_parcel(L);
	struct lparcel *parcel = NULL;
	enum lthread_end end;

	luadrv_wait_begin(L, "join");
	err = lthread_join(t, timeout, &parcel, &end);
	if (!err)
		*slot = parcel;
	luadrv_wait_end(L);
	if (err == -EALREADY)
		return luaL_error(L, "thread %d was joined before", (int)lthread_id(t));
	if (err && err != -EAGAIN)
		return luadrv_raise(L, err, "join", NULL);
	lua_pushboolean(L, !err);
	if (err)
		return 1;
	if (end != LTHREAD_RETURNED && end != LTHREAD_RAISED)
		return raise_end(L, lthread_id(t), end);
	n = lthread_unpack(L, parcel);
	return end == LTHREAD_RAISED ? lua_error(L) : n + 1;
}

/***
 * Stops the thread, whatever it does, and waits until it has ended. One that
 * has ended stays as it is.
 * @function lthread:stop
 * @return nothing
 * @raise an error when called on anything but a thread
 * @usage t:stop()
 */
static int l_stop(lua_State *L)
{
	struct lthread *t = check_thread(L);
	int err;

	luadrv_wait_begin(L, "stop");
	err = lthread_stop(t);
	luadrv_wait_end(L);
	if (err)
		return luadrv_raise(L, err, "stop", NULL);
	return 0;
}

/***
 * What the thread does, or how it ended.
 * @function lthread:status
 * @treturn string `"running"`, `"waiting"`, `"done"`, `"failed"`, `"stopped"`
 * @raise an error when called on anything but a thread
 * @usage if t:status() == "failed" then print(pcall(t.join, t)) end
 */
static int l_status(lua_State *L)
{
	lua_pushstring(L, lthread_status(check_thread(L)));
	return 1;
}

/***
 * The number that the table of scripts shows the thread with, as the field `id`.
 * @field id
 * @within lthread
 */
static int l_index(lua_State *L)
{
	struct lthread *t = check_thread(L);

	if (lua_type(L, 2) == LUA_TSTRING && !strcmp(lua_tostring(L, 2), "id")) {
		lua_pushinteger(L, lthread_id(t));
		return 1;
	}
	lua_pushvalue(L, 2);
	lua_rawget(L, lua_upvalueindex(1));
	return 1;
}

/***
 * The thread as text.
 * @function lthread:__tostring
 * @treturn string such as `lthread (7, running)`
 * @usage print(t)
 */
static int l_tostring(lua_State *L)
{
	struct lthread *t = check_thread(L);

	lua_pushfstring(L, "lthread (%d, %s)", (int)lthread_id(t), lthread_status(t));
	return 1;
}

static void check_options(lua_State *L, struct lthread_options *options)
{
	const char *name;
	size_t len;

	options->cpu = -1;
	options->owned = false;
	options->name[0] = '\0';
	if (!lua_istable(L, 1))
		return;
	if (lua_getfield(L, 1, "cpu") != LUA_TNIL)
		options->cpu = (int)luadrv_field_range(L, -1, 0, INT_MAX, "cpu");
	if (lua_getfield(L, 1, "name") != LUA_TNIL) {
		name = lua_tolstring(L, -1, &len);
		if (!name || !len || len >= sizeof(options->name) || strlen(name) != len)
			luaL_argerror(L, 1, "name must be a text of 1 to 63 bytes");
		memcpy(options->name, name, len + 1);
	}
	lua_getfield(L, 1, "owned");
	options->owned = lua_toboolean(L, -1);
	lua_pop(L, 3);
}

/* Where modules are looked for goes along. */
static void push_path(lua_State *L)
{
	lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
	if (lua_getfield(L, -1, "package") == LUA_TTABLE) {
		lua_pushliteral(L, "path");
		lua_rawget(L, -2);
	} else {
		lua_pushnil(L);
	}
	lua_replace(L, -3);
	lua_pop(L, 1);
}

static int try_spawn(lua_State *L, const struct lthread_options *options,
		     void **work, void **box)
{
	struct luadrv_runtime *rt = (struct luadrv_runtime *)luaport_of(L);
	struct lthread *t;
	int err = lthread_spawn(rt, options, *work, &t);

	if (!err) {
		*box = t;
		*work = NULL;
	}
	return err;
}

static int raise_spawn(lua_State *L, int err, const struct lthread_options *options)
{
	if (err == -EINVAL)
		return luadrv_raise(L, err, "spawn", "on cpu %d, which the script may not use",
				    options->cpu);
	return luasocket_raise_new(L, err, "spawn", NULL);
}

/***
 * Runs a function beside the script: in a kernel thread with a Lua state of
 * its own, which has the same libraries. It belongs to the script: it has its
 * network namespace, credentials and output, what it holds and executes counts
 * as the script's, and it is stopped when the script ends, if not before.
 *
 * An error that ends it is raised by @{lthread:join}. Unless a join waits for
 * the thread at that time, it is also told, once, where the script's errors are.
 *
 * The function, what it refers to, its arguments, its results, and what goes
 * through channels are copied: nil, booleans, integers, strings, tables with
 * whatever cycles, functions with their upvalues; what is there twice is
 * copied once; and histograms. Sockets, timers, data objects and channels are handed over: both
 * sides have the same. The bytes of a data object are shared without a lock (see
 * @{data.new}). The globals of the copy are those of the new state, so
 * functions that it calls must be upvalues (`local function`) or built in.
 * Everything else is refused, with its name: coroutines, tables with a
 * metatable, poll sets, threads, functions of C that hold something, as what
 * `string.gmatch` returns.
 *
 * @function thread.spawn
 * @tparam[opt] table options `cpu`: the processor that it runs on, one of
 *  those that the script may use; `name`: what it is called; `owned`: whether it is
 *  stopped with what runs now, and when the state has no use for its lthread any more
 * @tparam function|string f the function, or the name of a module that is one
 * @param ... its arguments
 * @treturn lthread
 * @raise an error that names what cannot be copied; error object: `EINVAL`
 *  when the script may not use that processor, `ENOMEM`, `ESHUTDOWN` when the
 *  script is over
 * @usage local t = thread.spawn({ name = "square" }, function(n) return n * n end, 7)
 * assert(select(2, t:join()) == 49)
 */
int lthread_create(lua_State *L)
{
	struct lthread_options options;
	int first = lua_istable(L, 1) ? 2 : 1, n, err;
	void **work, **box;

	check_options(L, &options);
	if (lua_type(L, first) != LUA_TFUNCTION && lua_type(L, first) != LUA_TSTRING)
		return luaL_argerror(L, first, lua_pushfstring(L,
			"function or name of a module expected, got %s",
			luaL_typename(L, first)));
	luaL_checkstack(L, 10, "too many arguments");
	n = lua_gettop(L) - first + 1;
	push_path(L);
	work = lthread_pack(L, first, n + 1, "argument", first);
	box = luadrv_box_new(L, lthread_type, release);
	err = try_spawn(L, &options, work, box);
	if (luasocket_collect(L, err))
		err = try_spawn(L, &options, work, box);
	if (err)
		return raise_spawn(L, err, &options);
	return 1;
}

static const luaL_Reg methods[] = {
	{ "join", l_join },
	{ "status", l_status },
	{ "stop", l_stop },
	{ NULL, NULL }
};

static const luaL_Reg meta[] = {
	{ "__tostring", l_tostring },
	{ NULL, NULL }
};

void lthread_open(lua_State *L)
{
	luadrv_box_type(L, lthread_type, methods, meta);
	luaL_getmetatable(L, lthread_type);
	lua_getfield(L, -1, "__index");
	/* The number is a field, and methods are in the upvalue. */
	lua_pushcclosure(L, l_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}
