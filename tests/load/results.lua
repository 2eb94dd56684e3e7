-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- load: results: what is added up, and neper's lines, CSV and JSON of it.

local options, results, statistics = require "load.options", require "load.results", require "load.statistics"
local json, progress, histogram = require "load.json", require "load.progress", require("load").histogram
local S, MS, US = 1000000000, 1000000, 1000

local function hist(...)
	local h = histogram()
	for _, value in ipairs{ ... } do h:record(value) end
	return h
end

local function counts(t)
	local all = { errors = {} }
	for _, name in ipairs(statistics.counts) do all[name] = 0 end
	for key, value in pairs(t) do all[key] = value end
	return all
end

local function parse(t) return (options.parse(t)) end

-- A run of a second from 100 s on, of these workers.
local function result_of(opt, ...)
	return results.new{ options = opt, role = opt.role, begin_ns = 100 * S, end_ns = 101 * S, start_s = 1700000000,
		workers = { ... } }
end

-- A worker that has done so many transactions, evenly, each of 10 us.
local function client(opt, id, transactions)
	local worker = { role = "client", id = id, latency = histogram(), snapshots = {},
		counts = counts{ transactions = transactions, sent = transactions, received = transactions } }
	worker.latency:record(10 * US, transactions)
	for i = 1, 5 do
		local done, h = transactions * i // 5, histogram()
		h:record(10 * US, transactions // 5)
		local now = counts{ transactions = done, sent = done, received = done }
		worker.snapshots[i] = statistics.snapshot(100 * S + i * S // 5, now, h, opt.percentiles)
	end
	return worker
end

local function stream(role, id, sent, received)
	local worker = { role = role, id = id, snapshots = {},
		counts = counts{ sent = sent, received = received, sends = sent // 1000, receives = received // 1000 } }
	for i = 1, 5 do
		local now = counts{ sent = sent * i // 5, received = received * i // 5 }
		worker.snapshots[i] = statistics.snapshot(100 * S + i * S // 5, now)
	end
	return worker
end

-- Lines of key=value as LNST reads them: the last "=" counts.
local function read(text)
	local map, keys = {}, {}
	for line in (text .. "\n"):gmatch("(.-)\n") do
		local key, value = line:match("^(.*)=(.*)$")
		assert(key and not map[key], line)
		map[key] = value
		keys[#keys + 1] = key
	end
	return map, keys
end

-- Rows of CSV as maps by the names of columns.
local function rows_of(text)
	local columns, rows
	for line in (text .. "\n"):gmatch("(.-)\n") do
		local row = {}
		for cell in (line .. ","):gmatch("(.-),") do row[#row + 1] = cell end
		if not columns then
			columns, rows = row, {}
		else
			eq(#row, #columns)
			local map = {}
			for i, cell in ipairs(row) do map[columns[i]] = cell end
			rows[#rows + 1] = map
		end
	end
	return rows, columns
end

--# transactions, bytes and latencies of all workers are added up
local opt = parse{ role = "client", num_threads = 2, num_flows = 2, percentiles = "50,99.9" }
local r = result_of(opt, client(opt, 0, 10000), client(opt, 1, 23010))
eq(r.transactions, 33010)
eq(r.throughput, 33010)
eq(r.throughput_text, "33010.00")
eq(r.throughput_units, "transactions/s")
eq(r.bytes, 66020)
eq(r.bits_per_second, 528160)
eq(r.megabits, "0.52")
eq(r.latency.count, 33010)
eq(r.latency.min, 10 * US)
eq(r.latency.max, 10 * US)
eq(r.latency.mean, 10 * US)
eq(r.latency.stddev, 0)
eq(r.latency.percentiles["50"], 10 * US)
eq(r.latency.percentiles["99.9"], 10 * US)
eq(r.response, nil)
eq(r.ok, true)
eq(#r.workers, 2)
eq(r.workers[2].throughput, 23010)
eq(r.workers[2].latency.count, 23010)
eq(r.correlation, "1.00")
eq(#r.snapshots, 5)
eq(r.snapshots[5].transactions, 33010)
eq(r.snapshots[5].latency_count, 6602)
eq(r.snapshots[5].latency_percentiles["99.9"], 10 * US)

--# of both ends in one script the client's transactions count, and everybody's errors
local opt = parse{ role = "both" }
local server = client(opt, 0, 5000)
server.role = "server"
server.counts.errors = { { cause = "recv", code = 104, name = "ECONNRESET", count = 2 } }
local one = client(opt, 0, 5000)
one.counts.errors = { { cause = "recv", code = 104, name = "ECONNRESET", count = 1 },
	{ cause = "connect", code = 111, name = "ECONNREFUSED", count = 4 } }
local r = result_of(opt, one, server)
eq(r.transactions, 5000)
eq(r.latency.count, 5000)
eq(r.errors, 7)
eq(r.causes.recv, 3)
eq(r.causes.connect, 4)
eq(#r.error_list, 2)
eq(r.error_list[1].name, "ECONNREFUSED")
eq(r.error_list[2].count, 3)
eq(#rows_of(r:csv()), 5)
eq(read(r:keyvals()).num_samples, "5")

--# the throughput of a stream is that of who reads
local opt = parse{ role = "both", workload = "tcp_stream" }
local r = result_of(opt, stream("client", 0, 125000000, 0), stream("server", 0, 0, 120000000))
eq(r.bytes, 120000000)
eq(r.throughput_text, "960.00")
eq(r.throughput_units, "Mbit/s")
eq(r.bits_per_second, 960000000)
eq(r.local_throughput, 960000000)
eq(r.latency, nil)
eq(r.correlation, "1.00")
local map = read(r:keyvals())
eq(map.throughput, "960.00")
eq(map.throughput_units, "Mbit/s")
eq(map.num_transactions, nil)
eq(map.latency_min, nil)

--# who only writes has no throughput, as with neper, but the table has one
local opt = parse{ role = "client", workload = "tcp_stream" }
local r = result_of(opt, stream("client", 0, 125000000, 0))
eq(r.megabits, "1000.00")
local map = read(r:keyvals())
eq(map.throughput, nil)
eq(map.num_samples, nil)
eq(map.local_throughput, "0")
eq(select(2, r:csv():gsub("\n", "")), 0)

--# throughput has the unit that was asked for
for unit, want in pairs{ b = "960000000.00 bits/s", Gb = "0.96 Gbit/s", MB = "120.00 MB/s", KiB = "117187.50 KiB/s",
	["auto-b"] = "960.00 Mbit/s", ["auto-iB"] = "114.44 MiB/s", m = "960.00 10^6bits/s" } do
	local opt = parse{ role = "both", workload = "tcp_stream", throughput_opt = unit }
	local r = result_of(opt, stream("server", 0, 0, 120000000))
	eq(r.throughput_text .. " " .. r.throughput_units, want)
end

--# datagrams that were sent and not received are lost, where both ends are known
local opt = parse{ role = "both", workload = "udp_stream", buffer_size = 1000, thresholds = "lost<=10" }
local r = result_of(opt, stream("client", 0, 5000000, 0), stream("server", 0, 0, 4900000))
eq(r.datagrams.sent, 5000)
eq(r.datagrams.received, 4900)
eq(r.lost, 100)
eq(r.failed[1], "lost<=10: 100")
eq(read(r:keyvals()).lost, "100")
eq(result_of(opt, stream("client", 0, 1000, 0), stream("server", 0, 0, 3000)).lost, 0)
local opt = parse{ role = "client", workload = "udp_stream" }
eq(result_of(opt, stream("client", 0, 1000, 0)).datagrams, nil)

--# the lines have neper's keys, in its order and formats
local opt = parse{ role = "client", percentiles = { 50, "99.9" } }
local r = result_of(opt, client(opt, 0, 33010))
local map, keys = read(r:keyvals())
eq(table.concat(keys, " "), "invalid_secret_count time_start utime_start utime_end stime_start stime_end maxrss_start "
	.. "maxrss_end minflt_start minflt_end majflt_start majflt_end nvcsw_start nvcsw_end nivcsw_start nivcsw_end "
	.. "num_transactions latency_min latency_max latency_mean latency_stddev latency_p50 latency_p99.9 num_samples "
	.. "time_end correlation_coefficient throughput local_throughput remote_throughput errors unanswered")
eq(map.time_start, "100.000000000")
eq(map.time_end, "101.000000000")
eq(map.utime_end, "0.000000")
eq(map.nvcsw_end, "0")
eq(map.num_transactions, "33010")
eq(map.latency_mean, "0.000010000")
eq(map["latency_p99.9"], "0.000010000")
eq(map.num_samples, "5")
eq(map.correlation_coefficient, "1.00")
eq(map.throughput, "33010.00")
eq(map.local_throughput, "33010")
eq(map.remote_throughput, "0")

--# processors that workers may have come first, as neper tells them
local opt = parse{ role = "client", pin_cpu = true }
for text, cpus in pairs{ ["0"] = { 0 }, ["0-3,5,7-8"] = { 0, 1, 2, 3, 5, 7, 8 }, ["2,4"] = { 2, 4 } } do
	local r = results.new{ options = opt, role = "client", begin_ns = 5, end_ns = 6, workers = {}, cpus = cpus }
	local map, keys = read(r:keyvals())
	eq(map.allowed_cores, text)
	eq(map.allowed_core_num, tostring(#cpus))
	eq(keys[1] .. " " .. keys[2], "allowed_core_num allowed_cores")
end

--# the options come before them, all of them lines of that form
local map, keys = read(result_of(parse{ thresholds = "errors<=3,latency.p99<1s" }):dump())
eq(keys[1], "VERSION")
eq(keys[#keys], "total_run_time")
eq(map.num_flows, "1")
eq(map.interval, "1.000000")
eq(map.thresholds, "errors le 3,latency.p99 lt 1s")

--# with a rate there are latencies from the time at which requests are due as well
local opt = parse{ role = "client", rate = 1000, percentiles = 50 }
local worker = client(opt, 0, 1000)
worker.response = hist(1 * MS, 3 * MS)
worker.counts.late, worker.counts.skipped = 4, 5
local r = result_of(opt, worker)
eq(r.response.count, 2)
eq(r.response.min, 1 * MS)
local map = read(r:keyvals())
eq(map.response_latency_min, "0.001000000")
eq(map.late_count, "4")
eq(map.skipped_count, "5")
assert(map["response_latency_p50"])
-- No key is there twice.
read(r:dump() .. "\n" .. r:keyvals())

--# requests without a response at the end are those of all workers, in every form
local opt = parse{ role = "client", num_threads = 2, num_flows = 2, thresholds = "unanswered<3" }
local a, b = client(opt, 0, 1000), client(opt, 1, 1000)
a.counts.unanswered, b.counts.unanswered = 1, 2
for i = 1, 5 do a.snapshots[i].unanswered, b.snapshots[i].unanswered = i, 2 end
local r = result_of(opt, a, b)
eq(r.unanswered, 3)
eq(r.workers[1].unanswered, 1)
eq(r.failed[1], "unanswered<3: 3")
eq(r.snapshots[4].unanswered, 6)
eq(statistics.delta(r.snapshots[4], r.snapshots[3], 0).unanswered, nil)
eq(read(r:keyvals()).unanswered, "3")
assert(r:json():find('"unanswered":3.*"workers":.*"unanswered":1.*"unanswered":2'))
eq(read(result_of(parse{ role = "client", workload = "tcp_stream" }):keyvals()).unanswered, nil)

--# CSV has neper's columns and a row for each worker and interval, in the order of time
local opt = parse{ role = "client", num_threads = 2, num_flows = 2, percentiles = { 50, "99.9" } }
local rows, columns = rows_of(result_of(opt, client(opt, 0, 10000), client(opt, 1, 20000)):csv())
eq(table.concat(columns, ","), "tid,flow_id,time,transactions,transactions/s,utime,stime,maxrss,minflt,majflt,nvcsw,"
	.. "nivcsw,latency_min,latency_mean,latency_max,latency_stddev,latency_p50,latency_p99.9")
eq(#rows, 10)
eq(rows[1].tid, "0")
eq(rows[2].tid, "1")
eq(rows[1].flow_id, "-1")
eq(rows[1].time, "100.200000000")
eq(rows[10].time, "101.000000000")
eq(rows[3].transactions, "4000")
eq(rows[3]["transactions/s"], "10000.00")
eq(rows[4]["transactions/s"], "20000.00")
eq(rows[1].latency_mean, "0.000010000")
eq(rows[1]["latency_p99.9"], "0.000010000")
local opt = parse{ role = "server", workload = "tcp_stream" }
rows, columns = rows_of(result_of(opt, stream("server", 0, 0, 5000)):csv())
eq(table.concat(columns, ","), "tid,flow_id,time,bytes_read,bytes_read/s,utime,stime,maxrss,minflt,majflt,nvcsw,nivcsw")
eq(rows[5].bytes_read, "5000")
eq(rows[5]["bytes_read/s"], "5000.00")

--# JSON has the result with stable keys, in order, and integers
local opt = parse{ role = "client", percentiles = 50, thresholds = "errors==1" }
local text = result_of(opt, client(opt, 0, 1000)):json()
for _, part in ipairs{ '"workload":"tcp_rr"', '"role":"client"', '"ok":false', '"failed":["errors==1: 0"]',
	'"throughput":1000.00,"throughput_units":"transactions/s"', '"transactions":1000', '"duration_ns":1000000000',
	'"correlation":1.00', '"percentiles_ns":{"50":10000}', '"mean_ns":10000', '"buckets":[[9984,10111,1000]]',
	'"error_list":[]',
	'"latency_mean_ns":10000', '"latency_count":200', '"num_flows":"1"', '"workers":[{' } do
	assert(text:find(part, 1, true), part)
end
assert(text:find('"transactions":.*"workers":.*"workload":'))
assert(not text:find("\n"))

--# JSON of strings is valid, whatever is in them
eq(json.encode{ a = "\1\"\\\n\127\xff" }, '{"a":"\\u0001\\"\\\\\\n\\u007f\\u00ff"}')
eq(json.encode{ "\u{20ac}" }, '["\u{20ac}"]')
eq(json.encode{ z = 1, a = { true, false }, m = {}, l = json.array{}, n = json.number("1.50") },
	'{"a":[true,false],"l":[],"m":{},"n":1.50,"z":1}')
eq(json.encode(math.mininteger), "-9223372036854775808")
eq(json.encode(nil), "null")
raises("a key is a number", json.encode, { a = 1, [7] = 2 })
raises("no function can be encoded", json.encode, { print })
local loop = {}
loop[1] = loop
raises("hold themselves", json.encode, loop)

--# thresholds are met or not, each by what was measured
local function failed(list, change)
	local opt = parse{ role = "client", thresholds = list }
	local worker = client(opt, 0, 30000)
	for key, value in pairs(change or {}) do worker.counts[key] = value end
	local r = result_of(opt, worker)
	eq(r.ok, #r.failed == 0)
	return table.concat(r.failed, "; ")
end
eq(failed{ "latency.p99<2ms", "latency.mean<=10us", "latency.max>=10us", "latency.min==10us", "latency.stddev<1us",
	"errors==0", "rate>29999.9", "throughput>=30000", "throughput>400Kb", "sent<1MiB", "connects!=3" }, "")
eq(failed{ "latency.p99.9<10us" }, "latency.p99.9<10us: 10.0us")
eq(failed{ "rate>30000" }, "rate>30000: 30000.00")
eq(failed{ "throughput>1Gb" }, "throughput>1Gb: 480000bit/s")
eq(failed({ "errors==0", "errors.connect==0", "errors.recv==0" },
	{ errors = { { cause = "connect", code = 111, name = "ECONNREFUSED", count = 3 } } }),
	"errors==0: 3; errors.connect==0: 3")
local opt = parse{ role = "client", thresholds = "latency.p99<2ms" }
eq(result_of(opt, { role = "client", id = 0, counts = counts{}, latency = histogram() }).failed[1],
	"latency.p99<2ms: nothing was measured")

--# counts with all their bits do not overflow
local opt = parse{ role = "both", workload = "tcp_stream", throughput_opt = "GiB" }
local most = math.maxinteger // 8
local r = result_of(opt, { role = "server", id = 0, counts = counts{ received = most }, snapshots = {
	statistics.snapshot(100 * S + 1, counts{ received = most }), statistics.snapshot(101 * S, counts{ received = most }),
} })
eq(r.throughput, most * 8 // (8 << 30))
eq(r.bits_per_second, most * 8)
assert(r:csv():find("," .. most .. ",", 1, true))
local h = hist(math.maxinteger)
local snap = statistics.snapshot(1, counts{}, h, { "50" })
eq(statistics.merge{ snap, snap }.latency_mean, snap.latency_mean // 2 * 2)
local opt = parse{ role = "client" }
local r = result_of(opt, { role = "client", id = 0, counts = counts{ transactions = 1 }, latency = h })
assert(r:keyvals():find("latency_max=9223372036.854775807", 1, true))

--# the mean and the deviation of parts are those of all
local a, b = hist(10, 20, 30), hist(100)
local function snap(time, transactions, h)
	return statistics.snapshot(time, counts{ transactions = transactions }, h, { "50" })
end
local sum = statistics.merge{ snap(5, 3, a), snap(7, 1, b), snap(6, 0, histogram()) }
eq(sum.time_ns, 7)
eq(sum.transactions, 4)
eq(sum.latency_count, 4)
eq(sum.latency_min, 10)
eq(sum.latency_max, 100)
eq(sum.latency_percentiles["50"], 100)
assert(math.abs(sum.latency_mean - 40) <= 2)
assert(math.abs(sum.latency_stddev - 35) <= 2, sum.latency_stddev)

--# how even the work was is told by the correlation
local function correlation(points) return statistics.correlation(points) end
eq(correlation{ { 1, 5 }, { 2, 10 }, { 3, 15 } }, 100)
eq(correlation{ { 1, 0 }, { 2, 0 }, { 3, 30 } }, 80)
eq(correlation{ { 1 * S, 30 }, { 2 * S, 30 }, { 3 * S, 30 } }, 93)
eq(correlation{ { 1, 0 } }, 0)
eq(correlation{}, 0)
eq(correlation{ { math.maxinteger, math.maxinteger }, { math.maxinteger // 2, math.maxinteger // 2 } }, 100)

--# what was sampled before the time that counts is not there
local opt = parse{ role = "client" }
local worker = client(opt, 0, 1000)
table.insert(worker.snapshots, 1, statistics.snapshot(99 * S, counts{}))
local r = result_of(opt, worker)
eq(#r.snapshots, 5)
eq(#r.workers[1].snapshots, 5)
eq(#rows_of(r:csv()), 5)

--# a worker that has ended stays in the sums of later intervals
local opt = parse{ role = "client", num_threads = 2, num_flows = 2 }
local short, long = client(opt, 0, 1000), client(opt, 1, 1000)
short.snapshots = { short.snapshots[1], short.snapshots[2] }
local r = result_of(opt, short, long)
eq(#r.snapshots, 5)
eq(r.snapshots[5].transactions, 400 + 1000)
eq(r.snapshots[5].latency_count, 200)

--# intervals of workers are paired by their numbers, whatever is missing
local opt = parse{ role = "client", num_threads = 2, num_flows = 2 }
local a, b = client(opt, 0, 1000), client(opt, 1, 1000)
for i = 1, 5 do a.snapshots[i].interval, b.snapshots[i].interval = i, i end
table.remove(a.snapshots, 4)
table.remove(b.snapshots, 1)
local r = result_of(opt, a, b)
local list = {}
for i, snap in ipairs(r.snapshots) do list[i] = ("%d:%d"):format(snap.interval, snap.transactions) end
eq(table.concat(list, " "), "1:200 2:800 3:1200 4:1400 5:2000")
eq(r.snapshots[4].latency_count, 200)

--# what was done in the warm-up is not there when it is over
local opt = parse{ role = "client" }
local function snap(time, transactions, warm)
	local one = statistics.snapshot(time, counts{ transactions = transactions }, hist(5), { "50" })
	one.warm = warm
	return one
end
local before, after = snap(10, 500, false), snap(20, 3, true)
local delta = statistics.delta(after, before, 15)
eq(delta.transactions, 3)
eq(delta.time_ns, 5)
eq(statistics.delta(before, snap(5, 100, false), 0).transactions, 400)
local sum = statistics.merge{ before, after }
eq(sum.transactions, 3)
eq(sum.latency_count, 1)
eq(sum.warm, true)
eq(statistics.merge{ before, before }.transactions, 1000)

--# a client of TCP that got nothing done has failed, and other roles have not
for workload, why in pairs{
	tcp_rr = "transactions>0: no transaction was completed", tcp_stream = "bytes>0: nothing was moved",
} do
	for _, role in ipairs{ "client", "both" } do
		local r = result_of(parse{ workload = workload, role = role })
		eq(r.ok, false)
		eq(r.failed[1], why)
	end
	eq(result_of(parse{ workload = workload, role = "server" }).ok, true)
end
local opt = parse{ workload = "tcp_stream", role = "client", split_bidir = true }
eq(result_of(opt, stream("client", 0, 1000, 0)).ok, true)
eq(result_of(parse{ workload = "udp_rr", role = "client" }).ok, true)

--# errors of control connections are among the errors
local opt = parse{ role = "server", thresholds = "errors.control==0" }
local r = results.new{ options = opt, role = "server", begin_ns = 5, end_ns = 5, workers = {},
	errors = { { cause = "control", code = 104, name = "ECONNRESET", count = 1, text = "it has gone" } } }
eq(r.errors, 1)
eq(r.causes.control, 1)
eq(r.failed[1], "errors.control==0: 1")
assert(r:json():find('"name":"ECONNRESET","text":"it has gone"', 1, true))

--# a run in which nothing happened has a result
for _, workload in ipairs{ "tcp_rr", "udp_stream" } do
	for _, role in ipairs{ "client", "server", "both" } do
		local r = result_of(parse{ workload = workload, role = role, rate = 1 })
		eq(r.transactions, 0)
		eq(r.throughput, 0)
		eq(r.correlation, "0.00")
		read(r:keyvals())
		assert(#r:json() > 0 and #r:csv() > 0)
	end
end
local opt = parse()
local r = results.new{ options = opt, role = "server", begin_ns = 5, end_ns = 5, workers = {} }
eq(r.duration_ns, 1)

--# TCP_INFO is in the snapshots of all workers together, and among the lines
local opt = parse{ role = "client", tcp_info = true, num_threads = 2, num_flows = 4 }
local a, b = client(opt, 0, 10), client(opt, 1, 10)
a.info = { flows = 1, rtt = 100, rttvar = 1, snd_cwnd = 10, snd_mss = 1000, total_retrans = 2 }
b.info = { flows = 3, rtt = 200, rttvar = 1, snd_cwnd = 10, snd_mss = 1000, total_retrans = 3 }
for _, worker in ipairs{ a, b } do
	for _, snap in ipairs(worker.snapshots) do snap.info = worker.info end
end
local r = result_of(opt, a, b)
eq(r.snapshots[5].info.rtt, 175)
eq(r.snapshots[5].info.total_retrans, 5)
assert(r:json():find('"tcp_info":{"flows":4,"rtt":175', 1, true))
local map = read(r:keyvals())
eq(map.tcp_info_flows, "4") eq(map.tcp_info_rtt, "175") eq(map.tcp_info_snd_mss, "1000")
eq(map.tcp_info_total_retrans, "5")
eq(read(result_of(parse{ role = "client" }):keyvals()).tcp_info_rtt, nil)

--# means of TCP_INFO count each flow once
local opt = parse{ role = "client", tcp_info = true, num_threads = 2, num_flows = 4 }
local a, b = client(opt, 0, 10), client(opt, 1, 10)
a.info, b.info = { flows = 1, rtt = 100, snd_cwnd = 10 }, { flows = 3, rtt = 200, snd_cwnd = 10 }
local r = result_of(opt, a, b)
eq(r.tcp_info.rtt, 175)
eq(r.tcp_info.flows, 4)
eq(r.tcp_info.snd_cwnd, 10)
eq(r.workers[2].info.rtt, 200)

--# a line of progress tells of an interval
local opt = parse{ role = "client" }
local before = statistics.snapshot(101 * S, counts{ transactions = 1000, sent = 1000, received = 1000 })
local now = statistics.snapshot(103 * S, counts{ transactions = 61000, sent = 61000, received = 61000, lost = 2,
	errors = { { cause = "recv", code = 104, name = "ECONNRESET", count = 3 } } }, hist(10 * US), { "50", "99" })
now.elapsed_ns = 3 * S
local delta = statistics.delta(now, before)
eq(delta.time_ns, 2 * S)
eq(delta.transactions, 60000)
eq(delta.errors, 3)
eq(progress.line(now, delta), "    3.0s  30000/s  0.24 Mbit/s  p50 10.0us  p99 10.0us  errors 3  lost 2")
eq(statistics.delta(before, nil, 100 * S).time_ns, S)
local now = statistics.snapshot(101 * S, counts{ received = 125000000 })
eq(progress.line(now, statistics.delta(now, nil, 100 * S)), "  101.0s  1000.00 Mbit/s  errors 0")
