# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# shellcheck disable=SC2154 # script: lib.sh
# Network namespaces that are deleted under many busy relays.

many=$((1000 / SLOW < 50 ? 50 : 1000 / SLOW))

# What the scripts share: tunnels; in one of 25 bytes go round for ever between two echoes.
helpers="local MANY = $many
"'local function tcp(address, port)
	local s = socket.new("inet", "tcp")
	s:connect(address, port)
	return s
end
local function listener(address)
	local s = socket.new("inet", "tcp")
	s:bind(address, 7900)
	s:listen()
	return s
end
local echoes = {}
local function echo(s) echoes[#echoes + 1] = socket.splice(s, s, { nowait = true }) end
local set, relays = socket.relays{ idle = 1000 }, {}
-- Calls pair() so many times for two streams, and what comes with them, and then has them all relayed.
local function tunnels(pair)
	local all = {}
	for i = 1, MANY do all[i] = table.pack(pair()) end
	for i, t in ipairs(all) do
		t[1]:write(("x"):rep(i % 900 + 1))
		if i % 2 == 0 then set:add(t[1], t[2])
		else relays[#relays + 1] = socket.relay(t[1], t[2], { nowait = true, idle = 1000 }) end
		if i % 25 == 0 then for j = 3, t.n do echo(t[j]) end end
	end
end
'

# Makes a namespace that goes with the test, and a device that leads to it.
make_inner() {
	ip netns add inner
	trap 'ip netns del inner 2>/dev/null || true' EXIT
	ip -n inner link set lo up
	# What cannot arrive any more is given up soon, and its namespace can go.
	echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries
	ip netns exec inner sh -c 'cd /proc/sys/net/ipv4 && echo 1 >tcp_orphan_retries && echo 2 >tcp_retries2'
	ip link add outer type veth peer name inside netns inner
	ip addr add 192.0.2.1/24 dev outer
	ip -n inner addr add 192.0.2.2/24 dev inside
	ip link set outer up
	ip -n inner link set inside up
}

no_outer() { ! ip link show outer >/dev/null 2>&1; }

# start_inner: start_ready with the script on standard input, in the namespace.
start_inner() {
	cat >inner.lua
	set -m
	ip netns exec inner cat inner.lua >/dev/luadrv 2>inner.complaint &
	script=$!
	set +m
	wait_for 'the script inside to say ready' says ready "$script"
}

# relayed: how many bytes relays have moved. moved_since COUNT: whether they have moved more.
relayed() { awk '{ n += $2 } END { print n }' /sys/kernel/debug/luadrv/relayed; }
moved_since() { [ "$(relayed)" -gt "$1" ]; }

# The namespace is deleted while its script has many busy relays; then a signal ends it.
delete_under() {
	local before
	make_inner
	start_inner <<<"$helpers"'local server = listener("127.0.0.1")
tunnels(function()
	local a, b = tcp("127.0.0.1", 7900), tcp("127.0.0.1", 7900)
	return a, b, server:accept(), server:accept()
end)
print("ready")
kernel.sleep(1000000)'
	ip netns del inner
	before=$(relayed)
	wait_for 'bytes to go on' moved_since "$before"
	stop_script "$1"
	wait_for 'everything to be gone' nothing_alive
	wait_for 'the namespace to be gone' no_outer
}

# a namespace that is deleted under a thousand busy relays goes when their script is killed
# timeout: 240
test_deleted_kill() { delete_under KILL; }

# a namespace that is deleted under a thousand busy relays goes when their script is stopped
# timeout: 240
test_deleted_stop() { delete_under TERM; }

# start_outer TEXT: start_ready with a script whose relays have their peers in the namespace, of which $peers has the echoes.
start_outer() {
	make_inner
	start_inner <<<"$helpers"'local server = listener("192.0.2.2")
print("ready")
local all = {}
for i = 1, 2 * MANY do all[i] = server:accept() end
for i = 50, 2 * MANY, 50 do echo(all[i - 1]) echo(all[i]) end
print("echoes")
kernel.sleep(1000000)'
	peers=$script
	start_ready <<<"$helpers"'tunnels(function() return tcp("192.0.2.2", 7900), tcp("192.0.2.2", 7900) end)
print("ready")
'"$1"
	wait_for 'the echoes' says echoes "$peers"
}

# Waits for the end of all relays, and tells of it.
watch='while #set > 0 do kernel.sleep(10) end
local reasons = {}
for _, r in ipairs(relays) do reasons[select(3, r:wait())] = true end
assert(not reasons.eof and not reasons.stopped)
print("over")'

end_peers() {
	local relaying=$script
	script=$peers
	stop_script "$1"
	script=$relaying
}

# the device under a thousand busy relays goes, with their peers and their namespace: they end by their limit
# timeout: 240
test_peers_cut_off() {
	start_outer "$watch"
	ip link del outer
	ip netns del inner
	end_peers KILL
	reap "$script"
	same "$status" 0 'exit status'
	expect_said over
}

# the namespace of the peers of a thousand busy relays goes, with these: their script can be stopped at any moment
# timeout: 240
test_peers_deleted() {
	local i signal
	for signal in INT KILL; do
		start_outer 'kernel.sleep(1000000)'
		ip netns del inner
		end_peers KILL
		for ((i = RANDOM % 20; i > 0; i--)); do nap; done
		stop_script "$signal"
		wait_for 'everything to be gone' nothing_alive
		wait_for 'the namespace to be gone' no_outer
	done
}
