-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Errors of tasks: each is seen by who waits for the task, or else reported, once. It is reported when
-- nobody can get to the task any more, and at the latest when the loop ends.

local _, core = ...
local errno = core.socket.errno
local traceback, print, setmetatable = debug.traceback, print, setmetatable
local unpack = table.unpack

local errors = {}
local failures			-- those that watch tasks whose errors nobody has seen, as keys
local handed			-- the failed task whose error was given last to the one that runs
local watcher = {}

function errors.reset() failures, handed = setmetatable({}, { __mode = "k" }), nil end

-- Another task runs.
function errors.forget() handed = nil end

-- Whether it is an error object of the kernel's, and of that name.
function errors.is(err, name)
	if type(err) ~= "table" then return false end
	local own = rawget(err, "name")
	return type(own) == "string" and errno[own] ~= nil and errno[own] == rawget(err, "code")
		and (name == nil or own == name)
end

-- Reports the error of a task: with the trace of the one where it began.
local function report(task)
	local origin = task.origin or task
	if task.told then return end
	task.told = true
	if origin.reported then return end
	origin.reported = pcall(print, ("async: %s: %s"):format(origin, origin.trace))
end
errors.report = report

function watcher:__gc() report(self[1]) end

local function trace_of(co, err)
	local ok, text = pcall(tostring, err)
	if not ok then text = "(an error that cannot become text)" end
	local done, trace = pcall(traceback, co, text)
	return done and trace or text
end

-- A task has failed.
function errors.note(task, co, err)
	if handed and rawequal(handed.err, err) then task.origin = handed.origin or handed end
	task.trace = trace_of(co, err)
end

-- Has the error of a task reported unless somebody sees it.
function errors.watch(task)
	local watch = setmetatable({ task }, watcher)
	task.watch, failures[watch] = watch, true
end

-- What a task has to say: what its function returned; raises what it raised.
function errors.result(task)
	if task.state == "failed" then
		task.told, handed = true, task
		error(task.err, 0)
	elseif task.state == "cancelled" then
		return nil, "ECANCELED", errno.ECANCELED
	elseif task.results then
		return unpack(task.results, 1, task.results.n)
	end
end

-- The loop ends.
function errors.report_all()
	local watches = failures
	failures = {}
	for watch in pairs(watches) do report(watch[1]) end
end

-- Raises what the first task has failed with.
function errors.blame(task)
	local err, first = task.err, task.origin or task
	task.told = true
	if first.reported or type(first.trace) ~= "string" then error(err, 0) end
	if type(err) == "string" then error(first.trace, 0) end
	if type(err) == "table" and rawget(err, "traceback") == nil then
		rawset(err, "traceback", first.trace:match("stack traceback:.*") or first.trace)
	end
	error(err, 0)
end

errors.reset()
return errors
