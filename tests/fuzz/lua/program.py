# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Programs: blocks of statements around the calls of api.py.

A statement takes a line of its own, a block is indented by tabs, and every
error is caught, so that a program can lose any line or block and go on: that
is what reduce.py does. The same seed and number always give the same script.
"""
from lua import api
from lua.script import Script
from lua.values import Values

PRELUDE = """\
S, P, D, L, C, F, X, T, H, J = {}, {}, {}, {}, {}, {}, {}, {}, {}, {}
function try(f, ...) local ok, v = pcall(f, ...) if not ok then E = v end return v end
function name(s) local a, p = s:getsockname() return a, p end
function tcp() local s = socket.new("inet", "tcp") s:settimeout(8) return s end
function udp() local s = socket.new("inet", "udp") s:settimeout(8) s:bind("127.0.0.1", 0) return s end
function server() local s = tcp() s:bind("127.0.0.1", 0) s:listen(3) return s end
function accept(l) local s = l:accept() s:settimeout(8) l:close() return s end
function pair() local l, a = server(), tcp() a:connect(name(l)) return a, accept(l) end
""".splitlines()

# What scripts begin with: something to work on.
SETUPS = [
    "S[{i}], S[{j}] = pair()", "S[{i}], S[{j}] = pair()", "S[{i}] = server()", "S[{i}] = udp()", "S[{i}] = tcp()",
    "S[{i}] = udp() S[{j}] = udp() S[{i}]:connect(name(S[{j}])) S[{j}]:connect(name(S[{i}]))",
    "S[{i}] = server() S[{j}] = tcp() S[{j}]:connect(name(S[{i}]))", "P[{i}] = socket.poll{{S[{j}]}}",
    "P[{i}] = socket.poll() P[{i}]:add(S[{j}], 'rw')", "P[{i}] = socket.poll{{S[1], S[2], S[3]}}",
    "S[{i}], S[{j}] = socket.pair()", "S[{i}], S[{j}] = socket.pair('dgram')",
    "S[{i}], S[{j}] = socket.pair('seqpacket')", "S[{i}] = socket.new('i6', 'udp') S[{i}]:bind('::1', 0)",
    "S[{i}] = socket.new('x', 't') S[{i}]:bind('') S[{i}]:listen(1) S[{j}] = socket.new('x', 't')",
    "S[{i}] = socket.new('packet', 'raw') S[{i}]:bind('lo', 0x88b5)",
    "T[{i}] = socket.timer(0, 1)", "T[{i}] = socket.timer(2)", "H[{i}] = thread.channel(3)",
    "T[{i}] = socket.timer(1, 1) P[{j}] = socket.poll{{T[{i}], S[{j}]}}",
    "D[{i}] = data.new({size})",
    "D[{i}] = data.new('abcdefghijklmnop')",
    "L[{i}] = data.layout{{a = {{0, 8}}, b = {{8, 12, 'l'}}, f = {{2, 4, 's'}}}}",
    "D[{i}] = data.new(64):layout{{a = {{3, 17}}, f = {{60, 4, 's'}}}}", "D[{i}] = D[{j}]:segment(1)",
    "S[{i}]:send(('x'):rep(3000))", "S[{i}]:send('hello')", "S[{i}] = socket.new('i', 'raw', 255)",
    "X[{i}] = {{3, 1, 2, 'a', 'b'}}", "X[{i}] = ('text '):rep(20)", "X[{i}] = setmetatable({{}}, {{__mode = 'k'}})"]

# Ways to get deep: each calls r() again, or not, within something else.
DEEP = [
    "return r(n - 1)", "return 1 + r(n - 1)", "return pcall(r, n - 1)", "return select('#', pcall(r, n - 1))",
    "return (('x'):gsub('x', function() return r(n - 1) end))",
    "table.sort({1, 2, 3}, function() r(n - 1) return false end)",
    "return tostring(setmetatable({}, {__tostring = function() return tostring(r(n - 1)) end}))",
    "return coroutine.wrap(r)(n - 1)", "return coroutine.wrap(function() return pcall(r, n - 1) end)()",
    "return #setmetatable({}, {__len = function() return r(n - 1) end})",
    "return setmetatable({}, {__index = function(_, k) return r(k) end})[n - 1]",
    "return setmetatable({}, {__eq = function() return r(n - 1) end}) == {}",
    "setmetatable({}, {__gc = function() r(n - 1) end}) collectgarbage()",
    "return xpcall(r, function() return r(n - 1) end)", "return xpcall(error, function() return r(n - 1) end)",
    "return load(function() return r(n - 1) end)", "return string.format('%s', setmetatable({}, {__tostring = r}))",
    "for _ in setmetatable({}, {__call = function() return r(n - 1) end}) do break end",
    "return table.concat(setmetatable({}, {__index = function() return r(n - 1) end}), ',', 1, 2)",
    "return load('local r, n = ... return r(n)')(r, n - 1)",
    "return {} .. setmetatable({}, {__concat = function() return r(n - 1) end})",
    "return table.unpack(setmetatable({}, {__index = function() return r(n - 1) end}), 1, 2)",
    "return ('x'):find(('(.-)'):rep(31) .. r(n - 1))",
    "return data.new(setmetatable({}, {__len = function() return r(n - 1) end}))",
    "return socket.poll(setmetatable({}, {__len = function() return r(n - 1) end}))",
    "return X[1]:sendmsg(setmetatable({}, {__index = function() return r(n - 1) end}), 'x')",
    "return S[1]:recvmsg(setmetatable({}, {__index = function() return r(n - 1) end}), D[1], 'D')",
    "return D[1]:layout{a = setmetatable({}, {__index = function() return r(n - 1) end})}"]

TAMPERED = ["string.format", "pcall", "error", "getmetatable('').__index", "getmetatable('').__gc",
            "getmetatable('').__concat",
            "_G.E", "socket.new", "table.unpack", "print", "tostring", "_G[1]", "getmetatable(E).__tostring",
            "getmetatable(S[1]).__index", "package", "E.code", "E.where", "math.type"]


def indent(lines):
    """The lines of a block."""
    return ["\t" + line for line in lines]


class Program:
    """Makes the lines of one program."""

    def __init__(self, rng):
        self.rng = rng
        self.values = Values(rng)
        # A flat list of statements' makers, each as often as it is to be likely.
        makers = [(60, self.call), (6, self.assign), (3, self.gc_object), (3, self.loop), (3, self.condition),
                  (3, self.coroutine),
                  (2, self.thread), (3, self.function), (4, self.poll_loop), (2, self.deep), (1, self.tamper),
                  (4, self.raw_action), (2, self.traffic),
                  (1, self.iterate)]
        self.makers = [maker for weight, maker in makers for _ in range(weight)]
        self.groups = [calls for weight, calls in api.CALLS for _ in range(weight)]
        self.left = 0

    def lines(self):
        """A whole program."""
        self.left = self.rng.choice([4, 8, 15, 25, 25, 40, 70])
        lines = list(PRELUDE)
        for _ in range(self.rng.randint(1, 8)):
            setup = self.values.choice(SETUPS).format(i=self.values.slot(), j=self.values.slot(),
                                                      size=self.values.size())
            lines.append(f"try(function(...) {setup} end)")
        while self.left > 0:
            lines += self.statement(0)
        return lines

    def statement(self, depth):
        """The lines of a statement."""
        self.left -= 1
        maker = self.call if depth > 3 else self.values.choice(self.makers)
        return maker(depth)

    def block(self, depth):
        """The lines within a statement."""
        lines = []
        for _ in range(self.rng.randint(1, 5)):
            lines += self.statement(depth + 1)
        return indent(lines)

    def call(self, _depth):
        """A call of one of our functions; its result goes where others find it."""
        entry = self.values.choice(self.values.choice(self.groups))
        text = entry.make(self.values, api.Kinds)
        if " = " in (entry.words and " ".join(entry.words) or ""):
            return [f"try(function(...) {text} end)"]
        if entry.result:
            return [f"{entry.result}[{self.values.slot()}] = try(function(...) return {text} end)"]
        if self.rng.random() < 0.1:
            return [f"try(function(...) for i = 1, {self.values.small()} do local x = {text} end end)"]
        return [f"try(function(...) return {text} end)"]

    def assign(self, _depth):
        """A new value in a slot."""
        pool, kind = self.values.choice([("X", "any"), ("X", "table"), ("F", "func"), ("X", "hostile"),
                                         ("X", "number"), ("X", "string"),
                                         ("S", "sock"), ("D", "data"), ("P", "any"), ("S", "any"), ("C", "coroutine")])
        return [f"{pool}[{self.values.slot()}] = try(function(...) return {getattr(self.values, kind)()} end)"]

    def raw_action(self, _depth):
        """An action by the way."""
        return [f"try(function(...) {self.values.action()} end, {self.values.scalar()})"]

    def gc_object(self, _depth):
        """Garbage with a finalizer that acts, and perhaps lives on."""
        slot = self.values.slot
        revive = self.values.choice(["", f"X[{slot()}] = o", f"setmetatable(o, getmetatable(o)) X[{slot()}] = o",
                                     f"S[{slot()}] = o[1]"])
        keep = self.values.choice(["", f"X[{slot()}] = "])
        objects = f"{self.values.choice('SPDT')}[{slot()}], {self.values.any()}"
        made = f"setmetatable({{{objects}}}, {{__gc = function(o, ...) {self.values.action()}; {revive} end}})"
        return [f"{keep}try(function(...) return {made} end)"]

    def loop(self, depth):
        """A loop that ends."""
        number = self.values.number
        head = self.values.choice([
            f"for i = 1, {self.rng.choice([1, 2, 3, 10])} do", f"for k, v in pairs({self.values.choice('SPDX')}) do",
            f"for i = {number()}, {number()}, {self.values.choice(['(1<<61)', '-(1<<61)', '0'])} do",
            "for _, v in ipairs(X) do"])
        tail = ["\tif math.random(3) == 1 then break end"] if self.rng.random() < 0.3 else []
        return ["try(function(...) " + head] + self.block(depth) + tail + ["end end)"]

    def condition(self, depth):
        """One of two blocks."""
        lines = [f"if try(function(...) return {self.values.any()} end) then"] + self.block(depth)
        return lines + ["else"] + self.block(depth) + ["end"]

    def coroutine(self, depth):
        """A coroutine, and perhaps its first steps."""
        slot = self.values.slot()
        lines = [f"C[{slot}] = coroutine.create(function(...)"] + self.block(depth)
        if self.rng.random() < 0.7:
            lines.append(f"\tcoroutine.yield({self.values.any()})")
            lines += self.block(depth)
        lines.append("end)")
        return lines + [f"try(coroutine.resume, C[{slot}], {self.values.any()})"
                        for _ in range(self.rng.randint(0, 3))]

    def thread(self, _depth):
        """A thread that has some of the objects and acts with them, perhaps joined."""
        slot, parts = self.values.slot(), []
        for pool in "SDTH":
            names = [f"{pool}[{self.values.slot()}]" for _ in range(self.rng.randint(0, 3))]
            parts.append("{" + ", ".join(names) + "}")
        actions = " ".join(f"pcall(function(...) {self.values.action()} end)" for _ in range(self.rng.randint(1, 6)))
        body = f"for i = 1, {self.rng.choice([1, 1, 5, 50])} do {actions} end return {self.values.scalar()}"
        names = f"S, D, T, H = {', '.join(parts)}"
        lines = [f"try(function(...) local {names} local P, X, F, C, L, J = {{}}, {{}}, {{}}, {{}}, {{}}, {{}}",
                 "\tlocal made = thread.spawn(function(...) " + body + " end)",
                 f"\t_G.J[{slot}] = made", "end)"]
        if self.rng.random() < 0.5:
            lines.append(f"X[{self.values.slot()}] = try(function(...) return J[{slot}]:join(5) end)")
        return lines

    def function(self, depth):
        """A function, and perhaps a call."""
        slot = self.values.slot()
        lines = [f"F[{slot}] = function(...)"] + self.block(depth) + [f"\treturn {self.values.any()}", "end"]
        return lines + [f"try(F[{slot}], {self.values.any()})" for _ in range(self.rng.randint(0, 2))]

    def poll_loop(self, depth):
        """Waits for sockets, and does something with them that may be about the set itself."""
        slot = self.values.slot()
        if self.rng.random() < 0.5:
            lines = [f"try(function(...) for _ = 1, {self.rng.randint(1, 6)} do",
                     f"\tlocal i, s, e = P[{slot}]:select({self.values.choice(['0', '0', '1', '5'])})",
                     "\tif not s then break end"]
        else:
            lines = [f"try(function(...) for i, s, e in P[{slot}]:ready({self.values.choice(['0', '0', '1', '5'])}) do"]
        first = self.values.choice(["", f"S[{self.values.slot()}] = s", "s:close()", f"P[{slot}]:remove(s)",
                                    f"P[{slot}]:modify(s, 'r')", f"P[{slot}]:modify(s, 'rw1')", "s:set(0)",
                                    "s:read(100, 'D')", "s:send('x', 'D')", f"P[{slot}]:add(s:accept('D'))",
                                    f"P[{slot}]:close()"])
        if first:
            lines.append(f"\ttry(function(...) {first} end)")
        return lines + self.block(depth) + ["end end)"]

    def deep(self, _depth):
        """A recursion through one or two ways."""
        ways = [self.values.choice(DEEP) for _ in range(self.rng.choice([1, 1, 2]))]
        count = self.rng.choice([5, 20, 60, 200, 300, 100000])
        body = " end if n % 2 == 0 then ".join(ways)
        action = self.values.action() if self.rng.random() < 0.3 else ""
        begin = f"n = tonumber(n) or 0 {action} if n < 1 then return '' end"
        function = f"function(n, ...) {begin} if true then {body} end end"
        return [f"try(function(...) local r r = {function} return r({count}) end)"]

    def tamper(self, _depth):
        """A change of what all rely on."""
        return [f"try(function(...) {self.values.choice(TAMPERED)} = {self.values.any()} end)"]

    def traffic(self, _depth):
        """Much to send and to receive."""
        slot, other = self.values.slot(), self.values.slot()
        sent = f"S[{slot}]:send(('t'):rep({self.rng.choice([1, 1000, 60000])}), 'D')"
        received = self.values.choice(["", f"S[{other}]:read(100000, 'D')", f"S[{other}]:recv(D[1], 'D')"])
        return [f"try(function(...) for i = 1, {self.rng.randint(1, 40)} do {sent} {received} end end)"]

    def iterate(self, depth):
        """A loop by an iterator."""
        iterator = self.values.choice([f"({self.values.string()}):gmatch({self.values.pattern()})",
                                       f"utf8.codes({self.values.string()})",
                                       f"pairs({self.values.table()})", f"ipairs({self.values.table()})",
                                       f"next, {self.values.table()}",
                                       self.values.func(), f"coroutine.wrap({self.values.func()})", self.values.any()])
        lines = [f"try(function(...) local n = 0 for a, b in {iterator} do", "\tn = n + 1 if n > 20 then break end"]
        return lines + self.block(depth) + ["end end)"]


def options(rng):
    """Circumstances."""
    chosen = {}
    chance = rng.random()
    if chance < 0.5:
        chosen["memory"] = 4000000
    elif chance < 0.7:
        chosen["memory"] = rng.choice([20000, 40000, 60000, 80000, 120000, 300000, 1000000])
    if rng.random() < 0.12:
        chosen["fail_alloc"] = int(10 ** rng.uniform(1, 4.3))
    if rng.random() < 0.15:
        chosen["sockets"] = rng.randint(0, 6)
    chance = rng.random()
    if chance < 0.2:
        chosen["signal"] = int(10 ** rng.uniform(2, 5))
    elif chance < 0.22:
        chosen["kill"] = int(10 ** rng.uniform(2, 5))
    elif chance < 0.24:
        chosen["twice"] = 1
    return chosen


def make(rng):
    """A script of the grammar."""
    program = "\n".join(Program(rng).lines()) + "\n"
    return Script(program.encode("utf-8", "surrogateescape"), options(rng))
