-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A line for people, while a run goes on.

local _, core = ...
local need = core.need
local units = need("load.units")

local progress = {}

-- What happened in an interval: @snapshot is up to now, with elapsed_ns since the run began; @delta of the interval.
function progress.line(snapshot, delta)
	local ns = delta.time_ns
	local parts = { ("%7ss"):format(units.seconds(snapshot.elapsed_ns or snapshot.time_ns, 1)) }
	local function add(...) parts[#parts + 1] = string.format(...) end
	local bits = units.per_second(math.max(delta.sent, delta.received), ns, 0) * 8
	if delta.latency_count or delta.transactions > 0 then add("%d/s", units.per_second(delta.transactions, ns, 0)) end
	add("%s Mbit/s", units.fixed(bits // 10000, 2))
	local percentiles = delta.latency_count and delta.latency_count > 0 and delta.latency_percentiles or {}
	for _, one in ipairs{ "50", "99" } do
		if percentiles[one] then add("p%s %s", one, units.human(percentiles[one])) end
	end
	add("errors %d", snapshot.errors)
	for _, name in ipairs{ "lost", "skipped", "late" } do
		if snapshot[name] > 0 then add("%s %d", name, snapshot[name]) end
	end
	return table.concat(parts, "  ")
end

return progress
