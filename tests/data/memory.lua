-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Who holds the memory, until when, and what garbage costs. That nothing stays
-- behind is demanded after each of these tests.

--# 300 MiB of garbage never make data.new fail
for i = 1, 300 do data.new(1 << 20) end

--# 300 MiB of garbage never make data.new fail with the collector stopped
collectgarbage("stop")
for i = 1, 300 do data.new(1 << 20) end

--# garbage of data never makes Lua's own allocations fail
for i = 1, 100 do
	local s = ("x"):rep(1 << 20)
	data.new(1 << 20)
end

--# garbage never makes data.new fail where little room is left
local keep = {}
for i = 1, 60 do keep[i] = data.new(1 << 20) end
for i = 1, 100 do data.new(1 << 20) end

--# small garbage never makes data.new fail
--! param memory=1M
for i = 1, 100000 // SLOW do data.new(100) end

--# garbage of segments never makes a segment fail
--! param memory=1M
local d = data.new(100)
for i = 1, 50000 // math.min(SLOW, 4) do d:segment(1) end
collectgarbage("stop")
for i = 1, 50000 // math.min(SLOW, 4) do d:segment(1) end

--# what is kept fails at the limit, and can be had again when it is gone
--! param memory=20M
for round = 1, 3 do
	local keep, ok, e = {}, nil, nil
	repeat
		ok, e = pcall(data.new, 1 << 20)
		keep[#keep + 1] = ok and e or nil
	until not ok
	eq(e.name, "ENOMEM")
	assert(#keep >= 18 and #keep <= 19, #keep)
end

--# data and Lua's heap share the limit
--! param memory=10M
local d = data.new(6 << 20)
raises("not enough memory", string.rep, "x", 5 << 20)
local s = ("x"):rep(1 << 20)
raises("module parameter memory", data.new, 3 << 20)
data.new(2 << 20)

--# many small objects meet the limit as well
--! param memory=1M
local ok, e = pcall(function()
	local keep = {}
	for i = 1, 1 << 20 do keep[i] = data.new(1) end
end)
eq(ok, false)
assert(tostring(e):find "memory", tostring(e))

--# many segments meet the limit as well
--! param memory=1M
local d = data.new(10)
local ok, e = pcall(function()
	local keep = {}
	for i = 1, 1 << 20 do keep[i] = d:segment(1) end
end)
eq(ok, false)
assert(tostring(e):find "memory", tostring(e))

--# uncaught, the limit makes close give ENOMEM
--! param memory=2M
--! error ENOMEM module parameter memory
local keep = {}
for i = 1, 10 do keep[i] = data.new(1 << 20) end

--# a finalizer can use data objects that still live
local d = data.new(4):layout { a = { 0, 8 } }
setmetatable({}, { __gc = function() d[1] = 5 d:layout { a = { 8, 8 } } end })
collectgarbage()
eq(d[1], 5)
eq(d.a, 0)

--# an object that a finalizer brings back works on
local late
local x = data.new("back"):layout { a = { 0, 8 } }
setmetatable({ x, x:segment(1) }, { __gc = function(o) late = o end })
x = nil
collectgarbage()
collectgarbage()
for i = 1, 50 do data.new(4):fill(0) end
eq(tostring(late[1]), "back")
eq(late[1].a, 98)
eq(tostring(late[2]), "ack")
late[1][2] = 65
eq(late[2][1], 65)
eq(#late[1]:segment(2), 2)

--# objects that finalizers bring back again and again are freed at the end
local mt = {}
mt.__gc = function(o) o.d[1] = 1 + o.d[1] % 255 setmetatable(o, mt) end
for i = 1, 10 do setmetatable({ d = data.new(1000) }, mt) end
for i = 1, 10 do collectgarbage() end

--# a finalizer that makes data while the script runs does not fail
for i = 1, 20 do setmetatable({}, { __gc = function() data.new(1 << 20) end }) end
collectgarbage()
collectgarbage()

--# a finalizer that makes data when the script ends leaves nothing behind
local mt = {}
mt.__gc = function()
	kept = { data.new(100000), data.new(10):segment(1), data.new(1):layout { x = { 0, 1 } } }
	setmetatable(kept, mt)
end
for i = 1, 20 do setmetatable({}, mt) end

--# an error while objects are kept leaves nothing behind
--! error ECANCELED boom
keep = { data.new(100000), data.new(100):segment(50):layout { x = { 0, 8 } } }
error "boom"

--# coroutines that hold data and never end leave nothing behind
for i = 1, 50 do
	coroutine.wrap(function()
		local d = data.new(10000)
		coroutine.yield(d:segment(5))
	end)()
end

--# a script that is stopped while it makes data leaves nothing behind
--! stop
print "ready"
local keep = {}
while true do keep[#keep % 1000 + 1] = data.new(1000):segment(10) end

--# a table that never ends its __len and __index can be stopped
--! stop
print "ready"
while true do
	pcall(data.new, setmetatable({}, { __len = function() return 1 << 24 end, __index = function() return 1 end }))
end

--# a plain table that is long can be stopped
--! stop
local t = {}
for i = 1, 1 << 20 do t[i] = 0 end
print "ready"
while true do data.new(t) end

--# a layout that is long can be stopped
--! stop
local t = {}
for i = 1, 50000 // SLOW do t["f" .. i] = { i, 8 } end
print "ready"
while true do pcall(data.layout, t) end

--# fills and copies of many MiB can be stopped
--! stop
local d = data.new(24 << 20)
print "ready"
while true do pcall(d.fill, d, 1) pcall(d.copy, d, d:segment(1)) end

--# to use a field makes no garbage
local d = data.new(8):layout { a = { 0, 8 }, b = { 3, 40, "n", "l" } }
collectgarbage()
collectgarbage("stop")
local before = collectgarbage("count")
for i = 1, 10000 do
	d.a = i % 256
	d.b = d.a + d.b % 100
	d[5] = d[1]
	d:set(0, "u16", d:get(2, "u16"))
end
assert(collectgarbage("count") - before <= 1, collectgarbage("count") - before)
