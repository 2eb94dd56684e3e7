-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Tables and their library.

--# keys of every type but nil
local t, f, co = {}, function() end, coroutine.create(print)
for i, k in ipairs { 1, "1", true, false, t, f, co, math.mininteger, "" } do t[k] = i end
eq(t[1], 1)
eq(t["1"], 2)
eq(t[true], 3)
eq(t[false], 4)
eq(t[t], 5)
eq(t[f], 6)
eq(t[co], 7)
eq(t[math.mininteger], 8)
eq(t[""], 9)
raises("table index is nil", function() t[nil] = 1 end)
raises("table index is nil", rawset, t, nil, 1)
eq(t[nil], nil)

--# the length is a border
local t = { 1, 2, 3 }
eq(#t, 3)
t[4] = 4
eq(#t, 4)
t[#t] = nil
eq(#t, 3)
eq(#{ n = 1 }, 0)
eq(#{ 1, 2, nil, 4 }, 4)

--# next and pairs visit each key once, also while fields are cleared
local t = {}
for i = 1, 100 do t[i] = i t["k" .. i] = i end
local n, sum = 0, 0
for k, v in pairs(t) do n = n + 1 sum = sum + v t[k] = nil end
eq(n, 200)
eq(sum, 10100)
eq(next(t), nil)
raises("invalid key to 'next'", next, {}, "missing")

--# ipairs stops at the first hole
local n = 0
for i, v in ipairs { 1, 2, nil, 4 } do n = n + 1 end
eq(n, 2)

--# insert appends and shifts
local t = { "a", "c" }
table.insert(t, "d")
table.insert(t, 2, "b")
table.insert(t, 1, "0")
table.insert(t, 6, "e")
eq(table.concat(t), "0abcde")
raises("position out of bounds", table.insert, t, 8, "x")
raises("position out of bounds", table.insert, t, 0, "x")
raises("wrong number of arguments to 'insert'", table.insert, t)
raises("wrong number of arguments to 'insert'", table.insert, t, 1, 2, 3)

--# remove takes from the end and from anywhere
local t = { 1, 2, 3, 4 }
eq(table.remove(t), 4)
eq(table.remove(t, 1), 1)
eq(table.concat(t, ","), "2,3")
eq(table.remove(t, 3), nil)
eq(table.remove({}), nil)
eq(table.remove({}, 0), nil)
raises("position out of bounds", table.remove, t, 5)

--# concat takes a separator and a range
eq(table.concat { "a", 1, "b" }, "a1b")
eq(table.concat({ 1, 2, 3 }, ", "), "1, 2, 3")
eq(table.concat({ 1, 2, 3 }, ",", 2), "2,3")
eq(table.concat({ 1, 2, 3 }, ",", 2, 2), "2")
eq(table.concat({ 1, 2, 3 }, ",", 3, 2), "")
raises("invalid value (table) at index 2 in table for 'concat'", table.concat, { 1, {}, 3 })
raises("invalid value (nil) at index 4 in table for 'concat'", table.concat, { 1, 2, 3 }, ",", 1, 4)
local top = math.maxinteger
eq(table.concat({ [top] = "x", [top - 1] = "y" }, "-", top - 1, top), "y-x")

--# pack and unpack are each other's inverse
local t = table.pack(1, nil, 3, nil)
eq(t.n, 4)
eq(select("#", table.unpack(t, 1, t.n)), 4)
eq(select("#", table.unpack({}, 1, 0)), 0)
eq((table.unpack({ 1, 2, 3 }, -1, 1)), nil)
eq((table.unpack({ 1, 2, 3 }, 2)), 2)
raises("too many results to unpack", table.unpack, {}, 1, 1 << 40)
raises("too many results to unpack", table.unpack, {}, math.mininteger, math.maxinteger)
raises("too many results to unpack", table.unpack, {}, 0, math.maxinteger)

--# move copies within and between tables, overlapping either way
local t = table.move({ 1, 2, 3 }, 1, 3, 2)
eq(table.concat(t, ","), "1,1,2,3")
t = table.move({ 1, 2, 3 }, 2, 3, 1)
eq(table.concat(t, ","), "2,3,3")
t = table.move({ 1, 2, 3 }, 1, 3, 3, {})
eq(t[3] + t[4] + t[5], 6)
t = table.move({ 1 }, 1, 0, 5)
eq(#t, 1)
raises("too many elements to move", table.move, {}, math.mininteger, 1, 1)
raises("destination wrap around", table.move, {}, 1, 10, math.maxinteger)

--# sort sorts
local t = { 5, 2, 8, 1, 9, 3 }
table.sort(t)
eq(table.concat(t, " "), "1 2 3 5 8 9")
table.sort(t, function(a, b) return a > b end)
eq(table.concat(t, " "), "9 8 5 3 2 1")
local s = { "b", "a", "", "ab" }
table.sort(s)
eq(table.concat(s, ","), ",a,ab,b")
table.sort({})
table.sort({ 1 })

--# sort uses __lt
local mt = { __lt = function(a, b) return a.n < b.n end }
local t = {}
for i, n in ipairs { 3, 1, 2 } do t[i] = setmetatable({ n = n }, mt) end
table.sort(t)
eq(t[1].n .. t[2].n .. t[3].n, "123")

--# sort of what does not compare fails, with an inconsistent order too
raises("attempt to compare", table.sort, { 1, "x" })
raises("attempt to compare nil with number", table.sort, { 1, nil, 3 })
local t = {}
for i = 1, 100 do t[i] = i % 7 end
raises("invalid order function for sorting", table.sort, t, function(a, b) return true end)
raises("function expected", table.sort, t, 5)
raises("array too big", table.sort, setmetatable({}, { __len = function() return math.maxinteger end }))

--# sort of a hundred thousand items, in any order before
for _, f in ipairs {
	function(i) return i end, function(i) return -i end, function(i) return i * 7919 % 100003 end,
	function() return 5 end, function(i) return i % 2 end, function() return math.random(1000) end
} do
	local t = {}
	for i = 1, 20000 do t[i] = f(i) end
	table.sort(t)
	for i = 2, #t do assert(t[i - 1] <= t[i]) end
end

--# table functions work through metamethods
local store = { 1, 2, 3 }
local proxy = setmetatable({}, { __index = store, __newindex = store, __len = function() return #store end })
table.insert(proxy, 4)
eq(#store, 4)
eq(table.remove(proxy, 1), 1)
eq(table.concat(proxy, ","), "2,3,4")
eq(select("#", table.unpack(proxy)), 3)
table.sort(proxy, function(a, b) return a > b end)
eq(store[1], 4)
eq(rawlen(proxy), 0)

--# rawget, rawset, rawlen and rawequal pass metamethods by
local t = setmetatable({}, { __index = error, __newindex = error, __len = error, __eq = error })
eq(rawget(t, 1), nil)
rawset(t, 1, 5)
eq(rawget(t, 1), 5)
eq(rawlen(t), 1)
eq(rawlen("abc"), 3)
eq(rawequal(t, {}), false)
raises("table or string expected", rawlen, 5)

--# a table grows to a million items and shrinks again
local t = {}
for i = 1, 1000000 do t[i] = i end
eq(#t, 1000000)
for i = 1000000, 1, -1 do t[i] = nil end
eq(#t, 0)
t = nil
collectgarbage()
assert(collectgarbage("count") < 1000, "the memory came back")

--# a hash of a hundred thousand strings (a tenth on a slow kernel)
local count = 100000 // SLOW
local t = {}
for i = 1, count do t["key" .. i] = i end
local n = 0
for k, v in pairs(t) do n = n + 1 assert(k == "key" .. v) end
eq(n, count)

--# sparse keys at both ends of the range
local t = {}
t[math.maxinteger] = 1
t[math.mininteger] = 2
t[1 << 31] = 3
t[-(1 << 31)] = 4
t[1 << 32] = 5
t[0] = 6
local sum = 0
for _, v in pairs(t) do sum = sum + v end
eq(sum, 21)
eq(#t, 0)
eq(t[1 << 32], 5)
