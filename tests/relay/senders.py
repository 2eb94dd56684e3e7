# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Ways in which a program can send a stream: each gives the same bytes, and a receiver compares every one."""
import errno
import mmap
import os
import select
import socket
import struct

from harness.result import Skip

# The stream is this over and over; its size has no part in common with pages, packets or buffers.
SIZE = 999983
CONTENT = os.urandom(SIZE) * 2

SO_ZEROCOPY, MSG_ZEROCOPY, MSG_ERRQUEUE = 60, 0x4000000, 0x2000
FROM_ZEROCOPY = 5
TCP_ULP, SOL_TLS, TLS_TX, TLS_RX = 31, 282, 1, 2
TLS_1_2, AES_GCM_128 = 0x303, 51


def part(start, size):
    """The bytes of the stream from one on."""
    return CONTENT[start % SIZE:start % SIZE + min(size, SIZE)]


def by_send(sock, total):
    """send(), in pieces of many sizes."""
    sent, size = 0, 1
    while sent < total:
        sent += sock.send(part(sent, min(size, total - sent)))
        size = size * 3 % 700001 + 1


def by_sendfile(sock, total):
    """sendfile(), from a file that the stream repeats."""
    with open("content", "w+b") as file:
        file.write(CONTENT[:SIZE])
        file.flush()
        sent = 0
        while sent < total:
            offset = sent % SIZE
            sent += os.sendfile(sock.fileno(), file.fileno(), offset, min(SIZE - offset, total - sent))


def by_splice(sock, total):
    """splice(), from a pipe."""
    out, inn = os.pipe()
    sent, size = 0, 1
    while sent < total:
        filled = os.write(inn, part(sent, min(size, total - sent, 65536)))
        while filled:
            moved = os.splice(out, sock.fileno(), filled)
            filled, sent = filled - moved, sent + moved
        size = size * 3 % 65537 + 1
    os.close(out)
    os.close(inn)


class Completions:
    """What the kernel says of the buffers that it sends from."""

    def __init__(self, sock):
        self.sock = sock
        self.sent = 0
        self.done = 0

    def wait(self, count):
        """Wait until it needs the buffers of so many calls no more."""
        poll = select.poll()
        poll.register(self.sock, 0)
        while self.done < count:
            poll.poll()
            try:
                control = self.sock.recvmsg(1, 512, MSG_ERRQUEUE)[1]
            except BlockingIOError:
                continue
            for _, _, data in control:
                _, origin, _, _, _, first, last = struct.unpack_from("=IBBBBII", data)
                assert origin == FROM_ZEROCOPY and first == self.done, (origin, first, self.done)
                self.done = last + 1

    def send(self, buffer):
        """send(MSG_ZEROCOPY): how much that was."""
        while True:
            try:
                sent = self.sock.send(buffer, MSG_ZEROCOPY)
                self.sent += 1
                return sent
            except OSError as error:
                if error.errno != errno.ENOBUFS or self.done == self.sent:
                    raise
                self.wait(self.done + 1)


def by_zerocopy(sock, total):
    """send(MSG_ZEROCOPY), from four buffers that are written anew when the kernel is done with them."""
    sock.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
    completions = Completions(sock)
    buffers = [mmap.mmap(-1, 1 << 18) for _ in range(4)]
    used = [0] * len(buffers)
    sent = turn = 0
    while sent < total:
        buffer, turn = buffers[turn], (turn + 1) % len(buffers)
        completions.wait(used[turn - 1])
        text = part(sent, min(len(buffer), total - sent))
        buffer[:len(text)] = text
        done = 0
        while done < len(text):
            done += completions.send(memoryview(buffer)[done:len(text)])
        used[turn - 1] = completions.sent
        sent += len(text)
    completions.wait(completions.sent)
    for buffer in buffers:
        buffer[:] = bytes(len(buffer))


def encrypt(sock):
    """Have the kernel encrypt and decrypt (kTLS), with the same keys everywhere."""
    try:
        sock.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
    except OSError as error:
        raise Skip(f"the kernel lacks kTLS: {error}") from error
    keys = struct.pack("=HH8s16s4s8s", TLS_1_2, AES_GCM_128, b"vector..", b"sixteen bytes...", b"salt", bytes(8))
    sock.setsockopt(SOL_TLS, TLS_TX, keys)
    sock.setsockopt(SOL_TLS, TLS_RX, keys)


def by_tls(sock, total):
    """Encrypted, by send() and sendfile()."""
    by_send(sock, SIZE)
    by_sendfile(sock, total - SIZE)


def expect(sock, total):
    """Read the stream, and its end."""
    got = 0
    while True:
        text = sock.recv(1 << 18)
        if not text:
            break
        assert text == part(got, len(text)), f"other bytes than were sent, after {got}"
        got += len(text)
    assert got == total, f"got {got} bytes of {total}"
