-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- string.format.
return function()
	local n = 0
	for i = 1, 10000 do
		n = n + #string.format("%d %5d %x %s [%-10s] %q", i, i, i, "text", "left", "quoted")
	end
	assert(n > 0)
end
