// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Values out of a parcel into a Lua state. Only pack_lua.c makes parcels, so
 * what is in them is trusted, bytecode included.
 */
#include <string.h>

#include "load/load_lua.h"
#include "luadata/data.h"
#include "socket/luasocket.h"
#include "thread/thread_lua.h"

/*
 * @objects is the stack index of a table with each object under its number,
 * @upvalues of one with two entries for each upvalue: a function that has it,
 * and the number that it has there.
 */
struct unpacker {
	lua_State *L;
	struct lparcel *parcel;
	int objects;
	int upvalues;
	lua_Integer object_count;
	lua_Integer upvalue_count;
	u64 code_left;
};

static void take(struct unpacker *up, void *bytes, size_t len)
{
	if (!lparcel_read(up->parcel, bytes, len))
		luaL_error(up->L, "a parcel ends too early");
}

static enum parcel_tag take_tag(struct unpacker *up)
{
	u8 tag;

	take(up, &tag, 1);
	return tag;
}

static u64 take_number(struct unpacker *up)
{
	u64 n;

	take(up, &n, sizeof(n));
	return n;
}

static void push_short(struct unpacker *up)
{
	char text[PARCEL_MAX_SHORT];
	u8 len;

	take(up, &len, 1);
	take(up, text, len);
	lua_pushlstring(up->L, text, len);
}

static void push_string(struct unpacker *up)
{
	size_t len = take_number(up);
	luaL_Buffer b;

	take(up, luaL_buffinitsize(up->L, &b, len), len);
	luaL_pushresultsize(&b, len);
}

static void push_table(struct unpacker *up, bool error)
{
	u64 n = take_number(up);

	lua_createtable(up->L, n > INT_MAX ? INT_MAX : (int)n, 0);
	if (error)
		luadrv_error_mark(up->L);
}

static const char *next_code(lua_State *L, void *ud, size_t *len)
{
	struct unpacker *up = ud;
	const char *bytes;

	(void)L;
	bytes = lparcel_next(up->parcel, up->code_left, len);
	up->code_left -= *len;
	return bytes;
}

static void push_function(struct unpacker *up)
{
	up->code_left = take_number(up);
	if (luaport_undump(up->L, next_code, up) != LUA_OK)
		lua_error(up->L);
}

/* Pushes a name, which was written as a short string. */
static void push_name(struct unpacker *up)
{
	take_tag(up);
	push_short(up);
}

/* Pushes a table with a metatable that each state has of its own. */
static void push_typed(struct unpacker *up)
{
	push_name(up);
	lthread_push_known(up->L);
	take_tag(up);
	push_table(up, false);
	lua_insert(up->L, -2);
	lua_setmetatable(up->L, -2);
}

static void release_data(void *object)
{
	ldata_put(object);
}

/* Pushes an object that the parcel carries. */
static void push_attached(struct unpacker *up, enum parcel_tag tag)
{
	lua_State *L = up->L;
	enum lparcel_kind kind;
	void **slot;

	switch (tag) {
	case PARCEL_SOCKET:
		slot = luadrv_box_new(L, luasocket_type, luasocket_release);
		kind = LPARCEL_SOCKET;
		break;
	case PARCEL_VIEW:
		slot = luadrv_box_new(L, ldata_type, release_data);
		kind = LPARCEL_DATA;
		break;
	case PARCEL_QUEUE:
		slot = luadrv_box_new(L, lchannel_type, lchannel_release);
		kind = LPARCEL_CHANNEL;
		break;
	case PARCEL_TIMER:
		slot = luadrv_box_new(L, luatimer_type, luatimer_release);
		kind = LPARCEL_TIMER;
		break;
	case PARCEL_HISTOGRAM:
		slot = lhistogram_push(L);
		kind = LPARCEL_HISTOGRAM;
		break;
	default:
		luaL_error(L, "a parcel has no value where one should be");
		return;
	}
	*slot = lparcel_detach(up->parcel, kind);
}

static void push_object(struct unpacker *up, enum parcel_tag tag)
{
	switch (tag) {
	case PARCEL_STRING:
		push_string(up);
		break;
	case PARCEL_TABLE:
	case PARCEL_ERROR:
		push_table(up, tag == PARCEL_ERROR);
		break;
	case PARCEL_TYPED:
		push_typed(up);
		break;
	case PARCEL_FUNCTION:
		push_function(up);
		break;
	case PARCEL_BUILTIN:
		lua_pushcfunction(up->L, (lua_CFunction)take_number(up));
		break;
	case PARCEL_NAMED:
		push_name(up);
		lthread_look_up(up->L);
		break;
	default:
		push_attached(up, tag);
	}
	lua_pushvalue(up->L, -1);
	lua_rawseti(up->L, up->objects, ++up->object_count);
}

/* Pushes the value that begins with @tag. */
static void push_value(struct unpacker *up, enum parcel_tag tag)
{
	lua_State *L = up->L;

	luai_tick(L);
	switch (tag) {
	case PARCEL_NIL:
		lua_pushnil(L);
		break;
	case PARCEL_FALSE:
	case PARCEL_TRUE:
		lua_pushboolean(L, tag == PARCEL_TRUE);
		break;
	case PARCEL_INTEGER:
		lua_pushinteger(L, (lua_Integer)take_number(up));
		break;
	case PARCEL_SHORT:
		push_short(up);
		break;
	case PARCEL_KNOWN:
		push_name(up);
		lthread_push_known(L);
		break;
	case PARCEL_SAME:
		lua_rawgeti(L, up->objects, (lua_Integer)take_number(up));
		break;
	default:
		push_object(up, tag);
	}
}

/* Reads the pairs of the table on top. */
static void take_pairs(struct unpacker *up)
{
	enum parcel_tag tag;

	while ((tag = take_tag(up)) != PARCEL_END) {
		push_value(up, tag);
		push_value(up, take_tag(up));
		lua_rawset(up->L, -3);
	}
}

/* Joins upvalue @n of the function on top to the earlier one of number @id. */
static void join_upvalue(struct unpacker *up, int n, lua_Integer id)
{
	lua_State *L = up->L;
	int at;

	lua_rawgeti(L, up->upvalues, 2 * id - 1);
	lua_rawgeti(L, up->upvalues, 2 * id);
	at = (int)lua_tointeger(L, -1);
	lua_pop(L, 1);
	lua_upvaluejoin(L, -2, n, -1, at);
	lua_pop(L, 1);
}

/* Reads the upvalues of the function on top. */
static void take_upvalues(struct unpacker *up)
{
	lua_State *L = up->L;
	lua_Integer id;
	int n;

	for (n = 1; take_tag(up) == PARCEL_UPVALUE; n++) {
		id = (lua_Integer)take_number(up);
		if (id <= up->upvalue_count) {
			join_upvalue(up, n, id);
			continue;
		}
		push_value(up, take_tag(up));
		lua_setupvalue(L, -2, n);
		lua_pushvalue(L, -1);
		lua_rawseti(L, up->upvalues, ++up->upvalue_count * 2 - 1);
		lua_pushinteger(L, n);
		lua_rawseti(L, up->upvalues, up->upvalue_count * 2);
	}
}

static void take_contents(struct unpacker *up)
{
	lua_State *L = up->L;
	lua_Integer id;

	for (id = 1; id <= up->object_count; id++) {
		int type = lua_rawgeti(L, up->objects, id);

		if (type == LUA_TTABLE)
			take_pairs(up);
		else if (type == LUA_TFUNCTION && !lua_iscfunction(L, -1))
			take_upvalues(up);
		lua_pop(L, 1);
	}
}

int lthread_unpack(lua_State *L, struct lparcel *parcel)
{
	struct unpacker up = { .L = L, .parcel = parcel };
	int i, n;

	luaL_checkstack(L, 30, "to copy values");
	take_tag(&up);
	n = (int)take_number(&up);
	luaL_checkstack(L, n + 30, "to copy values");
	lua_newtable(L);
	up.objects = lua_gettop(L);
	lua_newtable(L);
	up.upvalues = lua_gettop(L);
	for (i = 0; i < n; i++)
		push_value(&up, take_tag(&up));
	take_contents(&up);
	lua_remove(L, up.upvalues);
	lua_remove(L, up.objects);
	return n;
}
