-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local function gi(f, w)
	local t = debug.getinfo(f, w)
	if not t then
		show("nil")
		return
	end
	local k = {}
	for n, v in pairs(t) do
		k[#k + 1] = n
			.. "="
			.. (type(v) == "table" and "table" or type(v) == "function" and "function" or tostring(v))
	end
	table.sort(k)
	print((table.concat(k, " "):gsub("[\n]", "\\n")))
end
local function f(a, b, ...)
	local x = a
	gi(1)
	gi(2)
	gi(1, "n")
	gi(1, "l")
	gi(1, "S")
	gi(1, "u")
	gi(1, "t")
	gi(1, "f")
	return x
end
local r = f(1, 2)
gi(f)
gi(f, "S")
gi(f, "u")
gi(f, "L")
gi(print, "Sun")
gi(1)
gi(0, "Snu")
gi(0, "n")
gi(50)
gi(-1)
try(debug.getinfo)
try(debug.getinfo, "x")
try(debug.getinfo, 1, "X")
try(debug.getinfo, {})
try(debug.getinfo, print, "z")
try(debug.getinfo, 1, {})
try(debug.getinfo, nil)
try(debug.getinfo, "1")
try(debug.getinfo, math.maxinteger)
try(debug.getinfo, coroutine.create(print))
try(debug.getinfo, coroutine.create(print), 0)
try(debug.getinfo, coroutine.running(), 1, "l")
do
	local co = coroutine.create(function()
		local function inner()
			coroutine.yield()
		end
		inner()
	end)
	gi(co, 0)
	coroutine.resume(co)
	local t = debug.getinfo(co, 0, "nS")
	show(t.what, t.name)
	t = debug.getinfo(co, 1, "nSl")
	show(t.what, t.name, t.currentline)
	t = debug.getinfo(co, 2, "nSl")
	show(t.what, t.name, t.currentline)
	show(debug.getinfo(co, 3))
end
local t = {
	m = function(self)
		return debug.getinfo(1, "n")
	end,
}
local function nm(x)
	show(x.name, x.namewhat)
end
nm(t:m())
nm(t.m())
nm((t.m()))
function G()
	return debug.getinfo(1, "n")
end
local x = G()
nm(x)
local loc = G
x = loc()
nm(x)
nm(pcall(G) and G())
x = setmetatable({}, {
	__index = function()
		local i = debug.getinfo(1, "n")
		nm(i)
		return i
	end,
	__add = function()
		nm(debug.getinfo(1, "n"))
	end,
	__lt = function()
		nm(debug.getinfo(1, "n"))
	end,
	__eq = function()
		nm(debug.getinfo(1, "n"))
	end,
	__concat = function()
		nm(debug.getinfo(1, "n"))
	end,
	__call = function()
		nm(debug.getinfo(1, "n"))
	end,
	__len = function()
		nm(debug.getinfo(1, "n"))
	end,
	__newindex = function()
		nm(debug.getinfo(1, "n"))
	end,
	__unm = function()
		nm(debug.getinfo(1, "n"))
	end,
	__band = function()
		nm(debug.getinfo(1, "n"))
	end,
	__le = function()
		nm(debug.getinfo(1, "n"))
	end,
	__idiv = function()
		nm(debug.getinfo(1, "n"))
	end,
})
local _ = x.y
_ = x + 1
_ = x < x
_ = x == setmetatable({}, getmetatable(x))
_ = x .. 1
x()
_ = #x
x.z = 1
_ = -x
_ = x & 1
_ = x <= x
_ = x // 1
for i in
	function()
		nm(debug.getinfo(1, "n"))
	end
do
end
local up = G
local function usesup()
	local r = up()
	return r
end
nm(usesup())
local function tc()
	return G()
end
local r = tc()
nm(r)
local s = { ["a b"] = G }
r = s["a b"]()
nm(r)
r = s[({ "a b" })[1]]()
nm(r)
r = (function()
	return debug.getinfo(1, "n")
end)()
nm(r)
table.sort({ 1, 2 }, function(a, b)
	nm(debug.getinfo(1, "n"))
	nm(debug.getinfo(2, "n"))
end)
string.gsub("a", "a", function()
	nm(debug.getinfo(1, "n"))
	local i = debug.getinfo(2, "nS")
	show(i.name, i.what)
end)
setmetatable({}, {
	__gc = function()
		local i = debug.getinfo(1, "n")
		show(i.name, i.namewhat)
	end,
})
collectgarbage()
collectgarbage()
local function lines(s)
	local f = load(s)
	local a = debug.getinfo(f, "L").activelines
	local r = {}
	for k in pairs(a) do
		r[#r + 1] = k
	end
	table.sort(r)
	local i = debug.getinfo(f, "S")
	show(table.concat(r, " "), i.linedefined, i.lastlinedefined, i.what)
end
lines("local a\nlocal b = 1\n\nif a then\n b = 2\nend\nreturn b")
lines("")
lines("for i = 1, 2 do\n local x = i\n\nend")
lines("return function()\n\n return 1\nend")
lines("while x do\n\n y = 1\nend\n")
local tr = function(...)
	return (debug.traceback(...):gsub("0x%x+", "P"))
end
local function lvl(n)
	if n == 0 then
		return tr("m")
	end
	local r = lvl(n - 1)
	return r
end
print(lvl(3))
local lines = 0
for _ in lvl(40):gmatch("\n") do
	lines = lines + 1
end
show(lines)
show((lvl(40):match("%.%.%.[^\n]*")))
local function tail(n)
	if n == 0 then
		return tr()
	end
	return tail(n - 1)
end
print((tail(3)))
print(tr("x", 1))
print((tr("x", 2)))
print((tr("x", 100)))
try(debug.traceback, "a", "b")
try(debug.traceback, "a", {})
show(
	debug.traceback(nil, 1) ~= nil,
	debug.traceback(false),
	debug.traceback(print) == print,
	debug.traceback("x", -1) ~= nil
)
print(tr(12, 1))
local o = { n = {} }
function o.n.b()
	print(tr("in b"))
end
function o:c()
	print(tr("in c"))
end
o.n.b()
o:c()
function globalfn()
	print(tr("g"))
end
globalfn()
pcall(globalfn)
string.gsub("x", "x", globalfn)
table.sort({ 1, 2 }, globalfn)
coroutine.wrap(globalfn)()
local w = coroutine.wrap(function()
	globalfn()
end)
w()
-- A thread, a message that is no string, a level.
local function body(f)
	local function inner(x)
		f(x)
		return x
	end
	inner(1)
	return 2
end
local co = coroutine.create(body)
print(tr(co))
coroutine.resume(co, coroutine.yield)
print(tr(co))
print(tr(co, "message"))
print(tr(co, nil))
print(tr(co, 12))
for level = -1, 5 do
	print(level, tr(co, "m", level))
end
print(tr(co, "m", nil))
print(tr(co, "m", "1"))
try(tr, co, "m", "x")
try(tr, co, "m", {})
show(debug.traceback(co, {}), debug.traceback(co, false), debug.traceback(co, print), debug.traceback(co, co))
show(debug.traceback({}), debug.traceback(true, 1), debug.traceback({}, "x"), debug.traceback(setmetatable({}, { __tostring = function() return "t" end })))
coroutine.resume(co)
print(coroutine.status(co), tr(co, "dead"))
co = coroutine.create(body)
print(coroutine.resume(co, error))
print(coroutine.status(co), tr(co, "failed"))
print(tr(co, "failed", 1))
print(coroutine.wrap(function() return tr(coroutine.running(), "itself") end)())
print(coroutine.wrap(function() return (tr("itself", 1)) end)())
print((tr(coroutine.running(), "main", 1)))
co = coroutine.create(function(main) return (tr(main, "of main", 0)) end)
print(select(2, coroutine.resume(co, (coroutine.running()))))
print(select(2, xpcall(function() local x = nil + 1 end, function(e) return tr(e, 1) end)))
print(select(2, xpcall(function() error({}) end, debug.traceback)) ~= nil)
print((tr("", 1)))
print((tr("a\nb", 1)))
print(tr("m", math.maxinteger), tr("m", math.mininteger))
