# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The proxy: version 5, and BIND of both.

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# CONNECT by address and by name, with the reply's address being the proxy's side of the connection
test_connect() {
	start_proxy
	client <<'END'
for where in {}, {"name": b"127.0.0.1"}, {"name": b"localhost"}:
    with listen() as server:
        sock = reach5(port_of(server), **where)
        code, host, port = reply5(sock)
        accepted, peer = server.accept()
        assert (code, host, port) == (0, *peer), (code, host, port, peer)
        exchange(sock, accepted)
        finish(sock, accepted)
only_listener()
END
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script
}

# CONNECT to an address of IPv6, and clients of IPv6 if the proxy listens for them
test_ipv6() {
	copy_proxy 'HOST="::"'
	start_script proxy.lua
	wait_for 'the proxy' says 'proxy on' "$script"
	client <<'END'
import socks
for proxy in ("127.0.0.1", 8080), ("::1", 8080):
    socks.PROXY = proxy
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        sock = reach5(port_of(server), host="::1")
        code, *place = reply5(sock)
        accepted, peer = server.accept()
        assert (code, *place) == (0, *peer[:2]), (code, place, peer)
        exchange(sock, accepted)
    exchange(*pair5())
    exchange(*pair())
    # BIND, and UDP from a client of IPv6
    sock = reach5(0, command=2, host="::1")
    code, *place = reply5(sock)
    assert code == 0 and place[0] == "::1", (code, place)
    with socket.create_connection(tuple(place)) as server:
        assert reply5(sock) == (0, *server.getsockname()[:2])
        exchange(sock, server)
    control = reach5(0, command=3, host="::")
    code, *relay = reply5(control)
    assert (code, relay[0]) == (0, proxy[0]), (code, relay)
    client = socket.socket(control.family if ":" in relay[0] else socket.AF_INET, socket.SOCK_DGRAM)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    client.sendto(b"\0\0\0" + pack5(port_of(server)) + b"hello", tuple(relay))
    got, sender = server.recvfrom(10)
    server.sendto(b"back", sender)
    assert client.recv(100)[3:] == pack5(port_of(server)) + b"back"
END
	expect_unsaid refused "$script"
	stop_script
}

# all that a client says may come in one piece, or byte by byte, with what is for the server after it
test_pieces() {
	start_proxy
	client <<'END'
for early in b"", b"early", b"\5\1\0":
    for pieces in 1, 1000:
        with listen() as server:
            sock = reach()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            text = b"\5\2\1\0" + request5(port_of(server), name=b"localhost") + early
            for start in range(0, len(text), pieces):
                sock.sendall(text[start:start + pieces])
                time.sleep(0.002)
            assert read_exactly(sock, 2) == b"\5\0"
            assert reply5(sock)[0] == 0
            accepted = server.accept()[0]
            assert read_exactly(accepted, len(early)) == early
            exchange(sock, accepted)
END
	stop_script
}

# a client whose methods do not suit is told so
test_methods() {
	start_proxy
	client <<'END'
for methods in b"", b"\1", b"\2", bytes(range(1, 256)):
    with reach() as sock:
        assert greet(sock, methods) == 255
        assert over(sock)
for methods in b"\0", b"\2\1\0", bytes(range(255)), b"\0" * 255:
    with reach() as sock:
        assert greet(sock, methods) == 0
works()
END
	expect_said 'proxy: refused: no method that is known' "$script"
	stop_script
}

# with USERS nobody is served who does not say a name and its password
test_users() {
	start_proxy 'USERS={ me = "secret", [("n"):rep(255)] = ("p"):rep(255), [""] = "" }'
	client <<'END'
def login(user, password, version=1):
    sock = reach()
    assert greet(sock, b"\0\2") == 2
    sock.sendall(bytes([version, len(user)]) + user + bytes([len(password)]) + password)
    return sock, read_exactly(sock, 2)

for user, password in (b"me", b"secret"), (b"n" * 255, b"p" * 255), (b"", b""):
    with listen() as server:
        sock, status = login(user, password)
        assert status == b"\1\0", status
        sock.sendall(request5(port_of(server)))
        assert reply5(sock)[0] == 0
        exchange(sock, server.accept()[0])
for user, password in (b"me", b"Secret"), (b"me", b""), (b"you", b"secret"), (b"me\0", b"secret"), (b"", b"x"):
    sock, status = login(user, password)
    assert status == b"\1\1", status
    assert over(sock)
login(b"two\nlines", b"x")
assert login(b"me", b"secret", 5)[1] == b"\1\1"
with reach() as sock:
    assert greet(sock, b"\0") == 255
with reach() as sock:
    sock.sendall(request(80))
    assert reply(sock) == REFUSED
# Nothing that comes before the password counts.
with listen() as server, reach() as sock:
    sock.sendall(b"\5\1\2" + request5(port_of(server)))
    assert read_exactly(sock, 2) == b"\5\2"
    assert sock.recv(9) == b"\1\1"
    assert not select.select([server], [], [], 0.1)[0]
END
	expect_said 'not the password of "you"' "$script"
	expect_said 'not the password of "two\?lines"' "$script"
	expect_unsaid secret "$script"
	stop_script
}

# each reason to refuse has its code
test_codes() {
	start_proxy CONNECT="$SOON"
	client <<'END'
refused5(5, closed_port())
refused5(3, 80, host="203.0.113.1")
refused5(7, 80, command=0)
refused5(7, 80, command=4)
refused5(7, 80, command=255)
refused5(1, 80, name=b"")
refused5(1, 80, name=b"not a name")
refused5(1, 80, name=b"a\0b")
for kind in 0, 2, 5, 255:
    with reach() as sock:
        assert greet(sock) == 0
        sock.sendall(bytes([5, 1, 0, kind]) + b"\1\2\3\4\0\120")
        assert reply5(sock)[0] == 8
server, first = full_listener()
refused5(4, port_of(server))
END
	expect_said ECONNREFUSED "$script"
	stop_script
}

# who says nothing more, in whichever state, is told and dropped
test_silent() {
	start_proxy SILENCE="$SOON"
	client <<'END'
states = b"\5", b"\5\1", b"\5\1\0", b"\5\1\0\5", b"\5\1\0" + request5(80)[:6], b"\5\1\0" + request5(80, name=b"example")[:9]
silent = [(state, reach()) for state in states]
for state, sock in silent:
    sock.sendall(state)
works()
for state, sock in silent:
    if len(state) > 2:
        assert read_exactly(sock, 2) == b"\5\0"
        assert reply5(sock)[0] == 4
    else:
        assert read_exactly(sock, 2) == b"\5\xff"
    assert over(sock)
only_listener()
END
	stop_script
}

# garbage where a request is due is refused
test_garbage() {
	start_proxy
	client <<'END'
for seed in range(20):
    with reach() as sock:
        assert greet(sock) == 0
        sock.sendall(b"\4" + payload(300, seed))
        assert reply5(sock)[0] == 1
works()
END
	expect_said 'proxy: refused: not SOCKSv5' "$script"
	expect_running
	stop_script
}

# BIND: the proxy listens for the server, tells where, then who came, and both can talk
test_bind() {
	start_proxy
	client <<'END'
sock = reach()
sock.sendall(request(0, command=2))
def whole_reply(sock):
    version, code, port, host = struct.unpack(">BBH4s", read_exactly(sock, 8))
    assert (version, code) == (0, GRANTED), (version, code)
    return socket.inet_ntoa(host), port
place = whole_reply(sock)
assert place[0] == "127.0.0.1", place
with socket.create_connection(place) as server:
    assert whole_reply(sock) == server.getsockname()
    exchange(sock, server)
    try:
        socket.create_connection(place).close()
        sys.exit("it still listens")
    except ConnectionRefusedError:
        pass
    finish(sock, server)
only_listener()
END
	stop_script
}

# BIND of version 5, by name, by address, and for anybody
test_bind5() {
	start_proxy
	client <<'END'
for where in {"name": b"localhost"}, {"host": "127.0.0.1"}, {"host": "0.0.0.0"}:
    sock = reach5(0, command=2, **where)
    code, *place = reply5(sock)
    assert code == 0 and place[0] == "127.0.0.1", (code, place)
    with socket.create_connection(tuple(place)) as server:
        assert reply5(sock) == (0, *server.getsockname())
        exchange(sock, server)
        finish(sock, server)
only_listener()
END
	stop_script
}

# who comes from another host than BIND was for is sent away, and the right one still can come
test_bind_stranger() {
	start_proxy
	client <<'END'
sock = reach5(0, command=2, host="127.0.0.5")
code, *place = reply5(sock)
with socket.socket() as stranger:
    stranger.bind(("127.0.0.6", 0))
    stranger.connect(tuple(place))
    assert over(stranger)
with socket.socket() as server:
    server.bind(("127.0.0.5", 0))
    server.connect(tuple(place))
    assert reply5(sock) == (0, *server.getsockname())
    exchange(sock, server)
END
	stop_script
}

# BIND ends when nobody comes in time, or when its client breaks off, and leaves nothing
test_bind_ends() {
	start_proxy BIND="$SOON"
	client <<'END'
late = reach5(0, command=2)
assert reply5(late)[0] == 0
for turn in range(5):
    sock = reach5(0, command=2)
    assert reply5(sock)[0] == 0
    reset(sock)
until("the others to go", lambda: live("sockets") <= 3)
works()
assert reply5(late)[0] == 4
assert over(late)
refused5(3, 0, command=2, host="203.0.113.1")
only_listener()
END
	stop_script
}

# UDP: datagrams reach the server with nothing before them, and come back with the server's address
test_udp() {
	start_proxy
	client <<'END'
control = reach5(0, command=3, host="0.0.0.0")
code, *relay = reply5(control)
assert code == 0 and relay[0] == "127.0.0.1", (code, relay)

def datagrams():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock

client, one, two = datagrams(), datagrams(), datagrams()
def send(server, text, **where):
    client.sendto(b"\0\0\0" + pack5(port_of(server), **where) + text, tuple(relay))
def expect(server, text):
    got, sender = client.recvfrom(70000)
    assert sender == tuple(relay), sender
    assert got[:3] == b"\0\0\0" and unpack5(got[3:]) == (*server.getsockname(), text), got[:40]

for server in one, two, one:
    for where in {}, {"name": b"localhost"}, {"name": b"127.0.0.1"}:
        for text in b"", b"hello", payload(60000):
            send(server, text, **where)
            got, sender = server.recvfrom(70000)
            assert got == text
            server.sendto(text[::-1], sender)
            expect(server, text[::-1])

# Fragments, nonsense and strangers count for nothing.
for wrong in b"", b"\0", b"\0\0\0", b"\0\0\1" + pack5(port_of(one)) + b"x", b"\0\0\0\1", b"\0\0\0\7" + bytes(10), \
        b"\0\0\0\3\xff" + bytes(100), b"\0\0\0\3\0" + bytes(10), b"\1\0\0" + pack5(port_of(one)) + b"x":
    client.sendto(wrong, tuple(relay))
stranger = datagrams()
stranger.sendto(b"\0\0\0" + pack5(port_of(one)) + b"stranger", tuple(relay))
send(one, b"last")
assert one.recv(100) == b"last"

# It ends with its connection.
assert live("sockets") == 4
control.close()
only_listener()
END
	expect_running
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script
}

# UDP that nobody uses ends in time, one that is used does not
test_udp_idle() {
	start_proxy IDLE="$SOON"
	client <<'END'
idle, used = (reach5(0, command=3, host="0.0.0.0") for _ in range(2))
assert reply5(idle)[0] == 0
relay = reply5(used)[1:]
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while not select.select([idle], [], [], 0.1)[0]:
    sock.sendto(b"\0\0\0" + pack5(9) + b"x", relay)
assert over(idle)
assert not select.select([used], [], [], 0)[0]
END
	stop_script
}

# very many datagrams, and clients of UDP that come and go, leave nothing behind
test_udp_many() {
	start_proxy
	client <<'END'
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
for turn in range(50 // SLOW):
    control = reach5(0, command=3, host="0.0.0.0")
    relay = reply5(control)[1:]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for number in range(20):
        sock.sendto(b"\0\0\0" + pack5(port_of(server)) + b"%d.%d" % (turn, number), relay)
        assert server.recv(100) == b"%d.%d" % (turn, number)
    [control.close, lambda: reset(control)][turn % 2]()
only_listener()
END
	stop_script
}
