# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Kinds of clients of the proxy: one coroutine function for each, which is one connection.

Each takes the servers and a random.Random of its own. The good ones verify every byte, and any
error is the proxy's fault. The bad ones are wrong, slow, silent or gone, and demand what is still
due to them. What is due and does not come raises an exception.
"""
import asyncio
import struct

from soaking.servers import order
from soaking.wire import GRANTED, PROXY, REFUSED, Wire, end_tasks, request, together, text

GOOD, BAD = {}, {}
SMALL_BUFFER = 4096


def good(function):
    """A kind of good clients."""
    GOOD[function.__name__] = function
    return function


def bad(function):
    """A kind of bad clients."""
    BAD[function.__name__] = function
    return function


async def answer(wire):
    """The code of the proxy's answer."""
    version, code = struct.unpack(">BB6x", await wire.read(8))
    assert version == 0, f"an answer of version {version}"
    return code


def request5(port, rng, command=1):
    """A request of version 5 to this machine, which has more than one name."""
    where = rng.choice([b"\1\x7f\0\0\1", b"\3\x09localhost", b"\3\x09127.0.0.1"])
    return bytes([5, command, 0]) + where + struct.pack(">H", port)


async def greet(wire):
    """Begin with version 5."""
    await wire.send(b"\5\1\0")
    assert await wire.read(2) == b"\5\0"


async def answer5(wire):
    """The code of the proxy's answer in version 5, which has an address of IPv4."""
    version, code, _, kind = struct.unpack(">BBBB6x", await wire.read(10))
    assert (version, kind) == (5, 1), f"an answer of version {version} with an address of type {kind}"
    return code


async def tunnel(servers, rng, first=b"", receive_buffer=None, **options):
    """Connect to a server through the proxy."""
    wire = await Wire.reach(PROXY, receive_buffer)
    try:
        await wire.send(request(rng.choice(servers.ports), **options) + first)
        code = await answer(wire)
        assert code == GRANTED, f"answer {code}"
        return wire
    except BaseException:
        wire.close()
        raise


async def refused(message):
    """The proxy must answer this with 91 and the end. What it did not read may turn that into a reset."""
    with await Wire.reach(PROXY) as wire:
        try:
            await wire.send(message)
            code = await answer(wire)
            assert code == REFUSED, f"answer {code}"
            await wire.expect_end()
        except (ConnectionResetError, BrokenPipeError):
            pass


# ---- good clients

@good
async def download(servers, rng):
    """A part of the text."""
    start, size = rng.randrange(1 << 30), rng.randrange(1 << rng.randrange(10, 22))
    with await tunnel(servers, rng) as wire:
        await wire.send(order(b"g", start, size))
        await wire.expect_text(start, size)
        await wire.expect_end()


@good
async def upload(servers, rng):
    """The same the other way, with the order in the request's own segment."""
    start, size = rng.randrange(1 << 30), rng.randrange(1 << rng.randrange(10, 21))
    with await tunnel(servers, rng, order(b"t", start, size), name=b"127.0.0.1") as wire:
        await wire.send_text(start, size)
        wire.end()
        assert await wire.read(2) == b"ok"
        await wire.expect_end()


@good
async def duplex(servers, rng):
    """Both ways at once."""
    start, size = rng.randrange(1 << 30), rng.randrange(1 << 20)
    with await tunnel(servers, rng, user=b"u" * rng.randrange(400)) as wire:
        await wire.send(order(b"b", start, size))
        await together(wire.expect_text(start, size), wire.send_text(start + 1, size))
        wire.end()
        await wire.expect_end()


@good
async def talk(servers, rng):
    """Many short messages and their echoes."""
    with await tunnel(servers, rng, order(b"e")) as wire:
        for _ in range(rng.randrange(1, 30)):
            start, size = rng.randrange(1 << 30), rng.randrange(1, 2000)
            await wire.send_text(start, size)
            await wire.expect_text(start, size)
        wire.end()
        await wire.expect_end()


@good
async def version5(servers, rng):
    """Version 5, by address or by name, all of it in one segment or not."""
    start, size = rng.randrange(1 << 30), rng.randrange(1 << rng.randrange(10, 20))
    with await Wire.reach(PROXY) as wire:
        if rng.random() < 0.5:
            await greet(wire)
            await wire.send(request5(rng.choice(servers.ports), rng) + order(b"g", start, size))
        else:
            await wire.send(b"\5\1\0" + request5(rng.choice(servers.ports), rng) + order(b"g", start, size))
            assert await wire.read(2) == b"\5\0"
        code = await answer5(wire)
        assert code == 0, f"answer {code}"
        await wire.expect_text(start, size)
        await wire.expect_end()


# ---- bad requests

@bad
async def silent(_, __):
    """Says nothing; is told to go."""
    await refused(b"")


@bad
async def half_request(_, rng):
    """Stops in the middle of a request."""
    await refused(request(80, user=b"someone")[:rng.randrange(1, 15)])


@bad
async def endless_request(_, rng):
    """A byte now and then, for ever."""
    with await Wire.reach(PROXY) as wire:
        await wire.send(request(80)[:8])

        async def speak():
            while True:
                await wire.send(b"u")
                await asyncio.sleep(rng.random())
        speaking = asyncio.create_task(speak())
        try:
            assert await answer(wire) == REFUSED
        except ConnectionResetError:
            pass
        finally:
            await end_tasks([speaking])


@bad
async def slow_request(servers, rng):
    """In small pieces, but all in time; is served."""
    start = rng.randrange(1 << 30)
    with await Wire.reach(PROXY) as wire:
        message = request(rng.choice(servers.ports), user=b"me")
        for piece in message[:1], message[1:6], message[6:8], message[8:-1], message[-1:]:
            await wire.send(piece)
            await asyncio.sleep(rng.random() / 10)
        await wire.send(order(b"g", start, 1000))
        code = await answer(wire)
        assert code == GRANTED, f"answer {code}"
        await wire.expect_text(start, 1000)
        await wire.expect_end()


@bad
async def garbage(_, rng):
    """Not even a request."""
    first = rng.choice([0, 1, 3, 6, 22, ord("G"), 255])
    await refused(bytes([first]) + rng.randbytes(rng.randrange(1 << rng.randrange(16))))


@bad
async def wrong_request(servers, rng):
    """A command, an address or a name that does not go."""
    await refused(rng.choice([
        request(servers.ports[0], command=rng.choice([0, 3, 255])),
        request(servers.ports[0], name=rng.choice([b"", b"example.org", b"1.2.3", b"256.1.1.1", b"\xff"])),
        request(80, "255.255.255.255"), request(80, "224.0.0.1"), request(0)]))


@bad
async def huge_user(servers, rng):
    """A user's name, or a server's, that is longer than any request may be."""
    size = rng.randrange(600, 1 << 17)
    await refused(rng.choice([request(servers.ports[0], user=b"u" * size),
                              request(servers.ports[0], name=b"1" * size)]))


@bad
async def closed_port(servers, _):
    """Nobody listens there."""
    await refused(request(servers.dead_ends.closed_port))


@bad
async def no_answer(servers, _):
    """The server does not answer the connect."""
    await refused(request(servers.dead_ends.silent_port))


@bad
async def wrong_request5(servers, rng):
    """What does not go in version 5; is told so."""
    with await Wire.reach(PROXY) as wire:
        await greet(wire)
        port = rng.choice(servers.ports)
        await wire.send(rng.choice([
            b"\4" + rng.randbytes(50), b"\5\1\0\7" + rng.randbytes(50), request5(port, rng, command=9),
            b"\5\1\0\3\5a b c" + rng.randbytes(2), request5(servers.dead_ends.closed_port, rng)]))
        assert await answer5(wire) not in (0, None)


# ---- gone in every state

def leave(wire, rng):
    """Leave in one of three ways."""
    rng.choice([wire.close, wire.reset, wire.vanish])()


@bad
async def go_at_once(_, rng):
    """Gone before the first byte, perhaps before accept."""
    leave(await Wire.reach(PROXY), rng)


@bad
async def go_in_request(_, rng):
    """Gone in the middle of the request."""
    wire = await Wire.reach(PROXY)
    await wire.send(request(80, user=b"someone")[:rng.randrange(1, 15)])
    await asyncio.sleep(rng.random() / 10)
    leave(wire, rng)


@bad
async def go_in_connect(servers, rng):
    """Gone while the proxy connects."""
    wire = await Wire.reach(PROXY)
    await wire.send(request(servers.dead_ends.silent_port))
    await asyncio.sleep(rng.random())
    leave(wire, rng)


@bad
async def go_after_request(servers, rng):
    """Gone while the answer is on its way."""
    wire = await Wire.reach(PROXY)
    await wire.send(request(rng.choice(servers.ports)) + order(b"e") + b"x")
    await asyncio.sleep(rng.random() / 100)
    leave(wire, rng)


@bad
async def go_in_download(servers, rng):
    """Gone in the middle of what the server sends."""
    wire = await tunnel(servers, rng, order(b"~"))
    for _ in range(rng.randrange(20)):
        await wire.recv()
    leave(wire, rng)


@bad
async def go_in_upload(servers, rng):
    """Gone in the middle of what it sends itself."""
    size = rng.randrange(1 << 19)
    wire = await tunnel(servers, rng, order(b"t", 0, size + 1))
    await wire.send_text(0, size)
    leave(wire, rng)


@bad
async def go_half_closed(servers, rng):
    """Gone after its own end, or after the server's."""
    with await tunnel(servers, rng) as wire:
        if rng.random() < 0.5:
            await wire.send(order(b"e") + text(0, 1000))
            wire.end()
        else:
            await wire.send(order(b"g", 0, 1000))
            await wire.expect_text(0, 1000)
        leave(wire, rng)


@bad
async def go_in_bind(_, rng):
    """Gone while the proxy listens for a server, or forwards datagrams."""
    wire = await Wire.reach(PROXY)
    await greet(wire)
    await wire.send(request5(0, rng, command=rng.choice([2, 3])))
    assert await answer5(wire) == 0
    await asyncio.sleep(rng.random())
    leave(wire, rng)


# ---- bad in a tunnel

@bad
async def half_close(servers, rng):
    """Ends its own side first; gets all of the echo."""
    start, size = rng.randrange(1 << 30), rng.randrange(1 << 17)
    with await tunnel(servers, rng, order(b"e")) as wire:
        async def speak():
            await wire.send_text(start, size)
            wire.end()
        await together(speak(), wire.expect_text(start, size))
        await wire.expect_end()


@bad
async def never_reads(servers, rng):
    """Does not read what the server sends; then goes, or reads on and gets all."""
    start, size = rng.randrange(1 << 30), 1 << 20
    with await tunnel(servers, rng, receive_buffer=SMALL_BUFFER) as wire:
        await wire.send(order(b"g", start, size))
        await asyncio.sleep(rng.random() * 5)
        if rng.random() < 0.5:
            return leave(wire, rng)
        await wire.expect_text(start, size)
        await wire.expect_end()


@bad
async def server_never_reads(servers, rng):
    """The server does not read what the client sends."""
    with await tunnel(servers, rng, order(b"h")) as wire:
        async def speak():
            try:
                await wire.send_text(0, 1 << 30)
            except (ConnectionResetError, BrokenPipeError):
                pass
        await together(speak(), wire.until_over())


@bad
async def byte_by_byte(servers, rng):
    """Each byte a segment of its own."""
    start, size = rng.randrange(1 << 30), rng.randrange(1, 300)
    with await tunnel(servers, rng, order(b"e")) as wire:
        await together(wire.send_text(start, size, piece=1), wire.expect_text(start, size))
        wire.end()
        await wire.expect_end()


@bad
async def idle(servers, rng):
    """Nobody says a word in the tunnel; it is closed in the end."""
    with await tunnel(servers, rng, order(b"e")) as wire:
        await wire.expect_end()


@bad
async def half_idle(servers, rng):
    """The client has ended, and the server says nothing."""
    with await tunnel(servers, rng, order(b"h")) as wire:
        wire.end()
        await wire.until_over()


@bad
async def burst(servers, rng):
    """Many at once, and gone at once."""
    async def one():
        leave(await tunnel(servers, rng, order(b"e")), rng)
    await together(*(one() for _ in range(rng.randrange(5, 30))))


@bad
async def bad_server(servers, rng):
    """The server resets, leaves, fails or vanishes."""
    behaviour = rng.choice([b"r", b"l", b"f", b"v"])
    wire = await Wire.reach(PROXY)
    with wire:
        try:
            await wire.send(request(rng.choice(servers.ports)) + order(behaviour, 0, rng.randrange(1 << 17)))
            if behaviour == b"v":
                await asyncio.sleep(rng.random())
                await wire.send(b"anybody?")
        except (ConnectionResetError, BrokenPipeError):
            pass
        await wire.until_over()
