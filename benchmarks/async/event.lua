-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What an event costs a task among IDLE others, each of which waits for a connection of its own, with a
-- time-out. Prints "cost NAME NS" lines; IDLE is put before.
local ROUNDS, TURNS = 7, 200
local async = require "async"

-- The least of some rounds, per turn.
local function least(turn)
	local best = math.maxinteger
	for _ = 1, ROUNDS do
		local begun = kernel.time_ns()
		for _ = 1, TURNS do turn() end
		best = math.min(best, (kernel.time_ns() - begun) // TURNS)
	end
	return best
end

local function say(name, number) print(("cost %s %d"):format(name, number)) end

local keep, tasks = {}, {}
for i = 1, IDLE do keep[i] = { socket.pair() } end

local function memory()
	collectgarbage()
	collectgarbage()
	return collectgarbage("count") * 1024
end

async.run(function()
	local before = memory()
	local a, b = socket.pair()
	for i = 1, IDLE do
		local sock = keep[i][1]
		tasks[i] = async.spawn(function() pcall(sock.read, sock, 1, nil, 600000) end)
	end
	async.sleep(0)
	async.sleep(1)
	say("held", IDLE > 0 and (memory() - before) // IDLE or 0)
	local echo = async.spawn(function()
		for byte in b:lines(1, nil, 60000) do b:send(byte) end
	end)
	collectgarbage("stop")
	-- Two events: one for each side.
	say("event", least(function()
		a:send("x")
		a:read(1, nil, 60000)
	end) // 2)
	say("timer", least(function() async.sleep(0) end))
	collectgarbage("restart")
	a:close()
	for i = 1, IDLE do tasks[i]:cancel() end
	echo:cancel()
end)
