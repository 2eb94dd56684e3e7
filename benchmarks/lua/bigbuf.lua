-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Buffers of megabytes.
return function()
	local s = ("0123456789abcdef"):rep(4096)
	for _ = 1, 6 do
		local t = s:rep(8) .. s:upper()
		assert(#t:reverse() == 9 * #s)
		assert(#t:sub(100, -100) > 0)
	end
end
