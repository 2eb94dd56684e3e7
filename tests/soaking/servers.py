# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The servers behind the proxy: each connection begins with an order that says how to behave."""
import asyncio
import socket
import struct

from soaking.wire import Wire, together

PORTS = 8
ORDER = struct.Struct(">cQQ")
# Longer than this nobody holds a connection for nothing.
HOLD = 5


def port_of(sock):
    """Its own port."""
    return sock.getsockname()[1]


def order(behaviour, start=0, size=0):
    """What a client sends first: a behaviour, and a part of the text."""
    return ORDER.pack(behaviour, start, size)


async def echo(wire, _, __):
    """Send back what comes, then the end."""
    while content := await wire.recv():
        await wire.send(content)
    wire.end()


async def give(wire, start, size):
    """Send a part of the text and the end; then wait for the client's."""
    await wire.send_text(start, size)
    wire.end()
    await wire.expect_end()


async def take(wire, start, size):
    """Receive and verify a part of the text and the end, then say so."""
    await wire.expect_text(start, size)
    await wire.expect_end()
    await wire.send(b"ok")


async def both(wire, start, size):
    """Send and receive at the same time."""
    await together(wire.send_text(start, size), wire.expect_text(start + 1, size))


async def refuse(wire, _, __):
    """Reset at once."""
    wire.reset()


async def leave(wire, _, __):
    """Close at once."""
    wire.close()


async def fail(wire, start, size):
    """Send something, then reset."""
    await wire.send_text(start, size)
    wire.reset()


async def hang(wire, _, __):
    """Read nothing, say nothing, stay for some time."""
    await asyncio.sleep(HOLD)
    wire.close()


async def flood(wire, start, _):
    """Send without end."""
    while True:
        await wire.send_text(start, 1 << 20)


async def vanish(wire, _, __):
    """Be gone without a word."""
    wire.vanish()


BEHAVIOURS = {b"e": echo, b"g": give, b"t": take, b"b": both, b"r": refuse, b"l": leave,
              b"f": fail, b"h": hang, b"~": flood, b"v": vanish}


class DeadEnds:
    """Ports that no connection comes from."""

    def __init__(self):
        # Its queue is full, so that it never answers.
        self.silent = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.filler = socket.create_connection(self.silent.getsockname())
        # Nobody listens there.
        self.closed = socket.socket()
        self.closed.bind(("127.0.0.1", 0))
        self.silent_port, self.closed_port = port_of(self.silent), port_of(self.closed)

    def close(self):
        """Give up the ports."""
        for sock in self.silent, self.filler, self.closed:
            sock.close()


class Servers:
    """Listening sockets, and a task for each connection."""

    def __init__(self):
        self.listening = [socket.create_server(("127.0.0.1", 0), backlog=1000) for _ in range(PORTS)]
        self.ports = [port_of(sock) for sock in self.listening]
        self.dead_ends = DeadEnds()
        self.wrong = []
        self.tasks = set()
        self.acceptors = []

    def start(self):
        """Begin to serve."""
        self.acceptors = [asyncio.create_task(self.accept(sock)) for sock in self.listening]

    async def accept(self, listening):
        """Serve everyone who comes."""
        listening.setblocking(False)
        while True:
            sock, _ = await asyncio.get_running_loop().sock_accept(listening)
            task = asyncio.create_task(self.serve(sock))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def serve(self, sock):
        """Do as the order says. Clients that break off are the clients' affair, wrong bytes are not."""
        with Wire(sock) as wire:
            try:
                behaviour, start, size = ORDER.unpack(await wire.read(ORDER.size))
                await BEHAVIOURS[behaviour](wire, start, size)
            except (OSError, EOFError):
                pass
            except AssertionError as error:
                self.wrong.append(f"a server got {error}")

    def hang_up(self):
        """End all connections."""
        for task in self.tasks:
            task.cancel()

    def close(self):
        """Give up the ports."""
        for sock in self.listening:
            sock.close()
        self.dead_ends.close()
