-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Longer work: does it come out right, and does memory come back?

--# a sieve finds the primes up to a hundred thousand
local n, composite, count = 100000, {}, 0
for i = 2, n do
	if not composite[i] then
		count = count + 1
		for j = i * i, n, i do composite[j] = true end
	end
end
eq(count, 9592)

--# fib recurses
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
eq(fib(22), 17711)

--# eight queens have 92 solutions
local N, found = 8, 0
local cols, up, down = {}, {}, {}
local function place(row)
	if row > N then found = found + 1 return end
	for c = 1, N do
		if not cols[c] and not up[row + c] and not down[row - c] then
			cols[c], up[row + c], down[row - c] = true, true, true
			place(row + 1)
			cols[c], up[row + c], down[row - c] = nil, nil, nil
		end
	end
end
place(1)
eq(found, 92)

--# words of a text are counted
local words = {}
local text = ("the quick brown fox jumps over the lazy dog "):rep(2000)
for w in text:gmatch("%a+") do words[w] = (words[w] or 0) + 1 end
eq(words.the, 4000)
eq(words.dog, 2000)

--# a text is reversed word by word and back
local text = ("alpha beta gamma delta "):rep(1000)
local function rev(s) return (s:gsub("%a+", string.reverse)) end
assert(rev(text) ~= text)
eq(rev(rev(text)), text)

--# a string of eight megabytes is made, searched and cut
local s = ("0123456789abcdef"):rep(1 << 19)
eq(#s, 8 << 20)
eq(s:find("f01", 1 << 20, true), 1 << 20)
eq(s:find("nothing", 1, true), nil)
eq(#s:sub(2, -2), (8 << 20) - 2)
eq(s:byte(-1), 102)
s = nil
collectgarbage()
assert(collectgarbage("count") < 1000)

--# strings built piece by piece come out right
local s = ""
for i = 1, 3000 do s = s .. (i % 10) end
eq(#s, 3000)
eq(s:sub(-10), "1234567890")

--# garbage of every kind comes back
collectgarbage()
local before = collectgarbage("count")
for i = 1, 20000 // SLOW do
	local t = { i, tostring(i), function() return i end }
	t.self = t
	setmetatable(t, { __index = t })
	local co = coroutine.wrap(function() coroutine.yield(t) end)
	co()
end
collectgarbage()
assert(collectgarbage("count") < before + 50, collectgarbage("count") - before)

--# megabytes of garbage, many times the limit, pass through eight
--! param memory=8M
local sum, many = 0, SLOW == 1 and 100 or 40
for i = 1, many do sum = sum + #(("x"):rep(1 << 20) .. i) end
assert(sum > many << 20)

--# a list of a hundred thousand linked tables (fewer on a slow kernel) is collected without recursion
local list, many = nil, 100000 // SLOW
for i = 1, many do list = { next = list } end
collectgarbage()
local n = 0
while list do n = n + 1 list = list.next end
eq(n, many)
collectgarbage()

--# a random walk through inserts and removes keeps a table whole
math.randomseed(7)
local t, model, n = {}, {}, 0
for step = 1, 50000 do
	local k = math.random(2000)
	if math.random(2) == 1 then
		if model[k] == nil then n = n + 1 end
		t[k], model[k] = step, step
	else
		if model[k] ~= nil then n = n - 1 end
		t[k], model[k] = nil, nil
	end
end
local seen = 0
for k, v in pairs(t) do seen = seen + 1 eq(model[k], v) end
eq(seen, n)

--# closures and upvalues survive heavy collection
collectgarbage("setpause", 100)
collectgarbage("setstepmul", 1000)
local fs = {}
for i = 1, 1000 do
	local x = i
	fs[i] = { function() x = x + 1 end, function() return x end }
end
for round = 1, 20 do
	for i = 1, 1000 do fs[i][1]() end
	local junk = {}
	for i = 1, 500 do junk[i] = { i } end
end
for i = 1, 1000 do eq(fs[i][2](), i + 20) end

--# weak caches shrink under pressure and stay right
local cache = setmetatable({}, { __mode = "v" })
for i = 1, 20000 do
	cache[i % 500] = { i }
	local j = math.random(0, 499)
	assert(cache[j] == nil or cache[j][1] % 500 == j)
end

--# finalizers that make objects with finalizers come to an end
local n = 0
local mt
mt = { __gc = function() n = n + 1 if n < 1000 then setmetatable({}, mt) end end }
setmetatable({}, mt)
while n < 1000 do collectgarbage() end
eq(n, 1000)

--# scripts compile and run scripts
local total = 0
local many = 3000 // SLOW
for i = 1, many do total = total + load("local a = " .. i .. " return a * 2")() end
eq(total, many * (many + 1))
