# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# shellcheck disable=SC2154 # script, status: lib.sh
# Network namespaces that are deleted under loads, and peers that are gone without a word.

flows=$((1000 / SLOW))

# Makes a namespace that goes with the test, and a device that leads to it. Who does not answer is given up soon.
make_inner() {
	ip netns add inner
	trap 'ip netns del inner 2>/dev/null || true' EXIT
	ip -n inner link set lo up
	ip link add outer type veth peer name inside netns inner
	ip addr add 192.0.2.1/24 dev outer
	ip -n inner addr add 192.0.2.2/24 dev inside
	ip link set outer up
	ip -n inner link set inside up
	hurry
	ip netns exec inner sh -c "$(declare -f hurry); hurry"
}
hurry() {
	echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries
	echo 2 >/proc/sys/net/ipv4/tcp_retries2
}

# start_inner: start_ready with the script on standard input, in the namespace.
start_inner() {
	cat >inner.lua
	set -m
	ip netns exec inner cat inner.lua >/dev/luadrv 2>inner.complaint &
	script=$!
	set +m
	wait_for 'the script inside to say ready' says ready "$script"
}

no_outer() { ! ip link show outer >/dev/null 2>&1; }

# both_inside WORKLOAD SIGNAL: the namespace with both ends of a load is deleted; the load goes on until a signal ends it.
both_inside() {
	make_inner
	start_inner <<-END
		require("load").run{ role = "both", workload = "$1", num_flows = $flows, num_threads = 2, test_length = "1h",
			interval = "100ms", on_interval = function(_, delta)
				if delta.sent > 0 then print "ready" end
			end }
	END
	ip netns del inner
	dmesg --clear
	wait_for 'the load to go on' says ready "$script"
	stop_script "$2"
	wait_for 'everything to be gone' nothing_alive
	wait_for 'the namespace to be gone' no_outer
}

# a namespace that is deleted under a thousand flows of tcp_rr goes when their script is killed
test_tcp_rr() { both_inside tcp_rr KILL; }

# a namespace that is deleted under a thousand flows of tcp_crr goes when their script is stopped
test_tcp_crr() { both_inside tcp_crr TERM; }

# a namespace that is deleted under a thousand flows of tcp_stream goes when their script is stopped
test_tcp_stream() { both_inside tcp_stream INT; }

# a namespace that is deleted under a thousand flows of udp_rr goes when their script is killed
test_udp_rr() { both_inside udp_rr KILL; }

# lose_peer WORKLOAD: a client here loses its server, and the server in the namespace its client.
lose_peer() {
	make_inner
	start_inner <<-END
		print "ready"
		local ok, err = pcall(require("load").run, { role = "server", workload = "$1" })
		print("server: " .. tostring(err))
	END
	server=$script
	start_ready <<-END
		local cut = false
		local function wait_for_cut(_, delta)
			if cut or delta.sent == 0 then return end
			print "ready"
			while pcall(function() socket.new("inet", "udp"):connect("192.0.2.2", 1) end) do kernel.sleep(10) end
			cut = true
		end
		local result = require("load").run{ role = "client", workload = "$1", host = "192.0.2.2", test_length = "200ms",
			num_flows = $flows, interval = "10ms", on_interval = wait_for_cut }
		for _, err in ipairs(result.error_list) do print("client: " .. err.cause .. " " .. err.name) end
	END
	ip link del outer
	LIMIT=60 reap "$script"
	same "$status" 0 "the client's status"
	expect_said 'client: control '
	LIMIT=60 reap "$server"
	same "$status" 0 "the server's status"
	expect_said 'did not come to its end'
	wait_for 'everything to be gone' nothing_alive
}

# a tcp_stream whose network is cut ends on both sides, which say so
# timeout: 180
test_cut_tcp_stream() { lose_peer tcp_stream; }

# a udp_rr whose network is cut ends on both sides, which say so
# timeout: 180
test_cut_udp_rr() { lose_peer udp_rr; }
