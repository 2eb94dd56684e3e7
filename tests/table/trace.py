# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The tracepoints: a script's start, end, errors, limits."""
import contextlib
import os
import re
import subprocess

from harness.result import Skip
from luadrv import Session, logged, same, spawn, table, until

TRACING = "/sys/kernel/tracing"


def put(path, text):
    """Write into a file of the tracer's."""
    with open(f"{TRACING}/{path}", "w", encoding="ascii") as file:
        file.write(text)


@contextlib.contextmanager
def traced():
    """The module's events are traced in there; gives a function for what was traced, as (event, text)."""
    if not os.path.isdir(f"{TRACING}/events"):
        # Kernels with tracing have the folder.
        mount = ["mount", "-t", "tracefs", "tracefs", TRACING]
        if not os.path.isdir(TRACING) or subprocess.run(mount, check=False, capture_output=True).returncode:
            raise Skip("this kernel has no tracing")
    if not os.path.isdir(f"{TRACING}/events/luadrv"):
        raise Skip("this kernel has no tracepoints of modules")
    put("trace", "")
    put("events/luadrv/enable", "1")
    try:
        yield lambda: re.findall(r"(luadrv_\w+): (.*)", trace())
    finally:
        put("events/luadrv/enable", "0")


def trace():
    """What was traced."""
    with open(f"{TRACING}/trace", encoding="utf-8") as file:
        return file.read()


def test_start_and_end():
    """the start and the end of a script are traced, with its number, name, process and result"""
    with traced() as events:
        number = spawn("", name=b"traced one")
        until("it to end", lambda: not table())
        (first, start), (last, end) = events()
    same([first, last], ["luadrv_start", "luadrv_end"])
    assert re.fullmatch(rf"id={number} pid=\d+ name=traced one", start), start
    same(end, f"id={number} err=0 name=traced one")


def test_each_run():
    """each run of a session is traced"""
    with traced() as events, Session() as session:
        session.run("")
        session.run("x y")
        got = [(name, re.sub(r"pid=\d+", "pid", text)) for name, text in events() if name != "luadrv_error"]
    same([name for name, _ in got], ["luadrv_start", "luadrv_end"] * 2)
    assert " err=-22 " in got[3][1], got


def test_error():
    """an error is traced with its text"""
    with traced() as events, Session() as session:
        same(session.run("error('aua', 0)"), "ECANCELED")
        same([text for name, text in events() if name == "luadrv_error"], ["id=1 aua"])


def limit(text, **options):
    """What is traced of a limit that a script reaches."""
    with traced() as events:
        logged(spawn(text, name=b"limited", **options), wait=True)
        until("it to end", lambda: not table())
        return [text for name, text in events() if name == "luadrv_limit"]


def of_thread(function, **options):
    """What is traced of a thread whose error join raises, (event, text) without its start."""
    with traced() as events:
        number = spawn(f"local t = thread.spawn({{name = 'hand'}}, {function}) pcall(t.join, t)",
                       name=b"boss", **options)
        logged(number, wait=True)
        until("it to end", lambda: not table())
        # Only where it is its number: an errno may have the same.
        return [(name, re.sub(rf"\b(id=|thread ){number + 1}\b", r"\g<1>2", text)) for name, text in events()
                if text.startswith(f"id={number + 1} ") and name != "luadrv_start"]


def test_thread():
    """the error of a thread is traced, and what it ended with"""
    same(of_thread("function() error('aua', 0) end"),
         [("luadrv_error", "id=2 thread 2: aua"), ("luadrv_end", "id=2 err=-125 name=hand")])


def test_thread_limits():
    """the limits that a thread reaches are traced"""
    same(of_thread("function() local t = {} while true do t[#t + 1] = {} end end", memory=2 << 20),
         [("luadrv_error", "id=2 not enough memory (limit: module parameter memory, --memory)"),
          ("luadrv_limit", "id=2 err=-12 name=hand"), ("luadrv_end", "id=2 err=-12 name=hand")])
    events = of_thread("function() t = {} while true do t[#t + 1] = socket.new('inet', 'udp') end end", sockets=3)
    same([name for name, _ in events], ["luadrv_error", "luadrv_limit", "luadrv_end"])
    same(events[1][1], "id=2 err=-24 name=hand")


def test_memory():
    """the limit of memory is traced when it ends a script"""
    same(limit("local t = {} while true do t[#t + 1] = {} end", memory=1 << 20), ["id=1 err=-12 name=limited"])


def test_instructions():
    """the limit of instructions is traced"""
    same(limit("while true do end", instructions=1000), ["id=1 err=-62 name=limited"])


def test_sockets():
    """the limit of sockets is traced when it ends a script"""
    same(limit("t = {} while true do t[#t + 1] = socket.new('inet', 'udp') end", sockets=3),
         ["id=1 err=-24 name=limited"])
