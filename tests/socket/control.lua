-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Control messages, both ways.

-- The element of a type, if the header has one.
local function find(hdr, level, type)
	for _, c in ipairs(hdr.control) do
		if c.level == level and c.type == type then return c end
	end
end

-- Two UDP sockets; the second has the options, of which each is { level, name }.
local function pair_with(...)
	local a, b = udp_pair()
	for _, opt in ipairs{ ... } do b:setsockopt(opt[1], opt[2], 1) end
	return a, b
end

-- Receives one datagram with its control messages; gives the header.
local function header(s, hdr)
	hdr = hdr or { iov_len = 2000, control = {} }
	s:recvmsg(hdr)
	return hdr
end

-- Seconds since 1970, in ns.
local function now() return os.time() * 1000000000 end

--# a header that does not ask for control messages gets none
local a, b = pair_with({ "ip", "pktinfo" }, { "ip", "recvttl" })
a:send("x")
local hdr = header(b, { iov_len = 10 })
eq(hdr.control, nil)
eq(hdr.controllen, nil)
assert(hdr.flags & socket.flag.CTRUNC ~= 0)

--# without an option there are none, and the table is empty
local a, b = udp_pair()
a:send("x")
local hdr = header(b)
eq(#hdr.control, 0)
eq(hdr.flags, 0)

--# pktinfo tells interface and address
local a, b = pair_with{ "ip", "pktinfo" }
a:send("x")
local hdr = header(b)
eq(#hdr.control, 1)
local c = find(hdr, "ip", "pktinfo")
eq(c.addr, LO)
eq(c.spec_dst, LO)
eq(c.ifindex, 1)
eq(c.data, nil)

--# ttl and tos
local a, b = pair_with({ "ip", "recvttl" }, { "ip", "recvtos" })
a:setsockopt("ip", "ttl", 33)
a:setsockopt("ip", "tos", 0x20)
a:send("x")
local hdr = header(b)
eq(#hdr.control, 2)
eq(find(hdr, "ip", "ttl").value, 33)
eq(find(hdr, "ip", "tos").value, 0x20)

--# a time stamp is one of now, in ns
for _, name in ipairs{ "timestamp", "timestampns" } do
	local a, b = pair_with{ "socket", name }
	local before = now()
	a:send("x")
	local stamp = find(header(b), "socket", name).value
	assert(stamp >= before - 1000000000 and stamp <= now() + 2000000000, stamp - before)
end

--# timestamping gives software's time, and none of hardware that there is not
-- RX_SOFTWARE and SOFTWARE
local a, b = udp_pair()
b:setsockopt("socket", "timestamping", 8 | 16)
local before, c = now()
repeat		-- the kernel begins to take the time a moment later
	a:send("x")
	c = find(header(b), "socket", "timestamping")
until c
assert(c.software >= before - 1000000000 and c.software <= now() + 2000000000, c.software - before)
eq(c.hardware, nil)

--# rxq_ovfl counts the datagrams that did not fit
local a, b = pair_with{ "socket", "rxq_ovfl" }
b:setsockopt("socket", "rcvbuf", 1)
local sent, got, lost = 0, 0, 0
local hdr = { iov_len = 2000, control = {} }
repeat
	for _ = 1, 100 do
		sent = sent + 1
		a:send(("x"):rep(1000) .. sent)
	end
	local number = tonumber(text(b:recvmsg(hdr)):match("%d+"))
	local c = find(hdr, "socket", "rxq_ovfl")
	lost = c and c.value or 0
	-- Each one before it has come, or is lost.
	eq(lost, number - 1 - got)
	got = got + 1
until lost > 90

--# control messages come over TCP, too
local a, b = tcp_pair()
b:setsockopt("socket", "timestampns", 1)
repeat		-- the kernel begins to take the time a moment later
	a:send("x")
until find(header(b), "socket", "timestampns")

--# inq tells how much of a stream is there yet
local a, b = tcp_pair()
b:setsockopt("tcp", "inq", true)
a:send("abcde")
for want = 3, 0, -3 do
	local hdr = { iov_len = 2 + 3 * (3 - want), control = {} }
	b:recvmsg(hdr)
	eq(find(hdr, "tcp", "inq").value, want)
end

--# what is received in parts has the control messages of the last one, once
local a, b = tcp_pair()
b:setsockopt("socket", "timestampns", 1)
local t = thread.spawn(function(a) for _ = 1, 30 do a:send("ab") kernel.sleep(2) end end, a)
local hdr = { iov_len = 60, control = {} }
local _, n = b:recvmsg(hdr, "W", 1000000)
eq(n, 60)
eq(#hdr.control, 1)
eq(hdr.flags, 0)
a:send("part")
_, n = b:recvmsg(hdr, "W", 30)
eq(n, 4)
eq(#hdr.control, 1)

--# controllen alone asks for them, and stays as it is
local a, b = pair_with{ "ip", "recvttl" }
for _ = 1, 2 do a:send("x") end
local hdr = { iov_len = 10, controllen = 100 }
header(b, hdr)
eq(hdr.controllen, 100)
eq(find(hdr, "ip", "ttl").value, 64)
header(b, hdr)
eq(#hdr.control, 1)

--# the table is used again, and nothing of an earlier message stays
local a, b = pair_with({ "ip", "recvttl" }, { "ip", "recvtos" })
a:send("x")
local hdr = header(b)
local control = hdr.control
eq(#control, 2)
control[7] = "mine"
b:setsockopt("ip", "recvtos", 0)
a:send("x")
header(b, hdr)
assert(rawequal(hdr.control, control))
eq(#control, 1)
eq(control[2], nil)

--# what does not fit is cut, and the flags tell
local a, b = pair_with({ "ip", "recvttl" }, { "ip", "pktinfo" })
for _ = 1, 45 do a:send("x") end
local whole = header(b)
eq(#whole.control, 2)
eq(whole.flags, 0)
for room = 1, 44 do
	local hdr = header(b, { iov_len = 10, controllen = room })
	assert(hdr.flags & socket.flag.CTRUNC ~= 0, room)
	assert(#hdr.control <= 2)
	for _, c in ipairs(hdr.control) do assert(c.level == "ip", c.level) end
end

--# a message that was cut has its number, and the bytes that there are
local a, b = pair_with{ "ip", "pktinfo" }
a:send("x")
local hdr = header(b, { iov_len = 10, controllen = 20 })
eq(#hdr.control, 1)
eq(hdr.control[1].level, "ip")
eq(hdr.control[1].type, 8)
eq(#hdr.control[1].data, 4)
eq(hdr.control[1].ifindex, nil)

--# a table of control messages with holes, whatever its length, is filled at once
local a, b = pair_with{ "ip", "recvttl" }
local control = { 1, 2, nil, 4 }
for k = 0, 38 do control[5 << k] = true end
assert(#control > 1 << 40, #control)
a:send("x")
local hdr = header(b, { iov_len = 10, control = control })
eq(control[1].type, "ttl")
eq(control[2], nil)
b:setsockopt("ip", "recvttl", 0)
a:send("x")
header(b, hdr)
eq(control[1], nil)

--# a control message that came cut is not sent on, unless the script makes it its own
local a, b = pair_with{ "ip", "pktinfo" }
a:send("x")
local hdr = header(b, { iov_len = 10, controllen = 20 })
assert(hdr.control[1].received)
eq(b:sendmsg(hdr, "answer"), 6)
eq(a:read(), "answer")
hdr.control[1].received = nil
fails("EINVAL", b.sendmsg, b, hdr, "answer")
fails("EAGAIN", a.read, a, 1, "D")

--# room for control messages is 1 to 4096 bytes
local a, b = pair_with{ "ip", "recvttl" }
a:send("x")
raises("msghdr.controllen must be in 1..4096, not 0", header, b, { iov_len = 1, controllen = 0 })
raises("msghdr.controllen must be in 1..4096, not 4097", header, b, { iov_len = 1, controllen = 4097 })
raises("msghdr.controllen must be an integer, not a string", header, b, { iov_len = 1, controllen = "x" })
raises("msghdr.control must be a table, not a boolean", header, b, { iov_len = 1, control = true })
eq(find(header(b, { iov_len = 1, controllen = 4096 }), "ip", "ttl").value, 64)

--# peeking shows control messages, and leaves them there
local a, b = pair_with{ "ip", "recvttl" }
a:send("x")
for _, flags in ipairs{ "P", "P", "" } do
	local hdr = { iov_len = 10, control = {} }
	b:recvmsg(hdr, nil, flags)
	eq(find(hdr, "ip", "ttl").value, 64)
end
fails("EAGAIN", b.recv, b, 1, "D")

--# a failed recvmsg leaves the control messages of the header as they were
local b = udp()
local hdr = { iov_len = 5, control = { "mine" } }
fails("EAGAIN", b.recvmsg, b, hdr, "D")
eq(hdr.control[1], "mine")

--# ttl and tos can be sent with one message
local a, b = pair_with({ "ip", "recvttl" }, { "ip", "recvtos" })
a:sendmsg({ control = { { level = "ip", type = "ttl", value = 7 }, { level = "ip", type = "tos", value = 0x10 } } }, "x")
a:send("y")
local hdr = header(b)
eq(find(hdr, "ip", "ttl").value, 7)
eq(find(hdr, "ip", "tos").value, 0x10)
hdr = header(b)
eq(find(hdr, "ip", "ttl").value, 64)
eq(find(hdr, "ip", "tos").value, 0)

--# levels and types are words, letters or numbers; what is not known has its bytes
local a, b = pair_with{ "ip", "recvttl" }
for _, c in ipairs{ { level = "i", type = "ttl", value = 7 }, { level = "IP", type = 2, value = 7 },
		{ level = socket.level.ip, type = "ttl", value = 7 }, { level = 0, type = 2, data = "\7\0\0\0" } } do
	a:sendmsg({ control = { c } }, "x")
	eq(find(header(b), "ip", "ttl").value, 7)
end

--# pktinfo chooses the address to send from
local a, b = udp_pair()
local c, port = udp()
local s = socket.new("i", "u")
s:bind("0.0.0.0", 0)
s:sendmsg({ name = { LO, port }, control = { { level = "ip", type = "pktinfo", spec_dst = "127.0.0.77" } } }, "x")
s:sendmsg({ name = { LO, port }, control = { { level = "ip", type = "pktinfo", ifindex = 1 } } }, "x")
eq(header(c).name.addr, "127.0.0.77")
eq(header(c).name.addr, LO)

--# the header that recvmsg made answers from the address that was asked
local s = socket.new("i", "u")
s:bind("0.0.0.0", 0)
for _, opt in ipairs{ "pktinfo", "recvttl" } do s:setsockopt("ip", opt, 1) end
s:setsockopt("socket", "timestampns", 1)
s:setsockopt("socket", "rxq_ovfl", 1)
local _, port = s:getsockname()
local c = udp()
c:sendmsg({ name = { "127.0.0.55", port } }, "question")
local hdr = header(s)
assert(#hdr.control >= 3, #hdr.control)
s:sendmsg(hdr, "answer")
eq(header(c).name.addr, "127.0.0.55")

--# segment cuts the bytes into datagrams
local a, b = udp_pair()
eq(a:sendmsg({ control = { { level = "udp", type = "segment", value = 1000 } } }, ("x"):rep(2500)), 2500)
eq(#b:read(), 1000)
eq(#b:read(), 1000)
eq(#b:read(), 500)

--# gro gives several datagrams at once, and how large they are
local a, b = pair_with{ "udp", "gro" }
a:sendmsg({ control = { { level = "udp", type = "segment", value = 100 } } }, ("x"):rep(250))
local hdr = { iov_len = 2000, control = {} }
local _, n = b:recvmsg(hdr)
eq(n, 250)
eq(find(hdr, "udp", "gro").value, 100)

--# the error queue has an ICMP error, its datagram and where that was to go
local s, gone = udp()
s:close()
local a = udp()
a:setsockopt("ip", "recverr", 1)
a:sendmsg({ name = { LO, gone } }, "lost")
await(a, 0)
local hdr = { iov_len = 100, control = {} }
local bytes = a:recvmsg(hdr, "E")
eq(text(bytes), "lost")
eq(hdr.name.addr, LO)
eq(hdr.name.port, gone)
assert(hdr.flags & socket.flag.ERRQUEUE ~= 0)
local c = find(hdr, "ip", "recverr")
eq(c.ee_errno, socket.errno.ECONNREFUSED)
eq(c.ee_origin, 2)
eq(c.ee_type, 3)
eq(c.ee_code, 3)
eq(c.offender, LO)
fails("EAGAIN", a.recvmsg, a, hdr, "E")
-- What it told is no request.
local b, port = udp()
hdr.name = { LO, port }
eq(a:sendmsg(hdr, "again"), 5)
eq(b:read(), "again")

--# the error queue tells when the peer of a connection has acknowledged, without the bytes
local a, b = tcp_pair()
a:setsockopt("socket", "timestamping", "software,tx_ack,opt_tsonly")
a:send("hello")
eq(text(b:recv(10)), "hello")
await(a, 0)
local hdr = { iov_len = 100, control = {} }
local _, n = a:recvmsg(hdr, "E")
eq(n, 0)
local stamp, why = find(hdr, "socket", "timestamping"), find(hdr, "ip", "recverr")
assert(stamp.software >= now() - 20000000000 and stamp.software <= now() + 2000000000, stamp.software)
eq(why.ee_errno, socket.errno.ENOMSG)
eq(why.ee_origin, 4)
eq(why.ee_info, 2)
fails("EAGAIN", a.recvmsg, a, hdr, "E")

--# descriptors and credentials are refused with a reason, by word and by number
local a = udp_pair()
for _, level in ipairs{ "socket", "s", 1 } do
	for _, type in ipairs{ "rights", 1 } do
		raises("msghdr.control[1] cannot be sent: a script has no file descriptors (SCM_RIGHTS)",
			a.sendmsg, a, { control = { { level = level, type = type, data = "\0\0\0\0" } } }, "x")
	end
	for _, type in ipairs{ "credentials", 2 } do
		raises("msghdr.control[2] cannot be sent: a script cannot vouch for a process (SCM_CREDENTIALS)", a.sendmsg, a,
			{ control = { { level = "ip", type = "ttl", value = 1 }, { level = level, type = type } } }, "x")
	end
end

--# control messages that are none are mistakes, and nothing is sent
local a, b = udp_pair()
local function refused(text, c) raises(text, a.sendmsg, a, { control = c }, "x") end
refused("msghdr.control must be a table, not a string", "ttl")
refused("msghdr.control[1] must be a table, not a number", { 5 })
refused("msghdr.control[2] must be a table, not a boolean", { { level = "ip", type = "ttl", value = 1 }, true })
refused("msghdr.control level must be an integer, not a nil", { {} })
refused("invalid msghdr.control level name 'air'", { { level = "air", type = 1 } })
refused("msghdr.control type must be an integer, not a nil", { { level = "ip" } })
refused("msghdr.control[1]: invalid type name 'tt'", { { level = "ip", type = "tt" } })
refused("msghdr.control[1]: invalid type name 'ttl'", { { level = "udp", type = "ttl" } })
refused("msghdr.control[1].data is missing", { { level = "ip", type = 99 } })
refused("msghdr.control[1].data must be a string", { { level = "ip", type = 99, data = 5 } })
refused("msghdr.control[1].value must be in 0..2147483647", { { level = "ip", type = "ttl" } })
refused("msghdr.control[1].value must be in 0..2147483647", { { level = "ip", type = "ttl", value = -1 } })
refused("msghdr.control[1].value must be in 0..255", { { level = "ip", type = "tos", value = 256 } })
refused("msghdr.control[1].value must be in 0..65535", { { level = "udp", type = "segment", value = 65536 } })
refused("msghdr.control[1].value must be in 0..4294967295", { { level = "socket", type = "mark", value = 1 << 32 } })
refused("msghdr.control[1].ifindex must be in 0..2147483647", { { level = "ip", type = "pktinfo", ifindex = "lo" } })
refused("msghdr.control[1].spec_dst must be an address", { { level = "ip", type = "pktinfo", spec_dst = "here" } })
refused("msghdr.control[1].spec_dst must be an address", { { level = "ip", type = "pktinfo", spec_dst = 5 } })
refused("msghdr.control level must be in 0..2147483647", { { level = 1 << 31, type = 1 } })
refused("msghdr.control type must be in 0..2147483647", { { level = 0, type = -1 } })
fails("EAGAIN", b.recv, b, 1, "D")

--# what the kernel does not take is its errno, and nothing is sent
local a, b = udp_pair()
for _, c in ipairs{ { level = "ip", type = "ttl", value = 0 }, { level = "ip", type = "ttl", data = "" },
		{ level = "ip", type = "ttl", data = "\1" }, { level = "ip", type = 99, data = "" }, { level = "socket", type = 99, data = "x" } } do
	local e = fails("EINVAL", a.sendmsg, a, { control = { c } }, "x")
	eq(e.call, "sendmsg")
end
fails("EAGAIN", b.recv, b, 1, "D")

--# control messages to send may have 4096 bytes
local a, b = udp_pair()
-- What the level of another protocol says is not heard.
local function many(n, size)
	local t = {}
	for i = 1, n do t[i] = { level = "raw", type = 1, data = ("x"):rep(size) } end
	return { control = t }
end
for _, case in ipairs{ { 1, 0 }, { 15, 8 }, { 16, 8 }, { 17, 8 }, { 256, 0 }, { 1, 4080 }, { 9, 393 } } do
	eq(a:sendmsg(many(case[1], case[2]), "x"), 1)
	eq(b:read(), "x")
end
raises("msghdr.control has more than 4096 bytes", a.sendmsg, a, many(1, 4081), "x")
raises("msghdr.control has more than 4096 bytes", a.sendmsg, a, many(10, 393), "x")
raises("msghdr.control has more than 4096 bytes", a.sendmsg, a, many(1, 1 << 20), "x")
raises("msghdr.control has more than 256 elements", a.sendmsg, a, many(257, 0), "x")
fails("EAGAIN", b.recv, b, 1, "D")

--# an array of control messages that only come is no request, however long
local a, b = udp_pair()
local t = {}
for i = 1, 256 do t[i] = { level = "udp", type = "gro", value = 5 } end
eq(a:sendmsg({ control = t }, "x"), 1)
eq(a:sendmsg({ control = {} }, "y"), 1)
eq(b:read() .. b:read(), "xy")

--# control messages with metamethods that raise or change things do no harm
local a, b = udp_pair()
local t = {}
for i = 1, 20 do
	t[i] = setmetatable({}, { __index = function(_, k)
		if i == 20 then
			for j = 1, 20 do t[j] = nil end
			collectgarbage()
			if k == "value" then error("boo") end
		end
		return ({ level = "ip", type = "ttl", value = 5 })[k]
	end })
end
raises("boo", a.sendmsg, a, { control = t }, "x")
fails("EAGAIN", b.recv, b, 1, "D")

--# recvorigdstaddr tells where a message was going, over both versions
for _, case in ipairs{ { "ip", "0.0.0.0", "127.0.0.66", "inet" }, { "ipv6", "::", "::1", "inet6" } } do
	local level, any, where, family = table.unpack(case)
	local a, b = socket.new(family, "udp"), socket.new(family, "udp")
	b:bind(any, 0)
	b:setsockopt(level, "recvorigdstaddr", true)
	local port = select(2, b:getsockname())
	a:sendmsg({ name = { where, port } }, "x")
	local c = find(header(b), level, "origdstaddr")
	eq(c.addr, where)
	eq(c.port, port)
	b:setsockopt(level, "recvorigdstaddr", false)
	a:sendmsg({ name = { where, port } }, "x")
	eq(#header(b).control, 0)
end

--# what tclass and unicast_hops say of a socket arrives with its messages
local a, b = socket.new("inet6", "udp"), socket.new("inet6", "udp")
b:bind("::1", 0)
for _, opt in ipairs{ "recvhoplimit", "recvtclass" } do b:setsockopt("ipv6", opt, true) end
a:connect(b:getsockname())
for _, value in ipairs{ 0x28, 0xfc, 0 } do
	a:setsockopt("ipv6", "tclass", value)
	a:setsockopt("ipv6", "unicast_hops", value + 1)
	a:send("x")
	local hdr = header(b)
	eq(find(hdr, "ipv6", "tclass").value, value)
	eq(find(hdr, "ipv6", "hoplimit").value, value + 1)
end

--# over IPv6 pktinfo, hoplimit and tclass come, and can be sent
local a, b = socket.new("inet6", "udp"), socket.new("inet6", "udp")
b:bind("::1", 0)
for _, opt in ipairs{ "recvpktinfo", "recvhoplimit", "recvtclass" } do b:setsockopt("ipv6", opt, 1) end
local to = { b:getsockname() }
a:sendmsg({ name = to, control = {
	{ level = "ipv6", type = "hoplimit", value = 9 }, { level = "ipv6", type = "tclass", value = 0x28 },
	{ level = "ipv6", type = "pktinfo", ifindex = 1, addr = "::1" },
} }, "x")
local hdr = header(b)
eq(find(hdr, "ipv6", "hoplimit").value, 9)
eq(find(hdr, "ipv6", "tclass").value, 0x28)
local c = find(hdr, "ipv6", "pktinfo")
eq(c.addr, "::1")
eq(c.ifindex, 1)
raises("msghdr.control[1].addr must be an address", a.sendmsg, a,
	{ name = to, control = { { level = "ipv6", type = "pktinfo", addr = LO } } }, "x")
fails("EINVAL", a.sendmsg, a, { name = to, control = { { level = "ipv6", type = "pktinfo", addr = "2001:db8::1" } } }, "x")
fails("EAGAIN", b.recv, b, 1, "D")

--# over IPv6 the error queue has an ICMPv6 error
local s, a = socket.new("inet6", "udp"), socket.new("inet6", "udp")
s:bind("::1", 0)
local _, gone = s:getsockname()
s:close()
a:setsockopt("ipv6", "recverr", 1)
a:sendmsg({ name = { "::1", gone } }, "lost")
await(a, 0)
local hdr = { iov_len = 100, control = {} }
a:recvmsg(hdr, "E")
local c = find(hdr, "ipv6", "recverr")
eq(c.ee_errno, socket.errno.ECONNREFUSED)
eq(c.ee_origin, 3)
eq(c.offender, "::1")
eq(hdr.name.addr, "::1")

--# unix sockets give no control messages, and send none for processes
local a, b = socket.pair("dgram")
a:send("x")
local hdr = header(b)
eq(#hdr.control, 0)
eq(hdr.flags, 0)
raises("a script has no file descriptors", a.sendmsg, a, { control = { { level = "socket", type = "rights", data = "\0\0\0\0" } } }, "x")
raises("a script cannot vouch", a.sendmsg, a, { control = { { level = "socket", type = 2, data = ("\0"):rep(12) } } }, "x")
fails("EAGAIN", b.recv, b, 1, "D")
