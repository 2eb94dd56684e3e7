# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The scripts of same/ print the same in the kernel and with Lua 5.3 outside.
# They keep to what has no float and is in the kernel.

here=$(dirname "${BASH_SOURCE[0]}")/same

# What Lua outside of the kernel prints. A chunk of its own calls the script there.
outside() {
	TZ=UTC0 lua5.3 -e 'assert(load(io.read("a"), "=script"))()' <"$1" 2>/dev/null |
		sed -E '/^\t\(command line\):1: in main chunk$/d; s/<10><9>\(command line\):1: in main chunk//g'
}

agree() {
	command -v lua5.3 >/dev/null || skip "no lua5.3 here"
	cat - "$here/show.lua" "$here/$1.lua" <<<"local SLOW = $SLOW" >script.lua
	outside script.lua >want
	expect_run '' script.lua
	said >got
	[ -s want ] || fail "nothing was printed"
	diff -U 0 want got >&2 || fail "the kernel's Lua differs (-: outside, +: the kernel)"
}

# Lua 5.3 and the kernel agree on arithmetic
test_arithmetic() { agree arithmetic; }

# Lua 5.3 and the kernel agree on long, wide and deep programs (less of them on a slow kernel)
# timeout: 300
test_large() { agree large; }

# Lua 5.3 and the kernel agree on calls, load and varargs
test_calls() { agree calls; }

# Lua 5.3 and the kernel agree on coroutines
test_coroutines() { agree coroutines; }

# Lua 5.3 and the kernel agree on debug.getinfo and tracebacks
test_debug() { agree debug; }

# Lua 5.3 and the kernel agree on the texts of errors
test_errors() { agree errors; }

# Lua 5.3 and the kernel agree on metamethods
test_metamethods() { agree metamethods; }

# Lua 5.3 and the kernel agree on the garbage collector
test_collector() { agree collector; }

# Lua 5.3 and the kernel agree on goto, closures and loops
test_control() { agree control; }

# Lua 5.3 and the kernel agree on tables
test_tables() { agree tables; }

# Lua 5.3 and the kernel agree on patterns
test_patterns() { agree patterns; }

# Lua 5.3 and the kernel agree on table.sort
test_sorting() { agree sorting; }

# Lua 5.3 and the kernel agree on strings
test_strings() { agree strings; }

# Lua 5.3 and the kernel agree on string.pack
test_pack() { agree pack; }

# Lua 5.3 and the kernel agree on utf8 and on literals
test_utf8() { agree utf8; }

# Lua 5.3 and the kernel agree on dates (UTC)
test_os() { agree os; }

# module NAME: makes mod/NAME.lua of standard input.
module() {
	mkdir -p "$(dirname "mod/$1")"
	cat >"mod/$1.lua"
}

# Lua 5.3 and the kernel agree on require and package
test_require() {
	module plain <<<'local name, file, extra = ... return { name = name, file = file, extra = extra }'
	module deep/er/inside <<<'return ...'
	module pack/init <<<'return "of " .. ...'
	module nothing_returned <<<'local x = 1'
	module gives_nil <<<'return nil'
	module gives_false <<<'return false'
	module sets_itself <<<'package.loaded[...] = "by itself"'
	module returns_two <<<'return 1, 2'
	printf '#!/usr/bin/lua\nreturn 1, error and debug.getinfo(1, "l").currentline' | module with_bang
	printf '#!/usr/bin/lua' | module only_bang
	printf '\xef\xbb\xbfreturn "marked"' | module with_mark
	printf 'local x\n\nx y' | module syntax
	printf '\n\nlocal function f() error("aua") end\nf()' | module raises
	module raises_table <<<'error(setmetatable({}, { __tostring = function() return "a table" end }))'
	module after <<<'return { ok = true }'
	agree require
}
