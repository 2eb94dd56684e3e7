-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What a script may have, reached by a load: an error that names the limit, after which all goes on.

local load = require "load"
-- A worker that has not even the memory to say so tells it in the log. What comes of that to others may be the error.
local ANY = ""
local SOCKETS = "(limit: module parameter sockets, --sockets)"

-- The run fails at a limit, whoever reaches it; the next one goes well.
local function reaches(limit, options)
	print(raises(limit, load.run, options))
	require("load.state").hooks = {}
	eq(load.run(both{}).transactions, 30)
end

--# memory for flows
--! param memory=8M
--! log (limit: module parameter memory, --memory)
reaches(ANY, both{ workload = "tcp_rr", num_flows = 1000, outstanding = 1000 })

--# memory for connections, of either side
--! param memory=4M
--! log (limit: module parameter memory, --memory)
reaches(ANY, both{ workload = "tcp_rr", num_flows = 10000, num_threads = 2 })

--# memory for buffers
--! param memory=8M
--! log (limit: module parameter memory, --memory)
reaches(ANY, both{ workload = "tcp_stream", buffer_size = "16M" })

--# memory for threads
--! param memory=8M
--! log (limit: module parameter memory, --memory)
reaches(ANY, both{ num_threads = 100, num_flows = 100, test_length = -100 })

--# memory that a hook takes, of each role
--! param memory=8M
--! log (limit: module parameter memory, --memory)
for _, role in ipairs{ "client", "server" } do
	local kept = {}
	load[role .. "_sendmsg"](function(...)
		kept[#kept + 1] = ("x"):rep(20000) .. #kept
		return sendmsg(...)
	end)
	reaches(ANY, both{ num_flows = 10, num_threads = 2, test_length = "1h" })
end

--# memory that is collected takes too much of the script's
--! param memory=8M
--! log (limit: module parameter memory, --memory)
local kept = load.collect({})
load.client_sendmsg(function(...)
	if #kept < 200 then kept[#kept + 1] = ("x"):rep(20000) .. #kept end
	return sendmsg(...)
end)
reaches(ANY, both{ test_length = -200 })

--# memory that on_interval takes
--! param memory=8M
--! log (limit: module parameter memory, --memory)
reaches(ANY, both{ test_length = "1h", interval = "1ms", on_interval = function()
	local kept = {}
	for i = 1, 1 << 40 do kept[i] = ("x"):rep(20000) .. i end
end })

--# sockets of clients, and of servers
--! param sockets=40
reaches(SOCKETS, both{ num_flows = 30 })
reaches(SOCKETS, both{ workload = "udp_rr", num_flows = 50 })
reaches(SOCKETS, both{ num_flows = 50, num_threads = 5 })

--# sockets of connections that come and go
--! param sockets=40
reaches(SOCKETS, both{ workload = "tcp_crr", num_flows = 50, test_length = "1h" })

--# a limit of memory that nobody catches ends the script with it
--! param memory=8M
--! error ENOMEM (limit: module parameter memory, --memory)
load.run(both{ workload = "tcp_rr", num_flows = 1000, outstanding = 1000 })

--# a limit of sockets that nobody catches ends the script with it
--! param sockets=40
--! error EMFILE (limit: module parameter sockets, --sockets)
load.run(both{ num_flows = 50 })

--# instructions of hooks end the script
--! param instructions=2000000
--! error ETIME (limit: module parameter instructions, --instructions)
load.client_sendmsg(function(...) return sendmsg(...) end)
load.run(both{ num_flows = 10, num_threads = 2, test_length = "1h" })

--# instructions of a hook that does not return end the script
--! param instructions=2000000
--! error ETIME (limit: module parameter instructions, --instructions)
load.server_recvmsg(function() while true do end end)
load.run(both{ num_flows = 10, num_threads = 2, test_length = "1h" })
