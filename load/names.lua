-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The names that scripts for rushit know: S, calls and constants as C has them. Each is made when it is asked for.

local _, core = ...
local socket = core.need("socket")
local calls = core.calls

-- ---- constants, by the part of their names up to an underscore

local LEVELS = { socket = "SO", tcp = "TCP", udp = "UDP", ip = "IP", ipv6 = "IPV6" }
-- What has no underscore behind it.
local JOINED = { EPOLL = true, E = true }

-- Adds what a table of the library socket has, in capitals.
local function add(group, names)
	for name, value in pairs(names) do group[name:upper()] = value end
end

local function add_option(c, option)
	local group = c[LEVELS[option.level]]
	if not group then return end
	group[option.name:upper()] = option.number
	if option.level == "socket" and option.name == "timestamping" then
		for word, bits in pairs(option.words) do c.SOF["TIMESTAMPING_" .. word:upper()] = bits end
	end
end

-- S.c.AF.INET; small letters do as well, and several flags: S.c.MSG["peek, dontwait"].
local function by_words(group, words)
	local value
	for word in tostring(words):gmatch("[^,%s]+") do
		local bits = rawget(group, word:upper())
		if not bits then return nil end
		value = (value or 0) | bits
	end
	return value
end

local function make_constants()
	local c = core.need("load.constants")
	c.E = {}
	for _, option in ipairs(socket.options()) do add_option(c, option) end
	add(c.MSG, socket.flag)
	add(c.EPOLL, socket.event)
	for name, code in pairs(socket.errno) do c.E[name:sub(2)] = code end
	-- What comes with a message is called as the option that asks for it.
	for _, name in ipairs{ "TIMESTAMP", "TIMESTAMPNS", "TIMESTAMPING" } do c.SCM[name] = c.SO[name] end
	for _, group in pairs(c) do setmetatable(group, { __index = by_words }) end
	return c
end

-- ---- tables that all threads have: copies of values refer to the thread's own

local names = {}
core.names(names)

-- A table, and its tables.
local function share(t, name)
	if names[t] then return t end
	names[t] = name
	for key, value in pairs(t) do
		if type(value) == "table" and type(key) == "string" then share(value, name .. "." .. key) end
	end
	return t
end

local made, types

local function constants()
	made = made or share(make_constants(), "S.c")
	return made
end

local function all_types()
	types = types or share(core.need("load.types"), "S.types")
	return types
end

-- Those by which tables have C's names, too.
local function metatables() return all_types().mt end

-- The constant that C calls so: what precedes an underscore is the group, the longest that there is.
local function constant(name)
	local c = constants()
	for group in pairs(JOINED) do
		local value = name:find("^" .. group) and rawget(c[group], name:sub(#group + 1))
		if value then return value end
	end
	local group = name:match("^(.+)_")
	while group do
		local value = c[group] and rawget(c[group], name:sub(#group + 2))
		if value then return value end
		group = group:match("^(.+)_")
	end
end

-- ---- S

local S = setmetatable({}, { __index = function(S, name)
	local value
	if name == "c" then
		value = constants()
	elseif name == "types" then
		value = all_types()
	elseif name == "t" then
		value = all_types().t
	else
		value = calls[name]
	end
	S[name] = value
	return value
end })
names[S] = "S"

-- The metatable of what collect() gives. To go over that is to go over values; how many they are is no value.
local collected = { collector = true }
names[collected] = "collected"

local function next_value(t, key)
	local value
	repeat key, value = next(t, key) until key ~= "n"
	return key, value
end
function collected.__pairs(t) return next_value, t end

local roots = { S = S, collected = collected }

-- The table that another thread, too, has by this name.
local function known(name)
	local value = roots[name:match("^[^.]+")]
	for field in name:gmatch("%.([^.]+)") do value = value[field] end
	return value
end

-- ---- lists

local function sorted(set)
	local list = {}
	for name in pairs(set) do list[#list + 1] = name end
	table.sort(list)
	return list
end

-- The names of all calls, in order.
local function functions() return sorted(calls) end

-- The names of all constants, as C has them, in order.
local function constant_names()
	local set = {}
	for group, values in pairs(constants()) do
		for name in pairs(values) do set[group .. (JOINED[group] and "" or "_") .. name] = true end
	end
	return sorted(set)
end

local function print_all(list)
	for _, name in ipairs(list()) do print(name) end
end

-- ---- globals

-- Types that are globals, too; NAME_ptr is S.types.pt.NAME.
local TYPES = { in_addr = true, in6_addr = true, sockaddr_in = true, sockaddr_in6 = true, sockaddr_storage = true }

local globals = {
	S = S,
	list_sys_funcs = function() print_all(functions) end,
	list_sys_consts = function() print_all(constant_names) end,
}

-- The value of a global that the script has not; nil if there is none. Who asks keeps it.
local function find(name)
	if type(name) ~= "string" then return nil end
	local value = globals[name] or calls[name]
	if value then return value end
	if name == "io" then return core.need("load.io").io end
	if name == "bit" then return core.need("bit") end
	if TYPES[name] then return S.types.t[name] end
	if name == "scm_timestamping" then return S.types.pt.scm_timestamping end
	if name:find("_ptr$") then return S.types.pt[name:sub(1, -5)] end
	-- Only what looks like one: else each global that is not there would cost a search.
	if name:find("^%u[%u%d]*_?[%u%d_]+$") then return constant(name) end
end

return {
	S = S, collected = collected, metatables = metatables, known = known, find = find, functions = functions,
	constants = constant_names,
}
