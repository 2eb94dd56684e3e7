# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Scripts that meet the end of their memory at every possible place.

# Says "complete" when it has come to its end.
everything() {
	cat <<'END'
local t = {}
for i = 1, 20 do t[i] = { i, tostring(i) } end
t.f = function(...) return select("#", ...), t end
local co = coroutine.wrap(function(a) for i = 1, 5 do a = coroutine.yield(a .. i) end end)
for i = 1, 5 do t[#t + 1] = co("x") end
t.s = ("%s %5d %q"):format("text", 42, "quoted"):rep(20, ",")
t.g = t.s:gsub("%w+", string.upper):reverse()
t.p = string.pack("<i4s2z", 7, "abc", "def")
t.u = utf8.char(228, 8364) .. utf8.len("\u{e4}")
t.c = table.concat({ 1, 2, 3 }, ",") .. table.concat(table.pack(table.unpack({ 4, 5, 6 })))
table.sort(t, function(a, b) return tostring(a) < tostring(b) end)
t.l = load("local x = ... return function() return x end")(t)
t.e = select(2, pcall(error, { code = 1 }))
t.b = debug.traceback("trace") .. debug.getinfo(1, "S").short_src
t.m = setmetatable({}, { __index = function(_, k) return k .. "!" end, __gc = function() t.done = { "gc" } end }).key
t.w = setmetatable({ {}, {} }, { __mode = "k" })
t.d = data.new("some bytes")
t.o = os.time() .. math.random(10)
for k, v in pairs(t) do t.last = { k, v } end
for word in ("a b c"):gmatch("%a") do t[word] = word:byte() end
require "string"
collectgarbage()
print("complete")
END
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

# fail_alloc 0 lets no allocation fail
test_off() {
	everything >script.lua
	param fail_alloc 3
	expect_run ENOMEM script.lua
	param fail_alloc 0
	expect_run '' script.lua
	expect_said complete
}

# a caught failure lets the script go on to a clean end
test_caught() {
	param fail_alloc 2000
	expect_run '' <<<'
local n = 0
for i = 1, 3000 do if not pcall(function() return { {} } end) then n = n + 1 end end
if n > 0 then print("failed inside") end'
	expect_said 'failed inside'
}
