-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- lua5.3 generate.lua CASES CONVERSION STEP: a script for the kernel that formats
-- every STEPth case and compares it with what C's printf() made of it here.
local source = io.open(arg[1]):read("a")
local expected = {}
local step = tonumber(arg[3])
load(source)()(arg[2], step, function(format, value)
	expected[#expected + 1] = string.format(format, value)
end)
print("local cases = (function() " .. source .. " end)()")
print("local expected = [==[\n" .. table.concat(expected, "\n") .. "\n]==]")
print(([[
local wrong, n, nextline = 0, 0, expected:gmatch("([^\n]*)\n")
cases(%q, %d, function(format, value)
	local want, got = nextline(), string.format(format, value)
	n = n + 1
	if got ~= want then
		wrong = wrong + 1
		if wrong <= 10 then print(("format %%q of %%s: got %%q, C gives %%q"):format(format, value, got, want)) end
	end
end)
print("compared " .. n)
assert(wrong == 0, wrong .. " of " .. n .. " differ")
assert(n == %d)
assert(nextline() == nil)
]]):format(arg[2], step, #expected))
