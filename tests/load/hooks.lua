-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Hooks: when they are called and with what, what is collected from workers, what goes wrong.

local load = require "load"

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
	seen.c = addr.ai_addr.sa_family == addr.ai_family and addr.ai_canonname == nil and addr.ai_next == nil and
		string.pack("=I2", addr.ai_addr.sin6_port) == string.pack(">I2", addr.ai_addr.port)
end
client_socket(look)
server_socket(look)
load.run(both{ port = 7000, ipv6 = true })
for i = 1, 2 do
	eq(seen[i].family, AF_INET6) eq(seen[i].type, SOCK_STREAM) eq(seen[i].protocol, 6)
	eq(seen[i].host, "::1") eq(seen[i].port, 7000) eq(seen[i].same, true)
	eq(seen[i].bound, 0) eq(seen[i].c, true)
end

--# to go over what was collected is to go over values, here and in another thread
local ids = load.collect(-1)
eq(getmetatable(ids).collector, true)
client_socket(function() ids = load.thread_id() end)
load.run(both{ num_threads = 3, num_flows = 3 })
local function all(t)
	local list = {}
	for i, id in pairs(t) do list[#list + 1] = i .. "=" .. id end
	table.sort(list)
	return table.concat(list, " ") .. " of " .. t.n
end
eq(all(ids), "1=0 2=1 3=2 of 3")
eq(select(2, thread.spawn(all, ids):join()), "1=0 2=1 3=2 of 3")

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
raises("load.server_close: a function expected, or nil, got no value", server_close)
raises("load.server_close: a function expected, or nil, got table", load.server_close, {})
-- Else it would run at the end.
client_socket(nil)

--# nil takes a hook away, and another one can be set in its place
local calls = load.collect(0)
local function hook(step)
	return function() calls = calls + step end
end
client_socket(hook(1))
server_socket(hook(10))
client_socket(nil)
eq(load.run(both{ test_length = -1 }).ok, true)
eq(calls.n, 1) eq(calls[1], 10)
client_socket(hook(100))
server_socket(nil)
load.run(both{ test_length = -1 })
eq(calls.n, 1) eq(calls[1], 100)
client_close(nil)

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

--# what a hook of closing returns is ignored
client_close(function() return -EPERM end)
server_close(function() return nil, "no" end)
eq(load.run(both{ num_flows = 3 }).transactions, 30)

--# an upvalue that cannot be copied is an error that names it
local co = coroutine.create(print)
client_socket(function() return co end)
raises("co", load.run, both{})

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

--# what is sent is the same with the same seed, another with another one, and random without
local sent = load.collect("")
server_recvmsg(function(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	if n then sent = sent .. tostring(msg.iov[1].iov_base):sub(1, n) end
	return n, err
end)
local texts = {}
for i, seed in ipairs{ 7, 7, 8, 0, 0 } do
	load.run(both{ test_length = -1, request_size = 32, seed = seed })
	texts[i] = sent[1]
	eq(#texts[i], 32)
end
eq(texts[1], texts[2])
assert(texts[1] ~= texts[3] and texts[4] ~= texts[5])

--# a program that the first server's hook gives its port chooses among the servers' sockets
local t = S.types.t
server_socket(function(sock)
	setsockopt(sock, SOL_SOCKET, SO_REUSEPORT, 1)
	if load.thread_id() > 0 then return end
	assert(setsockopt(sock, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, t.sock_filters(1, { t.sock_filter("RET,K", 1) })))
end)
for _, workload in ipairs{ "udp_rr", "tcp_rr" } do
	local result = load.run(both{ workload = workload, num_threads = 2, num_flows = 64, test_length = -64 })
	eq(result.transactions, 64)
	for _, worker in ipairs(result.workers) do
		if worker.role == "server" then eq(worker.received > 0, worker.id == 1) end
	end
end
