// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A Lua state from its making, by the first run, to its end. luadrv_state_run()
 * holds the one protected call through which the driver enters Lua; everything
 * that may raise happens inside of it.
 */

/***
 * Global functions that differ from those of Lua 5.3. Of `debug` there are
 * `traceback` and `getinfo`; `io`, `dofile`, `loadfile` are missing, and `load`
 * takes text only.
 *
 * The names of @{load}'s hooks and functions, C's socket calls and constants are known without
 * `require`, until the script has a variable of that name or gives `_G` another metatable. They
 * are not in `_G` itself, and the library is loaded when one of them is used.
 * @module _G
 */
#include <string.h>

#include "driver/binding.h"
#include "driver/script.h"
#include "load/load_lua.h"
#include "lualib.h"
#include "thread/thread_lua.h"

/*
 * What the protected call works on. @raised is what the script's last error
 * lets the run fail with.
 */
struct job {
	struct luadrv_runtime *rt;
	const char *script;
	size_t len;
	enum luadrv_job what;
	bool fresh;
	int raised;
	int err;
};

static struct luadrv_runtime *runtime_of(lua_State *L)
{
	return (struct luadrv_runtime *)luaport_of(L);
}

/***
 * Writes its arguments, as tostring() has them, with tabs between and a line
 * end: into the kernel log, a record a line; in a session to who reads it, for
 * whom it waits; of a detached script into its log.
 * @function print
 * @param ... any values
 * @return nothing
 * @raise error object: `ENOBUFS` when a session's output is full and nobody
 *  reads it; `ENOMEM`
 * @usage print("the answer", 6 * 7)
 */
static int l_print(lua_State *L)
{
	int i, n = lua_gettop(L);
	luaL_Buffer b;
	const char *text;
	size_t len;
	int err;

	luaL_buffinit(L, &b);
	for (i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&b, '\t');
		luaL_tolstring(L, i, NULL);
		luaL_addvalue(&b);
	}
	luaL_addchar(&b, '\n');
	luaL_pushresult(&b);
	text = lua_tolstring(L, -1, &len);
	luadrv_wait_begin(L, "print");
	err = luadrv_log(runtime_of(L), LUADRV_LOG_PRINT, text, len);
	luadrv_wait_end(L);
	if (err == -ENOBUFS)
		return luadrv_raise(L, err, "print", "nobody reads (limit: module parameter output, --output)");
	if (err)
		return luadrv_raise(L, err, "print", NULL);
	return 0;
}

/* Of debug, what can neither reach into other functions nor disarm the hook. */
static int luaopen_safe_debug(lua_State *L)
{
	static const char *const safe[] = { "traceback", "getinfo", NULL };
	int i;

	luaopen_debug(L);
	lua_newtable(L);
	for (i = 0; safe[i]; i++) {
		lua_getfield(L, -2, safe[i]);
		lua_setfield(L, -2, safe[i]);
	}
	return 1;
}

static const luaL_Reg libraries[] = {
	{ "_G", luaopen_base },
	{ LUA_COLIBNAME, luaopen_coroutine },
	{ LUA_TABLIBNAME, luaopen_table },
	{ LUA_STRLIBNAME, luaopen_string },
	{ LUA_UTF8LIBNAME, luaopen_utf8 },
	{ LUA_MATHLIBNAME, luaopen_math },
	{ LUA_OSLIBNAME, luaopen_os },
	{ LUA_DBLIBNAME, luaopen_safe_debug },
	{ "data", luaopen_data },
	{ "kernel", luaopen_kernel },
	{ "socket", luaopen_socket },
	{ "thread", luaopen_thread },
	{ NULL, NULL }
};

static void open_libraries(lua_State *L)
{
	const luaL_Reg *library;

	for (library = libraries; library->func; library++) {
		luaL_requiref(L, library->name, library->func, 1);
		lua_pop(L, 1);
	}
	lua_pushnil(L);
	lua_setglobal(L, "dofile");
	lua_pushnil(L);
	lua_setglobal(L, "loadfile");
	luadrv_error_open(L);
	lua_register(L, "print", l_print);
	luadrv_require_open(L);
	luaload_open_globals(L);
	lthread_name_builtins(L);
}

/* Message handler: any error as text, with a traceback. */
static int describe(lua_State *L)
{
	struct job *job = lua_touserdata(L, lua_upvalueindex(1));
	const char *text = lua_tostring(L, 1);

	job->raised = luadrv_error_result(L, 1);
	if (!text && luaL_callmeta(L, 1, "__tostring") &&
	    lua_type(L, -1) == LUA_TSTRING)
		text = lua_tostring(L, -1);
	if (!text)
		text = lua_pushfstring(L, "(error object is a %s value)",
				       luaL_typename(L, 1));
	/* An error object may come from another coroutine, or thread; or where it comes from is of no use. */
	if (lua_istable(L, 1)) {
		lua_pushliteral(L, "traceback");
		if (lua_rawget(L, 1) == LUA_TSTRING) {
			text = lua_pushfstring(L, "%s\n%s", text, lua_tostring(L, -1));
		} else if (lua_isboolean(L, -1)) {
			lua_pushstring(L, text);
			return 1;
		}
	}
	luaL_traceback(L, L, text, 1);
	return 1;
}

/* A first line that names an interpreter is for the shell; its line end stays, for the count. */
static void skip_shebang(struct job *job)
{
	const char *end;

	if (job->len < 2 || memcmp(job->script, "#!", 2))
		return;
	end = memchr(job->script, '\n', job->len);
	job->len = end ? job->len - (end - job->script) : 0;
	job->script = end;
}

static int errno_of(int status, int raised)
{
	switch (status) {
	case LUA_OK:
		return 0;
	case LUA_ERRSYNTAX:
		return -EINVAL;
	case LUA_ERRMEM:
		return -ENOMEM;
	default:
		return raised;
	}
}

/* The script's arguments: pushes them, as many as it returns, and sets the table arg. */
static int push_args(lua_State *L)
{
	struct luadrv_runtime *rt = runtime_of(L);
	const char *args, *end;
	int n = 0;
	size_t size;

	args = luadrv_runtime_args(rt, &size);
	end = args + size;
	while (args < end) {
		luaL_checkstack(L, 2, "too many arguments");
		lua_pushstring(L, args);
		args += strlen(args) + 1;
		n++;
	}
	return n;
}

static void set_arg_table(lua_State *L)
{
	int i, n;

	lua_newtable(L);
	lua_pushstring(L, luadrv_runtime_name(runtime_of(L)));
	lua_rawseti(L, -2, 0);
	n = push_args(L);
	for (i = n; i > 0; i--)
		lua_rawseti(L, -1 - i, i);
	lua_setglobal(L, "arg");
}

/* The name of the chunk, for messages; stays on the stack. */
static const char *push_chunk_name(lua_State *L)
{
	return lua_pushfstring(L, "=%s", luadrv_runtime_name(runtime_of(L)));
}

static void report(lua_State *L, struct job *job)
{
	const char *text;
	size_t len;

	/* A stop has told of itself. */
	if (luai_stopping(L))
		return;
	text = luaL_tolstring(L, -1, &len);
	luadrv_log(job->rt, LUADRV_LOG_ERROR, text, len);
}

/* The script's text is the function on top; then what was to be done at the end. The handler is at 2. */
static int run_text(lua_State *L)
{
	int status;

	luaload_begin_run(L);
	status = lua_pcall(L, push_args(L), 0, 2);
	if (status == LUA_OK && luaload_push_end(L)) {
		lua_pushboolean(L, !luadrv_runtime_stays(runtime_of(L)));
		status = lua_pcall(L, 1, 0, 2);
	}
	return status;
}

/* Runs in the protected call: opens the libraries, compiles, runs, reports. */
static int run_job(lua_State *L)
{
	struct job *job = lua_touserdata(L, 1);
	int status;

	if (job->fresh) {
		luaport_prepare_messages(L);
		open_libraries(L);
		set_arg_table(L);
		job->fresh = false;
	}
	if (job->what == LUADRV_JOB_THREAD) {
		job->err = lthread_execute(L, luadrv_runtime_thread(job->rt));
		return 0;
	}
	skip_shebang(job);
	lua_pushvalue(L, 1);
	lua_pushcclosure(L, describe, 1);
	status = luaL_loadbufferx(L, job->script, job->len, push_chunk_name(L), "t");
	lua_remove(L, -2);
	if (status == LUA_OK && job->what == LUADRV_JOB_RUN)
		status = run_text(L);
	job->err = errno_of(status, job->raised);
	if (status != LUA_OK)
		report(L, job);
	return 0;
}

/* What did not even come to the script, or to the report of its error. */
static void report_unfinished(struct luadrv_runtime *rt, lua_State *L, int status)
{
	struct lthread *thread = luadrv_runtime_thread(rt);
	const char *text = "error while an error was being reported";

	if (status == LUA_ERRMEM)
		text = LUAPORT_NO_MEMORY;
	else if (status == LUA_ERRRUN && lua_type(L, -1) == LUA_TSTRING)
		text = lua_tostring(L, -1);
	if (thread)
		lthread_error(thread, text, strlen(text));
	else
		luadrv_log(rt, LUADRV_LOG_ERROR, text, strlen(text));
}

/* A state that has its libraries, or one that gets them. NULL when there is no memory. */
static lua_State *state_of(struct luadrv_runtime *rt, struct job *job)
{
	struct luaport *port = (struct luaport *)rt;
	lua_State *L = port->state;

	job->fresh = !L;
	if (!L) {
		L = lua_newstate(luadrv_alloc, rt);
		/* As after a collection; here there is nothing yet to collect. */
		if (!L)
			L = lua_newstate(luadrv_alloc, rt);
		if (!L)
			return NULL;
		*(struct luaport **)lua_getextraspace(L) = port;
		port->state = L;
	}
	luaport_begin(port, L);
	return L;
}

int luadrv_state_run(struct luadrv_runtime *rt, const char *script, size_t len,
		     enum luadrv_job what)
{
	struct job job = { .rt = rt, .script = script, .len = len, .what = what,
			   .raised = -ECANCELED };
	struct luaport *port = (struct luaport *)rt;
	lua_State *L = state_of(rt, &job);
	int status;

	if (!L) {
		report_unfinished(rt, L, LUA_ERRMEM);
		return -ENOMEM;
	}
	lua_pushcfunction(L, run_job);
	lua_pushlightuserdata(L, &job);
	status = lua_pcall(L, 1, 0, 0);
	if (status != LUA_OK && !port->stop) {
		job.err = errno_of(status, -ECANCELED);
		report_unfinished(rt, L, status);
	}
	lua_settop(L, 0);
	if (port->stop)
		job.err = port->stop;
	if (port->stop > 0)
		luaport_exited(port);
	/* One that lacks libraries is of no use to the next run. */
	if (job.fresh)
		luadrv_state_close(rt, false);
	return job.err;
}

void luadrv_state_renew(struct luadrv_runtime *rt)
{
	struct luaport *port = (struct luaport *)rt;

	if (port->state)
		luaport_begin(port, port->state);
}

int luadrv_state_close(struct luadrv_runtime *rt, bool finalize)
{
	struct luaport *port = (struct luaport *)rt;
	lua_State *L = port->state;
	int stop;

	if (!L)
		return 0;
	if (!finalize)
		port->stop = -EINTR;
	/* Finalizers run in here, as stoppable as the script was. */
	lua_close(L);
	port->state = NULL;
	port->tasks = NULL;
	port->memory_message = NULL;
	port->stop_message = NULL;
	stop = port->stop;
	port->stop = 0;
	return stop;
}
