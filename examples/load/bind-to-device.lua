-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A server that is to be reached over one network device alone: a hook sets an
-- option of its socket, after socket() and before bind().
--
--   luadrv run examples/load/bind-to-device.lua [DEVICE]     by default "lo"
--
-- It prints what the server is bound to, and what the load has come to:
--
--   bound to lo
--   25731 transactions

local DEVICE = arg[1] or "lo"
local bound = collect("nothing")

server_socket(function(sock)
	assert(setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, DEVICE))
	bound = getsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE)
end)

local result = run{ role = "both", workload = "tcp_rr", test_length = "1s" }
print("bound to " .. bound[1])
print(result.transactions .. " transactions")
