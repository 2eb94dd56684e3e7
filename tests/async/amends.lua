-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- async: tasks that get in each other's way, and scripts that do what nobody should.

-- What a function raises, as text.
local function message(f, ...) return tostring(select(2, pcall(f, ...))) end

-- The same socket by another handle.
local function again(s)
	local c = thread.channel(1)
	c:send(s)
	return (c:receive())
end

--# async.wait is no way between the parts of another task's call: not of one that was woken
run(function()
	local a, b = tcp_pair()
	local c, d = tcp_pair()
	local reader = spawn(a.read, a, "l")
	sleep(1)
	local waiter = spawn(function()
		c:read(1)
		failed("EBUSY", async.wait(a, "r", 100))
		failed("EBUSY", async.wait(a, "rw", 100))
		return true
	end)
	sleep(1)
	-- Both are on one list, the reader behind.
	d:write("x")
	b:write("x")
	eq(waiter:await(), true)
	b:write("yz\n")
	eq(reader:await(1000), "xyz")
end)

--# nor of one that lets time pass
run(function()
	local a, b = tcp_pair()
	a:setsockopt("socket", "rcvlowat", 4)
	local reader = spawn(a.read, a, 10, "W")
	b:write("abcde")
	for _ = 1, 4 do
		sleep(1)
		failed("EBUSY", async.wait(a, "r", 5))
	end
	b:write("fghij")
	eq(reader:await(1000), "abcdefghij")
end)

--# a task that let others have their turn does not write into what one of them has begun
run(function()
	-- One of these numbers of calls leaves none for the last one.
	for calls = 60, 66 do
		local a, b = socket.pair()
		local other = socket.pair()
		a:setsockopt("socket", "sndbuf", 4608)
		sleep(0)
		local second = spawn(pcall, a.send, a, ("y"):rep(20000))
		local reader = spawn(function()
			sleep(1)
			return b:read("a")
		end)
		for _ = 1, calls do other:send("x", "D") end
		local sent = pcall(a.send, a, ("x"):rep(20000))
		eq(second:await(1000), not sent)
		a:close()
		eq(reader:await(1000), (sent and "x" or "y"):rep(20000))
	end
end)

--# a task whose coroutine a script replaces fails, alone
--! log the coroutine of a task was replaced
run(function()
	local a, b = tcp_pair()
	local reader = spawn(a.read, a, 1)
	local tasks, others = {}, { 7, false, coroutine.create(print), coroutine.running() }
	for i, other in ipairs(others) do
		tasks[i] = spawn(sleep, 5)
		sleep(1)
		tasks[i].co = other or nil
	end
	local mine = spawn(function()
		async.current().co = nil
		sleep(1)
		return "went on"
	end)
	sleep(20)
	for i = 1, 4 do eq(tasks[i]:status(), "failed") end
	raises("was replaced", mine.await, mine)
	b:write("x")
	eq(reader:await(), "x")
end)

--# two tasks whose coroutines are exchanged fail, and what is no task at all is not resumed
run(function()
	local t, u = spawn(sleep, 3), spawn(sleep, 3)
	sleep(1)
	t.co, u.co = u.co, t.co
	local fake = setmetatable({ co = coroutine.create(error), waiting = true, slot = false }, getmetatable(t))
	eq(async.cancel(fake), true)
	raises("was replaced", t.await, t)
	raises("was replaced", u.await, u)
	eq(spawn(function() sleep(1) return 1 end):await(), 1)
end)

--# a resume that a script kept from before can end a task's coroutine, and nothing else
--! bare
local resume = coroutine.resume
local async = require "async"
async.run(function()
	local a, b = socket.pair()
	for _, wait in ipairs{ function() a:read(1) end, function() async.sleep(5) end, function() async.wait(a) end } do
		local own
		local task = async.spawn(function()
			own = coroutine.running()
			pcall(wait)
		end)
		async.sleep(1)
		for _ = 1, 5 do resume(own) end
		b:write("x")
		local ok, why = pcall(task.await, task, 1000)
		assert(not ok and tostring(why):find("dead coroutine"), tostring(why))
		assert(a:read(1) == "x")
	end
	local task = async.spawn(function() async.sleep(1) return "fine" end)
	assert(task:await() == "fine")
end)

--# a wait that is taken back takes back no other: who waits behind it goes on
run(function()
	local c = thread.channel(1)
	local got = {}
	local first = spawn(function()
		got[1] = c:receive()
		local co = coroutine.wrap(function() return c:receive() end)
		raises("across a C-call boundary", table.sort, { 1, 2 }, function() co() end)
		sleep(5)
		return "went on"
	end)
	sleep(0)
	for i = 2, 4 do spawn(function() got[i] = c:receive() end) end
	sleep(1)
	for i = 1, 4 do
		c:send(i)
		sleep(1)
	end
	eq(first:await(1000), "went on")
	eq(#got, 4)
end)

--# what could not wait holds nothing: a socket, a stream, a place in a queue
run(function()
	local a, b = tcp_pair()
	local stream, far = async.pair()
	fill(a)
	local queue = async.queue()
	local release = queue:hold()
	local errors = {}
	for _, wait in ipairs{ function() a:read(1) end, function() a:write("x") end, function() async.wait(a) end,
		function() stream:read(1) end, function() stream:writev{ ("x"):rep(3000000) } end,
		function() queue:readpdu(far, function() end) end, function() sleep(5) end } do
		local co = coroutine.create(function()
			errors[#errors + 1] = message(wait)
			return "goes on"
		end)
		pcall(table.sort, { 1, 2 }, function()
			if coroutine.status(co) == "dead" then return end
			local _, res = coroutine.resume(co)
			eq(res, "goes on")
		end)
		eq(coroutine.status(co), "dead")
	end
	for i = 1, 7 do assert(errors[i]:find("across a C-call boundary", 1, true), errors[i]) end
	eq(#errors, 7)
	release()
	eq(#queue, 0)
	b:write("y")
	far:writev{ "z" }
	eq(spawn(function() return a:read(1) .. stream:read(1) end):await(1000), "yz")
	failed("EPIPE", spawn(function() return stream:writev{ "z" } end):await(1000))
end)

--# a coroutine that cannot let others have their turn goes on without
run(function()
	local a, b = tcp_pair()
	b:write(("x"):rep(300))
	local got, other = 0, 0
	local task = spawn(function() while got < 300 do sleep(0) other = other + 1 end end)
	local co = coroutine.wrap(function()
		sleep(0)
		for _ = 1, 300 do got = got + #a:read(1) end
		async.sleep(0)
		return true
	end)
	table.sort({ 1, 2 }, function() co = co and co() and nil end)
	eq(got, 300)
	eq(other, 0)
	task:await()
	sleep(1)
end)

--# how many bytes there are can be asked while another task waits for more, and by a cancelled task
run(function()
	local a, b = async.pair()
	local u = async.udp{ local_ = async.addr("ip", LO, 0) }
	local reader = spawn(a.read, a, 4)
	local receiver = spawn(u.recvfrom, u)
	sleep(1)
	eq(a:pending(), 0)
	eq(u:pending(), 0)
	b:writev{ "abc" }
	local last = spawn(function()
		async.current():cancel()
		return a:pending(), u:pending()
	end)
	eq(select("#", last:await()), 2)
	eq(a:pending(), 0)
	b:writev{ "defg" }
	eq(reader:await(), "abcd")
	eq(a:pending(), 3)
	async.udp():sendto("xy", u:address())
	eq(receiver:await(), "xy")
	a:close()
	failed("ECANCELED", a:pending())
end)
eq(async.pair():pending(), 0)

--# a socket that came back by another handle can be waited for: by methods, streams and async.wait
run(function()
	local a, b = tcp_pair()
	local handles = {}
	for i = 1, 30 do
		a = again(a)
		handles[i % 2 + 1] = a
		spawn(function() b:write("x") end)
		if i % 3 == 0 then eq(async.wait(a, "r"), "r") end
		eq(i % 3 == 1 and async.wrap(a):read(1) or a:read(1), "x")
	end
end)

--# two handles that wait in turn both get what comes, at once; while one waits the other one looks again and again
run(function()
	local a, b = tcp_pair()
	local c = again(a)
	local function rounds(x, y)
		local begun = now()
		for _ = 1, 60 do
			spawn(function() b:write("x") end)
			eq(x:read(1), "x")
			spawn(function() b:write("y") end)
			eq(y:read(1), "y")
		end
		return now() - begun
	end
	-- To look every ten milliseconds would be 600.
	local one = rounds(a, a)
	assert(rounds(a, c) < 300 + 4 * one)
	local first, second = spawn(a.read, a, 1), spawn(c.read, c, 1)
	sleep(1)
	b:write("zz")
	eq(first:await(1000) .. second:await(1000), "zz")
end)

--# what comes while nobody waits is there for who waits next: the set has slept meanwhile
run(function()
	local a, b = tcp_pair()
	local c = thread.channel(5)
	local stream, far = async.pair()
	local reader = spawn(function() return a:read(1), c:receive(), stream:read(1) end)
	sleep(1)
	b:write("x")
	sleep(1)
	c:send(1)
	sleep(1)
	far:writev{ "x" }
	reader:await()
	for i = 1, 3 do
		for _ = 1, 3 do
			b:write("y")
			c:send(2)
			far:writev{ "z" }
			sleep(1)
		end
		sleep(2)
		if i > 1 then eq(async.wait(a, "r", 1000), "r") end
		for _ = 1, 3 do eq(a:read(1) .. c:receive() .. stream:read(1), "y2z") end
		reader = spawn(a.read, a, 1)
		failed("ETIMEDOUT", reader:await(1))
		b:write("x")
		eq(reader:await(1000), "x")
	end
	local last = spawn(function() return pcall(a.read, a, 1) end)
	sleep(1)
	a:close()
	eq(last:await(), false)
end)

--# another thread that closes a socket that sleeps in the set closes it for tasks, too
run(function()
	local a, b = tcp_pair()
	local reader = spawn(a.read, a, 1)
	sleep(1)
	b:write("xy")
	eq(reader:await(), "x")
	sleep(1)
	b:write("z")
	sleep(1)
	thread.spawn(function(s) s:close() end, a):join()
	eq(pcall(a.read, a, 5), false)
	eq(pcall(async.wait, a, "r", 1000), false)
end)

--# ends, and the end of a peer, reach who waits for a socket that slept in the set
run(function()
	for _, side in ipairs{ "r", "w" } do
		local a, b = tcp_pair()
		local reader = spawn(a.read, a, 1)
		sleep(1)
		b:write("xy")
		reader:await()
		b:write("z")
		sleep(1)
		b:setsockopt("socket", "linger", 0)
		b:close()
		sleep(1)
		eq(async.wait(a, side, 1000), side)
	end
end)
