#!/usr/bin/python3 -BS
# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""A name server for tests, over UDP and TCP. It prints "ready", then "PROTOCOL NAME TYPE" for each question.

Usage: tests/socket/dns.py [ADDRESS [PORT]]

The first label of a name that ends in .test says what becomes of it; other names do not exist.
"""
import socket
import socketserver
import struct
import sys
import threading

A, CNAME, AAAA = 1, 5, 28
TYPES = {A: "A", AAAA: "AAAA"}
TRUNCATED, NO_NAME, FAILED = 0x200, 3, 2
SAME = b"\xc0\x0c"
LO4, LO6 = socket.inet_aton("127.0.0.1"), socket.inet_pton(socket.AF_INET6, "::1")


def encode(name):
    """A name as it is in messages."""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def read_question(message):
    """Name and type of what is asked for, and where the question ends."""
    labels, position = [], 12
    while message[position]:
        labels.append(message[position + 1:position + 1 + message[position]].decode())
        position += 1 + message[position]
    kind = struct.unpack_from(">H", message, position + 1)[0]
    return ".".join(labels), kind, position + 5


def reply(message, end, records=(), flags=0):
    """An answer."""
    parts = [message[:2], struct.pack(">HHHHH", 0x8180 | flags, 1, len(records), 0, 0), message[12:end]]
    parts += [name + struct.pack(">HHIH", kind, 1, 60, len(content)) + content for name, kind, content in records]
    return b"".join(parts)


def addresses(label, kind):
    """What is at a name."""
    if label == "many":
        return [(SAME, A, bytes([127, 1, i // 250, 1 + i % 250])) for i in range(90)] if kind == A else []
    if label == "next":  # where nobody listens, and then where somebody may
        return [(SAME, A, b"\x7f\x09\x09\x09"), (SAME, A, LO4)] if kind == A else []
    found = []
    if kind == A and label in ("web", "four"):
        found.append((SAME, A, LO4))
    if kind == AAAA and label in ("web", "six"):
        found.append((SAME, AAAA, LO6))
    return found


def alias(label):
    """Where a name leads that is an alias, as the message has it."""
    if label.startswith("endless"):
        return encode(f"endless{int(label[7:] or 0) + 1}.test")
    return {"alias": encode("web.test"), "circle": SAME}.get(label)


def lies(message, end):
    """Answers of which each is wrong in another way."""
    wrong = reply(message, end, [(SAME, A, b"\6\6\6\6")])
    return [bytes([wrong[0] ^ 1]) + wrong[1:], wrong[:13] + b"x" + wrong[14:], wrong[:-3], b"\xff" * 600,
            reply(message, end, [(struct.pack(">H", 0xc000 | end), A, LO4)])]


def answers(message, stream):
    """All that is sent back."""
    name, kind, end = read_question(message)
    print("TCP" if stream else "UDP", name, TYPES.get(kind, kind), flush=True)
    label, _, domain = name.lower().partition(".")
    if label == "silent":
        return []
    if label == "lying":
        return lies(message, end)
    flags = {"none": NO_NAME, "failing": FAILED, "many": None if stream else TRUNCATED}.get(label)
    if domain not in ("test", "sub.test"):
        flags = NO_NAME
    if flags:
        return [reply(message, end, flags=flags)]
    if alias(label):
        return [reply(message, end, [(SAME, CNAME, alias(label))])]
    return [reply(message, end, addresses(label, kind))]


class Datagrams(socketserver.BaseRequestHandler):
    """A question over UDP."""

    def handle(self):
        message, sock = self.request
        for answer in answers(message, False):
            sock.sendto(answer, self.client_address)


class Streams(socketserver.StreamRequestHandler):
    """Questions over TCP."""

    def handle(self):
        while head := self.rfile.read(2):
            message = self.rfile.read(struct.unpack(">H", head)[0])
            for answer in answers(message, True):
                self.wfile.write(struct.pack(">H", len(answer)) + answer)


def main(address="127.0.0.1", port="53"):
    """Serve until somebody ends this."""
    socketserver.TCPServer.allow_reuse_address = True
    if ":" in address:
        socketserver.TCPServer.address_family = socketserver.UDPServer.address_family = socket.AF_INET6
    place = (address, int(port))
    stream = socketserver.ThreadingTCPServer(place, Streams)
    stream.daemon_threads = True
    threading.Thread(target=stream.serve_forever, daemon=True).start()
    with socketserver.UDPServer(place, Datagrams) as datagrams:
        print("ready", flush=True)
        datagrams.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:3])
