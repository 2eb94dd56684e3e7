# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What the tests of the examples share.

EXAMPLES=$TESTS/../examples
: "${script:=}"
# Seconds that are over soon, but not before a client of the proxy is served on a machine that is busy.
# shellcheck disable=SC2034
SOON=$((SLOW < 10 ? 2 : 6))

# On a slow kernel, connections hold less, so that it takes less time to fill them: a quarter of a megabyte.
if [ "$SLOW" != 1 ]; then
	echo 4096 65536 262144 >/proc/sys/net/ipv4/tcp_wmem
	echo 4096 131072 262144 >/proc/sys/net/ipv4/tcp_rmem
fi

# start_proxy [NAME=VALUE...]: starts the proxy, with other values for its constants,
# and waits until it listens.
start_proxy() {
	copy_proxy "$@"
	start_script proxy.lua
	wait_for "the proxy" says 'proxy on 0.0.0.0:8080' "$script"
}

# copy_proxy [NAME=VALUE...]: proxy.lua, with an assignment below the line that declares the constant.
copy_proxy() {
	local setting
	cp "$EXAMPLES/proxy.lua" .
	for setting in "$@"; do
		grep -qE "^local .*\<${setting%%=*}\>.* = " proxy.lua || fail "the proxy has no ${setting%%=*}"
		sed -Ei "/^local .*\<${setting%%=*}\>.* = /a $setting" proxy.lua
	done
}

# start_proxy_with_dns [NAME=VALUE...]: the same, and what names it knows is said by tests/socket/dns.py.
start_proxy_with_dns() {
	copy_proxy "$@"
	echo 'nameserver 127.0.0.1' >resolv.conf
	"$TESTS/socket/dns.py" >dns.log 2>&1 &
	wait_for 'the name server' grep -q ready dns.log
	set -m
	unshare --mount bash -ec 'mount --bind resolv.conf /etc/resolv.conf; exec cat proxy.lua >/dev/luadrv' &
	script=$!
	set +m
	wait_for "the proxy" says 'proxy on 0.0.0.0:8080' "$script"
}

# client: runs the Python program on standard input; socks.py has what it may use.
client() {
	{ echo 'from socks import *' && cat; } >client.py
	PYTHONPATH=$TESTS/examples python3 -BS client.py
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

# start_http [NAME=VALUE]: the web server, for a folder www, with another value for a constant.
start_http() {
	mkdir -p www/folder
	sed -E "s,/var/www,$PWD/www,${1:+; /^local .*\<${1%%=*}\>.* = /a $1}" "$EXAMPLES/http.lua" >http.lua
	start_script http.lua
	wait_for 'the web server' says 'http on 0.0.0.0:8000' "$script"
}

# start_dns: the forwarder, with tests/socket/dns.py as its name server.
start_dns() {
	"$TESTS/socket/dns.py" >dns.log 2>&1 &
	wait_for 'the name server' grep -q ready dns.log
	sed "s/9\.9\.9\.9/127.0.0.1/; s/PATIENCE = 256, 5/PATIENCE = 256, $SOON/" "$EXAMPLES/dns.lua" >dns.lua
	start_script dns.lua
	wait_for 'the forwarder' says 'dns on 127.0.0.1:5300' "$script"
}
