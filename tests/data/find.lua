-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- find: where bytes are.

--# find gives the offset of the first, counted from 0
local d = data.new("hello world")
eq(d:find("hello"), 0)
eq(d:find("o"), 4)
eq(d:find("o", 5), 7)
eq(d:find("world"), 6)
eq(d:find("d"), 10)
eq(d:find("hello world"), 0)

--# find gives nil for what is not there
local d = data.new("hello world")
eq(d:find("x"), nil)
eq(d:find("worlds"), nil)
eq(d:find("hello world!"), nil)
eq(d:find("o", 8), nil)
eq(d:find(("x"):rep(100000)), nil)
eq(select("#", d:find("x")), 1)

--# find looks at bytes, not at patterns
local d = data.new("a.b%c[d]\0e")
eq(d:find("."), 1)
eq(d:find("%c"), 3)
eq(d:find("[d]"), 5)
eq(d:find("\0"), 8)
eq(d:find("\0e"), 8)
eq(d:find(".-"), nil)

--# find looks at a part alone
local d = data.new("abcabcabc")
eq(d:find("c", 0, 2), nil)
eq(d:find("c", 0, 3), 2)
eq(d:find("abc", 1, 4), nil)
eq(d:find("abc", 1, 5), 3)
eq(d:find("abc", 6, 3), 6)
eq(d:find("abc", nil, 3), 0)

--# what is to be looked at must be there
local d = data.new("abc")
eq(d:find("a", 4), nil)
eq(d:find("a", 0, 4), nil)
eq(d:find("", 4), nil)
for _, n in ipairs { math.maxinteger, 1 << 32, 1 << 62 } do
	eq(d:find("a", n), nil)
	eq(d:find("a", 0, n), nil)
	eq(d:find("a", n, n), nil)
end

--# nothing is found at once
local d = data.new("abc")
eq(d:find(""), 0)
eq(d:find("", 2), 2)
eq(d:find("", 3), 3)
eq(d:find("", 1, 0), 1)

--# find takes a data object, also the object itself and a part of it
local d = data.new("abcabd")
eq(d:find(data.new("abd")), 3)
eq(d:find(d), 0)
eq(d:find(d:segment(3)), 3)
eq(d:find(d:segment(3, 2)), 0)
eq(d:find(d:segment(1, 0), 2), 2)
eq(d:segment(1):find(d), nil)

--# in a segment, offsets count from its first byte and end with its last
local d = data.new("xabcx")
local s = d:segment(1, 3)
eq(s:find("a"), 0)
eq(s:find("x"), nil)
eq(s:find("cx"), nil)
eq(s:segment(2, 0):find("c"), nil)

--# find refuses what is neither string nor data object
local d = data.new("abc")
raises("string or data object expected, got no value", d.find, d)
raises("string or data object expected, got number", d.find, d, 5)
raises("got userdata", d.find, d, data.layout {})
raises("got nil", d.find, d, nil)

--# find refuses negative numbers and what is none
local d = data.new("abc")
raises("offset must be in 0", d.find, d, "a", -1)
raises("length must be in 0", d.find, d, "a", 0, -1)
raises("number expected", d.find, d, "a", {})
raises("offset must be in 0", d.find, d, "a", math.mininteger)

--# find agrees with string.find at every place
local text = ("abcab"):rep(20) .. "abcaa" .. ("cab"):rep(30)
local d = data.new(text)
for _, what in ipairs { "a", "b", "abc", "abca", "abcaa", "cabcab", "aacab", "bb", "ab", ("cab"):rep(30) } do
	for from = 0, #text do
		local want = text:find(what, from + 1, true)
		eq(d:find(what, from), want and want - 1)
	end
end

--# find goes through many blocks, and finds what lies across them
local n = 65536
local d = data.new(4 * n)
for _, at in ipairs { 0, 1, n - 2, n - 1, n, n + 1, 2 * n - 1, 3 * n, 4 * n - 2 } do
	d:copy("xy", 0, nil, at)
	eq(d:find("xy"), at)
	eq(d:find("\0xy"), at > 0 and at - 1 or nil)
	d:fill(0, at, 2)
end
eq(d:find("x"), nil)
local big = data.new(("ab"):rep(n))
eq(big:find(data.new(("ab"):rep(n - 1) .. "ac")), nil)
eq(big:find(data.new(("ba"):rep(n - 1))), 1)

--# a search that takes long ends at a stop
--! stop
local d = data.new(("a"):rep(8 << 20))
local what = data.new(("a"):rep(1 << 20) .. "b")
print "ready"
d:find(what)

--# searches that find nothing in many MiB end at a stop
--! stop
local d = data.new(24 << 20)
print "ready"
while true do pcall(d.find, d, "x") end
