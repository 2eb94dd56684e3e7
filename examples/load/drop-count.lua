-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- How many datagrams a server loses because its sockets have no room left: the
-- kernel counts them (SO_RXQ_OVFL) and tells with each message that it gives.
--
--   luadrv run examples/load/drop-count.lua
--
-- It prints a line for each of the server's threads, and one of all:
--
--   thread 0: 61804 received, 3021 dropped
--   thread 1: 62011 received, 2977 dropped
--   total: 123815 received, 5998 dropped

local stats = collect({ packets = 0, drops = 0 })

server_socket(function(sock)
	assert(setsockopt(sock, SOL_SOCKET, SO_RXQ_OVFL, 1))
	assert(setsockopt(sock, SOL_SOCKET, SO_RCVBUF, 4096))
end)

server_recvmsg(function(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	if not n then return nil, err end
	stats.packets = stats.packets + 1
	for _, cmsg in msg:cmsgs() do
		if cmsg.cmsg_level == SOL_SOCKET and cmsg.cmsg_type == SO_RXQ_OVFL then
			stats.drops = uint32_ptr(cmsg.cmsg_data)[0]
		end
	end
	return n
end)

run{ role = "both", workload = "udp_stream", num_threads = 2, num_flows = 16, buffer_size = 64, test_length = "1s" }

local packets, drops = 0, 0
for thread, s in ipairs(stats) do
	print(("thread %d: %d received, %d dropped"):format(thread - 1, s.packets, s.drops))
	packets, drops = packets + s.packets, drops + s.drops
end
print(("total: %d received, %d dropped"):format(packets, drops))
