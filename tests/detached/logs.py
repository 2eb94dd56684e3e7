# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The logs of detached scripts."""
import os
import signal

from luadrv import (ERRORS, OUTPUT, PAGE, Session, Thread, errno_of, in_kernel, leave, log, logged, ready, refuses,
                    same, set_parameter, spawn, stop, table, until)

KEPT = 16


def ran(text, **options):
    """Spawn a script and wait for its end; its number."""
    number = spawn(text, **options)
    until("it to end", lambda: number not in table())
    return number


def test_live():
    """the log can be read while the script runs, by anybody and more than once"""
    number = spawn("print('one') print('two') kernel.sleep(1000000)")
    until("it to print", lambda: logged(number)[0] == "one\ntwo\n")
    same(logged(number)[0], "one\ntwo\n")
    stop(number)


def test_position():
    """a position says where to begin"""
    number = ran("print('0123456789')")
    same(log(number, 4), (4, OUTPUT, b"456789\n"))
    same(log(number, 4, size=2), (4, OUTPUT, b"45"))


def test_end():
    """at the end and behind it there is nothing, and the position of the end is told"""
    number = ran("print('x')")
    for position in 2, 3, 2**63, 2**64 - 1:
        same(log(number, position)[::2], (2, b""))
        same(log(number, position, wait=True)[::2], (2, b""))
    same(log(number, 1, size=0)[::2], (1, b""))


def test_kept():
    """the log of a script that has ended keeps no more than the module parameter says"""
    set_parameter("output", 16384)
    number = ran("for i = 1, 10000 do print(('%07d'):format(i)) end", output=1 << 20)
    lines = logged(number)[0].splitlines()
    same(lines[-1], "0010000")
    assert 1000 < len(lines) <= 16384 // 8, len(lines)
    same(lines, [f"{i:07}" for i in range(10001 - len(lines), 10001)])


def test_wait():
    """with WAIT the call comes back when something is printed"""
    number = spawn("print('ready') kernel.sleep(200) print('later') kernel.sleep(1000000)")
    ready(number)
    same(log(number, 6, wait=True), (6, OUTPUT, b"later\n"))
    stop(number)


def test_wait_for_end():
    """with WAIT the call gives nothing when the script has ended"""
    number = spawn("print('ready') kernel.sleep(1000000)")
    ready(number)
    reader = Thread(logged, number, True)
    stop(number)
    output, errors = reader.end()
    same(output, "ready\n")
    assert errors.startswith("stopped by request"), errors


def test_wait_interrupted():
    """a signal with a handler ends the waiting with EINTR"""
    number = spawn("print('ready') kernel.sleep(1000000)")
    ready(number)
    child = os.fork()
    if not child:
        signal.signal(signal.SIGUSR1, lambda *_: None)
        leave(0 if errno_of(log, number, 6, True) == "EINTR" else 1)
    until("it to wait", lambda: in_kernel(child, "luadrv_output_log"))
    os.kill(child, signal.SIGUSR1)
    same(os.waitpid(child, 0)[1], 0, "status")
    stop(number)


def test_streams():
    """output and errors are told apart, in their order"""
    number = ran("print('a') error('e', 0)")
    same(log(number)[1:], (OUTPUT, b"a\n"))
    position, stream, text = log(number, 2)
    same((position, stream, text[:2]), (2, ERRORS, b"e\n"))


def test_bounded():
    """of a long output the log keeps the newest, and the position jumps"""
    number = ran("for i = 1, 10000 do print(('%09d'):format(i)) end", output=4 * PAGE)
    position, _, text = log(number)
    assert position > 0
    total = 100000
    while position + len(text) < total:
        text += log(number, position + len(text))[2]
    want = b"".join(b"%09d\n" % i for i in range(1, 10001))
    same(text, want[position:])
    assert 2 * PAGE < len(text) <= 4 * PAGE, len(text)


def test_parameter():
    """the module parameter output is the size of logs"""
    set_parameter("output", 8 * PAGE)
    number = ran("for i = 1, 10000 do print(('%09d'):format(i)) end")
    position = log(number)[0]
    assert 6 * PAGE < 100000 - position <= 8 * PAGE, position


def test_never_waits():
    """a script whose log is full goes on"""
    number = spawn("for i = 1, 10000 do print(('%09d'):format(i)) end print('through')", output=2 * PAGE)
    until("it to end", lambda: number not in table())
    position, _, text = log(number, 100000)
    same((position, text), (100000, b"through\n"))


def test_kept():
    """of scripts that have ended the last sixteen logs are kept"""
    numbers = [ran(f"print({i})") for i in range(KEPT + 2)]
    for number in numbers[:2]:
        refuses("ESRCH", log, number)
    for i, number in enumerate(numbers[2:], 2):
        same(logged(number)[0], f"{i}\n")


def test_running_is_not_kept():
    """the log of a script that runs is there, however many end"""
    number = spawn("print('ready') kernel.sleep(1000000)")
    ready(number)
    for _ in range(KEPT + 1):
        ran("")
    same(logged(number)[0], "ready\n")
    stop(number)


def test_none():
    """a number that no script has, or has had, gives ESRCH"""
    for number in 0, 1, 2**32 - 1:
        refuses("ESRCH", log, number)


def test_session():
    """the log of what is not detached is refused with EINVAL"""
    with Session() as session:
        same(session.run(""), "")
        refuses("EINVAL", log, 1)


def test_gone_session():
    """a session leaves no log"""
    with Session() as session:
        same(session.run("print(1)"), "")
    refuses("ESRCH", log, 1)


def test_binary():
    """any bytes come back as they were printed"""
    number = ran("local t = {} for i = 0, 255 do t[i + 1] = string.char(i) end print(table.concat(t))")
    same(log(number)[2], bytes(range(256)) + b"\n")


def test_long_error():
    """an error longer than the log leaves its end there"""
    number = ran("error(('x'):rep(100000) .. 'END', 0)", output=2 * PAGE)
    position, text = 0, b""
    while True:
        position, _, more = log(number, position)
        if not more:
            break
        position += len(more)
        text += more
    assert b"xxxEND\n" in text, text[-200:]
