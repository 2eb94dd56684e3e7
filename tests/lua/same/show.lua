-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What stands before every script of this folder. All results are printed as
-- plain text; addresses and what is long are left out.
local function plain(v)
	if type(v) ~= "string" then
		local simple = type(v) == "number" or type(v) == "boolean" or v == nil
		return simple and tostring(v) or type(v)
	end
	if #v > 400 then
		return "string of " .. #v
	end
	v = v:gsub("[^%g ]", function(c) return ("<%d>"):format(c:byte()) end)
	return '"' .. v:gsub("0x%x%x%x%x%x%x%x+", "ADDRESS") .. '"'
end

local function show(...)
	local out, n = {}, select("#", ...)
	for i = 1, n do
		out[i] = plain((select(i, ...)))
	end
	print(table.concat(out, " ", 1, n))
end

local function try(f, ...)
	show(pcall(f, ...))
end
