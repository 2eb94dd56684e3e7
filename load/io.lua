-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- As much of Lua's library io as scripts for rushit need to say something: what they write goes where print() writes,
-- line by line.

local need = select(2, ...).need

local MOST = 1000		-- bytes without a line end that are kept; more are a line of their own

-- Prints what has got no line end.
local function finish()
	local state = need("load.state")
	local line = state.line
	state.line = ""
	if line ~= "" then print(line) end
end

local function write(...)
	local state = need("load.state")
	for i = 1, select("#", ...) do
		local kind = type((select(i, ...)))
		if kind ~= "string" and kind ~= "number" then
			error(("bad argument #%d to 'write' (string expected, got %s)"):format(i, kind), 3)
		end
	end
	local text = state.line .. table.concat{ ... }
	state.line = text:match("[^\n]*$")
	for line in text:gmatch("([^\n]*)\n") do print(line) end
	if #state.line > MOST then finish() end
	if state.line ~= "" then need("load.script").expect_end() end
end

-- A line is printed when its end is there.
local function flush() end

local function stream()
	local file = { flush = flush }
	function file.write(self, ...)
		write(...)
		return self
	end
	return file
end

-- As those of load/load.lua these functions may be copied into workers: they ask for what is the worker's.
local io = { stdout = stream(), stderr = stream(), flush = flush }

function io.write(...)
	write(...)
	return io.stdout
end

return { io = io, finish = finish }
