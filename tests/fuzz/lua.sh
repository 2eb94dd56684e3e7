# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# A little of what `make fuzz` does for long.

# guest ARG...: runs scripts as the fuzzer does, which loads the module itself.
guest() {
	rmmod luadrv
	"$TESTS/fuzz/guest" "$@"
}

# generate HASHSEED: some scripts of a seed.
generate() {
	PYTHONHASHSEED=$1 PYTHONPATH=$TESTS/fuzz:$TESTS python3 -B -c '
import sys
from lua import generate
for number in range(int(sys.argv[1])):
    print(generate.script(3, number).text())' $((SLOW == 1 ? 12 : 3))
}

# what generated scripts found once is well
# timeout: 200
test_corpus() {
	guest 100 "$TESTS"/fuzz/corpus/*.lua >output || fail "$(tail -n 2 output)"
}

# generated scripts end in time, leave nothing, and say what lua5.3 says
# timeout: 200
test_generated() {
	guest 15 1 0 >output || fail "$(tail -n 2 output)"
	grep -q '^stat.* ok=' output || fail "none ended well"
}

# a seed always gives the same scripts
test_same() {
	same "$(generate 1)" "$(generate 2)"
}

# a script that says something else than lua5.3 is a finding
test_difference() {
	printf '%s\n' '--! fuzz compare=1' 'print("> both")' 'print("> " .. tostring(kernel ~= nil))' >differs.lua
	! guest 20 differs.lua >output || fail "nothing was found"
	grep -qF "finding 0 line 2 is ['> true'], with lua5.3 ['> false']" output || fail "$(cat output)"
}
