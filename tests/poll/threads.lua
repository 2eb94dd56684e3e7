-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Poll sets and timers while other threads use what is in them.

local event = socket.event

-- Waits until the thread waits.
local function asleep(t) while t:status() ~= "waiting" do kernel.sleep(1) end end

--# a member that another thread closes leaves while the set is waited for
local a, b = udp_pair()
local c, d = udp_pair()
local p = socket.poll{ b, d }
local t = thread.spawn(function() kernel.sleep(30) b:close() kernel.sleep(30) c:send("x") end)
eq((p:select()), 1)
eq(#p, 1)
assert(t:join())

--# when another thread closes the last member the wait is over
local a, b = udp_pair()
local p = socket.poll{ b }
local t = thread.spawn(function() kernel.sleep(30) b:close() end)
raises("poll set is empty", p.select, p)
assert(t:join())
fails("EBADF", p.add, p, b)

--# when another thread closes the last member a loop over ready is over
local a, b = udp_pair()
local p = socket.poll{ b }
local t = thread.spawn(function() kernel.sleep(30) b:close() end)
raises("poll set is empty", function() for _ in p:ready() do end end)
assert(t:join())

--# a wait with a time-out goes on when another thread closes all members
local a, b = udp_pair()
local p = socket.poll{ b }
local t = thread.spawn(function() kernel.sleep(60) b:close() end)
local start = kernel.time_ns()
eq(p:select(200), nil)
assert(kernel.time_ns() - start >= 199 * 1000000)
assert(t:join())

--# a socket is in the sets of two threads, and both are told
local a, b = udp_pair()
local go = thread.channel()
local t = thread.spawn(function()
	local p = socket.poll{ b }
	go:send(true)
	local index, _, events = p:select()
	return index, events
end)
local p = socket.poll{ b }
go:receive()
a:send("x")
eq((p:select()), 0)
local ok, index, events = t:join()
eq(index, 0)
eq(events, event.IN)

--# a set that goes with its thread lets go of what others have
local a, b = udp_pair()
for _ = 1, 20 do
	local t = thread.spawn(function() p = socket.poll{ a, b, socket.timer(1, 1), thread.channel() } return #p end)
	eq(select(2, t:join()), 4)
end
a:send("x")
eq((socket.poll{ b }:select()), 0)

--# a thread that is stopped in a wait leaves the sockets to others
local a, b = udp_pair()
local t = thread.spawn(function() socket.poll{ b }:select() end)
asleep(t)
t:stop()
a:send("x")
eq((socket.poll{ b }:select()), 0)

--# sockets come and go in a set while another thread closes them
local ch = thread.channel(50)
local closer = thread.spawn(function()
	local s = ch:receive()
	while s do
		s:close()
		s = ch:receive()
	end
end)
local p = socket.poll()
for i = 1, 2000 // SLOW do
	local s = udp()
	ch:send(s)
	local ok, e = pcall(p.add, p, s, i % 2 == 0 and "rw" or "rwe")
	assert(ok or e.name == "EBADF", tostring(e))
	p:select(0)
	pcall(p.modify, p, s, "w1")
	pcall(p.remove, p, s)
end
ch:close()
assert(closer:join())
eq(#p, 0)

--# of a one-shot listener that threads share every connection is accepted
local s, port = listener(20)
local done = thread.channel(100)
local function serve()
	local p = socket.poll()
	p:add(s, "r1")
	local n = 0
	while true do
		for _ in p:ready() do
			local ok, c = pcall(s.accept, s, "D")
			if ok then
				c:write("x")
				c:close()
			elseif c.name ~= "EAGAIN" then
				return
			end
			p:modify(s, "r1")
		end
	end
end
local threads = {}
for i = 1, 4 do threads[i] = thread.spawn(serve) end
for _ = 1, 60 do
	local c = tcp()
	c:connect(LO, port)
	eq(c:read(), "x")
	c:close()
end
for i = 1, 4 do threads[i]:stop() end

--# a timer that is handed over is the same timer
local t = socket.timer()
local ch = thread.channel(1)
ch:send(t)
local u = ch:receive()
assert(not rawequal(t, u))
assert(t == u)
assert(t ~= socket.timer())
u:set(0)
eq(t:read(0), 1)
ch:send{ t, u }
local both = ch:receive()
assert(both[1] == both[2] and both[1] == t)

--# a timer that another thread sets wakes who waits for it, and for its set
local a, b = socket.timer(), socket.timer()
local t = thread.spawn(function() kernel.sleep(20) a:set(1) kernel.sleep(20) b:set(0) end)
eq(a:read(), 1)
eq((socket.poll{ a, b }:select()), 1)
assert(t:join())

--# a timer that another thread closes ends the waits for it
local a = socket.timer()
local p = socket.poll{ a }
local t = thread.spawn(function() kernel.sleep(30) a:close() end)
local e = fails("EBADF", a.read, a)
eq(e.call, "timer read")
eq(#p, 0)
fails("EBADF", a.set, a, 1)
fails("EBADF", a.cancel, a)
fails("EBADF", p.add, p, a)
eq(tostring(a), "ltimer (closed)")
assert(t:join())
a:close()

--# every expiry is read by one thread
local tick, sum = socket.timer(1, 1), thread.channel(8)
local function count()
	local n = 0
	for _ = 1, 30 do n = n + tick:read() end
	sum:send(n)
end
local start = kernel.time_ns()
tick:set(1, 1)
local threads = {}
for i = 1, 3 do threads[i] = thread.spawn(count) end
local n = 0
for i = 1, 3 do n = n + sum:receive() assert(threads[i]:join()) end
assert(n >= 90 and n <= (kernel.time_ns() - start) // 1000000, n)

--# a timer lives as long as a thread has it
local ch = thread.channel(1)
local t = thread.spawn(function() local tick = ch:receive() return tick:read() end)
do
	local tick = socket.timer(50)
	ch:send(tick)
end
collectgarbage()
collectgarbage()
local ok, n = t:join()
eq(n, 1)

--# timers in channels that nobody receives go with the script
local ch = thread.channel(101)
for i = 1, 100 do ch:send(socket.timer(i % 5, 1)) end
ch:send{ ch }

--# a closed timer cannot be handed over
local t = socket.timer()
t:close()
raises("a closed ltimer", function() thread.channel():send(t) end)

--# threads set, cancel, read and close the same timers at once
local timers = {}
for i = 1, 8 do timers[i] = socket.timer(1, 1) end
local function play(seed)
	math.randomseed(seed)
	local p = socket.poll(timers)
	for i = 1, 1500 // SLOW do
		local t = timers[math.random(#timers)]
		local what = math.random(6)
		if what == 1 then t:set(math.random(0, 2), 1)
		elseif what == 2 then t:cancel()
		elseif what == 3 then t:read(0)
		elseif what == 4 then p:modify(t, ({ "r", "r1", "re" })[math.random(3)])
		else p:select(0) end
	end
	return #p
end
local threads = {}
for i = 1, 4 do threads[i] = thread.spawn(play, i) end
for i = 1, 4 do eq(select(2, threads[i]:join()), 8) end

--# timers are closed by one thread while others use them
for _ = 1, 30 // math.min(SLOW, 6) do
	local timer = socket.timer(0, 1)
	local function use()
		local p = socket.poll()
		return pcall(function()
			p:add(timer)
			while true do p:select(1) timer:read(0) timer:set(0, 1) end
		end)
	end
	local a, b = thread.spawn(use), thread.spawn(use)
	kernel.sleep(2)
	timer:close()
	for _, t in ipairs{ a, b } do
		local ok, went, e = t:join()
		eq(went, false)
		eq(e.name, "EBADF")
	end
end

--# threads that wait for timers and sets end at a stop
--! stop
local timer = socket.timer(100000, 100000)
local function wait(how) if how == 1 then timer:read() else socket.poll{ timer }:select() end end
for i = 1, 4 do thread.spawn(wait, i % 2) end
print "ready"
thread.channel():receive()
