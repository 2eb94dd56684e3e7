// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* string.format does what that of Debian's Lua, which hands everything to printf(), does. */
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_LAST;

static const struct fuzz_function functions[] = {
	{ "string", "format" },
	{ NULL, NULL }
};

void target_run(struct fuzz_input *in)
{
	fuzz_compare_calls(in, functions);
}
