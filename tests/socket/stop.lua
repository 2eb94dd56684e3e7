-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A signal ends every wait within a second.

--# a signal ends accept
--! stop
local s = listener()
print("ready")
s:accept()

--# a signal ends accept that has a time-out
--! stop
local s = listener()
s:settimeout(100000)
print("ready")
s:accept()

--# a signal ends connect
--! stop
local port, keep = blackhole()
local c = tcp()
print("ready")
c:connect(LO, port)

--# a signal ends recv over TCP
--! stop
local a, b = tcp_pair()
print("ready")
b:recv(10)

--# a signal ends recv with "W" over TCP
--! stop
local a, b = tcp_pair()
a:send("some")
print("ready")
b:recv(data.new(10), "W")

--# a signal ends read over TCP
--! stop
local a, b = tcp_pair()
print("ready")
b:read()

--# a signal ends recv over UDP
--! stop
local s = udp()
print("ready")
s:recv(10)

--# a signal ends recvmsg over TCP
--! stop
local a, b = tcp_pair()
print("ready")
b:recvmsg{ iov_len = 10 }

--# a signal ends recvmsg over UDP
--! stop
local s = udp()
print("ready")
s:recvmsg({}, data.new(10))

--# a signal ends send into full buffers
--! stop
local a, b = tcp_pair()
fill(a)
print("ready")
a:send("x")

--# a signal ends send of much more than fits
--! stop
local a, b = tcp_pair()
local big = ("x"):rep(16 << 20)
print("ready")
a:send(big)

--# a signal ends write into full buffers
--! stop
local a, b = tcp_pair()
print("ready")
a:write(("x"):rep(16 << 20))

--# a signal ends sendmsg into full buffers
--! stop
local a, b = tcp_pair()
fill(a)
print("ready")
a:sendmsg({}, "x")

--# a signal ends recv with a time-out of its own
--! stop
local a, b = tcp_pair()
print("ready")
b:recv(10, nil, nil, nil, 100000)

--# a signal ends connect with a time-out of its own
--! stop
local port, keep = blackhole()
local c = tcp()
print("ready")
c:connect(LO, port, nil, 100000)

--# a signal ends send with a time-out of its own
--! stop
local a, b = tcp_pair()
fill(a)
print("ready")
a:send("x", nil, nil, nil, 100000)

--# a signal ends read of a line that goes on and on
--! stop
local a, b = tcp_pair()
local t = thread.spawn(function(a) while true do a:send("x") end end, a)
print("ready")
b:read("l", nil, nil, 1 << 30)

--# a signal ends read of lines that never wait
--! stop
local a, b = tcp_pair()
local t = thread.spawn(function(a) local s = ("line\n"):rep(10000) while true do a:write(s) end end, a)
print("ready")
for line in b:lines() do end

--# a signal ends sendfile of data that does not fit
--! stop
local a, b = tcp_pair()
print("ready")
a:sendfile(data.new(16 << 20))

--# a signal ends a send to a unix socket that has no room
--! stop
local to, from = socket.new("x", "dgram"), socket.new("x", "dgram")
to:bind("@full")
print("ready")
while true do from:sendmsg({ name = { "@full" } }, "x", nil, -1) end

--# a signal ends select
--! stop
local p = socket.poll{ (udp()) }
print("ready")
p:select()

--# a signal ends select that has a time-out
--! stop
local p = socket.poll()
print("ready")
p:select(100000)

--# a signal ends select over many sockets
--! stop
local p = socket.poll()
for _ = 1, 300 do p:add((udp())) end
print("ready")
p:select()

--# a signal ends a close that lingers
--! stop
local a, b = tcp_pair()
fill(a)
a:setsockopt("socket", "linger", 1000)
print("ready")
a:close()

--# a script whose sockets would linger ends without waiting
local a, b = tcp_pair()
fill(a)
a:setsockopt("socket", "linger", 1000)

--# pcall does not keep a signal from ending accept
--! stop
local s = listener()
print("ready")
while true do pcall(s.accept, s) end

--# pcall does not keep a signal from ending recv
--! stop
local s = udp()
print("ready")
while true do pcall(pcall, s.recv, s, 10) end

--# a coroutine does not keep a signal from ending recv
--! stop
local s = udp()
print("ready")
while true do coroutine.wrap(pcall)(s.recv, s, 10) end

--# a finalizer does not keep a signal from ending select
--! stop
local p = socket.poll{ (udp()) }
setmetatable({}, { __gc = function() print("ready") while true do pcall(p.select, p) end end })
collectgarbage()

--# a finalizer at the end of the state does not keep a signal from ending accept
--! stop
local s = listener()
setmetatable({}, { __gc = function() print("ready") while true do pcall(s.accept, s) end end })

--# a signal ends a loop of calls that never wait
--! stop
local a, b = tcp_pair()
print("ready")
while true do
	pcall(b.recv, b, 1, "D")
	socket.poll{ a, b }:select(0)
end

--# a signal ends a loop over a socket that is always ready
--! stop
local a, b = tcp_pair()
a:send("x")
local p = socket.poll{ b }
print("ready")
while true do p:select() end

--# a signal ends a flood of datagrams
--! stop
local a, b = udp_pair()
print("ready")
while true do
	pcall(a.send, a, ("x"):rep(60000))
	b:read(65536, "D")
end

--# a signal ends two ends that feed each other
--! stop
local a, b = tcp_pair()
a:send("x")
print("ready")
while true do b:send(b:read()) a:send(a:read()) end
