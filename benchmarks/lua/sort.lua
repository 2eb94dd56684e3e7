-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Sorting, with the operator and with a function.
return function()
	for round = 1, 4 do
		local t, seed = {}, round
		for i = 1, 2000 do
			seed = (seed * 1103515245 + 12345) & 0x7fffffff
			t[i] = seed
		end
		table.sort(t)
		table.sort(t, function(a, b) return a > b end)
		assert(t[1] >= t[2000])
	end
end
