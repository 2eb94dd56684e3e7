-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- pack and unpack: values by the formats of string.pack.

-- Formats and values, good ones.
local GOOD = {
	{ "" }, { " " }, { "<>= !8!" }, { "b", -128 }, { "b", 127 }, { "B", 255 }, { "<h", -2 }, { ">H", 0xfffe }, { "i", -1 }, { "I", 0xffffffff },
	{ "<l", math.mininteger }, { ">L", -1 }, { "j", 5 }, { "J", -5 }, { "T", 77 }, { ">i3", -0x800000 }, { "<I3", 0xffffff }, { "<i7", -3 },
	{ ">I7", 3 }, { "<i8", -3 }, { ">i9", -3 }, { "<i16", -3 }, { ">I16", 3 }, { "<I9", -1 }, { "c0", "" }, { "c5", "abc" }, { "c5", "abcde" },
	{ "z", "" }, { "z", "text" }, { "s1", "" }, { "s1", ("x"):rep(255) }, { "<s2", "ab" }, { ">s4", "a\0b" }, { "s", "word" }, { "s16", "wide" },
	{ "x" }, { "xxBx", 9 }, { "!4Bi4", 1, 2 }, { "!Bj", 1, 2 }, { "!2Bi8", 1, 2 }, { "!BXi4", 1 }, { "!BXi4Xi8h", 1, 2 }, { "!4 Bs4B", 1, "abc", 2 },
	{ ">I2<I2=I2", 1, 2, 3 }, { "b b b", 1, 2, 3 }, { "!8BhBiBlB", 1, 2, 3, 4, 5, 6, 7 }, { "!16Bi16", 1, 2 }, { "bz!4i4", 1, "xy", 3 },
	{ "b", "7" }, { "s1", 12 }, { "Xb" }, { "!4 c3 i4", "abc", 5 },
}

-- Formats and values that string.pack refuses.
local BAD = {
	{ "b", 128 }, { "b", -129 }, { "B", 256 }, { "B", -1 }, { "i3", 1 << 23 }, { "I3", 1 << 24 }, { "i7", math.maxinteger }, { "h" }, { "h", "x" },
	{ "h", {} }, { "i0", 1 }, { "i17", 1 }, { "I99999999999", 1 }, { "s0", "a" }, { "!17", 1 }, { "!0" }, { "c", "a" }, { "c2", "abc" }, { "c1" },
	{ "z", "a\0b" }, { "s1", ("x"):rep(256) }, { "s", {} }, { "X" }, { "Xz" }, { "Xc4" }, { "X " }, { "X<" }, { "XX" }, { "q", 1 }, { "%", 1 },
	{ "!4 i3", 1 }, { "!Xi3" }, { "f", 1 }, { "d", 1 }, { "n", 1 }, { "\255" }, { "é" }, { "5" }, { "i 4" },
}

-- An error without the number of the argument, which is another in a method; where none is, string.pack finds a nil.
local function words(e) return (e:gsub("^.-#%d+ to '%S+' ", ""):gsub("no value", "nil")) end

--# pack writes what string.pack makes, and gives the offset behind it
for _, case in ipairs(GOOD) do
	local want = string.pack(table.unpack(case))
	local d = data.new(400):fill(0xee)
	eq(d:pack(0, table.unpack(case)), #want)
	eq(d:string(0, #want), want)
	eq(d:string(#want), ("\xee"):rep(400 - #want))
end

--# unpack reads what string.unpack reads, and gives the offset behind it
for _, case in ipairs(GOOD) do
	local text = string.pack(table.unpack(case))
	local want = table.pack(string.unpack(case[1], text))
	local d = data.new(text .. "more")
	local got = table.pack(d:unpack(0, case[1]))
	eq(got.n, want.n)
	for i = 1, got.n - 1 do eq(got[i], want[i]) end
	eq(got[got.n], #text)
end

--# both work at any offset; what is aligned counts from the object's first byte
for _, case in ipairs(GOOD) do
	for at = 0, 9 do
		local d = data.new(400)
		local after = d:pack(at, table.unpack(case))
		local got = table.pack(d:unpack(at, case[1]))
		local want = table.pack(string.unpack(case[1], tostring(d), at + 1))
		eq(got.n, want.n)
		for i = 1, got.n - 1 do eq(got[i], want[i]) end
		eq(got[got.n], after)
		eq(after, want[want.n] - 1)
		eq(d:string(0, at), ("\0"):rep(at))
	end
end

--# pack refuses what string.pack refuses, in its words, and writes nothing
for _, case in ipairs(BAD) do
	local _, want = pcall(string.pack, table.unpack(case))
	local d = data.new(400)
	local ok, e = pcall(d.pack, d, 0, table.unpack(case))
	eq(ok, false)
	eq(words(e), words(want))
	eq(d:find("\1"), nil)
end

--# unpack refuses formats that string.unpack refuses, in its words
for _, form in ipairs { "i0", "i17", "I99999999999", "s0", "!17", "!0", "c", "X", "Xz", "Xc4", "X ", "XX", "q", "!4 i3", "!Xi3", "f", "d", "n", "5" } do
	local text = ("\0"):rep(64)
	local _, want = pcall(string.unpack, form, text)
	local d = data.new(text)
	local ok, e = pcall(d.unpack, d, 0, form)
	eq(ok, false)
	eq(words(e), words(want))
end

--# integers of more than 64 bits must fit
local d = data.new(("\0"):rep(8) .. "\1" .. ("\0"):rep(7))
raises("16-byte integer does not fit into Lua Integer", d.unpack, d, 0, "<I16")
raises("9-byte integer does not fit into Lua Integer", d.unpack, d, 0, "<i9")
raises("16-byte integer does not fit", d.unpack, d, 0, "<s16")
d = data.new(("\255"):rep(16))
eq((d:unpack(0, "i16")), -1)
raises("16-byte integer does not fit", d.unpack, d, 0, "I16")

--# an error in a later value leaves the earlier ones unwritten
local d = data.new(20)
for _, args in ipairs { { "BB", 1, 256 }, { "Bz", 1, "\0" }, { "BB", 1 }, { "Bc1", 1, "ab" }, { "Bq", 1 }, { "BI8I8I8", 1, 2, 3, 4 }, { "Bs1", 1, {} },
	{ "Bs1", 1, ("x"):rep(19) }, { "BX", 1 } } do
	eq(pcall(d.pack, d, 0, table.unpack(args)), false)
	eq(tostring(d), ("\0"):rep(20))
end

--# to pack more than there is room for raises, and nothing is written
local d = data.new(8)
raises("pack: 4 bytes at offset 5 are not within 8 bytes", d.pack, d, 5, "i4", 1)
raises("pack: 8 bytes at offset 1", d.pack, d, 1, "j", 1)
raises("pack: 1 bytes at offset 8", d.pack, d, 8, "B", 1)
raises("not within 8 bytes", d.pack, d, 0, "z", "12345678")
raises("not within 8 bytes", d.pack, d, 0, "s4", "12345")
raises("not within 8 bytes", d.pack, d, 0, "c9", "")
raises("not within 8 bytes", d.pack, d, 0, "c2000000000", "")
raises("not within 8 bytes", d.pack, d, 4, "!8XjB", 1)
raises("pack: 0 bytes at offset 9", d.pack, d, 9, "")
raises("not within 8 bytes", d.pack, d, math.maxinteger, "B", 1)
raises("not within 8 bytes", d.pack, d, math.maxinteger, "!8 j", 1)
eq(tostring(d), ("\0"):rep(8))
eq(d:pack(8, ""), 8)
eq(d:pack(0, "j", -1), 8)
eq(d:pack(0, "z", "1234567"), 8)

--# to unpack what is not all there gives nil alone
local d = data.new("\4abc\0\1\2\3")
for _, args in ipairs { { 5, "i4" }, { 8, "B" }, { 0, "BBBBBBBBB" }, { 0, "s1B s1" }, { 0, "s2" }, { 5, "z" }, { 0, "c9" }, { 9, "" }, { 0, "s8" },
	{ 1, "zz" }, { math.maxinteger, "B" }, { math.maxinteger, "" }, { 4, "!8 j" }, { 7, "xx" } } do
	eq(select("#", d:unpack(table.unpack(args))), 1)
	eq((d:unpack(table.unpack(args))), nil)
end
eq((d:unpack(0, "s1")), "abc\0")
eq((d:unpack(1, "z")), "abc")
eq(d:unpack(8, ""), 8)
eq(d:unpack(5, "xxx"), 8)

--# a length that would wrap around is not there
local d = data.new(16):fill(255)
eq(d:unpack(0, "s8"), nil)
eq(d:unpack(8, "s8"), nil)
eq(d:unpack(0, "s7"), nil)
eq(d:unpack(0, "s4"), nil)

--# in a segment, offsets count from its first byte and end with its last
local d = data.new(8)
local s = d:segment(2, 4)
eq(s:pack(0, ">I4", 0x01020304), 4)
eq(tostring(d), "\0\0\1\2\3\4\0\0")
eq(s:unpack(1, "I4"), nil)
eq((s:unpack(2, ">I2")), 0x0304)
raises("not within 4 bytes", s.pack, s, 1, "I4", 1)
eq(d:segment(3, 0):unpack(0, "B"), nil)
eq(s:unpack(0, "z"), nil)

--# a header is packed step by step
local d = data.new(64)
local at = d:pack(0, ">I2I2I4", 53, 40000, 0)
at = d:pack(at, "s1s1B", "www", "example", 0)
eq(at, 8 + 4 + 8 + 1)
local a, b, c, next = d:unpack(0, ">I2I2I4")
eq(a, 53) eq(b, 40000) eq(c, 0) eq(next, 8)
local host, domain, zero, last = d:unpack(next, "s1s1B")
eq(host, "www") eq(domain, "example") eq(zero, 0) eq(last, at)

--# many values in one call, and too many of them
local d = data.new(100000)
eq(select("#", d:unpack(0, ("B"):rep(5000))), 5001)
local values = {}
for i = 1, 5000 do values[i] = i % 256 end
eq(d:pack(0, ("B"):rep(5000), table.unpack(values)), 5000)
for i = 1, 5000 do eq(d[i], i % 256) end
raises("stack overflow", d.unpack, d, 0, ("B"):rep(99990))

--# strings are copies, short and long ones
local d = data.new(("x"):rep(300))
local short, long = d:unpack(0, "c5c200")
d:fill(0)
eq(short, "xxxxx")
eq(long, ("x"):rep(200))

--# offset and format must be ones
local d = data.new(8)
raises("offset must be in 0", d.pack, d, -1, "B", 1)
raises("offset must be in 0", d.unpack, d, math.mininteger, "B")
raises("number expected, got string", d.pack, d, "B", 1)
raises("number expected, got no value", d.unpack, d)
raises("string expected, got no value", d.unpack, d, 0)
raises("string expected, got table", d.pack, d, 0, {})
raises("number expected, got no value", d.pack, d, 0, "B")

--# to pack and unpack numbers makes no garbage
local d = data.new(64)
local function run(n)
	for i = 1, n do
		d:pack(0, ">I2I2!4i4", i, i, -i)
		local a, b, c = d:unpack(0, ">I2I2!4i4")
		if a ~= i or b ~= i or c ~= -i then error(i) end
	end
end
collectgarbage()
collectgarbage("stop")
-- The collector shrinks the stack, which grows again once.
run(1)
local before = collectgarbage("count")
run(5000)
assert(collectgarbage("count") - before <= 1, collectgarbage("count") - before)

--# a format of many MiB ends at a stop
--! stop
--! param memory=512M
local d = data.new(8)
local blanks = (" "):rep(40 << 20)
print "ready"
while true do pcall(d.pack, d, 0, blanks) pcall(d.unpack, d, 0, blanks) end

--# the search for the end of a string ends at a stop
--! stop
local d = data.new(24 << 20):fill(1)
print "ready"
while true do pcall(d.unpack, d, 0, "z") end
