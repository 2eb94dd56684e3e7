-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- How many sockets and how much memory a script may have; garbage.

--# the socket past the parameter is EMFILE, which names the parameter
--! param sockets=10
local s = {}
for i = 1, 10 do s[i] = tcp() end
local e = fails("EMFILE", tcp)
eq(e.call, "socket")
assert(tostring(e):find("limit: module parameter sockets", 1, true), e)

--# after a close there is room for a socket again
--! param sockets=10
local s = {}
for i = 1, 10 do s[i] = tcp() end
fails("EMFILE", tcp)
s[5]:close()
s[5] = tcp()
fails("EMFILE", tcp)

--# garbage sockets make room by themselves
--! param sockets=10
collectgarbage("stop")
for i = 1, 1000 do tcp() end

--# accept makes room by itself, too
--! param sockets=10
collectgarbage("stop")
local s, port = listener()
for i = 1, 200 do
	local c = tcp()
	c:connect(LO, port)
	s:accept()
end

--# accept past the parameter is EMFILE, and the connection is still there afterwards
--! param sockets=5
local s, port = listener()
local c = tcp()
c:connect(LO, port)
local more = {}
for i = 1, 3 do more[i] = tcp() end
local e = fails("EMFILE", s.accept, s)
eq(e.call, "accept")
assert(tostring(e):find("module parameter sockets", 1, true), e)
more[1]:close()
c:send("x")
eq(s:accept():read(), "x")

--# with the parameter 0 there are no sockets
--! param sockets=0
fails("EMFILE", tcp)
fails("EMFILE", udp)

--# a creation that failed does not use up the limit
--! param sockets=3
for _ = 1, 20 do
	fails("EAFNOSUPPORT", socket.new, 200, 1)
	fails("EPROTONOSUPPORT", socket.new, "i", "t", 17)
end
local s = { tcp(), tcp(), tcp() }
s[1]:bind(LO, 0)
s[1]:listen(1)
s[3]:close()
for _ = 1, 20 do fails("EAGAIN", s[1].accept, s[1], "D") end
s[3] = tcp()

--# two hundred thousand sockets come and go as garbage (fewer on a slow kernel)
--! timeout 120
--! param sockets=1000
for i = 1, 200000 // (SLOW * SLOW) do socket.new("i", "u") end

--# twenty thousand TCP sockets come and go as garbage (fewer on a slow kernel)
for i = 1, 20000 // SLOW do socket.new("i", "t") end

--# a listening socket that nobody refers to frees its port when it is collected
local s, port = listener()
s = nil
collectgarbage()
collectgarbage()
tcp():bind(LO, port)

--# a connection that nobody refers to ends when it is collected
local a, b = tcp_pair()
a = nil
collectgarbage()
collectgarbage()
eq(b:read(), nil)

--# tables of bytes count against the memory limit
--! param memory=4M
--! error ENOMEM
local a, b = tcp_pair()
local t = {}
while true do
	a:send(("x"):rep(10000))
	t[#t + 1] = b:recv(10000, "W")
end

--# what a call allocates when there is no memory is an error, and the socket goes on
--! param memory=600000
local a, b = tcp_pair()
a:send("x")
for _ = 1, 20 do raises("not enough memory", b.recv, b, 1 << 20) end
for _ = 1, 20 do raises("not enough memory", b.read, b, 1 << 20) end
for _ = 1, 20 do raises("not enough memory", b.recvmsg, b, { iov_len = 1 << 20 }) end
eq(b:read(), "x")

--# a thousand sockets are open at once
local s = {}
for i = 1, 1000 do s[i] = udp() end
for i = 1, 1000 do assert(select(2, s[i]:getsockname()) > 0) end
