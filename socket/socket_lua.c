// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The library "socket": its functions, its tables of names, and the type of
 * sockets, whose methods are in call_lua.c, msg_lua.c, msghdr_lua.c, opt_lua.c,
 * read_lua.c and sendfile_lua.c.
 */

/***
 * Sockets and poll sets. What fails in the kernel raises an @{error} object.
 * @module socket
 */
#include "luasocket.h"

const char luasocket_type[] = "luasocket";

/* SOCK_SEQPACKET. The greater ones are for other families. */
#define MAX_TYPE	5
#define MAX_FAMILY	255
/* Of a packet on the link; no IP has one above 255. */
#define MAX_PROTOCOL	65535

bool luasocket_collect(lua_State *L, int err)
{
	if (err != -EMFILE && err != -ENOMEM && err != -ENFILE && err != -ENOSPC)
		return false;
	lua_gc(L, LUA_GCCOLLECT, 0);
	return true;
}

int luasocket_raise_new(lua_State *L, int err, const char *call, const char *target)
{
	const char *limit = err == -EMFILE ? "sockets" :
			    err == -ENOMEM ? "memory" : NULL;

	if (limit)
		return luadrv_raise(L, err, call, "%s%s(limit: module parameter %s, --%s)",
				    target ? target : "", target ? " " : "", limit, limit);
	if (err == -ENOSPC)
		return luadrv_raise(L, err, call, "%s%s(a script may have %d packet sockets)",
				    target ? target : "", target ? " " : "", LSOCK_MOST_PACKETS);
	if (target)
		return luadrv_raise(L, err, call, "%s", target);
	return luadrv_raise(L, err, call, NULL);
}

/* The word for @value, of several the last; pushes its number if there is none. */
static const char *word_of(lua_State *L, const struct lsock_name *names, int value)
{
	const char *word = NULL;

	for (; names->name; names++)
		if (names->value == value)
			word = names->name;
	return word ? word : lua_pushfstring(L, "%d", value);
}

static int raise_socket(lua_State *L, int err, int family, int type, int protocol)
{
	const char *target;

	target = lua_pushfstring(L, "%s %s protocol %d", word_of(L, lsock_families, family),
				 word_of(L, lsock_types, type), protocol);
	return luasocket_raise_new(L, err, "socket", target);
}

static int try_new(lua_State *L, int family, int type, int protocol, void **box)
{
	struct lsock *ls;
	int err;

	err = lsock_new(luadrv_account_of(L), luadrv_net_of(L), family, type,
			protocol, &ls);
	if (!err)
		*box = ls;
	return err;
}

/***
 * Makes a socket, in the network namespace of the process that runs the script.
 * @function socket.new
 * @tparam string|integer family `"inet"`/`"i"`, `"inet6"`/`"i6"`, `"unix"`/`"x"`,
 *  `"packet"`/`"p"`, or the number of AF_INET, ...
 * @tparam string|integer type `"tcp"`/`"t"`/`"stream"`, `"udp"`/`"u"`/`"dgram"`,
 *  `"seqpacket"` (unix), `"raw"`/`"r"` (inet, inet6, packet), or the number of a
 *  SOCK_ constant
 * @tparam[opt=0] integer protocol a number of IPPROTO_, 0 for the type's own; with
 *  packet the protocol on the link to receive, `0x0800`, 3 for all, 0 for none
 *  until @{socket:bind}
 * @treturn luasocket
 * @raise error object of socket(2), as `EAFNOSUPPORT`; `EPERM` for raw and packet
 *  without CAP_NET_RAW; `EMFILE` when the script has all the sockets that it may,
 *  `ENOSPC` when it has all 32 packet sockets (each takes the kernel long to close)
 * @usage local sock = socket.new("inet", "tcp")
 * local ping = socket.new("inet6", "raw", 58)
 */
static int l_new(lua_State *L)
{
	int family = luasocket_check_name(L, 1, lsock_families, MAX_FAMILY, "family");
	int type = luasocket_check_name(L, 2, lsock_types, MAX_TYPE, "type");
	int protocol = 0;
	void **box;
	int err;

	if (!lua_isnoneornil(L, 3))
		protocol = luadrv_check_int(L, 3, 0, MAX_PROTOCOL, "protocol");
	box = luadrv_box_new(L, luasocket_type, luasocket_release);
	err = try_new(L, family, type, protocol, box);
	if (luasocket_collect(L, err))
		err = try_new(L, family, type, protocol, box);
	if (err)
		return raise_socket(L, err, family, type, protocol);
	return 1;
}

static int try_pair(lua_State *L, int type, void **first, void **second)
{
	struct lsock *pair[2];
	int err;

	err = lsock_pair(luadrv_account_of(L), luadrv_net_of(L), type, pair);
	if (!err) {
		*first = pair[0];
		*second = pair[1];
	}
	return err;
}

/***
 * Makes two unix sockets that are connected to each other.
 * @function socket.pair
 * @tparam[opt="stream"] string|integer type `"stream"`, `"dgram"`, `"seqpacket"`
 * @treturn luasocket one end
 * @treturn luasocket the other
 * @raise error object of socketpair(2); `EMFILE` as in @{socket.new}
 * @usage local a, b = socket.pair()
 */
static int l_pair(lua_State *L)
{
	void **first, **second;
	int type = 1;
	int err;

	if (!lua_isnoneornil(L, 1))
		type = luasocket_check_name(L, 1, lsock_types, MAX_TYPE, "type");
	first = luadrv_box_new(L, luasocket_type, luasocket_release);
	second = luadrv_box_new(L, luasocket_type, luasocket_release);
	err = try_pair(L, type, first, second);
	if (luasocket_collect(L, err))
		err = try_pair(L, type, first, second);
	if (err)
		return luasocket_raise_new(L, err, "socketpair", word_of(L, lsock_types, type));
	return 2;
}

static const luaL_Reg functions[] = {
	{ "new", l_new },
	{ "options", luasocket_options },
	{ "pair", l_pair },
	{ "poll", luapoll_new },
	{ "relay", luarelay_relay },
	{ "relays", luarelays_new },
	{ "splice", luarelay_splice },
	{ "timer", luatimer_new },
	{ NULL, NULL }
};

static int close_later(lua_State *L, bool shutdown)
{
	struct lsock *ls = luadrv_box_check(L, 1, luasocket_type);
	int ms = luadrv_check_int(L, 2, 0, 60000, "delay in ms");
	int err = lsock_close_later(ls, ms, shutdown);

	if (err)
		return luadrv_raise(L, err, "close_later", NULL);
	return 0;
}

/* For tests: close_later(sock, ms) has another task close a socket. */
static int l_close_later(lua_State *L)
{
	return close_later(L, false);
}

/* For tests: shutdown_later(sock, ms) has another task shut it down. */
static int l_shutdown_later(lua_State *L)
{
	return close_later(L, true);
}

static void add_testing(lua_State *L)
{
	lua_createtable(L, 0, 2);
	lua_pushcfunction(L, l_close_later);
	lua_setfield(L, -2, "close_later");
	lua_pushcfunction(L, l_shutdown_later);
	lua_setfield(L, -2, "shutdown_later");
	lua_setfield(L, -2, "testing");
}

static void add_methods(lua_State *L, const luaL_Reg *methods)
{
	luaL_getmetatable(L, luasocket_type);
	lua_getfield(L, -1, "__index");
	luaL_setfuncs(L, methods, 0);
	lua_pop(L, 2);
}

/* Sets the library's field @name to the table on top, which it pops. */
static void set_table(lua_State *L, const char *name)
{
	lua_setfield(L, -2, name);
}

static void add_names(lua_State *L, const char *field, const struct lsock_name *names)
{
	luasocket_push_names(L, names);
	set_table(L, field);
}

/***
 * Names of the kernel's numbers. Wherever a number is expected, its name is
 * accepted too.
 *
 * - `socket.level`: levels of options: socket, tcp, udp, raw, ip, ipv6
 * - `socket.optname`: options, see @{options.md}; one that has another number on
 *   another level is its name here, so that it is right on each of them
 * - `socket.flag`: DONTWAIT, PEEK, TRUNC, WAITALL, MORE, OOB, ...
 * - `socket.errno`: ECONNREFUSED, EAGAIN, ..., as in the field `code` of an
 *   error object
 * - `socket.shut`: directions of @{socket:shutdown}: read, write, both
 * - `socket.event`: events of poll sets: IN, PRI, OUT, ERR, HUP, RDHUP; and how
 *   they are reported: ONESHOT, ET
 *
 * @table socket
 */
int luaopen_socket(lua_State *L)
{
	luadrv_box_type(L, luasocket_type, luasocket_call_methods, luasocket_meta);
	add_methods(L, luasocket_msg_methods);
	add_methods(L, luasocket_msghdr_methods);
	add_methods(L, luasocket_read_methods);
	add_methods(L, luasocket_sendfile_methods);
	add_methods(L, luasocket_opt_methods);
	luapoll_open(L);
	luatimer_open(L);
	luaupcall_open(L);
	luarelay_open(L);
	luarelays_open(L);

	luaL_newlib(L, functions);
	luaL_setfuncs(L, luasocket_resolve_functions, 0);
	add_names(L, "level", lsock_levels);
	add_names(L, "flag", lsock_flags);
	add_names(L, "shut", lsock_shuts);
	add_names(L, "event", lsock_events);
	luasocket_push_options(L);
	set_table(L, "optname");
	luadrv_push_errno_table(L);
	set_table(L, "errno");
	if (lsock_testing())
		add_testing(L);
	return 1;
}
