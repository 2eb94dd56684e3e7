// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Names to addresses: the arguments and errors of socket/resolve.lua, which
 * does the work, and what that is built on.
 */

/***
 * Names.
 * @submodule socket
 */
#include <limits.h>
#include <string.h>

#include "driver/embedded.h"
#include "luasocket.h"
#include "upcall.h"

const char luaupcall_type[] = "lupcall";

#define LIBRARY		"socket.resolve"
#define DNS_PORT	53
#define LIFETIME	10000
#define MAX_SERVERS	16
#define MAX_FAMILY	255

/* Families whose addresses names have. */
static const char *const families[LUPCALL_PARTS] = {
	[LUPCALL_INET] = "inet",
	[LUPCALL_INET6] = "inet6",
};

static const char *family_name(int number)
{
	const struct lsock_name *family;

	for (family = lsock_families; family->name; family++)
		if (family->value == number)
			return family->name;
	return "";
}

static int family_number(const char *name)
{
	const struct lsock_name *family;

	for (family = lsock_families; family->name; family++)
		if (!strcmp(family->name, name))
			return family->value;
	return 0;
}

/* The family of the address that is at stack index @idx; NULL if there is none. */
static const char *address_family(lua_State *L, int idx)
{
	struct lsock_host host = {};
	struct lsock_addr addr;
	int i;

	if (lua_type(L, idx) != LUA_TSTRING)
		return NULL;
	host.text = lua_tolstring(L, idx, &host.len);
	for (i = 0; i < LUPCALL_PARTS; i++)
		if (!lsock_addr_parse(&addr, family_number(families[i]), luadrv_net_of(L), &host))
			return families[i];
	return NULL;
}

/* Takes the value on top, the address of a server, and appends it to the table below it. */
static void add_server(lua_State *L, int arg)
{
	if (!address_family(L, -1))
		luaL_argerror(L, arg, lua_pushfstring(L, "server must be an address, not %s",
						      luaL_tolstring(L, -1, NULL)));
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* Pushes the array of servers that the table at @arg has, or nil if there is no table, and their port. */
static void push_servers(lua_State *L, int arg)
{
	lua_Integer port = DNS_PORT, i, n = 0;

	if (lua_isnil(L, arg)) {
		lua_pushnil(L);
		lua_pushinteger(L, port);
		return;
	}
	luaL_checktype(L, arg, LUA_TTABLE);
	if (lua_getfield(L, arg, "port") != LUA_TNIL)
		port = luadrv_field_range(L, -1, 1, 65535, "port");
	lua_pop(L, 1);
	lua_newtable(L);
	if (lua_getfield(L, arg, "server") == LUA_TTABLE) {
		n = luaL_len(L, -1);
		if (n < 1 || n > MAX_SERVERS)
			luaL_argerror(L, arg, "from 1 to 16 servers expected");
		lua_insert(L, -2);
		for (i = 1; i <= n; i++) {
			lua_geti(L, -2, i);
			add_server(L, arg);
		}
		lua_remove(L, -2);
	} else {
		add_server(L, arg);
	}
	lua_pushinteger(L, port);
}

static void push_wanted(lua_State *L, int arg)
{
	const char *name = "";
	bool known = lua_isnoneornil(L, arg);
	int i;

	if (!known)
		name = family_name(luasocket_check_name(L, arg, lsock_families, MAX_FAMILY,
							"family"));
	for (i = 0; i < LUPCALL_PARTS; i++)
		known |= !strcmp(name, families[i]);
	if (!known)
		luaL_argerror(L, arg, "names have addresses of the families inet and inet6");
	for (i = 0; i < LUPCALL_PARTS; i++)
		lua_pushboolean(L, !*name || !strcmp(name, families[i]));
}

/* Pushes a function of the library and its arguments, made of the script's; gives how many these are. */
static int push_call(lua_State *L, const char *function)
{
	int ms = LIFETIME;

	luaL_checkstring(L, 1);
	if (!lua_isnoneornil(L, 3))
		ms = luadrv_check_int(L, 3, 0, INT_MAX, "time in ms");
	lua_settop(L, 4);
	luadrv_push_library(L, LIBRARY);
	lua_getfield(L, -1, function);
	lua_replace(L, -2);
	lua_pushvalue(L, 1);
	push_wanted(L, 2);
	lua_pushinteger(L, ms);
	push_servers(L, 4);
	return lua_gettop(L) - 5;
}

/* What the library's functions return: nil, an errno and what it is about; or else what comes of the query. */
static void check_result(lua_State *L, int first)
{
	if (lua_isnil(L, first) && !lua_isnoneornil(L, first + 1))
		luadrv_raise(L, (int)lua_tointeger(L, first + 1), "resolve", "%s",
			     lua_tostring(L, first + 2));
}

static int end_resolve(lua_State *L, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	lua_settop(L, 7);
	check_result(L, 5);
	lua_settop(L, 5);
	lua_geti(L, 5, 1);
	lua_insert(L, 5);
	return 2;
}

/***
 * Looks up the addresses that a name stands for. What is an address already stays as it is.
 *
 * In the initial network namespace the kernel's own resolver is asked, as file systems do it: that is the module
 * dns_resolver, if it was loaded before luadrv (`modprobe` sees to that), and the package keyutils. Everywhere else, and if
 * that cannot tell, what counts is in `/etc/hosts` and `/etc/resolv.conf`, as the process that runs the script sees them:
 * `nameserver`, `search`, `domain`, and the options `ndots`, `timeout` (by default 2 seconds a server) and `attempts` (2).
 * Other options, such as `rotate`, `use-vc` and `edns0`, count for nothing. So for the namespaces of `ip netns`, the servers
 * in `/etc/netns/NAME/resolv.conf` are asked.
 * @function socket.resolve
 * @tparam string name such as `"www.example.org"`; case does not matter
 * @tparam[opt] string|integer family addresses of this family alone: `"inet"` or `"inet6"`; nil: of both
 * @tparam[opt=10000] integer ms how long it may take, in milliseconds
 * @tparam[opt] table servers ask these servers and nobody else: `server` is the address of one or an array of several, `port`
 *  is their port (53)
 * @treturn string the first address
 * @treturn {string,...} all of them: those of IPv4 first
 * @raise error object: `ENODATA` when there is no such name or it has no address of that family; `ETIMEDOUT`; `EINVAL` when
 *  it is no name of a host; `EREMOTEIO` when servers cannot tell; what asking a server fails with, as `ECONNREFUSED`
 * @usage local sock = socket.new("inet", "tcp")
 * sock:connect(socket.resolve("www.example.org", "inet"), 80)
 * @usage local first, all = socket.resolve("example.org", nil, 2000, { server = "127.0.0.1", port = 5353 })
 */
static int l_resolve(lua_State *L)
{
	int n = push_call(L, "resolve");

	lua_callk(L, n, 3, 0, end_resolve);
	return end_resolve(L, LUA_OK, 0);
}

/***
 * Begins to look a name up, for a script that has more to do than to wait for that: what it waits for can be a member of a
 * poll set.
 * @function socket.query
 * @param ... as for @{socket.resolve}
 * @treturn query a table with the method `step`
 * @raise an error when an argument is of the wrong type or out of range; whatever else is wrong
 *  with the name, @{query:step} raises
 * @usage local query = socket.query("www.example.org", "inet")
 * local poll = socket.poll()
 * local all, watched = query:step(), nil
 * while not all do
 *	if query.sock ~= watched then
 *		watched = query.sock
 *		poll:add(watched, query.events)
 *	else
 *		poll:modify(watched, query.events)
 *	end
 *	poll:select(query:left())
 *	all = query:step()
 * end
 */
static int l_query(lua_State *L)
{
	int n = push_call(L, "query");

	lua_call(L, n, 1);
	return 1;
}

static int end_step(lua_State *L, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	lua_settop(L, 4);
	check_result(L, 2);
	lua_settop(L, 2);
	return 1;
}

/***
 * Goes on with a query as far as it can without waiting. To be called when `query.sock` has one of the events
 * `query.events`, and when there is nothing left of the time that `query:left()` gives. `query.sock`, a socket or another
 * member of poll sets, may be a new one afterwards: the former one is closed then and has left all sets.
 * @function query:step
 * @treturn ?{string,...} all addresses; nil while they are not known
 * @raise as @{socket.resolve}
 * @usage local all = query:step()
 */
static int l_step(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	luadrv_push_library(L, LIBRARY);
	lua_getfield(L, -1, "step");
	lua_replace(L, -2);
	lua_pushvalue(L, 1);
	lua_callk(L, 1, 3, 0, end_step);
	return end_step(L, LUA_OK, 0);
}

static void release(void *object)
{
	lupcall_close(object);
	lupcall_put(object);
}

/* upcall(name, inet, inet6): asks the kernel; nil when it cannot be asked. */
static int core_upcall(lua_State *L)
{
	size_t len;
	const char *name = luaL_checklstring(L, 1, &len);
	bool wanted[LUPCALL_PARTS];
	struct lupcall *up;
	void **box;
	int i, err;

	for (i = 0; i < LUPCALL_PARTS; i++)
		wanted[i] = lua_toboolean(L, 2 + i);
	box = luadrv_box_new(L, luaupcall_type, release);
	err = lupcall_new(luadrv_account_of(L), luadrv_net_of(L), name, len, wanted, &up);
	if (err)
		return 0;
	*box = up;
	return 1;
}

/* upcall:result(kind): for inet (0) or inet6 (1) the addresses, or nil and an errno. */
static int upcall_result(lua_State *L)
{
	struct lupcall *up = luadrv_box_check(L, 1, luaupcall_type);
	int kind = luadrv_check_int(L, 2, 0, LUPCALL_PARTS - 1, "kind");
	const char *text;
	int err = lupcall_result(up, kind, &text);

	if (!err) {
		lua_pushstring(L, text);
		return 1;
	}
	lua_pushnil(L);
	lua_pushinteger(L, -err);
	return 2;
}

static int upcall_close(lua_State *L)
{
	struct lupcall *up = luadrv_box_close(L, 1, luaupcall_type);

	if (up)
		lupcall_close(up);
	return 0;
}

/* family(text): of which family the address is that a text is, or nil. */
static int core_family(lua_State *L)
{
	lua_pushstring(L, address_family(L, 1));
	return 1;
}

/* read(path): what a file begins with, or nil. */
static int core_read(lua_State *L)
{
	return luadrv_push_file(L, luaL_checkstring(L, 1));
}

/* What scripts never see. */
static const luaL_Reg core[] = {
	{ .name = "family", .func = core_family },
	{ .name = "read", .func = core_read },
	{ .name = "step", .func = l_step },
	{ .name = "upcall", .func = core_upcall },
	{ NULL, NULL }
};

/* What socket/resolve.lua is built on; with the libraries that it uses, whatever the script has made of their names. */
int luasocket_resolve_core(lua_State *L)
{
	luaL_newlib(L, core);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_getfield(L, -1, "socket");
	lua_setfield(L, -3, "socket");
	lua_getfield(L, -1, "kernel");
	lua_setfield(L, -3, "kernel");
	lua_pop(L, 1);
	return 1;
}

const luaL_Reg luasocket_resolve_functions[] = {
	{ "query", l_query },
	{ "resolve", l_resolve },
	{ NULL, NULL }
};

static const luaL_Reg methods[] = {
	{ "close", upcall_close },
	{ .name = "result", .func = upcall_result },
	{ NULL, NULL }
};

void luaupcall_open(lua_State *L)
{
	luadrv_box_type(L, luaupcall_type, methods, NULL);
}
