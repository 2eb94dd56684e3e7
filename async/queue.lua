-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Queues: calls of many tasks, one after the other.
--
-- A place in a queue is a table; its task waits in it until it is the first. Places are in an
-- array from `first` to `last`; one that is given up stays there, `gone`, until it is the first, or
-- more have gone than wait. A task knows its places, so that they go when it ends.

--- Queues of calls.
-- @submodule async

local _, core = ...
local loop = core.need("async.loop")
local fail = loop.fail
local HOLES = 16		-- places given up that may stay anyway

local Queue = {}
Queue.__index = Queue

local queue = {}

--- Makes a queue: calls of many tasks, for as many sockets as there are, of which one runs at a time,
-- in their order. One that fails tells so who called, and the next ones go on.
-- @function async.queue
-- @treturn queue `#queue` is how many calls wait or run
-- @raise nothing
-- @usage local queue = async.queue()
function queue.new()
	return setmetatable({ first = 1, last = 0, count = 0, holes = 0, stopped = false, running = false }, Queue)
end

-- Lets the first one begin.
local function go_on(self)
	while not self.running and not self.stopped and self.first <= self.last do
		local place = self[self.first]
		self[self.first] = nil
		self.first = self.first + 1
		if place.gone then
			self.holes = self.holes - 1
		else
			self.running = place
			if place.waiter then loop.wake(place.waiter) end
		end
	end
	if self.first > self.last then self.first, self.last = 1, 0 end
end

local function close_up(self)
	local to = self.first
	for from = self.first, self.last do
		local place = self[from]
		self[from] = nil
		if not place.gone then
			self[to] = place
			to = to + 1
		end
	end
	self.last, self.holes = to - 1, 0
end

-- Gives a place up, whether it is the first or not.
function Queue:leave(place)
	if place.gone then return end
	place.gone = true
	self.count = self.count - 1
	if self.running == place then
		self.running = false
		go_on(self)
		return
	end
	self.holes = self.holes + 1
	if self.holes > HOLES and self.holes > self.count then close_up(self) end
end

-- The same, of a task that lives on.
local function give_up(place)
	local task = place.task
	if task and task.place == place then
		task.place = place.outer
	elseif task then
		local inner = task.place
		while inner and inner.outer ~= place do inner = inner.outer end
		if inner then inner.outer = place.outer end
	end
	place.queue:leave(place)
end

-- A new place at the end, of a task if it has one.
local function join(self, task)
	local place = { queue = self, task = task }
	self[self.last + 1] = place
	if task then place.outer, task.place = task.place, place end
	self.last, self.count = self.last + 1, self.count + 1
	go_on(self)
	return place
end

local function judge(place, ok, ...)
	give_up(place)
	if not ok then error((...), 0) end
	return ...
end

-- Calls a method when it is the turn of a place; the time counts from now.
local function perform(self, place, deadline, method, object, a, b)
	local why = loop.refused()
	if not why and self.running ~= place then
		local ok, res = pcall(loop.suspend, deadline, place, "waiter")
		if not ok then return judge(place, false, res) end
		why = res
	end
	if why then return judge(place, true, fail(why)) end
	local ms
	if deadline then ms = math.max((deadline - core.kernel.time_ns()) // 1000000, 0) end
	return judge(place, pcall(method, object, a, b, ms))
end

local function check(ms)
	return ms == nil or math.type(ms) == "integer" and ms >= -1
end

-- As a call of the running task.
local function call(self, ms, method, object, a, b)
	local task = loop.current()
	if not task then error("async: not in a task of async.run", 3) end
	if not check(ms) then return fail("EINVAL") end
	return perform(self, join(self, task), loop.deadline(ms), method, object, a, b)
end

-- As a request, whose place is taken now.
local function send(self, ms, method, object, a, b)
	if not loop.active() then error("async: not in async.run", 3) end
	if not check(ms) then return loop.spawn(fail, "EINVAL") end
	local place
	local task = loop.spawn(function()
		return perform(self, place, loop.deadline(ms), method, object, a, b)
	end)
	place = join(self, task)
	return task
end

local function writev(stream, list, _, ms) return stream:writev(list, ms) end
local function readpdu(stream, next, state, ms) return stream:readpdu(next, state, ms) end
local function sendto(dgram, bytes, to, ms) return dgram:sendto(bytes, to, ms) end

--- Sends a list over a stream when it is its turn, as @{stream:writev}.
-- @function queue:writev
-- @tparam stream stream
-- @tparam {string|luadata,...} list
-- @tparam[opt] integer ms milliseconds at most, from now
-- @treturn integer as @{stream:writev}; or nil, name, errno
-- @raise an error outside of a task
-- @usage queue:writev(stream, { "a header", "and a body" })
function Queue:writev(stream, list, ms)
	return call(self, ms, writev, stream, list)
end

--- Reads a message when it is its turn, as @{stream:readpdu}.
-- @function queue:readpdu
-- @tparam stream stream
-- @tparam function next
-- @param[opt] state
-- @tparam[opt] integer ms milliseconds at most, from now
-- @return as @{stream:readpdu}
-- @raise as @{stream:readpdu}
-- @usage local pieces = queue:readpdu(stream, function(_, chunk) return not chunk and 4 or nil end)
function Queue:readpdu(stream, next, state, ms)
	return call(self, ms, readpdu, stream, next, state)
end

--- Sends a datagram when it is its turn, as @{dgram:sendto}.
-- @function queue:sendto
-- @tparam dgram dgram
-- @tparam string|luadata bytes
-- @tparam ?addr to
-- @tparam[opt] integer ms milliseconds at most, from now
-- @treturn integer as @{dgram:sendto}; or nil, name, errno
-- @raise an error outside of a task
-- @usage queue:sendto(dgram, "hello", async.addr("ip", "127.0.0.1", 9))
function Queue:sendto(dgram, bytes, to, ms)
	return call(self, ms, sendto, dgram, bytes, to)
end

-- The same as requests, and what came of them.
function Queue:writev_send(stream, list, ms) return send(self, ms, writev, stream, list) end
function Queue:readpdu_send(stream, next, state, ms) return send(self, ms, readpdu, stream, next, state) end
function Queue:sendto_send(dgram, bytes, to, ms) return send(self, ms, sendto, dgram, bytes, to) end
for _, name in ipairs{ "writev", "readpdu", "sendto" } do
	Queue[name .. "_recv"] = function(_, task) return task:recv() end
end

--- Lets no further call begin. The one that runs goes on.
-- @function queue:stop
-- @return nothing
-- @raise nothing
-- @usage queue:stop()
function Queue:stop() self.stopped = true end

--- Lets calls begin again.
-- @function queue:start
-- @return nothing
-- @raise nothing
-- @usage queue:start()
function Queue:start()
	self.stopped = false
	go_on(self)
end

--- Takes a place for something else: when it is its turn, the queue stands until it is given up.
-- @function queue:hold
-- A task that fails, or is cancelled, gives up what it holds.
-- @treturn function that gives the place up, whether it was its turn or not
-- @raise nothing
-- @usage local release = queue:hold()
-- release()
function Queue:hold()
	local place = join(self, loop.current())
	place.held = true
	return function() give_up(place) end
end

function Queue:__len() return self.count end

function Queue:__tostring() return ("queue (%d calls)"):format(self.count) end

return queue
