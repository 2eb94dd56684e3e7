-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What print writes into the kernel log.

--# print writes one record
--! log /^hello$/
print("hello")

--# print separates its arguments by tabs
--! log /^1\t2\tnil\ttrue\tx$/
print(1, 2, nil, true, "x")

--# print without arguments writes an empty record
--! log /^$/
print()

--# print uses __tostring
--! log /^<a table>$/
print(setmetatable({}, { __tostring = function() return "<a table>" end }))

--# print needs no global tostring
--! log /^7$/
tostring = nil
print(7)

--# print refuses a __tostring that gives no string
raises("'__tostring' must return a string", print, setmetatable({}, { __tostring = function() return {} end }))

--# print of several lines writes a record for each
--! log /^first$/
--! log /^second$/
--! log /^third\tfourth$/
print("first\nsecond\nthird", "fourth")

--# print of an empty line between others keeps it
--! log /^above$/
--! log /^$/
--! log /^below$/
print("above\n\nbelow")

--# print of a final line end adds no empty record
--! log /^line$/
--! no-log /^$/
print("line\n")

--# print writes NUL as \0 and goes on after it
--! log /^a\\0b$/
print("a\0b")

--# print of a long line loses nothing
--! log /^#+x/
--! log /#y#/
--! log /^#+end$/
print(("#"):rep(400) .. "x" .. ("#"):rep(3000) .. "y" .. ("#"):rep(400) .. "end")

--# print writes control characters as Lua does
--! log /^a\\1\\27\\127z$/
print("a\1\27\127z")

--# print gives UTF-8 to the log
--! log grüße
print("gr\u{fc}\u{df}e")

--# print leaves percent signs alone
--! log 100% %s %d %n %p
print("100% %s %d %n %p")

--# print of ten thousand lines ends
--! log /^last$/
for i = 1, 10000 do print(i) end
print("last")

--# print of a megabyte ends
--! log /^last$/
print(("0123456789abcde\n"):rep(65536))
print("last")
