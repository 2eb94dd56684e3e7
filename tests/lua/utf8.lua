-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The library utf8.

--# char encodes code points
eq(utf8.char(), "")
eq(utf8.char(65, 0xe4, 0x20ac, 0x10ffff), "A\xc3\xa4\xe2\x82\xac\xf4\x8f\xbf\xbf")
eq(utf8.char(0), "\0")
raises("value out of range", utf8.char, 0x110000)
raises("value out of range", utf8.char, -1)

--# codepoint decodes them
eq(utf8.codepoint("A"), 65)
eq(select("#", utf8.codepoint("a\u{e4}\u{20ac}", 1, -1)), 3)
eq(select(3, utf8.codepoint("a\u{e4}\u{20ac}", 1, -1)), 0x20ac)
raises("invalid UTF-8 code", utf8.codepoint, "\xff")
raises("invalid UTF-8 code", utf8.codepoint, "\xe2\x82")
raises("out of range", utf8.codepoint, "abc", 4)

--# len counts code points or tells where they end
eq(utf8.len("a\u{e4}\u{20ac}"), 3)
eq(utf8.len(""), 0)
eq(utf8.len("abc", 2), 2)
eq(utf8.len("abc", 4), 0)
local n, where = utf8.len("ab\xffcd")
eq(n, nil)
eq(where, 3)
raises("initial position out of string", utf8.len, "abc", 5)

--# overlong forms, and code points beyond the last, are invalid
for _, s in ipairs { "\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80" } do
	eq(utf8.len(s), nil)
end

--# offset finds positions
local s = "a\u{e4}\u{20ac}z"
eq(utf8.offset(s, 1), 1)
eq(utf8.offset(s, 3), 4)
eq(utf8.offset(s, 5), 8)
eq(utf8.offset(s, 6), nil)
eq(utf8.offset(s, -1), 7)
eq(utf8.offset(s, -2), 4)
eq(utf8.offset(s, 0, 5), 4)
raises("initial position is a continuation byte", utf8.offset, s, 1, 3)
raises("position out of range", utf8.offset, s, 1, 10)

--# codes iterates
local out = {}
for p, c in utf8.codes("a\u{e4}\u{20ac}") do out[#out + 1] = p .. ":" .. c end
eq(table.concat(out, " "), "1:97 2:228 4:8364")
raises("invalid UTF-8 code", function() for _ in utf8.codes("ab\xff") do end end)

--# charpattern matches one code point
local n = 0
for c in ("a\u{e4}\u{20ac}"):gmatch(utf8.charpattern) do n = n + 1 end
eq(n, 3)
