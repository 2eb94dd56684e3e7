-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The calls of C's socket interface, on sockets of the script's own.
local LO = "127.0.0.1"

local function failed(name, ...)
	local n, err, more = ...
	eq(n, nil)
	eq(err.name, name)
	eq(err.errno, socket.errno[name])
	eq(err.errno, err.code)
	eq(err[name], true)
	eq(err[name:sub(2)], true)
	eq(more, nil)
	return err
end

local function udp()
	local sock = socket.new("inet", "udp")
	assert(bind(sock, { addr = LO, port = 0 }))
	return sock, getsockname(sock)
end

local function tcp_pair()
	local server = socket.new("inet", "tcp")
	assert(bind(server, LO, 0))
	server:listen()
	local a = socket.new("inet", "tcp")
	eq(connect(a, getsockname(server)), true)
	return a, server:accept()
end

--# bytes go through data objects and strings, as many as are told
local a, b = tcp_pair()
local buf = data.new(10)
eq(write(a, "hello world", 5), 5)
eq(read(b, buf, 10), 5)
eq(tostring(buf):sub(1, 5), "hello")
eq(send(b, buf, 3), 3)
eq(recv(a, buf, 2), 2)
eq(recv(a, buf), 1)
eq(buf[1], ("l"):byte())

--# options that are structures in C take and give their fields
local a = tcp_pair()
eq(setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, S.t.timeval(1, 500000)), true)
eq(getsockopt(a, SOL_SOCKET, SO_RCVTIMEO), 1500)
raises("tv_usec", setsockopt, a, SOL_SOCKET, SO_RCVTIMEO, { tv_sec = 1, tv_usec = 1000000 })
raises("tv_usec", setsockopt, a, SOL_SOCKET, SO_RCVTIMEO, { tv_sec = 1 })
eq(setsockopt(a, SOL_SOCKET, SO_LINGER, S.t.linger{ onoff = 1, linger = 5 }), true)
eq(getsockopt(a, SOL_SOCKET, SO_LINGER).linger, 5)
local info = getsockopt(a, IPPROTO_TCP, TCP_INFO)
eq(info.tcpi_snd_mss, info.snd_mss) eq(info.tcpi_nothing, nil) eq(info[1], nil)
assert(info.tcpi_snd_mss > 0)

--# a datagram tells who sent it, and can be answered
local a, at = udp()
local b, bt = udp()
eq(at.addr, LO)
eq(at.family, AF_INET)
eq(sendto(a, "ping", nil, nil, bt), 4)
local buf = data.new(100)
local n, from = recvfrom(b, buf, 100, 0)
eq(n, 4)
eq(from.addr, LO)
eq(from.port, at.port)
eq(from.family, AF_INET)
eq(from.sa_family, AF_INET)
eq(from.sin_addr == in_addr(LO), true)
eq(getsockname(a).sin_port, from.sin_port)
eq(sendto(b, buf, n, 0, from), 4)
n, from = recvfrom(a, buf)
eq(n, 4)
eq(from.port, bt.port)

--# flags are numbers or words
local a, b = tcp_pair()
local buf = data.new(10)
eq(send(a, "xy", nil, "more"), 2)
eq(send(a, "z"), 1)
eq(recv(b, buf, 3, MSG_PEEK | MSG_WAITALL), 3)
eq(recv(b, buf, 3, "peek"), 3)
eq(recv(b, buf, 10), 3)
failed("EAGAIN", recv(b, buf, 1, MSG_DONTWAIT))

--# the end of a stream is no error
local a, b = tcp_pair()
eq(shutdown(a, SHUT_WR), true)
eq(read(b, data.new(1)), 0)
eq(shutdown(a, "both"), true)
eq(select("#", read(b, data.new(1))), 1)

--# what the kernel refuses is nil and an error object, with the call and the address
local sock, at = udp()
local e = failed("EADDRINUSE", bind(socket.new("inet", "udp"), at))
eq(e.call, "bind")
eq(e.target, LO .. ":" .. at.port)
eq(e.AGAIN, nil)
eq(e.what, nil)
assert(tostring(e):find("EADDRINUSE", 1, true))
failed("ECONNREFUSED", connect(socket.new("inet", "tcp"), { addr = LO, port = 1 }))
failed("ENOTCONN", getpeername(sock))
failed("ENOTCONN", shutdown(socket.new("inet", "tcp"), 2))
failed("EDESTADDRREQ", send(sock, "x"))
failed("ENOPROTOOPT", getsockopt(sock, SOL_SOCKET, 9999))
failed("ENOPROTOOPT", setsockopt(sock, SOL_SOCKET, SO_TYPE, 1))

--# each call on a closed socket fails with EBADF
local sock = socket.new("inet", "udp")
local buf = data.new(10)
eq(close(sock), true)
failed("EBADF", close(sock))
failed("EBADF", recv(sock, buf))
failed("EBADF", recvfrom(sock, buf))
failed("EBADF", read(sock, buf))
failed("EBADF", write(sock, "x"))
failed("EBADF", send(sock, "x"))
failed("EBADF", sendto(sock, "x", 1, 0, { addr = LO, port = 1 }))
failed("EBADF", getsockopt(sock, SOL_SOCKET, SO_TYPE))
failed("EBADF", setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, 1))
failed("EBADF", bind(sock, LO, 0))
failed("EBADF", connect(sock, LO, 1))
failed("EBADF", getsockname(sock))
failed("EBADF", getpeername(sock))
failed("EBADF", shutdown(sock, 2))

--# a number is the descriptor of nothing
local buf = data.new(10)
failed("EBADF", getsockopt(-1, SOL_SOCKET, SO_TYPE))
failed("EBADF", setsockopt(0, SOL_SOCKET, SO_REUSEADDR, 1))
failed("EBADF", recv(3, buf))
failed("EBADF", recvfrom(3, buf))
failed("EBADF", sendto(3, "x", 1, 0, { addr = LO, port = 1 }))
failed("EBADF", bind(3, LO, 0))
failed("EBADF", getsockname(1 << 62))
failed("EBADF", shutdown(-1))
failed("EBADF", close(-1))

--# recvfrom fills the address that it gets
local a, at = udp()
local b, bt = udp()
local buf = data.new(10)
for _, addr in ipairs{ sockaddr_in(), sockaddr_storage(), {}, { addr = "::1", port = 5, family = 3, scope = 1 } } do
	eq(sendto(a, "x", nil, nil, bt), 1)
	local n, from = recvfrom(b, buf, 10, 0, addr)
	eq(n, 1)
	eq(from, addr)
	eq(addr.addr, LO)
	eq(addr.port, at.port)
	eq(addr.family, AF_INET)
	eq(addr.scope, nil)
end
local sin = sockaddr_in()
eq(sendto(a, "x", nil, nil, bt), 1)
eq(recvfrom(b, buf, 10, 0, sin), 1)
eq(sin.sin_addr.s_addr, in_addr(LO).s_addr)
eq(sin.sin_port, sockaddr_in(at.port).sin_port)
eq(sendto(b, "y", nil, nil, sin), 1)
eq(recv(a, buf), 1)
local c, d = tcp_pair()
local addr = {}
eq(write(c, "x"), 1)
eq(select("#", recvfrom(d, buf, 10, 0, addr)), 1)
eq(next(addr), nil)

--# mistakes raise
local sock = socket.new("inet", "udp")
local buf = data.new(10)
raises("luasocket expected", recv, "3", buf)
raises("luasocket expected", getsockopt, nil, SOL_SOCKET, SO_TYPE)
raises("table expected", recvfrom, sock, buf, 10, 0, "127.0.0.1")
raises("luadata expected", recv, sock, 10)
raises("luadata expected", send, sock, 10)
raises("length must be in 0..10", recv, sock, buf, 11)
raises("length must be in 0..3", send, sock, "abc", 4)
raises("flags", send, sock, "abc", 3, "peek")
raises("lmessage expected", recvmsg, sock, {})
raises("lmessage expected", sendmsg, sock, buf)
raises("invalid option name", getsockopt, sock, "socket", "nonsense")

--# options are read and set by number and by name
local sock = socket.new("inet", "udp")
eq(getsockopt(sock, SOL_SOCKET, SO_TYPE), 2)
eq(setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, 1), true)
eq(getsockopt(sock, "socket", "reuseaddr"), 1)
eq(setsockopt(sock, SOL_SOCKET, SO_RXQ_OVFL, 1), true)
eq(getsockopt(sock, SOL_SOCKET, SO_RXQ_OVFL), 1)

--# the length of a string is what C's callers mean, with its zero or without
local sock = socket.new("inet", "udp")
for _, way in ipairs{ { "lo" }, { "lo", 2 }, { "lo\0", 3 }, { "lo\0\0\0", 16 }, { "local", 2 } } do
	eq(setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, way[1], way[2]), true)
	eq(getsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE), "lo")
	eq(setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, "", 0), true)
	eq(getsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE), "")
end
failed("ENODEV", setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, "nowhere", 7))

--# they go to other threads
local send, recv = send, recv
local a, b = tcp_pair()
local t = thread.spawn(function(sock)
	local buf = data.new(5)
	local n = recv(sock, buf, 5)
	return send(sock, tostring(buf):sub(1, n):upper())
end, b)
eq(write(a, "upper"), 5)
eq(a:read(5, "W"), "UPPER")
local ok, n = t:join()
eq(ok, true)
eq(n, 5)

--# error objects tell which they are also elsewhere
local ok, e = pcall(socket.new("inet", "tcp").read, socket.new("inet", "tcp"))
eq(ok, false)
eq(e.NOTCONN, true)
eq(e.ENOTCONN, true)
eq(e.errno, socket.errno.ENOTCONN)
eq(e.CONN, nil)
eq(e.E, nil)
eq(e[1], nil)
