-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- async: the methods of sockets in tasks, and what else waits.

--# accept, connect, read and write wait in their task alone
run(function()
	local server, port = listener()
	local served = spawn(function()
		local client = server:accept()
		for line in client:lines() do client:write(line:upper(), "\n") end
		client:close()
		return true
	end)
	local ticks = 0
	local clock = spawn(function() while true do sleep(1) ticks = ticks + 1 end end)
	local sock = socket.new("inet", "tcp")
	sock:connect(LO, port)
	sleep(10)
	sock:write("one\ntwo\n")
	eq(sock:read("l"), "ONE")
	while ticks < 4 do sleep(1) end
	eq(sock:read("L"), "TWO\n")
	sock:shutdown("write")
	eq(sock:read(), nil)
	eq(served:await(), true)
	clock:cancel()
end)

--# outside of a task the methods are what they were
local a, b = tcp_pair()
eq(b:send("xyz"), 3)
eq(a:read(3, "W"), "xyz")
local e = fails("ETIMEDOUT", a.read, a, 1, nil, 5)
eq(e.call, "read")
run(function() end)
eq(select("#", a:close()), 0)

--# results are as many as outside
run(function()
	local a, b = tcp_pair()
	b:write("abcdefgh")
	eq(select("#", a:read(1)), 1)
	eq(select("#", a:recv(1)), 2)
	eq(select("#", a:recvmsg({ iov_len = 1 })), 3)
	eq(select("#", a:send("x")), 1)
	eq(select("#", a:write("x")), 1)
	eq(select("#", a:sendmsg({}, "x")), 1)
	local server, port = listener()
	local sock = socket.new("i", "t")
	eq(select("#", sock:connect(LO, port)), 0)
	eq(select("#", server:accept()), 1)
end)

--# recv fills buffers and tables, and tells of the end
run(function()
	local a, b = tcp_pair()
	local buffer = data.new(10)
	spawn(function()
		sleep(2)
		b:write("abc")
		sleep(2)
		b:write("0123456789")
		sleep(2)
		b:write("de")
		b:shutdown("write")
	end)
	local got, size = a:recv(buffer)
	eq(got, buffer)
	eq(size, 3)
	eq(buffer:string(0, 3), "abc")
	got, size = a:recv(buffer, "W")
	eq(size, 10)
	eq(buffer:string(), "0123456789")
	got, size = a:recv(5)
	eq(string.char(table.unpack(got)), "de")
	got, size = a:recv(buffer, nil, 10)
	eq(size, 0)
	got, size = a:recv(5)
	eq(size, 0)
end)

--# read takes lines and texts that come in pieces
run(function()
	local a, b = tcp_pair()
	spawn(function()
		for _, piece in ipairs{ "on", "e\n", "\n", "two", "\nth", "r", "ee" } do
			b:write(piece)
			sleep(2)
		end
		b:shutdown("write")
	end)
	eq(a:read("l"), "one")
	eq(a:read("l"), "")
	eq(a:read("L"), "two\n")
	eq(a:read("l"), "three")
	eq(a:read("l"), nil)
	local a, b = tcp_pair()
	spawn(function()
		for _ = 1, 3 do
			b:write("abc")
			sleep(2)
		end
		b:close()
	end)
	eq(a:read("a"), "abcabcabc")
	eq(a:read("a"), "")
end)

--# read with WAITALL waits for all of it, or the end
run(function()
	local a, b = tcp_pair()
	spawn(function()
		for _ = 1, 5 do
			b:write("ab")
			sleep(1)
		end
		b:close()
	end)
	eq(a:read(7, "W"), "abababa")
	eq(a:read(7, "W"), "bab")
	eq(a:read(7, "W"), nil)
end)

--# what a line had when its time was over is in the error, and a line may be too long
run(function()
	local a, b = tcp_pair()
	b:write("abc")
	local e = fails("ETIMEDOUT", a.read, a, "l", nil, 20)
	eq(e.partial, "abc")
	b:write("0123456789\n")
	local e = fails("EMSGSIZE", a.read, a, "l", nil, nil, 5)
	eq(#e.partial, 6)
end)

--# a time-out of a call, and of the socket, ends a wait with ETIMEDOUT
run(function()
	local server = listener()
	local a, b = tcp_pair()
	fails("ETIMEDOUT", server.accept, server, nil, 5)
	fails("ETIMEDOUT", a.read, a, 10, nil, 5)
	fails("ETIMEDOUT", a.recv, a, 10, nil, nil, nil, 5)
	fails("ETIMEDOUT", a.recvmsg, a, { iov_len = 1 }, nil, nil, 5)
	a:settimeout(5)
	fails("ETIMEDOUT", a.read, a)
	fails("ETIMEDOUT", a.read, a, "l")
	fill(a)
	fails("ETIMEDOUT", a.send, a, "x")
	fails("ETIMEDOUT", a.send, a, "x", nil, nil, nil, 5)
	local e = fails("ETIMEDOUT", a.write, a, "x")
	eq(e.sent, 0)
	b:close()
end)

--# what must not wait does not
run(function()
	local a, b = tcp_pair()
	for _, flags in ipairs{ "D", "dontwait", "DP", "dontwait,peek", socket.flag.DONTWAIT } do
		fails("EAGAIN", a.recv, a, 1, flags)
	end
	fails("EAGAIN", a.read, a, 1, nil, 0)
	a:settimeout(0)
	fails("EAGAIN", a.read, a)
	fails("EAGAIN", listener().accept, listener(), "D")
	b:close()
end)

--# errors say where the script was, and arguments are counted as outside
run(function()
	local a, b = tcp_pair()
	local e = select(2, pcall(function()
		local s = socket.new("i", "t")
		s:read()
	end))
	eq(e.where, "script:@+5:")
	eq(e.name, "ENOTCONN")
	local e = select(2, pcall(function() a:read({}) end))
	assert(e:find("^script:%d+: bad argument #1 to 'read'"), e)
	local e = select(2, pcall(function() a:write("x", {}) end))
	assert(e:find("^script:%d+: bad argument #2 to 'write'"), e)
	a:close()
	raises("closed", a.read, a)
	raises("closed", a.write, a, "x")
	raises("closed", a.connect, a, LO, 1)
	b:close()
end)

--# a connection that is refused raises that, and one that nobody answers ETIMEDOUT
run(function()
	local server, port = listener(0)
	server:close()
	local sock = socket.new("i", "t")
	local e = fails("ECONNREFUSED", sock.connect, sock, LO, port)
	eq(e.target, LO .. ":" .. port)
	local full, port = listener(0)
	local first, second = socket.new("i", "t"), socket.new("i", "t")
	first:connect(LO, port)
	local e = fails("ETIMEDOUT", second.connect, second, LO, port, nil, 20)
	eq(e.call, "connect")
	eq(e.target, LO .. ":" .. port)
	first:close()
	full:close()
end)

--# unix sockets connect and wait, too
run(function()
	local server = socket.new("x", "stream")
	server:bind("")
	server:listen(0)
	local name = server:getsockname()
	local clients = {}
	for i = 1, 5 do
		clients[i] = spawn(function()
			local sock = socket.new("x", "stream")
			sock:connect(name)
			sock:write("hello")
			return sock:read("a")
		end)
	end
	for _ = 1, 5 do
		local client = server:accept()
		eq(client:read(5, "W"), "hello")
		client:write("bye")
		client:close()
	end
	for i = 1, 5 do eq(clients[i]:await(), "bye") end
end)

--# datagrams are waited for
run(function()
	local a, b = socket.new("i", "u"), socket.new("i", "u")
	a:bind(LO, 0)
	b:connect(LO, select(2, a:getsockname()))
	spawn(function()
		sleep(2)
		b:write("one", "two")
	end)
	local header = { iov_len = 100 }
	local bytes, size = a:recvmsg(header)
	eq(string.char(table.unpack(bytes)), "one")
	eq(header.name.addr, LO)
	eq(a:read(), "two")
end)

--# one task reads and another writes the same socket, and a second reader or writer gets EBUSY
run(function()
	local a, b = tcp_pair()
	local reader = spawn(function() return a:read(1) end)
	local sent = fill(a)
	local writer = spawn(function() return a:write("the end") end)
	sleep(1)
	eq(fails("EBUSY", a.read, a).call, "read")
	fails("EBUSY", a.write, a, "x")
	fails("EBUSY", a.send, a, "x")
	failed("EBUSY", async.wait(a, "r"))
	failed("EBUSY", async.wait(a, "rw"))
	b:write("y")
	eq(reader:await(), "y")
	local got = 0
	while got < sent + 7 do got = got + #b:read(65536) end
	eq(got, sent + 7)
	eq(writer:await(), 7)
end)

--# a long write is in one piece, whoever else writes
run(function()
	local a, b = tcp_pair()
	local size, busy = 3000000, 0
	spawn(function()
		a:write(("x"):rep(size))
		a:shutdown("write")
	end)
	spawn(function()
		while true do
			local ok, e = pcall(a.write, a, "y")
			if not ok and e.name ~= "EBUSY" then break end
			busy = busy + (ok and 0 or 1)
			sleep(0)
		end
	end)
	local all = b:read("a")
	assert(all:find("^y*x+y*$"), "torn")
	eq(select(2, all:gsub("x", "")), size)
	assert(busy > 0)
end)

--# a task that closes a socket wakes those who wait for it
run(function()
	local a, b = tcp_pair()
	fill(a)
	local s = async.wrap(a)
	local reader = spawn(function() return fails("ECANCELED", a.read, a).call end)
	local writer = spawn(function() return s:writev{ "x" } end)
	sleep(1)
	a:close()
	eq(reader:await(), "read")
	failed("ECANCELED", writer:await())
	b:close()
end)

--# a writer whose peer is gone ends
run(function()
	local a, b = tcp_pair()
	fill(a)
	local writer = spawn(function() return pcall(a.write, a, "x") end)
	sleep(1)
	b:setsockopt("socket", "linger", 0)
	b:close()
	local ok, e = writer:await()
	eq(ok, false)
	assert(e.name == "ECONNRESET" or e.name == "EPIPE", e.name)
end)

--# wait tells which comes first, and writing goes before reading
run(function()
	local a, b = tcp_pair()
	eq(async.wait(a, "w"), "w")
	failed("ETIMEDOUT", async.wait(a, "r", 5))
	failed("ETIMEDOUT", async.wait(a, "r", 0))
	b:write("x")
	eq(async.wait(a, "rw"), "w")
	eq(async.wait(a), "r")
	fill(a)
	eq(async.wait(a, "rw", 1000), "r")
	failed("EINVAL", async.wait(a, "x"))
	a:read()
	failed("ETIMEDOUT", async.wait(a, "rw", 5))
end)

--# of two tasks that wait for a socket that is ready for both, the writer goes first
run(function()
	local a, b = tcp_pair()
	b:write("x")
	async.wait(a, "r")
	local log = {}
	spawn(function() async.wait(a, "r") log[#log + 1] = "r" end)
	spawn(function() async.wait(a, "w") log[#log + 1] = "w" end)
	while #log < 2 do sleep(1) end
	eq(table.concat(log), "wr")
end)

--# a file is sent while others run
run(function()
	local a, b = tcp_pair()
	local bytes = data.new(2000000)
	local sender = spawn(function()
		local sent = a:sendfile(bytes)
		a:shutdown("write")
		return sent
	end)
	eq(#b:read("a"), 2000000)
	eq(sender:await(), 2000000)
end)

--# kernel.sleep lets others run
run(function()
	local ticks = 0
	local clock = spawn(function() while true do sleep(1) ticks = ticks + 1 end end)
	while ticks < 3 do kernel.sleep(1) end
	clock:cancel()
end)

--# channels and timers are waited for
run(function()
	local jobs, results = thread.channel(2), thread.channel()
	local worker = thread.spawn(function(jobs, results)
		local job = jobs:receive()
		while job do
			results:send(job * 2)
			job = jobs:receive()
		end
	end, jobs, results)
	local sum = 0
	local taker = spawn(function() for _ = 1, 20 do sum = sum + results:receive() end end)
	for i = 1, 20 do jobs:send(i) end
	taker:await()
	eq(sum, 420)
	jobs:close()
	local value, why = results:receive(5)
	eq(why, "timeout")
	results:close()
	eq(select(2, results:receive()), "closed")
	while worker:status() ~= "done" do sleep(1) end
	local timer = socket.timer(5, 5)
	assert(timer:read() >= 1)
	assert(timer:read() >= 1)
	timer:cancel()
	eq(timer:read(5), 0)
	local waiting = spawn(function() return timer:read() end)
	sleep(1)
	timer:close()
	eq(pcall(waiting.await, waiting), false)
end)

--# names are looked up while others run
run(function()
	local server = socket.new("i", "u")
	server:bind(LO, 0)
	spawn(function()
		local header = { iov_len = 512 }
		local bytes = server:recvmsg(header)
		local message = string.char(table.unpack(bytes))
		local answer = message:sub(1, 2) .. "\x80\0\0\1\0\1\0\0\0\0" .. message:sub(13)
			.. "\xc0\12\0\1\0\1\0\0\0\60\0\4\1\2\3\4"
		server:sendmsg({ name = header.name }, answer)
	end)
	local where = { server = LO, port = select(2, server:getsockname()) }
	eq(socket.resolve("a.example", "inet", 5000, where), "1.2.3.4")
	eq(socket.resolve("127.0.0.1"), "127.0.0.1")
	fails("ETIMEDOUT", socket.resolve, "b.example", "inet", 20, where)
end)

--# a socket that nobody has any more is collected, though it was waited for
run(function()
	local a = socket.pair()
	fails("ETIMEDOUT", a.read, a, 1, nil, 1)
	local seen = setmetatable({ a }, { __mode = "v" })
	a = nil
	collectgarbage()
	eq(seen[1], nil)
	local task = spawn(function()
		local sock, peer = socket.pair()
		seen[1] = sock
		peer:write("x")
		sock:read()
		sock:read()
	end)
	sleep(1)
	collectgarbage()
	assert(seen[1])
	task:cancel()
	task:await()
	task = nil
	collectgarbage()
	eq(seen[1], nil)
end)

--# functions that the library has replaced are what they were outside of tasks, and in threads
local sleep, resolve, resume = kernel.sleep, socket.resolve, coroutine.resume
for _, try in ipairs{ function() sleep({}) end, function() resolve({}) end, function() resume(1) end,
	function() thread.channel().receive(1) end } do
	local ok, e = pcall(try)
	assert(tostring(e):find("^script:%d+: "), e)
end
local worker = thread.spawn(function()
	sleep(1)
	return resolve("127.0.0.1"), (resume(coroutine.create(function() end)))
end)
local _, host, ok = worker:join()
eq(host, "127.0.0.1")
eq(ok, true)
