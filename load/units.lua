-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Durations, sizes and rates: texts of them to integers, and back.

local _, core = ...
local muldiv = core.muldiv

local units = {}

local NS = { ns = 1, us = 1000, ms = 1000000, s = 1000000000, m = 60 * 1000000000, h = 3600 * 1000000000 }
local BYTES = {
	[""] = 1, B = 1, K = 1 << 10, M = 1 << 20, G = 1 << 30, KiB = 1 << 10, MiB = 1 << 20, GiB = 1 << 30,
	kB = 1000, KB = 1000, MB = 1000000, GB = 1000000000,
}
local COUNTS = { [""] = 1, k = 1000, K = 1000, M = 1000000 }

-- neper's units of throughput: bits of one, and what it prints for it.
local BITS = {
	b = { 1, "bits/s" }, k = { 1000, "10^3bits/s" }, m = { 1000000, "10^6bits/s" }, g = { 1000000000, "10^9bits/s" },
	B = { 8, "B/s" }, K = { 8 << 10, "KBytes/s" }, M = { 8 << 20, "MBytes/s" }, G = { 8 << 30, "GBytes/s" },
	Kb = { 1000, "Kbit/s" }, Mb = { 1000000, "Mbit/s" }, Gb = { 1000000000, "Gbit/s" },
	KB = { 8000, "KB/s" }, MB = { 8000000, "MB/s" }, GB = { 8000000000, "GB/s" },
	Kib = { 1 << 10, "Kibit/s" }, Mib = { 1 << 20, "Mibit/s" }, Gib = { 1 << 30, "Gibit/s" },
	KiB = { 8 << 10, "KiB/s" }, MiB = { 8 << 20, "MiB/s" }, GiB = { 8 << 30, "GiB/s" },
}
-- From which neper chooses: the greatest one of which there is at least one.
local AUTOMATIC = {
	["auto-b"] = { "Gb", "Mb", "Kb", "b" }, ["auto-ib"] = { "Gib", "Mib", "Kib", "b" },
	["auto-B"] = { "GB", "MB", "KB", "B" }, ["auto-iB"] = { "GiB", "MiB", "KiB", "B" },
}

-- ---- texts to integers

-- A number, maybe with decimals and a unit, in units of @factors; nil if it is none, or too great. Decimals beyond
-- what the result can hold are dropped.
local function parse(value, factors, default)
	local text = math.type(value) == "integer" and ("%d"):format(value) or value
	if type(text) ~= "string" then return end
	local whole, part, unit = text:match("^%s*(%d+)%.?(%d*)%s*(%a*)%s*$")
	if not whole then return end
	local factor = factors[unit == "" and default or unit]
	if type(factor) == "table" then factor = factor[1] end
	whole = whole:match("^0*(%d-)$")
	if not factor or #whole > 18 or #part > 18 then return end
	whole = tonumber("0" .. whole)
	local rest = part ~= "" and muldiv(tonumber(part), factor, tonumber("1" .. ("0"):rep(#part))) or 0
	if whole > (math.maxinteger - rest) // factor then return end
	return whole * factor + rest
end

-- ns; @unit is that of a bare number.
function units.duration(value, unit) return parse(value, NS, unit) end

-- Bytes.
function units.size(value) return parse(value, BYTES, "") end

-- Bits per second; a bare number is of bytes, as neper has it, unless @unit says otherwise.
function units.bits(value, unit) return parse(value, BITS, unit or "B") end

-- Thousandths.
function units.thousandths(value)
	local scaled = {}
	for unit, factor in pairs(COUNTS) do scaled[unit] = 1000 * factor end
	return parse(value, scaled, "")
end

-- Whether neper has such a unit of throughput.
function units.throughput(name) return BITS[name] ~= nil or AUTOMATIC[name] ~= nil end

-- ---- integers to texts

-- A number of 10^-places, with a point.
function units.fixed(n, places)
	local one = tonumber("1" .. ("0"):rep(places))
	local sign = n < 0 and "-" or ""
	if n < 0 then n = -n end
	if places == 0 then return ("%s%d"):format(sign, n) end
	local part = ("%d"):format(n % one)
	return ("%s%d.%s%s"):format(sign, n // one, ("0"):rep(places - #part), part)
end

-- ns as seconds, with nine decimals unless told otherwise.
function units.seconds(ns, places)
	places = places or 9
	return units.fixed(ns // tonumber("1" .. ("0"):rep(9 - places)), places)
end

-- ns for people: three digits or a few more.
function units.human(ns)
	if ns < 1000 then return ("%dns"):format(ns) end
	local name, factor = "us", 1000
	if ns >= 1000000000 then
		name, factor = "s", 1000000000
	elseif ns >= 1000000 then
		name, factor = "ms", 1000000
	end
	local hundredths = muldiv(ns, 100, factor)
	if hundredths >= 10000 then return units.fixed(hundredths // 100, 0) .. name end
	if hundredths >= 1000 then return units.fixed(hundredths // 10, 1) .. name end
	return units.fixed(hundredths, 2) .. name
end

-- How much a second, if it is @n in @ns: in 10^-places. More than there are numbers for is the greatest one.
function units.per_second(n, ns, places)
	local scale = tonumber("1" .. ("0"):rep(9 + places))
	ns = math.max(ns, 1)
	if n // ns >= math.maxinteger // scale then return math.maxinteger end
	return muldiv(n, scale, ns)
end

-- Bits per second in a unit of neper's: hundredths of it, and its name.
function units.scaled(bits, name)
	for _, one in ipairs(AUTOMATIC[name] or {}) do
		name = one
		if bits >= BITS[one][1] then break end
	end
	local unit = BITS[name]
	return muldiv(bits, 100, unit[1]), unit[2]
end

return units
