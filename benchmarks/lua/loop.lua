-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Numeric loops and integer arithmetic.
return function()
	local a, b = 0, 1
	for i = 1, 300000 do
		a = a + (i & 7) * b
		b = (a ~ i) % 1013 + 1
		if a > 1000000 then a = a // 3 end
	end
	assert(b > 0)
end
