-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- settimeout, and calls that must not wait.

--# accept raises ETIMEDOUT after the time-out
local s = listener()
s:settimeout(50)
local e = fails("ETIMEDOUT", s.accept, s)
eq(e.call, "accept")

--# connect raises ETIMEDOUT after the time-out
local port, keep = blackhole()
local c = tcp()
c:settimeout(50)
local e = fails("ETIMEDOUT", c.connect, c, LO, port)
eq(e.call, "connect")

--# recv, read and recvmsg raise ETIMEDOUT over TCP
local a, b = tcp_pair()
a:settimeout(20)
eq(fails("ETIMEDOUT", a.recv, a, 10).call, "recv")
eq(fails("ETIMEDOUT", a.recv, a, data.new(10)).call, "recv")
eq(fails("ETIMEDOUT", a.read, a).call, "read")
eq(fails("ETIMEDOUT", a.recvmsg, a, { iov_len = 10 }).call, "recvmsg")
eq(fails("ETIMEDOUT", a.recvmsg, a, {}, data.new(10)).call, "recvmsg")

--# recv, read and recvmsg raise ETIMEDOUT over UDP
local a = udp()
a:settimeout(20)
fails("ETIMEDOUT", a.recv, a, 10)
fails("ETIMEDOUT", a.recv, a, data.new(10))
fails("ETIMEDOUT", a.read, a)
fails("ETIMEDOUT", a.recvmsg, a, { iov_len = 10 })

--# send, write and sendmsg raise ETIMEDOUT when there is no room
local a, b = tcp_pair()
fill(a)
a:settimeout(20)
eq(fails("ETIMEDOUT", a.send, a, "x").call, "send")
eq(fails("ETIMEDOUT", a.write, a, "x").call, "write")
eq(fails("ETIMEDOUT", a.sendmsg, a, {}, "x").call, "sendmsg")

--# time-out 0 never waits
local s = listener()
s:settimeout(0)
fails("EAGAIN", s.accept, s)
local a, b = tcp_pair()
a:settimeout(0)
fails("EAGAIN", a.recv, a, 1)
fails("EAGAIN", a.read, a)
fails("EAGAIN", a.recvmsg, a, { iov_len = 1 })
fill(a)
fails("EAGAIN", a.send, a, "x")
fails("EAGAIN", a.sendmsg, a, {}, "x")
local c = tcp()
c:settimeout(0)
fails("EINPROGRESS", c.connect, c, LO, (blackhole()))

--# time-out nil waits for ever again, and so does -1
for _, forever in ipairs{ -1, false } do
	local a, b = udp_pair()
	a:settimeout(0)
	fails("EAGAIN", a.read, a)
	if forever then a:settimeout(forever) else a:settimeout(nil) end
	eq(a:getsockopt("socket", "rcvtimeo"), 0)
	b:send("x")
	eq(a:read(), "x")
end

--# the options rcvtimeo and sndtimeo end what settimeout(0) began
local a = udp()
a:settimeout(0)
a:setsockopt("socket", "keepalive", true)
fails("EAGAIN", a.read, a)
a:setsockopt("socket", "rcvtimeo", 20)
fails("ETIMEDOUT", a.read, a)
local a, b = tcp_pair()
fill(a)
a:settimeout(0)
a:setsockopt("socket", "sndtimeo", 20)
fails("ETIMEDOUT", a.send, a, "x")

--# a socket that waits for ever raises EAGAIN with "D" all the same
local a = udp()
a:settimeout(100000)
fails("EAGAIN", a.recv, a, 10, "D")

--# a time-out does not hinder what is there
local a, b = tcp_pair()
b:settimeout(60000)
a:send("x")
eq(b:read(), "x")

--# a time-out is not reached early
local a = udp()
local before = os.clock and os.time()
a:settimeout(2100)
fails("ETIMEDOUT", a.read, a)
assert(os.time() - before >= 2)

--# settimeout returns nothing and takes an integer only
local s = tcp()
eq(select("#", s:settimeout(5)), 0)
raises("number expected, got boolean", s.settimeout, s, true)
raises("number expected, got table", s.settimeout, s, {})
raises("number expected, got string", s.settimeout, s, "soon")
raises("must be in 0..2147483647, not -2", s.settimeout, s, -2)

--# the largest time-out is one
local a, b = udp_pair()
a:settimeout(0x7fffffff)
b:send("x")
eq(a:read(), "x")

--# after a connect that ran out of time the socket can be closed and is gone
local port, keep = blackhole()
for _ = 1, 5 do
	local c = tcp()
	c:settimeout(10)
	fails("ETIMEDOUT", c.connect, c, LO, port)
	c:close()
end

--# a connect that ran out of time goes on, and can be waited for
local s, port = listener(0)
local first = tcp()
first:connect(LO, port)
local c = tcp()
c:settimeout(30)
fails("ETIMEDOUT", c.connect, c, LO, port)
s:accept()
assert(await(c, "w") & socket.event.OUT ~= 0)
c:connect(LO, port)
eq(select(2, c:getpeername()), port)

--# a time-out in the middle of a read with "W" gives what came
local a, b = tcp_pair()
a:send("abc")
b:settimeout(30)
eq(b:read(10, "W"), "abc")

--# a time-out of one call: accept, connect, recv, read, recvmsg
local s = listener()
eq(fails("ETIMEDOUT", s.accept, s, nil, 20).call, "accept")
local port, keep = blackhole()
local c = tcp()
eq(fails("ETIMEDOUT", c.connect, c, LO, port, nil, 20).call, "connect")
for _, b in ipairs{ udp_pair(), (tcp_pair()) } do
	eq(fails("ETIMEDOUT", b.recv, b, 10, nil, nil, nil, 20).call, "recv")
	eq(fails("ETIMEDOUT", b.recv, b, data.new(10), nil, 0, 5, 20).call, "recv")
	eq(fails("ETIMEDOUT", b.recv, b, { data.new(10) }, nil, nil, nil, 20).call, "recv")
	eq(fails("ETIMEDOUT", b.read, b, 10, nil, 20).call, "read")
	eq(fails("ETIMEDOUT", b.recvmsg, b, { iov_len = 10 }, nil, nil, 20).call, "recvmsg")
	eq(fails("ETIMEDOUT", b.recvmsg, b, { iov_len = 10 }, "", 20).call, "recvmsg")
	eq(fails("ETIMEDOUT", b.recvmsg, b, {}, data.new(10), nil, 20).call, "recvmsg")
end

--# a time-out of one call: send, sendmsg
local a, b = tcp_pair()
fill(a)
eq(fails("ETIMEDOUT", a.send, a, "x", nil, nil, nil, 20).call, "send")
eq(fails("ETIMEDOUT", a.send, a, data.new(10), nil, 2, 3, 20).call, "send")
eq(fails("ETIMEDOUT", a.sendmsg, a, {}, "x", nil, 20).call, "sendmsg")

--# the time-out of a call goes before the socket's, in both directions, and leaves it as it is
local a, b = tcp_pair()
b:settimeout(1000000)
fails("ETIMEDOUT", b.recv, b, 1, nil, nil, nil, 20)
eq(b:getsockopt("socket", "rcvtimeo"), 1000000)
b:settimeout(0)
fails("ETIMEDOUT", b.recv, b, 1, nil, nil, nil, 20)
fails("EAGAIN", b.recv, b, 1)
local t = thread.spawn(function(a) kernel.sleep(30) a:send("x") end, a)
eq(text((b:recv(1, nil, nil, nil, 1000000))), "x")
b:settimeout(1)
t = thread.spawn(function(a) kernel.sleep(30) a:send("y") end, a)
eq(text((b:recv(1, nil, nil, nil, -1))), "y")

--# a time-out of 0 for one call does not wait
local s = listener()
fails("EAGAIN", s.accept, s, nil, 0)
local a, b = tcp_pair()
fails("EAGAIN", a.recv, a, 1, nil, nil, nil, 0)
fails("EAGAIN", a.read, a, 1, nil, 0)
fails("EAGAIN", a.recvmsg, a, { iov_len = 1 }, nil, nil, 0)
fill(a)
fails("EAGAIN", a.send, a, "x", nil, nil, nil, 0)
fails("EAGAIN", a.sendmsg, a, {}, "x", nil, 0)
fails("EINPROGRESS", function() tcp():connect(LO, (blackhole()), nil, 0) end)

--# "D" goes before a time-out
local s = listener()
fails("EAGAIN", s.accept, s, "D", 1000000)
local a, b = tcp_pair()
fails("EAGAIN", a.recv, a, 1, "D", nil, nil, 1000000)
fails("EAGAIN", a.recvmsg, a, { iov_len = 1 }, "D", 1000000)
fails("EINPROGRESS", function() tcp():connect(LO, (blackhole()), "D", 1000000) end)

--# what is there does not wait for a time-out
local s, port = listener()
local c = tcp()
c:connect(LO, port, nil, 1000000)
local p = s:accept(nil, 1000000)
eq(p:send("x", nil, nil, nil, 1000000), 1)
eq(text((c:recv(1, nil, nil, nil, 1000000))), "x")
eq(p:sendmsg({}, "y", nil, 1000000), 1)
eq(c:read(1, nil, 1000000), "y")

--# accept, recv and connect with a time-out end when what they wait for comes
local s, port = listener()
local t = thread.spawn(function(s) local c = s:accept(nil, 1000000) return c:read(1, nil, 1000000) end, s)
kernel.sleep(20)
local c = tcp()
c:connect(LO, port)
kernel.sleep(20)
c:send("x")
eq(select(2, t:join()), "x")
s, port = listener(0)
c = tcp()
c:connect(LO, port)
await(s)
t = thread.spawn(function(s) kernel.sleep(30) s:accept() end, s)
local d = tcp()
d:connect(LO, port, nil, 1000000)
eq(select(2, d:getpeername()), port)

--# connect with a time-out is refused as without
local port = free_port()
fails("ECONNREFUSED", function() tcp():connect(LO, port, nil, 1000000) end)
local c = tcp()
fails("ECONNREFUSED", c.connect, c, LO, port, nil, 1000000)
local s, port = listener()
c:connect(LO, port, nil, 1000000)
fails("EISCONN", c.connect, c, LO, port, nil, 1000000)

--# recv with "W" and a time-out waits for all, or gives what came in time
local a, b = tcp_pair()
local t = thread.spawn(function(a) for _ = 1, 6 do a:send("ab") kernel.sleep(2) end end, a)
eq(b:read(12, "W", 1000000), "abababababab")
a:send("part")
eq(b:read(12, "W", 50), "part")
a:send("peek")
eq(b:read(12, "WP", 50), "peek")
t = thread.spawn(function(a) kernel.sleep(20) a:send("ed") a:shutdown("w") end, a)
eq(b:read(6, "WP", 1000000), "peeked")
eq(b:read(12, "WP", 1000000), "peeked")
eq(b:read(12, "W", 1000000), "peeked")
eq(b:read(12, "W", 1000000), nil)

--# recv into several buffers with "W" and a time-out goes on where it was
local a, b = tcp_pair()
local t = thread.spawn(function(a) for c in ("abcdefghi"):gmatch(".") do a:send(c) kernel.sleep(2) end end, a)
local bufs = { data.new(2), data.new(3), data.new(5) }
eq(select(2, b:recv(bufs, "W", 1, 8, 1000000)), 8)
eq(tostring(bufs[1]), "\0a")
eq(tostring(bufs[2]), "bcd")
eq(tostring(bufs[3]), "efgh\0")

--# recv of a stream with a time-out waits for what rcvlowat says, if there is room for it
for _, new in ipairs{ tcp_pair, socket.pair } do
	local a, b = new()
	b:setsockopt("socket", "rcvlowat", 5)
	local t = thread.spawn(function(a) for _ = 1, 5 do a:send("ab") kernel.sleep(2) end end, a)
	local got = b:read(100, nil, 1000000)
	assert(#got >= 5, got)
	t:join()
	b:setsockopt("socket", "rcvlowat", 1)
	while pcall(b.read, b, 100, "D") do end
	b:setsockopt("socket", "rcvlowat", 5)
	a:send("abc")
	eq(b:read(3, nil, 1000000), "abc")
	a:send("part")
	eq(b:read(100, "P", 30), "part")
	eq(b:read(100, nil, 30), "part")
	a:send("end")
	a:shutdown("w")
	eq(b:read(100, "P", 1000000), "end")
	eq(b:read(100, nil, 1000000), "end")
end

--# recv with "W" waits for a rest that is less than rcvlowat
local a, b = tcp_pair()
b:setsockopt("socket", "rcvlowat", 5)
local t = thread.spawn(function(a) for _ = 1, 4 do a:send("abc") kernel.sleep(2) end end, a)
eq(b:read(12, "W", 1000000), "abcabcabcabc")

--# with "T" and a time-out the bytes that a stream drops are not shown
local a, b = tcp_pair()
a:send("abcdef")
local bytes, n = b:recv(6, "TW", nil, nil, 1000000)
eq(n, 6)
eq(#bytes, 0)

--# send with a time-out goes on until all is sent
local a, b = tcp_pair()
local t = thread.spawn(function(b)
	local buf, n = data.new(100000), 0
	while n < 12000000 do n = n + select(2, b:recv(buf)) end
	return n
end, b)
local piece = data.new(6000000)
eq(a:send({ piece, piece }, nil, nil, nil, 1000000), 12000000)
eq(select(2, t:join()), 12000000)

--# what connects by sending does so within its time-out
local s, port = listener()
for _, timeout in ipairs{ -1, 1000000 } do
	for _, option in ipairs{ true, false } do
		local c = tcp()
		if option then
			c:setsockopt("tcp", "fastopen_connect", true)
			c:connect(LO, port)
			eq(c:send("hello", nil, nil, nil, timeout), 5)
		else
			eq(c:sendmsg({ name = { LO, port } }, "hello", "F", timeout), 5)
		end
		local p = s:accept()
		eq(p:read(5, "W"), "hello")
	end
end
local port, keep = blackhole()
local c = tcp()
fails("ETIMEDOUT", c.sendmsg, c, { name = { LO, port } }, "x", "F", 30)
fails("ECONNREFUSED", function() tcp():sendmsg({ name = { LO, free_port() } }, "x", "F", 1000000) end)
fails("EINPROGRESS", function() tcp():sendmsg({ name = { LO, port } }, "x", "F", 0) end)

--# send with a time-out gives how much has gone in time
local a, b = tcp_pair()
local n = a:send(("x"):rep(16 << 20), nil, nil, nil, 30)
assert(n > 0 and n < 16 << 20, n)

--# the end of a stream that comes together with a part ends a wait for more
for i = 1, 40 do
	local a, b = (i % 2 == 0 and tcp_pair or socket.pair)()
	local reader = thread.spawn(function(b) return b:read(100, "W", 1000000) end, b)
	kernel.sleep(1)
	a:send("part")
	a:shutdown("write")
	local ok, got = reader:join(30000)
	eq(got, "part")
end

--# who has got a part when the connection is reset learns of that from the next call
for _, pair in ipairs{ tcp_pair, socket.pair } do
	local a, b = pair()
	a:send("0123456789")
	await(b, "r")
	local reader = thread.spawn(function(b)
		local got = b:read(100, "W", 30000)
		local ok, e = pcall(b.read, b)
		return got, ok, not ok and e.name
	end, b)
	while pcall(b.recv, b, 1, "PD") do kernel.sleep(1) end
	b:send("unread")
	await(a, "r")
	reset(a)
	local _, got, ok, name = reader:join(30000)
	eq(got, "0123456789")
	eq(ok, false)
	eq(name, "ECONNRESET")
end

--# who has sent a part when the connection is reset learns of that from the next call
local a, b = tcp_pair()
local writer = thread.spawn(function(a)
	local sent = a:send(("x"):rep(16 << 20), nil, nil, nil, 30000)
	local ok, e = pcall(a.read, a)
	return sent, ok, not ok and e.name
end, a)
b:read(1000)
reset(b)
local _, sent, ok, name = writer:join(30000)
assert(sent > 0 and sent < 16 << 20, sent)
eq(ok, false)
eq(name, "ECONNRESET")

--# a datagram is received once, whatever the time-out
local a, b = udp_pair()
a:send("one")
a:send("two")
eq(b:read(100, "W", 1000000), "one")
eq(b:read(100, nil, 1000000), "two")

--# time-outs of calls are -1 or milliseconds
local s, a = (listener()), tcp_pair()
for _, v in ipairs{ -2, 1 << 31, math.mininteger, math.maxinteger } do
	raises("time-out in ms must be in 0..2147483647", s.accept, s, nil, v)
	raises("time-out in ms must be in 0..2147483647", a.connect, a, LO, 1, nil, v)
	raises("time-out in ms must be in 0..2147483647", a.send, a, "x", nil, nil, nil, v)
	raises("time-out in ms must be in 0..2147483647", a.recv, a, 1, nil, nil, nil, v)
	raises("time-out in ms must be in 0..2147483647", a.read, a, 1, nil, v)
	raises("time-out in ms must be in 0..2147483647", a.sendmsg, a, {}, "x", nil, v)
	raises("time-out in ms must be in 0..2147483647", a.recvmsg, a, { iov_len = 1 }, nil, nil, v)
end
raises("number expected, got boolean", s.accept, s, nil, true)
raises("number expected, got table", a.recv, a, 1, nil, nil, nil, {})

--# unix sockets: a time-out of one call ends each wait, and what is waited for ends it
for _, type in ipairs{ "stream", "dgram", "seqpacket" } do
	local a, b = socket.pair(type)
	fails("ETIMEDOUT", a.recv, a, 1, nil, nil, nil, 20)
	fill(a)
	fails("ETIMEDOUT", a.send, a, "x", nil, nil, nil, 20)
	local t = thread.spawn(function(b) kernel.sleep(20) for _ = 1, 20 do pcall(b.read, b, 100000, "D") end end, b)
	eq(a:send("x", nil, nil, nil, 1000000), 1)
	t:join()
	t = thread.spawn(function(b) kernel.sleep(20) b:send("y") end, b)
	eq(a:read(1, nil, 1000000), "y")
end

--# unix sockets: a time-out of connect to whom has no room, and of send to whom is not connected
local s = socket.new("unix", "stream")
s:bind("\0time-out")
s:listen(0)
fails("ETIMEDOUT", s.accept, s, nil, 20)
local first, second = socket.new("unix", "stream"), socket.new("unix", "stream")
first:connect("\0time-out")
fails("ETIMEDOUT", second.connect, second, "\0time-out", nil, 20)
local t = thread.spawn(function(s) kernel.sleep(20) s:accept() end, s)
second:connect("\0time-out", nil, 1000000)
t:join()
local to, from = socket.new("unix", "dgram"), socket.new("unix", "dgram")
to:bind("\0datagrams")
local hdr = { name = { "\0datagrams" } }
while pcall(from.sendmsg, from, hdr, "x", "D") do end
fails("ETIMEDOUT", from.sendmsg, from, hdr, "x", nil, 20)
t = thread.spawn(function(to) kernel.sleep(20) to:read() end, to)
eq(from:sendmsg(hdr, "x", nil, 1000000), 1)
