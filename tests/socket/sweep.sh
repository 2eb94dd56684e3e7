# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# shellcheck disable=SC2154 # errno: lib.sh
# Scripts with sockets whose memory ends at every possible place.

# everything: a script that says "complete" when it has come to its end.
everything() {
	cat <<'END'
local server = socket.new("inet", "tcp")
server:setsockopt("socket", "reuseaddr", true)
server:setsockopt("socket", "linger", { onoff = 0, linger = 0 })
server:bind("127.0.0.1", 0)
server:listen(5)
local poll = socket.poll{ server }
local client = socket.new("i", "t")
client:connect(server:getsockname())
local index, sock = poll:select(10000)
local peer = sock:accept()
poll:add(peer, "rw")
local buf = data.new(64):layout{ c = { 0, 8 } }
client:send("string")
client:send{ 1, 2, 3 }
client:send(buf)
client:write("a", "b")
poll:select(10000)
poll:modify(peer, "r")
for _, f in ipairs{ "recv", "read" } do peer[f](peer, 5) end
peer:recv(buf)
local text = tostring(peer) .. tostring(poll) .. peer:getpeername() .. peer:getsockopt("socket", "linger").linger
local a, b = socket.new("i", "u"), socket.new("i", "u")
a:bind("127.0.0.1", 0)
b:bind("127.0.0.1", 0)
a:sendmsg({ name = { b:getsockname() } }, "datagram")
local t, n, hdr = b:recvmsg{ iov_len = 100 }
b:sendmsg(hdr, t)
a:recvmsg({}, buf)
local ok, e = pcall(a.read, a, 1, "D")
text = text .. e
poll:remove(peer)
poll:add(a)
poll:close()
client:shutdown("write")
client:close()
peer:read()
collectgarbage()
print("complete")
END
}

# a script with sockets whose Nth allocation fails ends with ENOMEM, for every N, and nothing stays behind
# timeout: 200
test_every_allocation() {
	everything >script.lua
	"$TESTS/sweep" fail_alloc 1 1 script.lua ECANCELED
	expect_said complete
}

# a script with sockets and any limit of memory ends with an error or well
# timeout: 200
test_every_limit() {
	everything >script.lua
	"$TESTS/sweep" memory 1000 500 script.lua ECANCELED
	expect_said complete
}

# a script with any limit of sockets ends with an error or well
test_every_count() {
	everything >script.lua
	"$TESTS/sweep" sockets 0 1 script.lua EMFILE ECANCELED
	expect_said complete
}

# a script that catches every failure of an allocation ends well, for every N
# timeout: 200
test_caught() {
	local n
	{
		echo 'local ok, e = pcall(function()'
		everything
		echo 'end) collectgarbage() collectgarbage()'
	} >script.lua
	for ((n = 200; n < 1200; n += 7)); do
		param fail_alloc "$n"
		run_script script.lua
		[[ $errno = '' || $errno = ENOMEM ]] || fail "allocation $n: $errno"
	done
	param fail_alloc 0
}
