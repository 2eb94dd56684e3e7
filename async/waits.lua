-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What else waits, for tasks: sleeping, names, channels, timers; and coroutines of tasks. Outside of
-- a task all of them are what they were.

local _, core = ...
local loop = core.need("async.loop")
local members = core.need("async.members")
local sockets = core.need("async.sockets")
local socket, kernel = core.socket, core.kernel
local current, failure = loop.current, sockets.failure
local R, W = sockets.R, sockets.W

local function check(name, ...)
	local why = loop.refused()
	if why then error(failure(why, name, ...), 0) end
end

-- ---- time and names

local kernel_sleep = kernel.sleep
local time_ns = kernel.time_ns

local function sleep(ms)
	if math.type(ms) ~= "integer" or ms < 0 or ms > 0x7fffffff then return kernel_sleep(ms) end
	check("sleep")
	if ms == 0 then return loop.pause() end
	local why = loop.suspend(loop.deadline(ms))
	if why ~= "ETIMEDOUT" then error(failure(why, "sleep"), 0) end
end

-- Waits until a query can go on; its step tells that the time is over.
local function await_query(query)
	local deadline = time_ns() + query:left() * 1000000
	local why = members.wait(query.sock, query.events == "w" and W or R, deadline)
	if why == "ETIMEDOUT" or not why then return end
	query:close()
	error(failure(why, "resolve"), 0)
end

local function resolve(...)
	check("resolve")
	local query = socket.query(...)
	while true do
		local list = query:step()
		if list then return list[1], list end
		await_query(query)
	end
end

sockets.install(kernel, { sleep = sleep })
sockets.install(socket, { resolve = resolve })

-- ---- channels and timers

local channels, timers = core.methods("channel"), core.methods("timer")
local channel_send, channel_receive, timer_read = channels.send, channels.receive, timers.read

-- Waits for a member of poll sets that is no socket, behind other tasks that wait for the same.
-- False when the time is over.
local function ready(name, member, side, deadline)
	local why
	repeat
		why = members.wait(member, side, deadline)
		if why == "EBUSY" then why = members.queue(member, side, deadline) end
	until why ~= "EAGAIN"
	if not why then return true end
	if why == "ETIMEDOUT" then return false end
	if why == "ECANCELED" and not current().cancelled then return true end	-- it was closed: the call tells
	error(failure(why, name), 0)
end

local function waits(ms) return ms ~= 0 and (ms == nil or math.type(ms) == "integer") end

local function send(channel, value, ms)
	if not waits(ms) then return channel_send(channel, value, ms) end
	check("send")
	local deadline = loop.deadline(ms)
	while not channel_send(channel, value, 0) do
		if not ready("send", channel, W, deadline) then return false end
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
		if not ready("receive", channel, R, deadline) then return nil, "timeout" end
	end
end

local function read(timer, ms)
	if not waits(ms) then return timer_read(timer, ms) end
	check("timer read")
	local deadline = loop.deadline(ms)
	while true do
		local n = timer_read(timer, 0)
		if n > 0 or not ready("timer read", timer, R, deadline) then return n end
	end
end

sockets.install(channels, { send = send, receive = receive }, true)
sockets.install(timers, { read = read }, true)

rawset(coroutine, "resume", core.co_resume)
rawset(coroutine, "wrap", core.co_wrap)
