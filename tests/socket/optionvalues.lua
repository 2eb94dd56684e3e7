-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Options whose values are texts, words, tables, addresses, devices, groups and programs, and what they do.

-- Fails unless nothing can be received.
local function nothing(s)
	fails("EAGAIN", s.read, s, 100, "D")
end

-- Two UDP sockets on one port that a program can choose from, and a socket that sends there.
local function pair_of_one_port()
	local a, b = socket.new("inet", "udp"), socket.new("inet", "udp")
	a:setsockopt("socket", "reuseport", true)
	b:setsockopt("socket", "reuseport", true)
	a:bind(LO, 0)
	b:bind(a:getsockname())
	local sender = udp()
	sender:connect(a:getsockname())
	return a, b, sender
end

-- Ends a program of the packet filter with a number: of a socket, or of bytes.
local function ret(k) return { 6, 0, 0, k } end

--# info tells of a connection
local a, b = tcp_pair()
a:write(("x"):rep(1000))
eq(#b:read(1000), 1000)
b:write("y")
eq(a:read(1), "y")
local info = a:getsockopt("tcp", "info")
eq(info.state, 1)
eq(info.bytes_sent, 1000)
eq(info.bytes_acked, 1001)
eq(info.bytes_received, 1)
eq(info.retransmits, 0)
assert(info.rtt > 0 and info.snd_mss > 500 and info.snd_cwnd > 0 and info.rto > 0, info.rtt)
assert(info.snd_wscale <= 14 and info.delivery_rate_app_limited <= 1 and info.fastopen_client_fail <= 3)
eq(info.max_pacing_rate, -1)

--# info tells of sockets that are not connected
eq(tcp():getsockopt("tcp", "info").state, 7)
local info = listener(3):getsockopt("tcp", "info")
eq(info.state, 10)
eq(info.sacked, 3)

--# info is a new table each time, in which only what is listed is
local a = tcp_pair()
local fields = {}
for _, o in ipairs(socket.options()) do
	if o.name == "info" then for _, field in ipairs(o.fields) do fields[field] = true end end
end
local first, second = a:getsockopt("tcp", "info"), a:getsockopt("tcp", "info")
assert(first ~= second)
for name, value in pairs(first) do
	assert(fields[name], name)
	eq(math.type(value), "integer")
end

--# a socket's cookie is its own, and stays
local a, b = tcp(), tcp()
local cookie = a:getsockopt("socket", "cookie")
assert(cookie ~= 0 and cookie ~= b:getsockopt("socket", "cookie"))
eq(a:getsockopt("socket", "cookie"), cookie)

--# the path of a connection has an MTU
local a = tcp_pair()
local mtu = a:getsockopt("ip", "mtu")
assert(mtu >= 1500 and mtu <= 65536, mtu)
local s = udp()
fails("ENOTCONN", s.getsockopt, s, "ip", "mtu")

--# the algorithm of congestion control has a name
local s = tcp()
s:setsockopt("tcp", "congestion", "reno")
eq(s:getsockopt("tcp", "congestion"), "reno")
local e = fails("ENOENT", s.setsockopt, s, "tcp", "congestion", "fifteen letters")
eq(e.target, "congestion")
raises("congestion must be of 1..15 bytes without a zero", s.setsockopt, s, "tcp", "congestion", "sixteen letters.")
raises("congestion must be of 1..15 bytes", s.setsockopt, s, "tcp", "congestion", "")
raises("congestion must be of 1..15 bytes", s.setsockopt, s, "tcp", "congestion", "reno\0")
raises("congestion must be a string, not a number", s.setsockopt, s, "tcp", "congestion", 1)
eq(s:getsockopt("tcp", "congestion"), "reno")

--# seconds that the kernel counts otherwise are rounded up
local s = tcp()
for seconds, rounded in pairs{ [0] = 0, [1] = 1, [2] = 3, [3] = 3, [4] = 7, [100] = 127, [128] = 247, [29887] = 29887 } do
	s:setsockopt("tcp", "defer_accept", seconds)
	eq(s:getsockopt("tcp", "defer_accept"), rounded)
end

--# defer_accept: a connection is there to be accepted once it has sent something
local s, port = listener()
s:setsockopt("tcp", "defer_accept", 60)
local silent, other = tcp(), tcp()
silent:connect(LO, port)
other:connect(LO, port)
other:write("first")
eq(s:accept():read(), "first")
fails("EAGAIN", s.accept, s, "D")
silent:write("second")
eq(s:accept():read(), "second")

--# a listener's queue of connections with data is no longer than the system's
local s = tcp()
s:setsockopt("tcp", "fastopen", 0x7fffffff)
local n = s:getsockopt("tcp", "fastopen")
assert(n >= 128 and n < 0x7fffffff, n)

--# linger2 0 is the system's default
local s = tcp()
s:setsockopt("tcp", "linger2", 0)
eq(s:getsockopt("tcp", "linger2"), 60)

--# numbers of 64 bits are not cut
local s = tcp()
eq(s:getsockopt("socket", "max_pacing_rate"), -1)
for _, rate in ipairs{ 0x100000001, 1, 0xffffffff, 0x100000000, math.maxinteger } do
	s:setsockopt("socket", "max_pacing_rate", rate)
	eq(s:getsockopt("socket", "max_pacing_rate"), rate)
	eq(s:getsockopt("tcp", "info").max_pacing_rate, rate)
end

--# time stamps are of one kind at a time
local s = udp()
s:setsockopt("socket", "timestamp", true)
s:setsockopt("socket", "timestampns", true)
eq(s:getsockopt("socket", "timestamp"), 0)
eq(s:getsockopt("socket", "timestampns"), 1)
s:setsockopt("socket", "timestampns", false)
eq(s:getsockopt("socket", "timestampns"), 0)

--# flags of an option are words, in any order
local s = udp()
s:setsockopt("socket", "timestamping", "tx_software|rx_software, software")
eq(s:getsockopt("socket", "timestamping"), 2 | 8 | 16)
raises("invalid timestamping name 'nonsense'", s.setsockopt, s, "socket", "timestamping", "nonsense")
raises("cannot be used here", s.setsockopt, s, "socket", "timestamping", 1 << 30)
fails("EINVAL", s.setsockopt, s, "socket", "timestamping", "opt_stats")

--# words of an option are those that socket.options lists
local s = udp()
s:setsockopt("ip", "mtu_discover", "do")
eq(s:getsockopt("ip", "mtu_discover"), 2)
fails("EMSGSIZE", function() s:sendmsg({ name = { LO, 9 } }, ("x"):rep(65508)) end)
raises("invalid mtu_discover name 'perhaps'", s.setsockopt, s, "ip", "mtu_discover", "perhaps")
raises("mtu_discover must be in 0..5, not 6", s.setsockopt, s, "ip", "mtu_discover", 6)

--# a connection comes over the device that its socket is bound to
local s, port = listener()
s:setsockopt("socket", "bindtodevice", "lo")
local c = tcp()
c:setsockopt("socket", "bindtodevice", "lo")
c:connect(LO, port)
eq(s:accept():getsockopt("socket", "bindtodevice"), "lo")
local e = fails("ENODEV", c.setsockopt, c, "socket", "bindtodevice", "nonsense")
eq(e.target, "bindtodevice of " .. LO .. ":" .. port)
raises("bindtodevice must be of 0..15 bytes", c.setsockopt, c, "socket", "bindtodevice", "sixteen letters.")

--# what is sent at once is cut into messages
local a, b = udp_pair()
a:setsockopt("udp", "segment", 1000)
a:write(("x"):rep(1000), ("y"):rep(1000), ("z"):rep(500))
eq(b:read(4000), ("x"):rep(1000))
eq(b:read(4000), ("y"):rep(1000))
eq(b:read(4000), ("z"):rep(500))
nothing(b)

--# messages of one sender are received at once
local a, b = udp_pair()
b:setsockopt("udp", "gro", true)
a:setsockopt("udp", "segment", 1000)
a:write(("x"):rep(2500))
eq(#b:read(4000), 2500)

--# what is sent while a UDP socket is corked is one message
local a, b = udp_pair()
a:setsockopt("udp", "cork", true)
a:write("one, ")
a:write("two")
nothing(b)
a:setsockopt("udp", "cork", false)
eq(b:read(100), "one, two")

--# a group's messages come to those who joined it
local group, s = "224.1.2.3", socket.new("inet", "udp")
s:bind(0, 0)
s:setsockopt("ip", "multicast_all", false)
local port = select(2, s:getsockname())
local sender = udp()
sender:setsockopt("ip", "multicast_if", "lo")
local function send(text) sender:sendmsg({ name = { group, port } }, text) end
send("too early")
s:setsockopt("ip", "add_membership", { group, "lo" })
send("heard")
eq(s:read(100), "heard")
s:setsockopt("ip", "drop_membership", { group = group, device = 1 })
send("too late")
nothing(s)

--# a group is joined and left once, by sockets that can
local s = udp()
s:setsockopt("ip", "add_membership", { group = "224.1.2.3", device = "lo" })
fails("EADDRINUSE", s.setsockopt, s, "ip", "add_membership", { "224.1.2.3", 1 })
s:setsockopt("ip", "drop_membership", { "224.1.2.3", "lo" })
fails("EADDRNOTAVAIL", s.setsockopt, s, "ip", "drop_membership", { "224.1.2.3", "lo" })
fails("EINVAL", s.setsockopt, s, "ip", "add_membership", { LO, "lo" })
fails("ENODEV", s.setsockopt, s, "ip", "add_membership", { "224.1.2.3", "nonsense" })
fails("ENODEV", s.setsockopt, s, "ip", "add_membership", { "224.1.2.3", 0x7fffffff })
s = tcp()
fails("EPROTO", s.setsockopt, s, "ip", "add_membership", { "224.1.2.3", "lo" })

--# a group of an IPv6 socket has an IPv6 address
local s = socket.new("inet6", "udp")
s:setsockopt("ipv6", "join_group", { "ff02::1234", "lo" })
fails("EADDRINUSE", s.setsockopt, s, "ipv6", "add_membership", { group = "ff02::1234", device = 1 })
s:setsockopt("ipv6", "leave_group", { "ff02::1234", "lo" })
fails("EADDRNOTAVAIL", s.setsockopt, s, "ipv6", "leave_group", { "ff02::1234", "lo" })
raises("invalid address '224.1.2.3'", s.setsockopt, s, "ipv6", "join_group", { "224.1.2.3", "lo" })
raises("addresses of inet6 are no numbers", s.setsockopt, s, "ipv6", "join_group", 1)
s:setsockopt("ip", "add_membership", { "224.1.2.3", "lo" })
s:setsockopt("ipv6", "join_group", "ff02::1235%lo")
fails("EADDRINUSE", s.setsockopt, s, "ipv6", "join_group", { "ff02::1235", 1 })

--# a device that is not there sends to no group
local s = udp()
fails("ENODEV", s.setsockopt, s, "ip", "multicast_if", "nonsense")
fails("EADDRNOTAVAIL", s.setsockopt, s, "ip", "multicast_if", 0x7fffffff)
s = tcp()
fails("EINVAL", s.setsockopt, s, "ip", "multicast_if", "lo")

--# a program chooses who of a port gets a message
local a, b, sender = pair_of_one_port()
for _, choice in ipairs{ { 0, a, b }, { 1, b, a }, { 0, a, b } } do
	a:setsockopt("socket", "attach_reuseport_cbpf", { ret(choice[1]) })
	for i = 1, 5 do sender:write("to " .. i) end
	for i = 1, 5 do eq(choice[2]:read(100), "to " .. i) end
	nothing(choice[3])
end
b:setsockopt("socket", "detach_reuseport_bpf")
fails("ENOENT", a.setsockopt, a, "socket", "detach_reuseport_bpf", true)

--# a program chooses by what is in a message
local a, b, sender = pair_of_one_port()
-- Load a byte, and return it less '0'.
a:setsockopt("socket", "attach_reuseport_cbpf", { { code = 0x30, k = 0 }, { code = 0x14, k = 48 }, { code = 0x16 } })
sender:write("1")
sender:write("0")
eq(a:read(100), "0")
eq(b:read(100), "1")

--# a program chooses who of a port gets a connection
local a, b = tcp(), tcp()
a:setsockopt("s", "rp", true)
b:setsockopt("s", "rp", true)
a:setsockopt("socket", "attach_reuseport_cbpf", { ret(1) })
a:bind(LO, 0)
a:listen(5)
b:bind(a:getsockname())
b:listen(5)
local c = tcp()
c:connect(a:getsockname())
b:accept()
fails("EAGAIN", a.accept, a, "D")

--# a program chooses among sockets that share a port only
local s = tcp()
fails("EINVAL", s.setsockopt, s, "socket", "attach_reuseport_cbpf", { ret(0) })
fails("EINVAL", s.setsockopt, s, "socket", "detach_reuseport_bpf")
s = listener()
fails("EINVAL", s.setsockopt, s, "socket", "attach_reuseport_cbpf", { ret(0) })

--# a program says what a socket takes in
local a, b = udp_pair()
b:setsockopt("socket", "attach_filter", { ret(0) })
a:write("lost")
nothing(b)
-- Eight bytes are the header.
b:setsockopt("socket", "attach_filter", { ret(8 + 4) })
a:write("cut off")
eq(b:read(100), "cut ")
b:setsockopt("socket", "detach_filter")
a:write("whole")
eq(b:read(100), "whole")
fails("ENOENT", b.setsockopt, b, "socket", "detach_filter")

--# a program that could go wrong is refused, and the earlier one stays
local a, b = udp_pair()
b:setsockopt("socket", "attach_filter", { ret(0) })
local bad = {
	{ { 0x30, 0, 0, 0 } },                     -- no end
	{ { 0x15, 9, 9, 0 }, ret(1) },             -- jumps beyond its end
	{ { 0x05, 0, 0, 0xffffffff }, ret(1) },    -- the same, far
	{ { 0xffff }, ret(1) },                    -- no instruction
	{ { 0x34, 0, 0, 0 }, ret(1) },             -- division by 0
	{ { 0x60, 0, 0, 16 }, ret(1) },            -- memory that is not there
	{ { 0x20, 0, 0, 0xfffff100 }, ret(1) },    -- what is not known of a packet
	{ { 0x60, 0, 0, 3 }, { 0x16 } },           -- memory that nothing was written to
}
for i, program in ipairs(bad) do
	local ok, e = pcall(b.setsockopt, b, "socket", "attach_filter", program)
	if ok or e.name ~= "EINVAL" then error(i .. " " .. tostring(e)) end
	ok, e = pcall(b.setsockopt, b, "socket", "attach_reuseport_cbpf", program)
	if ok or e.name ~= "EINVAL" then error(i .. " " .. tostring(e)) end
end
a:write("lost")
nothing(b)

--# programs are no longer than the kernel keeps for a socket
local s = udp()
local long = {}
for i = 1, 4096 do long[i] = ret(1) end
local ok, e = pcall(s.setsockopt, s, "socket", "attach_filter", long)
assert(ok or e.name == "ENOMEM", e)
long[4097] = ret(1)
raises("attach_filter must have 1..4096 instructions", s.setsockopt, s, "socket", "attach_filter", long)
raises("attach_filter must have 1..4096 instructions", s.setsockopt, s, "socket", "attach_filter", {})
for _ = 1, 20 do s:setsockopt("socket", "attach_filter", table.move(long, 1, 500, 1, {})) end

--# programs are charged to the script, until they or their sockets go
--! param memory=1M
local keep, n, e = {}, 0
local function attach(s) return pcall(s.setsockopt, s, "socket", "attach_filter", { ret(1) }) end
local function fill_up()
	for i = 1, 300 do
		keep[i] = keep[i] or udp()
		local ok, e = attach(keep[i])
		if not ok then return e.name, i end
	end
end
local name, n = fill_up()
eq(name, "ENOMEM")
for i = 1, n - 1 do keep[i]:setsockopt("socket", "detach_filter") end
for _ = 1, 300 do assert(attach(keep[1])) end
name, n = fill_up()
eq(name, "ENOMEM")
for i = 1, n do keep[i]:close() end
keep = {}
collectgarbage()
for _ = 1, 300 do
	local s = socket.new("inet", "udp")
	s:setsockopt("socket", "reuseport", true)
	s:setsockopt("socket", "attach_reuseport_cbpf", { ret(0) })
	s:close()
end
eq((fill_up()), "ENOMEM")

--# a program that chooses among sockets is charged as long as one of them may have it
--! param memory=1M
local keep, name = {}
for i = 1, 300 do
	local a, b = socket.new("inet", "udp"), socket.new("inet", "udp")
	for _, s in ipairs{ a, b } do s:setsockopt("socket", "reuseport", true) end
	a:bind(LO, 0)
	b:bind(a:getsockname())
	local ok, e = pcall(a.setsockopt, a, "socket", "attach_reuseport_cbpf", { ret(0) })
	a:close()
	keep[i] = b
	if not ok then name = e.name break end
end
eq(name, "ENOMEM")

--# while a program is replaced there is one
local a, b = udp_pair()
b:setsockopt("socket", "attach_filter", { ret(0) })
local t = thread.spawn(function(a) for _ = 1, 3000 do a:send("lost") end end, a)
for _ = 1, 30 do b:setsockopt("socket", "attach_filter", { ret(0) }) end
t:join()
nothing(b)

--# programs that are locked stay
local s = udp()
s:setsockopt("socket", "reuseport", true)
s:setsockopt("socket", "attach_filter", { ret(0) })
s:setsockopt("socket", "lock_filter", true)
fails("EPERM", s.setsockopt, s, "socket", "attach_filter", { ret(1) })
fails("EPERM", s.setsockopt, s, "socket", "detach_filter")
fails("EPERM", s.setsockopt, s, "socket", "lock_filter", false)
fails("EPERM", s.setsockopt, s, "socket", "attach_reuseport_cbpf", { ret(0) })
eq(s:getsockopt("socket", "lock_filter"), 1)

--# a filter goes on with the connections of a listener, and with its own end
for _ = 1, 20 do
	local s, port = listener()
	s:setsockopt("socket", "attach_filter", { ret(0xffffffff) })
	local c = tcp()
	c:connect(LO, port)
	local p = s:accept()
	s:close()
	c:write("through")
	eq(p:read(7), "through")
	p:setsockopt("socket", "detach_filter")
end

--# a program is read once, whatever its tables do
local a, b = udp_pair()
local reads = 0
local insn = setmetatable({}, { __index = function(_, key)
	reads = reads + 1
	if key == "code" then return 6 end
	if key == "k" then return 0 end
end })
b:setsockopt("socket", "attach_filter", { insn })
assert(reads <= 6, reads)
a:write("lost")
nothing(b)
raises("stop it", b.setsockopt, b, "socket", "attach_filter", { setmetatable({}, { __index = function() error("stop it") end }) })

--# types of ICMP messages that are not wanted do not come
local s = socket.new("inet", "raw", 1)
eq(s:getsockopt("raw", "icmp_filter"), 0)
s:setsockopt("raw", "icmp_filter", 0xffffffff)
eq(s:getsockopt("r", "icmp_filter"), 0xffffffff)
local u = socket.new("inet", "raw", 253)
fails("EOPNOTSUPP", u.getsockopt, u, "raw", "icmp_filter")
fails("EOPNOTSUPP", u.setsockopt, u, "raw", "icmp_filter", 1)

--# a raw socket sends headers of its own
local s = socket.new("inet", "raw", 253)
s:setsockopt("ip", "hdrincl", true)
local t = tcp()
local e = fails("ENOPROTOOPT", t.setsockopt, t, "ip", "hdrincl", true)
eq(e.target, "hdrincl")

--# a Unix socket knows whom it is connected to
if not socket.pair then return end
local a = socket.pair()
local peer = a:getsockopt("socket", "peercred")
eq(peer.uid, 0)
eq(peer.gid, 0)
assert(peer.pid > 0, peer.pid)

--# only a Unix socket knows whom it is connected to
local a = tcp_pair()
local e = fails("EOPNOTSUPP", a.getsockopt, a, "socket", "peercred")
eq(e.target, "peercred of " .. LO .. ":" .. select(2, a:getpeername()) .. " (not an option of this socket)")

--# an IPv6 socket has the options of IPv4, and those of IPv6 besides
local s = socket.new("inet6", "tcp")
s:setsockopt("ip", "tos", 16)
s:setsockopt("ipv6", "tclass", 32)
eq(s:getsockopt("ip", "tos"), 16)
eq(s:getsockopt("ipv6", "tclass"), 32)
s = socket.new("inet6", "raw", 58)
fails("EOPNOTSUPP", s.getsockopt, s, "ip", "tos")

--# a connection that was not redirected has no other destination
local a, b = tcp_pair()
local ok, e = pcall(b.getsockopt, b, "ip", "original_dst")
if ok then
	eq(e.addr, LO)
	eq(e.port, select(2, b:getsockname()))
else
	eq(e.name, "ENOENT")
	eq(e.target, "original_dst of " .. LO .. ":" .. select(2, b:getpeername()) .. " (no connection that connection tracking knows)")
end
local s = udp_pair()
local e = fails("EOPNOTSUPP", s.getsockopt, s, "ip", "original_dst")
eq(e.target, "original_dst of " .. LO .. ":" .. select(2, s:getpeername()) .. " (not an option of this socket)")

--# a busy wait is too short to keep a signal off
local s = udp()
raises("busy_poll must be in 0..100000, not 100001", s.setsockopt, s, "socket", "busy_poll", 100001)

--# a socket may be closed while its options are set and read
--! load testing=1
for i = 1, 5 do
	local s = udp()
	s:setsockopt("socket", "reuseport", true)
	socket.testing.close_later(s, i)
	local ok, e
	repeat
		ok, e = pcall(function()
			s:setsockopt("socket", "attach_filter", { ret(i) })
			s:setsockopt("ip", "ttl", i)
			return s:getsockopt("socket", "cookie") + s:getsockopt("ip", "ttl")
		end)
	until not ok
	eq(e.name, "EBADF")
end
