# shellcheck shell=bash disable=SC2016
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What ends a wait comes at the very moment when the wait begins: no wake-up is lost. A script that
# misses one hangs, and the test with it.

# partner PROGRAM: Python with a listening socket `server` on port $port and with spin(): a delay of 0..200 us.
partner() {
	{
		cat <<'END'
import os, random, socket, sys, time
SLOW = int(os.environ["SLOW"])
ROUNDS = 200 // SLOW
socket.setdefaulttimeout(40 * SLOW)
random.seed(1)
def spin():
    end = time.perf_counter_ns() + random.randrange(200_000) * SLOW
    while time.perf_counter_ns() < end:
        pass
server = socket.create_server(("127.0.0.1", 7901))
open("listens", "w").close()
END
		cat
	} >partner.py
	python3 -B partner.py &
	partner=$!
	wait_for 'the partner' test -e listens
}

# What both ends of the scripts below have in common.
common="local ROUNDS = 200 // $SLOW
local function spin()
	if math.random(3) == 1 then kernel.sleep(1) end -- what is awaited comes before
	for _ = 1, math.random(0, 3000) do end
end
local function tcp() return socket.new('inet', 'tcp') end
"

# Runs the script on standard input; both must come to their end.
meet() {
	{ echo "$common" && cat; } >race.lua
	expect_run '' race.lua
	wait "$partner" || fail 'the partner has failed'
}

echo_bytes='
sock, _ = server.accept()
for _ in range(ROUNDS):
    assert sock.recv(1)
    spin()
    sock.send(b"x")'

# bytes that arrive when recv begins
test_recv() {
	partner <<<"$echo_bytes"
	meet <<<'local s = tcp() s:connect("127.0.0.1", 7901)
for _ = 1, ROUNDS do s:send("x") spin() s:recv(1) end'
}

# bytes that arrive when select begins
test_select() {
	partner <<<"$echo_bytes"
	meet <<<'local s = tcp() s:connect("127.0.0.1", 7901)
local p = socket.poll{ s }
for _ = 1, ROUNDS do s:send("x") spin() p:select() s:recv(1, "D") end'
}

# bytes that arrive when a socket is added to a set
test_add() {
	partner <<<"$echo_bytes"
	meet <<<'local s = tcp() s:connect("127.0.0.1", 7901)
local p = socket.poll()
for _ = 1, ROUNDS do s:send("x") spin() p:add(s) p:select() p:remove(s) s:recv(1, "D") end'
}

# bytes that arrive when a member begins to be watched for them
test_modify() {
	partner <<<"$echo_bytes"
	meet <<<'local s = tcp() s:connect("127.0.0.1", 7901)
local p = socket.poll{ s }
for _ = 1, ROUNDS do p:modify(s, "") s:send("x") spin() p:modify(s, "r") p:select() s:recv(1, "D") end'
}

# bytes that arrive when a one-shot is watched again
test_oneshot() {
	partner <<<"$echo_bytes"
	meet <<<'local s = tcp() s:connect("127.0.0.1", 7901)
local p = socket.poll()
p:add(s, "r1")
for _ = 1, ROUNDS do s:send("x") spin() p:select() s:recv(1, "D") p:modify(s, "r1") end'
}

# bytes that arrive when an edge-triggered member has just been read empty
test_edge() {
	partner <<<"$echo_bytes"
	meet <<<'local s = tcp() s:connect("127.0.0.1", 7901)
local p = socket.poll()
p:add(s, "re")
for _ = 1, ROUNDS do
	s:send("x")
	spin()
	repeat p:select() until pcall(s.recv, s, 1, "D")
	pcall(s.recv, s, 1, "D")
end'
}

# bytes that arrive when a loop over ready members begins
test_ready() {
	partner <<<"$echo_bytes"
	meet <<<'local s = tcp() s:connect("127.0.0.1", 7901)
local p = socket.poll{ s }
for _ = 1, ROUNDS do s:send("x") spin() for _ in p:ready() do s:recv(1, "D") end end'
}

# timers that expire when read and select begin
test_timer() {
	echo "$common"'local t, u = socket.timer(), socket.timer()
local p = socket.poll{ u }
local e = socket.poll()
e:add(u, "re")
for i = 1, ROUNDS do
	t:set(1) spin() t:read()
	u:set(1) spin() p:select()
	e:select()
	u:read(0)
	u:set(i % 3, 1) spin() p:select() assert(u:read(0) > 0)
end
print("done")' >timer.lua
	expect_run '' timer.lua
	expect_said "done"
}

# connections that come when accept and select begin
test_accept() {
	partner <<'END'
sock, _ = server.accept()
port = int(sock.recv(10))
for _ in range(ROUNDS):
    spin()
    with socket.create_connection(("127.0.0.1", port)) as client:
        assert client.recv(10) == b"hello"
END
	meet <<<'local s = tcp() s:bind("127.0.0.1", 0) s:listen(5)
local c = tcp() c:connect("127.0.0.1", 7901)
c:write(select(2, s:getsockname()))
local p = socket.poll{ s }
for i = 1, ROUNDS do
	spin()
	if i % 2 == 0 then p:select() end
	local peer = s:accept()
	peer:write("hello")
	peer:close()
end'
}

# a close that comes when connect begins
test_close_connect() {
	echo "$common"'local s = tcp() s:bind("127.0.0.1", 0) s:listen(0)
local port = select(2, s:getsockname())
local first = tcp() first:connect("127.0.0.1", port)
local ch = thread.channel(1)
local closer = thread.spawn(function(ch)
	for c in function() return (ch:receive()) end do
		for _ = 1, math.random(0, 300) do end
		c:close()
	end
end, ch)
for _ = 1, ROUNDS do
	local c = tcp()
	ch:send(c)
	for _ = 1, math.random(0, 300) do end
	local ok, e = pcall(c.connect, c, "127.0.0.1", port)
	assert(not ok and (e.name == "EBADF" or tostring(e):find("closed")), e)
end
ch:close()
closer:join()
print("done")' >close.lua
	expect_run '' close.lua
	expect_said "done"
}

# room that appears when send or select begins to wait for it
test_room() {
	partner <<'END'
sock, _ = server.accept()
count = 0
while True:
    spin()
    some = sock.recv(random.randrange(1, 300_000))
    if not some:
        break
    count += len(some)
assert count == ROUNDS * 100_000, count
END
	meet <<<'local s = tcp() s:connect("127.0.0.1", 7901)
s:setsockopt("socket", "sndbuf", 20000)
local p = socket.poll()
p:add(s, "w")
local big = ("x"):rep(100000)
for i = 1, ROUNDS do
	local sent = 0
	while sent < #big do
		if i % 2 == 0 then
			p:select()
			local ok, n = pcall(s.send, s, big, "D", sent)
			sent = sent + (ok and n or 0)
		else
			sent = sent + s:send(big, "", sent)
		end
	end
end'
}

# a signal that comes at any moment of a wait's beginning and end
test_signal() {
	local turn pid
	cat >wait.lua <<'END'
local a, b = socket.new("inet", "udp"), socket.new("inet", "udp")
a:bind("127.0.0.1", 0)
b:connect("127.0.0.1", (select(2, a:getsockname())))
local p = socket.poll{ a }
a:settimeout(1)
print("ready")
while true do
	p:select(1)
	pcall(a.recv, a, 1)
	kernel.sleep(1)
end
END
	for ((turn = 0; turn < 40 / SLOW; turn++)); do
		start_script wait.lua
		pid=$script
		wait_for 'the script to say ready' says ready "$pid"
		read -rt "0.00$((turn % 10))" -u "$never" || true
		stop_script KILL
	done
}
