-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Hooks that raise amid a thousand flows on both sides: nothing is left of these.

local load = require "load"
local FLOWS = 1000 // SLOW

-- Options of a run of many flows, which does not end by itself.
local function many(workload, options)
	local all = both{ workload = workload, num_flows = FLOWS, num_threads = 2, test_length = "1h", interval = "10ms" }
	for key, value in pairs(options or {}) do all[key] = value end
	return all
end

-- A hook that raises when all flows may have come by; before that it calls this.
local function fails_late(call)
	local left = FLOWS // 4
	return function(...)
		left = left - 1
		if left < 0 then error("it is broken") end
		return call(...)
	end
end

local function fails() error("it is broken") end

-- Has what was sent come back by the error queue.
local function stamps(sock)
	assert(setsockopt(sock, SOL_SOCKET, SO_TIMESTAMPING,
		SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY))
end

-- Sets a hook that raises; gives the options that a run needs to come to it.
local function break_hook(role, what)
	local hook = load[role .. "_" .. what]
	if what == "sendmsg" then
		hook(fails_late(sendmsg))
	elseif what == "recvmsg" then
		hook(fails_late(recvmsg))
	elseif what == "recverr" then
		load[role .. "_socket"](stamps)
		hook(fails_late(recvmsg))
	elseif what == "socket" and role == "client" then
		hook(fails_late(function() end))
	else
		hook(fails)
	end
	return { test_length = what == "close" and "10ms" or "1h", suicide_length = 30 * SLOW }
end

-- Each hook in turn raises while all flows are busy.
local function break_all(workload)
	for _, role in ipairs{ "client", "server" } do
		for _, what in ipairs{ "socket", "close", "sendmsg", "recvmsg", "recverr" } do
			require("load.state").hooks = {}
			local options = break_hook(role, what)
			-- Otherwise a stream's clients only write.
			if workload == "tcp_stream" then options.enable_read, options.enable_write = true, true end
			local e = raises("it is broken", load.run, many(workload, options))
			assert(e:find(("^load: %s %%d: %s_%s: "):format(role, role, what)), e)
		end
	end
end

--# an error in any hook ends a thousand flows of tcp_rr
break_all("tcp_rr")

--# an error in any hook ends a thousand flows of tcp_crr
break_all("tcp_crr")

--# an error in any hook ends a thousand flows of tcp_stream
break_all("tcp_stream")

--# an error in any hook ends a thousand flows of udp_rr
break_all("udp_rr")
