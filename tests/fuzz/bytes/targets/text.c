// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Strings, numerals, operators and UTF-8: as in Debian's Lua, where there are no floats. */
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_LAST;

static const struct fuzz_function functions[] = {
	{ NULL, "tonumber" },
	{ NULL, "tostring" },
	{ NULL, "select" },
	{ NULL, "rawlen" },
	{ "string", "byte" },
	{ "string", "char" },
	{ "string", "len" },
	{ "string", "lower" },
	{ "string", "rep" },
	{ "string", "reverse" },
	{ "string", "sub" },
	{ "string", "upper" },
	{ "table", "concat" },
	{ "table", "insert" },
	{ "table", "move" },
	{ "table", "pack" },
	{ "table", "remove" },
	{ "table", "sort" },
	{ "table", "unpack" },
	{ "utf8", "char" },
	{ "utf8", "codepoint" },
	{ "utf8", "codes" },
	{ "utf8", "len" },
	{ "utf8", "offset" },
	{ "math", "abs" },
	{ "math", "fmod" },
	{ "math", "max" },
	{ "math", "min" },
	{ "math", "tointeger" },
	{ "math", "ult" },
	{ "", "+" },
	{ "", "-" },
	{ "", "*" },
	{ "", "//" },
	{ "", "%" },
	{ "", "&" },
	{ "", "|" },
	{ "", "~" },
	{ "", "<<" },
	{ "", ">>" },
	{ "", "neg" },
	{ "", "not" },
	{ "", ".." },
	{ "", "<" },
	{ "", "==" },
	{ "", ">=" },
	{ NULL, NULL }
};

void target_run(struct fuzz_input *in)
{
	fuzz_compare_calls(in, functions);
}
