-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Many short-lived tables with methods, as object-oriented programs have them.
local Point = {}
Point.__index = Point

local function new(x, y) return setmetatable({ x = x, y = y }, Point) end

function Point:add(other) return new(self.x + other.x, self.y + other.y) end

return function()
	local p, step = new(0, 0), new(1, 2)
	for _ = 1, 25000 do p = p:add(step) end
	assert(p.x == 25000 and p.y == 50000)
end
