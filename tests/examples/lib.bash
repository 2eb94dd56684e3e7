# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What the tests of the examples share.

EXAMPLES=$TESTS/../examples
: "${script:=}"

# start_proxy [NAME=VALUE...]: starts the proxy, with other values for its constants,
# and waits until it listens.
start_proxy() {
	copy_proxy "$@"
	start_script proxy.lua
	wait_for "the proxy" says 'proxy on 0.0.0.0:8080' "$script"
}

# The values of a constant begin after "NAME" and end before the next comma or comment.
copy_proxy() {
	local setting
	cp "$EXAMPLES/proxy.lua" .
	for setting in "$@"; do
		case $setting in
		HANDSHAKE=*) sed -Ei "s/^local HANDSHAKE, CONNECT = [0-9]+/local HANDSHAKE, CONNECT = ${setting#*=}/" proxy.lua ;;
		CONNECT=*) sed -Ei "s/^(local HANDSHAKE, CONNECT = [0-9]+), [0-9]+/\\1, ${setting#*=}/" proxy.lua ;;
		IDLE=*) sed -Ei "s/^local IDLE, HALF = [0-9]+/local IDLE, HALF = ${setting#*=}/" proxy.lua ;;
		HALF=*) sed -Ei "s/^(local IDLE, HALF = [0-9]+), [0-9]+/\\1, ${setting#*=}/" proxy.lua ;;
		*) fail "no constant: $setting" ;;
		esac
	done
	[ $# = 0 ] || ! cmp -s "$EXAMPLES/proxy.lua" proxy.lua || fail "the proxy's constants are not where they were"
}

# client: runs the Python program on standard input; socks.py has what it may use.
client() {
	{ echo 'from socks import *' && cat; } >client.py
	PYTHONPATH=$TESTS/examples python3 -B client.py
}

# The script still runs.
expect_running() { ! ended "$script" || fail "the script has ended"; }

# ticks: CPU time of the script, in hundredths of a second.
ticks() {
	local fields
	read -ra fields <<<"$(proc_stat "$script")"
	echo $((fields[11] + fields[12]))
}

# expect_idle: within a second the script uses next to no CPU time.
expect_idle() {
	local before after
	before=$(ticks)
	sleep 1
	after=$(ticks)
	[ $((after - before)) -le $((4 * SLOW)) ] || fail "$((after - before)) ticks of CPU time in an idle second"
}
