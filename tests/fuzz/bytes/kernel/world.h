/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The machine under the stand-in kernel: what a target sets before a run,
 * and what the stand-ins and the targets ask of it. Neither libc nor lua.h,
 * so that files of all kinds can include it.
 */
#ifndef _FUZZ_KERNEL_WORLD_H
#define _FUZZ_KERNEL_WORLD_H

#include "types.h"
#include "steps.h"

/**
 * struct world - how the world treats one run
 * @fail_alloc: the Nth allocation of the kernel's fails; 0: none
 * @fail_all: so do all later ones
 * @tick: steps between two interrupts of the timer
 * @ticks: interrupts until a signal comes
 * @stack: bytes of C stack that the run has
 * @answers: what the network answers, a byte a question
 * @answers_left: how many there are; afterwards everything succeeds
 * @record: gets each record of the kernel log; may be NULL
 * @meanwhile: has others do something while a task waits; gives false when
 *	nobody does any more. May be NULL
 * @user: memory of the process; every other address of it faults
 * @readable: bytes at @user that can be read
 * @writable: bytes at @user that can be written
 */
struct world {
	long fail_alloc;
	bool fail_all;
	long tick;
	long ticks;
	size_t stack;
	const u8 *answers;
	size_t answers_left;
	void (*record)(char level, const char *text, size_t len);
	bool (*meanwhile)(void);
	u8 *user;
	size_t readable, writable;
};

extern struct world world;

/* Bracket a run. The second ends the program if anything is left of it. */
void world_begin(void);
void world_end(void);

/* Loads the module. */
int world_module_init(void);

/* What the stand-ins do; each ends the program with a report if it must not be done now. */
void __noreturn __printf(1, 2) world_fail(const char *what, ...);
void *world_alloc(size_t n, bool zero);
void *world_realloc(void *p, size_t n);
void world_free(void *p);
void world_lock(bool *held, bool spin);
void world_unlock(bool *held, bool spin);
void world_irqs_off(void);
void world_irqs_on(void);
void world_may_sleep(void);
void __printf(2, 3) world_log(char level, const char *fmt, ...);
/* A line of debugfs' file of live objects: a name and a number, which must be zero. */
void __printf(1, 2) world_live(const char *fmt, ...);
u64 world_random(void);
u64 world_hash(const void *bytes, size_t len, u64 seed);
/* Lets a thread run that was made, to its end; false if there is none. */
bool world_thread(void);
/* How many there are that did not run yet. */
long world_threads(void);
/* Sleeps @timeout jiffies; may be woken. Gives 0 or -ERESTARTSYS. */
int world_sleep(long timeout);
/* The next byte of the network's answers. */
u8 world_answer(void);
/* The bytes must all be memory that may be touched. */
void world_touch(const void *bytes, size_t len);

static inline void world_check(bool ok, const char *what)
{
	if (!ok)
		world_fail("%s", what);
}

#endif
