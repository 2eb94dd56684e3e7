# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""async in sessions, whose state lives from run to run."""
from luadrv import Session, same, stop

SETUP = "async = require 'async' a, b = socket.pair() "
# What a run that was stopped must have left as it was, and what must work again.
AFTER = """
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
        same(session.run(SETUP + "s, t = async.wrap(a), nil async.run(function() t = async.spawn(tostring, 7) end)"), "")
        same(session.ran("b:write('hello') print(async.run(s.read, s, 5), t:status(), (t:recv()))"), ("", "hello\tdone\t7\n", ""))
