-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Everything at any moment, in any order.

local BLOCK = pattern(1 << 20)

-- A text of which each part tells where it was.
local function part(at, n)
	local from = at % #BLOCK
	return BLOCK:sub(from + 1, from + n)
end

-- Reads what is there, and fails unless it is what comes next.
local function drain(s, stream)
	for _ = 1, 4 do
		local ok, got = pcall(s.read, s, 65536, "D")
		if not ok or not got then return end
		local at = 0
		while at < #got do
			local want = part(stream.got + at, #got - at)
			assert(got:sub(at + 1, at + #want) == want, "other bytes than were sent")
			at = at + #want
		end
		stream.got = stream.got + #got
		assert(stream.got <= stream.sent, "more bytes than were sent")
	end
end

local function push(s, stream, most)
	local ok, n = pcall(s.send, s, part(stream.sent, math.random(most)), "D")
	if ok then stream.sent = stream.sent + n end
end

local function make()
	local way = ways[math.random(#ways)]
	local limits = { copy = way[3] }
	if math.random(5) == 1 then limits.idle = math.random(30) end
	if math.random(5) == 1 then limits.half = math.random(30) end
	if math.random(9) == 1 then limits.total = math.random(100) end
	local left, a, b, right, relay = between(way[1], way[2], limits)
	return {
		left = left, a = a, b = b, right = right, relay = relay,
		up = { sent = 0, got = 0 }, down = { sent = 0, got = 0 },
	}
end

local ends = {
	function(r) r.left:shutdown("write") end,
	function(r) r.right:shutdown("write") end,
	function(r) r.left:close() end,
	function(r) r.right:close() end,
	function(r) reset(r.left) end,
	function(r) reset(r.right) end,
	function(r) r.a:close() end,
	function(r) r.b:close() end,
	function(r) r.a:shutdown("both") end,
	function(r) r.b:shutdown("write") end,
	function(r) r.relay:stop() end,
	function(r) r.relay:close() end,
	function(r) r.relay = nil end,
}

local function disturb(r)
	local what = math.random(16)
	if what <= 4 then
		push(r.left, r.up, what == 1 and 1 or 100000)
	elseif what <= 8 then
		push(r.right, r.down, what == 5 and 1 or 100000)
	elseif what <= 11 then
		drain(r.right, r.up)
	elseif what <= 14 then
		drain(r.left, r.down)
	elseif math.random(12) == 1 then
		pcall(ends[math.random(#ends)], r)
	end
end

--# relays that are disturbed in any way at any moment move what was sent, and nothing else
--! timeout 240
math.randomseed(kernel.time_ns())
local relays, made = {}, 0
for i = 1, 40 do relays[i] = make() end
local late = kernel.time_ns() + 8000 * MS
while kernel.time_ns() < late or made <= 5 do
	local i = math.random(#relays)
	disturb(relays[i])
	if math.random(150) == 1 then
		relays[i] = make()
		made = made + 1
	end
	if math.random(500) == 1 then collectgarbage() end
end

--# a script ends in the middle of many busy relays
--! timeout 240
for _ = 1, 60 do
	local r = make()
	for _ = 1, 3 do push(r.left, r.up, 100000) push(r.right, r.down, 100000) end
	_G[r] = r
end

--# a signal ends a script with many busy relays
--! stop
--! timeout 240
local all = {}
for i = 1, 60 do all[i] = make() end
print("ready")
while true do disturb(all[math.random(#all)]) end

--# threads close each other's sockets while these are relayed
--! timeout 240
for round = 1, 30 do
	local left, a, b, right, relay = between(tcp_pair, unix_pair, { copy = round % 2 == 0 })
	local closing = thread.spawn(function(one, other, ms)
		kernel.sleep(ms)
		one:close()
		other:close()
	end, round % 3 == 0 and a or left, round % 2 == 0 and b or right, round % 7)
	for _ = 1, 20 do
		pcall(left.send, left, BLOCK, "D")
		pcall(right.read, right, 100000, "D")
	end
	local _, _, reason = relay:wait(20000)
	assert(reason == "closed" or reason == "eof" or reason == "error", reason)
	assert(closing:join())
end
