-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What there is in the globals, and what is not.

--# debug has traceback and getinfo only
local names = {}
for k in pairs(debug) do names[#names + 1] = k end
table.sort(names)
eq(table.concat(names, " "), "getinfo traceback")

--# debug cannot be had whole by require or from package
eq(require("debug"), debug)
eq(require("debug").getregistry, nil)
eq(require("debug").sethook, nil)
eq(package.loaded.debug, debug)

--# traceback takes a message, a level and a coroutine
assert(debug.traceback("msg", 0):find("^msg\nstack traceback:\n\t%[C%]: in function 'debug.traceback'"))
assert(debug.traceback():find("^stack traceback:\n\tscript:@+2: in main chunk"))
local t = {}
eq(debug.traceback(t), t)
eq(debug.traceback(nil):sub(1, 16), "stack traceback:")
assert(debug.traceback(coroutine.create(print), "co"):find("^co\nstack traceback:"))

--# getinfo tells the current line and a function's place
eq(debug.getinfo(1, "l").currentline, @+1)
local function f() end
local i = debug.getinfo(f, "S")
eq(i.linedefined, @+2)
eq(i.what, "Lua")
eq(i.short_src, "script")
eq(debug.getinfo(print, "S").what, "C")
eq(debug.getinfo(f, "u").nparams, 0)
eq(debug.getinfo(1, "f").func ~= nil, true)
eq(debug.getinfo(100), nil)
raises("invalid option", debug.getinfo, 1, "X")
raises("number expected, got string", debug.getinfo, "x")

--# getinfo lists a function's lines
local function f()
	local x = 1
	return x
end
local lines = debug.getinfo(f, "L").activelines
assert(lines[@+2] and lines[@+3])

--# getinfo of huge and negative levels gives nil
eq(debug.getinfo(math.maxinteger), nil)
eq(debug.getinfo(1 << 31), nil)
eq(debug.getinfo(-1), nil)
eq(debug.getinfo(math.mininteger + 5), nil)

--# files cannot be reached
eq(dofile, nil)
eq(loadfile, nil)
eq(io, nil)
eq(os.execute, nil)
eq(os.remove, nil)
eq(os.tmpname, nil)

--# globals are those of the manual that the kernel can have
local want = { "_G", "_VERSION", "arg", "assert", "collectgarbage", "coroutine", "data", "debug", "error", "getmetatable", "ipairs",
	"kernel", "load", "math", "next", "os", "package", "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset", "require", "select",
	"setmetatable", "socket", "string", "table", "thread", "tonumber", "tostring", "type", "utf8", "xpcall" }
local got = {}
for k in pairs(_G) do got[#got + 1] = k end
table.sort(got)
eq(table.concat(got, " "), table.concat(want, " "))
eq(_VERSION, "Lua 5.3")
eq(_G._G, _G)

--# string, table, utf8 and coroutine have all functions of 5.3
local function names(t)
	local r = {}
	for k in pairs(t) do r[#r + 1] = k end
	table.sort(r)
	return table.concat(r, " ")
end
eq(names(string), "byte char dump find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper")
eq(names(table), "concat insert move pack remove sort unpack")
eq(names(utf8), "char charpattern codepoint codes len offset")
eq(names(coroutine), "create isyieldable resume running status wrap yield")

--# require gives the libraries built in
eq(require "string", string)
eq(require "table", table)
eq(require "math", math)
eq(require "utf8", utf8)
eq(require "coroutine", coroutine)
eq(require "os", os)
eq(require("_G"), _G)
eq(require "socket", socket)
eq(require "data", data)

--# require of anything else raises
raises("module 'nothing' not found", require, "nothing")
raises("module '../../etc/passwd' not found", require, "../../etc/passwd")
raises("string expected", require, {})
raises("not found", require, "_LOADED")
raises("not found", require, "")

--# os.time is the time of day
local t = os.time()
assert(t > 1500000000 and t < 1 << 34, t)
assert(os.time() >= t)

--# os.clock does not run backwards
local c = os.clock()
assert(math.type(c) == "integer" and c >= 0)
for i = 1, 100000 do end
assert(os.clock() >= c)

--# type and select
eq(type(1), "number")
eq(type(nil), "nil")
eq(type(type), "function")
eq(type(coroutine.create(type)), "thread")
raises("value expected", type)
eq(select("#"), 0)
eq(select(2, "a", "b", "c"), "b")
eq(select(-2, "a", "b", "c"), "b")
raises("index out of range", select, 0)
raises("index out of range", select, -2, 1)

--# collectgarbage knows its options
assert(math.type(collectgarbage("count")) == "integer")
eq(collectgarbage("isrunning"), true)
collectgarbage("stop")
eq(collectgarbage("isrunning"), false)
collectgarbage("restart")
eq(collectgarbage("step", 10000), true)
local pause = collectgarbage("setpause", 150)
eq(collectgarbage("setpause", pause), 150)
local mul = collectgarbage("setstepmul", 300)
eq(collectgarbage("setstepmul", mul), 300)
eq(collectgarbage(), 0)
raises("invalid option 'nothing'", collectgarbage, "nothing")
raises("invalid option 'generational'", collectgarbage, "generational")

--# the clock of kernel.time_ns goes forward while kernel.sleep sleeps
local start = kernel.time_ns()
kernel.sleep(20)
local slept = kernel.time_ns() - start
assert(slept >= 20000000, slept)
raises("time in ms must be in 0", kernel.sleep, -1)
