# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Expressions of every kind that the functions of our libraries want, and of those they do not.

A kind is a method of Values: it returns the text of an expression, on one
line. api.py names kinds as the types of arguments. Scripts keep their objects
in tables, where everything reaches everything: S sockets, P poll sets, T timers,
H channels, J threads, D data objects, L layouts, C coroutines, F functions, X all
the rest; E is the last error.
"""
import subprocess
from pathlib import Path

BOUNDARIES = [
    "0", "1", "-1", "2", "3", "4", "5", "7", "8", "9", "15", "16", "17", "31", "32", "33", "63",
    "64", "65", "100", "127", "128", "200", "255", "256", "257", "511", "512", "1000", "1023", "1024",
    "4095", "4096", "4097", "32767", "32768", "65535", "65536", "65537", "1048576", "1048577",
    "(1<<24)", "(1<<30)", "(1<<30)+1", "2147483647", "2147483648", "-2147483648", "-2147483649",
    "4294967295", "4294967296", "4294967297", "(1<<53)", "(1<<60)", "(1<<62)", "(1<<63)",
    "math.maxinteger", "math.mininteger", "math.maxinteger-1", "math.mininteger+1", "-128", "-129"]
STRINGS = [
    '""', '"a"', '"ab"', '"\\0"', '"a\\0b"', '"%"', '"%%"', '"10"', '"0x10"', '"1e5"', '" 7 "', '"-1"',
    '"\\255\\254"', '"\\u{20ac}"', '"\\xe2\\x82"', '"hello world"', '"key"', '"n"', '"x,y;z"',
    '("x"):rep(15)', '("x"):rep(40)', '("x"):rep(41)', '("ab"):rep(100)', '("x"):rep(256)', '("xyz\\0"):rep(1000)',
    '("a"):rep(4096)', '("x"):rep(20000)', '("b"):rep(65536)', '("q\\n"):rep(300, "-")']
PATTERNS = [
    '"."', '".-"', '"(.)"', '"(.-)b"', '"%a+"', '"[^,]*"', '"^%s*(.-)%s*$"', '"%b()"', '"%f[%w]%w+"', '"()"',
    '"(a*(.)%w(%s*))"', '"%1"', '"(.)%1"', '"[%a-z]"', '"[]]"', '"[^]]"', '"["', '"%"', '"("', '")"', '"%b"',
    '"%f"', '"[a-]"', '"[%]"', '("a?"):rep(30)..("a"):rep(30)', '("(.)"):rep(32)', '("(.)"):rep(33)',
    '("("):rep(40)', '".-.-.-.-b"', '"x*x*x*x*y"', '"\\0"', '"%z"', '"[%z\\1-\\255]+"', '"%9"', '"^"', '"$"', '"a$b"']
REPLACEMENTS = ['"%0%0"', '"%1"', '"%2"', '"%"', '"%%"', '"%x"', '{}', '{a="b", x=1}', '""', '("r"):rep(500)']
ACTIONS = [
    "S[{i}]:close()", "P[{i}]:close()", "collectgarbage()", "collectgarbage('step', {n})", "S[{i}] = nil",
    "P[{i}] = nil", "D[{i}] = nil", "P[{i}]:remove(S[{j}])", "P[{i}]:add(S[{j}], 'rw')", "P[{i}]:modify(S[{j}], 'w')",
    "coroutine.yield({n})", "error({any})", "error(E)", "D[{i}] = data.new({size})", "D[{i}] = D[{j}]:segment(1)",
    "D[{i}]:layout(L[{j}])", "X[{i}] = X[{j}]", "X[{i}] = (...)", "debug.traceback()", "S[{i}]:settimeout(0)",
    "S[{i}]:shutdown()", "X[{i}] = F[{j}](...)", "S[{i}]:send('act', 'D')", "S[{i}]:read(5, 'D')",
    "S[{i}] = socket.new('i', 't')", "D[{i}]:fill({n})", "coroutine.resume(C[{i}])", "P[{i}]:select(0)",
    "table.insert(X, {any})", "X = setmetatable({{}}, {{__mode = 'kv'}})", "E = debug.getinfo({n})",
    "T[{i}]:close()", "T[{i}]:set({n})", "T[{i}] = nil", "H[{i}]:close()", "H[{i}]:send(S[{j}], 0)", "H[{i}] = nil",
    "P[{i}]:modify(S[{j}], 'r1')", "P[{i}]:add(T[{j}], 'e')", "J[{i}]:stop()", "D[{i}]:pack({n}, 's1', 'abc')",
    "coroutine.wrap(function(...) S[{i}]:close() end)(...)", "tostring({any})", "D[{i}][{n}] = {n}"]
METAMETHODS = [
    "index", "newindex", "len", "gc", "close", "tostring", "eq", "lt", "le", "concat", "call", "unm", "add",
    "idiv", "mod", "band", "shl", "bnot", "pairs", "name", "mode", "metatable", "div", "pow"]
FLAGS = ['"D"', '"d"', '"DONTWAIT"', '"DP"', '"P"', '"W"', '"T"', '"DT"', '"M"', '"O"', '"E"', '"ED"',
         '"dontwait,more"',
         '"D|P"', '"DM"', '"F"', '"R"', '"C"', '"N"', '"EOR"', '""', "socket.flag.DONTWAIT", "64", "2048",
         "socket.flag.PEEK|socket.flag.DONTWAIT", '"DO"', '"DW"', "socket.flag.ERRQUEUE"]
ADDRESSES = ['"127.0.0.1"', '"127.0.0.1"', '"0.0.0.0"', "0x7f000001", '"127.1"', '"255.255.255.255"', '"256.1.1.1"',
             '"127.0.0.1\\0"', "4294967295", '"224.0.0.1"', '""', '"127.0.0.2"', '"::1"', '"::1"', '"::"',
             '"fe80::1%lo"',
             '"fe80::1%99"', '"::ffff:127.0.0.1"', '"ff02::1"', '"@a"', '"lo"', "1"]
CONVERSIONS = "diuoxXcsqaAeEfgGpZ%"
PACK_OPTIONS = ["b", "B", "h", "H", "i", "I", "i3", "I7", "i8", "i16", "I16", "i17", "l", "j", "J", "T", "f", "d", "n",
                "s",
                "s1", "s2", "s8", "z", "x", "Xi4", "X", " ", "<", ">", "=", "!", "!4", "!16", "!17", "c0", "c5",
                "c70000",
                "i0", "c", "s0"]


def listed_options():
    """Level and name of each socket option."""
    tool = Path(__file__).resolve().parents[3] / "tools/options"
    lines = subprocess.run([tool, "--plain"], check=True, capture_output=True, encoding="utf-8").stdout.splitlines()
    return [line.split("\t")[:2] for line in lines]


OPTIONS = listed_options()


class Values:  # pylint: disable=too-many-public-methods
    """Makes expressions; what it makes depends on the generator of random numbers alone."""

    # How often an argument is not of the kind that it should be.
    CROSSED = 0.08

    def __init__(self, rng, depth=0):
        self.rng = rng
        self.depth = depth

    def make(self, kind):
        """An expression of a kind; "kind?" may be absent, which is None."""
        if kind.startswith('"'):
            return kind
        if kind.endswith("?"):
            if self.rng.random() < 0.4:
                return None
            kind = kind[:-1]
        if self.rng.random() < self.CROSSED:
            return self.any()
        return getattr(self, kind)()

    def arguments(self, kinds):
        """A list of arguments for kinds that are separated by blanks; now and then one too many or few."""
        made = [self.make(kind) for kind in kinds.split()]
        while made and made[-1] is None:
            made.pop()
        chance = self.rng.random()
        if chance < 0.02 and made:
            made.pop()
        elif chance < 0.04:
            made.append(self.any())
        return ", ".join("nil" if arg is None else arg for arg in made)

    def choice(self, options):
        """One of the options."""
        return options[int(self.rng.random() * len(options))]

    def slot(self):
        """The index of an object in its table."""
        return str(self.rng.randint(1, 4))

    def number(self):
        """Any integer."""
        chance = self.rng.random()
        if chance < 0.6:
            return self.choice(BOUNDARIES)
        if chance < 0.9:
            return str(self.rng.randint(-20, 300))
        return str(self.rng.getrandbits(63) - self.rng.getrandbits(63))

    def small(self):
        """A small integer, as counts and positions are."""
        return str(self.rng.randint(-3, 20)) if self.rng.random() < 0.85 else self.number()

    def size(self):
        """How many bytes."""
        chance = self.rng.random()
        if chance < 0.6:
            return str(self.rng.randint(1, 100))
        if chance < 0.9:
            return self.choice(["1", "64", "1500", "4096", "4097", "65536", "65537", "300000"])
        return self.number()

    def byte(self):
        """0 to 255, mostly."""
        return str(self.rng.randint(0, 255)) if self.rng.random() < 0.9 else self.number()

    def timeout(self):
        """A time to wait."""
        return self.choice(["0"] * 8 + ["1", "2", "5"] * 4 + ["-1", "nil", "2147483647", "2147483648", "-2"])

    def delay(self):
        """How long socket.testing.close_later() waits: what it accepts must be short."""
        return self.choice(["0", "0", "1", "1", "2", "5", "10", "-1", "60001", "math.maxinteger"])

    def nap(self):
        """How long to sleep."""
        return self.choice(["0", "1", "2", "3", "-1", "2147483648"])

    def string(self):
        """A string."""
        return self.choice(STRINGS) if self.rng.random() < 0.9 else f"X[{self.slot()}]"

    def text(self):
        """A string that can be a name."""
        return self.choice(['"key"', '"a"', '"code"', '"name"', '"__index"', '"__gc"', '"n"', '""', '"socket"', '"x"'])

    def pattern(self):
        """A pattern, as often as not a bad one."""
        if self.rng.random() < 0.6:
            return self.choice(PATTERNS)
        pieces = ["a", "x", ".", "%a", "%w", "%s", "%d", "[ab]", "[^x]", "*", "+", "-", "?", "(", ")", "()", "%1",
                  "%b()", "^",
                  "$", "%f[%a]", "[", "]", "%", "\\0"]
        return '"' + "".join(self.choice(pieces) for _ in range(self.rng.randint(1, 9))) + '"'

    def replacement(self):
        """What string.gsub() takes."""
        return self.choice(REPLACEMENTS) if self.rng.random() < 0.6 else self.func()

    def formatted(self):
        """A format, and arguments for it."""
        form, args = "", []
        for _ in range(self.rng.randint(1, 4)):
            flags = "".join(self.choice(["-", "0", "#", " ", "+"]) for _ in range(self.rng.choice([0, 0, 1, 2, 6])))
            width = self.choice(["", "", "", "1", "5", "20", "99", "100", "*"])
            precision = self.choice(["", "", "", ".", ".0", ".3", ".20", ".99", ".100"])
            conversion = self.choice(CONVERSIONS)
            form += self.choice(["", "x", "\\0"]) + "%" + flags + width + precision + conversion
            if conversion in "sq":
                args.append(self.choice([self.string(), self.any()]))
            else:
                args.append(self.number() if self.rng.random() < 0.9 else self.any())
        return ", ".join([f'"{form}"'] + args)

    def packed(self):
        """Options of string.pack(), and values for them."""
        options = [self.choice(PACK_OPTIONS) for _ in range(self.rng.randint(1, 5))]
        args = []
        for option in options:
            if option[0] in "szc":
                args.append(self.string())
            elif option[0] in "bBhHiIlLjJTfdn":
                args.append(self.number())
        return ", ".join([f'"{"".join(options)}"'] + args)

    def packform(self):
        """Options of string.unpack()."""
        return '"' + "".join(self.choice(PACK_OPTIONS) for _ in range(self.rng.randint(1, 5))) + '"'

    def sock(self):
        """A socket, if there is one in the slot."""
        return f"S[{self.slot()}]"

    def poll(self):
        """A poll set."""
        return f"P[{self.slot()}]"

    def timer(self):
        """A timer."""
        return f"T[{self.slot()}]"

    def channel(self):
        """A channel."""
        return f"H[{self.slot()}]"

    def worker(self):
        """A thread."""
        return f"J[{self.slot()}]"

    def watched(self):
        """What poll sets can watch."""
        return f"{self.choice('SSSTTH')}[{self.slot()}]"

    def data(self):
        """A data object."""
        return f"D[{self.slot()}]"

    def layout(self):
        """A layout, or a table that describes one."""
        return f"L[{self.slot()}]" if self.rng.random() < 0.5 else self.fields()

    def coroutine(self):
        """A coroutine."""
        return f"C[{self.slot()}]"

    def fields(self):
        """What data.layout() takes."""
        fields = []
        for name in ("a", "b", "f", "string", "segment")[:self.rng.randint(0, 5)]:
            number = [str(self.rng.randint(0, 100)) if self.rng.random() < 0.9 else self.number()
                      for _ in range(2)]
            word = self.choice(["", "", ", 'n'", ", 's'", ", 'little'", ", 's', 'big'", ", nil, 'host'", ", 'q'",
                                ", 1"])
            if self.rng.random() < 0.2:
                fields.append(f"{name} = {{offset = {number[0]}, length = {number[1]}, type = {self.string()}}}")
            else:
                fields.append(f"{name} = {{{number[0]}, {number[1]}{word}}}")
        if self.rng.random() < 0.1:
            fields.append(self.any())
        return "{" + ", ".join(fields) + "}"

    def field(self):
        """A key of a data object."""
        return self.choice(['"a"', '"b"', '"f"', '"string"', '"segment"', '"get"', '"zz"', self.small(), self.any()])

    def numtype(self):
        """The name of a type of numbers."""
        return '"' + self.choice("uuuiix") + self.choice(["8", "16", "32", "64", "24"]) + self.choice(["", "be", "le",
                                                                                                       "xe"]) + '"'

    def family(self):
        """A family of addresses."""
        return self.choice(['"inet"', '"i"', "2", '"inet"', '"inet"', '"x"', '"unix"', '"inet6"', '"i6"', '"packet"',
                            "10", "16", "1", "255", "17"])

    def socktype(self):
        """A type of sockets."""
        return self.choice(['"tcp"', '"udp"', '"t"', '"u"', '"stream"', '"dgram"', '"raw"', '"seqpacket"', "1", "2",
                            "3", "4", "5"])

    def protocol(self):
        """A number of a protocol."""
        return self.choice(["0", "6", "17", "1", "255", "2", "132", "136", "58", "3", "0x88b5"])

    def endpoint(self):
        """An address and a port: of a socket of the script, or made up."""
        chance = self.rng.random()
        if chance < 0.6:
            return f"name(S[{self.slot()}])"
        if chance < 0.7:
            return self.choice(['"@a"', '"@b"', '""', '"/tmp/fuzz1"', '"/tmp/fuzz2"', '"none/x"', '"\\0c"',
                                "'@' .. ('x'):rep(107)", "('x'):rep(108)", '"lo", 0x88b5', "1, 3", '"none", 3',
                                '"", 0x88b5'])
        if chance < 0.8:
            fields = [f"addr = {self.choice(ADDRESSES)}", self.choice(["port = 7777", "port = 0", ""]),
                      self.choice(["", "", "scope = 'lo'", "scope = 1", "scope = " + self.any()]),
                      self.choice(["", "", "flowinfo = 1", "flowinfo = " + self.number()]),
                      self.choice(["", "", "hwaddr = '00:00:00:00:00:00'", "hwaddr = " + self.any()])]
            return "{" + ", ".join(field for field in fields if field) + "}"
        addr = self.choice(ADDRESSES)
        return addr + ", " + self.choice(["0", "0", "1", "65535", "65536", "7777", "7778", "-1", '"0"'])

    def flags(self):
        """Flags of sockets' calls."""
        return self.choice(FLAGS) if self.rng.random() < 0.8 else '"D"'

    def nowait(self):
        """Flags of accept() and connect()."""
        return self.choice(['"D"', "2048", "64", "socket.flag.DONTWAIT", "nil", self.flags()])

    def events(self):
        """Events of poll sets."""
        return self.choice(['"r"', '"w"', '"rw"', '"p"', '"h"', '"in,out"', '"rwph"', '""', "0", "1", "4", "5", "8",
                            "16",
                            "socket.event.IN", "socket.event.RDHUP|socket.event.OUT", "31", '"IN|OUT|PRI|RDHUP"',
                            '"r1"', '"rw1"', '"re"', '"rwe"', '"r1e"', '"e"', '"in,et"', '"OUT|ONESHOT"', "1<<30",
                            "socket.event.ET|socket.event.IN", "1<<31"])

    def how(self):
        """A direction of shutdown()."""
        return self.choice(['"read"', '"w"', '"both"', "0", "1", "2", '"rw"', "3"])

    def bytes(self):
        """What can be sent."""
        return self.choice([self.string(), self.string(), self.data(), "{1, 2, 3}", "{}", "{255, 256}", "{-1}",
                            "{'a'}",
                            "table.pack(('abc'):byte(1, -1))", self.table()])

    def buffer(self):
        """Where can be received to."""
        return self.choice([self.data(), self.data(), self.size(), self.size()])

    def pieces(self):
        """What can be sent, in pieces."""
        return "{" + ", ".join(self.choice([self.string(), self.data()]) for _ in range(self.rng.randint(0, 11))) + "}"

    def buffers(self):
        """Where can be received to, in pieces."""
        return "{" + ", ".join(self.data() for _ in range(self.rng.randint(0, 11))) + "}"

    def format(self):
        """What read() is told."""
        return self.choice(['"l"', '"l"', '"L"', '"a"', '"*l"', '"n"', '"5"', '""', self.string()])

    def file(self):
        """What sendfile() is told."""
        return self.choice(['"/proc/version"', '"/etc/passwd"', '"/proc"', '"/dev/null"', '"nowhere"', self.data(),
                            self.string()])

    def control(self):
        """A control message."""
        level = self.choice(["'ip'", "'ip'", "'udp'", "'socket'", "'ipv6'", "0", "17", self.small()])
        kind = self.choice(["'ttl'", "'tos'", "'pktinfo'", "'segment'", "'gro'", "'mark'", "'rights'", "1", "2", "8",
                            self.small()])
        fields = self.choice(["", "value = " + self.size(), "value = 5", "ifindex = " + self.small(),
                              "addr = '127.0.0.1'", "spec_dst = '127.0.0.2'", "data = " + self.string()])
        return self.choice([f"{{level = {level}, type = {kind}, {fields}}}"] * 9 + [self.any()])

    def header(self):
        """A message header."""
        fields = [self.choice(["", "name = {" + self.endpoint() + "}", "name = {addr = '127.0.0.1', port = 7777}",
                               "name = " + self.any()]),
                  self.choice(["", "iov_len = " + self.size(), "lov_len = " + self.size()]),
                  self.choice(["", "", "control = {}", "control = {" + self.control() + "}", "control = " + self.any(),
                               "control = {" + self.control() + ", " + self.control() + "}",
                               "controllen = " + self.size()]),
                  self.choice(["", "", "flags = " + self.flags()])]
        table = "{" + ", ".join(field for field in fields if field) + "}"
        return self.choice([table, table, table, "X[1]", f"setmetatable({table}, {{__index = {self.table()}}})"])

    def option(self):
        """A level and an option."""
        level, name = self.choice(OPTIONS)
        if self.rng.random() < 0.1:
            return f"{self.number()}, {self.number()}"
        if self.rng.random() < 0.1:
            return f"'{level}', socket.optname.{name}"
        return f"'{level}', '{name}'"

    def optval(self):
        """A value of an option."""
        return self.choice(["true", "false", "0", "1", "10", "{onoff = 1, linger = 0}", "{true, 1}", "{0, 0}",
                            "{onoff = 2}", "nil", "2147483647", "-1", self.number(), self.size(), "'lo'", "'reno'",
                            "'do'", "'224.0.0.1'", "{'224.0.0.1', 'lo'}", "{group = '224.0.0.1', device = 1}",
                            "{{6, 0, 0, 65535}}", "{{code = 6}}", "{{48, 0, 0, 1}, {22}}", self.table()])

    def action(self):
        """A statement that changes what others may be using."""
        template = self.choice(ACTIONS)
        return template.format(i=self.slot(), j=self.slot(), n=self.small(), size=self.size(),
                               any=self.any() if "{any" in template else "")

    def func(self):
        """A function that acts when it is called, and returns something."""
        if self.depth > 2:
            return f"F[{self.slot()}]"
        inner = Values(self.rng, self.depth + 1)
        body = "; ".join(inner.action() for _ in range(self.rng.choice([0, 1, 1, 2])))
        result = self.choice(["...", "true", "nil", "1", self.small(), '"s"', "(...)", inner.any()])
        return f"function(...) {body} return {result} end"

    def members(self):
        """What socket.poll() takes."""
        socks = ", ".join(self.watched() for _ in range(self.rng.randint(0, 3)))
        return self.choice([f"{{{socks}}}", f"{{{socks}}}", "{}", "S", self.table()])

    def gcmode(self):
        """What collectgarbage() shall do."""
        return self.choice(['"collect"', '"step"', '"stop"', '"restart"', '"count"', '"setpause"', '"setstepmul"',
                            '"isrunning"',
                            '"generational"', '"incremental"'])

    def loadmode(self):
        """What load() takes."""
        return self.choice(['"t"', '"b"', '"bt"', '"x"', "nil"])

    def infowhat(self):
        """What debug.getinfo() shall tell."""
        return self.choice(['"nSltufL"', '"n"', '"S"', '"f"', '">f"', '"L"', '"u"', '"x"', '""', '"nSltuf"'])

    def source(self):
        """The text of a chunk, perhaps one that nests deeply."""
        chance = self.rng.random()
        if chance < 0.4:
            return f"[==[{self.action()}]==]"
        if chance < 0.6:
            return f"[==[return {self.any()}]==]"
        count = self.choice(["5", "20", "60", "150", "190", "199", "200", "201", "255", "300", "5000"])
        before, middle, after = self.choice([
            ("(", "1", ")"), ("{", "", "}"), ("-", "1", ""), ("not ", "1", ""), ("a.", "b()", ""), ("f(", "", ")"),
            ("do ", "", " end"),
            ("function() return ", "1", " end"), ("while a do ", "", " end"), ("if a then ", "", " end"),
            ("local a; ", "", ""),
            ("a,", "b", "=1"), ("a=1;", "", ""), ("{a=", "1", "}"), ("x=", "1", ""), ("goto l;", "::l::", ""),
            ("'x'..", "1", ""),
            ("for i=1,2 do ", "", " end"), ("repeat ", "", " until a"), ("1^", "2", ""), ("a[", "1", "]"),
            ("::l", "", "::"),
            ("return function(...) local a = ... ", "", " end"), ("local function f() ", "", " end"),
            ("--[=[", "", "]=]")])
        start = self.choice(["", "return ", "return ", "local x = ", "x="])
        return f'"{start}" .. ("{before}"):rep({count}) .. "{middle}" .. ("{after}"):rep({count})'

    def table(self):
        """A table, perhaps a hostile one."""
        chance = self.rng.random()
        if chance < 0.2:
            return f"X[{self.slot()}]"
        if chance < 0.5 and self.depth < 3:
            return self.hostile()
        if self.depth > 3:
            return "{}"
        inner = Values(self.rng, self.depth + 2)
        items = [inner.any() for _ in range(self.rng.randint(0, 4))]
        return "{" + ", ".join(items or ["nil"]) + self.choice(["", "; n = 3", "; a = 1, [1] = 2",
                                                                "; code = 11"]) + "}"

    def hostile(self):
        """A table whose metamethods act."""
        inner = Values(self.rng, self.depth + 1)
        events = [self.choice(METAMETHODS) for _ in range(self.rng.randint(1, 4))]
        fields = ", ".join(f"__{event} = {inner.func() if self.rng.random() < 0.85 else inner.any()}"
                           for event in events)
        return f"setmetatable({{{inner.small()}, {inner.small()}}}, {{{fields}}})"

    def scalar(self):
        """Something without parts."""
        return self.choice(["nil", "true", "false", self.number(), self.string()])

    def any(self):
        """Anything."""
        chance = self.rng.random()
        if chance < 0.45:
            return self.scalar()
        if chance < 0.7:
            return f"{self.choice('SPDLCFXTHJ')}[{self.slot()}]"
        if chance < 0.8:
            return self.choice(["E", "print", "_G", "socket", "getmetatable('')", "coroutine.running()", "_ENV",
                                "string", "data", "thread",
                                "kernel", "pcall", "math", "(...)", "debug.getinfo(1)"])
        if self.depth > 2:
            return "{}"
        inner = Values(self.rng, self.depth + 1)
        return inner.choice([inner.table, inner.func, inner.hostile])()
