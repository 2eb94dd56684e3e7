-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Conditions that a result must meet: "latency.p99<2ms".

local _, core = ...
local need = core.need
local units = need("load.units")

local thresholds = {}

local COMPARE = {
	["<"] = function(a, b) return a < b end, ["<="] = function(a, b) return a <= b end,
	[">"] = function(a, b) return a > b end, [">="] = function(a, b) return a >= b end,
	["=="] = function(a, b) return a == b end, ["!="] = function(a, b) return a ~= b end,
}

local COUNTS = { errors = true, lost = true, skipped = true, late = true, transactions = true, connects = true,
	unanswered = true, sent = true, received = true }
local CAUSES = { connect = true, accept = true, send = true, recv = true, reset = true, eof = true, short = true,
	timeout = true, hook = true, control = true }
local OF_LATENCY = { min = true, max = true, mean = true, stddev = true }

local ALLOWED = "latency.p99<2ms (min, max, mean, stddev, p with a number; response.p99 as well), rate>30000, "
	.. "throughput>1Gb, errors==0, errors.connect==0 (accept, send, recv, reset, eof, short, "
	.. "timeout, hook, control), "
	.. "or one of transactions, connects, sent, received, lost, unanswered, skipped, late; with <, <=, >, >=, == or !="

local function refuse(text)
	error(("load: thresholds: %s expected, got %s"):format(ALLOWED, type(text) == "string" and ('"%s"'):format(text)
		or "a " .. type(text)), 0)
end

-- What the name of a measure stands for.
local function measure(name)
	local group, part = name:match("^(%a+)%.(.+)$")
	if group == "latency" or group == "response" then
		local percentile = part:match("^p(%d%d?%d?)$") or part:match("^p(%d%d?%.%d%d?%d?%d?)$")
		if percentile and not percentile:find(".", 1, true) and tonumber(percentile) > 100 then return end
		if percentile or OF_LATENCY[part] then return "duration", group, percentile or part end
	elseif group == "errors" then
		if CAUSES[part] then return "count", group, part end
	elseif COUNTS[name] then
		return "count", name
	elseif name == "rate" or name == "throughput" then
		return name, name
	end
end

-- The number to compare with.
local function limit(kind, text)
	if kind == "duration" then
		return text:find("%a") and units.duration(text, "ns") or nil
	elseif kind == "count" then
		return units.size(text)
	elseif kind == "throughput" and text:find("%a") then
		return units.bits(text)
	end
	return units.thousandths(text)
end

-- A condition as a plain table.
function thresholds.parse(text)
	if type(text) ~= "string" then return refuse(text) end
	local name, operator, number = text:match("^%s*([%a.%d]+)%s*([<>=!]=?)%s*(%S+)%s*$")
	if not name or not COMPARE[operator] then return refuse(text) end
	local kind, group, part = measure(name)
	local value = kind and limit(kind, number)
	if not value then return refuse(text) end
	if kind == "throughput" and number:find("%a") then kind = "bits" end
	return { text = text, kind = kind, group = group, part = part, operator = operator, value = value }
end

-- Raises if a condition is about what is not measured: of a kind of workload, with slots or without.
function thresholds.check(list, kind, slots)
	for _, one in ipairs(list) do
		local missing = one.kind == "duration" and kind == "stream" and "streams have no latencies"
			or one.group == "response" and not slots and "there is no rate: requests have no time at which they are due"
			or one.kind == "rate" and kind == "stream" and "streams have no transactions"
		if missing then error(("load: thresholds: \"%s\": %s"):format(one.text, missing), 0) end
	end
end

-- ---- results

local function latency_of(result, one)
	local measured = result[one.group]
	if not measured or measured.count == 0 then return nil, "nothing was measured" end
	local ns = measured[one.part] or measured.histogram:percentile(one.part)
	return ns, units.human(ns)
end

-- What was measured, as it compares with the limit, and as text.
local function measured(result, one)
	if one.kind == "duration" then return latency_of(result, one) end
	if one.kind == "bits" then return result.bits_per_second, ("%dbit/s"):format(result.bits_per_second) end
	if one.kind == "throughput" then
		return result.throughput_hundredths * 10, units.fixed(result.throughput_hundredths, 2)
	end
	if one.kind == "rate" then
		local rate = units.per_second(result.transactions, result.duration_ns, 3)
		return rate, units.fixed(rate // 10, 2)
	end
	local count = one.part and (result.causes[one.part] or 0) or result[one.group]
	return count, ("%d"):format(count)
end

-- The conditions that a result does not meet, each as a text that says what it is.
function thresholds.failed(list, result)
	local failed = {}
	for _, one in ipairs(list) do
		local value, text = measured(result, one)
		if not value or not COMPARE[one.operator](value, one.value) then
			failed[#failed + 1] = ("%s: %s"):format(one.text, text)
		end
	end
	return failed
end

return thresholds
