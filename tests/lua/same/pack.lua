-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local P, U, S = string.pack, string.unpack, string.packsize
local function hex(s)
	return (s:gsub(".", function(c)
		return ("%02x"):format(c:byte())
	end))
end
local function p(...)
	local r = { pcall(P, ...) }
	show((...), r[1], r[1] and hex(r[2]) or r[2])
	if r[1] then
		show(pcall(U, (...), r[2]))
	end
end
for _, o in ipairs({ "b", "B", "h", "H", "i", "I", "l", "L", "j", "J", "T" }) do
	for _, e in ipairs({ "<", ">" }) do
		for _, v in ipairs({
			0,
			1,
			-1,
			127,
			128,
			255,
			256,
			-128,
			-129,
			32767,
			32768,
			65535,
			65536,
			1 << 31,
			(1 << 32) - 1,
			1 << 32,
			math.maxinteger,
			math.mininteger,
		}) do
			p(e .. o, v)
		end
		show(o, pcall(S, e .. o))
	end
end
for _, i in ipairs({ 1, 2, 3, 5, 7, 8, 9, 12, 16 }) do
	for _, e in ipairs({ "<", ">" }) do
		for _, k in ipairs({ "i", "I" }) do
			for _, v in ipairs({
				0,
				1,
				-1,
				(1 << (i * 8 - 1 > 62 and 62 or i * 8 - 1)) - 1,
				math.maxinteger,
				math.mininteger,
			}) do
				p(e .. k .. i, v)
			end
		end
	end
	show(S("i" .. i), S("!i" .. (i & -i)))
end
for _, o in ipairs({
	"i0",
	"i17",
	"I17",
	"i100",
	"i999999999999",
	"!17",
	"!0",
	"!3",
	"!",
	"s0",
	"s17",
	"Xi",
	"X",
	"Xz",
	"X ",
	"c",
	"c0",
	"c-1",
	"z",
	"s",
	"x",
	"q",
	"b b",
	" < b > h ",
	"!4 i8",
	"!4 b i4",
	"!8 b Xi8",
	"!2 b Xi8 i2",
	"!4 b i3",
	"<!4 b i4 h i2 i1 i4",
	"!16 b i16",
	"\0",
	"bxh",
	"xx",
	"=b",
	"i4i",
	"c10",
	"s4",
	"z z",
	"!8 Xh",
	"!8 bXi4",
	"<>=",
	"",
}) do
	show(o, pcall(S, o))
	p(o, 1, 2, 3, 4, 5, 6)
	p(o, "ab", "cd", "ef")
end
for _, f in ipairs({
	{ "z", "a\0b" },
	{ "z", "" },
	{ "s1", ("x"):rep(255) },
	{ "s1", ("x"):rep(256) },
	{ "s2", "hello" },
	{ ">s4", "hi" },
	{ "s", "" },
	{ "c5", "ab" },
	{ "c2", "abc" },
	{ "c0", "" },
	{ "c0", "a" },
	{ "c3 c3", "abc", "def" },
	{ "<i2 z s1", 5, "q", "rr" },
	{ "b", "5" },
	{ "b", "x" },
	{ "b" },
	{ "s", {} },
	{ "z", 12 },
	{ "s", 12 },
	{ "B", 256 },
	{ "B", -1 },
	{ "I3", 1 << 24 },
	{ "i3", 1 << 23 },
	{ "i3", -(1 << 23) },
	{ "i3", -(1 << 23) - 1 },
	{ "I7", (1 << 56) - 1 },
	{ "!4 <i1 !4 i4", 1, 2 },
	{ "<!8 b Xi8 b", 1, 2 },
}) do
	p(table.unpack(f))
end
for _, u in ipairs({
	{ "i4", "abc" },
	{ "b", "" },
	{ "z", "abc" },
	{ "s1", "\5ab" },
	{ "s1", "" },
	{ "c5", "abc" },
	{ "<i9", "\255\255\255\255\255\255\255\255\255" },
	{ "<i9", "\255\255\255\255\255\255\255\127\255" },
	{ "<i9", "\0\0\0\0\0\0\0\0\1" },
	{ "<I9", "\255\255\255\255\255\255\255\255\0" },
	{ ">i16", ("\0"):rep(15) .. "\5" },
	{ ">I16", "\1" .. ("\0"):rep(15) },
	{ "<i16", ("\255"):rep(16) },
	{ "b", "abc", 2 },
	{ "b", "abc", 4 },
	{ "b", "abc", 5 },
	{ "b", "abc", -1 },
	{ "b", "abc", -3 },
	{ "b", "abc", -4 },
	{ "b", "abc", 0 },
	{ "", "abc", 4 },
	{ "", "abc", 5 },
	{ "z", "ab\0cd", 4 },
	{ "z", "ab\0cd\0", 4 },
	{ "!4 i4", ("\1"):rep(8), 2 },
	{ "<!4 i4", "\0\0\0\0\1\0\0\0", 2 },
	{ "x", "" },
	{ "x", "a" },
	{ "q", "a" },
	{ "bbb", "\1\2\3" },
	{ "b", {} },
	{ "b" },
	{},
	{ "c0", "" },
	{ "s", "\255\255\255\255\255\255\255\255" },
	{ "s8", "\255\255\255\255\255\255\255\127" },
	{ "b", "abc", math.maxinteger },
	{ "b", "abc", math.mininteger },
	{ "b", "abc", "2" },
	{ "b", "abc", {} },
	{ "c2147483647", "a" },
}) do
	show(u[1], pcall(U, table.unpack(u)))
end
try(P)
try(S)
try(P, "i4")
try(P, 1)
try(S, "s")
try(S, "z")
try(S, {})
try(S, ("i16"):rep(1000))
show(P("") == "", select("#", U("", "")))
try(S, "c2147483647c2147483647")
try(S, ("c2147483647"):rep(2))
try(P, ("b"):rep(300), 1)
do
	local t = {}
	for i = 1, 120 do
		t[i] = i % 120
	end
	show(
		#P(("b"):rep(120), table.unpack(t)),
		select("#", U(("b"):rep(120), P(("b"):rep(120), table.unpack(t))))
	)
end
for i = 1, 8 do
	local n = 0x1122334455667788 & ((1 << (i * 8 - 1)) - 1)
	show(hex(P("<i" .. i, n)), hex(P(">i" .. i, n)), hex(P("=i" .. i, n)), U(">i" .. i, P(">i" .. i, -n)))
end
for _, a in ipairs({ 1, 2, 4, 8, 16 }) do
	for _, f in ipairs({ "bi2", "bi4", "bi8", "bi16", "hbi8b", "bXi4b", "bs4", "bXs4", "bj", "bT", "bI3" }) do
		show(a, f, pcall(S, "!" .. a .. f), pcall(P, "<!" .. a .. f, 1, 2, 3, 4))
	end
end
