-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Values that hooks share with the script: a table around the value in the script, the bare value in each worker.

local _, core = ...
local getupvalue, setupvalue = core.getupvalue, core.setupvalue
local getinfo = debug.getinfo

local collectors = {}

-- ---- in the script

-- Empties a table, and fills it with one value.
local function reset(wrapper, value)
	for key in pairs(wrapper) do wrapper[key] = nil end
	wrapper[1] = value
end

-- A collector: the table that the script has, and what workers begin with.
function collectors.new(value)
	return { wrapper = setmetatable({ value }, core.need("load.names").collected), initial = value }
end

-- The tables, each with what workers begin with.
function collectors.wrappers(list)
	local wrappers = {}
	for i, collector in ipairs(list) do
		reset(collector.wrapper, collector.initial)
		wrappers[i] = collector.wrapper
	end
	return wrappers
end

function collectors.clear(list)
	for _, collector in ipairs(list) do reset(collector.wrapper, nil) end
end

-- Puts in what the workers had at their ends: an array for each role, in their order. What no hook knows is that of the
-- first role.
function collectors.fill(list, roles)
	for n, collector in ipairs(list) do
		local wrapper, count = collector.wrapper, 0
		local known = false
		for _, workers in ipairs(roles) do known = known or workers[1].known[n] end
		reset(wrapper, nil)
		for i, workers in ipairs(roles) do
			if workers[1].known[n] or not known and i == 1 then
				for _, values in ipairs(workers) do
					count = count + 1
					wrapper[count] = values[n]
				end
			end
		end
		wrapper.n = count
	end
end

-- ---- in a worker

-- Calls see(value, holder, key) for each place that can be reached from a table: a field, or an upvalue, of which the
-- key is the number. What it returns is looked into instead.
local function walk(root, see)
	local seen = { [_G] = true, [root] = true }
	local todo, n = { root }, 1
	local function add(value)
		local kind = type(value)
		if kind ~= "table" and kind ~= "function" or seen[value] then return end
		seen[value] = true
		n = n + 1
		todo[n] = value
	end
	while n > 0 do
		local holder = todo[n]
		n = n - 1
		if type(holder) == "table" then
			for key, value in next, holder do
				add(key)
				add(see(value, holder, key))
			end
		elseif getinfo(holder, "S").what ~= "C" then
			local i = 1
			local name, value = getupvalue(holder, i)
			while name do
				add(see(value, holder, i))
				i = i + 1
				name, value = getupvalue(holder, i)
			end
		end
	end
end

local function get(place)
	local holder, key = place.holder, place.key
	if type(holder) == "table" then return holder[key] end
	local _, value = getupvalue(holder, key)
	return value
end

local function set(holder, key, value)
	if type(holder) == "table" then
		holder[key] = value
	else
		setupvalue(holder, key, value)
	end
end

-- Replaces the tables of collectors, wherever the hooks have them, by their values. Gives what @{values} needs.
function collectors.unwrap(hooks, wrappers)
	local places = {}
	for i, wrapper in ipairs(wrappers) do
		places[i] = { initial = wrapper[1] }
		places[wrapper] = places[i]
	end
	walk(hooks, function(value, holder, key)
		local found = type(value) == "table" and places[value]
		if not found then return value end
		found[#found + 1] = { holder = holder, key = key }
		set(holder, key, found.initial)
		return found.initial
	end)
	return places
end

-- A value at the end. Where several variables had the collector, the one that was set counts.
local function last(found)
	for _, place in ipairs(found) do
		local value = get(place)
		if not rawequal(value, found.initial) then return value end
	end
	return found.initial
end

-- The values now, and which of them the hooks know.
function collectors.values(places)
	local values = { known = {} }
	for i, found in ipairs(places) do
		values[i] = last(found)
		values.known[i] = #found > 0
	end
	return values
end

return collectors
