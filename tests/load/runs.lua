-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Runs: all workloads, what is measured, what goes wrong.

local load = require "load"
local WORKLOADS = { "tcp_rr", "tcp_crr", "tcp_stream", "udp_rr", "udp_stream" }

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
		{ role = "client", workload = workload, host = LO, test_length = "200ms" },
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

--# what fails in the kernel is an error object that says whose it is
local e = raises("ECONNREFUSED", load.run, { role = "client", host = LO, port = 1, control_port = 0 })
eq(e.call, "connect") eq(e.worker, "client 0")
assert(tostring(e):find("(client 0)", 1, true), e)

--# a server that nobody serves is not waited for longer than suicide_length
raises("load: suicide_length: the run is not over after 1 s", load.run, { role = "server", suicide_length = 1 })

--# a client that has no server is not waited for longer than suicide_length
local ok = pcall(load.run, { role = "client", host = LO, suicide_length = 1 })
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
eq(total, result.transactions)
eq(result.snapshots[#result.snapshots].transactions, result.transactions)

--# a run that is shorter than an interval has a sample of its end
local result = load.run(both{ interval = "1h" })
eq(#result.snapshots, 1)
eq(result.snapshots[1].transactions, 30)
eq(result.snapshots[1].latency_count, 30)
assert(result:keyvals():find("\nnum_samples=1\n"))

--# workers do not wait for a script that is busy in on_interval
local called = 0
local result = load.run(both{ test_length = "1s", interval = "1ms", on_interval = function()
	called = called + 1
	if called == 1 then kernel.sleep(2000) end
end })
local last, most = result.begin_ns, 0
for _, snap in ipairs(result.snapshots) do
	last, most = snap.time_ns, math.max(most, snap.time_ns - last)
end
assert(most < 500000000, most)

--# a worker that ends without a word is found, however much the others have to say
local spawn, poll, threads = thread.spawn, socket.poll, {}
thread.spawn = function(...)
	threads[#threads + 1] = spawn(...)
	return threads[#threads]
end
-- A set in which there is always something new.
socket.poll = function(members)
	local set = poll(members)
	return {
		select = function()
			set:select(1)
			return 1, members[1]
		end,
		close = function() set:close() end,
	}
end
local ok, e = pcall(load.run, both{ test_length = "1h", interval = "1ms", num_threads = 2, num_flows = 2,
	suicide_length = 30 * SLOW, on_interval = function() threads[4]:stop() end })
eq(ok, false)
assert(tostring(e):find("^load: client 1: thread %d+ was stopped"), e)

--# a hook that does not return is stopped some time after the end of the run
client_recvmsg(function() while true do end end)
raises("load: client 0 has not ended, 5 s after the end of the run", load.run, both{ test_length = "100ms" })

--# an error in on_interval ends the run, with its traceback
local e = raises("load: on_interval: script:@+2: stop it", load.run, both{ test_length = "1h", interval = "10ms",
	on_interval = function() error("stop it") end })
assert(e:find("stack traceback:", 1, true), e)

--# a warm-up does not count
local result = load.run(both{ test_length = "200ms", warmup = "200ms", rate = 1000, late = "skip" })
assert(result.transactions > 0 and result.transactions <= 210, result.transactions)
eq(result.duration_ns, 200000000)

--# intervals of the warm-up and those after it have what was done in them
local was_warm, after = false, 0
local result = load.run(both{ test_length = "300ms", warmup = "250ms", interval = "100ms",
	on_interval = function(snapshot, delta)
		assert(snapshot.warm or not was_warm)
		was_warm = snapshot.warm
		assert(delta.transactions >= 0 and delta.sent >= 0 and delta.time_ns > 0)
		eq(delta.latency_count or 0, delta.transactions)
		if was_warm then after = after + delta.transactions end
	end })
eq(after, result.transactions)
eq(result.snapshots[#result.snapshots].transactions, after)

--# a warm-up comes before as many stages as there can be
local stages = {}
for i = 1, 64 do stages[i] = { "1ms", 1000 } end
local result = load.run(both{ warmup = "100ms", rate = 100, stages = stages, test_length = "64ms" })
assert(result.transactions > 0 and result.transactions <= 65, result.transactions)

--# a client that got nothing done has failed
local result = load.run(both{ stages = { { "100ms", 0 } }, test_length = "100ms" })
eq(result.ok, false)
eq(result.failed[1], "transactions>0: no transaction was completed")
eq(result.transactions, 0)

--# requests of workers that would begin after the end do not begin
local result = load.run(both{ noburst = "1s", num_threads = 3, num_flows = 3, test_length = "100ms" })
eq(result.transactions, 1)

--# TCP_INFO is told at each interval, and in the result
local rtt
local result = load.run(both{ tcp_info = true, num_threads = 2, num_flows = 4,
	on_interval = function(snapshot) rtt = snapshot.info.rtt end })
assert(rtt > 0)
eq(result.tcp_info.flows, 4)
assert(result:keyvals():find("\ntcp_info_rtt=[1-9]"))

--# latencies are kept one by one, if that is asked for, as the result has them
local result = load.run(both{ log_rtt = true, num_threads = 2, num_flows = 4 })
local sum, flows, last = 0, {}, {}
for finish, id, flow, ns in result:rtts() do
	assert(finish >= (last[id] or result.begin_ns) and ns > 0 and ns < finish)
	sum, last[id], flows[id .. "/" .. flow] = sum + ns, finish, true
end
eq(sum // 30, result.latency.mean)
assert(flows["0/0"] and flows["0/1"] and flows["1/0"] and flows["1/1"] and not flows["0/2"])
assert(result:keyvals():find("num_transactions=30\nrtt_transactions_logged=30\n"))
local lines = 0
for line in result:rtt_lines() do
	lines = lines + 1
	assert(line:find("^%d+%.%d%d%d%d%d%d%d%d%d [01] [01] 0%.%d%d%d%d%d%d%d%d%d$"), line)
end
eq(lines, 30)
assert(result:rtt_lines(",")():find("^%d+%.%d+,0,[01],0%.%d+$"))

--# of latencies that are kept one by one there are so many, the last ones
for _, workload in ipairs{ "tcp_rr", "tcp_crr", "udp_rr" } do
	local result = load.run(both{ workload = workload, log_rtt = "any", logrtt_entries_per_flow = 4, num_flows = 2 })
	local count, last = 0, 0
	for finish in result:rtts() do
		assert(finish >= last)
		count, last = count + 1, finish
	end
	eq(count, 8)
	assert(last <= result.end_ns)
end

--# requests without a response at the end are told
local first
server_sendmsg(function(sock, msg, flags)
	first = first or sock
	if sock == first then return sendmsg(sock, msg, flags) end
	return -socket.errno.EAGAIN
end)
local result = load.run(both{ num_flows = 3, outstanding = 2, test_length = "1s" })
assert(result.unanswered >= 4 and result.unanswered <= 6, result.unanswered)
eq(sum(result, "client", "unanswered"), result.unanswered)
eq(sum(result, "server", "unanswered"), 0)
assert(result.snapshots[#result.snapshots].unanswered >= 4)
eq(load.run(both{ test_length = -30 }).unanswered, 0)

--# without the option no latency is kept
local result = load.run(both{})
eq(result:rtts()(), nil)
assert(not result:keyvals():find("rtt_transactions_logged", 1, true))

--# a rate is that of all workers, and has two latencies
local result = load.run(both{ test_length = "500ms", rate = 200, num_threads = 2, num_flows = 4 })
assert(result.transactions <= 102, result.transactions)
eq(result.response.count, result.latency.count)

--# a rate is that of a server's writes, too
for _, options in ipairs{ { enable_tcp_maerts = true }, { enable_write = true }, { split_bidir = true } } do
	local begin = kernel.time_ns()
	local t = thread.spawn(function(options)
		local load = require "load"
		local written = load.collect(0)
		load.server_sendmsg(function(sock, msg, flags)
			local count, err = sendmsg(sock, msg, flags)
			-- The client is gone before the server.
			written = written + (count and 1 or 0)
			return count, err
		end)
		load.run(options)
		return written[1]
	end, both{ workload = "tcp_stream", buffer_size = 100, rate = 50, late = "skip", test_length = "500ms",
		enable_tcp_maerts = options.enable_tcp_maerts, enable_write = options.enable_write,
		split_bidir = options.split_bidir })
	local _, written = t:join()
	-- Slots begin anew when the run does.
	local most = (kernel.time_ns() - begin) // 20000000 + 3
	assert(written >= 1 and written <= most, ("%d > %d"):format(written, most))
end

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
--! log total_transactions=5
--! log the script ends
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
local spawn, cpus = thread.spawn, {}
thread.spawn = function(options, ...)
	if type(options) == "table" and options.name then cpus[options.name] = options.cpu end
	return spawn(options, ...)
end
local result = load.run(both{ pin_cpu = true, num_threads = 2, num_flows = 2 })
eq(result.transactions, 30)
assert(result:keyvals():find("^allowed_core_num=%d+\nallowed_cores=[%d,-]+\n"))
for _, cpu in ipairs(result.cpus) do cpus[cpu] = true end
for _, name in ipairs{ "client 0", "client 1", "server 0", "server 1" } do assert(cpus[cpus["load " .. name]], name) end
assert(cpus["load client 0"] and cpus["load client 1"] and cpus["load server 0"] and cpus["load server 1"])

--# a server and its client have processors of their own, if there are two
local spawn, cpus = thread.spawn, {}
thread.spawn = function(options, ...)
	if type(options) == "table" and options.name then cpus[options.name] = options.cpu end
	return spawn(options, ...)
end
eq(load.run(both{ pin_cpu = true }).transactions, 30)
local two = pcall(spawn, { cpu = 1 }, math.abs, 1)
eq(cpus["load client 0"] ~= cpus["load server 0"], two)

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
local result = load.run(both{ num_flows = 1000 // SLOW, test_length = -(2000 // SLOW) })
eq(result.transactions, 2000 // SLOW)

--# more sockets than the script may have are an error, and no more
--! param sockets=20
raises("EMFILE", load.run, both{ num_flows = 50 })

--# a run of a thousand flows ends at a stop
--! stop
load.run{ role = "both", num_flows = 1000 // SLOW, num_threads = 2, test_length = "1h", interval = "100ms",
	on_interval = function() print "ready" end }

--# a hook that does not return ends at a stop
--! stop
local up = thread.channel()
local t = thread.spawn(function(options, up)
	local load = require "load"
	load.client_sendmsg(function()
		up:send(true)
		while true do end
	end)
	load.run(options)
end, both{ test_length = "1h" }, up)
up:receive()
print "ready"
t:join()

--# a server that waits for its client ends at a stop
--! stop
print "ready"
load.run{ role = "server" }

--# transactions of the warm-up are not among those that are to be done
local result = load.run(both{ num_flows = 3, test_length = -30, warmup = "50ms" })
eq(result.transactions, 30)
