# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""async in sessions, whose state lives from run to run, and whose thread can be looked at."""
import re

from luadrv import Session, same, stop, waits_in

SETUP = "async = require 'async' a, b = socket.pair() "
# What a run that was stopped must have left as it was, and what must work again.
AFTER = """
while pcall(a.read, a, 9, 'D') do end
b:write('x')
assert(a:read(1) == 'x' and async.current() == nil)
assert(coroutine.wrap(function() return a:settimeout(5) or pcall(a.read, a) end)() == false)
print(async.run(function()
	async.spawn(function() async.sleep(1) b:write('again') end)
	return a:read(5, 'W', 10000)
end))
"""


def check(text):
    """Stop a run, then look at what is left."""
    with Session() as session:
        session.options(name=b"tasks")
        same(session.run(SETUP), "")
        thread = session.start(text)
        same(stop(name="tasks"), 1)
        same(thread.end(), "EINTR")
        session.read_all(session.runs)
        same(session.ran(AFTER), ("", "again\n", ""))


def test_stopped_waiting():
    """a session that was stopped while all tasks waited goes on with its sockets, and with new tasks"""
    check("async.run(function() for _ = 1, 5 do async.spawn(async.sleep, -1) end a:read() end)")


def test_stopped_busy():
    """a session that was stopped while tasks ran goes on with its sockets, and with new tasks"""
    check("async.run(function() async.spawn(function() while true do end end) a:read() end)")
    check("async.run(function() while true do b:write('x') a:read(1) end end)")


def test_kept():
    """an object and a task of an earlier run can be used in a later one"""
    with Session() as session:
        same(session.run(SETUP + "s = async.wrap(a) async.run(function() t = async.spawn(tostring, 7) end)"), "")
        same(session.ran("b:write('hello') print(async.run(s.read, s, 5), t:status(), (t:recv()))"),
             ("", "hello\tdone\t7\n", ""))


def test_leftovers():
    """what a stopped run leaves is over: its tasks, their places, what they sent half of"""
    with Session() as session:
        session.options(name=b"tasks")
        same(session.run(SETUP + "s, q = async.wrap(a), async.queue()"), "")
        thread = session.start("""async.run(function()
            t = async.spawn(function() q:writev(s, { ('x'):rep(5000000) }) end)
            u = async.spawn(function() q:writev(s, { 'y' }) end)
            async.sleep(-1) end)""")
        waits_in("tasks", "select")
        same(stop(name="tasks"), 1)
        same(thread.end(), "EINTR")
        session.read_all(session.runs)
        same(session.ran("""print(t:cancel(), t:status(), u:status(), #q)
            async.run(function()
                t:cancel()
                print(select(2, s:writev{ 'z' }), s:disconnect())
                async.sleep(1)
            end)"""), ("", "false\tcancelled\tcancelled\t0\nEPIPE\ttrue\n", ""))


def switches():
    """How often this thread, which runs what a session runs, has slept."""
    with open("/proc/thread-self/status", encoding="ascii") as file:
        return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", file.read(), re.M)[1])


def sleeps(before, text):
    """How often tasks sleep while a thread runs a function(a, b) 300 times, after what came before."""
    with Session() as session:
        same(session.run("""async = require "async"
            function used()
                local a, b = socket.pair()
                local reader = async.spawn(b.read, b, 1)
                async.sleep(1)
                a:write("x")
                reader:await()
                return a, b
            end
            function run(f, a, b)
                local over = thread.channel(1)
                thread.spawn(function(x, y, done) for _ = 1, 300 do f(x, y) end done:send(true) end, a, b, over)
                assert(over:receive(10000))
            end"""), "")
        begun = switches()
        same(session.ran(f"async.run(function() {before} run({text}) end)"), ("", "", ""))
        return switches() - begun


def test_relays():
    """tasks do not run for what a relay moves, whose sockets have been used before"""
    count = sleeps("local a, b = used() local c, d = used() async.spawn(socket.relay, b, d)", """function(x, y)
        x:write("x") y:read(1) y:write("y") x:read(1) end, a, c) a:close() c:close(""")
    assert count < 100, count


def test_gone():
    """tasks do not run for what comes for a socket that another thread has, and that is collected here"""
    count = sleeps("""local channel = thread.channel(1)
        local a
        do local b a, b = used() channel:send(b) end
        collectgarbage()""", """function(x, y) far = far or y:receive() x:write("x") far:read(1) end, a, channel""")
    assert count < 100, count
