-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What every script of the suite relay may use, besides tests/lib.lua.

local LO = "127.0.0.1"
local MS = 1000000

-- Both ends of a connection. What waits longer than 20 s fails.
local function tcp_pair(family)
	local s, client = socket.new(family or "inet", "tcp"), socket.new(family or "inet", "tcp")
	s:bind(family == "inet6" and "::1" or LO, 0)
	s:listen()
	client:connect(s:getsockname())
	local server = s:accept()
	s:close()
	client:settimeout(20000)
	server:settimeout(20000)
	return client, server
end

local function unix_pair()
	local a, b = socket.pair()
	a:settimeout(20000)
	b:settimeout(20000)
	return a, b
end

-- Options of socket.relay() for a test: what is given, and that it does not wait.
local function nowait(opts)
	local all = { nowait = true }
	for key, value in pairs(opts or {}) do all[key] = value end
	return all
end

-- Two connections with a relay between: left - a = b - right; and the relay.
local function between(one, other, opts)
	local left, a = one()
	local b, right = other()
	return left, a, b, right, socket.relay(a, b, nowait(opts))
end

-- The ways to relay: which sockets, and whether bytes are copied.
local ways = {}
for _, copy in ipairs{ false, true } do
	for _, one in ipairs{ tcp_pair, unix_pair } do
		for _, other in ipairs{ tcp_pair, unix_pair } do
			ways[#ways + 1] = { one, other, copy }
		end
	end
end

-- Calls f(left, a, b, right, relay) for each of them.
local function each(f, opts)
	for _, way in ipairs(ways) do
		local all = nowait(opts)
		all.copy = way[3]
		local left, a, b, right, relay = between(way[1], way[2], all)
		f(left, a, b, right, relay)
		relay:close()
		for _, s in ipairs{ left, a, b, right } do s:close() end
	end
end

-- Reads this many bytes.
local function take(s, n)
	local parts, got = {}, 0
	while got < n do
		local part = assert(s:read(math.min(n - got, 65536)), "the stream has ended")
		parts[#parts + 1], got = part, got + #part
	end
	return table.concat(parts)
end

-- A text of this many bytes in which no two places look the same.
local function pattern(n)
	local parts = {}
	for i = 1, n // 16 + 1 do parts[i] = ("%015d;"):format(i) end
	return table.concat(parts):sub(1, n)
end

-- Fails unless the relay is over for this reason; gives its numbers, and the error.
local function over(relay, want)
	local up, down, reason, e = relay:wait(20000)
	if reason ~= want then
		error("reason: " .. tostring(reason) .. " " .. tostring(e) .. ", want: " .. want, 2)
	end
	return up, down, e
end

-- Waits for a condition.
local function await(what, f)
	local late = kernel.time_ns() + 20000 * MS
	while not f() do
		assert(kernel.time_ns() < late, what)
		kernel.sleep(2)
	end
end

-- Closes by a reset.
local function reset(s)
	s:setsockopt("socket", "linger", 0)
	s:close()
end
