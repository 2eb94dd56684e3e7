-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Nesting in the source ends in a syntax error, not in the end of the kernel's stack.

-- `fine` levels of open and close must compile, many more must be refused as
-- an overflow, with the closing part and without.
local function nests(fine, before, open, middle, close, after)
	local function source(n) return before .. open:rep(n) .. middle .. close:rep(n) .. after end
	assert(load(source(fine)))
	for _, n in ipairs { 250, 1000, 100000 } do
		refuses("overflow", source(n))
		refuses("overflow", before .. open:rep(n))
		assert(load(source(fine)), "what compiled before must compile again")
	end
end

--# parentheses
nests(30, "return ", "(", "1", ")", "")

--# table constructors
nests(25, "return ", "{", "", "}", "")

--# fields of table constructors
nests(16, "return ", "{x=", "1", "}", "")

--# keys of table constructors
nests(14, "return ", "{[", "1", "]=1}", "")

--# do blocks
nests(22, "", "do ", "", "end ", "")

--# while loops
nests(22, "", "while x do ", "", "end ", "")

--# repeat loops
nests(28, "", "repeat ", "", "until x ", "")

--# if statements
nests(18, "", "if x then ", "", "end ", "")

--# else branches
nests(18, "", "if x then else ", "", "end ", "")

--# for loops, numeric and generic
nests(14, "", "for i=1,2 do ", "", "end ", "")
nests(14, "", "for k in x do ", "", "end ", "")

--# function bodies
nests(10, "", "function f() ", "", "end ", "")
nests(10, "", "local function f() ", "", "end ", "")
nests(10, "return ", "function() return ", "1", " end", "")

--# arguments of calls
nests(20, "return ", "f(", "1", ")", "")
nests(6, "", "f(function() ", "", "end) ", "")

--# calls with tables as arguments
nests(16, "return ", "f{", "", "}", "")

--# indices
nests(28, "return ", "a[", "1", "]", "")

--# unary operators
nests(50, "return ", "- ", "1", "", "")
nests(50, "return ", "not ", "1", "", "")
nests(50, "return ", "#", "x", "", "")
nests(50, "return ", "~", "1", "", "")

--# binary operators that associate to the right
nests(50, "return ", "1 ..", "1", "", "")
nests(50, "return ", "1^", "1", "", "")

--# targets of a multiple assignment
nests(40, "", "a,", "a", "", " = 1")

--# conditions that hold functions
nests(6, "", "if f(function() ", "", "end) then end ", "")

--# a chain of a hundred thousand operators that associate to the left
assert(load("return " .. ("1+"):rep(100000) .. "1")() == 100001)
assert(load("return " .. ("x or "):rep(20000) .. "1"))

--# a chain of ten thousand elseifs
assert(load("if x then " .. ("elseif x then "):rep(10000) .. "end"))

--# a chain of ten thousand calls, indices and method calls
assert(load("return f" .. ("()"):rep(10000)))
assert(load("return t" .. (".x"):rep(10000)))
assert(load("return t" .. (":x()"):rep(10000)))
assert(load("return t" .. ("[1]"):rep(10000)))

--# a run of labels
local function labels(n)
	local names = {}
	for i = 1, n do names[i] = "::l" .. i .. "::" end
	return table.concat(names)
end
assert(load(labels(20)))
refuses("overflow", labels(10000))

--# five thousand statements of each kind
for _, statement in ipairs {
	"local x ", "do end ", "while x do end ", "repeat until x ", "if x then end ", "for i=1,2 do end ", "f() ", "x = 1 ",
	"function f() end ", "::l%d:: x = 1 ", "goto l%d x = 1 ::l%d:: ", ";"
} do
	local parts = {}
	for i = 1, statement:find("local") and 150 or 5000 do parts[i] = statement:gsub("%%d", i) end
	assert(load(table.concat(parts)))
end

--# the error of a script that is nested too deeply names its line
--! error EINVAL /^script:@+2: .*overflow/
return ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
