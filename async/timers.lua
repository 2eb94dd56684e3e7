-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- When the waits of tasks end: a heap of tasks, by time.
--
-- A task's `when` is when its wait ends, false if it does not. A wait that comes to its end earlier
-- leaves the task where it is in the heap, at the time `key`, so that the next one mostly finds
-- it there: a task that waits thousands of times a second, each time for a minute at most, costs
-- the heap nothing. Only its first time, and a time that is over, move it.

local heap, size

local timers = {}

-- Puts a task at a place that is free, or higher.
local function up(task, at)
	local key = task.key
	while at > 1 do
		local parent = at // 2
		local other = heap[parent]
		if other.key <= key then break end
		heap[at], other.at = other, at
		at = parent
	end
	heap[at], task.at = task, at
end

-- The same, or lower.
local function down(task, at)
	local key = task.key
	while true do
		local child = 2 * at
		if child > size then break end
		if child < size and heap[child + 1].key < heap[child].key then child = child + 1 end
		local other = heap[child]
		if other.key >= key then break end
		heap[at], other.at = other, at
		at = child
	end
	heap[at], task.at = task, at
end

function timers.reset() heap, size = {}, 0 end

-- A task waits no longer than until then.
function timers.set(task, when)
	task.when = when
	local at = task.at
	if not at then
		heap[size + 1] = task
		size = size + 1
		task.key = when
		up(task, size)
	elseif when < task.key then
		task.key = when
		up(task, at)
	end
end

-- Forgets a task.
function timers.remove(task)
	local at = task.at
	if not at then return end
	local last = heap[size]
	heap[size], task.at = nil, false
	size = size - 1
	if last == task then return end
	if last.key < task.key then up(last, at) else down(last, at) end
end

-- When to look for them again; nil if there are none.
function timers.first() return size > 0 and heap[1].key or nil end

-- A task whose time is over, if there is one.
local function due(now)
	while size > 0 do
		local task = heap[1]
		if task.key > now then return end
		local when = task.when
		if when and when > now then
			task.key = when
			down(task, 1)
		else
			timers.remove(task)
			if when then return task end
		end
	end
end

-- Wakes up who has waited long enough.
function timers.expire(now, wake)
	local task = due(now)
	while task do
		wake(task, "ETIMEDOUT")
		task = due(now)
	end
end

timers.reset()
return timers
