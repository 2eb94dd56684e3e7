-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- getsockopt and setsockopt.

-- Every option: its level, and values that come back as they were set, or as {set, got}.
local OPTIONS = {
	acceptconn = { "socket", readonly = 0 },
	broadcast = { "socket", 1, 0, { true, 1 }, { false, 0 } },
	debug = { "socket", 1, 0, { true, 1 }, { false, 0 } },
	domain = { "socket", readonly = 2 },
	dontroute = { "socket", 1, 0, { true, 1 }, { false, 0 } },
	error = { "socket", readonly = 0 },
	incoming_cpu = { "socket", 1, 0 },
	keepalive = { "socket", 1, 0, { true, 1 }, { 5, 1 }, { false, 0 } },
	linger = { "socket" },
	mark = { "socket", 7, 0xffffffff, 0 },
	no_check = { "socket", 1, 0, { true, 1 }, { false, 0 } },
	oobinline = { "socket", 1, 0, { true, 1 }, { false, 0 } },
	priority = { "socket", 6, 0, 1000 },
	protocol = { "socket", readonly = 6 },
	rcvbuf = { "socket", { 8192, 16384 }, { 50000, 100000 } },
	rcvbufforce = { "socket", read = "rcvbuf", { 1000000, 2000000 } },
	rcvlowat = { "socket", 1, 100 },
	rcvtimeo = { "socket", 1500, 400, 0, 86400000 },
	reuseaddr = { "socket", 1, 0, { true, 1 }, { false, 0 } },
	reuseport = { "socket", 1, 0, { true, 1 }, { false, 0 } },
	sndbuf = { "socket", { 8192, 16384 }, { 50000, 100000 } },
	sndbufforce = { "socket", read = "sndbuf", { 1000000, 2000000 } },
	sndtimeo = { "socket", 1500, 400, 0, 86400000 },
	type = { "socket", readonly = 1 },
	cork = { "tcp", 1, 0, { true, 1 }, { false, 0 } },
	keepcnt = { "tcp", 5, 127 },
	keepidle = { "tcp", 100, 32767 },
	keepintvl = { "tcp", 30, 1 },
	maxseg = { "tcp", 1000, 536 },
	nodelay = { "tcp", 1, 0, { true, 1 }, { false, 0 } },
	notsent_lowat = { "tcp", 4096, 0xffffffff, 0x80000000 },
	quickack = { "tcp", 1, 0 },
	syncnt = { "tcp", 3, 127 },
	user_timeout = { "tcp", 5000, 0 },
	window_clamp = { "tcp", 65535, 20000 },
	mtu_discover = { "ip", 0, 1, 2, 3, 4, 5 },
	tos = { "ip", 0x10, 0 },
	ttl = { "ip", 1, 33, 255 },
}

--# the options tested below are all that there are
for name in pairs(socket.optname) do assert(OPTIONS[name], name .. " is not tested") end
for name in pairs(OPTIONS) do assert(socket.optname[name], name .. " is not there") end

--# every option comes back as it was set
for name, o in pairs(OPTIONS) do
	for _, v in ipairs(o) do
		if v ~= o[1] then
			local s = tcp()
			local set, want = v, v
			if type(v) == "table" then set, want = v[1], v[2] end
			s:setsockopt(o[1], name, set)
			local got = s:getsockopt(o[1], o.read or name)
			if got ~= want then error(("%s: set %s, got %s"):format(name, set, got)) end
			eq(math.type(got), "integer")
		end
	end
end

--# every option works by its numbers as by its names
for name, o in pairs(OPTIONS) do
	local level, number = socket.level[o[1]], socket.optname[name]
	local s = tcp()
	for _, v in ipairs(o) do
		if math.type(v) == "integer" then
			s:setsockopt(level, number, v)
			if not o.read then eq(s:getsockopt(level, number), v) end
			if not o.read then eq(s:getsockopt(o[1], name), v) end
		end
	end
end

--# options that are only to be read refuse to be set
for name, o in pairs(OPTIONS) do
	if o.readonly then
		local s = tcp()
		eq(s:getsockopt(o[1], name), o.readonly)
		local e = fails("ENOPROTOOPT", s.setsockopt, s, o[1], name, 1)
		eq(e.call, "setsockopt")
		eq(e.target, name)
	end
end

--# options that are only to be set refuse to be read
for name, o in pairs(OPTIONS) do
	if o.read then
		local s = tcp()
		local e = fails("EOPNOTSUPP", s.getsockopt, s, o[1], name)
		eq(e.call, "getsockopt")
		eq(e.target, name)
	end
end

--# TCP's options are none of UDP's
for name, o in pairs(OPTIONS) do
	if o[1] == "tcp" then
		local s = udp()
		local ok, e = pcall(s.getsockopt, s, "tcp", name)
		eq(ok, false)
		eq(e.name, "EOPNOTSUPP")
		ok, e = pcall(s.setsockopt, s, "tcp", name, 1)
		eq(ok, false)
		assert(e.name == "ENOPROTOOPT" or e.name == "EOPNOTSUPP", e)
	end
end

--# the options of sockets and of IP are UDP's too
local s = udp()
s:setsockopt("socket", "broadcast", true)
eq(s:getsockopt("socket", "broadcast"), 1)
s:setsockopt("ip", "ttl", 5)
eq(s:getsockopt("ip", "ttl"), 5)
eq(s:getsockopt("socket", "type"), 2)

--# the seed's letters work
local s = tcp()
for letters, name in pairs{ b = "broadcast", d = "debug", dt = "dontroute", k = "keepalive", n = "no_check", o = "oobinline", ra = "reuseaddr", rp = "reuseport" } do
	eq(s:getsockopt("s", letters), 0)
	s:setsockopt("s", letters, 1)
	eq(s:getsockopt("socket", name), 1)
	eq(s:getsockopt("s", letters), 1)
end
s:setsockopt("s", "p", 5)
eq(s:getsockopt("s", "p"), 5)
s:setsockopt("s", "r", 9000)
eq(s:getsockopt("s", "r"), 18000)
s:setsockopt("s", "rf", 9500)
eq(s:getsockopt("s", "r"), 19000)
s:setsockopt("s", "s", 9000)
eq(s:getsockopt("s", "s"), 18000)
s:setsockopt("s", "sf", 9500)
eq(s:getsockopt("s", "s"), 19000)
eq(s:getsockopt("s", "t"), 1)
eq(s:getsockopt("s", "e"), 0)
eq(s:getsockopt("s", "l").onoff, 0)

--# the whole words that the seed's code refused work
local s = tcp()
for _, name in ipairs{ "rcvbuf", "sndbuf", "reuseaddr", "debug" } do
	assert(s:getsockopt("s", name) >= 0)
end

--# levels have letters and any case
local s = tcp()
eq(s:getsockopt("s", "type"), 1)
eq(s:getsockopt("SOCKET", "type"), 1)
eq(s:getsockopt("t", "nodelay"), 0)
eq(s:getsockopt("i", "ttl"), 64)

--# linger is a number of seconds
local s = tcp()
s:setsockopt("socket", "linger", 7)
local l = s:getsockopt("socket", "linger")
eq(l.onoff, 1)
eq(l.linger, 7)

--# linger is a table, by name or by position
local s = tcp()
s:setsockopt("socket", "linger", { onoff = 1, linger = 3 })
eq(s:getsockopt("socket", "linger").linger, 3)
s:setsockopt("socket", "linger", { 1, 4 })
eq(s:getsockopt("socket", "linger").linger, 4)
s:setsockopt("socket", "linger", { onoff = true, linger = 5 })
eq(s:getsockopt("socket", "linger").linger, 5)
s:setsockopt("socket", "linger", { onoff = 0 })
eq(s:getsockopt("socket", "linger").onoff, 0)

--# linger is turned off by false
local s = tcp()
s:setsockopt("socket", "linger", 7)
s:setsockopt("socket", "linger", false)
eq(s:getsockopt("socket", "linger").onoff, 0)

--# linger refuses what is no linger
local s = tcp()
raises("linger.onoff must be an integer", s.setsockopt, s, "socket", "linger", {})
raises("linger.onoff must be in 0..1, not 2", s.setsockopt, s, "socket", "linger", { 2, 5 })
raises("linger.linger must be in 0..2147483647, not -1", s.setsockopt, s, "socket", "linger", { 1, -1 })
raises("linger.linger must be in 0..2147483647", s.setsockopt, s, "socket", "linger", { 1, 1 << 32 })
raises("linger must be in 0..2147483647, not -1", s.setsockopt, s, "socket", "linger", -1)
raises("number expected, got boolean", s.setsockopt, s, "socket", "linger", true)
eq(s:getsockopt("socket", "linger").onoff, 0)

--# linger 0 makes close a reset
local a, b = tcp_pair()
a:setsockopt("socket", "linger", 0)
a:close()
fails("ECONNRESET", b.read, b)

--# time-outs are milliseconds, and nil is none
local a = udp()
a:setsockopt("socket", "rcvtimeo", 20)
fails("ETIMEDOUT", a.read, a)
a:setsockopt("socket", "rcvtimeo", nil)
eq(a:getsockopt("socket", "rcvtimeo"), 0)

--# time-outs go by the numbers of C's SO_RCVTIMEO and SO_SNDTIMEO
local s = tcp()
s:setsockopt(1, 20, 100)
s:setsockopt(1, 21, 200)
eq(s:getsockopt("socket", "rcvtimeo"), 100)
eq(s:getsockopt("socket", "sndtimeo"), 200)
eq(s:getsockopt(1, 20), 100)

--# settimeout is what the time-out options tell
local s = tcp()
s:settimeout(300)
eq(s:getsockopt("socket", "rcvtimeo"), 300)
eq(s:getsockopt("socket", "sndtimeo"), 300)
s:settimeout()
eq(s:getsockopt("socket", "rcvtimeo"), 0)

--# an unknown option is a mistake that names it
local s = tcp()
raises("invalid option name 'nonsense'", s.getsockopt, s, "socket", "nonsense")
raises("invalid option name 'nonsense'", s.setsockopt, s, "socket", "nonsense", 1)
raises("invalid option name ''", s.getsockopt, s, "socket", "")
raises("invalid option name", s.getsockopt, s, "socket", "type\0")
raises("invalid option name", s.getsockopt, s, "socket", ("x"):rep(100000))

--# an option of another level is a mistake
local s = tcp()
raises("invalid option name 'nodelay'", s.getsockopt, s, "socket", "nodelay")
raises("invalid option name 'type'", s.getsockopt, s, "tcp", "type")
raises("invalid option name 'ttl'", s.getsockopt, s, "udp", "ttl")
raises("invalid option name 'ttl'", s.getsockopt, s, "raw", "ttl")

--# an unknown number is ENOPROTOOPT, with the numbers
local s = tcp()
local e = fails("ENOPROTOOPT", s.getsockopt, s, 1, 9999)
eq(e.call, "getsockopt")
eq(e.target, "level 1 option 9999")
fails("ENOPROTOOPT", s.setsockopt, s, 1, 9999, 1)
fails("ENOPROTOOPT", s.getsockopt, s, 12345, 1)
fails("ENOPROTOOPT", s.setsockopt, s, 0, 35, 1)

--# an unknown level is a mistake that names it
local s = tcp()
raises("invalid level name 'z'", s.getsockopt, s, "z", "type")
raises("bad argument #1 to 'getsockopt'", function() s:getsockopt({}, "type") end)
raises("bad argument #2 to 'getsockopt'", function() s:getsockopt("socket") end)
raises("bad argument #3 to 'setsockopt'", function() s:setsockopt("socket", "keepalive") end)
raises("bad argument #3 to 'setsockopt'", function() s:setsockopt("socket", "keepalive", "on") end)
raises("bad argument #3 to 'setsockopt'", function() s:setsockopt("socket", "keepalive", {}) end)

--# a value that the kernel refuses is an error object
local s = tcp()
local e = fails("EINVAL", s.setsockopt, s, "ip", "ttl", 256)
eq(e.target, "ttl")
fails("EINVAL", s.setsockopt, s, "tcp", "keepcnt", 0)
fails("EINVAL", s.setsockopt, s, "tcp", "syncnt", 256)

--# reuseaddr lets a port be bound while connections of it end
local s, port = listener()
s:setsockopt("socket", "reuseaddr", true)
local c = tcp()
c:connect(LO, port)
local p = s:accept()
s:close()
p:close()
c:read()
c:close()
fails("EADDRINUSE", function() tcp():bind(LO, port) end)
local again = tcp()
again:setsockopt("s", "ra", 1)
again:bind(LO, port)
again:listen()

--# acceptconn tells a listener
eq(listener():getsockopt("socket", "acceptconn"), 1)
eq(tcp():getsockopt("socket", "acceptconn"), 0)

--# oobinline puts urgent bytes among the others
local a, b = tcp_pair()
b:setsockopt("s", "o", true)
a:send("ab", "O")
eq(b:read(1), "a")
eq(b:read(1), "b")

--# a corked socket sends when it is uncorked
local a, b = tcp_pair()
a:setsockopt("tcp", "cork", true)
a:send("x")
fails("EAGAIN", b.read, b, 1, "D")
a:setsockopt("tcp", "cork", false)
eq(b:read(), "x")
