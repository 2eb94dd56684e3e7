// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * An engine at work: what it wants of the script. Between two messages there
 * is no allocation; what a hook gets is there already.
 */
#include <string.h>

#include "load/load_lua.h"

/* The stack of run() */
#define ENGINE	1
#define VALUES	2	/* the engine's user value, and what that has: */
#define STATE	3
#define MESSAGE	4
#define SOCKETS	5
#define HOOKS	6
#define LAST	(HOOKS + LLOAD_HOOKS - 1)

#define MAX_ERRNO	4095

/* By enum lload_hook; of servers and of clients. */
static const char *const hook_names[2][LLOAD_HOOKS] = {
	{ "server_socket", "server_close", "server_sendmsg", "server_recvmsg", "server_recverr" },
	{ "client_socket", "client_close", "client_sendmsg", "client_recvmsg", "client_recverr" },
};

static const char *hook_name(const struct luaload_engine *state, const struct lload_call *call)
{
	return hook_names[state->kind.client][call->hook];
}

/* Pushes the object of the flow's socket. A flow has several, one after the other. */
static void push_socket(lua_State *L, const struct lload_call *call)
{
	lua_Integer at = (lua_Integer)call->flow + 1;
	void **slot;

	lua_rawgeti(L, SOCKETS, at);
	if (luadrv_box_test(L, -1, luasocket_type) == call->sock)
		return;
	lua_pop(L, 1);
	slot = luadrv_box_new(L, luasocket_type, luasocket_release);
	lsock_share(call->sock);
	*slot = call->sock;
	lua_pushvalue(L, -1);
	lua_rawseti(L, SOCKETS, at);
}

static void set_number(lua_State *L, const char *name, int number)
{
	lua_pushinteger(L, number);
	lua_setfield(L, -2, name);
}

/* Pushes what C's struct addrinfo would have, and the address once more as scripts write it. */
static void push_addrinfo(lua_State *L, const struct luaload_kind *kind, const struct lsock_addr *addr)
{
	lua_createtable(L, 0, 11);
	if (addr && addr->len) {
		luasocket_set_addr(L, lua_gettop(L), addr);
		luaload_push_addr(L, addr, kind->family);
		lua_setfield(L, -2, "ai_addr");
		set_number(L, "ai_addrlen", addr->len);
	}
	set_number(L, "family", kind->family);
	set_number(L, "socktype", kind->type);
	set_number(L, "protocol", kind->protocol);
	set_number(L, "ai_family", kind->family);
	set_number(L, "ai_socktype", kind->type);
	set_number(L, "ai_protocol", kind->protocol);
	set_number(L, "ai_flags", 0);
}

/* The bytes become the message, for as long as the hook runs. */
static void set_message(struct luaload_message *m, struct lload *e, const struct lload_call *call)
{
	m->e = e;
	m->hook = call->hook;
	m->sock = call->sock;
	m->offset = call->offset;
	m->len = call->len;
	m->looked = false;
	m->cursor = 0;
	m->addr.len = 0;
	if (call->addr)
		m->addr = *call->addr;
	m->result = call->flags;
	m->controllen = 0;
}

/* A hook that gives nil and an error object has failed as that says: a negative errno. Otherwise 0. */
static int failure_of(lua_State *L)
{
	int code = lua_isnil(L, -2) ? luadrv_error_code(L, lua_gettop(L)) : 0;

	return code >= 1 && code <= MAX_ERRNO ? -code : 0;
}

/* How many bytes a hook has moved, or a negative errno: its results are on top. To say nothing is a failure, too. */
static s64 check_moved(lua_State *L, const struct luaload_engine *state, const struct lload_call *call)
{
	const char *name = hook_name(state, call);
	lua_Integer n = lua_tointeger(L, -2);

	if (n > 0 && (lua_Unsigned)n <= call->len && lua_isinteger(L, -2))
		return n;
	if (lua_isnil(L, -2))
		n = failure_of(L) ? : -EPROTO;
	else if (!lua_isinteger(L, -2))
		luaL_error(L, "%s returned %s; it must return how many bytes it moved, or a negative errno",
			   name, luaL_tolstring(L, -2, NULL));
	if (n < -MAX_ERRNO)
		luaL_error(L, "%s returned %I, which is no negative errno", name, (LUAI_UACINT)n);
	if (n > 0 && (lua_Unsigned)n > call->len)
		luaL_error(L, "%s returned %I, but was to move %I bytes at most", name, (LUAI_UACINT)n,
			   (LUAI_UACINT)call->len);
	return n;
}

/* 0, or the negative errno that a hook ends the run with. */
static s64 check_passed(lua_State *L, const struct luaload_engine *state, const struct lload_call *call)
{
	lua_Integer n = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : failure_of(L);

	if (n < -MAX_ERRNO)
		luaL_error(L, "%s returned %I, which is no negative errno", hook_name(state, call),
			   (LUAI_UACINT)n);
	return n < 0 ? n : 0;
}

/* What run() works with */
struct run {
	struct lload *e;
	struct luaload_engine *state;
	struct luaload_message *m;
	struct luaload_now *now;
	struct lload_call call;
};

/* Calls the hook, and gives what lload_hooked() is to be told. */
static s64 call_hook(lua_State *L, struct run *run)
{
	const struct lload_call *call = &run->call;
	bool moves = call->hook >= LLOAD_HOOK_SENDMSG;
	s64 result;

	lua_pushvalue(L, HOOKS + call->hook);
	push_socket(L, call);
	if (moves) {
		lua_pushvalue(L, MESSAGE);
		lua_pushinteger(L, call->flags);
	} else {
		push_addrinfo(L, &run->state->kind, call->addr);
	}
	set_message(run->m, run->e, call);
	luaload_use_message(L, run->now, run->m, MESSAGE);
	lua_call(L, moves ? 3 : 2, 2);
	run->m->e = NULL;
	result = moves ? check_moved(L, run->state, call) : check_passed(L, run->state, call);
	lua_settop(L, LAST);
	return result;
}

static u64 grown(u64 now, u64 before)
{
	/* At the end of the warm-up counting begins anew. */
	return now < before ? now : now - before;
}

/* Tells the script's statistics what the engine has moved since the last time. */
static void account(lua_State *L, struct lload *e, struct luaload_engine *state)
{
	u64 received = state->counted.received, sent = state->counted.sent;

	lload_counts(e, &state->counted);
	luadrv_count_bytes(L, grown(state->counted.received, received), grown(state->counted.sent, sent));
}

static int raise_failure(lua_State *L, int err, const struct lload_call *call)
{
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	if (call->addr)
		luasocket_add_addr(L, &b, "", call->addr);
	luaL_pushresult(&b);
	return luasocket_raise_new(L, err, call->what ? call->what : "load",
				   lua_rawlen(L, -1) ? lua_tostring(L, -1) : NULL);
}

static int step(lua_State *L, struct lload *e, struct lload_call *call)
{
	int res;

	luadrv_wait_begin(L, "load");
	res = lload_step(e, call);
	luadrv_wait_end(L);
	return res;
}

static void push_stack(lua_State *L)
{
	static const int values[] = { LUALOAD_STATE, LUALOAD_MESSAGE, LUALOAD_SOCKETS };
	int i;

	lua_settop(L, ENGINE);
	lua_getuservalue(L, ENGINE);
	for (i = 0; i < 3; i++)
		lua_rawgeti(L, VALUES, values[i]);
	for (i = 0; i < LLOAD_HOOKS; i++)
		lua_rawgeti(L, VALUES, LUALOAD_HOOKS + i);
}

/* Calls the hook that is wanted; gives what lload_hooked() gave. */
static int hook(lua_State *L, struct run *run)
{
	const char *name = hook_name(run->state, &run->call);
	int res = lload_hooked(run->e, call_hook(L, run), &run->call);

	if (res < 0)
		run->call.what = name;
	return res;
}

/* Works until it is no hook that is wanted; gives what lload_step() gave. */
static int work(lua_State *L, struct run *run)
{
	bool again = false;
	int res;

	for (;;) {
		luai_tick(L);
		res = step(L, run->e, &run->call);
		/* What ran out may be there when what is not needed has been collected. */
		again = !again && res < 0 && run->call.again && luasocket_collect(L, res);
		if (again)
			continue;
		while (res == LLOAD_CALL)
			res = hook(L, run);
		/* A hook, or a finalizer, may have closed it. */
		if (res) {
			luadrv_box_check(L, ENGINE, luaload_type);
			return res;
		}
	}
}

int luaload_run(lua_State *L)
{
	static const char *const texts[] = {
		[LLOAD_READY] = "ready", [LLOAD_ASKED] = "asked", [LLOAD_TICK] = "tick", [LLOAD_END] = "end",
	};
	struct run run = { .e = luadrv_box_check(L, ENGINE, luaload_type) };
	int res;

	push_stack(L);
	run.state = luaload_engine_at(L, STATE);
	run.m = luaload_message_at(L, MESSAGE);
	run.now = luaload_get_now(L);
	if (run.state->running)
		return luaL_error(L, "this engine runs, or has failed");
	luaL_checktype(L, SOCKETS, LUA_TTABLE);
	run.state->running = true;
	res = work(L, &run);
	account(L, run.e, run.state);
	luadrv_box_check(L, ENGINE, luaload_type);
	run.state->running = false;
	if (res < 0)
		return raise_failure(L, res, &run.call);
	lua_pushstring(L, texts[res]);
	return 1;
}
