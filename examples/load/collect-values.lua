-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- How values come back from workers: each has its own copy of what its hooks
-- refer to, and what is collected is an array of these copies when the run is
-- over. A function that hooks use is copied with them.
--
--   luadrv run examples/load/collect-values.lua
--
-- It prints a line for each worker:
--
--   worker 0: 8231 bytes in 8231 calls
--   worker 1: 8198 bytes in 8198 calls
--   ...

local THREADS = 4
local bytes, counts = collect(-1), { calls = collect(0) }

local function note(n)
	bytes = math.max(bytes, 0) + n
	counts.calls = counts.calls + 1
end

client_sendmsg(function(sock, msg, flags)
	local n, err = sendmsg(sock, msg, flags)
	if n then note(n) end
	return n, err
end)

run{ role = "both", workload = "tcp_rr", num_threads = THREADS, num_flows = THREADS, test_length = "1s" }
for i = 1, bytes.n do print(("worker %d: %d bytes in %d calls"):format(i - 1, bytes[i], counts.calls[i])) end
