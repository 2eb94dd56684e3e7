# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Loads in sessions: what a run does at its end."""
from luadrv import Session, same

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


def test_names():
    """names of the library stay known from one text to the next, and are no globals"""
    with Session() as session:
        prints(session, "mine = recvmsg print(rawget(_G, 'recvmsg'))", "nil\n")
        prints(session, "print(mine == recvmsg, rawget(_G, 'recvmsg'))", "true\tnil\n")
        code, _, errors = session.ran("no_such_name()")
        same(code, "ECANCELED")
        assert "global 'no_such_name'" in errors, errors
