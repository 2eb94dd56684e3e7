// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Patterns: the functions of string that take one do what those of Debian's Lua do. */
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_LAST;

static const struct fuzz_function functions[] = {
	{ "string", "find" },
	{ "string", "match" },
	{ "string", "gmatch" },
	{ "string", "gsub" },
	{ NULL, NULL }
};

void target_run(struct fuzz_input *in)
{
	fuzz_compare_calls(in, functions);
}
