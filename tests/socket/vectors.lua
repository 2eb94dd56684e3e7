-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Messages in several pieces: arrays of strings and data objects.

-- As many data objects, of one byte each.
local function bytes(n)
	local t = {}
	for i = 1, n do t[i] = data.new(1) end
	return t
end

-- The data objects of an array, one after the other.
local function joined(t)
	local s = {}
	for i, d in ipairs(t) do s[i] = tostring(d) end
	return table.concat(s, "|")
end

--# send takes an array of strings and data objects, in their order
local a, b = tcp_pair()
eq(a:send{ "one", data.new("two"), "three" }, 11)
eq(b:read(11, "W"), "onetwothree")

--# a string that looks like a number is a piece like any other
local a, b = tcp_pair()
eq(a:send{ "65" }, 2)
eq(b:read(2, "W"), "65")

--# empty pieces are none
local a, b = tcp_pair()
eq(a:send{ "", "x", "", data.new("yz"):segment(0, 0), "y" }, 2)
eq(b:read(2, "W"), "xy")
eq(a:send{ "", "" }, 0)
fails("EAGAIN", b.read, b, 1, "D")

--# an array of pieces is one datagram
local a, b = udp_pair()
eq(a:send{ "head", data.new("body"), "tail" }, 12)
eq(a:send{ "", "" }, 0)
eq(b:read(), "headbodytail")
eq(b:read(), "")

--# offset and length go across the pieces
local a, b = tcp_pair()
local t = { "0123", data.new("4567"), "89" }
eq(a:send(t, nil, 3), 7)
eq(b:read(7, "W"), "3456789")
eq(a:send(t, nil, 3, 2), 2)
eq(b:read(2, "W"), "34")
eq(a:send(t, nil, 8), 2)
eq(b:read(2, "W"), "89")
eq(a:send(t, nil, 10), 0)
raises("offset must be in 0..10, not 11", a.send, a, t, nil, 11)
raises("length must be in 0..6, not 7", a.send, a, t, nil, 4, 7)

--# 1024 pieces are sent, one more is a mistake
local a, b = udp_pair()
local t = {}
for i = 1, 1024 do t[i] = string.char(i & 255) end
eq(a:send(t), 1024)
eq(b:read(2000), table.concat(t))
t[1025] = "x"
raises("array of more than 1024 elements", a.send, a, t)
fails("EAGAIN", b.read, b, 1, "D")

--# eight and nine pieces are sent, and what is sent of them is told
local a, b = tcp_pair()
for n = 7, 10 do
	local t = {}
	for i = 1, n do t[i] = i % 2 == 0 and data.new("d" .. i) or "s" .. i end
	local sent = a:send(t)
	eq(b:read(sent, "W"), n == 7 and "s1d2s3d4s5d6s7" or n == 8 and "s1d2s3d4s5d6s7d8" or
		n == 9 and "s1d2s3d4s5d6s7d8s9" or "s1d2s3d4s5d6s7d8s9d10")
end

--# pieces and bytes do not mix, and the error tells where
local a, b = tcp_pair()
raises("element 2 must be a string or a data object, not a number", a.send, a, { "x", 65 })
raises("element 3 must be a string or a data object, not a table", a.send, a, { "x", "y", {} })
raises("element 2 must be a string or a data object, not a nil", a.send, a, { "x", nil, "y" })
raises("element 1 must be a string or a data object, not a userdata", a.send, a, { a })
raises("element 2 must be a string or a data object, not a userdata", a.send, a, { "x", socket.poll() })
raises("byte 2 must be an integer, not a string", a.send, a, { 65, "x" })
raises("byte 2 must be an integer, not a userdata", a.send, a, { 65, data.new("x") })
raises("byte 1 must be an integer, not a boolean", a.send, a, { true })
fails("EAGAIN", b.read, b, 1, "D")

--# the same piece may come several times
local a, b = tcp_pair()
local d = data.new("ab")
eq(a:send{ d, d, d:segment(1) }, 5)
eq(b:read(5, "W"), "ababb")

--# more than fits goes in several sends that go on across the pieces
local a, b = tcp_pair()
local piece = ("0123456789abcdef"):rep(4096)
local t = {}
for i = 1, 64 do t[i] = i % 2 == 0 and data.new(piece) or piece end
local size, sent, got = 64 * #piece, 0, 0
while got < size do
	if sent < size then
		local ok, n = pcall(a.send, a, t, "D", sent)
		if ok then sent = sent + n else eq(n.name, "EAGAIN") end
	end
	local ok, s = pcall(b.read, b, 100000, "D")
	if ok then
		eq(s, piece:rep(3):sub(got % 16 + 1, got % 16 + #s))
		got = got + #s
	end
end
eq(sent, size)

--# sendmsg takes an array of pieces
local a, b, port = udp(), udp()
eq(a:sendmsg({ name = { LO, port } }, { "x", data.new("y"), "z" }), 3)
eq(b:read(), "xyz")

--# a header that empties the array while it is asked does no harm
local a, b = udp_pair()
for _, key in ipairs{ "flags", "name", "control" } do
	local t = {}
	for i = 1, 20 do t[i] = ("piece"):rep(100) .. i end
	local hdr = setmetatable({}, { __index = function(_, k)
		if k == key then
			for i = 1, 20 do t[i] = nil end
			collectgarbage()
		end
	end })
	eq(a:sendmsg(hdr, t), 0)
	eq(b:read(), "")
end

--# recv fills an array of data objects, one after the other
local a, b = tcp_pair()
a:send("abcdefg")
local t = { data.new("...."), data.new("::::") }
local got, n = b:recv(t)
assert(rawequal(got, t))
eq(n, 7)
eq(joined(t), "abcd|efg:")

--# recv into an array with "W" waits for all of it
local a, b = tcp_pair()
local t = { data.new(2), data.new(3), data.new(4) }
a:send("abcd")
a:send("efghijk")
eq(select(2, b:recv(t, "W")), 9)
eq(joined(t), "ab|cde|fghi")
eq(b:read(), "jk")

--# recv into eight and nine data objects
local a, b = udp_pair()
for n = 7, 10 do
	a:send(("0123456789"):sub(1, n))
	local t = bytes(n)
	eq(select(2, b:recv(t)), n)
	eq(joined(t), ("0|1|2|3|4|5|6|7|8|9"):sub(1, 2 * n - 1))
end

--# recv takes offset and length across the data objects
local a, b = tcp_pair()
a:send("abcdef")
local t = { data.new("...."), data.new("::::") }
eq(select(2, b:recv(t, nil, 3, 3)), 3)
eq(joined(t), "...a|bc::")
eq(select(2, b:recv(t, nil, 5)), 3)
eq(joined(t), "...a|bdef")
raises("offset must be in 0..8, not 9", b.recv, b, t, nil, 9)
raises("length must be in 0..3, not 4", b.recv, b, t, nil, 5, 4)

--# the table of data objects that recv takes is checked before anything is taken
local a, b = tcp_pair()
a:send("abc")
raises("element 1 must be a data object, not a string", b.recv, b, { "x" })
raises("element 1 must be a data object, not a number", b.recv, b, { 1 })
raises("element 2 must be a data object, not a userdata", b.recv, b, { data.new(1), b })
raises("array of more than 1024 elements", b.recv, b, bytes(1025))
raises("got table", b.recv, b, {})
eq(b:read(), "abc")

--# recv into 1024 data objects
local a, b = udp_pair()
a:send(("x"):rep(1024))
local t = bytes(1024)
eq(select(2, b:recv(t)), 1024)
eq(tostring(t[1024]), "x")

--# recvmsg fills an array, and tells that a datagram was cut
local a, b = udp_pair()
a:send("abcdef")
local t = { data.new(2), data.new(3) }
local got, n, hdr = b:recvmsg({}, t)
assert(rawequal(got, t))
eq(n, 5)
eq(hdr.iov_len, 5)
assert(hdr.flags & socket.flag.TRUNC ~= 0)
eq(joined(t), "ab|cde")
raises("element 1 must be a data object", b.recvmsg, b, {}, { "x" })
raises("data object or array of these expected, got boolean", b.recvmsg, b, {}, true)

--# with "T" the size is the datagram's, and the array is full
local a, b = udp_pair()
a:send("abcdef")
local t = { data.new(2), data.new(1) }
eq(select(2, b:recv(t, "T")), 6)
eq(joined(t), "ab|c")

--# recv({buf}), as the document of 2018 almost writes it
local a, b = tcp_pair()
a:send("abc")
local buf = data.new(10)
eq(select(2, b:recv({ buf })), 3)
eq(buf:string(0, 3), "abc")
