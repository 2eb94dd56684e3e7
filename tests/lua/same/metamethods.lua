-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local function mk(t)
	return setmetatable({}, t)
end
-- every arithmetic metamethod with operands in all orders
local names =
	{ "add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat" }
local ops = {
	add = "+",
	sub = "-",
	mul = "*",
	div = "/",
	mod = "%",
	pow = "^",
	idiv = "//",
	band = "&",
	bor = "|",
	bxor = "~",
	shl = "<<",
	shr = ">>",
	concat = "..",
}
for _, n in ipairs(names) do
	local log
	local mt = {
		["__" .. n] = function(...)
			log = select("#", ...) .. ":" .. type((...)) .. type((select(2, ...)))
			return "r", "s"
		end,
	}
	local t = setmetatable({}, mt)
	local f = load("local a, b = ... return a " .. ops[n] .. " b")
	for _, p in ipairs({ { t, t }, { t, 1 }, { 1, t }, { t, "x" }, { "x", t }, { t, nil }, { t, true }, {
		print,
		t,
	} }) do
		log = nil
		local ok, r, s = pcall(f, p[1], p[2])
		show(n, ok, r, s, log)
	end
	log = nil
	local ok, r = pcall(f, nil, t)
	show(n, ok, r, log)
	local g = load(
		"local a = ... return a "
			.. ops[n]
			.. " 3, 3 "
			.. ops[n]
			.. " a, a "
			.. ops[n]
			.. " 'k', 'k' "
			.. ops[n]
			.. " a"
	)
	show(g(t))
	show(pcall(f, {}, {}))
	show(pcall(f, 1, {}))
	show(pcall(f, {}, "2"))
	show(pcall(f, true, 1))
	show(pcall(f, mk({ ["__" .. n] = 1 }), 1))
	show(pcall(f, mk({ ["__" .. n] = false }), 1))
	show(pcall(
		f,
		mk({ ["__" .. n] = mk({
			__call = function(self, a, b)
				return "called"
			end,
		}) }),
		1
	))
end
for _, n in ipairs({ "unm", "bnot", "len" }) do
	local f = load("local a = ... return " .. ({ unm = "-", bnot = "~", len = "#" })[n] .. "a")
	local log
	local t = setmetatable({}, {
		["__" .. n] = function(...)
			log = select("#", ...) .. tostring(rawequal(..., (select(2, ...))))
			return n, 2
		end,
	})
	show(n, f(t))
	show(log)
	show(pcall(f, {}))
	show(pcall(f, nil))
	show(pcall(f, print))
	show(pcall(f, "x"))
end
-- comparisons
for _, n in ipairs({ "lt", "le", "eq" }) do
	for _, o in ipairs({ "<", "<=", ">", ">=", "==", "~=" }) do
		local log = {}
		local t, u
		local mt = {
			["__" .. n] = function(a, b)
				log[#log + 1] = (a == t or rawequal(a, t)) and "t" or rawequal(a, u) and "u" or type(a)
				log[#log + 1] = rawequal(b, t) and "t" or rawequal(b, u) and "u" or type(b)
				return 1
			end,
		}
		if n == "eq" then
			mt.__eq = function(a, b)
				log[#log + 1] = rawequal(a, t) and "t" or "u"
				return 1
			end
		else
			local m = mt["__" .. n]
			mt["__" .. n] = function(a, b)
				log[#log + 1] = (rawequal(a, t) and "t" or rawequal(a, u) and "u" or type(a))
					.. (rawequal(b, t) and "t" or rawequal(b, u) and "u" or type(b))
				return 1
			end
		end
		t, u = setmetatable({}, mt), setmetatable({}, mt)
		local f = load("local a, b = ... return a " .. o .. " b")
		show(n, o, table.concat(log, " "), pcall(f, t, u))
		show(table.concat(log, " "), pcall(f, t, 1))
		show(table.concat(log, " "), pcall(f, "x", t))
		show(table.concat(log, " "), pcall(f, {}, t))
		show(table.concat(log, " "), pcall(f, t, t))
		show(table.concat(log, " "))
	end
end
show(mk({
	__eq = function()
		return true
	end,
}) == mk({
	__eq = function()
		return false
	end,
}), mk({
	__eq = function()
		return nil
	end,
}) == mk({}), mk({
	__eq = function()
		error("x")
	end,
}) == 1, mk({}) == mk({
	__eq = function()
		return true
	end,
}))
show(pcall(function()
	return mk({ __eq = 1 }) == mk({ __eq = 1 })
end))
show(pcall(function()
	return mk({
		__lt = function()
			return nil
		end,
	}) <= mk({})
end))
show(pcall(function()
	return mk({ __lt = 1 }) < mk({})
end))
do
	local c = {}
	local mt = {
		__lt = function(a, b)
			return a.x < b.x
		end,
	}
	local a, b = setmetatable({ x = 1 }, mt), setmetatable({ x = 2 }, mt)
	show(a < b, a <= b, a > b, a >= b, b <= b, a <= a)
	mt.__le = function(a, b)
		return a.x <= b.x
	end
	show(a < b, a <= b, a > b, a >= b)
end
-- le by lt within coroutine yields
do
	local mt = {
		__lt = function(a, b)
			coroutine.yield("y")
			return a.x < b.x
		end,
	}
	local a, b = setmetatable({ x = 1 }, mt), setmetatable({ x = 2 }, mt)
	local co = coroutine.wrap(function()
		local r = {}
		r[1] = a <= b
		r[2] = b <= a
		r[3] = a < b
		r[4] = a > b
		if a <= b then
			r[5] = "in"
		end
		if not (b <= a) then
			r[6] = "not"
		end
		return table.unpack(r)
	end)
	local n = 0
	while true do
		local r = { co() }
		if r[1] ~= "y" then
			show(n, table.unpack(r))
			break
		end
		n = n + 1
	end
end
-- index chains
do
	local a = { x = 1 }
	local b = setmetatable({ y = 2 }, { __index = a })
	local c = setmetatable({ z = 3 }, { __index = b })
	show(c.x, c.y, c.z, c.w)
	local d = setmetatable({}, {
		__index = function(t, k)
			return k .. "!"
		end,
	})
	local e = setmetatable({}, { __index = d })
	show(e.q, e[1], rawget(e, "q"))
	local log = {}
	local f = setmetatable({}, {
		__newindex = function(t, k, v)
			log[#log + 1] = k
			rawset(t, k, v)
		end,
	})
	f.a = 1
	f.a = 2
	f.b = nil
	f.b = 3
	show(table.concat(log, " "))
	local g = setmetatable({}, { __newindex = f })
	g.zz = 1
	show(rawget(g, "zz"), f.zz)
	local h = setmetatable({}, { __newindex = a, __index = a })
	h.n = 5
	show(a.n, rawget(h, "n"))
end
do
	local t = {}
	for i = 1, 15 do
		t = setmetatable({}, { __index = t })
	end
	show(t.x)
	local x = setmetatable({}, {})
	getmetatable(x).__index = x
	show(pcall(function()
		return x.y
	end))
	getmetatable(x).__newindex = x
	show(pcall(function()
		x.y = 1
	end))
	local base = {}
	local y = base
	for i = 1, 2100 do
		y = setmetatable({}, { __index = y, __newindex = y })
	end
	show(pcall(function()
		return y.k
	end))
	show(pcall(function()
		y.k = 1
	end))
end
show(pcall(function()
	return mk({ __index = 1 }).x
end))
show(pcall(function()
	return mk({ __index = "abc" }).len
end))
show(pcall(function()
	mk({ __newindex = 1 }).x = 2
end))
show(pcall(function()
	mk({ __newindex = "s" }).x = 2
end))
show(pcall(function()
	local t = mk({ __index = nil })
	return t.x.y
end))
show(pcall(function()
	local a = mk({ __index = true })
	return a.b
end))
-- call
do
	local t = mk({
		__call = function(self, ...)
			return select("#", ...), ...
		end,
	})
	show(t())
	show(t(1, nil))
	show(pcall(t, 1))
	show(pcall(mk({ __call = 1 })))
	show(pcall(mk({})))
	show(pcall(mk({ __call = mk({
		__call = function()
			return "deep"
		end,
	}) })))
	local u = { f = t }
	show(u:f(1))
	show((t(5)))
	local function tail(...)
		return t(...)
	end
	show(tail(1, 2))
	for a, b in mk({
		__call = function(_, s, c)
			if not c then
				return 1, 2
			end
		end,
	}) do
		show(a, b)
	end
	show(#t == 0, pcall(string.gsub, "ab", "%w", t))
	show(pcall(table.sort, { 2, 1 }, t))
	show(coroutine.wrap(function()
		return t("co")
	end)())
	show(pcall(coroutine.create, t))
	show(pcall(coroutine.wrap, t))
	show(xpcall(t, print, 4))
	show(pcall(xpcall, error, t))
end
-- metatable field
show(getmetatable(mk({ __metatable = "locked" })))
show(pcall(setmetatable, mk({ __metatable = "locked" }), {}))
show(
	getmetatable("").__index == string,
	getmetatable("").__name,
	getmetatable(1),
	getmetatable(nil),
	getmetatable(print)
)
show(pcall(setmetatable, {}, nil))
show(getmetatable(setmetatable(mk({}), nil)))
show(pcall(setmetatable, mk({ __metatable = false }), {}))
show(getmetatable(mk({ __metatable = false })))
-- __name, __tostring in messages
local N = { __name = "My Type" }
local x = setmetatable({}, N)
show(pcall(function()
	return x + 1
end))
show(pcall(function()
	return x < 1
end))
show(pcall(function()
	return x < x
end))
show(pcall(function()
	return x .. "a"
end))
show(pcall(function()
	return #x & 1
end))
show(pcall(function()
	return x()
end))
show(pcall(function()
	return -x
end))
show(pcall(function()
	return ~x
end))
show(pcall(string.rep, x))
show(pcall(string.rep, "x", x))
show(pcall(ipairs, x))
show(pcall(function()
	for i = x, 1 do
	end
end))
show(pcall(table.concat, { x }))
show(pcall(math.abs, x))
show(pcall(error, x))
show((tostring(x):gsub("0x%x+", "P")))
N.__name = 5
show(pcall(function()
	return x + 1
end))
show((tostring(x):gsub("0x%x+", "P")))
-- concat
do
	local c = {
		__concat = function(a, b)
			return (type(a) == "table" and a.v or a) .. "|" .. (type(b) == "table" and b.v or b)
		end,
	}
	local a, b = setmetatable({ v = "A" }, c), setmetatable({ v = "B" }, c)
	show(a .. b, a .. "x" .. b, "1" .. a .. 2 .. b .. "3", 1 .. 2 .. a, a .. 1 .. 2, "" .. a, a .. "")
	local r = setmetatable({}, {
		__concat = function(x, y)
			return type(x) .. type(y)
		end,
	})
	show(r .. r, 1 .. r, r .. 1, "a" .. "b" .. r .. "c" .. "d")
	show(pcall(function()
		return a .. {} .. b
	end))
	show(pcall(function()
		return r .. nil
	end))
	show(pcall(function()
		return nil .. "x" .. r
	end))
end
-- len
show(
	#mk({
		__len = function()
			return "str"
		end,
	}),
	pcall(function()
		return #mk({ __len = 1 })
	end)
)
show(#mk({
	__len = function()
		return nil
	end,
}))
show(select("#", #mk({
	__len = function()
		return 1, 2
	end,
})))
-- metamethods on nil results / order
do
	local log = {}
	local a = setmetatable({}, {
		__add = function()
			log[#log + 1] = "a"
			return 1
		end,
	})
	local b = setmetatable({}, {
		__add = function()
			log[#log + 1] = "b"
			return 2
		end,
	})
	show(a + b, b + a, 1 + b, "x" + b)
	show(table.concat(log))
end
-- string metatable extension
string.foo = function(s)
	return s .. "foo"
end
show(("x"):foo())
string.foo = nil
local smt = getmetatable("")
smt.__add = function(a, b)
	return "added"
end
show(pcall(function()
	return "a" + 1
end))
smt.__add = nil
smt.__call = function(s, x)
	return s .. x
end
show(("a")("b"))
smt.__call = nil
smt.__unm = function()
	return "neg"
end
show(-"abc")
smt.__unm = nil
smt.__lt = function()
	return true
end
show(
	"b" < "a",
	pcall(function()
		return "a" < 1
	end)
)
smt.__lt = nil
smt.__len = function()
	return 99
end
show(#"abc")
smt.__len = nil
smt.__eq = function()
	return true
end
show("a" == "b")
smt.__eq = nil
-- inheritance, rawequal, weird keys
do
	local t = setmetatable({}, {
		__index = function(t, k)
			local v = {}
			rawset(t, k, v)
			return v
		end,
	})
	t.a.c = 5
	show(t.a.c)
end
do
	local p = setmetatable({}, { __mode = "k" })
	p[{}] = 1
	p["k"] = {}
	p[1] = {}
	collectgarbage()
	local n = 0
	for k in pairs(p) do
		n = n + 1
	end
	show(n)
	local q = setmetatable({}, { __mode = "v" })
	q[1] = {}
	q[2] = "s"
	q.x = function() end
	q[3] = 5
	collectgarbage()
	n = 0
	for k in pairs(q) do
		n = n + 1
	end
	show(n, q[2])
	local e = setmetatable({}, { __mode = "k" })
	do
		local k = {}
		e[k] = { k }
	end
	collectgarbage()
	show(next(e))
	local kv = setmetatable({}, { __mode = "kv" })
	kv[{}] = {}
	kv.a = {}
	kv[{}] = 1
	collectgarbage()
	show(next(kv))
end
-- _ENV
do
	local function f()
		local _ENV = { x = 5 }
		return x
	end
	show(f())
	local _ENV = setmetatable({}, { __index = _G })
	y = 3
	show(y, _G.y)
end
show(y)
do
	local function e(_ENV)
		a = 1
		return a
	end
	local t = {}
	show(e(t), t.a)
end
do
	local mt = {
		__index = function(_, k)
			return "global " .. k
		end,
	}
	local f = load("return undefinedvar, x", "n", "t", setmetatable({}, mt))
	show(f())
	local g =
		load("undefined = 1 return undefined", "n", "t", setmetatable({}, { __newindex = function() end }))
	show(g())
end
