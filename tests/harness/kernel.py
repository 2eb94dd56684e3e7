# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The module under test: loaded anew for each test, checked and unloaded after it.

An emulated processor translates the module's code again each time, which takes most of the time of
a small test. With KEEP=1 in the environment the module stays from one Lua test to the next; that
nobody uses it any more is still checked after each.
"""
import ctypes
import errno
import os
import time
import traceback

from harness.klog import KernelLog
from harness.kmemleak import FILE as KMEMLEAK, Kmemleak
from harness.libc import check, libc
from harness.netns import Namespaces
from harness.result import Failure, Result, Skip

NAME = "luadrv"
LIVE = "/sys/kernel/debug/luadrv/live"
MODULE = "/sys/module/luadrv"


def slowness():
    """By how much every time limit is multiplied: debug kernels are slow."""
    if "SLOW" in os.environ:
        return int(os.environ["SLOW"])
    return 10 if os.path.exists("/proc/lockdep") or os.path.exists(KMEMLEAK) else 1


def live_objects():
    """Those counters of live objects that are not zero, as text."""
    with open(LIVE, encoding="ascii") as file:
        lines = file.read().splitlines()
    return ", ".join(line for line in lines if line.split()[1] != "0")


def references():
    """How many users the module has."""
    with open(f"{MODULE}/refcnt", encoding="ascii") as file:
        return int(file.read())


def get_parameter(name):
    """A parameter of the loaded module."""
    with open(f"{MODULE}/parameters/{name}", encoding="ascii") as file:
        return file.read().strip()


def set_parameter(name, value):
    """Set a parameter of the loaded module."""
    with open(f"{MODULE}/parameters/{name}", "w", encoding="ascii") as file:
        file.write(str(value))


class Bench:
    """Runs tests, each with a freshly loaded module and in a network namespace of its own."""

    def __init__(self):
        path = os.environ.get("LUADRV_KO", "luadrv.ko")
        with open(path, "rb") as file:
            self.image = file.read()
        self.slow = slowness()
        self.log = KernelLog()
        self.netns = Namespaces()
        self.kmemleak = Kmemleak()
        self.keep = os.environ.get("KEEP") == "1"
        self.broken = False
        # How long to wait for what should go; less and less once things stay for ever.
        self.patience = 20.0

    def load(self, parameters):
        """Load the module unless it is loaded (a test may have left it so)."""
        if not os.path.exists(MODULE):
            check(libc.init_module(self.image, ctypes.c_ulong(len(self.image)),
                                   parameters.encode()))

    def unload(self):
        """Unload the module unless it is not loaded."""
        if os.path.exists(MODULE):
            check(libc.delete_module(NAME.encode(), os.O_NONBLOCK))

    def until(self, condition, seconds):
        """Wait until condition() is true, but not for ever; return what it gave last."""
        deadline = time.monotonic() + seconds * self.slow
        nap = 0.002
        while True:
            value = condition()
            if value or time.monotonic() > deadline:
                return value
            time.sleep(nap)
            nap = min(nap * 1.3, 0.05)

    def run(self, test):
        """Run one test with all that surrounds it; return its result."""
        result = Result()
        self.log.mark()
        kept = self.keep and test.can_share
        try:
            if not kept:
                self.unload()
            self.load(test.parameters)
            self.kmemleak.begin(test.claim)
            result.notes = test.run(self) or []
        except Skip as skip:
            result.skip(str(skip))
        except Failure as failure:
            result.fail(str(failure))
        except Exception:  # pylint: disable=broad-exception-caught # the tests to come are not its fault
            result.fail(traceback.format_exc())
        self.check_clean(result, test.networked, kept)
        result.log = [record.printable() for record in self.log.update()]
        return result

    def try_unload(self, result):
        """Unload the module, or give up: no further test can have a fresh one."""
        try:
            self.unload()
        except OSError as error:
            self.broken = True
            result.fail(f"the module cannot be unloaded: {error.strerror}")
            result.fatal = f"{NAME} is stuck ({errno.errorcode[error.errno]})"

    def expect(self, result, condition, complaint):
        """Fail unless condition() comes true."""
        if not self.until(condition, self.patience):
            result.fail(complaint())
            self.patience = max(self.patience / 2, 1)

    def suite_checks(self):
        """What is looked into after each suite: claims, and functions that give results."""
        return [("the kernel destroys the network namespace of tests without sockets", self.check_netns)]

    def last_checks(self):
        """What is looked into after all suites."""
        if not self.kmemleak.enabled:
            return []
        return [("kmemleak finds no memory that nobody refers to", self.check_memory)]

    def check_netns(self):
        """After many tests that shared a network namespace: the result of looking whether it goes."""
        result = Result()
        self.try_unload(result)
        self.netns.leave()
        self.expect_netns(result)
        return result

    def expect_netns(self, result):
        """Fail unless the network namespace that was left is destroyed; enter a new one."""
        self.expect(result, self.netns.enter, lambda:
                    f"{self.netns.enter_when_free()} network namespace(s) are not freed")

    def check_memory(self):
        """After many tests: the result of looking for memory that nobody refers to."""
        result = Result()
        for text in self.kmemleak.lost():
            result.fail(text)
        return result

    def check_clean(self, result, networked, kept):
        """After a test: nothing alive, nothing to complain of, and the module can go."""
        if networked:
            self.netns.leave()
        if os.path.exists(MODULE):
            self.expect(result, lambda: not live_objects(), lambda: f"still alive: {live_objects()}")
            self.expect(result, lambda: references() == 0,
                        lambda: f"the module still has {references()} users")
        if not kept or result.status == "fail":
            self.try_unload(result)
        if networked:
            self.expect_netns(result)
        self.log.update()
        for text in self.log.complaints:
            result.fail(f"the kernel complains: {text}")
