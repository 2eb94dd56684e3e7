# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Memory that nobody refers to any more, if the kernel looks for it (kmemleak=on).

A scan takes seconds, so there is one for all tests of a run. The process that
made an object tells which test lost it, and where the module was loaded then
what the addresses in its backtrace mean: the module is gone when it is read.
"""
import bisect
import re
import time

FILE = "/sys/kernel/debug/kmemleak"
MODULE_TEXT = "/sys/module/luadrv/sections/.text"
# The kernel reports no object that is younger, in seconds.
YOUNG = 5
PID = re.compile(r", pid (\d+),")
ADDRESS = re.compile(r"\b0x([0-9a-f]{16})$", re.M)


def command(text):
    """Have kmemleak do something."""
    with open(FILE, "w", encoding="ascii") as file:
        file.write(text)


def is_on():
    """Whether this kernel looks for lost memory."""
    try:
        command("scan=off")
    except OSError:
        return False
    return True


def last_pid():
    """The number of the process that was made last."""
    with open("/proc/loadavg", encoding="ascii") as file:
        return int(file.read().split()[-1])


def module_symbols():
    """Offset and name of each function of the module that is loaded, in order."""
    with open("/proc/kallsyms", encoding="ascii") as file:
        lines = [line.split() for line in file if line.endswith("[luadrv]\n")]
    base = module_base()
    return sorted((int(line[0], 16) - base, line[2]) for line in lines if line[1] in "tT")


def module_base():
    """Where the module's code is."""
    with open(MODULE_TEXT, encoding="ascii") as file:
        return int(file.read(), 16)


class Kmemleak:
    """Which tests ran in which processes, and what is lost since the last look."""

    def __init__(self):
        self.enabled = is_on()
        with open("/proc/cmdline", encoding="ascii") as file:
            if not self.enabled and "kmemleak=on" in file.read():
                raise SystemExit("the kernel was told to look for lost memory, and does not")
        self.symbols = []
        self.tests = []
        if self.enabled:
            self.lost()

    def begin(self, claim):
        """A test begins; the module is loaded."""
        if self.enabled:
            self.symbols = self.symbols or module_symbols()
            self.tests.append((last_pid(), module_base(), claim))

    def lost(self):
        """A text for each object that was lost since the last call."""
        time.sleep(YOUNG + 1)
        # What changed since the last scan is not reported: it takes two.
        command("scan")
        command("scan")
        with open(FILE, encoding="ascii", errors="replace") as file:
            reports = file.read().split("unreferenced object ")[1:]
        command("clear")
        texts = [self.explain(report) for report in reports]
        self.tests.clear()
        return texts

    def explain(self, report):
        """A report with the names that it lacks."""
        pid = PID.search(report)
        before = [test for test in self.tests if pid and test[0] < int(pid[1])]
        if not before:
            return f"lost: {report}"
        _, base, claim = before[-1]
        text = ADDRESS.sub(lambda match: self.name(int(match[1], 16) - base, match[0]), report)
        return f"lost in the test '{claim}': {text}"

    def name(self, offset, otherwise):
        """The function of the module that has this offset."""
        index = bisect.bisect(self.symbols, (offset, "~")) - 1
        if index < 0 or offset > self.symbols[-1][0] + 4096:
            return otherwise
        return f"{self.symbols[index][1]}+{offset - self.symbols[index][0]:#x} [luadrv]"
