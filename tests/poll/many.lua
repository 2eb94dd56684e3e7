-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Ten thousand sockets in a set (fewer on a slow kernel).
local N = 10000 // SLOW

-- A set with n idle sockets and two that send to each other.
local function crowd(n)
	local p, keep = socket.poll(), {}
	for i = 1, n do
		keep[i] = socket.new("inet", "udp")
		p:add(keep[i])
	end
	local a, b = udp_pair()
	p:add(b)
	return p, a, b, keep
end

-- What a message costs, in ns: it is sent, reported and received.
local function cost(p, a, b)
	local best = math.maxinteger
	for _ = 1, 7 do
		local start = kernel.time_ns()
		for _ = 1, 200 do
			a:send("x")
			p:select()
			b:read()
		end
		best = math.min(best, (kernel.time_ns() - start) // 200)
	end
	return best
end

--# of ten thousand sockets the one that is ready is told, at the cost of one of ten
--! param sockets=10200
--! param memory=64M
local few, c, d = crowd(10)
local many, a, b, keep = crowd(N)
eq(#many, N + 1)
a:send("x")
local index, sock = many:select()
eq(index, N)
assert(rawequal(sock, b))
b:read()
eq(many:select(0), nil)
local small, large = cost(few, c, d), cost(many, a, b)
assert(large < 2 * small, ("of %d: %d ns, of 11: %d ns"):format(N + 1, large, small))

--# a member takes little of the script's memory beside the socket
--! param sockets=3000
local socks = {}
for i = 1, 2000 do socks[i] = socket.new("inet", "udp") end
collectgarbage()
local p = socket.poll()
local heap = collectgarbage("count")
for i = 1, 2000 do p:add(socks[i]) end
collectgarbage()
-- Its place in the set's array; what the kernel keeps is fixed (member.c).
assert(collectgarbage("count") - heap <= 2000 * 48 // 1024, collectgarbage("count") - heap)

--# as many sockets as the parameter allows, and no more
--! param sockets=5000
local keep = {}
for i = 1, 5000 do keep[i] = socket.new("inet", "udp") end
fails("EMFILE", socket.new, "inet", "udp")
keep[17]:close()
socket.new("inet", "udp")
