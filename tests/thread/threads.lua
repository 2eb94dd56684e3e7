-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Threads: how they run and how they end.

--# a thread gets its arguments, and join its results
local t = thread.spawn(function(...) return select("#", ...), ... end, 1, nil, "x\0y", { 5 }, nil)
local ok, n, a, b, c, d, e = t:join()
eq(ok, true) eq(n, 5) eq(a, 1) eq(b, nil) eq(c, "x\0y") eq(d[1], 5) eq(e, nil)

--# a thread that returns nothing is joined by true alone
local t = thread.spawn(function() end)
eq(select("#", t:join()), 1)

--# a thread has globals and libraries of its own
x = 1
local t = thread.spawn(function()
	local had = x
	x = 2
	return had, type(string.format), type(socket.new), type(thread.spawn), type(data.new), type(kernel)
end)
local ok, had, s, so, th, d, k = t:join()
eq(had, nil) eq(s, "function") eq(so, "function") eq(th, "function") eq(d, "function") eq(k, "table")
eq(x, 1)

--# a thread has copies of the upvalues, which are its own
local n, list = 1, { 1, 2, 3 }
local t = thread.spawn(function()
	n = n + 1
	list[#list + 1] = n
	return n, #list
end)
local ok, m, len = t:join()
eq(m, 2) eq(len, 4) eq(n, 1) eq(#list, 3)

--# ids are numbers, one for each thread
local a, b = thread.spawn(print), thread.spawn(print)
assert(math.type(a.id) == "integer" and a.id ~= b.id)
eq(a.nothing, nil)
a:join() b:join()

--# a thread tells what it does and how it ended
local ch = thread.channel()
local t = thread.spawn(function() ch:receive() end)
await(t, "waiting")
eq(tostring(t), ("lthread (%d, waiting)"):format(t.id))
ch:send(1)
t:join()
eq(t:status(), "done")
local f = thread.spawn(error, "x")
await(f, "failed")
raises("x", f.join, f)
local s = thread.spawn(function() while true do end end)
s:stop()
eq(s:status(), "stopped")

--# join waits as long as it is told
local ch = thread.channel()
local t = thread.spawn(function() return ch:receive() end)
eq(t:join(0), false)
eq(t:join(30), false)
ch:send("v")
local ok, v = t:join(10000)
eq(ok, true) eq(v, "v")

--# a thread is joined once
local t = thread.spawn(function() end)
t:join()
raises("thread " .. t.id .. " was joined before", t.join, t)

--# an error is raised in join, with the thread's number and traceback
local t = thread.spawn(function()
	local function inner() error("boom") end
	inner()
end)
local e = raises("boom", t.join, t)
assert(e:find("^thread " .. t.id .. ": script:%d+: boom\nstack traceback:\n"), e)
assert(e:find("in upvalue 'inner'", 1, true) or e:find("in local 'inner'", 1, true), e)

--# an error object is raised in join as one
local t = thread.spawn(function()
	local s = socket.new("inet", "tcp")
	s:connect("127.0.0.1", 1)
end)
local e = raises("ECONNREFUSED", t.join, t)
eq(e.name, "ECONNREFUSED") eq(e.call, "connect") eq(e.thread, t.id)
assert(e.traceback:find("stack traceback", 1, true))

--# an error that is a table is raised in join as a copy
local t = thread.spawn(function() error { code = 7, list = { 1 } } end)
local ok, e = pcall(t.join, t)
eq(ok, false) eq(e.code, 7) eq(e.list[1], 1)

--# an error that cannot be copied is told of
local t = thread.spawn(function() error { coroutine.create(print) } end)
local e = raises("cannot copy the error: field '[1]' (a coroutine)", t.join, t)
assert(e:find("^thread " .. t.id), e)

--# results that cannot be copied are an error
local t = thread.spawn(function() return 1, { x = coroutine.create(print) } end)
raises("cannot copy result 2: field 'x' (a coroutine)", t.join, t)

--# what cannot be copied is named by spawn
local co = coroutine.create(print)
local ok, e = pcall(thread.spawn, function() return co end)
eq(e, "cannot copy argument 1: upvalue 'co' (a coroutine)")
ok, e = pcall(thread.spawn, {}, function() end, 1, { a = { b = co } })
eq(e, "cannot copy argument 4: field 'a.b' (a coroutine)")

--# spawn wants a function or a name
raises("function or name of a module expected, got no value", thread.spawn)
raises("function or name of a module expected, got no value", thread.spawn, {})
raises("cpu must be in 0..", thread.spawn, { cpu = -1 }, print)
raises("name must be a text", thread.spawn, { name = "" }, print)
raises("name must be a text", thread.spawn, { name = ("x"):rep(64) }, print)

--# a module that is not there, or no function, is an error of the thread
local t = thread.spawn("nonesuch")
raises("nonesuch", t.join, t)
t = thread.spawn("math")
raises("module 'math' is no function, but a table value", t.join, t)

--# a thread that is told its processor and its name runs
local t = thread.spawn({ cpu = 0, name = "worker" }, function() return "ran" end)
eq(select(2, t:join()), "ran")

--# a processor that there is not is refused
local e = raises("EINVAL", thread.spawn, { cpu = 100000 }, print)
eq(e.name, "EINVAL") eq(e.call, "spawn")

--# threads print where the script does
--! log said in the thread
thread.spawn(function() print("said in the thread") end):join()

--# a thread that failed shows so when its error has been told, and join raises that all the same
--! log told error
local t = thread.spawn(function() error("told error") end)
await(t, "failed")
local e = raises("told error", t.join, t)
assert(e:find("^thread " .. t.id), e)

--# an error object that nobody waits for is told with the thread's number and traceback
--! log /^thread \d+: script:@+6: connect 127.0.0.1:1: connection refused \(ECONNREFUSED\)/
--! log stack traceback:
--! log in upvalue 'dial'
local function dial()
	local s = socket.new("inet", "tcp")
	s:connect("127.0.0.1", 1)
end
local t = thread.spawn(function() dial() dial() end)
await(t, "failed")

--# an error that is a table and that nobody waits for is told
--! log /^thread \d+: \(error object is a table value\)/
local t = thread.spawn(function() error {} end)
await(t, "failed")

--# a lack of memory that nobody waits for is told
--! param memory=1500000
--! log not enough memory (limit: module parameter memory
local t = thread.spawn(function() local s = {} while true do s[#s + 1] = ("x"):rep(1000) .. #s end end)
await(t, "failed")

--# stop ends a thread in a loop, past pcall
local t = thread.spawn(function() while true do pcall(function() while true do end end) end end)
t:stop()
t:stop()
raises("thread " .. t.id .. " was stopped", t.join, t)

--# stop ends a thread in a wait
local ch = thread.channel()
for _, wait in ipairs {
	function() ch:receive() end,
	function() ch:send(1) ch:send(2) end,
	function() local s = socket.new("inet", "udp") s:bind("127.0.0.1", 0) s:read(1) end,
	function() local s = socket.new("inet", "tcp") s:bind("127.0.0.1", 0) s:listen(1) s:accept() end,
	function() socket.poll { thread.channel() }:select() end,
	function() kernel.sleep(1000000) end,
	function() thread.spawn(function() while true do end end):join() end,
} do
	local t = thread.spawn(wait)
	await(t, "waiting")
	t:stop()
	eq(t:status(), "stopped")
end

--# stop of a thread that has ended does nothing
local t = thread.spawn(function() return 5 end)
await(t, "done")
t:stop()
eq(select(2, t:join()), 5)

--# threads are stopped when the script ends
thread.spawn(function() while true do end end)
thread.spawn(function() thread.channel():receive() end)

--# a thread that is owned is stopped when nobody refers to it
local near, far = socket.pair("stream")
local t = thread.spawn({ owned = true }, function(sock) while sock do end end, far)
far, t = nil, nil
collectgarbage()
eq(near:read(), nil)

--# a thread that is owned is stopped with the thread that spawned it
local near, far = socket.pair("stream")
local up = thread.channel()
local owner = thread.spawn(function(sock, up)
	local t = thread.spawn({ owned = true }, function(sock) while sock do end end, sock)
	up:send(true)
	t:join()
end, far, up)
far = nil
collectgarbage()
up:receive()
owner:stop()
eq(near:read(), nil)

--# a thread that nobody refers to runs on
local ch = thread.channel()
thread.spawn(function() ch:send("still here") end)
collectgarbage() collectgarbage()
eq(ch:receive(), "still here")

--# threads of threads are stopped when the script ends
local ch = thread.channel(64)
local function tree(self, depth)
	if depth > 0 then
		for _ = 1, 2 do thread.spawn(self, self, depth - 1) end
	end
	ch:send(depth)
	if depth > 0 then thread.channel():receive() end
	while true do end
end
thread.spawn(tree, tree, 2)
for _ = 1, 7 do ch:receive() end

--# a finalizer that runs at the end cannot spawn threads
--! log ESHUTDOWN
local o = setmetatable({}, { __gc = function()
	print(select(2, pcall(thread.spawn, print)))
end })

--# many threads run at once
local n = SLOW > 1 and 30 or 100
local ch, go = thread.channel(n), thread.channel(n)
local ts = {}
for i = 1, n do
	ts[i] = thread.spawn(function()
		ch:send(i)
		return go:receive()
	end)
end
local sum = 0
for _ = 1, n do sum = sum + ch:receive() end
eq(sum, n * (n + 1) // 2)
for i = 1, n do go:send(i) end
sum = 0
for i = 1, n do sum = sum + select(2, ts[i]:join()) end
eq(sum, n * (n + 1) // 2)

--# hundreds of threads one after the other leave nothing
for i = 1, 1000 // SLOW + 100 do
	local t = thread.spawn(function(n) return n end, i)
	eq(select(2, t:join()), i)
end

--# how many threads there are is limited by the script's memory
--! param memory=2000000
local ts = {}
local e
pcall(function()
	for i = 1, 1000 do
		local ok, err = pcall(thread.spawn, function() thread.channel():receive() end)
		if not ok then e = err break end
		ts[i] = err
	end
end)
assert(#ts > 2 and #ts < 100, #ts)
assert(tostring(e):find("memory", 1, true), e)

--# what a thread holds counts as the script's
--! param memory=4000000
local ch, go = thread.channel(), thread.channel()
local t = thread.spawn(function()
	local d = data.new(2500000)
	ch:send(true)
	go:receive()
	return #d
end)
ch:receive()
local ok, e = pcall(data.new, 2500000)
eq(ok, false)
eq(e.name, "ENOMEM")
go:send(1)
t:join()
eq(#data.new(2500000), 2500000)

--# sockets of threads count as the script's
--! param sockets=3
local s = { socket.new("inet", "udp"), socket.new("inet", "udp") }
local t = thread.spawn(function()
	local a = socket.new("inet", "udp")
	local b = socket.new("inet", "udp")
end)
local e = raises("EMFILE", t.join, t)
eq(e.code, socket.errno.EMFILE)

--# instructions of threads count as the script's
--! param instructions=1000000
--! error ETIME instructions
local t = thread.spawn(function() while true do end end)
pcall(t.join, t)
while true do end

--# a thread that used up the instructions ends the script with the limit's error
--! param instructions=1000000
--! error ETIME instructions
thread.spawn(function() while true do end end):join()

--# a thread that runs out of memory is an error object in join
--! param memory=1500000
local t = thread.spawn(function()
	local s = {}
	while true do s[#s + 1] = ("x"):rep(1000) .. #s end
end)
local e = raises("ENOMEM", t.join, t)
eq(e.code, socket.errno.ENOMEM) eq(e.call, "join") eq(e.thread, t.id)
assert(tostring(e):find("module parameter memory", 1, true), e)

--# a thread that runs out of memory ends the script that joins it with the limit's error
--! param memory=1500000
--! error ENOMEM module parameter memory
thread.spawn(function()
	local s = {}
	while true do s[#s + 1] = ("x"):rep(1000) .. #s end
end):join()

--# a thread that reaches the limit of sockets ends the script that joins it with the limit's error
--! param sockets=3
--! error EMFILE
local s = { socket.new("inet", "udp"), socket.new("inet", "udp") }
thread.spawn(function() return socket.new("inet", "udp"), socket.new("inet", "udp") end):join()

--# an error that no message handler sees has the thread's number, too
local t = thread.spawn(function()
	setmetatable({}, { __gc = function() error("in gc", 0) end })
	collectgarbage()
end)
local e = raises("in gc", t.join, t)
assert(e:find("^thread " .. t.id .. ": error in __gc"), e)

--# a listener is shared by threads
local s = socket.new("inet", "tcp")
s:bind("127.0.0.1", 0)
s:listen(16)
local _, port = s:getsockname()
local ts = {}
for i = 1, 4 do
	ts[i] = thread.spawn(function()
		for _ = 1, 5 do
			local c = s:accept()
			c:write(c:read(1))
			c:close()
		end
	end)
end
for i = 1, 20 do
	local c = socket.new("inet", "tcp")
	c:connect("127.0.0.1", port)
	c:write("x")
	eq(c:read(1), "x")
end
for i = 1, 4 do ts[i]:join() end

--# a channel hands every value to one of its receivers, in order for each
local jobs, done = thread.channel(8), thread.channel(8)
local function worker()
	local last, n = 0, 0
	while true do
		local v = jobs:receive()
		if not v then break end
		assert(v > last)
		last, n = v, n + 1
	end
	done:send(n)
end
for _ = 1, 4 do thread.spawn(worker) end
for i = 1, 5000 // SLOW do jobs:send(i) end
jobs:close()
local sum = 0
for _ = 1, 4 do sum = sum + done:receive() end
eq(sum, 5000 // SLOW)

--# values go to and fro between threads thousands of times, and no wake-up is lost
local n = 10000 // SLOW + 1000
local a, b = thread.channel(), thread.channel()
local t = thread.spawn(function()
	for i = 1, n do b:send(a:receive() + 1) end
end)
for i = 1, n do
	a:send(i)
	eq(b:receive(), i + 1)
end
t:join()

--# a poll set is woken by a thread that sends, receives, closes
local a, b = thread.channel(), thread.channel()
b:send(0)
local poll = socket.poll { a }
poll:add(b, "w")
local t = thread.spawn(function()
	a:send(1)
	b:receive()
	a:close()
end)
local i, ch = poll:select(10000)
if i == 0 then eq(a:receive(), 1) poll:remove(a) i = poll:select(10000) end
eq(i, 1)
t:join()

--# who waits for a value is woken by close
local ch = thread.channel()
local ts = {}
for i = 1, 4 do ts[i] = thread.spawn(function() return ch:receive() end) end
for i = 1, 4 do await(ts[i], "waiting") end
ch:close()
for i = 1, 4 do
	local ok, v, why = ts[i]:join()
	eq(v, nil) eq(why, "closed")
end

--# a receiver that is stopped passes its wake-up on
for _ = 1, 50 // SLOW + 5 do
	local ch = thread.channel(2)
	local a = thread.spawn(function() ch:receive() end)
	local b = thread.spawn(function() ch:receive() end)
	local stopper = thread.spawn(function() ch:send(1) ch:send(2) end)
	a:stop()
	if a:status() == "stopped" then
		b:join()
	end
	stopper:join()
end

--# a string of bytes that another thread changes meanwhile is the string that it looks like
local d, stop = data.new(40), thread.channel()
d:layout { all = { 0, 40, "string" } }
local t = thread.spawn(function()
	repeat d:fill(65) d:fill(66) until #stop > 0
end)
for _ = 1, 20000 // SLOW do
	for _, s in ipairs { d:string(), tostring(d), d.all } do
		assert(s == s:sub(1, 20) .. s:sub(21))
	end
end
stop:send(1)
t:join()

--# a join ends at a stop
--! stop
local t = thread.spawn(function() while true do end end)
print "ready"
while true do pcall(t.join, t) end

--# a script with many threads ends at a stop
--! stop
local ch = thread.channel()
for _ = 1, 20 // SLOW + 3 do
	thread.spawn(function() while true do pcall(ch.receive, ch, 1) end end)
	thread.spawn(function() ch:receive() end)
	thread.spawn(function() while true do end end)
end
print "ready"
ch:receive()

--# spawning and stopping ends at a stop
--! stop
print "ready"
while true do
	local ok, t = pcall(thread.spawn, function() while true do end end)
	if ok then pcall(t.stop, t) end
end
