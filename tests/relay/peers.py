# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Relays between programs of user space that send in every way the kernel has.

The environment's RELAY_MB says how many megabytes go each way; by default 12.
"""
import os
import socket

import senders
from harness.kernel import LIVE
from luadrv import SLOW, Session, Thread, same

TOTAL = int(os.environ.get("RELAY_MB", max(12 // SLOW, 2))) << 20
RELAYED = os.path.join(os.path.dirname(LIVE), "relayed")

ACCEPT = """
local server, b = socket.new("inet", "tcp"), socket.new("inet", "tcp")
server:setsockopt("socket", "reuseaddr", 1)
server:bind("127.0.0.1", 7900)
server:listen()
"""
CONNECT = """
local a = server:accept()
b:connect("127.0.0.1", 7901)
"""
RELAY = """
local up, down, reason, e = socket.relay(a, b, { copy = %s })
print(up, down, reason, e)
"""
RELAYS = """
local set = socket.relays{ copy = %s }
set:add(a, b)
while #set > 0 do kernel.sleep(2) end
local up, down = set:count()
print(up, down, "eof", nil)
"""


def relayed():
    """How many bytes were moved by handing on pages, and by copying them."""
    with open(RELAYED, encoding="ascii") as file:
        return dict((line.split()[0], int(line.split()[1])) for line in file)


def tunnel(session, hand_over, copy):
    """The script's thread, and both ends of a tunnel that it makes."""
    with socket.create_server(("127.0.0.1", 7901)) as listener:
        script = session.start(CONNECT + hand_over % str(copy).lower(), ACCEPT)
        left = socket.create_connection(("127.0.0.1", 7900))
        return script, left, listener.accept()[0]


def send_all(send, sock, total):
    """A whole stream."""
    send(sock, total)
    sock.shutdown(socket.SHUT_WR)


def exchange(send, left, right, total):
    """Both ends of a tunnel send and receive at once."""
    threads = [Thread(send_all, send, sock, total) for sock in (left, right)]
    threads.append(Thread(senders.expect, left, total))
    senders.expect(right, total)
    for thread in threads:
        same(thread.end(50), None, "result of the peer's thread")


def move(send, hand_over, copy=False, prepare=lambda sock: None, total=TOTAL):
    """Send streams both ways; give the growth of relayed()."""
    before = relayed()
    with Session() as session:
        script, left, right = tunnel(session, hand_over, copy)
        with left, right:
            prepare(left)
            prepare(right)
            exchange(send, left, right, total)
        same(script.end(), "", "errno of the script")
        there, back, *end = session.read_all()[0].splitlines()[-1].split("\t")
    same(end, ["eof", "nil"], "end")
    grown = {kind: count - before[kind] for kind, count in relayed().items()}
    same(sum(grown.values()), int(there) + int(back), "bytes that were handed on or copied")
    return grown


def check(send, **options):
    """Both kinds of relays move all, and hand nearly all pages on."""
    for hand_over in (RELAY, RELAYS):
        grown = move(send, hand_over, **options)
        assert grown["pages"] > 4 * TOTAL // 3, f"few pages were handed on: {grown}"


def test_send():
    """all bytes arrive of peers that use send(), most of them in the pages that they came in

    timeout: 600
    """
    check(senders.by_send)


def test_sendfile():
    """all bytes arrive of peers that use sendfile(), most of them in the pages that they came in

    timeout: 600
    """
    check(senders.by_sendfile)


def test_splice():
    """all bytes arrive of peers that use splice() from a pipe, most of them in the pages that they came in

    timeout: 600
    """
    check(senders.by_splice)


def test_zerocopy():
    """all bytes arrive of peers that use MSG_ZEROCOPY and write the buffers anew as soon as they may

    timeout: 600
    """
    check(senders.by_zerocopy)


def test_tls():
    """all bytes arrive of peers that have the kernel encrypt and decrypt them (kTLS)

    timeout: 600
    """
    check(senders.by_tls, prepare=senders.encrypt)


def test_copy():
    """with the option copy no page is handed on

    timeout: 600
    """
    for send in (senders.by_send, senders.by_sendfile):
        for hand_over in (RELAY, RELAYS):
            grown = move(send, hand_over, copy=True, total=TOTAL // 4)
            same(grown, {"pages": 0, "copies": 2 * (TOTAL // 4)}, "relayed")


STREAMS = """
local server = socket.new("unix", "stream")
server:bind("streams")
server:listen()
"""
BETWEEN = """
local up, down, reason = socket.relay(server:accept(), server:accept())
print(up, down, reason)
"""


def send_file(sender, receiver):
    """A file that comes with bytes is closed, and the bytes go on without it."""
    out, inn = os.pipe()
    socket.send_fds(sender, [b"bytes"], [inn])
    os.close(inn)
    same(socket.recv_fds(receiver, 100, 1)[:2], (b"bytes", []), "received")
    same(os.read(out, 1), b"", "what the pipe gives without a writer")
    os.close(out)


def test_files():
    """bytes with which a Unix peer sends open files go on, and the files are closed"""
    with Session() as session, socket.socket(socket.AF_UNIX) as left, socket.socket(socket.AF_UNIX) as right:
        script = session.start(BETWEEN, STREAMS)
        left.connect("streams")
        right.connect("streams")
        for _ in range(100):
            send_file(left, right)
            send_file(right, left)
        left.close()
        same(right.recv(1), b"", "end")
        right.close()
        same(script.end(), "", "errno of the script")
        same(session.read_all()[0], "500\t500\teof\n", "output")
