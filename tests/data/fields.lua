-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Number fields: bits, most significant first, in either byte order.
local function bytes(d)
	return (tostring(d):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

--# the seed's example: byte orders of 24, 20, 16 and 12 bits of 12 34 56
local d = data.new { 0x12, 0x34, 0x56 }:layout {
	a = { 0, 24, "n", "l" }, b = { 0, 12, "n", "l" }, c = { 4, 16, "n", "l" }, e = { 0, 20, "n", "l" },
	f = { 0, 12 }, g = { 0, 24 }, h = { 4, 3, "number", "le" },
}
eq(d.a, 0x563412)
eq(d.b, 0x312)
eq(d.c, 0x4523)
eq(d.e, 0x53412)
eq(d.f, 0x123)
eq(d.g, 0x123456)
eq(d.h, 1)

--# 64 bits in either order
local d = data.new { 1, 2, 3, 4, 5, 6, 7, 8 }:layout { be = { 0, 64 }, le = { 0, 64, "n", "l" } }
eq(d.be, 0x0102030405060708)
eq(d.le, 0x0807060504030201)

--# numbers are read unsigned; only one of 64 bits can turn out negative
local d = data.new(("\255"):rep(9)):layout { a = { 0, 8 }, b = { 3, 63 }, c = { 0, 64 }, d = { 5, 64 } }
eq(d.a, 255)
eq(d.b, math.maxinteger)
eq(d.c, -1)
eq(d.d, -1)

--# every offset and width: what is written is read back, in every order, and no other bit changes
--! timeout 120
local function bit(d, i) return d[i // 8 + 1] >> (7 - i % 8) & 1 end
for _, order in ipairs { "big", "little" } do
	for offset = 0, 15 do
		for width = 1, 64 do
			local d = data.new(10):layout { x = { offset, width, "n", order } }
			local value = 0x5a3c96e1d2b4870f & (-1 >> (64 - width))
			d.x = width < 64 and value or math.tointeger(value)
			eq(d.x, value)
			d:fill(255)
			d.x = 0
			eq(d.x, 0)
			for i = 0, 79 do
				eq(bit(d, i), i >= offset and i < offset + width and 0 or 1)
			end
		end
	end
end

--# big-endian fields are the bits in their order
local d = data.new(16)
for i = 1, 16 do d[i] = i * 37 % 256 end
local all = {}
for i = 0, 127 do all[i] = d[i // 8 + 1] >> (7 - i % 8) & 1 end
for offset = 0, 63 do
	for width = 1, 64 do
		local want = 0
		for i = offset, offset + width - 1 do want = want << 1 | all[i] end
		eq(d:layout({ x = { offset, width } }).x, want)
	end
end

--# little-endian fields are cut into bytes, the first the least significant
local d = data.new(16)
for i = 1, 16 do d[i] = i * 73 % 256 end
for offset = 0, 31 do
	for width = 1, 64, SLOW do
		local want = 0
		for from = 0, width - 1, 8 do
			local n = math.min(8, width - from)
			want = want | d:layout({ x = { offset + from, n } }).x << from
		end
		eq(d:layout({ x = { offset, width, "n", "l" } }).x, want)
	end
end

--# the host's order is x86's, little-endian
eq(data.new({ 1, 2 }):layout({ x = { 0, 16, "n", "host" } }).x, 0x0201)

--# a field may end with the last bit, not one bit later
local d = data.new(1):layout { x = { 7, 8 }, y = { 7, 1 } }
eq(d.x, nil)
eq(d.y, 0)
d.x = 255
eq(bytes(d), "00")
d = data.new(2):layout { x = { 1, 16 } }
eq(d.x, nil)
d.x = -1
eq(bytes(d), "0000")
d = data.new(9):layout { x = { 7, 64 }, y = { 9, 64 } }
eq(d.x, 0)
eq(d.y, nil)
d.y = -1
eq(d.x, 0)
eq(bytes(d), ("00"):rep(9))

--# 64 bits across nine bytes leave the rest alone
local d = data.new(9):layout { x = { 7, 64 } }
d.x = -1
eq(d.x, -1)
eq(bytes(d), "01fffffffffffffffe")

--# any offset is fine in a layout: reading there is nil, writing does nothing
local d = data.new(3)
for _, offset in ipairs { 24, 17, 1 << 33, 1 << 62, math.maxinteger } do
	d:layout { x = { offset, 8 }, s = { offset, 1, "s" } }
	eq(d.x, nil)
	eq(d.s, nil)
	d.x, d.s = 255, "abc"
	d.x, d.s = 256, {}
	eq(bytes(d), "000000")
end

--# a value that does not fit raises and touches nothing, least of all a neighbour
local d = data.new(1):layout { hi = { 0, 4 }, lo = { 4, 4 } }
raises("value of field 'lo' must be in -8..15, not 31", function() d.lo = 0x1f end)
for _, v in ipairs { 16, -9, 1 << 32, math.mininteger, math.maxinteger } do
	raises("value of field 'hi'", function() d.hi = v end)
end
eq(d[1], 0)

--# writing one field leaves its neighbours alone
local d = data.new(1):layout { hi = { 0, 4 }, lo = { 4, 4 } }
d.lo = 15
eq(d[1], 15)
d.hi = 8
eq(d[1], 0x8f)
d.lo = 0
eq(d[1], 0x80)

--# a signed value is stored in two's complement
local d = data.new(1):layout { hi = { 0, 4 }, lo = { 4, 4 } }
d.hi = -8
d.lo = -1
eq(d[1], 0x8f)
eq(d.lo, 15)

--# the limits of fields of 64, 63 and one bit
local d = data.new(8):layout { w = { 0, 64 }, h = { 0, 63 }, b = { 0, 1 } }
d.w = -1
eq(d.h, math.maxinteger)
eq(d.b, 1)
d.w = math.mininteger
eq(d.w, math.mininteger)
eq(d.h, 1 << 62)
d.h = math.maxinteger
d.h = -(1 << 62)
raises("field 'h'", function() d.h = math.mininteger end)
d.b = -1
d.b = 1
d.b = 0
raises("-1..1", function() d.b = 2 end)

--# what is no integer raises
local d = data.new(1):layout { x = { 0, 4 } }
for _, v in ipairs { {}, true, "x", print, d } do raises("value of field 'x' must be an integer", function() d.x = v end) end
raises("value of field 'x'", function() d.x = nil end)
eq(d[1], 0)

--# a number may be written as text
local d = data.new(1):layout { x = { 0, 4 } }
d.x = "3"
eq(d.x, 3)

--# a name that the layout does not have: reading is nil, writing does nothing
local d = data.new(1):layout { x = { 0, 4 } }
eq(d.y, nil)
d.y = 1
d.y = {}
eq(d.y, nil)
eq(bytes(d), "00")

--# a key that is neither a byte's index nor a name raises when written, and reads nil
local d = data.new(1)
for _, key in ipairs { true, {}, print, d } do
	eq(d[key], nil)
	raises("index of a byte or name of a field expected", function() d[key] = 1 end)
end

--# in a segment, offsets count from its first byte and end with its last
local d = data.new { 1, 2, 3, 4 }
local s = d:segment(1, 2):layout { x = { 0, 16 }, y = { 8, 16 } }
eq(s.x, 0x0203)
eq(s.y, nil)
s.y = 0
eq(bytes(d), "01020304")

--# an empty segment has no fields
local s = data.new(4):segment(2, 0):layout { x = { 0, 1 }, s = { 0, 1, "s" } }
eq(s.x, nil)
eq(s.s, nil)
s.x, s.s = 1, "a"
eq(tostring(s), "")
