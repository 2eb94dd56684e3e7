# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The proxy in several threads, which share its port.

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# start_threads COUNT [NAME=VALUE...]: the proxy in so many threads, each of which listens.
start_threads() {
	local count=$1
	shift
	copy_proxy "THREADS=$count" "$@"
	start_script proxy.lua
	wait_for 'all threads' listen "$count"
}

# listen COUNT: whether so many sockets of the proxy listen.
listen() { [ "$(ss -Hltn 'sport = :8080' | wc -l)" = "$1" ]; }

# helpers: the processes of the threads beside the script.
helpers() { pgrep '^luadrv/' || true; }

# every thread takes clients
test_share() {
	start_threads 3 REFUSALS=100
	same "$(said_times 'proxy on 0.0.0.0:8080')" 3
	client <<'END'
for _ in range(90):
    with reach() as sock:
        sock.sendall(b"\6")
        assert reply(sock) == REFUSED
END
	same "$(said_times 'proxy: refused: not SOCKS, or without a password')" 90
	same "$(klog | sed -n 's/^luadrv: .*\[\([0-9]*\)\]: proxy: refused.*/\1/p' | sort -u | wc -l)" 3 'threads that refused'
	stop_script
}

# tunnels, BIND and UDP of many clients at once work, in whichever thread
test_clients() {
	start_threads 3
	client <<'END'
server = listen()
tunnels = []
for number in range(30):
    sock = (tunnel, tunnel5)[number % 2](port_of(server))
    tunnels.append((sock, server.accept()[0]))
for client, accepted in tunnels:
    exchange(client, accepted)
for client, accepted in tunnels:
    finish(client, accepted)
until("the tunnels to go", lambda: live("sockets") == 3)
waiting = []
for _ in range(9):
    sock = reach5(0, command=2, host="0.0.0.0")
    waiting.append((sock, reply5(sock)[2]))
for sock, port in waiting:
    peer = socket.create_connection(("127.0.0.1", port))
    assert reply5(sock)[0] == 0
    exchange(sock, peer)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as echo:
    echo.bind(("127.0.0.1", 0))
    links = []
    for _ in range(9):
        sock = reach5(0, command=3, host="0.0.0.0")
        links.append((sock, reply5(sock)[2], socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
    for number, (_, port, link) in enumerate(links):
        link.sendto(b"\0\0\0" + pack5(port_of(echo)) + b"datagram %d" % number, ("127.0.0.1", port))
    for _ in links:
        echo.sendto(*echo.recvfrom(100))
    for number, (_, _, link) in enumerate(links):
        got = unpack5(link.recv(100)[3:])[2]
        assert got == b"datagram %d" % number, got
END
	stop_script
}

# as its header says, there is one for each processor
test_processors() {
	local command
	command=$(sed -n 's,^-- *\(sed .* > /dev/luadrv\).*,\1,p' "$EXAMPLES/proxy.lua")
	[ -n "$command" ] || fail 'no command in the header'
	set -m
	(cd "$TESTS/.." && eval "exec $command") &
	script=$!
	set +m
	wait_for 'the proxy' says 'proxy on 0.0.0.0:8080' "$script"
	wait_for 'all threads' listen "$(nproc)"
	same "$(helpers | wc -l)" "$(($(nproc) - 1))" 'threads beside the script'
	client <<<'works()'
	stop_script
}

# a thread that is killed takes its own tunnels along; the others go on, and get all that come
test_killed() {
	start_threads 4
	client <<'END' &
server = listen()
tunnels = []
for _ in range(40):
    client = tunnel(port_of(server))
    tunnels.append((client, server.accept()[0]))
open("open", "w").close()
until("the kill", lambda: os.path.exists("killed"))
ended = 0
for client, accepted in tunnels:
    try:
        exchange(client, accepted)
    except (EOFError, ConnectionResetError, BrokenPipeError):
        ended += 1
assert 0 < ended < 40, ended
for _ in range(15):
    works()
END
	local job=$!
	wait_for 'the tunnels' test -e open
	kill -KILL "$(helpers | head -n 1)"
	wait_for 'its end' listen 3
	touch killed
	wait "$job"
	expect_running
	stop_script
}

# the error of a thread is told with its traceback, and the others go on
test_error() {
	copy_proxy THREADS=2
	sed -i '/^for _ = 2, THREADS/i thread.spawn(function() CLIENTS = nil run() end)' proxy.lua
	start_script proxy.lua
	wait_for 'its error' says 'attempt to compare nil with number'
	wait_for 'the others' listen 2
	expect_said "in upvalue 'run'"
	client <<<'for _ in range(10): works()'
	expect_running
	stop_script
}

# beside a proxy that does not share its port they fail, tell why, and leave nothing
test_in_use() {
	start_proxy
	copy_proxy THREADS=3
	expect_run ECANCELED proxy.lua
	expect_said EADDRINUSE
	same "$(live sockets) $(helpers)" '1 '
	client <<<'works()'
	stop_script
}

# a signal ends all of them within a second, with open tunnels, and every client sees the end
test_stop() {
	local signal job
	for signal in INT KILL; do
		start_threads 3
		rm -f open
		client <<'END' &
server = listen()
clients = [tunnel(port_of(server)) for _ in range(20)] + [reach() for _ in range(10)]
for sock in clients[20:]:
    sock.sendall(b"\4")
until("the sockets", lambda: live("sockets") == 3 + 50)
open("open", "w").close()
for sock in clients:
    drain(sock)
END
		job=$!
		wait_for 'the tunnels' test -e open
		stop_script "$signal"
		wait_for 'the sockets to go' nothing_alive
		listen 0 || fail 'somebody listens'
		wait "$job"
		same "$(helpers)" ''
	done
}
