# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# make soak, in short.

# the proxy under bad clients of every kind: no good one is disturbed, and nothing grows
# timeout: 240
test_soak() {
	"$TESTS/soak" --time 3 --rounds 2 --clients 30 --seed 1 || fail "exit status $?"
}
