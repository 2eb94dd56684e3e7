-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What every test script may use. The harness joins these lines into one.

-- Fails unless both are equal (by ==).
local function eq(got, want)
	if got ~= want then
		error("got " .. tostring(got) .. ", want " .. tostring(want), 2)
	end
end

-- Fails unless f(...) raises an error whose text contains `text`.
local function raises(text, f, ...)
	local ok, e = pcall(f, ...)
	if ok then
		error("no error, want: " .. text, 2)
	end
	if not tostring(e):find(text, 1, true) then
		error("error is: " .. tostring(e) .. ", want: " .. text, 2)
	end
	return e
end

-- Fails unless the chunk does not compile, with an error that contains `text`.
local function refuses(text, chunk)
	local f, e = load(chunk)
	if f then
		error("it compiles, want: " .. text, 2)
	end
	if not e:find(text, 1, true) then
		error("error is: " .. e .. ", want: " .. text, 2)
	end
end

-- Fails unless f(...) raises an error object of this name; gives it.
local function fails(name, f, ...)
	local ok, e = pcall(f, ...)
	if ok then error("no error, want: " .. name, 2) end
	if type(e) ~= "table" or e.name ~= name then error("error is: " .. tostring(e) .. ", want: " .. name, 2) end
	return e
end

-- Sends until there has been no room for a while; gives how much that was.
local function fill(s)
	local sent, full = 0, 0
	while full < 10 do
		local ok, n = pcall(s.send, s, ("x"):rep(65536), "D")
		if ok then
			sent, full = sent + n, 0
		else
			full = full + 1
			kernel.sleep(10)
		end
	end
	return sent
end
