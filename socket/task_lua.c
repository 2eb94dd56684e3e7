// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Methods of sockets in tasks of the library async. There a call never waits in
 * the kernel: one that would have to yields to the loop of the tasks, and is made again
 * when that has seen the socket ready. What it has done so far stays on the
 * coroutine's stack. A call that need not wait costs a task no more than anybody.
 */
#include <limits.h>

#include "driver/script.h"
#include "luasocket.h"

#define NS_PER_MS	1000000LL
/* Milliseconds between two looks where nobody tells of the moment. */
#define PACE		10
/* What is on the stack, above what a method keeps there, while it waits. */
enum { GOT, PART, DONE, TRIES, DEADLINE, STATES };

static struct luasocket_tasks *tasks_of(lua_State *L)
{
	return luaport_of(L)->tasks;
}

bool luasocket_in_task(lua_State *L)
{
	struct luasocket_tasks *tasks = tasks_of(L);

	return tasks && tasks->running;
}

static int go_on(lua_State *L, int status, lua_KContext ctx);

/* Until when the call may wait, 0: not at all, -1: without end. */
static lua_Integer deadline_of(lua_State *L, const struct luasocket_call *call,
			       const struct luasocket_try *t)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);
	int ms = t->instant ? 0 : t->timeout;

	if (ms == LSOCK_AS_SOCKET)
		ms = ls ? lsock_patience(ls, call->side == LUASOCKET_WRITES) : 0;
	if (ms == LSOCK_FOREVER)
		return -1;
	return ms > 0 ? (lua_Integer)luadrv_time_ns() + ms * NS_PER_MS : 0;
}

/*
 * Has the loop call one of its functions, with the socket and its slot; then goes on. @how: to wait, whether only
 * time is to pass; to enter, whether the others are to have their turn first.
 */
static int ask_loop(lua_State *L, const struct luasocket_call *call,
		    const struct luasocket_try *t, int which, lua_Integer deadline, bool how)
{
	const lua_Integer states[STATES] = { t->got, t->part, t->done, t->tries, deadline };
	int i;

	if (which != LUASOCKET_ENTER && !lua_isyieldable(L))
		return luaL_error(L, "attempt to wait across a C-call boundary");
	luaL_checkstack(L, STATES + 6 + LUA_MINSTACK, NULL);
	for (i = 0; i < STATES; i++)
		lua_pushinteger(L, states[i]);
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, tasks_of(L)) != LUA_TTABLE)
		return luaL_error(L, "async: not in this thread");
	lua_rawgeti(L, -1, which);
	lua_remove(L, -2);
	lua_pushvalue(L, 1);
	lua_getuservalue(L, 1);
	lua_pushinteger(L, call->side);
	if (deadline == -1)
		lua_pushnil(L);
	else
		lua_pushinteger(L, deadline);
	lua_pushboolean(L, how);
	lua_callk(L, 5, 1, (lua_KContext)call, go_on);
	return go_on(L, LUA_YIELD, (lua_KContext)call);
}

static int attempt(lua_State *L, const struct luasocket_call *call,
		   struct luasocket_try *t, lua_Integer deadline)
{
	lua_Integer got = t->got;
	bool slow;
	int n;

	t->task = true;
	n = call->body(L, t);
	if (n != LUASOCKET_AGAIN)
		return n;
	if (!t->tries || (t->each && t->timeout == LSOCK_AS_SOCKET && t->got != got))
		deadline = deadline_of(L, call, t);
	else if (deadline > 0 && (lua_Integer)luadrv_time_ns() >= deadline)
		return call->end(L, t, -ETIMEDOUT);
	if (t->turn)
		return ask_loop(L, call, t, LUASOCKET_TURN, deadline, false);
	if (!deadline)
		return call->end(L, t, -EAGAIN);
	/* The second time in a row it only lets time pass: not everything tells of room. */
	if (t->got != got)
		t->tries &= ~1;
	slow = t->slow || (call->side == LUASOCKET_WRITES && t->tries & 1);
	return ask_loop(L, call, t, LUASOCKET_WAIT, deadline, slow);
}

static bool is_closed(lua_State *L)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);

	return !ls || lsock_is_closed(ls);
}

/* The loop has answered: with the errno that the call ends with, or nil. */
static int go_on(lua_State *L, int status, lua_KContext ctx)
{
	const struct luasocket_call *call = (const void *)ctx;
	int err = (int)lua_tointeger(L, -1);
	int at = lua_gettop(L) - STATES;
	struct luasocket_try t = {
		.got = lua_tointeger(L, at + GOT),
		.part = lua_tointeger(L, at + PART),
		.done = lua_tointeger(L, at + DONE),
		.tries = lua_tointeger(L, at + TRIES) + 1,
	};
	lua_Integer deadline = lua_tointeger(L, at + DEADLINE);

	(void)status;
	lua_settop(L, at - 1);
	if (!err && t.tries && is_closed(L))
		err = ECANCELED;
	if (err)
		return call->end(L, &t, -err);
	return attempt(L, call, &t, deadline);
}

/* Whether another task may be in the middle of a call. */
static bool is_held(lua_State *L, const struct luasocket_call *call)
{
	bool held = false;

	if (lua_type(L, 1) != LUA_TUSERDATA)
		return false;
	if (lua_getuservalue(L, 1) == LUA_TTABLE) {
		lua_rawgeti(L, -1, call->side + LUASOCKET_OWNER);
		lua_rawgeti(L, -2, call->side);
		held = lua_toboolean(L, -1) || lua_toboolean(L, -2);
		lua_pop(L, 2);
	}
	lua_pop(L, 1);
	return held;
}

int luasocket_do(lua_State *L, const struct luasocket_call *call)
{
	struct luasocket_tasks *tasks = tasks_of(L);
	struct luasocket_try t = {};
	bool turn;

	if (!tasks || !tasks->running)
		return call->body(L, &t);
	turn = --tasks->left <= 0 && lua_isyieldable(L);
	if (turn || is_held(L, call)) {
		luadrv_box_check(L, 1, luasocket_type);
		/* It counts as no try. */
		t.tries = -1;
		return ask_loop(L, call, &t, LUASOCKET_ENTER, -1, turn);
	}
	return attempt(L, call, &t, 0);
}

bool luasocket_spent(lua_State *L, struct luasocket_try *t)
{
	t->turn = t->task && !t->instant && !t->quiet && lua_isyieldable(L) && --tasks_of(L)->left <= 0;
	return t->turn;
}

bool luasocket_may_wait(const struct luasocket_try *t, struct lsock *ls, bool sending)
{
	if (!t->task || t->instant)
		return false;
	return t->timeout == LSOCK_AS_SOCKET ? lsock_patience(ls, sending) : t->timeout;
}

int luasocket_fail(lua_State *L, int err, const char *call)
{
	struct lsock *ls = luadrv_box_test(L, 1, luasocket_type);

	if (ls)
		return luasocket_raise(L, ls, err, call, NULL);
	return luadrv_raise(L, err, call, NULL);
}

bool luasocket_must_wait(const struct luasocket_try *t, ssize_t err)
{
	return t->task && !t->instant && err == -EAGAIN;
}

void luasocket_begin(struct luasocket_try *t, struct lsock_msg *m, int timeout)
{
	t->timeout = timeout;
	if (m->flags & lsock_instant_flags)
		t->instant = true;
	/* It connects, once; to send is possible when that is done. */
	if (t->tries)
		m->flags &= ~lsock_fastopen_flag;
	m->timeout = t->task ? 0 : timeout;
}

int luasocket_try(lua_State *L, const struct luasocket_call *call)
{
	struct luasocket_try t = { .task = true, .quiet = true };
	int n = call->body(L, &t);

	if (n != LUASOCKET_AGAIN)
		return n;
	if (t.got)
		return call->end(L, &t, -EAGAIN);
	lua_pushboolean(L, false);
	return 1;
}
