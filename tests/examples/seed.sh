# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Scripts that make the calls that those of the library of 2018 made, in their order and with their arguments:
# what was written for it runs here.

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# The calls of its proxy, which serves one client after the other.
start_old_proxy() {
	cat >old.lua <<'END'
Head = data.layout{ version = {0, 8}, command = {8, 8}, port = {16, 16}, addr = {32, 32} }

Proxy = {}
Proxy.__index = Proxy

function Proxy:new(sock)
	self.client, self.buf = sock, data.new(4096)
	return setmetatable({}, self)
end

-- The bytes from the ninth to the next zero, each by a layout of its own.
function Proxy:user(size)
	name = ""
	for i = 9, size do
		self.buf:layout{ c = {(i - 1) * 8, 8} }
		if self.buf.c == 0 then return name end
		name = name .. string.char(self.buf.c)
	end
	error("no end of the name")
end

function Proxy:request()
	res, size = self.client:recvmsg({}, self.buf)
	assert(res == self.buf and size >= 9)
	name = self:user(size)
	self.buf:layout(Head)
	assert(self.buf.version == 4 and self.buf.command == 1)
	ip, port = self.client:getpeername()
	print("user '" .. name .. "' at " .. ip .. " wants port " .. self.buf.port)
end

-- The answer is written into the request.
function Proxy:answer(code)
	self.buf.version = 0
	self.buf.command = code
	self.client:sendmsg({}, self.buf:segment(0, 8))
end

function Proxy:connect()
	self.server = socket.new("inet", "tcp")
	ok, err = pcall(self.server.connect, self.server, self.buf.addr, self.buf.port)
	if not ok then print("no server: " .. err) end
	self:answer(ok and 90 or 91)
	return ok
end

function Proxy:pass(from, to)
	ok, err, size = pcall(to.recvmsg, from, {}, self.buf)
	if not ok then print("no more: " .. err) end
	if not ok or size == 0 then return false end
	to:sendmsg({}, self.buf:segment(0, size))
	return true
end

function Proxy:run()
	poll = socket.poll{self.client, self.server}
	repeat
		if poll:select() == 0 then
			more = self:pass(self.client, self.server)
		else
			more = self:pass(self.server, self.client)
		end
	until not more
end

server = socket.new("inet", "tcp")
server:setsockopt("s", "ra", 1)
server:bind("0.0.0.0", 8080)
server:listen(5)
print("old proxy")
while true do
	proxy = Proxy:new(server:accept())
	proxy:request()
	if proxy:connect() then proxy:run() end
	proxy.server:close()
	proxy.client:close()
end
END
	start_script old.lua
	wait_for 'the proxy' says 'old proxy' "$script"
}

# the calls of the proxy of 2018 carry curl --socks4
test_proxy() {
	mkdir files
	head -c 1000000 /dev/urandom >files/file
	python3 -u -m http.server --bind 127.0.0.1 --directory files 0 >http.log 2>&1 &
	wait_for 'the web server' grep -q 'http://' http.log
	port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' http.log)
	start_old_proxy
	for _ in 1 2; do
		curl -sS --max-time 20 --socks4 127.0.0.1:8080 "http://127.0.0.1:$port/file" | cmp - files/file
		expect_running
	done
	# Nobody listens at 9.
	! curl -sS --max-time 20 --socks4 127.0.0.1:8080 http://127.0.0.1:9/ >got 2>&1 || fail 'it went to nobody'
	expect_said 'no server: connect 127.0.0.1:9: connection refused (ECONNREFUSED)'
	curl -sS --max-time 20 --proxy socks4://somebody@127.0.0.1:8080 "http://127.0.0.1:$port/file" | cmp - files/file
	expect_said "user 'somebody' at 127.0.0.1 wants port $port"
	same "$(said_times "user '' at 127.0.0.1 wants port $port")" 2
	stop_script INT
}

# a client of those calls that resets ends its own service, not the proxy's
test_proxy_reset() {
	start_old_proxy
	client <<'END'
with socket.create_server(("127.0.0.1", 0)) as listener:
    for turn in range(3):
        sock = socket.create_connection(("127.0.0.1", 8080))
        sock.sendall(b"\4\1" + port_of(listener).to_bytes(2, "big") + b"\x7f\0\0\1\0")
        assert read_exactly(sock, 8)[:2] == b"\0\x5a"
        server = listener.accept()[0]
        sock.sendall(b"question")
        assert read_exactly(server, 8) == b"question"
        server.sendall(b"answer")
        assert read_exactly(sock, 6) == b"answer"
        reset(sock)
        assert over(server)
END
	same "$(said | grep -cx 'no more: recvmsg 127.0.0.1:[0-9]*: connection reset by peer (ECONNRESET)')" 3
	expect_running
	stop_script INT
}

# the calls of its test script: port 80, recvmsg({iov_len=5}), header.name.port, bind(0x7f000001, 7777)
test_test() {
	start_script <<'END'
server = socket.new('i', 't')
server:setsockopt('s', 'ra', 1)
server:bind("127.0.0.1", 80)
server:listen(5)
print("waits")
client = server:accept()
ip, port = client:getpeername()
here, at = client:getsockname()
print("from " .. ip .. " " .. port .. " to " .. here .. " " .. at)
d, size, header = client:recvmsg({iov_len=5})
print("got " .. size .. " of " .. header.iov_len .. " from " .. header.name.port)
client:sendmsg({}, d)
buf = data.new(5)
d, size = client:recvmsg({}, buf)
print("then " .. size .. " as " .. tostring(d))
client:send(d)
client:send({33, 10})
client:close()

sock = socket.new('i', 'u')
sock:setsockopt('s', 'b', 1)
print("broadcast " .. sock:getsockopt('s', 'b'))
sock:bind(0x7f000001, 7777)
print("waits again")
d, size, header = sock:recvmsg({iov_len=5, name={addr="", port=0}})
print("datagram of " .. size .. " from " .. header.name.addr .. " " .. header.name.port)
sock:sendmsg({name={addr=header.name.addr, port=header.name.port}}, d)
ok, err = pcall(sock.recvmsg, sock, {iov_len=5}, 'D')
print("error: " .. err)
sock:close()
END
	wait_for 'the script' says waits
	same "$(printf helloworld | nc -N -p 7001 127.0.0.1 80)" 'helloworld!'
	wait_for 'the rest of it' says 'waits again'
	client <<'END'
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(20)
sock.bind(("127.0.0.1", 7778))
sock.connect(("127.0.0.1", 7777))
sock.send(b"hello")
assert sock.recv(10) == b"hello"
END
	reap "$script"
	same "$status" 0 'exit status'
	same "$(said)" 'waits
from 127.0.0.1 7001 to 127.0.0.1 80
got 5 of 5 from 7001
then 5 as world
broadcast 1
waits again
datagram of 5 from 127.0.0.1 7778
error: recvmsg 127.0.0.1:7777: resource temporarily unavailable (EAGAIN)'
}

# the calls of its poll script, with nc
test_poll() {
	start_script <<'END'
server = socket.new('inet', 'tcp')
server:setsockopt('s', 'ra', 1)
server:bind("0.0.0.0", 8080)
server:listen(5)
socks = {}
for i = 1, 2 do
	print("waits for " .. i)
	socks[i] = server:accept()
end
poll = socket.poll(socks)
print("polls")
while true do
	index = poll:select()
	buf, size, header = socks[index + 1]:recvmsg({iov_len=100})
	print("select result: " .. index .. ", size: " .. size)
	if size == 0 then break end
	socks[2 - index]:sendmsg({}, buf)
end
for i = 1, 2 do socks[i]:close() end
END
	local number
	for number in 1 2; do
		wait_for 'the script' says "waits for $number"
		mkfifo "in$number"
		nc -N 127.0.0.1 8080 <"in$number" >"out$number" &
		eval "exec $((6 + number))>in$number"
	done
	wait_for 'the script' says polls
	wait_for 'it to wait' waits_in "$script" lpoll_wait
	echo hello >&8
	wait_for 'the first client to hear' grep -qx hello out1
	echo goodbye >&7
	wait_for 'the second client to hear' grep -qx goodbye out2
	exec 8>&-
	reap "$script"
	exec 7>&-
	same "$status" 0 'exit status'
	same "$(said | grep select)" $'select result: 1, size: 6\nselect result: 0, size: 8\nselect result: 1, size: 0'
	same "$(cat out1 out2)" $'hello\ngoodbye'
}
