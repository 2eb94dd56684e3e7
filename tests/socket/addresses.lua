-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Addresses as text.

-- What are no addresses.
local BAD = {
	"", " ", "here", "localhost", "127", "127.1", "127.0.0", "127.0.0.", "127.0.0.1.", "127.0.0.1.1", ".127.0.0.1", "127..0.1",
	"1.2.3.4 foo", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "1.2.3.4\0", "1.2.3.4\0.5", "256.0.0.1", "1.2.3.256", "999.1.1.1",
	"4294967297.0.0.1", "01.2.3.4", "001.2.3.4", "1.2.3.04", "0x7f.0.0.1", "-1.2.3.4", "+1.2.3.4", "1.2.3.-4", "1,2,3,4",
	"1.2.3.4:80", "1.2.3.4/8", "::1", "2130706433", "1.2.3.4.", "1 .2.3.4", "1.2.3.\xff", "1111.2.3.4", ("1"):rep(100000),
}

--# bind refuses every text that is no address, and the socket stays unbound
local s = tcp()
for _, bad in ipairs(BAD) do raises("invalid address", s.bind, s, bad, 0) end
eq((s:getsockname()), "0.0.0.0")
eq(select(2, s:getsockname()), 0)
s:bind(LO, 0)

--# connect refuses every text that is no address
local s = tcp()
for _, bad in ipairs(BAD) do raises("invalid address", s.connect, s, bad, 80) end
fails("ENOTCONN", s.getpeername, s)

--# sendmsg refuses every text that is no address, in both forms
local s, port = udp()
for _, bad in ipairs(BAD) do
	raises("invalid address", s.sendmsg, s, { name = { bad, port } }, "x")
	raises("invalid address", s.sendmsg, s, { name = { addr = bad, port = port } }, "x")
end
fails("EAGAIN", s.read, s, 1, "D")

--# the extremes of addresses are addresses
for _, good in ipairs{ "127.0.0.0", "127.255.255.254", "127.10.100.1", "0.0.0.0" } do
	local s = udp and socket.new("i", "u")
	s:bind(good, 0)
	eq((s:getsockname()), good)
end
fails("EADDRNOTAVAIL", function() tcp():bind("1.2.3.4", 0) end)
local s = socket.new("i", "u")
s:setsockopt("s", "b", true)
fails("ENETUNREACH", s.connect, s, "255.255.255.254", 1)

--# addresses come back as they went in
for _, number in ipairs{ 0x7f000001, 0x7f0000ff, 0x7fffff01, 0x7f636401 } do
	local s = socket.new("i", "u")
	s:bind(number, 0)
	local want = ("%d.%d.%d.%d"):format(number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255)
	eq((s:getsockname()), want)
end

--# an address of another type is a mistake
local s = tcp()
for _, bad in ipairs{ true, print, s } do
	raises("address must be a string or an integer, not a " .. type(bad), s.bind, s, bad, 80)
end
raises("address has no address", s.bind, s, {})
raises("address must be a string or an integer, not a nil", s.bind, s, nil, 80)
raises("bad argument #2 to 'bind' (port expected, got no value)", function() s:bind(LO) end)
raises("bad argument #2 to 'connect' (port expected, got nil)", function() s:connect(LO, nil) end)
raises("bad argument #2 to 'connect'", function() s:connect(LO, {}) end)

--# an error about the port blames the port, one about the address the address
local s = tcp()
raises("bad argument #2 to 'bind' (port must be in 0..65535, not 65536)", function() s:bind(LO, 65536) end)
raises("bad argument #1 to 'bind' (invalid address 'x')", function() s:bind("x", 80) end)
raises("bad argument #1 to 'bind' (address must be in 0..4294967295)", function() s:bind(-1, 80) end)

--# an IPv6 address on a socket of inet is an error that says what it needs
local s = tcp()
for _, ip in ipairs{ "::1", "fe80::1%lo", "::ffff:127.0.0.1" } do
	raises(("invalid address '%s': IPv6 addresses need a socket of inet6"):format(ip), s.bind, s, ip, 0)
end

--# a table is an address too, by name or by position
for _, address in ipairs{ { addr = LO, port = 0 }, { LO, 0 }, { addr = 0x7f000001, port = 0 }, { addr = LO, port = 0, 1, 2 } } do
	local s, c = tcp(), tcp()
	s:bind(address)
	s:listen()
	c:connect{ s:getsockname() }
	eq((c:getpeername()), LO)
end

--# flags come behind a table
local s, port = listener()
local c = tcp()
fails("EINPROGRESS", c.connect, tcp(), { LO, port }, "D")
raises("bad argument #2 to 'connect' (invalid flags name 'X')", function() c:connect({ LO, port }, "X") end)

--# a table of which something is missing or too much is a mistake
local s = tcp()
raises("address has no port", s.bind, s, { addr = LO })
raises("address has no port", s.bind, s, { LO })
raises("address has no address", s.bind, s, { port = 80 })
raises("port must be in 0..65535, not 65536", s.bind, s, { LO, 65536 })
raises("port must be an integer, not a boolean", s.bind, s, { LO, true })
raises("address: invalid address 'x'", s.bind, s, { "x", 80 })
raises("address: address must be a string or an integer, not a boolean", s.bind, s, { true, 80 })
raises("bad argument #2 to 'bind' (the port belongs into the table)", function() s:bind({ LO, 80 }, 80) end)
raises("bad argument #2 to 'connect' (the port belongs into the table)", function() s:connect({ LO, 80 }, 80, "D") end)
raises("msghdr.name has no port", s.sendmsg, s, { name = { LO } }, "x")
raises("msghdr.name must be a table, not a string", s.sendmsg, s, { name = LO }, "x")

--# what is no address is shown without control characters, and not all of it
local s = tcp()
raises([[invalid address '\x00\x1b[1m\x0a']], s.bind, s, "\0\27[1m\n", 0)
raises("invalid address '" .. ("1"):rep(100) .. "...'", s.bind, s, ("1"):rep(101), 0)
raises("invalid address '" .. ("1"):rep(100) .. "'", s.bind, s, ("1"):rep(100), 0)

--# fields of a table may be computed; what they do to the socket is its own fault
local s = tcp()
local address = setmetatable({}, { __index = function(_, key) s:close() return ({ addr = LO, port = 0 })[key] end })
fails("EBADF", s.bind, s, address)
