-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- socket.new, and what sockets are to a script.

--# a TCP socket is made by words
local s = socket.new("inet", "tcp")
eq(s:getsockopt("socket", "type"), 1)
eq(s:getsockopt("socket", "protocol"), 6)
eq(s:getsockopt("socket", "domain"), 2)

--# a UDP socket is made by words
local s = socket.new("inet", "udp")
eq(s:getsockopt("socket", "type"), 2)
eq(s:getsockopt("socket", "protocol"), 17)

--# letters make sockets
eq(socket.new("i", "t"):getsockopt("s", "t"), 1)
eq(socket.new("i", "u"):getsockopt("s", "t"), 2)

--# the names "stream" and "dgram" make sockets
eq(socket.new("inet", "stream"):getsockopt("s", "t"), 1)
eq(socket.new("inet", "dgram"):getsockopt("s", "t"), 2)

--# numbers make sockets
eq(socket.new(2, 1):getsockopt("s", "t"), 1)
eq(socket.new(2, 2):getsockopt("s", "t"), 2)

--# upper case is as good as lower case
eq(socket.new("INET", "Tcp"):getsockopt("s", "t"), 1)

--# a protocol may be named by its number
eq(socket.new("inet", "tcp", 6):getsockopt("socket", "protocol"), 6)
eq(socket.new("inet", "udp", 17):getsockopt("socket", "protocol"), 17)
eq(socket.new("inet", "udp", 0):getsockopt("socket", "protocol"), 17)
eq(socket.new("inet", "udp", nil):getsockopt("socket", "protocol"), 17)

--# a protocol that the type does not have is an error object
local e = fails("EPROTONOSUPPORT", socket.new, "inet", "tcp", 17)
eq(e.call, "socket")

--# a stream is TCP's: what SCTP accepts could outlive its network namespace
fails("EPROTONOSUPPORT", socket.new, "inet", "stream", 132)

--# a family that cannot be had is an error object
fails("EAFNOSUPPORT", socket.new, 0, 1)
fails("EAFNOSUPPORT", socket.new, 44, 1)
fails("EAFNOSUPPORT", socket.new, 255, 1)

--# types that are none here are a mistake
raises("type must be in 0..5, not 6", socket.new, 2, 6)
raises("type must be in 0..5, not 10", socket.new, 2, 10)
raises("type must be in 0..5, not 2049", socket.new, 2, 2048 + 1)
fails("ESOCKTNOSUPPORT", socket.new, 2, 0)

--# an unknown family is a mistake
raises("invalid family name 'net'", socket.new, "net", "tcp")
raises("invalid family name ''", socket.new, "", "tcp")
raises("invalid family name 'inet'", socket.new, "inet\0", "tcp")

--# an unknown type is a mistake
raises("invalid type name 'tcpx'", socket.new, "inet", "tcpx")

--# socket.new without arguments is a mistake
raises("bad argument #1 to 'socket.new'", socket.new)
raises("bad argument #2 to 'socket.new'", socket.new, "inet")
raises("bad argument #1 to 'socket.new'", socket.new, {}, "tcp")
raises("bad argument #2 to 'socket.new'", socket.new, "inet", true)
raises("bad argument #3 to 'socket.new'", socket.new, "inet", "tcp", "x")

--# a raw socket needs no more than the script's privileges
local s = socket.new("inet", "raw", 1)
eq(s:getsockopt("socket", "type"), 3)

--# a socket's metatable is out of reach
local s = tcp()
eq(getmetatable(s), "luasocket")
raises("table expected", setmetatable, s, {})

--# a socket has no finalizer that a script could call
local s = tcp()
eq(s.__gc, nil)
eq(s.__index, nil)
eq(s.nothing, nil)

--# a socket's fields cannot be set
local s = tcp()
raises("attempt to index", function() s.x = 1 end)

--# a socket is equal to itself alone, and may be a key
local a, b = tcp(), tcp()
assert(a == a and a ~= b)
local t = { [a] = "a", [b] = "b" }
eq(t[a] .. t[b], "ab")

--# a socket as text tells its type
eq(tostring(tcp()), "socket (tcp 0.0.0.0:0)")
eq(tostring(socket.new("i", "u")), "socket (udp 0.0.0.0:0)")

--# a connected socket as text tells both addresses
local a, b = tcp_pair()
local port, peer = select(2, a:getsockname()), select(2, b:getsockname())
eq(tostring(a), ("socket (tcp 127.0.0.1:%d > 127.0.0.1:%d)"):format(port, peer))
eq(tostring(b), ("socket (tcp 127.0.0.1:%d > 127.0.0.1:%d)"):format(peer, port))

--# a closed socket as text says so
local s = tcp()
s:close()
eq(tostring(s), "socket (closed)")

--# the document's tables are there: level, optname, flag, errno
eq(socket.level.socket, 1)
eq(socket.level.tcp, 6)
eq(socket.level.ip, 0)
eq(socket.level.udp, 17)
eq(socket.level.raw, 255)
eq(socket.optname.reuseaddr, 2)
eq(socket.optname.nodelay, 1)
eq(socket.flag.DONTWAIT, 0x40)
eq(socket.flag.PEEK, 2)
eq(socket.flag.TRUNC, 0x20)
eq(socket.errno.ECONNREFUSED, 111)
eq(socket.errno.EAGAIN, 11)
eq(socket.shut.both, 2)
eq(socket.event.IN, 1)
eq(socket.event.OUT, 4)

--# the library has the seed's two functions
eq(type(socket.new), "function")
eq(type(socket.poll), "function")

--# without the parameter testing there is no socket.testing
eq(socket.testing, nil)
