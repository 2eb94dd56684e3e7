# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Test files in Lua: each claim is a script of its own (tests/README.md has the format)."""
import contextlib
import os
import re
import signal
import tempfile
import time

from harness.kernel import get_parameter, set_parameter, slowness
from harness.process import Process, close_errno
from harness.result import Failure

DEVICE = "/dev/luadrv"
LIBRARY = os.path.join(os.path.dirname(__file__), "..", "lib.lua")
DIRECTIVES = {"error", "log", "no-log", "load", "param", "stop", "timeout", "bare"}
# "@+3" stands for the number of the third line after the claim's.
RELATIVE = re.compile(r"@\+(\d+)")
# What ends a script that may be ended by any signal: one of these by turns.
SIGNALS = ["INT", "TERM", "KILL"]
# Longer than this no script may run on after a signal. On a machine that is busy otherwise one may be
# late: it is late each time if it is the script's fault.
STOP_SECONDS = 1
STOP_TRIES = 3


@contextlib.contextmanager
def parameters(settings):
    """Have the module's parameters other values, each NAME=VALUE, for some time."""
    settings = [setting.split("=", 1) for setting in settings]
    before = [(name, get_parameter(name)) for name, _ in settings]
    try:
        for name, value in settings:
            set_parameter(name, value)
        yield
    finally:
        for name, value in reversed(before):
            set_parameter(name, value)


def library(path):
    """SLOW, tests/lib.lua and the suite's own lib.lua as one line, so that they can stand before
    a file's own first line."""
    lines = [f"local SLOW = {slowness()}"]
    for name in (LIBRARY, os.path.join(os.path.dirname(path), "lib.lua")):
        if os.path.exists(name):
            with open(name, encoding="ascii") as file:
                lines += [re.sub(r"^\s*--.*", "", line).strip() for line in file]
    return " ".join(line for line in lines if line) + " "


def check_directives(path, lines):
    """A directive stands below a claim or another directive; elsewhere it would say nothing."""
    for number, (before, line) in enumerate(zip(["", *lines], lines), 1):
        directive = line.startswith("--! ") and before.startswith(("--# ", "--! "))
        if line.startswith(("--!", "--#")) and not directive and not line.startswith("--# "):
            raise SystemExit(f"{path}:{number}: neither a claim nor a directive of one")


def read(path):
    """All tests of a file."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        lines = file.read().split("\n")
    check_directives(path, lines)
    starts = [i for i, line in enumerate(lines) if line.startswith("--# ")]
    prelude = lines[:starts[0]] if starts else lines
    return [LuaTest(path, start, lines[start:end], prelude)
            for start, end in zip(starts, starts[1:] + [len(lines)])]


class LuaTest:
    """One script and what is expected of it."""

    def __init__(self, path, start, lines, prelude):
        self.where = f"{os.path.basename(path)}:{start + 1}"
        self.line = start + 1
        self.claim = lines[0][4:].strip()
        self.directives = []
        lines = [RELATIVE.sub(lambda m: str(start + 1 + int(m[1])), line) for line in lines]
        for line in lines[1:]:
            if not line.startswith("--! "):
                break
            name, _, rest = line[4:].strip().partition(" ")
            if name not in DIRECTIVES:
                raise SystemExit(f"{self.where}: no directive is called '{name}'")
            self.directives.append((name, rest.strip()))
        # Lines keep the numbers that they have in the file.
        body = ["" if line.startswith("--! ") else line for line in lines]
        filler = [""] * (start - len(prelude))
        script = "\n".join(prelude + filler + body)
        self.script = script if self.values("bare") else library(path) + script
        self.parameters = " ".join(self.values("load"))
        # A script that does not know sockets leaves its network namespace as it was.
        self.networked = "socket" in self.script
        # One that needs no parameters at load leaves the module as it was loaded.
        self.can_share = not self.values("load")

    def values(self, name):
        """Arguments of all directives of a name."""
        return [rest for known, rest in self.directives if known == name]

    def run(self, bench):
        """Run it; raise Failure if the claim does not hold."""
        with parameters(self.values("param")), tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "script.lua")
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(self.script)
            self.run_file(bench, path)
        self.check_log(bench.log)

    def run_file(self, bench, path):
        """Have the script run in whatever way the directives want."""
        timeout = float((self.values("timeout") or ["60"])[0])
        for stop in self.values("stop"):
            for name in stop.split() or [SIGNALS[self.line % len(SIGNALS)]]:
                self.try_stops(bench, path, getattr(signal, "SIG" + name), timeout)
        if not self.values("stop"):
            process = self.start(bench, path)
            process.end(timeout)
            self.check_status(process)

    @staticmethod
    def start(bench, path):
        """Write the script to the device as users do; a locale to load would take a quarter of the time."""
        return Process(bench, ["cat", path], path + ".out", stdout=DEVICE, environment={"LC_ALL": "C"})

    def check_status(self, process):
        """Compare how cat ended with what is expected."""
        if os.WIFSIGNALED(process.status):
            raise Failure(f"cat died of signal {os.WTERMSIG(process.status)}")
        got = close_errno(process.text()) if process.status else "no error"
        errors = self.values("error")
        want = errors[0].split()[0] if errors else "no error"
        if got != want:
            raise Failure(f"close gave {got}, not {want}")

    def try_stops(self, bench, path, number, timeout):
        """Start the script and signal it until it ends in time, but not for ever."""
        limit = STOP_SECONDS * bench.slow
        late = []
        while len(late) < STOP_TRIES:
            took = self.run_stopped(self.start(bench, path), number, timeout)
            if took <= limit:
                return
            late.append(f"{took:.2f} s")
        raise Failure(f"{number.name}: ended only after {', '.join(late)}")

    def run_stopped(self, process, number, timeout):
        """Signal a script once it is busy or asleep; return how long it takes to end by that signal."""
        bench = process.bench
        try:
            if not bench.until(lambda: "ready" in bench.log.said(process.pid)
                               or bench.log.lost or process.wait(0), timeout):
                raise Failure("the script never said that it is ready")
            self.wait_under_way(process, timeout)
            start = time.monotonic()
            os.kill(process.pid, number)
            process.end(timeout)
        except Failure:
            if process.status is None:
                process.kill()
            raise
        took = time.monotonic() - start
        if not os.WIFSIGNALED(process.status) or os.WTERMSIG(process.status) != number:
            raise Failure(f"{number.name}: cat did not die of it, but {process.text()!r}")
        return took

    @staticmethod
    def wait_under_way(process, timeout):
        """Wait until the script has worked for some time or sleeps."""
        begin = process.cpu_ticks()
        naps = 0

        def under_way():
            nonlocal naps
            naps = naps + 1 if process.asleep() else 0
            return naps > 5 or process.cpu_ticks() >= begin + 4 or process.wait(0)

        if not process.bench.until(under_way, timeout):
            raise Failure("the script neither works nor sleeps")
        if process.status is not None:
            raise Failure(f"the script ended by itself: {process.text()!r}")

    def check_log(self, log):
        """Look for expected and unexpected texts in what the script said."""
        said = log.said()
        for error in self.values("error"):
            self.expect(said, error.partition(" ")[2].strip())
        for text in self.values("log"):
            self.expect(said, text)
        for text in self.values("no-log"):
            if find(said, text):
                raise Failure(f"the log has: {text}")

    @staticmethod
    def expect(said, text):
        """Fail unless a record has the text."""
        if text and not find(said, text):
            raise Failure(f"the log lacks: {text}")


def find(said, text):
    """Whether a record holds the text, or matches it if it is a /pattern/."""
    if len(text) > 2 and text[0] == text[-1] == "/":
        return any(re.search(text[1:-1], line) for line in said)
    return any(text in line for line in said)
