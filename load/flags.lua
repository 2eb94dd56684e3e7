-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- All options: one line each. Everything that is said of an option elsewhere (what is accepted, what is
-- printed, what the documentation lists) comes from here.
--
-- name; short letter; kind (load/values.lua) and what that needs to know: least, most, unit of a bare number, choices;
-- default (a table: by workload); unused: accepted, and why it changes nothing; refused: why it is not there;
-- zero: 0 is allowed, too; since: "ours", or else neper; help.

local FLOWS, MESSAGE, BUFFER = 1 << 20, 1 << 30, 1 << 24	-- load/engine.h

local flags = {}

flags.workloads = { "tcp_rr", "tcp_crr", "tcp_stream", "udp_rr", "udp_stream" }

flags.list = {
	{ name = "magic", kind = "count", least = 0, most = (1 << 31) - 1, default = 42,
		help = "what control connections begin with" },
	{ name = "maxevents", kind = "count", least = 1, most = 1 << 20, default = 1000,
		unused = "an engine takes what is ready as it comes", help = "events of one wait" },
	{ name = "num_flows", short = "F", kind = "count", least = 1, most = FLOWS, default = 1,
		help = "connections, or UDP sockets, of all threads together" },
	{ name = "num_threads", short = "T", kind = "count", least = 1, most = 1024, default = 1, help = "worker threads" },
	{ name = "num_clients", kind = "count", least = 1, most = 1024, default = 1,
		help = "clients that a server waits for" },
	{ name = "listen_backlog", kind = "count", least = 1, most = 65535, default = 128,
		help = "connections that wait to be accepted" },
	{ name = "suicide_length", short = "s", kind = "duration", unit = "s", default = 0,
		help = "when the run is given up, whatever happens; 0: never" },
	{ name = "source_port", kind = "port", least = -1, default = -1,
		help = "port of the first flow, the next flows have the next ones; -1: the kernel chooses" },
	{ name = "discard", kind = "count", least = 0, most = 1000000,
		refused = "warmup leaves out the beginning, by time", help = "how many first samples of a thread are left out" },
	{ name = "busywait", kind = "count", least = 0, most = (1 << 31) - 1, default = 0,
		unused = "an engine waits only for what is there to come", help = "ns that a wait spins" },
	{ name = "stime_use_proc", short = "S", kind = "bool", default = false,
		unused = "no processor times are measured", help = "system time of all processors" },
	{ name = "ipv4", short = "4", kind = "bool", default = false, help = "addresses are of IPv4" },
	{ name = "ipv6", short = "6", kind = "bool", default = false, help = "addresses are of IPv6" },
	{ name = "client", short = "c", kind = "bool", default = false, help = "the role is client" },
	{ name = "debug", short = "d", kind = "bool", default = false, help = "sets SO_DEBUG" },
	{ name = "dry_run", short = "n", kind = "bool", default = false, help = "only checks and prints the options" },
	{ name = "pin_cpu", short = "U", kind = "bool", default = false,
		help = "each worker stays on a processor of its own, as far as there are enough" },
	{ name = "logtostderr", kind = "bool", default = false, unused = "there is one log", help = "where the log goes" },
	{ name = "nolog", kind = "bool", default = false, unused = "there is one log", help = "no log" },
	{ name = "nonblocking", kind = "bool", default = false, unused = "an engine never waits in a call",
		help = "sockets do not block" },
	{ name = "optimistic", kind = "bool", default = false,
		unused = "an engine sends without asking for room before", help = "a server answers without a wait for room" },
	{ name = "freebind", kind = "bool", default = false, help = "sets IP_FREEBIND" },
	{ name = "interval", short = "I", kind = "duration", unit = "s", least = 1000000, default = "1s",
		help = "time between two samples" },
	{ name = "max_pacing_rate", short = "m", kind = "bandwidth", default = 0,
		help = "SO_MAX_PACING_RATE: bytes per second; 0: no limit" },
	{ name = "mark", short = "M", kind = "count", least = 0, most = (1 << 32) - 1, default = 0, help = "SO_MARK" },
	{ name = "local_hosts", short = "L", kind = "hosts", help = "addresses of clients, which flows take by turns" },
	{ name = "host", short = "H", kind = "host", help = "address of the server" },
	{ name = "control_port", short = "C", kind = "port", least = 0, default = 12866,
		help = "port of control connections; 0: there are none" },
	{ name = "port", short = "P", kind = "port", least = 0, default = 12867,
		help = "first port of the workload; 0: any that is free, with role=\"both\"" },
	{ name = "all_samples", short = "A", kind = "file", bare = "samples.csv",
		help = "file to which luadrv load writes the samples of each interval as CSV" },
	{ name = "time_wait", kind = "bool", default = false,
		help = "connections close with FIN, and not at once with RST" },
	{ name = "iostat_ms", kind = "duration", unit = "ms", least = 1000000, zero = true, default = 0,
		help = "a line of progress that often; 0: none" },
	{ name = "wait_start", kind = "duration", unit = "s", default = 0, help = "how long a client waits before it begins" },

	{ name = "num_ports", kind = "count", least = 1, most = 1024, default = 1,
		help = "ports of the server, which flows take by turns" },
	{ name = "tcp_fastopen", short = "X", kind = "bool", default = false, help = "TCP Fast Open" },
	{ name = "pin_numa", short = "N", kind = "bool", refused = "pin_cpu=true keeps workers where they are",
		help = "workers stay on a node" },
	{ name = "tcp_tx_delay", short = "t", kind = "count", least = 0, most = (1 << 31) - 1, default = 0,
		help = "TCP_TX_DELAY in us" },
	{ name = "congestion_control", kind = "name", help = "TCP_CONGESTION: the name of a congestion control" },
	{ name = "no_delay", kind = "bool", default = false, help = "sets TCP_NODELAY" },
	{ name = "no_cork", kind = "bool", default = false,
		help = "parts of a message go out at once, without MSG_MORE" },

	{ name = "request_size", short = "Q", kind = "size", least = 1, most = MESSAGE, default = 1,
		help = "bytes of a request" },
	{ name = "response_size", short = "R", kind = "size", least = 1, most = MESSAGE, default = 1,
		help = "bytes of a response" },
	{ name = "percentiles", short = "p", kind = "percentiles", default = "", help = "of latencies, that are reported" },
	{ name = "test_length", short = "l", kind = "length", default = "10s",
		help = "how long it takes; negative: how many transactions, of rr and crr; " ..
			"0: a server without control connections serves until Ctrl-C" },
	{ name = "buffer_size", short = "B", kind = "size", least = 1, most = BUFFER,
		default = { rr = 65536, crr = 65536, tcp_stream = 16384, udp_stream = 1400 },
		help = "bytes that one call moves at most; of udp_stream, those of a datagram" },
	{ name = "log_rtt", kind = "file", bare = "rtt_samples.txt",
		help = "latencies are kept one by one; luadrv load writes them to this file" },
	{ name = "logrtt_entries_per_flow", kind = "count", least = 1, most = 1000000, default = 10000,
		help = "how many of them, the last ones; a thread's flows share their places" },

	{ name = "edge_trigger", short = "E", kind = "bool", default = false,
		unused = "a ready socket is read until it is empty, in turn with the others", help = "events of edges" },
	{ name = "reuseaddr", short = "R", kind = "bool", default = false, help = "sets SO_REUSEADDR" },
	{ name = "zerocopy", short = "Z", kind = "bool", default = false,
		unused = "there is no user space to copy from", help = "sets MSG_ZEROCOPY" },
	{ name = "throughput_opt", kind = "unit", default = "Mb", help = "unit of the throughput" },

	{ name = "delay", short = "D", kind = "duration", unit = "ns", default = 0,
		help = "time from one request of a flow to the next one; of streams, from one write of a thread" },
	{ name = "async_connect", kind = "bool", default = { tcp_rr = false, tcp_crr = true, tcp_stream = false },
		unused = "an engine connects all flows at the same time", help = "connect() without a wait" },
	{ name = "noburst", kind = "duration", unit = "ns", default = 0,
		help = "time from one request of any flow to the next one" },
	{ name = "skip_rx_copy", kind = "bool", default = false, help = "what is received is dropped: MSG_TRUNC" },
	{ name = "rx_zerocopy", short = "z", kind = "bool", default = false,
		unused = "there is no user space to map it to", help = "what is received is mapped" },
	{ name = "enable_read", short = "r", kind = "bool", default = false, alias = "read",
		help = "this side reads; a server does by default" },
	{ name = "enable_write", short = "w", kind = "bool", default = false, alias = "write",
		help = "this side writes; a client does by default" },
	{ name = "split_bidir", kind = "bool", default = false,
		help = "both directions, over two connections per flow" },
	{ name = "enable_tcp_maerts", short = "M", kind = "bool", default = false, alias = "reversed",
		help = "the server writes and the client reads" },

	{ name = "help", short = "h", kind = "bool", default = false, help = "prints the options" },
	{ name = "version", short = "v", kind = "bool", default = false, help = "prints the version" },
	{ name = "workload", kind = "choice", choices = flags.workloads, default = "tcp_rr", since = "ours",
		help = "what the flows do" },
	{ name = "role", kind = "choice", choices = { "client", "server", "both" }, default = "server", since = "ours",
		help = "what this script is; both: a server and its client, without a control connection" },
	{ name = "server", kind = "bool", default = false, since = "ours", help = "the role is server" },
	{ name = "warmup", kind = "duration", unit = "s", default = 0, since = "ours",
		help = "time at the beginning that does not count, and comes before test_length and stages" },
	{ name = "rate", kind = "rate", since = "ours",
		help = "requests per second, of all workers together; of streams writes, of each side that writes" },
	{ name = "stages", kind = "stages", since = "ours",
		help = "{ {length, rate}, ... }: in that time the rate goes evenly from the last one to this one" },
	{ name = "late", kind = "choice", choices = { "catchup", "skip" }, default = "catchup", since = "ours",
		help = "what becomes of requests for which no flow was free in time" },
	{ name = "outstanding", kind = "count", least = 1, most = 1024, default = 1, since = "ours",
		help = "requests under way of one flow" },
	{ name = "timeout", kind = "duration", unit = "s", default = { udp_rr = "1s", tcp_rr = 0, tcp_crr = 0 },
		since = "ours", help = "after which a response counts as lost, or its connection as failed; 0: never" },
	{ name = "thresholds", kind = "thresholds", default = "", since = "ours",
		help = "{ \"latency.p99<2ms\", \"errors==0\" }: what the result must be" },
	{ name = "tcp_info", kind = "bool", default = false, since = "ours", help = "means of TCP_INFO at each interval" },
	{ name = "on_interval", kind = "callback", since = "ours",
		help = "function(snapshot, delta), called at each interval" },
	{ name = "seed", kind = "count", least = 0, most = math.maxinteger, default = 0, since = "ours",
		help = "of the bytes that are sent; 0: random" },
}

-- Which options there are, in neper's order: of all workloads, of a protocol, of a kind, of one workload.
flags.groups = {
	all = "magic maxevents num_flows num_threads num_clients listen_backlog suicide_length source_port discard "
		.. "busywait stime_use_proc ipv4 ipv6 client debug dry_run pin_cpu logtostderr nolog nonblocking optimistic "
		.. "freebind interval max_pacing_rate mark local_hosts host control_port port all_samples time_wait iostat_ms "
		.. "wait_start",
	tcp = "num_ports tcp_fastopen pin_numa tcp_tx_delay congestion_control no_delay no_cork",
	rr = "request_size response_size percentiles test_length buffer_size log_rtt logrtt_entries_per_flow",
	stream = "test_length edge_trigger reuseaddr zerocopy throughput_opt",
	tcp_rr = "delay async_connect noburst",
	tcp_crr = "async_connect",
	tcp_stream = "delay buffer_size skip_rx_copy rx_zerocopy enable_read enable_write split_bidir enable_tcp_maerts "
		.. "async_connect",
	udp_rr = "delay",
	udp_stream = "delay buffer_size",
}
local OURS = "help version workload role server warmup rate stages late thresholds on_interval seed"
flags.ours = {
	tcp_rr = OURS .. " outstanding timeout tcp_info", tcp_crr = OURS .. " timeout tcp_info",
	tcp_stream = OURS .. " tcp_info", udp_rr = OURS .. " outstanding timeout", udp_stream = OURS,
}

-- By name, as others call it too.
flags.named = {}
for _, flag in ipairs(flags.list) do
	flag.since = flag.since or "neper"
	flags.named[flag.name] = flag
	if flag.alias then flags.named[flag.alias] = flag end
end

-- "tcp_rr" -> "tcp", "rr"
function flags.parts(workload)
	local protocol, kind = workload:match("^(%a+)_(%a+)$")
	return protocol, kind
end

local of = {}

-- The options of a workload: an array in the order in which they are printed, neper's from the last one to the first
-- as neper does, then ours.
function flags.of(workload)
	if of[workload] then return of[workload] end
	local protocol, kind = flags.parts(workload)
	local list, groups = {}, flags.groups
	local names = table.concat({ groups.all, groups[protocol] or "", groups[kind == "stream" and kind or "rr"],
		groups[workload] }, " ")
	for name in names:gmatch("%S+") do table.insert(list, 1, flags.named[name]) end
	for name in flags.ours[workload]:gmatch("%S+") do list[#list + 1] = flags.named[name] end
	of[workload] = list
	return list
end

-- Whether a workload has an option.
function flags.fits(flag, workload)
	for _, other in ipairs(flags.of(workload)) do
		if other == flag then return true end
	end
	return false
end

-- The option of a short letter: neper has some twice, and the last one that it defines for a workload counts.
function flags.short(letter, workload)
	for _, flag in ipairs(flags.of(workload)) do
		if flag.short == letter then return flag end
	end
end

-- The default of an option.
function flags.default(flag, workload)
	if type(flag.default) ~= "table" then return flag.default end
	local value = flag.default[workload]
	if value ~= nil then return value end
	return flag.default[select(2, flags.parts(workload))]
end

return flags
