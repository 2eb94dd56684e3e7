-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Coroutines made, resumed and ended.
return function()
	local sum = 0
	for _ = 1, 300 do
		local gen = coroutine.wrap(function()
			for i = 1, 60 do coroutine.yield(i) end
		end)
		for _ = 1, 60 do sum = sum + gen() end
	end
	assert(sum == 300 * 1830)
end
