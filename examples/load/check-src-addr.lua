-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A server that looks at where each datagram comes from: its hook receives in
-- the place of the engine, by a call that tells the sender. The client's hook
-- binds its sockets to the address that is expected.
--
--   luadrv run examples/load/check-src-addr.lua
--
-- It prints how many datagrams came, by their sender:
--
--   127.0.0.2: 120334 datagrams

local SOURCE = "127.0.0.2"
local senders = collect({})

client_socket(function(sock)
	assert(bind(sock, sockaddr_in(0, SOURCE)))
end)

server_socket(function(_, addr)
	assert(addr.ai_family == AF_INET, "this is about addresses of IPv4")
end)

server_recvmsg(function(sock, msg, flags)
	local iov = msg.iov[1]
	local n, from = recvfrom(sock, iov.iov_base, iov.iov_len, flags)
	if not n then return nil, from end
	assert(from.addr == SOURCE, "a datagram of " .. from.addr)
	senders[from.addr] = (senders[from.addr] or 0) + 1
	return n
end)

run{ role = "both", workload = "udp_stream", buffer_size = 100, test_length = "1s" }
for _, counts in ipairs(senders) do
	for addr, count in pairs(counts) do print(("%s: %d datagrams"):format(addr, count)) end
end
