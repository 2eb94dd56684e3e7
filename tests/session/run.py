# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Interactive sessions: what runs, and how a run ends."""
import ctypes
import os
import signal
import subprocess

from luadrv import (ERRORS, OUTPUT, SLOW, UAPI, Session, Thread, call, get_parameter, kernel_log, leave, opened,
                    refuses, same, stop, table, until, waits_in, within_a_second)

BUSY = "while true do end"


def test_output():
    """a run prints to who reads the session, and ends with 0"""
    with Session() as session:
        same(session.ran("print('a', 1) print()"), ("", "a\t1\n\n", ""))


def test_syntax():
    """what does not compile gives EINVAL and its error"""
    with Session() as session:
        code, output, errors = session.ran("x y")
    same((code, output), ("EINVAL", ""))
    assert errors.startswith("script:1: syntax error near 'y'"), errors


def test_error():
    """an error gives ECANCELED, and is read after the output as the other stream, with its traceback"""
    with Session() as session:
        same(session.run("print('before') error('aua')"), "ECANCELED")
        same(session.read(), (OUTPUT, b"before\n"))
        stream, text = session.read()
        same(stream, ERRORS, "stream")
        assert text.startswith(b"script:1: aua\nstack traceback:\n"), text
        same(session.read()[1], b"")


def test_interrupt():
    """LUADRV_INTERRUPT gives ESRCH where nothing runs that heeds it, ENOTTY for the table, EBADF for a script's file"""
    with Session() as session:
        session.options(name=b"asleep")
        refuses("ESRCH", call, session.fd, "INTERRUPT")
        same(session.ran("x = 1"), ("", "", ""))
        refuses("ESRCH", call, session.fd, "INTERRUPT")
        thread = Thread(session.run, "kernel.sleep(1000000)")
        waits_in("asleep", "sleep")
        refuses("ESRCH", call, session.fd, "INTERRUPT")
        stop(everything=True)
        same(thread.end(), "EINTR")
    for flags, code in ((os.O_RDONLY, "ENOTTY"), (os.O_WRONLY, "EBADF")):
        with opened(flags) as fd:
            refuses(code, call, fd, "INTERRUPT")


def test_memory():
    """more memory than the limit gives ENOMEM, and the session goes on"""
    with Session() as session:
        session.options(memory=1 << 20)
        code, _, errors = session.ran("kept = 7 local t = {} while true do t[#t + 1] = {} end")
        same(code, "ENOMEM")
        assert "module parameter memory, --memory" in errors, errors
        same(session.ran("print(kept)"), ("", "7\n", ""))


def test_instructions():
    """more instructions than the limit give ETIME, and the next run has a budget of its own"""
    with Session() as session:
        session.options(instructions=100000)
        code, _, errors = session.ran(BUSY)
        same(code, "ETIME")
        assert "more than 100000 instructions (limit: module parameter instructions, --instructions)" in errors, errors
        same(session.ran("for i = 1, 10000 do end print('fine')"), ("", "fine\n", ""))


def test_sockets():
    """more sockets than the limit give EMFILE"""
    with Session() as session:
        session.options(sockets=2)
        code, _, errors = session.ran("t = {} for i = 1, 3 do t[i] = socket.new('inet', 'udp') end")
        same(code, "EMFILE")
        assert "module parameter sockets, --sockets" in errors, errors


def test_busy():
    """a second run of a session gives EBUSY while the first one runs"""
    with Session() as session:
        thread = session.start(BUSY)
        same(session.run("print(1)"), "EBUSY")
        same(stop(1), 1)
        same(thread.end(), "EINTR")


def test_globals():
    """globals, libraries and upvalues stay from run to run"""
    with Session() as session:
        same(session.ran("x = 1 local n = 0 function count() n = n + 1 return n end string.mine = 2")[0], "")
        same(session.ran("count() print(x, count(), string.mine)"), ("", "1\t2\t2\n", ""))


def test_separate():
    """sessions share no globals"""
    with Session() as first, Session() as second:
        same(first.run("x = 1"), "")
        same(second.ran("print(x)"), ("", "nil\n", ""))


def test_empty():
    """a run of nothing does nothing"""
    with Session() as session:
        same(session.ran(""), ("", "", ""))


def test_once():
    """a run takes what was written since the last one, whatever became of that"""
    with Session() as session:
        same(session.run("x ="), "EINVAL")
        same(session.run("y = 1 error()"), "ECANCELED")
        same(session.run("assert(y == 1 and x == nil)"), "")


def test_failed_write():
    """a run of a script that a write lost some of gives that write's errno, and the next script runs"""
    with Session() as session:
        size = get_parameter("max_script")
        refuses("EFBIG", os.write, session.fd, b" " * (size + 1))
        refuses("EFBIG", call, session.fd, "RUN")
        same(session.ran("print(1)"), ("", "1\n", ""))


def interactive(text, then):
    """In a child: run a text, which a signal ends, then another; exit with what is wrong."""
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGUSR1, lambda *_: None)
        with Session() as session:
            first = session.run(text)
            second = session.run(then)
        leave(0 if (first, second) == ("EINTR", "") else 1)
    return pid


def test_signal():
    """a signal with a handler ends a run with EINTR, and the session goes on with its globals"""
    child = interactive("x = 5 kernel.log('notice', 'ready') while true do end", "assert(x == 5)")
    until("it to run", lambda: "ready" in kernel_log())
    with within_a_second("the end of the run"):
        os.kill(child, signal.SIGUSR1)
        same(os.waitpid(child, 0)[1], 0, "status")


def test_signal_asleep():
    """a signal with a handler ends a run that waits"""
    child = interactive("local p = socket.poll{ socket.new('inet', 'udp') } x = 5 p:select()", "assert(x == 5)")
    until("it to wait", lambda: table().get(1, {}).get("WAIT") == "select")
    with within_a_second("the end of the run"):
        os.kill(child, signal.SIGUSR1)
        same(os.waitpid(child, 0)[1], 0, "status")


def test_stopped_error():
    """who reads is told where a run was stopped"""
    with Session() as session:
        thread = session.start("while true do end\nend\nspin()", "local function spin()\n")
        stop(1)
        same(thread.end(), "EINTR")
        errors = session.read_all()[1]
    assert errors.startswith("stopped by request\n\tscript:2: in "), errors


def test_check():
    """a check compiles and runs nothing"""
    with Session() as session:
        session.write("print('ran')")
        call(session.fd, "CHECK")
        same(session.read_all(), ("", ""))
        same(session.ran(""), ("", "", ""))


def test_check_error():
    """a check of what does not compile gives EINVAL and the error"""
    with Session() as session:
        session.write("\n\nx y")
        refuses("EINVAL", call, session.fd, "CHECK")
        errors = session.read_all()[1]
    assert errors.startswith("script:3: syntax error near 'y'"), errors


def test_shebang():
    """a first line that names an interpreter is skipped in every run"""
    with Session() as session:
        for i in range(2):
            same(session.ran(f"#!/usr/sbin/luadrv run\nprint({i})"), ("", f"{i}\n", ""))


def test_write_only():
    """a file that is open for writing only refuses RUN, LAST, CHECK and READ with EBADF"""
    with opened(os.O_WRONLY) as fd:
        for name in "RUN", "LAST", "CHECK":
            refuses("EBADF", call, fd, name)
        refuses("EBADF", call, fd, "READ", UAPI.structures["read"]())


def test_read_only():
    """a file that is open for reading only refuses all calls that need a script with ENOTTY"""
    with opened(os.O_RDONLY) as fd:
        for name in "OPTIONS", "RUN", "LAST", "CHECK", "SPAWN", "READ":
            refuses("ENOTTY", call, fd, name)


def test_unknown():
    """an unknown call gives ENOTTY on every file"""
    for flags in os.O_RDONLY, os.O_WRONLY, os.O_RDWR:
        with opened(flags) as fd:
            for number in 0, 0x5401, UAPI.calls["RUN"] + 100, UAPI.calls["STOP"] ^ 1 << 16:
                refuses("ENOTTY", call, fd, number)


def test_bad_addresses():
    """a call with a bad address gives EFAULT, and the session goes on"""
    with Session() as session:
        for name in "OPTIONS", "READ", "STOP", "LOG":
            refuses("EFAULT", call, session.fd, name, 16)
        refuses("EFAULT", call, session.fd, "OPTIONS", UAPI.structures["options"](args=16, args_size=8))
        same(session.run("print('kept')"), "")
        refuses("EFAULT", call, session.fd, "READ", UAPI.structures["read"](buffer=16, size=10))
        same(session.read_all(), ("kept\n", ""))


def test_shared():
    """processes that share a file share its session, in turn"""
    with Session() as session:
        same(session.run("x = 1"), "")
        child = os.fork()
        if not child:
            leave(session.run("assert(x == 1) x = 2") != "")
        same(os.waitpid(child, 0)[1], 0, "status")
        same(session.run("assert(x == 2)"), "")


def test_many():
    """fifty sessions (fewer on a slow kernel) run at once, each its own script"""
    sessions = [Session() for _ in range(max(50 // SLOW, 8))]
    threads = []
    for i, session in enumerate(sessions):
        session.options(name=f"many {i}".encode())
        threads.append(Thread(session.run, f"me = {i} kernel.sleep(1000000)"))
    for i in range(len(sessions)):
        waits_in(f"many {i}", "sleep")
    same(stop(everything=True), len(sessions), "stopped")
    for i, (session, thread) in enumerate(zip(sessions, threads)):
        same(thread.end(), "EINTR")
        session.read_all()
        same(session.ran("print(me)")[1], f"{i}\n")
        session.close()


def test_deleted_namespace():
    """a session in a network namespace that is deleted goes on, and the namespace goes with it"""
    subprocess.run(["ip", "netns", "add", "gone"], check=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    inside = os.open("/run/netns/gone", os.O_RDONLY)
    libc = ctypes.CDLL(None)
    same(libc.setns(inside, 0), 0, "setns")
    os.close(inside)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with Session() as session:
        same(session.run("s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 0) s:listen(1)"), "")
        same(libc.setns(home, 0), 0, "setns")
        os.close(home)
        subprocess.run(["ip", "netns", "delete", "gone"], check=True)
        same(session.ran("local c = socket.new('inet', 'tcp') c:connect(s:getsockname()) print(s:accept() ~= nil)"),
             ("", "true\n", ""))
