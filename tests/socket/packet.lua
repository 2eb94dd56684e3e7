-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Packet sockets, and raw ones.

-- A packet socket on the loopback interface, for packets that no other test sends.
local function packets(type)
	local s = socket.new("packet", type or "raw")
	s:bind("lo", 0x88b5)
	return s
end

-- An ICMP echo request, or with 128 that of ICMPv6 without a checksum: the kernel makes that.
local function echo(type, id)
	local message = string.pack(">BBI2I2I2", type, 0, 0, id, 1) .. "ping"
	local sum = 0
	for i = 1, #message, 2 do sum = sum + string.unpack(">I2", message, i) end
	sum = (sum & 0xffff) + (sum >> 16)
	return message:sub(1, 2) .. string.pack(">I2", ~sum & 0xffff) .. message:sub(5)
end

-- The first message for which f gives something.
local function await_message(s, f)
	s:settimeout(10000)
	while true do
		local found = f(s:read())
		if found then return found end
	end
end

--# words, letters and numbers make packet sockets
for _, family in ipairs{ "packet", "p", "Packet", 17 } do
	eq(socket.new(family, "raw"):getsockopt("s", "domain"), 17)
	eq(socket.new(family, "dgram"):getsockopt("s", "t"), 2)
end
fails("ESOCKTNOSUPPORT", socket.new, "packet", "stream")

--# a packet socket has no interface at first
local s = socket.new("packet", "raw")
local name, protocol, hwaddr = s:getsockname()
eq(name, "")
eq(protocol, 0)
eq(hwaddr, "")
eq(tostring(s), "socket (packet raw *:0x0000)")
eq(tostring(socket.new("packet", "dgram")), "socket (packet dgram *:0x0000)")
fails("EOPNOTSUPP", s.getpeername, s)
fails("EOPNOTSUPP", s.listen, s)
fails("EOPNOTSUPP", s.connect, s, "lo", 3)

--# a protocol on the link is given in the order of numbers
local s = socket.new("packet", "raw", 0x88b6)
eq(select(2, s:getsockname()), 0x88b6)
eq(tostring(s), "socket (packet raw *:0x88b6)")
raises("protocol must be in 0..65535, not 65536", socket.new, "packet", "raw", 65536)

--# an interface is bound to by name or by number
for _, name in ipairs{ "lo", 1, "1" } do
	local s = socket.new("packet", "dgram")
	s:bind(name, 0x88b5)
	local name, protocol, hwaddr = s:getsockname()
	eq(name, "lo")
	eq(protocol, 0x88b5)
	eq(hwaddr, "00:00:00:00:00:00")
	eq(tostring(s), "socket (packet dgram lo:0x88b5)")
end

--# no name and the number 0 are every interface
for _, name in ipairs{ "", 0 } do
	local s = packets()
	s:bind(name, 0x88b5)
	eq(s:getsockname(), "")
end

--# an interface that is not there is an error object
local s = socket.new("packet", "raw")
local e = fails("ENODEV", s.bind, s, "none", 3)
eq(e.call, "bind")
eq(e.target, "none")
eq(fails("ENODEV", s.bind, s, 12345, 3).target, "12345:0x0003")
for _, bad in ipairs{ "0", "01", "-1", "lo ", "2147483648", "lo/" } do fails("ENODEV", s.bind, s, bad, 3) end

--# what can be no interface is no address
local s = socket.new("packet", "raw")
for _, bad in ipairs{ ("x"):rep(16), "lo\0", ("x"):rep(10000) } do raises("invalid address", s.bind, s, bad, 3) end
raises("interface must be in 0..2147483647", s.bind, s, -1, 3)
raises("interface must be in 0..2147483647", s.bind, s, 1 << 32, 3)
raises("port expected, got no value", s.bind, s, "lo")
raises("port must be in 0..65535, not 65536", s.bind, s, "lo", 65536)

--# a packet is sent and received whole, with its header, and tells where it comes from
local s = packets()
local frame = ("\0"):rep(12) .. "\x88\xb5" .. "hello"
eq(s:send(frame), #frame)
local header = {}
local buf = data.new(100)
local seen = {}
for _ = 1, 2 do
	local _, size = s:recvmsg(header, buf)
	eq(buf:string(0, size), frame)
	eq(header.name.addr, "lo")
	eq(header.name.port, 0x88b5)
	eq(header.name.hwaddr, "00:00:00:00:00:00")
	seen[header.name.pkttype] = true
	seen.n = (seen.n or 0) + 1
	if seen.host then break end
end
assert(seen.host, next(seen))

--# a packet without its header is sent to an address on the link
local a, b = packets("dgram"), packets()
a:sendmsg({ name = { addr = "lo", port = 0x88b5, hwaddr = "00:00:5E:00:53:aa" } }, "hello")
local _, size, header = b:recvmsg{ iov_len = 100 }
eq(size, 14 + 5)
eq(header.name.addr, "lo")

--# a name by position has the interface and the protocol
local s = packets()
s:sendmsg({ name = { "lo", 0x88b5 } }, ("\0"):rep(12) .. "\x88\xb5")
local _, _, header = s:recvmsg{ iov_len = 100, name = { "", 0 } }
eq(header.name[1], "lo")
eq(header.name[2], 0x88b5)
assert(header.name.pkttype)

--# an address on the link that is none is refused
local s = packets("dgram")
local function send(hwaddr) s:sendmsg({ name = { addr = "lo", port = 0x88b5, hwaddr = hwaddr } }, "x") end
for _, bad in ipairs{ "", "a", "aa:", ":aa", "aa:b", "aa::bb", "aa-bb", "aabb", "aa:bb ", " aa", "ag", "aa:bb\0", "aa:bb:", "0x:aa",
	("aa:"):rep(32) .. "aa", ("aa:"):rep(10000) } do
	raises("hwaddr is to be 1 to 32 bytes, as aa:bb:cc:dd:ee:ff", send, bad)
end
raises("hwaddr must be a string, not a number", send, 5)
send("aa:BB:cc:00:99:ff")

--# packets of more than an interface can take are refused
local s = packets()
fails("EMSGSIZE", s.send, s, ("\0"):rep(100000))

--# recv raises ETIMEDOUT after the time-out, and EAGAIN when it must not wait
local s = packets()
s:settimeout(20)
fails("ETIMEDOUT", s.recv, s, 10)
fails("EAGAIN", s.recv, s, 10, "D")

--# a poll set tells of packets
local s = packets()
s:send(("\0"):rep(12) .. "\x88\xb5")
await(s)

--# close ends recv with EBADF
--! load testing=1
local s = packets()
socket.testing.close_later(s, 30)
fails("EBADF", s.recv, s, 10)

--# shutdown is not for packets
local s = packets()
eq(fails("EOPNOTSUPP", s.shutdown, s).call, "shutdown")

--# a signal ends recv
--! stop INT TERM KILL
local s = packets()
print("ready")
s:recv(10)

--# a script has at most 32 packet sockets, for each takes the kernel long to close
local keep = {}
for i = 1, 32 do keep[i] = socket.new("packet", "dgram") end
local ok, e = pcall(socket.new, "packet", "raw")
eq(ok, false)
eq(e.name, "ENOSPC")
assert(tostring(e):find("32 packet sockets", 1, true), e)
keep[7]:close()
keep[7] = socket.new("packet", "raw")
keep = nil
for _ = 1, 40 do socket.new("packet", "raw") end

--# packet sockets go through channels
local s = packets()
local t = thread.spawn(function(s) s:send(("\0"):rep(12) .. "\x88\xb5" .. "x") end, s)
t:join()
eq(s:read():sub(-1), "x")

--# a raw socket sends and receives ICMP
local s = socket.new("inet", "raw", 1)
s:bind(LO, 0)
eq(tostring(s), "socket (raw 127.0.0.1:1)")
s:sendmsg({ name = { LO, 0 } }, echo(8, 4711))
await_message(s, function(packet)
	local type, id = string.unpack(">BxxxI2", packet, 21)
	return type == 0 and id == 4711
end)

--# a raw socket sends and receives ICMPv6
local s = socket.new("inet6", "raw", 58)
s:bind("::1", 0)
s:connect("::1", 0)
s:send(echo(128, 4712))
await_message(s, function(packet)
	local type, id = string.unpack(">BxxxI2", packet)
	return type == 129 and id == 4712
end)

--# a raw socket without a protocol is an error object
fails("EPROTONOSUPPORT", socket.new, "inet", "raw")
fails("EPROTONOSUPPORT", socket.new, "inet6", "raw", 0)

--# a raw socket's sender is told
local s = socket.new("inet", "raw", 1)
s:sendmsg({ name = { LO, 0 } }, echo(8, 4713))
local _, _, header = s:recvmsg{ iov_len = 100 }
eq(header.name.addr, LO)
eq(header.name.port, 0)

--# close ends recv of a raw socket with EBADF
--! load testing=1
local s = socket.new("inet", "raw", 253)
socket.testing.close_later(s, 30)
fails("EBADF", s.recv, s, 10)
