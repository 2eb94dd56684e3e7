# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""os.exit(): a run that ends itself, with a status."""
from luadrv import EXIT, Session, call, copier, logged, same, spawn

SAYS_BYE = "keep = setmetatable({}, { __gc = function() print('bye') end }) "


def test_status():
    """os.exit ends a run at once, with a status that its caller gets"""
    with Session() as session:
        for argument, status in ("", 0), ("nil", 0), ("true", 0), ("false", 1), ("0", 0), ("7", 7), ("255", 255):
            same(session.status(f"print('before') os.exit({argument}) print('after')"), status, f"status of {argument}")
            same(session.read_all(), ("before\n", ""))


def test_past_everything():
    """os.exit passes pcall, coroutines, callbacks of C, metamethods and finalizers"""
    with Session() as session:
        for text in ("pcall(os.exit, 3)", "while true do pcall(os.exit, 3) end", "coroutine.wrap(os.exit)(3)",
                     "coroutine.resume(coroutine.create(function() pcall(os.exit, 3) print('x') end))",
                     "xpcall(os.exit, print, 3)", "string.gsub('a', '.', function() os.exit(3) end)",
                     "table.sort({ 1, 2, 3 }, function() os.exit(3) end)",
                     "local _ = setmetatable({}, { __index = function() os.exit(3) end }).x",
                     "setmetatable({}, { __gc = function() os.exit(3) end }) collectgarbage()"):
            same(session.status(text + " print('after')"), 3, f"status of {text}")
            same(session.read_all(), ("", ""), text)


def test_goes_on():
    """a session goes on after a run that called os.exit, with its globals"""
    with Session() as session:
        same(session.status("x = 5 os.exit(1)"), 1)
        same(session.ran("print(x) local t = {} for i = 1, 1000 do t[i] = {} end"), ("", "5\n", ""))


def test_limited():
    """os.exit ends a run whose instructions are counted, too, and its finalizers can run"""
    with Session() as session:
        session.options(instructions=100000)
        session.write(SAYS_BYE + "coroutine.wrap(function() while true do pcall(os.exit, 3) end end)()")
        same(call(session.fd, "LAST"), EXIT | 3)
        same(session.read_all(), ("bye\n", ""))


def test_finalizers():
    """finalizers run after os.exit, and one that calls it is the last and gives the status"""
    with Session() as session:
        session.write(SAYS_BYE + "os.exit(3)")
        same(call(session.fd, "LAST"), EXIT | 3)
        same(session.read_all(), ("bye\n", ""))
        session.write(SAYS_BYE + "keep2 = setmetatable({}, { __gc = function() os.exit(4) end }) os.exit(3)")
        same(call(session.fd, "LAST"), EXIT | 4)
        same(session.read_all(), ("", ""))


def test_refused():
    """a status that is none is refused, and so is os.exit in a thread"""
    with Session() as session:
        for argument in "256", "-1", "'x'", "{}", "1 << 40":
            code, _, errors = session.ran(f"os.exit({argument})")
            same(code, "ECANCELED", argument)
            assert "bad argument #1 to 'exit'" in errors, errors
        code, output, _ = session.ran("local t = thread.spawn(os.exit, 1) print(select(2, pcall(t.join, t)))")
        same(code, "")
        assert "only a script can exit, not one of its threads" in output, output


def test_elsewhere():
    """os.exit in a script that cp writes, or a detached one, is an end like any other"""
    process = copier("os.exit(3)")
    same((process.wait(), process.stderr.read()), (0, ""))
    process.stderr.close()
    same(logged(spawn(SAYS_BYE + "os.exit(3)"), wait=True), ("bye\n", ""))
