-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local U = utf8
show(
	U.charpattern,
	U.char(),
	U.char(0, 65, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff),
	U.char(0x20ac, "65")
)
try(U.char, 0x110000)
try(U.char, 0x7fffffff)
try(U.char, 0x80000000)
try(U.char, -1)
try(U.char, {})
try(U.char, math.maxinteger)
try(U.char, 1, nil)
local s = "aé€😀z"
for i = -12, 14 do
	show(i, pcall(U.len, s, i))
	show(i, pcall(U.codepoint, s, i))
	show(pcall(U.offset, s, i))
	for _, n in ipairs({ -2, -1, 0, 1, 2 }) do
		show(i, n, pcall(U.offset, s, n, i))
	end
end
for i = -3, 12 do
	for j = -3, 12, 3 do
		show(i, j, pcall(U.len, s, i, j))
		show(pcall(U.codepoint, s, i, j))
	end
end
for _, b in ipairs({
	"\xff",
	"\x80",
	"\xc0\x80",
	"\xc1\xbf",
	"\xe0\x80\x80",
	"\xe0\x9f\xbf",
	"\xf0\x80\x80\x80",
	"\xf0\x8f\xbf\xbf",
	"\xf4\x90\x80\x80",
	"\xf4\x8f\xbf\xbf",
	"\xf8\x88\x80\x80\x80",
	"\xfc\x84\x80\x80\x80\x80",
	"\xfe",
	"\xed\xa0\x80",
	"\xed\xbf\xbf",
	"\xc3",
	"\xe2\x82",
	"\xf0\x9f\x98",
	"a\xc3",
	"a\xc3b",
	"\xe2\x28\xa1",
	"abc\xE3def",
	"汉字\x80",
	"\xF4\x9F\xBF",
	"hello\xff",
	"",
	"\0",
	"\0\0a",
	"\u{10FFFF}",
	"\u{7f}\u{80}",
	"é\0é",
}) do
	show(b, U.len(b))
	show(pcall(U.codepoint, b, 1, -1))
	show(pcall(function()
		local r = {}
		for p, c in U.codes(b) do
			r[#r + 1] = p .. ":" .. c
		end
		return table.concat(r, " ")
	end))
	show(pcall(U.offset, b, 2))
	show(pcall(U.offset, b, -1))
	show(pcall(U.offset, b, 0, 1))
	local n = 0
	for c in b:gmatch(U.charpattern) do
		n = n + 1
	end
	show(n)
end
try(U.len)
try(U.len, {})
try(U.len, "abc", 0)
try(U.len, "abc", 5)
try(U.len, "abc", 4)
try(U.len, "abc", 1, 4)
try(U.len, "abc", 1, -1)
try(U.len, "", 1)
try(U.len, "", 2)
try(U.len, "", 0, 0)
try(U.codepoint)
try(U.codepoint, "")
try(U.codepoint, "", 1)
try(U.codepoint, "abc", 4)
try(U.codepoint, "abc", 1, 4)
try(U.codepoint, "abc", -4)
try(U.codepoint, "abc", 3, 1)
try(U.codepoint, "abc", 1, math.maxinteger)
try(U.codepoint, "abc", "1")
try(U.offset)
try(U.offset, "abc")
try(U.offset, "abc", 1, 5)
try(U.offset, "abc", 1, -4)
try(U.offset, "abc", 1, 4)
try(U.offset, "abc", 5)
try(U.offset, "abc", -5)
try(U.offset, "é", 1, 2)
try(U.offset, "é", 0, 2)
try(U.offset, "", 0)
try(U.offset, "", 1)
try(U.offset, "", 2)
try(U.offset, "", -1)
try(U.offset, "abc", math.maxinteger)
try(U.offset, "abc", math.mininteger)
try(U.codes)
try(U.codes, {})
try(U.char, "x")
try(function()
	for _ in U.codes("a\x80") do
	end
end)
try(function()
	for _ in U.codes("\xe2\x82") do
	end
end)
show(select("#", U.codes("a")), type((U.codes("a"))))
do
	local f, st, i = U.codes("aé")
	show(f(st, i))
	show(f(st, 1))
	show(f(st, 2))
	show(pcall(f, st, 100))
	show(pcall(f, st, -1))
	show(pcall(f))
	show(pcall(f, "abc"))
	show(pcall(f, "\x80", 0))
end
show("\u{0}\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}", "\u{0000000041}", #"\u{41}")
for _, x in ipairs({
	"'\\u{110000}'",
	"'\\u{7FFFFFFF}'",
	"'\\u{80000000}'",
	"'\\u{ffffffffff}'",
	"'\\u{}'",
	"'\\u41'",
	"'\\u{41'",
	"'\\u{4g}'",
	"'\\x41\\65\\065\\0065'",
	"'\\z   \n  x'",
	"'\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\''",
	"'\\\n'",
	"'\\\r\n'",
	"'\\400'",
	"'\\12x'",
	"'\\xZZ'",
	"'\\x4'",
	"'\\d'",
	"[[\n\nx]]",
	"[[\r\nx\ry]]",
	"[=[ ]] ]=]",
	"[==[\n]==]",
	"'\\0a\\00a\\000a'",
	"'a\\\n\\\nb'",
	"'\\z'",
	"'\\z\n\t a\\z'",
	"0x7fffffffffffffff",
	"0xffffffffffffffff",
	"0x10000000000000000",
	"0xA",
	"0Xa",
	"007",
	"- 1",
	"1 .. 2",
	"1 ..2",
	"9223372036854775807",
	"'\\u{D800}'",
	"'\xff\xfe'",
	'"\\""',
	"'\\''",
	"[[\\n]]",
	"[[']]",
	"'--[[x]]'",
	"1--[[x]]+1",
	"1--\n+1",
	"1--[==[\n]]\n]==]+2",
	"'a' --c\n .. 'b'",
}) do
	local f, e = load("return " .. x)
	show(x, f and pcall(f) and (f()), e)
end
