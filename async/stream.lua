-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Streams: all or nothing.
--
-- What a call has taken of the socket and could not give back complete stays in `rest`, and is
-- the first that the next call gets. So a time-out or a cancellation loses no byte.

--- Streams: connections on which each call does all of its work, or none.
-- @submodule async

local _, core = ...
local loop = core.need("async.loop")
local sockets = core.need("async.sockets")
local request = core.need("async.request")
local addr = core.need("async.addr")
local raw, perform = sockets.raw, sockets.perform
local fail, operate, stop = loop.fail, request.operate, sockets.stop
local try_read, try_send = core.try_read, core.try_send
local R, W = sockets.R, sockets.W

local PIECE = 65536		-- bytes to read at once
local LONGEST = 1 << 20		-- body of a frame
local MOST = 0x7fffffff		-- bytes of a call
local PIECES = 1024		-- of a vector

local Stream = {}
Stream.__index = Stream

local stream = { class = Stream }

-- A stream that owns a socket.
function stream.new(sock)
	return setmetatable({ sock = sock, rest = "", eof = false, read_first = false }, Stream)
end

-- ---- reading

-- The end of an operation that reads: what it took goes back if it failed.
function Stream:untake(ok)
	local taken = self.taken
	self.taken = nil
	if not ok then
		taken[#taken + 1] = self.rest
		self.rest = table.concat(taken)
	end
end

-- Takes a piece, of at most so many bytes; nil at the end.
local function piece(self, deadline, size)
	local rest = self.rest
	local more
	if rest ~= "" then
		more = rest:sub(1, size)
		self.rest = rest:sub(size + 1)
	else
		local sock = self.sock
		if not sock then stop(self.state or "ECANCELED") end
		-- What comes behind the first piece may be there.
		local first = not self.read_first and not self.taken[1]
		more = perform(sock, R, deadline, first, try_read, math.min(size, PIECE))
	end
	self.eof = not more
	if more then self.taken[#self.taken + 1] = more end
	return more
end

-- Takes exactly so many bytes. At the end of the stream `eof` tells that nothing is lost.
local function exact(self, deadline, size)
	local first = #self.taken
	local got = 0
	while got < size do
		local more = piece(self, deadline, size - got)
		if not more then
			self.eof = first == 0 and got == 0
			stop("EPIPE")
		end
		got = got + #more
	end
	if #self.taken == first + 1 then return self.taken[first + 1] end
	return table.concat(self.taken, "", first + 1)
end

-- The numbers of bytes of a vector; nil and why not. Data objects count with what they have room for.
local function measure(vector)
	local total = 0
	if #vector > PIECES then return nil, "EMSGSIZE" end
	for i = 1, #vector do
		local wish = vector[i]
		local size = type(wish) == "userdata" and #wish or wish
		if math.type(size) ~= "integer" or size < 0 then return nil, "EINVAL" end
		total = total + size
		if total > MOST or size > MOST then return nil, "EMSGSIZE" end
	end
	if total == 0 then return nil, "EINVAL" end
	return total
end

-- Fills a vector; adds what it is to a list.
local function fill(self, deadline, vector, list)
	for i = 1, #vector do
		local wish = vector[i]
		if type(wish) == "userdata" then
			wish:copy(exact(self, deadline, #wish))
			list[#list + 1] = wish
		else
			list[#list + 1] = wish == 0 and "" or exact(self, deadline, wish)
		end
	end
end

local function read(self, deadline, size)
	self.taken = {}
	return exact(self, deadline, size)
end

--- Reads exactly so many bytes.
-- @function stream:read
-- @tparam integer n how many
-- @tparam[opt] integer ms milliseconds at most
-- @treturn string them; or nil, the name of an errno and the errno: `EPIPE` at the end of the
--  stream (its field `eof` is true if that came before the first byte), `ETIMEDOUT`,
--  `ECANCELED`, `EBUSY` when another task reads it, `EINVAL`, `ECONNRESET`, ... What has been
--  taken when it fails the next call gets
-- @raise an error outside of a task
-- @usage local header = stream:read(8, 1000)
function Stream:read(n, ms)
	if math.type(n) ~= "integer" or n < 1 then return fail("EINVAL") end
	if n > MOST then return fail("EMSGSIZE") end
	return operate(self, R, ms, read, n)
end

local function read_some(self, deadline, most)
	self.taken = {}
	return piece(self, deadline, most) or stop("EPIPE")
end

--- Reads what there is, and waits for something.
-- @function stream:read_some
-- @tparam[opt=4096] integer most how many bytes at most
-- @tparam[opt] integer ms milliseconds at most
-- @treturn string or nil, name, errno, as @{stream:read}
-- @raise an error outside of a task
-- @usage local bytes = stream:read_some()
function Stream:read_some(most, ms)
	most = most or 4096
	if math.type(most) ~= "integer" or most < 1 then return fail("EINVAL") end
	return operate(self, R, ms, read_some, most)
end

local function readv(self, deadline, vector, total)
	self.taken = {}
	local list = {}
	fill(self, deadline, vector, list)
	return list, total
end

--- Reads several pieces, each of a known size.
-- @function stream:readv
-- @tparam {integer|luadata,...} vector how many bytes each has, or data objects to fill, up to 1024
-- @tparam[opt] integer ms milliseconds at most
-- @treturn {string|luadata,...} the pieces; or nil, name, errno, as @{stream:read}; `EMSGSIZE`
-- @treturn integer how many bytes they have together
-- @raise an error outside of a task
-- @usage local pieces = stream:readv{ 4, 8 }
function Stream:readv(vector, ms)
	if type(vector) ~= "table" then return fail("EINVAL") end
	local total, why = measure(vector)
	if not total then return fail(why) end
	return operate(self, R, ms, readv, vector, total)
end

-- The next vector of a message: nil when it is complete.
local function next_vector(self, next, state, chunk)
	local wish, err = next(state, chunk, self)
	if wish == nil and err ~= nil then stop(err) end
	if wish == nil or wish == 0 then return end
	if type(wish) ~= "table" then return { wish }, true end
	if #wish > 0 then return wish end
end

local function readpdu(self, deadline, next, state)
	self.taken = {}
	local list, all, chunk = {}, 0, nil
	while true do
		local vector, single = next_vector(self, next, state, chunk)
		if not vector then return list, all end
		local total, why = measure(vector)
		if total and all + total > MOST then total, why = nil, "EMSGSIZE" end
		if not total then stop(why) end
		local first = #list + 1
		fill(self, deadline, vector, list)
		all = all + total
		chunk = single and list[first] or { table.unpack(list, first) }
	end
end

--- Reads a message, whose parts tell how long the next ones are: a header, and what it announces.
-- If that fails half-way, what has been taken stays for the next call, which begins anew.
-- @function stream:readpdu
-- @tparam function next what tells what comes next: it is called with `state`, and with what came
--  last: a string, or for a vector an array; at first nil. It returns a number of bytes, or a
--  vector as for @{stream:readv}; nil, 0 or an empty one when the message is complete; or nil and
--  the name of an errno, which the call then gives
-- @param[opt] state
-- @tparam[opt] integer ms milliseconds at most
-- @treturn {string,...} the pieces; or nil, name, errno, as @{stream:read}; `EMSGSIZE`
-- @treturn integer how many bytes they have together
-- @raise what `next` raises; an error outside of a task
-- @usage local pieces = stream:readpdu(function(_, chunk)
--	if not chunk then return 2 end
--	if #chunk == 2 then return (string.unpack(">I2", chunk)) end
-- end)
function Stream:readpdu(next, state, ms)
	if type(next) ~= "function" then return fail("EINVAL") end
	return operate(self, R, ms, readpdu, next, state)
end

--- Reads a message of a header and a body.
-- @function stream:frame
-- @tparam table how `header`: how many bytes the header has; `size`: a function that gives, for
--  the header, how many the body has, or a string that `string.unpack` takes; `most`: the longest
--  body, 1048576; `timeout`: milliseconds at most
-- @treturn string the body; or nil, name, errno, as @{stream:read}; `EMSGSIZE`: it would be too long
-- @treturn string the header
-- @raise what `size` raises; an error outside of a task
-- @usage local body = stream:frame{ header = 2, size = ">I2" }
function Stream:frame(how)
	local size, most = how.size, how.most or LONGEST
	local list, name, code = self:readpdu(function(begun, chunk)
		if not chunk then return how.header end
		if begun[1] then return end
		begun[1] = true
		local n
		if type(size) == "string" then n = string.unpack(size, chunk) else n = size(chunk) end
		if n > most then return nil, "EMSGSIZE" end
		return n
	end, {}, how.timeout)
	if not list then return nil, name, code end
	return list[2] or "", list[1]
end

-- ---- writing

-- How many bytes a list has; nil and why not.
local function weigh(list)
	local total = 0
	if #list > PIECES then return nil, "EMSGSIZE" end
	for i = 1, #list do
		if type(list[i]) ~= "string" and type(list[i]) ~= "userdata" then return nil, "EINVAL" end
		total = total + #list[i]
		if total > MOST then return nil, "EMSGSIZE" end
	end
	if total == 0 then return nil, "EINVAL" end
	return total
end

local function writev(self, deadline, list, total)
	local sock = self.sock
	if self.broken then stop("EPIPE") end
	local sent = try_send(sock, list) or 0
	if sent == total then
		loop.spend()
		return total
	end
	-- What waits is in an array of its own. While a part is sent the stream is broken, if this ends.
	list = table.move(list, 1, #list, 1, {})
	repeat
		self.broken = sent > 0
		sent = sent + perform(sock, W, deadline, false, try_send, list, nil, sent)
	until sent == total
	self.broken = false
	return total
end

--- Sends several pieces, all of them. Data objects must not change meanwhile.
-- @function stream:writev
-- @tparam {string|luadata,...} list up to 1024
-- @tparam[opt] integer ms milliseconds at most
-- @treturn integer how many bytes that were; or nil, name, errno: `EBUSY` when another task
--  writes, `ETIMEDOUT`, `ECANCELED`, `EMSGSIZE`, `EINVAL` when there is nothing, `ECONNRESET`;
--  `EPIPE`, also after a call that failed half-way: nobody could tell what comes next from the
--  rest of that
-- @raise an error outside of a task
-- @usage stream:writev{ "a header", "and a body" }
function Stream:writev(list, ms)
	if type(list) ~= "table" then return fail("EINVAL") end
	local total, why = weigh(list)
	if not total then return fail(why) end
	return operate(self, W, ms, writev, list, total)
end

--- Sends all of its arguments, after all that other tasks write in this way: it has a queue.
-- @function stream:write
-- @tparam string|luadata ... up to 1024
-- @treturn integer how many bytes that were; or nil, name, errno, as @{stream:writev}
-- @raise an error outside of a task
-- @usage stream:write("a line", "\n")
function Stream:write(...)
	self.queue = self.queue or core.need("async.queue").new()
	return self.queue:writev(self, { ... })
end

-- ---- the rest

local scratch

--- How many bytes have arrived and were not read; of more than 65536, these.
-- @function stream:pending
-- @treturn integer or nil, name, errno: what went wrong with the socket
-- @raise nothing
-- @usage print(stream:pending())
function Stream:pending()
	if not self.sock then return fail(self.state or "ECANCELED") end
	scratch = scratch or core.data.new(65536)
	local ok, err, size = pcall(core.try_recv, self.sock, scratch, "DP")
	if ok then return #self.rest + size end
	if type(err) == "table" and err.name == "EAGAIN" then return #self.rest end
	return request.failed(self, err)
end

--- Ends the connection. Every call fails with `ENOTCONN` from then on.
-- @function stream:disconnect
-- @treturn boolean true; or nil, name, errno: `EBUSY` while a task reads or writes, `ENOTCONN`
-- @raise nothing
-- @usage stream:disconnect()
function Stream:disconnect()
	local sock = self.sock
	if not sock then return fail(self.state or "ECANCELED") end
	if loop.active() and (sockets.busy(sock, R) or sockets.busy(sock, W)) then return fail("EBUSY") end
	self.sock, self.state = nil, "ENOTCONN"
	sock:close()
	return true
end

--- Closes the connection. Tasks that wait for it get `ECANCELED`.
-- @function stream:close
-- @return nothing
-- @raise nothing
-- @usage stream:close()
function Stream:close()
	local sock = self.sock
	self.sock = nil
	if sock then sock:close() end
end

--- Sets an option of the socket.
-- @function stream:setopt
-- @tparam string name `"tcp.nodelay"`; without a level, it is `socket`
-- @param value as for `sock:setsockopt`
-- @treturn boolean true; or nil, name, errno
-- @raise an error when there is no such option
-- @usage stream:setopt("tcp.nodelay", true)
function Stream:setopt(name, value)
	if not self.sock then return fail(self.state or "ECANCELED") end
	local level, option = name:match("^(%w+)%.(.*)$")
	local ok, err = pcall(self.sock.setsockopt, self.sock, level or "socket", option or name, value)
	if ok then return true end
	if type(err) == "table" then return nil, err.name, err.code end
	error(err, 2)
end

--- An option of the socket.
-- @function stream:getopt
-- @tparam string name as in @{stream:setopt}
-- @return its value; or nil, name, errno
-- @raise an error when there is no such option
-- @usage print(stream:getopt("sndbuf"))
function Stream:getopt(name)
	if not self.sock then return fail(self.state or "ECANCELED") end
	local level, option = name:match("^(%w+)%.(.*)$")
	local ok, value = pcall(self.sock.getsockopt, self.sock, level or "socket", option or name)
	if ok then return value end
	if type(value) == "table" then return nil, value.name, value.code end
	error(value, 2)
end

local function name_of(self, method)
	if not self.sock then return fail(self.state or "ECANCELED") end
	local ok, host, port = pcall(method, self.sock)
	if ok then return addr.of(host, port) end
	return request.failed(self, host)
end

--- The own address.
-- @function stream:address
-- @treturn addr or nil, name, errno
-- @raise nothing
-- @usage print(stream:address())
function Stream:address() return name_of(self, raw.getsockname) end

--- The peer's address.
-- @function stream:peer
-- @treturn addr or nil, name, errno: `ENOTCONN`
-- @raise nothing
-- @usage print(stream:peer())
function Stream:peer() return name_of(self, raw.getpeername) end

function Stream:__tostring() return "stream: " .. tostring(self.sock or "closed") end

request.add(Stream, { read = "r", read_some = "r", readv = "r", readpdu = "r", writev = "w" })
return stream
