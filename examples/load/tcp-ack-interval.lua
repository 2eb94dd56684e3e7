-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- How long it takes from one acknowledgement of a TCP peer to the next: the
-- kernel puts the time of each (SO_TIMESTAMPING) into the error queue of the
-- sender's socket, where a hook reads it.
--
--   luadrv run examples/load/tcp-ack-interval.lua
--
-- It prints, for each of the client's threads and for all, how many intervals
-- were how long; a line counts those of 2^n to 2^(n+1)-1 ns:
--
--   thread 0: 5120 intervals
--        8192 ns  1371  ########
--       16384 ns  3749  ########################
--   ...
--   total: 10283 intervals

local THREADS = 2
local histogram = collect({})
local last = {}			-- of each connection: when it was acknowledged last, in ns

client_socket(function(sock)
	assert(setsockopt(sock, SOL_SOCKET, SO_TIMESTAMPING,
		SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_OPT_TSONLY))
end)

local function log2(n)
	local bits = 0
	while n > 1 do n, bits = n // 2, bits + 1 end
	return bits
end

local function note(sock, time)
	local before = last[sock]
	last[sock] = time
	if not before then return end
	local slot = log2(math.max(time - before, 1))
	histogram[slot] = (histogram[slot] or 0) + 1
end

client_recverr(function(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	if not n then return nil, err end
	for _, cmsg in msg:cmsgs() do
		if cmsg.cmsg_level == SOL_SOCKET and cmsg.cmsg_type == SCM_TIMESTAMPING then
			local software = scm_timestamping_ptr(cmsg.cmsg_data).ts[0]
			note(sock, software.tv_sec * 1000000000 + software.tv_nsec)
		end
	end
	return n
end)

run{ role = "both", workload = "tcp_stream", num_threads = THREADS, num_flows = THREADS, test_length = "1s" }

local function report(name, slots)
	local count, most = 0, 1
	for _, n in pairs(slots) do count, most = count + n, math.max(most, n) end
	print(("%s: %d intervals"):format(name, count))
	for slot = 0, 62 do
		local n = slots[slot]
		if n then print(("%12d ns  %6d  %s"):format(1 << slot, n, ("#"):rep(n * 40 // most))) end
	end
end

local total = {}
for thread, slots in ipairs(histogram) do
	report("thread " .. thread - 1, slots)
	for slot, n in pairs(slots) do total[slot] = (total[slot] or 0) + n end
end
report("total", total)
