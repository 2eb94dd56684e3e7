// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * coroutine.resume and coroutine.wrap, for tasks: a coroutine that a task makes for
 * itself may wait, too. Then the whole task does: what such a wait yields is passed
 * on to the loop, and the coroutine resumed when the task is. Otherwise they are the
 * core's.
 */
#include "async/async.h"

const char luaasync_wait;

bool luaasync_push(lua_State *L, int which)
{
	struct luasocket_tasks *tasks = luaport_of(L)->tasks;

	if (!tasks || lua_rawgetp(L, LUA_REGISTRYINDEX, tasks) != LUA_TTABLE)
		return false;
	lua_rawgeti(L, -1, which);
	lua_remove(L, -2);
	return true;
}

/* Has it in the table of coroutines that wait, or not any more. */
static void mark(lua_State *L, lua_State *co, bool waits)
{
	luaasync_push(L, LUAASYNC_WAITING);
	lua_pushthread(co);
	lua_xmove(co, L, 1);
	lua_pushboolean(L, waits);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

/* What one of the tables has of it: LUA_TNIL if it is not there, @yes if that is not false. */
static int find(lua_State *L, lua_State *co, int which, bool *yes)
{
	int type;

	luaasync_push(L, which);
	lua_pushthread(co);
	lua_xmove(co, L, 1);
	type = lua_rawget(L, -2);
	*yes = lua_toboolean(L, -1);
	lua_pop(L, 2);
	return type;
}

/* Whether a task is in it, or it is a task's own. One that is not gets its place now: to mark it needs no memory then. */
static bool is_taken(lua_State *L, lua_State *co)
{
	bool taken;

	find(L, co, LUAASYNC_TASKS, &taken);
	if (!taken && find(L, co, LUAASYNC_WAITING, &taken) == LUA_TNIL)
		mark(L, co, false);
	return taken;
}

/* What keeps it from being resumed, or NULL. */
static const char *refusal(lua_State *L, lua_State *co, int narg)
{
	if (!lua_checkstack(co, narg + 1))
		return "too many arguments to resume";
	if (lua_status(co) == LUA_OK && !lua_gettop(co))
		return "cannot resume dead coroutine";
	if (luaport_of(L)->tasks && luaport_of(L)->tasks->looping && is_taken(L, co))
		return "cannot resume non-suspended coroutine";
	return NULL;
}

/* The task cannot wait here: its coroutine goes on, where the wait raises. */
static void take_back(lua_State *L)
{
	luaasync_push(L, LUAASYNC_UNDO);
	lua_call(L, 0, 0);
}

/* Whether it yielded since a task is to wait; nothing is on its stack then. */
static bool is_wait(lua_State *co, int status)
{
	if (status != LUA_YIELD || lua_gettop(co) != 1 || lua_touserdata(co, -1) != &luaasync_wait)
		return false;
	lua_pop(co, 1);
	return true;
}

/*
 * Resumes it with the @narg values on top. Gives how many values came, which are
 * on top, or -1 and an error; does not return where the task must wait: then
 * it goes on with @k.
 */
static int resume_co(lua_State *L, lua_State *co, int narg, lua_KFunction k)
{
	const char *why = refusal(L, co, narg);
	int status, n;

	if (why) {
		lua_pushstring(L, why);
		return -1;
	}
	lua_xmove(L, co, narg);
	while (is_wait(co, status = luaport_resumed(L, lua_resume(co, L, narg)))) {
		if (lua_isyieldable(L)) {
			mark(L, co, true);
			lua_pushlightuserdata(L, (void *)&luaasync_wait);
			return lua_yieldk(L, 1, 0, k);
		}
		take_back(L);
		narg = 0;
	}
	if (status != LUA_OK && status != LUA_YIELD) {
		lua_xmove(co, L, 1);
		return -1;
	}
	n = lua_gettop(co);
	if (!lua_checkstack(L, n + 1)) {
		lua_pop(co, n);
		lua_pushliteral(L, "too many results to resume");
		return -1;
	}
	lua_xmove(co, L, n);
	return n;
}

static int resumed(lua_State *L, int n)
{
	lua_pushboolean(L, n >= 0);
	lua_insert(L, n >= 0 ? -(n + 1) : -2);
	return n >= 0 ? n + 1 : 2;
}

static int resume_on(lua_State *L, int status, lua_KContext ctx)
{
	lua_State *co = lua_tothread(L, 1);

	(void)status;
	(void)ctx;
	mark(L, co, false);
	return resumed(L, resume_co(L, co, 0, resume_on));
}

int luaasync_resume(lua_State *L)
{
	lua_State *co = lua_tothread(L, 1);

	luaL_argcheck(L, co, 1, "coroutine expected");
	return resumed(L, resume_co(L, co, lua_gettop(L) - 1, resume_on));
}

static int unwrapped(lua_State *L, int n)
{
	if (n >= 0)
		return n;
	if (lua_type(L, -1) == LUA_TSTRING) {
		luaL_where(L, 1);
		lua_insert(L, -2);
		lua_concat(L, 2);
	}
	return lua_error(L);
}

static int wrapped_on(lua_State *L, int status, lua_KContext ctx)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));

	(void)status;
	(void)ctx;
	mark(L, co, false);
	return unwrapped(L, resume_co(L, co, 0, wrapped_on));
}

static int wrapped(lua_State *L)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));

	return unwrapped(L, resume_co(L, co, lua_gettop(L), wrapped_on));
}

int luaasync_wrap(lua_State *L)
{
	lua_State *co;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	co = lua_newthread(L);
	lua_pushvalue(L, 1);
	lua_xmove(L, co, 1);
	lua_pushcclosure(L, wrapped, 1);
	return 1;
}
