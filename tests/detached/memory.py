# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Detached scripts for which there is no memory."""
import contextlib
import os

from harness.result import Skip
from luadrv import (leave, logged, nothing_alive, ready, row, same, set_parameter, spawn, stop, table,
                    until)

GROUPS = "/sys/fs/cgroup"
GROUP = f"{GROUPS}/luadrv-test"


def put(path, text):
    """Write into a file of the cgroup's."""
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


@contextlib.contextmanager
def group(limit):
    """A memory cgroup."""
    if not os.path.exists(f"{GROUPS}/cgroup.controllers"):
        raise Skip("there are no control groups")
    with open(f"{GROUPS}/cgroup.controllers", encoding="ascii") as file:
        if "memory" not in file.read().split():
            raise Skip("there is no memory cgroup")
    put(f"{GROUPS}/cgroup.subtree_control", "+memory")
    os.mkdir(GROUP)
    put(f"{GROUP}/memory.max", limit)
    try:
        yield
    finally:
        until("the group to be free", lambda: not open_tasks())
        os.rmdir(GROUP)


def open_tasks():
    """The processes in the group."""
    with open(f"{GROUP}/cgroup.procs", encoding="ascii") as file:
        return file.read()


def spawned_inside(text):
    """A process in the group spawns a script, and ends."""
    child = os.fork()
    if not child:
        put(f"{GROUP}/cgroup.procs", str(os.getpid()))
        spawn(text)
        leave(0)
    same(os.waitpid(child, 0)[1], 0, "status")


def test_cgroup():
    """a script is charged to the memory cgroup of who spawned it, and what that has no room for raises"""
    set_parameter("memory", "2000M")
    with group("32M"):
        spawned_inside("local ok, e = pcall(data.new, 256 << 20) print(not ok and e.name)")
        same(logged(1, wait=True)[0], "ENOMEM\n")
        until("it to end", lambda: not table())


def test_cgroup_heap():
    """a heap that the cgroup has no room for ends the script, and nobody is killed for it"""
    set_parameter("memory", "2000M")
    with group("32M"):
        spawned_inside("local t = {} while true do t[#t + 1] = {} end")
        assert "not enough memory" in logged(1, wait=True)[1]
        until("it to end", lambda: not table())


def test_moved():
    """an operator can put the thread of a script into a control group of its own"""
    with group("32M"):
        ready(spawn("print('ready') kernel.sleep(1000000)", name=b"moved"))
        pid = row("moved")["PID"]
        put(f"{GROUP}/cgroup.procs", pid)
        with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
            assert "0::/luadrv-test\n" in file.read()
        stop(name="moved")


def test_no_state():
    """a script for which there is no memory at all gets a number, and its log says why it did not run"""
    set_parameter("fail_alloc", 1)
    number = spawn("print('ran')")
    output, errors = logged(number, wait=True)
    same(output, "")
    assert "not enough memory (limit: module parameter memory, --memory)" in errors, errors
    until("nothing to be alive", nothing_alive)


def test_each_allocation():
    """whichever allocation of a short script fails, nothing is left"""
    set_parameter("fail_alloc_times", 0)
    for i in range(1, 400, 23):
        set_parameter("fail_alloc", i)
        number = spawn("local t = {} for i = 1, 10 do t[i] = socket.new('inet', 'udp') end")
        logged(number, wait=True)
        until("nothing to be alive", nothing_alive)
