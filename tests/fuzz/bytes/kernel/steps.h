/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Included before everything else by files that see lua.h: the core's own
 * assertions are on, and each is a step after which the timer may interrupt.
 */
#ifndef _FUZZ_KERNEL_STEPS_H
#define _FUZZ_KERNEL_STEPS_H

extern long world_steps;
void world_interrupt(void);
void world_fail(const char *what, ...) __attribute__((noreturn));

static inline void world_step(void)
{
	if (--world_steps <= 0)
		world_interrupt();
}

#define FUZZ_TEXT(x)	#x
#define FUZZ_LINE(x)	FUZZ_TEXT(x)
#undef lua_assert
#define lua_assert(c) \
	((c) ? world_step() : world_fail(__FILE__ ":" FUZZ_LINE(__LINE__) ": assertion failed"))

#endif
