-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Datagram sockets and listening sockets.

--- Datagrams, and what listens.
-- @submodule async

local _, core = ...
local loop = core.need("async.loop")
local sockets = core.need("async.sockets")
local request = core.need("async.request")
local addr = core.need("async.addr")
local stream = core.need("async.stream")
local raw, perform = sockets.raw, sockets.perform
local fail, operate = loop.fail, request.operate
local try_accept, try_bytes = core.try_accept, core.try_recv
local try_recvmsg, try_sendmsg = core.try_recvmsg, core.try_sendmsg
local R, W = sockets.R, sockets.W

local LONGEST = 65536		-- datagram

local Dgram = {}
Dgram.__index = Dgram
local Listener = {}
Listener.__index = Listener

local dgram = {}

function dgram.new(sock)
	local unix = select("#", raw.getsockname(sock)) == 1
	return setmetatable({ sock = sock, read_first = false, unix = unix }, Dgram)
end

function dgram.listener(sock) return setmetatable({ sock = sock, read_first = false }, Listener) end

-- ---- datagrams

local buffer			-- what every datagram comes into
local header = { name = {} }	-- and what is told of it

-- A datagram of the Internet always has room; of another one it is looked how long it is.
local function make_room(sock)
	local ok, _, size = pcall(try_bytes, sock, 1, "DPT")
	if ok and size > #buffer then buffer = core.data.new(size) end
end

local function try_recv(sock, unix)
	if unix then make_room(sock) end
	local bytes, size = try_recvmsg(sock, header, buffer)
	if not bytes then return false end
	return buffer:string(0, size), addr.of(header.name.addr, header.name.port)
end

local function recvfrom(self, deadline)
	buffer = buffer or core.data.new(LONGEST)
	header.name.addr, header.name.port = nil, nil
	return perform(self.sock, R, deadline, not self.read_first, try_recv, self.unix)
end

--- Receives a datagram, however long it is.
-- @function dgram:recvfrom
-- @tparam[opt] integer ms milliseconds at most
-- @treturn string its bytes; or nil, the name of an errno and the errno: `ETIMEDOUT`,
--  `ECANCELED`, `EBUSY` when another task receives, `ECONNREFUSED`, ...
-- @treturn addr who sent it
-- @raise an error outside of a task
-- @usage local bytes, from = dgram:recvfrom(1000)
function Dgram:recvfrom(ms) return operate(self, R, ms, recvfrom) end

-- Sends; where the buffer of the socket is smaller than the datagram it is made larger, once.
local function sendto(self, deadline, bytes, to)
	local sock, name = self.sock, to and { name = to.path and { to.path } or { to.host, to.port } } or {}
	local ok, n = pcall(perform, sock, W, deadline, false, try_sendmsg, name, bytes)
	if ok then return n end
	if not loop.is_error(n, "EMSGSIZE") or sock:getsockopt("socket", "sndbuf") >= #bytes then error(n, 0) end
	sock:setsockopt("socket", "sndbuf", (#bytes + 1023) // 1024 * 1024)
	return (perform(sock, W, deadline, false, try_sendmsg, name, bytes))
end

--- Sends a datagram.
-- @function dgram:sendto
-- @tparam string|luadata bytes
-- @tparam ?addr to where to; nil: to the connected peer
-- @tparam[opt] integer ms milliseconds at most
-- @treturn integer how many bytes; or nil, name, errno: `EINVAL` when there are none, `EMSGSIZE`,
--  `EBUSY` when another task sends, `ETIMEDOUT`, `ECANCELED`, ...
-- @raise an error outside of a task
-- @usage dgram:sendto("hello", async.addr("ip", "127.0.0.1", 9))
function Dgram:sendto(bytes, to, ms)
	if type(bytes) ~= "string" and type(bytes) ~= "userdata" or #bytes == 0 then return fail("EINVAL") end
	if to ~= nil then
		local where, name, code = addr.check(to)
		if not where then return nil, name, code end
		to = where
	end
	return operate(self, W, ms, sendto, bytes, to)
end

--- How many bytes the next datagram has.
-- @function dgram:pending
-- @treturn integer 0 if there is none; or nil, name, errno
-- @raise nothing
-- @usage print(dgram:pending())
function Dgram:pending()
	if not self.sock then return fail(self.state or "ECANCELED") end
	local ok, err, size = pcall(try_bytes, self.sock, 1, "DPT")
	if ok then return size end
	if type(err) == "table" and err.name == "EAGAIN" then return 0 end
	return request.failed(self, err)
end

-- ---- listening

local function accept(self, deadline)
	local child = stream.new(perform(self.sock, R, deadline, not self.read_first, try_accept))
	return child, (child:peer())
end

--- Takes the next connection.
-- @function listener:accept
-- @tparam[opt] integer ms milliseconds at most
-- @treturn stream or nil, the name of an errno and the errno: `ETIMEDOUT`, `ECANCELED`, `EBUSY`
--  when another task accepts, `EMFILE`
-- @treturn addr the peer's
-- @raise an error outside of a task
-- @usage local client, from = listener:accept()
function Listener:accept(ms) return operate(self, R, ms, accept) end

-- ---- as of streams

local Stream = stream.class
for _, class in ipairs{ Dgram, Listener } do
	for _, name in ipairs{ "disconnect", "close", "setopt", "getopt", "address", "peer" } do
		class[name] = Stream[name]
	end
end

function Dgram:__tostring() return "dgram: " .. tostring(self.sock or "closed") end
function Listener:__tostring() return "listener: " .. tostring(self.sock or "closed") end

request.add(Dgram, { recvfrom = "r", sendto = "w" })
request.add(Listener, { accept = "r" })
return dgram
