# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""LUADRV_LAST, the run that ends a session's state."""
import os
import signal

from luadrv import (Session, Thread, get_parameter, in_kernel, kernel_log, leave, refuses, row, same, stop, table,
                    until, within_a_second)

SAYS_BYE = "keep = setmetatable({}, { __gc = function() print('bye') end }) "
LOOPS = "keep = setmetatable({}, { __gc = function() kernel.log('notice', 'going') while true do end end }) "


def read_last(session, text):
    """Run a text for the last time while somebody reads: errno, output, errors."""
    reader = Thread(session.read_all, session.runs + 1)
    until("the reader to wait", lambda: in_kernel(f"self/task/{reader.native_id}", "luadrv_output_read"))
    return session.last(text), *reader.end()


def test_finalizers():
    """what finalizers print at the end of a last run can be read, also of objects of earlier runs"""
    with Session() as session:
        same(read_last(session, SAYS_BYE + "print('hello')"), ("", "hello\nbye\n", ""))
        same(session.run(SAYS_BYE), "")
        same(read_last(session, ""), ("", "bye\n", ""))


def test_finalizers_wait():
    """what finalizers print waits for the reader, and none of it is lost"""
    with Session() as session:
        session.options(output=8192)
        text = "keep = setmetatable({}, { __gc = function() for i = 1, 5000 do print('0123456') end end })"
        same(read_last(session, text), ("", "0123456\n" * 5000, ""))


def test_state():
    """a last run has the globals of earlier ones; the one after it has a new state, and may have new options"""
    with Session() as session:
        same(session.run("x = 5"), "")
        refuses("EBUSY", session.options, name=b"again")
        same(read_last(session, "print(x)"), ("", "5\n", ""))
        same(table(), {})
        session.options(name=b"again")
        same(session.ran("print(x, arg[0])"), ("", "nil\tagain\n", ""))


def test_failures():
    """a last run that fails tells so as any run does, and ends the state"""
    with Session() as session:
        for text, want in ("x y", "EINVAL"), ("error('aua')", "ECANCELED"):
            same(session.run(SAYS_BYE), "")
            code, output, errors = read_last(session, text)
            same((code, output), (want, "bye\n"))
            assert errors.startswith("script:1: "), errors
            same(table(), {})


def test_failed_write():
    """a last run of a script that a write lost some of gives that write's errno, and the state stays"""
    with Session() as session:
        same(session.run(SAYS_BYE), "")
        refuses("EFBIG", os.write, session.fd, b" " * (get_parameter("max_script") + 1))
        same(read_last(session, ""), ("EFBIG", "", ""))
        same(read_last(session, ""), ("", "bye\n", ""))


def test_threads():
    """a last run ends the threads of all runs, also those that print without end"""
    with Session() as session:
        same(session.run("thread.spawn(function() thread.channel():receive() end)"), "")
        code, output, errors = read_last(session, "thread.spawn(function() while true do print('x') end end)")
        same((code, output.strip("x\n"), errors), ("", "", ""))
        same(table(), {})


def test_thread_error():
    """the error of a thread that nobody joined is told at the end of the last run"""
    with Session() as session:
        code, _, errors = read_last(session, "local t = thread.spawn(function() error('lost') end) "
                                             "while t:status() ~= 'failed' do end")
        same(code, "")
        assert "script:1: lost\nstack traceback:" in errors, errors


def test_stop():
    """a stop of a last run ends it with its finalizers, which do not run"""
    with Session() as session:
        session.options(name=b"last")
        thread = Thread(read_last, session, SAYS_BYE + "kernel.log('notice', 'going') while true do end")
        until("it to run", lambda: "going" in kernel_log())
        same(stop(name="last"), 1)
        same(table(), {})
        code, output, errors = thread.end()
        same((code, output), ("EINTR", ""))
        assert errors.startswith("stopped by request\n"), errors


def test_stop_finalizers():
    """a stop ends finalizers of a last run that do not end, and returns when all is gone"""
    with Session() as session:
        session.options(name=b"last")
        thread = Thread(session.last, LOOPS)
        until("the finalizer to run", lambda: row("last").get("STATE") == "running" and "going" in kernel_log())
        with within_a_second("stop"):
            same(stop(name="last"), 1)
        same(table(), {})
        same(thread.end(), "EINTR")


def test_signal_finalizers():
    """a signal ends finalizers of a last run that do not end"""
    child = os.fork()
    if not child:
        signal.signal(signal.SIGUSR1, lambda *_: None)
        with Session() as session:
            leave(session.last(LOOPS) != "EINTR")
    until("the finalizer to run", lambda: "going" in kernel_log())
    with within_a_second("the end"):
        os.kill(child, signal.SIGUSR1)
        same(os.waitpid(child, 0)[1], 0, "status")


def test_busy():
    """a last run gives EBUSY while another run has not ended, and leaves it alone"""
    with Session() as session:
        thread = session.start("while true do end", "x = 1 ")
        same(session.last(), "EBUSY")
        same(stop(1), 1)
        same(thread.end(), "EINTR")
        same(session.ran("print(x)")[1], "1\n")
