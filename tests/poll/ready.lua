-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- ready: a loop over all that are ready.

local event = socket.event

-- n UDP sockets in a set, and a function that sends to one of them.
local function crowd(n, events)
	local p, socks, ports = socket.poll(), {}, {}
	local out = udp()
	for i = 0, n - 1 do
		socks[i], ports[i] = udp()
		p:add(socks[i], events)
	end
	-- Where the machine has much to do, what was sent arrives later.
	return p, socks, function(i)
		out:sendmsg({ name = { LO, ports[i] } }, "x")
		socks[i]:recv(1, "P", nil, nil, 20000)
	end
end

-- The indexes that a loop gives, in its order.
local function loop(p, ms)
	local t = {}
	for index in p:ready(ms) do t[#t + 1] = index end
	return table.concat(t, " ")
end

--# ready gives index, socket and events of all that are ready, once each
local p, socks, poke = crowd(5)
poke(1) poke(3) poke(4)
local t = {}
for index, sock, events in p:ready(0) do
	assert(rawequal(sock, socks[index]))
	eq(events, event.IN)
	t[#t + 1] = index
end
eq(table.concat(t, " "), "1 3 4")

--# what stays ready comes again in the next loop, in turn
local p, socks, poke = crowd(3)
poke(0) poke(2)
for _ = 1, 5 do eq(loop(p, 0), "0 2") end
socks[0]:read()
eq(loop(p, 0), "2")
socks[2]:read()
eq(loop(p, 0), "")

--# ready waits for the first, and not for others
local p, socks, poke = crowd(3)
poke(1)
eq(loop(p, 100000), "1")
eq(loop(p), "1")
eq(loop(p, nil), "1")
eq(loop(p, -1), "1")
eq(loop(p, 0x7fffffff), "1")

--# ready gives nothing when the time is over
local p = crowd(3)
local start = kernel.time_ns()
eq(loop(p, 30), "")
assert(kernel.time_ns() - start >= 29 * 1000000)
eq(loop(p, 0), "")

--# a loop without a time-out on an empty set raises; with one it gives nothing
local p = socket.poll()
raises("poll set is empty", loop, p)
raises("poll set is empty", loop, p, -1)
eq(loop(p, 0), "")
eq(loop(p, 5), "")

--# ready reports one-shots and edge-triggered members once
local p, socks, poke = crowd(3, "r1")
poke(0) poke(2)
eq(loop(p, 0), "0 2")
eq(loop(p, 0), "")
p:modify(socks[2], "re")
eq(loop(p, 0), "2")
eq(loop(p, 0), "")
poke(2)
eq(loop(p, 5000), "2")

--# members may leave, be closed and be modified in the loop
local p, socks, poke = crowd(6)
for i = 0, 5 do poke(i) end
local t = {}
for index, sock in p:ready(0) do
	t[#t + 1] = index
	if index == 0 then p:remove(socks[1]) socks[3]:close() p:modify(socks[4], "w") end
	if index == 2 then p:remove(sock) end
end
eq(table.concat(t, " "), "0 2 4 5")
eq(#p, 3)

--# members that are added in the loop come in it, or in the next one
local p, socks, poke = crowd(2)
local a, b = udp_pair()
a:send("x")
poke(0)
local t = {}
for index in p:ready(0) do
	t[#t + 1] = index
	if #t == 1 then p:add(b) end
	assert(#t <= 2)
end
eq(t[1], 0)
local all = loop(p, 0)
assert(all == "0 2" or all == "2 0", all)

--# what becomes ready in the loop is not lost
local p, socks, poke = crowd(3)
poke(0)
local n = 0
for index in p:ready(0) do
	n = n + 1
	assert(n <= 2)
	poke(1)
end
eq(#loop(p, 0), 3)

--# a loop that makes its members ready anew ends
local a, b = udp_pair()
local c, d = udp_pair()
a:send("x")
c:send("x")
for _, mode in ipairs{ "r", "re" } do
	local p = socket.poll()
	p:add(b, mode)
	p:add(d, mode)
	local n = 0
	for index in p:ready(0) do
		n = n + 1
		a:send("x")
		c:send("x")
	end
	eq(n, 2)
end

--# a loop that is left goes on with the others
local p, socks, poke = crowd(4)
for i = 0, 3 do poke(i) end
for index in p:ready(0) do eq(index, 0) break end
for index in p:ready(0) do eq(index, 1) break end
eq(loop(p, 0), "2 3 0 1")

--# select in a loop takes its turn
local p, socks, poke = crowd(4)
for i = 0, 3 do poke(i) end
local t = {}
for index in p:ready(0) do
	t[#t + 1] = index
	if index == 0 then t[#t + 1] = p:select(0) end
end
eq(table.concat(t, " "), "0 1 2 3")

--# loops in loops over the same set end
local p, socks, poke = crowd(4)
for i = 0, 3 do poke(i) end
local n = 0
for _ in p:ready(0) do
	n = n + 1
	assert(n <= 100)
	if n <= 3 then eq(#loop(p, 0), 7) end
end

--# a set that is closed in the loop is a mistake, as with select
local p, socks, poke = crowd(2)
poke(0)
raises("closed lpoll", function() for _ in p:ready(0) do p:close() end end)

--# a thousand members that are ready come in one loop
local p, socks, poke = crowd(1000)
for i = 0, 999 do poke(i) end
local seen, n = {}, 0
for index in p:ready(0) do
	eq(seen[index], nil)
	seen[index] = true
	n = n + 1
end
eq(n, 1000)

--# a loop makes no garbage
local p, socks, poke = crowd(20)
for i = 0, 19 do poke(i) end
loop(p, 0)
collectgarbage()
collectgarbage("stop")
local n = 0
local before = collectgarbage("count")
for _ = 1, 200 do
	for index, sock, events in p:ready(0) do n = n + events end
end
assert(collectgarbage("count") - before <= 1, collectgarbage("count") - before)
eq(n, 200 * 20 * event.IN)

--# ready checks its time-out
local p = crowd(1)
raises("number expected, got boolean", p.ready, p, true)
raises("must be in 0..2147483647, not -2", p.ready, p, -2)
raises("closed lpoll", function() local q = socket.poll() q:close() q:ready() end)
for _, self in ipairs{ 1, "x", {}, print, tcp() } do raises("lpoll expected", p.ready, self, 0) end

--# what ready gives can be called by hand, with anything
local p, socks, poke = crowd(2)
local f, set, first = p:ready(0)
assert(rawequal(set, p))
raises("lpoll expected, got no value", f)
raises("lpoll expected, got userdata", f, socks[0])
raises("number expected, got no value", f, p)
raises("number expected", f, p, "x")
raises("index must be in", f, p, math.mininteger)
raises("index must be in", f, p, math.maxinteger)
eq(f(p, first), nil)
poke(1)
eq((f(p, first)), 1)
eq(f(p, 1), nil)
eq((f(p, first)), 1)

--# a wait in ready ends at a stop
--! stop
local p = crowd(3)
print "ready"
pcall(function() for _ in p:ready() do end end)

--# a loop over ready that never rests ends at a stop
--! stop
local p, socks, poke = crowd(3)
poke(1)
print "ready"
while true do for _ in p:ready() do end end
