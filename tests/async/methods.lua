-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- async: what methods of sockets do in tasks, as outside of them.

-- Has a task write pieces, each when the one before has been taken.
local function dribble(s, ...)
	local pieces = { ... }
	return spawn(function()
		for _, piece in ipairs(pieces) do
			s:write(piece)
			sleep(1)
		end
	end)
end

--# a line that comes byte by byte has its limit, too, and the error has what came
run(function()
	local a, b = tcp_pair()
	dribble(b, "a", "b", "c", "d", "e", "f\n", "g")
	local e = fails("EMSGSIZE", a.read, a, "l", nil, nil, 3)
	eq(e.partial, "abcd")
	eq(a:read("L"), "ef\n")
	local e = fails("ETIMEDOUT", a.read, a, "l", nil, 200)
	eq(e.partial, "g")
end)

--# WAITALL waits for all of it in a string, a table, an array of data objects, and a message
run(function()
	local a, b = tcp_pair()
	local head, body = data.new(2), data.new(3)
	for _, read in ipairs{ function() return a:read(5, "W") end,
		function() return string.char(table.unpack((a:recv(5, "W")))) end,
		function() a:recv({ head, body }, "W") return head:string() .. body:string() end,
		function() return string.char(table.unpack((a:recvmsg({ iov_len = 5 }, "W")))) end,
		function() a:recvmsg({}, { head, body }, "W") return head:string() .. body:string() end } do
		local writer = dribble(b, "a", "bc", "d", "e")
		eq(read(), "abcde")
		writer:await()
	end
end)

--# WAITALL with PEEK begins anew each time, and leaves all of it there
run(function()
	local a, b = tcp_pair()
	dribble(b, "a", "bc", "d")
	eq(a:read(4, "WP"), "abcd")
	eq(a:read(4, "WP"), "abcd")
	eq(a:read(9), "abcd")
	b:write("ef")
	b:shutdown("write")
	eq(a:read(3, "WP"), "ef")
end)

--# an error after a part is for the next call
run(function()
	local a, b = tcp_pair()
	local reader = spawn(function() return a:read(10, "W") end)
	b:write("abc")
	sleep(1)
	b:setsockopt("socket", "linger", 0)
	b:close()
	eq(reader:await(), "abc")
	fails("ECONNRESET", a.read, a, 10)
end)

--# a time-out, or a cancellation, after a part gives the part
run(function()
	local a, b = tcp_pair()
	b:write("abc")
	eq(a:read(10, "W", 20), "abc")
	b:write("de")
	local task = spawn(function() return a:read(10, "W") end)
	sleep(1)
	task:cancel()
	eq(task:await(), "de")
end)

--# send and sendmsg over a stream send all of it
run(function()
	local a, b = tcp_pair()
	local text = ("x"):rep(3000000)
	local reader = spawn(function() return #b:read("a") end)
	local buffer = data.new(text)
	eq(a:send(text), 3000000)
	eq(a:sendmsg({}, buffer), 3000000)
	a:shutdown("write")
	eq(reader:await(), 6000000)
end)

--# after a call that raised the socket is free
run(function()
	local a, b = tcp_pair()
	pcall(a.read, a, 1, nil, "soon")
	raises("across a C-call boundary", table.sort, { 1, 2 }, function() a:read(1) end)
	raises("across a C-call boundary", table.sort, { 1, 2 }, function() async.wait(a) end)
	local reader = spawn(function() return a:read(1) end)
	sleep(1)
	b:write("x")
	eq(reader:await(), "x")
end)

--# what never waits does not: OOB and ERRQUEUE
run(function()
	local a, b = tcp_pair()
	eq(pcall(a.recv, a, 1, "O"), false)
	local udp = socket.new("i", "u")
	udp:bind(LO, 0)
	fails("EAGAIN", udp.recv, udp, 1, "E")
	b:close()
end)

--# a reader whose byte is there gets it, however often another task waits to write
run(function()
	local a, b = tcp_pair()
	local got
	spawn(function() got = a:read(1) end)
	sleep(1)
	b:write("x")
	for _ = 1, 50 do
		eq(async.wait(a, "w"), "w")
		if got then break end
	end
	eq(got, "x")
end)

--# a server accepts many in its turn, and goes on after EMFILE
--! load sockets=40
run(function()
	local server, port = listener()
	local clients, served = {}, 0
	for i = 1, 10 do
		clients[i] = socket.new("i", "t")
		clients[i]:connect(LO, port)
	end
	local task = spawn(function()
		for _ = 1, 10 do
			server:accept():close()
			served = served + 1
		end
	end)
	sleep(0)
	eq(served, 10)
	task:await()
	local keep = {}
	while pcall(function() keep[#keep + 1] = socket.new("i", "u") end) do end
	keep[#keep]:close()
	local client = socket.new("i", "t")
	client:connect(LO, port)
	fails("EMFILE", server.accept, server)
	keep[1]:close()
	server:accept():close()
end)

--# a file that changes while it is sent is sent from one opening of it, and its error tells how much has gone
run(function()
	local a, b = tcp_pair()
	a:settimeout(20)
	local sent = a:sendfile("/proc/self/exe" and "/bin/bash", 0)
	assert(sent > 65536)
	a:settimeout(-1)
	local sender = spawn(function() return sent + a:sendfile("/bin/bash", sent) end)
	spawn(function()
		sender:await()
		a:shutdown("write")
	end)
	local got = #b:read("a")
	eq(got, sender:await())
end)

--# another thread that closes a socket wakes the task that waits for it
run(function()
	local a, b = tcp_pair()
	local task = spawn(function() return fails("ECANCELED", a.read, a).call end)
	sleep(1)
	thread.spawn(function(s) s:close() end, a)
	eq(task:await(), "read")
	b:close()
end)

--# two handles of one socket wait both
run(function()
	local a, b = tcp_pair()
	local c = thread.channel(1)
	c:send(a)
	local other = c:receive()
	local task = spawn(function() return other:read(1) end)
	local first = spawn(function() return a:read(1) end)
	sleep(1)
	b:write("xy")
	eq(first:await() .. task:await(), task:await() == "x" and "yx" or "xy")
end)

--# a pool of tasks takes from one channel, and each gets a value
run(function()
	local jobs, sum, pool = thread.channel(4), 0, {}
	for i = 1, 20 do
		pool[i] = spawn(function()
			local got = 0
			for job in function() return (jobs:receive()) end do
				sum = sum + job
				got = got + 1
				sleep(0)
			end
			return got
		end)
	end
	local impatient = spawn(function() return jobs:receive(2) end)
	sleep(5)
	for i = 1, 200 do jobs:send(i) end
	jobs:close()
	for i = 1, 20 do pool[i]:await() end
	eq(sum, 20100)
	eq(impatient:await(), nil)
end)

--# the callback of readpdu cannot read the same stream
run(function()
	local a, b = async.pair()
	b:writev{ "\0\3abc" }
	local seen
	local list = a:readpdu(function(_, chunk)
		if chunk then return end
		seen = select(2, a:read(1))
		return 5
	end)
	eq(seen, "EBUSY")
	eq(list[1], "\0\3abc")
end)

--# a write that is cancelled half-way leaves the stream broken
run(function()
	local a, b = async.pair()
	local list = { ("x"):rep(3000000), "y" }
	local task = spawn(function() return a:writev(list) end)
	sleep(1)
	list[1] = "changed"
	local got = b:read(3000001)
	eq(got:sub(-1), "y")
	eq(task:await(), 3000001)
	task = spawn(function() return a:writev{ ("x"):rep(3000000) } end)
	sleep(1)
	task:cancel()
	failed("ECANCELED", task:await())
	failed("EPIPE", a:writev{ "z" })
end)

--# a long datagram of a unix socket comes whole
run(function()
	local a, b = socket.pair("dgram")
	a:setsockopt("socket", "sndbuf", 300000)
	local long = ("abcd"):rep(25000)
	a:send(long)
	a:send("short")
	local dgram = async.wrap(b)
	eq(dgram:recvfrom(), long)
	eq(dgram:recvfrom(), "short")
end)

--# a time-out of connect counts once, and errors of a table of the script's own are raised as they are
run(function()
	local full, port = listener(0)
	local first = socket.new("i", "t")
	first:connect(LO, port)
	local begun = now()
	failed("ETIMEDOUT", async.connect{ host = LO, port = port, timeout = 30 })
	assert(now() - begun < 3000)
	local a, b = async.pair()
	b:writev{ "x" }
	local ok, e = pcall(a.readpdu, a, function() error{ code = 7, name = "mine" } end)
	eq(ok, false)
	eq(e.name, "mine")
	full:close()
end)

--# a time-out after a part harms the connection no more than outside of tasks
run(function()
	local a, b = tcp_pair()
	b:write("abc")
	eq(a:read(10, "W", 20), "abc")
	eq(a:getsockopt("socket", "error"), 0)
	local reader = spawn(function() return a:read(2, "W") end)
	sleep(1)
	b:write("de")
	eq(reader:await(), "de")
end)

--# a task that always finds something to read lets others run
run(function()
	local a, b = tcp_pair()
	b:write(("x"):rep(3000))
	local others, going = 0, true
	spawn(function()
		while going do
			others = others + 1
			sleep(0)
		end
	end)
	for _ = 1, 1000 do a:read(1) end
	assert(others > 5, others)
	others = 0
	for _ = 1, 1000 do a:recv(1) end
	assert(others > 5, others)
	going = false
end)

--# one call that always finds something lets others run, and ends when its time is over
run(function()
	local a, b = tcp_pair()
	local going, others = true, 0
	spawn(function()
		while going do
			others = others + 1
			sleep(0)
		end
	end)
	thread.spawn(function(s)
		local text = ("x"):rep(65536)
		while pcall(s.write, s, text) do end
	end, b)
	fails("ETIMEDOUT", a.read, a, "a", nil, 100)
	assert(others > 1, others)
	going = false
	a:close()
	b:close()
end)

--# where a task cannot wait, calls that need not do work, however many there were
run(function()
	local a, b = tcp_pair()
	eq(#("x"):rep(200):gsub(".", function(c) a:send(c) end), 200)
	eq(b:read(200, "W"), ("x"):rep(200))
end)

--# a cancelled task can still say good-bye, and its clean-up is not cut off
run(function()
	local a, b = tcp_pair()
	local task = spawn(function()
		pcall(a.read, a)
		for _ = 1, 100 do a:send("x", "D") end
		fails("ECANCELED", a.read, a)
		return "done"
	end)
	sleep(1)
	task:cancel()
	eq(task:await(), "done")
	eq(#b:read(100, "W"), 100)
end)

--# a cancelled task that never waits does not keep the others from running
run(function()
	local a, b = tcp_pair()
	local n = 0
	local task = spawn(function()
		pcall(a.read, a)
		while true do
			n = n + 1
			pcall(a.send, a, "x", "D")
		end
	end)
	sleep(1)
	task:cancel()
	eq(select(2, task:await()), "ECANCELED")
	assert(n > 100, n)
end)

--# to receive from a socket that listens fails at once
run(function()
	local server = listener()
	fails("ENOTCONN", server.recv, server, 100)
	fails("ENOTCONN", server.read, server)
end)

--# a long message goes as fast as its reader takes it
local text = ("x"):rep(20000000)
local function read_all(sock)
	local got = 0
	for piece in function() return sock:read(65536) end do got = got + #piece end
	return got
end
local function transfer(begin, finish)
	local a, b = socket.pair()
	local begun = now()
	local reader = begin(read_all, b)
	a:write(text)
	a:close()
	eq(finish(reader), #text)
	return now() - begun
end
local plain = transfer(thread.spawn, function(t) return (select(2, t:join())) end)
-- Ten milliseconds for each 200 kB would be a second.
run(function()
	local spent = transfer(spawn, function(t) return t:await() end)
	assert(spent < 8 * plain, spent .. " against " .. plain)
end)

--# what a socket was closed in the middle of is cancelled, whoever closed it
run(function()
	local a, b = tcp_pair()
	local writer = spawn(function() return a:write(("x"):rep(20000000)) end)
	sleep(1)
	a:close()
	local ok, e = pcall(writer.await, writer)
	eq(ok, false)
	eq(e.name, "ECANCELED")
	assert(e.sent > 0, e.sent)
	b:close()
end)

--# a message of which a part came tells about it
run(function()
	local a, b = tcp_pair()
	b:write("abc")
	local header = { iov_len = 10 }
	local bytes, n = a:recvmsg(header, nil, "W", 20)
	eq(n, 3)
	eq(#bytes, 3)
	eq(header.name.addr, LO)
	eq(header.flags, 0)
end)

--# whoever forges a task harms nobody else
run(function()
	local d = coroutine.create(function() end)
	coroutine.resume(d)
	local forged = spawn(function() end)
	rawset(forged, "co", d)
	local task = spawn(function() sleep(1) return 1 end)
	eq(task:await(), 1)
end)
