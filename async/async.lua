-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The library async: what scripts call. docs/design.md tells how it works.

--- Many connections in one script, as straight code.
--
-- Inside of @{async.run}, each task is a function that reads and writes as if it were alone. Where
-- it must wait, the others run. That goes for the methods of sockets that wait (`accept`,
-- `connect`, `send`, `sendmsg`, `sendfile`, `write`, `recv`, `recvmsg`, `read`, `lines`), for
-- `kernel.sleep`, `socket.resolve`, relays, channels and timers. They raise what they always raise, and
-- two errors more: `EBUSY` when another task is in the middle of a call in the same direction, and
-- `ECANCELED` when the task was cancelled or the socket closed. Time-outs are what they are
-- elsewhere.
--
-- What still keeps all tasks waiting: `select` and `ready` of a poll set; `join` of a thread; `close` of a
-- socket with the option `linger`; `print` in a session whose output nobody reads; files, which `require`
-- and `sendfile` read; a call in a finalizer; and whatever computes without a wait.
--
-- The functions and objects of this library give nil, the name of an errno and the errno when they
-- fail: `nil, "ETIMEDOUT", 110`. All times are in milliseconds; nil or -1 stands for ever.
--
-- Each method of a stream, listener or datagram socket that waits also begins as a request:
-- `stream:read_send(5)` gives a task at once, and `stream:read_recv(task)` its results, when
-- it has ended; so for `read_some`, `readv`, `readpdu`, `writev`, `recvfrom`, `sendto`, `accept`
-- and the calls of a queue.
-- @module async

local _, core = ...
local loop = core.need("async.loop")
local members = core.need("async.members")
local sockets = core.need("async.sockets")
core.need("async.waits")
core.need("async.relays")
core.need("async.request")
local addr = core.need("async.addr")
local stream = core.need("async.stream")
local dgram = core.need("async.dgram")
local queue = core.need("async.queue")
local socket = core.socket
local fail, current = loop.fail, loop.current

local async = { addr = addr.new, from_raw = addr.from_raw, queue = queue.new }

local function inside()
	return current() or error("async: not in a task of async.run", 3)
end

local function check_function(f)
	if type(f) ~= "function" then error("function expected, got " .. type(f), 3) end
end

local function check_time(ms)
	if ms ~= nil and (math.type(ms) ~= "integer" or ms < -1) then error("milliseconds expected", 3) end
end

--- Calls a function as the first task, and returns when that one and all others have ended.
--
-- An error of the first task ends the others by cancelling them, and is raised, with its traceback: a
-- string has that behind it, an error object as a field. An error of another task is printed with its traceback,
-- unless somebody asks that task for its results: when nobody can any more, or at the end.
-- @function async.run
-- @tparam function f
-- @param ... its arguments
-- @return what it returns
-- @raise what it raises; an error when all tasks wait for each other, and inside of a task
-- @usage async.run(function()
--	async.spawn(function() async.sleep(1) end)
-- end)
function async.run(f, ...)
	check_function(f)
	return loop.run(f, ...)
end

--- Begins a task. It runs when the one that runs now waits.
-- @function async.spawn
-- @tparam function f
-- @param ... its arguments
-- @treturn task
-- @raise an error outside of @{async.run}
-- @usage local task = async.spawn(function(a, b) return a + b end, 1, 2)
function async.spawn(f, ...)
	check_function(f)
	inside()
	return loop.spawn(f, ...)
end

--- Lets others run for a while.
-- @function async.sleep
-- @tparam integer ms milliseconds; 0: until the others have had their turn
-- @treturn boolean true; or nil, "ECANCELED", errno
-- @raise an error outside of a task
-- @usage async.sleep(10)
function async.sleep(ms)
	inside()
	check_time(ms)
	local why = loop.refused()
	if not why and ms == 0 then
		loop.pause()
		return true
	end
	why = why or loop.suspend(loop.deadline(ms))
	if why ~= "ETIMEDOUT" then return fail(why) end
	return true
end

--- Waits until a socket is ready, or a channel or a timer.
-- @function async.wait
-- @tparam luasocket|lchannel|ltimer|stream sock
-- @tparam[opt="r"] string what `"r"`: it can be read; `"w"`: written; `"rw"`: one of these
-- @tparam[opt] integer ms milliseconds at most
-- @treturn string `"r"` or `"w"`, which goes first; or nil, name, errno: `ETIMEDOUT`, `ECANCELED`,
--  `EBUSY` when another task waits for the same or is in the middle of a call, `EINVAL`
-- @raise an error outside of a task, or when the socket is closed
-- @usage if async.wait(sock, "r", 1000) then print(sock:read()) end
function async.wait(sock, what, ms)
	inside()
	check_time(ms)
	what = what or "r"
	if type(sock) == "table" then sock = sock.sock end
	if what ~= "r" and what ~= "w" and what ~= "rw" then return fail("EINVAL") end
	if sock == nil then return fail("ECANCELED") end
	local deadline = loop.deadline(ms)
	local ok, why, event
	if what == "rw" then
		ok, event, why = pcall(members.wait_both, sock, deadline)
		if not ok then why = event end
	else
		ok, why = pcall(members.wait_free, sock, what == "r" and sockets.R or sockets.W, deadline)
		event = what
	end
	if not ok then return sockets.raise(why, "wait") end
	if why then return fail(why) end
	return event
end

--- Waits until a task, or a request, has ended.
-- @function async.await
-- @tparam task task
-- @tparam[opt] integer ms milliseconds at most
-- @return what its function returned; or nil, name, errno: `ETIMEDOUT`, when it goes on;
--  `ECANCELED`, when it was cancelled, or the task that waits; `EDEADLK`, when it waits for itself
-- @raise what its function raised; an error outside of a task
-- @usage print(async.await(async.spawn(function() return 42 end)))
function async.await(task, ms)
	inside()
	check_time(ms)
	if getmetatable(task) ~= loop.Task then error("task expected, got " .. type(task), 2) end
	return task:await(ms)
end

--- Cancels a task: what it waits for, and all that it tries to wait for after that, fails with
-- `ECANCELED`. If it does not end then, it is not resumed any more. A task that has not begun never
-- will.
-- @function async.cancel
-- @tparam task task
-- @treturn boolean whether it had not ended
-- @raise an error when it is no task
-- @usage async.cancel(async.spawn(function() async.sleep(-1) end))
function async.cancel(task)
	if getmetatable(task) ~= loop.Task then error("task expected, got " .. type(task), 2) end
	return loop.cancel(task)
end

--- The task that runs.
-- @function async.current
-- @treturn ?task nil outside of @{async.run}
-- @raise nothing
-- @usage local me = async.current()
function async.current() return current() end

-- ---- sockets

-- What went wrong as results; mistakes of the script, and want of memory, are raised.
local function failed(err)
	if loop.is_error(err) then return nil, err.name, err.code end
	error(err, 0)
end

-- Calls a function that makes a socket; closes it if that fails.
local function make(family, type, f)
	local ok, sock = pcall(socket.new, family, type)
	if not ok then return failed(sock) end
	local done, err = pcall(f, sock)
	if done then return sock end
	sock:close()
	return failed(err)
end

-- Binds to a local address, unless it says nothing.
local function bind(sock, place)
	if place.family == "unix" then
		if place.path ~= "" then sock:bind(place.path) end
		return
	end
	if place.family == "ipv6" then sock:setsockopt("ipv6", "v6only", true) end
	if place.port ~= 0 then sock:setsockopt("socket", "reuseaddr", true) end
	if place.port ~= 0 or place.host:find("[^0:.]") then sock:bind(place.host, place.port) end
end

-- What two options say, addresses both; nil and why not.
local function check_both(own, remote)
	local name, code
	if own ~= nil then
		own, name, code = addr.check(own)
		if not own then return nil, name, code end
	end
	if remote ~= nil then
		remote, name, code = addr.check(remote)
		if not remote then return nil, name, code end
	end
	return true, own, remote
end

-- The addresses of what may be a name.
local function lookup(to, ms)
	local place, name, code = addr.check(to)
	if place then return { place } end
	local host = type(to) == "table" and (to.host or to[1])
	if type(host) ~= "string" then return nil, name, code end
	local ok, found, list = pcall(socket.resolve, host, nil, ms)
	if not ok then return failed(found) end
	local places = {}
	for i, text in ipairs(list or { found }) do
		places[i], name, code = addr.new("ip", text, to.port or to[2])
		if not places[i] then return nil, name, code end
	end
	return places
end

-- Milliseconds that are left until a time; nil: for ever.
local function left(deadline)
	return deadline and math.max((deadline - core.kernel.time_ns() + 999999) // 1000000, 0)
end

local function connect_to(place, own, deadline)
	local family, host, port = place:place()
	return make(family, family == "unix" and "stream" or "tcp", function(new)
		if own then bind(new, own) end
		local ms = left(deadline)
		if ms == 0 then error(sockets.failure("ETIMEDOUT", "connect", new), 0) end
		if port then new:connect(host, port, nil, ms) else new:connect(host, nil, ms) end
	end)
end

--- Connects to an address.
-- @function async.connect
-- @tparam addr|table to an address, or `{ host =, port = }`, or `{ path = }`; a host may be a name, whose
--  addresses are tried one after the other. The options may be in the same table
-- @tparam[opt] table options `local_`: the own address; `timeout`: milliseconds at most, for all of it
-- @treturn stream or nil, name, errno: `ECONNREFUSED`, `ETIMEDOUT`, ...
-- @treturn addr the own address
-- @raise an error outside of a task
-- @usage local stream = async.connect{ host = "127.0.0.1", port = 80, timeout = 1000 }
function async.connect(to, options)
	inside()
	options = options or to
	local ms = options.timeout
	check_time(ms)
	local deadline = loop.deadline(ms)
	local places, name, code = lookup(to, ms)
	if not places then return nil, name, code end
	local ok, own
	ok, own, code = check_both(options.local_)
	if not ok then return nil, own, code end
	local sock
	for _, place in ipairs(places) do
		sock, name, code = connect_to(place, own, deadline)
		if sock or name == "ECANCELED" then break end
	end
	if not sock then return nil, name, code end
	local connected = stream.new(sock)
	return connected, (connected:address())
end

--- Listens at an address.
-- @function async.listen
-- @tparam addr|table at an address, or `{ host =, port = }`, or `{ path = }`
-- @tparam[opt] integer backlog as for `sock:listen`
-- @treturn listener or nil, name, errno: `EADDRINUSE`, ...
-- @raise an error when the backlog is none
-- @usage local listener = async.listen{ host = "127.0.0.1", port = 0 }
function async.listen(at, backlog)
	local place, name, code = addr.check(at)
	if not place then return nil, name, code end
	local family, host, port = place:place()
	local sock
	sock, name, code = make(family, family == "unix" and "stream" or "tcp", function(new)
		if family == "inet6" then new:setsockopt("ipv6", "v6only", true) end
		if port and port ~= 0 then new:setsockopt("socket", "reuseaddr", true) end
		new:bind(host, port)
		new:listen(backlog)
	end)
	if not sock then return nil, name, code end
	return dgram.listener(sock)
end

-- A datagram socket, bound and connected as far as it is asked for.
local function datagrams(how, type, default)
	local ok, own, remote = check_both(how.local_, how.remote)
	if not ok then return nil, own, remote end
	local family = (remote or own or default):place()
	local sock, name, code = make(family, type, function(new)
		if how.broadcast then new:setsockopt("socket", "broadcast", true) end
		if own then bind(new, own) end
		if remote then new:connect(select(2, remote:place())) end
	end)
	if not sock then return nil, name, code end
	return dgram.new(sock)
end

--- Makes a UDP socket.
-- @function async.udp
-- @tparam[opt] table how `local_`: the own address; `remote`: that of the peer to connect to;
--  `broadcast`: true if it may send to all
-- @treturn dgram or nil, name, errno
-- @raise nothing
-- @usage local dgram = async.udp{ local_ = async.addr("ip", "127.0.0.1", 0) }
function async.udp(how) return datagrams(how or {}, "udp", addr.new("ipv4")) end

--- Makes a unix datagram socket.
-- @function async.unix_dgram
-- @tparam[opt] table how `local_`: the own address; `remote`: that of the peer
-- @treturn dgram or nil, name, errno
-- @raise nothing
-- @usage local dgram = async.unix_dgram()
function async.unix_dgram(how) return datagrams(how or {}, "dgram", addr.new("unix")) end

--- Makes two streams that are connected to each other.
-- @function async.pair
-- @treturn stream one end; or nil, name, errno
-- @treturn stream the other
-- @raise nothing
-- @usage local a, b = async.pair()
function async.pair()
	local ok, a, b = pcall(socket.pair)
	if not ok then return failed(a) end
	return stream.new(a), stream.new(b)
end

--- Makes an object of a socket, which belongs to that from now on.
-- @function async.wrap
-- @tparam luasocket sock
-- @tparam[opt] string what `"stream"`, `"dgram"` or `"listener"`; by itself it tells the first two
-- @treturn stream|dgram|listener
-- @raise an error when it is no socket, or is closed
-- @usage local stream = async.wrap(socket.pair())
function async.wrap(sock, what)
	local is_stream = core.kind(sock)
	if what == "listener" then return dgram.listener(sock) end
	if what == "stream" or what == nil and is_stream then return stream.new(sock) end
	return dgram.new(sock)
end

return async
