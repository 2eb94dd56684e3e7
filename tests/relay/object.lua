-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Relays as objects: arguments, stops, closes, poll sets, what sockets may do meanwhile.

--# a relay that is stopped gives its sockets back, with all that it has not sent
each(function(left, a, b, right, relay)
	local sent = fill(left)
	local up, down, reason = relay:stop()
	eq(reason, "stopped")
	eq(down, 0)
	b:shutdown("write")
	left:shutdown("write")
	eq(#right:read("a"), up)
	eq(#a:read("a"), sent - up)
end)

--# stopping it again, or one that is over, changes nothing
each(function(left, a, b, right, relay)
	left:close()
	right:close()
	over(relay, "eof")
	eq(select(3, relay:stop()), "eof")
	eq(select(3, relay:stop()), "eof")
	eq(select(3, relay:wait()), "eof")
	eq(tostring(relay), "lrelay (eof)")
end)

--# after a stop the sockets can be relayed again, without a byte lost
--! timeout 120
local text = pattern(2000000)
each(function(left, a, b, right, relay)
	local parts, at, got, moved = {}, 0, 0, 0
	while got < #text do
		for _ = 1, 3 do
			local ok, n = pcall(left.send, left, text, "D", at, math.min(60000, #text - at))
			if ok then at = at + n end
			local ok, part = pcall(right.read, right, 200000, "D")
			if ok then parts[#parts + 1], got = part, got + #part end
		end
		moved = moved + relay:stop()
		relay = socket.relay(a, b, nowait())
	end
	assert(table.concat(parts) == text)
	eq(moved + relay:stop(), #text)
end)

--# a relay is closed when nobody refers to it
local left, a, b, right = between(tcp_pair, unix_pair)
collectgarbage()
left:write("x")
eq(a:read(), "x")

--# a relay keeps its sockets when nobody else refers to them
local left, right, relay
do
	local a, b
	left, a = tcp_pair()
	b, right = unix_pair()
	relay = socket.relay(a, b, nowait())
end
collectgarbage()
collectgarbage()
left:write("x")
eq(right:read(), "x")
left:close()
eq(right:read(), nil)
right:close()
over(relay, "eof")

--# the script that ends takes its relays with it
for i = 1, 20 do _G["keep" .. i] = { between(tcp_pair, unix_pair) } end

--# a poll set reports a relay that is over
local left, a, b, right, relay = between(tcp_pair, tcp_pair)
local p = socket.poll{ relay, left }
eq(p:select(20), nil)
right:close()
local index, s = p:select(10000)
eq(index, 1)
left:close()
index, s = p:select(10000)
eq(index, 0)
assert(rawequal(s, relay))
over(s, "eof")
eq((p:select(0)), 0)
p:remove(relay)
raises("poll set is empty", p.select, p)
relay:close()
raises("closed lrelay", p.add, p, relay)

--# a relay that is closed leaves its poll sets
local left, a, b, right, relay = between(tcp_pair, tcp_pair)
local p = socket.poll{ relay }
relay:close()
eq(#p, 0)
relay:close()
raises("closed lrelay", relay.wait, relay)
raises("closed lrelay", relay.stop, relay)
raises("closed lrelay", relay.count, relay)
eq(tostring(relay), "lrelay (closed)")

--# wait waits as long as it is told, and the relay goes on
local left, a, b, right, relay = between(tcp_pair, tcp_pair)
local start = kernel.time_ns()
eq(relay:wait(0), nil)
eq(relay:wait(30), nil)
assert(kernel.time_ns() - start >= 29 * MS)
left:write("x")
eq(right:read(), "x")

--# closing either socket ends the relay
for i = 2, 3 do
	each(function(...)
		local relay = select(5, ...)
		select(i, ...):close()
		over(relay, "closed")
	end)
end

--# another thread closes a socket of a relay that a script waits for
for _, way in ipairs(ways) do
	local left, a = way[1]()
	local b, right = way[2]()
	local t = thread.spawn(function(s) kernel.sleep(20) s:close() end, b)
	local _, _, reason = socket.relay(a, b, { copy = way[3] })
	eq(reason, "closed")
	assert(t:join())
end

--# closing a socket while bytes are moved ends the relay
for i = 2, 3 do
	each(function(...)
		local left, a, b, right, relay = ...
		fill(left)
		select(i, ...):close()
		over(relay, "closed")
	end)
end

--# shutting a socket down ends its streams
each(function(left, a, b, right, relay)
	a:shutdown("read")
	eq(right:read(), nil)
	b:shutdown("read")
	eq(left:read(), nil)
	over(relay, "eof")
end)

--# what a relay does its sockets do for nobody else
local left, a, b, right, relay = between(tcp_pair, tcp_pair)
for _, s in ipairs{ a, b } do
	fails("EBUSY", s.read, s)
	fails("EBUSY", s.send, s, "x")
	fails("EBUSY", s.recv, s, 10, "P")
end
fails("EBUSY", socket.relay, a, b)
fails("EBUSY", socket.relay, left, b)
fails("EBUSY", socket.splice, a, left)
relay:stop()
eq(a:send("x"), 1)
eq(left:read(), "x")

--# a socket in whose call another thread is cannot be relayed
local left, a = tcp_pair()
local b, right = tcp_pair()
local t = thread.spawn(function(s) return s:read() end, a)
while t:status() ~= "waiting" do kernel.sleep(1) end
fails("EBUSY", socket.relay, a, b)
left:write("x")
eq(select(2, t:join()), "x")
socket.relay(a, b, nowait())

--# what is no connected stream cannot be relayed
local left, a = tcp_pair()
local udp = socket.new("inet", "udp")
raises("only streams", socket.relay, udp, a)
raises("only streams", socket.relay, a, udp)
raises("only streams", socket.splice, a, socket.pair("dgram"))
fails("ENOTCONN", socket.relay, socket.new("inet", "tcp"), a)
fails("ENOTCONN", socket.relay, a, socket.new("inet", "tcp"))
fails("ENOTCONN", socket.relay, a, socket.new("unix", "stream"))
local listening = socket.new("inet", "tcp")
listening:listen()
fails("ENOTCONN", socket.relay, a, listening)
raises("another socket expected", socket.relay, a, a)
raises("luasocket expected", socket.relay, a)
raises("luasocket expected", socket.splice, 1, a)
left:close()
raises("closed luasocket", socket.relay, a, left)

--# options are checked
local left, a = tcp_pair()
local b, right = tcp_pair()
raises("table expected", socket.relay, a, b, 5)
raises("unknown option 'Idle'", socket.relay, a, b, { Idle = 5 })
raises("unknown option 'bytes'", socket.relay, a, b, { bytes = 5 })
raises("unknown option 'keep'", socket.relay, a, b, { keep = true })
raises("unknown option 'half'", socket.splice, a, b, { half = 5 })
raises("options have names", socket.relay, a, b, { 5 })
raises("copy must be a boolean", socket.relay, a, b, { copy = 1 })
for _, name in ipairs{ "idle", "half", "total" } do
	raises(name .. " must be an integer", socket.relay, a, b, { [name] = {} })
	for _, n in ipairs{ 0, -1, 0x80000000, math.mininteger } do
		raises(name .. " must be in 1..2147483647", socket.relay, a, b, { [name] = n })
	end
end
raises("bytes must be in 1..", socket.splice, a, b, { bytes = 0 })
local r = socket.relay(a, b, { idle = 0x7fffffff, half = 0x7fffffff, total = 0x7fffffff, nowait = true })
left:write("x")
eq(right:read(), "x")

--# a signal ends a script that waits for a relay
--! stop
local left, a = tcp_pair()
local b, right = tcp_pair()
print("ready")
socket.relay(a, b)

--# a signal ends a script that waits for a relay that has no room
--! stop
local left, a = tcp_pair()
local b, right = unix_pair()
fill(left)
print("ready")
socket.relay(a, b)

--# a signal ends a script whose relay has work without end
--! stop
local left, a = tcp_pair()
local b, right = tcp_pair()
local one, two = socket.splice(left, left, nowait()), socket.splice(right, right, nowait())
b:write(("x"):rep(100000))
print("ready")
socket.relay(a, b)

--# no script can put a protocol between a relay's socket and its bytes
local left, a, b, right = between(tcp_pair, tcp_pair)
for _, s in ipairs{ left, a } do
	for _, option in ipairs{ 31, "ulp" } do	-- TCP_ULP
		assert(not pcall(s.setsockopt, s, "tcp", option, "tls"))
	end
end
left:write("x")
eq(right:read(), "x")
