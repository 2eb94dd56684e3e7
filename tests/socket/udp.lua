-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Datagrams, and message headers.

--# sendmsg names the peer as {addr=, port=}
local a, b, port = udp(), udp()
eq(a:sendmsg({ name = { addr = LO, port = port } }, "hi"), 2)
eq(b:read(), "hi")

--# sendmsg names the peer as {ip, port}
local a, b, port = udp(), udp()
eq(a:sendmsg({ name = { LO, port } }, "hi"), 2)
eq(b:read(), "hi")

--# sendmsg names the peer by a number, in both forms
local a, b, port = udp(), udp()
a:sendmsg({ name = { 0x7f000001, port } }, "one")
a:sendmsg({ name = { addr = 0x7f000001, port = port } }, "two")
eq(b:read(), "one")
eq(b:read(), "two")

--# sendmsg takes strings, tables, data objects, and nothing
local a, b = udp_pair()
eq(a:sendmsg({}, "str"), 3)
eq(a:sendmsg({}, { 1, 255 }), 2)
eq(a:sendmsg({}, data.new("data")), 4)
eq(a:sendmsg{}, 0)
eq(a:sendmsg({}, nil), 0)
eq(b:read(), "str")
eq(b:read(), "\1\255")
eq(b:read(), "data")
eq(b:read(), "")
eq(b:read(), "")

--# sendmsg ignores iov_len and lov_len
local a, b = udp_pair()
eq(a:sendmsg({ iov_len = 1, lov_len = 2 }, "hello"), 5)
eq(b:read(), "hello")

--# sendmsg takes flags from the header and from its argument
local a, b = tcp_pair()
fill(a)
fails("EAGAIN", a.sendmsg, a, { flags = "D" }, "x")
fails("EAGAIN", a.sendmsg, a, { flags = 0x40 }, "x")
fails("EAGAIN", a.sendmsg, a, { flags = "dontwait" }, "x")
fails("EAGAIN", a.sendmsg, a, {}, "x", "D")
fails("EAGAIN", a.sendmsg, a, { flags = "M" }, "x", 0x40)

--# sendmsg without a peer raises EDESTADDRREQ
local a = udp()
local e = fails("EDESTADDRREQ", a.sendmsg, a, {}, "x")
eq(e.call, "sendmsg")
fails("EDESTADDRREQ", a.send, a, "x")

--# sendmsg refuses bad names, and nothing is sent
local a, b, port = udp(), udp()
raises("msghdr.name must be a table, not a string", a.sendmsg, a, { name = LO }, "x")
raises("msghdr.name has no address", a.sendmsg, a, { name = {} }, "x")
raises("msghdr.name has no port", a.sendmsg, a, { name = { addr = LO } }, "x")
raises("msghdr.name has no port", a.sendmsg, a, { name = { LO } }, "x")
raises("invalid address 'here'", a.sendmsg, a, { name = { "here", port } }, "x")
raises("address must be a string or an integer, not a boolean", a.sendmsg, a, { name = { true, port } }, "x")
raises("port must be in 0..65535, not 65536", a.sendmsg, a, { name = { LO, 65536 } }, "x")
raises("port must be in 0..65535, not -1", a.sendmsg, a, { name = { addr = LO, port = -1 } }, "x")
raises("address must be in 0..4294967295", a.sendmsg, a, { name = { 1 << 32, port } }, "x")
raises("address must be in 0..4294967295", a.sendmsg, a, { name = { -1, port } }, "x")
fails("EAGAIN", b.recv, b, 1, "D")

--# a header must be a table
local a = udp()
raises("table expected", a.sendmsg, a, nil, "x")
raises("table expected", a.sendmsg, a, 5)
raises("table expected", a.sendmsg, a)
raises("table expected", a.recvmsg, a)
raises("table expected", a.recvmsg, a, data.new(4))

--# recvmsg with iov_len gives table, size and the very header
local a, b = udp_pair()
a:send("\255hello")
local hdr = { iov_len = 10 }
local t, n, h = b:recvmsg(hdr)
eq(n, 6)
eq(#t, 6)
eq(t[1], 255)
assert(rawequal(h, hdr))

--# recvmsg with lov_len, as the document has it
local a, b = udp_pair()
a:send("hello")
local hdr = { lov_len = 3 }
local t, n, h = b:recvmsg(hdr)
eq(text(t), "hel")
eq(n, 3)
eq(h.lov_len, 3)
eq(h.iov_len, nil)

--# recvmsg into a data object gives the very object
local a, b = udp_pair()
a:send("hello")
local d = data.new("123456789")
local got, n, h = b:recvmsg({}, d)
assert(rawequal(got, d))
eq(n, 5)
eq(tostring(d), "hello6789")
eq(h.iov_len, 9)

--# recvmsg's iov_len stays the room there was
local a, b = udp_pair()
a:send("hello")
local _, _, h = b:recvmsg{ iov_len = 4096 }
eq(h.iov_len, 4096)

--# recvmsg without room is a mistake
local a = udp()
raises("neither a buffer nor iov_len", a.recvmsg, a, {})
raises("iov_len must be in 1..1048576, not 0", a.recvmsg, a, { iov_len = 0 })
raises("iov_len must be in 1..1048576, not 1048577", a.recvmsg, a, { iov_len = 1048577 })
raises("lov_len must be in 1..1048576, not -1", a.recvmsg, a, { lov_len = -1 })
raises("iov_len must be an integer, not a string", a.recvmsg, a, { iov_len = "x" })
raises("iov_len must be an integer, not a table", a.recvmsg, a, { iov_len = {} })

--# recvmsg fills in the sender without being asked
local a, porta = udp()
local b, portb = udp()
a:sendmsg({ name = { LO, portb } }, "x")
local _, _, h = b:recvmsg{ iov_len = 10 }
eq(h.name.addr, LO)
eq(h.name.port, porta)

--# recvmsg keeps the form and the table of a name that was there
local a, porta = udp()
local b, portb = udp()
local to = { name = { LO, portb } }
a:sendmsg(to, "x")
a:sendmsg(to, "y")
local name = { "1.2.3.4", 5 }
local _, _, h = b:recvmsg{ iov_len = 10, name = name }
assert(rawequal(h.name, name))
eq(name[1], LO)
eq(name[2], porta)
eq(name.addr, nil)
name = { addr = "1.2.3.4", port = 5 }
b:recvmsg{ iov_len = 10, name = name }
eq(name.addr, LO)
eq(name.port, porta)
eq(name[1], nil)

--# the header that recvmsg made sends an answer back
local a = udp()
local b, portb = udp()
a:sendmsg({ name = { LO, portb } }, "question that is cut")
local _, n, h = b:recvmsg{ iov_len = 8 }
eq(n, 8)
assert(h.flags & socket.flag.TRUNC ~= 0)
b:sendmsg(h, "answer")
eq(a:read(), "answer")

--# recvmsg over TCP names the peer, in the form that is there, also when that has gone
local a, b = tcp_pair()
local _, port = a:getsockname()
a:send("x")
local _, _, h = b:recvmsg{ iov_len = 10 }
eq(h.name.addr, LO)
eq(h.name.port, port)
local name = { "1.2.3.4", 5 }
a:send("y")
b:recvmsg{ iov_len = 10, name = name }
eq(name[1], LO)
eq(name[2], port)
eq(name.addr, nil)
a:close()
local _, n, h = b:recvmsg{ iov_len = 10 }
eq(n, 0)
eq(h.name.port, port)

--# recvmsg leaves the name as it was where there is neither a sender nor a peer
local a = udp()
a:setsockopt("socket", "timestamping", 2 | 16 | 2048)
local to, port = udp()
a:sendmsg({ name = { LO, port } }, "x")
await(a, 0)
local name = { addr = "1.2.3.4", port = 5 }
local _, _, h = a:recvmsg({ iov_len = 10, name = name }, "E")
assert(h.flags & socket.flag.ERRQUEUE ~= 0)
eq(name.addr, "1.2.3.4")
eq(name.port, 5)

--# recvmsg tells that a datagram was cut
local a, b = udp_pair()
a:send("0123456789")
a:send("0123")
local t, n, h = b:recvmsg{ iov_len = 4 }
eq(n, 4)
eq(#t, 4)
eq(h.flags & socket.flag.TRUNC, socket.flag.TRUNC)
local _, _, h = b:recvmsg{ iov_len = 4 }
eq(h.flags, 0)

--# with the flag TRUNC the size is the datagram's, and the bytes are those that fit
local a, b = udp_pair()
for _ = 1, 5 do a:send("0123456789") end
local t, n = b:recv(4, "T")
eq(n, 10)
eq(#t, 4)
eq(text(t), "0123")
local d = data.new(4)
eq(select(2, b:recv(d, "trunc")), 10)
eq(tostring(d), "0123")
eq(b:read(4, "T"), "0123")
t, n = b:recvmsg({ iov_len = 3 }, nil, "T")
eq(n, 10)
eq(#t, 3)
eq(select(2, b:recvmsg({}, d, "T")), 10)

--# recvmsg takes flags as its second or its third argument
local a, b = udp_pair()
fails("EAGAIN", b.recvmsg, b, { iov_len = 5 }, "D")
fails("EAGAIN", b.recvmsg, b, { iov_len = 5 }, 0x40)
fails("EAGAIN", b.recvmsg, b, { iov_len = 5 }, nil, "D")
local e = fails("EAGAIN", b.recvmsg, b, {}, data.new(5), "D")
eq(e.call, "recvmsg")

--# flags in the header that recvmsg gets are what it told, no request
local a, b = udp_pair()
a:send("x")
eq(select(2, b:recvmsg{ iov_len = 5, flags = 0x42 }), 1)
fails("EAGAIN", b.read, b, 1, "D")

--# sendmsg sends urgent data, as the header's flags say, also those that recvmsg filled in
local a, b = tcp_pair()
eq(a:sendmsg({ flags = "O" }, "!"), 1)
await(b, "p")
local _, _, h = b:recvmsg({ iov_len = 1 }, "O")
eq(h.flags, socket.flag.OOB)
eq(b:sendmsg(h, "?"), 1)
await(a, "p")
eq(a:read(1, "O"), "?")

--# sendmsg takes what recvmsg may tell about a message, and no flags besides
local a, b = udp_pair()
a:sendmsg({ flags = "TRUNC,CTRUNC,ERRQUEUE,EOR" }, "x")
eq(b:read(), "x")
raises("cannot be used here", a.sendmsg, a, { flags = "PEEK" }, "x")

--# a failed recvmsg leaves the header as it was
local b = udp()
local hdr = { iov_len = 5 }
fails("EAGAIN", b.recvmsg, b, hdr, "D")
eq(hdr.iov_len, 5)
eq(hdr.flags, nil)
eq(hdr.name, nil)

--# a datagram of no bytes arrives as one
local a, b = udp_pair()
eq(a:send(""), 0)
eq(a:send("next"), 4)
local t, n = b:recv(10)
eq(#t, 0)
eq(n, 0)
eq(b:read(), "next")

--# read gives an empty string for a datagram of no bytes, not nil
local a, b = udp_pair()
a:send("")
eq(b:read(), "")

--# each argument of write is a datagram
local a, b = udp_pair()
eq(a:write("one", "", "two"), 6)
eq(b:read(), "one")
eq(b:read(), "")
eq(b:read(), "two")

--# datagrams keep their bounds
local a, b = udp_pair()
for i = 1, 20 do a:send(("x"):rep(i)) end
for i = 1, 20 do eq(select(2, b:recv(100)), i) end

--# the largest datagram arrives, a larger one raises EMSGSIZE
local a, b = udp_pair()
eq(a:send(("x"):rep(65507)), 65507)
eq(select(2, b:recv(70000)), 65507)
local e = fails("EMSGSIZE", a.send, a, ("x"):rep(65508))
eq(e.call, "send")

--# a connected UDP socket is told ECONNREFUSED
local s, gone = udp()
s:close()
local a = socket.new("i", "u")
a:connect(LO, gone)
a:send("x")
fails("ECONNREFUSED", a.recv, a, 10)
fails("EAGAIN", a.recv, a, 10, "D")
a:send("x")
await(a, 0)
fails("ECONNREFUSED", a.send, a, "y")

--# a connected UDP socket hears its peer alone
local a, porta = udp()
local b = udp()
local c, portc = udp()
c:connect(LO, porta)
b:sendmsg({ name = { LO, portc } }, "not for you")
a:sendmsg({ name = { LO, portc } }, "for you")
eq(c:read(), "for you")
fails("EAGAIN", c.read, c, 1, "D")

--# sendmsg may name another peer than the connected one
local a, b = udp_pair()
local c, portc = udp()
a:sendmsg({ name = { LO, portc } }, "there")
eq(c:read(), "there")

--# "M" gathers one datagram from several sends
local a, b = udp_pair()
a:send("one", "M")
a:send("two")
eq(b:read(), "onetwo")

--# "P" leaves a datagram there
local a, b = udp_pair()
a:send("x")
eq(b:read(5, "P"), "x")
eq(b:read(5), "x")

--# recv into a data object of no room takes a datagram whole
local a, b = udp_pair()
a:send("abc")
a:send("def")
local d = data.new("xyz")
eq(select(2, b:recv(d, nil, 3)), 0)
eq(b:read(), "def")

--# a broadcast needs the option
local a, b, port = udp(), socket.new("i", "u")
fails("EACCES", function() socket.new("i", "u"):connect("127.255.255.255", 9) end)

--# headers with metamethods that raise do no harm
local a, b = udp_pair()
a:send("x")
local hdr = setmetatable({}, { __index = function(_, k) error("boo " .. k) end, __newindex = function() error("new") end })
raises("boo", a.sendmsg, a, hdr, "x")
raises("boo iov_len", b.recvmsg, b, hdr)
hdr = setmetatable({}, { __index = { iov_len = 7 }, __newindex = function() error("new") end })
eq(select(2, b:recvmsg(hdr)), 1)
eq(rawget(hdr, "iov_len"), 7)
