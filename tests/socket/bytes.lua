-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- send, recv, read and write over TCP.

--# send takes a string
local a, b = tcp_pair()
eq(a:send("hello"), 5)
eq(b:read(), "hello")

--# send takes a table of bytes
local a, b = tcp_pair()
eq(a:send{ 104, 105 }, 2)
eq(b:read(), "hi")

--# send takes a data object
local a, b = tcp_pair()
eq(a:send(data.new("data")), 4)
eq(b:read(), "data")

--# send takes a segment of a data object
local a, b = tcp_pair()
eq(a:send(data.new("0123456789"):segment(3, 4)), 4)
eq(b:read(), "3456")

--# all 256 bytes arrive in every form, 0..255 and never signed
local all = {}
for i = 0, 255 do all[i + 1] = i end
local s = text(all)
for _, form in ipairs{ all, s, data.new(s) } do
	local a, b = tcp_pair()
	eq(a:send(form), 256)
	local t, n = b:recv(256, "W")
	eq(n, 256)
	eq(#t, 256)
	for i = 0, 255 do eq(t[i + 1], i) end
end

--# all 256 bytes arrive in a data object and in a string
local all = {}
for i = 0, 255 do all[i + 1] = 255 - i end
local a, b = tcp_pair()
a:send(all)
local d = data.new(256)
eq(select(2, b:recv(d, "W")), 256)
eq(tostring(d), text(all))
a:send(all)
eq(b:read(256, "W"), text(all))

--# recv(size) gives a table of integers and the size
local a, b = tcp_pair()
a:send("\255\0\127")
local t, n = b:recv(5)
eq(type(t), "table")
eq(n, 3)
eq(#t, 3)
eq(t[1], 255)
eq(math.type(t[1]), "integer")
eq(t[2], 0)
eq(select("#", (function() a:send("x") return b:recv(1) end)()), 2)

--# recv(data) gives the very object and the size
local a, b = tcp_pair()
a:send("abc")
local d = data.new("12345")
local got, n = b:recv(d)
assert(rawequal(got, d))
eq(n, 3)
eq(tostring(d), "abc45")

--# recv into a segment fills its parent there
local a, b = tcp_pair()
a:send("abc")
local d = data.new("1234567890")
b:recv(d:segment(4, 2))
eq(tostring(d), "1234ab7890")
eq(b:read(), "c")

--# recv takes offset and length into a data object
local a, b = tcp_pair()
a:send("abcdef")
local d = data.new("1234567890")
eq(select(2, b:recv(d, nil, 2, 3)), 3)
eq(tostring(d), "12abc67890")
eq(select(2, b:recv(d, 0, 7)), 3)
eq(tostring(d), "12abc67def")

--# recv beyond the object is a mistake, and nothing is received
local a, b = tcp_pair()
a:send("abc")
local d = data.new(4)
raises("offset must be in 0..4", b.recv, b, d, nil, 5)
raises("length must be in 0..3", b.recv, b, d, nil, 1, 4)
raises("length must be in 0..0", b.recv, b, d, nil, 4, 1)
eq(b:read(), "abc")

--# send takes offset and length
local a, b = tcp_pair()
eq(a:send("0123456789", nil, 3), 7)
eq(b:read(), "3456789")
eq(a:send("0123456789", nil, 3, 2), 2)
eq(b:read(), "34")
eq(a:send({ 65, 66, 67 }, nil, 1), 2)
eq(b:read(), "BC")
eq(a:send(data.new("abcdef"), 0, 5, 1), 1)
eq(b:read(), "f")

--# send beyond its bytes is a mistake, and nothing is sent
local a, b = tcp_pair()
raises("offset must be in 0..3", a.send, a, "abc", nil, 4)
raises("length must be in 0..2", a.send, a, "abc", nil, 1, 3)
fails("EAGAIN", b.recv, b, 1, "D")

--# an empty send sends nothing
local a, b = tcp_pair()
eq(a:send(""), 0)
eq(a:send{}, 0)
eq(a:send("abc", nil, 3), 0)
fails("EAGAIN", b.read, b, 1, "D")

--# a table whose elements are no bytes is a mistake, and nothing is sent
local a, b = tcp_pair()
raises("byte 2 must be in 0..255, not 256", a.send, a, { 1, 256 })
raises("byte 1 must be in 0..255, not -1", a.send, a, { -1 })
raises("byte 2 must be an integer, not a string", a.send, a, { 1, "x" })
raises("byte 2 must be an integer, not a string", a.send, a, { 1, "1" })
raises("byte 3 must be an integer, not a boolean", a.send, a, { 1, 2, true })
raises("byte 1 must be in 0..255", a.send, a, { math.mininteger })
raises("byte 1 must be in 0..255", a.send, a, { (1 << 32) + 1 })
fails("EAGAIN", b.read, b, 1, "D")

--# a table with a hole is a mistake
local a = tcp_pair()
raises("must be an integer, not a nil", a.send, a, { 1, nil, 3 })

--# send refuses what has no bytes
local a = tcp_pair()
for _, v in ipairs{ 5, true, print, a, coroutine.create(print) } do
	local ok, e = pcall(a.send, a, v)
	eq(ok, false)
	eq(type(e), "string")
end
raises("expected, got nil", a.send, a, nil)
raises("got number", a.send, a, 5)

--# a table of one mebibyte is sent; one more is a mistake
local a, b = tcp_pair()
local t = {}
for i = 1, (1 << 20) + 1 do t[i] = 7 end
raises("table of more than 1048576 bytes", a.send, a, t)
t[#t] = nil
assert(a:send(t, "D") > 100000)

--# recv waits for at least one byte, and no longer
local a, b = tcp_pair()
a:send("abc")
eq(select(2, b:recv(100)), 3)

--# recv gives no more than it was asked for
local a, b = tcp_pair()
a:send("abcdef")
eq(text(b:recv(2)), "ab")
eq(text((b:recv(100))), "cdef")

--# recv at the end of the stream gives an empty table and 0, every time
local a, b = tcp_pair()
a:close()
for _ = 1, 3 do
	local t, n = b:recv(10)
	eq(#t, 0)
	eq(n, 0)
end
eq(select(2, b:recv(data.new(4))), 0)
eq(b:read(), nil)

--# recv with "D" does not wait
local a, b = tcp_pair()
for _, flags in ipairs{ "D", "dontwait", "DONTWAIT", 0x40, socket.flag.DONTWAIT } do
	local e = fails("EAGAIN", b.recv, b, 10, flags)
	eq(e.call, "recv")
end

--# recv without room gives 0 as at the end, and the bytes stay there
local a, b = tcp_pair()
a:send("abc")
await(b)
local d = data.new(3)
eq(select(2, b:recv(d, nil, 3)), 0)
eq(select(2, b:recv(d, nil, 0, 0)), 0)
eq(b:read(), "abc")

--# recv with "P" leaves the bytes there
local a, b = tcp_pair()
a:send("abc")
eq(text((b:recv(3, "P"))), "abc")
eq(text((b:recv(3, "peek"))), "abc")
eq(text((b:recv(3, 2))), "abc")
eq(b:read(), "abc")
fails("EAGAIN", b.recv, b, 1, "PD")

--# recv with "W" waits for all bytes
local a, b = tcp_pair()
a:send("abc")
b:settimeout(30)
eq(text((b:recv(10, "W"))), "abc")
a:send("def")
a:send("ghi")
eq(text((b:recv(6, "waitall"))), "defghi")

--# flags combine as letters, as words with any separator, as numbers
local a, b = tcp_pair()
a:send("abc")
b:recv(3, "P")
for _, flags in ipairs{ "DP", "PD", "dontwait,peek", "dontwait|peek", "peek dontwait", "D,P", "D peek", 0x42 } do
	eq(text((b:recv(3, flags))), "abc")
end

--# flags of the wrong call are a mistake
local a, b = tcp_pair()
a:send("abc")
raises("flags 32768 cannot be used here", b.recv, b, 3, "M")
raises("flags 2 cannot be used here", a.send, a, "x", "P")
raises("flags 536870912 cannot be used here", b.recv, b, 3, "F")
eq(b:read(), "abc")

--# the kernel's inner flags cannot be set
local a, b = tcp_pair()
for bit = 0, 30 do
	local flag = 1 << bit
	local ok, e = pcall(a.send, a, "", flag)
	if not ok and type(e) == "string" then assert(e:find("cannot be used here", 1, true), e) end
end
for _, flag in ipairs{ 0x10, 0x10000, 0x20000, 0x80000, 0x4000000, 0x8000000, 0x40000000 } do
	raises("cannot be used here", a.send, a, "x", flag)
	raises("cannot be used here", b.recv, b, 1, flag | 0x40)
end

--# an unknown flag is a mistake that names it
local a, b = tcp_pair()
raises("invalid flags name 'Z'", a.send, a, "x", "Z")
raises("invalid flags name 'DZ'", b.recv, b, 1, "DZ")
raises("invalid flags name 'd'", b.recv, b, 1, "d")
raises("flags must be a string or an integer, not a table", b.recv, b, 1, {})
raises("not a boolean", b.recv, b, 1, true)
fails("EAGAIN", b.recv, b, 1, "D")

--# with "M" what is sent over TCP waits for more, and goes with it
local a, b, start, early
repeat
	a, b = tcp_pair()
	start = kernel.time_ns()
	a:send("abc", "M")
	early = pcall(b.read, b, 3, "D")
	a:send("def")
until kernel.time_ns() - start < 150000000	-- after 200 ms it goes anyway
eq(early, false)
eq(b:read(), "abcdef")
eq(a:getsockopt("tcp", "info").data_segs_out, 1)

--# "N", which is always on, is taken as a letter, a word and a number
local a, b = tcp_pair()
for _, flags in ipairs{ "N", "nosignal", 0x4000 } do
	eq(a:send("abc", flags), 3)
	eq(b:read(3, flags), "abc")
end

--# "C" and "R" are for datagrams, and change nothing of them
local a, b = udp_pair()
for _, flags in ipairs{ "C", "confirm", 0x800, "R", "dontroute", 4, "CR" } do
	eq(a:send("abc", flags), 3)
	eq(b:read(), "abc")
end

--# with "EOR" a segment ends, even where more was to come
local a, b = tcp_pair()
a:setsockopt("tcp", "nodelay", true)
a:send("abc", "M,EOR")
a:send("def")
eq(b:read(6, "W"), "abcdef")
eq(a:getsockopt("tcp", "info").data_segs_out, 2)

--# "EOR" is taken where messages have ends, and for more than one each
local a, b = socket.pair("seqpacket")
for _, message in ipairs{ "one", "and two" } do eq(a:send(message, "EOR"), #message) end
eq(b:read(), "one")
eq(b:read(), "and two")

--# out-of-band bytes have their flag
local a, b = tcp_pair()
a:send("ab!", "O")
await(b, "p")
eq(text((b:recv(1, "O"))), "!")
eq(b:read(), "ab")

--# without room, send with "D" sends part, then raises EAGAIN
local a, b = tcp_pair()
local big = ("x"):rep(8 << 20)
local n = a:send(big, "D")
assert(n > 0 and n < #big)
fill(a)
local e = fails("EAGAIN", a.send, a, "x", "D")
eq(e.call, "send")
fails("EAGAIN", a.send, a, data.new("x"), "DONTWAIT")

--# what a partial send sent arrives, and the rest fits later
local a, b = tcp_pair()
local big = data.new(4 << 20)
local pos, got = 0, 0
local buf = data.new(1 << 20)
while got < #big do
	if pos < #big then
		local ok, n = pcall(a.send, a, big, "D", pos)
		if ok then pos = pos + n else eq(n.name, "EAGAIN") end
	end
	local ok, _, n = pcall(b.recv, b, buf, "D")
	if ok then got = got + n end
end
eq(pos, #big)
fails("EAGAIN", b.recv, b, buf, "D")

--# read without a size gives what is there, as a string
local a, b = tcp_pair()
a:send("x\0y")
eq(b:read(), "x\0y")
a:send(("z"):rep(5000))
eq(#b:read(), 4096)
eq(#b:read(), 904)

--# read(n) gives n bytes at most
local a, b = tcp_pair()
a:send("abcdef")
eq(b:read(2), "ab")
eq(b:read(1), "c")
eq(b:read(1 << 20), "def")

--# read at the end of the stream gives nil
local a, b = tcp_pair()
a:send("x")
a:close()
eq(b:read(10, "W"), "x")
eq(b:read(), nil)
eq(select("#", b:read()), 1)

--# read with flags
local a, b = tcp_pair()
fails("EAGAIN", b.read, b, 5, "D")
fails("EAGAIN", b.read, b, nil, "D")
a:send("abc")
eq(b:read(3, "P"), "abc")
eq(b:read(3), "abc")

--# write sends all of its arguments, and numbers as text
local a, b = tcp_pair()
eq(a:write("one", 2, "", "three"), 9)
eq(b:read(9, "W"), "one2three")
eq(a:write(), 0)
eq(a:write(""), 0)

--# write's last argument being empty holds nothing back
local a, b = tcp_pair()
b:settimeout(150)
a:write("all", "")
eq(b:read(), "all")

--# write checks all of its arguments first
local a, b = tcp_pair()
raises("bad argument #2 to 'write'", function() a:write("x", {}) end)
raises("bad argument #1 to 'write'", function() a:write(nil, "x") end)
fails("EAGAIN", b.read, b, 1, "D")

--# write with a time-out raises, with part of it sent, and tells how much
local a, b = tcp_pair()
a:settimeout(50)
local e = fails("ETIMEDOUT", a.write, a, "some", ("x"):rep(16 << 20), "more")
eq(e.call, "write")
assert(e.sent > 4 and e.sent < 16 << 20, e.sent)
a:shutdown("w")
local all = b:read("a")
eq(#all, e.sent)
eq(all:sub(1, 6), "somexx")

--# write that sends nothing tells so
local a = tcp_pair()
a:shutdown("w")
eq(fails("EPIPE", a.write, a, "x").sent, 0)
eq(fails("EPIPE", a.write, a, "", "x", "").sent, 0)

--# a send to a closed peer raises EPIPE or ECONNRESET, and the script lives on
local a, b = tcp_pair()
b:close()
local names = {}
for i = 1, 5 do
	local ok, e = pcall(a.send, a, "x")
	if not ok then names[#names + 1] = e.name end
	a:getsockopt("s", "e")
	pcall(await, a, "r")
end
assert(#names >= 3)
for _, name in ipairs(names) do assert(name == "EPIPE" or name == "ECONNRESET", name) end

--# a send after one's own shutdown raises EPIPE, in every form of sending, without SIGPIPE
local a = tcp_pair()
a:shutdown("write")
for _ = 1, 10 do
	fails("EPIPE", a.send, a, "x")
	fails("EPIPE", a.write, a, "x")
	fails("EPIPE", a.sendmsg, a, {}, "x")
	fails("EPIPE", a.send, a, { 1 })
	fails("EPIPE", a.send, a, data.new("x"))
	fails("EPIPE", a.send, a, "x", 0)
end
-- A pending SIGPIPE would end this.
fails("ETIMEDOUT", function() local s = listener() s:settimeout(20) s:accept() end)

--# a reset is ECONNRESET once, then the end
local a, b = tcp_pair()
reset(a)
local e = fails("ECONNRESET", b.recv, b, 1)
eq(e.call, "recv")
eq(b:read(), nil)

--# send and recv on an unconnected TCP socket raise ENOTCONN or EPIPE
fails("ENOTCONN", function() tcp():recv(1) end)
fails("ENOTCONN", function() tcp():read() end)
fails("EPIPE", function() tcp():send("x") end)

--# recv sizes end at one mebibyte
local a, b = tcp_pair()
a:send("abc")
raises("size must be in 1..1048576, not 0", b.recv, b, 0)
raises("size must be in 1..1048576, not 1048577", b.recv, b, 1048577)
raises("size must be in 1..1048576, not 0", b.read, b, 0)
raises("got nil", b.recv, b, nil)
raises("value expected", b.recv, b)
raises("got table", b.recv, b, {})
raises("got boolean", b.read, b, true)
raises("an offset is for buffers", b.recv, b, 1, nil, 0)
raises("a length is for buffers", b.recv, b, 1, nil, nil, 1)
eq(select(2, b:recv(1048576)), 3)

--# recv into a socket or a poll set is a mistake
local a, b = tcp_pair()
a:send("abc")
raises("expected", b.recv, b, a)
raises("expected", b.recv, b, socket.poll())
raises("expected", a.send, a, a)
eq(b:read(), "abc")

--# a hundred megabytes arrive whole through one buffer
local a, b = tcp_pair()
local out, inn = data.new(1 << 16), data.new(1 << 16)
local left, got = 100 << 20, 0
while left > 0 or got < (100 << 20) - left do
	while left > 0 do
		local ok, n = pcall(a.send, a, out, "D")
		if not ok then break end
		left = left - n
	end
	got = got + select(2, b:recv(inn))
end
eq(got, (100 << 20) - left)
fails("EAGAIN", b.recv, b, inn, "D")
