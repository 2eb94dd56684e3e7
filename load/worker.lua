-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What a worker does: a thread with a state of its own, which the script's state spawns (load/run.lua) and tells what
-- to do.
--
-- It says "ready" when its flows are connected, is told to "go", says "tick" at each interval, and "end" when all is
-- closed; it returns its figures, with a last snapshot of the end. A server can be told to "go" again, which begins its
-- figures anew, and ends when it is told to "stop"; "finish" before that says when the run has ended. A client that has
-- a server of another process says "figures" and closes nothing until it is told to "close". What fails is told with
-- its worker and its hook.

local _, core = ...
local need = core.need
local collectors, state, statistics = need("load.collectors"), need("load.state"), need("load.statistics")
local kernel = need("kernel")
local getinfo, traceback = debug.getinfo, debug.traceback

local SPARE = 1 << 15	-- bytes with which a worker that has got no more memory says so
local EXIT = {}		-- is raised where a hook has called os.exit()

-- ---- errors

-- The hook that runs; nil if none does.
local function find_hook(names)
	local level = 3
	local frame = getinfo(level, "f")
	while frame do
		if names[frame.func] then return names[frame.func] end
		level = level + 1
		frame = getinfo(level, "f")
	end
end

-- A message handler: what is raised gets the names of the worker and the hook, and a traceback. Want of memory does not
-- come by here.
local function describe(self)
	local task, names = self.task, {}
	for name, hook in pairs(task.hooks) do names[hook] = ("%s_%s"):format(task.role, name) end
	return function(err)
		self.spare = nil
		if err == EXIT then
			self.described = true
			return err
		end
		local hook = find_hook(names)
		if type(err) == "table" and err.code and not hook then
			err.worker, err.traceback = task.name, traceback(nil, 2)
			err.target = ("%s(%s)"):format(err.target and err.target .. " " or "", task.name)
		else
			err = traceback(("load: %s: %s%s"):format(task.name, hook and hook .. ": " or "", tostring(err)), 2)
		end
		-- Memory may have gone before it came so far.
		self.described = true
		return err
	end
end

-- ---- the run

local Worker = {}
Worker.__index = Worker

function Worker:say(what, ...)
	self.task.up:send{ what, self.task.role, self.task.id, ... }
end

-- What was done up to now, with its number among the intervals. When counting has begun anew, so do the snapshots.
function Worker:look(number)
	local engine, task = self.engine, self.task
	local counts, latency = engine:counts(), engine:latency()
	if counts.warm and not self.is_warm then
		self.is_warm, self.snapshots, self.latency = true, {}, core.histogram()
	end
	local own = task.role == "client" and task.options.kind ~= "stream" and latency:copy():subtract(self.latency)
	local snapshot = statistics.snapshot(self:time(), counts, own or nil, task.percentiles)
	if task.options.tcp_info then snapshot.info = engine:info() end
	snapshot.interval, snapshot.warm = number, counts.warm
	self.latency, self.number = latency, number
	table.insert(self.snapshots, snapshot)
	return snapshot
end

-- The time, up to the end of the run.
function Worker:time()
	return math.min(kernel.time_ns(), self.finish)
end

-- The number of the interval that has ended last.
function Worker:intervals()
	return self.interval > 0 and (self:time() - self.begin) // self.interval or 0
end

-- An interval is over: its figures are kept, and told if somebody wants them. Nobody waits until there is room for
-- what is told, as the next ones say as much.
function Worker:tick()
	local number = self:intervals()
	-- The one before came so late that it had all of this one's number.
	if number <= self.number then return end
	local snapshot, task = self:look(number), self.task
	if task.tells then task.up:send({ "tick", task.role, task.id, snapshot }, 0) end
end

function Worker:start(message)
	local _, begin, warm, finish, interval = table.unpack(message, 1, 5)
	local late = begin + self.task.late_ns
	self.snapshots, self.latency, self.is_warm = {}, core.histogram(), false
	self.begin, self.finish, self.interval, self.number = begin, finish or math.maxinteger, interval, 0
	self.engine:start(late, math.max(warm, late), finish, interval)
end

-- Does what the script's state asks for; true when that is to stop.
function Worker:obey()
	local message = self.task.down:receive(0)
	if message and message[1] == "go" then self:start(message) end
	if message and message[1] == "finish" then self.finish = message[2] end
	return message and message[1] == "stop"
end

function Worker:work()
	while true do
		local what = self.engine:run()
		if what == "ready" then
			self:say("ready")
			self:start((self.task.down:receive()))
		elseif what == "tick" then
			self:tick()
		elseif what == "end" or self:obey() then
			return
		end
	end
end

-- What there is to be told of the run, as long as its sockets are there.
function Worker:figures()
	local engine = self.engine
	self:look(math.max(self:intervals(), self.number + 1))
	return {
		role = self.task.role, id = self.task.id, end_ns = self:time(), snapshots = self.snapshots,
		counts = engine:counts(), latency = engine:latency(), response = engine:response(), info = engine:info(),
		rtts = need("load.rtts").of(engine),
	}
end

-- Tells the figures. Nobody who serves the flows loses one of them before it has its own figures.
function Worker:hold(result)
	self:say("figures", result)
	repeat until self.task.down:receive()[1] == "close"
end

-- Hooks find C's calls among the globals, without asking the library each time, and what they exit is the script.
-- Nobody else is in this state.
function Worker:set_globals()
	for name, call in pairs(core.calls) do
		if rawget(_G, name) == nil then rawset(_G, name, call) end
	end
	rawset(os, "exit", function(code)
		need("load.io").finish()
		self:say("exit", code)
		error(EXIT, 0)
	end)
end

function Worker:run()
	local task, flows = self.task, need("load.flows")
	state.worker = { role = task.role, id = task.id, count = task.count }
	need("load")
	self:set_globals()
	local places = collectors.unwrap(task.hooks, task.collected)
	local served
	self.engine, served = flows.engine(task)
	self.engine:watch(task.down)
	self:work()
	local result = self:figures()
	if task.holds then self:hold(result) end
	flows.close(task, served)
	self.engine:finish()
	repeat until self.engine:run() == "end"
	need("load.io").finish()
	result.values = collectors.values(places)
	return result
end

return function(task)
	local self = setmetatable({ task = task, spare = ("\0"):rep(SPARE) }, Worker)
	local ok, result = xpcall(self.run, describe(self), self)
	self.spare = nil
	if not ok and not self.described then result = core.no_memory((" (%s)"):format(task.name)) end
	-- What others find when the sockets go is not to be told first.
	local told = ok or result == EXIT or pcall(self.say, self, "failed", result)
	if self.engine then self.engine:close() end
	-- There was no memory to tell it: who looks after the thread finds it.
	if not told then error(result, 0) end
	if ok then self:say("end") end
	return ok and result or nil
end
