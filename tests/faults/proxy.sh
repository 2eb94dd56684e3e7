# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The proxy serves a connection while its allocations fail.

# the proxy's Nth allocation and all later ones fail, for every N through a connection: it ends or drops it
# timeout: 600
test_all() { "$TESTS/faults/proxy" own 0; }

# the proxy's Nth allocation fails alone, for every N through a connection: it serves
# timeout: 600
test_once() { "$TESTS/faults/proxy" own 1; }

# the proxy's Nth allocation fails for good, for every N through a connection: it ends, or serves the next one
# timeout: 600
test_recover() { "$TESTS/faults/proxy" own 2; }

# the kernel's Nth allocation for the proxy fails, for every N through a connection: it ends, or serves the next one
# timeout: 600
test_injected() {
	[ -d /sys/kernel/debug/failslab ] || skip 'this kernel has no fault injection'
	"$TESTS/faults/proxy" nth
}
