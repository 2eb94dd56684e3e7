-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- data.layout and d:layout.

-- No object has the field: it reads nil, and writing it changes nothing.
local function absent(spec)
	local d = data.new(3):layout { f = spec }
	eq(d.f, nil)
	for _, value in ipairs { 255, "abc", -1, true } do d.f = value end
	d.f = nil
	eq(tostring(d), "\0\0\0")
	eq(data.new(3):layout(data.layout { f = spec }).f, nil)
end

-- Neither data.layout nor d:layout takes the field.
local function bad(want, spec)
	local d = data.new(3)
	raises(want, data.layout, { f = spec })
	raises(want, function() d:layout { f = spec } end)
end

local eight = data.new { 1, 2, 3, 4, 5, 6, 7, 8 }

--# positions: offset, length, type, endian
local d = eight:layout { a = { 8, 16 }, b = { 8, 16, "number" }, c = { 8, 16, "number", "little" }, s = { 1, 3, "string" } }
eq(d.a, 0x0203)
eq(d.b, 0x0203)
eq(d.c, 0x0302)
eq(d.s, "\2\3\4")

--# keys: offset, length, type, endian
local d = eight:layout {
	a = { offset = 8, length = 16, endian = "little" }, s = { offset = 2, length = 1, type = "s" },
	n = { offset = 0, length = 8, type = "number", endian = "big" },
}
eq(d.a, 0x0302)
eq(d.s, "\3")
eq(d.n, 1)

--# keys count before positions
eq(eight:layout({ x = { 0, 8, "s", "b", offset = 16, length = 16, type = "number", endian = "l" } }).x, 0x0403)

--# the README of the seed has the byte order in the third place
local d = eight:layout { le = { 0, 64, "little" }, net = { 0, 16, "net" }, big = { 0, 16, "big" }, host = { 0, 16, "host" } }
eq(d.le, 0x0807060504030201)
eq(d.net, 0x0102)
eq(d.big, 0x0102)
eq(d.host, 0x0201)

--# the README of the seed has the type under endian
eq(eight:layout({ s = { offset = 0, length = 3, endian = "string" } }).s, "\1\2\3")

--# of the words only the first letter counts
local d = eight:layout { a = { 0, 16, "n", "l" }, b = { 0, 16, "nothing", "long" }, c = { 0, 16, nil, "l" }, d = { 0, 16, "n", "n" } }
eq(d.a, 0x0201)
eq(d.b, 0x0201)
eq(d.c, 0x0201)
eq(d.d, 0x0102)

--# a field may come from __index
local proto = setmetatable({ length = 8 }, { __index = { offset = 8 } })
eq(eight:layout({ x = proto }).x, 2)

--# offset and length may be text
eq(eight:layout({ x = { "8", "16" } }).x, 0x0203)

--# a type or byte order that is no string raises
bad("field 'f': type must be a string, not table", { 0, 8, {} })
bad("field 'f': type must be a string, not boolean", { 0, 8, false })
bad("field 'f': type must be a string, not number", { 0, 8, 5 })
bad("field 'f': endian must be a string, not function", { 0, 8, nil, print })

--# an unknown type or byte order is ignored
for _, spec in ipairs { { 0, 16, "xyz" }, { 0, 16, "" }, { 0, 16, "\0l" }, { 0, 16, "n", "middle" }, { 0, 16, "Little", "String" } } do
	eq(eight:layout({ x = spec }).x, 0x0102)
end
eq(eight:layout({ x = { 0, 16, "l", "middle" } }).x, 0x0201)
eq(eight:layout({ x = { 0, 2, "s", "middle" } }).x, "\1\2")

--# a field that is no table raises
bad("field 'f' must be a table, not string", "abc")
bad("must be a table, not number", 5)
bad("must be a table, not boolean", true)
bad("must be a table, not userdata", eight)

--# there is no field without a length
absent { 0 }
absent {}
absent { offset = 3 }
absent { 0, nil, "s" }

--# without an offset a field begins with the first bit or byte
eq(eight:layout({ x = { length = 12 } }).x, 0x010)
eq(eight:layout({ x = { nil, 2, "s" } }).x, "\1\2")

--# there is no number of less than 1 or more than 64 bits
for _, length in ipairs { 0, 65, -1, (1 << 32) + 8, 1 << 32, math.maxinteger, math.mininteger } do absent { 0, length } end

--# there is no string of no byte, or of more than any object has
for _, length in ipairs { 0, -1, math.maxinteger, math.mininteger, (1 << 30) + 1, (1 << 32) + 1 } do absent { 1, length, "s" } end

--# there is no field at a negative offset
for _, offset in ipairs { -1, -8, math.mininteger } do
	absent { offset, 8 }
	absent { offset, 2, "s" }
end

--# a field that there is not hides no method
eq(type(data.new(3):layout({ fill = { 0, 65 } }).fill), "function")

--# an offset or length that is no integer raises
bad("offset of field 'f' must be an integer, not a table", { {}, 8 })
bad("offset of field 'f'", { "x", 8 })
bad("length of field 'f' must be an integer, not a boolean", { 0, true })
bad("length of field 'f'", { 0, "", "s" })

--# a name that is no string raises
raises("a field's name must be a string, not number", data.layout, { { 0, 8 } })
raises("a field's name must be a string, not boolean", data.layout, { [true] = { 0, 8 } })

--# data.layout of what is no table raises
raises("table expected, got nil", data.layout, nil)
raises("table expected, got no value", data.layout)
raises("table expected", data.layout, "x")
raises("table expected", data.layout, eight)
raises("table expected", eight.layout, eight, 5)
raises("table expected", eight.layout, eight, eight)

--# a layout that fails leaves the old one in force
local d = data.new { 1, 2 }:layout { a = { 0, 16 } }
eq(pcall(d.layout, d, { a = { 0, 8 }, b = "no" }), false)
eq(d.a, 0x0102)
eq(d.b, nil)

--# a layout can be applied to many objects
local l = data.layout { x = { 0, 8 }, y = { 8, 8 } }
local p, q = data.new { 1, 2 }, data.new { 3, 4 }
assert(p:layout(l) == p and q:layout(l) == q)
eq(p.x, 1)
eq(q.y, 4)
p.x = 9
eq(q.x, 3)

--# data.layout of a layout is that layout
local l = data.layout { x = { 0, 8 } }
assert(data.layout(l) == l)

--# data.layout leaves the table alone, and can be called on it again
local t = { x = { 0, 8 }, y = { 8, 8 } }
assert(data.layout(t) and data.layout(t))
eq(t.x[1], 0)
eq(t.x[2], 8)
local n = 0
for _ in pairs(t) do n = n + 1 end
eq(n, 2)
eq(getmetatable(t), nil)

--# what is changed in the table afterwards has no effect
local t = { x = { 0, 8 } }
local d = data.new { 1, 2 }:layout(t)
t.x[1] = 8
t.y = { 8, 8 }
eq(d.x, 1)
eq(d.y, nil)

--# another layout takes the place of the one before
local d = data.new { 1, 2 }:layout { x = { 0, 8 }, y = { 0, 8 } }
eq(d:layout({ x = { 8, 8 } }).x, 2)
eq(d.y, nil)

--# without a layout d:layout does and returns nothing
local d = data.new { 1, 2 }:layout { x = { 8, 8 } }
eq(select("#", d:layout()), 0)
eq(select("#", d:layout(nil)), 0)
eq(d.x, 2)

--# the empty layout takes all fields away
local d = data.new { 1, 2 }:layout { x = { 8, 8 } }
eq(d:layout({}), d)
eq(d.x, nil)

--# d:layout{...} returns the object, as scripts of the seed use it
eq(data.new(1):layout({ c = { 0, 8 } }).c, 0)

--# a layout object cannot be read, written or given another metatable
local l = data.layout { x = { 0, 8 } }
eq(pcall(function() return l.x end), false)
eq(pcall(function() l.x = 1 end), false)
eq(getmetatable(l), "luadata.layout")
eq(pcall(setmetatable, l, {}), false)

--# a layout object is no data object, and the other way round
local l = data.layout { x = { 0, 8 } }
raises("string or data object", eight.copy, eight, l)
raises("luadata expected", eight.string, l)

--# a field hides a method of its name, but not layout and segment
local d = data.new { 1, 2, 3 }:layout { segment = { 0, 8 }, layout = { 0, 8 }, set = { 0, 8 }, string = { 8, 8 } }
eq(type(d.segment), "function")
eq(type(d.layout), "function")
eq(d.set, 1)
eq(d.string, 2)
eq(type(d.copy), "function")
d.segment, d.layout = 9, 9
eq(tostring(d), "\1\2\3")
eq(type(d.segment), "function")

--# names with any characters, also empty and with NUL
local d = data.new { 1, 2, 3, 4 }:layout { [""] = { 0, 8 }, ["a\0b"] = { 8, 8 }, ["1"] = { 16, 8 }, __gc = { 24, 8 } }
eq(d[""], 1)
eq(d["a\0b"], 2)
eq(d["1"], 3)
eq(d.__gc, 4)
eq(d["a"], nil)

--# a layout of ten thousand fields
local t = {}
for i = 1, 10000 do t["f" .. i] = { i, 8 } end
local d = data.new(2000):layout(t)
d.f8000 = 77
eq(d.f8000, 77)
eq(d[1001], 77)

--# the layout object lives as long as a data object has it
local d = data.new { 1, 2 }:layout(data.layout { x = { 8, 8 } })
for i = 1, 5 do
	collectgarbage()
	data.layout { x = { 0, 1 } }
end
eq(d.x, 2)

--# an error in __index of a field comes through, and a layout applied meanwhile stands
local d = data.new { 1, 2 }
local evil = setmetatable({}, { __index = function() d:layout { y = { 8, 8 } } error "boom" end })
raises("boom", d.layout, d, { x = evil })
eq(d.y, 2)
eq(d.x, nil)
