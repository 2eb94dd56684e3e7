-- SPDX-License-Identifier: MIT OR GPL-2.0-only
show(type(1 < 2), type(true), type(nil), type(-3), type("x"), type({}), type(type))
try(type)
show(select("#", type(nil, 1)))
local function f(x)
	return x - 10
end
show(pcall(f, 12))
local fact = false
do
	local res = 1
	local function fact(n)
		if n == 0 then
			return res
		else
			return n * fact(n - 1)
		end
	end
	show(fact(5))
end
local a = { i = 10 }
local self = 20
function a:x(x)
	return x + self.i
end
function a.y(x)
	return x + self
end
show(a:x(1) + 10, a.y(1))
a.t = { i = -100 }
a["t"].x = function(self, a, b)
	return self.i + a + b
end
show(a.t:x(2, 3))
do
	local a = { x = 0 }
	function a:add(x)
		self.x, a.y = self.x + x, 20
		return self
	end
	show(a:add(10):add(20):add(30).x, a.y)
end
local a = { b = { c = {} } }
function a.b.c.f1(x)
	return x + 1
end
function a.b.c:f2(x, y)
	self[x] = y
end
show(a.b.c.f1(4))
a.b.c:f2("k", 12)
show(a.b.c.k)
local t
function ff(a, b, c, d)
	t = { a, b, c, d }
end
ff(1, 2)
show(t[1], t[2], t[3], t[4])
ff(1, 2, 3, 4, 5)
show(#t)
local function deep(n)
	if n > 0 then
		deep(n - 1)
	end
end
deep(10)
deep(180)
deep(5000)
local function deep(n)
	if n > 0 then
		return deep(n - 1)
	else
		return 101
	end
end
show(deep(300000))
do
	local a = {}
	function a:deep(n)
		if n > 0 then
			return self:deep(n - 1)
		else
			return 102
		end
	end
	show(a:deep(300000))
end
do
	local function foo(x)
		return setmetatable({}, {
			__call = function(_, x)
				if x > 0 then
					return _(x - 1)
				end
				return "end"
			end,
		})(x)
	end
	show(foo(1000))
end
do
	local N = 20
	local u = table.pack
	for i = 1, N do
		u = setmetatable({ i }, { __call = u })
	end
	show(pcall(u, "a", "b", "c"))
end
show((function(x, y)
	return x == 20 and y or nil
end)(20, 21))
show((function(...)
	return select("#", ...)
end)(nil, nil))
do
	local Z = function(le)
		local function a(f)
			return le(function(x)
				return f(f)(x)
			end)
		end
		return a(a)
	end
	local F = function(f)
		return function(n)
			if n == 0 then
				return 1
			else
				return n * f(n - 1)
			end
		end
	end
	show(Z(F)(10))
end
do
	local function unlpack(t, i)
		i = i or 1
		if i <= #t then
			return t[i], unlpack(t, i + 1)
		end
	end
	local function equaltab(a, b)
		for i = 1, #a do
			if a[i] ~= b[i] then
				return false
			end
		end
		return #a == #b
	end
	show(equaltab({ 1, 2, 3 }, { unlpack({ 1, 2, 3 }) }))
	show(unlpack({ 1, 2, 3 }))
	show((unlpack({ 1, 2, 3 })))
	local a, b, c, d = unlpack({ 1, 2, 3 })
	show(a, b, c, d)
	a, b, c, d = unlpack({ 1, 2 }), 5
	show(a, b, c, d)
	a = { unlpack({ 1, 2 }), unlpack({ 3, 4 }) }
	show(#a)
end
-- load
show(load("return 1")())
show(load("x = ", "n"))
show(pcall(load, nil))
show(load(function()
	return nil
end))
do
	local i = 0
	local parts = { "return ", "1", "+", "2" }
	show(load(function()
		i = i + 1
		return parts[i]
	end)())
end
do
	local i = 0
	local parts = { "return ", "", "9" }
	show(type(load(function()
		i = i + 1
		return parts[i]
	end)))
end
show(load(function()
	return {}
end))
show(load(function()
	return true
end))
show(load(function()
	error("E", 0)
end))
show(load(function()
	error({})
end))
show(load(function()
	error("E")
end))
show(load("return _ENV", "n", "t", 12)())
show(load("return x", "n", "t", { x = 7 })())
show(load("x = 5 return _ENV", "n", "bt", {})().x)
show(select("#", load("return ...")()))
show(load("return ...")(1, 2))
show(load("return 1", "n", "b"))
show(load("return 1", "=n", "x"))
try(load, "return 1", "n", {})
show(pcall(load("return _ENV.x", "n", "t", nil)))
show(load(""))
show(load("return 1\0"))
show(load("\0return 1"))
show(load("--[[\0]] return '\0'")())
show(load("# comment\nreturn 1"))
do
	local x = {}
	local f = load("local a = 1 return function() a = a + 1 return a end")()
	show(f(), f())
end
do
	local s = "return function(...) return ... end"
	show(load(s)()(1, nil, 2))
end
do
	local r = coroutine.wrap(function()
		return load(function()
			return coroutine.yield()
		end)
	end)
	show(r())
	show(pcall(r, "return 1"))
end
do
	local n = 0
	show(#load(function()
		n = n + 1
		if n == 1 then
			return "return '"
		elseif n < 5000 then
			return "ab"
		elseif n == 5000 then
			return "'"
		end
	end)())
end
do
	local b = ""
	for c in ("local x = 10 return x * 2 + 1"):gmatch(".") do
		b = b .. c
	end
	local i = 0
	show(load(function()
		i = i + 1
		local c = b:sub(i, i)
		return c ~= "" and c or nil
	end)())
end
-- multiple results
local function r3()
	return 1, 2, 3
end
local x, y, z, w = r3()
show(x, y, z, w)
x, y = (r3())
show(x, y)
show(r3(), r3())
show(#{ r3(), r3() }, #{ (r3()) }, #{ r3(), nil })
show(select("#", r3(), nil))
show(select("#", (r3())))
show(math.max(r3()))
show(string.format("%d%d%d", r3()))
show(select(2, r3()))
show(select(-1, r3()))
show(select(-3, r3()))
try(select, -4, r3())
try(select, 0)
show(select("#"))
show(select("#", nil))
show(select(5, 1))
show(select("2", 1, 2))
-- vararg
local function v(a, ...)
	local x = { ... }
	local n = select("#", ...)
	return a, n, x[1], x[n]
end
show(v())
show(v(1))
show(v(1, nil))
show(v(1, 2, nil))
show(v(1, nil, 3))
show((function(...)
	local a, b = ...
	return b, ...
end)(1, 2, 3))
show((function(...)
	return ..., 1
end)(7, 8))
show((function(...)
	return (...)
end)(7, 8))
show(pcall(
	(function(...)
		return function(...)
			return ...
		end
	end)(1),
	2,
	3
))
show((function(...)
	local t = { n = select("#", ...), ... }
	return t.n, #t
end)(1, 2, 3))
do
	local function c(f, a)
		return f(table.unpack(a, 1, a.n))
	end
	show(c(print and r3, { n = 0 }))
end
show((function(...)
	for i = 1, 2 do
		local a = ...
	end
	return ...
end)())
show(load("return {...}, select('#', ...)")(1, nil))
do
	local t = {}
	for i = 1, 250 do
		t[i] = i
	end
	show(select("#", table.unpack(t)), (select(250, table.unpack(t))))
	local s = "return function("
	local names = {}
	for i = 1, 199 do
		names[i] = "a" .. i
	end
	local f = load(s .. table.concat(names, ",") .. ",...) return a199, select('#', ...) end")()
	show(f(table.unpack(t)))
end
-- evaluation order & assignment
do
	local log = {}
	local function l(n, v)
		log[#log + 1] = n
		return v
	end
	local t = setmetatable({}, {
		__newindex = function(_, k, v)
			log[#log + 1] = k .. "=" .. tostring(v)
		end,
	})
	t[l("k1", "a")], t[l("k2", "b")] = l("v1", 1), l("v2", 2)
	show(table.concat(log, " "))
	local i = 1
	local q = {}
	i, q[i] = i + 1, 20
	show(i, q[1], q[2])
	local a = {}
	do
		local a, b = a, 3
		a.x, a = 5, b
		show(a)
	end
	show(a.x)
	local b, c = 1
	show(b, c)
	local d, e = 1, 2, 3
	show(d, e)
	local z = l("x", nil) or l("y", 2) and l("z", 3)
	show(z, table.concat(log, " "))
end
do
	local a, b, c = (function()
		return 1, 2
	end)(), 10
	show(a, b, c)
	local t = { (function()
		return 1, 2
	end)(), (function()
		return 1, 2
	end)() }
	show(#t)
	local s = {
		f = function(self, x)
			return self, x
		end,
	}
	show(select("#", s:f(1)))
	show(type("x") .. type({}) .. type([[x]]))
end
