-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Members that are reported once, or when something happens: one-shot and edge-triggered.

local event = socket.event

--# a one-shot is reported once, whatever comes afterwards
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "r1")
a:send("x")
eq((p:select(0)), 0)
eq(p:select(0), nil)
a:send("y")
eq(p:select(20), nil)
eq(#p, 1)

--# a one-shot that was reported is watched again after modify, which tells what is there
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "r1")
a:send("x")
for _ = 1, 3 do
	eq((p:select(0)), 0)
	eq(p:select(0), nil)
	p:modify(b, "r1")
end
b:read()
eq(p:select(0), nil)
a:send("y")
eq((p:select(0)), 0)
eq(p:select(0), nil)

--# a one-shot that has nothing to tell yet stays watched
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "r1")
for _ = 1, 3 do eq(p:select(0), nil) end
a:send("x")
eq((p:select(5000)), 0)

--# a one-shot that was reported is not told of errors and hang-ups either
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, "r1")
a:send("x")
eq((p:select(5000)), 0)
reset(a)
eq(p:select(50), nil)
p:modify(b, 0)
assert(select(3, p:select(5000)) & event.ERR ~= 0)

--# a one-shot is spent by an error that nobody asked for
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, event.ONESHOT)
reset(a)
local _, _, events = p:select(5000)
assert(events & event.ERR ~= 0)
eq(p:select(0), nil)

--# modify makes a one-shot one that is told always, and the other way round
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "r1")
a:send("x")
eq((p:select(0)), 0)
p:modify(b, "r")
for _ = 1, 3 do eq((p:select(0)), 0) end
p:modify(b, "r1")
eq((p:select(0)), 0)
eq(p:select(0), nil)

--# a one-shot that was reported can leave, and come again
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "r1")
a:send("x")
eq((p:select(0)), 0)
eq(p:remove(b), true)
p:add(b, "r1")
eq((p:select(0)), 0)

--# a one-shot that was reported leaves when it is closed
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "r1")
a:send("x")
eq((p:select(0)), 0)
b:close()
eq(#p, 0)
raises("poll set is empty", p.select, p)

--# an edge-triggered member is reported when something comes, not while it is there
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "re")
for _ = 1, 3 do
	a:send("x")
	eq((p:select(5000)), 0)
	eq(p:select(0), nil)
end
eq(p:select(20), nil)

--# an edge-triggered member is not reported for what a read leaves
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, "re")
a:send("abc")
eq((p:select(5000)), 0)
b:read(1)
eq(p:select(20), nil)
a:send("d")
eq((p:select(5000)), 0)
eq(b:read(), "bcd")

--# an edge-triggered member is reported for what was there before it was added
local a, b = udp_pair()
a:send("x")
local p = socket.poll()
p:add(b, "re")
eq((p:select(0)), 0)
eq(p:select(0), nil)

--# modify reports an edge-triggered member that is ready again
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "re")
a:send("x")
for _ = 1, 3 do
	eq((p:select(5000)), 0)
	eq(p:select(0), nil)
	p:modify(b, "re")
end

--# an edge-triggered member is not reported for what has gone again
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "re")
a:send("x")
b:read()
eq(p:select(0), nil)

--# edge-triggered: room to send is reported once, and again when it has come back
local a, b = tcp_pair()
local p = socket.poll()
p:add(a, "we")
eq(select(3, p:select(0)), event.OUT)
eq(p:select(0), nil)
local sent = fill(a)
eq(p:select(0), nil)
local buf = data.new(1 << 20)
while sent > 0 do sent = sent - select(2, b:recv(buf)) end
eq(select(3, p:select(5000)), event.OUT)

--# edge-triggered: the end of a stream is reported once
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, "rhe")
a:close()
local seen = 0
while true do
	local _, _, events = p:select(seen & event.RDHUP == 0 and 5000 or 50)
	if not events then break end
	eq(events & event.ET, 0)
	seen = seen | events
end
eq(seen & (event.IN | event.RDHUP), event.IN | event.RDHUP)

--# edge-triggered: of two connections that come at once both can be accepted
local s, port = listener(5)
local p = socket.poll()
p:add(s, "re")
local c, d = tcp(), tcp()
c:connect(LO, port)
d:connect(LO, port)
eq((p:select(5000)), 0)
s:accept()
s:accept("D")
fails("EAGAIN", s.accept, s, "D")
while p:select(0) do end
local e = tcp()
e:connect(LO, port)
eq((p:select(5000)), 0)

--# edge-triggered and one-shot together: one report, and modify
local a, b = udp_pair()
local p = socket.poll()
p:add(b, "r1e")
a:send("x")
eq((p:select(5000)), 0)
a:send("y")
eq(p:select(20), nil)
p:modify(b, "r1e")
eq((p:select(5000)), 0)
eq(p:select(0), nil)

--# modes are letters, words and numbers beside the events
local a, b = udp_pair()
a:send("x")
for _, events in ipairs{ "r1", "1r", "rw1", "in,oneshot", "IN|ONESHOT", "IN ONESHOT", event.IN | event.ONESHOT, "re", "er", "in,et", "IN|ET",
	event.IN | event.ET, "re1", event.IN | event.ET | event.ONESHOT } do
	local p = socket.poll()
	p:add(b, events)
	local _, _, told = p:select(0)
	eq(told & ~event.OUT, event.IN)
	eq(p:select(0), nil)
end

--# other bits are no modes
local p, s = socket.poll(), udp()
raises("cannot be used here", p.add, p, s, 1 << 28)
raises("events out of range", p.add, p, s, 1 << 31)
raises("invalid events name 'edge'", p.add, p, s, "edge")
eq(event.ONESHOT & event.ET, 0)
eq((event.ONESHOT | event.ET) & (event.IN | event.OUT | event.PRI | event.ERR | event.HUP | event.RDHUP), 0)

--# a mode without events leaves errors and hang-ups
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, "e")
a:send("x")
eq(p:select(20), nil)
reset(a)
assert(select(3, p:select(5000)) & event.ERR ~= 0)

--# the same socket is told always in one set, once in another
local a, b = udp_pair()
local always, once, edge = socket.poll(), socket.poll(), socket.poll()
always:add(b, "r")
once:add(b, "r1")
edge:add(b, "re")
a:send("x")
for _ = 1, 3 do eq((always:select(0)), 0) end
eq((once:select(0)), 0)
eq(once:select(0), nil)
eq((edge:select(0)), 0)
eq(edge:select(0), nil)
a:send("y")
eq(once:select(0), nil)
eq((edge:select(0)), 0)

--# a channel can be one-shot and edge-triggered
local ch = thread.channel(4)
local once, edge = socket.poll(), socket.poll()
once:add(ch, "r1")
edge:add(ch, "re")
for i = 1, 3 do
	ch:send(i)
	eq(once:select(0), i == 1 and 0 or nil)
	eq((edge:select(0)), 0)
	eq(edge:select(0), nil)
end
once:modify(ch, "r1")
eq((once:select(0)), 0)
ch:close()
eq(select(3, edge:select(0)), event.IN | event.HUP)
eq(once:select(0), nil)

--# one-shots that were reported do not hide others
local p = socket.poll()
local out = udp()
local ports = {}
for i = 0, 9 do
	local s
	s, ports[i] = udp()
	p:add(s, "r1")
end
for i = 0, 9 do
	for j = 0, i do out:sendmsg({ name = { LO, ports[j] } }, "x") end
	eq((p:select(5000)), i)
	eq(p:select(0), nil)
end

--# a busy edge-triggered member does not starve others
local a, b = udp_pair()
local c, d = udp_pair()
local p = socket.poll()
p:add(b, "re")
p:add(d, "r")
c:send("x")
local turns = { [0] = 0, 0 }
for _ = 1, 20 do
	a:send("x")
	local index = p:select(5000)
	turns[index] = turns[index] + 1
end
assert(turns[0] >= 9 and turns[1] >= 9, turns[0] .. " " .. turns[1])
