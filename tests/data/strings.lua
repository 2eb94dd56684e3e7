-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- String fields; string, fill and copy.

--# a string field has offset and length in bytes
local d = data.new("abcdef"):layout { s = { 0, 6, "s" }, m = { 2, 2, "s" } }
eq(d.s, "abcdef")
eq(d.m, "cd")

--# a string field that reaches beyond the end is nil, and writing it does nothing
local d = data.new("abcdef"):layout { o = { 1, 6, "s" }, p = { 6, 1, "s" } }
eq(d.o, nil)
eq(d.p, nil)
d.o, d.p = "xxxxxx", "y"
d.o, d.p = {}, nil
eq(tostring(d), "abcdef")

--# what is shorter than the field leaves the rest alone
local d = data.new("abcdef"):layout { s = { 0, 6, "s" } }
d.s = "hij"
eq(d.s, "hijdef")
d.s = ""
eq(d.s, "hijdef")

--# what is longer than the field is cut off
local d = data.new("abcdef"):layout { m = { 2, 2, "s" } }
d.m = "WXYZ"
eq(tostring(d), "abWXef")
d.m = ("v"):rep(100000)
eq(tostring(d), "abvvef")

--# a string field has NUL bytes like any other
local d = data.new("abcdef"):layout { m = { 1, 3, "s" } }
d.m = "\0x\0"
eq(d.m, "\0x\0")
eq(tostring(d), "a\0x\0ef")

--# a string field takes a number as text, and nothing else
local d = data.new("abcdef"):layout { m = { 2, 2, "s" } }
d.m = 12
eq(d.m, "12")
raises("field 'm': string expected, got table", function() d.m = {} end)
raises("got nil", function() d.m = nil end)
raises("got userdata", function() d.m = d end)

--# string gives all or part of the bytes
local d = data.new("hello world")
eq(d:string(), "hello world")
eq(d:string(6), "world")
eq(d:string(0, 5), "hello")
eq(d:string(nil, 5), "hello")
eq(d:string(11), "")
eq(d:string(3, 0), "")

--# string gives nil for what is not all there
local d = data.new("hello world")
eq(d:string(12), nil)
eq(d:string(0, 12), nil)
eq(d:string(1, math.maxinteger), nil)
eq(d:string(math.maxinteger), nil)
eq(d:string(math.maxinteger, math.maxinteger), nil)
eq(d:string(1 << 32, 1), nil)

--# string refuses negative numbers and what is none
local d = data.new("hello world")
raises("offset must be in", d.string, d, -1)
raises("length must be in", d.string, d, 0, -1)
raises("number expected", d.string, d, "x")

--# a string is a copy
local d = data.new("abc")
local s = d:string()
d:fill(0)
eq(s, "abc")

--# fill sets all or part of the bytes
local d = data.new(6)
eq(d:fill(1), d)
eq(tostring(d), "\1\1\1\1\1\1")
d:fill(255, 4)
d:fill(2, 1, 2)
eq(tostring(d), "\1\2\2\1\255\255")

--# fill of nothing does nothing
local d = data.new(3)
d:fill(9, 3)
d:fill(9, 0, 0)
eq(tostring(d), "\0\0\0")

--# fill refuses what is not all there, and writes nothing then
local d = data.new(6)
raises("fill: 7 bytes at offset 0 are not within 6 bytes", d.fill, d, 9, 0, 7)
raises("within", d.fill, d, 9, 7)
raises("within", d.fill, d, 1, 1, 6)
raises("within", d.fill, d, 1, math.maxinteger, math.maxinteger)
raises("within", d.fill, d, 1, 1, math.maxinteger)
eq(tostring(d), ("\0"):rep(6))

--# fill refuses what is no byte
local d = data.new(6)
for _, v in ipairs { 256, -1, 1 << 32, math.mininteger } do raises("byte must be in 0..255", d.fill, d, v) end
raises("number expected", d.fill, d)
raises("offset", d.fill, d, 0, -1)
raises("length", d.fill, d, 0, 0, -1)

--# copy takes a string, all or part of it, to any place
local d = data.new(6)
eq(d:copy("abc"), d)
eq(tostring(d), "abc\0\0\0")
d:copy("wxyz", 2, 2, 4)
eq(tostring(d), "abc\0yz")
d:copy("abc", 1)
eq(tostring(d), "bcc\0yz")

--# copy takes a data object
local d = data.new("abcdef")
d:copy(data.new("Q"), 0, nil, 5)
eq(tostring(d), "abcdeQ")
d:copy(data.new("xyz"):segment(1, 1))
eq(tostring(d), "ybcdeQ")

--# copy of overlapping memory gives what was there
local d = data.new("abcdef")
d:copy(d, 0, 5, 1)
eq(tostring(d), "aabcde")
d:copy(d, 1, 5, 0)
eq(tostring(d), "abcdee")
d:copy(d:segment(2), 0, 4, 0)
eq(tostring(d), "cdeeee")
d:copy(d)
eq(tostring(d), "cdeeee")

--# copy of nothing does nothing
local d = data.new("abc")
d:copy("")
d:copy("abc", 3)
d:copy("xyz", 0, 0, 3)
eq(tostring(d), "abc")

--# copy refuses what is not all in the source, and writes nothing then
local d = data.new(6)
raises("copy from", d.copy, d, "abc", 4)
raises("copy from", d.copy, d, "abc", 1, 3)
raises("copy from", d.copy, d, "abc", math.maxinteger, math.maxinteger)
raises("copy from", d.copy, d, "abc", 0, math.maxinteger)
raises("copy from", d.copy, d, data.new(3), 0, 4)
eq(tostring(d), ("\0"):rep(6))

--# copy refuses what would not all be in the object, and writes nothing then
local d = data.new(6)
raises("copy to: 7 bytes at offset 0 are not within 6 bytes", d.copy, d, "1234567")
raises("copy to", d.copy, d, "abc", 0, 3, 4)
raises("copy to", d.copy, d, "abc", 0, 3, math.maxinteger)
raises("copy to", d.copy, d, "abc", 0, 0, 7)
eq(tostring(d), ("\0"):rep(6))

--# copy refuses what is neither string nor data object
local d = data.new(6)
raises("string or data object expected, got no value", d.copy, d)
raises("expected, got nil", d.copy, d, nil)
raises("string or data object expected, got number", d.copy, d, 5)
raises("got userdata", d.copy, d, data.layout {})
raises("got userdata", d.copy, d, socket.new("i", "u"))

--# copy refuses negative numbers
local d = data.new(6)
raises("offset must be in 0", d.copy, d, "a", -1)
raises("length must be in 0", d.copy, d, "a", 0, -1)
raises("offset must be in 0", d.copy, d, "a", 0, 1, -1)
