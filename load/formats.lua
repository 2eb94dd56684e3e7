-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Results as text: neper's lines and columns, and JSON.

local _, core = ...
local need = core.need
local json = need("load.json")
local options = need("load.options")
local rtts = need("load.rtts")
local units = need("load.units")

local formats = {}

-- What getrusage() says of a process: kernel threads that come and go have nothing to say.
local TIMES = { "utime", "stime" }
local COUNTERS = { "maxrss", "minflt", "majflt", "nvcsw", "nivcsw" }

local TCP_INFO = { "flows", "rtt", "rttvar", "snd_cwnd", "snd_mss", "total_retrans" }

local NO_LATENCY = { count = 0, min = 0, max = 0, mean = 0, stddev = 0, percentiles = {} }

-- Those whose samples are worth something: as neper, only who reads, of streams; and of both ends the client.
local function samples_of(result, worker)
	local wanted = result.role ~= "both" or worker.role == "client"
	if result.kind == "stream" then wanted = result.options[worker.role .. "_reads"] end
	return wanted and worker.snapshots or {}
end

-- ---- key=value

-- An array of { key, text } as lines.
local function lines(list)
	local out = {}
	for i, pair in ipairs(list) do out[i] = pair[1] .. "=" .. pair[2] end
	return table.concat(out, "\n")
end

function formats.dump(opt) return lines(options.dump(opt)) end

local function add_usage(add)
	for _, name in ipairs(TIMES) do
		add(name .. "_start", "0.000000")
		add(name .. "_end", "0.000000")
	end
	for _, name in ipairs(COUNTERS) do
		add(name .. "_start", 0)
		add(name .. "_end", 0)
	end
end

local function add_latency(add, prefix, latency, percentiles)
	latency = latency or NO_LATENCY
	for _, name in ipairs{ "min", "max", "mean", "stddev" } do
		add(prefix .. name, units.seconds(latency[name]))
	end
	for _, one in ipairs(percentiles) do add(prefix .. "p" .. one, units.seconds(latency.percentiles[one] or 0)) end
end

local function add_throughput(add, result)
	local samples = 0
	for _, worker in ipairs(result.workers) do samples = samples + #samples_of(result, worker) end
	add("num_samples", samples)
	add("time_end", units.seconds(result.end_ns))
	add("correlation_coefficient", result.correlation)
	add("throughput", result.throughput_text)
	if result.kind == "stream" then add("throughput_units", result.throughput_units) end
end

local function add_datagrams(add, datagrams)
	if not datagrams then return end
	for _, name in ipairs{ "sent", "received", "lost" } do
		add("datagrams_" .. name, datagrams[name])
		if datagrams.responses then add("responses_" .. name, datagrams.responses[name]) end
	end
end

-- What neper does not have.
local function add_ours(add, result)
	if result.response then add_latency(add, "response_latency_", result.response, result.options.percentiles) end
	add("errors", result.errors)
	if result.options.protocol == "udp" then add("lost", result.lost) end
	add_datagrams(add, result.datagrams)
	if result.kind ~= "stream" then add("unanswered", result.unanswered) end
	if result.options.stages then
		-- "late" is an option.
		add("skipped_count", result.skipped)
		add("late_count", result.late)
	end
	for _, name in ipairs(result.tcp_info and TCP_INFO or {}) do add("tcp_info_" .. name, result.tcp_info[name] or 0) end
	if result.interrupted then add("interrupted", 1) end
end

-- Numbers in ascending order, as ranges.
local function ranges(list)
	local out, first = {}, nil
	for i, n in ipairs(list) do
		first = first or n
		if list[i + 1] ~= n + 1 then
			out[#out + 1] = first == n and ("%d"):format(n) or ("%d-%d"):format(first, n)
			first = nil
		end
	end
	return table.concat(out, ",")
end

function formats.keyvals(result)
	local list, rr = {}, result.kind ~= "stream"
	local function add(key, value) list[#list + 1] = { key, value } end
	if result.cpus then
		add("allowed_core_num", #result.cpus)
		add("allowed_cores", ranges(result.cpus))
	end
	add("invalid_secret_count", result.invalid_secret_count)
	add("time_start", units.seconds(result.begin_ns))
	add_usage(add)
	if rr then
		add("num_transactions", result.transactions)
		if result.options.log_rtt then add("rtt_transactions_logged", rtts.count(result.workers)) end
		add_latency(add, "latency_", result.latency, result.options.percentiles)
	end
	-- Who does not read has no throughput.
	if rr or result.reads then add_throughput(add, result) end
	add("local_throughput", result.local_throughput)
	add("remote_throughput", result.remote and result.remote.throughput or 0)
	add_ours(add, result)
	return lines(list)
end

-- ---- CSV

local function header(result)
	local what = result.kind == "stream" and "bytes_read" or "transactions"
	local columns = { "tid", "flow_id", "time", what, what .. "/s", "utime", "stime", table.unpack(COUNTERS) }
	if result.kind ~= "stream" then
		for _, name in ipairs{ "min", "mean", "max", "stddev" } do columns[#columns + 1] = "latency_" .. name end
		for _, one in ipairs(result.options.percentiles) do columns[#columns + 1] = "latency_p" .. one end
	end
	return table.concat(columns, ",")
end

local function row(result, worker, snap, before)
	local work = result.kind == "stream" and "received" or "transactions"
	local ns = snap.time_ns - (before and before.time_ns or result.begin_ns)
	local done = snap[work] - (before and before[work] or 0)
	local columns = { worker.id, -1, units.seconds(snap.time_ns), snap[work],
		units.fixed(units.per_second(done, ns, 2), 2), "0.000000", "0.000000", 0, 0, 0, 0, 0 }
	if result.kind ~= "stream" then
		for _, name in ipairs{ "min", "mean", "max", "stddev" } do
			columns[#columns + 1] = units.seconds(snap["latency_" .. name] or 0)
		end
		local percentiles = snap.latency_percentiles or {}
		for _, one in ipairs(result.options.percentiles) do columns[#columns + 1] = units.seconds(percentiles[one] or 0) end
	end
	return table.concat(columns, ",")
end

function formats.csv(result)
	local rows = {}
	for _, worker in ipairs(result.workers) do
		local samples = samples_of(result, worker)
		for i, snap in ipairs(samples) do
			rows[#rows + 1] = { snap.time_ns, #rows, row(result, worker, snap, samples[i - 1]) }
		end
	end
	table.sort(rows, function(a, b)
		if a[1] ~= b[1] then return a[1] < b[1] end
		return a[2] < b[2]
	end)
	local out = { header(result) }
	for i, one in ipairs(rows) do out[i + 1] = one[3] end
	return table.concat(out, "\n")
end

-- ---- JSON

local NAMES = {
	"workload", "role", "ok", "begin_ns", "end_ns", "duration_ns", "interrupted", "start_s", "throughput_units",
	"bytes", "bits_per_second", "transactions", "sent", "received", "sends", "receives", "connects", "lost",
	"skipped", "late", "flows", "unanswered", "errors", "causes", "datagrams", "tcp_info",
}

local function copy(from, names)
	local out = {}
	for _, name in ipairs(names) do out[name] = from[name] end
	return out
end

local function latency_of(latency)
	if not latency then return end
	local buckets = json.array{}
	for i, bucket in ipairs(latency.histogram:buckets()) do
		buckets[i] = json.array{ bucket.from, bucket.to, bucket.count }
	end
	return { count = latency.count, min_ns = latency.min, max_ns = latency.max, mean_ns = latency.mean,
		stddev_ns = latency.stddev, percentiles_ns = latency.percentiles, buckets = buckets }
end

local function snapshots_of(list)
	local out = json.array{}
	for i, snap in ipairs(list) do
		local one = {}
		for name, value in pairs(snap) do
			one[name == "info" and "tcp_info" or name:find("^latency_[^c]") and name .. "_ns" or name] = value
		end
		one.warm = nil
		out[i] = one
	end
	return out
end

local function errors_of(list)
	local out = json.array{}
	for i, one in ipairs(list) do out[i] = copy(one, { "cause", "code", "name", "count", "text" }) end
	return out
end

local function worker_of(worker)
	local out = copy(worker, { "role", "id", "throughput", "transactions", "sent", "received", "sends", "receives",
		"connects", "lost", "skipped", "late", "flows", "unanswered", "errors" })
	out.error_list, out.tcp_info = errors_of(worker.error_list), worker.info
	out.latency, out.response = latency_of(worker.latency), latency_of(worker.response)
	out.snapshots = snapshots_of(worker.snapshots)
	return out
end

function formats.json(result)
	local out = copy(result, NAMES)
	out.options = {}
	for _, pair in ipairs(options.dump(result.options)) do out.options[pair[1]] = pair[2] end
	out.throughput, out.correlation = json.number(result.throughput_text), json.number(result.correlation)
	out.failed = json.array(table.move(result.failed, 1, #result.failed, 1, {}))
	out.latency, out.response = latency_of(result.latency), latency_of(result.response)
	out.error_list, out.snapshots = errors_of(result.error_list), snapshots_of(result.snapshots)
	out.remote = result.remote
	out.workers = json.array{}
	for i, worker in ipairs(result.workers) do out.workers[i] = worker_of(worker) end
	return json.encode(out)
end

return formats
