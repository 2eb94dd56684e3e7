# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Runs scripts on /dev/luadrv in this very process, and looks at what they leave behind."""
import ctypes
import errno
import os
import re
import signal
import subprocess
import sys
import time
import traceback

from harness.kernel import LIVE, MODULE, check, libc, set_parameter
from harness.klog import KernelLog

DEVICE = "/dev/luadrv"
DEFAULTS = {"memory": 64 << 20, "sockets": 32768, "fail_alloc": 0}
# How a script may end.
EXPECTED = {None, "EINVAL", "ECANCELED", "ENOMEM", "EMFILE", "EINTR"}
# A script is stopped after so much time of the processor or in all (in seconds, and times slowness),
# and must end this much later.
LONGEST_BUSY = 0.1
LONGEST = 0.3
STOP_TIME = 2
# What a script that is compared says begins with this.
SAID = "> "
# Programs of the reference that take longer are not compared.
REFERENCE_TIMEOUT = 10
# The kernel's stack is small; it has no floats; and which argument of fmod() is looked at first is up to the compiler.
OTHERWISE = re.compile(r"stack overflow|integer too large|bad argument #\d to 'fmod'")
PR_SET_NAME = 15


class Finding(Exception):
    """Something is wrong; the text says what."""


def set_comm(name):
    """Name this process: what the kernel complains about tells the name."""
    libc.prctl(PR_SET_NAME, ctypes.c_char_p(name.encode()), 0, 0, 0)


def in_child(function):
    """Run a function in a process of its own, which exits with what it returns; the process."""
    pid = os.fork()
    if pid == 0:
        status = 2
        try:
            status = function()
        except BaseException:  # pylint: disable=broad-except
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)  # pylint: disable=protected-access
    return pid


def reference(program):
    """The lines that lua5.3 prints, or None when it takes too long."""
    run = ["lua5.3", "-e", "assert(load(io.read('a'), '=script'))()"]
    try:
        output = subprocess.run(run, input=program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                timeout=REFERENCE_TIMEOUT, check=False).stdout
    except subprocess.TimeoutExpired:
        return None
    return [line for line in output.decode("utf-8", "surrogateescape").split("\n") if line.startswith(SAID)]


class Device:
    """The module, loaded, and the scripts that run in it."""

    def __init__(self, slow):
        self.slow = slow
        with open(os.environ.get("LUADRV_KO", "luadrv.ko"), "rb") as file:
            self.image = file.read()
        self.live = None
        # How long what is freed later may live on, in seconds.
        self.patience = 10
        self.parameters = {}
        self.log = KernelLog()
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.signal(signal.SIGPROF, lambda *_: None)

    def load(self):
        """Load the module."""
        check(libc.init_module(self.image, ctypes.c_ulong(len(self.image)), b"testing=1"))
        self.live = os.open(LIVE, os.O_RDONLY)
        self.parameters = dict(DEFAULTS)

    def unload(self):
        """Unload it: nobody may use it any more."""
        os.close(self.live)
        self.live = None
        deadline = time.monotonic() + 10 * self.slow
        with open(f"{MODULE}/refcnt", encoding="ascii") as file:
            while int(os.pread(file.fileno(), 20, 0)) and time.monotonic() < deadline:
                time.sleep(0.01)
        if libc.delete_module(b"luadrv", os.O_NONBLOCK):
            raise Finding(f"the module cannot be unloaded: {os.strerror(ctypes.get_errno())}")
        self.check_log()

    def check_log(self):
        """The kernel has not complained."""
        self.log.update()
        if self.log.complaints:
            raise Finding("the kernel complains: " + "; ".join(self.log.complaints))

    def alive(self):
        """Counters that are not zero."""
        lines = os.pread(self.live, 4096, 0).decode().splitlines()
        return ", ".join(line for line in lines if not line.endswith(" 0"))

    def expect_nothing_alive(self):
        """What is freed later gets some time."""
        deadline = time.monotonic() + self.patience * self.slow
        while self.alive():
            if time.monotonic() > deadline:
                raise Finding(f"still alive: {self.alive()}")
            time.sleep(0.002)

    def prepare(self, options):
        """Set the parameters that a script wants."""
        for name, default in DEFAULTS.items():
            value = options.get(name, default)
            if self.parameters[name] != value:
                set_parameter(name, str(value))
                self.parameters[name] = value

    def close(self, script):
        """Run a script by the last close of the device: the name of its errno, or None."""
        fd = os.open(DEVICE, os.O_WRONLY)
        left = script.program
        while left:
            left = left[os.write(fd, left):]
        longest = LONGEST * self.slow
        delay = min(script.options.get("signal", longest * 1e6) / 1e6, longest)
        start = time.monotonic()
        # It comes again and again, in case that the first one comes before the script begins.
        signal.setitimer(signal.ITIMER_REAL, delay, 0.1 * self.slow)
        signal.setitimer(signal.ITIMER_PROF, LONGEST_BUSY * self.slow, 0.1 * self.slow)
        try:
            os.close(fd)
            name = None
        except OSError as error:
            name = errno.errorcode[error.errno]
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.setitimer(signal.ITIMER_PROF, 0)
        took = time.monotonic() - start
        if took > delay + STOP_TIME * self.slow:
            raise Finding(f"ended {took - delay:.2f} s after the signal")
        if name not in EXPECTED:
            raise Finding(f"close gave {name}")
        return name

    def other(self, script):
        """Run a script in a process that does nothing else; its exit status."""
        try:
            self.close(script)
        except Finding as finding:
            print(finding, file=sys.stderr, flush=True)
            return 1
        return 0

    def kill(self, script, delay):
        """Run a script in another process, and kill that after so many microseconds."""
        pid = in_child(lambda: self.other(script))
        time.sleep(delay / 1e6)
        begin = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        took = time.monotonic() - begin
        if took > STOP_TIME * self.slow:
            raise Finding(f"ended {took:.2f} s after SIGKILL")
        if status not in (0, -signal.SIGKILL):
            raise Finding("the script failed in the process to be killed")

    def compare(self, script, result):
        """What the script said must be what Debian's lua5.3 says."""
        said = [line for line in self.log.said(os.getpid()) if line.startswith(SAID)]
        want = reference(script.program)
        if want is None or self.log.lost:
            return
        # Of one that was stopped, or ran out of something, the beginning counts.
        whole = result in (None, "ECANCELED")
        # What differs after these is no error.
        for lines in (said, want):
            other = next((i for i, line in enumerate(lines) if OTHERWISE.search(line)), None)
            if other is not None:
                del said[other:], want[other:]
                whole = False
        if said == want or (not whole and said == want[:len(said)]):
            return
        line = next((i for i, pair in enumerate(zip(said, want)) if pair[0] != pair[1]), min(len(said), len(want)))
        raise Finding(f"line {line + 1} is {said[line:line + 1]}, with lua5.3 {want[line:line + 1]}")

    def run(self, script):
        """Run a script in its circumstances; how it ended. Raises Finding if something is wrong."""
        self.prepare(script.options)
        if script.options.get("kill"):
            self.kill(script, script.options["kill"])
            result = "killed"
        elif script.options.get("twice"):
            pid = in_child(lambda: self.other(script))
            result = self.close(script)
            if os.waitpid(pid, 0)[1]:
                raise Finding("the script failed in the other process")
        elif script.options.get("compare"):
            self.check_log()
            self.log.mark()
            result = self.close(script)
            self.compare(script, result)
        else:
            result = self.close(script)
        self.expect_nothing_alive()
        return result or "ok"
