-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- IPv6: addresses, and sockets that use them.

local LO6 = "::1"

local function tcp6() return socket.new("inet6", "tcp") end
local function udp6() return socket.new("i6", "u") end

-- How an address that nobody can be reached at comes back.
local function canonical(address, port)
	local ok, e = pcall(udp6().connect, udp6(), address, port)
	assert(not ok and type(e) == "table", e)
	return e.target
end

-- What is written, and what comes back.
local GOOD = {
	{ "2001:db8::1", "2001:db8::1" }, { "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
	{ "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1" }, { "2001:db8::", "2001:db8::" },
	{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" }, { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
	{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" }, { "1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8" },
	{ "1:0:0:4:0:0:0:8", "1:0:0:4::8" }, { "1:0:0:4:5:0:0:8", "1::4:5:0:0:8" },
	{ "64:ff9b::1.2.3.4", "64:ff9b::102:304" }, { "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
	{ "1::1.2.3.4", "1::102:304" }, { "2001:db8::ffff", "2001:db8::ffff" },
}

-- What is no address.
local BAD = {
	"", " ", ":", ":::", "::::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
	"1::2::3", "1:::2", ":1::2", "1::2:", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "::12345", "::00001", "::g", "::-1", "::+1",
	"::0x1", ":: 1", " ::1", "::1 ", "::1\n", "::1\0", "\0::1", "::1\0::", "[::1]", "[::1]:80", "::1/128", "::1,", "localhost",
	"::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.04", "::a.2.3.4",
	"::.1.2.3", "::1..2.3", "::ffff:1.2.3.4 ", "1.2.3.4::", "::1.2.3.4.", ("1:"):rep(50000), ("::"):rep(4), "::\xff",
}

--# addresses come back in the shortest form
for _, case in ipairs(GOOD) do eq(canonical(case[1], 80), "[" .. case[2] .. "]:80") end

--# bind, connect and sendmsg refuse every text that is no address
local s, c = tcp6(), udp6()
for _, bad in ipairs(BAD) do
	raises("invalid address", s.bind, s, bad, 0)
	raises("invalid address", c.connect, c, bad, 80)
	raises("invalid address", c.sendmsg, c, { name = { bad, 80 } }, "x")
	raises("invalid address", c.sendmsg, c, { name = { addr = bad, port = 80 } }, "x")
end
eq((s:getsockname()), "::")

--# an IPv4 address is refused with how to write it
local s = tcp6()
raises("bad argument #1 to 'connect' (invalid address '127.0.0.1': on a socket of inet6, IPv4 addresses are written as ::ffff:1.2.3.4)",
	function() s:connect("127.0.0.1", 80) end)

--# an address that is a number is refused
local s = tcp6()
raises("addresses of inet6 are no numbers", s.bind, s, 1, 80)
raises("addresses of inet6 are no numbers", s.bind, s, { addr = 1, port = 80 })

--# a port is missing, or too great
local s = tcp6()
raises("bad argument #2 to 'bind' (port expected, got no value)", function() s:bind("::1") end)
raises("port must be in 0..65535, not 65536", s.bind, s, "::1", 65536)
raises("port must be in 0..65535, not -1", s.connect, s, "::1", -1)

--# words, letters and numbers make sockets
for _, family in ipairs{ "inet6", "i6", "INET6", 10 } do
	local s = socket.new(family, "tcp")
	eq(s:getsockopt("socket", "domain"), 10)
	eq(tostring(s), "socket (tcp [::]:0)")
end
eq(tostring(udp6()), "socket (udp [::]:0)")
fails("ESOCKTNOSUPPORT", socket.new, "inet6", "seqpacket")
fails("ESOCKTNOSUPPORT", socket.new, "inet", "seqpacket")
fails("EPROTONOSUPPORT", socket.new, "inet6", "stream", 132)

--# a connection: names, text, bytes, end
local s = tcp6()
s:bind(LO6, 0)
local ip, port = s:getsockname()
eq(ip, LO6)
s:listen()
local c = tcp6()
c:connect(LO6, port)
local p = s:accept()
eq((p:getpeername()), LO6)
eq(select(2, p:getpeername()), select(2, c:getsockname()))
eq(tostring(p), ("socket (tcp [::1]:%d > [::1]:%d)"):format(port, select(2, c:getsockname())))
c:write("hello")
eq(p:read(), "hello")
c:shutdown("write")
eq(p:read(), nil)
p:write("answer")
eq(c:read(), "answer")

--# a datagram tells its sender, who can be answered with the same table
local a, b = udp6(), udp6()
a:bind(LO6, 0)
b:bind(LO6, 0)
a:sendmsg({ name = { addr = LO6, port = select(2, b:getsockname()) } }, "ping")
local bytes, size, header = b:recvmsg{ iov_len = 10 }
eq(text(bytes), "ping")
eq(header.name.addr, LO6)
eq(header.name.port, select(2, a:getsockname()))
b:sendmsg(header, "pong")
eq(a:read(), "pong")
eq(header.name.scope, nil)

--# a sender goes into a name by position
local a, b = udp6(), udp6()
b:bind(LO6, 0)
a:sendmsg({ name = { b:getsockname() } }, "x")
local _, _, header = b:recvmsg{ iov_len = 10, name = { "", 0 } }
eq(header.name[1], LO6)
eq(header.name[2], select(2, a:getsockname()))
eq(header.name.addr, nil)

--# what a name said of another address is gone, so that the sender can be answered
local a, b = udp6(), udp6()
a:bind(LO6, 0)
b:bind(LO6, 0)
a:sendmsg({ name = { b:getsockname() } }, "ping")
local name = { addr = "fe80::1", port = 1, scope = "lo", flowinfo = 5, hwaddr = "00:00:00:00:00:00", pkttype = "host", mine = 1 }
local _, _, header = b:recvmsg{ iov_len = 10, name = name }
assert(rawequal(header.name, name))
eq(name.scope or name.flowinfo or name.hwaddr or name.pkttype, nil)
eq(name.mine, 1)
b:sendmsg(header, "pong")
eq(a:read(), "pong")

--# one socket serves both versions, and tells of IPv4 peers in the form of IPv6
local s = tcp6()
s:bind("::", 0)
local port = select(2, s:getsockname())
s:listen()
local c = tcp()
c:connect(LO, port)
local p = s:accept()
eq((p:getpeername()), "::ffff:127.0.0.1")
eq((p:getsockname()), "::ffff:127.0.0.1")
c:write("x")
eq(p:read(), "x")

--# v6only keeps IPv4 out, both ways
local s = tcp6()
s:setsockopt("ipv6", "v6only", true)
s:bind("::", 0)
s:listen()
local port = select(2, s:getsockname())
fails("ECONNREFUSED", function() tcp():connect(LO, port) end)
fails("ECONNREFUSED", function() tcp6():connect("::ffff:127.0.0.1", port) end)
tcp6():connect(LO6, port)
eq((s:accept():getpeername()), LO6)
local c = tcp6()
c:setsockopt("ipv6", "v6only", true)
fails("ENETUNREACH", c.connect, c, "::ffff:127.0.0.1", (select(2, listener())))

--# with v6only an inet socket may have the same port, and each gets what is its own
local s, t = tcp6(), tcp()
s:setsockopt("ipv6", "v6only", true)
s:bind("::", 0)
local port = select(2, s:getsockname())
t:bind("0.0.0.0", port)
s:listen()
t:listen()
tcp():connect(LO, port)
tcp6():connect(LO6, port)
eq((t:accept():getpeername()), LO)
eq((s:accept():getpeername()), LO6)

--# without v6only an inet socket may not have the same port
local s, t = tcp6(), tcp()
s:bind("::", 0)
s:listen()
fails("EADDRINUSE", t.bind, t, "0.0.0.0", (select(2, s:getsockname())))

--# v6only is refused after bind, and stays as it was
local s = tcp6()
s:bind("::", 0)
eq(fails("EINVAL", s.setsockopt, s, "ipv6", "v6only", true).target, "v6only of [::]:" .. select(2, s:getsockname()))
eq(s:getsockopt("ipv6", "v6only"), 0)

--# an IPv4 address in the form of IPv6 reaches an IPv4 peer
local s, port = listener()
local c = tcp6()
c:connect("::ffff:127.0.0.1", port)
eq((s:accept():getpeername()), LO)
eq((c:getpeername()), "::ffff:127.0.0.1")
local u = udp6()
local v, port = udp()
u:sendmsg({ name = { "::FFFF:7f00:1", port } }, "x")
eq(v:read(), "x")

--# errors name the address
local c = tcp6()
local port = free_port()
local e = fails("ECONNREFUSED", c.connect, c, LO6, port)
eq(e.target, "[::1]:" .. port)
assert(tostring(e):find("connect [::1]:" .. port .. ": connection refused (ECONNREFUSED)", 1, true), e)
eq(fails("EADDRNOTAVAIL", c.bind, c, "2001:db8::1", 80).target, "[2001:db8::1]:80")

--# a link-local address has its interface behind it, by name or by number
eq(canonical("fe80::1%lo", 80), "[fe80::1%lo]:80")
eq(canonical("FE80:0:0::1%1", 80), "[fe80::1%lo]:80")
eq(canonical("febf::1%lo", 80), "[febf::1%lo]:80")
eq(canonical("fe80::1%77", 80), "[fe80::1%77]:80")
eq(canonical("fe80::1%2147483647", 80), "[fe80::1%2147483647]:80")

--# a table may have the interface in a field of its own
local function target(address)
	local c = udp6()
	local ok, e = pcall(c.connect, c, address)
	return e.target
end
eq(target{ addr = "fe80::1", port = 80, scope = "lo" }, "[fe80::1%lo]:80")
eq(target{ addr = "fe80::1", port = 80, scope = 1 }, "[fe80::1%lo]:80")
eq(target{ addr = "fe80::1", port = 80, scope = "1" }, "[fe80::1%lo]:80")
eq(target{ "fe80::1", 80, scope = "lo" }, "[fe80::1%lo]:80")
eq(target{ addr = "fe80::1%lo", port = 80, scope = 0 }, "[fe80::1%lo]:80")
eq(target{ addr = "2001:db8::1", port = 80, scope = 0 }, "[2001:db8::1]:80")

--# an interface that is not there is an error object
local c = udp6()
local e = fails("ENODEV", c.connect, c, "fe80::1%none", 80)
eq(e.call, "connect")
eq(e.target, "fe80::1%none")
eq(fails("ENODEV", c.bind, c, { addr = "fe80::1", port = 80, scope = "none" }).target, "fe80::1%none")
eq(fails("ENODEV", c.sendmsg, c, { name = { "fe80::1%none", 80 } }, "x").call, "sendmsg")
for _, bad in ipairs{ "0", "01", "-1", "+1", "1 ", "0x1", "2147483648", "4294967297", "lo " } do
	fails("ENODEV", c.connect, c, "fe80::1%" .. bad, 80)
end

--# what can be no interface is no address
local c = udp6()
for _, bad in ipairs{ "", "lo\0", "\0", ("x"):rep(16), ("x"):rep(10000) } do
	raises("invalid address", c.connect, c, "fe80::1%" .. bad, 80)
	raises("invalid address", c.connect, c, { addr = "fe80::1", port = 80, scope = bad })
end
raises("scope must be in 0..2147483647, not -1", c.connect, c, { addr = "fe80::1", port = 80, scope = -1 })
raises("scope must be in 0..2147483647, not 4294967297", c.connect, c, { addr = "fe80::1", port = 80, scope = (1 << 32) + 1 })
raises("scope must be an integer, not a boolean", c.connect, c, { addr = "fe80::1", port = 80, scope = true })

--# a scope is for addresses that have one, and is given once
local c = udp6()
for _, ip in ipairs{ "::1", "2001:db8::1", "fec0::1", "ff05::1", "::ffff:127.0.0.1" } do
	raises("only link-local addresses have a scope", c.connect, c, ip .. "%lo", 80)
	raises("only link-local addresses have a scope", c.connect, c, { addr = ip, port = 80, scope = 1 })
end
raises("it has two scopes", c.connect, c, { addr = "fe80::1%lo", port = 80, scope = "lo" })
raises("it has two scopes", c.connect, c, { addr = "fe80::1%lo", port = 80, scope = 1 })
for _, ip in ipairs{ "ff02::1", "ff12::1", "ff01::1" } do eq(canonical(ip .. "%lo", 80), "[" .. ip .. "%lo]:80") end

--# traffic class and flow label are 28 bits
local a, b = udp6(), udp6()
b:bind(LO6, 0)
local port = select(2, b:getsockname())
a:sendmsg({ name = { addr = LO6, port = port, flowinfo = 0x0ff00000 } }, "x")
eq(b:read(), "x")
raises("flowinfo must be in 0..268435455, not 268435456", a.sendmsg, a, { name = { addr = LO6, port = port, flowinfo = 1 << 28 } }, "x")
raises("flowinfo must be in 0..268435455, not -1", a.sendmsg, a, { name = { addr = LO6, port = port, flowinfo = -1 } }, "x")
raises("flowinfo must be an integer, not a table", a.sendmsg, a, { name = { addr = LO6, port = port, flowinfo = {} } }, "x")

--# time-outs and calls that must not wait
local s = tcp6()
s:bind(LO6, 0)
s:listen()
s:settimeout(20)
fails("ETIMEDOUT", s.accept, s)
fails("EAGAIN", s.accept, s, "D")
local u = udp6()
u:bind(LO6, 0)
u:settimeout(20)
fails("ETIMEDOUT", u.recv, u, 10)

--# a poll set tells of connections, data and ends
local s = tcp6()
s:bind(LO6, 0)
s:listen()
local c = tcp6()
fails("EINPROGRESS", c.connect, c, LO6, select(2, s:getsockname()), "D")
await(s)
local p = s:accept()
await(c, "w")
c:write("x")
await(p)
eq(p:read(), "x")
c:close()
await(p, "h")
eq(p:read(), nil)

--# close ends accept with EBADF
--! load testing=1
local s = tcp6()
s:bind(LO6, 0)
s:listen()
socket.testing.close_later(s, 50)
fails("EBADF", s.accept, s)

--# close ends recv over UDP with EBADF
--! load testing=1
local s = udp6()
s:bind(LO6, 0)
socket.testing.close_later(s, 50)
fails("EBADF", s.recv, s, 10)

--# close ends connect with EBADF
--! load testing=1
local port, keep = blackhole()
local c = tcp6()
socket.testing.close_later(c, 50)
fails("EBADF", c.connect, c, "::ffff:127.0.0.1", port)

--# connect raises ETIMEDOUT after the time-out
local port, keep = blackhole()
local c = tcp6()
c:settimeout(50)
eq(fails("ETIMEDOUT", c.connect, c, "::ffff:127.0.0.1", port).target, "[::ffff:127.0.0.1]:" .. port)
