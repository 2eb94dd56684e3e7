-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Error objects, and errors that are strings.

local function refused() return fails("ECONNREFUSED", function() tcp():connect(LO, free_port()) end) end

--# an error object has code, name and call
local e = refused()
eq(type(e), "table")
eq(e.code, 111)
eq(e.code, socket.errno.ECONNREFUSED)
eq(e.name, "ECONNREFUSED")
eq(e.call, "connect")

--# an error object tells what it was done to
local port = free_port()
local ok, e = pcall(function() tcp():connect(LO, port) end)
eq(e.target, "127.0.0.1:" .. port)

--# an error object as text has position, call, target, words and name
local port = free_port()
local ok, e = pcall(function()
	tcp():connect(LO, port)
end)
eq(tostring(e), ("script:@+3: connect 127.0.0.1:%d: connection refused (ECONNREFUSED)"):format(port))
eq(e.where, "script:@+3:")

--# an error object without a target as text
local s = socket.new("inet", "udp")
local ok, e = pcall(function() return s:read(1, "D") end)
eq(tostring(e), "script:@+2: read: resource temporarily unavailable (EAGAIN)")

--# a failed call of a connected socket names its peer
local a, b = tcp_pair()
local peer = LO .. ":" .. select(2, a:getpeername())
for call, args in pairs{ recv = { 1, "D" }, read = { 1, "D" }, recvmsg = { { iov_len = 1 }, "D" }, listen = {} } do
	local ok, e = pcall(a[call], a, table.unpack(args))
	eq(e.target, peer)
	eq(e.call, call)
end
a:shutdown("w")
for call, args in pairs{ send = { "x" }, write = { "x" }, sendmsg = { {}, "x" }, sendfile = { data.new(1) } } do
	eq(fails("EPIPE", a[call], a, table.unpack(args)).target, peer)
end

--# the peer is named also when its reset has ended the connection
local a, b = tcp_pair()
local peer = LO .. ":" .. select(2, a:getpeername())
reset(b)
local e = fails("ECONNRESET", a.recv, a, 1)
eq(e.target, peer)
assert(tostring(e):find("recv " .. peer .. ": connection reset by peer (ECONNRESET)", 1, true), e)
e = fails("EPIPE", a.send, a, "x")
eq(e.target, peer)

--# a connected UDP socket names its peer
local s, gone = udp()
s:close()
local a = socket.new("i", "u")
a:connect(LO, gone)
a:send("x")
eq(fails("ECONNREFUSED", a.recv, a, 10).target, LO .. ":" .. gone)

--# sendmsg names the peer that it was given
local a, port = udp()
local e = fails("EMSGSIZE", a.sendmsg, a, { name = { "127.0.0.9", 99 } }, ("x"):rep(70000))
eq(e.target, "127.0.0.9:99")
e = fails("ENETUNREACH", a.sendmsg, socket.new("i", "u"), { name = { "192.0.2.1", 9 } }, "x")
eq(e.target, "192.0.2.1:9")

--# a call without a peer names the socket's own address, if it has one
local s, port = listener()
eq(fails("EAGAIN", s.accept, s, "D").target, LO .. ":" .. port)
local u, port = udp()
eq(fails("EAGAIN", u.recv, u, 1, "D").target, LO .. ":" .. port)
eq(fails("EOPNOTSUPP", u.listen, u).target, LO .. ":" .. port)
eq(fails("EDESTADDRREQ", u.send, u, "x").target, LO .. ":" .. port)
eq(fails("ENOTCONN", u.getpeername, u).target, LO .. ":" .. port)
eq(fails("ENOTCONN", function() tcp():recv(1) end).target, nil)

--# a failed getsockopt or setsockopt names the option and the address
local s, port = listener()
local addr = LO .. ":" .. port
eq(fails("EOPNOTSUPP", s.getsockopt, s, "ip", "add_membership").target, "add_membership of " .. addr .. " (it can only be set)")
eq(fails("ENOPROTOOPT", s.setsockopt, s, "socket", "type", 1).target, "type of " .. addr .. " (it can only be read)")
eq(fails("ENOPROTOOPT", s.getsockopt, s, 1, 9999).target, "level 1 option 9999 of " .. addr)
local e = fails("EINVAL", s.setsockopt, s, "ip", "ttl", 0)
assert(tostring(e):find("setsockopt ttl of " .. addr .. ": invalid argument (EINVAL)", 1, true), e)
eq(fails("EINVAL", function() tcp():setsockopt("ip", "ttl", 0) end).target, "ttl")

--# what a poll set refuses names the member's address
local s, port = listener()
local addr = LO .. ":" .. port
local poll = socket.poll{ s }
eq(fails("EEXIST", poll.add, poll, s).target, addr)
eq(fails("EEXIST", socket.poll, { s, s }).target, addr)
poll:remove(s)
for _, call in ipairs{ "modify", "remove" } do
	local e = fails("ENOENT", poll[call], poll, s)
	eq(e.target, addr)
	assert(tostring(e):find("poll " .. call .. " " .. addr .. ": no such file or directory (ENOENT)", 1, true), e)
	eq(fails("ENOENT", poll[call], poll, tcp()).target, nil)
	eq(fails("ENOENT", poll[call], poll, socket.timer()).target, "timer")
	eq(fails("ENOENT", poll[call], poll, require "thread".channel()).target, "channel")
end
local sets = {}
for i = 1, 256 do sets[i] = socket.poll{ s } end
eq(fails("ENOSPC", poll.add, poll, s).target, addr .. " (256 poll sets have it)")

--# accept without room for one more socket names the listening one, and the limit
--! param sockets=2
local s, port = listener()
local c = tcp()
c:connect(LO, port)
local e = fails("EMFILE", s.accept, s)
eq(e.target, LO .. ":" .. port .. " (limit: module parameter sockets, --sockets)")
assert(tostring(e):find("accept " .. LO .. ":" .. port .. " (limit", 1, true), e)

--# socket.new names family, type and protocol
--! param sockets=1
eq(fails("EPROTONOSUPPORT", socket.new, "i", "t", 17).target, "inet stream protocol 17")
eq(fails("ESOCKTNOSUPPORT", socket.new, "inet6", 4).target, "inet6 4 protocol 0")
local e = fails("EAFNOSUPPORT", socket.new, 16, "raw", 1)
assert(tostring(e):find("socket 16 raw protocol 1: address family not supported", 1, true), e)
local s = tcp()
eq(fails("EMFILE", socket.new, "i", "u").target, "inet dgram protocol 0 (limit: module parameter sockets, --sockets)")
eq(fails("EMFILE", socket.pair, "seqpacket").target, "seqpacket (limit: module parameter sockets, --sockets)")

--# an error object concatenates from both sides, with strings, numbers and its like
local e = refused()
local s = tostring(e)
eq("<" .. e, "<" .. s)
eq(e .. ">", s .. ">")
eq("<" .. e .. ">", "<" .. s .. ">")
eq(1 .. e .. 2, "1" .. s .. "2")
eq(e .. e, s .. s)
eq(nil == e, false)

--# the results of pcall concatenate to text, as the seed's scripts do
local ok, e = pcall(tcp().connect, tcp(), LO, free_port())
local line = "failed: " .. tostring(ok) .. " " .. e
assert(line:find("failed: false connect 127.0.0.1", 1, true), line)

--# print shows an error object as text
--! log connection refused (ECONNREFUSED)
print(refused())

--# an error object that nobody catches ends the script with its text
--! error ECANCELED script:@+2: connect 127.0.0.1:1: connection refused (ECONNREFUSED)
tcp():connect(LO, 1)

--# an error object can be raised again and changed
local e = refused()
e.call = "mine"
local ok, again = pcall(error, e)
assert(rawequal(e, again))
assert(tostring(again):find("mine", 1, true))

--# an error object with its fields gone is still text
local e = refused()
for k in pairs(e) do e[k] = nil end
eq(type(tostring(e)), "string")
eq(type("x" .. e), "string")
e.code, e.name, e.call, e.where, e.target = {}, {}, {}, {}, {}
eq(type(tostring(e)), "string")

--# __tostring and __concat of error objects take anything and raise at worst
local mt = getmetatable(refused())
if type(mt) == "table" then
	pcall(mt.__tostring)
	pcall(mt.__tostring, 5)
	pcall(mt.__tostring, udp())
	pcall(mt.__concat)
	pcall(mt.__concat, {}, nil)
end

--# misuse raises a string with its position
local s = tcp()
local ok, e = pcall(function()
	s:bind(LO, -1)
end)
eq(type(e), "string")
eq(e, "script:@+3: bad argument #2 to 'bind' (port must be in 0..65535, not -1)")

--# every errno that a call gives has its name in socket.errno
for name, code in pairs(socket.errno) do
	assert(name:find("^E[%u%d]+$"), name)
	assert(math.type(code) == "integer" and code > 0 and code < 4096)
end
eq(socket.errno.EAGAIN, 11)
eq(socket.errno.EINPROGRESS, 115)
eq(socket.errno.ETIMEDOUT, 110)

--# no kernel-internal code ever leaks: all errors of a tour have a name and a positive code
local seen = 0
local function try(f, ...)
	local ok, e = pcall(f, ...)
	if not ok and type(e) == "table" then
		assert(e.code > 0 and e.code < 512, e)
		assert(e.name:find("^E%u"), e)
		eq(socket.errno[e.name], e.code)
		seen = seen + 1
	end
end
for _, s in ipairs{ tcp(), udp(), listener(), tcp_pair(), udp_pair() } do
	try(s.accept, s, "D")
	try(s.listen, s, 1)
	try(s.connect, s, LO, 1, "D")
	try(s.send, s, "x", "D")
	try(s.recv, s, 1, "D")
	try(s.recv, s, 1, "DO")
	try(s.recv, s, 1, "DE")
	try(s.sendmsg, s, { flags = "DO" }, "x")
	try(s.getpeername, s)
	try(s.shutdown, s)
	try(s.bind, s, LO, 1)
end
assert(seen > 20)
