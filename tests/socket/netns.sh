# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# shellcheck disable=SC2154 # status: lib.sh
# Network namespaces, and what is left of a script's sockets when it has ended.

# Makes a namespace that goes with the test.
make_inner() {
	ip netns add inner
	trap 'ip netns del inner 2>/dev/null || true' EXIT
	ip -n inner link set lo up
}

# run_inner: runs the script on standard input in the namespace; the last to close the device is inside.
run_inner() { ip netns exec inner sh -c 'exec cat >/dev/luadrv'; }

# start_inner: start_ready with the script on standard input, in the namespace.
start_inner() {
	cat >inner.lua
	make_inner
	set -m
	ip netns exec inner cat inner.lua >/dev/luadrv 2>complaint &
	script=$!
	set +m
	wait_for 'the script to say ready' says ready "$script"
}

# connects COMMAND...: whether a connection to port 7900 can be made.
connects() { "$@" nc -z -w 2 127.0.0.1 7900; }

listening='local s = socket.new("i", "t")
s:setsockopt("s", "ra", 1)
s:bind("127.0.0.1", 7900)
s:listen(5)
print("ready")
s:accept()
print("accepted")
while true do s:accept() end'

# a socket lives in the network namespace of the process that runs the script
test_inside() {
	start_inner <<<"$listening"
	connects ip netns exec inner || fail 'the port cannot be reached inside'
	wait_for 'the connection' says accepted
	! connects env || fail 'the port can be reached outside'
	stop_script
}

# a script outside sees nothing of a namespace's ports
test_outside() {
	start_ready <<<"$listening"
	make_inner
	! connects ip netns exec inner || fail 'the port can be reached inside'
	connects env || fail 'the port cannot be reached outside'
	stop_script
}

# a namespace that is deleted while a script waits in accept goes when the script has ended
test_deleted() {
	start_inner <<<"$listening"
	ip netns del inner
	waits_in "$script" inet_csk_accept || fail 'the script waits no more'
	stop_script KILL
}

# inner_gone: nothing is left of the script, nor of its namespace, which had an interface that is seen from here
inner_gone() {
	wait_for 'everything to be gone' nothing_alive
	wait_for 'the namespace to be gone' no_outer
}
no_outer() { ! ip link show outer >/dev/null 2>&1; }

# delete_under FUNCTION SIGNAL: while the script of start_inner waits in a function, its namespace is deleted; then a signal ends it.
delete_under() {
	ip link add outer type veth peer name inside netns inner
	wait_for 'the script to wait' waits_in "$script" "$1"
	ip netns del inner
	wait_for 'the script to wait still' waits_in "$script" "$1"
	stop_script "$2"
	inner_gone
}

# a namespace that is deleted while a script waits in select: the script can be stopped, and nothing is left
test_deleted_select() {
	start_inner <<<'local s, u = socket.new("i", "t"), socket.new("i6", "u")
s:bind("127.0.0.1", 7900)
s:listen()
u:bind("::1", 7900)
print("ready")
socket.poll{ s, u }:select()'
	delete_under lpoll_wait TERM
}

# a namespace that is deleted while a script looks a name up: the script can be stopped, and nothing is left
test_deleted_resolve() {
	start_inner <<<'local silent = socket.new("i", "u")
silent:bind("127.0.0.1", 7953)
print("ready")
while true do pcall(socket.resolve, "name.test", nil, 1000000, { server = "127.0.0.1", port = 7953 }) end'
	delete_under lpoll_wait INT
}

# a namespace can go while connections of a script's sockets are in TIME_WAIT
test_time_wait() {
	make_inner
	run_inner <<'END'
for _ = 1, 20 do
	local s = socket.new("i", "t")
	s:bind("127.0.0.1", 0)
	s:listen(1)
	local c = socket.new("i", "t")
	c:connect(s:getsockname())
	local p = s:accept()
	c:close()
	p:read()
	p:close()
	s:close()
end
END
	ip netns exec inner ss -Htan state time-wait | grep -q 127.0.0.1 || fail 'nothing is in TIME_WAIT'
	ip netns del inner
	! ip netns list | grep -q inner || fail 'it is still there'
}

# a namespace can go while a script's unsent data is still to be delivered
test_unsent() {
	make_inner
	run_inner <<'END'
local s = socket.new("i", "t")
s:bind("127.0.0.1", 0)
s:listen(1)
local c = socket.new("i", "t")
c:connect(s:getsockname())
local p = s:accept()
pcall(c.send, c, ("x"):rep(4 << 20), "D")
END
	ip netns del inner
}

# namespaces come and go with scripts fifteen times (fewer on a slow kernel)
test_many() {
	local i
	for ((i = 0; i < (SLOW == 1 ? 15 : 3); i++)); do
		make_inner
		run_inner <<<'local s = socket.new("i", "t") s:bind(0, 7900) s:listen() socket.poll{s}:select(1)'
		ip netns del inner
	done
}

open_ports() { ss -Hua sport = :7900; ss -Hta exclude time-wait sport = :7900; }
open_both='keep = socket.new("i", "t") keep:setsockopt("s", "ra", 1) keep:bind("127.0.0.1", 7900) keep:listen()
u = socket.new("i", "u") u:bind(0, 7900) print("opened")'
no_ports() { [ -z "$(open_ports)" ]; }

# a script's sockets are gone when it ends well
test_gone_after_end() {
	expect_run '' <<<"$open_both"
	expect_said opened
	wait_for 'the sockets to be gone' no_ports
}

# a script's sockets are gone when it ends with an error
test_gone_after_error() {
	expect_run ECANCELED <<<"$open_both error()"
	expect_said opened
	wait_for 'the sockets to be gone' no_ports
}

# a script's sockets are gone when it ends by SIGKILL
test_gone_after_kill() {
	start_ready <<<"$listening"
	[ -n "$(open_ports)" ] || fail 'there is no socket'
	stop_script KILL
	wait_for 'the sockets to be gone' no_ports
	wait_for 'everything to be gone' nothing_alive
}

# a script's sockets are counted while it runs
test_counted() {
	start_ready <<<'local a, b = socket.new("i", "t"), socket.new("i", "u")
local p = socket.poll{b}
print("ready")
p:select()'
	same "$(live sockets)" 2 sockets
	stop_script
}

# accept waits until a connection comes from elsewhere
test_accept_waits() {
	start_ready <<<'local s = socket.new("i", "t")
s:setsockopt("s", "ra", 1)
s:bind("127.0.0.1", 7900)
s:listen(5)
print("ready")
local c = s:accept()
c:write("greetings")
print("read " .. c:read())'
	wait_for 'the script to wait' waits_in "$script" inet_csk_accept
	same "$(echo hello | nc -N -w 10 127.0.0.1 7900)" greetings answer
	reap "$script"
	same "$status" 0 'exit status'
	expect_said 'read hello'
}

# connect and recv work with a peer in user space
test_connect_out() {
	echo 'from outside' | nc -N -l 127.0.0.1 7900 >received 2>/dev/null || true &
	wait_for 'the listener' bash -c 'ss -Htln sport = :7900 | grep -q .'
	expect_run '' <<<'local c = socket.new("i", "t")
c:connect("127.0.0.1", 7900)
print("read " .. c:read())
c:write("from inside")
c:close()'
	expect_said 'read from outside'
	wait_for 'what the script wrote' grep -q 'from inside' received
}
