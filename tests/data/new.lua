-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- data.new: from a size, a string, a table.

-- Something that says it has a length.
local function list(length, get)
	return setmetatable({}, { __len = function() return length end, __index = get })
end

--# the library is there as a global
eq(type(data), "table")
eq(type(data.new), "function")
eq(type(data.layout), "function")

--# of a number it makes that many zero bytes
for _, n in ipairs { 1, 2, 5, 100, 4096, 5000 } do
	local d = data.new(n)
	eq(#d, n)
	eq(tostring(d), ("\0"):rep(n))
end

--# memory that was written and freed is zero again when it is had anew
for i = 1, 200 do
	local d = data.new(64 * (1 + i % 40))
	eq(tostring(d), ("\0"):rep(#d))
	d:fill(0xa5)
	if i % 10 == 0 then collectgarbage() end
end

--# of a string it makes its bytes, also NUL bytes and those of digits
eq(tostring(data.new("hello")), "hello")
eq(tostring(data.new("a\0b")), "a\0b")
eq(tostring(data.new("\255\128")), "\255\128")
eq(tostring(data.new("10")), "10")

--# it copies the string
local s = "abc"
local d = data.new(s)
d[1] = 120
eq(s, "abc")
eq("a" .. "bc", "abc")

--# of a table it makes the bytes at 1, 2, ...
eq(tostring(data.new { 1, 255, 0 }), "\1\255\0")
eq(tostring(data.new { "7" }), "\7")

--# of a table it takes nothing but the list
eq(tostring(data.new { 1, 2, x = 3, [0] = 9, [-1] = 8 }), "\1\2")

--# a table of 100000 bytes
local t = {}
for i = 1, 100000 do t[i] = i % 256 end
local d = data.new(t)
eq(#d, 100000)
eq(d[99999], 99999 % 256)

--# it honours __len and __index of a table
eq(tostring(data.new(list(3, function(_, i) return i end))), "\1\2\3")

--# a size of more than 1 GiB raises
for _, n in ipairs { math.maxinteger, (1 << 30) + 1, 1 << 32, (1 << 32) + 1 } do
	raises("size must be in 1..", data.new, n)
end

--# of no bytes it makes nothing and returns no value
for _, what in ipairs { 0, -1, math.mininteger, -(1 << 32), {}, "", list(0), list(-1), list(math.mininteger) } do
	eq(select("#", data.new(what)), 0)
end

--# of another type it makes nothing and returns no value
eq(select("#", data.new()), 0)
eq(select("#", data.new(nil)), 0)
for _, what in ipairs { true, false, print, data.new(1), coroutine.create(print) } do
	eq(select("#", data.new(what)), 0)
end

--# a hole in the table raises: nothing uninitialised is ever in an object
raises("element 2 must be an integer, not a nil", data.new,
	setmetatable({ 1, nil, 3 }, { __len = function() return 3 end }))

--# an element that is no byte raises and is named
raises("element 2 must be an integer", data.new, { 1, "x", 3 })
raises("element 1 must be in 0..255, not 256", data.new, { 256 })
raises("element 1 must be in 0..255, not -1", data.new, { -1 })
raises("element 1 must be in 0..255", data.new, { 1 << 32 })
raises("element 3", data.new, { 1, 2, {} })
raises("element 1", data.new, { true })

--# a table that says it is huge raises
raises("too long", data.new, list(math.maxinteger))
raises("too long", data.new, list((1 << 30) + 1))
raises("memory", data.new, list(1 << 29))
raises("must be an integer", data.new, list(1 << 20))

--# an error of the table's metamethods comes through
raises("boom", data.new, list(3, function() error "boom" end))
raises("boom", data.new, setmetatable({}, { __len = function() error "boom" end }))
collectgarbage()

--# a metamethod that collects garbage does not disturb
local d = data.new(list(50, function(_, i) collectgarbage() return i end))
eq(d[50], 50)

--# a metamethod may yield no coroutine across data.new
local co = coroutine.create(function() return data.new(list(3, function() coroutine.yield() end)) end)
local ok, e = coroutine.resume(co)
eq(ok, false)
assert(e:find "yield", e)

--# an error names position and function
local ok, e = pcall(function() data.new(1 << 31) end)
eq(ok, false)
assert(e:find "^[^:]+:@+1: bad argument #1 to 'new'", e)

--# more than the memory limit is an error object that names the parameter
local ok, e = pcall(data.new, 1 << 30)
eq(ok, false)
eq(e.code, 12)
eq(e.name, "ENOMEM")
eq(e.call, "data.new")
assert(tostring(e):find("module parameter memory", 1, true), tostring(e))

--# uncaught, it makes close give ENOMEM
--! error ENOMEM module parameter memory
data.new(1 << 30)
