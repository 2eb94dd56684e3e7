-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- checksum, crc32, crc32c.

-- The internet checksum as RFC 1071 defines it, a word at a time.
local function reference(text, sum)
	sum = sum or 0
	for i = 1, #text, 2 do sum = sum + (text:byte(i) << 8 | (text:byte(i + 1) or 0)) end
	while sum > 0xffff do sum = (sum & 0xffff) + (sum >> 16) end
	return sum ~ 0xffff
end

--# the example of RFC 1071
eq(data.new { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 }:checksum(), 0xddf2 ~ 0xffff)

--# the header of an IP packet
local ip = data.new { 0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7 }
eq(ip:checksum(), 0xb861)
ip:set(10, "u16", ip:checksum())
eq(ip:checksum(), 0)

--# a UDP packet with its pseudo header, in three ways
local ip = data.new { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2 }
local udp = data.new(13):copy("hello", 0, nil, 8):set(0, "u16", 40000):set(2, "u16", 53):set(4, "u16", 13)
local whole = ip:string(12, 8) .. "\0\17\0\13" .. tostring(udp)
local want = reference(whole)
eq(data.new(whole):checksum(), want)
eq(udp:checksum(0, nil, (0xffff ~ ip:checksum(12, 8)) + 17 + #udp), want)
eq(udp:checksum(0, nil, 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 17 + 13), want)

--# the kernel finds our checksum right, and another one wrong
local s, raw = socket.new("inet", "udp"), socket.new("inet", "raw", 17)
s:bind("127.0.0.1", 0)
local _, port = s:getsockname()
local packet = data.new(13):copy("hello", 0, nil, 8):set(0, "u16", 40000):set(2, "u16", port):set(4, "u16", 13)
packet:set(6, "u16", packet:checksum(0, nil, 2 * 0x7f00 + 2 * 0x0001 + 17 + 13))
packet[13] = 33
raw:sendmsg({ name = { "127.0.0.1", 0 } }, packet)
packet[13] = 111
raw:sendmsg({ name = { "127.0.0.1", 0 } }, packet)
s:settimeout(10000)
eq(s:read(), "hello")

--# every offset and length, with what comes before
local text = ""
for i = 1, 40 do text = text .. string.char(i * 89 % 256) end
local d = data.new(text)
for offset = 0, 39 do
	for length = 0, 40 - offset do
		eq(d:checksum(offset, length), reference(text:sub(offset + 1, offset + length)))
	end
	for _, sum in ipairs { 1, 0xffff, 0x10000, 0xfffe0001, 0xffffffff } do
		eq(d:checksum(offset, nil, sum), reference(text:sub(offset + 1), sum))
	end
end

--# bytes of all ones and all zeros, and no bytes
eq(data.new(("\255"):rep(100)):checksum(), 0)
eq(data.new(100):checksum(), 0xffff)
eq(data.new(1):checksum(0, 0), 0xffff)
eq(data.new(1):checksum(1), 0xffff)
eq(data.new(1):checksum(0, 0, 0x1234), 0x1234 ~ 0xffff)

--# a sum goes on from part to part
local d = data.new(1000)
for i = 1, 1000 do d[i] = i * i % 251 end
eq(d:checksum(500, nil, 0xffff ~ d:checksum(0, 500)), d:checksum())

--# the check values of both CRCs
local d = data.new("123456789")
eq(d:crc32(), 0xcbf43926)
eq(d:crc32c(), 0xe3069283)
eq(data.new(32):crc32c(), 0x8a9136aa)
eq(data.new(32):crc32(), 0x190a55ad)
eq(data.new(("\255"):rep(32)):crc32c(), 0x62a8ab43)

--# a CRC goes on from part to part
local d = data.new("123456789")
for i = 0, 9 do
	eq(d:crc32(i, nil, d:crc32(0, i)), 0xcbf43926)
	eq(d:crc32c(i, nil, d:crc32c(0, i)), 0xe3069283)
end
eq(d:crc32(0, 0), 0)
eq(d:crc32c(9), 0)

--# checksums over many MiB are those of their parts
local d = data.new((2 << 20) + 5):fill(7)
local sum = 0
for at = 0, #d - 1, 100004 do sum = 0xffff ~ d:checksum(at, math.min(100004, #d - at), sum) end
eq(d:checksum(), 0xffff ~ sum)
for _, name in ipairs { "crc32", "crc32c" } do
	local crc = 0
	for at = 0, #d - 1, 100003 do crc = d[name](d, at, math.min(100003, #d - at), crc) end
	eq(d[name](d), crc)
end

--# in a segment, the bytes are those of the segment
local s = data.new("x123456789x"):segment(1, 9)
eq(s:crc32(), 0xcbf43926)
eq(s:crc32(0, 10), nil)
eq(s:checksum(), reference("123456789"))

--# what is not all there gives nil
local d = data.new(10)
for _, name in ipairs { "checksum", "crc32", "crc32c" } do
	local f = d[name]
	eq(f(d, 11), nil)
	eq(f(d, 0, 11), nil)
	eq(f(d, 5, 6), nil)
	eq(f(d, math.maxinteger, math.maxinteger), nil)
	eq(f(d, 0, 1 << 62), nil)
	eq(select("#", f(d, 11)), 1)
end

--# arguments must be numbers in their ranges
local d = data.new(10)
for name, what in pairs { checksum = "sum", crc32 = "CRC", crc32c = "CRC" } do
	local f = d[name]
	raises("offset must be in 0", f, d, -1)
	raises("length must be in 0", f, d, 0, -1)
	raises(what .. " must be in 0..4294967295, not -1", f, d, 0, 1, -1)
	raises(what .. " must be in 0..4294967295, not 4294967296", f, d, 0, 1, 1 << 32)
	raises(what .. " must be in", f, d, 100, 1, math.mininteger)
	raises("number expected", f, d, {})
	raises("number expected", f, d, 0, 1, "x")
end

--# checksums of many MiB end at a stop
--! stop
local d = data.new(24 << 20)
print "ready"
while true do pcall(d.checksum, d) pcall(d.crc32, d) pcall(d.crc32c, d) end
