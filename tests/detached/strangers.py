# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Scripts whose file ends where no signal would reach them: they run detached."""
import os
import signal
import socket
import subprocess

from luadrv import (DEVICE, SLOW, Session, get_parameter, leave, log, logged, nothing_alive, refuses, row, same, spawn,
                    stop, table, until, waits_in)

TEXT = "print('ran') kernel.sleep(1000000)"


def expect_detached(name):
    """A script of that name runs in a thread of its own; stop it, and give its number."""
    waits_in(name, "sleep")
    line = row(name)
    with open(f"/proc/{line['PID']}/stat", encoding="ascii") as file:
        # The flag PF_KTHREAD.
        assert int(file.read().rpartition(")")[2].split()[6]) & 0x200000, "no kernel thread runs it"
    number = int(line["ID"])
    same(logged(number)[0], "ran\n")
    same(stop(number), 1)
    until("nothing to be alive", nothing_alive)
    return number


def writer(text, end):
    """In a child: open the device, write a text, and end without closing; wait for the child."""
    child = os.fork()
    if not child:
        with open("/proc/self/comm", "w", encoding="ascii") as file:
            file.write("careless")
        fd = os.open(DEVICE, os.O_WRONLY | os.O_CLOEXEC)
        os.write(fd, text.encode())
        end()
    return os.waitpid(child, 0)[1]


def test_exit():
    """a process that exits without closing leaves its script to a kernel thread, and ends at once"""
    same(writer(TEXT, lambda: leave(3)), 3 << 8, "status")
    expect_detached("careless")


def test_endless():
    """an endless script of a process that exited is stopped like any other"""
    writer("while true do end", lambda: leave(0))
    until("it to run", lambda: row("careless").get("STATE") == "running")
    same(stop(name="careless"), 1)


def test_busybox_cat():
    """BusyBox cat, which exits without closing, ends at once, and its script runs detached"""
    with open("script.lua", "w", encoding="ascii") as file:
        file.write(TEXT)
    # No shell may have the file open beside it.
    subprocess.run(["bash", "-c", "exec busybox cat script.lua >/dev/luadrv"], check=True, timeout=20 * SLOW)
    until("it to run", table)
    expect_detached(next(iter(table().values()))["NAME"])


def test_killed():
    """a process that is killed with a script written leaves it to a kernel thread"""
    same(writer(TEXT, lambda: os.kill(os.getpid(), signal.SIGKILL)), signal.SIGKILL, "status")
    expect_detached("careless")


def test_execve():
    """a script whose file execve closes runs detached, and the new program goes on meanwhile"""
    same(writer(TEXT, lambda: os.execv("/bin/true", ["true"])), 0, "status")
    until("it to run", table)
    expect_detached(next(iter(table().values()))["NAME"])


def test_lost_in_flight():
    """a script whose file was lost in a message of a Unix socket runs detached"""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    reader, writer_end = os.pipe()
    child = os.fork()
    if not child:
        os.close(writer_end)
        near.close()
        os.read(reader, 1)
        # The message dies here, in a process that never had the file.
        far.close()
        leave(0)
    far.close()
    fd = os.open(DEVICE, os.O_WRONLY)
    os.write(fd, TEXT.encode())
    socket.send_fds(near, [b"x"], [fd])
    near.close()
    os.close(fd)
    same(table(), {})
    os.close(writer_end)
    os.waitpid(child, 0)
    until("it to run", table)
    expect_detached(next(iter(table().values()))["NAME"])


def test_namespace_of_opener():
    """such a script has its sockets in the network namespace of the process that opened the file"""
    writer("local s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 8080) s:listen(1) " + TEXT, lambda: leave(0))
    waits_in("careless", "sleep")
    with socket.create_connection(("127.0.0.1", 8080)):
        pass
    same(stop(name="careless"), 1)


def test_nothing_written():
    """a process that exits having written nothing leaves nothing"""
    writer("", lambda: leave(0))
    same(table(), {})


def test_spoiled():
    """a script that a write lost some of does not run when the process exits"""
    size = get_parameter("max_script")
    child = os.fork()
    if not child:
        fd = os.open(DEVICE, os.O_WRONLY)
        os.write(fd, TEXT.encode())
        try:
            os.write(fd, b" " * (size + 1))
        finally:
            leave(0)
    os.waitpid(child, 0)
    same(table(), {})
    refuses("ESRCH", log, 1)


def test_options():
    """such a script keeps the options of its file"""
    child = os.fork()
    if not child:
        session = Session(os.O_WRONLY)
        session.options(name=b"named", args=["a"])
        session.write("print(arg[0], ...)")
        leave(0)
    os.waitpid(child, 0)
    until("it to end", lambda: not table())
    same(logged(1)[0], "named\ta\n")


def test_log_kept():
    """the log of such a script outlives it"""
    writer("print('last words')", lambda: leave(0))
    until("it to end", lambda: not table())
    same(logged(1)[0], "last words\n")
    same(logged(spawn("print(2)"), wait=True)[0], "2\n")
