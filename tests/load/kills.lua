-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A thousand flows on both sides that end in the middle of a run: nothing is left of them.

local load = require "load"

-- Runs many flows of a workload, up to a signal.
local function until_killed(workload)
	load.run(both{
		workload = workload, num_flows = 1000 // SLOW, num_threads = 2, test_length = "1h", interval = "10ms",
		on_interval = function(_, delta)
			if delta.sent > 0 then print "ready" end
		end,
	})
end

--# a thousand flows of tcp_rr are stopped in the middle
--! stop
until_killed("tcp_rr")

--# a thousand flows of tcp_crr are stopped in the middle
--! stop
until_killed("tcp_crr")

--# a thousand flows of tcp_stream are stopped in the middle
--! stop
until_killed("tcp_stream")

--# a thousand flows of udp_rr are stopped in the middle
--! stop
until_killed("udp_rr")
