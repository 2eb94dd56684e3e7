-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local function m(s)
	local f, e = load(s)
	if not f then
		show("L", e)
	else
		local ok, e2 = pcall(f)
		show("R", ok, e2)
	end
end
for _, s in ipairs({
	"local a = {}; return a.bbbb(3)",
	"local a={}; a.bbbb=1; a:bbbb(3)",
	"local a,b,c; (function() a = b+1.1 end)()" and "local a,b,c; (function() a = b+1 end)()",
	"a = {} + 1",
	"a = {} | 1",
	"a = {} < 1",
	"a = {} <= 1",
	"aaa=1; bbbb=2; aaa=math.sin(3)+bbbb(3)" and "aaa=1 bbbb=2 aaa=tonumber(3)+bbbb(3)",
	"aaa={}; do local aaa=1 end aaa:bbbb(3)",
	"local a={}; a.bbbb(3)",
	"local a = {}; print(#a.x)",
	"local a = 24 return #a",
	"local t = {} t.x.y = 1",
	"local t = {} t[nil] = 1",
	"local t = {} t.x.y.z = 1",
	"return x.y.z",
	"return x.y",
	"x.y = 1",
	"local x; x.y = 1",
	"local x; x()",
	"x()",
	"t = {}; t.x()",
	"t = {}; t[1]()",
	"t = {}; t['a b']()",
	"t={}; t:x()",
	"local t = {x={}} t.x:y()",
	"(nil)()",
	"(1)()",
	"('x')()",
	"({})()",
	"local a = 1; local function f() return a.b.c end f()",
	"local a; local function f() a.x = 1 end f()",
	"local a; local function f() a() end f()",
	"local a; local function f() return a + 1 end f()",
	"local a; local function f() return a .. 'x' end f()",
	"local a; local function f() return #a end f()",
	"local a; local function f() return -a end f()",
	"local a; local function f() return ~a end f()",
	"local a; local function f() return a < 1 end f()",
	"return 1 < 'a'",
	"return {} < {}",
	"return {} <= {}",
	"return {} < 1",
	"return nil < 1",
	"return print < print",
	"return true < false",
	"return 1 < nil",
	"return 'a' <= {}",
	"return nil > 1",
	"return {} >= 'x'",
	"return 2 > {}",
	"return coroutine.create(print) < 1",
	"return 1 + nil",
	"return nil + 1",
	"return {} - 1",
	"return 'a' + 1",
	"return 1 & 'a'",
	"return 'a' | 'b'",
	"return 1 << {}",
	"return ~{}",
	"return ~'a'",
	"return 1 // 0",
	"return 1 % 0",
	"local a = 0 return 1 // a",
	"local a = 0 return 1 % a",
	"local a,b = 'x', 1; return a & b",
	"return (1)[nil]",
	"return (nil)[1]",
	"return ('x' .. {})",
	"return 1 .. {}",
	"local a,b='x',{} return a..b",
	"local a,b='x',{} return b..a",
	"local a,b,c='x','y',nil return a..b..c",
	"return 'a'..nil..'b'",
	"local t={} return t.x..'a'",
	"local t={} return 'a'..t.x",
	"local t={} return t.x+1",
	"local t={} return t.x.y",
	"local t={} return t[1]+1",
	"local k='kk' local t={} return t[k].z",
	"local k='kk' local t={} return t[k]()",
	"local k=1 local t={} return t[k]()",
	"local t={} return t[t].z",
	"return ('a').b.c",
	"return #nil",
	"return -{}",
	"return -nil",
	"return - 'x'",
	"local s = 'x' return -s",
	"return math.foo()",
	"string.foo()",
	"local m = string m.foo()",
	"foo.bar.baz()",
	"return _ENV.x.y",
	"local _ENV = {} return x.y",
	"local _ENV = nil return x",
	"local _ENV = 1 x = 1",
	"local _ENV <const> = 1",
	"local function f(_ENV) return x.y end f{}",
	"for i = 1 do end",
	"for i = {}, 1 do end",
	"for i = 1, {} do end",
	"for i = 1, 2, {} do end",
	"for i = 'a', 1 do end",
	"for i = 1, 'x' do end",
	"for i = 1, 2, 'x' do end",
	"for i=1,10,0 do break end",
	"for k in 1 do end",
	"for k in nil do end",
	"for k in {} do end",
	"local t for k in t do end",
	"for k in pairs(nil) do end",
	"for k in ipairs() do end",
	"for k in pairs() do end",
	"for k in next do end",
	"error()",
	"error(nil)",
	"error('x')",
	"error('x', 0)",
	"error('x', 1)",
	"error('x', 2)",
	"error('x', 3)",
	"error({})",
	"error(12)",
	"error(12, 0)",
	"error(true)",
	"local function f() error('x', 2) end f()",
	"local function f() error('x', 1) end f()",
	"error('x', {})",
	"error('x', -1)",
	"assert()",
	"assert(false)",
	"assert(nil)",
	"assert(false, 'm')",
	"assert(nil, {})",
	"assert(false, nil)",
	"return assert(1, 2, 3)",
	"assert(nil, 12)",
	"string.rep('x', -1)()",
	"('x'):rep({})",
	"('x'):rep()",
	"('x').rep()",
	"string.rep()",
	"local s = string.rep s()",
	"x = string.rep x()",
	"t = {f = string.rep} t.f()",
	"t = {f = string.rep} t:f()",
	"setmetatable({}, {__index=string.rep}).x",
	"return setmetatable({}, {__index=string.rep}).x",
	"return setmetatable({}, {__add=string.rep}) + 1",
	"return pcall(string.rep)",
	"return select(2, pcall(pcall))",
	"pcall()",
	"xpcall()",
	"xpcall(print)",
	"return xpcall(1, print)",
	"return pcall(1)",
	"table.concat({{}})",
	"table.concat({1,{},3})",
	"table.concat()",
	"table.concat({1},1,2)",
	"table.insert()",
	"table.insert({})",
	"table.insert({}, 1, 2, 3)",
	"table.insert({}, 3, 2)",
	"table.insert({}, 0, 2)",
	"table.insert({}, 'a', 2)",
	"table.insert(1, 2)",
	"table.remove({}, 5)",
	"table.remove({1,2}, 4)",
	"table.remove()",
	"table.unpack()",
	"table.unpack({}, 1, 1e8)" and "table.unpack({}, 1, 100000000)",
	"table.unpack({}, math.mininteger, math.maxinteger)",
	"table.sort()",
	"table.sort({1,2,3}, 1)",
	"table.sort({1,'a'})",
	"table.sort({1,2,nil,3}, function() error('q') end)",
	"table.sort({{},{}})",
	"table.move()",
	"table.move({},1,math.maxinteger,2)",
	"table.pack",
	"select()",
	"select(0)",
	"select(-1)",
	"select('x')",
	"select(-5, 1)",
	"select(math.mininteger)",
	"setmetatable()",
	"setmetatable({})",
	"setmetatable(1, {})",
	"setmetatable({}, 1)",
	"setmetatable(setmetatable({}, {__metatable = 1}), {})",
	"getmetatable()",
	"rawget()",
	"rawget(1,2)",
	"rawset({}, nil, 1)",
	"rawset({})",
	"rawset(1,2,3)",
	"rawlen(1)",
	"rawlen()",
	"rawequal(1)",
	"next()",
	"next({}, 1)",
	"next({}, 'x')",
	"next({1}, 2)",
	"next(1)",
	"ipairs()",
	"type()",
	"tostring()",
	"load()",
	"load(1)",
	"load({})",
	"load('x', 1)",
	"load('x=1', 'n', 'q')",
	"load('x=1', 'n', 'b')",
	"collectgarbage('x')",
	"collectgarbage({})",
	"utf8.char(-1)",
	"utf8.char('x')",
	"utf8.codepoint('x', 5)",
	"utf8.codepoint('\\xff')",
	"utf8.len('x', 5)",
	"utf8.offset('x', 1, 5)",
	"utf8.offset('\\x80', 1)",
	"for _ in utf8.codes('\\xff') do end",
	"utf8.codes()",
	"coroutine.resume()",
	"coroutine.resume(1)",
	"coroutine.create()",
	"coroutine.create(1)",
	"coroutine.wrap()",
	"coroutine.status()",
	"coroutine.status({})",
	"coroutine.yield()",
	"coroutine.wrap(function() error('x') end)()",
	"coroutine.wrap(function() error({}) end)()",
	"coroutine.wrap(function() local x = nil + 1 end)()",
	"local f = coroutine.wrap(function() end) f() f()",
	"coroutine.isyieldable(1)",
	"math.abs()",
	"math.abs('x')",
	"math.max()",
	"math.min({})",
	"math.random(0)",
	"math.random(2,1)",
	"math.random(1,2,3)",
	"math.fmod(1,0)",
	"math.tointeger()",
	"math.type()",
	"math.ult(1)",
	"math.floor({})",
	"math.ceil('a')",
}) do
	show(s)
	m(s)
end
-- syntax errors
for _, s in ipairs({
	"x",
	"x =",
	"= 1",
	"x = }",
	"x = 1 1",
	"local",
	"local 1",
	"local x =",
	"local function",
	"local function 1",
	"function",
	"function x",
	"function x(",
	"function x()",
	"function x:y.z() end",
	"function x(a,) end",
	"function x(..., a) end",
	"function (a) end",
	"if",
	"if x",
	"if x then",
	"if x then else elseif end",
	"while",
	"while x",
	"while x do",
	"repeat",
	"repeat x = 1",
	"repeat until",
	"for",
	"for x",
	"for x =",
	"for x = 1",
	"for x = 1, ",
	"for x = 1, 2",
	"for x = 1, 2, 3, 4 do end",
	"for x in",
	"for x, in y do end",
	"for 1 = 1, 2 do end",
	"for x.y = 1,2 do end",
	"do",
	"end",
	"return return",
	"return 1,",
	"return 1 x = 2",
	"break",
	"goto",
	"goto x",
	"goto 1",
	"::x",
	"::x:: ::x::",
	"::",
	"goto x; local a; ::x:: print(a)",
	"do goto x end; local a; ::x:: ;",
	"do ::x:: end goto x",
	"x.",
	"x:",
	"x:y",
	"x[",
	"x[1",
	"x[1] 2",
	"(x",
	"(x) = ",
	"(x) = 1",
	"x() = 1",
	"f(1,",
	"f(1",
	"f(",
	"{",
	"x = {",
	"x = {1",
	"x = {1,",
	"x = {a=}",
	"x = {[1]}",
	"x = {[1]=}",
	"x = {[1}",
	"x = {1 2}",
	"x = {,}",
	"x = {;}",
	"x = {a.b = 1}",
	"'",
	'"abc',
	"'abc\n'",
	"'\\",
	"'\\q'",
	"'\\xg'",
	"'\\x1'",
	"'\\x1g'",
	"'\\300'",
	"'\\256'",
	"'\\u'",
	"'\\u{'",
	"'\\u{}'",
	"'\\u{g}'",
	"'\\u{110000}'",
	"'\\u{7fffffff}'",
	"'\\u{80000000}'",
	"'\\u{123",
	"'\\u{12'",
	"'\\z",
	"'\\0009\\",
	"[[",
	"[==[ ]=]",
	"[=",
	"[=x",
	"x = [=",
	"--[[",
	"--[==[ x ]]",
	"x = 0x",
	"x = 0xg",
	"x = 1a",
	"x = 1..2",
	"x = 3 4",
	"x = 08x",
	"@",
	"x = $",
	"x = a!b",
	"x = a != b",
	"x = 1 <> 2",
	"x = a ~ = b",
	"x = a === b",
	"x = not",
	"x = -",
	"x = #",
	"x = a ..",
	"x = a +",
	"x = a and",
	"x = (1",
	"x = ()",
	"x = function",
	"x = function(",
	"x = function() return",
	"x = ...",
	"function f() return ... end",
	"local function f() x = ... end",
	"x = function(...) return function() return ... end end",
	"local a <const> = 1",
	"a, b",
	"a, b += 1",
	"a += 1",
	"a++",
	"a.b:c = 1",
	"a:b() = 1",
	"a, f() = 1",
	"f(), a = 1",
	"a, (b) = 1, 2",
	"'a' = 1",
	"1 = a",
	"nil = 1",
	"true = 1",
	"and",
	"x = and",
	"local and = 1",
	"local a.b = 1",
	"local a[1] = 2",
	"goto continue",
	"while 1 do break end break",
	"x = 'a' 'b'",
	"x = {} {}",
	"x = [[a]] b c",
	"f'x'",
	"f{}",
	"\0",
	"x = \1",
	"x = \200",
	"\xff",
	"x\0y = 1",
	"x = 'a\0b",
	'x = "a\0b\n',
	"#!x\ny",
	"# x",
	";;; x",
	"x = 1;;",
	"return;;",
	"return; x",
	"::a:: goto a goto b",
	"repeat local x; if x then goto cont end; local y; ::cont:: until y",
	"x = }",
	"local x <close> = 1",
	"a = 1 b = 2 c =",
	"\n\n\nx = = 1",
	"--c\n--[[\n\n]] x = = 1",
	"x = [[\n\n]] = 1",
	"x = 'a\\\nb' = 1",
	"x = 1 --[[x]] = 2",
	"x = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"'" .. ("x"):rep(200),
	"x = " .. ("y"):rep(300) .. " z",
	"x = '\r\n'",
	"x = '\\\r\n' y",
}) do
	show(s)
	m(s)
end
-- chunknames
for _, n in ipairs({
	"=name",
	"@name",
	"name",
	"name\nmore",
	"=" .. ("n"):rep(100),
	"@" .. ("p"):rep(100),
	("q"):rep(100),
	"",
	"=",
	"@",
	"\n",
	"a\0b",
	"return 1 -- " .. ("z"):rep(60),
	"x\r\ny",
}) do
	show(load("x = = 1", n))
	local f = load("error('e')", n)
	show(pcall(f))
	local g = load("return debug.getinfo(1, 'S')", n)()
	show(g.source, g.short_src)
end
show(load("x = = 1"))
show(load(function()
	return nil
end))
show(load("return ...", "n")(5))
-- line numbers
local function line(s)
	local ok, e = pcall(load(s, "=l"))
	show(e)
end
line("\n\nerror('x')")
line("local a\n=\nnil\n+\n1")
line("local a = \n{} .. \n'x' .. \n'y'")
line("f\n(\n1\n)\n")
line("a\n.\nb\n.\nc = 1")
line("local x = {}\nlocal y = x\n.z\n.w")
line("for i\n=\n1\n,\n{} do end")
line("for i in\nnil\ndo\nend")
line("local a\nif a.b\nthen end")
line("return function()\n\nend < \n1")
line("local t = {\n1,\n2,\nnil + 1,\n3}")
line("string.rep(\n'x',\n{}\n)")
line("local a = 1\n+ 2\n- {}\n* 3")
line("error(\n'x'\n)")
line("(function()\n error('y', 2)\n end)\n()")
line("\r\n\r\nerror'x'")
line("\n\r\n\rerror'x'")
line("\r\rerror'x'")
line("x = [[\n\n]] error'x'")
line("--[[\n\n\n]]error'x'")
line("x='a\\\nb\\z\n\n  c' error'x'")
line("local s = 'x'\nlocal t\ns:len(t\n.x)")
line("local a, b\n= 1, nil\nreturn a\n<\nb")
line("local a,b\nreturn not a\nand\nb.c")
line("while\nnil + 1 do end")
line("repeat\nuntil\nx.y.z")
line("local t = {}\nt.x\n:y()")
line("local t = {}\nt[\nnil] = 1")
line("goto a\n::a::\nerror'x'")
line("local function f()\n  return g()\nend\nf()")
line("local a = nil\n;\n;a()")
-- tracebacks and handlers
show(xpcall(function()
	error("x")
end, function(m)
	return m .. "!"
end))
show(xpcall(function()
	error({ 1 })
end, function(m)
	return type(m), m[1]
end))
show(xpcall(function(...)
	return ...
end, print, 1, 2, nil))
show(xpcall(function()
	error("x")
end, function(m)
	error("y")
end))
show(xpcall(error, function(m)
	return m
end))
try(xpcall, error)
show(pcall(error))
show(pcall(error, nil))
show(pcall(error, "m", 1))
show(pcall(error, "m", 2))
show(pcall(pcall))
show(pcall(pcall, error, "x"))
show(pcall(xpcall, error))
show(select("#", pcall(function() end)))
show(pcall(function(...)
	return ...
end, nil, nil))
local function loop()
	local x = loop()
	return x
end
show(pcall(loop))
local n = 0
show(
	xpcall(loop, function(m)
		n = n + 1
		return (m:gsub("\n.*", ""))
	end),
	n
)
local function loopc()
	return pcall(loopc)
end
show(type(loopc()))
