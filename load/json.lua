-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Values as JSON.

local json = {}

local DEEPEST = 64
local Array, Number = {}, {}
local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

-- A table that is an array even if it is empty.
function json.array(list) return setmetatable(list, Array) end

-- A number that is given as text, "0.000013000".
function json.number(text) return setmetatable({ text = text }, Number) end

local function escape(char)
	return ESCAPES[char] or ("\\u%04x"):format(char:byte())
end

local function text_of(text)
	-- Bytes that are no text stand for the characters of the same numbers.
	local odd = utf8.len(text) and '[%c"\\\127]' or '[%c"\\\127-\255]'
	return '"' .. text:gsub(odd, escape) .. '"'
end

local encode

local function array_of(list, deep)
	local out = {}
	for i = 1, #list do out[i] = encode(list[i], deep) end
	return "[" .. table.concat(out, ",") .. "]"
end

-- In the order of the keys, so that equal values give equal texts.
local function object_of(map, deep)
	local keys, out = {}, {}
	for key in pairs(map) do
		if type(key) ~= "string" then error("json: a key is a " .. type(key) .. ", and not a string", 0) end
		keys[#keys + 1] = key
	end
	table.sort(keys)
	for i, key in ipairs(keys) do out[i] = text_of(key) .. ":" .. encode(map[key], deep) end
	return "{" .. table.concat(out, ",") .. "}"
end

function encode(value, deep)
	local kind = type(value)
	if kind == "string" then return text_of(value) end
	if kind == "nil" then return "null" end
	if kind == "number" or kind == "boolean" then return tostring(value) end
	if kind ~= "table" then error("json: no " .. kind .. " can be encoded", 0) end
	local meta = getmetatable(value)
	if meta == Number then return value.text end
	if deep == DEEPEST then error("json: tables that are too deep, or hold themselves", 0) end
	if meta == Array or value[1] ~= nil then return array_of(value, deep + 1) end
	return object_of(value, deep + 1)
end

-- The text of a value: nil, booleans, integers, strings, arrays, tables with strings as keys.
function json.encode(value) return encode(value, 0) end

return json
