-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The luadata of 2018, made safe: its scripts' forms work, and its bugs are none here.

--# data.new of a number, a table and a string
eq(#data.new(5), 5)
eq(tostring(data.new(3)), "\0\0\0")
eq(tostring(data.new { 1, 2, 255 }), "\1\2\255")
eq(tostring(data.new "abc"), "abc")

--# data.new("10") is a string of two bytes
eq(tostring(data.new("10")), "10")

--# data.new returns no value where it makes nothing
for _, what in ipairs { 0, -1, math.mininteger, {}, "", true, false, print } do eq(select("#", data.new(what)), 0) end
eq(select("#", data.new()), 0)
eq(select("#", data.new(nil)), 0)

--# what a table had its low bits taken of raises
for _, t in ipairs { { 256 }, { -1 }, { "x" } } do raises("element 1", data.new, t) end
eq(tostring(data.new { "7" }), "\7")

--# there is no comparison by value, no concatenation, no pairs
local d = data.new "ab"
assert(d ~= data.new "ab")
raises("concatenate", function() return d .. "x" end)
raises("table expected", function() for _ in pairs(d) do end end)

--# data.layout as a statement: the table itself is a layout afterwards
local t = { a = { 0, 8 }, b = { 8, 8 } }
data.layout(t)
local d = data.new { 1, 2 }
d:layout(t)
eq(d.a, 1)
eq(d.b, 2)

--# data.layout twice on one table, and without a table
local t = { a = { 0, 8 } }
data.layout(t)
data.layout(t)
eq(pcall(data.layout, 5), false)

--# d:layout returns d, can be had again at any time, and there is one at a time
local d = data.new { 1, 2 }
assert(rawequal(d:layout { a = { 0, 8 } }, d))
eq(d:layout({ b = { 8, 8 } }).a, nil)
eq(select("#", d:layout()), 0)

--# fields by position and by name, and names win
local d = data.new { 1, 2, 3, 4 }:layout {
	p = { 8, 16 }, q = { 8, 16, "number", "little" }, n = { offset = 8, length = 16, type = "number", endian = "big" },
	w = { 0, 8, offset = 16, length = 8 }, s = { 1, 2, "string" },
}
eq(d.p, 0x0203)
eq(d.q, 0x0302)
eq(d.n, 0x0203)
eq(d.w, 3)
eq(d.s, "\2\3")

--# types and byte orders by their first letters; big is the default
local d = data.new { 1, 2 }:layout { a = { 0, 16, "n", "b" }, b = { 0, 16, "n", "net" }, c = { 0, 16, "n", "l" }, h = { 0, 16, "n", "h" }, e = { 0, 16 } }
eq(d.a, 0x0102)
eq(d.b, 0x0102)
eq(d.c, 0x0201)
eq(d.h, 0x0201)
eq(d.e, 0x0102)

--# there is no field without a length, of none, or of 65 bits; it reads nil, and writing it does nothing
for _, spec in ipairs { { 0 }, { 0, 0 }, { 0, 65 }, {}, { offset = 3 }, { length = 0 } } do
	local d = data.new(100):layout { x = spec, y = { 8, 8 } }
	eq(d.x, nil)
	d.x = 255
	d.x = {}
	eq(tostring(d), ("\0"):rep(100))
	d.y = 7
	eq(d[2], 7)
end

--# a field without an offset begins with the first bit or byte
local d = data.new "ab":layout { x = { length = 8 }, s = { length = 2, type = "s" } }
eq(d.x, 97)
eq(d.s, "ab")

--# unknown words for type and byte order are ignored
local d = data.new "ab":layout { x = { 0, 16, "integer", "middle" }, y = { 0, 16, "", "" }, z = { 0, 16, "Little" } }
for _, name in ipairs { "x", "y", "z" } do eq(d[name], 0x6162) end

--# numbers are unsigned and in bits, strings in bytes; 64 bits may turn out negative
local d = data.new(("\255"):rep(8)):layout { a = { 3, 5 }, b = { 0, 64 }, s = { 2, 2, "s" } }
eq(d.a, 31)
eq(d.b, -1)
eq(d.s, "\255\255")

--# a read out of range is nil, and a write is ignored, whatever is written
local d = data.new(1):layout { x = { 4, 8 }, s = { 0, 2, "s" } }
eq(d.x, nil)
eq(d.y, nil)
eq(d.s, nil)
for _, value in ipairs { 1, 1 << 40, "ab", "", true, {}, print } do
	d.x = value
	d.y = value
	d.s = value
end
d.x, d.y, d.s = nil, nil, nil
eq(d[1], 0)

--# without a layout any name can be written, and nothing happens
local d = data.new(2)
d.no, d.layout, d.segment, d.string = 1, 2, 3, 4
eq(tostring(d), "\0\0")
eq(d.no, nil)
eq(type(d.layout), "function")

--# what was no number and became 0 raises
local d = data.new(1):layout { x = { 0, 8 } }
raises("must be an integer", function() d.x = {} end)

--# bytes 12 34 56 in little-endian order
local d = data.new { 0x12, 0x34, 0x56 }:layout {
	a = { 0, 24, "n", "l" }, b = { 0, 12, "n", "l" }, c = { 4, 16, "n", "l" }, e = { 0, 20, "n", "l" }, f = { 0, 12 } }
eq(d.a, 0x563412)
eq(d.b, 0x312)
eq(d.c, 0x4523)
eq(d.e, 0x53412)
eq(d.f, 0x123)

--# a string that is shorter than its field leaves the rest; numbers are converted
local d = data.new "abcd":layout { s = { 0, 4, "s" } }
d.s = "x"
eq(tostring(d), "xbcd")
d.s = 12
eq(tostring(d), "12cd")

--# segments: offset and length in bytes, shared memory, no layout
local d = data.new "abcdef":layout { x = { 0, 8 } }
local s = d:segment(2, 3)
eq(tostring(s), "cde")
eq(s.x, nil)
s[1] = 67
eq(tostring(d), "abCdef")
eq(#d:segment(), 6)
eq(d:segment(6), nil)
eq(#d:segment(2, 0), 0)
eq(d:segment(2, 5), nil)

--# a field of a method's name is out of reach for layout and segment
local d = data.new { 1, 2 }:layout { layout = { 0, 8 }, segment = { 8, 8 } }
eq(type(d.layout), "function")
eq(type(d.segment), "function")

--# the README's forms: an order as the third value, a string under endian
local d = data.new { 1, 2, 3, 4, 5, 6, 7, 8 }:layout { le = { 0, 64, "little" }, str = { offset = 0, length = 3, endian = "string" } }
eq(d.le, 0x0807060504030201)
eq(d.str, "\1\2\3")

--# the README's test compares bytes that are there
local d1, d2 = data.new { 5, 6 }, data.new { 5, 6 }
assert(d1[1] == d2[1] and d1[1] == 5)

--# L1: a field may not reach one bit past the end
local d = data.new(1):layout { x = { 7, 8 } }
eq(d.x, nil)
d.x = 255
eq(d[1], 0)
d = data.new(2):layout { x = { 1, 16 } }
eq(d.x, nil)
d.x = -1
eq(tostring(d), "\0\0")

--# L2: a field of a negative length or offset does not come into being
for _, spec in ipairs { { 1, -1, "s" }, { -1, 2, "s" }, { -8, 8 }, { 0, -8 }, { math.mininteger, math.mininteger, "s" } } do
	local d = data.new(8):layout { s = spec }
	eq(d.s, nil)
	d.s = ("x"):rep(10000)
	eq(tostring(d), ("\0"):rep(8))
end

--# L3: a segment of a negative length does not come into being
local d = data.new(8)
raises("length must be in 0", d.segment, d, 1, -1)

--# L4: a finalizer cannot be called
local d = data.new(8)
eq(d.__gc, nil)
raises("attempt to", function() d.__gc(d) end)
raises("attempt to", function() getmetatable(d).__gc(d) end)

--# L5: methods look at what they are called on
local d = data.new(8)
for _, name in ipairs { "segment", "layout", "string", "fill", "copy", "get", "set", "find", "pack", "unpack", "checksum", "crc32", "crc32c" } do
	raises("luadata expected", d[name], nil, {}, "u8", 1)
	raises("luadata expected", d[name], socket.new("i", "t"), {}, "u8", 1)
end

--# L6: words that are no strings, and fields that are no tables
raises("type must be a string", data.layout, { x = { 0, 8, {} } })
eq(data.new({ 1, 2 }):layout({ x = { 0, 16, nil, "big" } }).x, 0x0102)
raises("must be a table", data.layout, { x = "abc" })

--# L7: a value that is wider than its field does not reach its neighbours
local d = data.new(1):layout { hi = { 0, 4 }, lo = { 4, 4 } }
raises("value of field 'lo'", function() d.lo = 0x1f end)
eq(d.hi, 0)
d.lo = 0xf
eq(d.hi, 0)

--# L8: no byte is ever uninitialised
raises("element 2", data.new, setmetatable({ 1, nil, 3 }, { __len = function() return 3 end }))
for i = 1, 50 do
	local d = data.new(1000 + i)
	eq(d:find("\165"), nil)
	d:fill(165)
end

--# L9: strings of a layout can be read and written after a socket has used the bytes
local a, b = socket.new("i", "u"), socket.new("i", "u")
b:bind("127.0.0.1", 0)
a:connect(b:getsockname())
local d = data.new "hello":layout { s = { 0, 5, "s" } }
a:send(d)
a:close()
eq(d.s, "hello")
d.s = "HELLO"
eq(d.s, "HELLO")
b:recv(d)
b:close()
collectgarbage()
eq(d.s, "hello")
d.s = "again"
eq(d.s, "again")

--# L10: bytes have their text after a socket has used them, and so have segments
local a, b = socket.new("i", "u"), socket.new("i", "u")
b:bind("127.0.0.1", 0)
a:connect(b:getsockname())
local d = data.new "hello"
a:send(d)
a:close()
eq(tostring(d), "hello")
local got = data.new(5)
local part = got:segment(1)
b:recv(got)
b:close()
collectgarbage()
eq(tostring(got), "hello")
eq(tostring(part), "ello")

--# the calls of the luadata test script of 2018: fields, byte orders, the end of the object
local data = require "data"
local small = data.new { 0x1e }
small.nothing = 0xbeef
eq(small.nothing, nil)
small:layout { all = { 0, 8 }, last = { 7, 1 } }
eq(small.all, 0x1e)
small.last = 1
eq(small.all, 0x1f)
local l = data.layout { be = { 0, 16 }, le = { 0, 16, "number", "le" }, four = { 16, 4 }, nine = { 20, 9 }, beyond = { 32, 1 } }
local d = data.new { 0x11, 0x22, 0xd3, 0x44 }
eq(#d, 4)
d:layout(l)
eq(d.be, 0x1122)
eq(d.le, 0x2211)
eq(d.four, 0xd)
eq(d.nine, 0x68)
eq(d.beyond, nil)
d.beyond = 1
eq(tostring(d), "\x11\x22\xd3\x44")

--# the calls of the luadata test script of 2018: segments of segments share memory and outlive what they are of
local l = data.layout { be = { 0, 16 }, four = { 16, 4 } }
local d = data.new { 0x11, 0x22, 0xd3, 0x44 }
d:layout(l)
local part = d:segment(1, 3)
eq(#part, 3)
part:layout(l)
eq(part.be, 0x22d3)
local rest = part:segment(1)
rest:layout(l)
eq(rest.be, 0xd344)
local whole = d:segment()
whole:layout(l)
whole.four = 0xf
eq(whole.four, 0xf)
eq(d.four, 0xf)
d, part, rest = nil, nil, nil
collectgarbage()
eq(whole.four, 0xf)

--# the calls of the luadata test script of 2018: 64 and 65 bits, strings, nothing made of nothing
local d = data.new(2)
d:layout { be = { 0, 16 } }
d.be = 0xbeef
eq(d.be, 0xbeef)
local wide = data.layout { large = { 0, 65 }, long = { 0, 64 } }
d = data.new(128)
d:layout(wide)
d.long = -1
d.large = 1
eq(d.large, nil)
eq(d.long, -1)
d = data.new "\a"
d:layout { seven = { 1, 7 } }
eq(d.seven, 7)
d = data.new("qwerty")
d:layout { text = { 0, 6, "s" }, beyond = { 1, 6, "s" } }
eq(d.text, "qwerty")
eq(d.beyond, nil)
d.text = "abc"
d.beyond = "abcdef"
eq(d.text, "abcrty")
d = data.new()
eq(d, nil)
for _, what in ipairs { 0, {}, "" } do
	d = data.new(what)
	eq(d, nil)
end
