# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The guest's side: runs scripts one after the other until the time is over or something is wrong.

What it prints is for host.py, a line each, at once:

    at NUMBER              scripts from this one on run next
    stat KEY=N...          how the scripts since the last such line ended
    finding NUMBER TEXT    this script misbehaved

A process of its own runs the scripts; its name is that of the script, so that
a complaint of the kernel tells it. This one watches that they go on.
"""
import mmap
import os
import struct
import time
from collections import Counter

from harness.kernel import check, libc, slowness
from harness.netns import CLONE_NEWNET, loopback_up
from lua.device import Device, Finding, in_child, set_comm

# Scripts between two lines to the host, and between two loadings of the module.
BATCH = 25
RELOAD = 500
# A script that takes so long is stuck, in seconds and times slowness.
STUCK = 20


def say(*words):
    """Print a line at once: the machine may die at the next script."""
    print(*words, flush=True)


class Worker:  # pylint: disable=too-many-instance-attributes
    """Runs scripts."""

    def __init__(self, scripts, seconds, files, shared):
        self.scripts = scripts
        self.files = files
        self.deadline = time.monotonic() + seconds
        self.shared = shared
        self.device = Device(slowness())
        self.number = 0
        self.ended = Counter()
        self.failed = False
        if files:
            self.device.patience = 0.3

    def report(self):
        """Tell how scripts ended, and check what is not checked after each of them."""
        self.device.check_log()
        say("stat", *(f"{key}={count}" for key, count in sorted(self.ended.items())))
        self.ended.clear()

    def reload(self, first):
        """Load the module anew, in a new network namespace."""
        if not first:
            self.device.unload()
        check(libc.unshare(CLONE_NEWNET))
        loopback_up()
        self.device.load()

    def run_one(self, script):
        """Run a script; of a file, go on with a fresh module if it fails."""
        self.shared[:8] = struct.pack("q", self.number)
        set_comm(f"fuzz-{self.number}")
        try:
            self.ended[self.device.run(script)] += 1
        except Finding as finding:
            if not self.files:
                raise
            self.failed = True
            say("finding", self.number, " ".join(str(finding).split()))
            self.reload(False)

    def run_all(self):
        """Run the scripts, until the time is over."""
        for count, (self.number, script) in enumerate(self.scripts):
            if self.files or count % BATCH == 0:
                self.report()
                if time.monotonic() > self.deadline:
                    break
                say("at", self.number)
            if count % RELOAD == 0:
                self.reload(count == 0)
            self.run_one(script)
        self.device.unload()
        self.report()

    def main(self):
        """Run all; the exit status is 1 when something is wrong."""
        try:
            self.run_all()
        except Finding as finding:
            say("finding", self.number, " ".join(str(finding).split()))
            return 1
        return 1 if self.failed else 0


def watch(pid, shared):
    """Wait for the worker; tell when it is stuck."""
    last, since = None, time.monotonic()
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        now = struct.unpack("q", shared[:8])[0]
        if now != last:
            last, since = now, time.monotonic()
        if time.monotonic() - since > STUCK * slowness():
            with open(f"/proc/{pid}/stack", encoding="ascii") as file:
                stack = " < ".join(line.split()[-1] for line in file)
            say("finding", now, "stuck at", stack)
            return 1
        time.sleep(0.2)


def main(scripts, seconds, files=False):
    """Run (number, script) pairs for so many seconds; those of files all, and generated ones until one fails."""
    shared = mmap.mmap(-1, mmap.PAGESIZE)
    shared[:8] = struct.pack("q", -1)
    return watch(in_child(lambda: Worker(scripts, seconds, files, shared).main()), shared)
