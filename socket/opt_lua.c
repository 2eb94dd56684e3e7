// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Methods of sockets for their options. What options there are is in the
 * tables of the kernel half; here are the kinds of their values.
 */

/***
 * Options.
 * @submodule socket
 */
#include <limits.h>
#include <string.h>

#include "luasocket.h"
#include "socket/opt.h"

static struct lsock *check_socket(lua_State *L)
{
	return luadrv_box_check(L, 1, luasocket_type);
}

void luasocket_push_option_error(lua_State *L, struct lsock *ls, int err, const char *call,
				 const char *option, const char *why)
{
	const char *addr;

	if (ls)
		luasocket_push_target(L, ls, NULL);
	else
		lua_pushnil(L);
	addr = lua_tostring(L, -1);
	luadrv_push_error(L, err, call, "%s%s%s%s%s%s", option, addr ? " of " : "",
			  addr ? addr : "", why ? " (" : "", why ? why : "",
			  why ? ")" : "");
	lua_remove(L, -2);
}

static int raise_option(lua_State *L, struct lsock *ls, int err, const char *call,
			const char *option, const char *why)
{
	luasocket_push_option_error(L, ls, err, call, option, why);
	return lua_error(L);
}

const struct lsock_opt *luasocket_find_option(lua_State *L, const char **name)
{
	int level = luasocket_check_name(L, 2, lsock_levels, INT_MAX, "level");
	const struct lsock_opt *opt;
	size_t len;
	int number;

	if (lua_type(L, 3) == LUA_TNUMBER) {
		number = luadrv_check_int(L, 3, 0, INT_MAX, "option");
		opt = lsock_opt_numbered(level, number);
		*name = opt ? opt->name : lua_pushfstring(L, "level %d option %d", level, number);
		return opt;
	}

	*name = luaL_checklstring(L, 3, &len);
	opt = lsock_opt_named(level, *name, len);
	if (!opt)
		luaL_argerror(L, 3, lua_pushfstring(L, "invalid option name '%s'",
						    *name));
	*name = opt->name;
	return opt;
}

/* The same, but raises as @call where there is none. */
static const struct lsock_opt *check_option(lua_State *L, struct lsock *ls, const char *call)
{
	const char *name;
	const struct lsock_opt *opt = luasocket_find_option(L, &name);

	if (!opt)
		raise_option(L, ls, -ENOPROTOOPT, call, name, NULL);
	return opt;
}

/* Values to set: the argument 4 */

static bool is_bool(lua_State *L, int idx)
{
	return lua_type(L, idx) == LUA_TBOOLEAN;
}

/* What is on or off; the 2018 library had numbers for it. */
static lua_Integer check_bool(lua_State *L, const char *name)
{
	if (is_bool(L, 4))
		return lua_toboolean(L, 4);
	return luadrv_check_int(L, 4, INT_MIN, INT_MAX, name) != 0;
}

/* Pushes the field @name of the table at 4, or what is at @position. */
static int push_field(lua_State *L, const char *name, int position)
{
	int type = lua_getfield(L, 4, name);

	if (type != LUA_TNIL)
		return type;
	lua_pop(L, 1);
	return lua_geti(L, 4, position);
}

static void check_linger(lua_State *L, struct lsock_optval *val)
{
	if (is_bool(L, 4) && !lua_toboolean(L, 4))
		return;
	if (!lua_istable(L, 4)) {
		val->num = luadrv_check_int(L, 4, 0, INT_MAX, "linger");
		val->on = true;
		return;
	}
	push_field(L, "onoff", 1);
	val->on = is_bool(L, -1) ? lua_toboolean(L, -1) :
		  luadrv_field_range(L, -1, 0, 1, "linger.onoff");
	if (push_field(L, "linger", 2) != LUA_TNIL)
		val->num = luadrv_field_range(L, -1, 0, INT_MAX, "linger.linger");
}

/* The string on top, without a NUL inside, of a length in @min..@max. */
static void check_text(lua_State *L, const char *what, lua_Integer min,
		       lua_Integer max, struct lsock_optval *val)
{
	const char *text;
	size_t len;

	if (lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "%s must be a string, not a %s", what,
			   luaL_typename(L, -1));
	text = lua_tolstring(L, -1, &len);
	if ((lua_Integer)len < min || (lua_Integer)len > max || strlen(text) < len)
		luaL_error(L, "%s must be of %I..%I bytes without a zero", what,
			   (LUAI_UACINT)min, (LUAI_UACINT)max);
	memcpy(val->text, text, len + 1);
}

/* The index of a device, or its name, on top. */
static void check_device(lua_State *L, const struct lsock_opt *opt,
			 struct lsock_optval *val)
{
	if (lua_type(L, -1) == LUA_TSTRING)
		check_text(L, "device", 1, LSOCK_DEVICE_NAME, val);
	else
		val->num = luadrv_field_range(L, -1, opt->min, opt->max, "device");
}

/* A group's address, or a table of it and a device. */
static void check_group(lua_State *L, const struct lsock_opt *opt,
			struct lsock_optval *val)
{
	if (!lua_istable(L, 4)) {
		lua_pushvalue(L, 4);
	} else {
		if (push_field(L, "device", 2) != LUA_TNIL)
			check_device(L, opt, val);
		push_field(L, "group", 1);
	}
	luasocket_field_host(L, -1, lsock_opt_family(opt), &val->addr, opt->name,
			     "setsockopt");
}

/* The field of the instruction at the top, by name or by position; 0 if it is missing. */
static lua_Integer insn_field(lua_State *L, const char *name, int position,
			      lua_Integer max)
{
	lua_Integer n = 0;

	if (lua_getfield(L, -1, name) == LUA_TNIL) {
		lua_pop(L, 1);
		lua_geti(L, -1, position);
	}
	if (!lua_isnil(L, -1))
		n = luadrv_field_range(L, -1, 0, max, name);
	lua_pop(L, 1);
	return n;
}

/* An array of instructions, each {code=, jt=, jf=, k=} or {code, jt, jf, k}. */
static void check_filter(lua_State *L, const struct lsock_opt *opt,
			 struct lsock_optval *val)
{
	struct lsock_insn *insns;
	lua_Integer i, n;

	luaL_checktype(L, 4, LUA_TTABLE);
	n = luaL_len(L, 4);
	if (n < opt->min || n > opt->max)
		luaL_error(L, "%s must have %d..%d instructions", opt->name,
			   (int)opt->min, (int)opt->max);
	insns = lua_newuserdata(L, (size_t)n * sizeof(*insns));
	for (i = 0; i < n; i++) {
		if (lua_geti(L, 4, i + 1) != LUA_TTABLE)
			luaL_error(L, "instruction %I must be a table, not a %s",
				   (LUAI_UACINT)(i + 1), luaL_typename(L, -1));
		insns[i].code = (u16)insn_field(L, "code", 1, 0xffff);
		insns[i].jt = (u8)insn_field(L, "jt", 2, 0xff);
		insns[i].jf = (u8)insn_field(L, "jf", 3, 0xff);
		insns[i].k = (u32)insn_field(L, "k", 4, UINT_MAX);
		lua_pop(L, 1);
	}
	val->insns = insns;
	val->len = (unsigned int)n;
}

static void check_number(lua_State *L, const struct lsock_opt *opt,
			 struct lsock_optval *val)
{
	val->num = luadrv_check_range(L, 4, opt->min, opt->max, opt->name);
}

static void check_word(lua_State *L, const struct lsock_opt *opt,
		       struct lsock_optval *val)
{
	if (lua_type(L, 4) == LUA_TNUMBER)
		check_number(L, opt, val);
	else
		val->num = luasocket_check_name(L, 4, opt->words, 0, opt->name);
}

/* Leaves on the stack what @val points to. */
static void check_value(lua_State *L, const struct lsock_opt *opt,
			struct lsock_optval *val)
{
	switch (opt->kind) {
	case LSOCK_OPT_NONE:
		break;
	case LSOCK_OPT_BOOL:
		val->num = check_bool(L, opt->name);
		break;
	case LSOCK_OPT_LINGER:
		check_linger(L, val);
		break;
	case LSOCK_OPT_WORD:
		check_word(L, opt, val);
		break;
	case LSOCK_OPT_MASK:
		val->num = luasocket_check_mask(L, 4, opt->words, (int)opt->max,
						opt->name);
		break;
	case LSOCK_OPT_TEXT:
		check_text(L, opt->name, opt->min, opt->max, val);
		break;
	case LSOCK_OPT_DEVICE:
		check_device(L, opt, val);
		break;
	case LSOCK_OPT_GROUP:
		check_group(L, opt, val);
		break;
	case LSOCK_OPT_FILTER:
		check_filter(L, opt, val);
		break;
	default:
		if (opt->kind != LSOCK_OPT_MS || !lua_isnil(L, 4))
			check_number(L, opt, val);
		break;
	}
}

void luasocket_check_optval(lua_State *L, const struct lsock_opt *opt, struct lsock_optval *val)
{
	memset(val, 0, sizeof(*val));
	/* What can only be read takes nothing, so there is nothing to check. */
	if (opt->readonly)
		return;
	if (opt->kind != LSOCK_OPT_NONE)
		luaL_checkany(L, 4);
	lua_settop(L, 4);
	check_value(L, opt, val);
}

/* Values that were read */

lua_Integer luasocket_field_value(const u8 *raw, const struct lsock_field *field)
{
	u16 half;
	u32 word;
	u64 wide;

	switch (field->size) {
	case 1:
		return raw[field->offset];
	case 2:
		memcpy(&half, raw + field->offset, sizeof(half));
		return half;
	case 4:
		memcpy(&word, raw + field->offset, sizeof(word));
		return word;
	default:
		memcpy(&wide, raw + field->offset, sizeof(wide));
		return (lua_Integer)wide;
	}
}

static void push_table(lua_State *L, const struct lsock_opt *opt,
		       const struct lsock_optval *val)
{
	const struct lsock_field *field;

	lua_newtable(L);
	for (field = opt->fields; field->name; field++) {
		lua_pushinteger(L, luasocket_field_value(val->raw, field));
		lua_setfield(L, -2, field->name);
	}
}

void luasocket_push_optval(lua_State *L, const struct lsock_opt *opt,
			   const struct lsock_optval *val)
{
	switch (opt->kind) {
	case LSOCK_OPT_TEXT:
		lua_pushstring(L, val->text);
		return;
	case LSOCK_OPT_TABLE:
		push_table(L, opt, val);
		return;
	case LSOCK_OPT_ADDR:
		lua_createtable(L, 0, 2);
		luasocket_set_addr(L, lua_gettop(L), &val->addr);
		return;
	case LSOCK_OPT_LINGER:
		lua_createtable(L, 0, 2);
		lua_pushinteger(L, val->on);
		lua_setfield(L, -2, "onoff");
		lua_pushinteger(L, val->num);
		lua_setfield(L, -2, "linger");
		return;
	default:
		lua_pushinteger(L, val->num);
		return;
	}
}

/* Reads @opt and pushes its value. */
static int read_option(lua_State *L, struct lsock *ls, const struct lsock_opt *opt)
{
	struct lsock_optval val;
	int err = lsock_getsockopt(ls, opt, &val);

	if (err)
		return raise_option(L, ls, err, "getsockopt", opt->name, val.why);
	luasocket_push_optval(L, opt, &val);
	return 1;
}

/***
 * Sets an option of the socket. Which ones there are, and what each takes, is
 * listed in @{options.md}; @{socket.options} gives the same list to a script.
 *
 * A value is, by the option's kind, a boolean (or an integer, 0 for off), an
 * integer, milliseconds, a word (or its number), flags (words between blanks,
 * or an integer), a string, a table. It is checked before the kernel sees it:
 * what is out of range is a mistake of the script's.
 *
 * - `linger`: the seconds that close() waits for unsent data (0: it resets the
 *   connection), false for off, or a table `{onoff=, linger=}` or
 *   `{onoff, linger}`
 * - a device: its name, or its index
 * - a group: its address, as those of @{address}, or a table `{group=, device=}`
 *   or `{group, device}`
 * - a program of the packet filter: an array of instructions
 *   `{code=, jt=, jf=, k=}` or `{code, jt, jf, k}`; what is missing is 0
 *
 * Without a value at all it reads the option, as @{socket:getsockopt} does: an example
 * of the seed's document says so.
 *
 * @function socket:setsockopt
 * @tparam string|integer level name, letter or number (`socket.level`)
 * @tparam string|integer option name, letters or number (`socket.optname`)
 * @param[opt] value its new value; `detach_filter` and the like take none
 * @return nothing; without a value, that of the option
 * @raise error object of setsockopt(2), as `EINVAL`, `EPERM`, `ENODEV`;
 *  `ENOPROTOOPT` when the option can only be read or its number is unknown,
 *  `EOPNOTSUPP` when this socket, or this kernel, does not have it
 * @usage server:setsockopt("socket", "reuseaddr", true)
 * client:setsockopt("tcp", "nodelay", 1)
 * client:setsockopt("ip", "mtu_discover", "do")
 */
static int l_setsockopt(lua_State *L)
{
	struct lsock *ls = check_socket(L);
	const struct lsock_opt *opt = check_option(L, ls, "setsockopt");
	struct lsock_optval val;
	int err;

	if (lua_gettop(L) == 3 && (opt->readonly || opt->get))
		return read_option(L, ls, opt);
	luasocket_check_optval(L, opt, &val);
	err = lsock_setsockopt(ls, opt, &val);
	if (err)
		return raise_option(L, ls, err, "setsockopt", opt->name, val.why);
	return 0;
}

/***
 * Reads an option of the socket; see @{socket:setsockopt} for which there are.
 * @function socket:getsockopt
 * @tparam string|integer level name, letter or number (`socket.level`)
 * @tparam string|integer option name, letters or number (`socket.optname`)
 * @treturn integer|string|table an integer, 0 or 1 for what is off or on; a
 *  string; `linger`: a table with the fields `onoff` (0 or 1) and `linger`
 *  (seconds); an address: a table with the fields `addr` and `port`; `info` and
 *  `peercred`: a table with the fields that @{options.md} lists
 * @raise error object: `EOPNOTSUPP` when the option can only be set, or this
 *  socket, or this kernel, does not have it; `ENOPROTOOPT` when its number is
 *  unknown; `ENOTCONN` when only a connected socket has it
 * @usage local err = sock:getsockopt("socket", "error")
 * print(sock:getsockopt("tcp", "info").rtt)
 */
static int l_getsockopt(lua_State *L)
{
	struct lsock *ls = check_socket(L);

	return read_option(L, ls, check_option(L, ls, "getsockopt"));
}

const luaL_Reg luasocket_opt_methods[] = {
	{ "getsockopt", l_getsockopt },
	{ "setsockopt", l_setsockopt },
	{ NULL, NULL }
};
