-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Errors and how they are caught.

--# error adds the position that the level names
local function f() error("aua") end
local ok, e = pcall(f)
eq(e, "script:@+1: aua")
ok, e = pcall(error, "aua", 0)
eq(e, "aua")
local function g() error("outer", 2) end
ok, e = pcall(function()
	g()
end)
eq(e, "script:@+8: outer")

--# any value can be an error
for _, v in ipairs { {}, 5, true, print } do
	local ok, e = pcall(error, v)
	eq(ok, false)
	eq(e, v)
end
local ok, e = pcall(error)
eq(ok, false)
eq(e, nil)

--# pcall gives true and all results
local ok, a, b, c = pcall(function(...) return ... end, 1, nil, 3)
eq(ok, true)
eq(c, 3)
eq(select("#", pcall(function() end)), 1)
eq(pcall(nil), false)
raises("value expected", pcall)

--# xpcall gives the error to its handler, at the place of the error
local ok, text = xpcall(function() local x = nil; x() end, function(e) return "handled: " .. e end)
eq(ok, false)
eq(text, "handled: script:@+1: attempt to call a nil value (local 'x')")
local ok, text = xpcall(error, debug.traceback, "aua")
assert(text:find("^aua\nstack traceback:"), text)

--# xpcall passes arguments
local ok, a, b = xpcall(function(...) return ... end, print, 1, 2)
eq(ok, true)
eq(b, 2)

--# an error in a handler is an error in error handling
local ok, e = xpcall(error, function() error("again") end, "first")
eq(ok, false)
raises("bad argument #2 to 'xpcall' (function expected, got nil)", xpcall, error, nil)

--# assert passes its arguments or raises its message as it is
eq(select("#", assert(1, 2, 3)), 3)
raises("assertion failed!", assert, false)
raises("assertion failed!", assert, nil)
local t = {}
local ok, e = pcall(assert, false, t)
eq(e, t)
local ok, e = pcall(assert, nil, "text")
eq(e, "text")
raises("value expected", assert)

--# errors name the variable they are about
raises("attempt to call a nil value (global 'nofunc')", function() nofunc() end)
raises("attempt to index a nil value (local 't')", function() local t t.x = 1 end)
raises("attempt to index a nil value (field 'b')", function() local a = {} a.b.c = 1 end)
raises("attempt to call a nil value (method 'm')", function() local a = {} a:m() end)
raises("attempt to index a number value (upvalue 'ok')", (function() local ok = 5 return function() return ok.x.y end end)())
raises("attempt to get length of a nil value (local 'n')", function() local n return #n end)
raises("attempt to perform arithmetic on a nil value (field 'z')", function() local t = {} return t.z + 1 end)

--# errors of library functions name the argument
raises("bad argument #1 to 'string.rep' (string expected, got no value)", string.rep)
raises("bad argument #2 to 'setmetatable' (nil or table expected)", setmetatable, {}, 5)
raises("bad argument #1 to 'for iterator' (table expected, got nil)", function() for _ in next, nil do end end)
raises("bad argument #2 to 'insert' (number expected, got string)", function() table.insert({}, "x", 1) end)

--# nested protected calls unwind one by one
local trail = {}
local function nest(n)
	local ok, e = pcall(function()
		if n == 0 then error("bottom", 0) end
		nest(n - 1)
		error("level " .. n, 0)
	end)
	trail[#trail + 1] = e
end
nest(3)
eq(table.concat(trail, ","), "bottom,level 1,level 2,level 3")

--# locals and upvalues survive an error that passes them
local n = 0
local function inc() n = n + 1 error("x") end
for i = 1, 100 do pcall(inc) end
eq(n, 100)

--# a script that raises gives ECANCELED, with position and traceback in the log
--! error ECANCELED /^script:@+7: aua$/
--! log stack traceback:
--! log /^\t\[C\]: in function 'error'$/
--! log /^\tscript:@+7: in upvalue 'inner'$/
--! log /^\tscript:@+8: in local 'outer'$/
--! log /^\tscript:@+9: in main chunk$/
local function inner() error("aua") end
local function outer() inner() return 1 end
outer()

--# a script that does not compile gives EINVAL, with its line
--! error EINVAL /^script:@+4: syntax error near 'y'$/
local a = 1

x y

--# a missing end is reported where the script ends
--! error EINVAL 'end' expected (to close 'function' at line @+2) near <eof>
function f()
	return 1

--# an error object with __tostring is shown by it
--! error ECANCELED my error 42
error(setmetatable({ n = 42 }, { __tostring = function(e) return "my error " .. e.n end }))

--# an error object without __tostring is named by its type
--! error ECANCELED (error object is a table value)
error({})

--# an error that is nil is told as such
--! error ECANCELED (error object is a nil value)
error(nil)

--# an error that is true is told as such
--! error ECANCELED (error object is a boolean value)
error(true)

--# an error that is a function is told as such
--! error ECANCELED (error object is a function value)
error(print)

--# an error that is a number is shown
--! error ECANCELED /^42$/
error(42)

--# an error object whose __tostring fails does no harm
--! error ECANCELED
error(setmetatable({}, { __tostring = function() error("again") end }))

--# an error object whose __tostring gives no string does no harm
--! error ECANCELED (error object is a table value)
error(setmetatable({}, { __tostring = function() return {} end }))

--# an error object whose __tostring recurses does no harm
--! error ECANCELED
local mt = {}
mt.__tostring = function(e) return tostring(setmetatable({}, mt)) end
error(setmetatable({}, mt))

--# an error text of many lines is many records
--! error ECANCELED /^script:@+4: one$/
--! log /^two$/
--! log /^three$/
error("one\ntwo\nthree")

--# an error text of a megabyte does no harm
--! error ECANCELED xxxx
error(("x"):rep(1 << 20))

--# an error in a coroutine that wrap passes on ends the script
--! error ECANCELED script:@+2: inside
coroutine.wrap(function() error("inside") end)()

--# a traceback of deep recursion is cut in the middle
--! error ECANCELED deep
--! log /^\t\.\.\.$/
local function f(n) if n == 0 then error("deep") end f(n - 1) return 1 end
f(1000)
