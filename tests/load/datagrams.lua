-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What was lost over UDP.

local load = require "load"

--# two scripts tell each other what was sent and received over UDP, so both know what was lost
for _, workload in ipairs{ "udp_stream", "udp_rr" } do
	local up = thread.channel()
	local t = thread.spawn(function(workload, up)
		up:send(true)
		local result = require("load").run{ role = "server", workload = workload }
		return result.datagrams, result.lost, result.receives
	end, workload, up)
	up:receive()
	local c = thread.spawn(function(workload)
		local load = require "load"
		local n = load.collect(0)
		-- Of three datagrams only two are sent.
		load.client_sendmsg(function(sock, msg, flags)
			local count, err = msg.iov[1].iov_len, nil
			if n % 3 ~= 0 then count, err = sendmsg(sock, msg, flags) end
			n = n + (count and 1 or 0)
			return count, err
		end)
		local result = load.run{ role = "client", workload = workload, host = "127.0.0.1", test_length = "1s",
			warmup = "50ms", timeout = workload == "udp_rr" and "20ms" or nil }
		return result.datagrams, result.lost, n[1], result:keyvals() .. "\n"
	end, workload)
	local _, here, lost, sent, text = c:join()
	local _, there, server_lost, receives = t:join()
	for _, name in ipairs{ "sent", "received", "lost" } do
		eq(here[name], there[name])
		assert(text:find(("\ndatagrams_%s=%d\n"):format(name, here[name])), text)
	end
	assert(here.sent == sent and here.received == receives and sent > receives)
	eq(here.lost, here.sent - here.received)
	if workload == "udp_stream" then
		assert(here.lost >= here.sent // 3 and lost == here.lost and server_lost == here.lost)
		eq(here.responses, nil)
	else
		assert(here.responses.sent <= here.received and here.responses.received <= here.responses.sent)
		eq(here.responses.lost, here.responses.sent - here.responses.received)
	end
end

--# over TCP there is no such figure
eq(load.run(both{}).datagrams, nil)
