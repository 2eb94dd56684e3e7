-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Fields and integer keys of hash tables: written, read, counted.
return function()
	for _ = 1, 4 do
		local t, sum = {}, 0
		for i = 1, 3000 do t["key" .. i] = i end
		for i = 1, 3000 do sum = sum + t["key" .. i] end
		for i = 1, 3000 do t[i * 7919] = i end
		for k, v in pairs(t) do if k ~= v then sum = sum + 1 end end
		assert(sum > 0)
	end
end
