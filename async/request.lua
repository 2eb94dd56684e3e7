-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What streams, datagram sockets and listeners have in common: calls that give nil, a name and
-- an errno, and the same calls as requests.

--- Tasks and requests.
-- @submodule async

local _, core = ...
local loop = core.need("async.loop")
local errors = core.need("async.errors")
local members = core.need("async.members")
local slots = core.need("async.slots")
local sockets = core.need("async.sockets")
local current, fail = loop.current, loop.fail
local take, release = sockets.take, sockets.release
local Task = loop.Task
local OWNER = slots.OWNER

local request = {}

-- What went wrong as results; mistakes of the script are raised.
local function failed(object, err)
	if loop.is_error(err) then return nil, err.name, err.code end
	local why = sockets.stopped(err)
	if why then return fail(why) end
	if object.sock == nil or tostring(object.sock):find("closed", 1, true) then return fail("ECANCELED") end
	error(err, 0)
end
request.failed = failed

local function given(object, slot, side, ok, ...)
	release(slot, side)
	if side == sockets.R and object.taken then object:untake(ok) end
	if ok then return ... end
	return failed(object, (...))
end

-- Calls f(object, slot, deadline, ...) with one direction of the object's socket.
function request.operate(object, side, ms, f, ...)
	if not current() then error("async: not in a task of async.run", 3) end
	local sock = object.sock
	if not sock then return fail(object.state or "ECANCELED") end
	if ms ~= nil and (math.type(ms) ~= "integer" or ms < -1) then return fail("EINVAL") end
	local slot, why = take(sock, side)
	if not slot then return fail(why) end
	return given(object, slot, side, pcall(f, object, loop.deadline(ms), ...))
end

-- ---- requests

-- Begins a method of an object as a task. The direction of the socket is taken at once.
local function begin(object, side, method, ...)
	local sock = object.sock
	if not sock then return loop.spawn(method, object, ...) end
	local own = side + OWNER
	local slot = slots.slot(sock)
	if slot[own] and slot[own].co or slot[side] then return loop.spawn(fail, "EBUSY") end
	local task = loop.spawn(method, object, ...)
	task.holds = own
	slot[own] = task
	return task
end

-- For each method gives the class name_send, which begins it, and name_recv, which tells what came of it.
function request.add(class, names)
	for name, letter in pairs(names) do
		local side = letter == "r" and sockets.R or sockets.W
		local method = class[name]
		class[name .. "_send"] = function(object, ...)
			if not loop.active() then error("async: not in async.run", 2) end
			return begin(object, side, method, ...)
		end
		class[name .. "_recv"] = function(object, task)
			return Task.recv(getmetatable(object) == Task and object or task)
		end
	end
end

--- What a task has to say, without waiting for it: what its function returned. Of a request, that
-- is what the call would have returned.
-- @function task:recv
-- @return the results; or nil, the name of an errno and the errno: `EINPROGRESS` when it has not
--  ended, `ECANCELED`
-- @raise what its function raised
-- @usage local request = stream:read_send(5)
-- request:set_callback(function(r) print(r:recv()) end)
function Task:recv()
	if self.co then return fail("EINPROGRESS") end
	return errors.result(self)
end

--- Has a function called when the task has ended: by the loop, in a task of its own; soon, if it
-- has ended already.
-- @function task:set_callback
-- @tparam ?function callback what is called, with the task; nil: nothing
-- @return nothing
-- @raise an error when it is no function, or outside of `async.run`
-- @usage request:set_callback(function(r) print("done", r:recv()) end)
function Task:set_callback(callback)
	if callback ~= nil and type(callback) ~= "function" then error("function expected, got " .. type(callback), 2) end
	if not loop.active() then error("async: not in async.run", 2) end
	self.callback = callback
	if callback and not self.co then loop.spawn(callback, self) end
end

--- Waits until the task has ended, as @{async.await} does.
-- @function task:await
-- @tparam[opt] integer ms milliseconds at most
-- @return as @{async.await}
-- @raise what its function raised
-- @usage local sum = task:await(1000)
function Task:await(ms)
	if not current() then error("async: not in a task of async.run", 2) end
	local why = members.join(self, ms)
	if why then return fail(why) end
	return errors.result(self)
end

--- Cancels the task, as @{async.cancel} does.
-- @function task:cancel
-- @treturn boolean whether it had not ended
-- @raise nothing
-- @usage task:cancel()
function Task:cancel() return loop.cancel(self) end

--- What the task is doing.
-- @function task:status
-- @treturn string `"running"`, `"ready"`, `"waiting"`; `"done"`, `"failed"`, `"cancelled"`
-- @raise nothing
-- @usage print(task:status())
function Task:status()
	return self.state or self == current() and "running" or self.waiting and "waiting" or "ready"
end

function Task:__tostring()
	return ("task (%s)"):format(self:status())
end

return request
