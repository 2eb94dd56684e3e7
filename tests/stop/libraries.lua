-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Long work inside one call of a library: a signal ends each within a second.

-- A table that claims to be huge.
local huge = setmetatable({}, {
	__len = function() return math.maxinteger - 1 end,
	__index = function(_, i) return 1 end,
	__newindex = function() end,
})
-- The same without functions.
local holes = setmetatable({}, { __len = function() return math.maxinteger - 1 end })

--# string.find of .-b in 200 kB without b
--! stop INT TERM KILL
local s = ("a"):rep(200000)
print("ready")
s:find(".-b")

--# string.find of .*b in 200 kB without b
--! stop
local s = ("a"):rep(200000)
print("ready")
s:find(".*b")

--# string.find of a*a*a*b in 2 kB of a
--! stop
local s = ("a"):rep(2000)
print("ready")
s:find("a*a*a*a*b")

--# string.find of [^b]-b in 200 kB without b
--! stop
local s = ("a"):rep(200000)
print("ready")
while true do s:find("[^b]-b") end

--# string.find with a set of 100 kB
--! stop
local s, p = ("a"):rep(200000), "[" .. ("bcdefghi"):rep(12500) .. "]"
print("ready")
s:find(p)

--# string.find of %b() in 200 kB of parentheses that open
--! stop
local s = ("("):rep(200000)
print("ready")
s:find("%b()")

--# string.find of a frontier in 8 MB
--! stop
local s = ("a"):rep(8 << 20)
print("ready")
while true do s:find("%f[b]") end

--# string.find with a back reference
--! stop
local s = ("a"):rep(20000)
print("ready")
s:find("(.*)%1b")

--# a plain string.find in 8 MB that almost matches everywhere
--! stop
local s = ("a"):rep(8 << 20)
local what = ("a"):rep(1 << 20) .. "b"
print("ready")
s:find(what, 1, true)

--# a plain string.find of a byte that is not in 8 MB
--! stop
local s = ("a"):rep(8 << 20)
print("ready")
while true do s:find("b", 1, true) end

--# string.match of a long list of items
--! stop
local s = ("a"):rep(100)
print("ready")
s:match(("a?"):rep(100) .. ("a"):rep(101))

--# string.gmatch through 16 MB
--! stop
local s = ("a"):rep(16 << 20)
print("ready")
while true do for w in s:gmatch("()") do end end

--# string.gsub through 16 MB
--! stop
--! param memory=512M
local s = ("a"):rep(16 << 20)
print("ready")
while true do s:gsub("a", "b") end

--# string.gsub with %0 through 8 MB
--! stop
--! param memory=512M
local s = ("a"):rep(8 << 20)
print("ready")
while true do s:gsub(".", "%0%0%0") end

--# string.gsub that finds nothing in 16 MB
--! stop
local s = ("a"):rep(16 << 20)
print("ready")
while true do s:gsub("b", "c") end

--# string.gsub whose callback loops
--! stop
print("ready")
string.gsub("x", "x", function() while true do end end)

--# string.rep of nothing 2^62 times
--! stop
print("ready")
string.rep("", 1 << 62)

--# string.rep of nothing with nothing between
--! stop
print("ready")
string.rep("", 1 << 62, "")

--# string.rep of one byte to 48 MB
--! stop
--! param memory=512M
print("ready")
while true do ("x"):rep(48 << 20) end

--# string.rep of 8 MB to 48 MB
--! stop
--! param memory=512M
local s = ("x"):rep(8 << 20)
print("ready")
while true do s:rep(5) end

--# string.reverse, upper and lower of 20 MB
--! stop
--! param memory=512M
local s = ("x"):rep(20 << 20)
print("ready")
while true do s:reverse() s:upper() s:lower() end

--# string.byte, char and format in a loop
--! stop
local s = ("x"):rep(200)
print("ready")
while true do string.char(s:byte(1, -1)) string.format("%99d%99s", 1, "x") end

--# string.format of 24 MB with %q
--! stop
--! param memory=512M
local s = ("\0\n\"\\"):rep(6 << 20)
print("ready")
while true do ("%q"):format(s) end

--# comparison of 20 MB strings
--! stop
--! param memory=512M
local a, b = ("x"):rep(20 << 20), ("x"):rep(20 << 20)
print("ready")
while true do local x = a == b, a < b, a <= b end

--# comparison of 16 MB of NULs
--! stop
local a, b = ("\0"):rep(16 << 20), ("\0"):rep(16 << 20)
print("ready")
while true do local x = a < b end

--# concatenation of 8 MB strings
--! stop
local s = ("x"):rep(8 << 20)
print("ready")
while true do local x = s .. s .. s end

--# string.pack and unpack of long formats
--! stop
local f = ("<i4"):rep(100)
local s = ("\0"):rep(400)
print("ready")
while true do string.unpack(f, s) end

--# string.packsize of a long format
--! stop
local f = ("b"):rep(8 << 20)
print("ready")
while true do string.packsize(f) end

--# string.packsize of 40 MB of blanks
--! stop
--! param memory=512M
local f = (" "):rep(40 << 20)
print("ready")
string.packsize(f)
while true do string.packsize(f) end

--# string.unpack of a format of 40 MB that gives nothing
--! stop
--! param memory=512M
local f = ("<"):rep(40 << 20)
print("ready")
while true do string.unpack(f, "") end

--# table.move of 2^60 items
--! stop
print("ready")
table.move({}, 1, 1 << 60, 2)

--# table.move of 2^60 items downwards
--! stop
print("ready")
table.move({}, 2, 1 << 60, 1)

--# table.move of 2^60 items between tables
--! stop
print("ready")
table.move(huge, 1, 1 << 60, 1, huge)

--# table.insert at the beginning of a table with a huge length
--! stop
print("ready")
table.insert(holes, 1, 1)

--# table.remove at the beginning of a table with a huge length
--! stop
print("ready")
table.remove(holes, 1)

--# table.insert and remove with metamethods
--! stop
print("ready")
while true do pcall(table.insert, huge, 1, 1) pcall(table.remove, huge, 1) end

--# table.concat of a huge table of empty strings
--! stop
local t = setmetatable({}, { __index = function() return "" end })
print("ready")
table.concat(t, "", 1, 1 << 60)

--# table.concat of a huge table without a function
--! stop
local t = {}
for i = 1, 1 << 20 do t[i] = "" end
print("ready")
while true do table.concat(t) end

--# table.sort of a huge table
--! stop
local t = setmetatable({}, { __len = function() return (1 << 31) - 2 end, __index = function(_, i) return i end, __newindex = function() end })
print("ready")
table.sort(t)

--# table.sort of a million numbers
--! stop
local t = {}
for i = 1, 1 << 20 do t[i] = i * 7919 % 1000003 end
print("ready")
while true do table.sort(t) table.sort(t, function(a, b) return a > b end) end

--# table.sort whose comparison loops
--! stop
print("ready")
table.sort({ 1, 2, 3 }, function() while true do end end)

--# table.sort of strings without a function
--! stop
local t = {}
for i = 1, 200000 // SLOW do t[i] = ("x"):rep(20) .. i * 7919 % 1000003 end
print("ready")
while true do table.sort(t) end

--# table.unpack of many items
--! stop
local t = {}
for i = 1, 90000 do t[i] = i end
print("ready")
while true do select("#", table.unpack(t)) end

--# table.unpack through __index
--! stop
print("ready")
while true do pcall(table.unpack, huge, 1, 90000) end

--# ipairs and pairs of a huge table
--! stop
print("ready")
for i, v in ipairs(huge) do end

--# next over an emptied table of a million slots (fewer on a slow kernel)
--! stop
local t = {}
for i = 1, (1 << 20) // SLOW do t["k" .. i] = nil end
for i = 1, (1 << 18) // SLOW do t["k" .. i] = 1 end
for k in pairs(t) do t[k] = nil end
print("ready")
while true do next(t) end

--# the length of a table with holes
--! stop
local t = {}
for i = 1, 1 << 20 do t[i] = i end
print("ready")
while true do t[#t] = nil t[#t + 1] = 1 local n = #t end

--# select with a hundred thousand values
--! stop
local t = {}
for i = 1, 90000 do t[i] = i end
print("ready")
while true do select(-1, table.unpack(t)) math.max(table.unpack(t)) end

--# utf8.len of 40 MB
--! stop
--! param memory=512M
local s = ("a"):rep(40 << 20)
print("ready")
while true do utf8.len(s) end

--# utf8.offset through 40 MB
--! stop
--! param memory=512M
local s = ("a"):rep(40 << 20)
print("ready")
while true do utf8.offset(s, 40 << 20) utf8.offset(s, -(40 << 20)) end

--# utf8.offset through 40 MB of continuation bytes
--! stop
--! param memory=512M
local s = "a" .. ("\x80"):rep(40 << 20)
print("ready")
while true do utf8.offset(s, 2) utf8.offset(s, -1) utf8.offset(s, 0, #s) end

--# utf8.codes and codepoint in a loop
--! stop
local s = ("\u{20ac}"):rep(1 << 20)
print("ready")
while true do for p, c in utf8.codes(s) do end end

--# utf8.codes through 40 MB of continuation bytes
--! stop
--! param memory=512M
local s = "a" .. ("\x80"):rep(40 << 20)
print("ready")
while true do pcall(function() for p, c in utf8.codes(s) do end end) end

--# utf8.codepoint of many
--! stop
local s = ("a"):rep(90000)
print("ready")
while true do utf8.codepoint(s, 1, -1) end

--# load of a comment of 40 MB
--! stop
--! param memory=512M
local s = "--" .. ("x"):rep(40 << 20)
print("ready")
while true do load(s) end

--# load of a long comment of 40 MB
--! stop
--! param memory=512M
local s = "--[[" .. ("x"):rep(40 << 20)
print("ready")
while true do load(s) end

--# load of 40 MB of blanks
--! stop
--! param memory=512M
local s = (" "):rep(40 << 20)
print("ready")
while true do load(s) end

--# load of sixty thousand times "x or"
--! stop
local s = "return " .. ("x or "):rep(60000) .. "1"
print("ready")
while true do load(s) end

--# load of thirty thousand labels and gotos
--! stop
local parts = {}
for i = 1, 15000 do parts[i] = "goto l" .. i .. " x = 1 ::l" .. i .. "::" end
local s = table.concat(parts, "\n")
print("ready")
while true do load(s) end

--# load of thirty thousand gotos to one label
--! stop
local gotos = ("goto l x = 1 "):rep(1000)
while true do
	local n = 0
	assert(load(function()
		n = n + 1
		if n == 31 then print("ready") end
		return n <= 30 and gotos or n == 31 and "::l::" or nil
	end))
end

--# load of labels in nested blocks
--! stop
local parts = {}
for i = 1, 30000 do parts[i] = "do goto e" .. i .. " end" end
local s = table.concat(parts, " ")
print("ready")
while true do load(s) end

--# load of a hundred thousand constants
--! stop
local parts = {}
for i = 1, 100000 // SLOW do parts[i] = "'" .. i .. "'" end
local s = "return {" .. table.concat(parts, ",") .. "}"
print("ready")
while true do load(s) end

--# load from a reader that never ends
--! stop
print("ready")
load(function() return " " end)

--# load from a reader that gives a string constant without end
--! stop
print("ready")
while true do local first = "x='" load(function() local r = first first = nil return r or "xxxxxxxxxxxxxxxx" end) end

--# math.random in a loop
--! stop
print("ready")
while true do math.random(0, math.maxinteger) math.random(3) end

--# tostring and tonumber in a loop
--! stop
--! param memory=512M
local s = (" "):rep(20 << 20) .. "1"
print("ready")
while true do tonumber(s) tonumber(s, 10) tostring(1) end

--# a numeral of 16 MB
--! stop
--! param memory=512M
local s = ("1"):rep(16 << 20)
print("ready")
while true do tonumber(s) tonumber(s, 10) end

--# require, type and other small calls in a loop
--! stop
print("ready")
while true do require("string") type(1) os.time() os.clock() debug.getinfo(1) end

--# full collections of 150000 small objects (fewer on a slow kernel)
--! stop
local t = {}
for i = 1, 150000 // SLOW do t[i] = { i } end
print("ready")
while true do collectgarbage() end

--# the end of a state with 48 MB of small objects (less on a slow kernel)
--! stop
local t = {}
for i = 1, 300000 // SLOW do t[i] = { i } end
last = setmetatable({}, { __gc = function() print("ready") while true do end end })

--# math.max of very many long strings that are equal
--! stop
local s = ("x"):rep(24 << 20)
collectgarbage()
local t = {}
for i = 1, 90000 do t[i] = s end
print("ready")
math.max(table.unpack(t))

--# math.min of them
--! stop
local s = ("x"):rep(24 << 20)
collectgarbage()
local t = {}
for i = 1, 90000 do t[i] = s end
print("ready")
math.min(table.unpack(t))

--# format with very many long strings, each cut to a byte
--! stop
local s = ("x"):rep(24 << 20)
collectgarbage()
local t = {}
for i = 1, 90000 do t[i] = s end
print("ready")
string.format(("%.1s"):rep(90000), table.unpack(t))

--# socket.resolve of a name of 2 MB
--! stop
local s = ("a."):rep(1 << 20)
print("ready")
while true do pcall(socket.resolve, s) end

--# table.unpack through a long chain of tables
--! stop
local t = {}
for i = 1, 1990 do t = setmetatable({}, { __index = t }) end
print("ready")
while true do table.unpack(t, 1, 90000) end
