-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- load: options: by which names and in which forms they can be given, and what is refused.

local options, flags, units = require "load.options", require "load.flags", require "load.units"
local S = 1000000000

-- Values of each kind: as a word, and what it is then.
local VALUES = {
	bool = { "1", true }, count = { "7", 7 }, size = { "2KiB", 2048 }, port = { "7000", 7000 },
	duration = { "3s", 3 * S }, bandwidth = { "8Mb", 1000000 }, rate = { "1.5", 1500 }, host = { "10.1.2.3", "10.1.2.3" },
	text = { "x", "x" }, name = { "cubic", "cubic" }, unit = { "GiB", "GiB" }, file = { "s.csv", "s.csv" },
}
-- What takes part in more than its own key.
local SPECIAL = { test_length = true, interval = true, iostat_ms = true, ipv6 = true, server = true, wait_start = true,
	num_flows = true }

-- Calls f(flag, workload, word, value) for each option of each workload that has a simple value.
local function each_flag(f)
	for _, workload in ipairs(flags.workloads) do
		for _, flag in ipairs(flags.of(workload)) do
			local pair = VALUES[flag.kind]
			if pair and not flag.refused and not SPECIAL[flag.name] then f(flag, workload, pair[1], pair[2]) end
		end
	end
end

-- What has become of an option: times have keys of their own.
local function value_of(opt, flag)
	return opt[flag.kind == "duration" and flag.name:gsub("_length$", "") .. "_ns" or flag.name]
end

local function parsed(workload, ...) return (options.parse("--workload", workload, "--role=client", "-F9", ...)) end

--# every option can be given by its long name, with - and with _, with = and with a word of its own, and in a table
each_flag(function(flag, workload, word, value)
	local dashed = "--" .. flag.name:gsub("_", "-")
	local function is(opt) assert(value_of(opt, flag) == value, workload .. " " .. flag.name) end
	local name = flag.name
	if name == "client" then return end
	is(parsed(workload, dashed .. "=" .. word))
	is(parsed(workload, "--" .. name .. "=" .. word))
	if flag.kind == "bool" then
		is(parsed(workload, dashed))
	elseif flag.kind ~= "file" then
		is(parsed(workload, dashed, word))
	end
	is(parsed(workload, { [name] = word }))
	is(parsed(workload, { [name] = value == true and true or word }))
	if flag.alias then is(parsed(workload, { [flag.alias] = word })) end
end)

--# every short letter of neper's gives its option, with the value in the same word or in the next one
local seen = 0
each_flag(function(flag, workload, word, value)
	if not flag.short or flags.short(flag.short, workload) ~= flag or flag.name == "client" then return end
	seen = seen + 1
	local function is(opt) assert(value_of(opt, flag) == value, workload .. " -" .. flag.short) end
	if flag.kind == "bool" then return is(parsed(workload, "-" .. flag.short)) end
	is(parsed(workload, "-" .. flag.short .. word))
	if flag.kind ~= "file" then is(parsed(workload, "-" .. flag.short, word)) end
end)
assert(seen > 80)

--# there is every option that neper has, with its letter
local NEPER = [[magic maxevents num_flows/F num_threads/T num_clients listen_backlog suicide_length/s source_port
	discard busywait stime_use_proc/S ipv4/4 ipv6/6 client/c debug/d dry_run/n pin_cpu/U logtostderr nolog nonblocking
	optimistic freebind interval/I max_pacing_rate/m mark/M local_hosts/L host/H control_port/C port/P all_samples/A
	time_wait iostat_ms wait_start num_ports tcp_fastopen/X pin_numa/N tcp_tx_delay/t congestion_control no_delay no_cork request_size/Q response_size/R
	percentiles/p test_length/l buffer_size/B log_rtt logrtt_entries_per_flow edge_trigger/E reuseaddr/R zerocopy/Z
	throughput_opt delay/D async_connect noburst skip_rx_copy rx_zerocopy/z enable_read/r enable_write/w split_bidir
	enable_tcp_maerts/M]]
for name, letter in NEPER:gmatch("([%w_]+)/?(%w?)") do
	local flag = flags.named[name]
	assert(flag and flag.since == "neper" and (flag.short or "") == letter, name)
end

--# a command line of neper's means here what it means there
local opt = options.parse{ "-c", "-H", "10.0.0.1", "-F", "10", "-T2", "-l", "-30", "--percentiles=25,50,999", "-A",
	"-Q", "100", "-I", "0.5" }
eq(opt.workload, "tcp_rr")
eq(opt.role, "client")
eq(opt.host, "10.0.0.1")
eq(opt.num_flows, 10)
eq(opt.num_threads, 2)
eq(opt.transactions, 30)
eq(opt.test_length_ns, nil)
eq(table.concat(opt.percentiles, " "), "25 50 99.9")
eq(opt.all_samples, "samples.csv")
eq(opt.request_size, 100)
eq(opt.printed_interval_ns, S // 2)

--# several letters can share a word
local opt = options.parse("--workload=tcp_stream", "-cUrwF5")
eq(opt.client and opt.pin_cpu and opt.enable_read and opt.enable_write, true)
eq(opt.num_flows, 5)

--# letters that neper has twice go by the workload
eq(parsed("tcp_stream", "-M").enable_tcp_maerts, true)
eq(parsed("tcp_rr", "-M", "5").mark, 5)
eq(parsed("tcp_stream", "-R").reuseaddr, true)
eq(parsed("udp_rr", "-R", "5").response_size, 5)

--# defaults are neper's
for workload, size in pairs{ tcp_rr = 65536, tcp_crr = 65536, udp_rr = 65536, tcp_stream = 16384, udp_stream = 1400 } do
	local opt = options.parse{ workload = workload }
	eq(opt.buffer_size, size)
	eq(opt.role, "server")
	eq(opt.host, "0.0.0.0")
	eq(opt.port, 12867)
	eq(opt.control_port, 12866)
	eq(opt.num_flows, 1)
	eq(opt.test_length_ns, 10 * S)
	eq(opt.interval_ns, S)
	eq(opt.listen_backlog, 128)
	eq(opt.source_port, nil)
end
eq(options.parse().workload, "tcp_rr")
eq(options.parse{ "-c" }.host, "127.0.0.1")
eq(options.parse{ "-c6" }.host, "::1")
eq(options.parse{ "-6" }.family, "inet6")
eq(options.parse{ "-46" }.family, "inet")
eq(options.parse{ role = "client", host = "fe80::1%eth0" }.family, "inet6")

--# of several tables and words the last one that says it counts; in a table its words do
local opt = options.parse({ num_flows = 3, num_threads = 3 }, "-F", "4", { num_threads = 2, "-T", "1" })
eq(opt.num_flows, 4)
eq(opt.num_threads, 1)
eq(opt.given.num_flows, true)
eq(opt.given.port, nil)

--# with too few intervals there are more, as with neper
eq(options.parse{ test_length = 4 }.interval_ns, S // 5)
eq(options.parse{ test_length = 5 }.interval_ns, S)
eq(options.parse{ test_length = -100 }.interval_ns, S // 5)
eq(options.parse{ test_length = "100ms" }.interval_ns, S // 50)
eq(options.parse{ test_length = "2ms", interval = 3 }.interval_ns, 1000000)

--# an interval that is given counts where the length of the run is not known
eq(options.parse{ test_length = -100, interval = "1h" }.interval_ns, 3600 * S)

--# durations, sizes and rates have units
eq(units.duration("13us", "s"), 13000)
eq(units.duration("1.5ms", "s"), 1500000)
eq(units.duration("2m", "s"), 120 * S)
eq(units.duration("1h", "s"), 3600 * S)
eq(units.duration("0.000000001", "s"), 1)
eq(units.duration(" 7 ns ", "s"), 7)
eq(units.duration(12, "ns"), 12)
eq(units.size("64KiB"), 65536)
eq(units.size("1.5K"), 1536)
eq(units.size("2MB"), 2000000)
eq(units.bits("10Mb"), 10000000)
eq(units.bits("1KiB"), 8192)
eq(units.bits("100"), 800)
eq(units.thousandths("30k"), 30000000)
eq(units.thousandths("0.5"), 500)
for _, text in ipairs{ "", "x", "1x", "1.2.3", "-1", "1 s s", ".", "0x10", "1e3", "999999999999999999h" } do
	eq(units.duration(text, "s"), nil)
end
eq(units.duration({}, "s"), nil)

--# the greatest numbers fit, and greater ones are none
eq(units.duration("9223372036s", "s"), 9223372036 * S)
eq(units.duration("9223372036.854775807", "s"), math.maxinteger)
eq(units.duration("9223372036.854775808", "s"), nil)
eq(units.size("8589934591GiB"), 8589934591 << 30)
eq(units.size("8589934592GiB"), nil)

--# integers become texts with decimals
eq(units.fixed(3300984, 2), "33009.84")
eq(units.fixed(-5, 3), "-0.005")
eq(units.fixed(math.maxinteger, 9), "9223372036.854775807")
eq(units.seconds(25), "0.000000025")
eq(units.seconds(math.maxinteger), "9223372036.854775807")
eq(units.seconds(1234567890, 1), "1.2")
eq(units.human(999), "999ns")
eq(units.human(1234), "1.23us")
eq(units.human(12345678), "12.3ms")
eq(units.human(123456789012), "123s")
eq(units.per_second(math.maxinteger, S, 0), math.maxinteger)
eq(units.per_second(math.maxinteger, 1, 2), math.maxinteger)
eq(units.per_second(1, 3 * S, 2), 33)

--# percentiles are texts without zeros that say nothing, in order, each once
local opt = options.parse{ percentiles = { 99, "50", "99.90", "050", "9999", "100", 0, "0.5" } }
eq(table.concat(opt.percentiles, " "), "0 0.5 50 99 99.9 99.99 100")
for _, wrong in ipairs{ "101", "100.1", "x", "-1", "1.2.3", "1000", "." } do
	raises("percentiles: numbers from 0 to 100", options.parse, { percentiles = wrong })
end

--# a rate is shared by the workers, and nothing of it is lost
local opt = options.parse{ role = "client", rate = 1000, num_threads = 3, num_flows = 8, test_length = -100 }
eq(opt.stages[1].from, 1000000)
eq(opt.stages[1].to, 1000000)
local flows, rate, transactions = 0, 0, 0
for id = 0, 2 do
	eq(options.share(opt, "first_flow", id), flows)
	flows = flows + options.share(opt, "num_flows", id)
	rate = rate + options.share(opt, "stages", id)[1].to
	transactions = transactions + options.share(opt, "transactions", id)
end
eq(flows, 8)
eq(rate, 1000000)
eq(transactions, 100)
eq(options.share(opt, "num_flows", 0), 3)
eq(options.share(opt, "num_flows", 2), 2)
eq(options.share(options.parse(), "stages", 0), nil)
eq(options.share(options.parse(), "transactions", 0), nil)

--# stages go on from the rate of the one before, and take as long as they take
for _, stages in ipairs{ { { "2s", 1000 }, { length = "5s", rate = "5k" } }, "2s:1000, 5s:5k" } do
	local opt = options.parse{ stages = stages, rate = 10 }
	eq(#opt.stages, 2)
	eq(opt.stages[1].from, 10000)
	eq(opt.stages[1].to, 1000000)
	eq(opt.stages[2].from, 1000000)
	eq(opt.stages[2].to, 5000000)
	eq(opt.stages[2].length_ns, 5 * S)
	eq(opt.test_length_ns, 7 * S)
	eq(options.parse{ stages = stages, test_length = "1s" }.test_length_ns, S)
	eq(options.parse{ stages = stages }.stages[1].from, 0)
end

--# delay and noburst are rates, too
eq(options.parse{ noburst = "13us" }.stages[1].to, 1000000000000 // 13000)
eq(options.parse{ delay = 1000, num_flows = 4 }.stages[1].to, 4000000000)
eq(options.parse{ workload = "udp_stream", delay = "1ms", num_flows = 4 }.stages[1].to, 1000000)
eq(options.parse{ delay = "3h" }.stages[1].to, 1)
eq(options.parse{ delay = 0 }.stages, nil)

--# who reads and who writes of a stream
local function directions(...)
	local opt = options.parse("--workload=tcp_stream", ...)
	local function is(name) return opt[name] and "y" or "n" end
	return is("client_reads") .. is("client_writes") .. is("server_reads") .. is("server_writes")
end
eq(directions("-c"), "nyyn")
eq(directions("-c", "-r"), "yyyn")
eq(directions("-w"), "nyyy")
eq(directions("-cM"), "ynny")
eq(directions("-M"), "ynny")
eq(directions{ role = "both" }, "nyyn")
eq(directions{ role = "both", read = true }, "yyyy")
eq(directions{ role = "both", reversed = true }, "ynny")
eq(options.parse{ workload = "tcp_stream", split_bidir = true, num_flows = 3 }.num_flows, 6)

--# an unknown option is refused with the nearest one
raises("num_flow: no such option; the nearest one is num_flows", options.parse, { num_flow = 1 })
raises("--tset-length: no such option; the nearest one is test_length", options.parse, { "--tset-length=3" })
raises("-y: no such option of udp_rr", options.parse, { "--workload=udp_rr", "-y" })
raises("hello: not an option", options.parse, { "hello" })
raises("-: not an option", options.parse, { "-" })

--# a wrong value is refused with the option, what is allowed, and what was given
raises('num_flows: an integer from 1 to 1048576 expected, got 0', options.parse, { num_flows = 0 })
raises('num_flows: an integer from 1 to 1048576 expected, got "many"', options.parse, { "-F", "many" })
raises('num_threads: an integer from 1 to 1024 expected, got 1025', options.parse, { num_threads = 1025 })
raises('request_size: bytes, from 1 to 1073741824', options.parse, { request_size = "2GiB" })
raises('buffer_size: bytes, from 1 to 16777216', options.parse, { buffer_size = 0 })
raises('outstanding: an integer from 1 to 1024 expected', options.parse, { outstanding = 1025 })
raises('port: a port from 1 to 65535', options.parse, { port = 65536 })
raises('delay: a duration like "13us"', options.parse, { delay = "soon" })
raises('interval: a duration like "13us", "1.5s" or "2m", 1.00ms or more', options.parse, { interval = "1us" })
for _, input in ipairs{ { test_length = 0 }, { test_length = 0, role = "both" }, { test_length = 0, client = true, host = LO, control_port = 0 } } do
	raises("test_length: only a server without a control port can go on for ever, 0", options.parse, input)
end
eq(options.parse{ test_length = 0, control_port = 0 }.test_length_ns, 0)
raises('host: a numeric address', options.parse, { host = "example.org" })
raises('host: a numeric address', options.parse, { host = "1.2.3.256" })
raises('host: a numeric address', options.parse, { host = "1.2.3.4.5" })
raises('local_hosts: up to 1024 numeric addresses', options.parse, { local_hosts = {} })
raises('client: true or false expected, got "maybe"', options.parse, { client = "maybe" })
raises('client: true or false expected, got a table', options.parse, { client = {} })
raises('workload: one of tcp_rr, tcp_crr, tcp_stream, udp_rr, udp_stream expected', options.parse, { workload = "rr" })
raises('workload: one of', options.parse, { "--workload=x" })
raises('late: one of catchup, skip expected', options.parse, { late = "never" })
raises('rate: a number per second', options.parse, { rate = 0 })
raises('stages: up to 64 pairs', options.parse, { stages = { { "1s" } } })
raises('stages: up to 64 pairs', options.parse, { stages = {} })
raises('max_pacing_rate: bytes per second', options.parse, { max_pacing_rate = "fast" })
raises("throughput_opt: one of neper's units", options.parse, { workload = "tcp_stream", throughput_opt = "Tb" })
raises('congestion_control: a name of at most 15', options.parse, { congestion_control = ("c"):rep(16) })
raises('all_samples: true, or the name', options.parse, { all_samples = "a\nb" })
raises('on_interval: a function expected, got "f"', options.parse, { on_interval = "f" })
raises('-F: needs a value: an integer', options.parse, { "-F" })
raises('--num-flows: needs a value: an integer', options.parse, { "--num-flows" })
raises('--workload: needs a value', options.parse, { "--workload" })

--# progress is told no more often than each ms, or not at all
raises('iostat_ms: a duration like "13us", "1.5s" or "2m", 1.00ms or more, or 0 ', options.parse, { iostat_ms = "1us" })
eq(options.parse{ iostat_ms = 1 }.iostat_ns, 1000000)
eq(options.parse{ iostat_ms = 0 }.iostat_ns, 0)

--# latencies that are kept one by one have places, of which a thread's flows must not need too many
eq(options.parse{ log_rtt = true }.log_rtt, "rtt_samples.txt")
eq(options.parse{}.logrtt_entries_per_flow, 10000)
options.parse{ "-c", log_rtt = true, logrtt_entries_per_flow = 1000000, num_flows = 32, num_threads = 2 }
raises("logrtt_entries_per_flow: 1000000 for each of 17 flows of a thread are more than 16777216", options.parse,
	{ "-c", log_rtt = true, logrtt_entries_per_flow = 1000000, num_flows = 33, num_threads = 2 })

--# stages begin at the end of the warm-up; until then the rate is that of their beginning
local opt = options.parse{ "-c", rate = 10, stages = "1s:30,2s:5", warmup = "3s", num_flows = 2, num_threads = 2 }
local texts = {}
for i, stage in ipairs(options.share(opt, "stages", 0)) do
	texts[i] = ("%d %d-%d"):format(stage.length_ns // S, stage.from, stage.to)
end
eq(table.concat(texts, ", "), "3 5000-5000, 1 5000-15000, 2 15000-2500")

--# a rate can be shared by some of the threads
local opt = options.parse{ "-c", rate = 10, num_flows = 4, num_threads = 4 }
eq(options.share(opt, "stages", 1)[1].to, 2500)
eq(options.share(opt, "stages", 1, 2)[1].to, 5000)

--# what is no option at all is refused
raises("got a number", options.parse, 5)
raises("got a boolean", options.parse, { true })
raises("the name of an option expected, got a table", options.parse, { [{}] = 1 })
raises("the name of an option expected, got a number", options.parse, { [0] = "-c" })

--# options that a workload does not have are refused with those that have it
raises("noburst: not an option of udp_rr, but of tcp_rr", options.parse, { workload = "udp_rr", noburst = 1 })
raises("request_size: not an option of tcp_stream, but of tcp_rr, tcp_crr, udp_rr", options.parse,
	{ workload = "tcp_stream", request_size = 1 })
raises("timeout: not an option of tcp_stream, but of tcp_rr, tcp_crr, udp_rr", options.parse,
	{ workload = "tcp_stream", timeout = 1 })
eq(options.parse{}.timeout_ns, 0)
eq(options.parse{ workload = "udp_rr" }.timeout_ns, S)
raises("outstanding: not an option of tcp_crr", options.parse, { workload = "tcp_crr", outstanding = 2 })
raises("tcp_info: not an option of udp_rr", options.parse, { workload = "udp_rr", tcp_info = true })
raises("pin_numa: not available: pin_cpu", options.parse, { "-N" })

--# options that do not go together are refused
raises("delay, noburst: only one of them", options.parse, { delay = 1, noburst = 1 })
raises("delay, rate: only one of them", options.parse, { delay = 1, rate = 1 })
raises("delay, stages: only one of them", options.parse, { delay = 1, stages = "1s:1" })
raises("num_flows: 1 are fewer than num_threads, 2", options.parse, { "-c", num_threads = 2 })
raises("num_flows: 1 are fewer than local_hosts, 2", options.parse, { "-c", local_hosts = "10.0.0.1,10.0.0.2" })
raises("local_hosts: only clients", options.parse, { local_hosts = "10.0.0.1" })
raises("wait_start: only clients", options.parse, { wait_start = 1 })
raises("source_port, local_hosts: only one", options.parse, { "-c", source_port = 1000, local_hosts = "10.0.0.1" })
raises("source_port: 65535 and the ports of 2 flows", options.parse, { "-c", source_port = 65535, num_flows = 2 })
raises("num_ports: 2 from 65535 on", options.parse, { port = 65535, num_ports = 2 })
raises("port: 0, any free one, is only for role", options.parse, { port = 0 })
raises("client, server: a script is one of them", options.parse, { client = true, server = true })
raises("role: both is given, but client as well", options.parse, { "-c", role = "both" })
raises("host: 10.0.0.1 is not of ipv6", options.parse, { "-6", host = "10.0.0.1" })
raises("local_hosts: ::1 is of another family than host, 127.0.0.1", options.parse, { "-c", local_hosts = "::1" })
raises("test_length: streams have no transactions", options.parse, { workload = "tcp_stream", test_length = -5 })
raises("request_size: a datagram has at most 65507", options.parse, { workload = "udp_rr", request_size = 65508 })
raises("request_size: a datagram has at most 65507 bytes, and at most buffer_size, 10", options.parse,
	{ workload = "udp_rr", request_size = 11, buffer_size = 10 })
raises("buffer_size: a datagram has", options.parse, { workload = "udp_stream", buffer_size = 65508 })
eq(options.parse{ num_threads = 2 }.num_threads, 2)

--# thresholds are checked when they are given
local opt = options.parse{ rate = 5, thresholds = { "latency.p99.9<2ms", "response.max <= 1s", "errors==0",
	"errors.connect != 3", "rate>30k", "throughput>1Gb", "throughput>=12.5", "lost<=10", "received>1MiB" } }
eq(#opt.thresholds, 9)
eq(#options.parse{ "--thresholds", "errors==0,rate>1" }.thresholds, 2)
for _, wrong in ipairs{ "latency.p99", "latency.p101<1s", "latency.p<1s", "latency.median<1s", "latency.p99<2",
	"latency.p99<fast", "speed>1", "errors.magic==0", "errors=0", "errors<>0", "errors==", "rate>x", "" } do
	raises("thresholds: latency.p99<2ms", options.parse, { thresholds = { wrong } })
end
raises("got a number", options.parse, { thresholds = { 5 } })

--# thresholds of what is not measured are refused
raises('thresholds: "latency.p99<1s": streams have no latencies', options.parse,
	{ workload = "tcp_stream", thresholds = "latency.p99<1s" })
raises('thresholds: "rate>1": streams have no transactions', options.parse,
	{ workload = "tcp_stream", thresholds = "rate>1" })
raises('thresholds: "response.p99<1s": there is no rate', options.parse, { thresholds = "response.p99<1s" })

--# on_interval comes as the second result, and the options go to threads
local f = function() end
local opt, on_interval = options.parse{ on_interval = f, rate = 5, thresholds = "errors==0", local_hosts = "10.0.0.1",
	role = "client", percentiles = 50 }
eq(on_interval, f)
eq(opt.on_interval, nil)
local function plain(value)
	assert(type(value) ~= "function" and getmetatable(type(value) == "table" and value or nil) == nil)
	if type(value) == "table" then for _, one in pairs(value) do plain(one) end end
end
plain(opt)

--# the list of options has all that documents need
local known = {}
for _, one in ipairs(options.list()) do
	assert(one.name and one.kind and one.help and one.since and one.allowed and #one.workloads > 0, one.name)
	assert(not known[one.name], one.name)
	known[one.name] = true
end
for _, workload in ipairs(flags.workloads) do
	for _, flag in ipairs(flags.of(workload)) do assert(known[flag.name]) end
	assert(options.help(workload):find("--num-flows", 1, true))
end

--# the options are printed as neper prints them, in its order, then ours
local function dump(...)
	local list, keys = {}, {}
	for i, pair in ipairs(options.dump((options.parse(...)))) do
		list[pair[1]], keys[i] = pair[2], pair[1]
	end
	return list, table.concat(keys, " ")
end
local list, keys = dump{ "-c", "-H", "10.0.0.1", "-F", "10", "-I", "0.25", percentiles = "50,999", delay = "13us" }
assert(keys:find("^VERSION noburst async_connect delay logrtt_entries_per_flow log_rtt buffer_size test_length "
	.. "percentiles response_size request_size"))
assert(keys:find(" port control_port host local_hosts mark max_pacing_rate interval .* num_flows maxevents magic "))
eq(list.client, "1")
eq(list.debug, "0")
eq(list.host, "10.0.0.1")
eq(list.local_hosts, "")
eq(list.interval, "0.250000")
eq(list.delay, "13000")
eq(list.percentiles, "50,99.9")
eq(list.source_port, "-1")
eq(list.test_length, "10")
eq(list.total_run_time, "10")
eq(list.control_port, "12866")
eq(list.pin_numa, nil)
eq(list.log_rtt, "")
eq(list.logrtt_entries_per_flow, "10000")
eq(list.rate, "")
list = dump{ test_length = -30, thresholds = "latency.p99<=2ms,errors==0", rate = "2.5", stages = "1s:3,500ms:4" }
eq(list.test_length, "-30")
eq(list.total_transactions, "30")
eq(list.total_run_time, nil)
eq(list.host, "")
eq(list.thresholds, "latency.p99 le 2ms,errors eq 0")
eq(list.rate, "2.500")
eq(list.stages, "1s:3,0.500000000s:4")
eq(dump{ workload = "tcp_stream" }.throughput_opt, "Mb")
eq(dump{ workload = "tcp_stream", client = true }.enable_write, "1")
eq(dump{ workload = "tcp_stream", client = true }.enable_read, "0")
