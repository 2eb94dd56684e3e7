-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What every script of the suites socket and poll may use, besides tests/lib.lua.

-- Fails unless f(...) raises an error object of this name; gives it.
local function fails(name, f, ...)
	local ok, e = pcall(f, ...)
	if ok then
		error("no error, want: " .. name, 2)
	end
	if type(e) ~= "table" or e.name ~= name then
		error("error is: " .. tostring(e) .. ", want: " .. name, 2)
	end
	return e
end

local LO = "127.0.0.1"

local function tcp() return socket.new("inet", "tcp") end

-- A UDP socket with a port, and the port.
local function udp()
	local s = socket.new("inet", "udp")
	s:bind(LO, 0)
	return s, select(2, s:getsockname())
end

-- A listening socket, and its port.
local function listener(backlog)
	local s = tcp()
	s:bind(LO, 0)
	s:listen(backlog)
	return s, select(2, s:getsockname())
end

-- Both ends of a connection: who connected, and who was connected to.
local function tcp_pair()
	local s, port = listener()
	local client = tcp()
	client:connect(LO, port)
	local server = s:accept()
	s:close()
	return client, server
end

-- Two UDP sockets that are connected to each other.
local function udp_pair()
	local a, porta = udp()
	local b, portb = udp()
	a:connect(LO, portb)
	b:connect(LO, porta)
	return a, b
end

-- Bytes as a string.
local function text(bytes) return string.char(table.unpack(bytes)) end

-- A port that nobody listens on.
local function free_port()
	local s, port = listener()
	s:close()
	return port
end

-- Closes by a reset.
local function reset(s)
	s:setsockopt("socket", "linger", 0)
	s:close()
end

-- Waits until the socket is ready; gives its events.
local function await(s, events)
	local p = socket.poll()
	p:add(s, events)
	local _, _, ready = p:select(10000)
	p:close()
	assert(ready, "never ready")
	return ready
end

-- Sends until there is no room.
local function fill(s)
	local chunk = ("x"):rep(65536)
	local sent = 0
	repeat
		local ok, n = pcall(s.send, s, chunk, "D")
		if ok then sent = sent + n end
	until not ok
	return sent
end
