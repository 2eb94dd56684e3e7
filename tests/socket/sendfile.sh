# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Files that go through a socket.

# meet: runs the script on standard input, which has the helpers of this suite's scripts in Lua.
meet() {
	{ echo "local SLOW = $SLOW" && cat "$TESTS/lib.lua" "$TESTS/socket/lib.lua" -; } >script.lua
	expect_run '' script.lua
}

# What has little room for bytes on their way.
narrow='
local function narrow_pair()
	local a, b = tcp_pair()
	a:setsockopt("socket", "sndbuf", 20000)
	b:setsockopt("socket", "rcvbuf", 20000)
	return a, b
end
'

# meet_narrow: the same, with narrow_pair.
meet_narrow() { { echo "$narrow" && cat; } | meet; }

# pattern TIMES: makes the file `file` of as many lines of eleven bytes.
pattern() { python3 -c "print('0123456789\n' * $1, end='')" >file; }

# a whole file is sent, and how much that was is told
test_whole() {
	pattern 100000
	meet <<'END'
local a, b = tcp_pair()
local t = thread.spawn(function(b) return b:read("a") end, b)
eq(a:sendfile("file"), 1100000)
a:shutdown("w")
local _, all = t:join()
eq(all, ("0123456789\n"):rep(100000))
END
}

# offset and length choose a part; beyond the end there is nothing
test_part() {
	pattern 10
	meet <<'END'
local a, b = tcp_pair()
eq(a:sendfile("file", 3), 107)
eq(b:read(107, "W"), ("0123456789\n"):rep(10):sub(4))
eq(a:sendfile("file", 3, 5), 5)
eq(b:read(5, "W"), "34567")
eq(a:sendfile("file", nil, 12), 12)
eq(b:read(12, "W"), "0123456789\n0")
eq(a:sendfile("file", 105, 100), 5)
eq(b:read(5, "W"), "6789\n")
for _, n in ipairs{ 110, 111, 1 << 40, math.maxinteger - 5, math.maxinteger } do eq(a:sendfile("file", n), 0) end
eq(a:sendfile("file", 0, 0), 0)
fails("EAGAIN", b.read, b, 1, "D")
END
}

# lengths around those of the pieces that a file is read in arrive whole
test_pieces() {
	head -c 140000 /dev/urandom >file
	meet <<'END'
local a, b = tcp_pair()
local function read(b, n) return b:read(n, "W") end
local t = thread.spawn(read, b, 140000)
eq(a:sendfile("file"), 140000)
local _, whole = t:join()
eq(#whole, 140000)
for _, n in ipairs{ 1, 65535, 65536, 65537, 131071, 131072, 131073, 139999 } do
	t = thread.spawn(read, b, n)
	eq(a:sendfile("file", 140000 - n), n)
	assert(select(2, t:join()) == whole:sub(-n), n)
end
fails("EAGAIN", b.read, b, 1, "D")
END
}

# an empty file sends nothing, one whose length nobody knows sends what it has
test_lengths() {
	: >file
	meet <<'END'
local a, b = tcp_pair()
eq(a:sendfile("file"), 0)
fails("EAGAIN", b.read, b, 1, "D")
local n = a:sendfile("/proc/version")
local version = b:read(n, "W")
assert(version:find("^Linux version .*\n$"), version)
eq(a:sendfile("/proc/version", 6, 7), 7)
eq(b:read(7, "W"), "version")
END
}

# a data object is sent as a file is, and so is a part of it
test_data() {
	meet <<'END'
local a, b = tcp_pair()
local d = data.new("0123456789")
eq(a:sendfile(d), 10)
eq(a:sendfile(d, 8), 2)
eq(a:sendfile(d, 2, 3), 3)
eq(a:sendfile(d, 10), 0)
eq(b:read(15, "W"), "012345678989234")
raises("offset must be in 0..10, not 11", a.sendfile, a, d, 11)
raises("length must be in 0..3, not 4", a.sendfile, a, d, 7, 4)
local big = data.new(4 << 20)
local t = thread.spawn(function(b) return #b:read("a") end, b)
eq(a:sendfile(big), 4 << 20)
a:shutdown("w")
eq(select(2, t:join()), 4 << 20)
END
}

# what is no regular file that can be read is an error object that names it
test_no_file() {
	mkdir folder
	mkfifo pipe
	: >file
	meet <<'END'
local a, b = tcp_pair()
local e = fails("ENOENT", a.sendfile, a, "nowhere")
eq(e.call, "sendfile")
eq(e.target, "nowhere")
assert(tostring(e):find("sendfile nowhere: no such file or directory (ENOENT)", 1, true), e)
fails("ENOTDIR", a.sendfile, a, "file/x")
fails("EISDIR", a.sendfile, a, "folder")
fails("ENAMETOOLONG", a.sendfile, a, ("x"):rep(300))
for _, path in ipairs{ "pipe", "/dev/zero", "/dev/luadrv" } do
	e = fails("EINVAL", a.sendfile, a, path)
	eq(e.target, path .. " (not a regular file)")
end
fails("EAGAIN", b.read, b, 1, "D")
END
}

# what the process that runs the script may not read is not sent
test_credentials() {
	pattern 3
	chmod 600 file
	{ cat "$TESTS/lib.lua" "$TESTS/socket/lib.lua" -; } >script.lua <<'END'
local a, b = tcp_pair()
print(select(2, pcall(a.sendfile, a, "file")))
END
	python3 - <<'END'
import os
device = os.open("/dev/luadrv", os.O_WRONLY)
os.write(device, open("script.lua", "rb").read())
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
os.close(device)
END
	expect_said 'sendfile file: permission denied (EACCES)'
	expect_run '' script.lua
	expect_said '33'
}

# arguments out of range, and sockets that are no streams, are mistakes
test_misuse() {
	pattern 3
	meet <<'END'
local a, b = tcp_pair()
raises("offset must be in 0..9223372036854775807, not -1", a.sendfile, a, "file", -1)
raises("length must be in 0..", a.sendfile, a, "file", 0, -1)
raises("length must be in 0..1,", a.sendfile, a, "file", math.maxinteger - 1, 2)
raises("time-out in ms must be in", a.sendfile, a, "file", 0, 1, -2)
raises("string contains zeros", a.sendfile, a, "file\0")
raises("string expected, got table", a.sendfile, a, {})
raises("string expected, got no value", a.sendfile, a)
raises("luadata expected", a.sendfile, a, b)
raises("this can only be sent over a stream", udp().sendfile, udp(), "file")
raises("this can only be sent over a stream", udp().sendfile, udp(), data.new(1))
fails("EAGAIN", b.read, b, 1, "D")
END
}

# without time to wait part of a file is sent, and the rest fits later
test_parts() {
	head -c 300000 /dev/zero >file
	meet_narrow <<'END'
local a, b = narrow_pair()
local sent, got, parts = 0, 0, 0
local buf = data.new(1 << 20)
while sent < 300000 do
	local ok, n = pcall(a.sendfile, a, "file", sent, nil, 0)
	if ok then sent, parts = sent + n, parts + 1 else eq(n.name, "EAGAIN") eq(n.sent, 0) end
	local ok, _, n = pcall(b.recv, b, buf, "D")
	if ok then got = got + n end
end
assert(parts > 1, parts)
while got < sent do got = got + select(2, b:recv(buf)) end
eq(got, 300000)
fails("EAGAIN", b.read, b, 1, "D")
END
}

# a time-out of the call, or of the socket, gives what has been sent, and then ETIMEDOUT
test_timeout() {
	head -c 1000000 /dev/zero >file
	meet_narrow <<'END'
local a, b = narrow_pair()
local n, e = 0
repeat
	local ok, got = pcall(a.sendfile, a, "file", n, nil, 30)
	if ok then n = n + got else e = got end
until e
assert(n > 0 and n < 1000000, n)
eq(e.name, "ETIMEDOUT")
eq(e.sent, 0)
assert(tostring(e):find("sendfile file to 127.0.0.1:%d+: "), e)
a:settimeout(30)
fails("ETIMEDOUT", a.sendfile, a, "file")
fails("ETIMEDOUT", a.sendfile, a, data.new(100000))
END
}

# a peer that goes away in the middle is an error object that tells how much had been sent
test_peer() {
	head -c 1000000 /dev/zero >file
	meet_narrow <<'END'
local a, b = narrow_pair()
local t = thread.spawn(function(b)
	b:recv(data.new(100000), "W")
	b:setsockopt("socket", "linger", 0)
	b:close()
end, b)
local ok, e = pcall(a.sendfile, a, "file")
eq(ok, false)
assert(e.name == "ECONNRESET" or e.name == "EPIPE", e)
assert(e.sent > 0 and e.sent < 1000000, e.sent)
END
}

# a file much larger than the script's memory is sent
test_memory() {
	param memory 1500000
	head -c 8000000 /dev/zero >file
	meet <<'END'
local a, b = tcp_pair()
local t = thread.spawn(function(b)
	local buf, got = data.new(100000), 0
	repeat
		local _, n = b:recv(buf)
		got = got + n
	until n == 0
	return got
end, b)
eq(a:sendfile("file"), 8000000)
a:shutdown("w")
eq(select(2, t:join()), 8000000)
END
}

# files are closed as soon as they are sent, or could not be
test_closed() {
	mkdir mnt
	mount -t tmpfs none mnt
	head -c 1000 /dev/zero >mnt/file
	{ cat "$TESTS/lib.lua" "$TESTS/socket/lib.lua" -; } >script.lua <<'END'
local a, b = tcp_pair()
a:sendfile("mnt/file")
pcall(a.sendfile, a, "mnt/nowhere")
a:shutdown("w")
fails("EPIPE", a.sendfile, a, "mnt/file")
print("ready")
b:settimeout(1000000)
a:read()
END
	start_ready script.lua
	wait_for 'the file system to be free' umount mnt
	stop_script
}

# signals end the sending of a file within a second
test_stop() {
	local signal
	head -c 1000000 /dev/zero >file
	{ cat "$TESTS/lib.lua" "$TESTS/socket/lib.lua" && echo "$narrow" && cat; } >script.lua <<'END'
local a, b = narrow_pair()
print("ready")
a:sendfile("file")
END
	for signal in INT TERM KILL; do
		start_ready script.lua
		wait_for 'the script to wait' asleep "$script"
		stop_script "$signal"
	done
}
