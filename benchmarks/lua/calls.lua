-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Calls of C functions, of methods, of closures and with variable arguments.
local function count(...) return select("#", ...) end

return function()
	local n, s = 0, "some text"
	local add = function(k) n = n + k end
	for i = 1, 40000 do
		add(count(i, i, i))
		n = n + #s:sub(2, 4) + math.max(i, 3)
		if type(i) ~= "number" then error("type") end
	end
	assert(n > 0)
end
