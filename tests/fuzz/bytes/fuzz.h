/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Between the harness and the targets. A target is one file that defines
 * target_run(); whether it sees lua.h or the kernel's stand-ins is its choice.
 */
#ifndef _FUZZ_FUZZ_H
#define _FUZZ_FUZZ_H

#include "kernel/world.h"
#ifndef ORACLE
#include "driver/script.h"
#endif

struct lua_State;

/* The bytes of an input that are not used up yet. */
struct fuzz_input {
	const u8 *data;
	size_t left;
};

/* 0 when there are none left. */
static inline u8 fuzz_byte(struct fuzz_input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

/* Tries one input; world_begin() and world_end() are around it. */
void target_run(struct fuzz_input *in);

/*
 * How inputs of the target tell about the world: the first bytes of the input
 * do, or those behind its last NUL, so that the rest is text. There are four,
 * and where they are missing or zero the world is without trouble:
 *
 *	0	bits 0-1: what fails: nothing; the kernel's Nth allocation; so do
 *		all later ones; the script's Nth and all later ones (fail_alloc)
 *		bits 2-3: steps between two ticks, 1000, 1, 7 or 50
 *		bits 4-5: C stack, bits 6-7: memory limit; 0 is most of it
 *	1, 2	N - 1, the low byte first
 *	3	ticks until a signal comes; 0: as many as make 100,000 steps
 */
enum fuzz_setup { FUZZ_SETUP_NONE, FUZZ_SETUP_FIRST, FUZZ_SETUP_LAST };
extern const enum fuzz_setup target_setup;

/* Whether memory may run out, or a signal come, before the run has come to its end. */
bool fuzz_calm(void);

/* harness.c: runs @len bytes of a script as the device would; gives its errno. */
int fuzz_run_script(const void *script, size_t len);
/*
 * Runs @body with @argument as light userdata 1 in a new state; gives 0, the error's errno, or -ECANCELED with its text in @error.
 */
int fuzz_run_body(int (*body)(struct lua_State *L), void *argument);
extern char fuzz_error[512];
/* state.c: for a body: opens the library @name. */
void fuzz_open(struct lua_State *L, const char *name);

#ifndef ORACLE
/* The linker has calls of luadrv_state_run() end in __wrap_luadrv_state_run() (harness.c). */
int __real_luadrv_state_run(struct luadrv_runtime *rt, const char *script, size_t len,
			    enum luadrv_job job);
int __wrap_luadrv_state_run(struct luadrv_runtime *rt, const char *script, size_t len,
			    enum luadrv_job job);
/* Targets that want to be what the driver runs define it. */
int target_state_run(struct luadrv_runtime *rt, const char *script, size_t len,
		     enum luadrv_job job) __weak;
#endif
/* state_lua.c: what __wrap_luadrv_state_run() does for fuzz_run_body(). */
int fuzz_state_run(void *rt, int (*body)(struct lua_State *L), void *argument);

/* Calls of library functions, in our Lua and in Debian's (calls.c) */

struct fuzz_function {
	const char *library;	/* NULL: a global one, or an operator */
	const char *name;
};

struct fuzz_result {
	int status;		/* 0, or nonzero: error, whose text it is */
	bool exhausted;		/* no memory, or stopped */
	bool floats;		/* a float came up */
	size_t len;
	char text[1 << 14];
};

void fuzz_call(const struct fuzz_function *function, struct fuzz_input args,
	       struct fuzz_result *result);
void oracle_call(const struct fuzz_function *function, struct fuzz_input args,
		 struct fuzz_result *result);
/* Compiles a chunk. */
void oracle_load(struct fuzz_input text, struct fuzz_result *result);
/* What a target of such calls does: see targets/pattern.c. */
void fuzz_compare_calls(struct fuzz_input *in, const struct fuzz_function *functions);

#endif
