-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Integers out of range, in every argument of every call: an error, and nothing happens.

-- Calls f with integers outside min..max; each must raise a string.
local function outside(min, max, f)
	local low = (1 << 32) + (min > 0 and min or 0)
	for _, v in ipairs{ min - 1, max + 1, -2, -(1 << 31), 1 << 31, (1 << 31) + 1, (1 << 32) - 2, low, low + 1, low + 80,
			(1 << 63) + 1, 1 << 48, math.mininteger, math.mininteger + 1, math.maxinteger, math.maxinteger - 1 } do
		if v < min or v > max then
			local ok, e = pcall(f, v)
			if ok then error(v .. " is taken", 2) end
			if type(e) ~= "string" then error(v .. " is passed on: " .. e, 2) end
			if not (e:find("must be in", 1, true) or e:find("out of range", 1, true) or e:find("cannot be used here", 1, true)) then
				error(v .. ": " .. e, 2)
			end
		end
	end
end
local INT = 0x7fffffff
-- Flags are bits: those that no call takes are refused too.
local function flags(f)
	outside(0, INT, f)
	for _, bit in ipairs{ 4, 16, 17, 19, 26, 27, 28, 30 } do
		raises("cannot be used here", f, 1 << bit)
	end
end

--# socket.new: family, type, protocol
outside(0, 255, function(v) socket.new(v, 1) end)
outside(0, 10, function(v) socket.new(2, v) end)
outside(0, 65535, function(v) socket.new(2, 1, v) end)

--# bind: address and port; the socket stays unbound
local s = tcp()
outside(0, 0xffffffff, function(v) s:bind(v, 0) end)
outside(0, 65535, function(v) s:bind(LO, v) end)
outside(0, 65535, function(v) s:bind(0x7f000001, v) end)
eq(select(2, s:getsockname()), 0)
s:bind(LO, 0)

--# connect: address, port, flags; the socket stays unconnected
local _, port = listener()
local s = tcp()
outside(0, 0xffffffff, function(v) s:connect(v, port) end)
outside(0, 65535, function(v) s:connect(LO, v) end)
raises("port must be in 0..65535", s.connect, s, LO, 65536 + port)
raises("port must be in 0..65535", s.connect, s, LO, (1 << 32) + port)
flags(function(v) s:connect(LO, port, v) end)
fails("ENOTCONN", s.getpeername, s)
eq(select(2, s:getsockname()), 0)

--# listen: backlog; the socket does not listen
local s = tcp()
outside(0, INT, function(v) s:listen(v) end)
eq(s:getsockopt("socket", "acceptconn"), 0)

--# accept: flags; the connection still waits
local s, port = listener()
local c = tcp()
c:connect(LO, port)
flags(function(v) s:accept(v) end)
s:accept("D"):close()

--# shutdown: direction; the connection stands
local a, b = tcp_pair()
outside(0, 2, function(v) a:shutdown(v) end)
a:send("x")
b:send("y")
eq(b:read() .. a:read(), "xy")

--# settimeout: milliseconds; the time-out stays
local s = tcp()
s:settimeout(400)
outside(-1, INT, function(v) s:settimeout(v) end)
eq(s:getsockopt("socket", "rcvtimeo"), 400)

--# send: flags, offset, length, bytes; nothing is sent
local a, b = tcp_pair()
flags(function(v) a:send("abc", v) end)
outside(0, 3, function(v) a:send("abc", 0, v) end)
outside(0, 3, function(v) a:send("abc", 0, 0, v) end)
outside(0, 2, function(v) a:send("abc", 0, 1, v) end)
outside(0, 3, function(v) a:send(data.new("abc"), 0, v) end)
outside(0, 3, function(v) a:send(data.new("abc"), 0, 0, v) end)
outside(0, 3, function(v) a:send({ 1, 2, 3 }, 0, 0, v) end)
outside(0, 255, function(v) a:send{ v } end)
outside(0, 255, function(v) a:send{ 1, 2, v } end)
fails("EAGAIN", b.read, b, 1, "D")

--# recv: size, flags, offset, length; nothing is taken
local a, b = tcp_pair()
a:send("abc")
local d = data.new("zzz")
outside(1, 1 << 20, function(v) b:recv(v) end)
flags(function(v) b:recv(1, v) end)
outside(0, 3, function(v) b:recv(d, 0, v) end)
outside(0, 3, function(v) b:recv(d, 0, 0, v) end)
outside(0, 1, function(v) b:recv(d, 0, 2, v) end)
eq(tostring(d), "zzz")
eq(b:read(), "abc")

--# read: size and flags; nothing is taken
local a, b = tcp_pair()
a:send("abc")
outside(1, 1 << 20, function(v) b:read(v) end)
flags(function(v) b:read(1, v) end)
eq(b:read(), "abc")

--# sendmsg: address, port, flags in header and argument, bytes; nothing is sent
local a, b, port = udp(), udp()
outside(0, 0xffffffff, function(v) a:sendmsg({ name = { v, port } }, "x") end)
outside(0, 0xffffffff, function(v) a:sendmsg({ name = { addr = v, port = port } }, "x") end)
outside(0, 65535, function(v) a:sendmsg({ name = { LO, v } }, "x") end)
outside(0, 65535, function(v) a:sendmsg({ name = { addr = LO, port = v } }, "x") end)
flags(function(v) a:sendmsg({ name = { LO, port }, flags = v }, "x") end)
flags(function(v) a:sendmsg({ name = { LO, port } }, "x", v) end)
outside(0, 255, function(v) a:sendmsg({ name = { LO, port } }, { v }) end)
fails("EAGAIN", b.read, b, 1, "D")

--# time-outs of calls; nothing is taken, and nothing is sent
local s, port = listener()
local c = tcp()
c:connect(LO, port)
outside(-1, INT, function(v) s:accept(nil, v) end)
outside(-1, INT, function(v) tcp():connect(LO, port, nil, v) end)
local p = s:accept()
p:send("abc")
outside(-1, INT, function(v) p:send("x", nil, nil, nil, v) end)
outside(-1, INT, function(v) p:sendmsg({}, "x", nil, v) end)
outside(-1, INT, function(v) p:sendfile(data.new(1), nil, nil, v) end)
outside(-1, INT, function(v) c:recv(1, nil, nil, nil, v) end)
outside(-1, INT, function(v) c:recvmsg({ iov_len = 1 }, nil, v) end)
outside(-1, INT, function(v) c:read(1, nil, v) end)
outside(-1, INT, function(v) c:read("l", nil, v) end)
outside(-1, INT, function(v) c:lines("l", nil, v) end)
eq(c:read(), "abc")

--# lines and sendfile: sizes, offsets, lengths; nothing is taken, and nothing is sent
local a, b = tcp_pair()
a:send("abc\n")
outside(1, 1 << 30, function(v) b:read("l", nil, nil, v) end)
outside(1, 1 << 30, function(v) b:read("a", nil, nil, v) end)
outside(1, 1 << 20, function(v) b:lines(v) end)
local d = data.new(5)
outside(0, 5, function(v) b:sendfile(d, v) end)
outside(0, 3, function(v) b:sendfile(d, 2, v) end)
outside(0, math.maxinteger, function(v) b:sendfile("x", v) end)
outside(0, math.maxinteger, function(v) b:sendfile("x", 0, v) end)
eq(b:read("l"), "abc")
fails("EAGAIN", a.read, a, 1, "D")

--# control messages: levels, types, values and room; nothing is sent
local a, b = udp_pair()
local function send(c) a:sendmsg({ control = { c } }, "x") end
outside(0, INT, function(v) send{ level = v, type = 1 } end)
outside(0, INT, function(v) send{ level = "ip", type = v } end)
outside(0, INT, function(v) send{ level = "ip", type = "ttl", value = v } end)
outside(0, 255, function(v) send{ level = "ip", type = "tos", value = v } end)
outside(0, 65535, function(v) send{ level = "udp", type = "segment", value = v } end)
outside(0, 0xffffffff, function(v) send{ level = "socket", type = "mark", value = v } end)
outside(0, INT, function(v) send{ level = "ip", type = "pktinfo", ifindex = v } end)
fails("EAGAIN", b.read, b, 1, "D")
b:send("y")
outside(1, 4096, function(v) a:recvmsg{ iov_len = 1, controllen = v } end)
eq(a:read(), "y")

--# recvmsg: sizes and flags; nothing is taken
local a, b = udp_pair()
a:send("abc")
outside(1, 1 << 20, function(v) b:recvmsg{ iov_len = v } end)
outside(1, 1 << 20, function(v) b:recvmsg{ lov_len = v } end)
flags(function(v) b:recvmsg({ iov_len = 5 }, v) end)
flags(function(v) b:recvmsg({ iov_len = 5 }, nil, v) end)
flags(function(v) b:recvmsg({}, data.new(5), v) end)
eq(b:read(), "abc")

--# getsockopt: level and option
local s = tcp()
outside(0, INT, function(v) s:getsockopt(v, 2) end)
outside(0, INT, function(v) s:getsockopt(1, v) end)

--# setsockopt: level, option and value of every kind; nothing is set
local s = tcp()
outside(0, INT, function(v) s:setsockopt(v, 2, 1) end)
outside(0, INT, function(v) s:setsockopt(1, v, 1) end)
outside(-INT - 1, INT, function(v) s:setsockopt("socket", "reuseaddr", v) end)
outside(0, 0xffffffff, function(v) s:setsockopt("socket", "priority", v) end)
outside(0, 0xffffffff, function(v) s:setsockopt("socket", "mark", v) end)
outside(0, INT, function(v) s:setsockopt("socket", "rcvtimeo", v) end)
outside(0, INT, function(v) s:setsockopt("socket", "sndtimeo", v) end)
outside(0, INT, function(v) s:setsockopt("socket", "linger", v) end)
outside(0, 1, function(v) s:setsockopt("socket", "linger", { v, 5 }) end)
outside(0, INT, function(v) s:setsockopt("socket", "linger", { 1, v }) end)
outside(0, 0xffffffff, function(v) s:setsockopt("tcp", "notsent_lowat", v) end)
for _, name in ipairs{ "reuseaddr", "priority", "mark", "rcvtimeo", "sndtimeo" } do
	eq(s:getsockopt("socket", name), 0)
end
eq(s:getsockopt("socket", "linger").onoff, 0)

--# poll: events and time-outs
local p, s = socket.poll(), udp()
outside(0, 0x201f, function(v) p:add(s, v) end)
eq(#p, 0)
p:add(s, "r")
outside(0, 0x201f, function(v) p:modify(s, v) end)
outside(-1, INT, function(v) p:select(v) end)

--# floats do not exist, and numbers as text are integers or a mistake
local s = tcp()
raises("bad argument #2 to 'bind'", function() s:bind(LO, "http") end)
raises("bad argument #2 to 'bind'", function() s:bind(LO, "1.5") end)
raises("bad argument #1 to 'listen'", function() s:listen("many") end)

--# the text of flags is no longer than 256 bytes
local s = udp()
fails("EDESTADDRREQ", s.send, s, "", (" "):rep(255) .. "D")
raises("more than 256 bytes", s.send, s, "", (" "):rep(256) .. "D")
