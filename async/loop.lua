-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Tasks: what runs, what waits, and one poll set for all of them.
--
-- A task is a coroutine and the table that stands for it. It is always in one place: it runs, or
-- it is in the list `ready`, or it waits. One that waits has `waiting`, and is in a table,
-- `slot`, under a key, `side`; whoever wakes it up takes it out there, so a time-out or a
-- cancellation leaves nothing. Waking only puts it on the list: a task is resumed by the loop alone.
--
-- Each socket that was waited for has a slot: `r` and `w` are the tasks that wait for it, `reading`
-- and `writing` those that are in the middle of a call. The poll set watches it once for what
-- they wait for, and is told again when a task waits again. It does not keep its members, so that
-- a socket that nobody has any more is collected, as everywhere.
--
-- Memory can end anywhere. What can fail comes first, then what must not be left half done; fields
-- that this needs exist from the beginning, and are false, never nil, in between.

local core = select(2, ...)
local timers = core.need("async.timers")
local socket, kernel = core.socket, core.kernel
local errno, event = socket.errno, socket.event
local time_ns = kernel.time_ns
local create, co_resume, status = coroutine.create, coroutine.resume, coroutine.status
local yield, yieldable, pack, unpack = coroutine.yield, coroutine.isyieldable, table.pack, table.unpack
local traceback = debug.traceback
local print = print

local WAIT = {}			-- what the coroutine of a task yields when it waits
local SLICE = 64		-- calls that need not wait before others have their turn
local PATIENCE = 16		-- waits that a cancelled task may try before it is dropped
local IN, OUT = event.IN | event.ONESHOT, event.OUT | event.ONESHOT
local WRITABLE, READABLE = event.OUT | event.ERR | event.HUP, event.IN | event.ERR | event.HUP

local loop = { WAIT = WAIT }
local current			-- the task that runs
local left = 0			-- of its slice
local poll, slots		-- the set; slots by their sockets
local tasks, alive		-- all that have not ended, as keys; how many
local ready, spare, count	-- tasks to resume; the list that is used next; how many there are
local ending			-- whether the first task has failed, and others are not to begin
local waits			-- how many tasks wait for sockets

local function reset()
	current, poll, slots = nil, socket.poll(), setmetatable({}, { __mode = "k" })
	core.weak(poll)
	tasks, alive, ready, spare, count, waits, ending = {}, 0, {}, {}, 0, 0, false
	timers.reset()
end

-- The task that runs, nil outside of the loop. What a script that was stopped has left does not count.
function loop.current()
	local co = current and current.co
	if not co then return end
	local state = status(co)
	if state == "running" or state == "normal" then return current end
end

-- What the library's functions give when they fail.
function loop.fail(why) return nil, why, errno[why] end

-- Whether there is a loop, for what may be called outside of tasks.
function loop.active() return poll ~= nil end

-- Milliseconds from now as a time; nil for ever.
function loop.deadline(ms)
	if ms and ms >= 0 then return time_ns() + ms * 1000000 end
end

-- ---- waiting

local function enqueue(task)
	ready[count + 1] = task
	count = count + 1
end

-- Ends the wait of a task; `why` is the name of an errno, nil if what it waited for has come.
local function wake(task, why)
	if not task.waiting then return end
	enqueue(task)
	local slot = task.slot
	if slot and slot.sock then
		slot[task.side] = false
		if task.both then slot.w, task.both = false, false end
		waits = waits - 1
	elseif slot then
		slot[task.side] = nil
	end
	task.slot, task.waiting, task.when, task.why = false, false, false, why or false
end
loop.wake = wake

local function to_loop()
	if not yieldable() then error("attempt to wait across a C-call boundary", 0) end
	yield(WAIT)
end

-- A cancelled task that will not end is not resumed any more.
local function too_late(task)
	task.tries = task.tries + 1
	if task.tries <= PATIENCE then return "ECANCELED" end
	task.dropped = true
	to_loop()
	return "ECANCELED"
end

-- Lets the running task wait until it is woken, or until the time; gives why. It is found under a key
-- of a table meanwhile.
local function suspend(deadline, slot, side)
	local task = current
	if task.cancelled then return too_late(task) end
	if not yieldable() then error("attempt to wait across a C-call boundary", 0) end
	if deadline then timers.set(task, deadline) end
	if slot then
		slot[side] = task
		task.slot, task.side = slot, side
		if slot.sock then waits = waits + 1 end
	end
	task.waiting = true
	yield(WAIT)
	return task.why or nil
end
loop.suspend = suspend

-- Why the running task may not begin to wait, nil if it may.
function loop.refused()
	if current.cancelled then return too_late(current) end
end

-- Lets others run.
function loop.pause()
	if not yieldable() then return end
	enqueue(current)
	yield(WAIT)
end

-- To be called after a call that did not wait: others must have their turn, too.
function loop.spend()
	left = left - 1
	if left <= 0 then loop.pause() end
end

-- What a socket, or another member of poll sets, has of waiting tasks.
function loop.slot(sock)
	local slot = slots[sock]
	if not slot then
		slot = { sock = true, r = false, w = false, reading = false, writing = false, armed = false, added = false }
		slots[sock] = slot
	end
	return slot
end

-- Has the set watch for what tasks wait for; `side` is to come.
local function arm(sock, slot, side)
	local mask = ((slot.r or side == "r") and IN or 0) | ((slot.w or side == "w") and OUT or 0)
	if slot.armed == mask then return end
	if slot.added then
		poll:modify(sock, mask)
	else
		poll:add(sock, mask)
		slot.added = true
	end
	slot.armed = mask
end

-- Waits until a socket can be read ("r") or written ("w"); gives why it cannot.
function loop.wait(sock, slot, side, deadline)
	local other = slot[side]
	if other and other ~= current then return "EBUSY" end
	arm(sock, slot, side)
	return suspend(deadline, slot, side)
end

-- Waits for both; gives which it is, or nil and why there is none.
function loop.wait_both(sock, slot, deadline)
	local task = current
	if slot.r or slot.w then return nil, "EBUSY" end
	slot.w, task.both, task.event = task, true, false
	local ok, why = pcall(arm, sock, slot, "r")
	if ok then ok, why = pcall(suspend, deadline, slot, "r") end
	if task.both then slot.w, task.both = false, false end
	if not ok then error(why, 0) end
	if why then return nil, why end
	return task.event
end

-- Wakes those who wait for a socket that is not there any more.
function loop.forget(sock)
	local slot = slots and slots[sock]
	if not slot then return end
	slots[sock] = nil
	if slot.r then wake(slot.r, "ECANCELED") end
	if slot.w then wake(slot.w, "ECANCELED") end
end

-- ---- tasks

local Task = {}
Task.__index = Task
loop.Task = Task

-- A task that is to call f(...). It begins at the loop's next turn.
function loop.spawn(f, ...)
	local task = setmetatable({ co = create(f), args = select("#", ...) > 0 and pack(...), begun = false,
		waiting = false, slot = false, side = false, both = false, event = false, why = false,
		when = false, key = false, at = false, place = false }, Task)
	ready[count + 1] = task
	tasks[task] = true
	count, alive = count + 1, alive + 1
	if ending then loop.cancel(task) end
	return task
end

-- The task that an error comes from: it was raised again by who waited for that one.
local function origin(task)
	local source = task.source
	while source and rawequal(source.err, task.err) do
		task, source = source, source.source
	end
	return task
end

-- Reports an error that nobody waits for, once.
local function report(task)
	local first = origin(task)
	if first.told then return end
	first.told = true
	pcall(print, ("async: %s: %s"):format(first, first.trace))
end

local function fail(task, co, err)
	if task.cancelled and type(err) == "table" and err.code == errno.ECANCELED then
		task.state = "cancelled"
		return
	end
	task.state, task.err = "failed", err
	task.trace = traceback(co, tostring(err))
	if task.main then
		ending = true
		for other in pairs(tasks) do loop.cancel(other) end
		return
	end
	if task.callback or task.waiters and next(task.waiters) then return end
	report(task)
end

local function finish(task, ok, ...)
	local co = task.co
	task.co, tasks[task] = nil, nil
	alive = alive - 1
	timers.remove(task)
	if task.dropped then
		task.state = "cancelled"
	elseif ok then
		task.state = "done"
		if select("#", ...) > 0 then task.results = pack(...) end
	else
		fail(task, co, (...))
	end
	local place, waiters = task.place, task.waiters
	while place do
		place.queue:leave(place)
		place = place.outer
	end
	if waiters then
		task.waiters = nil
		for waiter in pairs(waiters) do wake(waiter) end
	end
	if task.callback then loop.spawn(task.callback, task) end
end

-- Sees what a task did when it was resumed.
local function look(task, ok, first, ...)
	current = nil
	if task.dropped or status(task.co) == "dead" then return finish(task, ok, first, ...) end
	if first == WAIT then return end
	-- It yielded by itself: others may run.
	if task.cancelled then task.tries = task.tries + 1 end
	if task.cancelled and task.tries > PATIENCE then
		task.dropped = true
		return finish(task)
	end
	enqueue(task)
end

local function resume(task)
	left = SLICE
	if task.args or not task.begun then
		if task.cancelled then
			task.dropped = true
			return finish(task)
		end
		local args = task.args
		task.begun, task.args, current = true, false, task
		if args then return look(task, co_resume(task.co, unpack(args, 1, args.n))) end
	end
	current = task
	look(task, co_resume(task.co))
end

-- What a task has to say: what its function returned; raises what it raised.
function loop.result(task)
	if task.state == "failed" then
		if current then current.source = task end
		error(task.err, 0)
	elseif task.state == "cancelled" then
		return nil, "ECANCELED", errno.ECANCELED
	elseif task.results then
		return unpack(task.results, 1, task.results.n)
	end
end

-- Waits until a task has ended; gives why it did not.
function loop.join(task, ms)
	if not task.co then return end
	if task == current then return "EDEADLK" end
	if ms == 0 then return "ETIMEDOUT" end
	task.waiters = task.waiters or {}
	return suspend(loop.deadline(ms), task.waiters, current)
end

-- Ends the wait of a task, and all that it tries after that.
function loop.cancel(task)
	if not task.co then return false end
	if not task.cancelled then task.cancelled, task.tries = true, 0 end
	wake(task, "ECANCELED")
	return true
end

-- ---- the loop

-- A member of the set is ready. Who can write goes first; who wants to read is told in the next turn.
local function dispatch(sock, events)
	local slot = slots[sock]
	if not slot then return end
	slot.armed = false
	local reader, writer = slot.r, slot.w
	if writer and events & WRITABLE ~= 0 then
		writer.event = "w"
		wake(writer)
	elseif reader and events & READABLE ~= 0 then
		reader.event = "r"
		wake(reader)
	end
	if slot.r or slot.w then arm(sock, slot) end
end

-- Wakes up who has waited long enough.
local function expire()
	local now = time_ns()
	local task = timers.due(now)
	while task do
		wake(task, "ETIMEDOUT")
		task = timers.due(now)
	end
end

-- How long the poll set may be waited for, in milliseconds: until somebody's time is over.
local function idle()
	if count > 0 then return 0 end
	local first = timers.first()
	if first then return math.max(0, math.min((first - time_ns() + 999999) // 1000000, 0x7fffffff)) end
	if waits == 0 then error("async.run: all tasks wait for each other", 0) end
	return -1
end

local function turn()
	local list, n = ready, count
	ready, spare, count = spare, list, 0
	for i = 1, n do
		local task = list[i]
		list[i] = false
		resume(task)
	end
	if alive == 0 then return false end
	for _, sock, events in poll:ready(idle()) do
		if sock then dispatch(sock, events) end
	end
	if timers.first() then expire() end
	return true
end

-- What the loop raises when its first task has failed.
local function blame(task)
	local err, first = task.err, origin(task)
	if first.told then error(err, 0) end
	if type(err) == "string" then error(first.trace, 0) end
	if type(err) == "table" and rawget(err, "traceback") == nil then
		err.traceback = first.trace:match("stack traceback:.*") or first.trace
	end
	error(err, 0)
end

-- Calls f(...) as the first task, and gives what it returns when all tasks have ended. If it
-- fails, the others are cancelled.
function loop.run(f, ...)
	if loop.current() then error("async.run runs already", 0) end
	reset()
	local main = loop.spawn(f, ...)
	main.main = true
	local ok, more
	repeat ok, more = pcall(turn) until not (ok and more)
	local set = poll
	current, poll, slots, tasks, ready, spare = nil, nil, nil, nil, nil, nil
	timers.reset()
	set:close()
	if not ok then error(more, 0) end
	if main.state == "failed" then blame(main) end
	return loop.result(main)
end

return loop
