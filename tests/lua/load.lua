-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- load: text only.

--# load compiles a string
eq(load("return 1 + 1")(), 2)
eq(load("local a, b = ... return b")(1, 2), 2)
eq(load("")(), nil)

--# load compiles what a function gives piece by piece
local pieces = { "return ", "1", "0 ", "+ ", "5" }
local i = 0
eq(load(function() i = i + 1 return pieces[i] end)(), 15)
i = 0
eq(load(function() i = i + 1 return ("return 'x'"):sub(i, i) end)(), "x")

--# an empty piece ends the source
local i = 0
local t = { "return 1", "", "syntax error here" }
eq(load(function() i = i + 1 return t[i] end)(), 1)

--# a reader must give strings
local f, e = load(function() return {} end)
eq(f, nil)
assert(e:find("reader function must return a string", 1, true), e)

--# an error in a reader comes out as load's error
local f, e = load(function() error("broken pipe") end)
eq(f, nil)
assert(e:find("broken pipe"), e)

--# load names the chunk in errors
local f, e = load("x x", "=mychunk")
assert(e:find("^mychunk:1: syntax error near 'x'"), e)
f, e = load("x x", "@file.lua")
assert(e:find("^file.lua:1:"), e)
f, e = load("x x", "some code\nmore")
assert(e:find('^%[string "some code..."%]:1:'), e)
f, e = load("error('aua')", "=run")
local ok, e = pcall(f)
eq(e, "run:1: aua")

--# load takes an environment
local env = {}
load("x = 5", "c", "t", env)()
eq(env.x, 5)
eq(rawget(_G, "x"), nil)
eq(load("return x", "c", nil, { x = 7 })(), 7)

--# bytecode is refused in every mode
local header = "\27Lua\x53\0\x19\x93\r\n\x1a\n\4\8\4\8\8" .. ("\0"):rep(100)
for _, mode in ipairs { "b", "bt", "t" } do
	local f, e = load(header, "c", mode)
	eq(f, nil)
	assert(e:find("bytecode is not accepted") or e:find("attempt to load a binary chunk"), e)
end
local f, e = load("\27")
eq(f, nil)
assert(e:find("bytecode is not accepted, only text", 1, true), e)

--# the refusal of bytecode names the chunk as other errors do
local f, e = load("\27Lua", "=c", "b")
eq(e, "c: bytecode is not accepted, only text")
f, e = load("\27Lua", "@c", "b")
eq(e, "c: bytecode is not accepted, only text")
f, e = load("\27Lua" .. ("\1"):rep(1000))
assert(not e:find("[%c]"), e)
assert(#e < 200, #e)

--# bytecode from a reader is refused
local sent
local f, e = load(function() if not sent then sent = true return "\27Lua\x53" end end)
eq(f, nil)
assert(e:find("bytecode is not accepted", 1, true), e)

--# the mode b refuses text
local f, e = load("return 1", "=c", "b")
eq(f, nil)
assert(e:find("attempt to load a text chunk (mode is 'b')", 1, true), e)

--# the shebang of a chunk given to load is no comment
refuses("unexpected symbol near '#'", "#!/bin/lua\nreturn 1")

--# a source of a megabyte compiles
local line = "local x = 1; "
local parts = {}
for i = 1, 40000 do parts[i] = "x = y and z or " .. i .. " -- " .. i .. "\n" end
assert(#table.concat(parts) > 900000)
assert(load(table.concat(parts)))()

--# a string constant of a megabyte compiles
local s = ("x"):rep(1 << 20)
eq(load("return '" .. s .. "'")(), s)
eq(#load("return [[" .. s .. "]]")(), 1 << 20)

--# what load compiled is collected
collectgarbage()
local before = collectgarbage("count")
for i = 1, 2000 // SLOW do load("local x = " .. i .. " return function() return x end")() end
collectgarbage()
assert(collectgarbage("count") < before + 100)

--# load refuses other sources
raises("function expected, got table", load, {})
raises("bad argument #1 to 'load'", load)
