// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * How a running script notices the world: others that want the CPU, and
 * requests to stop.
 *
 * Nothing is armed while nothing is pending. The driver's timer sets the
 * port's pending flag and arms a count hook in the running coroutine: the VM
 * calls it at its next instruction, and long loops in the libraries look at
 * the flag (luai_tick). Once the script is to stop, flag and hook stay, so
 * that whatever catches the error meets it again one instruction later.
 */
#include "lstate.h"
#include "lauxlib.h"

static void on_hook(lua_State *L, lua_Debug *ar);

/*
 * Not lua_sethook(): that also looks at the call chain, which only the thread
 * itself may do.
 */
static void arm(lua_State *L)
{
	L->hook = on_hook;
	L->basehookcount = 1;
	L->hookcount = 1;
	L->hookmask = LUA_MASKCOUNT;
}

void luaport_arm(struct luaport *port)
{
	if (port->running)
		arm(port->running);
}

/* @level: of the Lua function to blame; 0 runs itself, 1 called a C function. */
static void attend(lua_State *L, int level)
{
	struct luaport *port = luaport_of(L);
	int err = port->stop;

	if (!err)
		err = luaport_attend(port);
	if (!err)
		return;
	port->stop = err;
	WRITE_ONCE(port->pending, 1);
	arm(L);
	luaL_where(L, level);
	lua_pushliteral(L, "stopped by a signal");
	lua_concat(L, 2);
	lua_error(L);
}

static void on_hook(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	/* Disarm first: what is noticed from here on may arm it anew. */
	L->hookmask = 0;
	attend(L, 0);
}

void luaport_interrupt(lua_State *L)
{
	attend(L, 1);
}

void luaport_set_running(struct luaport *port, lua_State *L)
{
	WRITE_ONCE(port->running, L);
	if (L && READ_ONCE(port->pending))
		arm(L);
}

/* lua_resume(), with the timer told which coroutine runs. */
int luaport_resume(lua_State *L, lua_State *from, int nargs)
{
	struct luaport *port = luaport_of(L);
	int status;

	luaport_set_running(port, L);
	status = lua_resume(L, from, nargs);
	luaport_set_running(port, from);
	return status;
}
