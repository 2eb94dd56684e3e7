# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The budget of instructions."""
from luadrv import Session, logged, same, set_parameter, spawn, stop

TEXT = "more than {} instructions (limit: module parameter instructions, --instructions)"
# A turn of this loop is one instruction, and nothing else counts much.
LOOP = "for _ = 1, {} do end "


def budget(instructions, text):
    """What becomes of a script with a budget."""
    with Session() as session:
        session.options(instructions=instructions)
        return session.ran(text)


def test_exact():
    """a budget is exact to a thousand instructions"""
    same(budget(100000, LOOP.format(98900))[0], "")
    same(budget(100000, LOOP.format(101000))[0], "ETIME")


def test_text():
    """the error names the limit, its knobs, and the place"""
    code, _, errors = budget(5000, "\nwhile true do end")
    same(code, "ETIME")
    assert errors.startswith(TEXT.format(5000) + "\n\tscript:2: in "), errors


def test_no_budget():
    """without a budget there is no limit"""
    with Session() as session:
        same(session.ran(LOOP.format(3000000) + "print('fine')"), ("", "fine\n", ""))


def test_pcall():
    """a script cannot catch the end of its budget"""
    same(budget(10000, "while true do pcall(function() while true do end end) end")[0], "ETIME")


def test_after_pcall():
    """what follows a caught end of the budget does not run"""
    code, output, _ = budget(10000, "pcall(function() while true do end end) print('caught')")
    same((code, output), ("ETIME", ""))


def test_handler():
    """a handler of errors does not get to run"""
    code, output, _ = budget(10000, "xpcall(function() while true do end end, print)")
    same((code, output), ("ETIME", ""))


def test_coroutines():
    """coroutines that run a little each share the budget"""
    text = ("local t = {{}} for i = 1, 100 do t[i] = coroutine.wrap(function() while true do "
            "for _ = 1, 50 do end coroutine.yield() end end) end "
            "for _ = 1, {} do for i = 1, 100 do t[i]() end end")
    # A round is about 100 * (50 + some 10) instructions.
    same(budget(100000, text.format(10))[0], "")
    same(budget(100000, text.format(25))[0], "ETIME")


def test_short_coroutines():
    """coroutines that end at once are counted, too"""
    text = "for _ = 1, {} do coroutine.wrap(function() for _ = 1, 50 do end end)() end"
    same(budget(100000, text.format(1000))[0], "")
    same(budget(100000, text.format(2500))[0], "ETIME")


def test_coroutine_after_coroutine():
    """what the main function executes between coroutines counts"""
    text = "local f = coroutine.wrap(function() while true do coroutine.yield() end end) " \
           "for _ = 1, {} do f() for _ = 1, 90 do end end"
    same(budget(100000, text.format(800))[0], "")
    same(budget(100000, text.format(1300))[0], "ETIME")


def test_pcalls():
    """pcall does not renew the budget"""
    text = "for _ = 1, {} do pcall(function() for _ = 1, 900 do end error() end) end"
    same(budget(100000, text.format(90))[0], "")
    same(budget(100000, text.format(120))[0], "ETIME")


def test_finalizers():
    """finalizers count"""
    text = ("local meta = {{ __gc = function() for _ = 1, 900 do end end }} "
            "for _ = 1, {} do setmetatable({{}}, meta) collectgarbage() end")
    same(budget(100000, text.format(90))[0], "")
    same(budget(100000, text.format(120))[0], "ETIME")


def test_finalizer_at_end():
    """finalizers at a script's end have what is left of its budget"""
    number = spawn("keep = setmetatable({}, { __gc = function() while true do end end }) print('end')",
                   instructions=10000)
    output, errors = logged(number, wait=True)
    same(output, "end\n")
    assert errors.startswith(TEXT.format(10000)), errors


def test_metamethods():
    """metamethods and callbacks of the libraries count"""
    text = "local t = setmetatable({}, { __index = function() for _ = 1, 50000 do end end }) return t.x"
    same(budget(10000, text)[0], "ETIME")
    same(budget(10000, "('x'):gsub('x', function() for _ = 1, 50000 do end end)")[0], "ETIME")
    same(budget(10000, "table.sort({ 3, 2, 1 }, function(a, b) for _ = 1, 50000 do end return a < b end)")[0], "ETIME")


def test_smallest():
    """a budget of one ends the script at its first loop"""
    same(budget(1, LOOP.format(2000))[0], "ETIME")


def test_parameter():
    """the module parameter can be changed at any time, for scripts that start afterwards"""
    with Session() as first:
        same(first.run("x = 1"), "")
        set_parameter("instructions", 5000)
        same(first.run(LOOP.format(100000)), "")
        with Session() as second:
            same(second.run(LOOP.format(100000)), "ETIME")


def test_stop():
    """a script with a budget still sees a stop"""
    with Session() as session:
        session.options(instructions=2**40, name=b"metered")
        thread = session.start("while true do end")
        same(stop(name="metered"), 1)
        same(thread.end(), "EINTR")
