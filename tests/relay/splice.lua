-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- One direction.

-- As each(), with f(left, a, b, right, opts): nothing is spliced yet.
local function each_pair(f)
	for _, way in ipairs(ways) do
		local left, a = way[1]()
		local b, right = way[2]()
		f(left, a, b, right, way[3])
		for _, s in ipairs{ left, a, b, right } do s:close() end
	end
end

--# a stream is moved to its end, which is handed on; the other direction stays the script's
each_pair(function(left, a, b, right, copy)
	left:write("all of it")
	left:shutdown("write")
	local n, reason = socket.splice(a, b, { copy = copy })
	eq(n, 9)
	eq(reason, "eof")
	eq(right:read("a"), "all of it")
	right:write("answer")
	eq(b:read(), "answer")
	a:write("answer")
	eq(left:read(), "answer")
end)

--# while one direction is moved, the script has the other
each_pair(function(left, a, b, right, copy)
	local s = socket.splice(a, b, { copy = copy, nowait = true })
	right:write("up")
	eq(b:read(), "up")
	a:write("up")
	eq(left:read(), "up")
	fails("EBUSY", a.read, a)
	fails("EBUSY", b.write, b, "x")
	left:write("down")
	eq(take(right, 4), "down")
	eq(select("#", s:count()), 1)
end)

--# with bytes it ends after so many, and the rest stays where it is
each_pair(function(left, a, b, right, copy)
	local text = pattern(100000)
	left:write(text)
	for _, n in ipairs{ 1, 9, 4087, 60000, 35903 } do
		local moved, reason = socket.splice(a, b, { bytes = n, keep = true, copy = copy })
		eq(moved, n)
		eq(reason, "bytes")
	end
	left:write("tail")
	eq(a:read(), "tail")
	assert(take(right, 100000) == text)
	b:write("the script's")
	eq(take(right, 12), "the script's")
end)

--# a stream that ends before that has its end
each_pair(function(left, a, b, right, copy)
	left:write("few")
	left:shutdown("write")
	local moved, reason = socket.splice(a, b, { bytes = 100, copy = copy })
	eq(moved, 3)
	eq(reason, "eof")
	eq(right:read("a"), "few")
end)

--# with keep the end is not handed on
each_pair(function(left, a, b, right, copy)
	left:close()
	local moved, reason = socket.splice(a, b, { keep = true, copy = copy })
	eq(reason, "eof")
	b:write("more")
	eq(take(right, 4), "more")
end)

--# a reset is handed on, but not with keep, nor backwards
for _, keep in ipairs{ false, true } do
	local left, a = tcp_pair()
	local b, right = tcp_pair()
	reset(left)
	kernel.sleep(10)
	local _, reason, e = socket.splice(a, b, { keep = keep })
	eq(reason, "error")
	eq(e.side, "from")
	eq(e.call, "splice")
	if keep then
		b:write("sorry")
		eq(take(right, 5), "sorry")
	else
		fails("ECONNRESET", right.read, right)
	end
end
local left, a = tcp_pair()
local b, right = tcp_pair()
local s = socket.splice(a, b, { nowait = true })
reset(right)
local _, reason, e = s:wait(20000)
eq(reason, "error")
eq(e.side, "to")
a:write("sorry")
eq(take(left, 5), "sorry")

--# a stream spliced to itself is an echo
for _, pair in ipairs{ tcp_pair, unix_pair } do
	local left, a = pair()
	local s = socket.splice(a, a, { nowait = true })
	left:write("echo")
	eq(take(left, 4), "echo")
	left:shutdown("write")
	eq(left:read(), nil)
	local n, reason = s:wait(20000)
	eq(n, 4)
	eq(reason, "eof")
end

--# two splices in opposite directions are a relay
each_pair(function(left, a, b, right, copy)
	local up = socket.splice(a, b, { nowait = true, copy = copy })
	local down = socket.splice(b, a, { nowait = true })
	left:write("there")
	eq(take(right, 5), "there")
	right:write("back")
	eq(take(left, 4), "back")
	left:close()
	right:close()
	eq(select(2, up:wait(20000)), "eof")
	eq(select(2, down:wait(20000)), "eof")
end)

--# its limits
local left, a = tcp_pair()
local b, right = tcp_pair()
eq(select(2, socket.splice(a, b, { idle = 20 })), "idle")
eq(select(2, socket.splice(a, b, { total = 20 })), "total")
