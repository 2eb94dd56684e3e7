# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""What many messages leave behind: nothing."""
import os

from harness.kernel import LIVE
from luadrv import SLOW, Session, same

ALLOCATIONS = os.path.join(os.path.dirname(LIVE), "allocations")
ROUNDS = 20000 // SLOW

# A round moves seven messages.
SETUP = """
local out, inn = data.new(1000), data.new(1000)
local outs, ins = { out:segment(0, 10), out:segment(10) }, { inn:segment(0, 500), inn:segment(500) }
local function udp() local s = socket.new("inet", "udp") s:bind("127.0.0.1", 0) return s end
local function tcp_pair()
    local server, client = socket.new("inet", "tcp"), socket.new("inet", "tcp")
    server:bind("127.0.0.1", 0)
    server:listen()
    client:connect(server:getsockname())
    return client, server:accept()
end
local a, b, c = udp(), udp(), udp()
a:connect(b:getsockname())
b:connect(a:getsockname())
local near, far = tcp_pair()
local left, right = socket.pair("stream")
local one, other = socket.pair("seqpacket")
local poll = socket.poll{ a, b, c, near, far, left, right, one, other }
local to, from = { name = { c:getsockname() } }, { name = {} }
local extra = udp()
local function turn(sender, receiver)
    sender:send(out)
    local _, ready = poll:select()
    assert(ready == receiver)
    receiver:recv(inn, "W")
    assert(not poll:select(0))
end
local function messages(n)
    for _ = 1, n do
        turn(a, b)
        b:send(outs, "", 0, 1000, 10000)
        a:recv(ins, "", 0, 1000, 10000)
        turn(near, far)
        turn(far, near)
        turn(left, right)
        turn(one, other)
        extra:sendmsg(to, out)
        local _, size, header = c:recvmsg(from, inn)
        assert(size == 1000 and header == from)
    end
end
function move(n)
    collectgarbage()
    collectgarbage("stop")
    messages(1)
    local count = collectgarbage("count")
    messages(n)
    count = collectgarbage("count") - count
    assert(count == 0, count)
    collectgarbage("restart")
    collectgarbage()
end
function waste(n)
    collectgarbage()
    collectgarbage("stop")
    for _ = 1, n do socket.poll():close() end
    collectgarbage("restart")
    collectgarbage()
end
"""


def live():
    """All counters."""
    with open(LIVE, encoding="ascii") as file:
        return dict(line.split() for line in file)


def allocations(session, script):
    """How often a script asks for memory."""
    def now():
        with open(ALLOCATIONS, encoding="ascii") as file:
            return int(file.read())
    before = now()
    same(session.ran(script), ("", "", ""))
    return now() - before


def test_counters():
    """over a hundred thousand messages of data objects allocate nothing: no counter moves, nobody asks for memory

    timeout: 120
    """
    with Session() as session:
        same(session.ran(SETUP), ("", "", ""))
        # Texts of the same length, so that what they are compiled to takes the same place.
        few = [allocations(session, f"move({10:9})") for _ in range(2)][1]
        before = live()
        many = allocations(session, f"move({ROUNDS:9})")
        same(live(), before)
        same(many, few, "allocations")


def test_counter_counts():
    """the counter of allocations sees what is made and given back at once"""
    with Session() as session:
        same(session.ran(SETUP), ("", "", ""))
        few, many = (allocations(session, f"waste({n:9})") for n in (10, 1010))
        assert many - few >= 1000, (few, many)
