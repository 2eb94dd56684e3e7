-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Sets of relays, to which a script gives connections away.

-- Calls f(left, right, set, a, b) with a and b in a set, for each way to relay.
local function each_given(f, opts)
	for _, way in ipairs(ways) do
		local all = { copy = way[3] }
		for key, value in pairs(opts or {}) do all[key] = value end
		local set = socket.relays(all)
		local left, a = way[1]()
		local b, right = way[2]()
		set:add(a, b)
		f(left, right, set, a, b)
		left:close()
		right:close()
		set:close()
	end
end

--# two streams that were given away are a tunnel, and both are closed when it is over
each_given(function(left, right, set)
	eq(#set, 1)
	local text = pattern(100000)
	left:write("up")
	eq(take(right, 2), "up")
	right:write(text)
	assert(take(left, #text) == text)
	left:shutdown("write")
	eq(right:read(), nil)
	right:close()
	eq(left:read(), nil)
	await("the end", function() return #set == 0 end)
	local up, down, over = set:count()
	eq(up, 2)
	eq(down, #text)
	eq(over, 1)
end)

--# what waits at the sockets when they are given away goes first
for _, way in ipairs(ways) do
	local set, left, a = socket.relays{ copy = way[3] }, way[1]()
	local b, right = way[2]()
	left:write("early")
	right:write("early, too")
	right:shutdown("write")
	set:add(a, b)
	eq(take(right, 5), "early")
	eq(left:read("a"), "early, too")
	set:close()
end

--# to the script they are closed, and no poll set has them
each_given(function(left, _, _, a, b)
	raises("closed luasocket", a.read, a)
	raises("closed luasocket", b.getsockname, b)
	a:close()
	left:write("x")
end)
local left, a = tcp_pair()
local b, right = tcp_pair()
local p = socket.poll{ a, b, right }
local set = socket.relays()
set:add(a, b)
eq(#p, 1)
left:write("x")
local _, s = p:select(20000)
assert(rawequal(s, right))

--# what cannot be given away stays as it is
local set = socket.relays()
local left, a = tcp_pair()
local b, right = tcp_pair()
local fresh, datagrams = socket.new("inet", "tcp"), socket.new("inet", "udp")
fails("ENOTCONN", set.add, set, a, fresh)
raises("only streams", set.add, set, a, datagrams)
raises("another socket", set.add, set, a, a)
local relay = socket.relay(b, left, { nowait = true })
fails("EBUSY", set.add, set, a, b)
relay:close()
eq(#set, 0)
set:add(a, b)
raises("closed luasocket", set.add, set, a, b)
raises("unknown option", socket.relays, { nowait = true })
raises("unknown option", socket.relays, { keep = true })

--# closing a set ends its relays, and closes their sockets
local set, peers = socket.relays(), {}
for i = 1, 40 do
	local way = ways[i % #ways + 1]
	local left, a = way[1]()
	local b, right = way[2]()
	set:add(a, b)
	left:write("x")
	peers[#peers + 1], peers[#peers + 2] = left, right
end
eq(#set, 40)
set:close()
set:close()
raises("closed lrelays", set.add, set)
eq(tostring(set), "lrelays (closed)")
for _, s in ipairs(peers) do
	repeat local ok, more = pcall(s.read, s) until not ok or not more
end

--# a set that nobody has any more, and a script that ends, take theirs with them
for i = 1, 20 do
	local set = socket.relays()
	local left, a = tcp_pair()
	local b, right = tcp_pair()
	set:add(a, b)
	if i % 2 == 0 then _G["keep" .. i] = { set, left, right } end
end
collectgarbage()
collectgarbage()

--# limits count for each relay of a set
each_given(function(left, right, set)
	eq(left:read(), nil)
	eq(right:read(), nil)
	await("the end", function() return #set == 0 end)
end, { idle = 30 })

--# hundreds of relays at once move what they are given, and leave nothing
local set, text = socket.relays(), pattern(3000)
local ends = {}
for i = 1, 300 do
	local way = ways[i % #ways + 1]
	local left, a = way[1]()
	local b, right = way[2]()
	set:add(a, b)
	ends[i] = { left, right }
end
for _, pair in ipairs(ends) do pair[1]:write(text) end
for _, pair in ipairs(ends) do pair[1]:shutdown("write") end
for _, pair in ipairs(ends) do
	assert(pair[2]:read("a") == text)
	pair[2]:close()
	eq(pair[1]:read(), nil)
end
await("the end of all", function() return #set == 0 end)
eq((set:count()), 300 * #text)

--# all that came before a reset arrives, also at a slow reader, and from the other side when that failed
for _, copy in ipairs{ false, true } do
	local text = pattern(1000000)
	local left, a = tcp_pair()
	local b, right = tcp_pair()
	local set = socket.relays{ copy = copy }
	set:add(a, b)
	local writer = thread.spawn(function(s, bytes)
		s:write(bytes)
		s:setsockopt("socket", "linger", 0)
	end, right, text)
	local got = take(left, 1000)
	kernel.sleep(20)
	got = got .. take(left, #text - 1000)
	assert(writer:join())
	assert(got == text)
	reset(right)
	fails("ECONNRESET", left.read, left)
	await("the end", function() return #set == 0 end)
end

--# an answer that comes with a refusal of more is not lost
for i = 1, 20 do
	local left, a = tcp_pair()
	local b, right = tcp_pair()
	left:write("request")
	right:write("answer")
	reset(right)	-- with the request unread, once it is there
	local relay = i % 2 == 0 and socket.relay(a, b, { nowait = true }) or socket.relay(b, a, { nowait = true })
	eq(take(left, 6), "answer")
	fails("ECONNRESET", left.read, left)
	over(relay, "error")
end

--# a reset is a reset to a unix peer, too
local left, a = tcp_pair()
local b, right = unix_pair()
left:write("x")
local relay = socket.relay(a, b, { nowait = true })
eq(right:read(), "x")
reset(left)
fails("ECONNRESET", right.read, right)
over(relay, "error")
