-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What is copied from one state to another, and how.

--# nil, booleans and integers are copied
eq(copy(nil), nil)
eq(copy(true), true)
eq(copy(false), false)
for _, n in ipairs { 0, 1, -1, 255, math.maxinteger, math.mininteger } do
	eq(copy(n), n)
end

--# strings are copied whatever bytes and length they have
for _, n in ipairs { 0, 1, 39, 40, 41, 255, 256, 257, 4096, 100000, 1000003 } do
	local s = ("a\0\xff"):rep(n // 3 + 1):sub(1, n)
	eq(copy(s), s)
end

--# a table is copied with all its keys, and is another table
local t = { 1, 2, nil, 4, x = "y", [true] = false, [-5] = { { {} } }, [("k"):rep(99)] = 7 }
local c = copy(t)
assert(c ~= t and c[-5] ~= t[-5])
eq(c[1], 1) eq(c[2], 2) eq(c[3], nil) eq(c[4], 4)
eq(c.x, "y")
eq(c[true], false)
eq(type(c[-5][1][1]), "table")
eq(c[("k"):rep(99)], 7)

--# a table that contains itself, as value and as key, is copied as one
local t = {}
t.t, t[t] = t, t
local c = copy(t)
eq(c.t, c)
eq(c[c], c)

--# what is there twice is copied once
local shared, s = {}, ("s"):rep(100)
local c = copy { shared, { shared }, s, s }
eq(c[1], c[2][1])
eq(c[4], s)

--# a long string that is there ten thousand times takes its memory once
--! param memory=8388608
local s, t = ("x"):rep(100000), {}
for i = 1, 10000 do t[i] = s end
local c = copy(t)
eq(#c, 10000)
eq(c[10000], s)

--# tables in tables are copied at any depth
local t = {}
for _ = 1, 100000 // SLOW do t = { t } end
local c, n = copy(t), 0
while c[1] do c, n = c[1], n + 1 end
eq(n, 100000 // SLOW)

--# a table of very many entries is copied
local t = {}
for i = 1, 100000 // SLOW do t["key" .. i] = i end
local c, n = copy(t), 0
for k, v in pairs(c) do
	eq(t[k], v)
	n = n + 1
end
eq(n, 100000 // SLOW)

--# a table with gaps is copied, however far apart its elements are
--! param memory=2000000
local keys = {}
for i = 0, 30 do keys[#keys + 1] = ("[%d] = %d"):format(1 << i, i) end
-- Its keys are all in the hash part, where the search for an end finds the last of them.
local t = load("return { " .. table.concat(keys, ", ") .. " }")()
eq(#t, 1 << 30)
local c = copy(t)
for i = 0, 30 do eq(c[1 << i], i) end

--# a function is copied with its constants, functions in it, and varargs
local f = copy(function(a, ...)
	local function g(x) return x * 1000, "text\0text" end
	return select("#", ...), a, g(a)
end)
local n, a, x, s = f(7, 1, nil)
eq(n, 2) eq(a, 7) eq(x, 7000) eq(s, "text\0text")

--# upvalues are copied with their values, nil too
local a, b, t = 1, nil, { 5 }
local f = copy(function() a = a + 1 return a, b, t[1] end)
local x, y, z = f()
eq(x, 2) eq(y, nil) eq(z, 5)
eq(a, 1)

--# functions that share an upvalue still do, and no longer with the original
local n = 0
local c = copy { up = function() n = n + 1 end, get = function() return n end }
c.up() c.up()
eq(c.get(), 2)
eq(n, 0)

--# two upvalues with the same value stay two
local a, b = 1, 1
local c = copy { a = function() a = a + 1 return a end, b = function() return b end }
eq(c.a(), 2)
eq(c.b(), 1)

--# a recursive function refers to its copy
local function fac(n) return n < 2 and 1 or n * fac(n - 1) end
local copied = copy(fac)
fac = nil
eq(copied(10), 3628800)

--# functions that call each other refer to the copies
local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
local c = copy(even)
even, odd = nil, nil
eq(c(10), true)
eq(c(11), false)

--# the globals of a function are those of the state that it arrives in
x = 5
local f = copy(function() x = x + 1 return x, _ENV end)
local v, env = f()
eq(v, 6)
eq(x, 6)
eq(env, _G)

--# the table of globals is not copied, wherever it occurs
eq(copy(_G), _G)
eq(copy({ g = _G }).g, _G)

--# an environment of its own is copied
local f = load("y = (y or 0) + 1 return y", "c", "t", { y = 10 })
local c = copy(f)
eq(c(), 11)
eq(c(), 12)
eq(f(), 11)

--# functions of the libraries are handed over by name
eq(copy(print), print)
eq(copy(string.format), string.format)
local c = copy { socket.new, thread.channel, math.max, data.new, coroutine.wrap }
eq(c[1], socket.new) eq(c[2], thread.channel) eq(c[3], math.max)
local f = copy((function() local insert = table.insert return function(t) insert(t, 1) end end)())
local t = {}
f(t)
eq(t[1], 1)

--# functions of the libraries are handed over whatever the script does with the libraries
local mine = { table.unpack, math.type, math.floor, math.ceil, data.new, require }
unpack, type, tostring, print = mine[1], mine[2], mine[3], mine[5]
table.unpack, math.type, math.floor, data.new, require = print, print, mine[4], nil, nil
package.loaded.math, package.loaded.data = nil, nil
local c = copy(mine)
for i = 1, #mine do assert(c[i] == mine[i], i) end

--# functions of the libraries are in another state what they were in the first
type = math.type
local mt, floor = type, math.floor
math.floor = function() error("not this one") end
local ok, kind, n = thread.spawn(function() return mt(1), floor(7) end):join()
eq(kind, "integer")
eq(n, 7)

--# methods of sockets and data objects are handed over
local s, d = socket.new("inet", "udp"), data.new("x")
eq(copy(s.close), s.close)
eq(copy(d.string), d.string)

--# a function keeps its name and lines for tracebacks
local f = copy(function()
	error("here")
end)
local ok, e = pcall(f)
assert(e:find("^script:%d+: here$"), e)

--# an error object is copied as one
local ok, e = pcall(function() local s = socket.new("inet", "tcp") s:listen(1) s:connect("127.0.0.1", 1) end)
assert(not ok and e.code, e)
local c = copy(e)
eq(c.code, e.code)
eq(tostring(c), tostring(e))
eq(getmetatable(c), getmetatable(e))

--# a data object is handed over: both have the same bytes
local d = data.new("hello")
local c = copy(d)
c[1] = 65
eq(d[1], 65)
eq(tostring(c), "Aello")
local seg = copy(d:segment(1, 2))
eq(tostring(seg), "el")
d = nil
collectgarbage()
eq(tostring(c), "Aello")

--# a data object's copy keeps the memory when all others are gone
local ch = thread.channel(1)
ch:send(data.new("bytes"))
collectgarbage() collectgarbage()
eq(tostring(ch:receive()), "bytes")

--# a socket is handed over: it is open until the last one who has it lets go of it
local s = socket.new("inet", "tcp")
s:bind("127.0.0.1", 0)
s:listen(1)
local _, port = s:getsockname()
local c = copy(s)
s = nil
collectgarbage() collectgarbage()
local client = socket.new("inet", "tcp")
client:connect("127.0.0.1", port)
c:accept()

--# a close of a socket is one for everybody
local s = socket.new("inet", "udp")
local c = copy(s)
s:close()
local e = raises("EBADF", c.settimeout, c, 1)

--# an object that is there twice is the same twice
local s = socket.new("inet", "udp")
local c = copy { s, s }
eq(c[1], c[2])

--# a channel is handed over: it is equal to the original
local ch = thread.channel(3)
local c = copy { ch, ch }
eq(c[1], ch)
assert(ch ~= thread.channel(3))
c[1]:send("x")
eq(ch:receive(), "x")

--# a coroutine is refused
uncopied(coroutine.create(print), "cannot copy the value (a coroutine)")

--# what is refused in a table is named by its path
uncopied({ x = { y = coroutine.create(print) } }, "cannot copy the value: field 'x.y' (a coroutine)")
uncopied({ { 1, { z = coroutine.create(print) } } }, "cannot copy the value: field '[1][2].z' (a coroutine)")

--# what is refused as an upvalue is named
local co = coroutine.create(print)
uncopied(function() return co end, "cannot copy the value: upvalue 'co' (a coroutine)")

--# the way to what is refused leads through upvalues and fields
local cfg = { a = { b = coroutine.create(print) } }
local function inner() return cfg end
uncopied({ f = function() return inner end },
	"cannot copy the value: field 'f': upvalue 'inner': upvalue 'cfg': field 'a.b' (a coroutine)")

--# a long way to what is refused is told in part
local t = coroutine.create(print)
for _ = 1, 1000 do t = { t } end
uncopied(t, "cannot copy the value: ...: field '" .. ("[1]"):rep(10) .. "' (a coroutine)")

--# a key that cannot be copied is refused
uncopied({ [coroutine.create(print)] = 1 }, "cannot copy the value: field '[thread]' (a coroutine)")

--# a table with a metatable is refused
uncopied({ o = setmetatable({}, {}) }, "cannot copy the value: field 'o' (a table with a metatable)")

--# a C function of no library is refused
uncopied({ f = ("x"):gmatch(".") }, "cannot copy the value: field 'f' (a C function)")
uncopied(coroutine.wrap(print), "cannot copy the value (a C function)")

--# a poll set is refused by its name
uncopied(socket.poll(), "cannot copy the value (lpoll)")

--# a socket that was closed is refused
local s = socket.new("inet", "udp")
s:close()
uncopied(s, "cannot copy the value (a closed luasocket)")

--# scripts can neither make bytecode nor load any
raises("unable to dump given function", string.dump, function() end)
local f, e = load("\27LuaS\0\x19\x93\r\n\x1a\n")
eq(f, nil)
assert(e:find("bytecode is not accepted", 1, true), e)

--# a copy that does not fit into the memory is an error that can be caught
--! param memory=2000000
local s = ("x"):rep(900000)
local ch = thread.channel(4)
local ok, e = pcall(function() for _ = 1, 4 do ch:send(s) end end)
eq(ok, false)
eq(e.name, "ENOMEM")
assert(tostring(e):find("module parameter memory", 1, true), e)
assert(#ch > 0)

--# what is in a channel counts as the script's memory
--! param memory=2000000
local s, n = ("x"):rep(5000), 0
local ch = thread.channel(65536)
local spare = data.new(100000)
assert(not pcall(function() while true do ch:send(s .. n) n = n + 1 end end))
assert(n > 100 and n < 400, n)
spare = nil
collectgarbage()
for i = 0, n - 1 do eq(ch:receive(), s .. i) end

--# copying ends at a stop
--! stop
local t = {}
for i = 1, 1000 do t[i] = { i } end
print "ready"
while true do pcall(copy, t) end
