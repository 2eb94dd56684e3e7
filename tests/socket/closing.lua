-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A socket that another task closes while a script waits in it.

--# close ends accept with EBADF
--! load testing=1
local s = listener()
socket.testing.close_later(s, 50)
local e = fails("EBADF", s.accept, s)
eq(e.call, "accept")

--# close ends connect with EBADF
--! load testing=1
local port, keep = blackhole()
local c = tcp()
socket.testing.close_later(c, 50)
fails("EBADF", c.connect, c, LO, port)

--# close ends what waits in a socket that is still connecting
--! load testing=1
local port, keep = blackhole()
for _, timeout in ipairs{ -2, 100000 } do
	for name, args in pairs{ recv = { 10, nil, nil, nil }, send = { "x", nil, nil, nil } } do
		local c = tcp()
		fails("EINPROGRESS", c.connect, c, LO, port, "D")
		socket.testing.close_later(c, 30)
		args[5] = timeout > 0 and timeout or nil
		eq(fails("EBADF", c[name], c, table.unpack(args, 1, 5)).call, name)
	end
end

--# close ends all that wait in a socket that is still connecting
local port, keep = blackhole()
local c = tcp()
fails("EINPROGRESS", c.connect, c, LO, port, "D")
local waiting = {}
for _, name in ipairs{ "recv", "send", "send", "recv", "connect" } do
	waiting[#waiting + 1] = thread.spawn(function(c, name, port)
		local args = { recv = { 1 }, send = { "x" }, connect = { "127.0.0.1", port } }
		local ok, e = pcall(c[name], c, table.unpack(args[name]))
		return e.name
	end, c, name, port)
end
kernel.sleep(50)
c:close()
for _, t in ipairs(waiting) do eq(select(2, t:join()), "EBADF") end

--# close ends recv over TCP with EBADF
--! load testing=1
local a, b = tcp_pair()
socket.testing.close_later(b, 50)
fails("EBADF", b.recv, b, 10)
eq(a:read(), nil)

--# close ends recv with "W" that has got a part
--! load testing=1
local a, b = tcp_pair()
a:send("part")
socket.testing.close_later(b, 50)
local ok, got = pcall(b.read, b, 100, "W")
assert(ok and got == "part" or got.name == "EBADF", got)

--# close ends read over TCP with EBADF, not with the stream's end
--! load testing=1
local a, b = tcp_pair()
socket.testing.close_later(b, 50)
fails("EBADF", b.read, b)

--# close ends recv over a connected UDP socket with EBADF
--! load testing=1
local a, b = udp_pair()
socket.testing.close_later(b, 50)
fails("EBADF", b.recv, b, 10)

--# close ends recv over an unconnected UDP socket with EBADF
--! load testing=1
local s = udp()
socket.testing.close_later(s, 50)
fails("EBADF", s.recv, s, 10)

--# close ends recvmsg with EBADF
--! load testing=1
local a, b = tcp_pair()
socket.testing.close_later(b, 50)
fails("EBADF", b.recvmsg, b, {}, data.new(10))

--# close ends send with EBADF
--! load testing=1
local a, b = tcp_pair()
fill(a)
socket.testing.close_later(a, 50)
fails("EBADF", a.send, a, "x")

--# close ends write with EBADF
--! load testing=1
local a, b = tcp_pair()
socket.testing.close_later(a, 50)
fails("EBADF", a.write, a, ("x"):rep(16 << 20))

--# close ends every wait with a time-out of its own with EBADF
--! load testing=1
local s = listener()
socket.testing.close_later(s, 50)
fails("EBADF", s.accept, s, nil, 100000)
local port, keep = blackhole()
local c = tcp()
socket.testing.close_later(c, 50)
fails("EBADF", c.connect, c, LO, port, nil, 100000)
for _, new in ipairs{ udp, tcp_pair, udp_pair } do
	local a, b = new()
	socket.testing.close_later(a, 50)
	fails("EBADF", a.recv, a, 10, nil, nil, nil, 100000)
end
local a, b = tcp_pair()
fill(a)
socket.testing.close_later(a, 50)
fails("EBADF", a.send, a, "x", nil, nil, nil, 100000)

--# close ends read of a line, and of all, with EBADF; what came is in the error
--! load testing=1
for _, format in ipairs{ "l", "a" } do
	local a, b = tcp_pair()
	a:send("part")
	socket.testing.close_later(b, 50)
	local e = fails("EBADF", b.read, b, format)
	assert(e.partial == "part" or e.partial == "", e.partial)
end

--# close of the only member ends select: the set is empty
--! load testing=1
local s = udp()
local p = socket.poll{ s }
socket.testing.close_later(s, 50)
raises("poll set is empty", p.select, p)
eq(#p, 0)

--# close of one member of several lets select wait on
--! load testing=1
local a, b = udp_pair()
local p = socket.poll{ a, b }
socket.testing.close_later(a, 50)
repeat eq(p:select(200 * SLOW), nil) until #p == 1
eq(p:add((udp())), 0)

--# close of a member while select waits with a time-out
--! load testing=1
local s = udp()
local p = socket.poll{ s }
socket.testing.close_later(s, 20)
repeat eq(p:select(100), nil) until #p == 0

--# after another task's close every call raises
--! load testing=1
local s = listener()
socket.testing.close_later(s, 0)
fails("EBADF", s.accept, s)
fails("EBADF", s.listen, s, 1)
fails("EBADF", s.getsockname, s)
fails("EBADF", s.setsockopt, s, "s", "k", 1)
fails("EBADF", s.getsockopt, s, "s", "k")
fails("EBADF", s.settimeout, s, 5)
fails("EBADF", s.shutdown, s)
fails("EBADF", s.recv, s, 1)
fails("EBADF", s.send, s, "x")
fails("EBADF", s.read, s, "l")
fails("EBADF", s.lines, s)
fails("EBADF", s.sendfile, s, data.new(1))
local p = socket.poll()
fails("EBADF", p.add, p, s)
eq(#p, 0)
eq(type(tostring(s)), "string")
s:close()
s:close()

--# close by both, at once
--! load testing=1
for _ = 1, 50 do
	local s = udp()
	local p = socket.poll{ s }
	socket.testing.close_later(s, 1)
	p:select(1)
	s:close()
	eq(#p, 0)
end

--# a script that ends before its socket is closed by another task
--! load testing=1
socket.testing.close_later(udp(), 200)

--# a set that ends while its member is being closed
--! load testing=1
for i = 1, 40 do
	local p = socket.poll()
	for _ = 1, 4 do
		local s = udp()
		p:add(s)
		socket.testing.close_later(s, i % 3)
	end
	p:select(i % 4)
	p:close()
end

--# a loop of non-blocking calls on a socket that is closed meanwhile
--! load testing=1
local a, b = tcp_pair()
socket.testing.close_later(b, 30)
local e
repeat
	local ok
	ok, e = pcall(b.recv, b, 1, "D")
until not ok and e.name ~= "EAGAIN"
eq(e.name, "EBADF")
