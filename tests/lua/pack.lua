-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- string.pack, string.unpack, string.packsize: integers and strings.
local pack, unpack, packsize = string.pack, string.unpack, string.packsize

local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

--# integers of one to sixteen bytes in both byte orders
local n = 0x0123456789abcdef
for size = 1, 16 do
	local bytes = {}
	for i = 1, size do bytes[i] = ("%02x"):format(i <= 8 and n >> 8 * (i - 1) & 0xff or 0) end
	local little = table.concat(bytes)
	local big = {}
	for i = 1, size do big[i] = bytes[size + 1 - i] end
	if size >= 8 then
		eq(hex(pack("<i" .. size, n)), little)
		eq(hex(pack(">I" .. size, n)), table.concat(big))
		eq((unpack("<i" .. size, pack("<i" .. size, n))), n)
	else
		local m = n & (1 << 8 * size) - 1
		eq(hex(pack("<I" .. size, m)), little)
		eq(hex(pack(">I" .. size, m)), table.concat(big))
		eq((unpack(">I" .. size, pack(">I" .. size, m))), m)
	end
	eq(packsize("i" .. size), size)
end

--# negative integers keep their sign in every size
for size = 1, 16 do
	for _, n in ipairs { -1, -2, -128 } do
		for _, order in ipairs { "<", ">" } do
			local f = order .. "i" .. size
			eq((unpack(f, pack(f, n))), n)
		end
	end
	eq(hex(pack("<i" .. size, -1)), ("ff"):rep(size))
end

--# the limits of each size hold exactly
for size = 1, 7 do
	local top = 1 << 8 * size - 1
	local f, u = "<i" .. size, "<I" .. size
	eq((unpack(f, pack(f, top - 1))), top - 1)
	eq((unpack(f, pack(f, -top))), -top)
	raises("integer overflow", pack, f, top)
	raises("integer overflow", pack, f, -top - 1)
	eq((unpack(u, pack(u, 2 * top - 1))), 2 * top - 1)
	raises("unsigned overflow", pack, u, 2 * top)
	raises("unsigned overflow", pack, u, -1)
end

--# wide integers that do not fit 64 bits are refused
eq((unpack("<I16", ("\xff"):rep(8) .. ("\0"):rep(8))), -1)
raises("16-byte integer does not fit into Lua Integer", unpack, "<I16", ("\0"):rep(8) .. "\1" .. ("\0"):rep(7))
raises("9-byte integer does not fit into Lua Integer", unpack, ">i9", "\1" .. ("\0"):rep(8))

--# named integer types have C's sizes
for f, size in pairs { b = 1, B = 1, h = 2, H = 2, i = 4, I = 4, l = 8, L = 8, j = 8, J = 8, T = 8 } do
	eq(packsize(f), size)
	eq(#pack(f, 1), size)
end
eq(hex(pack("<bhij", -1, -2, -3, -4)), "fffefffdfffffffcffffffffffffff")

--# = is the byte order of the machine
eq(pack("=i4", 1), "\1\0\0\0")
eq(pack(">i4", 1), "\0\0\0\1")
eq(pack(">i2<i2=i2", 1, 1, 1), "\0\1\1\0\1\0")

--# the formats f, d and n are for floats and refused
for _, f in ipairs { "f", "d", "n" } do
	raises("is for floats, which the kernel does not have", pack, f, 1)
	raises("is for floats, which the kernel does not have", unpack, f, ("\0"):rep(8))
	raises("is for floats, which the kernel does not have", packsize, f)
end

--# strings with a length before them
eq(pack("<s1", "abc"), "\3abc")
eq(pack("<s2", "abc"), "\3\0abc")
eq(pack(">s4", ""), "\0\0\0\0")
eq(unpack("<s1", "\3abcd"), "abc")
eq(select(2, unpack("<s1", "\3abcd")), 5)
raises("string length does not fit in given size", pack, "s1", ("x"):rep(256))
raises("data string too short", unpack, "<s1", "\5abc")
raises("block too big", unpack, "<s8", ("\xff"):rep(8))
raises("data string too short", unpack, "<s8", ("\xff"):rep(7) .. "\x7f")

--# strings that end in a NUL
eq(pack("z", "abc"), "abc\0")
eq(unpack("z", "abc\0def"), "abc")
eq(select(2, unpack("z", "abc\0def")), 5)
raises("string contains zeros", pack, "z", "a\0b")
raises("data string too short", unpack, "zb", "abc")
raises("data string too short", unpack, "zz", "abc")

--# strings of a fixed size
eq(pack("c5", "abc"), "abc\0\0")
eq(unpack("c2", "abc"), "ab")
eq(pack("c0", ""), "")
raises("string longer than given size", pack, "c2", "abc")
raises("missing size for format option 'c'", pack, "c", "abc")
raises("data string too short", unpack, "c4", "abc")

--# padding and alignment
eq(pack("bxb", 1, 2), "\1\0\2")
eq(pack("<!4 b i4", 1, 2), "\1\0\0\0\2\0\0\0")
eq(packsize("!8 b j"), 16)
eq(packsize("!2 b j"), 10)
eq(packsize("<!4 b Xi4"), 4)
eq(pack("!4 b Xh b", 1, 2), "\1\0\2")
eq(packsize("b j"), 9)
raises("invalid next option for option 'X'", pack, "X")
raises("power of 2", pack, "!4 i3", 0)

--# unpack starts where it is told and says where it ended
eq(unpack("b", "\1\2\3", 2), 2)
eq(unpack("b", "\1\2\3", -1), 3)
eq(select(3, unpack("bb", "\1\2\3")), 3)
eq(unpack("", "abc", 4), 4)
raises("initial position out of string", unpack, "b", "abc", 5)
raises("data string too short", unpack, "i4", "abc")
raises("data string too short", unpack, "b", "abc", 4)

--# several values at once
local a, b, c, d, pos = unpack("<b i2 z I4", pack("<b i2 z I4", -5, 300, "hey", 0xdeadbeef))
eq(a, -5)
eq(b, 300)
eq(c, "hey")
eq(d, 0xdeadbeef)
eq(pos, 12)

--# sizes out of range are refused
raises("integral size (0) out of limits [1,16]", pack, "i0", 1)
raises("integral size (17) out of limits [1,16]", pack, "i17", 1)
raises("integral size (100) out of limits [1,16]", packsize, "!100 i4")
raises("invalid format option 'y'", pack, "y", 1)
raises("format result too large", packsize, "c999999999c999999999c999999999")
raises("variable-length format", packsize, "s")
raises("variable-length format", packsize, "z")

--# values of the wrong type are refused
raises("number expected, got string", pack, "i4", "x")
raises("number expected, got string", pack, "i4", "1.5")
raises("string expected, got nil", pack, "z", nil)
eq(pack("b", "7"), "\7")

--# a long format works
local values = {}
for i = 1, 200 do values[i] = i end
local s = pack((">I2"):rep(200), table.unpack(values))
eq(#s, 400)
local back = { unpack((">I2"):rep(200), s) }
for i = 1, 200 do eq(back[i], i) end
