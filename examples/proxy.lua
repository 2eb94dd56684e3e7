-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A SOCKS proxy: versions 4 and 4a with CONNECT and BIND; version 5 with UDP
-- ASSOCIATE, users and IPv6 as well.
--
--   cat examples/proxy.lua > /dev/luadrv                  Ctrl-C ends it
--   curl --proxy socks4://127.0.0.1:8080 http://10.0.0.1/
--   curl --proxy socks5h://127.0.0.1:8080 http://www.example.org/
--
-- It prints "proxy on 0.0.0.0:8080" into the kernel log, and then a line for
-- each request that it refuses.
--
-- One loop serves all clients, and never waits for one of them. Bytes go
-- straight from one socket of a tunnel to the other; what that one is too slow
-- to take, 64 KiB at most, is kept, and no more is read until it is gone.

local HOST, PORT = "0.0.0.0", 8080	-- "::" is for clients of IPv6, too
local USERS = nil		-- or { name = "password" }, and nobody else is served
local BUFFER = 65536		-- bytes that are moved at a time
local REQUEST = 600		-- bytes that a request may have
local SILENCE, HANDSHAKE = 10, 60	-- seconds without a byte of a request; for it all
local CONNECT, BIND = 15, 120	-- seconds for a server to answer; to connect to us
local IDLE, HALF = 900, 60	-- seconds without a byte; after one side's end
local REFUSALS = 10		-- of them are told, each second
local ADDRESSES, NAMES = 8, 16	-- of a name that are tried; that UDP of a client knows

local event, errno = socket.event, socket.errno
local buffer = data.new(BUFFER)
local poll = socket.poll()
local sides = {}		-- socket -> its side of a link

local function clock() return kernel.time_ns() // 1000000000 end
local now = clock()
local refusals = 0		-- in this second

--[[ A link is all that a client has, a table of sides by their roles: the client
itself, its server, what looks a name up. A side has:
	link, role	where it is
	sock		its socket
	on		the function that handles its events
	late		the function for the end of its time, if that does not end the link
	deadline	when it will have taken too long
	interest	the events that the poll set watches it for
	peer		the other side of its tunnel, once there is one
	rest, sent	bytes for its socket that must wait, and how many are gone
	ended, gone	nothing more comes from its socket; it is watched no more
A client has also, until it is served:
	request, latest	what came of its request; when it must be complete
	take		the function for the next part of it
	version, no	of SOCKS; how to say no
]]

-- Watches a side for these events. Errors are always reported.
local function watch(side, interest)
	if interest == side.interest or side.gone then return end
	poll:modify(side.sock, interest)
	side.interest = interest
end

local function new_side(link, role, sock, on, interest, seconds)
	local side = { link = link, role = role, sock = sock, on = on, interest = interest,
		sent = 0, deadline = now + seconds }
	link[role], sides[sock] = side, side
	poll:add(sock, interest)
	return side
end

local function close(side)
	side.sock:close()	-- it may fail, for want of memory: then it is not forgotten
	side.link[side.role], sides[side.sock] = nil, nil
end

-- Ends a client and all that it has.
local function drop(side)
	for _, each in pairs(side.link) do close(each) end
end

local function family(host) return host:find(":", 1, true) and "inet6" or "inet" end

-- An address of IPv4 in the form of IPv6 as what it is.
local function plain(host, port) return host:match("^::ffff:(%d+%.%d+%.%d+%.%d+)$") or host, port end

local function groups(text)
	local bytes = ""
	for group in text:gmatch("%x+") do bytes = bytes .. string.pack(">I2", tonumber(group, 16)) end
	return bytes
end

-- An address in bytes, 4 or 16 of them.
local function pack(host)
	if family(host) == "inet" then return string.char(host:match("(%d+)%.(%d+)%.(%d+)%.(%d+)")) end
	host = host:gsub("%%.*", "")
	local head, tail = host:match("^(.*)::(.*)$")
	head, tail = groups(head or host), groups(tail or "")
	return head .. ("\0"):rep(16 - #head - #tail) .. tail
end

-- The same with its type before it and the port after it, as version 5 has it.
local function pack5(host, port)
	local bytes = pack(host)
	return string.pack(">Bc" .. #bytes .. "I2", #bytes == 4 and 1 or 4, bytes, port)
end

local function reply(client, code, host, port)
	local message = client.no
	if message then
		-- it is not yet time for a code
	elseif client.version == 5 then
		message = string.pack("BBB", 5, code, 0) .. pack5(host or "0.0.0.0", port or 0)
	else
		host = host and family(host) == "inet" and host or "0.0.0.0"
		message = string.pack(">BBI2", 0, code == 0 and 90 or 91, port or 0) .. pack(host)
	end
	client.sock:send(message, "D")
end

-- What version 5 calls a failure; all others are 1.
local CODES = { ENETUNREACH = 3, EHOSTUNREACH = 4, ENODATA = 4, ETIMEDOUT = 4, ECONNREFUSED = 5,
	["time is over"] = 4, ["unknown command"] = 7, ["unknown type of address"] = 8, EAFNOSUPPORT = 8 }

local function refuse(client, why)
	refusals = refusals + 1
	if refusals <= REFUSALS then print("proxy: refused: " .. tostring(why):gsub("%c", "?")) end	-- one line
	pcall(reply, client, CODES[why] or CODES[why.name] or 1)
	drop(client)
end

-- Sends without waiting, and says how much that was.
local function send(sock, ...)
	local ok, n = pcall(sock.send, sock, ...)
	if not ok and n.code ~= errno.EAGAIN then error(n, 0) end
	return ok and n or 0
end

-- Sends what had to wait. The peer's end is passed on after its last byte.
local function flush(side)
	side.sent = side.sent + send(side.sock, side.rest, "D", side.sent)
	if side.sent < #side.rest then return end
	side.rest, side.sent = nil, 0
	if side.peer.ended then side.sock:shutdown("write") end
end

-- Moves what a side has to say to its peer.
local function pump(side)
	local peer = side.peer
	local _, size = side.sock:recv(buffer, "D")
	if size == 0 then
		side.ended = true
		peer.sock:shutdown("write")
		return
	end
	local sent = send(peer.sock, buffer, "D", 0, size)
	if sent < size then peer.rest = buffer:string(sent, size - sent) end
end

-- Watches a side for what it can do now.
local function update(side)
	local reads = not side.ended and not side.peer.rest
	watch(side, (reads and event.IN or 0) | (side.rest and event.OUT or 0))
end

-- What a side said before it hung up is read as soon as its peer can take it.
local function drain(side)
	while side.gone and not side.ended and not side.peer.rest do pump(side) end
end

local function relay(side, events)
	local peer = side.peer
	if events & event.ERR ~= 0 and (side.ended or peer.rest) then
		return drop(side)	-- or else: read what came before the error
	end
	if side.rest and events & ~event.IN ~= 0 then flush(side) end
	if events & ~event.OUT ~= 0 and not peer.rest and not side.ended then
		pump(side)
	end
	if events & event.HUP ~= 0 and not side.gone then
		poll:remove(side.sock)	-- it would be reported for ever
		side.gone = true
	end
	drain(side)
	drain(peer)
	if side.ended and peer.ended and not side.rest and not peer.rest then
		return drop(side)
	end
	side.deadline = now + ((side.ended or peer.ended) and HALF or IDLE)
	peer.deadline = side.deadline
	update(side)
	update(peer)
end

-- From now on the two are a tunnel. What the client said too early goes first.
local function join(client, server)
	server.rest = client.request ~= "" and client.request or nil
	client.request, client.take = nil, nil
	client.peer, server.peer = server, client
	for _, side in pairs(client.link) do side.sock:setsockopt("tcp", "nodelay", true) end
	server.on, client.on, server.late, client.late = relay, relay, nil, nil
	relay(server, server.rest and event.OUT or 0)
end

-- Waits for what other sides do: all that the client can do now is break off.
local function hold(client)
	client.on, client.deadline = drop, math.maxinteger
	watch(client, 0)
end

-- Goes on with looking a name up, and in the end calls what wants its addresses, or an error.
local function look(side)
	local query = side.query
	local ok, list = pcall(query.step, query)
	if side.sock then sides[side.sock] = nil end
	if not ok or list then
		side.link.name = nil
		return side.done(ok and list, list)
	end
	local fresh = side.sock ~= query.sock	-- the former one was closed
	side.sock = query.sock
	sides[side.sock] = side
	poll[fresh and "add" or "modify"](poll, side.sock, query.events)
end

-- Looks a name up; an address is its own.
local function resolve(link, name, done)
	if name:find("^%d+%.%d+%.%d+%.%d+$") or name:find(":", 1, true) then return done({ name }) end
	link.name = { link = link, role = "name", on = look, late = look, deadline = now,
		query = socket.query(name), done = done }
	look(link.name)
end

-- Does something for a client that is not served yet: what fails, is told.
local function guard(client, act, ...)
	local ok, err = pcall(act, ...)
	if ok then return end
	if not client.take then error(err, 0) end
	refuse(client, err)
end

-- Begins to connect and, once the socket can be written to, learns how it went.
local function connecting(server)
	local ok, err = pcall(server.sock.connect, server.sock, server.host, server.port, "D")
	if ok then
		local client = server.link.client
		reply(client, 0, plain(server.sock:getsockname()))
		join(client, server)
	elseif err.code ~= errno.EINPROGRESS and err.code ~= errno.EALREADY then
		server:late(err)
	end
end

-- Connects to the nth of the addresses, or else to the next.
local function connect(client, hosts, port, n)
	local server
	local function fail(_, why)
		if server then close(server) end
		if n == ADDRESSES or not hosts[n + 1] then return refuse(client, why or "time is over") end
		guard(client, connect, client, hosts, port, n + 1)
	end
	local ok, sock = pcall(socket.new, family(hosts[n]), "tcp")
	if not ok then return fail(nil, sock) end
	server = new_side(client.link, "server", sock, connecting, event.OUT, CONNECT)
	server.host, server.port, server.late = hosts[n], port, fail
	connecting(server)
end

local ANYBODY = pack("0.0.0.0")

-- Takes the connection that a client waits for.
local function incoming(listener)
	local client, sock = listener.link.client, listener.sock:accept("D")
	local host, port = plain(sock:getpeername())
	if not listener.from[pack(host)] and not listener.from[ANYBODY] then return sock:close() end
	close(listener)
	local server = new_side(client.link, "server", sock, relay, 0, IDLE)
	reply(client, 0, host, port)
	join(client, server)
end

-- Listens at the address that the server, or else the client, sees of us.
local function bind(client, hosts)
	local own, from = client.sock:getsockname(), {}
	for _, host in ipairs(hosts) do from[pack(host)] = true end
	if not from[ANYBODY] then
		local probe = socket.new(family(hosts[1]), "udp")
		local ok, err = pcall(probe.connect, probe, hosts[1], 9)
		own = probe:getsockname()
		probe:close()
		if not ok then error(err, 0) end
	end
	own = plain(own)
	local listener = new_side(client.link, "server", socket.new(family(own), "tcp"), incoming, 0, BIND)
	listener.from = from
	listener.sock:bind(own, 0)
	listener.sock:listen(1)
	watch(listener, event.IN)
	reply(client, 0, listener.sock:getsockname())
end

local header = { name = {} }	-- of the last datagram

-- A datagram for the client, with its sender's address before it.
local function from_server(outer)
	local inner = outer.link.inner
	local _, size = outer.sock:recvmsg(header, buffer, "D")
	local message = "\0\0\0" .. pack5(plain(header.name.addr, header.name.port)) .. buffer:string(0, size)
	pcall(inner.sock.sendmsg, inner.sock, { name = { inner.host, inner.port } }, message, "D")
	outer.link.client.deadline = now + IDLE
end

-- Sends a datagram of the client's from a socket that its servers of this family know.
local function forward(link, host, port, bytes)
	local role = family(host)
	local outer = link[role] or new_side(link, role, socket.new(role, "udp"), from_server,
		event.IN, math.maxinteger - now)
	pcall(outer.sock.sendmsg, outer.sock, { name = { host, port } }, bytes, "D")
end

-- How version 5 has addresses, by their types, and their texts.
local FORMATS = { { "BBBB", "%d.%d.%d.%d" }, nil, { "s1", "%s" },
	{ ">I2I2I2I2I2I2I2I2", "%x:%x:%x:%x:%x:%x:%x:%x" } }

-- Address and port at a position of a message of version 5, and the position after them;
-- nothing if they are not all there.
local function unpack5(message, position)
	local kind, size = message:byte(position, position + 1)
	local format = FORMATS[kind]
	if kind and not format then error("unknown type of address", 0) end
	local length = kind == 3 and 1 + (size or 0) or kind and string.packsize(format[1])
	if not kind or #message < position + length + 2 then return end
	local host = format[2]:format(string.unpack(format[1], message, position + 1))
	return host, string.unpack(">I2", message, position + length + 1)
end

-- A datagram of the client's: the first one shows its port. Names are remembered; one is
-- looked up at a time, and what comes for others meanwhile is lost.
local function from_client(inner)
	local link = inner.link
	local _, size = inner.sock:recvmsg(header, buffer, "D")
	local sender, from = plain(header.name.addr, header.name.port)
	if sender ~= inner.host or inner.port and from ~= inner.port then return end
	inner.port, link.client.deadline = from, now + IDLE
	local message = buffer:string(0, size)
	if not message:find("^\0\0\0[\1\3\4]") then return end	-- a fragment, for one
	local host, port, after = unpack5(message, 4)
	if not host then return end
	local bytes, known = message:sub(after), inner.names[host]
	if known then return forward(link, known, port, bytes) end
	if not link.name then resolve(link, host, function(hosts)
		if not hosts then return end
		inner.count = inner.count % NAMES + 1
		if inner.count == 1 then inner.names = {} end
		inner.names[host] = hosts[1]
		forward(link, hosts[1], port, bytes)
	end) end
end

-- Nothing more is said in the connection, and UDP lasts as long as it does.
local function associate(client)
	local own, host = plain(client.sock:getsockname()), plain(client.sock:getpeername())
	local inner = new_side(client.link, "inner", socket.new(family(own), "udp"), from_client,
		event.IN, math.maxinteger - now)
	inner.host, inner.names, inner.count = host, {}, 0
	inner.sock:bind(own, 0)
	reply(client, 0, inner.sock:getsockname())
	client.take, client.on, client.deadline = nil, drop, now + IDLE
	watch(client, event.IN)
end

local function begin(client, command, host, port)
	hold(client)
	if command == 3 and client.version == 5 then
		guard(client, associate, client)
	elseif command == 1 or command == 2 then
		resolve(client.link, host, function(hosts, err)
			if not hosts then return refuse(client, err) end
			guard(client, command == 1 and connect or bind, client, hosts, port, 1)
		end)
	else
		refuse(client, "unknown command")
	end
end

-- These take a part of a request and give the position after it; nothing while it is not all
-- there. The last one also gives what is to be done.

local function take4(_, text)
	local last = text:find("\0", 9, true)	-- of the user's name
	if not last then return end
	local _, command, port, a, b, c, d = string.unpack(">BBI2BBBB", text)
	if a | b | c ~= 0 or d == 0 then
		return last + 1, command, ("%d.%d.%d.%d"):format(a, b, c, d), port
	end
	local first = last + 1		-- 4a: a name follows
	last = text:find("\0", first, true)
	if not last then return end
	return last + 1, command, text:sub(first, last - 1), port
end

local function take5(_, text)
	if text:find("^[^\5]") then error("not SOCKSv5", 0) end
	local host, port, after = unpack5(text, 4)
	if host then return after, text:byte(2), host, port end
end

local function take_password(client, text)
	local size = text:byte(2)
	local size2 = size and text:byte(3 + size)
	if not size2 or #text < 3 + size + size2 then return end
	local version, user, password, after = string.unpack("Bs1s1", text)
	if version ~= 1 or USERS[user] ~= password then error(("not the password of %q"):format(user), 0) end
	client.sock:send("\1\0", "D")
	client.take, client.no = take5, nil
	return after
end

local function take_methods(client, text)
	local count = text:byte(2)
	if not count or #text < 2 + count then return end
	local method = USERS and "\2" or "\0"
	if not text:sub(3, 2 + count):find(method, 1, true) then error("no method that is known", 0) end
	client.sock:send("\5" .. method, "D")
	client.take, client.no = USERS and take_password or take5, USERS and "\1\1"
	return 3 + count
end

local function take_version(client, text)
	client.version = text:byte()
	if client.version == 5 then
		client.take, client.no = take_methods, "\5\255"
	elseif client.version == 4 and not USERS then
		client.take = take4
	else
		error("not SOCKS, or without a password", 0)
	end
	return 1
end

local function handshake(client)
	local more = client.sock:read(REQUEST - #client.request, "D")
	if not more then return drop(client) end
	client.request = client.request .. more
	client.deadline = math.min(now + SILENCE, client.latest)
	repeat
		local ok, after, command, host, port = pcall(client.take, client, client.request)
		if not ok then return refuse(client, after) end
		client.request = client.request:sub(after or 1)
		if command then return begin(client, command, host, port) end
	until not after
	if #client.request >= REQUEST then refuse(client, "request too long") end
end

local function accept(listener)
	local client = new_side({}, "client", listener.sock:accept("D"), handshake, event.IN, SILENCE)
	client.request, client.take, client.latest = "", take_version, now + HANDSHAKE
end

local function time_is_over(side)
	local client = side.link.client
	if client.take then refuse(client, "time is over") else drop(side) end
end

local server = socket.new(family(HOST), "tcp")
server:setsockopt("socket", "reuseaddr", true)
server:bind(HOST, PORT)
server:listen()
local listener = new_side({}, "listener", server, accept, event.IN, math.maxinteger - now)
print(("proxy on %s:%d"):format(server:getsockname()))

local function run(handle, side, events)
	local ok, err = pcall(handle, side, events)
	if ok or err.code == errno.EAGAIN then return end
	if side == listener then
		pcall(print, "proxy:", err)
		watch(listener, 0)	-- no more sockets, perhaps: until the next second
	else
		if not err.code then pcall(print, "proxy:", err) end
		drop(side)
	end
end

-- Once a second: whoever has taken too long, and another try to accept.
local function sweep()
	local late = {}
	for _, side in pairs(sides) do
		if now >= side.deadline then late[#late + 1] = side end
	end
	for _, side in ipairs(late) do
		if sides[side.sock] then run(side.late or time_is_over, side) end
	end
	refusals = 0
	watch(listener, event.IN)
end

while true do
	local _, sock, events = poll:select(1000)
	local side = sides[sock or 0]
	if side then run(side.on, side, events) elseif sock then sock:close() end
	if clock() ~= now then
		now = clock()
		pcall(sweep)	-- without memory: again in a second
	end
end
