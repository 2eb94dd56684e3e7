# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# shellcheck disable=SC2154 # status: lib.sh
# Addresses that name interfaces: link-local ones of IPv6, and those of packet sockets.

# A link to a namespace that goes with the test: v0 here, v1 there.
make_link() {
	ip netns add far
	trap 'ip netns del far 2>/dev/null || true' EXIT
	ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02 netns far
	ip addr add 10.9.9.1/24 dev v0
	ip addr add fe80::1/64 dev v0 nodad
	ip -n far addr add 10.9.9.2/24 dev v1
	ip -n far addr add fe80::2/64 dev v1 nodad
	ip link set v0 up
	ip -n far link set v1 up
}

listening() { ip netns exec far ss -Htln sport = :7900 | grep -q .; }

# a link-local peer is reached through the interface that is named, and is called by it
test_link_local() {
	make_link
	echo 'from afar' | ip netns exec far nc -6 -N -l fe80::2%v1 7900 >received 2>/dev/null || true &
	wait_for 'the listener' listening
	expect_run '' <<'END'
local c = socket.new("inet6", "tcp")
c:bind("fe80::1%v0", 0)
c:connect("FE80::2%v0", 7900)
print(tostring(c))
print("peer " .. c:getpeername())
c:write("from here")
print("read " .. c:read())
END
	expect_said ' > [fe80::2%v0]:7900)'
	expect_said 'socket (tcp [fe80::1%v0]:'
	expect_said 'peer fe80::2%v0'
	expect_said 'read from afar'
	wait_for 'what the script wrote' grep -q 'from here' received
}

# a datagram's link-local sender is named with its interface, and the name can be used to answer
test_link_local_sender() {
	make_link
	start_ready <<'END'
local s = socket.new("inet6", "udp")
s:bind("::", 7900)
print("ready")
local _, _, h = s:recvmsg{ iov_len = 100 }
print("from " .. h.name.addr)
s:sendmsg(h, "answer")
END
	same "$(ip netns exec far python3 -c '
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.settimeout(20)
s.bind(("fe80::2", 0, 0, socket.if_nametoindex("v1")))
s.sendto(b"x", ("fe80::1%v1", 7900))
print(s.recv(100).decode())')" answer
	reap "$script"
	expect_said 'from fe80::2%v0'
}

# an interface that is called by a number goes before the one that has it
test_numeric_name() {
	ip link add 1 type dummy
	expect_run '' <<'END'
local s = socket.new("packet", "raw")
s:bind("1", 3)
print("bound to " .. s:getsockname())
s:bind(1, 3)
print("bound to " .. s:getsockname())
local e = select(2, pcall(socket.new("inet6", "udp").connect, socket.new("inet6", "udp"), "fe80::9%1", 80))
print(e.target)
END
	expect_said 'bound to 1'
	expect_said 'bound to lo'
	expect_said '[fe80::9%1]:80'
	ip link del 1
}

# a packet tells the address that it has on the link, and how it came
test_packet() {
	make_link
	start_ready <<'END'
local s = socket.new("packet", "dgram", 0)
s:bind("v0", 0x0806)
local name, protocol, hwaddr = s:getsockname()
print(("bound to %s %#x %s"):format(name, protocol, hwaddr))
print("ready")
local header, buf = {}, data.new(100)
repeat s:recvmsg(header, buf) until header.name.pkttype ~= "outgoing"
print(("from %s %#x %s %s"):format(header.name.addr, header.name.port, header.name.hwaddr, header.name.pkttype))
END
	expect_said 'bound to v0 0x806 02:00:00:00:00:01'
	ip netns exec far nc -z -w 1 10.9.9.1 7901 || true
	reap "$script"
	same "$status" 0 'exit status'
	expect_said 'from v0 0x806 02:00:00:00:00:02 broadcast'
}

# a set is told when its packet socket's interface goes
test_interface_gone_set() {
	ip link add v0 up type dummy
	start_ready <<'END'
local s = socket.new("packet", "raw")
s:bind("v0", 0x88b5)
local p = socket.poll()
p:add(socket.new("inet", "udp"))
p:add(s, 0)
print("ready")
local index, sock, events = p:select()
assert(index == 1 and sock == s and events & socket.event.ERR ~= 0)
print("told " .. select(2, pcall(s.recv, s, 100, "D")).name)
END
	wait_for 'the script to wait' waits_in "$script" lpoll_wait
	ip link del v0
	reap "$script"
	same "$status" 0 'exit status'
	expect_said 'told ENETDOWN'
}

# a packet socket whose interface goes gets an error object, and has none afterwards
test_interface_gone() {
	ip link add v0 up type dummy
	start_ready <<'END'
local s = socket.new("packet", "raw")
s:bind("v0", 0x88b5)
print("ready")
local ok, e = pcall(s.recv, s, 100)
print(tostring(e))
repeat kernel.sleep(1) until s:getsockname() == ""
print(tostring(s))
END
	ip link del v0
	reap "$script"
	expect_said 'network is down (ENETDOWN)'
	expect_said 'socket (packet raw *:0x88b5)'
}
