-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The language: statements, scopes, functions.

--# comments of every form are skipped
-- one
--[[ two
lines ]]
--[==[ with ]] inside ]==]
local x = 1 --[[ in between ]] + 1
eq(x, 2) --

--# local variables shadow outer ones until their block ends
local x = 1
do
	local x = x + 1
	eq(x, 2)
	do local x = 3 end
	eq(x, 2)
end
eq(x, 1)

--# a local function sees itself, a local variable's initial value does not
local function f(n) return n == 0 and 0 or 1 + f(n - 1) end
eq(f(5), 5)
local g = 7
local g = g
eq(g, 7)

--# multiple assignment evaluates all expressions first
local a, b, c = 1, 2
eq(c, nil)
a, b = b, a
eq(a, 2)
eq(b, 1)
local i, t = 1, {}
i, t[i] = i + 1, 20
eq(t[1], 20)

--# a call at the end of a list gives all its results, elsewhere one
local function three() return 1, 2, 3 end
eq(select("#", three()), 3)
eq(select("#", three(), three()), 4)
eq(select("#", (three())), 1)
eq(#{ three(), three() }, 4)
eq(#{ three(), (three()) }, 2)

--# varargs hold nils and their count
local function count(...) return select("#", ...) end
eq(count(), 0)
eq(count(nil), 1)
eq(count(nil, nil), 2)
local function pack(...) return { n = select("#", ...), ... } end
eq(pack(1, nil, 3).n, 3)
eq(pack(1, nil, 3)[3], 3)
eq((select(-1, 1, 2, 3)), 3)

--# 200 arguments and results pass through a call
local t = {}
for i = 1, 200 do t[i] = i end
local function id(...) return ... end
eq(select("#", id(table.unpack(t))), 200)
eq((select(200, id(table.unpack(t)))), 200)

--# tail calls need no stack
local function loop(n) if n == 0 then return "done" end return loop(n - 1) end
eq(loop(1000000), "done")

--# closures share the variables that they capture
local function counter()
	local n = 0
	return function() n = n + 1 return n end, function() return n end
end
local inc, get = counter()
inc() inc()
eq(get(), 2)
local inc2 = counter()
eq(inc2(), 1)

--# each turn of a loop has a variable of its own
local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 10 return i end end
eq(fs[1](), 11)
eq(fs[1](), 21)
eq(fs[2](), 12)
local i, gs = 1, {}
while i <= 2 do
	local j = i
	gs[i] = function() return j end
	i = i + 1
end
eq(gs[1](), 1)
eq(gs[2](), 2)

--# a repeat loop's condition sees the locals of its body
local n = 0
repeat
	local done = n >= 3
	n = n + 1
until done
eq(n, 4)

--# break leaves the innermost loop
local n = 0
for i = 1, 10 do
	while true do
		n = n + 1
		if n % 2 == 0 then break end
	end
	if i == 3 then break end
end
eq(n, 6)

--# goto serves as continue
local out = {}
for i = 1, 6 do
	if i % 2 == 0 then goto continue end
	out[#out + 1] = i
	::continue::
end
eq(table.concat(out, ","), "1,3,5")

--# goto jumps backwards and out of nested blocks
local n = 0
::again::
n = n + 1
if n < 5 then goto again end
eq(n, 5)
for i = 1, 10 do
	for j = 1, 10 do
		if i * j == 42 then n = i goto out end
	end
end
::out::
eq(n, 6)

--# goto into the scope of a local, to a missing or from a nested function's label is refused
refuses("jumps into the scope of local 'x'", "goto l; local x; ::l:: print(x)")
refuses("no visible label 'nowhere'", "goto nowhere")
refuses("no visible label 'l'", "::l:: local function f() goto l end")
refuses("label 'l' already defined", "::l:: ::l::")
refuses("break> at line 1 not inside a loop", "break")

--# a backward goto closes the variables that it leaves
local fs = {}
do
	local i = 1
	::top::
	local x = i
	fs[i] = function() return x end
	i = i + 1
	if i <= 3 then goto top end
end
eq(fs[1](), 1)
eq(fs[2](), 2)
eq(fs[3](), 3)

--# operators have upstream's precedence and associativity
eq(2 + 3 * 4, 14)
eq(2 * 3 % 4, 2)
eq(-2 ^ 2, -4)
eq(not nil == true, true)
eq(1 .. 2 .. 3, "123")
eq(1 << 2 + 1, 8)
eq(5 & 3 | 8, 9)
eq(5 | 3 & 8, 5)
eq(6 ~ 3 & 2, 4)
eq("a" .. "b" == "ab" and 1 or 2, 1)
eq(2 ^ -0, 1)
eq(10 - 4 - 3, 3)
eq(1 or error("not evaluated"), 1)
eq(nil and error("not evaluated"), nil)
eq(false or nil, nil)

--# long strings keep their lines and drop the first line end
eq([[
a
b]], "a\nb")
eq([==[]]]==], "]]")
eq(#[[

]], 1)

--# escapes in strings give the bytes they name
eq("\97\098\x63\u{64}\z
    e", "abcde")
eq("\a\b\f\n\r\t\v\\\"\'", "\7\8\12\10\13\9\11\92\34\39")
eq("a\
b", "a\nb")
eq(#"\0\0\0", 3)
eq("\u{20AC}", "\xe2\x82\xac")
eq("\u{10FFFF}", "\xf4\x8f\xbf\xbf")

--# bad escapes are refused
refuses("invalid escape sequence near '\"\\q'", [[return "\q"]])
refuses("decimal escape too large", [[return "\256"]])
refuses("hexadecimal digit expected", [[return "\xg"]])
refuses("UTF-8 value too large", [[return "\u{110000000}"]])
refuses("missing '{'", [[return "\u41"]])

--# strings and comments that do not end are refused
refuses("unfinished string", "return 'abc")
refuses("unfinished string", "return 'abc\n'")
refuses("unfinished long string (starting at line 1)", "return [[abc\n\n")
refuses("unfinished long comment", "--[[abc")
refuses("invalid long string delimiter", "return [=abc")

--# bytes that start no token are refused
refuses("unexpected symbol near '@'", "@")
refuses("unexpected symbol near '<\\128>'", "\128")
refuses("unexpected symbol", "\0")
refuses("unexpected symbol near '$'", "x = $")
refuses("syntax error near '!'", "x ! 1")
refuses("unexpected symbol near '<\\239>'", "\xef\xbb\xbfx = 1 y = @")

--# names are ASCII letters, digits and underscores only
local _a1, A_ = 1, 2
eq(_a1 + A_, 3)
refuses("<name> expected near '<\\228>'", "local \xe4 = 1")
refuses("<name> expected near 'end'", "local end = 1")

--# an error in the syntax is reported with its line
refuses(":3: syntax error near 'y'", "x = 1\n\nx y")
refuses(":2: 'end' expected (to close 'if' at line 1) near <eof>", "if x then\n")
refuses(":1: unexpected symbol near ','", "f(,)")

--# 200 local variables are the limit of a function
local names = {}
for i = 1, 200 do names[i] = "v" .. i end
assert(load("local " .. table.concat(names, ",")))
refuses("too many local variables (limit is 200) in main function", "local " .. table.concat(names, ",") .. ",more")

--# 255 upvalues are the limit of a function
local outer, inner = {}, {}
for i = 1, 260 do
	outer[i] = "local a" .. i .. " = 1"
	inner[i] = "a" .. i
end
local source = {}
for i = 1, 130 do source[#source + 1] = outer[i] end
source[#source + 1] = "local function g()"
for i = 131, 260 do source[#source + 1] = outer[i] end
source[#source + 1] = "return function() return " .. table.concat(inner, "+") .. " end end"
refuses("too many upvalues (limit is 255)", table.concat(source, "\n"))

--# a method call passes its object
local o = { n = 1 }
function o:add(k) self.n = self.n + k return self end
o:add(2):add(3)
eq(o.n, 6)
local a = { b = { c = {} } }
function a.b.c:f(x) return self == a.b.c and x end
eq(a.b.c:f(5), 5)

--# calls with a string or a table need no parentheses
local function f(x) return type(x) == "table" and x[1] or x end
eq(f "a", "a")
eq(f { "b" }, "b")
eq(f [[c]], "c")
eq(("x"):rep(3), "xxx")

--# _ENV decides where globals live
local env = { eq = eq }
do
	local _ENV = env
	x = 5
	eq(x, 5)
end
eq(env.x, 5)
eq(x, nil)
local function f(_ENV) return y end
eq(f { y = 7 }, 7)

--# constructors mix positions, names and keys
local k = "key"
local t = { 1, 2, x = 3, [k] = 4, [10] = 5, 6; 7, }
eq(#t, 4)
eq(t.x + t.key + t[10], 12)
eq(t[3] + t[4], 13)

--# a constructor of ten thousand items works
local items = {}
for i = 1, 10000 do items[i] = i end
local t = load("return {" .. table.concat(items, ",") .. "}")()
eq(#t, 10000)
eq(t[9999], 9999)

--# a function with a hundred thousand constants compiles (20000 on a slow kernel)
local count = SLOW == 1 and 100000 or 20000
local lines = {}
for i = 1, count do lines[i] = "t[" .. i .. "]='" .. i .. "'" end
local t = {}
load("local t = ... " .. table.concat(lines, ";"))(t)
for _, i in ipairs{ 1, 255, 256, 257, count - 1, count } do eq(t[i], tostring(i)) end

--# an if of a thousand branches compiles
local lines = { "local x = ... if x == 0 then return 0" }
for i = 1, 1000 do lines[#lines + 1] = "elseif x == " .. i .. " then return " .. i * 2 end
lines[#lines + 1] = "end"
local f = assert(load(table.concat(lines, "\n")))
eq(f(1000), 2000)
eq(f(1001), nil)
