-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- get and set: numbers of a type at an offset.
local TYPES = {
	u8 = { 0, 255 }, i8 = { -128, 127 }, u16 = { 0, 65535 }, i16 = { -32768, 32767 },
	u32 = { 0, (1 << 32) - 1 }, i32 = { -(1 << 31), (1 << 31) - 1 },
	u64 = { math.mininteger, math.maxinteger }, i64 = { math.mininteger, math.maxinteger },
}

local d = data.new { 0x80, 1, 2, 3, 4, 5, 6, 0xff }

--# 8 and 16 bits, signed and not, in either order
eq(d:get(0, "u8"), 128)
eq(d:get(0, "i8"), -128)
eq(d:get(0, "u16"), 0x8001)
eq(d:get(0, "u16be"), 0x8001)
eq(d:get(0, "u16le"), 0x0180)
eq(d:get(0, "i16"), -0x7fff)
eq(d:get(0, "i16le"), 0x0180)
eq(d:get(1, "u16le"), 0x0201)

--# 32 bits
eq(d:get(0, "u32"), 0x80010203)
eq(d:get(0, "i32"), 0x80010203 - (1 << 32))
eq(d:get(4, "u32le"), 0xff060504)
eq(d:get(4, "i32le"), 0xff060504 - (1 << 32))
eq(d:get(3, "u32"), 0x03040506)

--# 64 bits; an unsigned one may turn out negative
eq(d:get(0, "u64"), 0x80010203040506ff)
eq(d:get(0, "i64"), 0x80010203040506ff)
eq(d:get(0, "u64le"), 0xff06050403020180)
assert(d:get(0, "u64") < 0)

--# reading what is not all there gives nil
eq(d:get(7, "u8"), 255)
eq(d:get(8, "u8"), nil)
eq(d:get(7, "u16"), nil)
eq(d:get(5, "u32"), nil)
eq(d:get(1, "u64"), nil)
for _, offset in ipairs { 1 << 32, 1 << 60, 1 << 61, math.maxinteger } do
	eq(d:get(offset, "u8"), nil)
	eq(d:get(offset, "u64"), nil)
end

--# an unknown type raises
for _, name in ipairs { "", "u", "i", "u7", "u128", "u16xx", "x8", "8", "u8 ", "U8", "u16l", "i64BE", "u6", "f32" } do
	raises("unknown type", d.get, d, 0, name)
	raises("unknown type", d.set, d, 0, name, 0)
end
raises("string expected", d.get, d, 0)
raises("string expected", d.set, d, 0)

--# a negative offset raises
raises("offset must be in 0", d.get, d, -1, "u8")
raises("offset must be in 0", d.set, d, math.mininteger, "u8", 1)
raises("number expected", d.get, d, {}, "u8")

--# set writes in either order and returns the object
local d = data.new(8)
eq(d:set(0, "u16", 0x1234):set(2, "u16le", 0x1234), d)
eq(tostring(d), "\x12\x34\x34\x12\0\0\0\0")
d:set(4, "u32le", 0x01020304)
eq(tostring(d), "\x12\x34\x34\x12\4\3\2\1")

--# the limits of every type are read back as they were written
for name, range in pairs(TYPES) do
	for _, order in ipairs { "", "be", "le" } do
		for _, v in ipairs(range) do
			d:set(0, name .. order, v)
			eq(d:get(0, name .. order), v)
		end
	end
end

--# a value out of the type's range raises and writes nothing
local d = data.new(8)
for name, range in pairs(TYPES) do
	if not name:find "64" then
		for _, v in ipairs { range[1] - 1, range[2] + 1, math.mininteger, math.maxinteger } do
			raises("value must be in", d.set, d, 0, name, v)
			raises("value must be in", d.set, d, 0, name .. "le", v)
		end
	end
end
eq(tostring(d), ("\0"):rep(8))

--# to write what is not all there raises and writes nothing
local d = data.new(8)
raises("set: 2 bytes at offset 7 are not within 8 bytes", d.set, d, 7, "u16", 1)
raises("set: 8 bytes at offset 8", d.set, d, math.maxinteger, "u64", 1)
raises("within 8 bytes", d.set, d, 1 << 61, "u8", 1)
eq(tostring(d), ("\0"):rep(8))

--# a value that is no number raises
raises("number expected", d.set, d, 0, "u8")
raises("number expected", d.set, d, 0, "u8", {})

--# a number agrees with string.pack at every offset
local d = data.new(20)
for offset = 0, 12 do
	for bits, size in pairs { u8 = 1, u16 = 2, u32 = 4, u64 = 8 } do
		for order, mark in pairs { be = ">", le = "<" } do
			local v = 0x1122334455667788 & (-1 >> (64 - 8 * size))
			d:fill(0)
			d:set(offset, bits .. order, v)
			eq(d:string(offset, size), (mark .. "I" .. size):pack(v))
			eq(d:get(offset, bits .. order), v)
		end
	end
end

--# in a segment, offsets count from its first byte
local d = data.new { 1, 2, 3, 4 }
local s = d:segment(1, 2)
eq(s:get(0, "u16"), 0x0203)
eq(s:get(1, "u16"), nil)
raises("within 2 bytes", s.set, s, 1, "u16", 0)
