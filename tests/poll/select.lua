-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What select gives, and when.

local event = socket.event

--# select gives index from 0, the socket and its events
local a, b = udp_pair()
local p = socket.poll{ a, b }
a:send("x")
local index, sock, events = p:select()
eq(index, 1)
assert(rawequal(sock, b))
eq(events, event.IN)
eq(select("#", p:select()), 3)

--# the first socket of the table has index 0
local a, b = udp_pair()
local p = socket.poll{ a, b }
b:send("x")
eq((p:select()), 0)

--# select() waits without a time-out, as do nil and -1
local a, b = udp_pair()
local p = socket.poll{ a }
b:send("x")
eq((p:select()), 0)
eq((p:select(nil)), 0)
eq((p:select(-1)), 0)

--# select(0) does not wait
local a, b = udp_pair()
local p = socket.poll{ a }
eq(p:select(0), nil)
eq(select("#", p:select(0)), 0)
b:send("x")
eq((p:select(0)), 0)

--# select with a time-out gives nothing when it is over
local p = socket.poll{ (udp()) }
local before = os.time()
eq(p:select(2100), nil)
assert(os.time() - before >= 2)
eq(select("#", p:select(1)), 0)

--# the largest time-out is one
local a, b = udp_pair()
local p = socket.poll{ a }
b:send("x")
eq((p:select(0x7fffffff)), 0)

--# select is level-triggered: a socket is reported until it is read
local a, b = tcp_pair()
a:send("abc")
local p = socket.poll{ b }
for _ = 1, 5 do eq((p:select()), 0) end
b:read(2)
for _ = 1, 5 do eq((p:select(0)), 0) end
b:read(1)
eq(p:select(0), nil)
a:send("d")
eq((p:select(0)), 0)

--# data that arrived before the set was made is seen
local a, b = udp_pair()
a:send("x")
eq((socket.poll{ b }:select(0)), 0)

--# data that arrived before add is seen
local a, b = udp_pair()
local p = socket.poll()
a:send("x")
p:add(b)
eq((p:select(0)), 0)

--# data that arrives between add and select is seen
local a, b = udp_pair()
local p = socket.poll{ b }
a:send("x")
eq((p:select(0)), 0)

--# data that arrives while nothing is watched is seen when it is again
local a, b = udp_pair()
local p = socket.poll{ b }
p:modify(b, 0)
a:send("x")
eq(p:select(0), nil)
p:modify(b, "r")
eq((p:select(0)), 0)

--# a connection to accept is IN
local s, port = listener()
local p = socket.poll{ s }
eq(p:select(0), nil)
local c = tcp()
c:connect(LO, port)
local index, sock, events = p:select(5000)
eq(index, 0)
eq(events & event.IN, event.IN)
s:accept()
eq(p:select(0), nil)

--# the end of a stream is IN, for as long as it is not closed
local a, b = tcp_pair()
local p = socket.poll{ b }
a:close()
local _, _, events = p:select(5000)
eq(events & event.IN, event.IN)
eq(b:read(), nil)
eq((p:select(0)), 0)

--# the end of a stream is RDHUP for those who ask for it
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, "h")
eq(p:select(0), nil)
a:shutdown("write")
local _, _, events = p:select(5000)
eq(events, event.RDHUP)

--# the end of both directions is HUP, unasked
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, 0)
a:close()
eq(p:select(50), nil)
b:shutdown("write")
local index, _, events = p:select(5000)
eq(index, 0)
assert(events & event.HUP ~= 0)

--# a reset is ERR and HUP, unasked
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, 0)
reset(a)
local index, _, events = p:select(5000)
eq(index, 0)
assert(events & event.ERR ~= 0, "no ERR")
assert(events & event.HUP ~= 0, "no HUP")

--# a connected UDP socket's error is ERR, unasked
local port = free_port()
local s = socket.new("i", "u")
s:connect(LO, port)
local p = socket.poll()
p:add(s, 0)
s:send("x")
local _, _, events = p:select(5000)
assert(events & event.ERR ~= 0)
eq(s:getsockopt("socket", "error"), socket.errno.ECONNREFUSED)
eq(p:select(0), nil)

--# a connection that stands is OUT
local s, port = listener()
local c = tcp()
fails("EINPROGRESS", c.connect, c, LO, port, "D")
local p = socket.poll()
p:add(c, "w")
local _, sock, events = p:select(5000)
assert(rawequal(sock, c))
eq(events & (event.OUT | event.ERR), event.OUT)

--# a connection that is refused is OUT and ERR
local c = tcp()
fails("EINPROGRESS", c.connect, c, LO, free_port(), "D")
local p = socket.poll()
p:add(c, "w")
local _, _, events = p:select(5000)
eq(events & (event.OUT | event.ERR), event.OUT | event.ERR)

--# a connection that does not come about is nothing
local port, keep = blackhole()
local c = tcp()
fails("EINPROGRESS", c.connect, c, LO, port, "D")
local p = socket.poll()
p:add(c, "rw")
eq(p:select(100), nil)

--# room to send is OUT, none is not, and room that comes back wakes
local a, b = tcp_pair()
local p = socket.poll()
p:add(a, "w")
eq(select(3, p:select(0)), event.OUT)
local sent = fill(a)
eq(p:select(0), nil)
local buf = data.new(1 << 20)
while sent > 0 do sent = sent - select(2, b:recv(buf)) end
eq(select(3, p:select(5000)), event.OUT)

--# urgent data is PRI for those who ask for it
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, "p")
a:send("x")
eq(p:select(50), nil)
a:send("!", "O")
eq(select(3, p:select(5000)) & event.PRI, event.PRI)

--# a socket that is ready for both tells both
local a, b = tcp_pair()
local p = socket.poll()
p:add(b, "rw")
eq(select(3, p:select()), event.OUT)
a:send("x")
await(b)
eq(select(3, p:select()), event.IN | event.OUT)

--# only what was asked for is told
local a, b = tcp_pair()
a:send("x")
await(b)
local p = socket.poll{ b }
eq(select(3, p:select()), event.IN)
p:modify(b, "w")
eq(select(3, p:select()), event.OUT)

--# a UDP socket is ready for datagrams of no bytes too
local a, b = udp_pair()
local p = socket.poll{ b }
a:send("")
eq((p:select(5000)), 0)
eq(b:read(), "")
eq(p:select(0), nil)

--# an unconnected TCP socket is HUP, as poll(2) has it
local p = socket.poll{ tcp() }
local _, _, events = p:select(1000)
assert(events & event.HUP ~= 0)

--# a select on an empty set without a time-out raises; with one it gives nothing
local p = socket.poll()
raises("poll set is empty", p.select, p)
raises("poll set is empty", p.select, p, nil)
raises("poll set is empty", p.select, p, -1)
eq(p:select(0), nil)
eq(p:select(20), nil)
p = socket.poll{}
raises("poll set is empty", p.select, p)

--# a set whose last member was closed is empty
local s = udp()
local p = socket.poll{ s }
s:close()
raises("poll set is empty", p.select, p)
eq(p:select(0), nil)

--# a time-out must be one
local p = socket.poll()
raises("number expected, got boolean", p.select, p, true)
raises("must be in 0..2147483647, not -2", p.select, p, -2)
