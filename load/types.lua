-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- S.types: constructors by the names of C's structures. They make Lua values, as sockets take and give them.

local need = select(2, ...).need

local AF_INET, AF_INET6 = 2, 10

-- ---- metatables, by which copies in other threads have theirs

local mt = {}

-- A number of network order in that of the host, or the other way round.
local function swapped16(n) return (string.unpack("=I2", string.pack(">I2", n & 0xffff))) end
local function swapped32(n) return (string.unpack("=I4", string.pack(">I4", n & 0xffffffff))) end

local function dotted(n)
	return ("%d.%d.%d.%d"):format(n >> 24 & 0xff, n >> 16 & 0xff, n >> 8 & 0xff, n & 0xff)
end

mt.in_addr = {
	__tostring = function(addr) return dotted(swapped32(addr.s_addr)) end,
	__eq = function(a, b) return a.s_addr == b.s_addr end,
}

-- ---- t: values

local t = {}

-- The number, in the order of the host, of four numbers with dots; nil if the text is another.
local function parse(text)
	local a, b, c, d = text:match("^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$")
	if not a then return nil end
	a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
	if a < 256 and b < 256 and c < 256 and d < 256 then return a << 24 | b << 16 | c << 8 | d end
end

-- An address of IPv4, of a text or a number in the order of the host; nil if it is none. Its s_addr is as in C.
function t.in_addr(addr)
	local n = type(addr) == "string" and parse(addr) or addr or 0
	if math.type(n) == "integer" then return setmetatable({ s_addr = swapped32(n) }, mt.in_addr) end
end

function t.in6_addr(addr) return addr or "::" end

-- As sockets take it: a text.
local function host(addr)
	return tostring(math.type(addr) == "integer" and t.in_addr(addr) or addr)
end

function t.sockaddr_in(port, addr)
	return setmetatable({ family = AF_INET, port = port or 0, addr = host(addr or 0) }, mt.sockaddr)
end

function t.sockaddr_in6(port, addr)
	return setmetatable({ family = AF_INET6, port = port or 0, addr = host(addr or "::") }, mt.sockaddr)
end

-- Room for an address of any family; with one, a copy of that.
function t.sockaddr_storage(addr)
	local copy = { family = 0 }
	for name, value in pairs(addr or {}) do copy[name] = value end
	return setmetatable(copy, mt.sockaddr)
end

-- C's names for what is in such a table: how they are read, and written.
local function family(sa, value)
	if value then sa.family = value end
	return sa.family
end

local function port(sa, value)
	if value then sa.port = swapped16(value) end
	return sa.port and swapped16(sa.port)
end

local function address(make)
	return function(sa, value)
		if value then sa.addr = host(value) end
		return sa.addr and make(sa.addr)
	end
end

local FIELDS = {
	sa_family = family, ss_family = family, sin_family = family, sin6_family = family, sin_port = port, sin6_port = port,
	sin_addr = address(t.in_addr), sin6_addr = address(t.in6_addr),
}

mt.sockaddr = {
	__index = function(sa, name)
		return FIELDS[name] and FIELDS[name](sa)
	end,
	__newindex = function(sa, name, value)
		if FIELDS[name] then FIELDS[name](sa, value) else rawset(sa, name, value) end
	end,
}

-- What TCP_INFO gives.
mt.tcp_info = {
	__index = function(info, name)
		local field = tostring(name):match("^tcpi_(.+)")
		return field and rawget(info, field)
	end,
}

-- A constructor of two numbers also takes a table of them, by their names or in their order.
local function two(a, b, first, second)
	if type(a) ~= "table" then return a or 0, b or 0 end
	return a[first] or a["tv_" .. first] or a[1] or 0, a[second] or a["tv_" .. second] or a[2] or 0
end

function t.timeval(sec, usec)
	sec, usec = two(sec, usec, "sec", "usec")
	return { tv_sec = sec, tv_usec = usec, sec = sec, usec = usec }
end

function t.timespec(sec, nsec)
	sec, nsec = two(sec, nsec, "sec", "nsec")
	return { tv_sec = sec, tv_nsec = nsec, sec = sec, nsec = nsec }
end

function t.linger(onoff, linger)
	onoff, linger = two(onoff, linger, "onoff", "linger")
	return { onoff = onoff, linger = linger }
end

-- An instruction of the packet filter: its code as a number or in words, "LD,W,ABS", and then k alone, or jt, jf and k.
-- An offset such as SKF_AD_OFF is negative.
function t.sock_filter(code, jt, jf, k)
	local number = code
	if type(code) == "string" then number = need("load.names").S.c.BPF[code] end
	if math.type(number) ~= "integer" then error(("no instruction '%s'"):format(code), 2) end
	if jf == nil and k == nil then jt, k = 0, jt end
	return { code = number, jt = jt or 0, jf = jf or 0, k = (k or 0) & 0xffffffff }
end

-- A program of instructions is an array of them. C's structures say how many there are.
function t.sock_filters(n, instructions) return table.move(instructions or {}, 1, n, 1, {}) end
function t.sock_fprog(instructions) return instructions end
function t.sock_fprog1(fprog) return t.sock_filters(fprog[1][1], fprog[1][2]) end

-- ---- pt: what is in the bytes of a string or of a data object, as if a pointer of the type led there

local INTEGERS = {
	int8 = "=i1", uint8 = "=I1", int16 = "=i2", uint16 = "=I2", int32 = "=i4", uint32 = "=I4", int64 = "=i8",
	uint64 = "=i8", int = "=i4", uint = "=I4", char = "=I1", uchar = "=I1", long = "=i8", ulong = "=i8",
}

-- How the fields of a structure lie, and their names in this order.
local STRUCTURES = {
	in_pktinfo = { "=i4>I4>I4", "ipi_ifindex", "ipi_spec_dst", "ipi_addr" },
	sock_extended_err = { "=I4BBBBI4I4", "ee_errno", "ee_origin", "ee_type", "ee_code", "ee_pad", "ee_info", "ee_data" },
}

local function text_of(bytes)
	return type(bytes) == "string" and bytes or bytes:string()
end

-- An array from 0 on.
local function integers(format, bytes)
	local array, at, i, text = {}, 1, 0, text_of(bytes)
	local size = string.packsize(format)
	while at + size - 1 <= #text do
		array[i], at = string.unpack(format, text, at)
		i = i + 1
	end
	return array
end

local function structure(layout, bytes, at)
	local fields, values = {}, { string.unpack(layout[1], text_of(bytes), at) }
	for i = 2, #layout do fields[layout[i]] = values[i - 1] end
	return fields
end

local pt = {}
for name, format in pairs(INTEGERS) do
	pt[name] = function(bytes) return integers(format, bytes) end
end
for name, layout in pairs(STRUCTURES) do
	pt[name] = function(bytes) return structure(layout, bytes) end
end

function pt.timeval(bytes) return t.timeval(string.unpack("=i8i8", text_of(bytes))) end
function pt.timespec(bytes) return t.timespec(string.unpack("=i8i8", text_of(bytes))) end

function pt.in_pktinfo(bytes)
	local info = structure(STRUCTURES.in_pktinfo, bytes)
	info.ipi_spec_dst, info.ipi_addr = t.in_addr(info.ipi_spec_dst), t.in_addr(info.ipi_addr)
	return info
end

-- ts[0] is of software, ts[2] of hardware.
function pt.scm_timestamping(bytes)
	local ts = {}
	for i = 0, 2 do ts[i] = t.timespec(string.unpack("=i8i8", text_of(bytes), i * 16 + 1)) end
	return { ts = ts }
end

return { t = t, pt = pt, mt = mt }
