-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local function f(s, p, i)
	show(pcall(string.find, s, p, i))
	show(pcall(string.match, s, p, i))
end
for _, c in ipairs({
	{ "", "" },
	{ "alo", "" },
	{ "a\0o a\0o a\0o", "a", 1 },
	{ "a\0a\0a\0a\0\0ab", "\0ab", 2 },
	{ "abc", "^a" },
	{ "abc", "^b" },
	{ "abc", "c$" },
	{ "a$a", "$" },
	{ "a$a", ".$" },
	{ "a$a", "a$a" },
	{ "a^a", "a^a" },
	{ "aaab", ".*b" },
	{ "aaa", ".*a" },
	{ "aaa", ".*b" },
	{ "aaab", ".+b" },
	{ "aaab", ".-b" },
	{ "aaa", "^.-$" },
	{ "aabaaabaaabaaaba", "b.*b" },
	{ "aabaaabaaabaaaba", "b.-b" },
	{ "alo xo", ".o$" },
	{ " \n isto é assim", "%S%S*" },
	{ " \n isto assim", "%S*$" },
	{ " \n isto assim", "[a-z]*$" },
	{ "um caracter ? extra", "[^%sa-z]" },
	{ "", "a?" },
	{ "á", "á?" },
	{ "abl", "á?b?l?" },
	{ " abl", "á?b?l?" },
	{ "aa", "^aa?a?a" },
	{ "]]]áb", "[^]]" },
	{ "0alo alo", "%x*" },
	{ "alo alo", "%C+" },
	{ "x", "[]]" },
	{ "]", "[]]" },
	{ "]-", "[]-]+" },
	{ "a-z", "[a-]+" },
	{ "az-", "[-az]+" },
	{ "a%b", "[%%b]+" },
	{ "^x", "[x^]+" },
	{ "abc", "[^a-b]" },
	{ "a]b", "[^]a]" },
	{ "a-c", "[%a-z]+" },
	{ "a-c", "[a-%a]+" },
	{ "\0\1\2", "[\0-\2]+" },
	{ "\xff\xfe", "[\xfe-\xff]+" },
	{ "hello", "l+()" },
	{ "hello", "()l()" },
	{ "key = value", "(%w+)%s*=%s*(%w+)" },
	{ "(a(b)c)d", "%b()" },
	{ "((a)", "%b()" },
	{ "'a'b'", "%b''" },
	{ "xx", "%bxx" },
	{ "THE (quick) fox", "%((%a+)%)" },
	{ "THE (quick) fox", "%f[%a]%a+%f[%A]" },
	{ "[[]] [][] [[[[", "%f[[].", 2 },
	{ "aba", "%f[a]" },
	{ "aba", "%f[\0]" },
	{ "aba", "%f[^\0]" },
	{ "", "%f[\0]" },
	{ "alo", "%f[^a-z]" },
	{ "=======", "^(=*)=%1$" },
	{ "==========", "^([=]*)=%1$" },
	{ "aXbXa", "(.)X.X%1" },
	{ "abab", "(ab)%1" },
	{ "2024-01-02", "(%d+)-(%d+)-(%d+)" },
	{ "abc", "((a)(b)(c))" },
	{ "abc", "()a()b()c()" },
	{ "x\0y", "%z" },
	{ "x\0y", "[%z]" },
	{ "x\0y", "x.y" },
	{ "x\0y", "[^x]y" },
	{ "a.b", "%." },
	{ "a.b", "[.]" },
	{ "a.b", "a.b", -1 },
	{ "abc", "b", -2 },
	{ "abc", "a", -2 },
	{ "abc", "", 4 },
	{ "abc", "", 5 },
	{ "abc", "^", 4 },
	{ "abc", "$" },
	{ "ab\nc", "b.c" },
	{ "  x  ", "^%s*(.-)%s*$" },
	{ "a,b,,c", "([^,]*)," },
	{ "\xe1", "%a" },
	{ "\xe1", "%w" },
	{ "\xa0", "%s" },
	{ "\x85", "%s" },
	{ "\x7f", "%c" },
	{ "\x80", "%c" },
	{ "\xe9", "%u" },
	{ "_", "%p" },
	{ "é", "%p" },
	{ "a", "%g" },
	{ " ", "%g" },
	{ "\xff", "%g" },
	{ "abc", "a*?" },
	{ "a*", "a%*" },
	{ "a", "**" },
	{ "+", "+" },
	{ "--", "-" },
	{ "a-", "a--" },
	{ "?", "??" },
}) do
	f(c[1], c[2], c[3])
end
for _, p in ipairs({
	"(",
	")",
	"a)",
	"(a",
	"%",
	"[",
	"[a",
	"[]",
	"[^]",
	"[^",
	"[a%]",
	"[a%",
	"[a-",
	"%b",
	"%ba",
	"%f",
	"%fa",
	"%1",
	"(%1)",
	"%2",
	"(a)%2",
	"%0",
	"(a)%0",
	"[%a-",
	"(()",
	"((a)",
	"%9",
	("("):rep(33),
	("()"):rep(32),
	("()"):rep(33),
	"%f[",
	"%g(",
	"x(.",
	"[]a",
	"[a]]",
	"[%]",
	"%bxy%",
	"a%",
}) do
	show(p)
	show(pcall(string.find, "aaaa", p))
	show(pcall(string.match, "alo", p))
	show(pcall(string.gsub, "alo", p, "x"))
end
-- class membership
for _, c in ipairs({ "a", "c", "d", "g", "l", "p", "s", "u", "w", "x", "z", "A", "C", "D", "G", "L", "P", "S", "U", "W", "X", "Z" }) do
	local n, h = 0, 0
	for i = 0, 255 do
		if string.char(i):find("%" .. c) then
			n = n + 1
			h = (h * 31 + i) % 1000003
		end
	end
	show(c, n, h)
end
for _, c in ipairs({ "e", "b", "f", ".", "%", "[", "]", "0", "é", "\0", "i" }) do
	show(c, pcall(string.find, "e" .. c, "%" .. c))
end
-- gsub
local g = string.gsub
for _, c in ipairs({
	{ "ülo ülo", "ü", "x" },
	{ "alo úlo  ", " +$", "" },
	{ "  alo alo  ", "^%s*(.-)%s*$", "%1" },
	{ "alo  alo  \n 123\n ", "%s+", " " },
	{ "abç d", "(.)", "%1@" },
	{ "abçd", "(.)", "%0@", 2 },
	{ "alo alo", "()[al]", "%1" },
	{ "abc=xyz", "(%w*)(%p)(%w+)", "%3%2%1-%0" },
	{ "abc", "%w", "%1%0" },
	{ "abc", "%w+", "%0%1" },
	{ "áéí", "$", "\0óú" },
	{ "", "^", "r" },
	{ "", "$", "r" },
	{ "abc", "", "-" },
	{ "abc", "b*", "-" },
	{ "abc d", "%w*", "X" },
	{ "a b", " *", "-" },
	{ "hello world", "o", "0", 1 },
	{ "hello", "l", "L", 0 },
	{ "hello", "l", "L", -1 },
	{ "hello", "", "", 3 },
	{ "abc", "b", "%%" },
	{ "abc", "b", "%" },
	{ "abc", "b", "%2" },
	{ "abc", "(b)", "%2" },
	{ "abc", "b", "%x" },
	{ "abc", "b", "%9" },
	{ "abc", "b", {} },
	{ "abc", "%w", { a = "1", b = true } },
	{ "abc", "%w", { a = "1", b = false, c = 7 } },
	{ "abc", "%w", { a = {} } },
	{ "abc", "(b)(c)", { b = "X" } },
	{ "abc", "()", { "x", "y" } },
	{ "abc", "b", print and nil },
	{ "abc", "b", true },
	{ "abc", "b", 12 },
	{ "abc", "b", "x", "1" },
	{ "abc", "b", "x", "z" },
	{ "abc", "^a", "x" },
	{ "aaa", "^a", "x" },
	{ "abc", "a^", "x" },
	{ "trim   ", "%s*$", "" },
	{ "one two", "(%w+) (%w+)", "%2 %1" },
}) do
	show(pcall(g, c[1], c[2], c[3], c[4]))
end
try(g, "abc", "%w", function(c)
	return c:upper()
end)
try(g, "abc", "%w", function(c)
	return nil
end)
try(g, "abc", "%w", function(c)
	return false
end)
try(g, "abc", "%w", function(c)
	return true
end)
try(g, "abc", "%w", function(c)
	return {}
end)
try(g, "abc", "%w", function(c)
	return 1
end)
try(g, "abc", "(%w)()", function(...)
	return select("#", ...) .. select(2, ...)
end)
try(g, "abc", "%w", function()
	error("x", 0)
end)
try(g, "abc", "%w", function()
	error({})
end)
try(g, "abc")
try(g, "abc", "b")
try(g)
try(g, "a", "a", nil)
try(g, {}, "a", "b")
try(g, "a", {}, "b")
try(g, "alo", ".", { a = 1 }, "x")
try(
	g,
	"abc",
	"%w",
	setmetatable({}, {
		__index = function(_, k)
			return k .. k
		end,
	})
)
try(
	g,
	"abc",
	"%w",
	setmetatable({}, {
		__index = function(_, k)
			return {}
		end,
	})
)
show(g("hello world", "%w+", "%0 %0", 1))
show(g(("a"):rep(1000), "a", "bb"):len())
local function rev(s)
	return (g(s, "(.)(.+)", function(c, s1)
		return rev and rev(s1) .. c
	end))
end
show(pcall(g, "0123", "(.)(.+)", function(c, r)
	return r .. c
end))
-- gmatch
local function all(s, p)
	local r = {}
	local ok, e = pcall(function()
		for a, b in s:gmatch(p) do
			r[#r + 1] = tostring(a) .. (b and "/" .. tostring(b) or "")
		end
	end)
	show(s, p, table.concat(r, "|"), ok, e)
end
all("abcde", "()")
all("13 14 10 = 11, 15= 16, 22=23", "(%d+)%s*=%s*(%d+)")
all("xuxx uu ppar r", "()(.)%2")
all("", "")
all("", "x")
all("abc", "")
all("abc", "%w")
all("abc", "^a")
all("a^a", "^a")
all("one two  three", "%a*")
all("k=v, x=y", "(%w+)=(%w+)")
all("abc", "[")
all("abc", "(")
all("abc", ".-")
all("aaa", "a-b?")
all("a\0b\0", "%Z")
all("THE (q) f", "%f[%a]%a+")
try(string.gmatch)
try(string.gmatch, "a")
try(string.gmatch, {}, "a")
show(type(string.gmatch("a", "a")))
do
	local it = ("aXbX"):gmatch("(%w)X")
	show(it())
	show(it())
	show(it())
	show(it())
end
-- big and backtracking
local a = ("a"):rep(3000)
show(pcall(string.find, a, ".-b"))
show(#a:match(".*"), a:find("b"), a:find(".-$"))
show(a:find("^a-$"), (a .. "b"):find(".-b"))
local r = ("a"):rep(220000)
show(pcall(string.rep, "x?", 10))
show(pcall(string.find, "a", ("x?"):rep(100)))
show(pcall(string.find, ("a"):rep(100), ("a?"):rep(20) .. ("a"):rep(20)))
show(#r:match(("a?"):rep(1) .. ".*"))
show(pcall(string.rep, "(", 3))
show(("x"):rep(10):find(("(x)"):rep(10)))
show(("a"):rep(10):match(("(a)"):rep(32)))
show(select("#", ("a"):rep(32):match(("(a)"):rep(32))))
try(string.match, ("a"):rep(40), ("(a)"):rep(33))
show(
	string.find("abc", "b", nil, true),
	string.find("a.c", ".", 1, true),
	string.find("a.c", ".", 1, nil),
	string.find("abc", "(b)"),
	string.find("abc", "()b()")
)
show(
	("  a"):match("^%s*$"),
	("   "):match("^%s*$"),
	("x=1"):match("^(%w+)=(%w*)$"),
	("0x1F"):match("^0[xX](%x+)$"),
	("a.b.c"):match("^(.-)%.(.*)$"),
	("a.b.c"):match("^(.*)%.(.-)$")
)
show(("abc"):gsub("%w", "%%%0"))
show(("abc"):gsub("", ""))
show((" a b "):gsub("%s", { [" "] = "_" }))
show(("x^y"):gsub("%^", "**"))
show(("$name is $age"):gsub("%$(%w+)", { name = "n", age = 4 }))
show(("\0a\0b"):gsub("%z", "0"))
show(("a\nb"):gsub("\n", "\\n"))
show(string.gsub("abc", "(a)(b)(c)", "%3%2%1%0"))
show(("äöü"):gsub("[\x80-\xff]", "?"))
show(("äöü"):gsub(utf8.charpattern, "?"))
