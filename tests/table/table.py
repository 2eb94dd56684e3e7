# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The status table, which is what reading the device gives."""
import os
import re
import socket
import threading

from luadrv import (DEVICE, SLOW, Session, Thread, copier, opened, ready, refuses, row, same, spawn, stop, table,
                    table_text, until, waits_in)

COLUMNS = "ID PARENT PID STATE WAIT AGE CPU MEMORY PEAK SOCKETS RECEIVED SENT NAME"
ASLEEP = "print('ready') kernel.sleep(1000000)"


def test_empty():
    """with no script there is a line of columns' names"""
    same(table_text().split(), COLUMNS.split())
    same(table_text().count("\n"), 1, "lines")


def test_row():
    """each script has a line with as many fields, of which the last one is its name"""
    ready(spawn(ASLEEP, name=b"one"))
    until("it to sleep", lambda: " sleep " in table_text())
    head, line = table_text().splitlines()
    same(len(line.split()), len(head.split()), "fields")
    shape = r" *1 +- +\d+ waiting  sleep +\d+\.\d{3} +\d+\.\d{3} +\d+ +\d+ +0 +0 +0 one"
    assert re.fullmatch(shape, line), line
    stop(name="one")


def test_order():
    """the lines are in the order of the numbers"""
    for _ in range(12):
        ready(spawn(ASLEEP))
    numbers = [int(line.split()[0]) for line in table_text().splitlines()[1:]]
    same(numbers, sorted(numbers))
    stop(everything=True)


def test_name_with_spaces():
    """a name may have spaces, and stays whole"""
    ready(spawn(ASLEEP, name=b"my  little script"))
    assert table_text().endswith(" my  little script\n"), table_text()
    stop(name="my  little script")


def test_idle():
    """a session that runs nothing is idle, without a process"""
    with Session() as session:
        same(session.run("x = 1"), "")
        line = table()[1]
    same([line[name] for name in ("STATE", "WAIT", "PID")], ["idle", "-", "-"])


def test_unused_session():
    """a session in which nothing ran is not in the table"""
    with Session():
        same(table(), {})


def test_running():
    """a script that computes is running, in the thread that runs it"""
    with Session() as session:
        thread = session.start("while true do end")
        until("it to compute", lambda: table()[1]["STATE"] == "running")
        line = table()[1]
        same([line[name] for name in ("STATE", "WAIT", "PID")], ["running", "-", str(thread.native_id)])
        stop(1)
        thread.end()


def test_foreground():
    """a script that a close runs is there with its process, by that one's name"""
    process = copier("kernel.sleep(1000000)")
    waits_in("cp", "sleep")
    same(row("cp")["PID"], str(process.pid))
    stop(name="cp")
    process.communicate()


def expect_wait(text, wait):
    """A script that goes on with a text waits in a call of that name."""
    number = spawn("local s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 0) s:listen(5) "
                   "local c = socket.new('inet', 'tcp') c:connect(s:getsockname()) local a = s:accept() "
                   "local u = socket.new('inet', 'udp') u:bind('127.0.0.1', 0) "
                   "print('ready') " + text, name=b"waiter")
    ready(number)
    until(f"it to wait in {wait}", lambda: (row("waiter").get("STATE"), row("waiter").get("WAIT")) == ("waiting", wait))
    stop(number)


def test_waits():
    """a script that waits shows the call that it waits in"""
    for text, wait in (("s:accept()", "accept"), ("a:recv(1)", "recv"), ("a:read()", "read"),
                       ("a:recvmsg{ iov_len = 1 }", "recvmsg"), ("u:recv(1)", "recv"),
                       ("while true do a:send(('x'):rep(1 << 20)) end", "send"),
                       ("while true do a:write(('x'):rep(1 << 20)) end", "write"),
                       ("socket.poll{ a }:select()", "select"), ("kernel.sleep(1000000)", "sleep")):
        expect_wait(text, wait)


def test_age():
    """the age of a script grows with the clock"""
    ready(spawn(ASLEEP, name=b"old"))
    first = float(row("old")["AGE"])
    until("it to be older", lambda: float(row("old")["AGE"]) >= first + 0.2)
    stop(name="old")


def test_cpu():
    """the CPU time of a script that computes grows, and that of one that sleeps does not"""
    ready(spawn("print('ready') while true do end", name=b"busy"))
    ready(spawn(ASLEEP, name=b"lazy"))
    waits_in("lazy", "sleep")
    lazy = row("lazy")["CPU"]
    busy = float(row("busy")["CPU"])
    until("it to have computed", lambda: float(row("busy")["CPU"]) >= busy + 0.2)
    same(row("lazy")["CPU"], lazy)
    stop(everything=True)


def test_cpu_of_runs():
    """the CPU time of a session is that of all its runs"""
    with Session() as session:
        same(session.run("for i = 1, 5000000 do end"), "")
        first = float(table()[1]["CPU"])
        assert first > 0, first
        same(session.run("for i = 1, 5000000 do end"), "")
        second = float(table()[1]["CPU"])
        assert second > first * 1.5, (first, second)


def test_memory():
    """memory is what a script holds now, and peak the most that it held"""
    with Session() as session:
        session.options(memory=64 << 20)
        same(session.run("collectgarbage()"), "")
        before = int(table()[1]["MEMORY"])
        same(session.run("s = ('x'):rep(1 << 20) collectgarbage()"), "")
        held = int(table()[1]["MEMORY"])
        assert 1 << 20 <= held - before < (1 << 20) + 65536, (before, held)
        same(session.run("s = nil collectgarbage()"), "")
        line = table()[1]
    assert int(line["MEMORY"]) < before + 65536, line
    assert int(line["PEAK"]) >= held, line


def test_data():
    """data objects count as memory"""
    with Session() as session:
        same(session.run("collectgarbage()"), "")
        before = int(table()[1]["MEMORY"])
        same(session.run("d = data.new(1 << 20)"), "")
        assert int(table()[1]["MEMORY"]) >= before + (1 << 20)


def test_sockets():
    """sockets are those that a script holds"""
    with Session() as session:
        same(session.run("t = {} for i = 1, 5 do t[i] = socket.new('inet', 'udp') end"), "")
        same(table()[1]["SOCKETS"], "5")
        same(session.run("t[1]:close() t[2]:close()"), "")
        same(table()[1]["SOCKETS"], "3")


def test_bytes():
    """received and sent are the bytes that went through the sockets"""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    with Session() as session:
        same(session.run(f"s = socket.new('inet', 'tcp') s:connect('127.0.0.1', {port}) s:write(('x'):rep(1234))"), "")
        peer = server.accept()[0]
        peer.sendall(b"y" * 777)
        same(session.run("local n = 0 while n < 777 do n = n + #s:read() end s:send('abc')"), "")
        line = table()[1]
        same([line["SENT"], line["RECEIVED"]], ["1237", "777"])
    peer.close()
    server.close()


def test_many():
    """a table of two hundred scripts (fewer on a slow kernel) is whole"""
    sessions = [Session() for _ in range(max(200 // SLOW, 60))]
    for i, session in enumerate(sessions):
        session.options(name=f"session {i}".encode())
        same(session.run(""), "")
    same([line["NAME"] for line in table().values()], [f"session {i}" for i in range(len(sessions))])
    for session in sessions:
        session.close()
    same(table(), {})


def test_pieces():
    """the table can be read in small pieces, and again from its beginning"""
    with Session() as session, opened(os.O_RDONLY) as fd:
        session.options(name=b"piecewise")
        same(session.run(""), "")
        text = b""
        while True:
            piece = os.read(fd, 7)
            if not piece:
                break
            text += piece
        assert text.endswith(b" piecewise\n"), text
        os.lseek(fd, 0, os.SEEK_SET)
        assert os.read(fd, 4096).split()[0] == b"ID"


def test_while_changing():
    """the table can be read while scripts come and go"""
    over = threading.Event()
    seen = set()

    def churn():
        while not over.is_set():
            spawn("local t = {} for i = 1, 100 do t[i] = {} end", name=b"short lived")

    def look():
        rows = table()
        for line in rows.values():
            same(line["NAME"], "short lived")
        seen.update(rows)
        return len(seen) >= 10

    thread = Thread(churn)
    try:
        for _ in range(max(200 // SLOW, 20)):
            look()
        until("ten scripts to be seen", look)
    finally:
        over.set()
    same(thread.end(), None)
    until("all to end", lambda: not table())


def test_not_writable():
    """who reads the table cannot write a script"""
    with opened(os.O_RDONLY) as fd:
        refuses("EBADF", os.write, fd, b"x")


def test_module():
    """an open table keeps the module"""
    with open(DEVICE, encoding="ascii") as file:
        file.read()
        with open("/sys/module/luadrv/refcnt", encoding="ascii") as references:
            same(int(references.read()), 1)
