-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Every public function of the library async, as snippets.lua has the others.

--== async
local async = require "async"
local LO = "127.0.0.1"
-- What a run of its own has of errors, it raises; shortages come as results as well.
local function run(f)
	async.run(f)
end
local function ok(value, name, ...)
	if value == nil and name then error(name, 0) end
	return value, name, ...
end
--= async.run async.spawn async.sleep async.await async.cancel async.current task:recv task:await task:cancel task:status
run(function()
	local function work(n) ok(async.sleep(1)) return n end
	local task = async.spawn(work, 7)
	assert(task:recv() == nil and task:status() == "ready")
	assert(ok(async.await(task)) == 7 and ok(task:await()) == 7 and async.current() ~= task)
	assert(coroutine.wrap(work)(9) == 9)
	local other = async.spawn(work, 8)
	assert(other:cancel() and not async.cancel(task))
end)
--= async.wait async.pair async.wrap stream:read stream:read_some stream:writev stream:write stream:pending
run(function()
	local a, b = ok(async.pair())
	ok(b:writev{ "hello" })
	assert(ok(async.wait(a)) == "r" and ok(a:pending()) == 5 and ok(a:read(4)) == "hell" and ok(a:read_some()) == "o")
	ok(b:write("world"))
	assert(ok(async.wrap(a.sock):read(5)) == "world")
end)
--= stream:readv stream:readpdu stream:frame
run(function()
	local a, b = ok(async.pair())
	ok(b:writev{ "abcdef", string.pack(">s2", "hello"), string.pack(">s2", "world") })
	assert(ok(a:readv{ 1, 2 })[2] == "bc")
	assert(#ok(a:readpdu(function(_, chunk) if not chunk then return { 1, 2 } end end)) == 2)
	assert(ok(a:frame{ header = 2, size = ">I2" }) == "hello")
	assert(ok(a:frame{ header = 2, size = ">I2" }) == "world")
end)
--= async.connect async.listen listener:accept stream:address stream:peer stream:setopt stream:getopt stream:disconnect stream:close
run(function()
	local l = ok(async.listen{ host = LO, port = 0 })
	local a = ok(async.connect(ok(l:address())))
	local b = ok(l:accept())
	assert(ok(a:address()) == ok(b:peer()))
	ok(a:setopt("tcp.nodelay", true))
	ok(a:getopt("sndbuf"))
	ok(a:disconnect())
	b:close()
	l:close()
end)
--= async.udp async.unix_dgram dgram:sendto dgram:recvfrom dgram:pending
run(function()
	local a = ok(async.udp{ local_ = { LO, 0 } })
	local b = ok(async.udp{ remote = ok(a:address()) })
	ok(b:sendto("hello"))
	assert(ok(a:recvfrom(5000)) == "hello" and ok(a:pending()) == 0)
	ok(async.unix_dgram()):close()
end)
--= async.queue queue:writev queue:readpdu queue:sendto queue:stop queue:start queue:hold
run(function()
	local a, b = ok(async.pair())
	local queue = async.queue()
	local release = queue:hold()
	queue:stop()
	local tasks = {}
	for i = 1, 3 do tasks[i] = async.spawn(function() return ok(queue:writev(a, { "x" })) end) end
	ok(async.sleep(0))
	queue:start()
	release()
	for i = 1, 3 do assert(ok(tasks[i]:await()) == 1) end
	assert(#ok(queue:readpdu(b, function(_, chunk) if not chunk then return 3 end end)) == 1)
	local d = ok(async.udp{ local_ = { LO, 0 } })
	ok(queue:sendto(ok(async.udp()), "x", ok(d:address())))
end)
--= task:set_callback
run(function()
	local a, b = ok(async.pair())
	local request, called = a:read_send(1), false
	request:set_callback(function(r) called = ok(a:read_recv(r)) end)
	ok(b:writev_send{ "x" }:await())
	ok(request:await())
	ok(async.sleep(0))
	assert(not called or called == "x")
end)
--= async.addr async.from_raw addr:with_port addr:is addr:copy addr:raw
local where = ok(async.addr("ip", "2001:db8::1", 80))
assert(ok(async.from_raw(where:raw())) == where:copy() and where:is("ipv6") and ok(where:with_port(1)).port == 1)
--= socket.relays lrelays:add lrelays:count lrelays:close lrelays:__len lrelays:__tostring
local set = socket.relays{ idle = 60000, half = 60000 }
local a, b = socket.pair()
local c, d = socket.pair()
a:write("text" .. 1)
assert(not pcall(set.add, set, b, b) and #set == 0)
set:add(b, c)
assert(d:read() == "text1" and #set == 1 and tostring(set) == "lrelays (1)" and not pcall(b.read, b))
a:close()
d:close()
repeat local up, down, over = set:count() until over == 1
set:close()
assert(not pcall(set.add, set, a, d))
