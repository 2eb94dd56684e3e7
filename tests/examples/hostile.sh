# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The proxy and clients that are wrong, silent, slow, or gone: none disturbs another.

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# refuses WHY EXPRESSION: a request (in Python) gets 91, the log says why, the proxy goes on.
refuses() {
	client <<<"refused($2)"
	expect_said "proxy: refused: $1" "$script"
	expect_running
}

# 4a with a name that cannot be looked up is refused, with a line in the log
test_4a_name() {
	start_proxy
	refuses 'resolve a_b.example' 'request(80, name=b"a_b.example")'
	refuses 'resolve' 'request(80, name=b"127.0.0.1\xff")'
	expect_said 'not the name of a host): invalid argument (EINVAL)' "$script"
	stop_script
}

# whatever bytes a name is made of, its refusal is one line of the log
test_4a_name_lines() {
	start_proxy
	client <<<'refused(request(80, name=b"a\nluadrv b\r\33[2J"))'
	wait_for 'the refusal' says 'refused' "$script"
	same "$(said | grep -v '^proxy on')" \
		'proxy: refused: resolve a\x0aluadrv b\x0d\x1b[2J (not the name of a host): invalid argument (EINVAL)'
	stop_script
}

# 4a with what looks like an address but is none is refused
test_4a_numbers() {
	start_proxy
	client <<'END'
for name in b"", b".", b"1.2.3", b"1.2.3.4.5", b"256.1.1.1", b"127.0.0.1.", b"99999999999999999999", b"127.0.0.01":
    refused(request(80, name=name))
END
	expect_running
	stop_script
}

# CONNECT to a port that is closed is refused, with the reason in the log
test_closed_port() {
	start_proxy
	client <<'END'
for turn in range(5):
    refused(request(closed_port()))
END
	expect_said ECONNREFUSED "$script"
	stop_script
}

# CONNECT to an address that cannot be reached is refused
test_unreachable() {
	start_proxy
	client <<'END'
refused(request(80, "203.0.113.1"))
refused(request(80, "255.255.255.255"))
refused(request(80, "224.0.0.1"))
END
	expect_running
	stop_script
}

# CONNECT to port 0 is refused
test_port_zero() {
	start_proxy
	client <<<'refused(request(0))'
	stop_script
}

# unknown commands are refused
test_commands() {
	start_proxy
	refuses 'unknown command' 'request(80, command=0)'
	client <<<'refused(request(80, command=3)); refused(request(80, command=255))'
	stop_script
}

# garbage, other versions, TLS and HTTP are refused
test_garbage() {
	start_proxy
	client <<'END'
refused(b"\0")
refused(b"\6\1\0")
refused(request(80, version=3))
refused(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")
refused(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
for seed in range(20):
    refused(b"\1" + payload(300, seed))
END
	expect_said 'proxy: refused: not SOCKS' "$script"
	expect_running
	stop_script
}

# a request that never ends is refused at 600 bytes
test_long_request() {
	start_proxy
	refuses 'request too long' 'request(80)[:8] + b"u" * 592'
	refuses 'request too long' 'request(80)[:8] + b"u" * 100000'
	refuses 'request too long' 'request(80, name=b"1" * 700)'
	stop_script
}

# a request of 599 bytes is served
test_longest_request() {
	start_proxy
	client <<<'exchange(*pair(user=b"u" * 590))'
	stop_script
}

# a client that says nothing, or only half a request, disturbs nobody and is dropped
test_silent() {
	start_proxy SILENCE="$SOON"
	client <<'END'
silent = [reach() for _ in range(10)]
for sock in silent[5:]:
    sock.sendall(request(80)[:5])
works()
for sock in silent:
    assert reply(sock) == REFUSED
    assert over(sock)
works()
only_listener()
END
	expect_said 'time is over' "$script"
	stop_script
}

# a client that says a byte now and then is dropped, too, when the time for a request is over
test_endless_request() {
	start_proxy HANDSHAKE="$SOON"
	client <<'END'
sock = reach()
sock.sendall(request(80)[:8])
while not select.select([sock], [], [], 0.3)[0]:
    sock.sendall(b"u")
assert reply(sock) == REFUSED
works()
END
	expect_said 'time is over' "$script"
	stop_script
}

# very many refusals do not fill the log: so many a second are told
test_many_refusals() {
	local lines seconds
	start_proxy REFUSALS=1
	seconds=$SECONDS
	client <<'END'
for number in range(100):
    with reach() as sock:
        sock.sendall(b"\6\1\0")
        assert reply(sock) == REFUSED
works()
END
	seconds=$((SECONDS - seconds))
	lines=$(said | grep -c refused || true)
	[[ $lines -ge 1 && $lines -le $((seconds + 2)) ]] || fail "$lines refusals in the log in $seconds s"
	stop_script
}

# a server that does not answer disturbs nobody, and the client is told in the end
test_no_answer() {
	start_proxy CONNECT="$SOON"
	client <<'END'
server, first = full_listener()
waiting = [reach() for _ in range(5)]
for sock in waiting:
    sock.sendall(request(port_of(server)))
until("the proxy to connect", lambda: live("sockets") == 11)
works()
for sock in waiting:
    assert reply(sock) == REFUSED
    assert over(sock)
works()
only_listener()
END
	expect_said 'time is over' "$script"
	stop_script
}

# a client that breaks off while the proxy connects is not kept
test_break_off() {
	start_proxy CONNECT=1000
	client <<'END'
server, first = full_listener()
for turn in range(5):
    sock = reach()
    sock.sendall(request(port_of(server)))
    until("the proxy to connect", lambda: live("sockets") == 3)
    reset(sock)
    only_listener()
END
	stop_script
}

# an idle tunnel is closed when its time is over, one that is used is not
test_idle() {
	start_proxy IDLE="$SOON"
	client <<'END'
idle, used = pair(), pair()
until("the idle one to go", lambda: exchange(*used) or select.select(idle, [], [], 0)[0])
assert over(idle[0]) and over(idle[1])
exchange(*used)
END
	stop_script
}

# a tunnel that is half closed and idle is closed when its time is over
test_half_idle() {
	start_proxy HALF="$SOON"
	client <<'END'
idle, half = pair(), pair()
half[0].shutdown(socket.SHUT_WR)
assert half[1].recv(1) == b""
assert over(half[0])
exchange(*idle)
END
	stop_script
}

# clients that send a byte at a time do not slow down another
test_slow() {
	start_proxy
	client <<'END'
slow = [pair() for _ in range(10)]
done = threading.Event()
def trickle():
    while not done.wait(0.2):
        for client, server in slow:
            client.sendall(b"s")
            assert server.recv(1) == b"s"
    finished.append(True)
finished = []
thread = background(trickle)
from many import downloads
downloads(5, MB)
done.set()
thread.join()
assert finished
for ends in slow:
    exchange(*ends)
END
	stop_script
}

# a client that never reads blocks its server, not others, and costs little memory
test_never_reads() {
	start_proxy
	client <<'END'
def stalled():
    client, server = pair()
    return client, server, fill(server)

ends = [stalled() for _ in range(4)]
for client, server, sent in ends:
    assert sent < 40 * MB, f"the proxy took {sent} bytes"
assert live("data_bytes") <= 1 << 16, live("data_bytes")
from many import downloads
downloads(3, MB)
for client, server, sent in ends:
    server.close()
    got = read_all(client)
    assert len(got) == sent, (len(got), sent)
    assert got == filling(sent), "wrong bytes"
    client.close()
only_listener()
END
	stop_script
}

# twenty clients that never read: the script keeps 64 KiB for each, and stays within a memory limit of 3 MiB
test_never_read_memory() {
	param memory 3M
	start_proxy
	client <<'END'
server, stalled = listen(), []
for _ in range(20):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(PROXY)
    sock.sendall(request(port_of(server)))
    stalled.append(sock)
accepted = [server.accept()[0] for _ in stalled]
threads = [background(fill, sock, 8 * MB) for sock in accepted]
for thread in threads:
    thread.join()
works()
END
	expect_running
	expect_unsaid memory "$script"
	stop_script
}

# a client that resets before its request, within it, or after it
test_reset_early() {
	start_proxy
	client <<'END'
server, first = full_listener()
for turn in range(10):
    for message in b"", b"\4", request(80)[:7], request(closed_port()), request(port_of(server)), b"\5\1\0", b"\4" * 600:
        sock = reach()
        if message:
            sock.sendall(message)
        reset(sock)
    reach().close()
works()
END
	expect_running
	stop_script
}

# either side resets in the middle of a transfer: the other side is told, nobody else is disturbed
test_reset_transfer() {
	start_proxy
	client <<'END'
other = pair()
for turn in range(10 // SLOW):
    for victim, rest in pair(), pair()[::-1]:
        exchange(victim, rest)
        thread = background(drain, rest)
        victim.sendall(payload(100000))
        reset(victim)
        thread.join()
        rest.close()
        exchange(*other)
END
	expect_running
	client <<<'only_listener(); works()'
	stop_script
}

# either side resets while bytes for it, or from it, wait in the proxy
test_reset_stalled() {
	start_proxy
	client <<'END'
for turn in range(2):
    for sender, reader in pair(), pair()[::-1]:
        fill(sender)
        reset(reader)
        until("the sender's end", lambda: select.select([sender], [], [], 0)[0])
        assert over(sender)
        sender.close()
    for sender, reader in pair(), pair()[::-1]:
        fill(sender)
        reset(sender)
        drain(reader)
        reader.close()
only_listener()
works()
END
	expect_running
	stop_script
}

# either side resets after one of both has ended
test_reset_half_closed() {
	start_proxy
	client <<'END'
for turn in range(5):
    for one, other in pair(), pair()[::-1]:
        one.shutdown(socket.SHUT_WR)
        assert other.recv(1) == b""
        reset(other if turn % 2 else one)
        rest = one if turn % 2 else other
        assert over(rest) or turn % 2 == 0
        rest.close()
only_listener()
works()
END
	expect_running
	stop_script
}

# without a free socket it waits, does not spin, and recovers
test_no_sockets() {
	param sockets 20
	start_proxy
	client <<'END' &
idle = [reach() for _ in range(40)]
until("the limit", lambda: live("sockets") == 20)
open("full", "w").close()
until("the test", lambda: os.path.exists("seen"))
for sock in idle:
    sock.close()
works()
only_listener()
END
	local job=$!
	wait_for 'the limit' test -e full
	expect_idle
	touch seen
	wait "$job"
	expect_said EMFILE "$script"
	stop_script
}

# without a socket for the server the client is refused
test_no_server_socket() {
	param sockets 2
	start_proxy
	client <<'END'
with listen() as server, reach() as sock:
    sock.sendall(request(port_of(server)))
    assert reply(sock) == REFUSED
END
	expect_said EMFILE "$script"
	expect_running
	stop_script
}

# with connections in every state it is idle when they are
test_idle_cpu() {
	start_proxy HANDSHAKE=100 SILENCE=100 CONNECT=100
	client <<'END' &
server, first = full_listener()
silent, half, connecting = reach(), reach(), reach()
half.sendall(b"\4\1")
connecting.sendall(request(port_of(server)))
idle, closed, gone, up, down, both = (pair() for _ in range(6))
closed[0].shutdown(socket.SHUT_WR)
gone[1].shutdown(socket.SHUT_WR)
for ends in (up[0], up[1]), (down[1], down[0]), both, both[::-1]:
    fill(ends[0])
up[0].shutdown(socket.SHUT_WR)
down[0].shutdown(socket.SHUT_WR)
open("full", "w").close()
until("the test", lambda: os.path.exists("seen"))
works()
exchange(*idle)
END
	local job=$!
	LIMIT=60 wait_for 'the connections' test -e full
	expect_idle
	touch seen
	wait "$job"
	stop_script
}
