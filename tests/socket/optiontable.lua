-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Every option that socket.options() lists, whatever it is: a new row of the tables is tested by being there.

-- A socket that has the options of a level: "udp", "raw" or, if it matters, another type than TCP.
local function make(level, type)
	if level == "ipv6" then return socket.new("inet6", type or "tcp") end
	if level == "udp" then return socket.new("inet", "udp") end
	if level == "raw" then return socket.new("inet", "raw", 1) end
	if type == "unix" then return socket.new("unix", "stream") end
	return socket.new("inet", type or "tcp", type == "raw" and 1 or nil)
end

-- What differs from what a kind's values come to: `type` of the socket; `values` to set, or {to set, to be read};
-- `once`: what is set stays; `read` by another option; `fails`: why an idle socket cannot be read.
local SPECIAL = {
	["socket.lock_filter"] = { once = true },
	["socket.rcvbuf"] = { values = { { 8192, 16384 }, { 50000, 100000 } } },
	["socket.sndbuf"] = { values = { { 8192, 16384 }, { 50000, 100000 } } },
	["socket.rcvbufforce"] = { values = { { 1000000, 2000000 } }, read = "rcvbuf" },
	["socket.sndbufforce"] = { values = { { 1000000, 2000000 } }, read = "sndbuf" },
	["socket.rcvlowat"] = { values = { { 0, 1 }, 1, 100 } },
	["socket.rcvtimeo"] = { values = { 1500, 400, 0, 86400000, { nil, 0 } } },
	["socket.sndtimeo"] = { values = { 1500, 400, 0, 86400000 } },
	["socket.bindtodevice"] = { values = { "lo", "" } },
	["socket.linger"] = { values = {} },
	["socket.timestamping"] = { type = "udp",
		values = { { "software", 16 }, { "RX_SOFTWARE software", 24 }, 24, { "opt_id,tx_ack", 640 }, 0, { nil, 0 } } },
	["socket.peercred"] = { type = "unix", fails = "ENOTCONN" },
	["tcp.congestion"] = { values = { "reno", "cubic" } },
	["tcp.fastopen"] = { values = { 0, 5 } },
	["tcp.maxseg"] = { values = { 88, 1000, 32767 } },
	["ip.hdrincl"] = { type = "raw" },
	["ip.mtu"] = { fails = "ENOTCONN" },
	["ip.original_dst"] = { fails = "ENOTCONN" },
	["ip.tos"] = { type = "udp" },
	["ip.ttl"] = { values = { { -1, 64 }, 1, 255 } },
	["ip.recvfragsize"] = { type = "udp" },
	["ip.multicast_if"] = { type = "udp", values = { 1, 0, { "lo", 1 } } },
	["ip.multicast_ttl"] = { type = "udp" },
	["ipv6.mtu"] = { fails = "ENOTCONN" },
	["ipv6.original_dst"] = { fails = "ENOTCONN" },
	["ipv6.multicast_hops"] = { type = "udp", values = { { -1, 1 }, 0, 255 } },
	["ipv6.multicast_if"] = { type = "udp", values = { 1, 0, { "lo", 1 } } },
	["ipv6.tclass"] = { type = "udp", values = { { -1, 0 }, 0, 255 } },
	["ipv6.unicast_hops"] = { values = { { -1, 64 }, 0, 255 } },
}

-- Calls f(option, its special entry, a new socket) for each option that this kernel has.
local function each(f)
	for _, o in ipairs(socket.options()) do
		local special = SPECIAL[o.level .. "." .. o.name] or {}
		if not o.lacks then f(o, special, make(o.level, special.type)) end
	end
end

-- The values to set, each with what is read then.
local function values(o, special)
	if special.values then return special.values end
	if o.kind == "boolean" then
		if special.once then return { { true, 1 } } end
		return { { true, 1 }, { false, 0 }, 1, 0, { 7, 1 }, { -1, 1 }, { -1 << 31, 1 }, { false, 0 } }
	end
	if o.kind == "integer" or o.kind == "ms" then return { o.min, o.max } end
	if o.kind == "word" then
		local t = {}
		for word, number in pairs(o.words) do t[#t + 1], t[#t + 2], t[#t + 3] = { word, number }, { word:upper(), number }, number end
		return t
	end
	assert(not o.get or not o.set, o.name .. ": there are no values")
	return {}
end

local function compare(o, set, got, want)
	if got ~= want then error(("%s %s: set %s, got %s, want %s"):format(o.level, o.name, set, got, want)) end
end

--# every option that can be read is read, as a value of its kind
local types = { string = "string", table = "table", address = "table", linger = "table" }
local n = 0
each(function(o, special, s)
	if not o.get then return end
	if special.fails then return fails(special.fails, s.getsockopt, s, o.level, o.name) end
	local v = s:getsockopt(o.level, o.name)
	eq(math.type(v) or type(v), types[o.kind] or "integer")
	for _, field in ipairs(o.fields or {}) do eq(math.type(v[field]), "integer") end
	n = n + 1
end)
assert(n > 60, n)

--# without a value at all, setsockopt reads the option; nil is one
each(function(o, special, s)
	if not o.get then return end
	if special.fails then return fails(special.fails, s.setsockopt, s, o.level, o.name) end
	eq(type(s:setsockopt(o.level, o.name)), type(s:getsockopt(o.level, o.name)))
end)
local s = tcp()
eq(s:setsockopt("s", "r"), s:getsockopt("s", "r"))
eq(select("#", s:setsockopt("s", "r", 5000)), 0)
raises("bad argument #3", function() s:setsockopt("s", "r", nil) end)

--# every option comes back as it was set
each(function(o, special, s)
	if not o.set then return end
	for _, v in ipairs(values(o, special)) do
		local set, want = v, v
		if type(v) == "table" then set, want = v[1], v[2] end
		s:setsockopt(o.level, o.name, set)
		compare(o, set, s:getsockopt(o.level, special.read or o.name), want)
	end
end)

--# every option works by its numbers as by its name and its letters
each(function(o, special, s)
	local v = values(o, special)[1]
	local set, want = v, v
	if type(v) == "table" then set, want = v[1], v[2] end
	for _, name in ipairs{ o.number, o.name, o.name:upper(), o.letters } do
		local level = socket.level[o.level]
		if not o.set then
			fails("ENOPROTOOPT", s.setsockopt, s, level, name, 1)
			if not special.fails then s:getsockopt(level, name) end
		elseif v ~= nil then
			s:setsockopt(level, name, set)
			if o.get then compare(o, set, s:getsockopt(level, name), want) end
		end
	end
end)

--# a number beyond an option's range is a mistake, and nothing is set
local RANGED = { integer = true, ms = true, linger = true, device = true }
each(function(o, _, s)
	if not RANGED[o.kind] or not o.min then return end
	local before = o.get and s:getsockopt(o.level, o.name)
	for _, v in ipairs{ o.min - 1, o.max + 1, math.mininteger, math.maxinteger, o.min - (1 << 32), o.max + (1 << 32) } do
		if v < o.min or v > o.max then
			local e = raises(("must be in %d..%d, not %d"):format(o.min, o.max, v), s.setsockopt, s, o.level, o.name, v)
			eq(type(e), "string")
		end
	end
	if o.get and type(before) ~= "table" then compare(o, "nothing", s:getsockopt(o.level, o.name), before) end
end)

--# a value of the wrong type is a mistake, and nothing is set
local long = ("x"):rep(32)
local wrong = {
	none = {},
	boolean = { "on", {}, print },
	integer = { true, "x", {}, print },
	ms = { false, "x", {}, print },
	word = { true, "x", {}, print },
	flags = { true, "x", {}, 1 << 31, -1, 0x7fffffff },
	string = { 1, true, {}, print, "a\0b", long, long:rep(300) },
	linger = { true, "x", print, {}, { 2 }, { 1, -1 }, { 1, "x" } },
	device = { true, {}, print, -1, 1 << 31, "", "a\0b", long, ("x"):rep(16) },
	group = { true, print, {}, "x", "1.2.3", { "x" }, { true }, { group = {} }, { "224.0.0.1", true }, { "224.0.0.1", {} }, { "224.0.0.1", -1 },
		{ "224.0.0.1", ("x"):rep(16) }, { "ff02::1", "" } },
	filter = { true, 1, "x", print, {}, { 1 }, { {}, 1 }, { { code = -1 } }, { { 0x10000 } }, { { 6, 256 } }, { { 6, 0, 256 } },
		{ { 6, 0, 0, 1 << 32 } }, { { k = "x" } }, setmetatable({}, { __len = function() return 4097 end }),
		setmetatable({}, { __len = function() return -1 end }) },
}
each(function(o, special, s)
	if not o.set then return end
	local before = o.get and s:getsockopt(o.level, o.name)
	for _, v in ipairs(assert(wrong[o.kind], o.kind)) do
		local ok, e = pcall(s.setsockopt, s, o.level, o.name, v)
		if ok or type(e) ~= "string" then error(("%s %s: %s gives %s %s"):format(o.level, o.name, v, ok, e)) end
	end
	if not o.get and o.kind ~= "none" then raises("bad argument #3", function() s:setsockopt(o.level, o.name) end) end
	if o.get and type(before) ~= "table" then compare(o, "nothing", s:getsockopt(o.level, o.name), before) end
end)

--# what can only be read, and what can only be set, says so
each(function(o, special, s)
	if not o.set then
		local e = fails("ENOPROTOOPT", s.setsockopt, s, o.level, o.name, 1)
		eq(e.call, "setsockopt")
		eq(e.target, o.name .. " (it can only be read)")
	elseif not o.get then
		local e = fails("EOPNOTSUPP", s.getsockopt, s, o.level, o.name)
		eq(e.call, "getsockopt")
		eq(e.target, o.name .. " (it can only be set)")
	end
end)

--# an option of a level that a socket does not have says so, and is neither read nor set
local other = { tcp = { "udp", "raw" }, udp = { "tcp", "raw" }, raw = { "tcp", "udp" }, ipv6 = { "tcp", "udp", "raw" } }
for _, o in ipairs(socket.options()) do
	for _, level in ipairs(not o.lacks and other[o.level] or {}) do
		local s = make(level)
		if o.get then
			local e = fails("EOPNOTSUPP", s.getsockopt, s, o.level, o.name)
			eq(e.target:gsub(" of [^ ]+ %(", " (", 1), o.name .. " (not an option of this socket)")
		end
		if o.set then
			local v = values(o, SPECIAL[o.level .. "." .. o.name] or {})[1]
			if type(v) == "table" then v = v[1] end
			if v ~= nil then
				local e = fails("EOPNOTSUPP", s.setsockopt, s, o.level, o.name, v)
				eq(e.target:gsub(" of [^ ]+ %(", " (", 1), o.name .. " (not an option of this socket)")
			end
		end
	end
end

--# what this kernel lacks says so
for _, o in ipairs(socket.options()) do
	if o.lacks then
		local s = make(o.level)
		local e = fails("EOPNOTSUPP", s.getsockopt, s, o.level, o.name)
		eq(e.target, o.name .. " (" .. o.lacks .. ")")
		assert(tostring(e):find("getsockopt " .. o.name .. " (" .. o.lacks .. "): ", 1, true), e)
		if o.set then fails("EOPNOTSUPP", s.setsockopt, s, o.level, o.name, o.min) end
	end
end

--# each option has a name and a number of its own in its level, and a line of help
local seen = {}
for _, o in ipairs(socket.options()) do
	assert(socket.level[o.level], o.level)
	assert(o.get or o.set, o.name)
	assert(#o.help > 5 and not o.help:find("\n"), o.name)
	for _, name in ipairs{ o.name, o.number, o.letters } do
		local key = o.level .. ":" .. name
		assert(not seen[key], key)
		seen[key] = true
	end
end

--# socket.optname has the number of a name; where levels differ in it, the name itself, which is right on each
local numbers = {}
for _, o in ipairs(socket.options()) do
	local t = numbers[o.name] or {}
	numbers[o.name], t[o.number] = t, true
end
for name, t in pairs(numbers) do
	local number = next(t)
	eq(socket.optname[name], next(t, number) and name or number)
end
each(function(o, special, s)
	if o.get and not special.fails then eq(type(s:getsockopt(o.level, socket.optname[o.name])), type(s:getsockopt(o.level, o.name))) end
end)
eq(socket.optname.cork, "cork")
eq(socket.optname.transparent, "transparent")
eq(socket.optname.v6only, 26)
eq(socket.optname.nonsense, nil)
local n = 0
for _ in pairs(socket.optname) do n = n + 1 end
assert(n < #socket.options())

--# socket.options gives a new table each time
local a, b = socket.options(), socket.options()
a[1].name = "spoilt"
a[2] = nil
assert(b[1].name ~= "spoilt" and b[2])
eq(#b, #socket.options())
eq(socket.options()[1].name, b[1].name)

--# the options that were asked for are there
local WANTED = {
	socket = "linger rcvbuf sndbuf rcvbufforce sndbufforce rcvtimeo sndtimeo reuseaddr reuseport bindtodevice mark priority "
		.. "max_pacing_rate incoming_cpu attach_reuseport_cbpf timestamping timestamp timestampns rxq_ovfl peercred cookie "
		.. "napi_id busy_poll broadcast debug dontroute error keepalive no_check oobinline type",
	tcp = "nodelay cork quickack keepidle keepintvl keepcnt user_timeout congestion info maxseg defer_accept fastopen "
		.. "fastopen_connect notsent_lowat syncnt window_clamp linger2",
	udp = "cork segment gro",
	ip = "tos ttl transparent freebind pktinfo recverr recvttl recvtos mtu_discover mtu original_dst bind_address_no_port "
		.. "multicast_ttl multicast_loop multicast_if add_membership drop_membership",
	ipv6 = "v6only tclass unicast_hops recvpktinfo recverr mtu_discover freebind transparent multicast_hops multicast_loop "
		.. "multicast_if add_membership drop_membership",
}
local there = {}
for _, o in ipairs(socket.options()) do there[o.level .. "." .. o.name] = true end
for level, names in pairs(WANTED) do
	for name in names:gmatch("%S+") do assert(there[level .. "." .. name], level .. "." .. name) end
end

--# the letters of the seed are there
local letters = {}
for _, o in ipairs(socket.options()) do if o.level == "socket" and o.letters then letters[o.letters] = o.name end end
local want = { b = "broadcast", d = "debug", dt = "dontroute", e = "error", k = "keepalive", l = "linger", n = "no_check",
	o = "oobinline", p = "priority", r = "rcvbuf", rf = "rcvbufforce", ra = "reuseaddr", rp = "reuseport", s = "sndbuf",
	sf = "sndbufforce", t = "type" }
for k, v in pairs(want) do eq(letters[k], v) end
for k, v in pairs(letters) do eq(want[k], v) end
