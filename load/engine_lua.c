// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Engines for the library: how they are made, and told what to do. hook_lua.c runs them. */
#include <limits.h>
#include <string.h>

#include "load/load_lua.h"
#include "socket/opt.h"

const char luaload_type[] = "lengine";
static const char state_type[] = "lengine state";

#define MAX_FAMILY	255
/* SOCK_SEQPACKET. The greater ones are for other families. */
#define MAX_TYPE	5

static const char *const hook_names[LLOAD_HOOKS] = {
	[LLOAD_HOOK_SOCKET] = "socket",
	[LLOAD_HOOK_CLOSE] = "close",
	[LLOAD_HOOK_SENDMSG] = "sendmsg",
	[LLOAD_HOOK_RECVMSG] = "recvmsg",
	[LLOAD_HOOK_RECVERR] = "recverr",
};

static void release(void *object)
{
	lload_free(object);
}

/* What is kept with the engine at 1, as long as it is there. */
static struct luaload_engine *engine_state(lua_State *L)
{
	struct luaload_engine *state;

	luaload_check_engine(L);
	lua_getuservalue(L, 1);
	lua_rawgeti(L, -1, LUALOAD_STATE);
	state = luaload_engine_at(L, -1);
	lua_pop(L, 2);
	return state;
}

struct luaload_engine *luaload_engine_at(lua_State *L, int idx)
{
	return luaL_checkudata(L, idx, state_type);
}

/* An engine whose run() is not at work: what it is told would come amid something. */
static struct lload *check_idle(lua_State *L)
{
	if (engine_state(L)->running)
		luaL_error(L, "this engine runs, or has failed");
	return luaload_check_engine(L);
}

/* Keeps the value at @idx for as long as the engine at 1 is there. */
static void anchor(lua_State *L, int idx)
{
	idx = lua_absindex(L, idx);
	lua_getuservalue(L, 1);
	lua_rawgeti(L, -1, LUALOAD_ANCHORS);
	lua_pushvalue(L, idx);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
	lua_pop(L, 2);
}

/* Fields of the configuration at 1 */

static bool field_bool(lua_State *L, const char *name)
{
	bool value = false;

	if (lua_getfield(L, 1, name) != LUA_TNIL) {
		if (!lua_isboolean(L, -1))
			luaL_error(L, "%s must be a boolean, not a %s", name, luaL_typename(L, -1));
		value = lua_toboolean(L, -1);
	}
	lua_pop(L, 1);
	return value;
}

/* An integer of 1 or more, which is 1 if it is missing. */
static u32 field_count(lua_State *L, const char *name, u32 max)
{
	u32 value = 1;

	if (lua_getfield(L, 1, name) != LUA_TNIL)
		value = (u32)luadrv_field_range(L, -1, 1, max, name);
	lua_pop(L, 1);
	return value;
}

/* An integer up to @max, which is 0 if it is missing. */
static u32 field_most(lua_State *L, const char *name, u32 max)
{
	u32 value = 0;

	if (lua_getfield(L, 1, name) != LUA_TNIL)
		value = (u32)luadrv_field_range(L, -1, 0, max, name);
	lua_pop(L, 1);
	return value;
}

/* An integer of @min or more, which is 0 if it is missing; whether it is there. */
static bool field_number(lua_State *L, const char *name, lua_Integer min, u64 *value)
{
	bool given = lua_getfield(L, 1, name) != LUA_TNIL;

	*value = given ? (u64)luadrv_field_range(L, -1, min, LUA_MAXINTEGER, name) : 0;
	lua_pop(L, 1);
	return given;
}

static int field_word(lua_State *L, const char *name, const struct lsock_name *words, int max)
{
	int value;

	lua_getfield(L, 1, name);
	value = luasocket_field_name(L, -1, words, max, name);
	lua_pop(L, 1);
	return value;
}

static enum lload_kind field_kind(lua_State *L)
{
	static const char *const kinds[] = { [LLOAD_RR] = "rr", [LLOAD_CRR] = "crr", [LLOAD_STREAM] = "stream" };
	const char *kind;
	int i;

	lua_getfield(L, 1, "kind");
	kind = lua_tostring(L, -1);
	for (i = LLOAD_RR; kind && i <= LLOAD_STREAM; i++) {
		if (!strcmp(kind, kinds[i])) {
			lua_pop(L, 1);
			return i;
		}
	}
	luaL_error(L, "kind must be \"rr\", \"crr\" or \"stream\", not %s", luaL_tolstring(L, -1, NULL));
	return LLOAD_RR;
}

/* Puts the functions of the field hooks into the table on top. */
static unsigned int take_hooks(lua_State *L)
{
	unsigned int hooks = 0;
	int i;

	if (lua_getfield(L, 1, "hooks") == LUA_TNIL) {
		lua_pop(L, 1);
		return 0;
	}
	if (!lua_istable(L, -1))
		luaL_error(L, "hooks must be a table, not a %s", luaL_typename(L, -1));
	for (i = 0; i < LLOAD_HOOKS; i++) {
		if (lua_getfield(L, -1, hook_names[i]) == LUA_TNIL) {
			lua_pop(L, 1);
			continue;
		}
		if (!lua_isfunction(L, -1))
			luaL_error(L, "hooks.%s must be a function, not a %s", hook_names[i],
				   luaL_typename(L, -1));
		lua_rawseti(L, -3, LUALOAD_HOOKS + i);
		hooks |= 1U << i;
	}
	lua_pop(L, 1);
	return hooks;
}

static void take_config(lua_State *L, struct lload_config *config)
{
	config->client = field_bool(L, "client");
	config->kind = field_kind(L);
	config->family = field_word(L, "family", lsock_families, MAX_FAMILY);
	config->type = field_word(L, "type", lsock_types, MAX_TYPE);
	config->flows = field_count(L, "flows", LLOAD_MOST_FLOWS);
	config->request = field_count(L, "request", LLOAD_MOST_MESSAGE);
	config->response = field_count(L, "response", LLOAD_MOST_MESSAGE);
	config->buffer = field_count(L, "buffer", LLOAD_MOST_BUFFER);
	config->outstanding = field_count(L, "outstanding", LLOAD_MOST_OUTSTANDING);
	config->reads = field_bool(L, "reads");
	config->writes = field_bool(L, "writes");
	config->skips = field_bool(L, "skips");
	config->no_cork = field_bool(L, "no_cork");
	field_number(L, "seed", 0, &config->seed);
	config->limited = field_number(L, "transactions", 1, &config->transactions);
	config->skip_late = field_bool(L, "skip_late");
	field_number(L, "patience", 0, &config->patience);
	config->rtts = field_most(L, "rtts", LLOAD_MOST_RTTS);
}

/* Pushes the user value of an engine; the box is at 2. */
static void push_values(lua_State *L, struct lload_config *config)
{
	struct luaload_engine *state;
	bool tcp = config->type == luaload_number_of(lsock_types, "tcp");

	lua_createtable(L, LUALOAD_HOOKS + LLOAD_HOOKS - 1, 0);
	config->hooks = take_hooks(L);
	state = lua_newuserdata(L, sizeof(*state));
	luaL_setmetatable(L, state_type);
	*state = (struct luaload_engine){
		.kind = {
			.client = config->client,
			.family = config->family,
			.type = config->type,
			/* The level of a protocol's options is its number. */
			.protocol = luaload_number_of(lsock_levels, tcp ? "tcp" : "udp"),
		},
	};
	lua_rawseti(L, -2, LUALOAD_STATE);
	luaload_message_new(L, 2);
	lua_rawseti(L, -2, LUALOAD_MESSAGE);
	lua_newtable(L);
	lua_rawseti(L, -2, LUALOAD_SOCKETS);
	lua_newtable(L);
	lua_rawseti(L, -2, LUALOAD_ANCHORS);
}

static int try_new(lua_State *L, const struct lload_config *config, void **box)
{
	struct lload *e;
	int err = lload_new(luadrv_account_of(L), luadrv_net_of(L), config, &e);

	if (!err)
		*box = e;
	return err;
}

/* Others have no ports, or no connections. */
static void check_kind(lua_State *L, const struct lload_config *config)
{
	if (config->family != luaload_number_of(lsock_families, "inet") &&
	    config->family != luaload_number_of(lsock_families, "inet6"))
		luaL_error(L, "family must be \"inet\" or \"inet6\"");
	if (config->type != luaload_number_of(lsock_types, "tcp") &&
	    config->type != luaload_number_of(lsock_types, "udp"))
		luaL_error(L, "type must be \"tcp\" or \"udp\"");
}

/* engine(config) */
static int core_engine(lua_State *L)
{
	struct lload_config config = {};
	void **box;
	int err;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	take_config(L, &config);
	check_kind(L, &config);
	box = luadrv_box_new(L, luaload_type, release);
	push_values(L, &config);
	lua_setuservalue(L, 2);
	err = try_new(L, &config, box);
	if (luasocket_collect(L, err))
		err = try_new(L, &config, box);
	if (err)
		return luasocket_raise_new(L, err, "load", NULL);
	return 1;
}

/* What one more of what an engine may have many of could fail with. */
static int check_added(lua_State *L, int err, const char *what, int most)
{
	if (err == -ENOSPC || err == -E2BIG)
		return luaL_error(L, "an engine has at most %d %s", most, what);
	if (err)
		return luasocket_raise_new(L, err, "load", what);
	return 0;
}

/* engine:target(host, port) */
static int l_target(lua_State *L)
{
	struct lsock_addr addr;
	int err;

	luasocket_check_family_addr(L, 2, engine_state(L)->kind.family, false, &addr, "connect");
	err = lload_add_target(luaload_check_engine(L), &addr);
	if (luasocket_collect(L, err))
		err = lload_add_target(luaload_check_engine(L), &addr);
	return check_added(L, err, "targets", LLOAD_MOST_ADDRESSES);
}

/* engine:source(host, port) */
static int l_source(lua_State *L)
{
	struct lsock_addr addr;
	int err;

	luasocket_check_family_addr(L, 2, engine_state(L)->kind.family, true, &addr, "bind");
	err = lload_add_source(luaload_check_engine(L), &addr);
	if (luasocket_collect(L, err))
		err = lload_add_source(luaload_check_engine(L), &addr);
	return check_added(L, err, "sources", LLOAD_MOST_ADDRESSES);
}

/* engine:option(level, name, value): what it points to is the script's, and stays. */
static int l_option(lua_State *L)
{
	const struct lsock_opt *opt;
	struct lsock_optval val;
	const char *name;
	int err;

	luaload_check_engine(L);
	opt = luasocket_find_option(L, &name);
	if (!opt || opt->readonly) {
		luasocket_push_option_error(L, NULL, -ENOPROTOOPT, "setsockopt", name,
					    opt ? "it can only be read" : NULL);
		return lua_error(L);
	}
	luasocket_check_optval(L, opt, &val);
	if (val.insns)
		anchor(L, 5);
	err = lload_add_option(luaload_check_engine(L), opt, &val);
	if (luasocket_collect(L, err))
		err = lload_add_option(luaload_check_engine(L), opt, &val);
	return check_added(L, err, "options", LLOAD_MOST_OPTIONS);
}

/* engine:stage(length, from, to) */
static int l_stage(lua_State *L)
{
	struct lload_stage stage = {
		.length = luadrv_check_range(L, 2, 0, LUA_MAXINTEGER, "length of a stage"),
		.from = luadrv_check_range(L, 3, 0, LUA_MAXINTEGER, "rate"),
		.to = luadrv_check_range(L, 4, 0, LUA_MAXINTEGER, "rate"),
	};
	int err;

	err = lload_add_stage(luaload_check_engine(L), &stage);
	if (luasocket_collect(L, err))
		err = lload_add_stage(luaload_check_engine(L), &stage);
	return check_added(L, err, "stages", LLOAD_MOST_STAGES);
}

/* engine:serve(sock): the engine closes it at its end. */
static int l_serve(lua_State *L)
{
	struct lsock *ls;
	int err;

	luaload_check_engine(L);
	lua_settop(L, 2);
	luadrv_box_check(L, 2, luasocket_type);
	anchor(L, 2);
	ls = luadrv_box_check(L, 2, luasocket_type);
	err = lload_serve(luaload_check_engine(L), ls);
	if (luasocket_collect(L, err))
		err = lload_serve(luaload_check_engine(L), luadrv_box_check(L, 2, luasocket_type));
	if (err)
		return luasocket_raise(L, ls, err, "load", NULL);
	return 0;
}

/* engine:watch(channel) */
static int l_watch(lua_State *L)
{
	struct lpollable *object;
	int err;

	luaload_check_engine(L);
	lua_settop(L, 2);
	luapoll_check_pollable(L, 2);
	anchor(L, 2);
	object = luapoll_check_pollable(L, 2);
	err = lload_watch(luaload_check_engine(L), object);
	if (luasocket_collect(L, err))
		err = lload_watch(luaload_check_engine(L), luapoll_check_pollable(L, 2));
	if (err)
		return luasocket_raise_new(L, err, "load", NULL);
	return 0;
}

/* engine:start(begin, warm, end, interval) */
static int l_start(lua_State *L)
{
	struct lload_times times = {
		.begin = luadrv_check_range(L, 2, 0, LUA_MAXINTEGER, "begin"),
		.warm = luadrv_check_range(L, 3, lua_tointeger(L, 2), LUA_MAXINTEGER, "end of the warm-up"),
		.end = ~0ULL,
		.interval = luadrv_check_range(L, 5, 0, LUA_MAXINTEGER, "interval"),
	};

	if (!lua_isnil(L, 4))
		times.end = luadrv_check_range(L, 4, lua_tointeger(L, 3), LUA_MAXINTEGER, "end");
	lload_start(check_idle(L), &times);
	return 0;
}

/* engine:finish() */
static int l_finish(lua_State *L)
{
	lload_finish(check_idle(L));
	return 0;
}

/* engine:close(): its sockets are closed now; it goes with its box, as somebody may be at work with it. */
static int l_close(lua_State *L)
{
	struct lload *e = luadrv_box_close(L, 1, luaload_type);

	if (!e)
		return 0;
	/* A hook that has raised has left it. */
	lua_getuservalue(L, 1);
	lua_rawgeti(L, -1, LUALOAD_MESSAGE);
	luaload_message_at(L, -1)->e = NULL;
	lua_pop(L, 2);
	luadrv_wait_begin(L, "close");
	lload_shut(e);
	luadrv_wait_end(L);
	return 0;
}

static const luaL_Reg methods[] = {
	{ "close", l_close },
	{ "finish", l_finish },
	{ "option", l_option },
	{ "run", luaload_run },
	{ "serve", l_serve },
	{ "source", l_source },
	{ "stage", l_stage },
	{ "start", l_start },
	{ "target", l_target },
	{ "watch", l_watch },
	{ NULL, NULL }
};

const luaL_Reg luaload_engine_functions[] = {
	{ "engine", core_engine },
	{ NULL, NULL }
};

void luaload_engine_open(lua_State *L)
{
	luadrv_box_type(L, luaload_type, methods, NULL);
	luaL_newmetatable(L, state_type);
	lua_pop(L, 1);
	luaL_getmetatable(L, luaload_type);
	lua_getfield(L, -1, "__index");
	luaL_setfuncs(L, luaload_counts_methods, 0);
	lua_pop(L, 2);
}
