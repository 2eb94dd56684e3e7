// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Addresses as arguments, fields of tables and results. */

/***
 * Addresses as scripts write them and get them.
 * @submodule socket
 */
#include <limits.h>

#include "driver/file.h"
#include "luasocket.h"

/***
 * Where a socket is, or its peer. @{socket:bind} and @{socket:connect} take the
 * host and the port as arguments, or such a table, which may also be
 * `{"127.0.0.1", 80}`; the field `name` of a message is always one. What comes back
 * from the kernel has the same form. By family:
 *
 * - inet: `"127.0.0.1"`, or the number `0x7f000001`; and a port
 * - inet6: `"::1"`, all that inet_pton(3) takes, `"::ffff:127.0.0.1"` for an IPv4
 *   address; a link-local one has its interface behind it, by name or number:
 *   `"fe80::1%eth0"`, `"fe80::1%3"`; and a port
 * - unix: a path of at most 107 bytes; or an abstract name of at most 107 bytes
 *   behind `"@"` or `"\0"` (it comes back with `"@"`); or `""`: no name, with which
 *   bind() has the kernel choose an abstract one. No port
 * - packet: the name or number of an interface, `""` or 0 for all of them; and as
 *   the port the protocol on the link, `0x0800`
 *
 * A path is looked up as @{require} looks up files: with the credentials, the root
 * and the working directory of the process that the script comes from, also in
 * detached scripts and threads. The file that bind() makes has all permissions but
 * those that the process's umask takes, and stays there when the socket is closed.
 * @table address
 * @tfield string|integer addr the host, path or interface
 * @tfield ?integer port or protocol, 0..65535
 * @tfield ?string|integer scope inet6: the interface, by name or number, instead of
 *  behind `"%"`
 * @tfield ?integer flowinfo inet6: traffic class and flow label, 28 bits
 * @tfield ?string hwaddr packet: the address on the link, `"aa:bb:cc:dd:ee:ff"`
 * @tfield ?string pkttype packet, of what was received: `"host"`, `"broadcast"`,
 *  `"multicast"`, `"otherhost"`, `"outgoing"`
 */

/* More of a text that is no address is not shown. */
#define MAX_SHOWN	100

/* Pushes a text for people, perhaps not all of it. */
static const char *push_shown(lua_State *L, const char *s, size_t len)
{
	char text[4 * MAX_SHOWN + 1];

	lsock_escape(s, len < MAX_SHOWN ? len : MAX_SHOWN, text);
	return lua_pushfstring(L, len > MAX_SHOWN ? "%s..." : "%s", text);
}

/* Reads the value at @idx as a host, or gives what is wrong with it. */
static const char *to_host(lua_State *L, int idx, struct lsock_host *host)
{
	if (lua_isinteger(L, idx))
		host->number = lua_tointeger(L, idx);
	else if (lua_type(L, idx) == LUA_TSTRING)
		host->text = lua_tolstring(L, idx, &host->len);
	else
		return lua_pushfstring(L, "address must be a string or an integer, not a %s",
				       luaL_typename(L, idx));
	return NULL;
}

/* Makes the address, or gives what is wrong with the host. */
static const char *to_addr(lua_State *L, int family, struct lsock_host *host,
			   struct lsock_addr *addr, const char *call)
{
	int err = lsock_addr_parse(addr, family, luadrv_net_of(L), host);
	const char *shown;

	if (!err) {
		if (lsock_addr_is_path(addr) && luadrv_file_stack_low())
			luaL_error(L, "C stack overflow (no room to look up a path)");
		return NULL;
	}
	if (!host->text && host->problem)
		return host->problem;
	shown = push_shown(L, host->text, host->len);
	if (host->scope)
		shown = lua_pushfstring(L, "%s%%%s", shown,
					push_shown(L, host->scope, host->scope_len));
	if (err != -EINVAL)
		luadrv_raise(L, err, call, "%s", shown);
	if (!host->problem)
		return lua_pushfstring(L, "invalid address '%s'", shown);
	return lua_pushfstring(L, "invalid address '%s': %s", shown, host->problem);
}

/* The field "scope" of the table at @idx, which stays on the stack: an interface by name or number. */
static void get_scope(lua_State *L, int idx, struct lsock_host *host)
{
	switch (lua_getfield(L, idx, "scope")) {
	case LUA_TNIL:
		break;
	case LUA_TSTRING:
		host->scope = lua_tolstring(L, -1, &host->scope_len);
		break;
	default:
		host->scope_id = (int)luadrv_field_range(L, -1, 0, INT_MAX, "scope");
	}
}

static void get_flowinfo(lua_State *L, int idx, struct lsock_host *host)
{
	if (lua_getfield(L, idx, "flowinfo") != LUA_TNIL)
		host->flowinfo = (u32)luadrv_field_range(L, -1, 0, 0x0fffffff,
							 "flowinfo");
}

static void get_hwaddr(lua_State *L, int idx, struct lsock_host *host)
{
	if (lua_getfield(L, idx, "hwaddr") == LUA_TNIL)
		return;
	if (lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "hwaddr must be a string, not a %s",
			   luaL_typename(L, -1));
	host->hwaddr = lua_tolstring(L, -1, &host->hwaddr_len);
}

/* The port on top of the stack, of a table that is called @what. */
static unsigned int get_port(lua_State *L, int parts, const char *what)
{
	if (parts & LSOCK_ADDR_PORT) {
		if (lua_isnil(L, -1))
			luaL_error(L, "%s has no port", what);
		return (unsigned int)luadrv_field_range(L, -1, 0, 65535, "port");
	}
	if (!lua_isnil(L, -1))
		luaL_error(L, "%s has a port, which unix addresses have not", what);
	return 0;
}

/* The family of a socket that is open; raises if it was closed. */
static int check_family(lua_State *L, struct lsock *ls, const char *call)
{
	int family = lsock_family(ls);

	if (!family)
		luadrv_raise(L, -EBADF, call, NULL);
	return family;
}

/* The table at @idx as an address; leaves values on the stack that it refers to. */
static void table_addr(lua_State *L, int idx, int family, struct lsock_host *host,
		       struct lsock_addr *addr, const char *what, const char *call)
{
	int parts = lsock_addr_parts(family);
	const char *problem;

	if (lua_getfield(L, idx, "addr") == LUA_TNIL) {
		if (lua_geti(L, idx, 1) == LUA_TNIL)
			luaL_error(L, "%s has no address", what);
		lua_geti(L, idx, 2);
	} else {
		lua_getfield(L, idx, "port");
	}
	host->port = get_port(L, parts, what);
	problem = to_host(L, -2, host);
	if (parts & LSOCK_ADDR_SCOPE) {
		get_scope(L, idx, host);
		get_flowinfo(L, idx, host);
	}
	if (parts & LSOCK_ADDR_HWADDR)
		get_hwaddr(L, idx, host);
	if (!problem)
		problem = to_addr(L, family, host, addr, call);
	if (problem)
		luaL_error(L, "%s: %s", what, problem);
}

void luasocket_field_addr(lua_State *L, int idx, struct lsock *ls,
			  struct lsock_addr *addr, const char *what,
			  const char *call)
{
	int family = check_family(L, ls, call);
	struct lsock_host host = { 0 };
	int top = lua_gettop(L);

	idx = lua_absindex(L, idx);
	if (!lua_istable(L, idx))
		luaL_error(L, "%s must be a table, not a %s", what,
			   luaL_typename(L, idx));
	table_addr(L, idx, family, &host, addr, what, call);
	lua_settop(L, top);
}

/* The port behind the host at @arg. */
static unsigned int check_port(lua_State *L, int arg)
{
	if (lua_isnoneornil(L, arg))
		luaL_argerror(L, arg, lua_pushfstring(L, "port expected, got %s",
						      luaL_typename(L, arg)));
	return luadrv_check_int(L, arg, 0, 65535, "port");
}

/*
 * Raises if there is a port behind an address: at @arg there may be flags, and
 * then a time-out; nothing if it is @local.
 */
static void check_rest(lua_State *L, int arg, bool local, const char *problem)
{
	bool port = lua_isinteger(L, arg) &&
		    (lua_tointeger(L, arg) & ~(lua_Integer)lsock_wait_flags);

	if (port || lua_type(L, arg + 1) == LUA_TSTRING || (local && !lua_isnoneornil(L, arg)))
		luaL_argerror(L, arg, problem);
}

int luasocket_check_addr(lua_State *L, int arg, struct lsock *ls, bool local,
			 struct lsock_addr *addr, const char *call)
{
	return luasocket_check_family_addr(L, arg, check_family(L, ls, call), local, addr, call);
}

int luasocket_check_family_addr(lua_State *L, int arg, int family, bool local,
				struct lsock_addr *addr, const char *call)
{
	bool ports = lsock_addr_parts(family) & LSOCK_ADDR_PORT;
	struct lsock_host host = { .local = local };
	int top = lua_gettop(L), next = arg + 1;
	const char *problem;

	if (ports && !lua_istable(L, arg))
		host.port = check_port(L, next++);
	else
		check_rest(L, next, local, ports ? "the port belongs into the table" :
						   "unix addresses have no port");
	if (lua_istable(L, arg)) {
		table_addr(L, arg, family, &host, addr, "address", call);
		lua_settop(L, top);
		return next;
	}
	problem = to_host(L, arg, &host);
	if (!problem)
		problem = to_addr(L, family, &host, addr, call);
	if (problem)
		luaL_argerror(L, arg, problem);
	return next;
}

void luasocket_field_host(lua_State *L, int idx, int family,
			  struct lsock_addr *addr, const char *what,
			  const char *call)
{
	struct lsock_host host = { 0 };
	const char *problem = to_host(L, idx, &host);

	if (!problem)
		problem = to_addr(L, family, &host, addr, call);
	if (problem)
		luaL_error(L, "%s: %s", what, problem);
}

int luasocket_push_addr(lua_State *L, const struct lsock_addr *addr)
{
	char host[LSOCK_HOST_SIZE];
	int len = lsock_addr_host(addr, luadrv_net_of(L), host);
	int port = lsock_addr_port(addr);
	struct lsock_link link;

	if (len < 0) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushlstring(L, host, len);
	if (port < 0)
		return 1;
	lua_pushinteger(L, port);
	if (!lsock_addr_link(addr, &link))
		return 2;
	lua_pushstring(L, link.hwaddr);
	return 3;
}

/* Whether the table at @idx is {addr, port}, not {addr=, port=}. */
static bool is_positional(lua_State *L, int idx)
{
	bool named, listed;

	lua_pushliteral(L, "addr");
	named = lua_rawget(L, idx) != LUA_TNIL;
	listed = lua_rawgeti(L, idx, 1) != LUA_TNIL;
	lua_pop(L, 2);
	return listed && !named;
}

/* Clears a field of the table at @idx, if it has it, without metamethods. */
static void raw_clearfield(lua_State *L, int idx, const char *key)
{
	lua_pushstring(L, key);
	if (lua_rawget(L, idx) != LUA_TNIL) {
		lua_pushnil(L);
		luasocket_raw_setfield(L, idx, key);
	}
	lua_pop(L, 1);
}

void luasocket_set_addr(lua_State *L, int idx, const struct lsock_addr *addr)
{
	struct lsock_link link;
	int top = lua_gettop(L);

	/* They were of another address; the scope of this one is in its host. */
	raw_clearfield(L, idx, "scope");
	raw_clearfield(L, idx, "flowinfo");
	luasocket_push_addr(L, addr);
	/* Without a port, nil. */
	lua_settop(L, top + 2);
	if (is_positional(L, idx)) {
		lua_rawseti(L, idx, 2);
		lua_rawseti(L, idx, 1);
	} else {
		luasocket_raw_setfield(L, idx, "port");
		luasocket_raw_setfield(L, idx, "addr");
	}
	if (!lsock_addr_link(addr, &link)) {
		raw_clearfield(L, idx, "hwaddr");
		raw_clearfield(L, idx, "pkttype");
		return;
	}
	lua_pushstring(L, link.hwaddr);
	luasocket_raw_setfield(L, idx, "hwaddr");
	lua_pushstring(L, link.pkttype);
	luasocket_raw_setfield(L, idx, "pkttype");
}

void luasocket_add_addr(lua_State *L, luaL_Buffer *b, const char *before,
			const struct lsock_addr *addr)
{
	char text[LSOCK_TEXT_SIZE];

	if (!lsock_addr_text(addr, luadrv_net_of(L), text))
		return;
	luaL_addstring(b, before);
	luaL_addstring(b, text);
}
