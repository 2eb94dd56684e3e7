// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What engines tell of what they did. */
#include <string.h>

#include "load/histogram.h"
#include "load/load_lua.h"
#include "luadata/data.h"
#include "socket/opt.h"

static const char *const cause_names[LLOAD_CAUSES] = {
	[LLOAD_CAUSE_CONNECT] = "connect",
	[LLOAD_CAUSE_ACCEPT] = "accept",
	[LLOAD_CAUSE_SEND] = "send",
	[LLOAD_CAUSE_RECV] = "recv",
	[LLOAD_CAUSE_RESET] = "reset",
	[LLOAD_CAUSE_EOF] = "eof",
	[LLOAD_CAUSE_SHORT] = "short",
	[LLOAD_CAUSE_TIMEOUT] = "timeout",
	[LLOAD_CAUSE_HOOK] = "hook",
};

struct lload *luaload_check_engine(lua_State *L)
{
	return luadrv_box_check(L, 1, luaload_type);
}

int luaload_number_of(const struct lsock_name *names, const char *name)
{
	while (strcmp(names->name, name))
		names++;
	return names->value;
}

static void set_count(lua_State *L, const char *name, u64 count)
{
	lua_pushinteger(L, (lua_Integer)count);
	lua_setfield(L, -2, name);
}

static void push_error_count(lua_State *L, const struct lload_error *error)
{
	lua_createtable(L, 0, 4);
	lua_pushstring(L, cause_names[error->cause]);
	lua_setfield(L, -2, "cause");
	set_count(L, "code", error->code);
	set_count(L, "count", error->count);
	if (error->code > 0)
		luadrv_push_error_name(L, error->code);
	else
		lua_pushstring(L, error->code ? "other" : "EOF");
	lua_setfield(L, -2, "name");
}

/* engine:counts() */
static int l_counts(lua_State *L)
{
	struct lload_counts counts;
	unsigned int i;

	lload_counts(luaload_check_engine(L), &counts);
	lua_createtable(L, 0, 16);
	set_count(L, "transactions", counts.transactions);
	set_count(L, "sent", counts.sent);
	set_count(L, "received", counts.received);
	set_count(L, "sends", counts.sends);
	set_count(L, "receives", counts.receives);
	set_count(L, "first", counts.first);
	set_count(L, "warmup_sends", counts.warmup_sends);
	set_count(L, "warmup_receives", counts.warmup_receives);
	set_count(L, "connects", counts.connects);
	set_count(L, "lost", counts.lost);
	set_count(L, "skipped", counts.skipped);
	set_count(L, "late", counts.late);
	set_count(L, "flows", counts.flows);
	set_count(L, "unanswered", counts.under_way);
	lua_pushboolean(L, counts.warm);
	lua_setfield(L, -2, "warm");
	lua_createtable(L, (int)counts.error_count, 0);
	for (i = 0; i < counts.error_count; i++) {
		push_error_count(L, &counts.errors[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, "errors");
	return 1;
}

static int try_copy(lua_State *L, struct lhist *(*get)(struct lload *e), void **slot)
{
	struct lhist *hist = get(luaload_check_engine(L)), *copy;
	int err = hist ? lhist_copy(luadrv_account_of(L), hist, &copy) : -ENOENT;

	if (!err)
		*slot = copy;
	return err;
}

/* Pushes a copy of what @get gives of the engine; nil if that is nothing. */
static int push_histogram(lua_State *L, struct lhist *(*get)(struct lload *e))
{
	void **slot = lhistogram_push(L);
	int err = try_copy(L, get, slot);

	/* At each interval the one before becomes garbage, of which the collector sees little. */
	if (luasocket_collect(L, err))
		err = try_copy(L, get, slot);
	if (err && err != -ENOENT)
		return luasocket_raise_new(L, err, "load", "histogram");
	if (err)
		lua_pushnil(L);
	return 1;
}

/* engine:latency() */
static int l_latency(lua_State *L)
{
	return push_histogram(L, lload_latency);
}

/* engine:response() */
static int l_response(lua_State *L)
{
	return push_histogram(L, lload_response);
}

static void release_view(void *object)
{
	ldata_put(object);
}

/* engine:rtts() */
static int l_rtts(lua_State *L)
{
	void **slot = luadrv_box_new(L, ldata_type, release_view);
	struct ldata *rtts, *view;
	u64 count;
	int err;

	rtts = lload_rtts(luaload_check_engine(L), &count);
	if (!rtts)
		return 0;
	err = ldata_segment(rtts, 0, ldata_size(rtts), &view);
	if (err)
		return luasocket_raise_new(L, err, "load", "rtts");
	*slot = view;
	lua_pushinteger(L, (lua_Integer)count);
	return 2;
}

/* Of all connections: means, and a sum. */
static const char *const info_names[] = { "rtt", "rttvar", "snd_cwnd", "snd_mss", "total_retrans" };

#define INFOS		5
#define TOTAL_RETRANS	4

/* Adds the numbers of one connection to @sums; false if it has none. */
static bool add_info(struct lsock *ls, const struct lsock_opt *opt, lua_Integer sums[INFOS])
{
	const struct lsock_field *field;
	struct lsock_optval val;
	int i;

	if (lsock_getsockopt(ls, opt, &val))
		return false;
	for (field = opt->fields; field->name; field++)
		for (i = 0; i < INFOS; i++)
			if (!strcmp(field->name, info_names[i]))
				sums[i] += luasocket_field_value(val.raw, field);
	return true;
}

/* engine:info() */
static int l_info(lua_State *L)
{
	const struct lsock_opt *opt = lsock_opt_named(luaload_number_of(lsock_levels, "tcp"), "info", 4);
	lua_Integer sums[INFOS] = {}, n = 0;
	struct lsock *ls;
	u32 flow = 0;
	int i;

	while ((ls = lload_next_flow(luaload_check_engine(L), &flow)) != NULL) {
		n += add_info(ls, opt, sums);
		luadrv_check_stop(L);
	}
	if (!n)
		return 0;
	lua_createtable(L, 0, INFOS + 1);
	set_count(L, "flows", n);
	for (i = 0; i < INFOS; i++)
		set_count(L, info_names[i], i == TOTAL_RETRANS ? sums[i] : sums[i] / n);
	return 1;
}

const luaL_Reg luaload_counts_methods[] = {
	{ "counts", l_counts },
	{ "info", l_info },
	{ "latency", l_latency },
	{ "response", l_response },
	{ "rtts", l_rtts },
	{ NULL, NULL }
};
