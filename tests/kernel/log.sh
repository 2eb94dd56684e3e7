# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What kernel.log does to the log.

# kernel.log writes at the level it is told, by name and by number
test_levels() {
	local got
	expect_run '' <<<'
		for level, name in pairs { [0] = "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug" } do
			kernel.log(name, "named " .. name)
			kernel.log(level, "numbered " .. name)
		end'
	got=$(dmesg -r | sed -nE 's/^<([0-7])>.*: (named|numbered) ([a-z]+)$/\1 \2 \3/p' | sort)
	same "$got" "$(for how in named numbered; do
		level=0
		for name in emerg alert crit err warning notice info debug; do
			echo "$((level++)) $how $name"
		done
	done | sort)" levels
}

# kernel.log names the process as print does, whatever print was redirected to
test_owner() {
	start_ready <<<'kernel.log("err", "told") print("ready") kernel.sleep(100000)'
	klog | grep -qx "luadrv: cat\[$script\]: told" || fail "no record of cat[$script]"
	stop_script
}

# kernel.version is what uname tells
test_version() {
	expect_run '' <<<'print("version " .. kernel.version)'
	expect_said "version $(uname -r)"
}

# kernel.cpus is how many processors are online
test_cpus() {
	expect_run '' <<<'print("cpus " .. kernel.cpus)'
	expect_said "cpus $(getconf _NPROCESSORS_ONLN)"
}
