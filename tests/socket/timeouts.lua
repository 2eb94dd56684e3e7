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
