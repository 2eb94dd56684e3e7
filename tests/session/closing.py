# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Interactive sessions: what the last close does, and who does it."""
import os
import select
import signal
import threading
import time

from harness.kernel import references
from luadrv import (SLOW, Session, Thread, copier, in_kernel, kernel_log, leave, nothing_alive, row, same, stop, until,
                    waits_in, within_a_second)

FINALIZER = "keep = setmetatable({}, { __gc = function() kernel.log('notice', 'finalized') end }) "


def test_runs_nothing():
    """the last close of a session does not run what was written"""
    with Session() as session:
        session.write("kernel.log('notice', 'ran')")
    assert "ran" not in kernel_log()


def test_finalizers():
    """the last close of a session runs its finalizers"""
    with Session() as session:
        same(session.run(FINALIZER), "")
        assert "finalized" not in kernel_log()
    assert "finalized" in kernel_log()


def test_finalizers_after_stop():
    """a session whose last run was stopped runs its finalizers, too"""
    with Session() as session:
        thread = session.start("while true do end", FINALIZER)
        stop(1)
        same(thread.end(), "EINTR")
    assert "finalized" in kernel_log()


def test_print_at_close():
    """what finalizers print at the close goes nowhere"""
    with Session() as session:
        same(session.run("keep = setmetatable({}, { __gc = function() print(('lost'):rep(100000)) end })"), "")
    assert "lost" not in kernel_log()


def test_endless_finalizer():
    """a signal ends finalizers at the close, and a stop does"""
    for end in (lambda pid: os.kill(pid, signal.SIGKILL), lambda pid: stop(name="final")):
        child = os.fork()
        if not child:
            session = Session()
            session.options(name=b"final")
            session.run("keep = setmetatable({}, { __gc = function() kernel.log('notice', 'going') "
                        "while true do end end })")
            session.close()
            leave(0)
        until("the finalizer to run", lambda: row("final").get("STATE") == "running" and "going" in kernel_log())
        with within_a_second("the end of the finalizers"):
            end(child)
            os.waitpid(child, 0)
        until("the session to go", nothing_alive)


def test_stop_at_close():
    """a stop of a session that is being closed returns when the session has gone"""
    for _ in range(10):
        session = Session()
        session.options(name=b"final")
        same(session.run("s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 4000) for i = 1, 20000 do t = { t } end "
                         "keep = setmetatable({}, { __gc = function() while true do end end })"), "")
        thread = Thread(session.close)
        until("the finalizer to run", lambda: row("final").get("STATE") == "running")
        same(stop(name="final"), 1)
        same(row("final"), {})
        thread.end()


def running_in(session, text):
    """Begin a run in a thread, and wait until it runs."""
    session.options(name=b"victim")
    return session.start(text)


def test_close_elsewhere():
    """the last close, by another thread, ends the script that runs, and returns when it has ended"""
    for text in ("while true do end", "kernel.sleep(1000000)", "while true do pcall(kernel.sleep, 1000000) end"):
        session = Session()
        thread = running_in(session, text)
        with within_a_second("close"):
            session.close()
            same(thread.end(1), "EINTR")
        until("the session to go", nothing_alive)


def test_close_of_copy():
    """the close of a copy of a descriptor ends nothing"""
    with Session() as session:
        copy = os.dup(session.fd)
        thread = running_in(session, "kernel.sleep(1000000)")
        os.close(copy)
        child = os.fork()
        if not child:
            session.close()
            leave(0)
        os.waitpid(child, 0)
        time.sleep(0.1)
        same(row("victim")["WAIT"], "sleep")
        stop(name="victim")
        same(thread.end(), "EINTR")


def test_close_with_reader():
    """the last close ends a run and the readers that wait for it"""
    session = Session()
    thread = running_in(session, "while true do end")
    reader = Thread(session.read_all, 2)
    until("the reader to wait", lambda: in_kernel(f"self/task/{reader.native_id}", "luadrv_output_read"))
    with within_a_second("close"):
        session.close()
        same(thread.end(1), "EINTR")
    same(reader.end(), ("", ""))
    until("the session to go", nothing_alive)


def test_close_while_polled():
    """the last close while another thread is in poll(2) ends the script when that returns"""
    session = Session()
    thread = running_in(session, "while true do pcall(kernel.sleep, 1000000) end")
    poll = select.poll()
    poll.register(session.fd, select.POLLIN)
    poller = Thread(poll.poll, 300 * SLOW)
    until("it to poll", lambda: in_kernel(f"self/task/{poller.native_id}", "do_sys_poll"))
    session.close()
    poller.end()
    same(thread.end(2), "EINTR")
    until("the session to go", nothing_alive)


def test_two_closes():
    """two last closes at the same time, of two descriptors, end the script, however often"""
    for _ in range(50 // SLOW + 1):
        session = Session()
        thread = session.start("while true do end")
        barrier = threading.Barrier(2)

        def close(fd, barrier=barrier):
            barrier.wait()
            os.close(fd)

        closer = Thread(close, os.dup(session.fd))
        barrier.wait()
        session.close()
        closer.end()
        same(thread.end(2), "EINTR")
    until("the sessions to go", nothing_alive)


def test_close_while_full():
    """the last close ends a script that waits for a reader of its output"""
    session = Session()
    thread = running_in(session, "while true do pcall(print, ('x'):rep(1000)) end")
    waits_in("victim", "print")
    with within_a_second("close"):
        session.close()
        same(thread.end(1), "EINTR")
    until("the session to go", nothing_alive)


def test_close_race():
    """a run that begins while another thread closes the last descriptor ends, however often"""
    for i in range(100 // SLOW + 1):
        session = Session()
        session.write("while true do end")
        barrier = threading.Barrier(2)
        fd = session.fd

        def run(barrier=barrier, session=session):
            barrier.wait()
            return session.run()

        thread = Thread(run)
        barrier.wait()
        session.close()
        result = thread.end(2)
        assert result in ("EINTR", "EBADF"), f"round {i}, descriptor {fd}: {result}"
    until("the sessions to go", nothing_alive)


def test_killed():
    """a process that is killed while a session runs a script leaves nothing"""
    child = os.fork()
    if not child:
        session = Session()
        session.options(name=b"victim")
        session.run("s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 0) s:listen(1) s:accept()")
        leave(0)
    waits_in("victim", "accept")
    with within_a_second("the end"):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        until("the session to go", nothing_alive)


def test_exit():
    """a process that exits leaves nothing of an idle session, and does not run its finalizers"""
    child = os.fork()
    if not child:
        session = Session()
        session.run(FINALIZER + "while true do keep2 = keep break end")
        leave(0)
    os.waitpid(child, 0)
    until("the session to go", nothing_alive)
    assert "finalized" not in kernel_log()


def test_unload():
    """the module is in use as long as a session is open, and not afterwards"""
    session = Session()
    same(session.run("x = 1"), "")
    same(references(), 1)
    session.close()
    same(references(), 0)


def test_copier():
    """a session open for writing only is run by cp, as ever, and listed meanwhile"""
    process = copier("print('ready') while true do end")
    until("it to run", lambda: row("cp").get("STATE") == "running")
    same(row("cp")["PID"], str(process.pid))
    process.terminate()
    same(process.wait(), -signal.SIGTERM)
