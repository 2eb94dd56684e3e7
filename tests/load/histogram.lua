-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Histograms: what they know of the values, and how exactly; copies; limits.

local histogram = require("load").histogram
local MAX = math.maxinteger

-- A histogram of these values.
local function of(values)
	local h = histogram()
	for _, v in ipairs(values) do h:record(v) end
	return h
end

-- All that a histogram tells, as text; without the least and the greatest value if they are not asked for.
local function whole(h, inexact)
	local t = { h:count(), h:mean(), h:stddev() }
	if not inexact then t[4], t[5] = h:min(), h:max() end
	for _, b in ipairs(h:buckets()) do
		t[#t + 1] = ("%d..%d: %d"):format(b.from, b.to, b.count)
	end
	return table.concat(t, ", ")
end

-- Numbers below n that are always the same; 2^32 different ones.
local function numbers(seed)
	return function(n)
		seed = (seed * 6364136223846793005 + 1442695040888963407)
		return (seed >> 33) % n
	end
end

-- The bucket of a histogram that has this one value.
local function bucket(v)
	local list = of{ v }:buckets()
	eq(#list, 1)
	eq(list[1].count, 1)
	return list[1].from, list[1].to
end

--# an empty histogram tells zero of everything
local h = histogram()
eq(whole(h), "0, 0, 0, 0, 0")
eq(#h, 0)
for _, p in ipairs{ 0, 50, 100, "99.9" } do eq(h:percentile(p), 0) end
eq(tostring(h), "lhistogram (empty)")

--# one value is its least, greatest, mean and every percentile
for _, v in ipairs{ 0, 1, 127, 128, 129, 1000001, MAX - 1, MAX } do
	local h = of{ v }
	eq(#h, 1)
	eq(h:min(), v) eq(h:max(), v) eq(h:mean(), v) eq(h:stddev(), 0)
	for _, p in ipairs{ 0, 1, "0.001", 50, "99.999", 100 } do eq(h:percentile(p), v) end
end

--# values below 128 have a bucket each
for v = 0, 127 do
	local from, to = bucket(v)
	eq(from, v) eq(to, v)
end

--# each power of two has 64 buckets of the same width, one after the other
for power = 7, 62 do
	local width = (1 << power) // 64
	for _, i in ipairs{ 0, 1, 31, 62, 63 } do
		local low = (1 << power) + i * width
		for _, v in ipairs{ low, low + width // 2, low + width - 1 } do
			local from, to = bucket(v)
			eq(from, low)
			eq(to, low + width - 1)
		end
	end
end

--# buckets are listed in their order, those without values not at all
local h = of{ 1000, 5, 1001, 300, 5 }
h:record(70, 3)
eq(whole(h), "8, 315, 405, 5, 1001, 5..5: 2, 70..70: 3, 300..303: 1, 1000..1007: 2")

--# the values from 0 to 2^63 - 1 are between the first and the last bucket
local list = of{ 0, MAX }:buckets()
eq(list[1].from, 0) eq(list[1].to, 0)
eq(list[2].from, 127 << 56) eq(list[2].to, MAX)

--# a value is recorded as often as is told
local a, b = histogram(), histogram()
for v = 1, 500 do
	for _ = 1, v % 7 do a:record(v * v) end
	b:record(v * v, v % 7)
end
eq(whole(a), whole(b))
b:record(1 << 40, 0)
eq(whole(a), whole(b))

--# mean and deviation are of the values, not of their buckets
local h = of{ 1000000, 1000001, 1000003 }
eq(#h:buckets(), 1)
eq(h:mean(), 1000001)
eq(h:stddev(), 1)
h = of{ 2, 4, 4, 4, 5, 5, 7, 9 }
eq(h:mean(), 5) eq(h:stddev(), 2)

--# sums of the largest values have room
local h = histogram()
h:record(MAX, MAX // 2)
eq(h:mean(), MAX) eq(h:stddev(), 0)
h:record(0, MAX // 2)
eq(h:mean(), MAX // 2) eq(h:stddev(), MAX // 2)

--# a percentile is at most one part in 64 more than the value that it stands for
--! timeout 120
local random = numbers(7)
local distributions = {
	same = function() return 123457 end,
	small = function() return random(100) end,
	even = function() return random(10000000) end,
	long_tail = function() return 20000 + (1 << random(40)) // (1 + random(50)) end,
	two = function() return random(10) == 0 and 5000000 + random(9999) or 3000 + random(300) end,
	all_sizes = function() return random(1 << 31) << 32 >> random(63) & MAX end,
}
local shares = { [0] = { 0, 100 }, [1] = { 1, 100 }, [50] = { 50, 100 }, [75] = { 75, 100 }, [90] = { 90, 100 },
	["99"] = { 99, 100 }, ["99.9"] = { 999, 1000 }, ["99.99"] = { 9999, 10000 }, ["99.999"] = { 99999, 100000 },
	["0.1"] = { 1, 1000 }, ["33.333"] = { 33333, 100000 }, [100] = { 100, 100 }, ["100.000"] = { 1, 1 } }
for name, next_value in pairs(distributions) do
	local values, h = {}, histogram()
	for i = 1, 20000 // SLOW do
		values[i] = next_value()
		h:record(values[i])
	end
	table.sort(values)
	for p, share in pairs(shares) do
		local rank = math.max((#values * share[1] + share[2] - 1) // share[2], 1)
		local exact, got = values[rank], h:percentile(p)
		assert(got >= exact and got - exact <= exact // 64,
			("%s, %s %%: %d, want %d"):format(name, p, got, exact))
	end
	eq(h:min(), values[1])
	eq(h:max(), values[#values])
end

--# percentiles are taken as they are written, to the last digit
local h = histogram()
h:record(1, 99999)
h:record(2, 1)
eq(h:percentile("99.999"), 1)
eq(h:percentile("99.9990"), 1)
eq(h:percentile("99.9991"), 2)
eq(h:percentile("99.999000001"), 2)
eq(h:percentile("099"), 1)
eq(h:percentile("0"), 1)

--# no percentile exceeds the greatest value
local h = of{ 1000000 }
eq(h:buckets()[1].to, 1007615)
eq(h:percentile(100), 1000000)
eq(h:percentile(50), 1000000)

--# merging is as if all values had been recorded in one
local random = numbers(3)
local a, b, all = histogram(), histogram(), histogram()
for i = 1, 5000 // SLOW do
	local v = random(1 << 30) >> random(30)
	;(i % 3 == 0 and a or b):record(v)
	all:record(v)
end
local before = whole(b)
eq(a:merge(b), a)
eq(whole(a), whole(all))
eq(whole(b), before)

--# an empty histogram changes nothing, and becomes what is merged into it
local a, b = of{ 5, 900, 70000 }, histogram()
local before = whole(a)
eq(whole(a:merge(b)), before)
eq(whole(b:merge(a)), before)

--# a histogram merged with itself has everything twice
local a, twice = of{ 5, 900 }, of{ 5, 900, 5, 900 }
eq(whole(a:merge(a)), whole(twice))

--# what is left after an earlier copy is taken away came since then
local random = numbers(11)
local h, since = histogram(), histogram()
for _ = 1, 3000 // SLOW do h:record(random(1 << 20)) end
local before = h:copy()
for _ = 1, 2000 // SLOW do
	local v = 500 + random(1 << 25)
	h:record(v)
	since:record(v)
end
local got = h:copy()
eq(got:subtract(before), got)
eq(whole(got, true), whole(since, true))
assert(got:min() <= since:min() and since:min() - got:min() <= since:min() // 64, got:min())
assert(got:max() >= since:max() and got:max() - since:max() <= since:max() // 64, got:max())
eq(#h, 5000 // SLOW)

--# a least and a greatest value that are left stay exact
local h = of{ 1000000 }
local before = h:copy()
h:record(999999)
h:record(2000003)
h:subtract(before)
eq(h:min(), 999999)
eq(h:max(), 2000003)

--# a histogram less itself is empty, and can be used on
local h = of{ 5, 900 }
eq(whole(h:subtract(h)), "0, 0, 0, 0, 0")
h:record(7)
eq(whole(h), "1, 7, 0, 7, 7, 7..7: 1")

--# taking away what is not there leaves nothing negative
local h = of{ 5, 5, 1000 }
h:subtract(of{ 5, 6, 70, 1005, 1005, MAX })
eq(#h, 1)
eq(#h:buckets(), 1)
eq(h:min(), 5) eq(h:max(), 5) eq(h:mean(), 5) eq(h:stddev(), 0)

--# a copy does not follow
local h = of{ 5 }
local c = h:copy()
h:record(6)
c:record(700)
eq(whole(h), whole(of{ 5, 6 }))
eq(whole(c), whole(of{ 5, 700 }))

--# a histogram that was reset is as a new one
local h = of{ 5, 900 }
h:reset()
eq(whole(h), whole(histogram()))
h:record(3)
eq(whole(h), whole(of{ 3 }))

--# from 2^63 - 1 values on, others are left out
local h = histogram()
h:record(5, MAX - 1)
h:record(1000, 7)
eq(#h, MAX)
h:record(2000)
eq(whole(h), ("%d, 5, 0, 5, 1000, 5..5: %d, 1000..1007: 1"):format(MAX, MAX - 1))
eq(h:percentile(100), 1000)
eq(h:percentile(99), 5)

--# what is merged is left out as well, but for as much as there is room for
local h, other = histogram(), of{ 7, 7, 1000 }
h:record(5, MAX - 2)
h:merge(other)
eq(whole(h), ("%d, 5, 0, 5, 7, 5..5: %d, 7..7: 2"):format(MAX, MAX - 2))
h:merge(h)
eq(#h, MAX)
eq(h:percentile(100), 7)

--# a histogram as text tells how many values there are, and their range
eq(tostring(of{ 1500 }), "lhistogram (1 value, 1500 to 1500)")
eq(tostring(of{ 1500, 20071 }), "lhistogram (2 values, 1500 to 20071)")

--# what is no value, count or percentile is refused
local h = of{ 5 }
raises("value must be in 0..", h.record, h, -1)
raises("value must be in 0..", h.record, h, math.mininteger)
raises("number expected", h.record, h)
raises("number expected", h.record, h, {})
raises("number of times must be in 0..", h.record, h, 1, -1)
raises("percentile must be in 0..100", h.percentile, h, -1)
raises("percentile must be in 0..100", h.percentile, h, 101)
raises("number expected", h.percentile, h)
raises("number expected", h.percentile, h, {})
for _, p in ipairs{ "", ".", "99.", ".9", "9.9.9", "-1", "+1", "1e1", " 9", "9 ", "100.1", "101", "0x10", "9\0", "99,9",
		"99.99999999999999", "00000000000000" } do
	raises("percentile must be 0 to 100", h.percentile, h, p)
end
eq(whole(h), "1, 5, 0, 5, 5, 5..5: 1")

--# what is no histogram is refused
local h = histogram()
for _, other in ipairs{ 0, "x", {}, socket.timer(), thread.channel() } do
	raises("lhistogram expected", h.merge, h, other)
	raises("lhistogram expected", h.subtract, h, other)
	for name in pairs{ record = 1, count = 1, percentile = 1, copy = 1, reset = 1, buckets = 1 } do
		raises("lhistogram expected", h[name], other, 1)
	end
end
raises("lhistogram expected", h.merge, h)

--# scripts see nothing of its metatable
local h = histogram()
eq(getmetatable(h), "lhistogram")
raises("index", function() h.x = 1 end)

--# a histogram goes through a channel as a copy
local ch = thread.channel(1)
local h = of{ 5, 900, 123456789 }
ch:send(h)
h:record(1)
local c = ch:receive()
eq(whole(c), whole(of{ 5, 900, 123456789 }))
eq(#h, 4)
c:record(77)
eq(#h, 4)

--# one that is in a message twice arrives as one
local ch = thread.channel(1)
local h = of{ 5 }
ch:send{ h, { h }, of{ 5 } }
local t = ch:receive()
eq(t[1], t[2][1])
assert(t[1] ~= t[3])
t[1]:record(6)
eq(#t[2][1], 2)
eq(#t[3], 1)

--# a thread that does not know the library gets and returns histograms
local h = of{ 5, 900 }
local t = thread.spawn(function(h, n)
	for i = 1, n do h:record(i * 1000) end
	return h, h:copy()
end, h, 100)
local ok, a, b = t:join()
eq(ok, true)
eq(#h, 2)
for i = 1, 100 do h:record(i * 1000) end
eq(whole(a), whole(h))
eq(whole(b), whole(h))

--# a function takes one along as an upvalue
local h = of{ 5 }
local function f() h:record(7) return h end
local _, got = thread.spawn(f):join()
eq(whole(got), whole(of{ 5, 7 }))
eq(#h, 1)

--# those in messages that nobody receives are freed
local ch = thread.channel(10)
for _ = 1, 10 do ch:send{ of{ 1 }, of{ 2 } } end

--# those of a message that cannot be sent are freed
local ch = thread.channel(1)
raises("cannot copy", ch.send, ch, { of{ 1 }, of{ 2 }, coroutine.create(print) })
eq(#ch, 0)

--# threads that record and send at the same time have each their own
local up, threads = thread.channel(4), {}
for i = 1, 4 do
	threads[i] = thread.spawn(function(n)
		local h = require("load").histogram()
		for round = 1, 20 do
			for v = 1, n do h:record(v * round) end
			up:send(h)
			h:reset()
		end
	end, 10 * i)
end
local all, want = histogram(), histogram()
for _ = 1, 4 * 20 do all:merge(up:receive()) end
for i = 1, 4 do
	threads[i]:join()
	for round = 1, 20 do
		for v = 1, 10 * i do want:record(v * round) end
	end
end
eq(whole(all), whole(want))

--# 100 MiB of histograms that nobody has any more are no error
--! timeout 120
local h = histogram()
collectgarbage("stop")
for _ = 1, 1000 do
	histogram()
	h:copy()
	h:record(1)
end
local ch = thread.channel(1)
for _ = 1, 1200 do
	ch:send(h)
	ch:receive()
end
eq(#h, 1000)

--# what is kept meets the limit of memory, in each way to get one
--! param memory=2M
local first = of{ 5 }
local ch = thread.channel(100)
for _, make in ipairs{ histogram, first.copy, function(h) ch:send(h) return true end } do
	local keep, ok, e = {}, nil, nil
	repeat
		ok, e = pcall(make, first)
		keep[#keep + 1] = ok and e or nil
	until not ok
	eq(e.name, "ENOMEM")
	assert(tostring(e):find("module parameter memory", 1, true), tostring(e))
	assert(#keep >= 40 and #keep <= 64, #keep)
	keep = nil
	while #ch > 0 do ch:receive() end
end
eq(whole(first), whole(of{ 5 }))

--# those of the intervals of a run, which become garbage, are no error
--! param memory=8M
require("load").run{ workload = "tcp_rr", role = "both", interval = "1ms", test_length = "500ms" }
