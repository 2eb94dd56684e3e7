-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- table.insert and table.remove at the end.
return function()
	for _ = 1, 8 do
		local t = {}
		for i = 1, 5000 do table.insert(t, i) end
		for _ = 1, 5000 do table.remove(t) end
		assert(#t == 0)
	end
end
