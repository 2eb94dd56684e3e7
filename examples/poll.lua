-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Poll sets: one loop that waits for many sockets at once.
--
--   cat examples/poll.lua > /dev/luadrv
--
-- Two clients talk over TCP and one over UDP, all of them in this script; the
-- loop finds out who said what. It asserts what it prints to the kernel log:
-- lines as "poll: 3 said b1", and "poll: ok" at the end.

local event = socket.event

local server = socket.new("inet", "tcp")
server:bind("127.0.0.1", 0)
server:listen(8)
local mailbox = socket.new("inet", "udp")
mailbox:bind("127.0.0.1", 0)

-- Members are known by their index, in the order of the table, from 0.
local poll = socket.poll{server, mailbox}
assert(#poll == 2 and poll:select(0) == nil)	-- nothing is ready yet

local a, b = socket.new("i", "t"), socket.new("i", "t")
a:connect(server:getsockname())
b:connect(server:getsockname())
a:write("a1")
b:write("b1")
local c = socket.new("i", "u")
c:connect(mailbox:getsockname())
c:send("c1")

local heard = {}
while #heard < 3 do
	local index, sock, events = poll:select(1000)
	assert(index, "time is over")
	if sock == server then
		index = poll:add(server:accept(), "r")
		assert(index == 2 or index == 3)
	else
		assert(events & event.IN ~= 0)
		heard[#heard + 1] = sock:read()
		print("poll: " .. index .. " said " .. heard[#heard])
	end
end
table.sort(heard)
assert(table.concat(heard, " ") == "a1 b1 c1")

-- A member that stays ready does not keep the others from their turn.
c:send("first")
a:write("second")
local ready = {}
repeat
	ready[assert(poll:select(1000))] = true
until ready[1] and (ready[2] or ready[3])	-- both have arrived
local turns = 0
for _ = 1, 4 do
	turns = turns + (poll:select(1000) == 1 and 1 or 0)
end
assert(turns == 2)	-- the mailbox, every other time

-- What to wait for can change; the end of a connection is always told.
poll:modify(mailbox, "")
local _, peer = poll:select(1000)
assert(peer:read() == "second")
a:setsockopt("socket", "linger", 0)	-- close by reset
a:close()
local _, sock, events = poll:select(1000)
assert(sock == peer and events & event.ERR ~= 0)
assert(peer:getsockopt("socket", "error") == socket.errno.ECONNRESET)
peer:close()				-- leaves the set by itself
assert(#poll == 3)

print("poll: ok")
