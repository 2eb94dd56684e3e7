-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Tasks: what runs, what waits, and one poll set for all of them.
--
-- A task is a coroutine and the table that stands for it. It is always in one place: it runs, or
-- it is in the list `ready`, or it waits. One that waits has `waiting`, and is in a table,
-- `slot`, under a key, `side`; whoever wakes it up takes it out there, so a time-out or a
-- cancellation leaves nothing. Waking only puts it on the list: a task is resumed by the loop alone.
--
-- What sockets and other members of the set are waited for by are slots (async/slots.lua).
--
-- Memory can end anywhere. What can fail comes first, then what must not be left half done; fields
-- that this needs exist from the beginning, and are false, never nil, in between. So a turn goes on
-- behind the task that had no memory.

local _, core = ...
local timers = core.need("async.timers")
local errors = core.need("async.errors")
local slots = core.need("async.slots")
local socket, kernel = core.socket, core.kernel
local errno = socket.errno
local attach, seen, dispatch, busy = slots.attach, slots.seen, slots.dispatch, slots.busy
local time_ns = kernel.time_ns
local resume, create, collect, active = core.resume, core.create, core.collect, core.active
local slot_of, WAIT = core.slot, core.WAIT
local yield, yieldable, pack = coroutine.yield, coroutine.isyieldable, table.pack
local set_timer, expire, first_timer = timers.set, timers.expire, timers.first
local setmetatable = setmetatable
local forget_handed = errors.forget

local R, W, OWNER, SET, LINES = slots.R, slots.W, slots.OWNER, slots.SET, slots.LINES
local BATCH = 64		-- members of the set that one look tells of
local PATIENCE = 16		-- waits that a cancelled task may try before it is dropped
local REFUSED = "refused"	-- why a wait ends that the loop cannot be told of
local PACE = 10000000		-- nanoseconds to another try where nothing tells of the moment

local loop = { is_error = errors.is }
local current			-- the task that runs
local poll			-- the set
local tasks, alive		-- all that have not ended, as keys; how many
local ready, spare, count	-- tasks to resume; the list that is used next; how many there are
local room			-- of both lists
local list, size, at		-- what this turn resumes; how many these are; which is next
local ending			-- whether the first task has failed, and others are not to begin
local waits			-- how many tasks wait for members of the set
local main			-- the first task
local events = {}		-- what the set tells

for i = 1, 2 * BATCH do events[i] = false end

local function nothing()
	timers.reset()
	slots.reset(nil)
	current, poll, tasks, ready, spare, list, main = nil, nil, nil, nil, nil, nil, nil
end

local function prepare(set)
	core.weak(set)
	local waiting = setmetatable({}, { __mode = "k" })
	tasks, alive, ready, spare, count, room, waits, ending = {}, 0, {}, {}, 0, 0, 0, false
	list, size, at = nil, 0, 1
	errors.reset()
	core.serve{ loop.block, loop.enter, loop.turn, loop.undo, tasks, waiting }
	slots.reset(set)
end

-- There is a loop when there is a set: all else comes first.
local function reset()
	loop.tidy()
	local set = socket.poll()
	local ok, err = pcall(prepare, set)
	if not ok then
		set:close()
		error(err, 0)
	end
	poll = set
end

-- What a run that was stopped has left is over.
function loop.tidy()
	if not poll or core.looping() then return end
	local old, set = tasks, poll
	nothing()
	set:close()
	for _, task in pairs(old) do
		task.co, task.waiting, task.slot, task.state = nil, false, false, "cancelled"
	end
	for _, task in pairs(old) do loop.leave(task) end
end

-- The task that runs, nil outside of the loop.
local function running() return active() and current or nil end
loop.current = running

-- What the library's functions give when they fail.
function loop.fail(why) return nil, why, errno[why] end

-- Whether there is a loop, for what may be called outside of tasks.
function loop.active()
	loop.tidy()
	return poll ~= nil
end

-- Milliseconds from now as a time; nil for ever.
function loop.deadline(ms)
	if ms and ms >= 0 then return time_ns() + math.min(ms, 0x7fffffffffff // 1000) * 1000000 end
end

-- ---- waiting

local function enqueue(task)
	count = count + 1
	ready[count] = task
end

-- Ends the wait of a task; `why` is the name of an errno, nil if what it waited for has come.
local function wake(task, why)
	if not task.waiting then return end
	count = count + 1
	ready[count] = task
	local slot = task.slot
	if not slot then
		task.waiting, task.when, task.why = false, false, why or false
		return
	end
	local side = task.side
	if slot[SET] then
		waits = waits - 1
		slot[side] = false
		if side == R and slot[W] == task then slot[W] = false end
		local line = slot[side + LINES]
		if line then loop.call_next(line) end
	else
		slot[side] = nil
	end
	task.slot, task.waiting, task.when, task.why = false, false, false, why or false
end
loop.wake, slots.wake = wake, wake

-- A cancelled task that will not end is not resumed any more.
local function too_late(task)
	task.cancelled = task.cancelled + 1
	if task.cancelled > PATIENCE then yield(WAIT) end
	return "ECANCELED"
end

local function refuse() error("attempt to wait across a C-call boundary", 0) end

-- Lets the running task wait until it is woken, or until the time; gives why. It is found under a key
-- of a table meanwhile.
local function suspend(deadline, slot, side)
	local task = current
	if task.cancelled then return too_late(task) end
	if not yieldable() then refuse() end
	if deadline then set_timer(task, deadline) end
	if slot then
		slot[side] = task
		task.slot, task.side = slot, side
		if slot[SET] then waits = waits + 1 end
	end
	task.waiting = true
	yield(WAIT)
	local why = task.why
	if why then return why == REFUSED and refuse() or why end
end
loop.suspend = suspend

-- Takes back a wait of the running task that could not be passed on to the loop, where its coroutine goes on: one
-- for something raises there, one for the others' turns is over.
function loop.undo()
	local task = current
	if not task then return end
	local place = count + 1
	if task.waiting then
		-- It may wake another one, too, which comes behind.
		wake(task, REFUSED)
	elseif ready[count] == task then
		place = count
	else
		return
	end
	ready[place] = ready[count]
	ready[count] = false
	count = count - 1
end

-- Why the running task may not begin to wait, nil if it may.
function loop.refused()
	if current.cancelled then return too_late(current) end
end

-- Lets others run.
local function pause()
	if not yieldable() then return end
	enqueue(current)
	yield(WAIT)
end
loop.pause = pause

-- To be called after a call that did not wait: others must have their turn, too.
function loop.spend()
	if core.spend() then pause() end
end

-- Whether another task is in the middle of a call, or waits.
function loop.busy(sock, side)
	return busy(slot_of(sock), side, running())
end

-- Lets some time pass for a method that nobody tells of the moment: there is room, or the set has
-- the same socket by another handle.
local function pace(slot, own, deadline)
	local task, mine, now = current, slot[own], time_ns()
	if task.cancelled then return errno[too_late(task)] end
	local late = deadline and deadline < now + PACE
	set_timer(task, late and deadline or now + PACE)
	slot[own], task.waiting = task, true
	yield(WAIT)
	slot[own] = mine == task and mine
	local why = task.why
	if late or why ~= "ETIMEDOUT" then return errno[why] or refuse() end
end

-- A method of a socket that has tried waits for it; gives the errno that ends it. @slow: nothing
-- tells, so only time passes.
local function block(sock, slot, side, deadline, slow)
	local task = current
	if not slot or slot[SET] ~= poll then
		local new, code = attach(sock, slot)
		if code == errno.EBADF then return errno.ECANCELED end
		if not new and code ~= errno.EEXIST then slots.slot(sock) end
		slot, slow = new or slot or { false, false, false, false, false, sock }, slow or not new
	end
	local own, other = side + OWNER, slot[side]
	if other and other ~= task then return errno.EBUSY end
	if slow then return pace(slot, own, deadline) end
	local mine = slot[own]
	if task.cancelled then return errno[too_late(task)] end
	if side == W and not seen(sock) then return errno.ECANCELED end
	if deadline then set_timer(task, deadline) end
	slot[side], slot[own] = task, task
	task.slot, task.side, task.waiting = slot, side, true
	waits = waits + 1
	yield(WAIT)
	slot[own] = mine == task and mine
	local why = task.why
	if why then return errno[why] or refuse() end
end

-- A method asks before it tries: gives the errno that ends it. @turn: others must have their turn first.
local function enter(sock, slot, side, _, turn)
	local task = current
	if turn then
		-- Without a wait it may go on, but not for ever.
		if task.cancelled then too_late(task) end
		pause()
		slot = slot_of(sock)
	end
	if busy(slot, side, task) then return errno.EBUSY end
end

-- A method has done much, and goes on behind the others.
local function give_way(sock, slot, side)
	local task, own = current, side + OWNER
	if not slot or slot[SET] ~= poll then
		local ok, new = pcall(attach, sock, slot)
		slot = ok and new or slot or {}
	end
	local mine = slot[own]
	slot[own] = task
	pause()
	slot[own] = mine == task and mine
	if task.cancelled then return errno[too_late(task)] end
end

loop.block, loop.enter, loop.turn = block, enter, give_way

-- ---- tasks

local Task = {}
Task.__index = Task
loop.Task = Task

-- Makes room in the lists for all tasks, so that to wake one needs no memory.
local function grow(n)
	local new = 2 * n + 16
	for i = room + 1, new do ready[i] = ready[i] or false end
	for i = room + 1, new do spare[i] = spare[i] or false end
	if list then for i = room + 1, new do list[i] = list[i] or false end end
	room = new
end

-- A task that is to call f(...). It begins at the loop's next turn.
function loop.spawn(f, ...)
	if alive + 2 > room then grow(alive) end
	local task = setmetatable({ co = create(f, ...), waiting = false, slot = false, side = false, why = false,
		when = false, key = false, at = false, place = false, cancelled = false, state = false,
		event = false, waiters = false, results = false, err = false }, Task)
	tasks[task.co] = task
	count, alive = count + 1, alive + 1
	ready[count] = task
	if ending then loop.cancel(task) end
	return task
end

local function fail(task, co, err)
	if task.cancelled and errors.is(err, "ECANCELED") then
		task.state = "cancelled"
		return
	end
	task.state, task.err = "failed", err
	if task == main then
		ending = true
		for _, other in pairs(tasks) do loop.cancel(other) end
	end
	errors.note(task, co, err)
	if task ~= main then errors.watch(task) end
end

-- Gives up the places of a task in queues.
function loop.leave(task)
	local place = task.place
	task.place = false
	while place do
		if not place.held or task.state ~= "done" then place.queue:leave(place) end
		place = place.outer
	end
end

-- A task has ended: nobody resumes it any more.
local function finish(task)
	local waiters = task.waiters
	timers.remove(task)
	if task.place then loop.leave(task) end
	if waiters then
		task.waiters = false
		for waiter in pairs(waiters) do wake(waiter) end
	end
	if task.callback then loop.spawn(task.callback, task) end
end

local function bury(task, co)
	tasks[co], task.co = nil, nil
	alive = alive - 1
end

-- Sees what a task did when it was resumed: 0 waits, 1 yielded, 2 returned, 3 failed.
local function look(task, co, what, ...)
	if what == 0 then
		if task.cancelled and task.cancelled > PATIENCE then
			task.state = "cancelled"
			bury(task, co)
			return finish(task)
		end
	elseif what == 1 then
		-- It yielded by itself: others may run.
		if not task.cancelled then return enqueue(task) end
		task.cancelled = task.cancelled + 1
		if task.cancelled <= PATIENCE then return enqueue(task) end
		task.state = "cancelled"
		bury(task, co)
		return finish(task)
	else
		bury(task, co)
		task.state = "done"
		if what == 3 then
			fail(task, co, (...))
		elseif select("#", ...) > 0 then
			task.results = pack(...)
		end
		return finish(task)
	end
end

-- The coroutine of a task that has not ended, whatever a script has written there.
local function coroutine_of(task)
	if tasks[task.co] == task then return task.co end
	for co, other in pairs(tasks) do
		if rawequal(other, task) then return co end
	end
end

-- What is on the list twice and has ended, or is no task; or its coroutine was replaced, and it fails.
local function stray(task)
	local co = coroutine_of(task)
	if co then look(task, co, 3, "async: the coroutine of a task was replaced") end
end

-- Ends the wait of a task, and all that it tries after that.
function loop.cancel(task)
	loop.tidy()
	if not task.co then return false end
	if not task.cancelled then task.cancelled = 0 end
	wake(task, "ECANCELED")
	return true
end

-- ---- the loop

-- How long the poll set may be waited for, in milliseconds: until somebody's time is over.
local function idle()
	if count > 0 then return 0 end
	local first = first_timer()
	if first then return math.max(0, math.min((first - time_ns() + 999999) // 1000000, 0x7fffffff)) end
	if waits == 0 then error("async.run: all tasks wait for each other", 0) end
	return -1
end

local function turn()
	if at > size then
		list, size, at = ready, count, 1
		ready, count = spare, 0
	end
	while at <= size do
		local task = list[at]
		list[at] = false
		at = at + 1
		current = task
		forget_handed()
		local co = task.co
		if tasks[co] ~= task then
			stray(task)
		elseif task.cancelled and core.fresh(co) then
			task.state = "cancelled"
			bury(task, co)
			finish(task)
		else
			look(task, co, resume(co))
		end
	end
	current, spare, list = nil, list, nil
	if alive == 0 then return false end
	local n = collect(poll, idle(), events)
	for i = 1, 2 * n, 2 do
		local slot = events[i]
		events[i] = false
		if slot and slot[SET] == poll then dispatch(slot, events[i + 1]) end
	end
	if first_timer() then expire(time_ns(), wake) end
	return true
end

local function turns() repeat until not turn() end

local function cancel_all()
	ending = true
	for _, task in pairs(tasks) do loop.cancel(task) end
end

-- Something has failed in a turn: mostly for want of memory, of the task that it had at hand. Gives
-- what it is, if it was no task's.
local function mend(err)
	local task = current
	current = nil
	collectgarbage()
	if not task then
		cancel_all()
		return err
	end
	local co = coroutine_of(task)
	if co then bury(task, co) end
	task.state, task.err, task.trace = "failed", err, task.trace or err
	if task == main then cancel_all() else errors.report(task) end
	finish(task)
end

-- Calls f(...) as the first task, and gives what it returns when all tasks have ended. If it
-- fails, the others are cancelled.
function loop.run(f, ...)
	if core.looping() then error("async.run runs already", 0) end
	reset()
	local first = loop.spawn(f, ...)
	main = first
	local wrong, faults = nil, 0
	local ok, err = core.guard(turns)
	while not ok do
		local fine, what = core.guard(mend, err)
		if not fine or what ~= nil then
			wrong, faults = wrong or what, faults + 1
			if faults > 2 then break end
		end
		ok, err = core.guard(turns)
	end
	errors.report_all()
	local set = poll
	nothing()
	set:close()
	if wrong ~= nil then error(wrong, 0) end
	if first.state == "failed" then errors.blame(first) end
	return errors.result(first)
end

return loop
