-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What the library's own objects, and what waits beside sockets, have in common: whose call it is,
-- waits between two tries, errors from where the script called.
--
-- The methods of sockets need none of this: they know tasks by themselves (socket/task_lua.c).

local _, core = ...
local loop = core.need("async.loop")
local members = core.need("async.members")
local slots = core.need("async.slots")
local socket = core.socket
local errno = socket.errno
local current, suspend = loop.current, loop.suspend
local R, W, OWNER = slots.R, slots.W, slots.OWNER
local PACE = 10			-- milliseconds to another try where nothing tells of room

local sockets = { raw = core.methods("socket") }

-- ---- errors

local LIBRARY = {}		-- what the library's chunks are called
for _, name in ipairs{ "", ".addr", ".dgram", ".errors", ".loop", ".members", ".queue", ".relays", ".request",
	".slots", ".sockets", ".stream", ".timers", ".waits" } do
	LIBRARY["=async" .. name] = true
end

-- Where the script was when it called the library.
local function where()
	for level = 2, 30 do
		local info = debug.getinfo(level, "Sl")
		if not info then break end
		if info.what ~= "C" and not LIBRARY[info.source] then
			return info.currentline > 0 and ("%s:%d:"):format(info.short_src, info.currentline) or ""
		end
	end
	return ""
end

-- What is wrong with an argument, for the script: what is a function here may be a method there.
local function renumber(text, name, method)
	return (text:gsub("^bad argument #(%d+) to '[^']*'", function(n)
		if method and n == "1" then return ("calling '%s' on bad self"):format(name) end
		return ("bad argument #%d to '%s'"):format(method and n - 1 or n, name)
	end))
end

-- Raises an error of a function as if the script had called it.
local function raise(err, name, method)
	local at = where()
	if type(err) == "string" then
		local text, n = err:gsub("^async[%w.]*:%d+: ", "")
		if n == 0 then text = err end
		err = (at ~= "" and n > 0 and at .. " " or "") .. renumber(text, name, method)
	elseif loop.is_error(err) and tostring(rawget(err, "where")):find("^async") then
		rawset(err, "where", at)
	end
	error(err, 0)
end
sockets.raise = raise

local function failure(why, call, sock)
	return core.failure(errno[why], call, "async", sock)
end
sockets.failure = failure

-- ---- one call at a time

-- Takes one direction of a socket for the running task; gives the slot, or nil and why not.
function sockets.take(sock, side)
	local why = loop.refused()
	if why then return nil, why end
	local slot, own, task = slots.slot(sock), side + OWNER, current()
	if loop.busy(sock, side) then return nil, "EBUSY" end
	-- A request has it from its beginning, and takes it once.
	if slot[own] == task and task.holds ~= own then return nil, "EBUSY" end
	slot[own], task.holds = task, nil
	return slot
end

-- Gives it back.
function sockets.release(slot, side) slot[side + OWNER] = false end

sockets.busy = loop.busy

-- What an operation of the library's objects raises to end with an errno.
local Stop = {}
local stops = {}
function sockets.stop(why)
	stops[why] = stops[why] or setmetatable({ why = why }, Stop)
	error(stops[why], 0)
end

-- Why it was raised; nil if it is something else.
function sockets.stopped(err) return getmetatable(err) == Stop and err.why or nil end

-- Waits for a socket that was not ready; the second time in a row, with `again`, it only lets time pass: not
-- everything tells of room.
local function wait_again(sock, side, deadline, again)
	if side == R or not again then return members.wait(sock, side, deadline) end
	local pace = loop.deadline(PACE)
	if deadline and deadline < pace then return suspend(deadline) end
	local why = suspend(pace)
	return why ~= "ETIMEDOUT" and why or nil
end
sockets.wait_again = wait_again

-- Calls try(sock, a, b, c, d), which gives false when it would have to wait, until it does not; stops
-- if the wait ends otherwise. @first: it waits before.
function sockets.perform(sock, side, deadline, first, try, a, b, c, d)
	local again = false
	if first then
		local why = members.wait(sock, side, deadline)
		if why then sockets.stop(why) end
	end
	while true do
		local x, y, z = try(sock, a, b, c, d)
		if x ~= false then
			if not first then loop.spend() end
			return x, y, z
		end
		local why = wait_again(sock, side, deadline, again)
		if why then sockets.stop(why) end
		first, again = true, not again
	end
end

-- ---- in their places

-- What a function gives; raises what it raised from where the script called it.
local function result(name, method, ok, ...)
	if ok then return ... end
	return raise((...), name, method)
end

-- Puts functions into a table, in place of those that are there: inside of tasks; outside the
-- ones that were there are called.
function sockets.install(table, functions, method)
	for name, f in pairs(functions) do
		table[name] = core.replace(table[name], function(...) return result(name, method, pcall(f, ...)) end)
	end
end

sockets.R, sockets.W = R, W
return sockets
