# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Interactive sessions: reading what a script prints."""
import os
import select
import signal
import socket
import threading
import time

from luadrv import (ERRORS, OUTPUT, PAGE, SLOW, Session, Thread, call, errno_of, in_kernel, leave, refuses, same,
                    set_parameter, stop, table, until, waits_in, within_a_second)

FLOOD = "for i = 1, {} do print(('%08d'):format(i)) end"


def readable(fd, milliseconds=0):
    """What poll(2) says of a file."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(milliseconds))


def flooded(lines):
    """What FLOOD prints."""
    return "".join(f"{i:08}\n" for i in range(1, lines + 1))


def test_meanwhile():
    """output can be read while the script runs"""
    with Session() as session:
        thread = Thread(session.run, "print('now') while true do end")
        same(session.read(run=1), (OUTPUT, b"now\n"))
        until("it to compute", lambda: table()[1]["STATE"] == "running")
        stop(1)
        thread.end()


def test_before_run():
    """a READ of run 1 that begins before the run waits for it"""
    with Session() as session:
        reader = Thread(session.read_all, 1)
        until("the reader to wait", lambda: asleep_in(reader, "luadrv_output_read"))
        same(session.run("print('one')"), "")
        same(reader.end(), ("one\n", ""))


def asleep_in(thread, function):
    """Whether a thread sleeps in a function of the kernel."""
    return in_kernel(f"self/task/{thread.native_id}", function)


def test_later_runs():
    """a READ of run 2 is not over when run 1 is"""
    with Session() as session:
        same(session.run("print('one')"), "")
        reader = Thread(session.read_all, 2)
        until("the reader to wait for more", lambda: asleep_in(reader, "luadrv_output_read"))
        assert reader.is_alive()
        same(session.run("print('two')"), "")
        same(reader.end(), ("one\ntwo\n", ""))


def test_nothing_ran():
    """the end of file is there when nothing ran, and again after each run"""
    with Session() as session:
        same(os.read(session.fd, 10), b"")
        for _ in range(2):
            same(session.run("print(1)"), "")
            same([os.read(session.fd, 10), os.read(session.fd, 10)], [b"1\n", b""])


def test_failed_run_counts():
    """a run that fails at once counts for READ as well"""
    with Session() as session:
        same(session.run("x y"), "EINVAL")
        same(session.read(run=1)[0], ERRORS)
        same(session.read(run=1)[1], b"")


def test_nonblock():
    """with O_NONBLOCK a read gives EAGAIN as long as something runs and nothing is there"""
    with Session(os.O_RDWR | os.O_NONBLOCK) as session:
        refuses("EAGAIN", session.read, run=1)
        thread = Thread(session.run, "kernel.sleep(1000000)")
        until("it to run", lambda: table().get(1, {}).get("WAIT") == "sleep")
        refuses("EAGAIN", os.read, session.fd, 10)
        stop(1)
        thread.end()
        assert b"stopped" in os.read(session.fd, PAGE)
        same(os.read(session.fd, 10), b"")


def test_poll():
    """poll(2) tells when there is output, and when it is over, and not before"""
    with Session() as session:
        thread = session.start("s:recv(1) print('x') kernel.sleep(1000000)",
                               "s = socket.new('inet', 'udp') s:bind('127.0.0.1', 4000) ")
        until("it to wait", lambda: table()[1]["WAIT"] == "recv")
        assert not readable(session.fd), "readable before there is output"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", ("127.0.0.1", 4000))
        assert readable(session.fd, 20000 * SLOW), "not readable"
        same(session.read(), (OUTPUT, b"x\n"))
        until("it to sleep", lambda: table()[1]["WAIT"] == "sleep")
        assert not readable(session.fd), "readable without output"
        stop(1)
        thread.end()
        session.read_all()
        assert readable(session.fd), "not readable at the end"


def test_threads():
    """between runs read(2) and poll(2) wait for what threads print, as long as there are any; a READ of a run does not"""
    with Session() as session:
        same(session.run("local c = thread.channel(4) ch = c t = thread.spawn(function() print((c:receive())) end)"), "")
        assert not readable(session.fd), "readable before there is output"
        same(session.read(run=1)[1], b"")
        reader = Thread(session.read)
        until("the reader to wait", lambda: in_kernel(f"self/task/{reader.native_id}", "luadrv_output_read"))
        same(session.run("ch:send('hello') t:join()"), "")
        same(reader.end(), (OUTPUT, b"hello\n"))
        assert readable(session.fd), "not readable at the end"
        same(session.read()[1], b"")


def test_lines():
    """lines that threads print at the same time come whole"""
    with Session() as session:
        reader = Thread(session.read_all, 1)
        same(session.run("local ts = {} for i = 1, 4 do ts[i] = thread.spawn(function() "
                         "local line = ('%d'):format(i):rep(99 * i) for _ = 1, 300 do print(line) end end) end "
                         "for i = 1, 4 do ts[i]:join() end"), "")
        output, errors = reader.end()
        same(errors, "")
        lines = output.splitlines()
        same((len(lines), set(lines)), (1200, {str(i) * 99 * i for i in range(1, 5)}))


def test_no_reader_but_writers():
    """a thread that waits for a reader is taken for none by a run whose process is the only one that could read"""
    with Session() as session:
        session.options(output=2 * PAGE, name=b"flood")
        same(session.run("thread.spawn(function() kernel.sleep(100) while true do print('0123456') end end)"), "")
        same(session.read()[1][:8], b"0123456\n")
        until("the thread to wait", lambda: any(line["WAIT"] == "print" for line in table().values()))
        with within_a_second("the run"):
            same(session.run("print('x')"), "ECANCELED")


def test_poll_writable():
    """a session is always ready for writing"""
    with Session() as session:
        poll = select.poll()
        poll.register(session.fd, select.POLLOUT)
        same(poll.poll(0), [(session.fd, select.POLLOUT)])


def test_pieces():
    """output can be read in pieces of any size, across runs, and no byte is lost or changed"""
    with Session() as session:
        text = "local t = {} for i = 0, 255 do t[i + 1] = string.char(i) end print(table.concat(t))"
        for _ in range(3):
            same(session.run(text), "")
        for size in 1, 7, 4096:
            got = b""
            while len(got) < 257:
                got += session.read(size=min(size, 257 - len(got)))[1]
            same(got, bytes(range(256)) + b"\n")
        same(session.read()[1], b"")


def test_two_readers():
    """of two readers each gets some, and together they get all"""
    with Session() as session:
        readers = [Thread(session.read_all, 1) for _ in range(2)]
        same(session.run(FLOOD.format(5000)), "")
        lengths = [len(reader.end()[0]) for reader in readers]
        same(sum(lengths), 45000, f"bytes of {lengths}")


def test_slow_reader():
    """a script whose output is full waits for the reader, and loses nothing"""
    with Session() as session:
        session.options(output=2 * PAGE, name=b"flood")
        reader = Thread(session.read, 1, 1)
        until("the reader to wait", lambda: asleep_in(reader, "luadrv_output_read"))
        thread = Thread(session.run, FLOOD.format(10000))
        text = reader.end()[1]
        waits_in("flood", "print")
        while len(text) < 1000:
            text += session.read(size=10)[1]
        text += session.read_all(1)[0].encode()
        same(thread.end(), "")
    same(text.decode(), flooded(10000))


def test_late_reader():
    """a reader that comes a moment after the run began gets all of a flood"""
    with Session() as session:
        session.options(output=2 * PAGE, name=b"flood")
        thread = Thread(session.run, FLOOD.format(10000))
        waits_in("flood", "print")
        # Without patience it would have failed by now.
        time.sleep(0.2 * SLOW)
        same(session.read_all(1)[0], flooded(10000))
        same(thread.end(), "")


def test_nobody_reads():
    """print raises ENOBUFS when the output is full and nobody reads, and what it took can be read"""
    with Session() as session:
        session.options(output=2 * PAGE)
        code, output, errors = session.ran(FLOOD.format(10000))
        same(code, "ECANCELED")
        assert flooded(10000).startswith(output) and PAGE < len(output) < 3 * PAGE, len(output)
        assert "print nobody reads (limit: module parameter output, --output)" in errors, errors
        assert "(ENOBUFS)" in errors, errors


def test_output_parameter():
    """the module parameter output is the limit of sessions that are opened afterwards"""
    set_parameter("output", 3 * PAGE)
    with Session() as session:
        code, output, _ = session.ran(FLOOD.format(10000))
        same(code, "ECANCELED")
        assert 2 * PAGE < len(output) <= 3 * PAGE, len(output)


def test_caught_enobufs():
    """a script can catch ENOBUFS and go on when somebody has read"""
    with Session() as session:
        session.options(output=2 * PAGE)
        same(session.run("local ok, e = pcall(function() while true do print('x') end end) name = e.name"), "")
        session.read_all()
        same(session.ran("print(name)"), ("", "ENOBUFS\n", ""))


def test_stop_while_full():
    """a signal or a stop ends a script that waits for a reader, with EINTR"""
    with Session() as session:
        session.options(output=2 * PAGE, name=b"full")
        reader = Thread(session.read, 1, 1)
        thread = Thread(session.run, "while true do pcall(print, ('x'):rep(100)) end")
        reader.end()
        waits_in("full", "print")
        with within_a_second("stop"):
            same(stop(name="full"), 1)
        same(thread.end(), "EINTR")


def test_signal_reader():
    """a signal with a handler ends a read that waits, with EINTR"""
    with Session() as session:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGUSR1, lambda *_: None)
            leave(0 if errno_of(session.read, 1) == "EINTR" else 1)
        until("the reader to wait", lambda: in_kernel(child, "luadrv_output_read"))
        os.kill(child, signal.SIGUSR1)
        same(os.waitpid(child, 0)[1], 0, "status")


def test_error_when_full():
    """the error of a script that filled its output is still to be read"""
    with Session() as session:
        session.options(output=2 * PAGE)
        same(session.run("pcall(function() while true do print('x') end end) error('the end')"), "ECANCELED")
        assert "the end" in session.read_all()[1]


def test_streams_in_order():
    """errors and output come in the order in which they were told"""
    with Session() as session:
        for i in range(3):
            same(session.run(f"print({i}) error('e{i}', 0)"), "ECANCELED")
        got = []
        while True:
            stream, text = session.read()
            if not text:
                break
            got.append((stream, text.split(b"\n")[0]))
        want = []
        for i in range(3):
            want += [(OUTPUT, b"%d" % i), (ERRORS, b"e%d" % i)]
        same(got, want)


def test_flooding_thread():
    """a READ of a run ends though a thread goes on printing, and the next one gives what came meanwhile"""
    with Session() as session:
        session.options(output=2 * PAGE, name=b"flood")
        code = Thread(session.run, "thread.spawn(function() while true do print('0123456') end end)")
        for run in 1, 2, 3:
            output, errors = session.read_all(run)
            same((output.replace("0123456\n", ""), errors), ("", ""))
            same(code.end(), "")
            until("its output to be full", lambda: any(line["WAIT"] == "print" for line in table().values()))
            code = Thread(session.run, "")
        same(code.end(), "")
        # What had come until then, and no more.
        call(session.fd, "CHECK")
        assert len(session.read_all(4)[0]) <= 3 * PAGE
        same(session.read(run=4)[1], b"")


def test_readers_at_close():
    """readers that wait for a run that will not come end when the last descriptor is closed"""
    session = Session()
    reader = Thread(session.read_all, 1)
    until("the reader to wait", lambda: asleep_in(reader, "luadrv_output_read"))
    closer = threading.Thread(target=session.close)
    closer.start()
    closer.join()
    same(reader.end(), ("", ""))


def test_long_print():
    """one print of more than the output holds reaches who reads it whole"""
    with Session() as session:
        session.options(output=2 * PAGE)
        reader = Thread(session.read_all, 1)
        until("the reader to wait", lambda: asleep_in(reader, "luadrv_output_read"))
        same(session.run("print(('0123456789'):rep(20000))"), "")
        same(reader.end()[0], "0123456789" * 20000 + "\n")
