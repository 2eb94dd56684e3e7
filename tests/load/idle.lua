-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Flows that wait cost nothing meanwhile, whatever has become of their peers: how often hooks are called tells.

local load = require "load"
local calls, sends = load.collect(0), load.collect(0)

local function count_calls(...)
	calls = calls + 1
	return recvmsg(...)
end

local function count_sends(...)
	sends = sends + 1
	return sendmsg(...)
end

-- A client that writes twice a second to this port.
local function write_slowly(workload, port)
	return load.run{ role = "client", workload = workload, control_port = 0, host = LO, port = port, rate = 2,
		test_length = "1100ms" }
end

-- A server of load's whose client is this function in a thread, which gets a connected socket.
local function serve(client)
	local listener = socket.new("inet", "tcp")
	listener:bind(LO, 0)
	local port = select(2, listener:getsockname())
	listener:close()
	local t = thread.spawn(function(client, port)
		local sock
		repeat
			sock = socket.new("inet", "tcp")
			local ok = pcall(sock.connect, sock, "127.0.0.1", port)
			kernel.sleep(1)
		until ok
		client(sock)
	end, client, port)
	local result = load.run{ role = "server", workload = "tcp_stream", control_port = 0, host = LO, port = port,
		test_length = "1s" }
	t:stop()
	return result
end

--# a client that only writes is not called up to its next write when the connection is reset
client_recverr(count_calls)
client_sendmsg(count_sends)
local listener = socket.new("inet", "tcp")
listener:bind(LO, 0)
listener:listen()
local t = thread.spawn(function(listener)
	local sock = listener:accept()
	sock:recv(1)
	sock:setsockopt("socket", "linger", 0)
	sock:close()
end, listener)
local result = write_slowly("tcp_stream", select(2, listener:getsockname()))
t:join()
assert(calls[1] <= sends[1] and result.errors <= 1, calls[1])

--# a client that only writes is called once for each datagram that nobody takes
client_recverr(count_calls)
client_sendmsg(count_sends)
local result = write_slowly("udp_stream", 1)
assert(calls[1] <= sends[1] and result.errors > 0, calls[1])

--# urgent data, and an end that is not read, call no hook again and again
server_recvmsg(count_calls)
local result = serve(function(sock)
	sock:send("abc")
	sock:send("!", "O")
	sock:shutdown("write")
	kernel.sleep(1 << 30)
end)
assert(calls[1] < 10 and result.received <= 3, calls[1])

--# a hook for errors is called as often as there are some
server_socket(function(sock)
	assert(setsockopt(sock, SOL_SOCKET, SO_TIMESTAMPING,
		SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY))
end)
server_recverr(count_calls)
server_sendmsg(count_sends)
load.run(both{ test_length = -20, num_flows = 2 })
-- Each time it may find the queue empty once.
assert(calls[1] > 0 and calls[1] <= 2 * sends[1], calls[1] .. " of " .. sends[1])
