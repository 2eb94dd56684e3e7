-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What every script of the suite async may use, besides tests/lib.lua.

local async = require "async"
local run, spawn, sleep, errno = async.run, async.spawn, async.sleep, socket.errno
local LO = "127.0.0.1"

-- Fails unless the results are nil, a name and its errno.
local function failed(want, value, name, code)
	if value ~= nil or name ~= want or code ~= errno[want] then
		error(("got %s, %s, %s, want %s"):format(value, name, code, want), 2)
	end
end

-- A listening socket, and its port.
local function listener(backlog)
	local s = socket.new("inet", "tcp")
	s:bind(LO, 0)
	s:listen(backlog)
	return s, select(2, s:getsockname())
end

-- Both ends of a connection.
local function tcp_pair()
	local s, port = listener()
	local client = socket.new("inet", "tcp")
	client:connect(LO, port)
	local server = s:accept()
	s:close()
	return client, server
end

-- Milliseconds of the clock.
local function now() return kernel.time_ns() // 1000000 end
