-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- async: tasks.

--# run gives what its function returns, and passes arguments on
local a, b, n = run(function(...) return select("#", ...), select(2, ...) end, 1, nil, 3)
eq(a, 3)
eq(b, nil)
eq(n, 3)

--# run returns when all tasks have ended
local ended = 0
run(function()
	for i = 1, 5 do
		spawn(function()
			sleep(i)
			ended = ended + 1
		end)
	end
end)
eq(ended, 5)

--# run is not to be called inside of a task, and can be called again after it has ended
run(function() raises("async.run runs already", run, function() end) end)
eq(run(function() return 7 end), 7)

--# outside of a task nothing of it can wait
for _, f in ipairs{ function() spawn(print) end, function() sleep(1) end, function() async.wait(socket.pair()) end,
	function() async.await({}) end, function() async.pair():read(1) end } do
	raises("not in a task of async.run", f)
end

--# a task begins when the one that made it waits, in the order in which they were made
local order = {}
run(function()
	for i = 1, 3 do spawn(function(name) order[#order + 1] = name end, i) end
	eq(#order, 0)
	sleep(0)
	eq(table.concat(order, " "), "1 2 3")
end)

--# tasks that sleep wake up in the order of their times
local order = {}
run(function()
	for _, ms in ipairs{ 60, 20, 100, 40, 80 } do
		spawn(function()
			eq(sleep(ms), true)
			order[#order + 1] = ms
		end)
	end
end)
eq(table.concat(order, " "), "20 40 60 80 100")

--# a sleep is not shorter than was asked for
run(function()
	for ms = 1, 20 do
		local begun = kernel.time_ns()
		sleep(ms)
		assert(kernel.time_ns() - begun >= ms * 1000000, ms)
	end
end)

--# await gives what a task returns, before and after it has ended, to all that wait
run(function()
	local task = spawn(function() sleep(5) return 1, nil, 3 end)
	local got = 0
	for _ = 1, 3 do
		spawn(function()
			local a, b, c = async.await(task)
			assert(a == 1 and b == nil and c == 3)
			got = got + 1
		end)
	end
	eq(select("#", task:await()), 3)
	sleep(0)
	eq(got, 3)
	eq(select(3, async.await(task)), 3)
	eq(task:status(), "done")
end)

--# await gives up when its time is over, and the task goes on
run(function()
	local task = spawn(function() sleep(50) return "late" end)
	failed("ETIMEDOUT", async.await(task, 1))
	failed("ETIMEDOUT", task:await(0))
	eq(task:status(), "waiting")
	eq(task:await(), "late")
end)

--# a task cannot wait for itself
run(function() failed("EDEADLK", async.await(async.current())) end)

--# tasks that all wait for each other end run with an error
raises("all tasks wait for each other", run, function()
	local a, b
	a = spawn(function() async.await(b) end)
	b = spawn(function() async.await(a) end)
end)

--# await raises what the task raised
run(function()
	local task = spawn(function() sleep(1) error({ "an error" }) end)
	local ok, e = pcall(async.await, task)
	eq(ok, false)
	eq(e[1], "an error")
	eq(task:status(), "failed")
	local again = select(2, pcall(task.await, task))
	eq(again, e)
end)

--# an error that nobody waits for is reported with its traceback, and the others go on
--! log /async: task \(failed\): script:@+4: the reason/
--! log in upvalue 'deep'
run(function()
	local function deep() error("the reason") end
	local function outer() deep() end
	spawn(outer)
	sleep(5)
	print("went on")
end)

--# an error that somebody waits for is not reported
--! no-log async: task
run(function()
	local task = spawn(function() sleep(1) error("the reason") end)
	raises("the reason", async.await, task)
end)

--# an error that was reported is not reported again by who waits for it later
run(function()
	local printed = 0
	local task = spawn(function() error("the reason") end)
	sleep(1)
	local second = spawn(function() async.await(task) end)
	raises("the reason", async.await, second)
	eq(tostring(task), "task (failed)")
	eq(printed, 0)
end)

--# an error that goes through a task that waited is reported, once, with where it came from
--! log in upvalue 'deep'
run(function()
	local function deep() error("the reason") end
	local first = spawn(function() sleep(1) deep() end)
	spawn(function() async.await(first) end)
end)

--# an error of the first task ends the others and is raised with its traceback
local ended
local ok, e = pcall(run, function()
	spawn(function()
		local ok, name = sleep(60000)
		ended = name
	end)
	sleep(1)
	local function deep() error("the reason") end
	deep()
end)
eq(ok, false)
eq(ended, "ECANCELED")
assert(e:find("the reason", 1, true) and e:find("in local 'deep'", 1, true), e)

--# an error object of the first task is raised as it is, with a traceback
local e = fails("EDESTADDRREQ", run, function() socket.new("i", "u"):send("x") end)
eq(e.call, "send")
assert(e.traceback:find("stack traceback", 1, true))

--# an uncaught error of the first task ends the script, and tells where it was
--! error ECANCELED the reason
--! log in local 'deep'
run(function()
	local function deep() error("the reason") end
	deep()
end)

--# an uncaught error object of the first task tells where it was, too
--! error ECANCELED EDESTADDRREQ
--! log in local 'deep'
run(function()
	local function deep() socket.new("i", "u"):send("x") end
	deep()
end)

--# cancel ends a wait of any kind with ECANCELED
run(function()
	local a, b = socket.pair()
	fill(a)
	local s = async.wrap(a)
	local channel, timer, sleeper = thread.channel(), socket.timer(), spawn(sleep, 60000)
	for name, wait in pairs{
		sleep = function() return sleep(60000) end,
		wait = function() return async.wait(a) end,
		both = function() return async.wait(a, "rw") end,
		await = function() return async.await(sleeper) end,
		stream = function() return s:read(1) end,
		read = function() return nil, fails("ECANCELED", a.read, a).name, 125 end,
		kernel = function() return nil, fails("ECANCELED", kernel.sleep, 60000).name, 125 end,
		channel = function() return nil, fails("ECANCELED", channel.receive, channel).name, 125 end,
		timer = function() return nil, fails("ECANCELED", timer.read, timer).name, 125 end,
	} do
		local task = spawn(function() failed("ECANCELED", wait()) return name end)
		sleep(0)
		eq(task:status(), "waiting")
		eq(async.cancel(task), true)
		eq(task:await(), name)
		eq(async.cancel(task), false)
	end
	async.cancel(sleeper)
	b:close()
end)

--# a cancelled task that lets the error through is cancelled and not failed
--! no-log async: task
run(function()
	local task = spawn(function() socket.pair():read() end)
	sleep(0)
	task:cancel()
	failed("ECANCELED", task:await())
	eq(task:status(), "cancelled")
	failed("ECANCELED", task:recv())
end)

--# a task that was cancelled before it began never runs
run(function()
	local ran
	local task = spawn(function() ran = true end)
	task:cancel()
	failed("ECANCELED", task:await())
	eq(ran, nil)
end)

--# everything that a cancelled task waits for after that fails, and one that does not end is ended
run(function()
	local tries, yields = 0, 0
	local stubborn = spawn(function()
		while true do
			pcall(sleep, 1)
			tries = tries + 1
		end
	end)
	local yielding = spawn(function()
		while true do
			coroutine.yield()
			yields = yields + 1
		end
	end)
	local a = socket.pair()
	local polite = spawn(function()
		sleep(60000)
		failed("ECANCELED", sleep(0))
		a:write("x")	-- this need not wait
		fails("ECANCELED", a.read, a)
		return "ended"
	end)
	sleep(0)
	stubborn:cancel()
	yielding:cancel()
	polite:cancel()
	failed("ECANCELED", stubborn:await())
	failed("ECANCELED", yielding:await())
	eq(polite:await(), "ended")
	assert(tries < 100 and yields < 1000)
end)

--# a coroutine that a task makes can wait, and so can an iterator
run(function()
	local a, b = socket.pair()
	local other = spawn(function()
		for i = 1, 3 do
			sleep(2)
			b:write("line " .. i .. "\n")
		end
		b:close()
	end)
	local got = {}
	for line in coroutine.wrap(function() for line in a:lines() do coroutine.yield(line) end end) do
		got[#got + 1] = line
	end
	eq(table.concat(got, ","), "line 1,line 2,line 3")
	local co = coroutine.create(function(x) sleep(1) local y = coroutine.yield(x) sleep(1) error(y) end)
	eq(select(2, coroutine.resume(co, "x")), "x")
	local ok, e = coroutine.resume(co, { "y" })
	eq(ok, false)
	eq(e[1], "y")
	other:await()
end)

--# a wait inside of a call of C cannot be, and says so
run(function()
	raises("attempt to wait across a C-call boundary", table.sort, { 1, 2 }, function() sleep(1) end)
	sleep(1)
end)

--# a task that calls nothing that waits lets others run between its calls
run(function()
	local a, b = tcp_pair()
	local done, count = false, 0
	spawn(function()
		while not done do
			a:send("x")
			pcall(b.read, b, nil, "D")
			count = count + 1
		end
	end)
	sleep(0)
	sleep(20)
	done = true
	assert(count > 10, count)
end)

--# a busy peer does not keep others waiting
run(function()
	local done, turns = false, 0
	local a, b = tcp_pair()
	spawn(function() while not done do a:send(("x"):rep(1000)) end end)
	spawn(function() while not done do b:read(10) end end)
	local c, d = tcp_pair()
	spawn(function() for byte in d:lines(1) do d:write(byte) end end)
	for _ = 1, 50 do
		c:write("y")
		eq(c:read(1), "y")
		turns = turns + 1
	end
	done = true
	a:close()
	c:close()
	b:close()
	eq(turns, 50)
end)

--# coroutine.yield in a task lets others run
run(function()
	local log = {}
	for name = 1, 2 do
		spawn(function()
			for _ = 1, 2 do
				log[#log + 1] = name
				coroutine.yield()
			end
		end)
	end
	sleep(5)
	eq(table.concat(log), "1212")
end)

--# a script that is stopped inside of async.run ends
--! stop
run(function()
	for _ = 1, 10 do spawn(function() while true do pcall(sleep, 1000) end end) end
	print("ready")
	socket.pair():read()
end)

--# a script that is stopped while its tasks are busy ends
--! stop
run(function()
	local a, b = tcp_pair()
	spawn(function() while true do pcall(a.write, a, ("x"):rep(10000)) end end)
	spawn(function() while true do pcall(b.read, b) end end)
	print("ready")
end)

--# an error whose text cannot be made ends its task alone
--! log cannot become text
run(function()
	spawn(function() error(setmetatable({}, { __tostring = function() error("no") end })) end)
	sleep(5)
	local a, b = socket.pair()
	b:write("x")
	eq(a:read(1), "x")
end)

--# an error is not reported if the task is asked for it later, and is if nobody can ask any more
--! log /async: task \(failed\): script:@+8: the second/
--! no-log the first
run(function()
	local task = spawn(function() error("the first") end)
	sleep(1)
	collectgarbage()
	raises("the first", async.await, task)
	spawn(function() error("the second") end)
	sleep(1)
	collectgarbage()
	print("collected")
end)

--# an error of a request with a callback that does not ask for it is reported
--! log the reason
run(function()
	local called
	local task = spawn(function() error("the reason") end)
	task:set_callback(function() called = true end)
	sleep(1)
	eq(called, true)
end)

--# an error that has the same text as one that was caught is reported
--! log /async: task \(failed\): x/
run(function()
	local first = spawn(function() error("x", 0) end)
	spawn(function()
		pcall(async.await, first)
		sleep(1)
		error("x", 0)
	end)
end)

--# no other task can resume a coroutine in which a task waits, or a task's own
run(function()
	local a, b = socket.pair()
	local co, own
	local task = spawn(function()
		own = coroutine.running()
		co = coroutine.create(function() return a:read(1) end)
		return select(2, coroutine.resume(co))
	end)
	sleep(1)
	for _, thread in ipairs{ co, own } do
		local ok, why = coroutine.resume(thread, "stray")
		eq(ok, false)
		eq(why, "cannot resume non-suspended coroutine")
	end
	b:write("x")
	eq(task:await(), "x")
	eq(coroutine.status(co), "dead")
end)

--# a wait in a coroutine that cannot be passed on raises, and the task goes on
run(function()
	local a, b = socket.pair()
	local co = coroutine.wrap(function() return a:read(1) end)
	raises("across a C-call boundary", table.sort, { 1, 2 }, function() co() end)
	sleep(1)
	b:write("x")
	eq(a:read(1), "x")
end)

--# errors and arguments of coroutine.wrap are as outside
local function message() return select(2, pcall(coroutine.wrap(function() error("x") end))) end
local outside = { message(), select(2, pcall(coroutine.wrap)) }
run(function()
	local inside = { message(), select(2, pcall(coroutine.wrap)) }
	eq(inside[1], outside[1])
	eq(inside[2], outside[2])
end)

--# a finalizer that calls a socket in a task cannot wait, and harms nobody
run(function()
	local a, b = socket.pair()
	local why
	setmetatable({}, { __gc = function() why = select(2, pcall(a.read, a, 1)) end })
	collectgarbage()
	assert(tostring(why):find("C-call boundary", 1, true), why)
	b:write("x")
	eq(a:read(1), "x")
end)

--# a task without memory fails alone
--! param memory=2000000
--! log not enough memory
run(function()
	local a, b = socket.pair()
	spawn(function() local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end)
	sleep(5)
	b:write("x")
	eq(a:read(1), "x")
end)
