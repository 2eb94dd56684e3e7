# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Loads in sessions: what a run does at its end."""
from luadrv import Session, Thread, call, errno_of, refuses, same, stop, until, waits_in

HOOK = "client_socket(function() print('the hook') end) "
RUN = "run{ role = 'both', workload = 'tcp_rr', test_length = -1 } "


def prints(session, text, output):
    """A text that succeeds, and what it prints."""
    code, got, errors = session.ran(text)
    same((code, got, errors), ("", output, ""))


def test_failed():
    """what a text that failed would have done at its end is not done by the next one"""
    with Session() as session:
        code, _, errors = session.ran(HOOK + "error('no')")
        same(code, "ECANCELED")
        assert "no" in errors, errors
        prints(session, "print('second')", "second\n")


def test_once():
    """a text that has run a load does not run it again at its end, and neither does the next one"""
    with Session() as session:
        code, _, errors = session.ran(HOOK + RUN)
        same((code, errors), ("", ""))
        prints(session, "print('second')", "second\n")


def test_hook():
    """a hook runs nothing by itself, and is there for the next text"""
    with Session() as session:
        prints(session, HOOK, "")
        prints(session, RUN, "the hook\n")


def test_interrupted():
    """who interrupts a run gets its result, once, and the next text can be run"""
    with Session() as session:
        session.options(name=b"load")
        thread = Thread(session.ran, "print(run{ role = 'both', test_length = 3600 }.interrupted) kernel.sleep(100000)")
        until("the run to heed it", lambda: not errno_of(call, session.fd, "INTERRUPT"))
        refuses("ESRCH", call, session.fd, "INTERRUPT")
        waits_in("load", "sleep")
        stop(everything=True)
        code, output, _ = thread.end()
        same((code, output), ("EINTR", "true\n"))
        prints(session, "print(run{ role = 'both', test_length = -1 }.interrupted)", "false\n")


def test_names():
    """names of the library stay known from one text to the next, and are no globals"""
    with Session() as session:
        prints(session, "mine = recvmsg print(rawget(_G, 'recvmsg'))", "nil\n")
        prints(session, "print(mine == recvmsg, rawget(_G, 'recvmsg'))", "true\tnil\n")
        code, _, errors = session.ran("no_such_name()")
        same(code, "ECANCELED")
        assert "global 'no_such_name'" in errors, errors
