// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Values of a Lua state into a parcel. Everything that can be reached from
 * them is listed as it is found, and each table and function of the list is
 * then written in turn.
 */
#include <string.h>

#include "async/async.h"
#include "load/load_lua.h"
#include "luadata/data.h"
#include "socket/luasocket.h"
#include "thread/thread_lua.h"

#define PARCEL_TYPE	"luadrv.parcel"

/* How many steps of the way to a value an error tells. */
#define MAX_STEPS	10

/*
 * @seen and @list are tables at these stack indexes. @seen has the number of
 * each object, and of each upvalue under its identity. @list has three
 * entries for each object: itself, the number of the object that it was found
 * in (0: it is one of the values), and the key or name that it has there.
 */
struct packer {
	lua_State *L;
	struct lparcel *parcel;
	int seen;
	int list;
	lua_Integer objects;
	lua_Integer upvalues;
	const char *what;
	int number;
};

static void release(void *object)
{
	lparcel_free(object);
}

void **lthread_push_parcel(lua_State *L)
{
	if (luaL_getmetatable(L, PARCEL_TYPE) == LUA_TNIL)
		luadrv_box_type(L, PARCEL_TYPE, NULL, NULL);
	lua_pop(L, 1);
	return luadrv_box_new(L, PARCEL_TYPE, release);
}

static void raise_memory(lua_State *L)
{
	luadrv_raise(L, -ENOMEM, "copy", "(limit: module parameter memory, --memory)");
}

static void emit(struct packer *pk, const void *bytes, size_t len)
{
	if (lparcel_reserve(pk->parcel, len)) {
		lua_gc(pk->L, LUA_GCCOLLECT, 0);
		if (lparcel_reserve(pk->parcel, len))
			raise_memory(pk->L);
	}
	lparcel_write(pk->parcel, bytes, len);
}

static void emit_tag(struct packer *pk, enum parcel_tag tag)
{
	u8 byte = tag;

	emit(pk, &byte, 1);
}

static void emit_number(struct packer *pk, enum parcel_tag tag, u64 n)
{
	u8 bytes[1 + sizeof(n)];

	bytes[0] = tag;
	memcpy(bytes + 1, &n, sizeof(n));
	emit(pk, bytes, sizeof(bytes));
}

static void emit_short(struct packer *pk, const char *text, size_t len)
{
	u8 bytes[2 + PARCEL_MAX_SHORT];

	bytes[0] = PARCEL_SHORT;
	bytes[1] = (u8)len;
	memcpy(bytes + 2, text, len);
	emit(pk, bytes, 2 + len);
}

/* Writes the name on top, and pops it. */
static void emit_name(struct packer *pk, enum parcel_tag tag)
{
	size_t len;
	const char *name = lua_tolstring(pk->L, -1, &len);

	emit_tag(pk, tag);
	emit_short(pk, name, len);
	lua_pop(pk->L, 1);
}

/* Pushes entry @which (0 to 2) of object @id in the list. */
static int push_entry(struct packer *pk, lua_Integer id, int which)
{
	return lua_rawgeti(pk->L, pk->list, 3 * (id - 1) + 1 + which);
}

static lua_Integer parent_of(struct packer *pk, lua_Integer id)
{
	lua_Integer parent;

	push_entry(pk, id, 1);
	parent = lua_tointeger(pk->L, -1);
	lua_pop(pk->L, 1);
	return parent;
}

/* Pushes what the value is called that is @key of a table. */
static void push_key(lua_State *L, int key, bool first)
{
	if (lua_type(L, key) == LUA_TSTRING)
		lua_pushfstring(L, first ? "%s" : ".%s", lua_tostring(L, key));
	else if (lua_isinteger(L, key))
		lua_pushfstring(L, "[%I]", (LUAI_UACINT)lua_tointeger(L, key));
	else
		lua_pushfstring(L, "[%s]", luaL_typename(L, key));
}

/* Appends the step to object @id to the text on top; @open: a field's name is there. */
static bool add_step(struct packer *pk, lua_Integer id, bool open)
{
	lua_State *L = pk->L;
	bool field = true;

	if (push_entry(pk, parent_of(pk, id), 0) == LUA_TFUNCTION)
		field = false;
	push_entry(pk, id, 2);
	if (field) {
		push_key(L, -1, !open);
		lua_pushfstring(L, "%s%s%s", lua_tostring(L, -4),
				open ? "" : ": field '", lua_tostring(L, -1));
	} else {
		lua_pushnil(L);
		lua_pushfstring(L, "%s%s: upvalue '%s'", lua_tostring(L, -4),
				open ? "'" : "", lua_tostring(L, -2));
	}
	lua_replace(L, -5);
	lua_pop(L, 3);
	return field;
}

/* Pushes which of the values it is that object @id, which has no parent, is. */
static void push_root(struct packer *pk, lua_Integer id)
{
	lua_State *L = pk->L;

	push_entry(pk, id, 2);
	if (pk->number)
		lua_pushfstring(L, "%s %I", pk->what,
				(LUAI_UACINT)lua_tointeger(L, -1));
	else
		lua_pushstring(L, pk->what);
	lua_remove(L, -2);
}

/* Raises: the last object of the list, @kind of thing, cannot be copied. */
static void refuse(struct packer *pk, const char *kind)
{
	lua_State *L = pk->L;
	lua_Integer steps[MAX_STEPS], id = pk->objects, parent;
	bool open = false, all = true;
	int n = 0;

	for (; (parent = parent_of(pk, id)) != 0; id = parent) {
		luai_tick(L);
		if (n < MAX_STEPS)
			steps[n++] = id;
		else
			all = false;
	}
	push_root(pk, id);
	if (!all)
		lua_pushfstring(L, "%s: ...", lua_tostring(L, -1));
	while (n > 0)
		open = add_step(pk, steps[--n], open);
	luaL_error(L, "cannot copy %s%s (%s)", lua_tostring(L, -1),
		   open ? "'" : "", kind);
}

/* Lists the object at @idx, which was found in object @parent under the key at @key. */
static void list_object(struct packer *pk, int idx, lua_Integer parent, int key)
{
	lua_State *L = pk->L;
	lua_Integer at = 3 * pk->objects;

	lua_pushvalue(L, idx);
	lua_rawseti(L, pk->list, at + 1);
	lua_pushinteger(L, parent);
	lua_rawseti(L, pk->list, at + 2);
	lua_pushvalue(L, key);
	lua_rawseti(L, pk->list, at + 3);
	lua_pushvalue(L, idx);
	lua_pushinteger(L, ++pk->objects);
	lua_rawset(L, pk->seen);
}

/* How many elements the table has from 1 on; what lies behind a gap may be far away. */
static u64 count_elements(lua_State *L, int idx)
{
	lua_Integer n = 0;

	while (lua_rawgeti(L, idx, n + 1) != LUA_TNIL) {
		luai_tick(L);
		lua_pop(L, 1);
		n++;
	}
	lua_pop(L, 1);
	return n;
}

static void put_table(struct packer *pk, int idx)
{
	lua_State *L = pk->L;
	enum parcel_tag tag = PARCEL_TABLE;

	if (lua_getmetatable(L, idx)) {
		if (luadrv_error_code(L, idx))
			tag = PARCEL_ERROR;
		else if (lthread_known_table(L, -1))
			emit_name(pk, PARCEL_TYPED);
		else
			refuse(pk, "a table with a metatable");
		lua_pop(L, 1);
	}
	emit_number(pk, tag, count_elements(L, idx));
}

/* Those of the libraries are in every state. */
static void put_builtin(struct packer *pk, int idx)
{
	lua_State *L = pk->L;

	if (!lthread_is_closure(L, idx)) {
		emit_number(pk, PARCEL_BUILTIN, (u64)lua_tocfunction(L, idx));
		return;
	}
	/* What the library async put in the place of another goes as that one. */
	if (lua_tocfunction(L, idx) == luaasync_replaced) {
		lua_getupvalue(L, idx, 1);
		emit_number(pk, PARCEL_BUILTIN, (u64)lua_tocfunction(L, -1));
		lua_pop(L, 1);
		return;
	}
	lua_pushvalue(L, idx);
	if (lthread_look_up(L) != LUA_TSTRING)
		refuse(pk, "a C function");
	emit_name(pk, PARCEL_NAMED);
}

static int count_bytes(lua_State *L, const void *bytes, size_t len, void *ud)
{
	(void)L;
	(void)bytes;
	*(u64 *)ud += len;
	return 0;
}

static int write_bytes(lua_State *L, const void *bytes, size_t len, void *ud)
{
	(void)L;
	emit(ud, bytes, len);
	return 0;
}

static void put_function(struct packer *pk, int idx)
{
	lua_State *L = pk->L;
	u64 len = 0;

	if (lua_iscfunction(L, idx)) {
		put_builtin(pk, idx);
		return;
	}
	lua_pushvalue(L, idx);
	luaport_dump(L, count_bytes, &len);
	emit_number(pk, PARCEL_FUNCTION, len);
	luaport_dump(L, write_bytes, pk);
	lua_pop(L, 1);
}

static const struct {
	const char *type;
	enum lparcel_kind kind;
	enum parcel_tag tag;
} attached[] = {
	{ luasocket_type, LPARCEL_SOCKET, PARCEL_SOCKET },
	{ "luadata", LPARCEL_DATA, PARCEL_VIEW },
	{ lchannel_type, LPARCEL_CHANNEL, PARCEL_QUEUE },
	{ luatimer_type, LPARCEL_TIMER, PARCEL_TIMER },
	{ lhistogram_type, LPARCEL_HISTOGRAM, PARCEL_HISTOGRAM },
};

static void put_userdata(struct packer *pk, int idx)
{
	lua_State *L = pk->L;
	void *object = NULL;
	unsigned int i;

	for (i = 0; i < sizeof(attached) / sizeof(*attached); i++) {
		object = luadrv_box_test(L, idx, attached[i].type);
		if (object)
			break;
		if (luaL_testudata(L, idx, attached[i].type))
			refuse(pk, lua_pushfstring(L, "a closed %s", attached[i].type));
	}
	if (!object) {
		luaL_getmetafield(L, idx, "__name");
		refuse(pk, lua_isstring(L, -1) ? lua_tostring(L, -1) : "userdata");
	}
	emit_tag(pk, attached[i].tag);
	if (!lparcel_attach(pk->parcel, attached[i].kind, object))
		return;
	lua_gc(L, LUA_GCCOLLECT, 0);
	if (lparcel_attach(pk->parcel, attached[i].kind, object))
		raise_memory(L);
}

static void put_string(struct packer *pk, int idx)
{
	size_t len;
	const char *text = lua_tolstring(pk->L, idx, &len);

	emit_number(pk, PARCEL_STRING, len);
	emit(pk, text, len);
}

static void put_object(struct packer *pk, int idx, lua_Integer parent, int key)
{
	lua_State *L = pk->L;
	lua_Integer id;

	if (lthread_known_table(L, idx)) {
		emit_name(pk, PARCEL_KNOWN);
		return;
	}
	lua_pushvalue(L, idx);
	lua_rawget(L, pk->seen);
	id = lua_tointeger(L, -1);
	lua_pop(L, 1);
	if (id) {
		emit_number(pk, PARCEL_SAME, id);
		return;
	}
	list_object(pk, idx, parent, key);
	switch (lua_type(L, idx)) {
	case LUA_TSTRING:
		put_string(pk, idx);
		break;
	case LUA_TTABLE:
		put_table(pk, idx);
		break;
	case LUA_TFUNCTION:
		put_function(pk, idx);
		break;
	case LUA_TUSERDATA:
		put_userdata(pk, idx);
		break;
	case LUA_TTHREAD:
		refuse(pk, "a coroutine");
		break;
	default:
		refuse(pk, "a light userdata");
	}
}

/* Writes the value at @idx, which object @parent has under the key at @key. */
static void put_value(struct packer *pk, int idx, lua_Integer parent, int key)
{
	lua_State *L = pk->L;
	const char *text;
	size_t len;

	luai_tick(L);
	switch (lua_type(L, idx)) {
	case LUA_TNIL:
		emit_tag(pk, PARCEL_NIL);
		return;
	case LUA_TBOOLEAN:
		emit_tag(pk, lua_toboolean(L, idx) ? PARCEL_TRUE : PARCEL_FALSE);
		return;
	case LUA_TNUMBER:
		emit_number(pk, PARCEL_INTEGER, lua_tointeger(L, idx));
		return;
	case LUA_TSTRING:
		text = lua_tolstring(L, idx, &len);
		if (len <= PARCEL_MAX_SHORT) {
			emit_short(pk, text, len);
			return;
		}
	}
	put_object(pk, idx, parent, key);
}

/* Writes the pairs of the table on top. */
static void put_pairs(struct packer *pk, lua_Integer id)
{
	lua_State *L = pk->L;
	int key = lua_gettop(L) + 1;

	lua_pushnil(L);
	while (lua_next(L, -2)) {
		put_value(pk, key, id, key);
		put_value(pk, key + 1, id, key);
		lua_pop(L, 1);
	}
	emit_tag(pk, PARCEL_END);
}

/* Writes the upvalues of the function on top: those that it shares by number. */
static void put_upvalues(struct packer *pk, lua_Integer id)
{
	lua_State *L = pk->L;
	int f = lua_gettop(L), n;
	const char *name;
	lua_Integer up;

	for (n = 1; (name = lua_getupvalue(L, f, n)) != NULL; n++) {
		lua_pushlightuserdata(L, lua_upvalueid(L, f, n));
		lua_pushvalue(L, -1);
		lua_rawget(L, pk->seen);
		up = lua_tointeger(L, -1);
		lua_pop(L, 1);
		emit_number(pk, PARCEL_UPVALUE, up ? up : pk->upvalues + 1);
		if (!up) {
			lua_pushinteger(L, ++pk->upvalues);
			lua_rawset(L, pk->seen);
			lua_pushstring(L, name);
			put_value(pk, f + 1, id, f + 2);
		}
		lua_settop(L, f);
	}
	emit_tag(pk, PARCEL_END);
}

static void put_contents(struct packer *pk)
{
	lua_State *L = pk->L;
	lua_Integer id;

	for (id = 1; id <= pk->objects; id++) {
		int type = push_entry(pk, id, 0);

		if (type == LUA_TTABLE)
			put_pairs(pk, id);
		else if (type == LUA_TFUNCTION && !lua_iscfunction(L, -1))
			put_upvalues(pk, id);
		lua_pop(L, 1);
	}
}

static void **new_parcel(lua_State *L)
{
	void **slot = lthread_push_parcel(L);
	struct luadrv_account *account = luadrv_account_of(L);
	struct lparcel *parcel;

	if (lparcel_new(account, &parcel)) {
		lua_gc(L, LUA_GCCOLLECT, 0);
		if (lparcel_new(account, &parcel))
			raise_memory(L);
	}
	*slot = parcel;
	return slot;
}

void **lthread_pack(lua_State *L, int first, int n, const char *what, int number)
{
	struct packer pk = { .L = L, .what = what, .number = number };
	void **slot;
	int i;

	luaL_checkstack(L, 30, "to copy values");
	slot = new_parcel(L);
	pk.parcel = *slot;
	lua_newtable(L);
	pk.seen = lua_gettop(L);
	lua_newtable(L);
	pk.list = lua_gettop(L);
	emit_number(&pk, PARCEL_INTEGER, n);
	for (i = 0; i < n; i++) {
		lua_pushinteger(L, number + i);
		put_value(&pk, first + i, 0, pk.list + 1);
		lua_pop(L, 1);
	}
	put_contents(&pk);
	lua_settop(L, pk.seen - 1);
	return slot;
}
