-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- How relays end: the ends of streams, resets, limits.

--# when the left stream has ended, the right one goes on, and so the other way round
each(function(left, a, b, right, relay)
	left:write("request")
	left:shutdown("write")
	eq(right:read("a"), "request")
	kernel.sleep(10)
	right:write("answer")
	right:close()
	eq(left:read("a"), "answer")
	local up, down = over(relay, "eof")
	eq(up, 7)
	eq(down, 6)
end)
each(function(left, a, b, right, relay)
	right:write("greeting")
	right:shutdown("write")
	eq(left:read("a"), "greeting")
	left:write("thanks")
	left:close()
	eq(right:read("a"), "thanks")
	over(relay, "eof")
end)

--# both streams end at once
each(function(left, a, b, right, relay)
	left:shutdown("write")
	right:shutdown("write")
	eq(left:read(), nil)
	eq(right:read(), nil)
	over(relay, "eof")
end)

--# the end of a stream comes after all that a slow reader has not read
--! timeout 120
each(function(left, a, b, right, relay)
	local sent = fill(left)
	left:shutdown("write")
	kernel.sleep(50)
	local got = 0
	while true do
		local part = right:read(50000)
		if not part then break end
		got = got + #part
	end
	eq(got, sent)
	right:close()
	over(relay, "eof")
end)

--# a reset is handed on as a reset
for _, copy in ipairs{ false, true } do
	local left, a, b, right, relay = between(tcp_pair, tcp_pair, { copy = copy })
	reset(left)
	local _, _, e = over(relay, "error")
	eq(e.name, "ECONNRESET")
	eq(e.side, "a")
	eq(e.call, "relay")
	fails("ECONNRESET", right.read, right)
end

--# a reset of the second one, too
for _, copy in ipairs{ false, true } do
	local left, a, b, right, relay = between(tcp_pair, tcp_pair, { copy = copy })
	reset(right)
	local _, _, e = over(relay, "error")
	eq(e.side, "b")
	fails("ECONNRESET", left.read, left)
end

--# a reset ends a relay whose stream of the same side has ended before
local left, a, b, right, relay = between(tcp_pair, tcp_pair)
left:shutdown("write")
eq(right:read(), nil)
reset(left)
-- Some kernels hear of it only when something is sent.
pcall(right.write, right, "x")
local _, _, e = over(relay, "error")
eq(e.side, "a")

--# a reset ends a relay that has no room to send
for _, copy in ipairs{ false, true } do
	local left, a, b, right, relay = between(tcp_pair, tcp_pair, { copy = copy })
	fill(left)
	reset(left)
	local _, _, e = over(relay, "error")
	eq(e.side, "a")
end
for _, copy in ipairs{ false, true } do
	local left, a, b, right, relay = between(tcp_pair, tcp_pair, { copy = copy })
	fill(left)
	reset(right)
	local _, _, e = over(relay, "error")
	eq(e.side, "b")
	fails("ECONNRESET", left.read, left)
end

--# what came before a reset goes before it
local left, a, b, right, relay = between(tcp_pair, tcp_pair)
left:write("before")
eq(take(right, 6), "before")
reset(left)
eq((over(relay, "error")), 6)

--# a unix stream that is closed with something unread ends the relay as a reset does
local left, a = unix_pair()
local b, right = tcp_pair()
right:write("never read")
local relay = socket.relay(a, b, nowait())
await("the bytes", function() return select(2, relay:count()) == 10 end)
left:close()
local _, _, e = over(relay, "error")
eq(e.name, "ECONNRESET")
fails("ECONNRESET", right.read, right)

--# a relay of a connection that was reset before is over at once
local left, a = tcp_pair()
local b, right = tcp_pair()
reset(left)
kernel.sleep(20)
local _, _, reason, e = socket.relay(a, b)
eq(reason, "error")
eq(e.side, "a")

--# a relay ends when nothing has been moved for as long as idle says
local start = kernel.time_ns()
each(function(left, a, b, right, relay)
	for _ = 1, 4 do
		kernel.sleep(30)
		left:write("x")
		eq(right:read(1), "x")
	end
	local up = over(relay, "idle")
	eq(up, 4)
	right:write("the script's again")
	eq(b:read(), "the script's again")
end, { idle = 300 })

--# a reader that takes nothing is idle
each(function(left, a, b, right, relay)
	fill(left)
	over(relay, "idle")
end, { idle = 500 })

--# when one stream has ended the other has as long as half says
each(function(left, a, b, right, relay)
	kernel.sleep(60)
	eq(tostring(relay), "lrelay (running)")
	left:shutdown("write")
	eq(right:read(), nil)
	local late = kernel.time_ns() + 20000 * MS
	repeat
		pcall(right.send, right, "x", "D")
		kernel.sleep(1)
	until relay:wait(0) or kernel.time_ns() > late
	over(relay, "half")
end, { half = 50 })

--# a relay ends after its total time, busy or not
each(function(left, a, b, right, relay) over(relay, "total") end, { total = 30 })
local left, a, b, right, relay = between(tcp_pair, tcp_pair, { total = 100 })
local other = socket.splice(right, right, { nowait = true })
local again = socket.splice(left, left, { nowait = true })
pcall(left.write, left, "x")
over(relay, "total")

--# total comes before idle, when both are there
local left, a, b, right, relay = between(tcp_pair, tcp_pair, { total = 20, idle = 10000 })
over(relay, "total")
