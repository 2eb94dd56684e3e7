# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The examples besides the proxy run as their headers say.

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# run_as_its_header_says NAME: by the very command that the header has.
run_as_its_header_says() {
	local command
	command=$(sed -n 's,^-- *\(cat examples/.* > /dev/luadrv\).*,\1,p' "$EXAMPLES/$1.lua")
	[ -n "$command" ] || fail "no command in the header"
	(cd "$TESTS/.." && eval "$command") || fail "'$command' failed"
}

start_echo() {
	start_script "$EXAMPLES/echo.lua"
	wait_for "the server" says 'echo on 0.0.0.0:7007' "$script"
}

# test.lua runs to its end and prints a line for each part
test_test() {
	run_as_its_header_says test
	same "$(said)" $'test: data objects\ntest: tcp\ntest: udp\ntest: errors\ntest: ok'
}

# poll.lua runs to its end and prints who said what
test_poll() {
	run_as_its_header_says poll
	same "$(said | sort)" $'poll: 1 said c1\npoll: 2 said a1\npoll: 3 said b1\npoll: ok'
}

# workers.lua runs to its end: every processor has a worker, and all jobs are done once
test_workers() {
	run_as_its_header_says workers
	same "$(said | grep -c '^workers: cpu')" "$(nproc)" 'workers'
	same "$(said | sed -n 's/^workers: cpu .* did \([0-9]*\) jobs$/\1/p' | awk '{ n += $1 } END { print n }')" 20 'jobs'
	same "$(said | tail -n 2)" $'primes: 2262 of them\nworkers: ok'
}

# test.lua and poll.lua can run many times at once
test_at_once() {
	local job jobs=()
	while [ ${#jobs[@]} -lt 20 ]; do
		cat "$EXAMPLES/test.lua" >/dev/luadrv &
		jobs+=($!)
		cat "$EXAMPLES/poll.lua" >/dev/luadrv &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do wait "$job" || fail "one failed"; done
	same "$(said_times 'test: ok') $(said_times 'poll: ok')" '10 10'
}

# test.lua and poll.lua run in a network namespace of their own, once lo is up
# shellcheck disable=SC2016 # for the inner shell
test_namespace() {
	export EXAMPLES
	unshare -n bash -ec 'ip link set lo up; cat "$EXAMPLES/test.lua" >/dev/luadrv; cat "$EXAMPLES/poll.lua" >/dev/luadrv'
	same "$(said_times 'test: ok') $(said_times 'poll: ok')" '1 1'
}

# test.lua fails with an error in a network namespace without an interface that is up
test_no_interface() {
	unshare -n cat "$EXAMPLES/test.lua" 2>/dev/null >/dev/luadrv && fail "it succeeded"
	expect_said ENETUNREACH
}

# test.lua and poll.lua use no global that does not exist, and make none
test_globals() {
	local name strict='setmetatable(_G, { __index = function(_, k) error("no global " .. k, 2) end,
		__newindex = function(_, k) error("new global " .. k, 2) end })'
	for name in test poll; do
		{ echo "$strict" && cat "$EXAMPLES/$name.lua"; } >strict.lua
		expect_run '' strict.lua
	done
}

# echo.lua prints its address and says back what it is told
test_echo() {
	start_echo
	same "$(printf 'hello\nworld' | nc -N 127.0.0.1 7007)" $'hello\nworld'
	same "$(printf '\0\377' | nc -N 127.0.0.1 7007 | od -An -tx1)" ' 00 ff'
	same "$(said)" 'echo on 0.0.0.0:7007'
	stop_script INT
}

# echo.lua serves a hundred clients at once
test_echo_many() {
	start_echo
	client <<'END'
clients = [socket.create_connection(("127.0.0.1", 7007)) for _ in range(100)]
for turn in range(3):
    for number, sock in enumerate(clients):
        sock.sendall(b"%d.%d" % (turn, number))
    for number, sock in enumerate(clients):
        text = b"%d.%d" % (turn, number)
        assert read_exactly(sock, len(text)) == text
END
	stop_script INT
}

# echo.lua keeps what a client is slow to take back, up to the end, and stops reading meanwhile
test_echo_slow() {
	start_echo
	client <<'END'
sock = socket.create_connection(("127.0.0.1", 7007))
sent = fill(sock)
assert sent < 40 * MB, sent
with socket.create_connection(("127.0.0.1", 7007)) as other:
    other.sendall(b"quick")
    assert read_exactly(other, 5) == b"quick"
sock.shutdown(socket.SHUT_WR)
got = read_all(sock)
assert len(got) == sent, (len(got), sent)
assert got == filling(sent), "wrong bytes"
END
	stop_script INT
}

# echo.lua survives clients that reset
test_echo_resets() {
	start_echo
	client <<'END'
for turn in range(30):
    sock = socket.create_connection(("127.0.0.1", 7007))
    if turn % 3:
        sock.sendall(b"x" * 100000)
    if turn % 3 == 2:
        sock.recv(10)
    reset(sock)
until("the sockets to go", lambda: live("sockets") == 1)
END
	same "$(printf 'hello' | nc -N 127.0.0.1 7007)" hello
	stop_script INT
}

# echo.lua without a free socket waits until it has one again
test_echo_full() {
	param sockets 10
	start_echo
	client <<'END' &
clients = [socket.create_connection(("127.0.0.1", 7007)) for _ in range(30)]
until("the limit", lambda: live("sockets") == 10)
open("full", "w").close()
until("the test", lambda: os.path.exists("seen"))
for sock in clients[:25]:
    sock.close()
sock = clients[-1]
sock.sendall(b"at last")
assert read_exactly(sock, 7) == b"at last"
END
	local job=$!
	wait_for 'the limit' test -e full
	expect_idle
	touch seen
	wait "$job"
	stop_script INT
}

# chat.lua lets guests hear each other, and tells who comes and goes
test_chat() {
	start_script "$EXAMPLES/chat.lua"
	wait_for "the server" says 'chat on 0.0.0.0:7070' "$script"
	client <<'END'
def guest(name):
    sock = socket.create_connection(("127.0.0.1", 7070))
    sock.sendall(name + b"\n")
    return sock, sock.makefile("rb")
ann, ann_hears = guest(b"ann")
bob, bob_hears = guest(b"bob")
assert ann_hears.readline() == b"bob comes\n"
ann.sendall(b"hel")
ann.sendall(b"lo\nhow are you?\n")
assert [bob_hears.readline() for _ in range(2)] == [b"ann: hello\n", b"ann: how are you?\n"]
other, other_hears = guest(b"ann")
assert other_hears.readline() == b"another name, please\n"
assert other_hears.readline() == b""
bob.close()
bob_hears.close()
assert ann_hears.readline() == b"bob goes\n"
rude, rude_hears = guest(b"rude")
rude.sendall(b"x" * 1000)
assert [ann_hears.readline() for _ in range(2)] == [b"rude comes\n", b"rude goes\n"]
many = [guest(b"g%d" % n) for n in range(50)]
for _ in many:
    ann_hears.readline()
ann.sendall(b"all\n")
for sock, hears in many:
    while hears.readline() != b"ann: all\n":
        pass
END
	expect_running
	stop_script INT
}
