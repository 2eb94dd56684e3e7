-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What becomes of flows whose server does not do as it should, and how that is told.

local load = require "load"

-- A server at a port of its own, which a thread does by hand: f(listener, ...) serves. Gives the port and the thread.
local function serve(kind, f, ...)
	local sock = socket.new("inet", kind)
	sock:bind(LO, 0)
	if kind == "tcp" then sock:listen(16) end
	return select(2, sock:getsockname()), thread.spawn(f, sock, ...)
end

local function client(workload, port, options)
	local all = { role = "client", workload = workload, host = LO, port = port, control_port = 0 }
	for key, value in pairs(options) do all[key] = value end
	return load.run(all)
end

-- All causes of a result, with their errors, in one text.
local function causes(result)
	local list = {}
	for _, one in ipairs(result.error_list) do list[#list + 1] = ("%s %s %d"):format(one.cause, one.name, one.count) end
	return table.concat(list, ", ")
end

-- A server that reads a request of each connection, writes this, and closes it; with a reset, if that is wanted.
local function end_early(listener, answer, linger)
	while true do
		local sock = listener:accept()
		sock:read(1)
		if answer ~= "" then sock:write(answer) end
		if linger then sock:setsockopt("socket", "linger", 0) end
		sock:close()
	end
end

--# a connection that ends before a response, amid one, or with a reset are causes of their own
for _, workload in ipairs{ "tcp_rr", "tcp_crr" } do
	for cause, args in pairs{ ["eof EOF"] = { "" }, ["short EOF"] = { "12" }, ["reset ECONNRESET"] = { "", 0 } } do
		local port, t = serve("tcp", end_early, table.unpack(args))
		local result = client(workload, port, { response_size = 3, test_length = -2, num_flows = 2 })
		eq(causes(result), cause .. " 2")
		eq(result.causes[cause:match("^%a+")], 2)
		eq(result.transactions, 0)
		t:stop()
	end
end

--# connections that are refused are the cause connect
local sock = socket.new("inet", "tcp")
sock:bind(LO, 0)
local result = client("tcp_crr", select(2, sock:getsockname()), { test_length = -3, timeout = "10s" })
eq(causes(result), "connect ECONNREFUSED 3")

--# requests without a response in time are the cause timeout, and go on with another connection
for _, workload in ipairs{ "tcp_rr", "tcp_crr" } do
	local sock = socket.new("inet", "tcp")
	sock:bind(LO, 0)
	sock:listen(16)
	local result = client(workload, select(2, sock:getsockname()), { timeout = "20ms", test_length = -3,
		thresholds = { "errors.timeout==0", "errors==3" } })
	eq(causes(result), "timeout ETIMEDOUT 3")
	eq(result.connects, 3)
	eq(result.unanswered, 0)
	eq(result.failed[1], "errors.timeout==0: 3")
	eq(result.lost, 0)
end

--# after a request without a response the flow has the ones that come
local function second(listener)
	local first = listener:accept()
	while true do
		local sock = listener:accept()
		pcall(function()
			while sock:read(1) do sock:write("x") end
		end)
		sock:close()
	end
	return first
end
for _, hooked in ipairs{ false, true } do
	if hooked then load.client_recvmsg(recvmsg) end
	local port, t = serve("tcp", second)
	local result = client("tcp_rr", port, { timeout = "1s", test_length = -10 })
	assert(result.causes.timeout >= 1 and result.transactions >= 1, causes(result))
	eq(result.causes.timeout + result.transactions, 10)
	eq(result.errors, result.causes.timeout)
	t:stop()
end

--# hooks of sockets see each connection that is made after a request without a response
local seen = load.collect({ opened = 0, closed = 0 })
client_socket(function() seen.opened = seen.opened + 1 end)
client_close(function() seen.closed = seen.closed + 1 end)
local sock = socket.new("inet", "tcp")
sock:bind(LO, 0)
sock:listen(16)
local result = client("tcp_rr", select(2, sock:getsockname()), { timeout = "20ms", test_length = -3 })
eq(result.causes.timeout, 3)
assert(seen[1].opened >= 3 and seen[1].closed == seen[1].opened)

--# a flow whose server is not there any more when it is to go on is gone, and the run with the last one
local port, t = serve("tcp", function(listener)
	local sock = listener:accept()
	listener:close()
	-- The request, and then the connection's end.
	sock:read(1)
	pcall(sock.read, sock, 1)
end)
local result = client("tcp_rr", port, { timeout = "200ms", test_length = "1h" })
eq(causes(result), "connect ECONNREFUSED 1, timeout ETIMEDOUT 1")
eq(result.transactions, 0)

--# a response that comes too late over UDP is not taken for the next one's
for _, hooked in ipairs{ false, true } do
	if hooked then load.client_recvmsg(recvmsg) end
	local port, t = serve("udp", function(sock)
		local first, second = {}, {}
		assert(recvfrom(sock, data.new(9), 9, 0, first) == 1)
		assert(recvfrom(sock, data.new(9), 9, 0, second) == 1)
		sendto(sock, "x", 1, 0, first)
		return first.port ~= second.port
	end)
	local result = client("udp_rr", port, { timeout = "200ms", test_length = -2 })
	eq(select(2, t:join()), true)
	eq(result.transactions, 0)
	eq(result.lost, 2)
	eq(result.errors, 0)
end

--# with several requests under way a flow stays at its socket, and late responses are taken for others
local port, t = serve("udp", function(sock)
	local first, second = {}, {}
	assert(recvfrom(sock, data.new(9), 9, 0, first) == 1)
	assert(recvfrom(sock, data.new(9), 9, 0, second) == 1)
	return first.port == second.port
end)
local result = client("udp_rr", port, { timeout = "50ms", test_length = -4, outstanding = 2 })
eq(select(2, t:join()), true)
eq(result.lost, 4)
