# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Scripts that run with one allocation failing, and the verdict on how they ended."""
import errno
import functools
import glob
import os
import random
import re
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from harness.kernel import live_objects, set_parameter  # pylint: disable=wrong-import-position
from harness.klog import KernelLog  # pylint: disable=wrong-import-position

DEVICE = "/dev/luadrv"
DEBUGFS = "/sys/kernel/debug"
SLOW = int(os.environ.get("SLOW", "1"))
# Every how manieth allocation fails. All of them take too long for every day: make sweep.
STEP = int(os.environ.get("STEP", "10" if SLOW < 10 else "144"))
NEVER = 1 << 30
# What a script may say when it has no memory, or the network has none (EADDRINUSE: for a port).
SHORTAGE = re.compile(r"not enough memory|ENOMEM|ENOBUFS|ETIMEDOUT|EMFILE|EADDRINUSE"
                      r"|too many (results|arguments)|stack overflow \(|error in error handling"
                      r"|while an error was being reported")


class Script(str):
    """A group of snippets. Of one that takes long only every factor'th point is taken of those that STEP leaves."""

    def __new__(cls, text, factor=1):
        """The text is all that a script is to others."""
        script = super().__new__(cls, text)
        script.factor = factor if STEP > 1 else 1
        script.step = STEP * script.factor
        return script


def groups():
    """The groups of snippets.lua and its like: name and script, in order."""
    found = {}
    for path in sorted(glob.glob(f"{HERE}/snippets*.lua")):
        with open(path, encoding="utf-8") as file:
            parts = re.split(r"^--== (\w+)(?: (\d+))?$", file.read(), flags=re.M)
        for name, factor, text in zip(parts[1::3], parts[2::3], parts[3::3]):
            found[name] = Script(isolated(text), int(factor or 1))
    return found


def isolated(text):
    """Each snippet in a block of its own, below what stands before the first."""
    first, *snippets = re.split(r"^--= .*$", text, flags=re.M)
    return "\n".join([first] + [f"do {snippet} end" for snippet in snippets])


def run(script, before_close=lambda: None):
    """The errno with which close fails, as a name, or None."""
    fd = os.open(DEVICE, os.O_WRONLY)
    os.write(fd, script.encode())
    before_close()
    try:
        os.close(fd)
    except OSError as error:
        return errno.errorcode[error.errno]
    return None


def expect_nothing_alive(what):
    """Give what is freed later some time."""
    deadline = time.monotonic() + 10 * SLOW
    while live_objects():
        if time.monotonic() > deadline:
            sys.exit(f"{what}: still alive: {live_objects()}")
        time.sleep(0.001)


@functools.cache
def chosen_offset():
    """A number that tells where sweeps begin: another in each run, so that no point is left out for ever."""
    chosen = int(os.environ.get("OFFSET", random.randrange(1 << 16)))
    print(f"# STEP={STEP} OFFSET={chosen}")
    return chosen


def offset(step=STEP):
    """Where a sweep of this step begins, of the first `step` points."""
    return chosen_offset() % step


def numbers(first, end, step=STEP):
    """Which allocations shall fail, of those from the first up to the end."""
    return range(first + offset(step), end, step)


class Judge:
    """Looks at each run: it ends well or for want of memory, and leaves nothing."""

    def __init__(self):
        self.log = KernelLog()
        self.runs = 0
        self.failed = 0

    def begin(self):
        """A run begins: only what it says counts."""
        self.log.mark()

    def end(self, what, name, also=()):
        """A run has ended with this errno."""
        self.runs += 1
        self.failed += name is not None
        expect_nothing_alive(what)
        if name in (None, "ENOMEM", *also):
            return
        said = self.log.said(os.getpid())
        if name != "ECANCELED" or not any(SHORTAGE.search(text) for text in said):
            sys.exit(f"{what}: close gave {name}\n" + "\n".join(said))

    def note(self, what):
        """Tell how many points there were."""
        print(f"# {what}: {self.runs} allocation points, {self.failed} ended the script")


def fail_from(number, times=0):
    """Let allocations of the scripts that begin from now on fail: `times` of them, or all."""
    set_parameter("fail_alloc_times", str(times))
    set_parameter("fail_alloc", str(number))


def points(script):
    """How many allocations of its own a script makes: with fewer it fails."""
    low, high = 0, 1
    while high < NEVER and fails(script, high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fails(script, middle) else (low, middle)
    fail_from(0)
    return low


def fails(script, number):
    """Whether it fails when there is no memory from this allocation on."""
    fail_from(number)
    return run(script) is not None


class NthFault:
    """The kernel's fault injection for this task alone: /proc/thread-self/fail-nth."""

    def __init__(self):
        for kind in ("failslab", "fail_page_alloc"):
            self.attribute(kind, "ignore-gfp-wait", "N")
            self.attribute(kind, "verbose", "0")
        # Where the kernel can let the copying of user memory fail, that counts, too.
        if os.path.isdir(f"{DEBUGFS}/fail_usercopy"):
            self.attribute("fail_usercopy", "verbose", "0")
        self.attribute("fail_page_alloc", "min-order", "0")
        self.renew()

    @staticmethod
    def attribute(kind, name, value):
        """Set an attribute that all tasks share."""
        with open(f"{DEBUGFS}/{kind}/{name}", "w", encoding="ascii") as file:
            file.write(value)

    def renew(self):
        """From now on it is the calling task's, also in a new process."""
        self.fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)

    def arm(self, number):
        """The number'th allocation of this task from here on fails."""
        os.write(self.fd, b"%d" % number)

    def disarm(self):
        """End it; gives how many allocations were still to go, 0 if one failed."""
        left = 1
        try:
            left = int(os.pread(self.fd, 16, 0).strip(b"\0\n"))
            os.write(self.fd, b"0")
        except OSError:
            # It was still to come, and has met these calls themselves.
            pass
        return left

    def count(self, script):
        """How many allocations the kernel makes for a script when nothing fails."""
        error = run(script, lambda: self.arm(NEVER))
        left = self.disarm()
        if error:
            sys.exit(f"close gave {error} although nothing failed")
        return NEVER - left


class ThreadFault:
    """The kernel's fault injection for kernel threads that begin from now on: a script's threads, that is."""

    def __init__(self):
        # Threads have it from the one that makes them all.
        with open("/proc/2/make-it-fail", "w", encoding="ascii") as file:
            file.write("1")
        for name, value in (("ignore-gfp-wait", "N"), ("verbose", "0"), ("task-filter", "Y"), ("probability", "100")):
            NthFault.attribute("failslab", name, value)

    @staticmethod
    def arm(number):
        """Of their allocations every `number`th fails."""
        NthFault.attribute("failslab", "interval", str(number))
        NthFault.attribute("failslab", "times", str(NEVER))

    @staticmethod
    def disarm():
        """End it; gives how many have failed."""
        with open(f"{DEBUGFS}/failslab/times", encoding="ascii") as file:
            left = int(file.read())
        NthFault.attribute("failslab", "times", "0")
        return NEVER - left
