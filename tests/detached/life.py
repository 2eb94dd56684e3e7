# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Detached scripts: what they take from who spawns them, and how they begin and end."""
import ctypes
import os
import signal
import socket
import subprocess

from harness.kernel import live_objects, references
from harness.libc import libc
from luadrv import (SLOW, Session, ended, errno_of, get_parameter, kernel_log, leave, logged, nothing_alive, ready,
                    refuses, row, same, spawn, stop, table, task_name, until, within_a_second)

ASLEEP = "print('ready') kernel.sleep(1000000)"


def test_number():
    """a spawn gives the script's number at once, which the table has"""
    number = spawn(ASLEEP, name=b"sleeper")
    assert number > 0
    ready(number)
    same(table()[number]["NAME"], "sleeper")
    stop(number)


def test_numbers():
    """no number is used twice"""
    numbers = [spawn("") for _ in range(5)]
    same(len(set(numbers)), 5, f"different ones of {numbers}")


def test_goes_on():
    """a script goes on when the process that spawned it has closed the device and ended"""
    child = os.fork()
    if not child:
        spawn(ASLEEP, name=b"orphan")
        leave(0)
    os.waitpid(child, 0)
    until("it to sleep", lambda: row("orphan").get("WAIT") == "sleep")
    same(stop(name="orphan"), 1)


def test_no_terminal():
    """what a script prints goes to its log and not to the kernel log"""
    number = spawn("print('only here')")
    same(logged(number, wait=True), ("only here\n", ""))
    assert "only here" not in kernel_log()


def test_error():
    """an error with its traceback goes to the log and to the kernel log"""
    number = spawn("error('aua')", name=b"broken")
    errors = logged(number, wait=True)[1]
    assert errors.startswith("broken:1: aua\nstack traceback:\n"), errors
    until("the kernel log to have it", lambda: "broken:1: aua" in kernel_log())


def test_syntax():
    """a script that does not compile gets a number, and its log has the error"""
    number = spawn("x y")
    assert "script:1: syntax error" in logged(number, wait=True)[1]


def test_thread_name():
    """ps shows the thread by the script's name"""
    ready(spawn(ASLEEP, name=b"abc"))
    same(task_name(row("abc")["PID"]), "luadrv/abc")
    stop(name="abc")


def test_unnamed():
    """a script without a name has that of the process that spawned it"""
    with open("/proc/self/comm", "w", encoding="ascii") as file:
        file.write("spawner")
    number = spawn(ASLEEP)
    ready(number)
    same(table()[number]["NAME"], "spawner")
    stop(number)


def kill(number):
    """Signal the thread of a script: it ends within a second."""
    ready(spawn("print('ready') while true do pcall(kernel.sleep, 1000000) end", name=b"victim"))
    pid = int(row("victim")["PID"])
    with within_a_second("the end"):
        os.kill(pid, number)
        until("the thread to end", lambda: ended(pid))
        until("the script to go", lambda: not row("victim"))


def test_kill():
    """SIGKILL to its thread ends a script within a second"""
    kill(signal.SIGKILL)


def test_term():
    """SIGTERM to its thread ends a script within a second"""
    kill(signal.SIGTERM)


def test_int():
    """SIGINT to its thread ends a script within a second"""
    kill(signal.SIGINT)


def test_other_signals():
    """signals that are not meant to end it do nothing to a script"""
    ready(spawn(ASLEEP, name=b"deaf"))
    pid = int(row("deaf")["PID"])
    for number in signal.SIGHUP, signal.SIGUSR1, signal.SIGSTOP, signal.SIGCHLD:
        os.kill(pid, number)
    same(row("deaf")["WAIT"], "sleep")
    same(stop(name="deaf"), 1)


def test_killed_reason():
    """the log of a script that was killed says so"""
    number = spawn(ASLEEP, name=b"victim")
    ready(number)
    os.kill(int(row("victim")["PID"]), signal.SIGTERM)
    assert logged(number, wait=True)[1].startswith("stopped by a signal\n")


def test_stopped_reason():
    """the log of a script that was stopped says so, with the place"""
    number = spawn("local function here()\n" + ASLEEP + "\nend\nhere()")
    ready(number)
    stop(number)
    errors = logged(number, wait=True)[1]
    assert errors.startswith("stopped by request\n") and "script:2: in " in errors, errors


def test_affinity():
    """a script runs on the processors of the process that spawned it"""
    os.sched_setaffinity(0, {0})
    ready(spawn(ASLEEP, name=b"pinned"))
    same(os.sched_getaffinity(int(row("pinned")["PID"])), {0})
    stop(name="pinned")


def test_nice():
    """a script is as nice as the process that spawned it"""
    os.nice(7)
    ready(spawn(ASLEEP, name=b"nice"))
    same(os.getpriority(os.PRIO_PROCESS, int(row("nice")["PID"])), 7)
    stop(name="nice")


def test_opener():
    """affinity and niceness are those of the process when it opened the device"""
    with Session(os.O_WRONLY) as session:
        os.nice(5)
        session.options(name=b"early")
        ready(session.spawn(ASLEEP))
    same(os.getpriority(os.PRIO_PROCESS, int(row("early")["PID"])), 0)
    stop(name="early")


def in_namespace(function):
    """Call a function in a network namespace that is deleted while it has the result."""
    subprocess.run(["ip", "netns", "add", "other"], check=True)
    home, inside = (os.open(path, os.O_RDONLY) for path in ("/proc/self/ns/net", "/run/netns/other"))
    libc.setns(inside, 0)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    result = function()
    libc.setns(home, 0)
    os.close(home)
    os.close(inside)
    subprocess.run(["ip", "netns", "delete", "other"], check=True)
    return result


def test_namespace():
    """a script's sockets are in the network namespace of who spawned it, which stays as long as it runs"""
    number = in_namespace(lambda: spawn(
        "local s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 8080) s:listen(5) print('ready') s:accept()"))
    ready(number)
    same(subprocess.run(["ss", "-Hltn", "sport = :8080"], check=True, capture_output=True).stdout, b"")
    assert "netns" in live_objects()
    stop(number)
    until("the namespace to be let go", nothing_alive)


def test_namespace_works():
    """a script in a namespace that was deleted still connects to itself"""
    number, sender = in_namespace(lambda: (spawn(
        "local u = socket.new('inet', 'udp') u:bind('127.0.0.1', 4000) u:recv(1) "
        "local s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 0) s:listen(5) "
        "local c = socket.new('inet', 'tcp') c:connect(s:getsockname()) print('connected')"),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
    until("it to wait", lambda: table()[number]["WAIT"] == "recv")
    with sender:
        sender.sendto(b"x", ("127.0.0.1", 4000))
    same(logged(number, wait=True), ("connected\n", ""))


def test_credentials():
    """a script has the capabilities of the process that opened the device"""
    text = "local s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 80) print('bound')"
    child = os.fork()
    if not child:
        # PR_CAPBSET_DROP, then an execve by which the process loses CAP_NET_BIND_SERVICE.
        libc.prctl(24, 10, 0, 0, 0)
        program = (f"import os, sys\nsys.path.insert(0, {os.path.dirname(os.path.dirname(__file__))!r})\n"
                   f"import luadrv\nluadrv.spawn({text!r}, name=b'bound')")
        os.execv("/usr/bin/python3", ["python3", "-B", "-c", program])
    same(os.waitpid(child, 0)[1], 0, "status")
    assert "(EACCES)" in logged(1, wait=True)[1], logged(1)
    number = spawn(text)
    same(logged(number, wait=True)[0], "bound\n")


def test_unload():
    """the module cannot be unloaded while a script runs, and can when it has ended"""
    ready(spawn(ASLEEP, name=b"user"))
    same(libc.delete_module(b"luadrv", os.O_NONBLOCK), -1)
    same(ctypes.get_errno(), 11, "errno")
    stop(name="user")
    until("nobody to use it", lambda: references() == 0)
    same(libc.delete_module(b"luadrv", os.O_NONBLOCK), 0)


def test_unload_at_once():
    """the module can be unloaded as soon as a stop returns, however often"""
    for _ in range(max(20 // SLOW, 3)):
        number = spawn(ASLEEP)
        ready(number)
        stop(number)
        same(references(), 0, "references")


def test_cycles():
    """a thousand scripts that are spawned and stopped (fewer on a slow kernel) leave nothing

    timeout: 240
    """
    def cycle(i):
        number = spawn("while true do end" if i % 2 else "kernel.sleep(1000000)")
        same(stop(number), 1)

    for i in range(max(1000 // SLOW, 50)):
        cycle(i)
    same(table(), {})
    same(live_objects(), "")


def test_many():
    """thirty scripts run at once, and one stop ends them all"""
    numbers = [spawn(ASLEEP) for _ in range(30)]
    for number in numbers:
        ready(number)
    with within_a_second("stop"):
        same(stop(everything=True), 30)
    same(table(), {})


def test_broken_write():
    """a spawn of a script that a write lost some of gives that write's errno, and runs nothing"""
    with Session() as session:
        size = get_parameter("max_script")
        refuses("EFBIG", os.write, session.fd, b" " * (size + 1))
        same(errno_of(session.spawn, ""), "EFBIG")
        same(table(), {})


def test_empty():
    """a spawn of nothing runs a script without a statement"""
    same(logged(spawn(""), wait=True), ("", ""))
