-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A tour of sockets and data objects in one script: TCP and UDP over the
-- loopback interface, which must be up, and bit fields in what they carry.
--
--   cat examples/test.lua > /dev/luadrv
--
-- Every step is asserted; the kernel log gets a line for each part and, at the
-- end, "test: ok".

-- Data objects: bytes, and fields in them by bit offset and length.

local header = data.layout{
	version = {0, 4},			-- offset and length in bits
	kind = {4, 4},
	length = {8, 16},			-- big-endian, as in the network
	serial = {24, 16, "number", "little"},
	name = {5, 3, "string"},		-- offset and length in bytes
}

local packet = data.new(8):layout(header)
packet.version = 4
packet.kind = 9
packet.length = 0x1234
packet.serial = 0x5678
packet.name = "lua"
assert(tostring(packet) == "\x49\x12\x34\x78\x56lua")
assert(packet.length == 0x1234 and packet.serial == 0x5678)

local tail = packet:segment(5)		-- shares the memory
assert(#tail == 3 and tostring(tail) == "lua")
packet.name = "LUA"
assert(tostring(tail) == "LUA")
print("test: data objects")

-- TCP: a server, a client and the connection between them.

local server = socket.new("inet", "tcp")
server:bind("127.0.0.1", 0)
server:listen(5)
local ip, port = server:getsockname()

local client = socket.new("i", "t")
client:connect(ip, port)
local peer = server:accept()
assert(select(2, peer:getpeername()) == select(2, client:getsockname()))

assert(client:send{1, 2, 255} == 3)		-- a table of bytes
local bytes, size = peer:recv(16)
assert(size == 3 and bytes[1] == 1 and bytes[3] == 255)

assert(client:send(packet) == #packet)		-- a data object, nothing copied
local got = data.new(#packet)
assert(select(2, peer:recv(got)) == #packet)
assert(got:layout(header).serial == 0x5678 and got.name == "LUA")

client:write("two", " ", "words")		-- strings
assert(peer:read(9, "waitall") == "two words")

client:shutdown("write")			-- the peer sees the end ...
assert(peer:read() == nil)
peer:write("answer")				-- ... and can still answer
assert(client:read() == "answer")
print("test: tcp")

-- UDP: messages with the address of their sender.

local a, b = socket.new("i", "u"), socket.new("i", "u")
a:bind("127.0.0.1", 0)
b:bind("127.0.0.1", 0)
local _, to = b:getsockname()

assert(a:sendmsg({ name = {"127.0.0.1", to} }, "ping") == 4)
local text, n, msghdr = b:recvmsg{ iov_len = 64 }
assert(n == 4 and string.char(table.unpack(text)) == "ping")
assert(msghdr.name.port == select(2, a:getsockname()))

assert(b:sendmsg(msghdr, {0x70, 0x6f}) == 2)	-- back to the sender
assert(a:read() == "po")
print("test: udp")

-- Options and time-outs.

client:setsockopt("tcp", "nodelay", true)
assert(client:getsockopt("tcp", "nodelay") == 1)
assert(server:getsockopt("s", "t") == 1)	-- SOCK_STREAM

a:settimeout(20)
local ok, err = pcall(a.read, a)
assert(not ok and err.name == "ETIMEDOUT" and err.call == "read")

-- Failures are error objects, mistakes are strings.

server:close()
ok, err = pcall(socket.new("i", "t").connect, socket.new("i", "t"), ip, port)
assert(not ok and err.code == socket.errno.ECONNREFUSED)
ok, err = pcall(server.accept, server)
assert(not ok and err:find("closed"))
print("test: errors")

print("test: ok")
