-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Timers, alone and in poll sets.

local event = socket.event
local MS = 1000000

--# a timer that is not set does not expire
local t = socket.timer()
eq(tostring(t), "ltimer (not set)")
eq(t:read(0), 0)
eq(t:read(20), 0)
eq(socket.poll{ t }:select(20), nil)

--# a timer expires once, after its time
local start = kernel.time_ns()
local t = socket.timer(30)
eq(tostring(t), "ltimer (set)")
eq(t:read(0), 0)
eq(t:read(), 1)
local took = kernel.time_ns() - start
assert(took >= 30 * MS and took < 30000 * MS, took)
eq(tostring(t), "ltimer (not set)")
eq(t:read(0), 0)
eq(t:read(50), 0)

--# a timer of no time has expired at once
local t = socket.timer(0)
eq(tostring(t), "ltimer (expired)")
eq((socket.poll{ t }:select(0)), 0)
eq(t:read(0), 1)
eq(t:read(0), 0)

--# read waits as long as it is told
local t = socket.timer(100000)
local start = kernel.time_ns()
eq(t:read(30), 0)
assert(kernel.time_ns() - start >= 29 * MS)
eq(tostring(t), "ltimer (set)")

--# read without a time-out, with nil and with -1 waits until it expires
for _, args in ipairs{ {}, { nil }, { -1 }, { 0x7fffffff } } do eq(socket.timer(1):read(table.unpack(args, 1, 1)), 1) end

--# a timer in a set is reported, with IN, until it is read
local t = socket.timer(1)
local p = socket.poll{ t }
for _ = 1, 3 do
	local index, timer, events = p:select()
	eq(index, 0)
	assert(rawequal(timer, t))
	eq(events, event.IN)
end
eq(t:read(), 1)
eq(p:select(20), nil)

--# a set with sockets, channels and timers tells which one it was
local a, b = udp_pair()
local ch, t = thread.channel(1), socket.timer()
local p = socket.poll{ a, ch, t }
t:set(1)
eq((p:select()), 2)
t:read()
ch:send(1)
eq((p:select()), 1)
ch:receive()
b:send("x")
eq((p:select()), 0)

--# a timer that is set wakes a wait of the set that it is in
local t = socket.timer()
local p = socket.poll{ t }
for i = 1, 5 do
	t:set(i)
	eq((p:select()), 0)
	t:read()
end

--# expiries at intervals are counted, none too many and none lost
local start = kernel.time_ns()
local t = socket.timer(10, 10)
local set = kernel.time_ns()
local total, before = 0, nil
for _, pause in ipairs{ 35, 7, 7, 0, 21 } do
	kernel.sleep(pause)
	total = total + t:read(0)
	assert(total <= (kernel.time_ns() - start) // (10 * MS), total)
	before = kernel.time_ns()
	total = total + t:read()
	assert(total >= (before - set) // (10 * MS), total)
end

--# the first time and the interval are two things
local start = kernel.time_ns()
local t = socket.timer(1, 40)
t:read()
assert(kernel.time_ns() - start >= 1 * MS)
t:read()
assert(kernel.time_ns() - start >= 41 * MS)

--# an interval goes on when reads come late
local t = socket.timer(1, 1)
kernel.sleep(50)
local n = t:read(0)
assert(n >= 45, n)
t:read()
t:read()

--# a timer of an interval is reported again after each read
local t = socket.timer(1, 5)
local p = socket.poll{ t }
for _ = 1, 4 do
	eq((p:select()), 0)
	assert(t:read(0) >= 1)
end

--# a timer of no time with an interval expires now and then again
local t = socket.timer(0, 20)
eq(t:read(0), 1)
eq(t:read(0), 0)
assert(t:read() >= 1)

--# set takes the place of what was set before, and gives the timer
local t = socket.timer(1, 1)
local start = kernel.time_ns()
assert(rawequal(t:set(30), t))
eq(t:read(), 1)
assert(kernel.time_ns() - start >= 30 * MS)
eq(t:read(20), 0)

--# set forgets expiries that were not read
local t = socket.timer(0)
local p = socket.poll{ t }
t:set(100000)
eq(p:select(0), nil)
eq(t:read(0), 0)
t:set(0)
eq((p:select(0)), 0)

--# cancel stops a timer, and says whether there was something to stop
local t = socket.timer(20)
eq(t:cancel(), true)
eq(t:cancel(), false)
eq(t:read(50), 0)
t:set(0)
eq(t:cancel(), true)
eq(t:read(0), 0)
t:set(1, 1)
t:read()
eq(t:cancel(), true)
eq(t:read(10), 0)
t:set(1)
eq(t:read(), 1)
eq(t:cancel(), false)

--# a timer that is cancelled while it is reported is not told
local t = socket.timer(0)
local p = socket.poll{ t }
eq((p:select(0)), 0)
t:cancel()
eq(p:select(0), nil)
eq(#p, 1)

--# a closed timer leaves its sets, and can be used no more
local t = socket.timer(0)
local p, q = socket.poll{ t }, socket.poll{ t }
eq(select("#", t:close()), 0)
t:close()
eq(#p, 0)
eq(q:select(0), nil)
eq(tostring(t), "ltimer (closed)")
for _, name in ipairs{ "set", "cancel", "read" } do raises("closed ltimer", t[name], t, 0) end
raises("closed ltimer", p.add, p, t)
raises("closed ltimer", p.modify, p, t)
raises("closed ltimer", socket.poll, { t })
eq(p:remove(t), false)
eq(t == t, true)
eq(t == socket.timer(), false)

--# a timer can be one-shot and edge-triggered
local t = socket.timer(0, 1)
local once, edge = socket.poll(), socket.poll()
once:add(t, "r1")
edge:add(t, "re")
eq((once:select(0)), 0)
eq(once:select(5), nil)
eq((edge:select(0)), 0)
eq(edge:select(5), nil)
t:read()
eq((edge:select()), 0)
eq(once:select(0), nil)
once:modify(t, "r1")
eq((once:select()), 0)

--# a set keeps its timers, and gives them out when nobody else has them
local p = socket.poll{ socket.timer(20) }
collectgarbage()
collectgarbage()
local _, t = p:select()
eq(t:read(0), 1)
eq(p:remove(t), true)
fails("ENOENT", p.remove, p, t)

--# a timer that nobody refers to does not stay, set or not
local weak = setmetatable({}, { __mode = "k" })
for i = 1, 100 do weak[socket.timer(i % 3, i % 3 == 0 and 1 or nil)] = true end
collectgarbage()
collectgarbage()
eq(next(weak), nil)

--# a set that goes before its timers, and timers that go before their set
for i = 1, 50 do
	local t = socket.timer(0, 1)
	local p = socket.poll{ t, socket.timer(1, 1) }
	if i % 3 == 0 then p:close() elseif i % 3 == 1 then t:close() end
	if i % 7 == 0 then collectgarbage() end
end

--# a thousand timers all expire, whatever their order
local p = socket.poll()
for i = 1, 1000 do p:add(socket.timer(i * 37 % 40)) end
local left = 1000
while left > 0 do
	for _, t in p:ready(10000) do
		eq(t:read(0), 1)
		p:remove(t)
		left = left - 1
	end
end
eq(#p, 0)

--# timers that nobody reads cost nothing: four thousand with an interval of a millisecond
local function busy()
	local best = math.maxinteger
	for _ = 1, 3 do
		local start = kernel.time_ns()
		for i = 1, 50000 do local x = i * i end
		best = math.min(best, kernel.time_ns() - start)
	end
	return best
end
local before = busy()
local p, keep = socket.poll(), {}
for i = 1, 4000 // SLOW do
	keep[i] = socket.timer(1, 1)
	p:add(keep[i], "1")
end
kernel.sleep(30)
local after = busy()
assert(after < 4 * before, after .. " ns, before: " .. before)
for i = 1, #keep, 1000 do assert(keep[i]:read(0) >= 30) end

--# times must be ones
for _, f in ipairs{ socket.timer, function(...) return socket.timer():set(...) end } do
	raises("time in ms must be in 0..2147483647, not -1", f, -1)
	raises("time in ms must be in 0..2147483647, not 2147483648", f, 1 << 31)
	raises("interval in ms must be in 1..2147483647, not 0", f, 1, 0)
	raises("interval in ms must be in 1..2147483647, not -5", f, 1, -5)
	raises("interval in ms must be in 1..", f, 1, math.maxinteger)
	raises("number expected, got table", f, {})
	raises("number expected, got string", f, 1, "x")
end
raises("number expected, got nil", function() socket.timer():set(nil) end)
raises("number expected, got no value", function() socket.timer():set() end)
raises("an interval needs a time", socket.timer, nil, 5)
raises("must be in 0..2147483647, not -2", function() socket.timer():read(-2) end)
raises("number expected", function() socket.timer():read({}) end)

--# the longest times can be set
local t = socket.timer(0x7fffffff, 0x7fffffff)
eq(t:read(0), 0)
t:set(0, 0x7fffffff)
eq(t:read(0), 1)
eq(t:read(0), 0)

--# every method refuses what is no timer
local t = socket.timer()
for _, name in ipairs{ "set", "cancel", "read", "close" } do
	for _, self in ipairs{ 1, "x", {}, print, tcp(), socket.poll(), thread.channel(), data.new(1), true, coroutine.create(print) } do
		raises("ltimer expected", t[name], self, 0)
	end
	raises("ltimer expected, got no value", t[name])
	raises("ltimer expected, got nil", t[name], nil)
end

--# what is no timer, socket or channel cannot be watched
local p = socket.poll()
for _, what in ipairs{ 1, "x", {}, print, p, data.new(1), true } do
	raises("luasocket expected", p.add, p, what)
	raises("luasocket expected", p.modify, p, what)
	raises("luasocket expected", p.remove, p, what)
	raises("luasocket expected", socket.poll, { what })
end

--# a timer's metatable is out of reach, and it has no finalizer to call
local t = socket.timer()
eq(getmetatable(t), "ltimer")
eq(t.__gc, nil)
eq(pcall(setmetatable, t, {}), false)
raises("attempt to index", function() t.x = 1 end)

--# timers count against the memory limit, and give their memory back
--! param memory=1M
local keep = {}
local ok, e = pcall(function() while true do keep[#keep + 1] = socket.timer(0, 1) end end)
eq(ok, false)
assert(tostring(e):find "memory", tostring(e))
keep = nil
collectgarbage()
for _ = 1, 20000 // SLOW do socket.timer(1) end

--# finalizers may use timers, also when the script ends
local t = socket.timer(1, 1)
setmetatable({ t }, { __gc = function(o) o[1]:set(0) assert(o[1]:read(0) == 1) o[1]:set(100000) end })
collectgarbage()
eq(tostring(t), "ltimer (set)")
kept = setmetatable({ socket.timer(0) }, { __gc = function(o) o[1]:set(1, 1) late = { o[1], socket.timer(1, 1), socket.poll{ o[1] } } end })

--# an error while timers are set leaves nothing behind
--! error ECANCELED boom
keep = { socket.timer(1, 1), socket.poll{ socket.timer(1, 1), socket.timer(100000) } }
error "boom"

--# coroutines that hold timers and never end leave nothing behind
for i = 1, 50 do
	coroutine.wrap(function()
		local t = socket.timer(i, 1)
		coroutine.yield(socket.poll{ t })
	end)()
end

--# a wait for a timer ends at a stop
--! stop
local t = socket.timer()
print "ready"
pcall(t.read, t)

--# a loop that reads a timer ends at a stop
--! stop
local t = socket.timer(1, 1)
print "ready"
while true do pcall(t.read, t) end

--# a loop that sets, cancels and reads ends at a stop, with timers that expire
--! stop
local keep = {}
for i = 1, 500 do keep[i] = socket.timer(i % 5, 1) end
local p = socket.poll(keep)
print "ready"
while true do
	for i, t in p:ready(0) do
		if i % 3 == 0 then t:set(i % 5, 1) elseif i % 3 == 1 then t:read(0) else t:cancel() t:set(1) end
	end
end

--# a script has 4096 timers, and no more, however many threads it has
local t = {}
for i = 1, 4096 do t[i] = socket.timer(1 << 30) end
local e = fails("EMFILE", socket.timer)
eq(e.call, "timer")
assert(tostring(e):find("4096 timers", 1, true), e)
eq(select(2, thread.spawn(function() return select(2, pcall(socket.timer)).name end):join()), "EMFILE")
t[9] = nil
t[9] = socket.timer(0)
eq(t[9]:read(), 1)
fails("EMFILE", socket.timer)

--# timers that are garbage make room by themselves
collectgarbage("stop")
for i = 1, 10000 do socket.timer(i) end
