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
    except OSError:
        pass

def drain(sock):
    try:
        while sock.recv(1 << 18):
            pass
    except OSError:
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
    over(sock) or drain(sock)
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

# the Nth allocation fails, for every N through a whole connection: no crash, no hang, nothing left
# timeout: 240
test_every_allocation() {
	copy_proxy
	client <<'END'
import signal

FAIL = "/sys/module/luadrv/parameters/fail_alloc"
COUNTERS = "/sys/kernel/debug/luadrv/live"

with open("proxy.lua", "rb") as file:
    script = file.read()
server = listen()


def start(number):
    """A process that runs the proxy with this allocation failing."""
    with open(FAIL, "w", encoding="ascii") as file:
        file.write(str(number))
    child = os.fork()
    if not child:
        device = os.open("/dev/luadrv", os.O_WRONLY)
        os.write(device, script)
        try:
            os.close(device)
        except OSError:
            pass
        os._exit(0)
    return child


def ended(child):
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def reach_it(child):
    """Connect as soon as it listens; nothing if it ends before."""
    while not ended(child):
        try:
            return reach()
        except (ConnectionRefusedError, ConnectionResetError):
            pass


def asleep(child):
    with open(f"/proc/{child}/stat", encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "S"


def accepted(sock, child):
    """The connection that the proxy made, if the client does not see the end first."""
    while True:
        ready = select.select([server, sock], [], [], 2 * SLOW)[0]
        if not ready:
            # It will never have the memory to take the client, and waits for it.
            until("the proxy to sleep", lambda: asleep(child))
            raise EOFError("not served")
        if server in ready:
            return server.accept()[0]
        code = reply(sock)
        if code == REFUSED:
            raise EOFError("refused")


def connection(sock, child):
    """Whether a whole one went well."""
    try:
        sock.sendall(request(port_of(server), name=b"127.0.0.1") + b"early")
        with accepted(sock, child) as remote:
            assert read_exactly(remote, 5) == b"early"
            send_and_end(remote, b"x" * 1000)
            assert read_exactly(sock, 1008)[8:] == b"x" * 1000
            sock.sendall(b"last")
            sock.close()
            assert read_all(remote) == b"last"
        return True
    except TimeoutError:
        sys.exit("the connection hangs")
    except (EOFError, OSError):
        return False


def alive():
    with open(COUNTERS, encoding="ascii") as file:
        return [line for line in file if line.split()[1] != "0"]


def attempt(number):
    """One run; true if nothing failed."""
    child = start(number)
    sock = reach_it(child)
    good = False
    if sock:
        stages.add("connected")
        good = connection(sock, child)
        sock.close()
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    until(f"nothing to be alive after {number}", lambda: not alive())
    # Connections that nobody took.
    while select.select([server], [], [], 0)[0]:
        server.accept()[0].close()
    return good


stages, number, step = set(), 0, int(os.environ.get("STEP", "1"))
while True:
    number += step
    if attempt(number):
        break
assert stages
print(f"a connection needs {number} allocations")
END
}
