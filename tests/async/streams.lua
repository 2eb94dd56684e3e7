-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- async: streams, listeners and datagram sockets.

--# read gives exactly what was asked for
run(function()
	local a, b = async.pair()
	spawn(function()
		for _, piece in ipairs{ "a", "bc", "defgh" } do
			b:writev{ piece }
			sleep(1)
		end
	end)
	eq(a:read(3), "abc")
	eq(a:read(1), "d")
	eq(a:read_some(), "efgh")
	failed("EINVAL", a:read(0))
	failed("EINVAL", a:read("1"))
	failed("EMSGSIZE", a:read(1 << 31))
	failed("EINVAL", a:read(1, -2))
end)

--# what a read has taken when its time is over, or when it is cancelled, is not lost
run(function()
	local a, b = async.pair()
	b:writev{ "abc" }
	failed("ETIMEDOUT", a:read(5, 5))
	eq(a:pending(), 3)
	local task = spawn(function() return a:readv{ 1, 2, 3 } end)
	sleep(1)
	task:cancel()
	failed("ECANCELED", task:await())
	b:writev{ "de" }
	eq(a:read(5), "abcde")
	eq(a:pending(), 0)
end)

--# the end of a stream is EPIPE, and eof tells whether it came in the middle
run(function()
	local a, b = async.pair()
	b:writev{ "abc" }
	b:close()
	failed("EPIPE", a:read(5))
	eq(a.eof, false)
	eq(a:read(3), "abc")
	failed("EPIPE", a:read(1))
	eq(a.eof, true)
	failed("EPIPE", a:read_some())
	failed("EPIPE", a:readpdu(function() return 4 end))
	eq(a.eof, true)
end)

--# readv fills all pieces, and data objects
run(function()
	local a, b = async.pair()
	local buffer = data.new(4)
	spawn(function() for byte in ("0123456789"):gmatch(".") do b:writev{ byte } sleep(0) end end)
	local list, total = a:readv{ 3, buffer, 0, 2 }
	eq(total, 9)
	eq(list[1], "012")
	eq(list[2], buffer)
	eq(buffer:string(), "3456")
	eq(list[3], "")
	eq(list[4], "78")
	failed("EINVAL", a:readv{})
	failed("EINVAL", a:readv{ 0, 0 })
	failed("EINVAL", a:readv{ -1 })
	failed("EINVAL", a:readv(5))
	failed("EMSGSIZE", a:readv{ 0x7fffffff, 1 })
	local many = {}
	for i = 1, 1025 do many[i] = 1 end
	failed("EMSGSIZE", a:readv(many))
end)

--# writev sends all of its pieces, however long that takes
run(function()
	local a, b = async.pair()
	local size = 3000000
	local writer = spawn(function() return a:writev{ ("x"):rep(size), data.new("abc"), "def" } end)
	local got = b:read(size + 6)
	eq(got:sub(-6), "abcdef")
	eq(writer:await(), size + 6)
	failed("EINVAL", a:writev{})
	failed("EINVAL", a:writev{ "" })
	failed("EINVAL", a:writev{ 5 })
	failed("EINVAL", a:writev("text"))
end)

--# a write that failed half-way leaves the stream broken, one that sent nothing does not
run(function()
	local a, b = async.pair()
	fill(a.sock)
	failed("ETIMEDOUT", a:writev({ "x" }, 5))
	failed("ETIMEDOUT", a:writev({ "x" }, 0))
	spawn(function() while b:read_some(65536, 20) do end end):await()
	eq(a:writev{ "y" }, 1)
	failed("ETIMEDOUT", a:writev({ ("x"):rep(5000000) }, 20))
	failed("EPIPE", a:writev{ "z" })
end)

--# one read and one write are outstanding, whether of streams or of sockets
run(function()
	local a, b = async.pair()
	local reader = spawn(function() return a:read(1) end)
	fill(a.sock)
	local writer = spawn(function() return a:writev{ "x" } end)
	sleep(1)
	failed("EBUSY", a:read(1))
	failed("EBUSY", a:readpdu(function() return 1 end))
	failed("EBUSY", a:writev{ "x" })
	fails("EBUSY", a.sock.read, a.sock)
	failed("EBUSY", a:disconnect())
	b:writev{ "y" }
	eq(reader:await(), "y")
	while writer:status() == "waiting" do b:read_some(65536) end
	eq(writer:await(), 1)
end)

--# a task that reads in pieces loses none of them while others write to the same stream
run(function()
	local a, b = async.pair()
	local task = spawn(function() return a:read(6) end)
	for _, piece in ipairs{ "ab", "cd", "ef" } do
		sleep(0)
		eq(a:writev{ "meanwhile" }, 9)
		b:writev{ piece }
	end
	eq(task:await(), "abcdef")
	eq(b:read(27), ("meanwhile"):rep(3))
end)

--# readpdu asks for a header and what it announces
run(function()
	local a, b = async.pair()
	local function next(count, chunk)
		count[1] = count[1] + 1
		if count[1] == 1 then
			eq(chunk, nil)
			return 2
		end
		if count[1] == 2 then return { string.unpack(">I2", chunk), 1 } end
		eq(#chunk, 2)
		eq(chunk[2], "!")
	end
	spawn(function()
		for byte in (string.pack(">s2", "hello") .. "!" .. string.pack(">s2", "") .. "!"):gmatch(".") do
			b:writev{ byte }
			sleep(0)
		end
	end)
	local list, total = a:readpdu(next, { 0 })
	eq(table.concat(list, "|"), "\0\5|hello|!")
	eq(total, 8)
	eq(#a:readpdu(next, { 0 }), 3)
	eq(#a:readpdu(function() end), 0)
	eq(#a:readpdu(function() return 0 end), 0)
	eq(#a:readpdu(function() return {} end), 0)
end)

--# the next-vector function of readpdu may fail, and nothing is lost
run(function()
	local a, b = async.pair()
	b:writev{ "abcdef" }
	failed("EBADMSG", a:readpdu(function(_, chunk) if chunk then return nil, "EBADMSG" end return 2 end))
	failed("EINVAL", a:readpdu(function(_, chunk) return not chunk and 2 or { 0 } end))
	failed("EMSGSIZE", a:readpdu(function(_, chunk) return not chunk and 2 or 0x7fffffff end))
	raises("my own", a.readpdu, a, function() error("my own") end)
	failed("ETIMEDOUT", a:readpdu(function(_, chunk) return chunk and 10 or 3 end, nil, 5))
	eq(a:read(6), "abcdef")
	failed("EINVAL", a:readpdu(5))
end)

--# frame reads a message of a header and a body
run(function()
	local a, b = async.pair()
	b:writev{ string.pack(">s2", "hello"), string.pack(">s2", ""), "\0\3ab", "c", "\xff\xff" }
	local body, header = a:frame{ header = 2, size = ">I2" }
	eq(body, "hello")
	eq(header, "\0\5")
	eq(a:frame{ header = 2, size = ">I2" }, "")
	eq(a:frame{ header = 2, size = function(h) return h:byte(2) end, timeout = 1000 }, "abc")
	failed("EMSGSIZE", a:frame{ header = 2, size = ">I2", most = 100 })
end)

--# after disconnect every call fails with ENOTCONN, after close with ECANCELED
run(function()
	local a, b = async.pair()
	eq(a:disconnect(), true)
	failed("ENOTCONN", a:read(1))
	failed("ENOTCONN", a:writev{ "x" })
	failed("ENOTCONN", a:pending())
	failed("ENOTCONN", a:disconnect())
	failed("ENOTCONN", a:peer())
	b:close()
	b:close()
	failed("ECANCELED", b:read(1))
end)

--# a stream that is closed wakes those who wait for it
run(function()
	local a, b = async.pair()
	local task = spawn(function() return a:read(1) end)
	sleep(1)
	a:close()
	failed("ECANCELED", task:await())
	b:close()
end)

--# connect and listen, with addresses
run(function()
	local l = async.listen{ host = LO, port = 0 }
	local task = spawn(function() return async.connect(l:address(), { timeout = 5000 }) end)
	local server, from = l:accept()
	local client, own = task:await()
	eq(from, own)
	eq(client:peer(), l:address())
	eq(server:address(), l:address())
	client:writev{ "hello" }
	eq(server:read(5), "hello")
	failed("ETIMEDOUT", l:accept(5))
	eq(client:setopt("tcp.nodelay", true), true)
	eq(client:getopt("tcp.nodelay"), 1)
	local where = l:address()
	failed("EADDRINUSE", async.listen(where))
	l:close()
	failed("ECONNREFUSED", async.connect(where))
	failed("EINVAL", async.connect{ host = LO, port = -1 })
end)

--# connect takes an own address, names and unix paths
run(function()
	local l = async.listen{ host = LO, port = 0 }
	local port = l:address().port
	local own = async.addr("ip", "127.0.0.2")
	local client, real = async.connect{ host = "localhost", port = port, local_ = own }
	eq(real.host, "127.0.0.2")
	assert(real.port > 0)
	local u = async.listen{ path = "\0async-test" }
	local b = async.connect{ path = "\0async-test" }
	local a = u:accept()
	b:writev{ "hello" }
	eq(a:read(5), "hello")
	client:close()
end)

--# datagrams come whole, with their senders
run(function()
	local a = async.udp{ local_ = async.addr("ip", LO, 0) }
	local to = a:address()
	if to.port == 0 then error("no port") end
	local b = async.udp{ remote = to }
	eq(b:sendto("hello"), 5)
	async.wait(a)
	eq(a:pending(), 5)
	local bytes, from = a:recvfrom()
	eq(bytes, "hello")
	eq(from, b:address())
	eq(a:pending(), 0)
	failed("ETIMEDOUT", a:recvfrom(5))
	eq(a:sendto(data.new("back"), from), 4)
	eq(b:recvfrom(), "back")
	failed("EINVAL", b:sendto(""))
	failed("EINVAL", b:sendto("x", 5))
	failed("EMSGSIZE", b:sendto(("x"):rep(70000)))
	local long = ("0123456789"):rep(6000)
	eq(a:sendto(long, b:address()), 60000)
	eq(b:recvfrom(), long)
	local task = spawn(function() return a:recvfrom() end)
	sleep(1)
	failed("EBUSY", a:recvfrom())
	a:close()
	failed("ECANCELED", task:await())
end)

--# a datagram that is longer than the socket's buffer is sent with a larger one
run(function()
	local a = async.wrap(socket.new("unix", "dgram"))
	a.sock:bind("")
	local b = async.unix_dgram{ remote = async.addr("unix", (a.sock:getsockname())) }
	b:setopt("sndbuf", 5000)
	eq(b:sendto(("x"):rep(50000)), 50000)
	eq(#a:recvfrom(), 50000)
end)

--# addresses
local where = async.addr("ip", "127.0.0.1", 80)
eq(tostring(where), "ipv4:127.0.0.1:80")
eq(tostring(async.addr("ip", "2001::1", 1234)), "ipv6:2001::1:1234")
eq(tostring(async.addr("unix", "/p")), "unix:/p")
eq(where:with_port(81).port, 81)
eq(where:copy(), where)
assert(where:is("ip") and where:is("ipv4") and not where:is("ipv6") and not where:is("unix"))
eq(async.addr("ip").host, "0.0.0.0")
eq(async.addr("ipv6").host, "::")
eq(async.addr("unix").path, "")
failed("EAFNOSUPPORT", async.addr("ipx", "1", 1))
failed("EINVAL", async.addr("ipv4", "::1", 1))
failed("EINVAL", async.addr("ipv6", "1.2.3.4", 1))
failed("EINVAL", where:with_port(65536))
failed("EINVAL", async.addr("unix", "/p"):with_port(1))
failed("ENAMETOOLONG", async.addr("unix", ("x"):rep(108)))
for _, host in ipairs{ "", "1.2.3", "1.2.3.256", "a.example", "1:2", "1::2::3", ":::", "1:2:3:4:5:6:7:8:9", "g::", "1.2.3.4::" } do
	failed("EINVAL", async.addr("ip", host, 1))
end
for _, host in ipairs{ "1.2.3.4", "::1", "2001:db8::7", "::", "1:2:3:4:5:6:7:8", "fe80::abcd:0:10" } do
	local a = async.addr("ip", host, 4660)
	eq(async.from_raw(a:raw()), a)
end
eq(async.addr("ip", "::ffff:1.2.3.4", 1):raw():sub(9, 24), ("\0"):rep(10) .. "\xff\xff\1\2\3\4")
eq(async.from_raw(async.addr("unix", "/p"):raw()).path, "/p")
failed("EINVAL", async.from_raw("\2\0\0"))
failed("EAFNOSUPPORT", async.from_raw("\99\0\0\0"))
