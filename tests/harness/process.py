# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Processes that tests start: watched, bounded, and never left behind."""
import errno
import os
import re
import select
import signal
import sys
import time

from harness.result import Failure

NULL = "/dev/null"
TICK = 1 / os.sysconf("SC_CLK_TCK")
ERRNO_OF_TEXT = {os.strerror(code): name for code, name in errno.errorcode.items()}
CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DEFAULT_SIGNALS = [signal.SIGINT, signal.SIGPIPE, signal.SIGTERM]


def spawn(argv, output, stdout, environment):
    """Start a command; return its number."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, NULL, os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 2, output, CREATE, 0o600)]
    # Opened by the child alone: the last close must be its own.
    actions.append((os.POSIX_SPAWN_OPEN, 1, stdout, os.O_WRONLY, 0) if stdout
                   else (os.POSIX_SPAWN_DUP2, 2, 1))
    return os.posix_spawnp(argv[0], argv, environment, file_actions=actions, setsid=True,
                           setsigdef=DEFAULT_SIGNALS)


def fork(function, output, environment):
    """Call a function, which gives its exit status, in a child; return the child's number."""
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            settle(output, environment)
            status = function()
        finally:
            os._exit(status)  # pylint: disable=protected-access # nothing of the parent's is to be cleaned up
    return pid


def settle(output, environment):
    """Make this process, a child, one like those that spawn() starts."""
    os.setsid()
    for number in DEFAULT_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    os.environ.update(environment)
    for fd, path, flags in ((0, NULL, os.O_RDONLY), (1, output, CREATE), (2, output, CREATE)):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, fd)
        os.close(opened)
    for stream in sys.stdout, sys.stderr:
        stream.reconfigure(line_buffering=True)


class Process:
    """A child in a session of its own, with its output in a file."""

    def __init__(self, bench, argv, output, stdout=None, environment=None):
        """Start argv, a command or a function; standard output goes to the device `stdout`, all else to `output`."""
        self.bench = bench
        self.output = output
        environment = {**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})}
        self.pid = (fork(argv, output, environment) if callable(argv)
                    else spawn(argv, output, stdout, environment))
        self.fd = os.pidfd_open(self.pid)
        self.status = None

    def wait(self, seconds):
        """Wait for the end, reading the kernel log all the while; true if it came."""
        deadline = time.monotonic() + seconds * self.bench.slow
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        while self.status is None:
            ended = poll.poll(20)
            self.bench.log.update()
            if ended:
                self.status = os.waitpid(self.pid, 0)[1]
                os.close(self.fd)
            elif time.monotonic() > deadline:
                return False
        return True

    def text(self):
        """What it wrote."""
        with open(self.output, encoding="utf-8", errors="backslashreplace") as file:
            return file.read()

    def end(self, seconds):
        """Wait for the end; kill it and fail if it does not come in time."""
        if self.wait(seconds):
            return
        where = self.kernel_stack()
        self.kill()
        raise Failure(f"not finished after {seconds * self.bench.slow:g} s{where}\n{self.text()}")

    def kernel_stack(self):
        """Where in the kernel it is, for a report."""
        try:
            with open(f"/proc/{self.pid}/stack", encoding="ascii") as file:
                stack = file.read().strip()
        except OSError:
            stack = ""
        return "; it is at\n" + stack if stack else ""

    def kill(self):
        """Kill it and whatever runs in its session; fail if something does not go."""
        for pid in session_members(self.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        gone = self.bench.until(lambda: not session_members(self.pid), 30)
        if not self.wait(1) or not gone:
            raise Failure("something that the test started cannot be killed")

    def cpu_ticks(self):
        """CPU time used, in clock ticks."""
        fields = stat_fields(self.pid)
        return int(fields[11]) + int(fields[12]) if fields else 0

    def asleep(self):
        """Whether it sleeps interruptibly."""
        fields = stat_fields(self.pid)
        return bool(fields) and fields[0] == "S"


def stat_fields(pid):
    """Fields of /proc/PID/stat from the state on, or nothing if there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def session_members(session):
    """Processes of a session that still run."""
    members = []
    for name in os.listdir("/proc"):
        fields = stat_fields(name) if name.isdigit() else []
        if len(fields) > 3 and fields[3] == str(session) and fields[0] not in "ZX":
            members.append(int(name))
    return members


def close_errno(text):
    """The errno's name in the complaint of cat."""
    match = re.search(r"cat: .*?([^:\n]+)$", text.strip())
    return ERRNO_OF_TEXT.get(match[1].strip()) if match else None
