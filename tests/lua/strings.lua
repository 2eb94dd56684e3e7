-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The string library, without patterns (patterns.lua) and packing (pack.lua).

--# len counts bytes, NULs too
eq(#"a\0b", 3)
eq(("\0\0"):len(), 2)
eq(#"", 0)
eq(#"\xe4\xc3", 2)

--# sub takes positions from both ends and clips them
local s = "123456789"
eq(s:sub(2, 4), "234")
eq(s:sub(7), "789")
eq(s:sub(-3), "789")
eq(s:sub(-3, -2), "78")
eq(s:sub(0), s)
eq(s:sub(5, 4), "")
eq(s:sub(100), "")
eq(s:sub(-100, 100), s)
eq(s:sub(math.mininteger, math.maxinteger), s)
eq(s:sub(math.maxinteger, math.mininteger), "")
eq(("\0a\0"):sub(2, 2), "a")

--# upper and lower change ASCII letters only
eq(("aZ\xe4\xc4-1"):upper(), "AZ\xe4\xc4-1")
eq(("aZ\xe4\xc4-1"):lower(), "az\xe4\xc4-1")

--# reverse reverses bytes
eq(("abc\0"):reverse(), "\0cba")
eq((""):reverse(), "")

--# rep repeats, with a separator if wanted
eq(("ab"):rep(3), "ababab")
eq(("ab"):rep(3, ","), "ab,ab,ab")
eq(("ab"):rep(1, ","), "ab")
eq(("ab"):rep(0), "")
eq(("ab"):rep(-1), "")
eq((""):rep(10), "")
eq((""):rep(3, ","), ",,")
eq(#("x"):rep(1000000), 1000000)

--# rep refuses results that cannot exist
raises("resulting string too large", string.rep, "ab", math.maxinteger)
raises("resulting string too large", string.rep, "x", 1 << 62, "yy")

--# byte and char convert between strings and numbers
eq(("A"):byte(), 65)
eq(("\xff"):byte(), 255)
eq(select("#", ("abc"):byte(1, -1)), 3)
eq(select("#", ("abc"):byte(10)), 0)
eq(("abc"):byte(-1), 99)
eq(string.char(), "")
eq(string.char(0, 255, 65), "\0\xffA")
raises("value out of range", string.char, 256)
raises("value out of range", string.char, -1)
raises("value out of range", string.char, math.maxinteger)
raises("number expected, got string", string.char, "1.5")

--# strings compare byte by byte, as unsigned, with NULs
assert("a" < "b" and "a" < "aa" and "" < "a" and "Z" < "a")
assert("a" < "\xff" and "\x7f" < "\x80")
assert("a\0a" < "a\0b" and "a" < "a\0" and not ("a\0b" < "a\0a"))
assert("alo" <= "alo" and not ("alo" < "alo") and "alo\0" > "alo")

--# find with a plain text
eq(("hello world"):find("o w"), 5)
eq(("a.b"):find(".", 1, true), 2)
eq(("a+b"):find("+", 1, true), 2)
eq(("abc"):find("", 2), 2)
eq(("abc"):find("", 4), 4)
eq(("abc"):find("", 5), nil)
eq(("abc"):find("c", -1), 3)
eq(("a\0b\0c"):find("\0c", 1, true), 4)
eq(("abc"):find("abcd", 1, true), nil)
eq((""):find(""), 1)
eq(("aaab"):find("ab", 1, true), 3)

--# concatenation of strings and numbers
eq("a" .. 1 .. "b" .. -2, "a1b-2")
eq(1 .. 2, "12")
local t = {}
for i = 1, 100 do t[i] = "x" .. i end
eq(#table.concat(t), 292)

--# concatenation of anything else is refused
raises("attempt to concatenate a nil value (global 'undefined')", function() return "a" .. undefined end)
raises("attempt to concatenate a table value", function() return "a" .. {} end)
raises("attempt to concatenate a boolean value", function() return true .. "x" end)

--# equal strings are one key, however they were made
local t = { abc = 1 }
eq(t["a" .. "bc"], 1)
eq(t[("xabcx"):sub(2, 4)], 1)
local long = ("x"):rep(100)
t[long] = 2
eq(t[("x"):rep(50) .. ("x"):rep(50)], 2)

--# indexing a string with an unknown name gives nil
eq(("x").nothing, nil)
raises("attempt to call a nil value (method 'nothing')", function() return ("x"):nothing() end)

--# tostring gives upstream's texts
eq(tostring(nil), "nil")
eq(tostring(true), "true")
eq(tostring("x"), "x")
assert(tostring({}):find("^table: "))
assert(tostring(print):find("^function: "), tostring(print))
assert(tostring(function() end):find("^function: "))
assert(tostring(coroutine.create(print)):find("^thread: "))

--# texts of tables and functions do not tell kernel addresses
for _, v in ipairs { {}, print, function() end, coroutine.create(print) } do
	local address = tostring(v):match("0x(%x+)") or tostring(v):match(": (%x+)")
	assert(not address or not address:find("^ffff[89a-f]"), address)
	assert(not string.format("%s", v):find("ffff[89a-f]%x%x%x%x%x%x%x%x%x%x%x"))
end

--# format of integers
eq(("%d"):format(5), "5")
eq(("%5d|%-5d|%05d"):format(42, 42, 42), "   42|42   |00042")
eq(("%+d % d"):format(5, 5), "+5  5")
eq(("%.3d"):format(5), "005")
eq(("%x %X %#x %o"):format(255, 255, 255, 8), "ff FF 0xff 10")
eq(("%i"):format(-1), "-1")
eq(("%u"):format(-1), "18446744073709551615")
eq(("%x"):format(-1), "ffffffffffffffff")
eq(("%d"):format(math.mininteger), "-9223372036854775808")
eq(("%d"):format("10"), "10")

--# format of characters and strings
eq(("%c%c"):format(65, 0), "A\0")
eq(("%5s|%-5s|%.2s"):format("abc", "abc", "abc"), "  abc|abc  |ab")
eq(("%s %s %s"):format(nil, true, 1), "nil true 1")
eq(("%s"):format("a\0b"), "a\0b")
eq(("%s"):format(setmetatable({}, { __tostring = function() return "T" end })), "T")
eq(#("%99s"):format("x"), 99)
eq(#("%s"):format(("x"):rep(1000)), 1000)

--# format of %%
eq(("%%"):format(), "%")
eq(("100%%|%d%%"):format(5), "100%|5%")

--# format of %q gives what load reads back
local s = 'a\n\0b"\\\r\0001\xff'
eq(load("return " .. ("%q"):format(s))(), s)
for _, n in ipairs { 0, 1, -1, math.maxinteger, math.mininteger } do
	eq(load("return " .. ("%q"):format(n))(), n)
end
eq(("%q"):format(nil), "nil")
eq(("%q"):format(true), "true")
raises("value has no literal form", string.format, "%q", {})

--# format refuses floats, and says why
for c in ("aAeEfFgG"):gmatch(".") do
	raises("is for floats, which the kernel does not have", string.format, "%" .. c, 1)
end
raises("is for floats", string.format, "%5.1f", 1)

--# format refuses what C would not define
raises("invalid option '%y' to 'format'", string.format, "%y", 1)
raises("invalid option '%<\\0>' to 'format'", string.format, "%", 1)
raises("invalid format (width or precision too long)", string.format, "%100d", 1)
raises("invalid format (width or precision too long)", string.format, "%.100d", 1)
raises("invalid format (repeated flags)", string.format, "%------d", 1)
raises("invalid option '%l' to 'format'", string.format, "%ld", 1)
raises("invalid option '%n' to 'format'", string.format, "%n", 1)
raises("invalid option '%*' to 'format'", string.format, "%*d", 1, 1)
raises("string contains zeros", string.format, "%5s", "a\0b")

--# format checks its arguments
raises("bad argument #2 to 'string.format' (no value)", string.format, "%d")
raises("number expected, got string", string.format, "%d", "x")
raises("number expected, got string", string.format, "%d", "1.5")
raises("number expected, got nil", string.format, "%c", nil)
raises("string expected", string.format)

--# dump makes no bytecode
raises("unable to dump given function", string.dump, function() end)
raises("unable to dump given function", string.dump, function() end, true)
raises("function expected", string.dump, 1)

--# methods check what they work on
raises("bad argument #1 to 'string.upper' (string expected, got no value)", string.upper)
raises("bad argument #1 to 'string.rep' (string expected, got table)", string.rep, {}, 1)
raises("bad argument #1 to 'rep' (number expected, got no value)", function() return ("x"):rep() end)
raises("calling 'rep' on bad self (string expected, got table)", function() local t = { rep = string.rep } t:rep(1) end)
