-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The library math, as far as integers go.
local maxint, minint = math.maxinteger, math.mininteger

--# abs
eq(math.abs(-5), 5)
eq(math.abs(5), 5)
eq(math.abs(0), 0)
eq(math.abs(maxint), maxint)
eq(math.abs(minint), minint)
eq(math.abs("-3"), 3)
raises("bad argument #1 to 'math.abs' (number expected, got nil)", math.abs, nil)

--# ceil and floor give the integer itself
for _, n in ipairs { 0, 5, -5, maxint, minint } do
	eq(math.ceil(n), n)
	eq(math.floor(n), n)
end
raises("number expected, got string", math.floor, "1.5")
raises("number expected, got table", math.ceil, {})

--# fmod has the sign of the dividend
eq(math.fmod(7, 3), 1)
eq(math.fmod(-7, 3), -1)
eq(math.fmod(7, -3), 1)
eq(math.fmod(-7, -3), -1)
eq(math.fmod(minint, -1), 0)
eq(math.fmod(minint, minint), 0)
raises("bad argument #2 to 'math.fmod' (zero)", math.fmod, 1, 0)

--# max and min
eq(math.max(1), 1)
eq(math.max(1, 5, 3), 5)
eq(math.min(1, -5, 3), -5)
eq(math.max(minint, maxint), maxint)
eq(math.min(minint, maxint), minint)
raises("value expected", math.max)
raises("value expected", math.min)

--# max and min go by the operator <, whatever they are given
eq(math.max("b", "a", "10"), "b")
eq(math.min("b", "a", "10"), "10")
raises("attempt to compare number with string", math.max, 9, "10")
raises("attempt to compare two nil values", math.min, nil, nil)
local mt = { __lt = function(a, b) return a[1] < b[1] end }
local one, two = setmetatable({ 1 }, mt), setmetatable({ 2 }, mt)
eq(math.max(one, two), two)
eq(math.min(two, one), one)

--# tointeger
eq(math.tointeger(5), 5)
eq(math.tointeger({}), nil)
eq(math.tointeger("x"), nil)
eq(math.tointeger("1.5"), nil)
eq(math.tointeger(nil), nil)
raises("value expected", math.tointeger)

--# type
eq(math.type(5), "integer")
eq(math.type("5"), nil)
eq(math.type(nil), nil)
raises("value expected", math.type)

--# ult compares as unsigned
eq(math.ult(1, 2), true)
eq(math.ult(2, 1), false)
eq(math.ult(1, -1), true)
eq(math.ult(-1, 1), false)
eq(math.ult(maxint, minint), true)
eq(math.ult(-2, -1), true)
eq(math.ult(0, 0), false)

--# random of one and of two bounds stays between them and reaches each
local seen = {}
for i = 1, 1000 do
	local n = math.random(6)
	assert(n >= 1 and n <= 6)
	seen[n] = true
end
eq(#seen, 6)
seen = {}
for i = 1, 1000 do
	local n = math.random(-2, 2)
	assert(n >= -2 and n <= 2)
	seen[n + 3] = true
end
eq(#seen, 5)

--# random of a single value gives that
eq(math.random(1), 1)
eq(math.random(7, 7), 7)
eq(math.random(minint, minint), minint)
eq(math.random(maxint, maxint), maxint)

--# random over as many integers as there may be gives both signs
local plus, minus = 0, 0
for i = 1, 200 do
	if math.random(minint // 2, maxint // 2) < 0 then minus = minus + 1 else plus = plus + 1 end
end
assert(plus > 0 and minus > 0)
for i = 1, 100 do
	local n = math.random(maxint)
	assert(n >= 1)
	assert(math.random(minint, -1) < 0)
end

--# random refuses an interval that is larger than an integer can tell
raises("interval too large", math.random, minint, 0)
raises("interval too large", math.random, -1, maxint)
raises("interval too large", math.random, minint // 2, maxint // 2 + 1)

--# random without bounds gives 32 bits
local high
for i = 1, 1000 do
	local n = math.random()
	assert(n >= 0 and n <= 0xffffffff)
	high = high or n > 0x7fffffff
end
assert(high)

--# random refuses empty intervals and too many arguments
raises("interval is empty", math.random, 0)
raises("interval is empty", math.random, -1)
raises("bad argument #1 to 'math.random' (interval is empty)", math.random, 2, 1)
raises("wrong number of arguments", math.random, 1, 2, 3)
raises("number expected", math.random, {})

--# randomseed makes a sequence repeat
math.randomseed(42)
local a = { math.random(1000), math.random(1000), math.random(1000), math.random() }
math.randomseed(42)
for i = 1, 3 do eq(math.random(1000), a[i]) end
eq(math.random(), a[4])
math.randomseed(43)
assert(math.random(1 << 60) ~= a[1])

--# small intervals are drawn evenly
local count = { 0, 0, 0 }
for i = 1, 30000 do
	local n = math.random(3)
	count[n] = count[n] + 1
end
for i = 1, 3 do assert(count[i] > 9000 and count[i] < 11000, count[i]) end

--# what needs floats is not there
for _, name in ipairs { "pi", "huge", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "exp", "log", "modf", "pow", "deg", "rad" } do
	eq(math[name], nil)
end
