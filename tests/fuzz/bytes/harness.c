// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What libFuzzer calls: one input through one target in a fresh world. */
#include "kernel/kernel.h"
#include "driver/runtime.h"
#include "fuzz.h"

/* libFuzzer and the sanitizer call these. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
const char *__asan_default_options(void);

char fuzz_error[512];

/* What is freed need not be kept for long. */
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8:detect_stack_use_after_return=0:allocator_may_return_null=1:malloc_context_size=8";
}

static int (*the_body)(struct lua_State *L);
static void *the_argument;
static bool calm;

bool fuzz_calm(void)
{
	return calm;
}

static void set_failure(unsigned int how, long nth)
{
	luadrv_fail_alloc = how == 3 ? nth : 0;
	world.fail_alloc = how == 3 ? 0 : how ? nth : 0;
	world.fail_all = how == 2;
}

/* The four bytes of enum fuzz_setup. */
static void set_world(struct fuzz_input setup)
{
	static const long ticks[] = { 1000, 1, 7, 50 };
	static const size_t stacks[] = { 0, 512 << 10, 256 << 10, 160 << 10 };
	static const unsigned long memories[] = { 16 << 20, 1 << 20, 256 << 10, 100 << 10 };
	u8 how = fuzz_byte(&setup), low = fuzz_byte(&setup), high = fuzz_byte(&setup);
	u8 signal = fuzz_byte(&setup);

	calm = !how && !signal;
	set_failure(how & 3, low + high * 256 + 1);
	world.tick = ticks[how >> 2 & 3];
	world.ticks = signal ? signal : 100000 / world.tick;
	world.stack = stacks[how >> 4 & 3];
	luadrv_memory = memories[how >> 6];
}

static void take_setup(struct fuzz_input *in)
{
	struct fuzz_input setup = { in->data, 0 };
	const u8 *nul;

	if (target_setup == FUZZ_SETUP_FIRST) {
		setup.left = min_t(size_t, in->left, 4);
		in->data += setup.left;
		in->left -= setup.left;
	} else if (target_setup == FUZZ_SETUP_LAST) {
		nul = in->left ? memrchr(in->data, 0, in->left) : NULL;
		if (nul && in->data + in->left - nul <= 5) {
			setup.data = nul + 1;
			setup.left = in->data + in->left - nul - 1;
			in->left = nul - in->data;
		}
	}
	set_world(setup);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };

	take_setup(&in);
	world_begin();
	target_run(&in);
	world_end();
	return 0;
}

/* In a runtime that is the driver's own, a state that is the target's. */
int __wrap_luadrv_state_run(struct luadrv_runtime *rt, const char *script, size_t len,
			    enum luadrv_job job)
{
	if (target_state_run)
		return target_state_run(rt, script, len, job);
	return the_body ? fuzz_state_run(rt, the_body, the_argument) :
			  __real_luadrv_state_run(rt, script, len, job);
}

/* As driver/session.c runs what is closed. */
static int run_once(const char *script, size_t len)
{
	struct luadrv_setup setup = { .memory = luadrv_memory, .sockets = luadrv_sockets };
	struct luadrv_origin *origin = luadrv_origin_new();
	struct luadrv_runtime *rt = NULL;
	int err;

	if (origin) {
		rt = luadrv_runtime_new(&setup, origin, NULL);
		luadrv_origin_put(origin);
	}
	if (!rt)
		return -ENOMEM;
	err = luadrv_runtime_run(rt, script, len, LUADRV_JOB_RUN);
	luadrv_runtime_end(rt, false);
	return err;
}

int fuzz_run_script(const void *script, size_t len)
{
	the_body = NULL;
	return run_once(script, len);
}

int fuzz_run_body(int (*body)(struct lua_State *L), void *argument)
{
	the_body = body;
	the_argument = argument;
	return run_once(NULL, 0);
}
