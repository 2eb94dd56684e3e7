-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What came of a run.

--- What came of a run.
--
-- `run` returns one of these. Times are in ns, latencies as well; counts are those of the time that
-- counts, after the warm-up.
-- @submodule load

local _, core = ...
local need = core.need
local formats = need("load.formats")
local rtts = need("load.rtts")
local statistics = need("load.statistics")
local thresholds = need("load.thresholds")
local units = need("load.units")

--- What came of a run.
-- @table result
-- @field ok whether all thresholds were met; that TCP clients get something done is one, given or not
-- @field failed those that were not, each as a text: `"latency.p99<2ms: 3.12ms"`
-- @field workload `"tcp_rr"`
-- @field role `"client"`, `"server"`, `"both"`
-- @field options all options as they counted
-- @field begin_ns when the time that counts began, by the monotonic clock
-- @field end_ns when it ended
-- @field duration_ns how long it was
-- @field interrupted whether it was ended early, as by Ctrl-C
-- @field start_s when the run began, as `os.time()` has it
-- @field transactions how many requests were answered; of both roles in one script the client's
-- @field throughput transactions per second; of streams, in `throughput_units`
-- @field throughput_text the same with two decimals
-- @field throughput_units `"transactions/s"`, `"Mbit/s"`
-- @field local_throughput what the other end is told: transactions per second; of streams bits per second that were
--  read
-- @field bytes of payload: what was received, of streams; else both directions
-- @field bits_per_second of these
-- @field megabits the same in millions, with two decimals, a text
-- @field sent bytes
-- @field received bytes
-- @field sends calls, or datagrams, that sent something
-- @field receives calls, or datagrams, that received something
-- @field connects connections that were made or accepted
-- @field lost responses of udp_rr that did not come within `timeout`; of udp_stream datagrams, if `datagrams` is there
-- @field skipped requests that were left out because no flow was free in time
-- @field late requests that began after they were due
-- @field unanswered requests without a response when the run ended: as it ends at a moment, that is one of each flow or
--  more with `outstanding`
-- @field errors how many
-- @field causes how many errors by cause: `connect`, `accept`, `send`, `recv`: these calls failed; `reset`: sending or
--  receiving found the connection broken; `eof`: the peer ended it before a response, `short`: amid one; `timeout`: no
--  response came within `timeout` (over UDP, `lost`); `hook`: what a hook returned; `control`: how often the other end
--  left before the test was over
-- @field error_list an array of `{ cause=, code=, name=, count= }`; those of `control` with a `text`
-- @field latency `{ count=, min=, max=, mean=, stddev=, percentiles = { ["99.9"]= }, histogram= }`,
--  from a request to its response; nil of streams and servers
-- @field response the same from the time at which the request was due; nil without a rate
-- @field workers an array: `role`, `id`, counts, `latency`, `response`, `info`, `snapshots`
-- @field snapshots an array of all workers together at each interval, the last one at the end: `time_ns`, `interval`
--  (its number), counts, `latency_mean` and so on, `info` with the option `tcp_info`; to `on_interval` also
--  `elapsed_ns`, and `warm`: whether the warm-up is over. What `on_interval` gets besides has the same fields: of
--  counts what has come since the snapshot before, of `time_ns` how long that is; latencies are those of the interval
-- @field correlation how even it went: `"1.00"` is a straight line
-- @field datagrams `{ sent=, received=, lost= }` of UDP, from clients to the server, and of udp_rr
--  `responses = { sent=, received=, lost= }` back; from the beginning of the run, what was in the warm-up included. It
--  is there where both ends are in the script, or the other ends, by their control connections, have told of theirs:
--  those of this library do
-- @field tcp_info means over flows, with the option `tcp_info`
-- @field cpus numbers of the processors that workers may have, an array, with the option `pin_cpu`
-- @field remote what the other end said of itself, or nil
local Result = {}
Result.__index = Result

local results = {}

-- ---- what is counted

-- Those whose work is the run's: of requests it is counted at both ends, so that one of them goes without.
local function primary(result, workers)
	if result.kind == "stream" or result.role ~= "both" then return workers end
	local list = {}
	for _, worker in ipairs(workers) do
		if worker.role == "client" then list[#list + 1] = worker end
	end
	return list
end

-- The fields of that name of all that have one.
local function collect(workers, name)
	local list = {}
	for _, worker in ipairs(workers) do list[#list + 1] = worker[name] end
	return list
end

local function add_errors(result, list)
	result.error_list, result.errors, result.causes = list, statistics.errors(list), {}
	for _, one in ipairs(list) do result.causes[one.cause] = (result.causes[one.cause] or 0) + one.count end
end

-- Whether somebody reads, whose figures then count.
local function reads(role, opt)
	return role ~= "server" and opt.client_reads or role ~= "client" and opt.server_reads
end

local function add_counts(result, raw)
	local workers = raw.workers
	local sum = statistics.sum(collect(primary(result, workers), "counts"))
	for _, name in ipairs(statistics.counts) do result[name] = sum[name] end
	local errors = statistics.sum(collect(workers, "counts")).errors
	add_errors(result, table.move(raw.errors or {}, 1, #(raw.errors or {}), #errors + 1, errors))
	if result.kind ~= "stream" then
		result.bytes = result.sent + result.received
	else
		result.reads = reads(result.role, result.options)
		result.bytes = result.reads and result.received or result.sent
	end
end

-- Datagrams that the workers of a run have sent and received, of all ends that it has; nil if there are none.
function results.datagrams(raw)
	if raw.options.protocol ~= "udp" then return end
	local sum = { sent = 0, received = 0, responses_sent = 0, responses_received = 0 }
	for _, worker in ipairs(raw.workers) do
		local counts, client = worker.counts, worker.role == "client"
		local sends, receives = counts.sends + (counts.warmup_sends or 0), counts.receives + (counts.warmup_receives or 0)
		local sent, received = client and "sent" or "responses_sent", client and "responses_received" or "received"
		sum[sent], sum[received] = sum[sent] + sends, sum[received] + receives
	end
	return sum
end

-- Those that somebody sent and nobody received. One that came twice makes it look like less than none.
local function add_datagrams(result, raw)
	local all = raw.datagrams or result.role == "both" and results.datagrams(raw)
	if not all then return end
	local function loss(sent, received)
		return { sent = sent, received = received, lost = math.max(0, sent - received) }
	end
	result.datagrams = loss(all.sent, all.received)
	if result.kind == "stream" then
		result.lost = result.datagrams.lost
	else
		result.datagrams.responses = loss(all.responses_sent, all.responses_received)
	end
end

local function add_throughput(result)
	local per_second = units.per_second(result.bytes, result.duration_ns, 0)
	result.bits_per_second = per_second * 8
	result.megabits = units.fixed(result.bits_per_second // 10000, 2)
	if result.kind == "stream" then
		result.throughput_hundredths, result.throughput_units =
			units.scaled(result.bits_per_second, result.options.throughput_opt)
	else
		result.throughput_hundredths = units.per_second(result.transactions, result.duration_ns, 2)
		result.throughput_units = "transactions/s"
	end
	result.throughput = result.throughput_hundredths // 100
	result.local_throughput = result.kind ~= "stream" and result.throughput or result.reads and result.bits_per_second or 0
	result.throughput_text = units.fixed(result.throughput_hundredths, 2)
end

local function add_latencies(result, workers)
	if result.kind == "stream" then return end
	local percentiles = result.options.percentiles
	for _, name in ipairs{ "latency", "response" } do
		result[name] = statistics.latency(statistics.histogram(collect(workers, name)), percentiles)
	end
end

-- ---- over time, and by workers

local function worker_of(raw, result)
	local worker = { role = raw.role, id = raw.id, info = raw.info, rtts = raw.rtts, snapshots = {} }
	for _, snap in ipairs(raw.snapshots or {}) do
		-- Those of the warm-up have counted nothing.
		if snap.time_ns > result.begin_ns then table.insert(worker.snapshots, snap) end
	end
	for _, name in ipairs(statistics.counts) do worker[name] = raw.counts[name] or 0 end
	worker.error_list, worker.errors = raw.counts.errors or {}, statistics.errors(raw.counts.errors)
	worker.throughput = units.per_second(worker.transactions, result.duration_ns, 0)
	if result.kind ~= "stream" then
		worker.latency = statistics.latency(raw.latency, result.options.percentiles)
		worker.response = statistics.latency(raw.response, result.options.percentiles)
	end
	return worker
end

-- What a snapshot counts as work.
local function work(result, snap)
	if result.kind ~= "stream" then return snap.transactions end
	return result.reads and snap.received or snap.sent
end

local function add_series(result, workers)
	result.snapshots = statistics.series(collect(workers, "snapshots"))
	local points = {}
	for _, snap in ipairs(result.snapshots) do
		points[#points + 1] = { snap.time_ns - result.begin_ns, work(result, snap) }
	end
	result.correlation = units.fixed(statistics.correlation(points), 2)
end

-- What was not met. As with neper, a TCP client that got nothing done has failed.
local function add_failed(result)
	local list = thresholds.failed(result.options.thresholds, result)
	if result.options.protocol == "tcp" and result.role ~= "server" then
		if result.kind ~= "stream" and result.transactions == 0 then
			list[#list + 1] = "transactions>0: no transaction was completed"
		elseif result.kind == "stream" and result.sent + result.received == 0 then
			list[#list + 1] = "bytes>0: nothing was moved"
		end
	end
	result.failed, result.ok = list, list[1] == nil
end

-- ---- what the others call

-- The result of a run. @raw: options, role, begin_ns, end_ns, start_s, workers = { { role=, id=, counts=, latency=,
-- response=, info=, rtts=, snapshots= }, ... } with snapshots as load/statistics.lua has them, cpus,
-- remote = { throughput= }, invalid_secret_count, errors = those of control connections, datagrams = those of all ends.
function results.new(raw)
	local opt = raw.options
	local result = setmetatable({ workload = opt.workload, kind = opt.kind, options = opt, role = raw.role,
		begin_ns = raw.begin_ns, end_ns = raw.end_ns, duration_ns = math.max(1, raw.end_ns - raw.begin_ns),
		interrupted = raw.interrupted or false, start_s = raw.start_s, remote = raw.remote, cpus = raw.cpus,
		invalid_secret_count = raw.invalid_secret_count or 0 }, Result)
	local workers = primary(result, raw.workers)
	add_counts(result, raw)
	add_datagrams(result, raw)
	add_throughput(result)
	add_latencies(result, workers)
	result.tcp_info = opt.tcp_info and statistics.info(collect(workers, "info")) or nil
	result.workers = {}
	for i, worker in ipairs(raw.workers) do result.workers[i] = worker_of(worker, result) end
	add_series(result, primary(result, result.workers))
	add_failed(result)
	return result
end

-- ---- as text

--- neper's lines `key=value` of the options, `VERSION` first.
-- @function result:dump
-- @treturn string lines, without a newline at the end
-- @raise nothing
-- @usage print(result:dump())
function Result:dump() return formats.dump(self.options) end

--- neper's lines `key=value` of the result.
--
-- Kernel threads have no figures for some keys of neper's: `utime`, `stime`, `maxrss`, `minflt`, `majflt`,
-- `nvcsw` and `nivcsw` are 0. Keys that neper has not come last: `response_latency_*`, `errors`, `lost`,
-- `unanswered`, `skipped_count`, `late_count`, `tcp_info_*`, and `interrupted` if the run was.
-- @function result:keyvals
-- @treturn string lines, without a newline at the end
-- @raise nothing
-- @usage print(result:keyvals())
function Result:keyvals() return formats.keyvals(self) end

--- The samples of all workers at all intervals as CSV, with neper's columns.
--
-- There is one row for a worker, not for a flow: `flow_id` is -1. Counts are from the beginning of the run,
-- latencies of the interval.
-- @function result:csv
-- @treturn string lines, without a newline at the end
-- @raise nothing
-- @usage print(result:csv())
function Result:csv() return formats.csv(self) end

--- Latencies of single transactions, with the option `log_rtt`: the last ones of each worker, one worker after the
-- other, the oldest first.
-- @function result:rtts
-- @treturn function for a loop; gives the end of a transaction, in ns of the monotonic clock, the number of the worker,
--  the flow's number in it, and the latency in ns
-- @raise nothing
-- @usage for end_ns, thread, flow, ns in result:rtts() do print(end_ns, thread, flow, ns) end
function Result:rtts() return rtts.each(self.workers) end

--- The same as neper's lines: when it ended in seconds, the worker, the flow, the latency in seconds.
-- @function result:rtt_lines
-- @tparam[opt=" "] string separator between them; neper has a comma in a file whose name ends in `.csv`
-- @treturn function for a loop; gives a line without its newline
-- @raise nothing
-- @usage for line in result:rtt_lines(",") do print(line) end
function Result:rtt_lines(separator) return rtts.lines(self.workers, separator or " ") end

--- All as JSON: an object whose keys are those of the result, in alphabetical order, on one line. Times are
-- integers of ns, `_ns` at the end of their names.
-- @function result:json
-- @treturn string
-- @raise nothing
-- @usage print(result:json())
function Result:json() return formats.json(self) end

return results
