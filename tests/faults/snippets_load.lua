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
