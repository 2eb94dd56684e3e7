-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The workers of a run: threads, each with what it is to do (load/worker.lua does it), on processors of their own if
-- that is asked for. They belong to the object that is a run (load/run.lua), whose class goes on from this one.

local _, core = ...
local need = core.need
local thread = need("thread")
local collectors, options = need("load.collectors"), need("load.options")

local CPU_GAP = 128

local Crew = {}

function Crew.fail(text, ...) error("load: " .. text:format(...), 0) end

local fail = Crew.fail

-- Processors that the script may use. After a long gap there are taken to be no more.
local function find_cpus()
	local cpus = {}
	for cpu = 0, 1023 do
		if cpus[1] and cpu - cpus[#cpus] > CPU_GAP then break end
		local ok, t = pcall(thread.spawn, { cpu = cpu }, math.abs, cpu)
		if ok then
			t:join()
			cpus[#cpus + 1] = cpu
		elseif type(t) ~= "table" or t.name ~= "EINVAL" then
			error(t, 0)
		end
	end
	return cpus
end

-- The hooks of a role, by the second part of their names.
local function hooks_of(hooks, role)
	local own = {}
	for name, hook in pairs(hooks) do
		local whose, what = name:match("^(%a+)_(%a+)$")
		if whose == role then own[what] = hook end
	end
	return own
end

-- How fast a worker begins requests, or writes; nil if it does not, or as fast as it can.
local function stages_of(opt, role, id)
	if role == "server" and not (opt.kind == "stream" and opt.server_writes) then return end
	-- One of two reads.
	if role == "client" and opt.split_bidir then return options.share(opt, "stages", id // 2, opt.num_threads // 2) end
	return options.share(opt, "stages", id)
end

-- What a worker is to do.
function Crew:task(role, id)
	local opt = self.options[role]
	local task = {
		role = role, id = id, name = ("%s %d"):format(role, id), count = opt.num_threads, options = opt,
		port = self.port, num_ports = opt.num_ports or 1, hooks = hooks_of(self.hooks, role), late_ns = 0,
		collected = self.wrappers, percentiles = self.percentiles, tells = self.tells[role],
		up = self.up, down = thread.channel(4), holds = role == "client" and self.control ~= nil,
		stages = stages_of(opt, role, id),
	}
	if role == "client" then
		for _, what in ipairs{ "num_flows", "first_flow", "transactions" } do
			task[what] = options.share(opt, what, id)
		end
		-- No two workers send at the same time.
		if (opt.noburst_ns or 0) > 0 then
			task.late_ns = math.min(opt.noburst_ns * id, (opt.test_length_ns or math.maxinteger) - 1)
		end
	end
	return task
end

-- Processors for workers, and how many of them come before this role's: servers and clients have their own.
function Crew:choose_cpus(role)
	if not self.opt.pin_cpu then return {}, 0 end
	self.cpus = self.cpus or find_cpus()
	return self.cpus, self.opt.role == "both" and role == "client" and self.options.server.num_threads or 0
end

function Crew:spawn(role)
	local count = self.options[role].num_threads
	local cpus, first = self:choose_cpus(role)
	self.wrappers = collectors.wrappers(self.collected)
	for id = 0, count - 1 do
		local task = self:task(role, id)
		local name = "load " .. task.name
		local worker = {
			role = role, id = id, name = task.name, down = task.down, ticks = { at = 1, next = 1 },
			thread = thread.spawn({ name = name, cpu = cpus[1] and cpus[(first + id) % #cpus + 1], owned = true },
				"load.worker", task),
		}
		self:add(worker)
		-- A hook may give the first socket of a port a program for all that come later.
		while role == "server" and task.hooks.socket and not worker.ready do self:step() end
	end
	collectors.clear(self.collected)
end

function Crew:add(worker)
	self.workers[#self.workers + 1] = worker
	self.named[worker.name] = worker
end

-- The workers of a role.
function Crew:each(role)
	local i = 0
	return function()
		repeat i = i + 1 until not self.workers[i] or self.workers[i].role == role
		return self.workers[i]
	end
end

function Crew:tell(role, ...)
	for worker in self:each(role) do
		if not worker.over then worker.down:send{ ... } end
	end
end

-- What a worker has done, and its last snapshot.
function Crew:keep_result(worker, result)
	worker.result = result
	self:keep_tick(worker, result.snapshots[#result.snapshots])
end

-- A worker has ended: what it returns, or raises.
function Crew:join(worker)
	worker.over = true
	local ok, joined, result = pcall(worker.thread.join, worker.thread)
	if not ok then
		if type(joined) == "table" then error(joined, 0) end
		fail("%s: %s", worker.name, joined)
	end
	if joined and not result then fail("%s ended too early", worker.name) end
	if result and not worker.result then
		self:keep_result(worker, result)
	else
		worker.result = result
	end
end

return Crew
