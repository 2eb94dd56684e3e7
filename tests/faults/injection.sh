# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The kernel's own fault injection: allocations of the module, of the network and of the module loader fail.

# Runs a program of this folder where the kernel can inject faults.
inject() {
	[ -d /sys/kernel/debug/failslab ] || skip 'this kernel has no fault injection'
	"$TESTS/faults/$1" "${@:2}"
}

# a script during which the kernel's Nth allocation fails ends well or for want of memory, for every N
# timeout: 600
test_scripts() { inject sweep nth; }

# a load for whose threads the kernel's allocations fail, many of them, comes to its end
# timeout: 120
test_load() { inject sweep threads $((SLOW < 10 ? 30 : 12)) load_run; }

# opening, writing, splicing, closing and the parameters fail for want of memory at any allocation, or go well
# timeout: 300
test_device() { inject device calls; }

# the module cannot be loaded, and leaves nothing, if an allocation fails meanwhile
# timeout: 300
test_loading() { inject device loading; }
