-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Addresses as values.

--- Addresses as values.
-- @submodule async

local _, core = ...
local loop = core.need("async.loop")
local fail = loop.fail

local AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
local PATH = 107			-- bytes that a path may have
local FAMILY = { ipv4 = "inet", ipv6 = "inet6", unix = "unix" }
local ANY = { ipv4 = "0.0.0.0", ipv6 = "::", ip = "0.0.0.0" }

local Addr = {}
Addr.__index = Addr

-- ---- texts and bytes

local function pack4(host)
	local bytes = { host:match("^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$") }
	if not bytes[1] then return end
	for i = 1, 4 do
		bytes[i] = tonumber(bytes[i])
		if bytes[i] > 255 then return end
	end
	return string.char(table.unpack(bytes))
end

-- Groups of an address of IPv6 as bytes; nil if they are none. The last may be an address of IPv4.
local function groups(text, last_of_all)
	local bytes = {}
	if text == "" then return "" end
	for group, last in (text .. ":"):gmatch("([^:]*):()") do
		local four = last_of_all and last > #text and group:find(".", 1, true) and pack4(group)
		if four then
			bytes[#bytes + 1] = four
		elseif group:find("^%x%x?%x?%x?$") then
			bytes[#bytes + 1] = string.pack(">I2", tonumber(group, 16))
		else
			return
		end
	end
	return table.concat(bytes)
end

local function pack6(host)
	host = host:gsub("%%[%w_.-]+$", "")
	local head, tail = host:match("^(.-)::(.*)$")
	local first, last = groups(head or host, not head), groups(tail or "", true)
	if not first or not last then return end
	local zeros = 16 - #first - #last
	if head and zeros < 2 or not head and zeros ~= 0 then return end
	return first .. ("\0"):rep(zeros) .. last
end

-- The text of an address of IPv6 (RFC 5952).
local function text6(bytes)
	local text = (":%x:%x:%x:%x:%x:%x:%x:%x"):format(string.unpack(">I2I2I2I2I2I2I2I2", bytes))
	for n = 8, 2, -1 do
		local first, last = (text .. ":"):find((":0"):rep(n) .. ":", 1, true)
		if first then return text:sub(2, first - 1) .. "::" .. text:sub(last + 1) end
	end
	return text:sub(2)
end

-- ---- making them

local function new(family, host, port)
	return setmetatable({ family = family, host = host, port = port }, Addr)
end

local function inet(family, host, port)
	host = host or ANY[family]
	port = port or 0
	if type(host) ~= "string" or math.type(port) ~= "integer" or port < 0 or port > 65535 then return fail("EINVAL") end
	if family ~= "ipv6" and pack4(host) then return new("ipv4", host, port) end
	if family ~= "ipv4" and pack6(host) then return new("ipv6", host, port) end
	return fail("EINVAL")
end

local function unix(path)
	if path ~= nil and type(path) ~= "string" then return fail("EINVAL") end
	if path and #path > PATH then return fail("ENAMETOOLONG") end
	return setmetatable({ family = "unix", path = path or "" }, Addr)
end

local addr = {}

--- Makes an address. Names are not looked up: `socket.resolve` does that.
-- @function async.addr
-- @tparam string family `"ip"`: what the host is; `"ipv4"`; `"ipv6"`; `"unix"`
-- @tparam[opt] string host an address, or a path; nil: any address, no path
-- @tparam[optchain=0] integer port
-- @treturn addr with the fields `family`, `host` and `port`, or `path`; or nil, the name of an
--  errno and the errno: `EAFNOSUPPORT`, `EINVAL`, `ENAMETOOLONG`
-- @raise nothing
-- @usage local where = async.addr("ip", "127.0.0.1", 80)
-- print(where, where.family, where.port)
function addr.new(family, host, port)
	if family == "unix" then return unix(host) end
	if not ANY[family] then return fail("EAFNOSUPPORT") end
	return inet(family, host, port)
end

--- Makes an address of the bytes that the kernel has for it, a `struct sockaddr`.
-- @function async.from_raw
-- @tparam string bytes
-- @treturn addr or nil, the name of an errno and the errno: `EINVAL`, `EAFNOSUPPORT`
-- @raise nothing
-- @usage local same = async.from_raw(async.addr("ip", "::1", 80):raw())
function addr.from_raw(bytes)
	if type(bytes) ~= "string" or #bytes < 2 then return fail("EINVAL") end
	local family = string.unpack("=I2", bytes)
	if family == AF_UNIX then return unix(bytes:match("^([^\0]*)", 3)) end
	if family == AF_INET and #bytes >= 16 then
		local port, a, b, c, d = string.unpack(">I2BBBB", bytes, 3)
		return new("ipv4", ("%d.%d.%d.%d"):format(a, b, c, d), port)
	elseif family == AF_INET6 and #bytes >= 28 then
		return new("ipv6", text6(bytes:sub(9, 24)), (string.unpack(">I2", bytes, 3)))
	end
	return fail((family == AF_INET or family == AF_INET6) and "EINVAL" or "EAFNOSUPPORT")
end

-- What a socket says of an address.
function addr.of(host, port)
	if port == nil then return setmetatable({ family = "unix", path = host or "" }, Addr) end
	return new(host:find(":", 1, true) and "ipv6" or "ipv4", host, port)
end

-- An address that a script gives: one of these, or a table of host and port, or of a path.
function addr.check(value)
	if getmetatable(value) == Addr then return value end
	if type(value) ~= "table" then return fail("EINVAL") end
	if value.path then return unix(value.path) end
	return inet("ip", value.host or value.addr or value[1], value.port or value[2])
end

-- ---- methods

--- The same address with another port.
-- @function addr:with_port
-- @tparam integer port
-- @treturn addr or nil, "EINVAL", errno
-- @raise nothing
-- @usage local other = where:with_port(8080)
function Addr:with_port(port)
	if self.family == "unix" then return fail("EINVAL") end
	return inet(self.family, self.host, port)
end

--- Whether the address is of a family.
-- @function addr:is
-- @tparam string family `"ip"`, `"ipv4"`, `"ipv6"`, `"unix"`
-- @treturn boolean
-- @raise nothing
-- @usage if where:is("ipv6") then print("new") end
function Addr:is(family) return self.family == family or family == "ip" and self.family ~= "unix" end

--- A copy of the address.
-- @function addr:copy
-- @treturn addr
-- @raise nothing
-- @usage local copy = where:copy()
function Addr:copy()
	return setmetatable({ family = self.family, host = self.host, port = self.port, path = self.path }, Addr)
end

--- The bytes that the kernel has for the address, a `struct sockaddr`.
-- @function addr:raw
-- @treturn string
-- @raise nothing
-- @usage assert(#async.addr("ip", "127.0.0.1", 80):raw() == 16)
function Addr:raw()
	if self.family == "unix" then return string.pack("=I2", AF_UNIX) .. self.path .. "\0" end
	if self.family == "ipv4" then
		return string.pack("=I2", AF_INET) .. string.pack(">I2", self.port) .. pack4(self.host) .. ("\0"):rep(8)
	end
	return string.pack("=I2", AF_INET6) .. string.pack(">I2I4", self.port, 0) .. pack6(self.host) .. "\0\0\0\0"
end

-- The family as sockets name it, and what their calls take.
function Addr:place()
	if self.family == "unix" then return "unix", self.path end
	return FAMILY[self.family], self.host, self.port
end

function Addr:__tostring()
	if self.family == "unix" then return "unix:" .. self.path end
	return ("%s:%s:%d"):format(self.family, self.host, self.port)
end

function Addr.__eq(a, b)
	return a.family == b.family and a.host == b.host and a.port == b.port and a.path == b.path
end

return addr
