# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""LUADRV_STOP: whom it stops, what it waits for, what it tells."""
import ctypes
import os
import signal

from harness.result import Skip
from luadrv import (UAPI, Session, Thread, call, ended, errno_of, leave, logged, opened, ready, refuses, row, same,
                    spawn, stop, table, until, waits_in)

ASLEEP = "print('ready') kernel.sleep(1000000)"
# It takes a while to end: there is much to free.
SLOW_STEP = "local t = {} for i = 1, 300000 do t[i] = {} end " + ASLEEP


def test_by_number():
    """a stop by number ends that script only"""
    first, second = spawn(ASLEEP), spawn(ASLEEP)
    ready(first)
    ready(second)
    same(stop(first), 1)
    same(set(table()), {second})
    same(stop(second), 1)


def test_by_name():
    """a stop by name ends all scripts of that name, and counts them"""
    for name in b"twin", b"twin", b"other":
        ready(spawn(ASLEEP, name=name))
    same(stop(name="twin"), 2)
    same([line["NAME"] for line in table().values()], ["other"])
    same(stop(name="other"), 1)


def test_part_of_name():
    """a part of a name stops nothing"""
    ready(spawn(ASLEEP, name=b"whole name"))
    refuses("ESRCH", stop, name="whole")
    same(stop(name="whole name"), 1)


def test_all():
    """a stop of all ends detached scripts and what sessions run"""
    number = spawn(ASLEEP)
    ready(number)
    with Session() as session:
        thread = session.start("while true do end")
        same(stop(everything=True), 2)
        same(thread.end(), "EINTR")


# How a script that is called boss can be chosen.
WAYS = (stop, lambda _: stop(name="boss"), lambda _: stop(everything=True))
SPAWNING = "for _ = 1, 3 do thread.spawn(function() while true do pcall(kernel.sleep, 1000000) end end) end "


def test_threads():
    """a stop ends the threads of a script with it, and counts them as one"""
    for stop_it in WAYS:
        number = spawn(SPAWNING + ASLEEP, name=b"boss")
        ready(number)
        same(stop_it(number), 1)
        same(table(), {})
        same(logged(number)[1].count("stopped by request"), 1)


def test_threads_of_idle():
    """a stop ends the threads of a session that is idle, which goes on"""
    with Session() as session:
        session.options(name=b"boss")
        for stop_it in WAYS:
            same(session.run("kept = 5 " + SPAWNING), "")
            same(len(table()), 4)
            same(stop_it(1), 1)
            same(list(table()), [1])
            same(stop_it(1), 0)
            same(session.ran("print(kept)"), ("", "5\n", ""))


def test_threads_of_run():
    """a stop ends the threads of what a session runs with the run, also those that they spawn meanwhile"""
    with Session() as session:
        for _ in range(5):
            thread = session.start("local function next() kernel.sleep(1) thread.spawn(next) end "
                                   "for _ = 1, 10 do thread.spawn(next) end kernel.sleep(1000000)")
            same(stop(1), 1)
            same(list(table()), [1])
            same(thread.end(), "EINTR")
            session.read_all()


def test_own_threads():
    """a stop of all spares the threads of what the caller's own file runs"""
    with Session() as session:
        same(session.run("t = thread.spawn(function() kernel.sleep(1000000) end)"), "")
        same(stop(everything=True, fd=session.fd), 0)
        same(session.ran("print(t:status() ~= 'stopped')"), ("", "true\n", ""))


def test_all_of_none():
    """a stop of all when nothing runs stops none"""
    same(stop(everything=True), 0)


def test_own():
    """a stop of all spares what the caller's own file runs"""
    number = spawn(ASLEEP)
    ready(number)
    with Session() as session:
        session.options(name=b"own")
        thread = session.start("kernel.sleep(1000000)")
        same(stop(everything=True, fd=session.fd), 1)
        waits_in("own", "sleep")
        same(stop(name="own", fd=session.fd), 1)
        same(thread.end(), "EINTR")


def test_no_such():
    """a number or a name that nobody has gives ESRCH"""
    refuses("ESRCH", stop, 1)
    refuses("ESRCH", stop, 2**32 - 1)
    refuses("ESRCH", stop, name="nobody")


def test_ended():
    """a script that has ended gives ESRCH"""
    number = spawn("")
    until("it to end", lambda: not table())
    refuses("ESRCH", stop, number)


def test_nothing_chosen():
    """a stop of nothing, with an unknown flag, or of a name without an end gives EINVAL"""
    structure = UAPI.structures["stop"]
    with opened(os.O_RDONLY) as fd:
        refuses("EINVAL", call, fd, "STOP", structure())
        refuses("EINVAL", call, fd, "STOP", structure(id=1, flags=2))
        endless = structure()
        ctypes.memset(ctypes.addressof(endless) + structure.name.offset, ord("n"), UAPI.constants["NAME_SIZE"])
        refuses("EINVAL", call, fd, "STOP", endless)


def test_idle():
    """a stop of an idle session stops none, and the session goes on"""
    with Session() as session:
        same(session.run("x = 1"), "")
        same(stop(1), 0)
        same(session.ran("print(x)"), ("", "1\n", ""))


def test_waits():
    """when a stop returns the script has let go of its sockets, its thread and its number"""
    ready(spawn("s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 8080) s:listen(5) " + ASLEEP, name=b"server"))
    pid = int(row("server")["PID"])
    stop(name="server")
    same(table(), {})
    number = spawn("s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 8080) " + ASLEEP)
    ready(number)
    stop(number)
    until("the thread to go", lambda: ended(pid))


def test_two_stoppers():
    """two that stop the same scripts both wait for their end and count them"""
    for _ in range(5):
        for _ in range(4):
            ready(spawn(ASLEEP, name=b"victim"))
        stoppers = [Thread(lambda: stop(name="victim")) for _ in range(2)]
        counts = [stopper.end() for stopper in stoppers]
        same(table(), {})
        # The second one may come when some are gone, or all.
        assert 4 in counts and all(isinstance(count, (int, OSError)) for count in counts), counts


def test_interrupted_stopper():
    """a signal ends a stop that waits, with EINTR, and the script still ends"""
    number = spawn(SLOW_STEP, memory=1 << 30)
    ready(number)
    child = os.fork()
    if not child:
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        leave({"EINTR": 0, "": 4}.get(errno_of(stop, number), 1))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    until("it to end", lambda: not table())
    assert status in (0, 4), status
    if status == 4:
        raise Skip("the script ends faster than signals come")


def test_interrupted_early():
    """a script that is asked to stop before it has begun ends, even if nobody waits for that"""
    signal.signal(signal.SIGALRM, lambda *_: None)
    for delay in range(10):
        number = spawn("s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 0) s:listen(1) s:accept()")
        signal.setitimer(signal.ITIMER_REAL, 0.0002 + 0.0002 * delay)
        assert errno_of(stop, number) in ("EINTR", "")
        until("it to end", lambda: not table(), 5)
