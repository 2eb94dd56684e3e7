-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A text of many small parts, put together by table.concat.
return function()
	for _ = 1, 6 do
		local parts = {}
		for i = 1, 3000 do parts[#parts + 1] = "item " .. i .. ";" end
		assert(#table.concat(parts) > 20000)
	end
end
