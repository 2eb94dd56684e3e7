# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""What an idle tunnel costs beside its two sockets."""
import re
from statistics import median_low

from luadrv import Session, same
from soaking import memory

# Enough to hide what else the kernel takes a few hundred pages for meanwhile.
MANY = 1000
MOST = 1024

# The peers are the script's, too, so that there are as many sockets before and after. All have been used.
CONNECT = f"""
local server = socket.new("inet", "tcp")
server:bind("127.0.0.1", 0)
server:listen()
local function pair()
    local client = socket.new("inet", "tcp")
    client:connect(server:getsockname())
    return client, server:accept()
end
peers, given, set = {{}}, {{}}, socket.relays()
for i = 1, {MANY} do
    local left, a = pair()
    local b, right = pair()
    left:write("x")
    right:write("x")
    a:read()
    b:read()
    peers[2 * i - 1], peers[2 * i] = left, right
    given[2 * i - 1], given[2 * i] = a, b
end
collectgarbage()
collectgarbage()
"""
GIVE = """
for i = 1, #given, 2 do set:add(given[i], given[i + 1]) end
given = nil
collectgarbage()
collectgarbage()
"""
KEEP = """
for i = 1, #given, 2 do given[i // 2 + 1] = socket.relay(given[i], given[i + 1], { nowait = true }) end
for i = #given, #given // 2 + 1, -1 do given[i] = nil end
collectgarbage()
collectgarbage()
"""


def checks_memory():
    """Whether the kernel puts something beside each object, to check its use."""
    with open("/proc/kallsyms", encoding="ascii") as file:
        return bool(re.search(r" kasan_\w+$", file.read(), re.M))


def cost(hand_over):
    """Bytes for each tunnel, beyond what its sockets held before."""
    with Session() as session:
        same(session.ran(CONNECT), ("", "", ""), "result")
        before = memory.take_quiet(2)
        same(session.ran(hand_over), ("", "", ""), "result")
        after = memory.take_quiet(2)
    grown = after.slab - before.slab + after.pages - before.pages + after.vmalloc - before.vmalloc
    print(f"# {grown // MANY} bytes a tunnel, {(after.slab - before.slab) // MANY} of them in the slab:",
          memory.growth_by_cache(before, after))
    return grown // MANY


def check(hand_over):
    """A tunnel may cost so much; more where more is in memory than was asked for."""
    most = MOST * (4 if checks_memory() else 1)
    got = median_low(cost(hand_over) for _ in range(3))
    assert got <= most, f"{got} bytes a tunnel, want at most {most}"


def test_set():
    """an idle tunnel of a set costs at most 1 KiB beside its two sockets"""
    check(GIVE)


def test_relay():
    """an idle relay, which its script knows, costs at most 1 KiB beside its two sockets"""
    check(KEEP)
