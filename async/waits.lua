-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What else waits, for tasks: sleeping, names, channels, timers; and coroutines of tasks. Outside of
-- a task all of them are what they were.

local core = select(2, ...)
local loop = core.need("async.loop")
local sockets = core.need("async.sockets")
local socket, kernel = core.socket, core.kernel
local current, WAIT = loop.current, loop.WAIT
local failure = sockets.failure

local function check(name, ...)
	local why = loop.refused()
	if why then error(failure(why, name, ...), 0) end
end

-- ---- time and names

local kernel_sleep, socket_resolve = kernel.sleep, socket.resolve
local time_ns = kernel.time_ns

local function sleep(ms)
	if not current() or math.type(ms) ~= "integer" or ms < 0 or ms > 0x7fffffff then return kernel_sleep(ms) end
	check("sleep")
	if ms == 0 then return loop.pause() end
	local why = loop.suspend(loop.deadline(ms))
	if why ~= "ETIMEDOUT" then error(failure(why, "sleep"), 0) end
end

-- Waits until a query can go on; its step tells that the time is over.
local function await_query(query)
	local deadline = time_ns() + query:left() * 1000000
	local why = loop.wait(query.sock, loop.slot(query.sock), query.events == "w" and "w" or "r", deadline)
	if why == "ETIMEDOUT" or not why then return end
	query:close()
	error(failure(why, "resolve"), 0)
end

local function resolve(...)
	if not current() then return socket_resolve(...) end
	check("resolve")
	local query = socket.query(...)
	while true do
		local old = query.sock
		local list = query:step()
		if old and old ~= query.sock then loop.forget(old) end
		if list then return list[1], list end
		await_query(query)
	end
end

sockets.install(kernel, { sleep = sleep })
sockets.install(socket, { resolve = resolve })

-- ---- channels and timers

local channels, timers = core.methods("channel"), core.methods("timer")
local channel_send, channel_receive = channels.send, channels.receive
local timer_read, timer_close = timers.read, timers.close

-- Waits for a member of poll sets that is no socket. False when the time is over.
local function ready(name, member, side, deadline)
	local why = loop.wait(member, loop.slot(member), side, deadline)
	if not why then return true end
	if why == "ETIMEDOUT" then return false end
	if why == "ECANCELED" and not current().cancelled then return true end	-- it was closed: the call tells
	error(failure(why, name), 0)
end

local function waits(ms) return current() and ms ~= 0 and (ms == nil or math.type(ms) == "integer") end

local function send(channel, value, ms)
	if not waits(ms) then return channel_send(channel, value, ms) end
	check("send")
	local deadline = loop.deadline(ms)
	while not channel_send(channel, value, 0) do
		if not ready("send", channel, "w", deadline) then return false end
	end
	loop.spend()
	return true
end

local function received(...)
	loop.spend()
	return ...
end

local function receive(channel, ms)
	if not waits(ms) then return channel_receive(channel, ms) end
	check("receive")
	local deadline = loop.deadline(ms)
	while true do
		local value, why = channel_receive(channel, 0)
		if why ~= "timeout" then return received(value, why) end
		if not ready("receive", channel, "r", deadline) then return nil, "timeout" end
	end
end

local function read(timer, ms)
	if not waits(ms) then return timer_read(timer, ms) end
	check("timer read")
	local deadline = loop.deadline(ms)
	while true do
		local n = timer_read(timer, 0)
		if n > 0 or not ready("timer read", timer, "r", deadline) then return n end
	end
end

local function closing(close)
	return function(member)
		close(member)
		loop.forget(member)
	end
end

sockets.install(channels, { send = send, receive = receive }, true)
sockets.install(timers, { read = read, close = closing(timer_close) }, true)

-- ---- coroutines

-- A coroutine that a task makes for itself may wait, too: then the whole task does. What such a
-- wait yields is passed on to the loop.

local co_resume, co_yield, co_create, status = coroutine.resume, coroutine.yield, coroutine.create, coroutine.status

local function pass(co, ok, first, ...)
	if ok and first == WAIT and status(co) == "suspended" then
		co_yield(WAIT)
		return pass(co, co_resume(co))
	end
	return ok, first, ...
end

local function resume(co, ...)
	if not current() then return co_resume(co, ...) end
	return pass(co, co_resume(co, ...))
end

local function unwrap(ok, ...)
	if not ok then error((...), 0) end
	return ...
end

local function wrap(f)
	local co = co_create(f)
	return function(...) return unwrap(resume(co, ...)) end
end

rawset(coroutine, "resume", resume)
rawset(coroutine, "wrap", wrap)
