// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* string.pack and its reverse do what those of Debian's Lua do. */
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_LAST;

static const struct fuzz_function functions[] = {
	{ "string", "pack" },
	{ "string", "unpack" },
	{ "string", "packsize" },
	{ NULL, NULL }
};

void target_run(struct fuzz_input *in)
{
	fuzz_compare_calls(in, functions);
}
