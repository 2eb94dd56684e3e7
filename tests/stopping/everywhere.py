# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""A stop ends a script within a second, wherever it is, whoever runs it."""
from luadrv import (Session, Thread, copier, kernel_log, logged, nothing_alive, ready, row, same, spawn, stop, table,
                    until, within_a_second)

LISTENER = "local s = socket.new('inet', 'tcp') s:bind('127.0.0.1', 0) s:listen(1) "
PEER = LISTENER + "local c = socket.new('inet', 'tcp') c:connect(s:getsockname()) local a = s:accept() "

# What a script does when it is stopped: what comes before it is ready, and then; and the wait that the table names.
# READY is for what would otherwise be ready too soon: a session would keep a finalizer that has not run yet.
PLACES = {
    "a loop": ("", "while true do end", None),
    "pcall": ("", "while true do pcall(function() while true do end end) end", None),
    "a coroutine": ("", "while true do coroutine.wrap(function() while true do end end)() end", None),
    "many coroutines": ("", "while true do coroutine.wrap(function() end)() end", None),
    "a finalizer": (
        "", "setmetatable({}, { __gc = function() READY while true do end end }) while true do collectgarbage() end",
        None),
    "a metamethod": ("local t = setmetatable({}, { __index = function() while true do end end })", "return t.x", None),
    "a pattern": ("local s = ('a'):rep(100000)", "while true do s:find(('a*'):rep(30) .. 'b') end", None),
    "a handler of errors": ("", "xpcall(error, function() while true do end end)", None),
    "accept": (LISTENER, "s:accept()", "accept"),
    "accept in pcall": (LISTENER, "while true do pcall(s.accept, s) end", "accept"),
    "recv": (PEER, "a:recv(10)", "recv"),
    "read": (PEER, "a:read()", "read"),
    "write": (PEER, "local x = ('x'):rep(1 << 20) while true do a:write(x) end", "write"),
    "select": (LISTENER, "socket.poll{ s }:select()", "select"),
    "sleep": ("", "kernel.sleep(1000000)", "sleep"),
    "sleep in pcall": ("", "while true do pcall(kernel.sleep, 1000000) end", "sleep"),
    "a finalizer that sleeps": (
        "", "setmetatable({}, { __gc = function() READY kernel.sleep(1000000) end }) collectgarbage()", "sleep"),
    "a coroutine that sleeps": ("", "coroutine.wrap(kernel.sleep)(1000000)", "sleep"),
    "the end of the script": (
        "keep = setmetatable({}, { __gc = function() while true do pcall(kernel.sleep, 1000000) end end })", "return",
        "sleep"),
}
# A session keeps its state, so its end is not the script's.
NOT_IN_SESSIONS = {"the end of the script"}


def text_of(place):
    """The script for a place, and the wait that it comes to."""
    before, then, wait = PLACES[place]
    log = f"kernel.log('notice', 'ready for {place}.')"
    return f"{before} {then.replace('READY', log) if 'READY' in then else f'{log} {then}'}", wait


def begun(place, wait, name="place"):
    """Wait until the script of that name is where it shall be stopped."""
    until(f"{place} to begin", lambda: times_ready(place) > SEEN.get(place, 0))
    SEEN[place] = times_ready(place)
    until(f"{place} to be where it shall be stopped",
          lambda: row(name).get("WAIT") == wait if wait else row(name).get("STATE") == "running")


# How often each place was come to.
SEEN: dict = {}


def times_ready(place):
    """How often scripts have said that they are ready."""
    return kernel_log().count(f"ready for {place}.")


def expect_stop(place, name="place"):
    """One stop ends the script of that name, in time, and counts it."""
    with within_a_second(f"stop in {place}"):
        same(stop(name=name), 1, f"stopped in {place}")


def test_detached():
    """a stop ends a detached script within a second, in every loop and wait

    timeout: 180
    """
    for place in PLACES:
        text, wait = text_of(place)
        number = spawn(text, name=b"place")
        begun(place, wait)
        expect_stop(place)
        same(table(), {}, f"left after {place}")
        assert logged(number)[1].startswith("stopped by request\n"), logged(number)
        until("nothing to be alive", nothing_alive)


def test_session():
    """a stop ends what a session runs within a second, in every loop and wait, and the session goes on

    timeout: 180
    """
    with Session() as session:
        session.options(name=b"place")
        same(session.run("kept = 1"), "")
        for place in set(PLACES) - NOT_IN_SESSIONS:
            text, wait = text_of(place)
            thread = Thread(session.run, text)
            begun(place, wait)
            expect_stop(place)
            same(thread.end(), "EINTR", place)
            assert session.read_all()[1].startswith("stopped by request\n"), place
            same(session.ran("print(kept)"), ("", "1\n", ""), f"after {place}")


def test_foreground():
    """a stop ends what cp runs within a second, in every loop and wait, and cp lives to tell EINTR

    timeout: 180
    """
    for place in PLACES:
        text, wait = text_of(place)
        process = copier(text)
        begun(place, wait, "cp")
        expect_stop(place, "cp")
        complaint = process.communicate()[1]
        same(process.returncode, 1, f"exit status in {place}")
        assert "Interrupted system call" in complaint, complaint


def test_full_output():
    """a stop ends a script that waits for a reader of its output"""
    with Session() as session:
        session.options(name=b"place")
        thread = session.start("while true do print(('x'):rep(100)) end")
        until("it to wait", lambda: row("place").get("WAIT") == "print")
        expect_stop("print")
        same(thread.end(), "EINTR")


def test_connect():
    """a stop ends a script that waits for a connection to be answered"""
    number = spawn(LISTENER + """
local kept = {}
local host, port = s:getsockname()
for i = 1, 3 do
	kept[i] = socket.new('inet', 'tcp')
	kept[i]:settimeout(200)
	pcall(kept[i].connect, kept[i], host, port)
end
local c = socket.new('inet', 'tcp')
print('ready')
while true do pcall(c.connect, c, host, port) end""", name=b"place")
    ready(number)
    until("it to wait", lambda: row("place").get("WAIT") == "connect")
    expect_stop("connect")
