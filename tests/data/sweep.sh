# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# A script that uses every function of the library meets the end of its memory.

# Says "complete" when it has come to its end.
everything() {
	cat <<'LUA'
local l = data.layout{a = {0, 8}, b = {8, 24, 'l'}, s = {4, 4, 's'}}
assert(data.layout(l) == l)
local d = data.new(64):layout(l)
local e = data.new{1, 2, 3, 4, 5, 6, 7, 8}:layout{x = {0, 3}, y = {0, 2, 's'}}
local m = data.new(setmetatable({}, {__len = function() return 3 end, __index = function(_, i) return i end}))
local s = d:segment(4, 8)
local str = data.new(("x"):rep(300))
d.a = 1 d.b = 77 d.s = "abcd" e.y = "zz" d[3] = 4
s:copy(e) s:copy(str, 0, 8) s:fill(9, 2)
local r = d:string() .. str:string(3) .. tostring(e) .. tostring(m) .. d.s .. e.y .. #d .. d[1] .. d.a
d:set(0, "u16le", 77)
assert(d:get(0, "u16le") == 77 and not d:get(64, "i8") and not d.c)
late = setmetatable({data.new(10):segment(2)}, {__gc = function(o) more = {data.new(5), o[1]:segment(1), o[1]:string()} end})
local failures = {
	function() d.nofield = 1 end, function() d.a = 256 end, function() d[65] = 1 end, function() d:fill(1, 2, 99) end,
	function() data.new{1, 2, 256} end, function() data.layout{a = {0, "x"}} end, function() d:layout{a = 5} end,
	function() data.new(1 << 30) end, function() d.copy(l, "x") end, function() d:set(0, "u5", 1) end,
}
for i, f in ipairs(failures) do
	local ok, e = pcall(f)
	assert(not ok, i)
	r = r .. tostring(e)
end
collectgarbage()
print("complete")
LUA
}

# a script whose Nth allocation fails ends with ENOMEM, for every N, and nothing stays behind
# timeout: 200
test_every_allocation() {
	everything >script.lua
	"$TESTS/sweep" fail_alloc 1 1 script.lua
	expect_said complete
}

# a script with any limit of memory from nothing up to enough ends with an error or well
# timeout: 200
test_every_limit() {
	everything >script.lua
	"$TESTS/sweep" memory 0 100 script.lua ECANCELED
	expect_said complete
}
