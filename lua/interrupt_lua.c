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
#include <linux/errno.h>

#include "ldo.h"
#include "lstate.h"
#include "lauxlib.h"

/* How much of the call stack is told of a script that is stopped. */
#define STOP_LEVELS 8

/* A script whose instructions are counted is called so often. */
#define METER_STEP 1000

static void on_hook(lua_State *L, lua_Debug *ar);

/*
 * Not lua_sethook(): that also looks at the call chain, which only the thread
 * itself may do.
 */
static void arm_in(lua_State *L, int count)
{
	L->hook = on_hook;
	L->basehookcount = count;
	L->hookcount = count;
	L->hookmask = LUA_MASKCOUNT;
}

static void arm(lua_State *L)
{
	arm_in(L, 1);
}

/* Where instructions are counted the hook comes soon enough by itself. */
void luaport_arm(struct luaport *port)
{
	if (port->running && !port->instructions)
		arm(port->running);
}

/* Takes what @L has executed since it was last counted from the budget. */
static void meter(struct luaport *port, lua_State *L)
{
	if (!port->instructions || !L || port->stop)
		return;
	if (L->hookmask)
		port->budget = luaport_spend(port, L->basehookcount - L->hookcount);
	arm_in(L, METER_STEP);
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

/* Raises the stop, again and again until the script is over. */
static void stop(lua_State *L, struct luaport *port)
{
	WRITE_ONCE(port->pending, 1);
	arm(L);
	luaD_throw(L, LUA_ERRMEM);
}

static void begin_stop(lua_State *L, struct luaport *port, const char *reason)
{
	if (reason) {
		tell(port, reason);
		tell_where(L, port);
	}
	if (port->stop_message)
		G(L)->memerrmsg = port->stop_message;
}

void luaport_interrupt(lua_State *L)
{
	struct luaport *port = luaport_of(L);

	if (!port->stop) {
		port->stop = luaport_attend(port);
		if (!port->stop)
			return;
		begin_stop(L, port, luaport_stop_reason(port));
	}
	stop(L, port);
}

/* A stop that the script itself asks for. */
void luaport_exit(lua_State *L, int status)
{
	struct luaport *port = luaport_of(L);

	if (!port->stop) {
		port->stop = LUAPORT_EXIT | status;
		begin_stop(L, port, NULL);
	}
	stop(L, port);
}

/* Flag and hook may still be armed, which is as harmless as at any time. */
void luaport_exited(struct luaport *port)
{
	port->stop = 0;
	if (port->memory_message)
		G(port->state)->memerrmsg = port->memory_message;
}

static void spent(lua_State *L, struct luaport *port)
{
	char reason[128];

	snprintf(reason, sizeof(reason),
		 "more than %lld instructions (limit: module parameter instructions, --instructions)",
		 port->instructions);
	port->stop = -ETIME;
	begin_stop(L, port, reason);
	stop(L, port);
}

void luaport_check_budget(lua_State *L)
{
	struct luaport *port = luaport_of(L);

	if (port->instructions && !port->stop && luaport_spend(port, 0) < 0)
		spent(L, port);
}

static void on_hook(lua_State *L, lua_Debug *ar)
{
	struct luaport *port = luaport_of(L);

	(void)ar;
	if (port->instructions && !port->stop) {
		/* The core has set the count anew already. */
		port->budget = luaport_spend(port, L->basehookcount);
		arm_in(L, METER_STEP);
		if (port->budget < 0)
			spent(L, port);
		if (!READ_ONCE(port->pending))
			return;
	} else {
		/* Disarm first: what is noticed from here on may arm it anew. */
		L->hookmask = 0;
	}
	luaport_interrupt(L);
}

void luaport_set_running(struct luaport *port, lua_State *L)
{
	meter(port, port->running);
	WRITE_ONCE(port->running, L);
	if (L && port->instructions && !port->stop)
		arm_in(L, port->budget < 0 ? 1 : METER_STEP);
	else if (L && READ_ONCE(port->pending))
		arm(L);
}

void luaport_begin(struct luaport *port, lua_State *L)
{
	port->stop = 0;
	port->budget = luaport_refill(port);
	WRITE_ONCE(port->pending, 0);
	L->hookmask = 0;
	if (port->memory_message)
		G(L)->memerrmsg = port->memory_message;
	luaport_set_running(port, L);
}

/* Not around lua_resume(), where it would take a frame of the C stack. */
int luaport_resumed(lua_State *from, int status)
{
	luaport_set_running(luaport_of(from), from);
	return status;
}
