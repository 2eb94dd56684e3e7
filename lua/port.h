/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Between the Lua core and the kernel under it: the state that both sides
 * look at, and the few calls that each makes into the other. Neither lua.h
 * nor kernel headers, so that files of both sides can include it.
 */
#ifndef _LUADRV_PORT_H
#define _LUADRV_PORT_H

#include <linux/compiler.h>
#include <linux/types.h>

struct lua_State;
struct luasocket_tasks;

/* A script called os.exit(): the status, 0..255, is in the low byte. */
#define LUAPORT_EXIT 0x100

/* What is told of a script that has no memory left. */
#define LUAPORT_NO_MEMORY "not enough memory (limit: module parameter memory, --memory)"

/**
 * struct luaport - what one Lua state shares with the driver
 * @pending: nonzero when the script shall look at the world at its next
 *	chance; set from any context, read by the VM's loops
 * @stop: negative errno with which the script is being stopped, or
 *	%LUAPORT_EXIT with the status that it wants to end with; once set, stays
 * @stop_message: text of the stop, a string of the core's made in advance
 * @overflow: depth of calls at which the C stack was found too low
 * @stack_soft: C stack address below which calls raise an error
 * @stack_hard: address below which not even an error handler may call
 * @running: the coroutine that runs; the timer arms its hook
 * @state: the main coroutine, or NULL
 * @instructions: how many a run may execute; 0: any number
 * @budget: how many it, and its threads, still may, as it last saw
 * @tasks: what methods see of the library async (socket/luasocket.h), or NULL
 * @memory_message: what the core says when there is no memory
 *
 * Every lua_State of a script finds it through its extra space.
 */
struct luaport {
	int pending;
	int stop;
	void *stop_message;
	unsigned int overflow;
	char *stack_soft;
	char *stack_hard;
	struct lua_State *running;
	struct lua_State *state;
	long long instructions;
	long long budget;
	struct luasocket_tasks *tasks;
	void *memory_message;
};

/* Made by the kernel side (driver/task.c, driver/runtime.c, driver/print.c, lua/format.c) */

/* Lets other tasks run; gives 0 to go on, or the negative errno to stop with. May sleep. */
int luaport_attend(struct luaport *port);
/* Lets other tasks run; true if luaport_attend() would give something else than 0. May sleep. */
bool luaport_breathe(struct luaport *port);
/* Instructions: gives a run all that it may execute; takes some away. Both return what is left. */
long long luaport_refill(struct luaport *port);
long long luaport_spend(struct luaport *port, long long n);
/* What to call the stop that luaport_attend() asked for; NULL: nothing. */
const char *luaport_stop_reason(struct luaport *port);
/* Tells the administrator a line about the script. */
void luaport_tell(struct luaport *port, const char *text, size_t len);
/* Returns when no timer can be looking at @thread any more. */
void luaport_thread_freed(struct luaport *port, struct lua_State *thread);
/* Whether it is a script that may end with a status, not a thread of one. */
int luaport_may_exit(struct luaport *port);
/* A number that tells one pointer from another and nothing about the address. */
u64 luaport_pointer_id(const void *ptr);
u32 luaport_random32(void);
u64 luaport_random64(void);
/* Seconds since 1970; nanoseconds of CPU time that this task has used. */
s64 luaport_time(void);
u64 luaport_cputime(void);
/* Ends in a kernel panic: Lua raised an error outside of any protected call. */
void luaport_abort(void);

/* A hash of bytes that nobody can find collisions of without the kernel's key. */
u32 luaport_hash_bytes(const void *bytes, size_t len, u32 seed);
/* Four secrets; those that numbers are multiplied by are odd. */
extern u64 luaport_hash_keys[4];

/* The same for a number, fast: two rounds, so that no bit of it stays where it was. */
static inline u32 luaport_hash_number(u64 n)
{
	n ^= luaport_hash_keys[0];
	n = (n ^ (n >> 32)) * luaport_hash_keys[1];
	n = (n ^ (n >> 29)) * luaport_hash_keys[2];
	return n ^ (n >> 32);
}

static inline u32 luaport_hash_address(u64 address)
{
	return luaport_hash_number(address ^ luaport_hash_keys[3]);
}

/* C's snprintf() for d i u o x X c s p and %; see lua/format.c. */
__printf(3, 4)
int luaport_snprintf(char *buf, size_t size, const char *fmt, ...);

/* setjmp_<arch>.S: only what the C calling convention makes a callee save */
struct luaport_jmpbuf {
	unsigned long regs[7];
};

/* Calls f(L, ud); that returns when @f does, or when luaport_longjmp() is called with @buf meanwhile. */
void luaport_try(struct luaport_jmpbuf *buf, struct lua_State *L, void *ud,
		 void (*f)(struct lua_State *L, void *ud));
/* Not marked noreturn: objtool does not know functions of ours that never return. */
void luaport_longjmp(struct luaport_jmpbuf *buf);

/* Made by the Lua side (lua/interrupt_lua.c) */

/* Makes the running coroutine call the driver at its next instruction. Any context. */
void luaport_arm(struct luaport *port);
/* A run begins in the main coroutine @L; whatever stopped an earlier one is over. */
void luaport_begin(struct luaport *port, struct lua_State *L);
/* What os.exit() was to end has ended: finalizers may run. */
void luaport_exited(struct luaport *port);
/* Tells which coroutine runs, if any; the one that ran before may then die. */
void luaport_set_running(struct luaport *port, struct lua_State *L);

#endif
