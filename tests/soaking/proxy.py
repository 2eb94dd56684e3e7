# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The proxy under test: examples/proxy.lua with shorter times, which tells what its heap holds."""
import os
import re
import signal
import time

from harness.klog import KernelLog
from harness.process import Process

SOURCE = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "proxy.lua")
LIVE = "/sys/kernel/debug/luadrv/live"
# What these count is the heap, and garbage in it.
HEAP_COUNTERS = ("lua_bytes", "charged_bytes")
# Seconds, instead of minutes; four times as many on a slow machine.
TIMES = {"SILENCE": 8, "HANDSHAKE": 12, "CONNECT": 5, "BIND": 5, "IDLE": 25, "HALF": 12}
# Once a second, when only the listener is left.
HEAP = """
	async.spawn(function()
		while true do
			async.sleep(1000)
			if clients + #tunnels == 0 then
				collectgarbage()
				collectgarbage()
				print("soak: heap " .. collectgarbage("count"))
			end
		end
	end)
"""
LOOP = "\n\twhile true do\n\t\twhile clients"


def adapted(text, slow):
    """The proxy's text with other times, and with the line about its heap."""
    for name, seconds in TIMES.items():
        text, count = re.subn(rf"^(local .*\b{name}\b.* = .*\n)", rf"\g<1>{name} = {seconds * min(slow, 4)}\n",
                              text, flags=re.M)
        assert count == 1, f"the proxy has no {name}"
    assert text.count(LOOP) == 1, "the proxy's loop has changed"
    return text.replace(LOOP, HEAP + LOOP)


def live():
    """The counters of live objects."""
    with open(LIVE, encoding="ascii") as file:
        return {line.split()[0]: int(line.split()[1]) for line in file}


class Proxy:
    """A running proxy."""

    def __init__(self, bench, folder):
        self.bench = bench
        self.log = KernelLog()
        path = f"{folder}/proxy.lua"
        with open(SOURCE, encoding="utf-8") as file:
            text = adapted(file.read(), bench.slow)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.process = Process(bench, ["cat", path], f"{folder}/complaint", stdout="/dev/luadrv")
        self.refusals = 0
        self.complaints = []

    def listen(self):
        """Read what it says; return the sizes of the heap, in KiB, that it told."""
        heaps = []
        for said in self.log.said(self.process.pid):
            if said.startswith("soak: heap "):
                heaps.append(int(said.split()[2]))
            elif said.startswith("proxy: refused: "):
                self.refusals += 1
            elif not said.startswith("proxy on "):
                self.complaints.append(said)
        self.log.records.clear()
        return heaps

    def heap(self):
        """What the heap holds when all clients are gone, in bytes."""
        heaps = []
        self.listen()
        self.bench.until(lambda: heaps.extend(self.listen()) or len(heaps) > 1, 10)
        if not heaps:
            raise SystemExit("soak: the proxy does not tell what its heap holds")
        return 1024 * heaps[-1]

    def stop(self):
        """End it by a signal; return how many seconds that took, or nothing if it goes wrong."""
        start = time.monotonic()
        os.kill(self.process.pid, signal.SIGINT)
        if not self.process.wait(10) or not os.WIFSIGNALED(self.process.status):
            return None
        return time.monotonic() - start
