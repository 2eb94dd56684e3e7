-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Coroutines.

--# resume and yield pass values both ways
local co = coroutine.create(function(a, b)
	local c = coroutine.yield(a + b)
	local d, e = coroutine.yield(c * 2)
	return d + e, "end"
end)
local function ok(want, good, ...) assert(good, ...) eq(..., want) return ... end
ok(3, coroutine.resume(co, 1, 2))
ok(20, coroutine.resume(co, 10))
local _, a, b = coroutine.resume(co, 3, 4)
eq(a, 7)
eq(b, "end")

--# status goes through suspended, running, normal and dead
local inner, outer
outer = coroutine.create(function()
	inner = coroutine.create(function() eq(coroutine.status(outer), "normal") end)
	eq(coroutine.status(inner), "suspended")
	coroutine.resume(inner)
	eq(coroutine.status(inner), "dead")
	eq(coroutine.status(outer), "running")
end)
eq(coroutine.status(outer), "suspended")
assert(coroutine.resume(outer))
eq(coroutine.status(outer), "dead")

--# a dead coroutine cannot be resumed
local co = coroutine.create(function() end)
assert(coroutine.resume(co))
local good, e = coroutine.resume(co)
eq(good, false)
eq(e, "cannot resume dead coroutine")

--# a coroutine cannot resume itself or one that is running
local co
co = coroutine.create(function() return coroutine.resume(co) end)
local _, good, e = coroutine.resume(co)
eq(good, false)
eq(e, "cannot resume non-suspended coroutine")

--# an error kills the coroutine and comes out of resume
local co = coroutine.create(function() error({ code = 5 }) end)
local good, e = coroutine.resume(co)
eq(good, false)
eq(e.code, 5)
eq(coroutine.status(co), "dead")

--# wrap passes values and raises errors
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
eq(gen() + gen() + gen(), 6)
eq(gen(), nil)
raises("cannot resume dead coroutine", gen)
raises("inside", coroutine.wrap(function() error("inside") end))

--# a generator serves a for loop
local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end) end
local sum = 0
for i, sq in range(10) do sum = sum + sq end
eq(sum, 385)

--# yield crosses pcall and xpcall
local co = coroutine.wrap(function()
	local good, v = pcall(function() return coroutine.yield("a") end)
	local _, w = xpcall(function() return coroutine.yield(v) end, debug.traceback)
	local bad, e = pcall(function() coroutine.yield(w) error("late") end)
	return bad, e
end)
eq(co(), "a")
eq(co("b"), "b")
eq(co("c"), "c")
local bad, e = co()
eq(bad, false)
assert(e:find("late"))

--# yield crosses metamethods and iterators
local mt = {
	__index = function(_, k) return coroutine.yield(k) end,
	__add = function(a, b) return coroutine.yield("add") end,
	__eq = function() return coroutine.yield("eq") end,
	__lt = function() return coroutine.yield("lt") end,
	__concat = function() return coroutine.yield("concat") end,
	__call = function(_, x) return coroutine.yield(x) end,
}
local t, u = setmetatable({}, mt), setmetatable({}, mt)
local co = coroutine.wrap(function()
	local r = { t.key, t + 1, t == u, t < u, t .. "x", t("arg") }
	for v in function() return coroutine.yield("iter") end do r[#r + 1] = v end
	return r
end)
for _, want in ipairs { "key", "add", "eq", "lt", "concat", "arg", "iter" } do eq(co(want), want) end
local r = co(nil)
eq(r[1] .. r[2], "addeq")

--# yield across a C call that cannot be continued is an error
local co = coroutine.create(function()
	return ("x"):gsub("x", function() coroutine.yield() end)
end)
local good, e = coroutine.resume(co)
eq(good, false)
assert(e:find("attempt to yield across a C-call boundary", 1, true))
raises("attempt to yield across a C-call boundary", function()
	coroutine.wrap(function() table.sort({ 1, 2, 3 }, function(a, b) coroutine.yield() end) end)()
end)

--# yield outside a coroutine is an error
raises("attempt to yield from outside a coroutine", coroutine.yield)

--# isyieldable and running tell where one is
eq(coroutine.isyieldable(), false)
local main, is_main = coroutine.running()
eq(is_main, true)
coroutine.wrap(function()
	eq(coroutine.isyieldable(), true)
	local co, is_main = coroutine.running()
	eq(is_main, false)
	assert(co ~= main)
end)()

--# ten thousand coroutines live at once
local cos = {}
for i = 1, 10000 do
	cos[i] = coroutine.wrap(function(n) while true do n = n + coroutine.yield(n) end end)
	cos[i](i)
end
local sum = 0
for i = 1, 10000 do sum = sum + cos[i](1) end
eq(sum, 50005000 + 10000)

--# coroutines that are left suspended are collected
collectgarbage()
local before = collectgarbage("count")
for i = 1, 20000 // SLOW do coroutine.wrap(function() coroutine.yield() end)() end
collectgarbage()
assert(collectgarbage("count") < before + 200)

--# a coroutine that is collected while others run leaves them alone
local keep = coroutine.wrap(function() while true do coroutine.yield() end end)
for i = 1, 1000 do
	local co = coroutine.wrap(function() keep() collectgarbage("step") coroutine.yield() end)
	co()
end

--# switching between two coroutines a hundred thousand times works
local a = coroutine.wrap(function() local n = 0 while true do n = n + 1 coroutine.yield(n) end end)
local last
for i = 1, 100000 do last = a() end
eq(last, 100000)

--# deep Lua recursion inside a coroutine works
local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
eq(coroutine.wrap(function() return depth(10000) end)(), 10000)

--# a coroutine's traceback names its lines
local co = coroutine.create(function()
	coroutine.yield()
end)
coroutine.resume(co)
local text = debug.traceback(co)
assert(text:find("[C]: in function 'coroutine.yield'\n\tscript:@+2: in function", 1, true), text)
