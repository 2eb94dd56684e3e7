-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local function srt(t, f)
	local ok, e = pcall(table.sort, t, f)
	local r = {}
	for i = 1, #t do
		r[i] = tostring(t[i])
	end
	show(ok, e, table.concat(r, " "))
end
srt({})
srt({ 1 })
srt({ 2, 1 })
srt({ 3, 1, 2 })
srt({ 5, 4, 3, 2, 1, 5, 5, 0, -3 })
srt({ "b", "a", "", "B", "\0", "aa", "a\0" })
srt({ 1, 5, 3, 2, 4 }, function(a, b)
	return a > b
end)
srt({ 1, "a" })
srt({ "1", 2 })
srt({ {}, {} })
srt({ true, false })
srt({ 3, 2, 1 }, function()
	error("e", 0)
end)
srt({ 1, 2, 3 }, 42)
srt({ 1, 2, 3 }, "x")
srt({ 1, 2, 3 }, nil)
try(table.sort)
try(table.sort, 1)
try(table.sort, { 1, 2 }, {})
try(table.sort, nil)
try(table.sort, "abc")
do
	local big = {}
	local x = 1
	for i = 1, 5000 do
		x = (x * 1103515245 + 12345) % 2147483648
		big[i] = x
	end
	table.sort(big)
	local ok = true
	for i = 2, #big do
		ok = ok and big[i - 1] <= big[i]
	end
	show(ok)
	table.sort(big, function(a, b)
		return a > b
	end)
	ok = true
	for i = 2, #big do
		ok = ok and big[i - 1] >= big[i]
	end
	show(ok)
	table.sort(big)
	show(big[1] < big[5000])
end
for _, n in ipairs({ 3, 5, 10, 50, 101, 200 }) do
	local t = {}
	for i = 1, n do
		t[i] = (i * 7919) % 31
	end
	local ok, e = pcall(table.sort, t, function(a, b)
		return true
	end)
	show(n, ok or e)
end
do
	local t = {}
	for i = 1, 100 do
		t[i] = i % 3
	end
	local ok, e = pcall(table.sort, t, function(a, b)
		return a <= b
	end)
	show(ok or e)
end
do
	local t = { 1, 2, 3, 4, 5 }
	local ok, e = pcall(table.sort, t, function(a, b)
		return false
	end)
	show(ok, e)
end
do
	local mt = {
		__lt = function(a, b)
			return a.v < b.v
		end,
	}
	local t = {}
	for i = 1, 10 do
		t[i] = setmetatable({ v = (i * 7) % 11 }, mt)
	end
	table.sort(t)
	local r = {}
	for i, v in ipairs(t) do
		r[i] = v.v
	end
	show(table.concat(r, " "))
end
do
	local mt = {
		__le = function(a, b)
			return a.v <= b.v
		end,
	}
	local t = {}
	for i = 1, 5 do
		t[i] = setmetatable({ v = (i * 7) % 11 }, mt)
	end
	show(pcall(table.sort, t))
end
do
	local p = setmetatable({}, {
		__len = function()
			return 4
		end,
		__index = function(_, i)
			return 5 - i
		end,
		__newindex = function(t, k, v)
			rawset(t, k, v)
		end,
	})
	table.sort(p)
	show(p[1], p[2], p[3], p[4])
end
try(
	table.sort,
	setmetatable({}, {
		__len = function()
			return math.maxinteger
		end,
	})
)
try(
	table.sort,
	setmetatable({}, {
		__len = function()
			return 1 << 31
		end,
	})
)
try(
	table.sort,
	setmetatable({}, {
		__len = function()
			return -1
		end,
	})
)
try(
	table.sort,
	setmetatable({}, {
		__len = function()
			return "x"
		end,
	})
)
try(
	table.sort,
	setmetatable({}, {
		__len = function()
			return {}
		end,
	})
)
do
	local c = coroutine.wrap(function()
		table.sort({ 3, 2, 1 }, function(a, b)
			coroutine.yield()
			return a < b
		end)
	end)
	show(pcall(c))
end
do
	local n = 0
	local t = {}
	for i = 1, 1000 do
		t[i] = i
	end
	table.sort(t, function(a, b)
		n = n + 1
		return a < b
	end)
	show(n < 20000)
end
try(table.sort, { 1, 2, nil, 4 })
try(table.sort, { nil, 2, 3 })
srt({ { 1 }, { 2 } }, function(a, b)
	return a[1] > b[1] and 1 or nil
end == nil)
-- strings with locale-free order
srt({ "a", "Z", "é", "z", "A", "_", "1", "~", "\xff", " ", "" })
