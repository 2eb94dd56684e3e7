# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Programs that say the same under any Lua 5.3: integers, strings, tables, functions, coroutines.

They avoid what integers alone cannot give ('/', '^', arithmetic on numerals)
and what differs from run to run (addresses, order of keys, time, chance): a variable of an integer
can hold a table in the end, so tostring() and string.format() name its type.
"""
from lua.script import Script

PRELUDE = """\
local tostring_, format_ = tostring, string.format
local function named(v)
	if type(v) ~= "table" and type(v) ~= "function" and type(v) ~= "thread" then return v end
	local meta = getmetatable(v)
	return meta and meta.__tostring and v or type(v)
end
local function tostring(v) return tostring_(named(v)) end
function string.format(f, ...)
	local t = table.pack(...)
	for i = 1, t.n do t[i] = named(t[i]) end
	return format_(f, table.unpack(t, 1, t.n))
end
local function show(v, deep)
	if type(v) == "table" then
		if deep then return "{...}" end
		local keys, n = {}, 0
		for k in next, v do n = n + 1 keys[n] = k end
		table.sort(keys, function(a, b) return type(a) == type(b) and type(a) ~= "boolean" and a < b or type(a) < type(b) end)
		for i = 1, n do keys[i] = show(keys[i], true) .. "=" .. show(rawget(v, keys[i]), true) end
		return "{" .. table.concat(keys, ",") .. "}"
	elseif type(v) == "string" then
		return '"' .. v:gsub("[^%w%p ]", function(c) return "\\\\" .. c:byte() end) .. '"'
	end
	return type(v) == "function" and "function" or type(v) == "thread" and coroutine.status(v) or tostring(v)
end
local function out(...)
	local t = table.pack(...)
	for i = 1, t.n do t[i] = show(t[i]) end
	local s = table.concat(t, " ")
	for i = 1, math.min(#s, 1200), 300 do print("> " .. s:sub(i, i + 299)) end
end
local function try(f, ...) out(pcall(f, ...)) end
local calls = 0
local function over() calls = calls + 1 return calls > 5 end
local a, b, c, s, q, t, u, f, g, co = 1, -7, math.maxinteger, "text", "a,b;c", {5, 3, 9}, {x = 1, y = "z"}
f = function(x, ...) return x, ... end
g = function(...) return select("#", ...), ... end
co = coroutine.create(function(...) local x = ... while true do x = coroutine.yield(x) end end)
""".splitlines()

NUMBERS = ["0", "1", "-1", "2", "3", "5", "7", "-8", "10", "63", "64", "65", "255", "256", "1000", "-100", "0xff",
           "65535", "65536",
           "2147483647", "-2147483648", "4294967296", "math.maxinteger", "math.mininteger", "0x7fffffffffffffff",
           "0xffffffffffffffff"]
STRINGS = ['""', '"a"', '"hello world"', '"a,b,c"', '"10"', '"0x1f"', '"\\0z"', '"\\u{20ac}uro"', '"\\xff\\xfe"',
           '[[long]]', '"%d"',
           '"key=val; k2=v2"', '"aXbXc"', '"  trim  "', "'\\z   q'", '"\\65\\066"', '("ab"):rep(20)']
PATTERNS = ['"%a+"', '"(%w+)=(%w+)"', '"."', '".-"', '"[,;]"', '"^%s*(.-)%s*$"', '"%d*"', '"()"', '"(.)(.)"',
            '"%f[%w]%w+"', '"X"',
            '"[^X]*"', '"(a)(b?)"', '"%b()"', '"[%a_][%w_]*"', '"a*"', '"(.)%1"', '"[a-f]+"', '"\\0"', '"$"', '"^.."',
            '"%S+$"']
FORMATS = ["%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%x", "%#x", "%X", "%o", "%c", "%i", "%.3d", "%10.5d", "%u"]
STRING_FORMATS = ["%s", "%q", "%10s", "%-10s|", "%.3s", "%5.1s"]


class Pure:  # pylint: disable=too-many-public-methods
    """Makes one program. Its functions call others a few times only: the kernel's stack is small, and what was
    too deep may be an error that nobody tells."""

    def __init__(self, rng):
        self.rng = rng
        self.left = 0
        self.label = 0

    def choice(self, options):
        """One of the options."""
        return options[int(self.rng.random() * len(options))]

    def integer(self, depth=0):
        """An expression that is an integer, mostly."""
        chance = self.rng.random()
        if chance < 0.03:
            return self.choice([lambda deep: f"('x' .. {self.string(deep)})", self.boolean, self.table,
                                lambda _: "nil"])(depth + 1)
        if depth > 3 or chance < 0.3:
            return self.choice([self.choice(NUMBERS), self.choice("abc"), str(self.rng.randint(-20, 20))])
        sub = self.integer
        if chance < 0.7:
            operator = self.choice(["+", "-", "*", "//", "%", "&", "|", "~", "<<", ">>"])
            return f"({sub(depth + 1)} {operator} {sub(depth + 1)})"
        return self.choice([
            lambda: f"{self.choice(['-', '~'])}({sub(depth + 1)})", lambda: f"#{self.choice('squt')}",
            lambda: f"({self.string(depth + 1)}):len()", lambda: f"({self.string(depth + 1)}):byte({self.small()})",
            lambda: f"t[{self.small()}]", lambda: "u.x", lambda: f"math.max({sub(depth + 1)}, {sub(depth + 1)})",
            lambda: f"math.abs({sub(depth + 1)})", lambda: f"math.fmod({sub(depth + 1)}, {sub(depth + 1)})",
            lambda: f"select('#', {self.arguments(depth)})", lambda: f"f({sub(depth + 1)})",
            lambda: f"(g({self.arguments(depth)}))",
            lambda: f"tonumber({self.choice(['a', 'b', 's', 'q'])}, {self.rng.randint(2, 36)})",
            lambda: f"math.tointeger({sub(depth + 1)})",
            lambda: f"({self.boolean(depth + 1)} and {sub(depth + 1)} or {sub(depth + 1)})",
            lambda: f"utf8.len({self.string(depth + 1)})",
            lambda: f"({self.string(depth + 1)}):find({self.choice(PATTERNS)})"])()

    def small(self):
        """A small integer."""
        return str(self.rng.randint(-2, 6))

    def string(self, depth=0):
        """An expression that is a string, mostly."""
        if depth > 3 or self.rng.random() < 0.35:
            return self.choice([self.choice(STRINGS), self.choice("sq"), "u.y"])
        sub = self.string
        return self.choice([
            lambda: f"({sub(depth + 1)} .. {sub(depth + 1)})",
            lambda: f"({sub(depth + 1)} .. {self.integer(depth + 1)})",
            lambda: f"({sub(depth + 1)}):sub({self.small()}, {self.small()})", lambda: f"({sub(depth + 1)}):upper()",
            lambda: f"({sub(depth + 1)}):rep({self.small()}, {sub(depth + 2)})",
            lambda: f"({sub(depth + 1)}):reverse()",
            lambda: f"({sub(depth + 1)}):gsub({self.choice(PATTERNS)}, {self.replacement(depth)})",
            lambda: f"({sub(depth + 1)}):match({self.choice(PATTERNS)})",
            lambda: f"tostring({self.integer(depth + 1)})",
            lambda: f"string.format('{self.choice(FORMATS)}', {self.integer(depth + 1)})",
            lambda: f"string.format('{self.choice(STRING_FORMATS)}', {sub(depth + 1)})",
            lambda: f"type({self.any(depth + 1)})",
            lambda: f"string.char({self.rng.randint(0, 255)}, {self.rng.randint(0, 300)})",
            lambda: f"utf8.char({self.integer(depth + 1)})",
            lambda: f"table.concat({self.table(depth + 1)}, {sub(depth + 2)})",
            lambda: f"string.pack('{self.pack()}', {self.integer(depth + 1)})",
            lambda: f"debug.traceback({sub(depth + 1)}, 2):match('^[^\\n]*')"])()

    def pack(self):
        """A format of one number."""
        return self.choice(["", "<", ">", "=", "!4"]) + self.choice(["b", "B", "i2", "I3", "i8", "j", "J", "i16", "h",
                                                                     "H", "l", "xi4", "T"])

    def replacement(self, depth):
        """A replacement for gsub()."""
        return self.choice(['"%0%0"', '"%1"', '"<%1>"', "u", "{a = 1, X = 'x'}", "string.upper", "f",
                            "function(x) return #x > 1 and x end",
                            f"function(...) return {self.string(depth + 2)} end"])

    def boolean(self, depth=0):
        """A condition."""
        if depth > 3:
            return self.choice(["true", "false", "nil", "a", "s == q"])
        sub, number = self.boolean, self.integer
        return self.choice([
            lambda: f"({number(depth + 1)} {self.choice(['<', '<=', '>', '>=', '==', '~='])} {number(depth + 1)})",
            lambda: f"({self.string(depth + 1)} {self.choice(['<', '<=', '==', '~=', '>'])} {self.string(depth + 1)})",
            lambda: f"not {sub(depth + 1)}", lambda: f"({sub(depth + 1)} and {sub(depth + 1)})",
            lambda: f"({sub(depth + 1)} or {sub(depth + 1)})",
            lambda: f"math.ult({number(depth + 1)}, {number(depth + 1)})",
            lambda: f"rawequal({self.any(depth + 1)}, {self.any(depth + 1)})",
            lambda: self.choice(["true", "false", "nil"])])()

    def table(self, depth=0):
        """A table."""
        if depth > 3 or self.rng.random() < 0.3:
            return self.choice("ttu")
        return self.choice([
            lambda: "{" + ", ".join(self.choice([self.any(depth + 1), f"k{i} = {self.any(depth + 2)}",
                                                 f"[{self.integer(depth + 2)}] = {i}"])
                                    for i in range(self.rng.randint(0, 5))) + "}",
            lambda: f"table.pack({self.arguments(depth)})",
            lambda: f"{{{self.arguments(depth)}, f({self.arguments(depth)})}}",
            lambda: f"setmetatable({{{self.arguments(depth)}}}, {self.metatable(depth)})"])()

    def metatable(self, depth):
        """A metatable."""
        event = self.choice(["add", "sub", "mul", "idiv", "mod", "div", "pow", "unm", "band", "shl", "bnot", "concat",
                             "len", "eq", "lt", "le",
                             "call", "index", "newindex", "tostring", "name"])
        value = self.choice(["f", "g", "u", f"function(x, y) return {self.integer(depth + 2)} end",
                             "function(...) return select('#', ...) end"])
        other = self.choice(["index", "lt", "len", "concat"])
        return f"{{__{event} = {value}, __{other} = {self.choice('fug')}}}"

    def any(self, depth=0):
        """Anything."""
        return self.choice([self.integer, self.integer, self.string, self.boolean, self.table])(depth)

    def arguments(self, depth):
        """A list of expressions."""
        made = [self.any(depth + 2) for _ in range(self.rng.randint(0, 3))]
        return ", ".join(made + [self.choice(["a", "f(a, b)", "g()", "table.unpack(t)", "nil"])])

    def lines(self):
        """A whole program."""
        self.left = self.rng.choice([5, 10, 20, 40])
        lines = list(PRELUDE)
        while self.left > 0:
            lines += self.statement(0)
        return lines + ["out(a, b, c, s, q, t, u)"]

    def statement(self, depth):
        """The lines of a statement."""
        self.left -= 1
        makers = [self.say, self.say, self.say, self.assign, self.assign, self.library]
        if depth < 3:
            makers += [self.loop, self.condition, self.closure, self.coroutine, self.jump]
        return self.choice(makers)(depth)

    def block(self, depth):
        """The lines within a statement."""
        lines = []
        for _ in range(self.rng.randint(1, 4)):
            lines += self.statement(depth + 1)
        return ["\t" + line for line in lines]

    def say(self, _depth):
        """Print what an expression gives, or its error."""
        return [f"try(function() return {', '.join(self.any() for _ in range(self.rng.randint(1, 3)))} end)"]

    def assign(self, _depth):
        """Change a variable."""
        target = self.choice(["a", "b", "c", "s", "q", "u.y", "t", "u.x", f"t[{self.small()}]"])
        if target in ("s", "q", "u.y"):  # which shall not grow longer and longer
            made = f"({self.string()}):sub(1, 200)"
        else:
            made = {"t": self.table, "u": self.any}.get(target[0] if "[" not in target else "u", self.integer)()
        swap = ", a, b", ", b, a"
        if self.rng.random() < 0.8:
            swap = "", ""
        return [f"try(function() {target}{swap[0]} = {made}{swap[1]} end)"]

    def library(self, _depth):
        """A call of a function of a library."""
        return ["try(function() return " + self.choice([
            lambda: f"table.insert({self.table()}, {self.small()}, {self.any()})",
            lambda: f"table.remove(t, {self.small()})",
            lambda: f"table.move({self.table()}, {self.small()}, {self.small()}, {self.small()}, {{}})",
            lambda: f"(function(x) table.sort(x) return x end)({self.table()})",
            lambda: f"(function(x) table.sort(x, function(x, y) return x > y end) return x end)({self.table()})",
            lambda: f"table.unpack({self.table()}, {self.small()}, {self.small()})",
            lambda: f"select({self.small()}, {self.arguments(0)})",
            lambda: f"string.unpack('{self.pack()}', {self.string()})", lambda: f"string.packsize('{self.pack()}')",
            lambda: f"utf8.codepoint({self.string()}, {self.small()}, {self.small()})",
            lambda: f"utf8.offset({self.string()}, {self.small()})",
            lambda: f"load('return ' .. {self.string()}, '=chunk', 't', {{}})",
            lambda: f"pcall(error, {self.any()}, {self.small()})",
            lambda: f"xpcall(f, g, {self.arguments(0)})", lambda: f"next({self.choice(['{}', 't'])}, {self.small()})",
            lambda: f"({self.string()}):find({self.choice(PATTERNS)}, {self.small()}, {self.boolean()})",
            lambda: f"assert({self.arguments(0)})",
            lambda: f"rawlen({self.any()})", lambda: f"t({self.arguments(0)})", lambda: f"u.y.z.{self.choice('abc')}",
            lambda: f"a.b({self.any()})",
            lambda: f"error({self.any()})", lambda: f"ipairs({self.any()})",
            lambda: f"setmetatable({self.any()}, {self.any()})"])() + " end)"]

    def loop(self, depth):
        """A loop."""
        self.label += 1
        name = f"i{self.label}"
        head, tail = self.choice([
            (f"for {name} = {self.small()}, {self.small()}, {self.choice(['1', '-1', '2'])} do", "end"),
            (f"for {name} = math.maxinteger - 3, math.maxinteger - 1 do", "end"),
            (f"for {name}, v in ipairs(t) do", "end"),
            (f"for {name} in ({self.string()}):sub(1, 9):gmatch({self.choice(PATTERNS)}) do", "end"),
            (f"local {name} = 0 repeat local k = {name} {name} = {name} + 1", "until k >= 2"),
            (f"local {name} = 0 while {name} < 3 do {name} = {name} + 1", "end"),
            (f"for {name}, x in utf8.codes('a\\u{{e4}}z') do", "end")])
        return ["try(function() " + head, f"\tout({name})"] + self.block(depth) + [tail + " end)"]

    def condition(self, depth):
        """A choice."""
        lines = [f"try(function() if {self.boolean()} then"] + self.block(depth)
        return lines + [f"elseif {self.boolean()} then"] + self.block(depth) + ["end end)"]

    def closure(self, depth):
        """Functions that share a variable."""
        target = self.choice("fg")
        lines = [f"do local n, old = {self.integer(2)}, {target}",
                 f"\t{target} = function(x, ...) n = x if over() then return n end"]
        lines += ["\t" + line for line in self.block(depth)]
        return lines + [f"\treturn n, {self.any(2)}, ... end", f"\ttry({target}, {self.arguments(1)})",
                        f"\t{target} = old out(n)", "end"]

    def coroutine(self, depth):
        """A coroutine, with some of its steps."""
        lines = ["co = coroutine.create(function(...) out('in', ...)"] + self.block(depth)
        lines += [f"\tout(coroutine.yield({self.arguments(1)}))",
                  "\ttry(function(...) out(coroutine.yield(...)) error({1}) end, a)"]
        lines += self.block(depth) + [f"\treturn {self.arguments(1)}", "end)"]
        return lines + [f"out(coroutine.resume(co, {self.arguments(1)}))"
                        for _ in range(self.rng.randint(1, 4))] + ["out(co)"]

    def jump(self, depth):
        """A goto, forwards or backwards, out of a block that has closures."""
        self.label += 1
        name = f"l{self.label}"
        closure = "f = function(...) k = k + 1 return k, ... end"
        lines = [f"try(function() local n = 0 ::{name}:: n = n + 1 do local k = n {closure}"] + self.block(depth)
        return lines + [f"\tif n < 3 then goto {name} end", "end out(f()) end)"]


def make(rng):
    """A script whose output can be compared."""
    program = "\n".join(Pure(rng).lines()) + "\n"
    return Script(program.encode("utf-8", "surrogateescape"), {"compare": 1})
