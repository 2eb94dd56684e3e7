-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- S.types: constructors by the names of C's structures. They make plain Lua values, as sockets take and give them.

local AF_INET, AF_INET6 = 2, 10

-- ---- t: values

local t = {}

-- An address of IPv4: its text. A number is one in the order of the host.
function t.in_addr(addr)
	if math.type(addr) ~= "integer" then return addr or "0.0.0.0" end
	return ("%d.%d.%d.%d"):format(addr >> 24 & 0xff, addr >> 16 & 0xff, addr >> 8 & 0xff, addr & 0xff)
end

function t.in6_addr(addr) return addr or "::" end

function t.sockaddr_in(port, addr)
	return { family = AF_INET, port = port or 0, addr = t.in_addr(addr) }
end

function t.sockaddr_in6(port, addr)
	return { family = AF_INET6, port = port or 0, addr = t.in6_addr(addr) }
end

-- Room for an address of any family; with one, a copy of that.
function t.sockaddr_storage(addr)
	local copy = { family = 0 }
	for name, value in pairs(addr or {}) do copy[name] = value end
	return copy
end

function t.timeval(sec, usec) return { tv_sec = sec or 0, tv_usec = usec or 0 } end
function t.timespec(sec, nsec) return { tv_sec = sec or 0, tv_nsec = nsec or 0 } end
function t.linger(onoff, linger) return { onoff = onoff or 0, linger = linger or 0 } end

-- An instruction of the packet filter, and a program of them; an offset such as SKF_AD_OFF is negative.
function t.sock_filter(code, jt, jf, k)
	return { code = code, jt = jt or 0, jf = jf or 0, k = (k or 0) & 0xffffffff }
end

function t.sock_fprog(instructions) return instructions end

-- ---- pt: what is in the bytes of a string or of a data object, as if a pointer of the type led there

local INTEGERS = {
	int8 = "=i1", uint8 = "=I1", int16 = "=i2", uint16 = "=I2", int32 = "=i4", uint32 = "=I4", int64 = "=i8",
	uint64 = "=i8", int = "=i4", uint = "=I4", char = "=I1", uchar = "=I1", long = "=i8", ulong = "=i8",
}

-- How the fields of a structure lie, and their names in this order.
local STRUCTURES = {
	timeval = { "=i8i8", "tv_sec", "tv_usec" },
	timespec = { "=i8i8", "tv_sec", "tv_nsec" },
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

function pt.in_pktinfo(bytes)
	local info = structure(STRUCTURES.in_pktinfo, bytes)
	info.ipi_spec_dst, info.ipi_addr = t.in_addr(info.ipi_spec_dst), t.in_addr(info.ipi_addr)
	return info
end

-- ts[0] is of software, ts[2] of hardware.
function pt.scm_timestamping(bytes)
	local ts = {}
	for i = 0, 2 do ts[i] = structure(STRUCTURES.timespec, bytes, i * 16 + 1) end
	return { ts = ts }
end

return { t = t, pt = pt }
