-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What every script of the suite load may use, besides tests/lib.lua.

local LO = "127.0.0.1"

-- Options of a run of both a client and a server: 30 requests, or a tenth of a second of a stream.
local function both(options)
	local stream = (options.workload or "tcp_rr"):find("stream")
	local all = { role = "both", workload = "tcp_rr", test_length = stream and "100ms" or -30 }
	for key, value in pairs(options) do all[key] = value end
	return all
end
