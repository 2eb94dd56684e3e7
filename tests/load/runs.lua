-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Runs: all workloads, hooks, collected values, what goes wrong.

local load = require "load"
local WORKLOADS = { "tcp_rr", "tcp_crr", "tcp_stream", "udp_rr", "udp_stream" }
local LO = { inet = "127.0.0.1", inet6 = "::1" }

-- Options of a run of both a client and a server, which is short.
local function both(options)
	local all = { role = "both", workload = "tcp_rr", test_length = options.workload and not
		options.workload:find("stream") and -30 or options.workload and "100ms" or -30 }
	for key, value in pairs(options) do all[key] = value end
	return all
end

-- The sum of a field of the workers of a role.
local function sum(result, role, field)
	local n = 0
	for _, worker in ipairs(result.workers) do
		if worker.role == role then n = n + worker[field] end
	end
	return n
end

-- A client here, and a server in a thread; the results of both.
local function pair(client, server)
	local up = thread.channel()
	local t = thread.spawn(function(options, up)
		up:send(true)
		local result = require("load").run(options)
		return result.transactions, result.bytes, result.remote.throughput, result.invalid_secret_count
	end, server, up)
	up:receive()
	local result = load.run(client)
	return result, select(2, t:join())
end

-- A server and a client in threads of their own, which are busy with each other.
local function far_apart()
	local up = thread.channel()
	local server = thread.spawn(function() require("load").run{ role = "server" } end)
	local client = thread.spawn(function(up)
		local load, told = require("load"), false
		load.client_sendmsg(function(...)
			if not told then
				told = true
				up:send(true)
			end
			return sendmsg(...)
		end)
		load.run{ role = "client", host = "127.0.0.1", test_length = "1h" }
	end, up)
	up:receive()
	return server, client
end

--# each workload runs between a client and a server of one script
for _, workload in ipairs(WORKLOADS) do
	local result = load.run(both{ workload = workload })
	eq(result.ok, true)
	eq(result.workload, workload)
	assert(result.bytes > 0, workload)
	if workload:find("stream") then
		assert(sum(result, "server", "received") > 0, workload)
	else
		eq(result.transactions, 30)
		eq(result.latency.count, 30)
	end
end

--# each workload runs over IPv6, too
for _, workload in ipairs(WORKLOADS) do
	local result = load.run(both{ workload = workload, ipv6 = true })
	assert(result.bytes > 0, workload)
end

--# each workload runs between two scripts, which tell each other their rates
for _, workload in ipairs(WORKLOADS) do
	local result, transactions, bytes, rate, invalid = pair(
		{ role = "client", workload = workload, host = LO.inet, test_length = "200ms" },
		{ role = "server", workload = workload })
	eq(invalid, 0)
	assert(bytes > 0, workload)
	if workload:find("stream") then
		assert(result.remote.throughput > 0, workload)
	else
		assert(transactions >= result.transactions, workload)
		eq(rate, result.throughput)
	end
end

--# transactions end exactly, whatever the number of threads and flows
for _, n in ipairs{ 4, 30, 101 } do
	local result = load.run(both{ test_length = -n, num_threads = 4, num_flows = 10 })
	eq(result.transactions, n)
	eq(sum(result, "client", "transactions"), n)
	eq(#result.workers, 8)
end

--# fewer transactions than threads are an error
raises("load: test_length: 3 transactions are fewer than num_threads, 4", load.run,
	both{ test_length = -3, num_threads = 4, num_flows = 4 })

--# requests and responses have the sizes that are asked for
local result = load.run(both{ request_size = 100000, response_size = 3, buffer_size = 4096, test_length = -5 })
eq(result.sent, 500000)
eq(result.received, 15)

--# several requests of a flow are under way at a time
local result = load.run(both{ outstanding = 8, test_length = -100 })
eq(result.transactions, 100)

--# a server has as many ports as it is told, and flows take them by turns
local ports = load.collect({})
load.client_socket(function(_, addr) ports[#ports + 1] = addr.port end)
load.run(both{ num_ports = 3, num_flows = 6, num_threads = 2, port = 7000, test_length = -12 })
eq(ports.n, 2)
eq(table.concat(ports[1], " "), "7000 7001 7002")
eq(table.concat(ports[2], " "), "7000 7001 7002")

--# hooks run in their order: sockets, then messages, then the end, of both roles
local steps = load.collect({})
local function note(name)
	return function() steps[#steps + 1] = name end
end
local function note_and(name, call)
	return function(sock, msg, flags)
		if steps[#steps] ~= name then steps[#steps + 1] = name end
		return call(sock, msg, flags)
	end
end
client_socket(note("socket"))
server_socket(note("socket"))
client_close(note("close"))
server_close(note("close"))
client_sendmsg(note_and("send", sendmsg))
server_sendmsg(note_and("send", sendmsg))
client_recvmsg(note_and("recv", recvmsg))
server_recvmsg(note_and("recv", recvmsg))
steps[1][1] = "top"
load.run(both{ test_length = -2 })
eq(steps.n, 2)
eq(table.concat(steps[1], " "), "top socket send recv send recv close")
eq(steps[2][1], "top")
eq(table.concat(steps[2], " ", 1, 6), "top socket recv send recv send")
eq(steps[2][#steps[2]], "close")

--# hooks of sockets get the socket, and the address that it is for
local seen = load.collect({})
local function look(sock, addr)
	seen.family, seen.type, seen.protocol = addr.ai_family, addr.ai_socktype, addr.ai_protocol
	seen.host, seen.port, seen.same = addr.ai_addr.addr, addr.ai_addr.port, addr.addr == addr.ai_addr.addr
	seen.bound = select(2, sock:getsockname())
end
client_socket(look)
server_socket(look)
load.run(both{ port = 7000, ipv6 = true })
for i = 1, 2 do
	eq(seen[i].family, AF_INET6) eq(seen[i].type, SOCK_STREAM) eq(seen[i].protocol, 6)
	eq(seen[i].host, "::1") eq(seen[i].port, 7000) eq(seen[i].same, true)
	eq(seen[i].bound, 0)
end

--# options that a hook sets on a listening socket are those that connections have
local low = load.collect(-1)
server_socket(function(sock) sock:setsockopt("socket", "rcvlowat", 7) end)
server_recvmsg(function(sock, msg, flags)
	low = sock:getsockopt("socket", "rcvlowat")
	return recvmsg(sock, msg, flags)
end)
load.run(both{ request_size = 7 })
eq(low[1], 7)

--# hooks of one worker share what they share in the script, workers share nothing
local counts = load.collect({ sends = 0, receives = 0 })
local calls = 0
client_sendmsg(function(...)
	calls = calls + 1
	counts.sends = calls
	return sendmsg(...)
end)
client_recvmsg(function(...)
	calls = calls + 1
	counts.receives = calls
	return recvmsg(...)
end)
load.run(both{ num_threads = 3, num_flows = 3, test_length = -30 })
eq(counts.n, 3)
for i = 1, 3 do
	eq(counts[i].sends, 19)
	eq(counts[i].receives, 20)
end
eq(calls, 0)

--# a hook's functions go with it, and what these refer to
local function twice(n) return 2 * n end
local bytes = load.collect(0)
local function add(n)
	bytes = bytes + twice(n)
	return n
end
client_sendmsg(function(...) return add(sendmsg(...)) end)
load.run(both{ test_length = -7 })
eq(bytes[1], 14)

--# what is collected in a field of a table, in a function's upvalue and in both is collected
local inner = { deep = { count = load.collect(0) } }
local shared = load.collect(0)
inner.shared = shared
client_sendmsg(function(...)
	inner.deep.count = inner.deep.count + 1
	inner.shared = inner.shared + 1
	return sendmsg(...)
end)
client_recvmsg(function(...)
	assert(math.type(shared) == "integer")
	return recvmsg(...)
end)
load.run(both{ test_length = -9 })
eq(inner.deep.count[1], 9)
eq(shared[1], 9)

--# a value that no hook touches, and one that becomes nil, have their places
local untouched, gone, unknown = load.collect("as it was"), load.collect(1), load.collect(7)
client_sendmsg(function(...)
	if false then print(untouched) end
	if load.thread_id() == 0 then gone = nil end
	return sendmsg(...)
end)
load.run(both{ num_threads = 2, num_flows = 2, test_length = -2 })
eq(untouched.n, 2) eq(untouched[1], "as it was") eq(untouched[2], "as it was")
eq(gone.n, 2) eq(gone[1], nil) eq(gone[2], 1)
eq(unknown.n, 2) eq(unknown[1], 7)

--# tables that refer to themselves are collected
local t = load.collect({})
client_sendmsg(function(...)
	t.self = t
	return sendmsg(...)
end)
load.run(both{ test_length = -1 })
eq(t[1].self, t[1])

--# long chains of tables are collected
local chain = {}
local last = chain
for _ = 1, 20000 do
	last.next = {}
	last = last.next
end
last.count = load.collect(0)
client_sendmsg(function(...)
	local at = chain
	while at.next do at = at.next end
	at.count = at.count + 1
	return sendmsg(...)
end)
load.run(both{ test_length = -1 })
eq(last.count[1], 1)

--# what a worker leaves that cannot be copied is an error that names the worker
local kept = load.collect(false)
client_sendmsg(function(...)
	kept = coroutine.create(print)
	return sendmsg(...)
end)
raises("load: client 0: thread ", load.run, both{ test_length = -1 })

--# values are collected anew by each run, with the same hooks and other options
local calls = load.collect(0)
client_sendmsg(function(...)
	calls = calls + 1
	return sendmsg(...)
end)
load.run(both{ test_length = -10, num_threads = 2, num_flows = 2 })
eq(calls[1] + calls[2], 10)
load.run(both{ test_length = -3, workload = "udp_rr" })
eq(calls.n, 1)
eq(calls[1], 3)
eq(load.result().transactions, 3)
eq(load.run(), load.result())

--# in hooks it is known whose they are
local known = load.collect({})
local function look()
	known.client, known.server, known.id = is_client(), is_server(), load.thread_id()
	known.all = {}
	for id in tid_iter() do known.all[#known.all + 1] = id end
end
client_socket(look)
server_socket(look)
load.run(both{ num_threads = 2, num_flows = 2, test_length = -4 })
eq(known.n, 4)
for i = 1, 4 do
	eq(known[i].client, i <= 2) eq(known[i].server, i > 2) eq(known[i].id, (i - 1) % 2)
	eq(table.concat(known[i].all, " "), "0 1")
end
eq(load.thread_id(), nil)
eq(is_client(), true)
eq(is_server(), true)

--# the library that a hook refers to is the worker's
local histogram = load.collect(false)
client_recvmsg(function(...)
	histogram = histogram or load.histogram()
	histogram:record(5)
	return recvmsg(...)
end)
load.run(both{ test_length = -20 })
eq(#histogram[1], 20)
load.run(both{ test_length = -20 })
eq(#histogram[1], 20)

--# the same hook twice is an error, and so is what is no function
load.client_socket(print)
raises("load: hook client_socket is already set", client_socket, print)
raises("load.server_close: a function expected, got nil", server_close)
raises("load.server_close: a function expected, got table", load.server_close, {})
-- Else it would run at the end.
require("load.state").hooks = {}

--# hooks, collect and run are the script's: in a worker they are errors
for name, f in pairs{ run = load.run, collect = load.collect, client_recverr = load.client_recverr } do
	local why = load.collect(false)
	local t = { f = f }
	local hook = function() why = select(2, pcall(t.f, print)) end
	require("load.state").hooks = { client_socket = hook }
	load.run(both{})
	assert(why[1]:find(("load.%s: only the script can do this, not a hook"):format(name), 1, true), why[1])
end

--# an error in a hook ends the run, and names hook, worker, place and traceback
for _, name in ipairs{
	"client_socket", "server_socket", "client_close", "server_close", "client_sendmsg", "server_sendmsg",
	"client_recvmsg", "server_recvmsg",
} do
	require("load.state").hooks = {}
	load[name](function() error("it is broken") end)
	local e = raises(name .. ": script:", load.run, both{ num_threads = 2, num_flows = 2 })
	assert(e:find("^load: " .. name:match("%a+") .. " %d: "), e)
	assert(e:find("it is broken", 1, true), e)
	assert(e:find("stack traceback:", 1, true), e)
end

--# an error object that a hook raises becomes the run's error
client_socket(function(sock) sock:setsockopt("socket", "bindtodevice", "nosuch0") end)
raises("client_socket: script:@+1: setsockopt bindtodevice: no such device (ENODEV)", load.run, both{})

--# what is no number of bytes is an error that names the hook
for _, result in ipairs{ "x", {}, true } do
	require("load.state").hooks = {}
	client_sendmsg(function() return result end)
	raises("client_sendmsg returned", load.run, both{})
end

--# a hook of a socket can end the run with a negative errno
for _, name in ipairs{ "client_socket", "server_socket" } do
	require("load.state").hooks = {}
	load[name](function() return -EPERM end)
	raises("EPERM", load.run, both{})
end

--# an upvalue that cannot be copied is an error that names it
local co = coroutine.create(print)
client_socket(function() return co end)
raises("co", load.run, both{})

--# what fails in the kernel is an error object that says whose it is
local e = raises("ECONNREFUSED", load.run, { role = "client", host = LO.inet, port = 1, control_port = 0 })
eq(e.call, "connect") eq(e.worker, "client 0")
assert(tostring(e):find("(client 0)", 1, true), e)

--# a failed run leaves nothing: the next one goes well
local fails = true
client_socket(function() if fails then error("no") end end)
for _ = 1, 3 do raises("no", load.run, both{ num_threads = 2, num_flows = 20 }) end
fails = false
eq(load.run(both{}).transactions, 30)

--# many hooks that fail at once are one error
client_recvmsg(function() error("no") end)
server_recvmsg(function() error("no") end)
raises("no", load.run, both{ num_threads = 4, num_flows = 40 })

--# a server that nobody serves is not waited for longer than suicide_length
raises("load: suicide_length: the run is not over after 1 s", load.run, { role = "server", suicide_length = 1 })

--# a client that has no server is not waited for longer than suicide_length
local ok = pcall(load.run, { role = "client", host = LO.inet, suicide_length = 1 })
eq(ok, false)

--# a run that takes too long is ended by suicide_length
raises("load: suicide_length:", load.run, both{ test_length = "1h", suicide_length = 1 })

--# a client whose server is killed ends with an error that says so
local server, client = far_apart()
server:stop()
local ok, e = pcall(client.join, client)
eq(ok, false)
assert(tostring(e):find("load: ", 1, true), e)

--# a server whose client is killed ends with an error that says so
local server, client = far_apart()
client:stop()
local ok, e = pcall(server.join, server)
eq(ok, false)
assert(tostring(e):find("did not come to its end", 1, true), e)

--# on_interval is called at each interval, with what all workers have done
local intervals = {}
local result = load.run(both{ test_length = "500ms", interval = "100ms", num_threads = 2, num_flows = 2,
	on_interval = function(snapshot, delta)
		table.insert(intervals, { snapshot.transactions, delta.transactions, snapshot.elapsed_ns, delta.time_ns })
	end })
assert(#intervals >= 2, #intervals)
local total, elapsed = 0, 0
for _, one in ipairs(intervals) do
	total, elapsed = total + one[2], elapsed + one[4]
	eq(one[1], total)
	eq(one[3], elapsed)
end
assert(total <= result.transactions)

--# an error in on_interval ends the run, with its traceback
local e = raises("load: on_interval: script:@+2: stop it", load.run, both{ test_length = "1h", interval = "10ms",
	on_interval = function() error("stop it") end })
assert(e:find("stack traceback:", 1, true), e)

--# a warm-up does not count
local result = load.run(both{ test_length = "200ms", warmup = "200ms", rate = 1000 })
assert(result.transactions > 0 and result.transactions <= 210, result.transactions)
assert(result.duration_ns < 300000000 * SLOW, result.duration_ns)

--# a rate is that of all workers, and has two latencies
local result = load.run(both{ test_length = "500ms", rate = 200, num_threads = 2, num_flows = 4 })
assert(result.transactions <= 102, result.transactions)
eq(result.response.count, result.latency.count)

--# thresholds decide whether the result is good
local result = load.run(both{ thresholds = { "transactions==30", "errors==0", "transactions>1000" } })
eq(result.ok, false)
eq(#result.failed, 1)
assert(result.failed[1]:find("transactions>1000", 1, true))
eq(load.run(both{ thresholds = { "transactions==30" } }).ok, true)

--# hooks without a call of run() run when the script has ended, with what neper prints, and fail with the thresholds
--! error ECANCELED load: thresholds not met: transactions>1000: 5
--! log workload=tcp_rr
--! log num_transactions=5
arg = { "--role", "both", "--test_length", "-5", "--thresholds", "transactions>1000" }
client_socket(function() end)

--# hooks without a call of run() run when the script has ended
--! log hook ran
--! log throughput=
arg = { "--role=both", "-l", "-5" }
client_socket(function() print("hook ran") end)

--# a script that only asks for the library runs nothing
--! no-log num_transactions
arg = { "--role=both", "-l", "-5" }

--# run() with a command line prints the result when the script has ended
--! log /total_transactions=5(.|\n)*the script ends/
--! log num_transactions=5
arg = { "--role=both", "-l", "-5" }
eq(run().transactions, 5)
print "the script ends"

--# a dry run prints the options and ends the script
--! log total_transactions=5
--! no-log num_transactions
--! no-log too far
arg = { "--role=both", "-l", "-5", "--dry_run" }
run()
print "too far"

--# a table that asks for a dry run gets the options
local result = load.run(both{ dry_run = true })
eq(result.options.transactions, 30)
eq(result.transactions, nil)

--# workers stay on processors if that is asked for
eq(load.run(both{ pin_cpu = true, num_threads = 2, num_flows = 2 }).transactions, 30)

--# both directions of a stream, and the other one, are possible
local result = load.run(both{ workload = "tcp_stream", enable_tcp_maerts = true })
assert(sum(result, "client", "received") > 0 and sum(result, "client", "sent") == 0)
result = load.run(both{ workload = "tcp_stream", enable_read = true, enable_write = true })
assert(sum(result, "client", "received") > 0 and sum(result, "client", "sent") > 0)
result = load.run(both{ workload = "tcp_stream", split_bidir = true })
assert(sum(result, "client", "received") > 0 and sum(result, "client", "sent") > 0)

--# options of sockets are set on all of them
local seen = load.collect({})
local function look(sock, msg, flags)
	seen.nodelay = sock:getsockopt("tcp", "nodelay")
	seen.congestion = sock:getsockopt("tcp", "congestion")
	seen.linger = sock:getsockopt("socket", "linger").onoff
	return recvmsg(sock, msg, flags)
end
client_recvmsg(look)
server_recvmsg(look)
load.run(both{ no_delay = true, congestion_control = "reno" })
for i = 1, 2 do
	eq(seen[i].nodelay, 1)
	eq(seen[i].congestion, "reno")
	eq(seen[i].linger, 2 - i)
end
load.run(both{ time_wait = true })
eq(seen[1].linger, 0)

--# flows come from the ports and addresses that they are told to
local from = load.collect({})
client_recvmsg(function(sock, msg, flags)
	local host, port = sock:getsockname()
	from[port] = host
	return recvmsg(sock, msg, flags)
end)
load.run(both{ source_port = 9000, num_threads = 2, num_flows = 4, test_length = -8 })
eq(from[1][9000], "127.0.0.1") eq(from[1][9001], "127.0.0.1")
eq(from[2][9002], "127.0.0.1") eq(from[2][9003], "127.0.0.1")
load.run(both{ local_hosts = { "127.0.0.2", "127.0.0.3" }, num_flows = 4, test_length = -8 })
local hosts = {}
for _, host in pairs(from[1]) do hosts[host] = (hosts[host] or 0) + 1 end
eq(hosts["127.0.0.2"], 2) eq(hosts["127.0.0.3"], 2)

--# a thousand flows connect, and all of them go
local result = load.run(both{ num_flows = 1000 // SLOW, test_length = -2000 // SLOW })
eq(result.transactions, 2000 // SLOW)

--# more sockets than the script may have are an error, and no more
--! param sockets=20
raises("EMFILE", load.run, both{ num_flows = 50 })

--# a run ends at a stop
--! stop
client_socket(function() print "ready" end)
load.run(both{ test_length = "1h" })

--# a run of a thousand flows ends at a stop
--! stop
load.run{ role = "both", num_flows = 1000 // SLOW, num_threads = 2, test_length = "1h", interval = "100ms",
	on_interval = function() print "ready" end }

--# a hook that does not return ends at a stop
--! stop
client_sendmsg(function()
	print "ready"
	while true do end
end)
load.run(both{ test_length = "1h" })

--# a server that waits for its client ends at a stop
--! stop
server_socket(function() print "ready" end)
load.run{ role = "server" }
