# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The proxy ends when it is told to, and when it has no memory.

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# start_load: downloads that go on until the proxy is gone; returns when they are under way.
start_load() {
	client <<'END' &
import signal
signal.alarm(50 * SLOW)
server = listen()
content = payload(1 << 18)

def flood(sock):
    try:
        while True:
            sock.sendall(content)
    except (ConnectionResetError, BrokenPipeError):
        pass

# Some that are read, some that are not, some that are silent.
clients = [tunnel(port_of(server)) for _ in range(30)]
accepted = [server.accept()[0] for _ in clients]
silent = [reach() for _ in range(10)]
threads = [background(flood, sock) for sock in accepted[:20]]
threads += [background(drain, sock) for sock in clients[:10]]
until("the sockets", lambda: live("sockets") == 71)
assert b"".join(sock.recv(1) for sock in clients[10:20]), "nothing came"
open("loaded", "w").close()
for sock in clients + accepted + silent:
    drain(sock)
for thread in threads:
    thread.join()
END
	load=$!
	LIMIT=40 wait_for 'the load' test -e loaded
}

# Nothing of the module's is left, and nobody listens.
expect_gone() {
	wait_for 'the sockets to go' nothing_alive
	same "$(ss -Hltn 'sport = :8080')" ''
}

stops_by() {
	start_proxy
	start_load
	stop_script "$1"
	expect_gone
	wait "$load" || fail "a client has not seen the end"
	start_proxy
	client <<<'works()'
	stop_script "$1"
	expect_gone
}

# Ctrl-C ends it within a second under load, every client sees the end, and its port can be had again at once
test_int() { stops_by INT; }

# SIGTERM ends it so, too
test_term() { stops_by TERM; }

# SIGKILL ends it so, too
test_kill() { stops_by KILL; }

# a stop of an idle proxy takes less than a second
test_idle() {
	local signal
	for signal in INT TERM KILL; do
		start_proxy
		stop_script "$signal"
		expect_gone
	done
}

# ten starts and stops one after the other, each with a connection
test_again() {
	local turn connection
	for ((turn = 0; turn < 10; turn++)); do
		start_proxy
		exec {connection}<>/dev/tcp/127.0.0.1/8080
		stop_script
		exec {connection}>&-
	done
	expect_gone
}

# a second proxy fails to bind the port, and the first goes on
test_second() {
	start_proxy
	expect_run ECANCELED proxy.lua
	expect_said EADDRINUSE
	client <<<'works()'
	stop_script
}

# its memory cap is met by a proxy with very many clients: it may end, nothing is left
test_memory() {
	param memory 500K
	start_proxy
	client <<'END'
clients = []
try:
    for _ in range(2000):
        clients.append(reach())
except OSError:
    pass
for sock in clients:
    sock.close()
END
	ended "$script" || stop_script
	expect_gone
}
