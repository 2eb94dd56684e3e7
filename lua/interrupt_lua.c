// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * How a running script notices the world: others that want the CPU, and
 * requests to stop.
 *
 * Nothing is armed while nothing is pending. The driver's timer sets the
 * port's pending flag and arms a count hook in the running coroutine: the VM
 * calls it at its next instruction, and calls of C functions and long loops in
 * the libraries look at the flag (luai_tick). Once the script is to stop, flag
 * and hook stay, so that whatever catches the error meets it again one
 * instruction later.
 */
#include <string.h>
#include <stdio.h>

#include "ldo.h"
#include "lstate.h"
#include "lauxlib.h"

/* How much of the call stack is told of a script that is stopped. */
#define STOP_LEVELS 8

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

static void tell(struct luaport *port, const char *text)
{
	luaport_tell(port, text, strlen(text));
}

/* What a traceback would say, without the memory that it would need. */
static void tell_where(lua_State *L, struct luaport *port)
{
	char line[LUA_IDSIZE + 64];
	const char *name;
	lua_Debug ar;
	int level;

	for (level = 0; level < STOP_LEVELS && lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sln", &ar);
		name = ar.name ? ar.name : *ar.what == 'm' ? "main chunk" : "?";
		if (ar.currentline >= 0)
			snprintf(line, sizeof(line), "\t%s:%d: in %.40s",
				 ar.short_src, ar.currentline, name);
		else
			snprintf(line, sizeof(line), "\t%s: in %.40s",
				 ar.short_src, name);
		tell(port, line);
	}
}

void luaport_interrupt(lua_State *L)
{
	struct luaport *port = luaport_of(L);

	if (!port->stop) {
		port->stop = luaport_attend(port);
		if (!port->stop)
			return;
		tell(port, "stopped by a signal");
		tell_where(L, port);
		if (port->stop_message)
			G(L)->memerrmsg = port->stop_message;
	}
	WRITE_ONCE(port->pending, 1);
	arm(L);
	luaD_throw(L, LUA_ERRMEM);
}

static void on_hook(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	/* Disarm first: what is noticed from here on may arm it anew. */
	L->hookmask = 0;
	luaport_interrupt(L);
}

void luaport_set_running(struct luaport *port, lua_State *L)
{
	WRITE_ONCE(port->running, L);
	if (L && READ_ONCE(port->pending))
		arm(L);
}

/* Not around lua_resume(), where it would take a frame of the C stack. */
int luaport_resumed(lua_State *from, int status)
{
	luaport_set_running(luaport_of(from), from);
	return status;
}
