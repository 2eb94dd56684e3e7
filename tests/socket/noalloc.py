# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""What many messages leave behind: nothing."""
from harness.kernel import LIVE
from luadrv import SLOW, Session, same

MESSAGES = 100000 // SLOW

SETUP = """
local function udp() local s = socket.new("inet", "udp") s:bind("127.0.0.1", 0) return s end
a, b = udp(), udp()
a:connect(b:getsockname())
b:connect(a:getsockname())
local out, inn = data.new(1000), data.new(1000)
local outs, ins = { out:segment(0, 10), out:segment(10) }, { inn:segment(0, 500), inn:segment(500) }
local function messages(n)
    for _ = 1, n do
        a:send(out)
        b:recv(inn)
        b:send(outs, "", 0, 1000, 10000)
        a:recv(ins, "", 0, 1000, 10000)
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
"""


def live():
    """All counters."""
    with open(LIVE, encoding="ascii") as file:
        return dict(line.split() for line in file)


def test_counters():
    """a hundred thousand messages of data objects allocate nothing: no counter moves, and there is no garbage"""
    with Session() as session:
        same(session.ran(SETUP), ("", "", ""))
        # A text of the same length, so that what it is compiled to takes the same place.
        same(session.ran(f"move({10:9})"), ("", "", ""))
        before = live()
        same(session.ran(f"move({MESSAGES // 2:9})"), ("", "", ""))
        same(live(), before)
