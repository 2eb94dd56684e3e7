-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Goes through every stepth of the formats of one conversion, with values for
-- each: the same list in the kernel and outside of it.
return function(conversion, step, each)
	local n = 0
	local integers = { 0, 1, -1, 7, 42, -256, 123456789, math.maxinteger, math.mininteger }
	local values = { c = { 65, 126, 33 }, s = { "", "a", "abc", "hello world" } }
	-- With c and s, C defines no other flag.
	local flags = conversion:find("[cs]") and { "-" } or { "-", "+", " ", "#", "0" }
	for subset = 0, (1 << #flags) - 1 do
		local chosen = ""
		for i, flag in ipairs(flags) do
			if subset >> i - 1 & 1 == 1 then chosen = chosen .. flag end
		end
		for _, width in ipairs { "", "1", "5", "12", "25", "99" } do
			for _, precision in ipairs { "", ".", ".0", ".1", ".5", ".12", ".25", ".99" } do
				if conversion ~= "c" or precision == "" then
					local format = "%" .. chosen .. width .. precision .. conversion
					for _, value in ipairs(values[conversion] or integers) do
						if n % step == 0 then each(format, value) end
						n = n + 1
					end
				end
			end
		end
	end
end
