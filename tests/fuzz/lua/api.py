# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The functions that scripts may call: their arguments, as kinds of values.py, and where results go.

An entry is "expression(kinds) > table": the kinds are replaced by arguments,
and the first result goes into a slot of the table if one is named. A `kind?`
may be absent. A method is called with its dot, so that any value can be its
object: "S.bind(endpoint)" makes S[1]:bind(...), "socket.new(...)" stays as it is.
"""
import re

SOCKETS = """
socket.new(family socktype protocol?) > S
socket.new(family socktype) > S
socket.pair(socktype?) > S
S.bind(endpoint)
S.listen(small?)
S.accept(nowait?) > S
S.accept(nowait) > S
S.accept(nowait nap) > S
S.connect(endpoint nowait? nap?)
S.connect(endpoint)
S.shutdown(how?)
S.close()
S.getsockname() > X
S.getpeername() > X
S.settimeout(timeout?)
S.send(bytes flags? small? small? nap?) > X
S.send(bytes flags)
S.send(pieces flags small? small?)
S.sendfile(file small? small? nap) > X
S.send(bytes)
S.recv(buffer flags? small? small? nap?) > X
S.recv(buffers flags small?) > X
S.recv(buffer flags)
S.read(size? flags?) > X
S.read(size flags) > X
S.read(format flags? nap small?) > X
S.lines(format? flags? nap small?) > F
S.write(string string? string?)
S.sendmsg(header bytes? flags? nap?)
S.sendmsg(header bytes)
S.sendmsg(header pieces)
S.recvmsg(header data? flags? nap?) > X
S.recvmsg(header buffers flags)
S.recvmsg(header flags?) > X
S.setsockopt(option optval)
S.setsockopt(option optval)
S.getsockopt(option) > X
S.getsockopt(option) > X
socket.options() > X
tostring(sock) > X
socket.testing.close_later(sock delay)
socket.testing.close_later(sock delay)
socket.resolve(string any delay any?) > X
socket.query(string any delay any?) > X
socket.poll(table) > P
"""

POLLS = """
socket.poll(members?) > P
P.add(watched events?)
P.add(watched events)
P.add(sock events)
P.modify(watched events)
P.remove(watched)
P.select(timeout?) > X
P.select(timeout) > X
P.select(timeout) > X
P.ready(timeout?) > F
P.close()
tostring(poll) > X
#poll > X
socket.timer(nap? nap?) > T
socket.timer(nap nap) > T
T.set(nap nap?) > X
T.set(nap)
T.cancel()
T.read(timeout) > X
T.close()
tostring(timer) > X
"""

THREADS = """
thread.channel(small?) > H
thread.channel(small) > H
H.send(any timeout)
H.send(watched timeout)
H.send(data timeout)
H.receive(timeout) > S
H.receive(timeout) > X
H.receive(timeout) > D
H.close()
#channel > X
tostring(channel) > X
thread.spawn(func any?) > J
J.join(timeout) > X
J.stop()
J.status()
tostring(worker) > X
"""

DATA = """
data.new(size) > D
data.new(bytes) > D
data.new(table) > D
data.layout(fields) > L
data.layout(layout) > L
D.layout(layout?)
D.segment(small? size?) > D
D.segment(small) > D
D.string(small? size?) > X
D.fill(byte small? size?)
D.copy(bytes small? size? small?)
D.find(bytes small? size?) > X
D.find(string)
D.pack(small packed) > X
D.pack(small packed)
D.unpack(small packform) > X
D.checksum(small? size? number?) > X
D.crc32(small? size? number?)
D.crc32c(small? size? small?)
D.get(small numtype) > X
D.set(small numtype number)
tostring(data) > X
#data > X
data[field] > X
data[field] = any
data[field] = number
data[field] = string
"""

STRINGS = """
string.byte(string small? small?)
string.char(byte byte? byte?) > X
string.find(string pattern small? any?) > X
string.format(formatted) > X
string.format(formatted) > X
string.gmatch(string pattern) > F
string.gsub(string pattern replacement small?) > X
string.gsub(string pattern replacement) > X
string.len(string)
string.lower(string)
string.match(string pattern small?) > X
string.rep(string small string?) > X
string.rep(string number string?)
string.reverse(string)
string.sub(string small small?) > X
string.upper(string)
string.pack(packed) > X
string.pack(packed) > X
string.packsize(packform)
string.unpack(packform string small?) > X
string.dump(func)
utf8.char(number number?) > X
utf8.codepoint(string small? small?)
utf8.len(string small? small?)
utf8.offset(string small small?)
utf8.codes(string) > F
"""

TABLES = """
table.concat(table string? small? number?) > X
table.insert(table any any?)
table.insert(table small any)
table.move(table small small small table?)
table.move(table number number number table?)
table.pack(any any?) > X
table.remove(table small?) > X
table.sort(table func?)
table.sort(table)
table.unpack(table small? number?) > X
next(table any?)
ipairs(any)
pairs(any)
rawequal(any any)
rawget(table any)
rawlen(any)
rawset(table any any)
select(small any any?)
select("#" any)
setmetatable(table table)
setmetatable(any any)
getmetatable(any) > X
"""

BASE = """
assert(any any?)
collectgarbage()
collectgarbage(gcmode small?)
error(any small?)
load(source text? loadmode? any?) > F
load(func) > F
math.abs(number)
math.fmod(number number)
math.max(number number?)
math.random(number? number?)
math.randomseed(number)
math.tointeger(any)
math.ult(number number)
math.type(any)
pcall(any any?) > X
xpcall(func func any?) > X
print(string)
require(text) > X
tonumber(string small?)
tonumber(any)
tostring(any) > X
type(any)
coroutine.create(func) > C
coroutine.create(any) > C
coroutine.resume(coroutine any?) > X
coroutine.resume(coroutine any?) > X
coroutine.wrap(func) > F
coroutine.status(coroutine)
coroutine.isyieldable()
coroutine.running() > C
coroutine.yield(any)
debug.traceback(any? any? small?) > X
debug.traceback(coroutine string? small?)
debug.getinfo(small infowhat?) > X
debug.getinfo(func infowhat?) > X
debug.getinfo(coroutine small infowhat?) > X
kernel.sleep(nap)
kernel.time_ns()
os.time()
os.clock()
os.exit(any)
func(any any?)
F.F(any any?) > X
table[any] > X
table[any] = any
any binary any > X
any binary any > X
unary any > X
"""

# How many of 100 calls are of each group.
GROUPS = [(27, SOCKETS), (19, POLLS), (5, THREADS), (17, DATA), (12, STRINGS), (8, TABLES), (12, BASE)]

CALL = re.compile(r"(?:(?P<pool>[A-Z])\.(?P<method>\w+)|(?P<function>[\w.]+))\((?P<kinds>.*)\)$")


class Call:
    """One entry."""

    def __init__(self, line):
        call, _, self.result = (part.strip() for part in line.partition(" > "))
        self.match = CALL.match(call)
        self.words = None if self.match else re.findall(r"\w+\??|[^\w\s]", call)

    def make(self, values, kinds):
        """The text of a call with new arguments, as an expression or a statement."""
        if self.words:
            return self.make_operation(values, kinds)
        args = values.arguments(self.match["kinds"])
        pool, method = self.match["pool"], self.match["method"]
        if pool == "F":
            return f"F[{values.slot()}]({args})"
        if pool:
            return f"{pool}[{values.slot()}]:{method}({args})"
        function = self.match["function"]
        if hasattr(values, function):
            return f"({getattr(values, function)()})({args})"
        return f"{function}({args})"

    def make_operation(self, values, kinds):
        """The same for what is written with operators."""
        made = []
        for word in self.words:
            if hasattr(kinds, word):
                text = getattr(kinds, word)(values)
            elif word.isalpha():
                text = values.make(word)
            else:
                text = word
            made.append(f"({text})" if word in ("any", "data", "table", "timer", "channel") else text)
        return " ".join(made)


class Kinds:
    """Kinds of operators."""

    @staticmethod
    def binary(values):
        """An operator between two operands."""
        return values.choice(["+", "-", "*", "//", "%", "^", "/", "&", "|", "~", "<<", ">>", "..", "..", "==", "~=",
                              "<", "<=", ">",
                              ">=", "and", "or"])

    @staticmethod
    def unary(values):
        """An operator before its operand."""
        return values.choice(["-", "#", "~", "not "])


def read(text):
    """The calls of a group."""
    return [Call(line) for line in text.strip().splitlines()]


CALLS = [(weight, read(text)) for weight, text in GROUPS]
