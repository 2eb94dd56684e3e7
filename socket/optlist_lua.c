// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The tables of socket options as scripts see them. */

/***
 * Options.
 * @submodule socket
 */
#include "luasocket.h"
#include "socket/opt.h"

static const char *const kinds[] = {
	[LSOCK_OPT_NONE] = "none",
	[LSOCK_OPT_BOOL] = "boolean",
	[LSOCK_OPT_INT] = "integer",
	[LSOCK_OPT_LONG] = "integer",
	[LSOCK_OPT_MS] = "ms",
	[LSOCK_OPT_WORD] = "word",
	[LSOCK_OPT_MASK] = "flags",
	[LSOCK_OPT_TEXT] = "string",
	[LSOCK_OPT_LINGER] = "linger",
	[LSOCK_OPT_TABLE] = "table",
	[LSOCK_OPT_ADDR] = "address",
	[LSOCK_OPT_DEVICE] = "device",
	[LSOCK_OPT_GROUP] = "group",
	[LSOCK_OPT_FILTER] = "filter",
};

static void set_string(lua_State *L, const char *name, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, lua_Integer value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, name);
}

static void set_boolean(lua_State *L, const char *name, bool value)
{
	lua_pushboolean(L, value);
	lua_setfield(L, -2, name);
}

static const char *level_name(int level)
{
	const struct lsock_name *name;

	for (name = lsock_levels; name->name; name++)
		if (name->value == level)
			return name->name;
	return NULL;
}

static void push_fields(lua_State *L, const struct lsock_field *fields)
{
	lua_Integer n = 0;

	lua_newtable(L);
	for (; fields->name; fields++) {
		lua_pushstring(L, fields->name);
		lua_rawseti(L, -2, ++n);
	}
}

static void push_option(lua_State *L, const struct lsock_opt *opt)
{
	lua_createtable(L, 0, 14);
	set_string(L, "level", level_name(opt->level));
	set_string(L, "name", opt->name);
	set_string(L, "letters", opt->letters);
	set_integer(L, "number", opt->optname);
	set_string(L, "kind", kinds[opt->kind]);
	set_boolean(L, "get", opt->readonly || opt->get);
	set_boolean(L, "set", !opt->readonly);
	if (!opt->readonly && opt->min < opt->max) {
		set_integer(L, "min", opt->min);
		set_integer(L, "max", opt->max);
	}
	set_string(L, "unit", opt->unit);
	set_string(L, "help", opt->help);
	set_string(L, "lacks", opt->lacks);
	if (opt->words) {
		luasocket_push_names(L, opt->words);
		lua_setfield(L, -2, "words");
	}
	if (opt->fields) {
		push_fields(L, opt->fields);
		lua_setfield(L, -2, "fields");
	}
}

/***
 * Lists all options of sockets, as @{options.md} does.
 * @function socket.options
 * @treturn {table,...} an array with a table for each option: `level`, `name`,
 *  `letters` (another name, or nil), `number`; `kind` of its value: "boolean",
 *  "integer", "ms", "word", "flags", "string", "linger", "table", "address",
 *  "device", "group", "filter" or "none"; `get` and `set`: whether it can be
 *  read and set; `min` and `max` of the value (of a string and of a filter: of
 *  its length); `unit`; `words`: the names of numbers or flags; `fields` of a
 *  table; `help`: what it does; `lacks`: why this kernel does not have it, or nil
 * @raise an error when the script has no memory for the table
 * @usage for _, o in ipairs(socket.options()) do print(o.level, o.name, o.help) end
 */
int luasocket_options(lua_State *L)
{
	const struct lsock_opt *const *table;
	const struct lsock_opt *opt;
	lua_Integer n = 0;

	lua_newtable(L);
	for (table = lsock_opt_tables; *table; table++) {
		for (opt = *table; opt->name; opt++) {
			push_option(L, opt);
			lua_rawseti(L, -2, ++n);
		}
	}
	return 1;
}

/* Sets the name's entry in the table on top: its number, or the name itself where another level has another one. */
static void set_optname(lua_State *L, const struct lsock_opt *opt)
{
	int type = lua_getfield(L, -1, opt->name);
	bool other = type != LUA_TNIL && lua_tointeger(L, -1) != opt->optname;

	lua_pop(L, 1);
	if (type == LUA_TNIL)
		set_integer(L, opt->name, opt->optname);
	else if (other)
		set_string(L, opt->name, opt->name);
}

void luasocket_push_options(lua_State *L)
{
	const struct lsock_opt *const *table;
	const struct lsock_opt *opt;

	lua_newtable(L);
	for (table = lsock_opt_tables; *table; table++)
		for (opt = *table; opt->name; opt++)
			set_optname(L, opt);
}
