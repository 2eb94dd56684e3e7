-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- read and lines: pieces, lines and all of a stream.

--# read("l") gives a line without its end, read("L") with it
local a, b = tcp_pair()
a:send("one\ntwo\nthree\n")
eq(b:read("l"), "one")
eq(b:read("L"), "two\n")
eq(b:read("l"), "three")

--# a format may begin with an asterisk, as it once had to
local a, b = tcp_pair()
a:send("one\ntwo\nthree")
a:shutdown("w")
eq(b:read("*l"), "one")
eq(b:read("*L"), "two\n")
eq(b:read("*a"), "three")

--# an empty line is an empty string, and "\r" is a part of the line
local a, b = tcp_pair()
a:send("\n\r\nx\r\n")
eq(b:read("l"), "")
eq(b:read("l"), "\r")
eq(b:read("L"), "x\r\n")

--# the last line need not have an end, and then comes nil
for _, format in ipairs{ "l", "L" } do
	local a, b = tcp_pair()
	a:send("first\nlast")
	a:shutdown("w")
	eq(b:read(format), format == "l" and "first" or "first\n")
	eq(b:read(format), "last")
	eq(b:read(format), nil)
	eq(b:read(format), nil)
	eq(select("#", b:read(format)), 1)
end

--# lines of all lengths around those of the pieces that are looked at
local a, b = tcp_pair()
local sizes = { 0, 1, 126, 127, 128, 129, 511, 512, 638, 639, 640, 641, 2686, 2687, 2688, 2689, 16000, 19071, 19072, 19073 }
for _, n in ipairs(sizes) do
	local line = ("0123456789"):rep(n // 10 + 1):sub(1, n)
	a:write(line, "\n", "next")
	eq(b:read("l"), line)
	eq(b:read(4, "W"), "next")
end

--# zeros are bytes like any other
local a, b = tcp_pair()
a:send("a\0b\nc\0")
eq(b:read("l"), "a\0b")
eq(b:read(), "c\0")

--# a line that comes in pieces is put together
local a, b = tcp_pair()
local t = thread.spawn(function(a)
	for c in ("piece by piece\nrest"):gmatch(".") do
		a:send(c)
		kernel.sleep(1)
	end
end, a)
eq(b:read("l"), "piece by piece")
eq(b:read(4, "W"), "rest")

--# what follows a line is there for recv, and poll sets know
local a, b = tcp_pair()
a:send("line\nrest")
local p = socket.poll{ b }
eq(b:read("l"), "line")
eq(p:select(10000), 0)
eq(text((b:recv(100))), "rest")
eq(p:select(0), nil)
a:send("whole\n")
eq(b:read("l"), "whole")
eq(p:select(0), nil)

--# read(n), recv and recvmsg mix with lines
local a, b = tcp_pair()
a:send("GET / HTTP/1.0\nhost: x\n\nbody1body2body3")
eq(b:read(4), "GET ")
eq(b:read("l"), "/ HTTP/1.0")
eq(b:read("L"), "host: x\n")
eq(b:read("l"), "")
eq(b:read(5, "W"), "body1")
eq(text((b:recv(5))), "body2")
eq(text((b:recvmsg{ iov_len = 5 })), "body3")

--# a line of 65536 bytes is read, one of 65537 raises EMSGSIZE that names the limit
local a, b = tcp_pair()
local line = ("x"):rep(65536)
local t = thread.spawn(function(a, line) a:write(line, "\n", line, "y\nrest") end, a, line)
eq(b:read("l"), line)
local e = fails("EMSGSIZE", b.read, b, "l")
eq(e.call, "read")
assert(tostring(e):find("line of more than 65536 bytes", 1, true), e)
eq(e.partial, line .. "y")
eq(b:read("L"), "\n")
eq(b:read(4, "W"), "rest")

--# the longest line can be told
local a, b = tcp_pair()
a:send("12345\n123456\nx")
eq(b:read("l", nil, nil, 5), "12345")
local e = fails("EMSGSIZE", b.read, b, "l", nil, nil, 5)
assert(tostring(e):find("line of more than 5 bytes", 1, true), e)
eq(e.partial, "123456")
eq(b:read("l"), "")
eq(b:read(), "x")
raises("longest must be in 1..1073741824, not 0", b.read, b, "l", nil, nil, 0)
raises("longest must be in 1..1073741824", b.read, b, "l", nil, nil, (1 << 30) + 1)
raises("a longest size is for lines and 'a'", b.read, b, 5, nil, nil, 5)

--# longer lines than usual can be read
local a, b = tcp_pair()
local line = ("0123456789abcdef"):rep(10000)
local t = thread.spawn(function(a, line) a:write(line, "\nx") end, a, line)
eq(b:read("l", nil, nil, 1 << 20), line)
eq(b:read(), "x")

--# a line that does not come to its end in time is in the error, and can be gone on with
local a, b = tcp_pair()
a:send("begun")
b:settimeout(20)
local e = fails("ETIMEDOUT", b.read, b, "l")
eq(e.call, "read")
eq(e.partial, "begun")
fails("EAGAIN", b.recv, b, 1, "D")
a:send(" and ended\nnext\n")
eq(e.partial .. b:read("l"), "begun and ended")
eq(b:read("l"), "next")
eq(fails("ETIMEDOUT", b.read, b, "l").partial, "")

--# the time-out of one call is one for the whole line
local a, b = tcp_pair()
local t = thread.spawn(function(a)
	pcall(function() while true do a:send("x") kernel.sleep(5) end end)
end, a)
local e = fails("ETIMEDOUT", b.read, b, "l", nil, 60)
assert(e.partial:find("^x+$"), e.partial)
b:close()

--# with "D" a line must be there: EAGAIN, and poll sets wait for what is new
local a, b = tcp_pair()
local p = socket.poll{ b }
local e = fails("EAGAIN", b.read, b, "l", "D")
eq(e.partial, "")
a:send("part")
p:select()
e = fails("EAGAIN", b.read, b, "l", "D")
eq(e.partial, "part")
eq(p:select(0), nil)
a:send("s\nrest")
p:select()
eq(e.partial .. b:read("l", "D"), "parts")
eq(p:select(0), 0)

--# a time-out of 0 is "D"
local a, b = tcp_pair()
a:send("part")
await(b)
eq(fails("EAGAIN", b.read, b, "l", nil, 0).partial, "part")
b:settimeout(0)
fails("EAGAIN", b.read, b, "l")
fails("EAGAIN", b.read, b, "a")

--# a reset in the middle of a line is ECONNRESET
local a, b = tcp_pair()
a:send("part")
local s = b:read(1)
reset(a)
await(b, "r")
local e = fails("ECONNRESET", b.read, b, "l")
eq(e.call, "read")
eq(type(e.partial), "string")

--# read("a") gives everything until the stream ends, then empty strings
local a, b = tcp_pair()
local all = ("0123456789abcdef\n"):rep(20000)
local t = thread.spawn(function(a, all) a:write(all) a:shutdown("w") end, a, all)
eq(b:read("a"), all)
eq(b:read("a"), "")
eq(b:read("l"), nil)
eq(b:read(), nil)

--# read("a") after a line gives the rest
local a, b = tcp_pair()
a:send("line\nrest\nand more")
a:shutdown("w")
eq(b:read("l"), "line")
eq(b:read("a"), "rest\nand more")

--# read("a") with a time-out has what came in the error
local a, b = tcp_pair()
a:send("some")
local e = fails("ETIMEDOUT", b.read, b, "a", nil, 30)
eq(e.partial, "some")
a:send("more")
await(b)
e = fails("EAGAIN", b.read, b, "a", "D")
eq(e.partial, "more")

--# read("a") may have a longest size
local a, b = tcp_pair()
a:send("12345")
a:shutdown("w")
eq(b:read("a", nil, nil, 5), "12345")
a, b = tcp_pair()
a:send("123456789")
local e = fails("EMSGSIZE", b.read, b, "a", nil, nil, 5)
assert(tostring(e):find("text of more than 5 bytes", 1, true), e)
eq(e.partial, "123456")
eq(b:read(), "789")

--# read("a") of more than the script may hold ends in a memory error, and the script goes on
--! param memory=3000000
local a, b = tcp_pair()
local t = thread.spawn(function(a)
	local piece = data.new(65536)
	pcall(function() while true do a:send(piece) end end)
end, a)
raises("not enough memory", b.read, b, "a")
b:close()

--# read(n, "W") waits for n bytes, and gives less only at the end
local a, b = tcp_pair()
local t = thread.spawn(function(a)
	for _ = 1, 5 do a:send("ab") kernel.sleep(1) end
	a:shutdown("w")
end, a)
eq(b:read(7, "W"), "abababa")
eq(b:read(7, "W"), "bab")
eq(b:read(7, "W"), nil)

--# a number as text is a number of bytes
local a, b = tcp_pair()
a:send("abcdef")
eq(b:read("3"), "abc")
eq(b:read("0x2"), "de")

--# formats that are none are mistakes, and nothing is taken
local a, b = tcp_pair()
a:send("abc\n")
for _, format in ipairs{ "", "n", "ll", "l ", "*", "**l", "x", "line", "\0l", "l\0", "=5" } do
	raises("bad argument #1 to 'read' (invalid format", function() b:read(format) end)
end
raises("flags 2 cannot be used here", b.read, b, "l", "P")
raises("flags 256 cannot be used here", b.read, b, "a", "W")
raises("time-out in ms must be in 0..2147483647, not -2", b.read, b, "l", nil, -2)
raises("size must be in 1..1048576, not 0", b.read, b, 0)
eq(b:read("l"), "abc")

--# datagrams have no lines
local a, b = udp_pair()
a:send("abc\n")
raises("a socket of messages has neither lines nor an end", b.read, b, "l")
raises("a socket of messages has neither lines nor an end", b.read, b, "a")
raises("a socket of messages has neither lines nor an end", b.lines, b)
eq(b:read(), "abc\n")

--# lines without a connection raises ENOTCONN
fails("ENOTCONN", function() tcp():read("l") end)
fails("ENOTCONN", function() tcp():read("a") end)

--# lines() gives one line after the other until the end
local a, b = tcp_pair()
a:send("one\ntwo\n\nlast")
a:shutdown("w")
local got = {}
for line in b:lines() do got[#got + 1] = line end
eq(table.concat(got, "|"), "one|two||last")

--# lines takes what read takes
local a, b = tcp_pair()
a:send("one\ntwo\nthree")
local next_line = b:lines("L")
eq(next_line(), "one\n")
eq(b:read("l"), "two")
a:shutdown("w")
eq(next_line(), "three")
eq(next_line(), nil)
a, b = tcp_pair()
a:send("1234567")
a:shutdown("w")
local got = {}
for piece in b:lines(3) do got[#got + 1] = piece end
eq(table.concat(got, "|"), "123|456|7")
a, b = tcp_pair()
a:send("12345\n123456\n")
local short = b:lines("l", nil, 1000, 5)
eq(short(), "12345")
fails("EMSGSIZE", short)
local now = b:lines("l", "D")
eq(now(), "")
fails("EAGAIN", now)

--# lines checks its arguments at once
local a, b = tcp_pair()
raises("invalid format", b.lines, b, "x")
raises("'a' would never come to an end", b.lines, b, "a")
raises("cannot be used here", b.lines, b, "l", "P")
raises("size must be in 1..1048576", b.lines, b, 0)
raises("luasocket expected", b.lines, 5)

--# an iterator over the lines of a socket that is closed raises
local a, b = tcp_pair()
local next_line = b:lines()
b:close()
raises("closed", next_line)

--# two scripts' threads that read lines of one stream share it without losing a byte
local a, b = tcp_pair()
local results = thread.channel(10)
local function reader(b, results)
	local sum, count = 0, 0
	for line in b:lines() do sum, count = sum + #line + 1, count + 1 end
	results:send{ sum, count }
end
local t1, t2 = thread.spawn(reader, b, results), thread.spawn(reader, b, results)
local total = 0
for i = 1, 300 do total = total + a:write(("x"):rep(i % 50), "\n") end
a:shutdown("w")
local r1, r2 = results:receive(), results:receive()
-- Where one takes what the other has looked at, lines may become longer or shorter; bytes are not lost.
assert(r1[1] + r2[1] - total <= 2 and r1[1] + r2[1] >= total, r1[1] + r2[1] .. " of " .. total)

--# lines come over unix streams as over TCP, also when each byte is sent by itself
local a, b = socket.pair()
local line = ("x"):rep(2000)
local t = thread.spawn(function(a, line)
	for c in (line .. "\nrest"):gmatch(".") do a:send(c) end
	a:shutdown("w")
end, a, line)
eq(b:read("l"), line)
eq(b:read("l"), "rest")
eq(b:read("l"), nil)

--# a line longer than the receive buffer comes
local a, b = tcp_pair()
b:setsockopt("socket", "rcvbuf", 4000)
local line = ("x"):rep(60000)
local t = thread.spawn(function(a, line) a:write(line, "\nrest") end, a, line)
eq(b:read("l"), line)
