-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Recursive calls of Lua functions.
local function fib(n)
	if n < 2 then return n end
	return fib(n - 1) + fib(n - 2)
end

return function()
	assert(fib(24) == 46368)
end
