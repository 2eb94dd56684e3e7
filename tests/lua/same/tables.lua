-- SPDX-License-Identifier: MIT OR GPL-2.0-only
show(#{}, #{ nil }, #{ nil, nil }, #{ 1, 2, 3, nil, nil }, #{ 1, 2, [5] = 1 }, #"abc", #{ n = 1 })
local function keys(t)
	local n, h = 0, 0
	for k, v in pairs(t) do
		n = n + 1
		h = h + (tonumber(k) or #k) * 3 + (tonumber(v) or 1)
	end
	return n, h
end
local t = {}
for i = 1, 100 do
	t[i] = i
end
show(keys(t))
for i = 1, 100, 2 do
	t[i] = nil
end
show(keys(t))
for k in pairs(t) do
	t[k] = nil
end
show(next(t), keys(t))
t = { 10, 20, 30, x = 1, y = 2 }
local c = 0
for k, v in pairs(t) do
	t[k] = nil
	c = c + 1
end
show(c, next(t))
try(next, {}, 1)
try(next, { 10, 20 }, 3)
try(next, { a = 1 }, "b")
try(next, {}, nil)
try(next, { 1 }, nil)
try(next, { 1 }, 1)
try(next, { [1 << 40] = 1 }, 1 << 40)
try(next, {}, {})
show(pcall(function()
	local t = {}
	for i = 1, 10 do
		t[i] = i
	end
	for k in pairs(t) do
		t[k + 100] = 1
	end
end))
show(
	rawlen({ 1, 2 }),
	rawlen("abc"),
	rawequal("a", "a"),
	rawequal({}, {}),
	rawget({ 5 }, 1),
	rawset({}, 1, 2)[1]
)
-- nil, nan keys
try(function()
	local t = {}
	t[nil] = 1
end)
show(({})[nil])
try(rawset, {}, nil, 1)
try(rawget, {}, nil)
try(rawget, {})
-- int keys
local a = {}
for _, k in ipairs({ 0, -1, 1, math.maxinteger, math.mininteger, 1 << 31, 1 << 32, (1 << 53) + 1, 1 << 53 }) do
	a[k] = k
end
for _, k in ipairs({ 0, -1, 1, math.maxinteger, math.mininteger, 1 << 31, 1 << 32, (1 << 53) + 1, 1 << 53 }) do
	show(a[k] == k)
end
show(a["1"], a[2], keys(a))
-- insert/remove
local function T(...)
	return table.concat({ ... }, ",")
end
local function L(t)
	local r = {}
	for i = -3, 12 do
		r[#r + 1] = tostring(t[i])
	end
	show(#t, table.concat(r, ","))
end
t = {}
table.insert(t, "a")
table.insert(t, 1, "b")
table.insert(t, 2, "c")
table.insert(t, 4, "d")
L(t)
show(table.remove(t, 1))
L(t)
show(table.remove(t))
L(t)
show(table.remove(t, 3))
show(table.remove(t, #t + 1))
try(table.remove, t, 5)
try(table.remove, t, -1)
show(table.remove({}), table.remove({}, 0), table.remove({ [0] = "z" }, 0), table.remove({}, #{}))
show(select("#", table.remove({})))
t = { [0] = "ban" }
show(#t, table.remove(t), t[0])
L(t)
t = { 1, 2, 3 }
table.insert(t, nil)
L(t)
table.insert(t, 4, nil)
L(t)
try(table.insert, { 1, 2, 3 }, 5, 1)
try(table.insert, { 1, 2, 3 }, 0, 20)
try(table.insert, { 1, 2, 3 }, -1, 20)
try(table.insert, { 1 }, 1, 2, 3)
try(table.insert, { 1 }, 1, nil)
try(table.insert, {}, "1", "v")
try(
	table.insert,
	setmetatable({}, {
		__len = function()
			return "abc"
		end,
	}),
	1
)
try(
	table.insert,
	setmetatable({}, {
		__len = function()
			return "3"
		end,
	}),
	1
)
try(
	table.insert,
	setmetatable({}, {
		__len = function()
			return math.maxinteger
		end,
	}),
	20
)
try(
	table.insert,
	setmetatable({}, {
		__len = function()
			return -1
		end,
	}),
	20
)
-- unpack/pack
show(table.unpack({ 1, 2, 3 }))
show(table.unpack({ 1, 2, 3 }, 2))
show(table.unpack({ 1, 2, 3 }, 2, 3))
show(table.unpack({ 1, 2, 3 }, -1, 1))
show(table.unpack({ 1, 2 }, 3))
show(table.unpack({}, 1, 3))
show(table.unpack({ 1, 2, 3 }, nil, 2))
show(table.unpack("abc", 1, 2))
try(table.unpack, {}, 0, math.maxinteger)
try(table.unpack, {}, 1, math.maxinteger)
try(table.unpack, {}, math.mininteger, 0)
try(table.unpack, {}, math.mininteger, math.maxinteger)
show(table.unpack({}, math.maxinteger, 0))
show(table.unpack({}, math.maxinteger, 1))
show(table.unpack({}, math.maxinteger, math.maxinteger))
show(table.unpack({}, math.mininteger, math.mininteger))
show(pcall(
	table.unpack,
	setmetatable({}, {
		__len = function()
			return 2
		end,
		__index = function(_, i)
			return i * 10
		end,
	})
))
local p = table.pack()
show(p.n, p[1])
p = table.pack(nil, 2, nil)
show(p.n, p[1], p[2], p[3])
show(select("#", table.unpack({}, 1, 200)))
try(table.unpack)
try(table.unpack, nil)
try(table.unpack, 1)
try(function()
	return #table.pack(table.unpack({}, 1, 8000))
end)
-- concat
show(
	table.concat({}),
	table.concat({}, "x"),
	table.concat({ 1, 2, "x" }, "-"),
	table.concat({ 1, 2, 3 }, ",", 2),
	table.concat({ 1, 2, 3 }, ",", 2, 2),
	table.concat({ 1, 2, 3 }, ",", 3, 2),
	table.concat({ "\0", "\0\1" }, ".\0."),
	table.concat({ 1, 2 }, 7),
	table.concat({ [math.maxinteger] = "alo" }, "x", math.maxinteger, math.maxinteger),
	table.concat(
		{ [math.maxinteger] = "alo", [math.maxinteger - 1] = "y" },
		"-",
		math.maxinteger - 1,
		math.maxinteger
	),
	table.concat({}, "x", math.maxinteger, math.mininteger)
)
try(table.concat, { 1, nil, 3 }, "", 1, 3)
try(table.concat, { {} })
try(table.concat, { 1, true })
try(table.concat, {}, {})
try(table.concat, { "a" }, ",", 0)
try(table.concat, {}, "x", math.mininteger, math.mininteger)
show(table.concat(
	setmetatable({}, {
		__len = function()
			return 3
		end,
		__index = function(_, i)
			return "k" .. i
		end,
	}),
	","
))
-- move
local function mv(...)
	local ok, r = pcall(table.move, ...)
	if not ok then
		show(r)
	else
		L(r)
	end
end
mv({ 10, 20, 30 }, 1, 3, 2)
mv({ 10, 20, 30 }, 1, 3, 3)
mv({ 10, 20, 30 }, 2, 3, 1)
mv({ 10, 20, 30 }, 1, 3, 1)
mv({ 10, 20, 30 }, 1, 0, 3)
mv({ 10, 20, 30 }, 1, 10, 1)
mv({ 10, 20, 30 }, 1, 3, 1, {})
mv({ 10, 20, 30 }, 1, 0, 3, {})
mv({ 10, 20, 30 }, 1, 10, 1, {})
mv({ 10, 20 }, -1, 2, 0, {})
mv({ 1 }, math.maxinteger, math.mininteger, 1)
mv({ [math.maxinteger] = 9 }, math.maxinteger, math.maxinteger, 1)
mv({}, 1, math.maxinteger, 2)
mv({}, 0, math.maxinteger, 1)
mv({}, -1, math.maxinteger, 2)
mv({}, math.mininteger, -1, 1)
mv({}, math.mininteger, math.maxinteger, 1)
mv({ 5 }, 1, 1, math.maxinteger)
mv({ 5 }, 1, 2, math.maxinteger)
mv(1, 1, 1, 1)
mv({}, 1, 1, 1, 1)
mv({}, 1)
mv({}, 1, 2)
mv(
	{ [math.maxinteger - 2] = 1, [math.maxinteger - 1] = 2, [math.maxinteger] = 3 },
	math.maxinteger - 2,
	math.maxinteger,
	-1,
	{}
)
do
	local log = {}
	local a = setmetatable({}, {
		__index = function(_, k)
			log[#log + 1] = "r" .. k
			return k
		end,
		__newindex = function(_, k, v)
			log[#log + 1] = "w" .. k
		end,
	})
	table.move(a, 1, 3, 2)
	table.move(a, 2, 4, 1)
	table.move(
		a,
		1,
		2,
		5,
		setmetatable({}, {
			__newindex = function(_, k)
				log[#log + 1] = "x" .. k
			end,
		})
	)
	show(table.concat(log, " "))
end
-- ipairs with metamethods
do
	local r = {}
	for i, v in
		ipairs(setmetatable({}, {
			__index = function(_, i)
				if i <= 5 then
					return i * 2
				end
			end,
		}))
	do
		r[#r + 1] = i .. ":" .. v
	end
	show(table.concat(r, " "))
end
show(select("#", ipairs({})), type((ipairs({}))))
try(ipairs)
try(ipairs, nil)
for i in ipairs("abc") do
	show(i)
end
try(function()
	for i in ipairs(nil) do
	end
end)
try(function()
	for i in ipairs(12) do
	end
end)
-- __pairs
show(pairs(setmetatable({}, {
	__pairs = function(x)
		return 1, 2, 3, 4
	end,
})))
try(pairs)
try(pairs, nil)
try(pairs, 1)
show(select("#", pairs({})))
try(pairs, setmetatable({}, { __pairs = 1 }))
do
	local r = {}
	for k, v in
		pairs(setmetatable({}, {
			__pairs = function(x)
				return function(_, k)
					k = (k or 0) + 1
					if k < 4 then
						return k, k * k
					end
				end,
					x,
					nil
			end,
		}))
	do
		r[#r + 1] = k .. v
	end
	show(table.concat(r, " "))
end
-- for loops
local function F(a, b, c)
	local n, first, last = 0
	local ok, e = pcall(function()
		for i = a, b, c do
			n = n + 1
			first = first or i
			last = i
			if n > 20 then
				break
			end
		end
	end)
	show(a, b, c, n, first, last, ok, e)
end
local M, N = math.maxinteger, math.mininteger
F(1, 3, 1)
F(3, 1, -1)
F(1, 3, -1)
F(3, 1, 1)
F(1, 1, 1)
F(1, 1, -1)
F(M - 2, M, 1)
F(N + 2, N, -1)
F(M, M, 1)
F(N, N, -1)
F(N, M, M)
F(M, N, N)
F(N, M, M - 1)
F(1, M, M)
F(-1, N, N)
F(N, N + 1, 1)
F(M - 1, M, 2)
F(M, N, -1)
F(1, 10, 3)
F(10, 1, -4)
F(1, "3", 1)
F("x", 1, 1)
F(1, {}, 1)
F(1, 2, {})
F(nil, 1, 1)
F(1, 1, 0)
F(1, 2, 0)
F(2, 1, 0)
F(0, M, M // 2)
F(0, N, N // 2)
F(N, 0, 1 << 62)
F(3, 2, N)
F(2, 3, N)
for i = 1, 3 do
	local j = i
	i = 10
	show(i, j)
end
do
	local i = 5
	for i = i, i + 1 do
		show(i)
	end
	show(i)
end
-- generic for
do
	local function it(s, c)
		if c < s then
			return c + 1, c * 2
		end
	end
	for a, b, c in it, 3, 0 do
		show(a, b, c)
	end
end
for a in
	coroutine.wrap(function()
		for i = 1, 3 do
			coroutine.yield(i)
		end
	end)
do
	show(a)
end
for k, v in next, { 5 } do
	show(k, v)
end
do
	local mt = setmetatable({}, {
		__call = function(_, s, c)
			c = c + 1
			if c < 3 then
				return c
			end
		end,
	})
	for i in mt, nil, 0 do
		show(i)
	end
end
-- global enumeration
do
	local r = {}
	for _, m in ipairs({ "string", "table", "coroutine", "utf8" }) do
		for k in pairs(_G[m]) do
			r[#r + 1] = m .. "." .. k
		end
	end
	table.sort(r)
	print(table.concat(r, " "))
end
show(_G._G == _G, _VERSION, _ENV == _G)
-- big constructors
do
	local s = { "return {" }
	for i = 1, 1000 do
		s[#s + 1] = i .. ","
	end
	s[#s + 1] = "}"
	local t = load(table.concat(s))()
	show(#t, t[1], t[50], t[51], t[1000])
end
do
	local t = {}
	for i = 1, 1 << 15 do
		t[i] = i
	end
	local n = 0
	for i = #t, 1, -1 do
		n = n + t[i]
		t[i] = nil
	end
	show(#t, n)
end
do
	local t = setmetatable({}, {
		__len = function()
			return 10
		end,
	})
	show(#t, rawlen(t))
end
do
	local t = {}
	t[1 << 20] = 1
	t[1] = 1
	show(#t == 1 or #t == 1 << 20)
end
