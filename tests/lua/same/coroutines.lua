-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local C = coroutine
show(C.running())
show(select(2, C.running()), C.isyieldable())
show(C.wrap(function()
	return select(2, C.running()), C.isyieldable()
end)())
local co = C.create(function(a, b)
	local c = C.yield(a + b)
	local d, e = C.yield(c * 2)
	return d, e
end)
show(C.status(co), C.resume(co, 1, 2))
show(C.status(co), C.resume(co, 10))
show(C.resume(co, "x", "y"))
show(C.status(co), C.resume(co))
show(C.resume(co))
show(C.resume(C.create(function()
	error("E")
end)))
show(C.resume(C.create(function()
	error({})
end)))
show(C.resume(C.create(function()
	error()
end)))
show(C.resume(C.create(function()
	local x = nil
	x()
end)))
show(C.resume(C.create(error), "m", 0))
show(C.resume(C.create(pcall), error, "m"))
show(pcall(C.wrap(function()
	error("E")
end)))
show(pcall(C.wrap(function()
	error({})
end)))
show(pcall(C.wrap(function()
	error("E", 0)
end)))
show(pcall(C.wrap(error), 12))
do
	local w = C.wrap(function()
		return 1
	end)
	show(w())
	show(pcall(w))
	show(pcall(w))
end
do
	local w = C.wrap(function()
		error("x")
	end)
	show(pcall(w))
	show(pcall(w))
end
do
	local co
	co = C.create(function()
		return C.resume(co)
	end)
	show(C.resume(co))
end
do
	local co
	co = C.wrap(function()
		return pcall(co)
	end)
	show(co())
end
do
	local co
	co = C.create(function()
		return C.status(co), C.resume(C.create(function()
			return C.status(co)
		end))
	end)
	show(C.resume(co))
end
show(C.resume(C.running()))
show(C.status(C.running()))
show(C.resume(
	C.create(function(...)
		return select("#", ...), ...
	end),
	nil,
	nil
))
show(C.resume(C.create(function()
	return C.yield()
end)))
show(select("#", C.resume(C.create(function() end))))
show(pcall(C.yield))
show(pcall(C.yield, 1))
show(C.resume(C.create(function()
	return pcall(C.yield, 1, 2)
end)))
-- yield across pcall, metamethods, iterators
do
	local co = C.wrap(function()
		local r = {
			pcall(function(a)
				local b = C.yield(a)
				local ok, c = pcall(function()
					C.yield("in")
					error("err" .. b, 0)
				end)
				C.yield(c)
				return "end"
			end, 5),
		}
		C.yield(table.unpack(r))
		local x = { xpcall(function()
			C.yield("xp")
			error("q", 0)
		end, function(m)
			return m .. m
		end) }
		return table.unpack(x)
	end)
	show(co())
	show(co("B"))
	show(co())
	show(co())
	show(co())
	show(co())
	show(pcall(co))
end
do
	local mt = {}
	for _, n in ipairs({
		"add",
		"sub",
		"mul",
		"div",
		"mod",
		"pow",
		"idiv",
		"band",
		"bor",
		"bxor",
		"shl",
		"shr",
		"concat",
		"lt",
		"le",
		"eq",
		"index",
		"newindex",
		"call",
		"unm",
		"bnot",
		"len",
	}) do
		mt["__" .. n] = function(a, b, c)
			local r = C.yield(n)
			return r
		end
	end
	local a, b = setmetatable({}, mt), setmetatable({}, mt)
	local function drive(f)
		local co = C.create(f)
		local out = {}
		local ok, v = C.resume(co)
		while C.status(co) ~= "dead" do
			out[#out + 1] = tostring(v)
			ok, v = C.resume(co, "R")
		end
		show(table.concat(out, ","), ok, v)
	end
	drive(function()
		return a + b
	end)
	drive(function()
		return a - 1
	end)
	drive(function()
		return 2 * a
	end)
	drive(function()
		return a / b
	end)
	drive(function()
		return a % b
	end)
	drive(function()
		return a ^ b
	end)
	drive(function()
		return a // b
	end)
	drive(function()
		return a & b
	end)
	drive(function()
		return a | 1
	end)
	drive(function()
		return 1 ~ a
	end)
	drive(function()
		return a << 1
	end)
	drive(function()
		return 1 >> a
	end)
	drive(function()
		return a .. b
	end)
	drive(function()
		return "x" .. "y" .. a .. "z" .. "w"
	end)
	drive(function()
		return a .. "x" .. b .. "y"
	end)
	drive(function()
		return a < b
	end)
	drive(function()
		return a <= b
	end)
	drive(function()
		return a > b
	end)
	drive(function()
		return a >= b
	end)
	drive(function()
		return a == b
	end)
	drive(function()
		return a ~= b
	end)
	drive(function()
		return a.x
	end)
	drive(function()
		return a.x.y
	end)
	drive(function()
		a.x = 1
		return "set"
	end)
	drive(function()
		return a(1)
	end)
	drive(function()
		return -a
	end)
	drive(function()
		return ~a
	end)
	drive(function()
		return #a
	end)
	drive(function()
		if a < b then
			return "then"
		else
			return "else"
		end
	end)
	drive(function()
		if a == b then
			return "then"
		end
		return "else"
	end)
	drive(function()
		while a < b do
			return "w"
		end
	end)
	drive(function()
		local t = { a + 1, a .. "k", a.z, n = #a }
		return t[1] .. t[2] .. t[3] .. t.n
	end)
	drive(function()
		return (a + 1) .. (b - 1)
	end)
	drive(function()
		for i in a do
			return i
		end
	end)
	drive(function()
		return (a())
	end)
	drive(function()
		return a()
	end)
	drive(function()
		return a:m()
	end)
	drive(function()
		return not (a == b)
	end)
	drive(function()
		local _ENV = a
		x = 1
		return y
	end)
end
do
	local function gen(n)
		return C.wrap(function()
			for i = 1, n do
				C.yield(i)
			end
		end)
	end
	local function filter(p, g)
		return C.wrap(function()
			for n in g do
				if n % p ~= 0 then
					C.yield(n)
				end
			end
		end)
	end
	local x = C.wrap(function()
		for i = 2, 60 do
			C.yield(i)
		end
	end)
	local r = {}
	local it = x
	for _ = 1, 6 do
		local n = it()
		if not n then
			break
		end
		r[#r + 1] = n
		it = filter(n, it)
	end
	show(table.concat(r, " "))
end
do
	local function perm(a, n)
		if n == 0 then
			C.yield(a)
		else
			for i = 1, n do
				a[n], a[i] = a[i], a[n]
				perm(a, n - 1)
				a[n], a[i] = a[i], a[n]
			end
		end
	end
	local n = 0
	local r = {}
	for p in
		C.wrap(function()
			perm({ 1, 2, 3 }, 3)
		end)
	do
		r[#r + 1] = table.concat(p)
	end
	show(table.concat(r, " "))
end
do
	local f = C.wrap(function()
		for k, v in
			pairs(setmetatable({}, {
				__pairs = function(t)
					C.yield("pairs")
					return next, { a = 1 }, nil
				end,
			}))
		do
			C.yield(k)
		end
		return "done"
	end)
	show(pcall(f))
	show(pcall(f))
	show(pcall(f))
	show(pcall(f))
end
-- yields in wrong places
show(C.resume(C.create(function()
	return table.sort({ 1, 2, 3 }, C.yield)
end)))
show(C.resume(C.create(function()
	return string.gsub("a", "a", C.yield)
end)))
show(C.resume(C.create(function()
	return load(C.yield)
end)))
show(C.resume(C.create(function()
	return tostring(setmetatable({}, { __tostring = C.yield }))
end)))
show(C.resume(C.create(function()
	for _ in ("a"):gmatch(".") do
		C.yield("ok")
	end
end)))
show(C.resume(C.create(function()
	return table.concat(setmetatable({}, {
		__len = function()
			return 1
		end,
		__index = function()
			return C.yield()
		end,
	}))
end)))
show(C.resume(C.create(function()
	return select(2, table.unpack(setmetatable({}, { __index = C.yield }), 1, 2))
end)))
show(C.resume(C.create(function()
	return ipairs(setmetatable({}, { __index = C.yield }))(setmetatable({}, { __index = C.yield }), 0)
end)))
do
	local co = C.create(function()
		for i, v in
			ipairs(setmetatable({}, {
				__index = function(_, i)
					if i < 3 then
						return C.yield(i)
					end
				end,
			}))
		do
			show(i, v)
		end
		return "end"
	end)
	show(C.resume(co))
	show(C.resume(co, "a"))
end
-- arguments
try(C.create)
try(C.create, 1)
try(C.create, print)
try(C.resume)
try(C.resume, 1)
try(C.status)
try(C.status, 1)
try(C.wrap)
try(C.wrap, {})
try(C.isyieldable, 1)
show(C.close, C.isyieldable())
show(type(C.running()))
show(tostring(C.running()) == tostring((C.running())))
-- deep recursion of coroutines, many
do
	local n = 0
	for i = 1, 2000 do
		local co = C.wrap(function(a)
			C.yield(a + 1)
		end)
		n = n + co(i)
	end
	show(n)
end
do
	local co = C.create(function()
		local function r(n)
			if n == 0 then
				C.yield("deep")
				return 0
			end
			return 1 + r(n - 1)
		end
		return r(5000)
	end)
	show(C.resume(co))
	show(C.resume(co))
end
do
	local ok, e = C.resume(C.create(function()
		local function r()
			return 1 + r()
		end
		r()
	end))
	show(ok, #e < 200 and e)
end
do
	local function c(n)
		if n == 0 then
			return "bottom"
		end
		return C.wrap(function()
			return c(n - 1)
		end)()
	end
	show(pcall(c, 10))
end
-- varargs many
do
	local co = C.create(function(...)
		local n = select("#", ...)
		while true do
			n = select("#", C.yield(table.unpack({}, 1, n)))
		end
	end)
	for _, n in ipairs({ 0, 1, 50, 200, 3000 }) do
		show(n, select("#", C.resume(co, table.unpack({}, 1, n))))
	end
end
-- error with traceback
do
	local co = C.create(function()
		local function f()
			C.yield()
			error("x")
		end
		f()
	end)
	C.resume(co)
	show(debug.traceback(co))
	show(debug.traceback(co, "msg"))
	show(debug.traceback(co, nil))
	show(debug.traceback(co, "m", 1))
	show(debug.traceback(co, "m", 5))
	show(C.resume(co))
	show(debug.traceback(co))
	show(
		debug.traceback("x", 0) ~= nil,
		debug.traceback({}) ~= nil,
		(debug.traceback("hi", 1):gsub("\n.*", "")),
		type(debug.traceback(nil)),
		debug.traceback(co, {}) ~= nil
	)
end
do
	local x = C.create(function()
		local a = 10
		_G.F = function()
			a = a + 10
			return a
		end
		while true do
			a = a + 1
			C.yield()
		end
	end)
	C.resume(x)
	show(F())
	C.resume(x)
	C.resume(x)
	show(F())
	F = nil
	x = nil
	collectgarbage()
end
do
	local t = setmetatable({}, { __mode = "kv" })
	local co = C.wrap(function()
		local x = {}
		C.yield(1)
	end)
	co()
	t[1] = co
	co = nil
	collectgarbage()
	show(t[1])
end
show(C.wrap(function()
	return pcall(pcall, pcall, C.yield, 7)
end)())
do
	local co = C.wrap(function(...)
		return pcall(pcall, pcall, C.yield, ...)
	end)
	show(co(1, 2))
	show(co(3, nil, 4))
end
do
	local co = C.wrap(function()
		return xpcall(pcall, function() end, pcall, function()
			C.yield(1)
			error("z")
		end)
	end)
	show(co())
	show(co())
end
do
	local co1, co2
	co1 = C.create(function()
		return C.resume(co2)
	end)
	co2 = C.create(function()
		return C.resume(co1)
	end)
	show(C.resume(co1))
end
do
	local co
	co = C.create(function()
		C.yield(C.status(co))
		local inner = C.create(function()
			return C.status(co), C.resume(co)
		end)
		return C.resume(inner)
	end)
	show(C.resume(co))
	show(C.resume(co))
end
do
	local co = C.wrap(function()
		local t = setmetatable({}, {
			__gc = function()
				C.yield()
			end,
		})
		t = nil
		collectgarbage()
	end)
	show(pcall(co))
end
