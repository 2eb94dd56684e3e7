-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Patterns: find, match, gmatch, gsub.

--# character classes know ASCII only
eq(("aZ5_ \n!\0"):gsub("%a", "x"), "xx5_ \n!\0")
eq(("aZ5_ \n!"):gsub("%d", "x"), "aZx_ \n!")
eq(("aZ5_ \n!"):gsub("%w", "x"), "xxx_ \n!")
eq(("aZ5_ \n!"):gsub("%s", "x"), "aZ5_xx!")
eq(("aZ5_ \n!"):gsub("%p", "x"), "aZ5x \nx")
eq(("aZ5_"):gsub("%l", "x"), "xZ5_")
eq(("aZ5_"):gsub("%u", "x"), "ax5_")
eq(("afg09"):gsub("%x", "."), "..g..")
eq(("a\1\127b"):gsub("%c", "."), "a..b")
eq(("a b"):gsub("%g", "."), ". .")
eq(("a\0b"):gsub("%z", "."), "a.b")
eq(("\xe4\xc3\xff"):gsub("[%a%w%s%p%c]", "."), "\xe4\xc3\xff")
eq(("ab1"):gsub("%A", "."), "ab.")

--# every byte falls into the classes that C's ASCII has
local all = {}
for i = 0, 255 do all[#all + 1] = string.char(i) end
all = table.concat(all)
local function count(class) return select(2, all:gsub(class, "")) end
eq(count("%a"), 52)
eq(count("%d"), 10)
eq(count("%l"), 26)
eq(count("%u"), 26)
eq(count("%w"), 62)
eq(count("%x"), 22)
eq(count("%s"), 6)
eq(count("%p"), 32)
eq(count("%c"), 33)
eq(count("%g"), 94)
eq(count("."), 256)
eq(count("%W"), 256 - 62)

--# sets with ranges, complements and classes
eq(("hello123"):gsub("[a-e1-2]", "."), "h.llo..3")
eq(("hello"):gsub("[^l]", "."), "..ll.")
eq(("a-b]c"):gsub("[]%-]", "."), "a.b.c")
eq(("a^b"):gsub("[%^]", "."), "a.b")
eq(("x[y"):gsub("[[]", "."), "x.y")
eq(("a1_"):gsub("[%w_]", "."), "...")
eq(("\0\1\2"):gsub("[\0-\1]", "."), "..\2")

--# repetitions are greedy or not
eq(("<<a>>"):match("<.*>"), "<<a>>")
eq(("<a><b>"):match("<.->"), "<a>")
eq(("aaa"):match("a+"), "aaa")
eq(("aaa"):match("a-b"), nil)
eq(("color colour"):gsub("colou?r", "x"), "x x")
eq((""):match(".*"), "")
eq((""):match(".+"), nil)

--# anchors hold at both ends
eq(("hello"):match("^h"), "h")
eq(("hello"):match("^e"), nil)
eq(("hello"):match("o$"), "o")
eq(("a$b"):match("$b"), "$b")
eq(("a^b"):match("a^b"), "a^b")
eq(("aaa"):gsub("^a", "b"), "baa")
eq(("hello"):find("^l", 3), 3)

--# captures, nested and of positions
local a, b, c = ("key = value"):match("^((%w+)%s*=%s*)(%w+)$")
eq(a, "key = ")
eq(b, "key")
eq(c, "value")
local p, q = ("hello"):match("()ll()")
eq(p, 3)
eq(q, 5)
eq(("abc"):match("((a)(b)(c))"), "abc")

--# back references match what was captured
eq(("say 'hi' \"no'"):match("(['\"])(.-)%1"), "'")
eq(("xyxy"):match("^(xy)%1$"), "xy")
eq(("abab"):match("^(a)(b)%1%2$"), "a")

--# %b and %f
eq(("f(a(b)c)d"):match("%b()"), "(a(b)c)")
eq(("((x)"):match("%b()"), "(x)")
eq(("THE (quick) fox"):find("%f[%a]%a+%f[%A]"), 1)
eq(("aa bb"):gsub("%f[%w]%w+", "<%0>"), "<aa> <bb>")
eq(("x"):find("%f[\0]"), 2)

--# find gives positions and captures
local i, j, k = ("key=val"):find("(%w+)=", 1)
eq(i, 1)
eq(j, 4)
eq(k, "key")
eq(select("#", ("x"):find("y")), 1)

--# gmatch goes through all matches
local t = {}
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do t[#t + 1] = k .. v end
eq(table.concat(t, " "), "a1 b2")
local n = 0
for _ in ("abc"):gmatch("") do n = n + 1 end
eq(n, 4)

--# gsub with a string, a table and a function
eq(("hello world"):gsub("(%w+)", "<%1>"), "<hello> <world>")
eq(("hello"):gsub("", "-"), "-h-e-l-l-o-")
eq(("$a $b $c"):gsub("%$(%w)", { a = 1, b = "two", c = false }), "1 two $c")
eq(("abc"):gsub("%w", function(c) if c ~= "b" then return c:upper() end end), "AbC")
eq(("abc"):gsub("%w", "%0%0"), "aabbcc")
eq(("a b"):gsub("(%w) (%w)", "%2 %1"), "b a")
eq(("x"):gsub("x", "%%"), "%")

--# gsub counts and limits its replacements
eq(select(2, ("aaa"):gsub("a", "b")), 3)
eq(("aaa"):gsub("a", "b", 2), "bba")
eq(("aaa"):gsub("a", "b", 0), "aaa")
eq(("aaa"):gsub("a", "b", -1), "aaa")
eq(select(2, ("aaa"):gsub("b", "c")), 0)

--# gsub refuses bad replacements
raises("invalid use of '%' in replacement string", string.gsub, "x", "x", "%y")
raises("invalid capture index %2", string.gsub, "x", "x", "%2")
raises("invalid replacement value (a table)", string.gsub, "x", "x", function() return {} end)
raises("string/function/table expected", string.gsub, "x", "x", nil)

--# malformed patterns are refused
raises("malformed pattern (missing ']')", string.find, "a", "[a")
raises("malformed pattern (missing ']')", string.find, "a", "[]")
raises("malformed pattern (missing ']')", string.find, "a", "[^]")
raises("malformed pattern (missing ']')", string.find, "a", "[a%")
raises("malformed pattern (ends with '%')", string.find, "a", "%")
raises("unfinished capture", string.find, "a", "(a")
raises("invalid pattern capture", string.match, "a", "a)")
raises("invalid capture index %1", string.find, "a", "%1")
raises("missing arguments to '%b'", string.find, "a", "%b")
raises("missing '[' after '%f' in pattern", string.find, "a", "%fa")

--# a pattern has 32 captures at most
local s = ("a"):rep(33)
eq(select("#", s:find(("(a)"):rep(32))), 34)
raises("too many captures", string.find, s, ("(a)"):rep(33))

--# a pattern may be long and its subject too
local s = ("a"):rep(100000)
eq(#s:match(".*"), 100000)
eq(#s:match(".-$"), 100000)
eq(#s:match(("a?"):rep(100) .. ("a"):rep(100)), 200)
eq(#s:match("[^b]*"), 100000)
eq(select(2, s:gsub("a", "b")), 100000)
eq(#s:gsub(".", "%0%0"), 200000)

--# NULs in patterns and subjects are ordinary
eq(("a\0b"):find("\0"), 2)
eq(("a\0b\0"):gsub("\0", "%%0"), "a%0b%0")
eq(("a\0\0b"):match("a\0+b"), "a\0\0b")
