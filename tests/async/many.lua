-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- async: many tasks.

--# ten thousand tasks sleep, and all wake up
local done = 0
run(function()
	for i = 1, 10000 do
		spawn(function()
			sleep(1 + i % 50)
			done = done + 1
		end)
	end
end)
eq(done, 10000)

--# ten thousand tasks wait for connections, and each gets its own
--! load sockets=30000
--! timeout 200
run(function()
	local near, done = {}, 0
	for i = 1, 10000 do
		local a, b = socket.pair()
		near[i] = a
		spawn(function()
			b:write(b:read(10):upper())
			done = done + 1
		end)
	end
	sleep(0)
	for i = 1, 10000 do near[i]:write("x" .. i) end
	for i = 1, 10000 do eq(near[i]:read(10), "X" .. i) end
	eq(done, 10000)
end)

--# an event costs the same among many that wait
--! load sockets=30000
--! timeout 200
local function cost(idle)
	local took
	run(function()
		local keep, tasks = {}, {}
		for i = 1, idle do
			local a, b = socket.pair()
			keep[i] = b
			tasks[i] = spawn(function() a:read(1) end)
		end
		local a, b = tcp_pair()
		tasks[#tasks + 1] = spawn(function() while true do b:send(b:read(1)) end end)
		sleep(0)
		collectgarbage()
		collectgarbage("stop")
		local begun = kernel.time_ns()
		for _ = 1, 500 do
			a:send("x")
			a:read(1)
		end
		took = (kernel.time_ns() - begun) // 500
		collectgarbage("restart")
		for _, task in ipairs(tasks) do task:cancel() end
	end)
	return took
end
cost(10)
local few, many
for _ = 1, 5 do
	few, many = cost(10), cost(3000)
	if many < few * 3 // 2 then break end
end
print(("a round trip among 10: %d ns, among 3000: %d ns"):format(few, many))
assert(many < few * 3 // 2)

--# what waits and is woken again and again makes next to no garbage
run(function()
	local a, b = tcp_pair()
	local echo = spawn(function() while true do b:send(b:read(1)) end end)
	local function round()
		a:send("x")
		a:read(1, nil, 10000)
	end
	for _ = 1, 100 do round() end
	collectgarbage()
	collectgarbage("stop")
	local before = collectgarbage("count")
	for _ = 1, 1000 do round() end
	local grown = collectgarbage("count") - before
	collectgarbage("restart")
	echo:cancel()
	assert(grown < 20, grown)
end)

--# tasks that are cancelled by the thousand leave nothing
run(function()
	local function round()
		local tasks = {}
		for i = 1, 500 do tasks[i] = spawn(function() local a = socket.pair() a:read(1, nil, 60000) end) end
		sleep(0)
		for i = 1, 500 do tasks[i]:cancel() end
		for i = 1, 500 do failed("ECANCELED", tasks[i]:await()) end
	end
	local function size()
		collectgarbage()
		collectgarbage()
		return collectgarbage("count")
	end
	for _ = 1, 5 do round() end	-- until its tables are as large as they must be
	local before = size()
	for _ = 1, 10 do round() end
	local grown = size() - before
	assert(grown < 10, grown)
end)
