-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- async: queues and requests.

--# writes of many tasks go in their order, and are not torn
run(function()
	local a, b = async.pair()
	local queue, want = async.queue(), {}
	for i = 1, 20 do
		want[i] = (string.char(96 + i)):rep(20000)
		spawn(function() eq(queue:writev(a, { want[i]:sub(1, 5), want[i]:sub(6) }), 20000) end)
	end
	sleep(0)
	assert(#queue > 1)
	eq(b:read(20 * 20000), table.concat(want))
	sleep(0)
	eq(#queue, 0)
end)

--# a stream has a queue of its own for write
run(function()
	local a, b = async.pair()
	for i = 1, 9 do spawn(function() a:write(tostring(i):rep(99999), "\n") end) end
	for i = 1, 9 do eq(b:read(100000), tostring(i):rep(99999) .. "\n") end
end)

--# a queue that is stopped lets no more begin, until it is started
run(function()
	local a, b = async.pair()
	local queue = async.queue()
	queue:stop()
	local task = spawn(function() return queue:writev(a, { "x" }) end)
	sleep(5)
	eq(#queue, 1)
	failed("ETIMEDOUT", b:read(1, 5))
	failed("ETIMEDOUT", queue:writev(a, { "y" }, 5))
	eq(#queue, 1)
	queue:start()
	eq(task:await(), 1)
	eq(b:read_some(), "x")
end)

--# a place that is held keeps those behind it waiting
run(function()
	local a, b = async.pair()
	local queue = async.queue()
	local release = queue:hold()
	local second = queue:hold()
	local task = spawn(function() return queue:writev(a, { "x" }) end)
	sleep(1)
	eq(#queue, 3)
	second()
	second()
	sleep(1)
	eq(task:status(), "waiting")
	release()
	eq(task:await(), 1)
	eq(#queue, 0)
	eq(b:read(1), "x")
end)

--# who fails in a queue tells so himself, and the next ones go on
run(function()
	local a, b = async.pair()
	local closed = async.pair()
	closed:close()
	local queue = async.queue()
	local release = queue:hold()
	local first = spawn(function() return queue:writev(closed, { "x" }) end)
	local second = spawn(function() return queue:writev(a, { "y" }) end)
	sleep(0)
	release()
	failed("ECANCELED", first:await())
	eq(second:await(), 1)
	eq(b:read(1), "y")
end)

--# who is cancelled in a queue leaves it, waiting or at work
run(function()
	local a, b = async.pair()
	fill(a.sock)
	local c, d = async.pair()
	local queue = async.queue()
	local first = spawn(function() return queue:writev(a, { "x" }) end)
	local second = spawn(function() return queue:writev(c, { "y" }) end)
	local third = spawn(function() return queue:writev(c, { "z" }) end)
	sleep(1)
	eq(#queue, 3)
	second:cancel()
	failed("ECANCELED", second:await())
	eq(#queue, 2)
	first:cancel()
	failed("ECANCELED", first:await())
	eq(third:await(), 1)
	eq(d:read_some(), "z")
	eq(#queue, 0)
	b:close()
end)

--# a task that is dropped in a queue leaves it
run(function()
	local a, b = async.pair()
	local queue = async.queue()
	local task = spawn(function() return queue:readpdu(a, function() while true do pcall(sleep, 10) end end) end)
	sleep(1)
	task:cancel()
	failed("ECANCELED", task:await())
	eq(#queue, 0)
	b:writev{ "x" }
	eq(a:read(1, 1000), "x")
end)

--# several readers of messages take turns
run(function()
	local a, b = async.pair()
	local queue, got = async.queue(), {}
	for i = 1, 5 do
		spawn(function()
			local list = queue:readpdu(a, function(_, chunk) if not chunk then return 2 end if #chunk == 2 then return 3 end end)
			got[i] = table.concat(list)
		end)
	end
	for byte in ("aabbbccdddeefffgghhhiijjj"):gmatch(".") do
		b:writev{ byte }
		sleep(0)
	end
	while not got[5] do sleep(1) end
	eq(table.concat(got, " "), "aabbb ccddd eefff gghhh iijjj")
end)

--# datagrams go through a queue
run(function()
	local a = async.udp{ local_ = { LO, 0 } }
	local b = async.udp()
	local queue = async.queue()
	for i = 1, 5 do spawn(function() queue:sendto(b, tostring(i), a:address()) end) end
	for i = 1, 5 do eq(a:recvfrom(), tostring(i)) end
end)

--# a request is done later, calls back from the loop and gives its result
run(function()
	local a, b = async.pair()
	local log = {}
	local request = a:writev_send{ "abc" }
	failed("EINPROGRESS", a:writev_recv(request))
	failed("EINPROGRESS", request:recv())
	request:set_callback(function(r)
		eq(r, request)
		log[#log + 1] = a:writev_recv(r)
		sleep(1)
		log[#log + 1] = "waited"
	end)
	eq(#log, 0)
	local reading = b:read_send(3)
	eq(reading:await(), "abc")
	eq(b.read_recv(reading), "abc")
	while #log < 2 do sleep(1) end
	eq(log[1], 3)
	local late
	request:set_callback(function(r) late = r:recv() end)
	eq(late, nil)
	sleep(0)
	eq(late, 3)
end)

--# a request is outstanding from its beginning
run(function()
	local a, b = async.pair()
	local first, second = a:read_send(1), a:read_send(1)
	failed("EBUSY", a:read(1))
	failed("EBUSY", second:await())
	b:writev{ "x" }
	eq(first:await(), "x")
	b:writev{ "y" }
	eq(a:read(1), "y")
end)

--# a request can be cancelled, and awaited for a time
run(function()
	local a, b = async.pair()
	local request = a:read_send(1)
	failed("ETIMEDOUT", async.await(request, 5))
	eq(request:cancel(), true)
	failed("ECANCELED", request:await())
	failed("ECANCELED", a:read_recv(request))
	b:writev{ "x" }
	eq(a:read(1), "x")
end)

--# requests of all kinds
run(function()
	local a, b = async.pair()
	b:writev{ "abcdefgh" }
	eq(a:read_some_send(1):await(), "a")
	eq(a:readv_send({ 1, 2 }):await()[2], "cd")
	eq(a:readpdu_send(function(_, chunk) return not chunk and 4 or nil end):await()[1], "efgh")
	local queue = async.queue()
	local first, second = queue:writev_send(a, { "1" }), queue:writev_send(a, { "2" })
	eq(queue:writev(a, { "3" }), 1)
	eq(first:await() + second:await(), 2)
	eq(queue:writev_recv(first), 1)
	eq(queue:readpdu_send(b, function(_, chunk) return not chunk and 3 or nil end):await()[1], "123")
	local l = async.listen{ host = LO, port = 0 }
	local accepting = l:accept_send()
	local client = async.connect(l:address())
	eq(accepting:await():peer(), client:address())
	local d = async.udp{ local_ = { LO, 0 } }
	local e = async.udp{ remote = d:address() }
	eq(e:sendto_send("x"):await(), 1)
	eq(d:recvfrom_send():await(), "x")
	eq(queue:sendto_send(e, "y"):await(), 1)
	eq(d:recvfrom(), "y")
end)

--# an error of a callback is reported
--! log of the callback
run(function()
	local a = async.pair()
	a:writev_send({ "x" }):set_callback(function() error("of the callback") end)
	sleep(1)
end)

--# places that are given up behind a slow one go, and what a task holds that fails
run(function()
	local a = async.pair()
	local queue = async.queue()
	local release = queue:hold()
	for _ = 1, 200 do failed("ETIMEDOUT", queue:writev(a, { "x" }, 0)) end
	assert(queue.last - queue.first < 50, queue.last)
	release()
	local task = spawn(function()
		queue:hold()
		error("the reason")
	end)
	eq(pcall(task.await, task), false)
	eq(queue:writev(a, { "x" }), 1)
	raises("across a C-call boundary", table.sort, { 1, 2 }, function()
		queue:hold()
		queue:writev(a, { "x" })
	end)
	eq(#queue, 1)
end)
