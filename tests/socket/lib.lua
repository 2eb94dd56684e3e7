-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What every script of the suites socket and poll may use, besides tests/lib.lua.

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

-- A port to which no connection comes about: its listener takes no more.
-- The sockets must be kept.
local function blackhole()
	local s, port = listener(0)
	local c = tcp()
	c:connect(LO, port)
	-- The listener may hear of it later.
	await(s)
	return port, { s, c }
end

-- A listening unix socket with a name of its own choice, and the name.
local function unix_listener(type, backlog)
	local s = socket.new("unix", type or "stream")
	s:bind("")
	s:listen(backlog)
	return s, (s:getsockname())
end

-- Both ends of a unix connection: who connected, and who was connected to.
local function unix_connection(type)
	local s, name = unix_listener(type)
	local client = socket.new("unix", type or "stream")
	client:connect(name)
	local server = s:accept()
	s:close()
	return client, server
end

-- A named unix datagram socket, and its name.
local function unix_dgram()
	local s = socket.new("unix", "dgram")
	s:bind("")
	return s, (s:getsockname())
end
