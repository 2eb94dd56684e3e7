# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Connections as clients and servers of the soak use them."""
import asyncio
import collections
import random
import socket
import struct

PROXY = ("127.0.0.1", 8080)
GRANTED, REFUSED = 90, 91
CHUNK = 1 << 14
TCP_REPAIR = 19

# Connections that clients made, and bytes that came through the proxy.
TRAFFIC = collections.Counter()

# Every stream is a part of this endless text, so that any byte of any stream can be verified.
PERIOD = 1_000_003
TEXT = random.Random(PERIOD).randbytes(PERIOD)
TEXT += TEXT[:CHUNK]


def text(start, size):
    """At most CHUNK bytes of the text from this place on."""
    start %= PERIOD
    return TEXT[start:start + size]


def request(port, address="127.0.0.1", user=b"", name=None, command=1, version=4):
    """A request of version 4, or of 4a with a name."""
    if name is not None:
        address = "0.0.0.1"
    head = struct.pack(">BBH", version, command, port) + socket.inet_aton(address)
    return head + user + b"\0" + (name + b"\0" if name is not None else b"")


async def together(*coroutines):
    """Run all at the same time; the first that fails ends the others."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        await end_tasks(tasks)


async def end_tasks(tasks):
    """End them, and wait until they let go of their sockets."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Wire:
    """A TCP connection whose calls wait without stopping others."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.setblocking(False)
        self.loop = asyncio.get_running_loop()

    @classmethod
    async def reach(cls, address, receive_buffer=None):
        """Connect; a small buffer for what is received makes the other side wait soon."""
        wire = cls(socket.socket())
        if receive_buffer:
            wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            await wire.loop.sock_connect(wire.sock, address)
        except BaseException:
            wire.close()
            raise
        TRAFFIC["connections"] += 1
        wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return wire

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    async def send(self, content):
        """Send it all. asyncio goes on at once if it can: let others have their turn first."""
        await asyncio.sleep(0)
        await self.loop.sock_sendall(self.sock, content)

    async def recv(self, size=CHUNK):
        """What is there; nothing at the end."""
        await asyncio.sleep(0)
        part = await self.loop.sock_recv(self.sock, size)
        TRAFFIC["bytes"] += len(part)
        return part

    async def read(self, size):
        """That many bytes; EOFError if there are not so many."""
        parts, rest = [], size
        while rest:
            part = await self.recv(min(rest, CHUNK))
            if not part:
                raise EOFError(f"the end came {rest} bytes early")
            parts.append(part)
            rest -= len(part)
        return b"".join(parts)

    async def send_text(self, start, size, piece=CHUNK):
        """Send this part of the text, so many bytes at a time."""
        for sent in range(0, size, piece):
            await self.send(text(start + sent, min(piece, size - sent)))

    async def expect_text(self, start, size):
        """Receive this part of the text."""
        got = 0
        while got < size:
            part = await self.recv(min(size - got, CHUNK))
            if not part:
                raise EOFError(f"the end came {size - got} bytes early")
            if part != text(start + got, len(part)):
                raise AssertionError(f"wrong bytes between {got} and {got + len(part)} of {size}")
            got += len(part)

    async def expect_end(self):
        """Nothing more may come."""
        part = await self.recv()
        if part:
            raise AssertionError(f"{len(part)} bytes instead of the end")

    async def until_over(self):
        """Receive and forget all until the connection ends in whatever way."""
        try:
            while await self.recv():
                pass
        except OSError:
            pass

    def end(self):
        """Say that no more will come."""
        self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        """Close in good order."""
        self.sock.close()

    def reset(self):
        """Close by a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def vanish(self):
        """Close without a word to the other side, as a machine that loses power."""
        self.sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        self.sock.close()
