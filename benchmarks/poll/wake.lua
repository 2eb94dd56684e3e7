-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What a poll set of N sockets costs, most of them idle. Prints "cost NAME NS" lines; N is put before.
local ROUNDS, BUSY = 9, 50

local function socket_with_port()
	local s = socket.new("inet", "udp")
	s:bind("127.0.0.1", 0)
	return s, select(2, s:getsockname())
end

-- The least of some rounds, per turn.
local function least(turns, f)
	local best = math.maxinteger
	for _ = 1, ROUNDS do
		local start = kernel.time_ns()
		f(turns)
		best = math.min(best, (kernel.time_ns() - start) // turns)
	end
	return best
end

local function say(name, ns) print(("cost %s %d"):format(name, ns)) end

-- Lets the other side look at what is held.
local function pause(name)
	collectgarbage()
	collectgarbage()
	print("held " .. name)
	kernel.sleep(300)
end

local keep, out = {}, socket.new("inet", "udp")
for i = 1, N do keep[i] = socket.new("inet", "udp") end
local busy, ports = {}, {}
for i = 1, BUSY do busy[i], ports[i] = socket_with_port() end
out:connect("127.0.0.1", ports[1])
local buffer = data.new(64)
local set = socket.poll()
pause "sockets"
for i = 1, N do set:add(keep[i]) end
pause "members"
for i = 1, BUSY do set:add(busy[i]) end

-- Both with the message and without: what is told is the difference.
local function alone(turns) for _ = 1, turns do out:send("x") busy[1]:recv(buffer) end end
local function told(turns) for _ = 1, turns do out:send("x") set:select() busy[1]:recv(buffer) end end
told(10)
alone(10)
say("message", least(200, alone))
say("message_and_select", least(200, told))
say("nothing", least(200, function(turns) for _ = 1, turns do set:select(0) end end))
for i = 1, BUSY do out:connect("127.0.0.1", ports[i]) out:send("x") end
say("ready", least(BUSY * 4, function() for _ = 1, 4 do for _, sock, events in set:ready(0) do end end end))
say("selects", least(BUSY * 4, function(turns) for _ = 1, turns do set:select(0) end end))
local one = socket.new("inet", "udp")
say("add_and_remove", least(200, function(turns) for _ = 1, turns do set:add(one) set:remove(one) end end))
local timer = socket.timer()
set:add(timer, "r1")
say("timer", least(200, function(turns) for _ = 1, turns do timer:set(100000) end end))
