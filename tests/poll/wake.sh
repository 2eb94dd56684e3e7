# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# shellcheck disable=SC2154 # script, status: lib.sh
# What wakes a select that already waits: others do it.

# A script that listens on port 7900, and waits for what the rest of it says.
prelude='local event = socket.event
local s = socket.new("i", "t")
s:setsockopt("s", "ra", 1)
s:bind("127.0.0.1", 7900)
s:listen(5)
local u = socket.new("i", "u")
u:bind("127.0.0.1", 7900)
local function told(p, want)
	print("ready")
	local index, sock, events = p:select()
	print(("index %d events %d"):format(index, events))
	assert(events & want == want, "other events")
	return sock
end
local function connection() print("accepts") return s:accept() end
'

# waits TEXT: starts the script and waits until it sleeps in select.
waits() {
	start_ready <<<"$prelude$1"
	wait_for 'the script to wait' waits_in "$script" lpoll_wait
}

# ends_well TEXT: the script has ended, without error, and said the text.
ends_well() {
	reap "$script"
	same "$status" 0 'exit status'
	expect_said "$1"
}

# peer PYTHON: connects to the script; runs the code, where c is the socket.
peer() {
	cat >peer.py <<END
import socket, struct, subprocess, sys, time
def wait_in_select(pid):
    while "lpoll_wait" not in open(f"/proc/{pid}/stack").read():
        time.sleep(0.01)
c = socket.create_connection(("127.0.0.1", 7900))
$1
END
	python3 peer.py "$script"
}

# A script that is connected to the peer and then waits for it.
connected() {
	start_script <<<"$prelude$1"
	wait_for 'the script to accept' says accepts "$script"
}

# a datagram wakes select
test_datagram() {
	waits 'assert(told(socket.poll{u}, event.IN):read() == "hello")'
	python3 -c 'import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", 7900))'
	ends_well 'index 0 events 1'
}

# a connection wakes select
test_connection() {
	waits 'told(socket.poll{u, s}, event.IN):accept("D")'
	peer ''
	ends_well 'index 1 events 1'
}

# data on a connection wakes select
test_data() {
	connected 'assert(told(socket.poll{u, s, connection()}, event.IN):read() == "hello")'
	peer 'wait_in_select(sys.argv[1]); c.send(b"hello")'
	ends_well 'index 2 events 1'
}

# the end of a connection wakes select
test_end() {
	connected 'assert(told(socket.poll{connection()}, event.IN):read() == nil)'
	peer 'wait_in_select(sys.argv[1]); c.close()'
	ends_well 'index 0 events 1'
}

# a reset wakes select, asked for or not
test_reset() {
	connected 'local p = socket.poll() p:add(connection(), 0) told(p, event.ERR)'
	peer 'wait_in_select(sys.argv[1])
c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); c.close()'
	ends_well 'index 0 events'
}

# the peer's shutdown wakes a select for "h"
test_rdhup() {
	connected 'local p = socket.poll() p:add(connection(), "h") told(p, event.RDHUP)'
	peer 'wait_in_select(sys.argv[1]); c.shutdown(socket.SHUT_WR); c.recv(1)'
	ends_well 'index 0 events 8192'
}

# room to send wakes a select for "w"
test_room() {
	connected 'local c = connection()
for _ = 1, 5 do while pcall(c.send, c, ("x"):rep(65536), "D") do end kernel.sleep(20) end
local p = socket.poll() p:add(c, "w") told(p, event.OUT)'
	peer 'wait_in_select(sys.argv[1])
while c.recv(1 << 20): pass'
	ends_well 'index 0 events 4'
}

# urgent data wakes a select for "p"
test_urgent() {
	connected 'local p = socket.poll() p:add(connection(), "p") told(p, event.PRI)'
	peer 'wait_in_select(sys.argv[1]); c.send(b"!", socket.MSG_OOB); time.sleep(0.2)'
	ends_well 'index 0 events'
}

# what was not asked for does not end a select
test_not_asked() {
	connected 'local p = socket.poll() p:add(connection(), "h") told(p, event.RDHUP)'
	peer 'wait_in_select(sys.argv[1]); c.send(b"x"); time.sleep(0.3); wait_in_select(sys.argv[1])
c.shutdown(socket.SHUT_WR); time.sleep(0.3)'
	ends_well 'index 0 events 8192'
}

# a wait costs nothing while a thousand idle members are watched
test_idle() {
	waits 'local p = socket.poll()
for i = 1, 1000 do p:add(socket.new("i", "u")) end
p:add(u) told(p, event.IN)'
	local before after
	before=$(proc_stat "$script" | cut -d' ' -f13)
	read -rt 1 -u "$never" || true
	after=$(proc_stat "$script" | cut -d' ' -f13)
	[ $((after - before)) -le 2 ] || fail "used $((after - before)) ticks"
	python3 -c 'import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 7900))'
	ends_well 'index 1000 events 1'
}

# P2: nothing is lost when data arrives at any moment of a select: ping-pong with another process
test_ping_pong() {
	connected 'local c = connection()
local p = socket.poll{c, s, u}
for i = 1, 2000 do
	assert(p:select(20000) == 0, "lost")
	c:send(c:read())
end
print("done")'
	peer 'c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for i in range(2000):
    c.send(b"x")
    assert c.recv(1) == b"x"'
	ends_well 'done'
}
