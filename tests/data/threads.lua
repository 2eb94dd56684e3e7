-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Data objects that several threads have.

--# a data object that goes to a thread has the same bytes, both ways
local d = data.new(8)
local go, done = thread.channel(), thread.channel()
local t = thread.spawn(function()
	d[1] = 7
	done:send(true)
	go:receive()
	return d[2], #d
end)
done:receive()
eq(d[1], 7)
d[2] = 9
go:send(true)
local ok, second, n = t:join()
eq(second, 9)
eq(n, 8)

--# a segment that goes to a thread is that part alone, and has no layout there
local d = data.new("abcdef"):layout { x = { 0, 8 } }
local s = d:segment(2, 3):layout { y = { 0, 8 } }
local t = thread.spawn(function() return #s, tostring(s), s.y, s:segment(3, 1), pcall(function() s[4] = 1 end) end)
local _, n, text, y, out, wrote = t:join()
eq(n, 3)
eq(text, "cde")
eq(y, nil)
eq(out, nil)
eq(wrote, false)

--# a layout is made anew in the thread: layouts are not handed over
raises("luadata.layout", function() local l = data.layout { x = { 0, 8 } } thread.channel():send(l) end)

--# the memory lives until the last thread lets go of it, whichever that is
local ch, out = thread.channel(1), thread.channel(1)
local t = thread.spawn(function()
	local d = ch:receive()
	ch:receive()
	out:send(d:segment(1))
	return #d
end)
do
	local d = data.new(("x"):rep(100000))
	ch:send(d)
end
collectgarbage()
collectgarbage()
ch:send(true)
local back = out:receive()
eq(select(2, t:join()), 100000)
eq(#back, 99999)
eq(back[99999], ("x"):byte())
back[1] = 1

--# what threads hold counts as the one script's, and comes back
--! param memory=24M
local ch = thread.channel(1)
local t = thread.spawn(function()
	local d = data.new(16 << 20)
	ch:send(d)
	ch:send(true)
end)
local d = ch:receive()
ch:receive()
assert(t:join())
raises("module parameter memory", data.new, 12 << 20)
d = nil
collectgarbage()
data.new(12 << 20)

--# a buffer handed over counts once, however many threads have it
--! param memory=24M
local d = data.new(12 << 20)
local threads = {}
local go = thread.channel()
for i = 1, 4 do threads[i] = thread.spawn(function() go:receive() d[i] = i return #d end) end
for i = 1, 4 do go:send(true) end
for i = 1, 4 do eq(select(2, threads[i]:join()), 12 << 20) end
for i = 1, 4 do eq(d[i], i) end

--# data objects in channels that nobody receives go with the script
local ch = thread.channel(100)
for i = 1, 50 do ch:send(data.new(1000):segment(i)) end
ch:send { ch, data.new(10) }

--# two threads that write and read the same bytes in all ways break nothing
local d = data.new(4096)
local function play(seed)
	math.randomseed(seed)
	local layout = data.layout { a = { 0, 13 }, b = { 60, 64, "l" }, s = { 20, 30, "s" } }
	local own, other = data.new(512), d:segment(100, 500)
	d:layout(layout)
	for i = 1, 3000 // SLOW do
		local at = math.random(0, 4000)
		d[at + 1] = i & 255
		d:set(at, "u32", i & 0xffff)
		d:get(at, "u64le")
		d.a, d.b, d.s = i & 0x1fff, i, "text"
		local x = d.a, d.b, d.s
		d:fill(i & 255, at, 50)
		d:copy(d, at, 90, 4000 - at)
		own:copy(d, at, 90)
		d:copy(own, 0, 90, at)
		d:find("\1\2", at)
		d:find(other, 0)
		pcall(d.pack, d, at, "s1zI3", "abc", "de", 5)
		pcall(d.unpack, d, at, "s2")
		pcall(d.unpack, d, at, "s1z")
		d:checksum(at)
		d:crc32(at)
		d:string(at, 80)
	end
	return true
end
local a, b = thread.spawn(play, 1), thread.spawn(play, 2)
play(3)
eq(select(2, a:join()), true)
eq(select(2, b:join()), true)

--# a string that was read while others wrote is one that tables find
local d = data.new(("a"):rep(8))
local stop = thread.channel()
local writer = thread.spawn(function()
	local n = 0
	while #stop == 0 do
		n = n + 1
		d:fill(97 + n % 2)
	end
end)
local known = {}
for i = 0, 255 do
	local s = ""
	for bit = 0, 7 do s = s .. ((i >> bit) & 1 == 0 and "a" or "b") end
	known[s] = true
end
for _ = 1, 20000 // SLOW do
	assert(known[d:string()], "a string that is not among all")
	assert(known[tostring(d)])
	assert(known[(d:unpack(0, "c8"))])
end
stop:send(true)
assert(writer:join())

--# a socket receives into what another thread reads
local a, b = socket.new("inet", "udp"), socket.new("inet", "udp")
b:bind("127.0.0.1", 0)
a:connect(b:getsockname())
local d = data.new(64)
local stop = thread.channel()
local reader = thread.spawn(function() local n = 0 while #stop == 0 do n = n + #d:string() + d:checksum() a:send(d) end end)
for _ = 1, 500 // SLOW do b:recv(d) end
stop:send(true)
assert(reader:join())

--# threads that use a buffer end at a stop
--! stop
local d = data.new(1 << 20)
for i = 1, 3 do thread.spawn(function() while true do d:fill(i) d:find("x") d:crc32() end end) end
print "ready"
while true do d:copy(d, 1) end
