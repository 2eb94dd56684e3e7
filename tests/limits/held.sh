# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The limit of a script's memory is one of the machine's memory.

# Kilobytes that nobody uses.
free_memory() { awk '$1 == "MemFree:" { print $2 }' /proc/meminfo; }

# holds SCRIPT: a script that takes memory until there is none left takes about what the limit says of the machine's.
holds() {
	local before held
	param memory 64M
	echo 3 >/proc/sys/vm/drop_caches
	before=$(free_memory)
	start_ready <<<"$1"' print("ready") kernel.sleep(1000000)'
	held=$((before - $(free_memory)))
	# Others give memory back meanwhile.
	[ $held -gt $((36 * 1024)) ] || fail "it holds $held kB only"
	[ $held -lt $((84 * 1024)) ] || fail "it holds $held kB"
	stop_script
}

# strings of any size take no more memory than the limit
test_strings() {
	holds 't = {} pcall(function() for i = 1, 1 << 40 do t[i] = ("x"):rep(33000) .. i end end)'
}

# data objects take no more memory than the limit
test_data() {
	holds 't = {} pcall(function() for i = 1, 1 << 40 do t[i] = data.new(33000 + i % 100) end end)'
}
