-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Waits for what can be a member of poll sets, and for tasks. Methods of sockets wait in the loop itself.

local _, core = ...
local loop = core.need("async.loop")
local slots = core.need("async.slots")
local current, suspend, wake, busy = loop.current, loop.suspend, loop.wake, loop.busy
local look, slot_of = slots.look, slots.slot
local R, W, SET, LINES = slots.R, slots.W, slots.SET, slots.LINES

local members = {}

-- Waits until a socket can be read (R) or written (W); gives why it cannot. It is looked now, too. Nobody else is in
-- the middle of a call.
function members.wait(sock, side, deadline)
	local slot = slot_of(sock)
	local other = slot[side]
	if other and other ~= current() then return "EBUSY" end
	look(sock)
	return suspend(deadline, slot, side)
end

-- The same, where somebody may be.
function members.wait_free(sock, side, deadline)
	if busy(sock, side) then return "EBUSY" end
	return members.wait(sock, side, deadline)
end

-- Waits behind another task that waits for the same; gives EAGAIN when it has gone.
function members.queue(member, side, deadline)
	local slot = slot_of(member)
	local line = slot[side + LINES]
	if not line or line.first > line.last then
		line = { first = SET + 1, last = SET }
		slot[side + LINES] = line
	end
	line.last = line.last + 1
	return suspend(deadline, line, line.last)
end

-- Waits for both; gives which it is, or nil and why there is none.
function members.wait_both(sock, deadline)
	local task, slot = current(), slot_of(sock)
	if busy(sock, R) or busy(sock, W) then return nil, "EBUSY" end
	look(sock)
	local refused = loop.refused()
	if refused then return nil, refused end
	if not coroutine.isyieldable() then error("attempt to wait across a C-call boundary", 0) end
	slot[W], task.event = task, false
	local ok, why = pcall(suspend, deadline, slot, R)
	if slot[W] == task then slot[W] = false end
	if not ok then error(why, 0) end
	if why then return nil, why end
	return task.event
end

-- Lets the next one of a line, behind one that waits for the same member, try.
function loop.call_next(line)
	while line.first <= line.last do
		local task = line[line.first]
		line.first = line.first + 1
		if task then return wake(task, "EAGAIN") end
	end
end

-- Waits until a task has ended; gives why it did not.
function members.join(task, ms)
	if not task.co then return end
	local me = current()
	if task == me then return "EDEADLK" end
	if ms == 0 then return "ETIMEDOUT" end
	task.waiters = task.waiters or {}
	return suspend(loop.deadline(ms), task.waiters, me)
end

return members
