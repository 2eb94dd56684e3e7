# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""What a large heap costs others."""
import time

from luadrv import logged, ready, spawn, table

SCRIPT = """
local t = {}
for i = 1, 1000000 do t[i] = { i } end
collectgarbage()
print('ready')
for _ = 1, 5 do
	print('begins')
	collectgarbage()
	print('ends')
end"""


def test_others_run():
    """other tasks run while a large heap is collected, also on a kernel that does not preempt

    timeout: 240
    """
    number = spawn(SCRIPT, memory=1 << 30)
    ready(number)
    # How often this task looked, by the collection that had begun and not ended. One look may come between the
    # line and the collection.
    looks = {}
    while number in table():
        lines = logged(number)[0].splitlines()
        if lines[-1] == "begins":
            looks[len(lines)] = looks.get(len(lines), 0) + 1
        time.sleep(0.001)
    logged(number, wait=True)
    assert max(looks.values(), default=0) >= 3, f"looks in each collection: {list(looks.values())}"
