-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Who is in a set: making, add, modify, remove, close, collection.

local event = socket.event

--# socket.poll takes a table, an empty table, nil, and nothing
eq(#socket.poll{ tcp(), tcp() }, 2)
eq(#socket.poll{}, 0)
eq(#socket.poll(nil), 0)
eq(#socket.poll(), 0)

--# socket.poll honours __len and __index of its table
local a, b = tcp(), tcp()
local t = setmetatable({}, { __len = function() return 2 end, __index = function(_, i) return i == 1 and a or b end })
local p = socket.poll(t)
eq(#p, 2)
eq(p:remove(b), true)

--# socket.poll refuses what is no table, and names the argument
raises("bad argument #1 to 'socket.poll'", socket.poll, 5)
raises("bad argument #1 to 'socket.poll'", socket.poll, tcp())
raises("bad argument #1 to 'socket.poll'", socket.poll, "x")

--# an element that is no socket is a mistake of the first argument
raises("luasocket expected, got number", socket.poll, { tcp(), 5 })
raises("bad argument #1 to 'socket.poll'", socket.poll, { tcp(), 5 })

--# P4: a closed socket in the table is a mistake
local s = tcp()
s:close()
raises("closed luasocket", socket.poll, { s })
raises("closed luasocket", socket.poll().add, socket.poll(), s)

--# after a mistake in the table the good sockets go on
local s = udp()
pcall(socket.poll, { s, 5 })
local p = socket.poll{ s }
eq(p:select(0), nil)

--# a table with a huge length is a mistake
raises("luasocket expected, got nil", socket.poll, setmetatable({}, { __len = function() return math.maxinteger end }))
eq(#socket.poll(setmetatable({}, { __len = function() return -5 end })), 0)

--# a set in its table is not bound to the table
local a, b = udp_pair()
local t = { a }
local p = socket.poll(t)
t[1] = nil
b:send("x")
local index, sock = p:select(0)
eq(index, 0)
assert(rawequal(sock, a))

--# add gives the lowest free index
local p = socket.poll()
local s = {}
for i = 0, 9 do
	s[i] = udp()
	eq(p:add(s[i]), i)
end
p:remove(s[7])
p:remove(s[3])
s[5]:close()
eq(p:add((udp())), 3)
eq(p:add((udp())), 5)
eq(p:add((udp())), 7)
eq(p:add((udp())), 10)

--# 256 sets have the same member, and no more
local s, sets = udp(), {}
for i = 1, 256 do sets[i] = socket.poll{ s } end
local p = socket.poll()
local e = fails("ENOSPC", p.add, p, s)
eq(e.call, "poll add")
assert(tostring(e):find("256 poll sets have it", 1, true), e)
eq(#p, 0)
sets[7]:remove(s)
eq(p:add(s), 0)
fails("ENOSPC", socket.poll, { s })
sets[8]:close()
eq(#socket.poll{ s }, 1)
s:close()
for _, set in ipairs(sets) do if set ~= sets[8] then eq(#set, 0) end end

--# sets that are garbage make room by themselves
collectgarbage("stop")
local s = udp()
for _ = 1, 1000 do socket.poll{ s } end

--# add twice raises EEXIST, and the member stays as it was
local a, b = udp_pair()
local p = socket.poll{ a }
local e = fails("EEXIST", p.add, p, a, "w")
eq(e.call, "poll add")
eq(#p, 1)
eq(p:select(0), nil)
fails("EEXIST", socket.poll, { a, a })

--# add watches for reading unless told otherwise
local a, b = tcp_pair()
local p = socket.poll()
p:add(a)
eq(p:select(0), nil)
b:send("x")
eq(select(3, p:select(5000)), event.IN)

--# add takes events as letters, words, numbers and sums
local a = tcp_pair()
for _, events in ipairs{ "w", "rw", "wr", "out", "OUT", "in,out", "in|out", "r,w", "rwph", 4, 5, event.OUT, event.IN | event.OUT } do
	local p = socket.poll()
	p:add(a, events)
	eq(select(3, p:select(0)), event.OUT)
end

--# bad events are a mistake, and nothing is added
local p, a = socket.poll(), tcp_pair()
for _, events in ipairs{ "x", "q", "rx", "writable", "R" } do raises("invalid events name '" .. events .. "'", p.add, p, a, events) end
raises("cannot be used here", p.add, p, a, 1 << 28)
raises("cannot be used here", p.add, p, a, 0x20)
raises("events out of range", p.add, p, a, -1)
raises("events out of range", p.add, p, a, 1 << 31)
raises("events must be a string or an integer, not a table", p.add, p, a, {})
raises("not a boolean", p.add, p, a, true)
eq(#p, 0)

--# modify changes what is told, at once
local a, b = tcp_pair()
local p = socket.poll{ a }
eq(p:select(0), nil)
p:modify(a, "w")
eq(select(3, p:select(0)), event.OUT)
p:modify(a, "r")
eq(p:select(0), nil)
p:modify(a, event.OUT)
eq(select(3, p:select(0)), event.OUT)

--# modify with 0 or "" leaves errors and hang-ups
for _, none in ipairs{ 0, "" } do
	local a, b = tcp_pair()
	local p = socket.poll()
	p:add(a, "rw")
	p:modify(a, none)
	b:send("x")
	eq(p:select(20), nil)
	reset(b)
	assert(select(3, p:select(5000)) & event.ERR ~= 0)
end

--# modify of what is no member raises ENOENT
local p, s = socket.poll(), udp()
local e = fails("ENOENT", p.modify, p, s, "r")
eq(e.call, "poll modify")

--# modify with bad events is a mistake and changes nothing
local a = tcp_pair()
local p = socket.poll()
p:add(a, "w")
raises("invalid events name 'z'", p.modify, p, a, "z")
raises("cannot be used here", p.modify, p, a, 0x40)
raises("out of range", p.modify, p, a, -5)
eq(select(3, p:select(0)), event.OUT)

--# remove takes a socket out, which stays open
local a, b = udp_pair()
local p = socket.poll{ a, b }
eq(p:remove(b), true)
a:send("x")
eq(p:select(0), nil)
eq(#p, 1)
eq(b:read(), "x")

--# remove of what is no member raises ENOENT
local p, s = socket.poll(), udp()
local e = fails("ENOENT", p.remove, p, s)
eq(e.call, "poll remove")
p:add(s)
p:remove(s)
fails("ENOENT", p.remove, p, s)

--# remove of a closed socket gives false
local p, s = socket.poll(), udp()
p:add(s)
s:close()
eq(p:remove(s), false)

--# a socket that is ready and removed is not told
local a, b = udp_pair()
local p = socket.poll{ b }
a:send("x")
eq((p:select(0)), 0)
p:remove(b)
eq(p:select(0), nil)

--# a socket that was removed can be added again
local a, b = udp_pair()
a:send("x")
local p = socket.poll{ b }
p:remove(b)
eq(p:add(b), 0)
eq((p:select(0)), 0)

--# members may leave while a loop goes over the ready ones
local p, left = socket.poll(), 0
local out = udp()
local to = {}
for i = 1, 20 do
	local s, port = udp()
	p:add(s)
	out:sendmsg({ name = { LO, port } }, "x")
	left = left + 1
end
while #p > 0 do
	local index, s = p:select(0)
	assert(index, "one is missing")
	if index % 2 == 0 then p:remove(s) else s:close() end
	left = left - 1
end
eq(left, 0)

--# a member that is closed leaves silently
local a, b = udp_pair()
local p = socket.poll{ a, b }
b:send("x")
a:close()
eq(#p, 1)
eq(p:select(0), nil)
local c = udp()
eq(p:add(c), 0)

--# a member that is closed while it is ready is not told
local a, b = udp_pair()
local p = socket.poll{ b }
a:send("x")
eq((p:select(0)), 0)
b:close()
eq(p:select(0), nil)
eq(#p, 0)

--# select gives the very userdata that was added
local a, b = udp_pair()
local p = socket.poll()
p:add(b)
a:send("x")
for _ = 1, 3 do assert(rawequal(select(2, p:select(0)), b)) end

--# a set keeps its members, and gives them out when nobody else has them
local s, port = listener()
local p = socket.poll()
local c = tcp()
c:connect(LO, port)
p:add(s:accept())
collectgarbage()
collectgarbage()
c:send("still there")
local index, sock = p:select(5000)
eq(index, 0)
eq(sock:read(), "still there")

--# a set that is collected lets its members live
local a, b = udp_pair()
for _ = 1, 50 do
	socket.poll{ a, b }
	collectgarbage()
end
a:send("x")
eq(b:read(), "x")

--# members that are collected with their set, in any order
for _ = 1, 50 do
	local p = socket.poll()
	for _ = 1, 5 do p:add((udp())) end
	p = nil
	collectgarbage()
end

--# a member that is referred to by the set alone goes with remove
local s, port = listener()
local p = socket.poll{ s }
p:remove(s)
s = nil
collectgarbage()
collectgarbage()
fails("ECONNREFUSED", function() tcp():connect(LO, port) end)

--# the place that a removed member had does not keep it
local weak = setmetatable({}, { __mode = "k" })
local p = socket.poll()
do
	local s = udp()
	weak[s] = true
	p:add((udp()))
	p:add(s)
	p:remove(s)
end
collectgarbage()
collectgarbage()
eq(next(weak), nil)

--# a socket can be in two sets
local a, b = udp_pair()
local p, q = socket.poll{ b }, socket.poll{ a, b }
a:send("x")
eq((p:select(0)), 0)
eq((q:select(0)), 1)
p:remove(b)
eq((q:select(0)), 1)
b:close()
eq(#p, 0)
eq(#q, 1)

--# a socket can be in a hundred sets, and leaves them all
local a, b = udp_pair()
local sets = {}
for i = 1, 100 do sets[i] = socket.poll{ b } end
a:send("x")
for i = 1, 100 do eq((sets[i]:select(0)), 0) end
for i = 1, 50 do sets[i]:close() end
b:close()
for i = 51, 100 do eq(#sets[i], 0) end

--# close of a set leaves its sockets open, and is idempotent
local a, b = udp_pair()
local p = socket.poll{ a, b }
eq(select("#", p:close()), 0)
p:close()
a:send("x")
eq(b:read(), "x")
raises("closed lpoll", p.select, p, 0)
raises("closed lpoll", p.add, p, a)
raises("closed lpoll", p.modify, p, a, "r")
raises("closed lpoll", p.remove, p, a)
raises("closed lpoll", function() return #p end)

--# a closed set lets go of its members
local weak = setmetatable({}, { __mode = "k" })
local p = socket.poll()
for _ = 1, 10 do
	local s = udp()
	weak[s] = true
	p:add(s)
end
p:close()
collectgarbage()
collectgarbage()
eq(next(weak), nil)

--# a set as text tells its size
local p = socket.poll()
eq(tostring(p), "lpoll (0 sockets)")
p:add(tcp())
p:add(tcp())
eq(tostring(p), "lpoll (2 sockets)")
p:close()
eq(tostring(p), "lpoll (closed)")

--# a set's metatable is out of reach, and it has no finalizer to call
local p = socket.poll()
eq(getmetatable(p), "lpoll")
eq(p.__gc, nil)
raises("attempt to index", function() p.x = 1 end)
