-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Plain search in a long text, whose first letters match often.
local text = ("abcdefghijklmnopqrstuvwxyz "):rep(2000) .. "needle"

return function()
	for _ = 1, 20 do
		assert(text:find("needle", 1, true))
		assert(not text:find("nowhere", 1, true))
	end
end
