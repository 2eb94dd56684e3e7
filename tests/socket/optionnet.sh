# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Options that are about devices, address translation and rights.

# expect_prints TEXT [COMMAND...]: runs the script on standard input, with the command before cat; it prints just the text.
expect_prints() {
	local want=$1
	shift
	cat >script.lua
	"$@" cat script.lua >/dev/luadrv || fail "the script failed: $(klog | tail -5)"
	same "$(said | tr '\t' ' ')" "$want" output
}

# Makes two connected devices, of which "left" has an address.
make_devices() {
	ip link add left type veth peer name right
	ip addr add 192.0.2.1/24 dev left
	ip link set left up
	ip link set right up
}

# a listener that is bound to a device gets no connection over another one
test_other_device() {
	make_devices
	expect_prints 'ECONNREFUSED left' <<'END'
local s = socket.new("i", "t")
s:setsockopt("socket", "bindtodevice", "left")
s:bind(0, 7900)
s:listen()
local ok, e = pcall(function() socket.new("i", "t"):connect("127.0.0.1", 7900) end)
print(e.name, s:getsockopt("socket", "bindtodevice"))
END
}

# a socket tells the new name of the device that it is bound to, and that it is gone
test_device_goes() {
	make_devices
	cat >script.lua <<'END'
local s, server = socket.new("i", "u"), socket.new("i", "t")
s:setsockopt("socket", "bindtodevice", "left")
server:bind("127.0.0.1", 7900)
server:listen()
print("ready")
server:accept()
print("it is called " .. s:getsockopt("socket", "bindtodevice"))
server:accept()
print(pcall(s.getsockopt, s, "socket", "bindtodevice"))
s:setsockopt("socket", "bindtodevice", "")
print("it is unbound " .. s:getsockopt("socket", "bindtodevice"))
END
	start_ready script.lua
	ip link set left down
	ip link set left name larboard
	nc -z 127.0.0.1 7900
	wait_for 'its name' says 'it is called larboard'
	ip link del larboard
	nc -z 127.0.0.1 7900
	reap "$script"
	same "$status" 0 'exit status'
	expect_said 'getsockopt bindtodevice: no such device (ENODEV)'
	expect_said 'it is unbound '
}

# a group is joined on the device that is named
test_group_device() {
	make_devices
	cat >script.lua <<'END'
local s = socket.new("i", "u")
s:setsockopt("ip", "add_membership", { "224.1.2.3", "left" })
s:setsockopt("ip", "add_membership", { group = "224.1.2.4", device = "right" })
s:setsockopt("ip", "multicast_if", "right")
print("ready")
kernel.sleep(100000)
END
	start_ready script.lua
	ip maddr show dev left | grep -q 224.1.2.3 || fail 'not joined on the left'
	ip maddr show dev right | grep -q 224.1.2.4 || fail 'not joined on the right'
	! ip maddr show dev right | grep -q 224.1.2.3 || fail 'joined on both'
	stop_script
	! ip maddr show | grep -q 224.1.2 || fail 'still joined'
}

# an address of others is bound to by freebind, and by transparent
test_foreign_address() {
	expect_prints 'EADDRNOTAVAIL bound bound' <<'END'
local function bind(option)
	local s = socket.new("i", "t")
	if option then s:setsockopt("ip", option, true) end
	local ok, e = pcall(s.bind, s, "198.51.100.7", 0)
	return ok and "bound" or e.name
end
print(bind(), bind("freebind"), bind("transparent"))
END
}

# needs_nat FAMILY: skips where the kernel has no address translation.
needs_nat() {
	nft add table "$1" check 2>/dev/null || skip 'no nftables here'
	nft delete table "$1" check
}

# redirect FAMILY DESTINATION: what goes to port 7901 there comes to 7900 here.
redirect() {
	needs_nat "$1"
	nft -f - <<-END || skip 'no address translation here'
		table $1 test {
			chain output {
				type nat hook output priority -100;
				$1 daddr $2 tcp dport 7901 redirect to :7900
			}
		}
	END
}

# a redirected connection tells where it was going
test_original_dst() {
	redirect ip 127.0.0.2
	expect_prints $'127.0.0.2 7901\n127.0.0.1 7900' <<'END'
local s = socket.new("i", "t")
s:bind("127.0.0.1", 7900)
s:listen()
for _, to in ipairs{ { "127.0.0.2", 7901 }, { "127.0.0.1", 7900 } } do
	local c = socket.new("i", "t")
	c:connect(to[1], to[2])
	local dst = s:accept():getsockopt("ip", "original_dst")
	print(dst.addr, dst.port)
end
END
}

# a redirected connection over IPv6 tells where it was going
test_original_dst6() {
	redirect ip6 ::1
	expect_prints $'::1 7901\nENOENT' <<'END'
local s = socket.new("i6", "t")
s:bind("::1", 7900)
s:listen()
local c = socket.new("i6", "t")
c:connect("::1", 7901)
local p = s:accept()
local dst = p:getsockopt("ipv6", "original_dst")
print(dst.addr, dst.port)
print(select(2, pcall(p.getsockopt, p, "ip", "original_dst")).name)
END
}

# a script without rights on the network may not set what needs them
test_rights() {
	command -v setpriv >/dev/null || skip 'no setpriv here'
	expect_prints 'all refused' setpriv --bounding-set=-net_admin,-net_raw <<'END'
local function refused(level, option, value, name)
	local s = socket.new("i", "t")
	local before = pcall(s.getsockopt, s, level, option) and s:getsockopt(level, option)
	local ok, e = pcall(s.setsockopt, s, level, option, value)
	assert(not ok and e.name == (name or "EPERM") and e.call == "setsockopt" and e.target == option, option)
	assert(not before or s:getsockopt(level, option) == before, option)
end
refused("socket", "mark", 1)
refused("socket", "priority", 7)
refused("socket", "rcvbufforce", 1000000)
refused("socket", "sndbufforce", 1000000)
refused("socket", "debug", true, "EACCES")
refused("socket", "attach_filter", { { 6, 0, 0, 1 } })
refused("ip", "transparent", true)
local u = socket.new("i", "u")
u:setsockopt("socket", "attach_filter", { { 6, 0, 0, 1 } })
u:setsockopt("socket", "priority", 6)
print("all refused")
END
}

# the longest part of a message that came in parts is told, if it is asked for
test_fragments() {
	ip link set lo mtu 1500
	expect_prints 'ip 1500 ipv6 1496' <<'END'
local function longest(family, level, host)
	local a, b = socket.new(family, "u"), socket.new(family, "u")
	b:bind(host, 0)
	b:setsockopt(level, "recvfragsize", true)
	a:sendmsg({ name = { host, (select(2, b:getsockname())) } }, ("x"):rep(4000))
	local _, _, hdr = b:recvmsg({ iov_len = 4000, control = {} })
	local c = hdr.control[1]
	assert(#hdr.control == 1 and c.level == level and c.type == "recvfragsize")
	return c.value
end
print("ip", longest("inet", "ip", "127.0.0.1"), "ipv6", longest("inet6", "ipv6", "::1"))
END
}

# the address to send an IPv6 message from may name its device
test_pktinfo_scope() {
	ip addr add fe80::7/64 dev lo nodad
	expect_prints 'fe80::7' <<'END'
local a, b = socket.new("inet6", "u"), socket.new("inet6", "u")
b:bind("::", 0)
local peer = { "::1", (select(2, b:getsockname())) }
local function send(info)
	info.level, info.type = "ipv6", "pktinfo"
	return pcall(a.sendmsg, a, { name = peer, control = { info } }, "x")
end
assert(send{ addr = "fe80::7%lo" })
local _, _, hdr = b:recvmsg({ iov_len = 1 })
-- The index that is there already counts.
assert(not send{ addr = "fe80::7%lo", ifindex = 1000 })
print((hdr.name.addr:gsub("%%.*", "")))
END
}
