-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- How values come back from workers: each has its own copy of what its hooks
-- refer to, and what is collected is an array of these copies when the run is
-- over. A function that hooks use is copied with them.
--
--   luadrv run examples/load/collect-values.lua
--
-- It prints a line for each worker: how many bytes it sent, and in how many calls.
-- All four clients do; the server's workers keep what was there before:
--
--   client 0: 8231 bytes in 8231 calls
--   ...
--   server 0: -1 bytes in 0 calls
require "load"

local THREADS = 4
local bytes, stats = collect(-1), { calls = collect(0) }

local function note(n)
	if bytes < 0 then bytes = 0 end
	bytes, stats.calls = bytes + n, stats.calls + 1
end

client_sendmsg(function(sock, msg, flags)
	local n, err = sendmsg(sock, msg, flags)
	if n then note(n) end
	return n, err
end)

run{ role = "both", workload = "tcp_rr", num_threads = THREADS, num_flows = THREADS, test_length = "1s" }
