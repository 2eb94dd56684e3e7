-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What options can have as values: each kind checks one and gives what the rest works with.

local _, core = ...
local need = core.need
local units = need("load.units")
local thresholds = need("load.thresholds")

local MOST_HOSTS, MOST_STAGES, MOST_RATE = 1024, 64, 1000000000	-- load/engine.h; per second

local values, kinds = {}, {}

local function integer(value)
	if math.type(value) == "integer" then return value end
	local text = type(value) == "string" and value:match("^%s*(%-?%d+)%s*$")
	return text and #text < 20 and tonumber(text) or nil
end

local function within(n, flag)
	if n == 0 and flag.zero then return n end
	if not n or n < (flag.least or 0) or flag.most and n > flag.most then return end
	return n
end

-- The pieces between commas; or a table's own.
local function pieces(value)
	if type(value) == "table" then return value end
	local list = {}
	if math.type(value) == "integer" then value = ("%d"):format(value) end
	if type(value) ~= "string" then return end
	for piece in value:gmatch("[^,]+") do list[#list + 1] = piece:match("^%s*(.-)%s*$") end
	return list
end

-- Each piece by a function that gives nil if it is none.
local function each(value, most, parse)
	local list = pieces(value)
	if not list or #list > most then return end
	local out = {}
	for i = 1, #list do
		out[i] = parse(list[i])
		if out[i] == nil then return end
	end
	return out
end

-- ---- kinds: what is allowed as text, and the function that checks

local function kind(name, allowed, parse) kinds[name] = { allowed = allowed, parse = parse } end

local BOOL = { ["1"] = true, ["true"] = true, yes = true, ["0"] = false, ["false"] = false, no = false }

kind("bool", "true or false", function(value)
	if type(value) == "boolean" then return value end
	return BOOL[value == 1 and "1" or value == 0 and "0" or value]
end)

kind("count", function(flag) return ("an integer from %d to %d"):format(flag.least, flag.most) end,
	function(value, flag) return within(integer(value), flag) end)

kind("size", function(flag) return ("bytes, from %d to %d, like 1400 or \"64KiB\""):format(flag.least, flag.most) end,
	function(value, flag) return within(units.size(value), flag) end)

kind("port", function(flag)
	return "a port from 1 to 65535" .. (flag.least and (" or %d"):format(flag.least) or "")
end, function(value, flag)
	local port = integer(value)
	if port and (port == flag.least or port >= 1 and port <= 65535) then return port end
end)

kind("duration", function(flag)
	local least = flag.least and (", %s or more"):format(units.human(flag.least)) or ""
	if flag.zero then least = least .. ", or 0" end
	return ("a duration like \"13us\", \"1.5s\" or \"2m\"%s (a bare number is of %s)"):format(least, flag.unit)
end, function(value, flag) return within(units.duration(value, flag.unit), flag) end)

kind("length", "a duration like \"10s\" (a bare number is of s), or a negative number of transactions", function(value)
	local n = integer(value)
	if n and n < 0 and n > math.mininteger then return { transactions = -n } end
	local ns = units.duration(value, "s")
	return ns and { ns = ns }
end)

kind("bandwidth", "bytes per second, or with a unit of neper's, \"10Mb\", \"1GiB\"", function(value)
	local bits = units.bits(value)
	return bits and bits // 8
end)

local function rate(value, least)
	local n = units.thousandths(value)
	if n and n >= least and n <= MOST_RATE * 1000 then return n end
end

kind("rate", "a number per second, from 0.001 to 1000000000, like 30000, \"30k\" or \"0.5\"",
	function(value) return rate(value, 1) end)

local function stage(value)
	if type(value) == "string" then
		local length, per_second = value:match("^(.-):(.*)$")
		value = { length, per_second }
	end
	if type(value) ~= "table" then return end
	local ns, to = units.duration(value.length or value[1], "s"), rate(value.rate or value[2], 0)
	if ns and ns > 0 and to then return { length_ns = ns, to = to } end
end

local PAIRS = "up to %d pairs of a length and a rate: { {\"2s\", 1000}, ... } or \"2s:1000,...\""

kind("stages", PAIRS:format(MOST_STAGES), function(value)
	local list = each(value, MOST_STAGES, stage)
	if list and list[1] then return list end
end)

-- As text without zeros that say nothing. neper has 999 for 99.9, and 9999 for 99.99.
local function percentile(value)
	local text = math.type(value) == "integer" and ("%d"):format(value) or value
	text = type(text) == "string" and (text == "999" or text == "9999") and "99." .. text:sub(3) or text
	local whole, part = tostring(text):match("^0*(%d*)%.?(%d*)$")
	if not whole or text == "" or text == "." or #whole > 3 or #part > 6 then return end
	whole, part = tonumber("0" .. whole), part:gsub("0+$", "")
	if whole > 100 or whole == 100 and part ~= "" then return end
	return { whole * 1000000 + tonumber(part .. ("0"):rep(6 - #part)), whole .. (part ~= "" and "." .. part or "") }
end

kind("percentiles", "numbers from 0 to 100: { 50, \"99.9\" } or \"50,99.9\"", function(value)
	local list = each(value, 1000, percentile)
	if not list then return end
	table.sort(list, function(a, b) return a[1] < b[1] end)
	local out = {}
	for _, one in ipairs(list) do
		if out[#out] ~= one[2] then out[#out + 1] = one[2] end
	end
	return out
end)

-- Whether it looks like an address; the kernel looks closer.
local function host(value)
	if type(value) ~= "string" or #value > 64 then return end
	if value == "localhost" then return value end
	if value:find(":", 1, true) then return value:match("^[%x:.]+%%?[%w.-]*$") end
	local count = 0
	for number in (value .. "."):gmatch("(%d+)%.") do
		count = count + 1
		if #number > 3 or tonumber(number) > 255 then return end
	end
	return count == 4 and value:match("^%d+%.%d+%.%d+%.%d+$") or nil
end

kind("host", "a numeric address, or \"localhost\"", host)

kind("hosts", ("up to %d numeric addresses: { \"10.0.0.1\", ... } or \"10.0.0.1,...\""):format(MOST_HOSTS),
	function(value)
		local list = each(value, MOST_HOSTS, host)
		if list and list[1] then return list end
	end)

kind("choice", function(flag) return "one of " .. table.concat(flag.choices, ", ") end, function(value, flag)
	for _, choice in ipairs(flag.choices) do
		if value == choice then return choice end
	end
end)

kind("unit", "one of neper's units, like b, Mb, GB, KiB, auto-b, auto-iB", function(value)
	return type(value) == "string" and units.throughput(value) and value or nil
end)

local function line(value)
	return type(value) == "string" and value ~= "" and not value:find("%c") and value or nil
end

kind("text", "a text of one line", line)

kind("name", "a name of at most 15 characters", function(value)
	return type(value) == "string" and value:match("^[%w_-]+$") and #value <= 15 and value or nil
end)

kind("file", "true, or the name of a file", function(value, flag)
	if value == true then return flag.bare end
	return line(value)
end)

kind("callback", "a function", function(value) return type(value) == "function" and value or nil end)

-- thresholds.parse() itself says what is wrong with one.
kind("thresholds", "conditions: { \"latency.p99<2ms\", ... } or \"latency.p99<2ms,...\"", function(value)
	return each(value, 1000, thresholds.parse)
end)

-- ---- what the others call

-- Whether an option can be without a value: true, or what it has then.
function values.bare(flag) return flag.kind == "bool" or flag.bare end

-- What is allowed, as text.
function values.allowed(flag)
	local allowed = kinds[flag.kind].allowed
	return type(allowed) == "string" and allowed or allowed(flag)
end

-- A value as it is shown in an error.
local function shown(value)
	if type(value) == "string" then return ('"%s"'):format(#value <= 60 and value or value:sub(1, 57) .. "...") end
	if math.type(value) == "integer" or type(value) == "boolean" then return tostring(value) end
	return "a " .. type(value)
end

-- The value of an option, checked; raises what is wrong with it.
function values.check(flag, value)
	local res = kinds[flag.kind].parse(value, flag)
	if res == nil then
		error(("load: %s: %s expected, got %s"):format(flag.name, values.allowed(flag), shown(value)), 0)
	end
	return res
end

return values
