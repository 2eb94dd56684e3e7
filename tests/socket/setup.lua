-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- bind, listen, accept, connect, shutdown, close, names.

--# bind takes an address as text
local s = tcp()
eq(select("#", s:bind("127.0.0.1", 0)), 0)
eq((s:getsockname()), "127.0.0.1")

--# bind takes an address as a number in host byte order
local s = tcp()
s:bind(0x7f000001, 0)
eq((s:getsockname()), "127.0.0.1")
local u = socket.new("i", "u")
u:bind(0x7f010203, 0)
eq((u:getsockname()), "127.1.2.3")

--# bind to address 0 is every address
local s = tcp()
s:bind(0, 0)
local ip, port = s:getsockname()
eq(ip, "0.0.0.0")
s:listen()
local c = tcp()
c:connect("127.0.0.5", port)
eq((s:accept():getsockname()), "127.0.0.5")

--# bind with port 0 lets the kernel choose one
local s = tcp()
s:bind(LO, 0)
local _, port = s:getsockname()
assert(port > 0 and port < 65536)

--# bind takes every port that is a port
local s = tcp()
s:bind(LO, 65535)
eq(select(2, s:getsockname()), 65535)
local t = tcp()
t:bind(LO, 1)
eq(select(2, t:getsockname()), 1)

--# bind to a port in use raises EADDRINUSE with the address
local s, port = listener()
local e = fails("EADDRINUSE", function() tcp():bind(LO, port) end)
eq(e.call, "bind")
eq(e.target, "127.0.0.1:" .. port)

--# bind to an address of somebody else raises EADDRNOTAVAIL
local e = fails("EADDRNOTAVAIL", function() tcp():bind("192.0.2.1", 80) end)
eq(e.target, "192.0.2.1:80")

--# bind a second time raises EINVAL
local s = tcp()
s:bind(LO, 0)
fails("EINVAL", s.bind, s, LO, 0)

--# listen without a backlog, with 0, and with the largest
for _, backlog in ipairs{ false, 0, 1, 5, 1 << 30, 0x7fffffff } do
	local s = tcp()
	s:bind(LO, 0)
	if backlog then s:listen(backlog) else s:listen() end
	eq(s:getsockopt("socket", "acceptconn"), 1)
end

--# listen returns nothing, and again changes the backlog
local s = listener(1)
eq(select("#", s:listen(10)), 0)

--# listen on an unbound socket takes some port
local s = tcp()
s:listen(1)
assert(select(2, s:getsockname()) > 0)

--# listen on UDP raises EOPNOTSUPP
local e = fails("EOPNOTSUPP", udp().listen, udp(), 5)
eq(e.call, "listen")

--# listen on a connected socket raises EINVAL
local a = tcp_pair()
fails("EINVAL", a.listen, a, 5)

--# accept gives connections in their order
local s, port = listener()
local a, b = tcp(), tcp()
a:connect(LO, port)
b:connect(LO, port)
eq(select(2, s:accept():getpeername()), select(2, a:getsockname()))
eq(select(2, s:accept():getpeername()), select(2, b:getsockname()))

--# accept with a time-out takes a connection that is there
local s, port = listener()
local c = tcp()
c:connect(LO, port, 0)
s:settimeout(10000)
eq(select("#", s:accept()), 1)

--# accept with "D" does not wait
local s = listener()
local e = fails("EAGAIN", s.accept, s, "D")
eq(e.call, "accept")

--# accept with "D" takes a connection that is there
local s, port = listener()
local c = tcp()
c:connect(LO, port)
eq((s:accept("D"):getpeername()), "127.0.0.1")

--# accept takes its flag as letter, name, and both numbers
local s = listener()
fails("EAGAIN", s.accept, s, "dontwait")
fails("EAGAIN", s.accept, s, "DONTWAIT")
fails("EAGAIN", s.accept, s, socket.flag.DONTWAIT)
fails("EAGAIN", s.accept, s, 2048)
fails("EAGAIN", s.accept, s, 2048 | 0x40)

--# accept with flags nil or 0 is accept without flags
local s, port = listener()
for _, flags in ipairs{ 0, "" } do
	local c = tcp()
	c:connect(LO, port)
	eq((s:accept(flags):getpeername()), "127.0.0.1")
end
local c = tcp()
c:connect(LO, port)
eq((s:accept(nil):getpeername()), "127.0.0.1")

--# accept refuses other flags
local s = listener()
raises("flags 2 cannot be used here", s.accept, s, "P")
raises("flags 1 cannot be used here", s.accept, s, 1)
raises("invalid flags name 'Z'", s.accept, s, "Z")
raises("bad argument #1 to 'accept'", function() s:accept{} end)

--# accept on a socket that does not listen raises EINVAL
local s = tcp()
fails("EINVAL", s.accept, s)
fails("EOPNOTSUPP", function() udp():accept() end)

--# what was accepted is not non-blocking, whatever the listener is
local s, port = listener()
s:settimeout(0)
local c = tcp()
c:connect(LO, port)
await(s)
local p = s:accept()
eq(p:getsockopt("socket", "rcvtimeo"), 0)
c:send("later")
eq(p:read(), "later")

--# what was accepted has no time-out, whatever the listener has
local s, port = listener()
s:settimeout(7000)
local c = tcp()
c:connect(LO, port)
local p = s:accept()
eq(p:getsockopt("socket", "rcvtimeo"), 0)
eq(p:getsockopt("socket", "sndtimeo"), 0)

--# connect takes text and number
local s, port = listener()
eq(select("#", tcp():connect("127.0.0.1", port)), 0)
eq(select("#", tcp():connect(0x7f000001, port)), 0)

--# connect to a port without a listener raises ECONNREFUSED with the address
local port = free_port()
local e = fails("ECONNREFUSED", function() tcp():connect(LO, port) end)
eq(e.call, "connect")
eq(e.code, 111)
eq(e.target, "127.0.0.1:" .. port)

--# connect a second time raises EISCONN
local s, port = listener()
local c = tcp()
c:connect(LO, port)
fails("EISCONN", c.connect, c, LO, port)

--# connect to where no route goes raises ENETUNREACH
fails("ENETUNREACH", function() tcp():connect("192.0.2.1", 80) end)

--# a non-blocking connect raises EINPROGRESS and completes; poll tells when
for _, flags in ipairs{ "D", "dontwait", socket.flag.DONTWAIT, 2048 } do
	local s, port = listener()
	local c = tcp()
	local e = fails("EINPROGRESS", c.connect, c, LO, port, flags)
	eq(e.call, "connect")
	eq(await(c, "w") & socket.event.OUT, socket.event.OUT)
	c:connect(LO, port)
	eq(c:getsockopt("socket", "error"), 0)
	eq(select(2, c:getpeername()), port)
end

--# a non-blocking connect that fails tells by the option "error"
local port = free_port()
local c = tcp()
fails("EINPROGRESS", c.connect, c, LO, port, "D")
local ready = await(c, "w")
assert(ready & socket.event.ERR ~= 0)
eq(c:getsockopt("socket", "error"), socket.errno.ECONNREFUSED)
eq(c:getsockopt("socket", "error"), 0)

--# a non-blocking connect that fails tells by connecting again
local port = free_port()
local c = tcp()
fails("EINPROGRESS", c.connect, c, LO, port, "D")
await(c, "w")
fails("ECONNREFUSED", c.connect, c, LO, port)

--# connect refuses other flags
local s = tcp()
raises("flags 1 cannot be used here", s.connect, s, LO, 80, 1)
raises("bad argument #3 to 'connect'", function() s:connect(LO, 80, "P") end)

--# UDP connects, and connects elsewhere afterwards
local a, porta = udp()
local b, portb = udp()
local c = socket.new("i", "u")
c:connect(LO, porta)
c:send("one")
c:connect(LO, portb)
c:send("two")
eq(a:read(), "one")
eq(b:read(), "two")
eq(select(2, c:getpeername()), portb)

--# getsockname of a new socket is 0.0.0.0 and 0
local ip, port = tcp():getsockname()
eq(ip, "0.0.0.0")
eq(port, 0)

--# getpeername tells the other end's getsockname
local a, b = tcp_pair()
local ip, port = a:getpeername()
eq(ip, "127.0.0.1")
eq(port, select(2, b:getsockname()))
eq(math.type(port), "integer")

--# getpeername of an unconnected socket raises ENOTCONN
local e = fails("ENOTCONN", function() tcp():getpeername() end)
eq(e.call, "getpeername")
fails("ENOTCONN", function() udp():getpeername() end)

--# shutdown of writing gives the peer the end, and lets it answer
local a, b = tcp_pair()
a:send("question")
a:shutdown("write")
eq(b:read(), "question")
eq(b:read(), nil)
b:send("answer")
eq(a:read(), "answer")
fails("EPIPE", a.send, a, "more")

--# shutdown of reading ends reading alone
local a, b = tcp_pair()
a:shutdown("read")
eq(a:read(), nil)
a:send("still")
eq(b:read(), "still")

--# shutdown of both ends both
local a, b = tcp_pair()
a:shutdown("both")
eq(a:read(), nil)
eq(b:read(), nil)
fails("EPIPE", a.send, a, "x")

--# shutdown without an argument is of both
local a, b = tcp_pair()
eq(select("#", a:shutdown()), 0)
eq(b:read(), nil)
fails("EPIPE", a.send, a, "x")

--# shutdown takes letters, words and numbers
for _, how in ipairs{ "w", "write", 1, socket.shut.write, "rw", "both", 2 } do
	local a, b = tcp_pair()
	a:shutdown(how)
	eq(b:read(), nil)
end
for _, how in ipairs{ "r", "read", 0 } do
	local a, b = tcp_pair()
	a:shutdown(how)
	b:send("x")
	b:send("y")
	a:send("z")
	eq(b:read(), "z")
end

--# shutdown of an unconnected socket raises ENOTCONN
local e = fails("ENOTCONN", function() tcp():shutdown() end)
eq(e.call, "shutdown")
raises("invalid direction name 'x'", function() tcp():shutdown("x") end)

--# shutdown of a listener ends its listening
local s, port = listener()
s:shutdown("read")
fails("ECONNREFUSED", function() tcp():connect(LO, port) end)

--# close gives the peer the end of the stream
local a, b = tcp_pair()
a:send("last words")
a:close()
eq(b:read(), "last words")
eq(b:read(), nil)

--# close is idempotent and returns nothing
local s = tcp()
eq(select("#", s:close()), 0)
eq(select("#", s:close()), 0)
s:close()

--# close of a listener frees its port at once
local s, port = listener()
s:close()
local again = tcp()
again:bind(LO, port)

--# close of a listener resets the connections nobody accepted
local s, port = listener()
local c = tcp()
c:connect(LO, port)
s:close()
fails("ECONNRESET", c.read, c)
