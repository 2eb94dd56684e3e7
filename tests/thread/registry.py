# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Threads as an operator sees them."""
import os
import signal

from harness.result import Skip
from luadrv import (SLOW, Session, copier, kernel_log, logged, nothing_alive, same, spawn, stop, table, task_name,
                    until, within_a_second)

# Says when the file "go" is there, which touch() makes.
AWAIT = "while not package.searchpath('go', '{}/?') do kernel.sleep(1) end "
WAITING = "thread.channel():receive() "


def threads(number):
    """The rows of the threads of a script."""
    return [row for row in table().values() if row["PARENT"] == str(number)]


def wait_for_threads(number, count):
    """Wait until a script has so many threads; their rows."""
    return until(f"{count} threads", lambda: len(rows := threads(number)) == count and rows)


def touch(name):
    """Make a file."""
    with open(name, "w", encoding="ascii"):
        pass


def ran(text):
    """What a script prints, which must not fail."""
    with Session() as session:
        failed, output, errors = session.ran(text)
        same(failed, "", errors)
        return output


def test_table():
    """a thread is in the table, with its script as its parent and a name of its own"""
    number = spawn("thread.spawn({name = 'hand'}, function() " + WAITING + "end):join()", name=b"boss")
    row = until("it to wait", lambda: next((row for row in threads(number) if row["STATE"] == "waiting"), None))
    same(row["WAIT"], "receive")
    same(row["NAME"], "hand")
    same(task_name(int(row["PID"])), "luadrv/hand")


def test_grandchild():
    """the thread of a thread has the script as its parent, too"""
    number = spawn("thread.spawn(function() thread.spawn(function() " + WAITING + "end):join() end):join()")
    wait_for_threads(number, 2)


def test_stop_one():
    """a thread that is stopped by its number ends alone, and join says so"""
    number = spawn("local t = thread.spawn(function() while true do end end) print(select(2, pcall(t.join, t))) "
                   + WAITING)
    hand = int(wait_for_threads(number, 1)[0]["ID"])
    same(stop(hand), 1)
    until("the join", lambda: f"thread {hand} was stopped" in logged(number)[0])
    same(list(table()), [number])


def test_error_told():
    """the error of a thread that nobody waits for is told at once, and once, also in the kernel log"""
    number = spawn("local t = thread.spawn({name = 'hand'}, function() error('lost error') end) " + WAITING)
    until("the error", lambda: "lost error" in logged(number)[1])
    assert number in table(), "the script has gone"
    stop(number)
    same(logged(number)[1].count("lost error"), 1)
    same(kernel_log().count("lost error"), 1)


def test_error_joined():
    """the error of a thread that a join waits for is told by that alone"""
    number = spawn("local t = thread.spawn(function() " + AWAIT.format(os.getcwd()) + "error('quiet error') end) "
                   "print(#select(2, pcall(t.join, t)) > 0)")
    until("the join", lambda: table()[number]["WAIT"] == "join")
    touch("go")
    same(logged(number, wait=True), ("true\n", ""))
    assert "quiet error" not in kernel_log()


def test_error_after_join():
    """a join that gives up leaves the error to be told"""
    number = spawn("local t = thread.spawn(function() " + AWAIT.format(os.getcwd()) + "error('late error') end) "
                   "print(t:join(1)) " + WAITING)
    until("the join", lambda: logged(number)[0] == "false\n")
    touch("go")
    until("the error", lambda: "late error" in logged(number)[1])


def test_stop_script():
    """a stop of the script stops all its threads"""
    number = spawn("for _ = 1, 3 do thread.spawn(function() while true do end end) "
                   "thread.spawn(function() " + WAITING + "end) end " + WAITING)
    wait_for_threads(number, 6)
    with within_a_second("the stop"):
        same(stop(number), 1)
    same(table(), {})


def test_kill():
    """a kill of the process of a script ends its threads"""
    process = copier("for _ = 1, 3 do thread.spawn(function() while true do pcall(function() while true do end end) "
                     "end end) end " + WAITING)
    until("the threads", lambda: len(table()) == 4)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    same(process.returncode, -signal.SIGKILL)
    until("the end", nothing_alive)


def test_session():
    """the threads of a session last from run to run, and end with it"""
    with Session() as session:
        same(session.run("ch = thread.channel() back = thread.channel() "
                         "t = thread.spawn(function() while true do back:send(ch:receive() + 1) end end)"), "")
        same(session.ran("ch:send(5) print(back:receive())"), ("", "6\n", ""))
        same(len(table()), 2)
    until("the end", nothing_alive)


def test_affinity():
    """a thread runs on its processor alone"""
    if os.cpu_count() < 2:
        raise Skip("one processor")
    number = spawn("thread.spawn({cpu = 1}, function() " + WAITING + "end):join()")
    pid = until("the thread", lambda: next((int(row["PID"]) for row in threads(number) if row["WAIT"] == "receive"), 0))
    same(os.sched_getaffinity(pid), {1})


def test_affinity_refused():
    """a processor that the script may not use is refused"""
    if os.cpu_count() < 2:
        raise Skip("one processor")
    os.sched_setaffinity(0, {0})
    same(ran("print(select(2, pcall(thread.spawn, {cpu = 1}, print)).name)"), "EINVAL\n")


def test_module():
    """a module runs as a thread, found where the script looks for modules"""
    with open("sum.lua", "w", encoding="ascii") as file:
        file.write("return function(a, b) return a + b end")
    same(ran(f"package.path = '{os.getcwd()}/?.lua' print(thread.spawn('sum', 3, 4):join())"), "true\t7\n")


def test_stop_anywhere():
    """what a thread has sent and received when it is stopped at any moment is whole

    timeout: 120
    """
    same(ran("""
        local ch = thread.channel(4)
        local function work()
            local t = { { ch }, s = ("x"):rep(100), f = function() return ch end }
            while true do
                ch:send(t, 1)
                ch:receive(1)
            end
        end
        for i = 1, """ + str(max(100 // SLOW, 14)) + """ do
            local ts = {}
            for j = 1, 4 do ts[j] = thread.spawn(work) end
            kernel.sleep(i % 7)
            for j = 1, 4 do ts[j]:stop() end
        end
        print("ok")
        """), "ok\n")
