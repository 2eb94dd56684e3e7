# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# string.format against C's printf() over a generated table of formats (every
# SLOWth of it). The Lua outside the kernel hands every one to printf().

here=$(dirname "${BASH_SOURCE[0]}")/format

agree() {
	command -v lua5.3 >/dev/null || skip "no lua5.3 here"
	lua5.3 "$here/generate.lua" "$here/cases.lua" "$1" "$SLOW" >script.lua
	expect_run '' script.lua
	expect_said "compared $((($2 + SLOW - 1) / SLOW))"
}

# format agrees with C for %d with every flag, width and precision
test_d() { agree d 13824; }

# format agrees with C for %i with every flag, width and precision
test_i() { agree i 13824; }

# format agrees with C for %u with every flag, width and precision
test_u() { agree u 13824; }

# format agrees with C for %o with every flag, width and precision
test_o() { agree o 13824; }

# format agrees with C for %x with every flag, width and precision
test_x() { agree x 13824; }

# format agrees with C for %X with every flag, width and precision
test_upper_x() { agree X 13824; }

# format agrees with C for %c with every width
test_c() { agree c 36; }

# format agrees with C for %s with every width and precision
test_s() { agree s 384; }
