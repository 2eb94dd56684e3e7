-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Fairness, many members, and the bugs of 2018.

--# two sockets that are always ready alternate
local a, b = udp_pair()
a:send("x")
b:send("x")
local p = socket.poll{ a, b }
local last
for _ = 1, 100 do
	local index = p:select()
	assert(index ~= last, "the same twice")
	last = index
end

--# each of many ready sockets is served once a round
local p = socket.poll()
local out = udp()
for _ = 1, 50 do
	local s, port = udp()
	p:add(s)
	out:sendmsg({ name = { LO, port } }, "x")
end
for _ = 1, 10 do
	local seen = {}
	for _ = 1, 50 do
		local index = p:select(0)
		eq(seen[index], nil)
		seen[index] = true
	end
end

--# a socket that becomes ready is served within one round of the busy ones
local p, ports = socket.poll(), {}
local out = udp()
for i = 0, 9 do
	local s, port = udp()
	ports[i] = port
	p:add(s)
	if i < 9 then out:sendmsg({ name = { LO, port } }, "x") end
end
for _ = 1, 30 do p:select() end
out:sendmsg({ name = { LO, ports[9] } }, "x")
local served
for round = 1, 10 do if p:select() == 9 then served = round end end
assert(served, "never served")

--# a busy writer does not starve a reader
local a, b = tcp_pair()
local c, d = udp_pair()
local p = socket.poll()
p:add(a, "w")
p:add(d, "r")
c:send("x")
local turns = { [0] = 0, 0 }
for _ = 1, 20 do
	local index = p:select()
	turns[index] = turns[index] + 1
end
eq(turns[0], 10)
eq(turns[1], 10)

--# of a thousand members the one that is ready is told, and no other
local p, socks, ports = socket.poll(), {}, {}
local out = udp()
for i = 0, 999 do
	socks[i], ports[i] = udp()
	eq(p:add(socks[i]), i)
end
eq(#p, 1000)
for i = 0, 999, 37 do
	out:sendmsg({ name = { LO, ports[i] } }, "x")
	local index, sock = p:select(5000)
	eq(index, i)
	assert(rawequal(sock, socks[i]))
	sock:read()
	eq(p:select(0), nil)
end

--# a thousand ready members are all told
local p, seen = socket.poll(), {}
local out = udp()
for i = 0, 999 do
	local s, port = udp()
	p:add(s)
	out:sendmsg({ name = { LO, port } }, "x")
end
for _ = 0, 999 do seen[p:select(0)] = true end
for i = 0, 999 do assert(seen[i], i) end

--# members come and go ten thousand times (fewer on a slow kernel)
local p = socket.poll()
local a, b = udp_pair()
a:send("x")
for _ = 1, 10000 // SLOW do
	p:add(b)
	p:remove(b)
end
eq(#p, 0)
p:add(b)
eq((p:select(0)), 0)

--# connections come and go through one set a thousand times (fewer on a slow kernel)
local s, port = listener()
local p = socket.poll{ s }
for _ = 1, 1000 // SLOW do
	local c = tcp()
	c:connect(LO, port)
	local index, sock = p:select(5000)
	eq(index, 0)
	local peer = s:accept()
	eq(p:add(peer), 1)
	c:send("x")
	eq((p:select(5000)), 1)
	eq(peer:read(), "x")
	reset(peer)
	c:close()
end
eq(#p, 1)

--# P1: a signal ends a script that waits in select, and breaks nothing
--! stop INT TERM KILL
local p = socket.poll{ (listener()) }
print "ready"
p:select()

--# nothing is lost between two selects: ping-pong over two sets
local a, b = udp_pair()
local p, q = socket.poll{ a }, socket.poll{ b }
a:send("0")
for _ = 1, 3000 // SLOW do
	eq((q:select(5000)), 0)
	b:send(b:read())
	eq((p:select(5000)), 0)
	a:send(a:read())
end

--# P3: a reset peer wakes select
local a, b = tcp_pair()
local p = socket.poll{ b }
reset(a)
eq((p:select(5000)), 0)
fails("ECONNRESET", b.read, b)

--# P4: a set over sockets that nobody else refers to
local s, port = listener()
local c = tcp()
c:connect(LO, port)
local p = socket.poll{ s:accept() }
for _ = 1, 3 do collectgarbage() end
c:send("x")
eq(select(2, p:select(5000)):read(), "x")

--# P4: a socket closed before select
local a, b = udp_pair()
local p = socket.poll{ a, b }
a:send("x")
b:close()
eq(p:select(0), nil)

--# P5: a lower index that is always ready does not starve a higher one
local a, b = udp_pair()
a:send("x")
b:send("x")
local p = socket.poll{ a, b }
local seen = {}
for _ = 1, 4 do seen[p:select()] = true end
assert(seen[0] and seen[1])

--# P6: there are OUT and a time-out
local a = tcp_pair()
local p = socket.poll()
eq(p:select(1), nil)
p:add(a, "w")
eq(select(3, p:select(0)), socket.event.OUT)

--# P7: a set's finalizer cannot be called
local p = socket.poll{ tcp() }
raises("attempt to call a nil value", function() p.__gc(p) end)
raises("attempt to call", function() getmetatable(p).__gc(p) end)

--# P8: nothing is lost when an element is no socket
for _ = 1, 100 do pcall(socket.poll, { tcp(), tcp(), "no socket" }) end

--# P9: a select that nothing could end is a mistake
raises("empty", function() socket.poll{}:select() end)

--# poll items count against the memory limit, and come back
--! param memory=2M
local p, keep = socket.poll(), {}
local sets = {}
local ok, e = pcall(function()
	local s = udp()
	while true do
		sets[#sets + 1] = socket.poll{ s }
	end
end)
eq(ok, false)
sets = nil
collectgarbage()
eq(#socket.poll{ (udp()) }, 1)

--# memory that members took comes back
--! param memory=1M
local s = {}
for i = 1, 500 do s[i] = udp() end
for _ = 1, 200 // SLOW do
	local p = socket.poll()
	for i = 1, 500 do p:add(s[i]) end
	p:close()
end

--# sets are garbage like all else
--! param memory=1M
local s = udp()
for _ = 1, 20000 // SLOW do socket.poll{ s } end

--# a finalizer may add to, remove from and close the set that is in use
local p = socket.poll()
local a, b = udp_pair()
a:send("x")
p:add(b)
local function again()
	setmetatable({}, { __gc = function()
		local s = tcp()
		pcall(p.add, p, s)
		pcall(p.remove, p, s)
		again()
	end })
end
again()
collectgarbage("setpause", 1)
for _ = 1, 2000 // SLOW do
	local s = udp()
	p:add(s)
	assert(p:select(0))
	p:remove(s)
end
