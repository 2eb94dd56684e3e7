-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What crashed, hung or leaked once. Each script must end, and leave nothing.

--# getinfo shows no C function that is on the call stack
for level = 0, 10 do
	local info = debug.getinfo(level, "fS")
	if not info then break end
	assert(info.what ~= "C" or info.func == nil, level)
end

--# getinfo refuses the option > on any thread
local co = coroutine.create(function() coroutine.yield() end)
coroutine.resume(co)
raises("invalid option", debug.getinfo, co, 0, ">S")
raises("invalid option", debug.getinfo, 1, ">f")

--# getinfo refuses to allocate on another coroutine
local co = coroutine.create(function() coroutine.yield() end)
coroutine.resume(co)
raises("running coroutine", debug.getinfo, co, print, "L")
assert(debug.getinfo(1, "L").activelines)

--# what a finalizer makes while the script ends goes as well
setmetatable({}, { __gc = function() data.new(3) socket.new("i", "t") socket.poll() end })

--# a finalizer collects garbage while the script ends, also where the collector has called the last one before
local kept, left = {}, 1023 -- in steps of 1, 2, 4, ... 512; the last one is as much as it does at a time
for i = 1, left do setmetatable({}, { __gc = function() left = left - 1 end }) end
while left > 0 do collectgarbage("step", 0) end
for i = 1, 2 do kept[i] = setmetatable({}, { __gc = function() collectgarbage() end }) end

--# a socket that a finalizer closes in the middle of a method fails that method and no more
local s = socket.new("i", "u")
s:bind("127.0.0.1", 0)
for i = 1, 3000 do setmetatable({}, { __gc = function() s:close() end }) end
for i = 1, 300 do pcall(s.recv, s, 5, "D") end
raises("closed luasocket", s.recv, s, 5, "D")

--# buffers of string functions that were left in the middle are freed, wherever they are collected
local subject = ("x"):rep(1 << 12)
for i = 1, 100 do
	local n = 0
	pcall(string.gsub, subject, ".", function()
		n = n + 1
		if n > 1000 then error("stop") end
		return "yyyyyyyy"
	end)
end
collectgarbage("stop")
local function down(k)
	local ok = pcall(down, k + 1)
	if not ok or k > 1 then pcall(collectgarbage) end
end
down(1)

--# integer keys cannot be aimed at one slot
local function fill(key)
	local t, start = {}, kernel.time_ns()
	for j = 1, 1 << 15 do t[key(j)] = true end
	return kernel.time_ns() - start
end
local plain = fill(function(j) return j * 7919 end)
for _, key in ipairs{ function(j) return j << 40 end, function(j) return j << 48 | j << 16 end } do
	local crafted = fill(key)
	assert(crafted < 20 * plain + 100000000, ("%d against %d"):format(crafted, plain))
end

--# long strings that differ little are as good keys as others
local t, start = {}, kernel.time_ns()
local fixed = ("x"):rep(31)
for i = 1, 1 << 14 do t[fixed .. string.char(97 + (i & 7), 97 + (i >> 3 & 7), 97 + (i >> 6 & 7), 97 + (i >> 9 & 31))] = i end
assert(kernel.time_ns() - start < 20000000000)

--# a chain of weak keys is collected in bounded time
--! timeout 60
local n = 40000
local k = {}
for i = 1, n do k[i] = {} end
for i = n, 2, -1 do
	local j = math.random(i)
	k[i], k[j] = k[j], k[i]
end
local t = setmetatable({}, { __mode = "k" })
for i = 1, n - 1 do t[k[i]] = k[i + 1] end
first = k[1]
k = nil
collectgarbage()
first = nil
collectgarbage()
eq(next(t), nil)
