-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What a relay moves arrives, all of it and in its order.

--# bytes go both ways, and are counted
each(function(left, a, b, right, relay)
	left:write("there")
	eq(take(right, 5), "there")
	right:write("and back")
	eq(take(left, 8), "and back")
	left:shutdown("write")
	eq(right:read(), nil)
	right:shutdown("write")
	eq(left:read(), nil)
	local up, down = over(relay, "eof")
	eq(up, 5)
	eq(down, 8)
	eq(table.concat({ relay:count() }, ","), "5,8")
end)

--# what had arrived before goes first
for _, way in ipairs(ways) do
	local left, a = way[1]()
	local b, right = way[2]()
	left:write("one ")
	right:write("three ")
	kernel.sleep(20)
	local relay = socket.relay(a, b, { copy = way[3], nowait = true })
	left:write("two")
	right:write("four")
	eq(take(right, 7), "one two")
	eq(take(left, 10), "three four")
	relay:close()
end

--# what had arrived before, with the end of both streams behind it, goes, too
for _, way in ipairs(ways) do
	local left, a = way[1]()
	local b, right = way[2]()
	left:write("last words")
	left:shutdown("write")
	right:shutdown("write")
	kernel.sleep(20)
	local up, down, reason = socket.relay(a, b, { copy = way[3] })
	eq(up, 10)
	eq(down, 0)
	eq(reason, "eof")
	eq(right:read("a"), "last words")
	eq(left:read("a"), "")
end

--# one byte at a time
each(function(left, a, b, right, relay)
	for i = 1, 300 do
		left:write(string.char(i & 255))
		eq(right:read(1):byte(), i & 255)
		right:write(string.char(i * 7 & 255))
		eq(left:read(1):byte(), i * 7 & 255)
	end
	-- They are counted after they were sent.
	await("the count", function() return table.concat({ relay:count() }, ",") == "300,300" end)
end)

--# many small writes, read all at once
each(function(left, a, b, right)
	local parts = {}
	for i = 1, 500 do
		parts[i] = ("%d,"):format(i)
		left:write(parts[i])
	end
	left:shutdown("write")
	eq(right:read("a"), table.concat(parts))
end)

--# megabytes in pieces of all sizes arrive unchanged
--! timeout 120
local text = pattern(1 << 20)
each(function(left, a, b, right, relay)
	local at, got, parts, size = 0, 0, {}, 1
	while got < #text do
		if at < #text then
			local ok, n = pcall(left.send, left, text, "D", at, math.min(size, #text - at))
			at = ok and at + n or at
			size = size * 3 % 70001 + 1
			if at == #text then left:shutdown("write") end
		end
		local ok, part = pcall(right.read, right, 100000, at < #text and "D" or nil)
		if ok then parts[#parts + 1], got = part, got + #part end
	end
	assert(table.concat(parts) == text)
	eq(right:read(), nil)
	eq((relay:count()), #text)
end)

--# megabytes both ways at once arrive unchanged
--! timeout 120
local text = pattern(1 << 20)
each(function(left, a, b, right, relay)
	local p = socket.poll()
	local ends = { [left] = { sent = 0, got = 0, parts = {} }, [right] = { sent = 0, got = 0, parts = {} } }
	p:add(left, "rw")
	p:add(right, "rw")
	while ends[left].got + ends[right].got < 2 * #text do
		local _, s, events = assert(p:select(20000))
		local e = ends[s]
		if events & socket.event.OUT ~= 0 then
			e.sent = e.sent + s:send(text, "D", e.sent, math.min(#text - e.sent, 50000))
			if e.sent == #text then p:modify(s, "r") end
		end
		if events & socket.event.IN ~= 0 then
			local part = s:read(65536)
			e.parts[#e.parts + 1], e.got = part, e.got + #part
		end
	end
	assert(table.concat(ends[left].parts) == text)
	assert(table.concat(ends[right].parts) == text)
	eq(table.concat({ relay:count() }, ","), #text .. "," .. #text)
end)

--# with the parameter relay_copy relays copy
--! param relay_copy=1
local text = pattern(100000)
each(function(left, a, b, right)
	left:write(text)
	assert(take(right, #text) == text)
end)

--# a relay of IPv6 and one of IPv4 make a chain
local left, a = tcp_pair("inet6")
local b, c = tcp_pair()
local d, right = unix_pair()
local one, two = socket.relay(a, b, nowait()), socket.relay(c, d, nowait())
local text = pattern(300000)
local t = thread.spawn(function(s, n)
	local got = 0
	while got < n do got = got + #s:read(65536) end
	s:write("done")
end, right, #text)
left:write(text)
eq(take(left, 4), "done")
assert(t:join())
eq((one:count()), #text)
eq(select(2, two:count()), 4)

--# urgent data go in their place
for _, copy in ipairs{ false, true } do
	local left, a, b, right, relay = between(tcp_pair, tcp_pair, { copy = copy })
	left:write("before")
	left:send("!", "O")
	left:write("after")
	left:shutdown("write")
	eq(right:read("a"), "before!after")
	eq((relay:count()), 12)
end

--# what a sleeping relay gets is sent at once, after a minute's work of others, too
each(function(left, a, b, right)
	for _ = 1, 3 do
		kernel.sleep(30)
		local start = kernel.time_ns()
		left:write("x")
		eq(right:read(1), "x")
		assert(kernel.time_ns() - start < 5000 * MS)
	end
end)

--# what waited below SO_RCVLOWAT goes, too, and the option is as it was afterwards
local left, a = tcp_pair()
local b, right = tcp_pair()
a:setsockopt("socket", "rcvlowat", 1000)
local relay = socket.relay(a, b, nowait())
left:write("few")
eq(take(right, 3), "few")
relay:stop()
eq(a:getsockopt("socket", "rcvlowat"), 1000)
eq(a:getsockopt("socket", "oobinline"), 0)
