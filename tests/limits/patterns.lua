-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Recursion in the pattern matcher ends in an error.

local function too_complex(e) return e:find("pattern too complex", 1, true) or e:find("C stack overflow", 1, true) end

--# a pattern of many optional items is too complex
local s = ("a"):rep(100000)
for i = 1, 3 do
	for _, p in ipairs { ("a?"):rep(100000), (".-"):rep(100000) .. "b", ("a*"):rep(100000) .. "b" } do
		local ok, e = pcall(string.find, s, p)
		eq(ok, false)
		assert(too_complex(e), e)
	end
end

--# a pattern of eighty optional items is fine
local s = ("a"):rep(80)
eq(s:match((".?"):rep(80)), s)
eq(s:match(("a?"):rep(80) .. "$"), s)

--# many captures within each other
local s = ("a"):rep(100)
eq(select("#", s:match(("("):rep(30) .. "a" .. (")"):rep(30))), 30)
raises("too many captures", string.match, s, ("("):rep(100000) .. "a" .. (")"):rep(100000))

--# a deep match inside a deep call chain is an error or right, never a crash
local s, p = ("a"):rep(150), (".?"):rep(150)
local deepest = 0
local function f(n)
	deepest = n
	local ok, r = pcall(string.match, s, p)
	if not ok then assert(too_complex(r), r) else eq(r, s) end
	return (("x"):gsub("x", function() f(n + 1) end))
end
raises("C stack overflow", f, 1)
assert(deepest >= 5, deepest)

--# a subject of megabytes needs no depth
local s = ("ab"):rep(1 << 20)
eq(#s:match("^.*$"), 2 << 20)
eq(#s:match("^[ab]*$"), 2 << 20)
eq(s:match(".-(b)$") ~= nil, true)
