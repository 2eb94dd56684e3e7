# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""What clients of the proxy need, and the servers behind it."""
import hashlib
import os
import random
import resource
import select
import socket
import struct
import sys
import threading
import time

PROXY = ("127.0.0.1", 8080)
SLOW = int(os.environ.get("SLOW", "1"))
GRANTED, REFUSED = 90, 91
MB = 1 << 20

resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
# What takes longer than this hangs.
socket.setdefaulttimeout(20 * SLOW)


def payload(size, seed=1):
    """Bytes that can be told from others."""
    return random.Random(seed).randbytes(size)


def digest(content):
    """Short for the sha256 of it."""
    return hashlib.sha256(content).hexdigest()


def until(what, condition):
    """Wait for a condition."""
    deadline = time.monotonic() + 20 * SLOW
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited in vain for {what}")
        time.sleep(0.01)


def live(name):
    """A counter of live objects of the module."""
    with open("/sys/kernel/debug/luadrv/live", encoding="ascii") as file:
        return {line.split()[0]: int(line.split()[1]) for line in file}[name]


def only_listener():
    """Wait until the proxy has nothing but its listening socket."""
    until("the proxy to close its sockets", lambda: live("sockets") == 1)


# ---- clients

def reach():
    """Connect to the proxy."""
    return socket.create_connection(PROXY)


def request(port, address="127.0.0.1", user=b"", name=None, command=1, version=4):
    """A request of version 4, or of 4a with a name."""
    if name is not None:
        address = "0.0.0.1"
    head = struct.pack(">BBH", version, command, port) + socket.inet_aton(address)
    return head + user + b"\0" + (name + b"\0" if name is not None else b"")


def read_exactly(sock, size):
    """That many bytes; EOFError if there are not so many."""
    parts, rest = [], size
    while rest:
        part = sock.recv(min(rest, 1 << 18))
        if not part:
            raise EOFError(f"the end came {rest} bytes early")
        parts.append(part)
        rest -= len(part)
    return b"".join(parts)


def read_all(sock):
    """Everything up to the end."""
    parts = []
    while True:
        part = sock.recv(1 << 18)
        if not part:
            return b"".join(parts)
        parts.append(part)


def drain(sock):
    """Read up to the end, in whatever way it comes."""
    try:
        while sock.recv(1 << 18):
            pass
    except (ConnectionResetError, BrokenPipeError):
        pass


def reply(sock):
    """The code of the proxy's reply."""
    version, code = struct.unpack(">BB6x", read_exactly(sock, 8))
    assert version == 0, version
    return code


def tunnel(port, **options):
    """Connect to a port through the proxy."""
    sock = reach()
    sock.sendall(request(port, **options))
    code = reply(sock)
    assert code == GRANTED, code
    return sock


# ---- clients of version 5

def greet(sock, methods=b"\0"):
    """Offer methods of authentication; the one that the proxy takes."""
    sock.sendall(bytes([5, len(methods)]) + methods)
    version, method = read_exactly(sock, 2)
    assert version == 5, version
    return method


def pack5(port, host="127.0.0.1", name=None):
    """An address, or a name."""
    if name is not None:
        where = bytes([3, len(name)]) + name
    elif ":" in host:
        where = b"\4" + socket.inet_pton(socket.AF_INET6, host)
    else:
        where = b"\1" + socket.inet_aton(host)
    return where + struct.pack(">H", port)


def unpack5(message):
    """Host and port at the beginning of a message, and what follows."""
    size, family = {1: (4, socket.AF_INET), 4: (16, socket.AF_INET6)}[message[0]]
    host = socket.inet_ntop(family, message[1:1 + size])
    return host, struct.unpack_from(">H", message, 1 + size)[0], message[3 + size:]


def request5(port, command=1, **where):
    """A request."""
    return bytes([5, command, 0]) + pack5(port, **where)


def reply5(sock):
    """The code of the proxy's reply, host and port."""
    version, code, _, kind = read_exactly(sock, 4)
    assert version == 5, version
    host, port, _ = unpack5(bytes([kind]) + read_exactly(sock, 6 if kind == 1 else 18))
    return code, host, port


def reach5(port, **options):
    """Connect to the proxy and request something; the socket."""
    sock = reach()
    method = greet(sock)
    assert method == 0, method
    sock.sendall(request5(port, **options))
    return sock


def tunnel5(port, **options):
    """Connect to a port through the proxy."""
    sock = reach5(port, **options)
    code, _, _ = reply5(sock)
    assert code == 0, code
    return sock


def pair5(**options):
    """Both ends of a tunnel."""
    with listen() as server:
        client = tunnel5(port_of(server), **options)
        return client, server.accept()[0]


def refused5(code, port, **options):
    """The proxy must refuse a request with this code, close, and go on."""
    with reach5(port, **options) as sock:
        got = reply5(sock)[0]
        assert got == code, got
        assert over(sock)
    works()


# ---- what the proxy must do

def refused(message):
    """The proxy must answer this with 91, close, and go on."""
    with reach() as sock:
        sock.sendall(message)
        code = reply(sock)
        assert code == REFUSED, code
        assert over(sock)
    works()


def over(sock):
    """Wait for the end, in whatever way it comes; false if there is something before it."""
    try:
        return sock.recv(1) == b""
    except (ConnectionResetError, BrokenPipeError):
        return True


def reset(sock):
    """Close by a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def port_of(sock):
    """Its own port."""
    return sock.getsockname()[1]


# ---- servers

def listen(backlog=1000):
    """A listening socket on any port."""
    return socket.create_server(("127.0.0.1", 0), backlog=backlog)


def closed_port():
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return port_of(sock)


def full_listener():
    """One that lets no further client connect, nor tells it so; keep both."""
    server = listen(0)
    client = socket.create_connection(server.getsockname())
    # It may hear of its client later.
    select.select([server], [], [])
    return server, client


def pair(**options):
    """Both ends of a tunnel: the client's and the server's socket."""
    with listen() as server:
        client = tunnel(port_of(server), **options)
        accepted = server.accept()[0]
        accepted.settimeout(socket.getdefaulttimeout())
        return client, accepted


def exchange(client, server):
    """Bytes go both ways."""
    for number in range(3):
        for source, sink in (client, server), (server, client):
            text = b"message %d" % number
            source.sendall(text)
            got = read_exactly(sink, len(text))
            assert got == text, got


def finish(client, server):
    """An end on each side reaches the other."""
    client.shutdown(socket.SHUT_WR)
    assert server.recv(1) == b""
    server.close()
    assert client.recv(1) == b""
    client.close()


def works():
    """The proxy serves a client well."""
    client, server = pair()
    exchange(client, server)
    finish(client, server)


def end_client(failure):
    """What fails in a thread, fails the client."""
    threading.__excepthook__(failure)
    os._exit(1)  # pylint: disable=protected-access


threading.excepthook = end_client


def background(function, *arguments):
    """Run it in a thread; the client fails if it does."""
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def send_and_end(sock, content):
    """Send it all, then no more."""
    sock.sendall(content)
    sock.shutdown(socket.SHUT_WR)


CHUNK = payload(1 << 16)


def filling(size):
    """What fill() has sent when it says so."""
    return (CHUNK * (size // len(CHUNK) + 1))[:size]


def fill(sock, most=64 * MB):
    """Send until nothing has gone for a while; say how much went."""
    sent = 0
    sock.setblocking(False)
    while sent < most and select.select([], [sock], [], min(SLOW, 4) / 2)[1]:
        try:
            sent += sock.send(CHUNK[sent % len(CHUNK):])
        except BlockingIOError:
            pass
    sock.settimeout(socket.getdefaulttimeout())
    return sent
