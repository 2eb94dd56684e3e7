# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""LUADRV_OPTIONS: arguments, names, limits of one script."""
import ctypes
import os

from luadrv import (UAPI, Session, call, get_parameter, logged, refuses, same, set_parameter, stop, table, until,
                    waits_in)


def test_layout():
    """the header's structures have no holes that depend on the machine"""
    for name, structure in UAPI.structures.items():
        size = sum(ctypes.sizeof(field[1]) for field in getattr(structure, "_fields_"))
        same(ctypes.sizeof(structure), size, name)


def test_arguments():
    """a script has its arguments as ... and in arg, and its name in arg[0]"""
    with Session() as session:
        session.options(args=["one", "", "ü 3"], name=b"the name")
        same(session.ran("print(select('#', ...), ...) print(#arg, arg[0], arg[1], arg[2], arg[3])")[1],
             "3\tone\t\tü 3\n3\tthe name\tone\t\tü 3\n")


def test_arguments_each_run():
    """every run of a session has the arguments"""
    with Session() as session:
        session.options(args=["a"])
        for _ in range(2):
            same(session.ran("print(...)")[1], "a\n")


def test_no_arguments():
    """without options there are no arguments, and arg[0] is a name"""
    with Session() as session:
        same(session.ran("print(select('#', ...), #arg, arg[0])")[1], "0\t0\tscript\n")


def test_many_arguments():
    """as many arguments as fit are all there"""
    with Session() as session:
        many = UAPI.constants["ARGS_SIZE"] // 2
        session.options(args=["x"] * many)
        same(session.ran("print(#arg, arg[#arg])")[1], f"{many}\tx\n")


def test_name():
    """messages of a script with a name begin with it"""
    with Session() as session:
        session.options(name=b"my script.lua")
        assert session.ran("\nerror('aua')")[2].startswith("my script.lua:2: aua\n")
        assert session.ran("x y")[2].startswith("my script.lua:1: ")


def test_longest_name():
    """a name may have 63 bytes"""
    with Session() as session:
        session.options(name=b"n" * 63)
        same(session.ran("print(arg[0])")[1], "n" * 63 + "\n")
        same(table()[1]["NAME"], "n" * 63)


def test_name_without_end():
    """a name without an end is refused with EINVAL"""
    structure = UAPI.structures["options"]()
    ctypes.memset(ctypes.addressof(structure) + UAPI.structures["options"].name.offset, ord("n"),
                  UAPI.constants["NAME_SIZE"])
    with Session() as session:
        refuses("EINVAL", call, session.fd, "OPTIONS", structure)


def test_control_characters():
    """a name's control characters become question marks"""
    with Session() as session:
        session.options(name=b"a\nb\x1bc")
        same(session.run(""), "")
        same(table()[1]["NAME"], "a?b?c")


def test_reserved():
    """what is reserved must be 0"""
    with Session() as session:
        refuses("EINVAL", session.options, reserved=1)


def test_arguments_without_end():
    """arguments whose last one has no end are refused with EINVAL"""
    with Session() as session:
        refuses("EINVAL", session.options, args=["ab"], args_size=2)


def test_too_many_arguments():
    """more bytes of arguments than the header allows are refused with E2BIG"""
    with Session() as session:
        refuses("E2BIG", session.options, args=["x" * UAPI.constants["ARGS_SIZE"]])


def test_too_late():
    """options after the first run are refused with EBUSY"""
    with Session() as session:
        same(session.run(""), "")
        refuses("EBUSY", session.options, memory=1)


def test_again():
    """options given again replace the earlier ones"""
    with Session() as session:
        session.options(args=["a", "b"], name=b"first")
        session.options(args=["c"])
        same(session.ran("print(arg[0], ...)")[1], "script\tc\n")


def test_for_closing():
    """options count for a script that the last close runs"""
    session = Session(os.O_WRONLY)
    session.options(name=b"limited", memory=1 << 20)
    session.write("local t = {} while true do t[#t + 1] = {} end")
    refuses("ENOMEM", session.close)


def test_over_parameter():
    """a script's own limit counts, not the module parameter, also a higher one"""
    set_parameter("memory", "1M")
    with Session() as session:
        session.options(memory=16 << 20)
        same(session.run("s = ('x'):rep(4 << 20)"), "")
    with Session() as session:
        same(session.run("s = ('x'):rep(4 << 20)"), "ENOMEM")


def test_huge_limits():
    """the largest limits are as good as none"""
    with Session() as session:
        session.options(memory=2**64 - 1, instructions=2**64 - 1, sockets=2**32 - 1, output=2**32 - 1)
        same(session.ran("socket.new('inet', 'tcp'):close() print('fine')"), ("", "fine\n", ""))


def test_smallest_memory():
    """a limit too small for a Lua state gives ENOMEM and says which limit it was"""
    with Session() as session:
        session.options(memory=1)
        code, _, errors = session.ran("print(1)")
        same(code, "ENOMEM")
        assert "module parameter memory, --memory" in errors, errors


# Prints how deep pcall can call itself, and what it says in the end.
DEEP = ("local deepest, e = 0 local function f(n) deepest = n e = select(2, pcall(f, n + 1)) or e end f(1) "
        "print(deepest) print(e)")


def depth_of(session):
    """How deep a session's scripts can call."""
    depth, error = session.ran(DEEP)[1].splitlines()
    assert error.endswith("C stack overflow (limit: module parameter stack, --stack)"), error
    return int(depth)


def test_stack():
    """a script that may fill less of the stack calls less deep, and more than is safe is refused"""
    most = UAPI.constants["STACK_MOST"]
    with Session() as whole, Session() as part, Session() as parameter:
        part.options(stack=6000)
        refuses("EINVAL", whole.options, stack=most + 1)
        whole.options(stack=most)
        set_parameter("stack", 6000)
        depths = [depth_of(session) for session in (whole, part, parameter)]
    assert depths[0] > 1.5 * depths[1] > 1, depths
    same(depths[1], depths[2])
    for wrong in most + 1, 0, -1, "x":
        refuses("EINVAL", set_parameter, "stack", wrong)


def test_max_script():
    """a script's own limit of its length counts, not the module parameter, be it lower or higher"""
    size = get_parameter("max_script")
    with Session() as session:
        session.options(max_script=100)
        refuses("EFBIG", os.write, session.fd, b" " * 101)
        same(session.run(""), "EFBIG")
        same(session.run("--".ljust(100)), "")
    with Session() as session:
        session.options(max_script=2 * size)
        same(session.run("--".ljust(2 * size)), "")


def test_max_script_of_modules():
    """a script's own limit of its length counts for modules that it requires, and that its threads do"""
    with open("big.lua", "w", encoding="ascii") as file:
        file.write("return function() return 'big' end --".ljust(6000))
    text = "package.path = './?.lua' print(require 'big'(), select(2, thread.spawn('big'):join()))"
    set_parameter("max_script", 1000)
    with Session() as session:
        session.options(max_script=6000)
        same(session.ran(text), ("", "big\tbig\n", ""))
    set_parameter("max_script", 10000)
    with Session() as session:
        session.options(max_script=5999)
        code, _, errors = session.ran(text)
        same(code, "ECANCELED")
        assert "longer than 5999 bytes (limit: module parameter max_script, --max-script)" in errors, errors


def test_instructions_parameter():
    """the module parameter instructions is the budget of scripts that say nothing"""
    set_parameter("instructions", 10000)
    with Session() as session:
        same(session.run("while true do end"), "ETIME")


def test_each_its_own():
    """the limits of one session are not those of another"""
    with Session() as first, Session() as second:
        first.options(sockets=1)
        second.options(sockets=2)
        text = "t = {} for i = 1, 2 do t[i] = socket.new('inet', 'udp') end"
        same([first.run(text), second.run(text)], ["EMFILE", ""])


def test_spawned():
    """options count for every script that the file spawns, and its name is in ps and the table"""
    with Session(os.O_WRONLY) as session:
        session.options(args=["a"], name=b"twin", instructions=1000000)
        ids = [session.spawn("print(arg[0], ...) kernel.sleep(10) while true do end") for _ in range(2)]
    for number in ids:
        output, errors = logged(number, wait=True)
        same(output, "twin\ta\n")
        assert "more than 1000000 instructions" in errors, errors


def test_changed_between_spawns():
    """between two scripts that a file spawns its options can change"""
    with Session(os.O_WRONLY) as session:
        for name in b"first", b"second":
            session.options(name=name)
            session.spawn("kernel.sleep(1000000)")
            waits_in(name.decode(), "sleep")
    same(stop(everything=True), 2)
    until("both to go", lambda: not table())
