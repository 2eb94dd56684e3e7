// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Any bytes as a script: they compile or not as with Debian's Lua, and what
 * compiles runs until it ends, is out of memory, or a signal comes.
 */
#include "kernel/kernel.h"
#include "driver/runtime.h"
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_LAST;

static char said[1024];

static void keep_first(char level, const char *text, size_t len)
{
	if (level == 'e' && !*said)
		memcpy(said, text, min(len, sizeof(said) - 1));
}

static bool says(const char *text)
{
	return strstr(said, text);
}

void target_run(struct fuzz_input *in)
{
	static struct fuzz_result theirs;
	int err;

	memset(said, 0, sizeof(said));
	world.record = keep_first;
	world.answers = in->data;
	world.answers_left = in->left;
	err = fuzz_run_script(in->data, in->left);
	if (err == -ENOMEM || err == -EINTR || !fuzz_calm() ||
	    (in->left && *in->data == '#'))
		return;
	oracle_load(*in, &theirs);
	if (theirs.exhausted)
		return;
	if (err != -EINVAL && theirs.status && !strstr(theirs.text, "C levels"))
		world_fail("it compiles, for Debian's Lua not: %.*s", (int)theirs.len, theirs.text);
	if (err == -EINVAL && !theirs.status && !says("float") &&
	    !says("integer too large") && !says("C stack overflow"))
		world_fail("it does not compile, for Debian's Lua it does: %s", said);
}
