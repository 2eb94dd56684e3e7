-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Names, looked up at a name server that is a part of the script.

local server, PORT = udp()
local SERVERS = { server = LO, port = PORT }
local A, CNAME, AAAA = 1, 5, 28

-- A name in a message, and a pointer to the one that was asked for.
local function dns(text)
	return text:gsub("[^.]+%.?", function(label) return string.pack("s1", (label:gsub("%.", ""))) end) .. "\0"
end
local SAME = "\xc0\x0c"

local function begin(name, family, ms, servers)
	local query = socket.query(name, family, ms, servers or SERVERS)
	assert(query:step() == nil, "too soon")
	return query
end

-- Waits until the query has something to do, and lets it do that.
local function go_on(query)
	await(query.sock, query.events)
	return query:step()
end

-- The next question that the server gets, and from whom.
local function question(sock)
	local _, size, header = (sock or server):recvmsg({ iov_len = 512, name = {} })
	return text(_), header.name
end

local function kind_of(message) return (string.unpack(">I2", message, #message - 3)) end

-- An answer to a message: records are { name, type, content }.
local function answer(message, records, code, flags)
	local parts = { message:sub(1, 2), string.pack(">I2I2I2I2I2", 0x8180 | (code or 0) | (flags or 0), 1, #records, 0, 0),
		message:sub(13) }
	for _, r in ipairs(records) do
		parts[#parts + 1] = r[1] .. string.pack(">I2I2I4s2", r[2], r[4] or 1, 60, r[3])
	end
	return table.concat(parts)
end

local function send_to(peer, message, sock)
	(sock or server):sendmsg({ name = peer }, message)
end

-- What comes of a query for addresses of IPv4 when each question is answered with these records.
local function told(records, code)
	local query = begin("a.example", "inet")
	local message, peer = question()
	send_to(peer, answer(message, records, code))
	return go_on(query)
end

local function one(address) return { SAME, A, address } end

--# an address of IPv4 stays as it is
local first, all = socket.resolve("10.1.2.3")
eq(first, "10.1.2.3")
eq(#all, 1)
eq(all[1], "10.1.2.3")
eq(socket.resolve("10.1.2.3", "inet"), "10.1.2.3")
eq(socket.query("10.1.2.3", "i"):step()[1], "10.1.2.3")

--# an address of IPv6 stays as it is
eq(socket.resolve("::1"), "::1")
eq(socket.resolve("2001:DB8::1", "inet6"), "2001:DB8::1")
eq(socket.resolve("fe80::1%lo", "inet6"), "fe80::1%lo")
fails("ENODATA", socket.resolve, "::1", "inet")
fails("EINVAL", socket.resolve, "[::1]")
fails("EINVAL", socket.resolve, ":::")
fails("EINVAL", socket.resolve, "1:2:3:4:5:6:7")
fails("EINVAL", socket.resolve, "::1\0")

--# an address of IPv4 is none of IPv6
local e = fails("ENODATA", socket.resolve, "10.1.2.3", "inet6")
eq(e.call, "resolve")
eq(e.target, "10.1.2.3 (an address of another family)")

--# localhost needs no server
local first, all = socket.resolve("localhost", "inet")
eq(first, "127.0.0.1")
eq(socket.resolve("LocalHost.", "inet6"), "::1")
eq(table.concat(select(2, socket.resolve("localhost")), " "), "127.0.0.1 ::1")

--# wrong arguments are told by number and name
raises("script:@+1: bad argument #1 to 'resolve' (string expected, got no value)", function() return (socket.resolve()) end)
raises("bad argument #1 to 'socket.query' (string expected, got table)", socket.query, {})
raises("bad argument #2 to 'socket.resolve' (names have addresses of the families inet and inet6)", socket.resolve, "a", "unix")
raises("bad argument #2 to 'socket.resolve' (invalid family name 'tcp')", socket.resolve, "a", "tcp")
raises("bad argument #3 to 'socket.resolve'", socket.resolve, "a", nil, -1)
raises("bad argument #3 to 'socket.resolve'", socket.resolve, "a", nil, 1 << 31)
raises("bad argument #3 to 'socket.resolve'", socket.resolve, "a", nil, "soon")
raises("bad argument #4 to 'socket.resolve' (table expected, got string)", socket.resolve, "a", nil, 1, LO)
raises("bad argument #4 to 'socket.resolve' (server must be an address, not nil)", socket.resolve, "a", nil, 1, {})
raises("bad argument #4 to 'socket.resolve' (server must be an address, not ns.example)", socket.resolve, "a", nil, 1, { server = "ns.example" })
raises("bad argument #4 to 'socket.resolve' (from 1 to 16 servers expected)", socket.resolve, "a", nil, 1, { server = {} })
raises("bad argument #4 to 'socket.resolve' (from 1 to 16 servers expected)", socket.resolve, "a", nil, 1, { server = setmetatable({}, { __len = function() return 17 end }) })
raises("bad argument #4 to 'socket.resolve' (server must be an address, not 7)", socket.resolve, "a", nil, 1, { server = { LO, 7 } })
raises("port", socket.resolve, "a", nil, 1, { server = LO, port = 0 })
raises("port", socket.resolve, "a", nil, 1, { server = LO, port = 65536 })

--# what is no name of a host is not asked for
local long = ("x"):rep(63) .. "."
for _, name in ipairs{ "", ".", "..", "a..b", ".a", "a b", "a/b", "a:b", "ex\xe4mple", "a\0b", "127.1", "1.2.3", "1.2.3.4.5",
	"256.1.1.1", "a.0x7f", ("x"):rep(64), long:rep(4), ("a."):rep(200), ("x"):rep(100000) } do
	fails("EINVAL", socket.resolve, name, nil, 1000, SERVERS)
end
fails("EAGAIN", server.read, server, 10, "D")

--# an error names what was done, the name, the server, the reason, and the script's line
local port = free_port()
local ok, e = pcall(function()
	return (socket.resolve("a.example", "inet", 2000, { server = LO, port = port }))
end)
eq(tostring(e), "script:@+3: resolve a.example (127.0.0.1): connection refused (ECONNREFUSED)")

--# an error has a name's control characters in a visible form
local e = fails("EINVAL", socket.resolve, "a\nb\0\27[2J\127")
eq(e.target, "a\\x0ab\\x00\\x1b[2J\\x7f (not the name of a host)")

--# the server gets one question in a message with a random number, from a random port
local ids, ports, n = {}, {}, 0
for _ = 1, 20 do
	local query = begin("Www.Example.org.", "inet")
	local message, peer = question()
	eq(message:sub(3), "\1\0\0\1\0\0\0\0\0\0" .. "\3www\7example\3org\0\0\1\0\1")
	n = n + (ids[message:sub(1, 2)] and 0 or 1) + (ports[peer.port] and 0 or 1)
	ids[message:sub(1, 2)], ports[peer.port] = true, true
	query:close()
end
assert(n > 35, n)

--# addresses come in the order of the server
local list = told{ one("\1\2\3\4"), one("\0\0\0\0"), one("\255\255\255\255") }
eq(table.concat(list, " "), "1.2.3.4 0.0.0.0 255.255.255.255")

--# addresses of IPv6 are as RFC 5952 has them
local cases = { ["2001:db8::1"] = { 0x2001, 0xdb8, 0, 0, 0, 0, 0, 1 }, ["::"] = { 0, 0, 0, 0, 0, 0, 0, 0 },
	["::1"] = { 0, 0, 0, 0, 0, 0, 0, 1 }, ["1::"] = { 1, 0, 0, 0, 0, 0, 0, 0 }, ["1:0:2::3"] = { 1, 0, 2, 0, 0, 0, 0, 3 },
	["1::2:0:0:3"] = { 1, 0, 0, 0, 2, 0, 0, 3 }, ["1:2:3:4:5:6:7:8"] = { 1, 2, 3, 4, 5, 6, 7, 8 },
	["1:0:3:4:5:6:7:8"] = { 1, 0, 3, 4, 5, 6, 7, 8 }, ["fe80::abcd:0:10"] = { 0xfe80, 0, 0, 0, 0, 0xabcd, 0, 0x10 },
	["0:2:3:4:5:6:7:8"] = { 0, 2, 3, 4, 5, 6, 7, 8 }, ["::100:0"] = { 0, 0, 0, 0, 0, 0, 0x100, 0 } }
for want, words in pairs(cases) do
	local query = begin("a.example", "inet6")
	local message, peer = question()
	eq(kind_of(message), AAAA)
	send_to(peer, answer(message, { { SAME, AAAA, string.pack(">I2I2I2I2I2I2I2I2", table.unpack(words)) } }))
	eq(go_on(query)[1], want)
end

--# without a family both are asked for at once, and IPv4 is first
local query = begin("a.example")
local messages, peer = {}, nil
for _ = 1, 2 do
	local message
	message, peer = question()
	messages[kind_of(message)] = message
end
send_to(peer, answer(messages[AAAA], { { SAME, AAAA, ("\0"):rep(15) .. "\7" } }))
eq(go_on(query), nil)
send_to(peer, answer(messages[A], { one("\1\2\3\4") }))
eq(table.concat(go_on(query), " "), "1.2.3.4 ::7")

--# one family is enough when the other has no addresses
local query = begin("a.example")
for _ = 1, 2 do
	local message, peer = question()
	send_to(peer, answer(message, kind_of(message) == A and {} or { { SAME, AAAA, ("\0"):rep(15) .. "\7" } }))
end
eq(table.concat(go_on(query) or go_on(query), " "), "::7")

--# a name that does not exist, and one without addresses of the family
local e = fails("ENODATA", told, {}, 3)
eq(e.target, "a.example (no such name)")
local e = fails("ENODATA", told, {})
eq(e.target, "a.example (no address of this family)")
local e = fails("ENODATA", told, { { SAME, 16, "\4text" }, { SAME, AAAA, ("\0"):rep(16) } })

--# records of another class, size or name are no addresses
fails("ENODATA", told, { { SAME, A, "\1\2\3\4", 3 }, { SAME, A, "\1\2\3" }, { SAME, A, "\1\2\3\4\5" }, { SAME, A, "" } })
fails("ENODATA", told, { { dns("b.example"), A, "\1\2\3\4" } })

--# aliases in a message are followed, in any order
local list = told{ { dns("C.example"), A, "\1\2\3\4" }, { SAME, CNAME, dns("b.example") }, { dns("B.EXAMPLE"), CNAME, dns("c.example") } }
eq(list[1], "1.2.3.4")

--# an alias whose address is missing is asked for
local query = begin("a.example", "inet")
local message, peer = question()
send_to(peer, answer(message, { { SAME, CNAME, dns("b.example") } }))
eq(go_on(query), nil)
local message2, peer2 = question()
eq(message2:sub(13), dns("b.example") .. "\0\1\0\1")
eq(peer2.port, peer.port)
assert(message2:sub(1, 2) ~= message:sub(1, 2) or message2 ~= message)
send_to(peer2, answer(message2, { one("\1\2\3\4") }))
eq(go_on(query)[1], "1.2.3.4")

--# aliases that lead in a circle end
fails("ENODATA", told, { { SAME, CNAME, dns("b.example") }, { dns("b.example"), CNAME, SAME } })
fails("ENODATA", told, { { SAME, CNAME, SAME } })

--# aliases without an end are given up
local query = begin("a.example", "inet")
local asked = 0
local ok, e
repeat
	local message, peer = question()
	asked = asked + 1
	send_to(peer, answer(message, { { SAME, CNAME, dns("a" .. asked .. ".example") } }))
	ok, e = pcall(go_on, query)
until not ok or e
eq(e.name, "EREMOTEIO")
eq(e.target, "a.example (too many aliases)")
assert(asked < 20, asked)

--# a server that cannot tell is asked twice
local query = begin("a.example", "inet")
local message, peer = question()
send_to(peer, answer(message, {}, 2))
eq(go_on(query), nil)
local message, peer = question()
send_to(peer, answer(message, {}, 5))
local e = fails("EREMOTEIO", go_on, query)
eq(e.target, "a.example (127.0.0.1 says REFUSED)")

--# a server that fails without repeating the question has failed; one that says no more is not heard
local query = begin("a.example", "inet", nil, { server = { LO, LO }, port = PORT })
local message, peer = question()
send_to(peer, message:sub(1, 2) .. "\x80\0" .. ("\0"):rep(8))
eq(go_on(query), nil)
send_to(peer, message:sub(1, 2) .. "\x80\1" .. ("\0"):rep(8))
eq(go_on(query), nil)
local message, peer = question()
send_to(peer, answer(message, { one("\1\2\3\4") }))
eq(go_on(query)[1], "1.2.3.4")

--# the next server is asked when one cannot tell, or is not there
local other = socket.new("i", "u")
other:bind("127.0.0.2", PORT)
local query = begin("a.example", "inet", nil, { server = { "127.0.0.3", LO, "127.0.0.2" }, port = PORT })
eq(query:step(), nil)
local message, peer = question()
send_to(peer, answer(message, {}, 2))
eq(go_on(query), nil)
local message, peer = question(other)
send_to(peer, answer(message, { one("\1\2\3\4") }), other)
eq(go_on(query)[1], "1.2.3.4")

--# a truncated answer is asked for over TCP
local listening = tcp()
listening:bind(LO, PORT)
listening:listen()
local query = begin("a.example", "inet")
local message, peer = question()
send_to(peer, answer(message, { one("\9\9\9\9") }, 0, 0x200))
eq(go_on(query), nil)
local client = listening:accept()
eq(query:step(), nil)
local message = client:read(2 + #message, "W"):sub(3)
local records = {}
for i = 1, 90 do records[i] = one(string.char(1, 2, 3, i)) end
local reply = string.pack(">s2", answer(message, records, 0, 0x200))
client:write(reply:sub(1, 1))
eq(go_on(query), nil)
client:write(reply:sub(2, 500))
eq(go_on(query), nil)
client:write(reply:sub(501))
local list = go_on(query)
eq(#list, 90)
eq(list[90], "1.2.3.90")
eq(client:read(), nil)

--# over TCP, what is no answer ends it
local listening = tcp()
listening:bind(LO, PORT)
listening:listen()
for name, reply in pairs{ EBADMSG = "\0\3abc", ECONNRESET = "\0", EREMOTEIO = true } do
	local query = begin("a.example", "inet")
	local e
	for _ = 1, 2 do
		local message, peer = question()
		send_to(peer, answer(message, {}, 0, 0x200))
		eq(go_on(query), nil)
		local client = listening:accept()
		eq(query:step(), nil)
		if reply == true then
			client:write(string.pack(">s2", answer(client:read(2 + #message, "W"):sub(3), {}, 1)))
		else
			client:write(reply)
		end
		client:shutdown("write")
		repeat
			local ok, list = pcall(go_on, query)
			if not ok then e = list end
		until not ok or query.sock and tostring(query.sock):find("udp")
		client:close()
	end
	eq(e.name, name)
end

--# a server may have an address of IPv6
local six = socket.new("inet6", "udp")
six:bind("::1", PORT)
local query = begin("a.example", "inet", nil, { server = "::1", port = PORT })
local message, peer = question(six)
eq(peer.addr, "::1")
send_to(peer, answer(message, { one("\1\2\3\4") }), six)
eq(go_on(query)[1], "1.2.3.4")
local e = fails("ECONNREFUSED", socket.resolve, "a.example", "inet", 1000, { server = "::1", port = free_port() })
eq(e.target, "a.example (::1)")

--# what is no answer to the question is as if it had not come
local query = begin("a.example", "inet")
local message, peer = question()
local right = answer(message, { one("\1\2\3\4") })
local other = answer(message, { one("\6\6\6\6") })
for _, wrong in ipairs{
	"", "x", message, other:sub(1, 11), other:sub(1, 20),
	string.char(other:byte(1) ~ 1) .. other:sub(2),			-- another number
	other:sub(1, 2) .. "\0" .. other:sub(4),			-- no answer
	other:sub(1, 2) .. "\x91" .. other:sub(4),			-- another operation
	other:sub(1, 4) .. "\0\0" .. other:sub(7),			-- no question
	other:sub(1, 4) .. "\0\2" .. other:sub(7),
	other:sub(1, 13) .. "b" .. other:sub(15),			-- another name
	other:sub(1, #message - 4) .. "\0\28" .. other:sub(#message - 1),	-- another type
	other:sub(1, -2),						-- damaged
	other:sub(1, 6) .. "\0\2" .. other:sub(9),
} do
	send_to(peer, wrong)
end
eq(go_on(query), nil)
send_to(peer, right)
eq((go_on(query) or go_on(query))[1], "1.2.3.4")

--# nobody but the server is listened to
local query = begin("a.example", "inet")
local message, peer = question()
local stranger = socket.new("i", "u")
stranger:bind("127.0.0.9", PORT)
send_to(peer, answer(message, { one("\6\6\6\6") }), stranger)
local neighbour = udp()
send_to(peer, answer(message, { one("\6\6\6\6") }), neighbour)
eq(query:step(), nil)
send_to(peer, answer(message, { one("\1\2\3\4") }))
eq(go_on(query)[1], "1.2.3.4")

--# names that point at themselves, ahead, in circles, or that are too long end
local function pointer(to) return string.pack(">I2", 0xc000 | to) end
local size = #dns("a.example") + 16		-- where the first record begins
for _, name in ipairs{
	pointer(size), pointer(size + 1), pointer(size + 2), pointer(0x3fff), pointer(2), "\1a" .. pointer(size),
	"\1a" .. pointer(size + 2), "\63abc", "\64" .. ("x"):rep(64) .. "\0", "\x80\0", "\xc0", ("\1a"):rep(200) .. "\0",
} do
	local query = begin("a.example", "inet", 2000)
	local message, peer = question()
	send_to(peer, answer(message, { { name, A, "\6\6\6\6" } }))
	send_to(peer, answer(message, { one("\1\2\3\4") }))
	eq((go_on(query) or go_on(query))[1], "1.2.3.4")
end

--# a chain of pointers is followed back, but not for ever
local function chain(n)
	local query = begin("a.example", "inet", 2000)
	local message, peer = question()
	local names, at = SAME, #message + 12	-- the content of a record of text
	for i = 1, n - 1 do names = names .. string.pack(">I2", 0xc000 | at + 2 * (i - 1)) end
	send_to(peer, answer(message, { { SAME, 16, names }, { string.pack(">I2", 0xc000 | at + 2 * (n - 1)), A, "\6\6\6\6" } }))
	send_to(peer, answer(message, { one("\1\2\3\4") }))
	return (go_on(query) or go_on(query))[1]
end
eq(chain(1), "6.6.6.6")
eq(chain(10), "6.6.6.6")
eq(chain(100), "1.2.3.4")

--# of an answer that claims to be huge only what is there counts, and no more than a hundred records
local records = {}
for i = 1, 130 do records[i] = { "\0", A, "\1\1\1\1" } end
records[99] = one("\1\2\3\4")
records[102] = one("\6\6\6\6")
local list = told(records)
eq(#list, 1)
eq(list[1], "1.2.3.4")

--# random bytes never do any harm
math.randomseed(1)
for _ = 1, 40 do
	local query = begin("a.example", "inet", 5000)
	local message, peer = question()
	local good = answer(message, { { SAME, CNAME, dns("b.example") }, { dns("b.example"), A, "\1\2\3\4" } })
	for _ = 1, 6 do
		local bytes = { good:byte(1, -1) }
		for _ = 1, math.random(8) do bytes[math.random(7, #bytes)] = math.random(0, 255) end
		send_to(peer, string.char(table.unpack(bytes)))
	end
	local ok, list = pcall(query.step, query)
	assert(not ok or list == nil or list[1], "neither")
	query:close()
end

--# a flood does not keep a script from what else it has to do
local query = begin("a.example", "inet", 5000)
local message, peer = question()
local steps = 0
for _ = 1, 100 do send_to(peer, "nonsense that is long enough for a head") end
send_to(peer, answer(message, { one("\1\2\3\4") }))
local list
repeat list, steps = go_on(query), steps + 1 until list
eq(list[1], "1.2.3.4")
assert(steps > 5 and steps < 20, steps)

--# a silent server ends in ETIMEDOUT, in time
local begun = kernel.time_ns()
local e = fails("ETIMEDOUT", socket.resolve, "a.example", "inet", 30, SERVERS)
local took = (kernel.time_ns() - begun) // 1000000
assert(took >= 29 and took < 1000 * SLOW, took)
eq(e.target, "a.example (no answer from 127.0.0.1)")
eq(#question(), 27)
fails("EAGAIN", server.read, server, 10, "D")

--# with no time at all only what needs no server is known
fails("ETIMEDOUT", socket.resolve, "a.example", "inet", 0, SERVERS)
eq(socket.resolve("127.0.0.1", "inet", 0), "127.0.0.1")

--# query:left() tells how long to wait, and a step after that asks again or gives up
local query = begin("a.example", "inet", 60)
local left = query:left()
assert(left > 0 and left <= 60, left)
socket.poll():select(left + 1)
eq(query:left(), 0)
fails("ETIMEDOUT", query.step, query)

--# a server that closes its port ends it at once
server:close()
local begun = kernel.time_ns()
fails("ECONNREFUSED", socket.resolve, "a.example", nil, 60000, SERVERS)
assert(kernel.time_ns() - begun < 1000000000 * SLOW)

--# what came of a query, a further step gives again
local query = begin("a.example", "inet")
local message, peer = question()
send_to(peer, answer(message, { one("\1\2\3\4") }))
local list = go_on(query)
eq(query:step(), list)
eq(query.sock, nil)
local query = begin("a.example", "inet")
local message, peer = question()
send_to(peer, answer(message, {}, 3))
fails("ENODATA", go_on, query)
fails("ENODATA", query.step, query)

--# a query that is closed has no socket any more, and cannot go on
local poll = socket.poll()
local query = begin("a.example", "inet")
poll:add(query.sock, query.events)
eq(#poll, 1)
query:close()
eq(#poll, 0)
fails("EBADF", query.step, query)
query:close()

--# a step needs a query
raises("(table expected, got no value)", begin("a.example").step)
assert(not pcall(begin("a.example").step, {}))

--# two hundred queries in one poll set
local poll, queries, done = socket.poll{ server }, {}, 0
for i = 1, 200 do
	local query = begin("h" .. i .. ".example", "inet")
	query.want = "1.2." .. i // 256 .. "." .. i % 256
	queries[query.sock] = query
	poll:add(query.sock, query.events)
end
while done < 200 do
	local _, sock = poll:select(10000)
	if sock == server then
		local message, peer = question()
		local i = tonumber(message:match("h(%d+)", 13))
		send_to(peer, answer(message, { one(string.char(1, 2, i // 256, i % 256)) }))
	else
		local query = assert(queries[sock], "nobody")
		eq(query:step()[1], query.want)
		done = done + 1
	end
end
eq(#poll, 1)

--# socket.resolve waits for the answer
local answering = thread.spawn(function()
	for _ = 1, 2 do
		local message, peer = question()
		send_to(peer, answer(message, kind_of(message) == A and { one("\1\2\3\4"), one("\1\2\3\5") } or {}))
	end
end)
local first, all, more = socket.resolve("a.example", nil, 10000, SERVERS)
eq(first .. " of " .. table.concat(all, " "), "1.2.3.4 of 1.2.3.4 1.2.3.5")
eq(more, nil)
answering:join()
