-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Loops in Lua code: a signal ends each within a second. To the interpreter all
-- signals are one, so that most tests try only one of them.

--# an empty while loop
--! stop INT TERM KILL
--! log stopped by a signal
print("ready")
while true do end

--# an empty repeat loop
--! stop
print("ready")
repeat until false

--# an empty for loop of 2^63 turns
--! stop
print("ready")
for i = 1, math.maxinteger do end

--# a for loop with a step of zero
--! stop
print("ready")
for i = 1, 0, 0 do end

--# an empty goto loop
--! stop
print("ready")
::top::
goto top

--# endless tail calls
--! stop
print("ready")
local function f() return f() end
f()

--# two functions that call each other at the end
--! stop
print("ready")
local f, g
function f() return g() end
function g() return f() end
f()

--# an endless generic for
--! stop
print("ready")
for k in function() return 1 end do end

--# an endless loop of table writes and reads
--! stop
print("ready")
local t = {}
while true do t[1] = t t = t[1] end

--# an endless loop of string operations
--! stop
print("ready")
while true do local s = ("x"):rep(10):upper():byte() .. "" end

--# a loop inside pcall
--! stop
print("ready")
while true do pcall(function() while true do end end) end

--# a loop of pcalls that do nothing
--! stop
print("ready")
while true do pcall(type, 1) end

--# nested pcalls that each go on looping
--! stop INT TERM KILL
print("ready")
local function f(n)
	while true do pcall(n > 0 and f or function() while true do end end, n - 1) end
end
f(10)

--# a recursion through pcall that begins anew after every error
--! stop
print("ready")
local function f() pcall(f) return f() end
f()

--# an xpcall whose handler loops
--! stop
print("ready")
while true do
	xpcall(function() while true do end end, function() while true do end end)
end

--# an xpcall whose handler calls pcall in a loop
--! stop
print("ready")
xpcall(error, function() while true do pcall(error) end end)

--# an xpcall whose handler fails without end
--! stop
print("ready")
while true do xpcall(error, function(e) error(e) end) end

--# a loop inside a coroutine
--! stop
print("ready")
coroutine.wrap(function() while true do end end)()

--# a loop of resumes and yields
--! stop INT TERM KILL
print("ready")
local co = coroutine.wrap(function() while true do coroutine.yield() end end)
while true do co() end

--# a loop that resumes dead coroutines
--! stop
print("ready")
local co = coroutine.create(function() end)
while true do coroutine.resume(co) end

--# a loop that makes coroutines which loop
--! stop
print("ready")
while true do
	coroutine.resume(coroutine.create(function() while true do pcall(function() while true do end end) end end))
end

--# a loop of coroutines that resume each other
--! stop
print("ready")
local function nest(n)
	return coroutine.wrap(function() while true do if n > 0 then nest(n - 1)() end coroutine.yield() end end)
end
while true do nest(8)() end

--# a coroutine that catches its errors with a loop around
--! stop
print("ready")
local co = coroutine.wrap(function()
	while true do pcall(coroutine.yield) pcall(function() while true do end end) end
end)
while true do pcall(co) end

--# a loop in __index
--! stop
print("ready")
local t = setmetatable({}, { __index = function() while true do end end })
return t.x

--# a loop in __eq, __lt, __concat, __add, __len, __call and __newindex
--! stop
print("ready")
local mt = {}
for _, e in ipairs { "eq", "lt", "le", "concat", "add", "len", "call", "newindex" } do
	mt["__" .. e] = function() while true do end end
end
local a, b = setmetatable({}, mt), setmetatable({}, mt)
while true do
	for _, f in ipairs { function() return a == b end, function() return a < b end, function() return a .. b end,
			function() return a + b end, function() return #a end, function() return a() end, function() a.x = 1 end } do
		pcall(f)
	end
end

--# a loop of metamethods that do nothing
--! stop
print("ready")
local t = setmetatable({}, { __index = function(_, k) return k end })
while true do local x = t.a end

--# a loop in __gc while the script runs
--! stop INT TERM KILL
print("ready")
setmetatable({}, { __gc = function() while true do end end })
while true do collectgarbage() end

--# a loop of pcalls in __gc while the script runs
--! stop
print("ready")
setmetatable({}, { __gc = function() while true do pcall(function() while true do end end) end end })
while true do collectgarbage() end

--# a __gc that makes new objects with __gc without end
--! stop
print("ready")
local mt = {}
mt.__gc = function() setmetatable({}, mt) end
setmetatable({}, mt)
while true do collectgarbage() end

--# a __gc that loops at the end of the script
--! stop INT TERM KILL
last = setmetatable({}, { __gc = function() print("ready") while true do end end })

--# a __gc that loops around pcall at the end of the script
--! stop
last = setmetatable({}, { __gc = function()
	print("ready")
	while true do pcall(function() while true do end end) end
end })

--# a thousand objects whose __gc loops at the end of the script
--! stop
all = {}
local mt = { __gc = function() print("ready") while true do end end }
for i = 1, 1000 do all[i] = setmetatable({}, mt) end

--# a __gc that loops after an error ended the script
--! stop
last = setmetatable({}, { __gc = function() print("ready") while true do end end })
error("end")

--# a loop in the __tostring of the error that ends the script
--! stop
error(setmetatable({}, { __tostring = function() print("ready") while true do end end }))

--# a loop in the __tostring of a printed value
--! stop
print("ready")
print(setmetatable({}, { __tostring = function() while true do end end }))

--# a loop in the reader of load
--! stop
print("ready")
load(function() while true do end end)

--# a loop of full collections
--! stop
print("ready")
local keep = {}
for i = 1, 10000 do keep[i] = { i } end
while true do collectgarbage() end

--# a loop of collection steps
--! stop
print("ready")
while true do collectgarbage("step") end

--# a loop that makes garbage
--! stop
print("ready")
while true do local t = { {}, {}, {} } end

--# a loop that prints
--! stop
print("ready")
while true do print("x") end

--# a loop that prints a megabyte at once
--! stop
print("ready")
local s = ("0123456789abcde\n"):rep(65536)
while true do print(s) end

--# a loop that runs out of memory again and again
--! stop
print("ready")
while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end

--# a loop that overflows the Lua stack again and again
--! stop
print("ready")
local function f() return 1 + f() end
while true do pcall(f) end

--# a loop that overflows the C stack again and again
--! stop
print("ready")
local function f(s) return (s:gsub(".", f)) end
while true do pcall(f, "x") end

--# a loop of tracebacks
--! stop
print("ready")
local function f(n) if n > 0 then return 1 + f(n - 1) end while true do debug.traceback() end end
f(10000)

--# a loop of error objects
--! stop
print("ready")
while true do pcall(error, setmetatable({}, { __tostring = function() while true do end end })) end
