-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Short strings joined by the operator.
return function()
	local a, b, c = "alpha", "beta", 0
	for i = 1, 25000 do
		local s = a .. "-" .. i .. "-" .. b
		c = c + #s
	end
	assert(c > 0)
end
