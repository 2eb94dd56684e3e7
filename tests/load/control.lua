-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The protocol by which clients and servers of neper agree.

local control = require "load.control"

-- As control_plane.c of neper lays a message out: a secret of 32 bytes, six numbers of 32 bits, two of 64.
local LAYOUT = ">c32I4I4I4I4I4I4I8I8"

-- Options of a run, as far as this knows them.
local function options(more)
	local opt = {
		workload = "tcp_rr", family = "inet", host = LO, control_port = 12866, listen_backlog = 16, magic = 42,
		num_clients = 1, num_threads = 2, num_flows = 10, test_length_ns = 3000000000, max_pacing_rate = 0,
	}
	for key, value in pairs(more or {}) do opt[key] = value end
	return opt
end

local function forever() return -1 end

-- A server that answers whoever it takes, until all are done; in its thread, which gives their rates and how many were
-- refused. The channel says when it listens.
local function serve(opt, up, rate)
	local control = require "load.control"
	local server = control.listen(opt)
	local poll = socket.poll()
	server:watch(poll)
	up:send("listening")
	while not server:is_over() do
		local _, sock = poll:select()
		local event, peer = server:ready(sock)
		if event == "hello" then server:answer(peer) end
	end
	return server:finish(rate), server.invalid, #server.errors
end

local function spawn_server(opt, rate)
	local up = thread.channel()
	local t = thread.spawn(serve, opt, up, rate or 0)
	eq(up:receive(), "listening")
	return t
end

-- The server of a test that this script does byte by byte: its connection, and the first message.
local function accept_raw(listener)
	local sock = listener:accept()
	return sock, sock:read(72, "W")
end

local function listen_raw(port)
	local listener = socket.new("inet", "tcp")
	listener:setsockopt("socket", "reuseaddr", true)
	listener:bind(LO, port or 12866)
	listener:listen(4)
	return listener
end

local function connect_raw()
	local sock = socket.new("inet", "tcp")
	sock:connect(LO, 12866)
	return sock
end

local function hello(secret)
	return LAYOUT:pack(secret, 42, 1, 1, 1, 10, 0, 0, 0)
end

--# a client and a server tell each other their rates
local t = spawn_server(options(), 1000)
local client = control.connect(options(), forever)
eq(client:finish(31337), 1000)
local _, rate, invalid = t:join()
eq(rate, 31337)
eq(invalid, 0)

--# a client's first message has the layout, the secret and the figures that neper's has
local listener = listen_raw()
local t = thread.spawn(function(opt)
	require("load.control").connect(opt, function() return -1 end)
end, options{ max_pacing_rate = 1 << 40 })
local sock, message = accept_raw(listener)
eq(#message, 72)
local secret, magic, type, threads, flows, length, number, pacing, rate = LAYOUT:unpack(message)
eq(secret, "neper tcp_rr 201703241250" .. ("\0"):rep(7))
eq(magic, 42) eq(type, 1) eq(threads, 2) eq(flows, 10) eq(length, 3) eq(number, 0) eq(pacing, 1 << 40) eq(rate, 0)
sock:write(LAYOUT:pack("", 42, 2, 0, 0, 0, 0, 0, 0))
t:join()

--# a number of transactions is told as a length less than zero
local m = control.decode(control.encode(1, { magic = 42, test_length = -30 }))
eq(m.test_length, -30)
eq((string.unpack(">I4", control.encode(1, { magic = 42, test_length = -30 }), 49)), 0xffffffe2)

--# the secrets are those of neper
for workload, secret in pairs{
	tcp_rr = "neper tcp_rr 201703241250", tcp_stream = "neper tcp_stream 201703241300",
	udp_rr = "neper udp_rr 201703241230", udp_stream = "neper udp_stream 201703241240", tcp_crr = "",
} do
	eq(control.secret(workload), secret .. ("\0"):rep(32 - #secret))
end

--# a server's messages have the layout that neper's have
local t = spawn_server(options(), 77)
local sock = connect_raw()
sock:write(hello("neper tcp_rr 201703241250"))
local secret, magic, type, threads, flows, length = LAYOUT:unpack((sock:read(72, "W")))
eq(secret, ("\0"):rep(32)) eq(magic, 42) eq(type, 2) eq(threads, 2) eq(flows, 10) eq(length, 3)
sock:write(LAYOUT:pack("", 42, 3, 0, 0, 0, 0, 0, 55))
sock:shutdown("write")
local bye = sock:read(72, "W")
eq(bye, LAYOUT:pack("", 42, 4, 0, 0, 0, 0, 0, 77))
eq(sock:read(1), nil)
eq(select(2, t:join()), 55)

--# a message may come in pieces
local t = spawn_server(options())
local sock = connect_raw()
sock:setsockopt("tcp", "nodelay", true)
for byte in hello("neper tcp_rr 201703241250"):gmatch(".") do sock:write(byte) end
eq(#sock:read(72, "W"), 72)
sock:write(LAYOUT:pack("", 42, 3, 0, 0, 0, 0, 0, 5))
eq(#sock:read(72, "W"), 72)
eq(select(2, t:join()), 5)

--# who has another secret, another type, or nothing to say is counted, and others are taken
local t = spawn_server(options())
for _, words in ipairs{
	hello("neper tcp_stream 201703241300"), LAYOUT:pack("neper tcp_rr 201703241250", 42, 3, 1, 1, 1, 0, 0, 0), "x",
} do
	local sock = connect_raw()
	sock:write(words)
	sock:shutdown("write")
	eq(sock:read(1), nil)
end
control.connect(options(), forever):finish(9)
local _, rate, invalid = t:join()
eq(rate, 9)
eq(invalid, 3)

--# a connection that says nothing does not keep clients away
local t = spawn_server(options())
local silent = connect_raw()
control.connect(options(), forever):finish(9)
eq(select(2, t:join()), 9)
eq(silent:read(1), nil)

--# many connections that say nothing do not take all sockets
--! param sockets=45
local t = spawn_server(options())
for _ = 1, 100 do
	local ok, sock = pcall(connect_raw)
	-- Closed by one side or the other: both count.
	if ok then sock:close() else collectgarbage() end
end
control.connect(options(), forever):finish(9)
eq(select(2, t:join()), 9)

--# several clients are waited for, and their rates added up
local t = spawn_server(options{ num_clients = 3 }, 8)
local clients = {}
for i = 1, 3 do clients[i] = control.connect(options(), forever) end
local ts = {}
for i = 1, 3 do
	-- Nobody is told the end before all are done.
	clients[i].sock:write(LAYOUT:pack("", 42, 3, 0, 0, 0, 0, 0, 100 * i))
end
for i = 1, 3 do eq(select(9, LAYOUT:unpack((clients[i].sock:read(72, "W")))), 8) end
eq(select(2, t:join()), 600)

--# what was sent and received is told in the place of the secret, which neper sends as zeros
local listener = listen_raw()
local t = thread.spawn(function(opt)
	local client = require("load.control").connect(opt, function() return -1 end)
	return select(2, client:finish(1, { sent = 5, received = 0, responses_sent = 0, responses_received = 1 << 50 }))
end, options())
local sock = accept_raw(listener)
sock:write(LAYOUT:pack("", 42, 2, 0, 0, 0, 0, 0, 0))
local done = sock:read(72, "W")
local mark, sent, received, responses_sent, responses_received = (">c4I7I7I7I7"):unpack(done)
eq(mark, "lua1") eq(sent, 5) eq(received, 0) eq(responses_sent, 0) eq(responses_received, 1 << 50)
eq(select(3, LAYOUT:unpack(done)), 3)
sock:write(LAYOUT:pack("", 42, 4, 0, 0, 0, 0, 0, 7))
eq(select(2, t:join()), nil)

--# a server knows what all have sent and received if all clients have told
local function told(last)
	local up = thread.channel()
	local t = thread.spawn(function(opt, up)
		local control = require "load.control"
		local server, poll = control.listen(opt), socket.poll()
		server:watch(poll)
		up:send(true)
		while not server:is_over() do
			local event, peer = server:ready(select(2, poll:select()))
			if event == "hello" then server:answer(peer) end
		end
		return select(2, server:finish(0, { sent = 0, received = 10, responses_sent = 11, responses_received = 0 }))
	end, options{ num_clients = 2 }, up)
	up:receive()
	local first = thread.spawn(function(opt)
		return select(2, require("load.control").connect(opt, function() return -1 end):finish(1,
			{ sent = 6, received = 0, responses_sent = 0, responses_received = 5 }))
	end, options())
	local _, all = control.connect(options(), forever):finish(1, last)
	return all, select(2, first:join()), select(2, t:join())
end
for _, all in ipairs{ told{ sent = 7, received = 0, responses_sent = 0, responses_received = 4 } } do
	eq(all.sent, 13) eq(all.received, 10) eq(all.responses_sent, 11) eq(all.responses_received, 9)
end
local client, first, server = told(nil)
eq(client, nil) eq(first, nil) eq(server, nil)

--# a server takes no more clients than it was told to
local t = spawn_server(options())
local client = control.connect(options(), forever)
local e = raises("ECONNREFUSED", connect_raw)
client:finish(1)
t:join()

--# a client waits for a server that comes later
local up = thread.channel()
local t = thread.spawn(function(opt, up)
	up:send(true)
	return require("load.control").connect(opt, function() return -1 end):finish(3)
end, options(), up)
up:receive()
while t:status() ~= "waiting" do kernel.sleep(1) end
spawn_server(options(), 4):join()
eq(select(2, t:join()), 4)

--# a client has only so long for its server
local over = kernel.time_ns() + 200000000
local left = function() return math.max(0, (over - kernel.time_ns()) // 1000000) end
local e = raises("connect", control.connect, options{ control_port = 1 }, function()
	local ms = left()
	if ms == 0 then error("connect: the time is over") end
	return ms
end)

--# a server that does not know the workload is an error that names it
local t = spawn_server(options{ workload = "tcp_stream" })
local e = raises("load: the server 127.0.0.1:12866 does not take part in tcp_rr", control.connect, options(), forever)
assert(e:find("it closed the connection", 1, true), e)
t:stop()

--# a server with another magic number is an error
local t = spawn_server(options{ magic = 43 })
raises("its magic number is 43, not 42", control.connect, options(), forever)
t:stop()

--# a client that goes before it is done ends the server's run, with its name
local t = spawn_server(options())
local client = control.connect(options(), forever)
local name = ("%s:%d"):format(client.sock:getsockname())
client:close()
local e = raises("load: the client " .. name .. " did not come to its end", t.join, t)
assert(e:find("it closed the connection", 1, true), e)

--# clients that go are counted while there are others
local t = spawn_server(options{ num_clients = 4 }, 8)
local clients = {}
for i = 1, 4 do clients[i] = control.connect(options(), forever) end
clients[1]:close()
clients[2].sock:setsockopt("socket", "linger", 0)
clients[2]:close()
clients[3].sock:write(hello("neper tcp_rr 201703241250"))
eq(clients[4]:finish(9), 8)
local _, rate, invalid, errors = t:join()
eq(rate, 9) eq(invalid, 0) eq(errors, 3)

--# when the last one of all clients has gone that is an error
local t = spawn_server(options{ num_clients = 2 })
local first, second = control.connect(options(), forever), control.connect(options(), forever)
first:close()
second:close()
raises("did not come to its end: it closed the connection", t.join, t)

--# a client whose connection is reset ends the server's run
local t = spawn_server(options())
local client = control.connect(options(), forever)
client.sock:setsockopt("socket", "linger", 0)
client:close()
raises("ECONNRESET", t.join, t)

--# a client that says something else than that it is done ends the server's run
local t = spawn_server(options())
local client = control.connect(options(), forever)
client.sock:write(hello("neper tcp_rr 201703241250"))
raises("it sent a message of type 1, not 3", t.join, t)

--# a server that goes before the test is over is an error of the client
local listener = listen_raw()
local t = thread.spawn(function(opt)
	local client = require("load.control").connect(opt, function() return -1 end)
	local poll = socket.poll()
	client:watch(poll)
	poll:select()
	client:ready()
end, options())
local sock = accept_raw(listener)
sock:write(LAYOUT:pack("", 42, 2, 0, 0, 0, 0, 0, 0))
sock:close()
raises("load: the server 127.0.0.1:12866 ended the control connection before the test was over", t.join, t)

--# a server that goes instead of saying its rate is an error in the client's result, which is kept
local listener = listen_raw()
local t = thread.spawn(function()
	local result = require("load").run{ workload = "udp_stream", role = "client", host = "127.0.0.1",
		test_length = "50ms" }
	local list = result.error_list
	return result.remote, result.causes.control, list[#list].name, list[#list].text, result.sent
end)
local sock = accept_raw(listener)
sock:write(LAYOUT:pack("", 42, 2, 0, 0, 0, 0, 0, 0))
eq(#sock:read(72, "W"), 72)
sock:close()
local _, remote, count, name, text, sent = t:join()
eq(remote, nil) eq(count, 1) eq(name, "EOF")
eq(text, "the server 127.0.0.1:12866 did not say how it ended: it closed the connection")
assert(sent > 0)

--# a client closes no flow before its server has told its rate, as the server still counts what it has of them
local listener, data = listen_raw(), listen_raw(12867)
local t = thread.spawn(function()
	local ends = {}
	local result = require("load").run{ workload = "tcp_stream", role = "client", host = "127.0.0.1",
		num_flows = 2, num_threads = 2, test_length = "50ms", interval = "10ms",
		on_interval = function(snapshot) ends[#ends + 1] = snapshot.sent end }
	return result.remote.throughput, result.sent, ends[#ends]
end)
local sock = accept_raw(listener)
sock:write(LAYOUT:pack("", 42, 2, 0, 0, 0, 0, 0, 0))
local flows = { data:accept(), data:accept() }
eq(#sock:read(72, "W"), 72)
for _, flow in ipairs(flows) do
	raises("EAGAIN", function() repeat until not flow:read(65536, "D") end)
end
sock:write(LAYOUT:pack("", 42, 4, 0, 0, 0, 0, 0, 9))
for _, flow in ipairs(flows) do
	raises("ECONNRESET", function() repeat until not flow:read(65536) end)
end
local _, rate, sent, last = t:join()
eq(rate, 9)
assert(sent > 0)
eq(last, sent)

--# a server's time begins with what it receives first, not with a client that waits before it begins
for _, workload in ipairs{ "udp_rr", "tcp_rr" } do
	local up = thread.channel()
	local t = thread.spawn(function(workload, up)
		local result = require("load").run{ workload = workload, host = "127.0.0.1", interval = "1ms",
			on_interval = function() up:send(true, 0) end }
		return result.begin_ns, result.end_ns, result.transactions
	end, workload, up)
	local client = control.connect(options{ workload = workload }, forever)
	local flow = socket.new("inet", workload:match("^%a+"))
	flow:connect(LO, 12867)
	-- It counts.
	up:receive()
	local moment = kernel.time_ns()
	flow:write("x")
	eq(#flow:read(1), 1)
	client:finish(0)
	local _, begin, finish, transactions = t:join()
	assert(moment <= begin and begin <= finish, workload)
	eq(transactions, 1)
end

--# a server whose last message is another one is such an error, too
local listener = listen_raw()
local t = thread.spawn(function(opt)
	local client = require("load.control").connect(opt, function() return -1 end)
	local rate = client:finish(1)
	return rate, client.errors[1].name, client.errors[1].text
end, options())
local sock = accept_raw(listener)
sock:write(LAYOUT:pack("", 42, 2, 0, 0, 0, 0, 0, 0))
eq(#sock:read(72, "W"), 72)
sock:write(LAYOUT:pack("", 42, 2, 0, 0, 0, 0, 0, 0))
local _, rate, name, text = t:join()
eq(rate, nil) eq(name, "EPROTO")
assert(text:find("it sent a message of type 2, not 4", 1, true), text)

--# a server that is gone when its client is done is such an error, too
local t = spawn_server(options())
local client = control.connect(options(), forever)
t:stop()
eq(client:finish(1), nil)
eq(#client.errors, 1)

--# a port that somebody has is the error of bind
local t = spawn_server(options())
eq(raises("EADDRINUSE", control.listen, options()).call, "bind")
t:stop()

--# it goes over IPv6, too
local opt = options{ family = "inet6", host = "::1" }
local t = spawn_server(opt, 6)
eq(control.connect(opt, forever):finish(5), 6)
eq(select(2, t:join()), 5)

--# a client that waits for its server ends at a stop
--! stop
print "ready"
control.connect(options{ control_port = 1 }, forever)

--# a client that waits for an answer ends at a stop
--! stop
local listener = listen_raw()
print "ready"
control.connect(options(), forever)
