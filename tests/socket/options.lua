-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- getsockopt and setsockopt: their arguments, and what some options do.
-- optiontable.lua tries every option, optionvalues.lua those whose values are no numbers.

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
raises("invalid option name", s.getsockopt, s, "i6", "nodelay")

--# names of options have any case, letters have theirs
local s = tcp()
eq(s:getsockopt("tcp", "NODELAY"), 0)
eq(s:getsockopt("socket", "ReuseAddr"), 0)
raises("invalid option name 'RA'", s.getsockopt, s, "s", "RA")

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
raises("invalid option name 'tos'", s.getsockopt, s, "ipv6", "tos")

--# an unknown number is ENOPROTOOPT, with the numbers
local s = tcp()
local e = fails("ENOPROTOOPT", s.getsockopt, s, 1, 9999)
eq(e.call, "getsockopt")
eq(e.target, "level 1 option 9999")
fails("ENOPROTOOPT", s.setsockopt, s, 1, 9999, 1)
fails("ENOPROTOOPT", s.getsockopt, s, 12345, 1)
fails("ENOPROTOOPT", s.setsockopt, s, 0, 41, 1)

--# an unknown level is a mistake that names it
local s = tcp()
raises("invalid level name 'z'", s.getsockopt, s, "z", "type")
raises("bad argument #1 to 'getsockopt'", function() s:getsockopt({}, "type") end)
raises("bad argument #2 to 'getsockopt'", function() s:getsockopt("socket") end)
raises("bad argument #3 to 'setsockopt'", function() s:setsockopt("socket", "keepalive", nil) end)
raises("bad argument #3 to 'setsockopt'", function() s:setsockopt("socket", "keepalive", "on") end)
raises("bad argument #3 to 'setsockopt'", function() s:setsockopt("socket", "keepalive", {}) end)

--# a value that the kernel refuses is an error object
local s = tcp()
local e = fails("EINVAL", s.setsockopt, s, "ip", "ttl", 0)
eq(e.target, "ttl")
assert(tostring(e):find("setsockopt ttl: invalid argument (EINVAL)", 1, true), e)
fails("EINVAL", s.setsockopt, s, "tcp", "maxseg", 87)
fails("ENOENT", s.setsockopt, s, "tcp", "congestion", "nonsense")
fails("ENODEV", s.setsockopt, s, "socket", "bindtodevice", "nonsense")

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
