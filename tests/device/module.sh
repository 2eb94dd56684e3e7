# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The module: loading, unloading, parameters.

# refuses_to_unload: rmmod must fail because the module is in use.
refuses_to_unload() {
	local complaint
	complaint=$(rmmod luadrv 2>&1) && fail 'unloaded'
	[[ $complaint = *'in use'* || $complaint = *'temporarily unavailable'* || $complaint = *busy* ]] ||
		fail "rmmod says: $complaint"
}

# the module cannot be unloaded while a session is open, and can afterwards
test_open() {
	exec 7>/dev/luadrv
	refuses_to_unload
	echo 'print("still there")' >&7
	refuses_to_unload
	exec 7>&-
	expect_said 'still there'
	rmmod luadrv
}

# the module cannot be unloaded while a script runs, and can afterwards
test_running() {
	start_ready <<<'print("ready") while true do end'
	refuses_to_unload
	stop_script
	rmmod luadrv
}

# the module can be unloaded at once after a script, whatever that left behind
test_after_script() {
	expect_run '' <<<'
keep = {}
for i = 1, 1000 do keep[i] = coroutine.wrap(function() coroutine.yield() end) keep[i]() end
setmetatable(keep, { __gc = function() keep = nil end })'
	rmmod luadrv
}

# unloading removes the device and everything else
test_leaves_nothing() {
	rmmod luadrv
	[ ! -e /dev/luadrv ] || fail 'the device is still there'
	[ ! -e /sys/kernel/debug/luadrv ] || fail 'the folder in debugfs is still there'
	[ ! -e /sys/class/misc/luadrv ] || fail 'the class device is still there'
}

# the module is loaded and unloaded fifty times (fewer on a slow kernel), with a script each time
# timeout: 150
test_many_times() {
	local i many=$((50 / SLOW))
	rmmod luadrv
	for ((i = 0; i < many; i++)); do
		insmod "$LUADRV_KO"
		expect_run '' <<<'print("loaded")'
		rmmod luadrv
	done
	same "$(said_times loaded)" "$many" 'scripts that ran'
}

# memory takes bytes and the suffixes K, M and G
test_memory_values() {
	local value bytes
	while read -r value bytes; do
		param memory "$value"
		same "$(param memory)" "$bytes" "$value"
	done <<-END
		16M 16777216
		64K 65536
		2G 2147483648
		1m 1048576
		1000000 1000000
		0x100000 1048576
	END
}

# memory refuses what is no size, and keeps what it had
test_memory_junk() {
	local value
	param memory 16M
	for value in abc '' ' ' 16X 16MB 1.5M -1 '16 M' 18446744073709551615 99999999999999999999999999; do
		! param memory "$value" 2>/dev/null || fail "took '$value'"
		same "$(param memory)" 16777216 "after '$value'"
	done
}

# parameters can be given when the module is loaded
test_load_parameters() {
	rmmod luadrv
	insmod "$LUADRV_KO" memory=1M max_script=1000 sockets=5
	same "$(param memory)" 1048576 memory
	same "$(param max_script)" 1000 max_script
	same "$(param sockets)" 5 sockets
	expect_run ENOMEM <<<'local s = ("x"):rep(1 << 20)'
}

# a junk parameter keeps the module from loading
test_load_junk() {
	rmmod luadrv
	! insmod "$LUADRV_KO" memory=lots 2>/dev/null || fail 'loaded'
}

# a change of memory counts for scripts that start afterwards
test_memory_change() {
	expect_run '' <<<'local s = ("x"):rep(4 << 20)'
	param memory 2M
	expect_run ENOMEM <<<'local s = ("x"):rep(4 << 20)'
	param memory 32M
	expect_run '' <<<'local s = ("x"):rep(4 << 20)'
}

# parameters are root's to write, and fail_alloc root's to read
test_parameter_modes() {
	local folder=/sys/module/luadrv/parameters
	same "$(stat -c %a $folder/memory $folder/max_script $folder/sockets $folder/fail_alloc | tr '\n' ' ')" '644 644 644 600 ' modes
}

# no symbol of Lua is exported to other modules
test_no_exports() {
	! grep -E ' __ksymtab_.*\[luadrv\]' /proc/kallsyms || fail 'exports symbols'
}

# the counters of live objects go up and down with what they count
test_live() {
	same "$(alive)" '' 'at the beginning'
	exec 7>/dev/luadrv
	same "$(live sessions)" 1 'sessions'
	exec 7>&-
	start_ready <<<'d = data.new(1000) print("ready") while true do end'
	same "$(live states)" 1 states
	same "$(live accounts)" 1 accounts
	# One by the file, one by the script.
	same "$(live netns)" 2 netns
	[ "$(live lua_bytes)" -gt 10000 ] || fail "lua_bytes: $(live lua_bytes)"
	[ "$(live charged_bytes)" -ge 1000 ] || fail "charged_bytes: $(live charged_bytes)"
	stop_script
	wait_for 'everything to go' nothing_alive
}
