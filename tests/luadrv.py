# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""/dev/luadrv for tests in Python: the calls of driver/uapi/luadrv.h, and what is to be seen of scripts.

Structures and numbers are read from the header itself.
"""
import contextlib
import ctypes
import errno
import os
import re
import subprocess
import threading
import time

from harness.kernel import live_objects, set_parameter  # pylint: disable=unused-import # for tests
from harness.klog import KernelLog
from harness.libc import libc
from harness.process import stat_fields
from harness.result import Late

DEVICE = "/dev/luadrv"
HEADER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "driver/uapi/luadrv.h")
SLOW = int(os.environ.get("SLOW", "1"))
PAGE = os.sysconf("SC_PAGESIZE")
TYPES = {"__u64": ctypes.c_uint64, "__u32": ctypes.c_uint32, "char": ctypes.c_char}


class Header:
    """What the header defines: constants, structures, calls, without LUADRV_ and luadrv_."""

    def __init__(self):
        with open(HEADER, encoding="ascii") as file:
            text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        self.constants = {name: int(value, 0) for name, value in
                          re.findall(r"^#define LUADRV_(\w+)\s+(\w+)\s*$", text, re.M)}
        self.structures = {name: self.structure(name, body) for name, body in
                           re.findall(r"^struct luadrv_(\w+) \{(.*?)^\};", text, re.M | re.S)}
        self.calls = {name: self.call(*call) for name, *call in re.findall(
            r"^#define LUADRV_(\w+)\s+_IO(\w*)\(LUADRV_IOC, (\d+)(?:, struct luadrv_(\w+))?\)", text, re.M)}

    def structure(self, name, body):
        """A structure, from its members' declarations."""
        fields = []
        for kind, field, size in re.findall(r"(\w+) (\w+)(?:\[LUADRV_(\w+)\])?;", body):
            fields.append((field, TYPES[kind] * self.constants[size] if size else TYPES[kind]))
        return type(name, (ctypes.Structure,), {"_fields_": fields})

    def call(self, direction, number, structure):
        """The number of a call, as <asm-generic/ioctl.h> makes it."""
        bits = ("W" in direction) | ("R" in direction) << 1
        size = ctypes.sizeof(self.structures[structure]) if structure else 0
        return bits << 30 | size << 16 | self.constants["IOC"] << 8 | int(number)


UAPI = Header()
OUTPUT, ERRORS = UAPI.constants["OUTPUT"], UAPI.constants["ERRORS"]
EXIT = UAPI.constants["EXIT"]


def call(fd, name, argument=None):
    """An ioctl, by its name in the header, or a number; what is negative is raised."""
    number = UAPI.calls.get(name, name)
    pointer = ctypes.byref(argument) if isinstance(argument, ctypes.Structure) else ctypes.c_void_p(argument)
    result = libc.ioctl(fd, ctypes.c_ulong(number), pointer)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def errno_of(function, *args, **kwargs):
    """The name of the errno that a call raises, or an empty text."""
    try:
        function(*args, **kwargs)
    except OSError as error:
        return errno.errorcode[error.errno]
    return ""


def refuses(code, function, *args, **kwargs):
    """Fail unless a call raises this errno."""
    same(errno_of(function, *args, **kwargs), code, "errno")


def same(got, want, what="value"):
    """Fail unless both are equal."""
    assert got == want, f"{what}: got {got!r}, want {want!r}"


def until(what, condition, seconds=20):
    """Wait for a condition; give what it gave; fail if it does not come true."""
    deadline = time.monotonic() + seconds * SLOW
    nap = 0.002
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() <= deadline, f"waited in vain for {what}"
        time.sleep(nap)
        nap = min(nap * 1.3, 0.02)  # looking takes time from who is looked at


def nothing_alive():
    """Whether no script has left anything."""
    return not live_objects()


@contextlib.contextmanager
def within_a_second(what):
    """What happens in there must not take longer, or the test is run again, but not for ever."""
    start = time.monotonic()
    yield
    took = time.monotonic() - start
    if took > SLOW:
        raise Late(f"{what} took {took:.2f} s")


@contextlib.contextmanager
def opened(flags):
    """The device, open."""
    fd = os.open(DEVICE, flags | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


class Session:
    """An open file for reading and writing (or what the flags say)."""

    def __init__(self, flags=os.O_RDWR):
        self.fd = os.open(DEVICE, flags | os.O_CLOEXEC)
        self.runs = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Close it, unless it is closed."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def write(self, text):
        """Append to the script."""
        data = text.encode() if isinstance(text, str) else text
        while data:
            data = data[os.write(self.fd, data):]

    def options(self, args=None, **options):
        """LUADRV_OPTIONS; args is a list of texts."""
        arguments = b"".join(arg.encode() + b"\0" for arg in args or [])
        buffer = ctypes.create_string_buffer(arguments, len(arguments) or 1)
        options = {"args": ctypes.addressof(buffer), "args_size": len(arguments), **options}
        call(self.fd, "OPTIONS", UAPI.structures["options"](**options))

    def run(self, text=""):
        """LUADRV_RUN: the errno's name, or an empty text."""
        self.write(text)
        code = errno_of(call, self.fd, "RUN")
        self.runs += code != "EBUSY"
        return code

    def last(self, text=""):
        """LUADRV_LAST: the errno's name, or an empty text."""
        self.write(text)
        code = errno_of(call, self.fd, "LAST")
        self.runs += code != "EBUSY"
        return code

    def status(self, text):
        """LUADRV_RUN of what calls os.exit(): the status."""
        self.write(text)
        self.runs += 1
        result = call(self.fd, "RUN")
        assert result & EXIT, f"it did not exit: {result}"
        return result & ~EXIT

    def spawn(self, text):
        """LUADRV_SPAWN: the script's number."""
        self.write(text)
        return call(self.fd, "SPAWN")

    def read(self, run=0, size=1 << 16):
        """LUADRV_READ: stream and text; no text at the end."""
        buffer = ctypes.create_string_buffer(size)
        argument = UAPI.structures["read"](buffer=ctypes.addressof(buffer), size=size, run=run)
        got = call(self.fd, "READ", argument)
        return argument.stream, buffer.raw[:got]

    def read_all(self, run=0):
        """What there is until the end: output and errors."""
        texts = {OUTPUT: b"", ERRORS: b""}
        while True:
            stream, text = self.read(run)
            if not text:
                return texts[OUTPUT].decode("utf-8", "surrogateescape"), texts[ERRORS].decode()
            texts[stream] += text

    def start(self, text, before=""):
        """Run a text in a thread, where something comes before it tells that it runs; the thread."""
        run = self.runs + 1
        thread = Thread(self.run, before + "print('ready') " + text)
        while True:
            stream, got = self.read(run)
            # What it prints next may have come with it.
            if got.startswith(b"ready\n"):
                return thread
            assert got and stream == OUTPUT, f"it failed before it was ready: {got}"

    def ran(self, text):
        """Run, then read: errno, output, errors."""
        return self.run(text), *self.read_all(self.runs)


class Thread(threading.Thread):
    """A call in a thread, with its result."""

    def __init__(self, function, *args):
        super().__init__(daemon=True)
        self.function, self.args = function, args
        self.result = None
        self.start()

    def run(self):
        try:
            self.result = self.function(*self.args)
        except (OSError, AssertionError) as error:
            self.result = error

    def end(self, seconds=20):
        """Wait for the end; give the result."""
        self.join(seconds * SLOW)
        assert not self.is_alive(), f"{self.function.__name__} does not return"
        return self.result


def spawn(text, **options):
    """A detached script; its number."""
    with Session(os.O_WRONLY) as session:
        if options:
            session.options(**options)
        return session.spawn(text)


def stop(number=0, name="", everything=False, fd=None):
    """LUADRV_STOP, by default by an own file: how many were stopped."""
    argument = UAPI.structures["stop"](id=number, name=name.encode(),
                                       flags=UAPI.constants["STOP_ALL"] if everything else 0)
    with contextlib.ExitStack() as stack:
        call(stack.enter_context(opened(os.O_RDONLY)) if fd is None else fd, "STOP", argument)
    return argument.count


def log(number, position=0, wait=False, size=1 << 16):
    """LUADRV_LOG: position of the first byte, stream, text."""
    buffer = ctypes.create_string_buffer(size)
    argument = UAPI.structures["log"](
        id=number, flags=UAPI.constants["LOG_WAIT"] if wait else 0, position=position,
        buffer=ctypes.addressof(buffer), size=size)
    with opened(os.O_RDONLY) as fd:
        got = call(fd, "LOG", argument)
    return argument.position, argument.stream, buffer.raw[:got]


def logged(number, wait=False):
    """What the log has of a script, or with wait all up to its end: output and errors."""
    texts, position = {OUTPUT: b"", ERRORS: b""}, 0
    while True:
        position, stream, text = log(number, position, wait)
        if not text:
            return texts[OUTPUT].decode(), texts[ERRORS].decode()
        texts[stream] += text
        position += len(text)


def ready(number):
    """Wait until a detached script has printed ready."""
    until(f"script {number} to be ready", lambda: "ready" in logged(number)[0])


def table_text():
    """The status table."""
    with open(DEVICE, encoding="utf-8") as file:
        return file.read()


def table():
    """The rows of the status table, by script."""
    head, *rows = table_text().splitlines()
    names = head.split()
    rows = [dict(zip(names, row.split(None, len(names) - 1))) for row in rows]
    return {int(row["ID"]): row for row in rows}


def row(name):
    """The row of the one script of that name, or nothing."""
    rows = [row for row in table().values() if row.get("NAME") == name]
    assert len(rows) < 2, f"{len(rows)} scripts are called {name}"
    return rows[0] if rows else {}


def waits_in(name, wait):
    """Wait until a script waits in a call."""
    until(f"{name} to wait in {wait}", lambda: row(name).get("WAIT") == wait)


def copier(text, name="copied", **options):
    """A process of cp that runs a script: nobody else has the device open."""
    path = os.path.join(os.environ["TEST_TMP"], name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return subprocess.Popen(["cp", path, DEVICE], stderr=subprocess.PIPE,  # pylint: disable=consider-using-with
                            text=True, env={**os.environ, "LC_ALL": "C"}, **options)


def get_parameter(name):
    """A parameter of the module that is a number."""
    with open(f"/sys/module/luadrv/parameters/{name}", encoding="ascii") as file:
        return int(file.read())


def in_kernel(task, function):
    """Whether a task, named as in /proc, is in a function of the kernel."""
    with open(f"/proc/{task}/stack", encoding="ascii") as file:
        return function in file.read()


def leave(status):
    """End this process, and close nothing."""
    os._exit(status)  # pylint: disable=protected-access


def task_name(pid):
    """What ps calls a task."""
    with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
        return file.read().strip()


def ended(pid):
    """Whether a task has ended."""
    return (stat_fields(pid) or "X")[0] in "XZ"


KERNEL_LOG = KernelLog()


def kernel_log():
    """All that the kernel log has got since the test began."""
    return "\n".join(record.text for record in KERNEL_LOG.update())
