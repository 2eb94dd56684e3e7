# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Scripts that wait, each in a process of its own, and the peer of their sockets."""
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, TESTS)
from harness import luafile  # pylint: disable=wrong-import-position
from harness.kernel import live_objects  # pylint: disable=wrong-import-position
from harness.klog import KernelLog  # pylint: disable=wrong-import-position
from harness.process import stat_fields  # pylint: disable=wrong-import-position
from harness.shellfile import EXIT_LATE  # pylint: disable=wrong-import-position

LIBRARY = luafile.library(f"{TESTS}/socket/lib.lua")
SLOW = int(os.environ.get("SLOW", "1"))
CLONE_NEWNET = 0x40000000
LOG = KernelLog()

PREAMBLE = """
local function peer() local s = tcp() s:connect(LO, %(port)d) return s end
local function tell(port) print("port " .. port) end
local LIMIT = %(limit)s
%(before)s
local function tell_end(ok, value)
	print("ended " .. (ok and "ok " or "error ") .. tostring(value))
	if not ok then error(value, 0) end
end
print("ready")
%(act)s
tell_end(pcall(function() return %(wait)s end))
"""


def until(what, condition, seconds=20):
    """Wait for a condition; end the test if it does not come true."""
    deadline = time.monotonic() + seconds * SLOW
    nap = 0.002
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited in vain for {what}")
        time.sleep(nap)
        nap = min(nap * 1.3, 0.02)  # looking takes time from who is looked at


def expect_nothing_alive():
    """Whatever is freed later has some time."""
    until("nothing to be alive", lambda: not live_objects(), 10)


class Peer:
    """What the scripts' peer() is connected to; in a network namespace, if one is named."""

    def __init__(self, namespace=None):
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        if namespace:
            enter(f"/run/netns/{namespace}")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.listener.getsockname()[1]
        if namespace:
            enter(home)
        os.close(home)

    def accept(self, connects):
        """The next script's connection, if it makes one: the listener may hear of it later than the script."""
        if not select.select([self.listener], [], [], 10 * SLOW if connects else 0)[0]:
            return None
        return self.listener.accept()[0]

    def close(self):
        """No more of them."""
        self.listener.close()


def enter(namespace):
    """Enter a network namespace, by path or descriptor."""
    fd = namespace if isinstance(namespace, int) else os.open(namespace, os.O_RDONLY)
    if ctypes.CDLL(None).setns(fd, CLONE_NEWNET):
        sys.exit("cannot enter the namespace")
    if fd != namespace:
        os.close(fd)


class Waiter:
    """A process that runs a script which comes to a wait."""

    def __init__(self, name, call, peer, act="", limit="nil", namespace=None):
        self.name = name
        self.path = f"{os.environ['TEST_TMP']}/{name.replace(' ', '-')}.lua"
        with open(self.path, "w", encoding="ascii") as file:
            file.write(LIBRARY + PREAMBLE % {"port": peer.port, "limit": limit, "act": act,
                                             "before": call.before, "wait": call.wait})
        inside = ["ip", "netns", "exec", namespace] if namespace else []
        # cp opens the device itself: nobody else can be the last who closes it.
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*inside, "cp", self.path, "/dev/luadrv"], stderr=subprocess.PIPE)
        self.pid = self.process.pid
        self.peer = peer
        self.connects = "peer()" in call.before
        self.connection = None
        self.await_sleep()

    def said(self):
        """What its script has said."""
        return LOG.said(self.pid)

    def await_sleep(self):
        """Wait until the script sleeps in its wait; fail if it never does."""
        until(f"{self.name} to be ready", lambda: "ready" in self.said() or self.ended())
        self.connection = self.peer.accept(self.connects)
        self.expect_waiting()

    def sleeps(self):
        """Whether it sleeps, and goes on to."""
        for _ in range(4):
            if (stat_fields(self.pid) or "?")[0] != "S":
                return False
            time.sleep(0.002)
        return True

    def ended(self):
        """Whether the process has ended."""
        return self.process.poll() is not None

    def fail(self, why):
        """End the test."""
        try:
            with open(f"/proc/{self.pid}/stack", encoding="ascii") as file:
                stack = file.read()
        except OSError:
            stack = ""
        sys.exit("\n".join([f"{self.name}: {why}", stack, *self.said()]))

    def expect_waiting(self):
        """Fail unless it waits, still or at last."""
        until(f"{self.name} to wait", lambda: self.sleeps() or self.ended())
        if self.ended():
            self.fail("it has ended by itself")

    def expect_end(self, seconds):
        """Fail unless it ends in time; gives what it has said."""
        try:
            self.process.wait(seconds * SLOW)
        except subprocess.TimeoutExpired:
            self.fail("it does not end")
        return self.said()

    def expect_killed(self, number):
        """Signal it: it ends by that within a second, or the test is run again."""
        start = time.monotonic()
        os.kill(self.pid, number)
        self.expect_end(20)
        took = time.monotonic() - start
        if took > SLOW:
            print(f"{self.name}: ended only after {took:.2f} s")
            sys.exit(EXIT_LATE)
        if self.process.returncode != -number:
            self.fail(f"exit status {self.process.returncode} after {signal.strsignal(number)}")
        # What was sent before the signal, it may still tell.
        if any(text.startswith("ended error") for text in self.said()):
            self.fail("the script caught the signal")

    def close(self):
        """Let go of what the tester has of it."""
        if not self.ended():
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
        if self.connection:
            self.connection.close()
