-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Substitution with patterns, functions and tables.
local text = ("The quick brown fox jumps over the lazy dog, $name. "):rep(20)

return function()
	for _ = 1, 12 do
		local n = 0
		text:gsub("%w+", function(w) n = n + #w end)
		assert(n > 0)
		assert(text:gsub("%$(%w+)", { name = "Lua" }):find("Lua"))
		assert(#text:gsub("o", "0") == #text)
		for word in text:gmatch("%a+") do n = n + #word end
	end
end
