-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- run() returns when the load is over: a script can take the time around it.
--
--   luadrv run examples/load/time-script-run.lua
--
-- It prints how long that was, and how long it had been asked for:
--
--   1 s of load took 1004 ms

local begin = kernel.time_ns()
run{ role = "both", workload = "tcp_rr", test_length = "1s" }
print(("1 s of load took %d ms"):format((kernel.time_ns() - begin) // 1000000))
