// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What the library async, which is written in Lua, is built on: what scripts
 * cannot do. The rest of this folder is the library.
 */
#include <limits.h>

#include "async/async.h"
#include "driver/embedded.h"
#include "load/load_lua.h"
#include "thread/thread_lua.h"

/* Calls that need not wait, before others have their turn. */
#define SLICE		64

static struct lsock *check_socket(lua_State *L)
{
	return luadrv_box_check(L, 1, luasocket_type);
}

/* need(name): a library that is written in Lua, whatever the script has made of require. */
static int core_need(lua_State *L)
{
	luadrv_push_library(L, luaL_checkstring(L, 1));
	return 1;
}

/* weak(poll): the set does not keep its members from being collected, and tells of those that are closed. */
static int core_weak(lua_State *L)
{
	lpoll_tell(luadrv_box_check(L, 1, luapoll_type));
	lua_getuservalue(L, 1);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "v");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	return 0;
}

/* methods(type): the table of methods of "socket", "channel", ... */
static int core_methods(lua_State *L)
{
	static const char *const names[] = { "socket", "channel", "timer", "relay", "relays", NULL };
	const char *const types[] = { luasocket_type, lchannel_type, luatimer_type, luarelay_type,
				      luarelays_type };

	luaL_getmetatable(L, types[luaL_checkoption(L, 1, NULL, names)]);
	lua_getfield(L, -1, "__index");
	return 1;
}

/* kind(sock): whether it is a stream; whether it has an end. */
static int core_kind(lua_State *L)
{
	struct lsock *ls = check_socket(L);

	lua_pushboolean(L, lsock_is_stream(ls));
	lua_pushboolean(L, lsock_has_end(ls));
	return 2;
}

/*
 * failure(code, call, where, sock, addr...): an error object. Instead of the socket there may be
 * another value, and no address.
 */
static int core_failure(lua_State *L)
{
	int code = luadrv_check_int(L, 1, 1, INT_MAX, "errno");
	const char *call = luaL_checkstring(L, 2);
	struct lsock *ls = luadrv_box_test(L, 4, luasocket_type);
	bool named = ls && !lua_isnoneornil(L, 5);
	struct lsock_addr addr;
	const char *target;

	luaL_checkstring(L, 3);
	if (named)
		luasocket_check_addr(L, 5, ls, false, &addr, call);
	if (ls)
		luasocket_push_target(L, ls, named ? &addr : NULL);
	else
		lua_pushnil(L);
	target = lua_tostring(L, -1);
	if (target)
		luadrv_push_error(L, code, call, "%s", target);
	else
		luadrv_push_error(L, code, call, NULL);
	lua_pushvalue(L, 3);
	lua_setfield(L, -2, "where");
	return 1;
}

/* slot(member): the table that goes with what poll sets can watch, or nil. */
static int core_slot(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TUSERDATA);
	/* Engines, and their messages, keep other things there. */
	if (luaL_testudata(L, 1, luaload_type) || luaL_testudata(L, 1, luaload_message_type))
		return 0;
	lua_getuservalue(L, 1);
	return 1;
}

/* set_slot(member, table) */
static int core_set_slot(lua_State *L)
{
	luapoll_check_pollable(L, 1);
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	lua_setuservalue(L, 1);
	return 0;
}

/* create(f, ...): a coroutine that has the arguments already. */
static int core_create(lua_State *L)
{
	int n = lua_gettop(L);
	lua_State *co;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	co = lua_newthread(L);
	if (!lua_checkstack(co, n + LUA_MINSTACK))
		return luaL_error(L, "too many arguments");
	lua_insert(L, 1);
	lua_xmove(L, co, n);
	return 1;
}

/* Another state may have got the function, without the library. */
static struct luasocket_tasks *check_tasks(lua_State *L)
{
	struct luasocket_tasks *tasks = luaport_of(L)->tasks;

	if (!tasks)
		luaL_error(L, "async: not in this thread");
	return tasks;
}

static lua_State *check_thread(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTHREAD);
	return lua_tothread(L, 1);
}

static bool is_fresh(lua_State *co)
{
	lua_Debug ar;

	return lua_status(co) == LUA_OK && !lua_getstack(co, 0, &ar) && lua_gettop(co) > 0;
}

/* fresh(co): whether it has not begun. */
static int core_fresh(lua_State *L)
{
	lua_pushboolean(L, is_fresh(check_thread(L)));
	return 1;
}

/* What coroutines are resumed with in the loop; and how many results they have, on their stack. */
static int resumed(lua_State *L, lua_State *co, int status)
{
	int n = lua_gettop(co);

	if (status == LUA_YIELD) {
		lua_pushinteger(L, n == 1 && lua_touserdata(co, -1) == &luaasync_wait ? 0 : 1);
		lua_pop(co, n);
		return 1;
	}
	lua_pushinteger(L, status == LUA_OK ? 2 : 3);
	if (status != LUA_OK)
		n = 1;
	if (!lua_checkstack(L, n + 1)) {
		lua_pop(co, n);
		lua_pushinteger(L, 3);
		lua_pushliteral(L, "too many results to return");
		return 2;
	}
	lua_xmove(co, L, n);
	return n + 1;
}

/*
 * resume(co): has a task run. Gives 0 when it waits, 1 when it yielded by
 * itself, 2 and its results, 3 and its error.
 */
static int core_resume(lua_State *L)
{
	struct luasocket_tasks *tasks = check_tasks(L);
	lua_State *co = check_thread(L);
	int n = lua_status(co) == LUA_OK ? lua_gettop(co) - 1 : 0;
	int status;

	/* A script can have put any coroutine there, or resumed this one itself. */
	if (lua_status(co) != LUA_YIELD && !is_fresh(co)) {
		lua_pushinteger(L, 3);
		lua_pushliteral(L, "cannot resume dead coroutine");
		return 2;
	}
	tasks->running = true;
	tasks->left = SLICE;
	status = luaport_resumed(L, lua_resume(co, L, n));
	tasks->running = false;
	return resumed(L, co, status);
}

/* guard(f, ...): calls it as pcall does; meanwhile it is looping(). */
static int core_guard(lua_State *L)
{
	struct luasocket_tasks *tasks = check_tasks(L);
	int status;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	lua_pushboolean(L, true);
	lua_insert(L, 1);
	tasks->looping = true;
	status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
	tasks->looping = false;
	tasks->running = false;
	if (status != LUA_OK) {
		luadrv_check_stop(L);
		lua_pushboolean(L, false);
		lua_replace(L, 1);
	}
	return lua_gettop(L);
}

static int core_looping(lua_State *L)
{
	lua_pushboolean(L, check_tasks(L)->looping);
	return 1;
}

/* active(): whether a task runs. */
static int core_active(lua_State *L)
{
	lua_pushboolean(L, check_tasks(L)->running);
	return 1;
}

/* spend(): counts a call that need not wait; true if others are to have their turn. */
static int core_spend(lua_State *L)
{
	lua_pushboolean(L, --check_tasks(L)->left <= 0);
	return 1;
}

/* serve(services): an array of what methods of sockets, and coroutines, need of the loop. */
static int core_serve(lua_State *L)
{
	struct luasocket_tasks *tasks = check_tasks(L);

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, tasks);
	return 0;
}

/* add(poll, member, events): watches a member; gives the errno if that fails. */
static int core_add(lua_State *L)
{
	unsigned int slot;
	int err = luapoll_add(L, 1, 2, (unsigned int)lua_tointeger(L, 3), &slot);

	if (!err)
		return 0;
	lua_pushinteger(L, -err);
	return 1;
}

/* look(poll, member, events): watches it for these, and looks at it now; false if the set does not have it any more. */
static int core_look(lua_State *L)
{
	struct lpoll *set = luadrv_box_check(L, 1, luapoll_type);
	struct lpollable *object = luapoll_check_pollable(L, 2);

	lua_pushboolean(L, !lpoll_modify(set, object, (unsigned int)lua_tointeger(L, 3)));
	return 1;
}

/* other(poll, member): the table that goes with the handle of the same object that the set has, if that is there. */
static int core_other(lua_State *L)
{
	struct lpoll *set = luadrv_box_check(L, 1, luapoll_type);
	unsigned int slot;

	if (lpoll_slot(set, luapoll_check_pollable(L, 2), &slot))
		return 0;
	lua_getuservalue(L, 1);
	if (lua_rawgeti(L, -1, (lua_Integer)slot + 1) != LUA_TUSERDATA)
		return 0;
	lua_getuservalue(L, -1);
	return 1;
}

/*
 * Puts the slot of the member @slot, and what is told of it, into the list at index 3. One of which the script has
 * no handle any more is of no interest, but may be open elsewhere, and would be told of for ever.
 */
static bool push_event(lua_State *L, struct lpoll *set, unsigned int slot, unsigned int events, int n)
{
	bool held = lua_rawgeti(L, 4, (lua_Integer)slot + 1) == LUA_TUSERDATA;

	if (!held)
		lpoll_discard(set, slot);
	if (!held || lua_getuservalue(L, -1) != LUA_TTABLE) {
		lua_settop(L, 4);
		return false;
	}
	lua_rawseti(L, 3, 2 * (lua_Integer)n + 1);
	lua_pushinteger(L, events);
	lua_rawseti(L, 3, 2 * (lua_Integer)n + 2);
	lua_settop(L, 4);
	return true;
}

/*
 * collect(poll, ms, list): waits for the set, and puts slots and events of members that have
 * something into the list, which has room for them. Gives how many there are.
 */
static int core_collect(lua_State *L)
{
	struct lpoll *set = luadrv_box_check(L, 1, luapoll_type);
	int timeout = (int)lua_tointeger(L, 2);
	int n = 0, most;
	enum lpoll_turn turn = LPOLL_FIRST;
	unsigned int slot, events;
	int res;

	luaL_checktype(L, 3, LUA_TTABLE);
	most = (int)lua_rawlen(L, 3) / 2;
	lua_settop(L, 3);
	lua_getuservalue(L, 1);
	while (n < most) {
		luadrv_wait_begin(L, "select");
		res = lpoll_wait(set, turn, timeout, &slot, &events);
		luadrv_wait_end(L);
		if (res == -EDEADLK)
			return luaL_error(L, "async.run: all tasks wait for each other");
		if (res < 0)
			return luadrv_raise(L, res, "poll select", NULL);
		if (!res)
			break;
		turn = LPOLL_NEXT;
		timeout = 0;
		n += push_event(L, set, slot, events, n);
	}
	lua_pushinteger(L, n);
	return 1;
}

/* What methods of sockets do, without waiting: false where they would have to. */
static int try_accept(lua_State *L) { return luasocket_try(L, &luasocket_accept_call); }
static int try_recv(lua_State *L) { return luasocket_try(L, &luasocket_recv_call); }
static int try_read(lua_State *L) { return luasocket_try(L, &luasocket_read_call); }
static int try_recvmsg(lua_State *L) { return luasocket_try(L, &luasocket_recvmsg_call); }
static int try_send(lua_State *L) { return luasocket_try(L, &luasocket_send_call); }
static int try_sendmsg(lua_State *L) { return luasocket_try(L, &luasocket_sendmsg_call); }

static const luaL_Reg core[] = {
	{ "active", core_active },
	{ "add", core_add },
	{ "co_resume", luaasync_resume },
	{ "co_wrap", luaasync_wrap },
	{ "collect", core_collect },
	{ "create", core_create },
	{ "failure", core_failure },
	{ "fresh", core_fresh },
	{ "guard", core_guard },
	{ "kind", core_kind },
	{ "look", core_look },
	{ "looping", core_looping },
	{ "methods", core_methods },
	{ "need", core_need },
	{ "other", core_other },
	{ "replace", luaasync_replace },
	{ "resume", core_resume },
	{ "serve", core_serve },
	{ "set_slot", core_set_slot },
	{ "slot", core_slot },
	{ "spend", core_spend },
	{ "try_accept", try_accept },
	{ "try_read", try_read },
	{ "try_recv", try_recv },
	{ "try_recvmsg", try_recvmsg },
	{ "try_send", try_send },
	{ "try_sendmsg", try_sendmsg },
	{ "weak", core_weak },
	{ NULL, NULL }
};

/* What methods see of the library; as long as the state is there. */
static void make_tasks(lua_State *L)
{
	struct luaport *port = luaport_of(L);
	struct luasocket_tasks *tasks;

	if (port->tasks)
		return;
	tasks = lua_newuserdata(L, sizeof(*tasks));
	*tasks = (struct luasocket_tasks){};
	lua_rawsetp(L, LUA_REGISTRYINDEX, &luaasync_wait);
	port->tasks = tasks;
}

int luaasync_core(lua_State *L)
{
	static const char *const libraries[] = { "data", "kernel", "socket", NULL };
	const char *const *name;

	make_tasks(L);
	luaL_newlib(L, core);
	lua_pushlightuserdata(L, (void *)&luaasync_wait);
	lua_setfield(L, -2, "WAIT");
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	for (name = libraries; *name; name++) {
		lua_getfield(L, -1, *name);
		lua_setfield(L, -3, *name);
	}
	lua_pop(L, 1);
	return 1;
}
