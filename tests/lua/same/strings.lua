-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- comparisons
show(
	"alo" < "alo1",
	"" < "a",
	"alo\0alo" < "alo\0b",
	"alo\0alo\0\0" > "alo\0alo\0",
	"alo" < "alo\0",
	"alo\0" > "alo",
	"\0" < "\1",
	"\0\0" < "\0\1",
	"\1\0a\0a" <= "\1\0a\0b",
	not ("\1\0a\0b" <= "\1\0a\0a"),
	"\0\0\0" < "\0\0\0\0",
	"\xff" > "a",
	"\x80" > "\x7f",
	"" <= "",
	"a\xe9" < "af"
)
for _, a in ipairs({ "", "\0", "a", "a\0", "a\0b", "b", "\xff", "\xff\0", "ab" }) do
	local r = {}
	for _, b in ipairs({ "", "\0", "a", "a\0", "a\0b", "b", "\xff", "\xff\0", "ab" }) do
		r[#r + 1] = (a < b and "<" or "-") .. (a <= b and "=" or "-") .. (a == b and "e" or "-")
	end
	print(table.concat(r, " "))
end
-- sub
for _, s in ipairs({ "", "a", "123456789", "\0\0\0" }) do
	for _, i in ipairs({ -100, -10, -4, -1, 0, 1, 2, 4, 10, 100, math.mininteger, math.maxinteger }) do
		local r = {}
		for _, j in ipairs({ -100, -10, -4, -1, 0, 1, 3, 4, 10, 100, math.mininteger, math.maxinteger }) do
			r[#r + 1] = #s:sub(i, j) .. s:sub(i, j)
		end
		show(i, table.concat(r, ","))
	end
end
try(string.sub)
try(string.sub, "a")
try(string.sub, "a", {})
try(string.sub, "hello", "2", "3")
try(string.sub, 12345, 2, 3)
try(string.sub, "a", "x")
try(string.sub, nil, 1)
-- find plain & init
for _, i in ipairs({ -10, -3, -1, 0, 1, 2, 3, 4, 5, 10, math.mininteger, math.maxinteger }) do
	show(
		i,
		("abc"):find("", i),
		("abc"):find("c", i),
		("abc"):find("c", i, true),
		("abc"):find("", i, true),
		("abc"):find("c", i, false)
	)
end
show(
	("a\0a\0a\0a\0\0ab"):find("\0ab", 2),
	("a\0a\0a\0a\0\0ab"):find("b"),
	("a\0\0a"):find("%z"),
	("abc\0efg"):find("\0"),
	("abc\0efg"):find("[\0-\1]")
)
try(string.find, "a")
try(string.find)
try(string.find, "a", nil)
try(string.find, "a", "[a")
try(string.find, "a", "%")
try(string.find, "a", "(")
-- len, byte, char
show(#"\0\0\0", ("\0\0\0"):len(), ("").len, ("1234567890"):len())
try(string.len)
try(string.len, {})
try(string.len, 12)
for _, i in ipairs({ -10, -1, 0, 1, 3, 5 }) do
	show(i, ("h\xe9\0"):byte(i))
	show(("abcd"):byte(i, -1))
	show(("abcd"):byte(i, i + 1))
end
try(string.byte, "a", {})
try(string.byte)
try(string.char, 256)
try(string.char, -1)
try(string.char, "x")
try(string.char, "65", 66)
try(string.char)
try(string.char, 0, 255, 0)
try(string.char, {})
try(string.char, 65, nil)
try(string.char, math.mininteger)
-- upper lower rev rep
show(("ab\0c\xe9Z[`{"):upper(), ("AB\0c\xc9z[`{"):lower(), ("abc\0d"):reverse(), (""):reverse())
try(string.upper)
try(string.lower, {})
try(string.reverse, 12)
show(
	("x"):rep(0),
	("x"):rep(-1),
	("x"):rep(3),
	("x"):rep(3, ","),
	("x"):rep(1, ","),
	("x"):rep(0, ","),
	(""):rep(5),
	(""):rep(5, "."),
	("\0"):rep(3),
	("x"):rep(math.mininteger),
	(""):rep(math.maxinteger // 2 * 0)
)
try(string.rep)
try(string.rep, "x")
try(string.rep, "x", {})
try(string.rep, "x", 1 << 62)
try(string.rep, "xx", math.maxinteger)
try(string.rep, "x", math.maxinteger, "yy")
try(string.rep, "aa", 1 << 30, ("x"):rep(100))
try(string.rep, "", 10, "x")
try(string.rep, "x", "3")
-- tostring
show(
	tostring(12),
	tostring(-12),
	tostring("a\0b"),
	tostring(nil),
	tostring(true),
	tostring(false),
	tostring(math.mininteger)
)
try(tostring)
show(
	tostring(print):match("^builtin: ") or tostring(print):match("^function: "),
	tostring({}):match("^table: 0x%x+$") ~= nil,
	tostring(coroutine.create(print)):match("^thread: 0x") ~= nil
)
local t = setmetatable({}, {
	__tostring = function()
		return "X\0Y"
	end,
})
show(tostring(t), #tostring(t))
try(
	tostring,
	setmetatable({}, {
		__tostring = function()
			return 12
		end,
	})
)
try(
	tostring,
	setmetatable({}, {
		__tostring = function()
			return {}
		end,
	})
)
try(
	tostring,
	setmetatable({}, {
		__tostring = function()
			error("e", 0)
		end,
	})
)
try(tostring, setmetatable({}, { __tostring = 1 }))
show(
	tostring(setmetatable({}, { __name = "my.type" })):match("^my%.type: 0x") ~= nil,
	tostring(setmetatable({}, { __name = 12 })):match("^table: 0x") ~= nil
)
try(
	print,
	setmetatable({}, {
		__tostring = function()
			return {}
		end,
	})
)
-- format
local F = string.format
show(
	F("%d %5d %-5d| %05d %+d % d %i %u", 1, 2, 3, 4, 5, 6, 7, 8),
	F("%x %X %#x %o %#o %08x", 255, 255, 255, 8, 8, 255),
	F("%c%c%c", 65, 0, 66),
	F("%s %10s|%-10s|%.2s", "a", "b", "c", "defg"),
	F("%%")
)
show(
	F("%q", 'a"b\\c\nd\0e\r\t1\0002\200'),
	F("%q", 10),
	F("%q", math.mininteger),
	F("%q", true),
	F("%q", nil),
	F("%q", -5)
)
try(F, "%q", {})
try(F, "%q", print)
try(F, "%q")
try(F, "%10q", "a")
try(
	F,
	"%q",
	setmetatable({}, {
		__tostring = function()
			return "x"
		end,
	})
)
try(F)
try(F, "%d")
try(F, "%d", "a")
try(F, "%d", "10")
try(F, "%d", "0x10")
try(F, "%d", {})
try(F, "%d", nil)
try(F, "%y", 1)
try(F, "%")
try(F, "%1")
try(F, "%.")
try(F, "%0123d", 1)
try(F, "%123d", 1)
try(F, "%.123d", 1)
try(F, "%1234s", "a")
try(F, "%-+ #0d", 1)
try(F, "%-+ #00d", 1)
try(F, "%10.10.1d", 1)
try(F, "%t", 1)
try(F, "%p", 1)
try(F, "%ld", 1)
try(F, "%*d", 1, 2)
try(F, "%lld", 1)
try(F, "%n")
try(F, "%\0", 1)
try(F, "abc%")
try(F, "%s")
try(F, "%s %s", 1)
try(F, "%s", nil)
try(F, "%c", "x")
try(F, "%c", {})
try(F, "%s", "a\0b")
try(F, "%10s", "a\0b")
try(F, "%.3s", "a\0bcd")
try(F, "%s", ("x"):rep(200))
try(F, "%-99s|", "x")
try(F, "%99.99d", 7)
try(F, "%.99s", ("y"):rep(200))
try(F, "%s%s%s", true, nil, 12)
try(
	F,
	"%s",
	setmetatable({}, {
		__tostring = function()
			return "TS"
		end,
	})
)
try(
	F,
	"%-5s|",
	setmetatable({}, {
		__tostring = function()
			return "TS"
		end,
	})
)
try(
	F,
	"%s",
	setmetatable({}, {
		__tostring = function()
			return 1
		end,
	})
)
try(F, "%5s|%5s", nil, true)
try(F, "%x", -1)
try(F, "%X", math.mininteger)
try(F, "%o", -1)
try(F, "%u", -1)
try(F, "%.0d|%.0x|%5.0d", 0, 0, 0)
try(F, "%+5d|% 5d|%-5d|%05d", -3, -3, -3, -3)
try(F, "%.3d|%8.3d|%-8.3d|%08.3d", 5, 5, 5, 5)
try(F, "%#x|%#X|%#o", 0, 0, 0)
try(F, "%.20s|%20.3s|", "hello", "hello")
try(F, "%i", "  12  ")
try(F, "\0%s\0", "x")
try(F, 12)
try(F, {})
try(F, "%d %d", 1, 2, 3)
try(F, "%s\n%s", "a", "b")
-- concat coercion
show(1 .. 2, "a" .. 1, 1 .. "a", -1 .. "", math.mininteger .. "")
try(function()
	return "a" .. {}
end)
try(function()
	return "a" .. nil
end)
try(function()
	return {} .. "a"
end)
try(function()
	local x
	return x .. "a"
end)
try(function()
	return "a" .. print
end)
try(function()
	return true .. 1
end)
-- arithmetic coercion
show("10" | 1, "0x10" | 1, " 10 " | 1, "\t10\n" | 1, 10 .. 20, "10" & "2", ~"5", "7" << "2", ~"0x7")
try(function()
	return "a" + 1
end)
try(function()
	return "10" + {}
end)
try(function()
	return {} + "10"
end)
try(function()
	return "10x" + 1
end)
try(function()
	return "" + 1
end)
try(function()
	return -"a"
end)
try(function()
	local s = "abc"
	return s * 2
end)
try(function()
	return ("x").y.z
end)
try(function()
	return "x" .. 1 + "z"
end)
try(function()
	return "1\0" + 1
end)
try(function()
	return "1 2" + 1
end)
-- string indexing
show(("x").len, ("x").foo, #("x"):rep(10))
try(function()
	return ("x"):bad()
end)
try(function()
	local s = "x"
	s.y = 1
end)
try(function()
	return #5
end)
try(function()
	local a = 5
	return a.b
end)
try(function()
	local a = 5
	return a:b()
end)
try(function()
	return ("x").y.z
end)
try(function()
	return ("x")()
end)
-- tonumber
for _, s in ipairs({
	"",
	" ",
	"0",
	"-0",
	"+1",
	"+-1",
	"0x",
	"0xg",
	"0xA",
	"0XaB",
	"-0xff",
	"1_0",
	"1 1",
	"  12  ",
	"12\n",
	"\v12\f",
	"12\0",
	"9223372036854775807",
	"-9223372036854775808",
	"0xffffffffffffffff",
	"0x1ffffffffffffffff",
	"0x0000000000000000000000000000001",
	"00012",
	"1e",
	"e1",
	"0b1",
	"١",
	"-",
	"+",
	"--1",
	"- 1",
	"0x-1",
	"\xa0" .. "1",
}) do
	show(s, tonumber(s), math.tointeger(s))
end
for _, p in ipairs({
	{ "10", 2 },
	{ "12", 2 },
	{ "zZ", 36 },
	{ "-fF", 16 },
	{ "- f", 16 },
	{ " 7 ", 8 },
	{ "8", 8 },
	{ "", 10 },
	{ "-", 10 },
	{ "1\0", 10 },
	{ "7fffffffffffffff", 16 },
	{ "ffffffffffffffff", 16 },
	{ "fffffffffffffffff", 16 },
	{ "1111", 10 },
	{ "0x10", 16 },
	{ "0x10", 36 },
	{ "9999999999999999999999", 10 },
	{ "+1", 10 },
	{ "1.0", 10 },
	{ "1e1", 16 },
	{ "\n1\t", 3 },
}) do
	show(p[1], p[2], pcall(tonumber, p[1], p[2]))
end
try(tonumber)
try(tonumber, "1", 1)
try(tonumber, "1", 37)
try(tonumber, 1, 10)
try(tonumber, {}, 10)
try(tonumber, nil, 10)
try(tonumber, "1", {})
try(tonumber, "1", "16")
try(tonumber, nil)
try(tonumber, {})
try(tonumber, true)
show(string.len("abc"), ("%d"):rep(3):format(1, 2, 3))
-- very long
local big = ("ab"):rep(200000)
show(
	#big,
	#(big .. big),
	big == ("ab"):rep(200000),
	big:find("b", 300000),
	big:sub(-4),
	#big:upper(),
	#big:gsub("a", ""),
	select(2, big:gsub("a", "")),
	big:byte(-1),
	#big:reverse()
)
for i = 38, 43 do
	local a, b = ("x"):rep(i), ("x"):rep(i)
	local t = { [a] = i }
	show(a == b, t[b])
end
