-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Counts, snapshots and histograms of several workers and intervals as one.
--
-- A snapshot is what a worker has done up to a moment: time_ns (monotonic), the counts of an engine, of which errors is
-- a number; and of its last interval: latency_count latency_min latency_mean latency_max latency_stddev, and
-- latency_percentiles by their texts. Without a histogram those are nil. So a worker need not keep its histogram, of
-- 33 KiB, for each interval. interval is the number of that; warm, whether the warm-up was over:
-- then the counts are from its end on, before that from the beginning.

local _, core = ...
local muldiv, isqrt = core.muldiv, core.isqrt

local statistics = {}

-- What an engine counts, and adds up over workers.
statistics.counts = { "transactions", "sent", "received", "sends", "receives", "connects", "lost", "skipped", "late",
	"flows", "unanswered" }

-- ---- counts

-- How many errors a list of them has.
function statistics.errors(list)
	local sum = 0
	for _, one in ipairs(list or {}) do sum = sum + one.count end
	return sum
end

local function in_order(a, b)
	if a.cause ~= b.cause then return a.cause < b.cause end
	return a.code < b.code
end

local function sum_errors(list)
	local out, known = {}, {}
	for _, counts in ipairs(list) do
		for _, one in ipairs(counts.errors or {}) do
			local key = ("%s %d"):format(one.cause, one.code)
			if not known[key] then
				known[key] = { cause = one.cause, code = one.code, name = one.name, count = 0 }
				out[#out + 1] = known[key]
			end
			known[key].count = known[key].count + one.count
		end
	end
	table.sort(out, in_order)
	return out
end

-- The counts of several engines, added up.
function statistics.sum(list)
	local sum = { errors = sum_errors(list) }
	for _, name in ipairs(statistics.counts) do
		sum[name] = 0
		for _, counts in ipairs(list) do sum[name] = sum[name] + (counts[name] or 0) end
	end
	return sum
end

-- TCP_INFO of several engines: of means each counts as often as it has flows; what was retransmitted is a sum.
function statistics.info(list)
	local flows, sum = 0, {}
	for _, info in ipairs(list) do
		flows = flows + info.flows
		for name, mean in pairs(info) do
			local weight = name == "total_retrans" and 1 or info.flows
			if name ~= "flows" then sum[name] = (sum[name] or 0) + mean * weight end
		end
	end
	if flows == 0 then return end
	for name, total in pairs(sum) do
		if name ~= "total_retrans" then sum[name] = total // flows end
	end
	sum.flows = flows
	return sum
end

-- ---- histograms

-- Several as one that is nobody else's; nil if there are none.
function statistics.histogram(list)
	local sum
	for _, hist in ipairs(list) do
		if sum then sum:merge(hist) else sum = hist:copy() end
	end
	return sum
end

local function percentiles_of(hist, percentiles)
	local out = {}
	for _, one in ipairs(percentiles) do out[one] = hist:percentile(one) end
	return out
end

-- What is said of a histogram; nil of none.
function statistics.latency(hist, percentiles)
	if not hist then return end
	return { count = hist:count(), min = hist:min(), max = hist:max(), mean = hist:mean(), stddev = hist:stddev(),
		percentiles = percentiles_of(hist, percentiles), histogram = hist }
end

-- ---- snapshots

-- @counts of an engine at @time_ns; @hist, if there is one, is of the last interval alone.
function statistics.snapshot(time_ns, counts, hist, percentiles)
	local snap = { time_ns = time_ns, errors = statistics.errors(counts.errors) }
	for _, name in ipairs(statistics.counts) do snap[name] = counts[name] or 0 end
	if hist then
		snap.latency_count, snap.latency_min, snap.latency_max = hist:count(), hist:min(), hist:max()
		snap.latency_mean, snap.latency_stddev = hist:mean(), hist:stddev()
		snap.latency_percentiles = percentiles_of(hist, percentiles or {})
	end
	return snap
end

-- The standard deviation of all, of those of parts. What is great is shifted, so that squares fit.
local function pooled(parts, mean, count)
	local shift, most = 0, 0
	for _, one in ipairs(parts) do most = math.max(most, one.latency_max) end
	while most >> shift >= 1 << 30 do shift = shift + 1 end
	local variance = 0
	for _, one in ipairs(parts) do
		local off, own = (one.latency_mean >> shift) - (mean >> shift), one.latency_stddev >> shift
		variance = variance + muldiv(off * off + own * own, one.latency_count, count)
	end
	return isqrt(variance) << shift
end

local function merge_latency(snap, parts)
	local count, mean, percentiles = 0, 0, {}
	for _, one in ipairs(parts) do count = count + one.latency_count end
	for _, one in ipairs(parts) do
		mean = mean + muldiv(one.latency_mean, one.latency_count, count)
		snap.latency_min = math.min(snap.latency_min or one.latency_min, one.latency_min)
		snap.latency_max = math.max(snap.latency_max or 0, one.latency_max)
		for name, ns in pairs(one.latency_percentiles) do percentiles[name] = math.max(percentiles[name] or 0, ns) end
	end
	snap.latency_count, snap.latency_mean, snap.latency_percentiles = count, mean, percentiles
	snap.latency_stddev = pooled(parts, mean, count)
end

-- The snapshots of several workers at the same moment as one. Percentiles cannot be added up: they are those of the
-- worker that was worst.
function statistics.merge(snaps)
	local sum, parts, infos = { time_ns = 0, interval = 0, errors = 0, warm = false }, {}, {}
	for _, name in ipairs(statistics.counts) do sum[name] = 0 end
	for _, snap in ipairs(snaps) do sum.warm = sum.warm or snap.warm or false end
	for _, snap in ipairs(snaps) do
		sum.time_ns = math.max(sum.time_ns, snap.time_ns)
		sum.interval = math.max(sum.interval, snap.interval or 0)
		-- What somebody did in the warm-up does not count beside what others did after it.
		if snap.warm or not sum.warm then
			sum.errors = sum.errors + snap.errors
			for _, name in ipairs(statistics.counts) do sum[name] = sum[name] + (snap[name] or 0) end
			if (snap.latency_count or 0) > 0 then parts[#parts + 1] = snap end
		end
		infos[#infos + 1] = snap.info
	end
	if parts[1] then merge_latency(sum, parts) end
	sum.info = statistics.info(infos)
	return sum
end

local function number_of(queue)
	local first = queue[queue.at]
	return first and (first.interval or queue.at)
end

-- Takes the snapshots of the earliest interval out of queues, one for each worker, in which the first one is that at
-- `at`; gives them as one, nil if there are none. Who has none of that interval has done no more since his last one.
function statistics.take(queues)
	local earliest
	for _, queue in ipairs(queues) do
		local number = number_of(queue)
		if number and number < (earliest or number + 1) then earliest = number end
	end
	if not earliest then return end
	local list = {}
	for _, queue in ipairs(queues) do
		if number_of(queue) == earliest then
			queue.last = queue[queue.at]
			queue[queue.at], queue.at = nil, queue.at + 1
			list[#list + 1] = queue.last
		elseif queue.last then
			list[#list + 1] = setmetatable({ latency_count = 0 }, { __index = queue.last })
		end
	end
	return statistics.merge(list)
end

-- The snapshots of several workers, each an array, as one array.
function statistics.series(list)
	local out, queues = {}, {}
	for i, snaps in ipairs(list) do queues[i] = table.move(snaps, 1, #snaps, 1, { at = 1 }) end
	local snap = statistics.take(queues)
	while snap do
		out[#out + 1] = snap
		snap = statistics.take(queues)
	end
	return out
end

-- What is no count of what has happened since the beginning.
local GAUGES = { time_ns = true, flows = true, unanswered = true, interval = true }

-- What happened from one snapshot to the next; @before is nil for the first one. That one, and the first one after the
-- warm-up, is from @begin_ns on.
function statistics.delta(now, before, begin_ns)
	if before and now.warm and not before.warm then before = nil end
	local delta = { time_ns = now.time_ns - (before and before.time_ns or begin_ns or 0) }
	for name, value in pairs(now) do
		if name:find("^latency_") then
			delta[name] = value
		elseif not GAUGES[name] and math.type(value) then
			delta[name] = value - (before and before[name] or 0)
		end
	end
	return delta
end

-- ---- how even it went

-- How well the work, done by the times of an array of { x, y }, follows a line through the origin: hundredths, 100
-- is best. As neper has it: sum(xy) / sqrt(sum(xx) sum(yy)).
function statistics.correlation(points)
	local SCALE = 1 << 20
	local widest, highest = 0, 0
	for _, point in ipairs(points) do widest, highest = math.max(widest, point[1]), math.max(highest, point[2]) end
	if widest == 0 or highest == 0 then return 0 end
	local xx, xy, yy = 0, 0, 0
	for _, point in ipairs(points) do
		local x, y = muldiv(point[1], SCALE, widest), muldiv(point[2], SCALE, highest)
		xx, xy, yy = xx + x * x, xy + x * y, yy + y * y
	end
	local thousandths = muldiv(xy, 1000 * SCALE, isqrt(xx)) // isqrt(yy) // SCALE
	return (thousandths + 5) // 10
end

return statistics
