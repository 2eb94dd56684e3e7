// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* How long one call may wait, and what it raises when it fails. */
#include <limits.h>

#include "driver/script.h"
#include "luasocket.h"

#define NS_PER_MS	1000000ULL

int luasocket_check_timeout(lua_State *L, int arg)
{
	if (lua_isnoneornil(L, arg))
		return LSOCK_AS_SOCKET;
	if (lua_isinteger(L, arg) && lua_tointeger(L, arg) == LSOCK_FOREVER)
		return LSOCK_FOREVER;
	return luadrv_check_int(L, arg, 0, INT_MAX, "time-out in ms");
}

void luasocket_check_stream(lua_State *L, struct lsock *ls, int arg, const char *call,
			    const char *otherwise)
{
	if (lsock_is_stream(ls))
		return;
	/* Closed by another task. */
	if (!lsock_family(ls))
		luadrv_raise(L, -EBADF, call, NULL);
	luaL_argerror(L, arg, otherwise);
}

void luasocket_start(struct luasocket_deadline *deadline, int timeout)
{
	deadline->timeout = timeout;
	deadline->end = 0;
	if (timeout > 0)
		deadline->end = luadrv_time_ns() + timeout * NS_PER_MS;
}

bool luasocket_left(const struct luasocket_deadline *deadline, int *timeout)
{
	u64 now;

	*timeout = deadline->timeout;
	if (deadline->timeout <= 0)
		return true;
	now = luadrv_time_ns();
	if (now >= deadline->end)
		return false;
	*timeout = (int)((deadline->end - now + NS_PER_MS - 1) / NS_PER_MS);
	return true;
}

static bool push_addr(lua_State *L, const struct lsock_addr *addr)
{
	char text[LSOCK_TEXT_SIZE];

	if (!lsock_addr_text(addr, luadrv_net_of(L), text))
		return false;
	lua_pushstring(L, text);
	return true;
}

void luasocket_push_target(lua_State *L, struct lsock *ls, const struct lsock_addr *to)
{
	struct lsock_addr addr;

	if (to && push_addr(L, to))
		return;
	if (!lsock_peer(ls, &addr) && push_addr(L, &addr))
		return;
	/* An address without a port is not bound yet. */
	if (!lsock_name(ls, false, &addr) && lsock_addr_port(&addr) && push_addr(L, &addr))
		return;
	lua_pushnil(L);
}

/* Makes the target on top an error object. */
static void push_error(lua_State *L, int err, const char *call)
{
	const char *target = lua_tostring(L, -1);

	if (target)
		luadrv_push_error(L, err, call, "%s", target);
	else
		luadrv_push_error(L, err, call, NULL);
	lua_remove(L, -2);
}

int luasocket_raise(lua_State *L, struct lsock *ls, int err, const char *call,
		    const struct lsock_addr *to)
{
	luasocket_push_target(L, ls, to);
	push_error(L, err, call);
	return lua_error(L);
}

int luasocket_raise_part(lua_State *L, int err, const char *call, const char *field)
{
	push_error(L, err, call);
	lua_insert(L, -2);
	lua_setfield(L, -2, field);
	return lua_error(L);
}
