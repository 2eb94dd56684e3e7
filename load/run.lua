-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A run: workers (load/crew.lua) are told when to begin, what they say is heard, what they return is added up.
--
-- The script's thread waits at one place, in step(), for all that can happen: what workers say, and what comes over
-- control connections. It looks after workers that ended without a word from time to time.

local _, core = ...
local need = core.need
local kernel, socket, thread = need("kernel"), need("socket"), need("thread")
local collectors, control, flows = need("load.collectors"), need("load.control"), need("load.flows")
local progress = need("load.progress")
local results, statistics = need("load.results"), need("load.statistics")
local time_ns = kernel.time_ns

local LOOK = 50	-- ms between two looks at the threads
local MESSAGES = 64	-- that are seen to at once
local MS = 1000000
local DRAIN = 100 * MS	-- for datagrams to come that are under way at the end
local GRACE = 5000 * MS	-- for workers to end, and 1 ms for each flow
local BYE = 1000	-- ms that an interrupted client waits for its server's last word

local Crew = need("load.crew")
local Run = setmetatable({}, { __index = Crew })
Run.__index = Run

local fail = Crew.fail

-- ---- what happens

local heard = {}

function heard.ready(_, worker) worker.ready = true end

function heard.failed(_, _, err) error(err, 0) end

function heard.exit(_, _, code) os.exit(code) end

heard["end"] = function(self, worker) self:join(worker) end

function heard.figures(self, worker, result) self:keep_result(worker, result) end

function heard.tick(self, worker, snapshot) self:keep_tick(worker, snapshot) end

-- Sees to so many of the messages that are there; others want to be seen to as well.
function Run:hear(most)
	for _ = 1, most do
		local message = self.up:receive(0)
		if not message then return end
		local worker = self.named[("%s %d"):format(message[2], message[3])]
		heard[message[1]](self, worker, message[4])
	end
end

-- Joins workers that have ended without a word.
function Run:look_after()
	local gone = {}
	for _, worker in ipairs(self.workers) do
		local status = not worker.over and worker.thread:status()
		if status and status ~= "running" and status ~= "waiting" then gone[#gone + 1] = worker end
	end
	-- What they have said before they ended comes first.
	if gone[1] then self:hear(#self.up) end
	for _, worker in ipairs(gone) do
		if not worker.over then self:join(worker) end
	end
end

-- Milliseconds that are left for a wait; -1 for any time.
function Run:left()
	if not self.deadline then return -1 end
	local ms = (self.deadline - time_ns()) // MS
	if ms < 0 then fail("suicide_length: the run is not over after %d s", self.opt.suicide_ns // 1000000000) end
	return ms
end

-- Waits for something to happen, at most so many ms, and sees to it.
function Run:step(most)
	local left = self:left()
	local ms = math.min(most or LOOK, LOOK, left < 0 and LOOK or left)
	local _, member = self.poll:select(ms)
	if member == self.up then
		self:hear(MESSAGES)
	elseif member then
		local event, peer = self.control:ready(member)
		if event == "hello" then self:welcome(peer) end
	end
	if time_ns() >= self.next_look then
		self.next_look = time_ns() + LOOK * MS
		self:look_after()
	end
	-- When it is over there is nothing to be ended.
	if core.asked() and not self.interrupted and not self.finish then self:interrupt() end
end

-- The run ends now, with what it has measured.
function Run:interrupt()
	self.interrupted = time_ns()
	if self.interrupted < self.warm then fail("interrupted before anything was measured") end
	self:tell("client", "stop")
end

-- Waits until all workers of a role have this field, but not longer than that after a moment, if there is one: a hook
-- may never return.
function Run:await(role, field, moment)
	local grace = GRACE + self.opt.num_flows * MS
	for worker in self:each(role) do
		while not worker[field] do
			self:step()
			local over = self.interrupted or moment
			if over and not worker[field] and time_ns() > over + grace then
				fail("%s has not ended, %d s after the end of the run", worker.name, (time_ns() - over) // (1000 * MS))
			end
		end
	end
end

-- Waits until a moment.
function Run:sleep_until(moment)
	local ms = (moment - time_ns() + MS - 1) // MS
	while ms > 0 and not self.interrupted do
		self:step(ms)
		ms = (moment - time_ns() + MS - 1) // MS
	end
end

-- ---- intervals

-- The first snapshots of all workers as one, when all have one. Those that have ended have their last one.
function Run:take_ticks(role)
	local queues = {}
	for worker in self:each(role) do
		local ticks = worker.ticks
		if not ticks[ticks.at] and not worker.over and not worker.result then return end
		queues[#queues + 1] = ticks
	end
	return statistics.take(queues)
end

-- Keeps what a worker tells of an interval. Tells the script, and the user, of those that all have come through.
function Run:keep_tick(worker, snapshot)
	if not self.tells[worker.role] then return end
	local ticks = worker.ticks
	ticks[ticks.next], ticks.next = snapshot, ticks.next + 1
	local all = self:take_ticks(worker.role)
	while all do
		self:interval(all)
		all = self:take_ticks(worker.role)
	end
end

local function call_script(f, ...)
	local ok, err = xpcall(f, function(err)
		if type(err) == "table" then return err end
		return debug.traceback("load: on_interval: " .. tostring(err), 2)
	end, ...)
	if not ok then error(err, 0) end
end

function Run:interval(snapshot)
	snapshot.elapsed_ns = snapshot.time_ns - self.begin
	local begin = snapshot.warm and self.warm or self.begin
	local delta = statistics.delta(snapshot, self.snapshot, begin)
	self.snapshot = snapshot
	if self.on_interval then call_script(self.on_interval, snapshot, delta) end
	if self.opt.iostat_ns == 0 then return end
	-- Each tick is a little late; the lines' times are not to drift because of that.
	if snapshot.elapsed_ns + self.interval_ns // 2 < self.next_line then return end
	print(progress.line(snapshot, statistics.delta(snapshot, self.printed, begin)))
	self.printed = snapshot
	self.next_line = self.next_line + self.opt.iostat_ns
end

-- ---- the moments

-- Tells workers to go, at a moment that none of them will miss. Gives the end, if that is known.
function Run:go(role, open)
	local opt = self.opt
	local begin = self.begin
	local warm = begin + opt.warmup_ns
	local finish = opt.test_length_ns and warm + opt.test_length_ns
	self.warm = warm
	core.heed(true)
	self:tell(role, "go", begin, warm, not open and finish or nil, self.interval_ns)
	return finish
end

-- The moment at which all begin.
function Run:choose_begin()
	self.begin = time_ns() + 5 * MS + #self.workers * MS // 10
	self.start_s = os.time()
end

-- ---- the parts that a run can have

function Run:begin_clients()
	self:spawn("client")
	self:await("client", "ready")
end

-- What all workers have done.
function Run:raw()
	local workers = {}
	for _, role in ipairs{ "client", "server" } do
		for worker in self:each(role) do workers[#workers + 1] = worker.result end
	end
	return {
		options = self.opt, role = self.opt.role, begin_ns = self.warm, end_ns = self.finish, start_s = self.start_s,
		interrupted = self.interrupted ~= nil, workers = workers, cpus = self.cpus,
		invalid_secret_count = self.control and self.control.invalid or 0,
		remote = self.remote, datagrams = self.datagrams, errors = self.control and self.control.errors,
	}
end

-- Tells the other end what was done, and hears its own.
function Run:exchange()
	-- Nobody knows how long the other end takes: who does not wait for it is not kept.
	core.heed(false)
	local raw = self:raw()
	local rate, datagrams = self.control:finish(results.new(raw).local_throughput, results.datagrams(raw))
	self.remote, self.datagrams = rate and { throughput = rate }, datagrams
end

-- Waits until the clients have come to their end: at this moment, unless their transactions are done before.
function Run:finish_clients(finish)
	self:await("client", "result", finish)
	self.finish = self.begin
	for worker in self:each("client") do self.finish = math.max(self.finish, worker.result.end_ns) end
	self.finish = math.min(self.finish, finish or self.finish)
	if self.control then
		self:exchange()
		self:tell("client", "close")
	end
	self:await("client", "over", time_ns())
end

function Run:begin_servers()
	self:spawn("server")
	self:await("server", "ready")
end

-- What is done from self.finish on counts, but has no time of its own.
function Run:finish_servers()
	if self.opt.protocol == "udp" then
		self:tell("server", "finish", self.finish)
		local over = time_ns() + DRAIN
		while time_ns() < over do self:step((over - time_ns()) // MS + 1) end
	end
	self:tell("server", "stop")
	self:await("server", "over", time_ns())
end

-- A server's time begins with what it receives first: its clients may have waited before they began.
function Run:begin_with_first()
	local first
	for worker in self:each("server") do
		local moment = worker.result.counts.first
		if moment > 0 then first = math.min(first or moment, moment) end
	end
	self.warm = first or self.warm
end

local modes = {}

-- Servers must serve when clients connect; what they count begins when the clients do.
function modes.both(self)
	local opt = self.opt
	-- Another run at the same port would share its connections.
	self.port, self.reserved = flows.reserve(opt, opt.given.port and opt.port or 0, opt.num_ports or 1)
	opt.port = self.port
	self:begin_servers()
	self:release()
	self:choose_begin()
	self:tell("server", "go", self.begin, self.begin, nil, 0)
	self:begin_clients()
	self:choose_begin()
	self:go("server", true)
	self:finish_clients(self:go("client"))
	self:finish_servers()
end

function modes.client(self)
	local opt = self.opt
	self.port = opt.port
	if opt.control_port ~= 0 then
		self.control = control.connect(opt, function() return self.interrupted and BYE or self:left() end)
		self.control:watch(self.poll)
	end
	self:sleep_until(time_ns() + opt.wait_start_ns)
	self:begin_clients()
	self:choose_begin()
	self:finish_clients(self:go("client"))
end

function modes.server(self)
	local opt = self.opt
	self.port = opt.port
	if opt.control_port ~= 0 then self.control = control.listen(opt) end
	self:begin_servers()
	if self.control then
		self.control:watch(self.poll)
		while not self.control:is_over() and not self.interrupted do self:step() end
	else
		self:choose_begin()
		local finish = self:go("server", true) or fail("test_length: a server without a control port needs a time, or 0")
		self:sleep_until(opt.test_length_ns > 0 and finish or math.maxinteger // 2)
	end
	self.finish = time_ns()
	self:finish_servers()
	if self.control then
		self:begin_with_first()
		self:exchange()
	end
end

-- A client is there: with the first one it begins.
function Run:welcome(peer)
	if not self.begin then
		self:choose_begin()
		self.begin = time_ns()
		self:go("server", true)
	end
	self.control:answer(peer)
end

-- ---- a run

function Run:release()
	for _, sock in ipairs(self.reserved or {}) do sock:close() end
	self.reserved = nil
end

-- Ends what is there, in whatever state it is.
function Run:close()
	core.heed(false)
	for _, worker in ipairs(self.workers) do
		if not worker.over then worker.thread:stop() end
	end
	if self.control then self.control:close() end
	self:release()
	self.poll:close()
end

-- Gives the script what its workers have collected.
function Run:collect()
	local roles = {}
	for _, role in ipairs{ "client", "server" } do
		local values = {}
		for worker in self:each(role) do values[#values + 1] = worker.result.values end
		if values[1] then roles[#roles + 1] = values end
	end
	collectors.fill(self.collected, roles)
end

-- What the workers of a role go by.
local function options_of(opt, role)
	local copy = {}
	for key, value in pairs(opt) do copy[key] = value end
	-- One of two writes, and the other one reads.
	if opt.split_bidir and role == "client" then copy.num_threads = 2 * opt.num_threads end
	return copy
end

-- What is to be known of each interval.
local function with_percentiles(list)
	local all = { "50", "99" }
	for _, one in ipairs(list) do
		if one ~= "50" and one ~= "99" then all[#all + 1] = one end
	end
	return all
end

local run = {}

-- Runs a load: options as options.parse() gives them, the script's hooks and collectors. Gives the result.
function run.run(opt, hooks, collected, on_interval)
	if opt.transactions and opt.transactions < opt.num_threads and opt.role ~= "server" then
		fail("test_length: %d transactions are fewer than num_threads, %d", opt.transactions, opt.num_threads)
	end
	if core.asked() then fail("interrupted") end
	-- The workers' memory is the script's: they cannot collect what this state does not need any more.
	collectgarbage()
	local up = thread.channel(256)
	local line, interval = opt.iostat_ns, opt.interval_ns
	if line > 0 then interval = math.min(interval, line) end
	local tells = on_interval ~= nil or line > 0
	local self = setmetatable({
		opt = opt, hooks = hooks, collected = collected, on_interval = on_interval, interval_ns = interval,
		options = { client = options_of(opt, "client"), server = options_of(opt, "server") },
		tells = { client = tells, server = tells and opt.role == "server" },
		percentiles = with_percentiles(opt.percentiles or {}),
		up = up, poll = socket.poll{ up }, workers = {}, named = {}, next_line = line, next_look = 0,
		deadline = opt.suicide_ns > 0 and time_ns() + opt.suicide_ns or nil,
	}, Run)
	local seen = false
	local ok, result = xpcall(function()
		modes[opt.role](self)
		self:collect()
		return results.new(self:raw())
	end, function(err)
		seen = true
		return err
	end)
	self:close()
	if ok then return result end
	collectors.wrappers(collected)
	-- Want of memory does not come by the handler.
	error(seen and result or core.no_memory(), 0)
end

return run
