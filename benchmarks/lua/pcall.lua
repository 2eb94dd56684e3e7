-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Protected calls, with and without an error.
local function fails() error("expected", 0) end

return function()
	local n = 0
	for i = 1, 20000 do
		local ok = pcall(math.abs, i)
		if ok and not pcall(fails) then n = n + 1 end
	end
	assert(n == 20000)
end
