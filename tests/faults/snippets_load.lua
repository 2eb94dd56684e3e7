-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Every public function of the library load, as snippets.lua has the others.

--== histogram
local load = require "load"
--= load.histogram lhistogram:record lhistogram:count lhistogram:min lhistogram:max lhistogram:mean lhistogram:stddev
local h = load.histogram()
h:record(1500)
h:record(7, 3)
assert(h:count() == 4 and h:min() == 7 and h:max() == 1500 and h:mean() == 380 and h:stddev() == 646)
assert(not pcall(h.record, h, -1))
--= lhistogram:percentile lhistogram:buckets lhistogram:__len lhistogram:__tostring
local h = load.histogram()
for v = 1, 100 do h:record(v * v) end
assert(h:percentile("50.0") >= 2500 and #h == 100 and h:buckets()[1].to == 1)
assert(tostring(h) == "lhistogram (100 values, 1 to 10000)" and not pcall(h.percentile, h, "100.1"))
--= lhistogram:copy lhistogram:merge lhistogram:subtract lhistogram:reset
local h = load.histogram()
h:record(5)
local c = h:copy()
assert(#c:merge(h) == 2 and #c:subtract(h) == 1)
h:reset()
assert(#h == 0 and #c == 1)
--= thread.channel
-- Copies of them.
local ch = thread.channel(2)
local h = load.histogram()
h:record(5)
ch:send{ h, h, load.histogram() }
ch:send(h)
local t = ch:receive()
assert(t[1] == t[2] and #t[1] == 1 and #t[3] == 0 and #h == 1)

--== load
local load = require "load"
--= load.client_socket load.client_close load.server_socket load.server_close load.client_recverr load.server_recverr
local opened, closed = load.collect(0), load.collect(0)
load.client_socket(function() opened = opened + 1 end)
load.server_socket(function() opened = opened + 1 end)
load.client_close(function() closed = closed + 1 end)
load.server_close(function() closed = closed + 1 end)
load.client_recverr(recvmsg)
load.server_recverr(recvmsg)
--= load.client_sendmsg load.client_recvmsg load.server_sendmsg load.server_recvmsg load.collect
local moved = load.collect({})
local function note(call)
	return function(...)
		local n, err = call(...)
		moved[#moved + 1] = n
		return n, err
	end
end
load.client_sendmsg(note(sendmsg))
load.client_recvmsg(note(recvmsg))
load.server_sendmsg(note(sendmsg))
load.server_recvmsg(note(recvmsg))
--= load.run load.result load.options load.is_client load.is_server load.thread_id load.tid_iter
local result = load.run{ role = "both", workload = "tcp_rr", test_length = -3 }
assert(load.result() == result and result.transactions == 3 and load.is_client() and load.is_server())
assert(load.thread_id() == nil and load.tid_iter()() == 0 and #load.options() > 50)
--= result:dump result:keyvals result:csv result:json
local result = load.result()
assert(result:dump():find("workload=tcp_rr", 1, true) and result:keyvals():find("num_transactions=3", 1, true))
assert(result:csv():find("^tid,") and result:json():find('"transactions":3', 1, true))
