-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The library of 2018: where its document and its code differed both forms
-- work, and its bugs are none here.

--# globals socket and data are there without require
eq(type(socket), "table")
eq(type(data), "table")

--# recv(5) works, as the document has it
local a, b = tcp_pair()
a:send("hello, world")
local d, size, header = b:recv(5)
eq(size, 5)
eq(d[1], 104)
eq(header, nil)

--# recv(buf) works, as the code had it
local a, b = tcp_pair()
a:send("hello")
local buf = data.new(4096)
local d, size = b:recv(buf)
eq(size, 5)
eq(d:layout{ c = { 0, 8 } }.c, 104)

--# send(data) and what the document shows in its place, sendmsg(data), both work
local a, b = tcp_pair()
for _, bytes in ipairs{ data.new{ 1, 2, 3 }, { 1, 2, 3 }, "\1\2\3", { "\1\2", data.new{ 3 } } } do
	eq(a:send(bytes), 3)
	eq(b:recv(3, "W")[3], 3)
	eq(a:sendmsg(bytes), 3)
	eq(b:recv(3, "W")[3], 3)
end
eq(a:sendmsg({ flags = 0 }, { 4, 5 }), 2)
eq(b:recv(2, "W")[2], 5)

--# getsockname is also called gethostname, as the document has it
local s, port = listener()
local ip, again = s:gethostname()
eq(ip, LO)
eq(again, port)

--# recv({buf}), which the document lacks a bracket of
local a, b = tcp_pair()
a:send("hello")
local buf = data.new(4096)
eq(select(2, b:recv({ buf })), 5)
eq(buf:string(0, 5), "hello")

--# getsockopt gives one integer, by letters
local s = tcp()
eq(select("#", s:getsockopt("s", "r")), 1)
eq(math.type(s:getsockopt("s", "r")), "integer")

--# getsockopt takes the strings of socket.level and socket.optname
local s = tcp()
eq(s:getsockopt(socket.level.socket, socket.optname.type), 1)
eq(s:getsockopt("socket", "type"), 1)

--# accept() and accept("D") both work, and accept with a number
local s, port = listener()
for _, flags in ipairs{ "", "D", 0, 2048 } do
	local c = tcp()
	c:connect(LO, port)
	await(s)
	s:accept(flags)
end

--# connect takes an integer and a string as flags
local s, port = listener()
fails("EINPROGRESS", function() tcp():connect(LO, port, 2048) end)
fails("EINPROGRESS", function() tcp():connect(LO, port, "D") end)

--# recvmsg takes flags as a string and as a number
local s = udp()
fails("EAGAIN", s.recvmsg, s, { iov_len = 1 }, "D")
fails("EAGAIN", s.recvmsg, s, { iov_len = 1 }, 64)

--# listen(5), bind(ip number, port), connect(ip string, port): the seed's calls
local s = tcp()
s:bind(0x7f000001, 0)
s:listen(5)
local ip, port = s:getsockname()
local c = tcp()
c:connect(ip, port)
eq((s:accept():getpeername()), "127.0.0.1")

--# a kernel call's failure used to be a negative integer; it is an object with the positive one
local ok, e = pcall(function() tcp():connect(LO, free_port()) end)
eq(-e.code, -111)

--# S1: use after close
local s = tcp()
s:close()
raises("closed", s.getsockname, s)

--# S2: an invalid address does not become a garbage one
local s = udp()
raises("invalid address", s.sendmsg, s, { name = { addr = "nonsense", port = 9 } }, "x")
raises("no address", s.sendmsg, s, { name = { port = 9 } }, "x")

--# S2: recvmsg over TCP shows no memory that nobody wrote
local a, b = tcp_pair()
a:send("x")
local _, _, h = b:recvmsg({ iov_len = 1, name = { addr = "", port = 0 } })
eq(h.name.addr, LO)
eq(h.name.port, select(2, a:getsockname()))

--# S3: a number as flags is these flags, whatever its place among the arguments
local a, b = tcp_pair()
a:send("abc")
eq(select(2, b:recvmsg({ iov_len = 3 }, nil, 2)), 3)
eq(select(2, b:recvmsg({ iov_len = 3 }, data.new(3), 0)), 3)
fails("EAGAIN", b.recvmsg, b, { iov_len = 3 }, nil, 64)

--# S4: no SIGPIPE, and a later wait is not disturbed
local a, b = tcp_pair()
a:shutdown("write")
fails("EPIPE", a.send, a, "x")
local s = udp()
s:settimeout(30)
fails("ETIMEDOUT", s.read, s)
eq(socket.poll{ s }:select(30), nil)

--# S5: bytes are never negative
local a, b = tcp_pair()
a:send("\x80\xff")
local t = b:recv(2)
eq(t[1], 128)
eq(t[2], 255)

--# S6: sockets and buffers are not lost when memory ends in between
--! param memory=300000
local s, port = listener()
local c = tcp()
c:connect(LO, port)
local p = s:accept()
local keep = {}
while pcall(function() keep[#keep + 1] = ("x"):rep(1000) .. #keep end) do end
for _ = 1, 50 do
	pcall(socket.new, "i", "t")
	pcall(p.recv, p, 100000, "D")
	pcall(s.accept, s, "D")
	pcall(p.read, p, 100000, "D")
end
keep = nil
collectgarbage()
c:send("x")
eq(p:read(), "x")

--# S7: getsockname and getpeername of what is not connected are errors, not crashes
local s = tcp()
s:getsockname()
fails("ENOTCONN", s.getpeername, s)
local a, b = tcp_pair()
reset(a)
fails("ECONNRESET", b.read, b)
fails("ENOTCONN", b.getpeername, b)
b:getsockname()

--# S8: a port of 2^32 + 1 is no port, and 300 no byte
local a = tcp_pair()
raises("port must be in", tcp().bind, tcp(), LO, 4294967297)
raises("byte 1 must be in 0..255", a.send, a, { 300 })

--# S9: an error names the argument that is wrong
local s = tcp()
raises("bad argument #1 to 'recv'", function() s:recv("x") end)
raises("bad argument #2 to 'recv'", function() s:recv(5, "Z") end)
raises("bad argument #2 to 'setsockopt'", function() s:setsockopt("s", "zz", 1) end)
raises("bad argument #1 to 'sendmsg'", function() s:sendmsg(5, "x") end)
raises("bad argument #2 to 'sendmsg'", function() s:sendmsg({}, 5) end)

--# S10: no junk after an address, no octet that wraps
local s = tcp()
raises("invalid address", s.bind, s, "127.0.0.1 foo", 0)
raises("invalid address", s.bind, s, "4294967423.0.0.1", 0)

--# S11: the sender is told without a dummy name
local a, porta = udp()
local b, portb = udp()
a:sendmsg({ name = { LO, portb } }, "x")
eq(select(3, b:recvmsg{ iov_len = 1 }).name.port, porta)

--# S12: a table takes more than 4096 bytes
local a, b = tcp_pair()
a:send(("x"):rep(10000))
local t, n = b:recv(10000, "W")
eq(n, 10000)
eq(#t, 10000)

--# S13: half-close, time-outs, and the peer's end without reading
local a, b = tcp_pair()
a:settimeout(20)
fails("ETIMEDOUT", a.read, a)
b:shutdown("write")
assert(await(a, "h") & socket.event.RDHUP ~= 0)
eq(a:read(), nil)

--# the document's calls, one after the other: recv_buf = sock:setsockopt("s", "r") reads, recvmsg gives three results over TCP
local server = socket.new('i', 't')
server:bind("127.0.0.1", 8888)
server:listen(10)
sock = socket.new('i', 't')
sock:connect("127.0.0.1", 8888)
local client = server:accept()
recv_buf = sock:setsockopt('s', 'r')
eq(recv_buf, sock:getsockopt('s', 'r'))
sock:setsockopt('s', 'r', 5000)
eq(sock:getsockopt('s', 'r'), 10000)
client:send{ 1, 2, 3, 4, 5 }
local d, size, header = sock:recvmsg({iov_len = 5})
eq(#d, 5)
eq(size, 5)
eq(header.name.addr, "127.0.0.1")
eq(header.name.port, 8888)
local buf = data.new(3)
client:send(buf)
sock:recvmsg({}, buf)
eq(sock:sendmsg({}, {1, 2, 3}), 3)
eq(sock:sendmsg({}, buf), 3)
eq(sock:sendmsg({ name = {"127.0.0.1", 8888}, lov_len = #buf }, buf), 3)
client:send("12345")
local d, size, header = sock:recv(5)
eq(size, 5)
eq(sock:send{1, 2, 3}, 3)
eq(sock:send(buf), 3)
ip, port = sock:getsockname()
local ip2, port2 = client:getpeername()
eq(ip .. port, ip2 .. port2)
eq(sock:close(), nil)

--# the document's example of a poll set
local server = socket.new("i", "t")
server:bind("0.0.0.0", 8080)
server:listen(5)
local client = socket.new("i", "t")
client:connect("127.0.0.1", 8080)
local remote = server:accept()
local poll = socket.poll{remote, client}
client:send({1, 2, 3})
local index = poll:select()
eq("select result: " .. index, "select result: 0")
