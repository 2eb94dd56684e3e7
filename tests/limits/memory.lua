-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A script holds no more memory than the module parameter allows.
local NO_MEMORY = "not enough memory (limit: module parameter memory, --memory)"

-- f() must run out of memory; what it held must then be free to use again.
local function exhausts(f)
	for i = 1, 3 do
		local ok, e = pcall(f)
		assert(not ok, "no error")
		eq(e, NO_MEMORY)
		collectgarbage()
		assert(collectgarbage("count") < 400, collectgarbage("count"))
	end
end

--# a table that grows for ever
--! param memory=1M
exhausts(function() local t = {} for i = 1, 1 << 40 do t[i] = i end end)

--# a hash that grows for ever
--! param memory=1M
exhausts(function() local t = {} for i = 1, 1 << 40 do t["k" .. i] = i end end)

--# a string that doubles for ever
--! param memory=1M
exhausts(function() local s = "x" while true do s = s .. s end end)

--# strings that are kept in a list
--! param memory=1M
exhausts(function() local l for i = 1, 1 << 40 do l = { ("x"):rep(100) .. i, l } end end)

--# rep of something huge
exhausts(function() return ("x"):rep(1 << 30) end)
exhausts(function() return ("xyz"):rep(1 << 28, ",") end)

--# concatenation of many big strings
--! param memory=4M
local s = ("x"):rep(1 << 20)
local ok, e = pcall(function() return s .. s .. s .. s .. s .. s end)
eq(ok, false)
eq(e, NO_MEMORY)

--# table.concat of many big strings
--! param memory=4M
local s = ("x"):rep(1 << 20)
local ok, e = pcall(table.concat, { s, s, s, s, s, s })
eq(ok, false)
eq(e, NO_MEMORY)

--# gsub that makes its subject grow
--! param memory=4M
local s = ("x"):rep(1 << 18)
local ok, e = pcall(string.gsub, s, "x", ("y"):rep(100))
eq(ok, false)
eq(e, NO_MEMORY)

--# format, upper, reverse, pack and char that need more than there is
--! param memory=2M
local s = ("x"):rep(700000)
for _, f in ipairs {
	function() return ("%s%s%s"):format(s, s, s) end, function() return { s:upper(), s:lower(), s:reverse() } end,
	function() return string.pack("s4s4s4", s, s, s) end, function() return s:sub(2) .. s:sub(3) .. s:sub(4) end,
	function() return { s .. "1", s .. "2", s .. "3" } end
} do
	local ok, e = pcall(f)
	eq(ok, false)
	eq(e, NO_MEMORY)
end

--# closures and upvalues that are kept
--! param memory=1M
exhausts(function() local t = {} for i = 1, 1 << 40 do local x = i t[i] = function() return x end end end)

--# coroutines that are kept
--! param memory=1M
exhausts(function()
	local t = {}
	for i = 1, 1 << 40 do
		t[i] = coroutine.create(function() coroutine.yield() end)
		coroutine.resume(t[i])
	end
end)

--# the Lua stack
--! param memory=500K
local function f(...) return 1 + f(...) end
local ok, e = pcall(f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
eq(ok, false)
eq(e, NO_MEMORY)

--# unpack into the stack
--! param memory=500K
local t = {}
for i = 1, 10000 do t[i] = i end
raises("too many results to unpack", table.unpack, t, 1, 90000)

--# load of a source that goes on for ever
--! param memory=1M
exhausts(function() error(select(2, load(function() return "x = 'some text that is new' .. y\n" end)), 0) end)

--# load of a string constant that goes on for ever
--! param memory=1M
exhausts(function()
	local first = "x = '"
	error(select(2, load(function() local r = first first = nil return r or "xxxxxxxxxxxxxxxx" end)), 0)
end)

--# a finalizer that keeps everything
--! param memory=1M
--! error ENOMEM not enough memory
do
	local t = {}
	local mt = { __gc = function(o) t[#t + 1] = o setmetatable(o, getmetatable(o)) end }
	while true do
		setmetatable({ ("x"):rep(1000) }, mt)
		t[#t + 1] = {}
	end
end

--# an error for lack of memory that nothing catches gives ENOMEM and names the knob
--! param memory=1M
--! error ENOMEM not enough memory (limit: module parameter memory, --memory)
local t = {}
while true do t[#t + 1] = {} end

--# the error for lack of memory passes a message handler by, and ends the script at the next allocation outside
--! param memory=1M
--! error ENOMEM not enough memory
local t = {}
while true do
	local ok, e = xpcall(function() while true do t[#t + 1] = {} end end, debug.traceback)
	eq(ok, false)
	eq(e, NO_MEMORY)
	t[#t + 1] = {}
end

--# a script that is too big to compile within the limit gives ENOMEM
--! param memory=60K
--! error ENOMEM not enough memory
local t = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27 }
local s = ("x"):rep(60000)

--# garbage never makes an allocation fail: strings
--! param memory=1M
for i = 1, 20000 // SLOW do local s = ("x"):rep(2000) .. i end

--# garbage never makes an allocation fail: large strings
--! param memory=4M
for i = 1, 200 do local s = ("0123456789"):rep(90000) .. i end

--# garbage never makes an allocation fail: tables and closures
--! param memory=1M
for i = 1, 200000 // SLOW do
	local t = { i, function() return i end }
	t[3] = t
end

--# garbage never makes an allocation fail: coroutines
--! param memory=1M
for i = 1, 20000 // SLOW do coroutine.wrap(function() coroutine.yield() end)() end

--# garbage never makes an allocation fail: one large table after the other
--! param memory=2M
for i = 1, 50 do
	local t = {}
	for j = 1, 40000 do t[j] = j end
end

--# garbage never makes an allocation fail: buffers of gsub, concat and format
--! param memory=4M
local s = ("x"):rep(200000)
for i = 1, 100 do
	local a = s:gsub("x", "yy")
	local b = table.concat({ s, s, s }, "-")
	local c = ("%s%s"):format(s, s)
end

--# garbage never makes an allocation fail with the collector stopped
--! param memory=1M
collectgarbage("stop")
for i = 1, 100000 // math.min(SLOW, 4) do local t = { i } end

--# garbage never makes a buffer fail with the collector stopped
--! param memory=1M
collectgarbage("stop")
for i = 1, 1000 do local s = ("x"):rep(20000) end

--# the count never exceeds the limit
--! param memory=1M
local most, t = 0, {}
pcall(function()
	while true do
		t[#t + 1] = ("x"):rep(400) .. #t
		local n = collectgarbage("count")
		if n > most then most = n end
	end
end)
assert(most <= 1024, most)
assert(most > 800, most)

--# a table that is emptied at the limit can be used on
--! param memory=1M
local t = {}
pcall(function() for i = 1, 1 << 40 do t[i] = {} end end)
local n = #t
assert(n > 1000)
for i = n, 1, -1 do t[i] = nil end
collectgarbage()
t.x = 1
for i = 1, 100 do t[i] = i end
assert(collectgarbage("count") < 600, collectgarbage("count"))

--# memory that was given back can be had again, a hundred times (ten on a slow kernel)
--! param memory=2M
for round = 1, 100 // SLOW do
	local t = {}
	for i = 1, 5 do t[i] = ("x"):rep(200000) .. i end
	t = nil
end

--# out of memory in a coroutine leaves the rest running
--! param memory=1M
for i = 1, 5 do
	local co = coroutine.create(function() local t = {} while true do t[#t + 1] = {} end end)
	local ok, e = coroutine.resume(co)
	eq(ok, false)
	eq(e, NO_MEMORY)
	co = nil
	collectgarbage()
end

--# the limit of 64 MiB is the one that holds by default
--! error ENOMEM not enough memory
local t = {}
for i = 1, 60 do t[i] = ("x"):rep(1 << 20) .. i end
assert(collectgarbage("count") > 60 * 1024)
for i = 61, 70 do t[i] = ("x"):rep(1 << 20) .. i end

--# a larger limit allows more
--! param memory=80M
local t = {}
for i = 1, 70 do t[i] = ("x"):rep(1 << 20) .. i end
assert(collectgarbage("count") > 70 * 1024)
