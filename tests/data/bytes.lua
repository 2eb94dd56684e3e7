-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Data objects as bytes: d[i], #d, tostring(d), and what kind of values they are.
local d = data.new { 10, 20, 30 }

--# d[1] is the first byte
eq(d[1], 10)
eq(d[2], 20)
eq(d[3], 30)

--# there is nothing before the first byte and after the last
for _, i in ipairs { 0, 4, -1, 5, 1 << 32, (1 << 32) + 1, math.mininteger, math.maxinteger } do eq(d[i], nil) end

--# bytes are 0 to 255, never negative
d[2] = 255
eq(d[2], 255)
d[2] = 128
eq(d[2], 128)
eq(data.new("\255")[1], 255)

--# a byte may be written as text
d[2] = "7"
eq(d[2], 7)

--# writing outside raises and changes nothing
for _, i in ipairs { 0, 4, -1, math.mininteger, math.maxinteger, 1 << 32, (1 << 32) + 1 } do
	raises("is not within the 3 bytes", function() d[i] = 1 end)
end
eq(tostring(d), "\10\20\30")

--# writing what is no byte raises and changes nothing
for _, v in ipairs { 256, -1, 1 << 32, math.mininteger, math.maxinteger, {}, true, "x", print } do
	raises("byte 1 must be", function() d[1] = v end)
end
raises("byte 1 must be", function() d[1] = nil end)
eq(tostring(d), "\10\20\30")

--# reading by what is no index gives nil
eq(d[nil], nil)
eq(d[true], nil)
eq(d[{}], nil)
eq(d["1"], nil)
eq(d[""], nil)
eq(d.nothing, nil)

--# writing by a name that is no field does nothing
d.x, d["1"], d[""] = 1, 1, 1
eq(d.x, nil)
eq(d["1"], nil)

--# writing by what is neither index nor name raises
raises("index of a byte or name of a field expected, got boolean", function() d[true] = 1 end)
raises("got table", function() d[{}] = 1 end)

--# ipairs goes over the bytes
local n, last = 0, 0
for i, b in ipairs(d) do
	n = n + b
	last = i
end
eq(n, 60)
eq(last, 3)

--# #d is the number of bytes
eq(#d, 3)
eq(#data.new(70000), 70000)

--# tostring(d) is all bytes as a string
eq(tostring(d), "\10\20\30")
eq(#tostring(data.new(70000)), 70000)

--# it is equal to itself only
assert(d == d)
assert(d ~= data.new { 10, 20, 30 })
assert(d:segment() ~= d)
assert(d ~= tostring(d))

--# it can be the key of a table
local t = { [d] = 1 }
eq(t[d], 1)
eq(t[data.new { 10, 20, 30 }], nil)

--# arithmetic, concatenation, calls and comparison are errors
for _, f in ipairs { function() return d + 1 end, function() return d .. "" end, function() return d() end,
	function() return d < d end, function() return -d end, function() return d & 1 end } do
	eq(pcall(f), false)
end

--# its type is userdata, its metatable out of reach
eq(type(d), "userdata")
eq(getmetatable(d), "luadata")
eq(pcall(setmetatable, d, {}), false)

--# metamethods cannot be had through an index
for _, name in ipairs { "__gc", "__index", "__newindex", "__len", "__tostring", "__metatable", "__name" } do eq(d[name], nil) end

--# every method refuses what is no data object
local l = data.layout {}
for _, name in ipairs { "segment", "layout", "string", "fill", "copy", "get", "set", "find", "pack", "unpack", "checksum", "crc32", "crc32c" } do
	local f = d[name]
	for _, v in ipairs { 1, "x", {}, print, l, coroutine.create(print), true, socket.new("i", "u"), socket.poll() } do
		raises("luadata expected", f, v, 0, "u8", 1)
	end
	raises("luadata expected", f)
	raises("luadata expected", f, nil)
end

--# the wrong self is named by its type
raises("luadata expected, got number", d.string, 5)
raises("luadata expected, got no value", d.string)
