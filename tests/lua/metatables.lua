-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Metamethods, one claim each.

--# arithmetic metamethods get both operands in order
local log
local mt = {}
for _, op in ipairs { "add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat" } do
	mt["__" .. op] = function(a, b)
		log = op .. (type(a) == "table" and "L" or a) .. (type(b) == "table" and "R" or b)
		return 42
	end
end
local v = setmetatable({}, mt)
for source, want in pairs {
	["v+1"] = "addL1", ["1-v"] = "sub1R", ["v*v"] = "mulLR", ["v/2"] = "divL2", ["3%v"] = "mod3R",
	["v^2"] = "powL2", ["v//2"] = "idivL2", ["v&1"] = "bandL1", ["1|v"] = "bor1R", ["v~v"] = "bxorLR",
	["v<<1"] = "shlL1", ["v>>1"] = "shrL1", ["v..'s'"] = "concatLs", ["1 ..v"] = "concat1R"
} do
	local f = load("local v = ... return " .. source)
	eq(f(v), 42)
	eq(log, want)
end

--# unary metamethods work
local v = setmetatable({}, { __unm = function() return "minus" end, __bnot = function() return "not" end,
	__len = function() return 99 end })
eq(-v, "minus")
eq(~v, "not")
eq(#v, 99)

--# a metamethod's first result counts, and it may be any value
local v = setmetatable({}, { __add = function() return nil, 2 end, __concat = function() return end })
eq(v + 1, nil)
eq(v .. 1, nil)

--# __eq is asked for two different tables only
local n = 0
local mt = { __eq = function() n = n + 1 return 1 end }
local a, b = setmetatable({}, mt), setmetatable({}, mt)
eq(a == b, true)
eq(n, 1)
eq(a == a, true)
eq(a == 1, false)
eq(a ~= b, false)
eq(n, 2)
assert(not rawequal(a, b))

--# __lt and __le compare, and __le falls back on __lt
local mt = { __lt = function(a, b) return a.n < b.n end }
local function new(n) return setmetatable({ n = n }, mt) end
assert(new(1) < new(2) and not (new(2) < new(1)) and new(2) > new(1))
assert(new(1) <= new(1) and new(1) <= new(2) and not (new(2) <= new(1)))
mt.__le = function() return false end
assert(not (new(1) <= new(2)))

--# tables without __lt do not compare
raises("attempt to compare two table values", function() return {} < {} end)
raises("attempt to compare table with number", function() return {} < 1 end)

--# __index as a function gets table and key, and as a table is looked up
local t = setmetatable({}, { __index = function(self, k) return k .. "!" end })
eq(t.x, "x!")
eq(rawget(t, "x"), nil)
local u = setmetatable({}, { __index = setmetatable({ a = 1 }, { __index = { b = 2 } }) })
eq(u.a + u.b, 3)
eq(u.c, nil)

--# __newindex as a function or a table takes new keys only
local seen
local t = setmetatable({ old = 1 }, { __newindex = function(self, k, v) seen = k .. v end })
t.old = 2
eq(seen, nil)
t.new = 3
eq(seen, "new3")
eq(rawget(t, "new"), nil)
local store = {}
local u = setmetatable({}, { __newindex = store })
u.x = 5
eq(store.x, 5)
eq(rawget(u, "x"), nil)
rawset(u, "x", 6)
eq(u.x, 6)

--# a chain of 2000 __index tables is too long, and says so
local t = {}
for i = 1, 2000 do t = setmetatable({}, { __index = t }) end
raises("'__index' chain too long; possible loop", function() return t.x end)
local loop = {}
setmetatable(loop, { __index = loop })
raises("possible loop", function() return loop.x end)
local sink = {}
setmetatable(sink, { __newindex = sink })
raises("'__newindex' chain too long", function() sink.x = 1 end)

--# __call makes a table callable, with itself first
local t = setmetatable({ k = 10 }, { __call = function(self, a, b) return self.k + a + (b or 0) end })
eq(t(1), 11)
eq(t(1, 2), 13)
eq(pcall(t, 1), true)
raises("attempt to call a table value", function() local x = {} x() end)

--# __tostring and __name give the text of tostring
eq(tostring(setmetatable({}, { __tostring = function() return "T" end })), "T")
assert(tostring(setmetatable({}, { __name = "my.type" })):find("^my.type: "))
raises("'__tostring' must return a string", tostring, setmetatable({}, { __tostring = function() return 1 end and function() return {} end }))

--# __metatable hides and protects a metatable
local t = setmetatable({}, { __metatable = "locked" })
eq(getmetatable(t), "locked")
raises("cannot change a protected metatable", setmetatable, t, {})

--# __pairs replaces the iteration
local t = setmetatable({}, { __pairs = function(self) return function(_, k) if not k then return 1, "one" end end, self, nil end })
local out = {}
for k, v in pairs(t) do out[#out + 1] = k .. v end
eq(table.concat(out), "1one")

--# ipairs respects __index
local t = setmetatable({}, { __index = function(_, i) if i <= 3 then return i * i end end })
local sum = 0
for _, v in ipairs(t) do sum = sum + v end
eq(sum, 14)

--# __len decides the length that table functions use
local t = setmetatable({ "a", "b", "c" }, { __len = function() return 2 end })
eq(table.concat(t), "ab")
eq(select("#", table.unpack(t)), 2)

--# __len must be an integer
local t = setmetatable({}, { __len = function() return "x" end })
raises("object length is not an integer", table.concat, t)
raises("object length is not an integer", table.insert, t, 1)

--# __concat takes part in chains from the right
local mt = {}
mt.__concat = function(a, b)
	return setmetatable({ s = (type(a) == "table" and a.s or a) .. (type(b) == "table" and b.s or b) }, mt)
end
local v = setmetatable({ s = "v" }, mt)
eq(("a" .. v .. "b" .. 1).s, "avb1")

--# __gc runs once an object is garbage
local done = 0
for i = 1, 10 do setmetatable({}, { __gc = function() done = done + 1 end }) end
collectgarbage()
collectgarbage()
eq(done, 10)

--# __gc runs for what is left when the script ends
--! log finalized at the end
last = setmetatable({}, { __gc = function() print("finalized at the end") end })

--# __gc runs in the opposite order of marking
--! log order 321
local order = ""
for i = 1, 3 do
	setmetatable({}, { __gc = function() order = order .. i if #order == 3 then print("order " .. order) end end })
end
collectgarbage()

--# an error in __gc surfaces as that of the step that ran it
raises("error in __gc metamethod", function()
	setmetatable({}, { __gc = function() error("aua") end })
	collectgarbage()
end)

--# an error in __gc at the end of a script does not stop other finalizers
--! log second finalizer
keep1 = setmetatable({}, { __gc = function() print("second finalizer") end })
keep2 = setmetatable({}, { __gc = function() error("aua") end })

--# an object may come back to life in its __gc
local back
do
	local t = setmetatable({ n = 5 }, { __gc = function(o) back = o end })
end
collectgarbage()
eq(back.n, 5)
back = nil
collectgarbage()

--# weak values and weak keys vanish with what they name
local v, k = setmetatable({}, { __mode = "v" }), setmetatable({}, { __mode = "k" })
v[1] = {}
v[2] = "string"
k[{}] = 1
local kept = {}
k[kept] = 2
collectgarbage()
eq(v[1], nil)
eq(v[2], "string")
local n = 0
for _ in pairs(k) do n = n + 1 end
eq(n, 1)

--# an ephemeron table does not keep its keys alive
local t = setmetatable({}, { __mode = "k" })
do local key = {} t[key] = { key } end
collectgarbage()
eq(next(t), nil)

--# strings share a metatable whose __index is the library
local mt = getmetatable("")
eq(mt.__index, string)
eq(("x"):upper(), "X")
mt.__index = function(s, k) return k end
eq(("x").foo, "foo")

--# setmetatable refuses what is no table
raises("table expected", setmetatable, 1, {})
raises("nil or table expected", setmetatable, {}, 1)
raises("table expected", setmetatable, "x", {})
