-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What goes with a socket, or another member of the poll set.
--
-- What was waited for has a slot, an array that goes with it: which tasks wait to read and to
-- write, which are in the middle of a call, the set that watches it, and itself. (Methods of sockets look
-- there, too: socket/task_lua.c.) A set watches it edge-triggered, for all: who waits
-- has tried before, and what comes after that is told. Where nobody waits when something is told, the member
-- is asleep: it is not watched any more until somebody does. The set does not keep its members, so
-- that a socket that nobody has any more is collected, as everywhere.

local _, core = ...
local event, EEXIST = core.socket.event, core.socket.errno.EEXIST
local slot_of, set_slot, add, look, other_of = core.slot, core.set_slot, core.add, core.look, core.other

-- Who waits for a side, and, OWNER behind, whose call it is; the set, or `asleep`, or false; the member; and behind it
-- who waits for the side next.
local R, W, OWNER, SET, MEMBER = 1, 2, 2, 5, 6
local WRITABLE, READABLE, NVAL = event.OUT | event.ERR | event.HUP, event.IN | event.ERR | event.HUP, 32
local ALL = event.IN | event.OUT | event.RDHUP | event.ET

local slots = { R = R, W = W, OWNER = OWNER, SET = SET, LINES = MEMBER }
local poll			-- the set
local poll_add, poll_modify, poll_remove	-- its methods
local asleep			-- instead of it, in slots
local wake			-- of the loop

function slots.reset(set)
	asleep, poll, wake = set and {}, set, slots.wake
	if set then poll_add, poll_modify, poll_remove = set.add, set.modify, set.remove end
end

-- The set has the same object by another handle. That one leaves, unless somebody waits by it.
local function take_over(sock)
	local other = other_of(poll, sock)
	if other then
		if other[R] or other[W] then return false end
		other[SET] = false
	end
	pcall(poll_remove, poll, sock)
	return not add(poll, sock, ALL)
end

-- Has the set watch a member, whose slot is that if it has one; gives its slot, or nil and an errno: `EEXIST` when
-- somebody waits for the same by another handle, `EBADF` when another thread closed it.
function slots.attach(sock, slot)
	local state = slot and slot[SET]
	if state == asleep and look(poll, sock, ALL) then
		slot[SET] = poll
		return slot
	end
	local new = state == false and slot or { false, false, false, false, poll, sock }
	local code = add(poll, sock, ALL)
	if code and (code ~= EEXIST or not take_over(sock)) then return nil, code end
	new[SET] = poll
	if new ~= slot then set_slot(sock, new) end
	return new
end
local attach = slots.attach

-- Has it watched, if it is not; gives its slot.
function slots.slot(sock)
	local slot = slot_of(sock)
	if slot and slot[SET] == poll then return slot end
	local new = attach(sock, slot)
	if new then return new end
	poll_add(poll, sock, ALL)	-- it raises what is wrong
	return attach(sock, slot)
end

-- Has the set look at a member now.
function slots.look(sock) poll_modify(poll, sock, ALL) end

-- The same; false if it is not there any more.
function slots.seen(sock) return look(poll, sock, ALL) end

-- Something has been told of a member for which nobody waits.
local function mute(slot)
	if look(poll, slot[MEMBER], 0) then slot[SET] = asleep end
end

-- A member of the set has something, or is not there any more. Who can write goes first.
function slots.dispatch(slot, what)
	local writer, reader = slot[W], slot[R]
	if what & NVAL ~= 0 then
		if reader then wake(reader, "ECANCELED") end
		if writer then wake(writer, "ECANCELED") end
		return
	end
	if writer and what & WRITABLE ~= 0 then
		writer.event = "w"
		wake(writer)
		reader = slot[R]
	end
	if reader then
		if what & READABLE == 0 then return end
		reader.event = "r"
		wake(reader)
	elseif not writer then
		mute(slot)
	end
end

-- Whether another task is in the middle of a call, or waits. Those that have ended do not count.
function slots.busy(slot, side, task)
	if not slot then return false end
	local owner, waiter = slot[side + OWNER], slot[side]
	return owner and owner ~= task and owner.co ~= nil or waiter and waiter ~= task and waiter.co ~= nil
end

return slots
