-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Segments: data objects that are parts of others.
local d = data.new { 0xaa, 0xbb, 0xcc, 0xdd }

--# a segment has offset and length in bytes, from 0
eq(tostring(d:segment(1, 2)), "\xbb\xcc")
eq(tostring(d:segment(0, 1)), "\xaa")

--# the length defaults to the rest, the offset to 0
eq(tostring(d:segment(1)), "\xbb\xcc\xdd")
eq(#d:segment(), 4)
eq(#d:segment(nil, 2), 2)

--# it shares the memory both ways
local s = d:segment(1, 3)
s[1] = 1
eq(d[2], 1)
d[4] = 2
eq(s[3], 2)

--# a segment of a segment counts from the segment's first byte
local s = d:segment(1):segment(1)
eq(tostring(s), "\xcc\xdd")
s[1] = 9
eq(d[3], 9)

--# it has a layout of its own
d:layout { u = { 0, 16 } }
local s = d:segment(1, 3)
eq(s.u, nil)
s:layout { u = { 0, 16 } }
eq(s.u, 0xbbcc)
eq(d.u, 0xaabb)

--# one that begins at or behind the end is nil
eq(d:segment(4), nil)
eq(d:segment(4, 0), nil)
eq(d:segment(5), nil)
eq(d:segment(1 << 40), nil)
eq(d:segment(math.maxinteger), nil)

--# one that reaches beyond the end is nil
eq(d:segment(1, 4), nil)
eq(d:segment(0, 5), nil)
eq(d:segment(1, math.maxinteger), nil)
eq(d:segment(math.maxinteger, 1), nil)
eq(d:segment(math.maxinteger, math.maxinteger), nil)

--# a segment may not reach into what its parent has not
local s = d:segment(1, 2)
eq(s:segment(0, 3), nil)
eq(s:segment(2), nil)
eq(s[3], nil)
eq(s[0], nil)
eq(s[-1], nil)
raises("within the 2 bytes", function() s[3] = 1 end)
raises("within the 2 bytes", function() s[0] = 1 end)
eq(tostring(d), "\xaa\xbb\xcc\xdd")

--# an empty one can be had inside, and has nothing
eq(#d:segment(0, 0), 0)
eq(#d:segment(3, 0), 0)
local e = d:segment(2, 0)
eq(tostring(e), "")
eq(e[1], nil)
eq(e:segment(), nil)
eq(e:segment(0, 0), nil)
eq(e:string(), "")
eq(e:fill(1), e)
eq(e:get(0, "u8"), nil)
eq(pcall(function() e[1] = 1 end), false)
eq(tostring(d), "\xaa\xbb\xcc\xdd")

--# negative numbers and what is none raise
raises("length must be in 0..", d.segment, d, 1, -1)
raises("length must be in 0..", d.segment, d, 0, math.mininteger)
raises("offset must be in 0..", d.segment, d, -1)
raises("number expected", d.segment, d, {})
raises("number expected, got string", d.segment, d, 0, "x")

--# it keeps the parent's memory when the parent is gone
local s = data.new(100000):segment(99999)
s[1] = 5
for i = 1, 5 do
	collectgarbage()
	data.new(100000):fill(255)
end
eq(s[1], 5)

--# it keeps the memory of a whole chain of parents
local s = data.new(("x"):rep(1000))
for i = 1, 999 do
	s = s:segment(1)
	if i % 100 == 0 then collectgarbage() end
end
eq(tostring(s), "x")

--# the parent lives on without its segments
local p = data.new("parent")
for i = 1, 100 do p:segment(i % 6) end
collectgarbage()
eq(tostring(p), "parent")

--# memory that only a segment holds is charged to the script
--! param memory=8M
local s = data.new(6 << 20):segment(0, 1)
collectgarbage()
raises("module parameter memory", data.new, 4 << 20)
s = nil
collectgarbage()
data.new(4 << 20)

--# ten thousand segments of one object
local p = data.new(10000)
local t = {}
for i = 1, 10000 do t[i] = p:segment(i - 1, 1) end
for i = 1, 10000 do t[i][1] = i % 251 end
for i = 1, 10000 do eq(p[i], i % 251) end

--# sockets take segments as they are
local a, b = socket.new("i", "u"), socket.new("i", "u")
b:bind("127.0.0.1", 0)
a:connect(b:getsockname())
a:send(d:segment(1, 2))
local buffer = data.new(8)
local into = buffer:segment(3, 4)
local got, n = b:recv(into)
assert(got == into)
eq(n, 2)
eq(tostring(buffer), "\0\0\0\xbb\xcc\0\0\0")

--# a datagram that is longer than the segment does not write past it
local a, b = socket.new("i", "u"), socket.new("i", "u")
b:bind("127.0.0.1", 0)
a:connect(b:getsockname())
a:send("0123456789")
local buffer = data.new(8)
b:recv(buffer:segment(2, 3))
eq(tostring(buffer), "\0\0" .. "012" .. "\0\0\0")
