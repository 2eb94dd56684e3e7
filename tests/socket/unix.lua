-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Unix sockets, all but what goes through files (paths.py).

local TYPES = { "stream", "dgram", "seqpacket" }

-- A name that nobody else has, of so many bytes, and what comes before it.
local function unique(len, mark)
	return (mark or "@") .. ("%016x"):format(math.random(0, math.maxinteger)):rep((len or 16) // 16 + 1):sub(1, len or 16)
end

--# words, letters and numbers make sockets
for _, family in ipairs{ "unix", "x", "Unix", 1 } do
	for i, type in ipairs{ "stream", "dgram", "tcp", "u", "seqpacket", 5 } do
		local s = socket.new(family, type)
		eq(s:getsockopt("socket", "domain"), 1)
		eq(s:getsockopt("socket", "type"), ({ 1, 2, 1, 2, 5, 5 })[i])
	end
end
fails("EPROTONOSUPPORT", socket.new, "unix", "stream", 6)

--# a socket without a name is called so
local s = socket.new("unix", "stream")
eq(select("#", s:getsockname()), 1)
eq(s:getsockname(), "")
fails("ENOTCONN", s.getpeername, s)
eq(tostring(s), "socket (unix stream)")
eq(tostring(socket.new("unix", "dgram")), "socket (unix dgram)")
eq(tostring(socket.new("unix", "seqpacket")), "socket (unix seqpacket)")

--# abstract names begin with @ or zero, and come back with @
for _, mark in ipairs{ "@", "\0" } do
	local name = unique(16, mark)
	local s = socket.new("unix", "stream")
	s:bind(name)
	eq(select("#", s:getsockname()), 1)
	eq(s:getsockname(), "@" .. name:sub(2))
	s:listen()
	for _, mark in ipairs{ "@", "\0" } do
		local c = socket.new("unix", "stream")
		c:connect(mark .. name:sub(2))
		eq(c:getpeername(), "@" .. name:sub(2))
		eq(s:accept():getsockname(), "@" .. name:sub(2))
	end
end

--# a name has exactly the bytes that were given: nothing is added, nothing taken away
for _, len in ipairs{ 1, 2, 16, 106, 107 } do
	local name = unique(len)
	local s = socket.new("unix", "dgram")
	s:bind(name)
	eq(s:getsockname(), name)
	local c = socket.new("unix", "dgram")
	c:connect(name)
	for _, other in ipairs{ name:sub(1, -2), name .. "\0", name .. "0" } do
		if #other > 1 and #other <= 108 then fails("ECONNREFUSED", c.connect, c, other) end
	end
	s:close()	-- the next name may begin with this one
end

--# a name may have any bytes, zeros too
local all = {}
for i = 0, 105 do all[i + 1] = string.char(i * 5 % 256) end
for _, name in ipairs{ "@a\0b", "@\0", "@\0\0\0", "@@", "@/x/y", "@ ", "@" .. table.concat(all) } do
	local s = socket.new("unix", "dgram")
	s:bind(name)
	eq(s:getsockname(), name)
	local c = socket.new("unix", "dgram")
	c:connect(name)
	eq(c:getpeername(), name)
end

--# names and paths of more than 107 bytes are refused with the limit
local s = socket.new("unix", "stream")
for _, len in ipairs{ 108, 109, 126, 127, 128, 1000, 100000 } do
	for _, f in ipairs{ s.bind, s.connect } do
		raises("abstract names have at most 107 bytes", f, s, unique(len))
		raises("abstract names have at most 107 bytes", f, s, unique(len, "\0"))
		raises("paths have at most 107 bytes", f, s, unique(len - 1, "/"))
	end
	raises("paths have at most 107 bytes", s.sendmsg, s, { name = { unique(len - 1, "/") } }, "x")
end
eq(s:getsockname(), "")

--# a path with a zero in it is refused
local s = socket.new("unix", "stream")
for _, bad in ipairs{ "/a\0b", "a\0", "/tmp/x\0/../y" } do
	raises("paths contain no zeros", s.bind, s, bad)
	raises("paths contain no zeros", s.connect, s, bad)
end

--# an address that is no text, or has a port, is refused
local s = socket.new("unix", "stream")
raises("addresses of unix are no numbers", s.bind, s, 1)
raises("address must be a string or an integer, not a boolean", s.bind, s, true)
raises("address must be a string or an integer, not a nil", s.bind, s, nil)
raises("bad argument #2 to 'bind' (unix addresses have no port)", function() s:bind("@x", 80) end)
raises("bad argument #2 to 'bind' (unix addresses have no port)", function() s:bind("@x", 0) end)
raises("bad argument #2 to 'connect' (unix addresses have no port)", function() s:connect("@x", 0, "D") end)
raises("bad argument #2 to 'connect' (unix addresses have no port)", function() s:connect("@x", 80) end)
raises("bad argument #2 to 'connect' (invalid flags name 'X')", function() s:connect("@x", "X") end)
raises("address has a port, which unix addresses have not", s.bind, s, { addr = "@x", port = 80 })
raises("address has a port, which unix addresses have not", s.bind, s, { "@x", 0 })
raises("msghdr.name has a port, which unix addresses have not", s.sendmsg, s, { name = { "@x", 0 } }, "x")
eq(s:getsockname(), "")

--# nobody is found without a name
local s = socket.new("unix", "dgram")
raises("bad argument #1 to 'connect' (invalid address '': nobody can be found without a name)", function() s:connect("") end)
raises("nobody can be found without a name", s.sendmsg, s, { name = { "" } }, "x")

--# bind to no name has the kernel choose one
local a, b = socket.new("unix", "stream"), socket.new("unix", "stream")
a:bind("")
b:bind("")
assert(a:getsockname():find("^@%x%x%x%x%x$"), a:getsockname())
assert(a:getsockname() ~= b:getsockname())

--# a table is an address too
local s = socket.new("unix", "stream")
s:bind{ unique() }
s:listen()
local c = socket.new("unix", "stream")
c:connect({ addr = s:getsockname() }, "D")
eq(s:accept():getsockname(), s:getsockname())

--# errors name the address, with control characters made visible
local c = socket.new("unix", "stream")
local e = fails("ECONNREFUSED", c.connect, c, "@nobody\n\0\27")
eq(e.call, "connect")
eq(e.target, [[@nobody\x0a\x00\x1b]])
local s, name = unix_listener()
eq(fails("EADDRINUSE", c.bind, c, name).target, name)
eq(fails("EINVAL", s.bind, s, "@other").target, "@other")

--# the longest name as text
local s = socket.new("unix", "dgram")
s:bind("@" .. ("\27"):rep(107))
eq(tostring(s), "socket (unix dgram @" .. ([[\x1b]]):rep(107) .. ")")

--# a connection: names, text, bytes, ends
local s, name = unix_listener()
local c = socket.new("unix", "stream")
c:connect(name)
local p = s:accept()
eq(p:getsockname(), name)
eq(p:getpeername(), "")
eq(c:getpeername(), name)
eq(tostring(c), "socket (unix stream > " .. name .. ")")
eq(tostring(p), "socket (unix stream " .. name .. ")")
c:write("hello, ", "world")
eq(p:read(7, "W"), "hello, ")
eq(p:read(5, "W"), "world")
c:shutdown("write")
eq(p:read(), nil)
p:write("answer")
eq(c:read(), "answer")
p:close()
eq(c:read(), nil)
fails("EPIPE", c.send, c, "x")

--# accept tells a client with a name
local s, name = unix_listener()
local c = socket.new("unix", "stream")
c:bind("")
c:connect(name)
eq(s:accept():getpeername(), (c:getsockname()))

--# a datagram tells its sender, who can be answered with the same table
local a, mine = unix_dgram()
local b, yours = unix_dgram()
a:sendmsg({ name = { addr = yours } }, "ping")
local header = {}
local buf = data.new(10)
local _, size = b:recvmsg(header, buf)
eq(buf:string(0, size), "ping")
eq(header.name.addr, mine)
eq(header.name.port, nil)
b:sendmsg(header, "pong")
eq(a:read(), "pong")

--# a datagram of a socket without a name says so, whatever the name was
local a = socket.new("unix", "dgram")
local b, name = unix_dgram()
local header = { iov_len = 10, name = { addr = "old" } }
a:sendmsg({ name = { name } }, "x")
b:recvmsg(header)
eq(header.name.addr, "")
raises("nobody can be found without a name", b.sendmsg, b, header, "x")
header.name = { "old" }
a:sendmsg({ name = { name } }, "x")
b:recvmsg(header)
eq(header.name[1], "")
eq(header.name[2], nil)

--# connected datagrams keep their boundaries, empty ones too
local a, b = socket.pair("dgram")
for _, message in ipairs{ "one", "", "three" } do a:send(message) end
for _, message in ipairs{ "one", "", "three" } do eq(b:read(), message) end
local _, size, header = b:recvmsg(({ a:send("four"), { iov_len = 2 } })[2])
eq(size, 2)
assert(header.flags & socket.flag.TRUNC ~= 0)

--# a datagram to who takes others' only is refused
local a, b = socket.pair("dgram")
local c = socket.new("unix", "dgram")
b:bind("")
fails("EPERM", c.connect, c, (b:getsockname()))

--# a connection of packets keeps their boundaries, and has an end
local a, b = unix_connection("seqpacket")
a:send("one")
a:send("three")
local _, size, header = b:recvmsg{ iov_len = 2 }
eq(size, 2)
assert(header.flags & socket.flag.TRUNC ~= 0)
eq(b:read(), "three")
a:close()
eq(b:read(), nil)
fails("EPIPE", b.send, b, "x")

--# pairs of each type are connected to each other
for _, type in ipairs(TYPES) do
	local a, b = socket.pair(type)
	a:send("to b")
	b:send("to a")
	eq(a:read(), "to a")
	eq(b:read(), "to b")
	eq(a:getsockname(), "")
	eq(a:getpeername(), "")
	eq(a:getsockopt("s", "t"), socket.new("unix", type):getsockopt("s", "t"))
end

--# a pair is of streams unless a type is named
for _, pair in ipairs{ { socket.pair() }, { socket.pair(nil) }, { socket.pair("tcp") }, { socket.pair(1) } } do
	eq(#pair, 2)
	eq(pair[1]:getsockopt("s", "t"), 1)
	eq(pair[2]:getsockopt("s", "t"), 1)
end

--# a type that no pair can have is an error
raises("invalid type name 'x'", socket.pair, "x")
raises("type must be in 0..5, not 6", socket.pair, 6)
raises("bad argument #1 to 'socket.pair'", socket.pair, {})
eq(fails("ESOCKTNOSUPPORT", socket.pair, 4).call, "socketpair")

--# one end of a pair that is closed is the other's end
local a, b = socket.pair()
a:write("last")
a:close()
eq(b:read(), "last")
eq(b:read(), nil)
local a, b = socket.pair("dgram")
a:close()
fails("ECONNREFUSED", b.send, b, "x")

--# pairs count as two sockets, and those that nobody uses make room for others
--! param sockets=10
local kept = {}
for i = 1, 5 do kept[i] = { socket.pair() } end
local e = fails("EMFILE", socket.pair)
eq(e.call, "socketpair")
kept[5] = { kept[5][1] }
socket.new("unix", "stream")
fails("EMFILE", socket.pair)
kept = nil
for _ = 1, 100 do socket.pair() end

--# connect raises ETIMEDOUT when a listener has no room, and EAGAIN when it must not wait
local s, name = unix_listener("stream", 0)
local first, c = socket.new("unix", "stream"), socket.new("unix", "stream")
first:connect(name)
eq(fails("EAGAIN", c.connect, c, name, "D").target, name)
c:settimeout(30)
eq(fails("ETIMEDOUT", c.connect, c, name).target, name)
s:accept()
c:connect(name)

--# accept raises ETIMEDOUT after the time-out, and EAGAIN when it must not wait
for _, type in ipairs{ "stream", "seqpacket" } do
	local s = unix_listener(type)
	s:settimeout(20)
	eq(fails("ETIMEDOUT", s.accept, s).call, "accept")
	fails("EAGAIN", s.accept, s, "D")
end

--# recv, read and recvmsg raise ETIMEDOUT, or EAGAIN when they must not wait
for _, type in ipairs(TYPES) do
	local a, b = socket.pair(type)
	fails("EAGAIN", a.recv, a, 10, "D")
	a:settimeout(20)
	fails("ETIMEDOUT", a.recv, a, 10)
	fails("ETIMEDOUT", a.read, a, 10, "P")
	fails("ETIMEDOUT", a.recvmsg, a, {}, data.new(10))
	a:settimeout(0)
	fails("EAGAIN", a.read, a)
end

--# send raises ETIMEDOUT when there is no room, or EAGAIN when it must not wait
for _, type in ipairs(TYPES) do
	local a, b = socket.pair(type)
	a:settimeout(30)
	local e
	repeat
		local ok, n = pcall(a.send, a, ("x"):rep(8000), "D")
		e = n
	until not ok
	eq(e.name, "EAGAIN")
	fails("ETIMEDOUT", a.send, a, ("x"):rep(8000))
	b:recv(data.new(65536))
end

--# a message to a full queue waits for room in it
--! load testing=1
for _, shared in ipairs{ true, false } do
	local a, b = socket.new("unix", "dgram"), nil
	b, name = unix_dgram()
	a:settimeout(20)
	local sent = 0
	while pcall(a.sendmsg, a, { name = { name } }, "x") do sent = sent + 1 end
	assert(sent > 1, sent)
	fails("ETIMEDOUT", a.sendmsg, a, { name = { name } }, "x")
	a:settimeout()
	local t = thread.spawn(function(b) b:read() end, b)
	eq(a:sendmsg({ name = { name } }, "y"), 1)
	t:join()
end

--# listen, accept and shutdown where there are none
local d = unix_dgram()
eq(fails("EOPNOTSUPP", d.listen, d).call, "listen")
fails("EOPNOTSUPP", d.accept, d)
local s = socket.new("unix", "stream")
fails("EINVAL", s.listen, s)
fails("EINVAL", s.accept, s)

--# an end that is shut down sends no more, and what it cannot read is refused
local a, b = socket.pair()
a:shutdown("read")
fails("EPIPE", b.send, b, "x")
a:shutdown("write")
eq(b:read(), nil)
eq(a:read(), nil)

--# MSG_PEEK leaves what it shows
local a, b = socket.pair()
a:write("peek")
eq(b:read(2, "P"), "pe")
eq(b:read(), "peek")

--# a poll set tells of connections, data, room and ends
local s, name = unix_listener()
local c = socket.new("unix", "stream")
c:connect(name)
await(s)
local p = s:accept()
await(c, "w")
c:write("x")
await(p)
eq(p:read(), "x")
c:shutdown("write")
await(p, "h")
eq(p:read(), nil)
c:close()
assert(await(p, "r") & socket.event.HUP ~= 0)

--# a poll set wakes when a socket of another thread writes, reads or closes
local p = socket.poll()
for _, type in ipairs(TYPES) do
	local a, b = socket.pair(type)
	p:add(a, "r")
	local t = thread.spawn(function(b) b:send("x") end, b)
	eq(select(2, p:select(10000)), a)
	t:join()
	eq(a:read(), "x")
	while pcall(a.send, a, ("x"):rep(8000), "D") do end
	p:modify(a, "w")
	eq(p:select(0), nil)
	t = thread.spawn(function(b) local buf = data.new(8000) while pcall(b.recv, b, buf, "D") do end end, b)
	eq(select(2, p:select(10000)), a)
	t:join()
	p:remove(a)
end

--# a poll set wakes when a peer that is not connected back makes room
local a = socket.new("unix", "dgram")
local b, name = unix_dgram()
a:connect(name)
while pcall(a.send, a, "x", "D") do end
local p = socket.poll()
p:add(a, "w")
eq(p:select(0), nil)
local t = thread.spawn(function(b) while pcall(b.read, b, 10, "D") do end end, b)
eq(select(2, p:select(10000)), a)
t:join()

--# sockets go through channels, both ends of a pair too
local channel = thread.channel()
local a, b = socket.pair()
local t = thread.spawn(function(channel)
	local b = channel:receive()
	while true do
		local got = b:read()
		if not got then break end
		b:write(got:upper())
	end
	b:write("end")
end, channel)
channel:send(b)
b = nil
a:write("hello")
eq(a:read(5, "W"), "HELLO")
a:shutdown("write")
eq(a:read(), "end")
t:join()

--# close ends accept with EBADF
--! load testing=1
for _, type in ipairs{ "stream", "seqpacket" } do
	local s = unix_listener(type)
	socket.testing.close_later(s, 30)
	fails("EBADF", s.accept, s)
end

--# close ends every receiving with EBADF
--! load testing=1
for _, type in ipairs(TYPES) do
	local a, b = socket.pair(type)
	socket.testing.close_later(a, 30)
	fails("EBADF", a.recv, a, 10)
	local a, b = socket.pair(type)
	socket.testing.close_later(a, 30)
	fails("EBADF", a.recvmsg, a, {}, data.new(10))
end
local s = unix_dgram()
socket.testing.close_later(s, 30)
fails("EBADF", s.read, s)

--# close ends every sending with EBADF
--! load testing=1
for _, type in ipairs(TYPES) do
	local a, b = socket.pair(type)
	while pcall(a.send, a, ("x"):rep(8000), "D") do end
	socket.testing.close_later(a, 30)
	fails("EBADF", a.send, a, ("x"):rep(8000))
end

--# close ends a wait for room in the queue of a peer with EBADF
--! load testing=1
local a = socket.new("unix", "dgram")
local b, name = unix_dgram()
a:connect(name)
while pcall(a.send, a, "x", "D") do end
socket.testing.close_later(a, 30)
fails("EBADF", a.send, a, "x")
local s, name = unix_listener("stream", 0)
local first, c = socket.new("unix", "stream"), socket.new("unix", "stream")
first:connect(name)
socket.testing.close_later(c, 30)
fails("EBADF", c.connect, c, name)

--# a signal ends a wait for room in the queue of a peer
--! stop INT TERM KILL
local a = socket.new("unix", "dgram")
local b, name = unix_dgram()
while pcall(a.sendmsg, a, { name = { name } }, "x", "D") do end
print("ready")
a:sendmsg({ name = { name } }, "x")

--# a signal ends a wait for room in the queue of a peer, also where others could close the socket
--! load testing=1
--! stop INT TERM KILL
local a = socket.new("unix", "dgram")
local b, name = unix_dgram()
while pcall(a.sendmsg, a, { name = { name } }, "x", "D") do end
print("ready")
a:sendmsg({ name = { name } }, "x")

--# every method of a closed unix socket raises
local s = unix_listener()
s:close()
s:close()
for _, name in ipairs{ "accept", "bind", "connect", "getpeername", "getsockname", "listen", "settimeout", "shutdown",
	"read", "recv", "send", "write", "recvmsg", "sendmsg" } do
	raises("attempt to use a closed luasocket", s[name], s, "@x")
end

--# sockets that nobody refers to are closed
local s, name = unix_listener()
s = nil
collectgarbage()
local c = socket.new("unix", "stream")
fails("ECONNREFUSED", c.connect, c, name)
