-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Channels, as one state sees them.

--# values come out in the order in which they went in
local ch = thread.channel(100)
for i = 1, 100 do eq(ch:send(i), true) end
eq(#ch, 100)
for i = 1, 100 do eq(ch:receive(), i) end
eq(#ch, 0)

--# a channel holds one value unless told otherwise, and shows what it has
local ch = thread.channel()
eq(tostring(ch), "lchannel (0 of 1 values)")
eq(ch:send("x", 0), true)
eq(tostring(ch), "lchannel (1 of 1 values)")
eq(ch:send("y", 0), false)
eq(ch:send("y", 30), false)
eq(#ch, 1)

--# receive waits as long as it is told, and tells why there is nothing
local ch = thread.channel()
local v, why = ch:receive(0)
eq(v, nil) eq(why, "timeout")
local start = kernel.time_ns and kernel.time_ns() or 0
v, why = ch:receive(50)
eq(v, nil) eq(why, "timeout")
if kernel.time_ns then assert(kernel.time_ns() - start >= 45 * 1000000) end

--# nil and false can be sent
local ch = thread.channel(2)
ch:send(nil) ch:send(false)
eq(select("#", ch:receive()), 1)
eq(ch:receive(), false)

--# a closed channel gives what it has, and then its end
local ch = thread.channel(2)
ch:send(1)
ch:close()
ch:close()
eq(ch:receive(), 1)
local v, why = ch:receive()
eq(v, nil) eq(why, "closed")
local e = raises("EPIPE", ch.send, ch, 2)
eq(e.name, "EPIPE")

--# the number of values is checked
raises("number of values must be in 1..65536, not 0", thread.channel, 0)
raises("number of values must be in 1..65536", thread.channel, 65537)
raises("number expected, got string", thread.channel, "x")

--# send wants a value
raises("value expected", function() thread.channel():send() end)

--# methods want a channel
raises("lchannel expected, got table", thread.channel().send, {}, 1)

--# a poll set reports a channel that has a value, and one that has room
local a, b = thread.channel(1), thread.channel(1)
local poll = socket.poll()
eq(poll:add(a, "r"), 0)
eq(poll:add(b, "w"), 1)
local i, ch, events = poll:select(0)
eq(i, 1) assert(rawequal(ch, b)) eq(events, socket.event.OUT)
b:send(1)
eq(poll:select(0), nil)
a:send(2)
i, ch, events = poll:select(0)
eq(i, 0) assert(rawequal(ch, a)) eq(events, socket.event.IN)
a:receive()
eq(poll:select(0), nil)
b:receive()
eq(poll:select(0), 1)

--# a poll set reports a channel's end
local ch = thread.channel(1)
local poll = socket.poll { ch }
eq(poll:select(0), nil)
ch:close()
local i, c, events = poll:select()
eq(i, 0) eq(events, socket.event.IN + socket.event.HUP)

--# channels and sockets are in one poll set, and leave it
local ch, s = thread.channel(1), socket.new("inet", "udp")
s:bind("127.0.0.1", 0)
local poll = socket.poll { ch, s }
eq(#poll, 2)
local e = raises("EEXIST", poll.add, poll, ch)
poll:modify(ch, "w")
local i, c = poll:select()
eq(i, 0)
eq(poll:remove(ch), true)
raises("ENOENT", poll.remove, poll, ch)
eq(poll:select(0), nil)
eq(#poll, 1)

--# a channel in a poll set lives as long as the set
local poll = socket.poll { thread.channel(1) }
collectgarbage() collectgarbage()
local ch = thread.channel(1)
eq(poll:select(0), nil)

--# a channel that is sent through itself does not outlive the script
local ch = thread.channel(2)
ch:send(ch)
ch:send { a = { ch }, d = data.new(1000), s = socket.new("inet", "udp") }

--# channels that contain each other do not outlive the script
local a, b = thread.channel(2), thread.channel(2)
a:send(b) b:send(a)
a:send(a) b:send(b)

--# channels, each in the next one, go at once, however many
local ch = thread.channel(1)
for _ = 1, 10000 // SLOW do
	local outer = thread.channel(1)
	outer:send(ch)
	ch = outer
end
ch = nil
collectgarbage()

--# garbage channels give their memory back when it is short
--! param memory=1000000
local s = ("x"):rep(10000)
for _ = 1, 1000 do
	thread.channel(1):send(s)
end

--# a wait to receive ends at a stop
--! stop
print "ready"
pcall(function() thread.channel():receive() end)

--# a wait to send ends at a stop
--! stop
local ch = thread.channel(1)
ch:send(1)
print "ready"
while true do pcall(ch.send, ch, 1) end

--# a wait for a channel in a poll set ends at a stop
--! stop
local poll = socket.poll { thread.channel() }
print "ready"
poll:select()
