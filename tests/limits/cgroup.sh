# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What the kernel does not give, to a process in a memory cgroup of 32 MiB, whatever the module would allow.

GROUP=/sys/fs/cgroup/luadrv-test

make_group() {
	grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null || skip 'there is no memory cgroup'
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir $GROUP
	trap 'rmdir $GROUP' EXIT
	echo 32M >$GROUP/memory.max
	param memory 2000M
}

# run_grouped: cat writes the script on standard input to the device; $result is its exit status, $errno as ever.
run_grouped() {
	local complaint
	result=0 errno=''
	# shellcheck disable=SC2016 # for the inner shell
	complaint=$(LC_ALL=C bash -c 'echo $$ >"$0"; exec cat >/dev/luadrv' $GROUP/cgroup.procs 2>&1) || result=$?
	[ "$result" != 1 ] || errno=$(errno_name "$complaint")
}

# data that the kernel has no memory for is refused, and nobody is killed for it
test_data() {
	make_group
	run_grouped <<<'local ok, e = pcall(data.new, 256 << 20) assert(not ok and e.name == "ENOMEM") print("refused")'
	same "$result" 0 'exit status'
	expect_said refused
}

# a heap that the kernel has no memory for ends the script with ENOMEM, and nobody is killed for it
test_heap() {
	make_group
	run_grouped <<<'local t = {} while true do t[#t + 1] = {} end'
	same "$result" 1 'exit status'
	same "$errno" ENOMEM 'errno of close'
}

# a script goes on when the kernel had no memory for a string
test_string() {
	make_group
	run_grouped <<<'assert(not pcall(string.rep, "x", 256 << 20)) print("goes on")'
	same "$result" 0 'exit status'
	expect_said 'goes on'
}
