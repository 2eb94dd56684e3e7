-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A SOCKSv4 proxy: CONNECT, and 4a for names that are addresses.
--
--   cat examples/proxy.lua > /dev/luadrv                  Ctrl-C ends it
--   curl --proxy socks4://127.0.0.1:8080 http://10.0.0.1/
--
-- It prints "proxy on 0.0.0.0:8080" into the kernel log, and then a line for
-- each request that it refuses.
--
-- One loop serves all clients, and never waits for one of them. Bytes go
-- straight from one socket of a tunnel to the other; what that one is too slow
-- to take, 64 KiB at most, is kept, and no more is read until it is gone.

local PORT = 8080
local BUFFER = 65536		-- bytes that are moved at a time
local REQUEST = 512		-- bytes that a request may have
local SILENCE, HANDSHAKE = 10, 60	-- seconds without a byte of a request; for it all
local CONNECT = 15		-- seconds that a server may take
local IDLE, HALF = 900, 60	-- seconds without a byte; after one side's end
local REFUSALS = 10		-- of them are told, each second

local event, errno = socket.event, socket.errno
local buffer = data.new(BUFFER)
local poll = socket.poll()
local sides = {}		-- socket -> its side of a tunnel

local function clock() return kernel.time_ns() // 1000000000 end
local now = clock()
local refusals = 0		-- in this second

--[[ A side of a tunnel:
	sock		its socket
	peer		the other side, once there is one
	on		the function that handles its events
	interest	the events that the poll set watches it for
	request		what has come of its request (a client's)
	latest		when the request must be complete
	rest, sent	bytes for its socket that must wait, and how many are gone
	ended		nothing more will come from its socket
	gone		its socket is at its end in both directions, and watched no more
	deadline	when it will have taken too long
]]

-- Watches a side for the events that are needed now. Errors are always reported.
local function watch(side, interest)
	if interest == side.interest or side.gone then return end
	poll:modify(side.sock, interest)
	side.interest = interest
end

local function new_side(sock, on, interest, seconds)
	local side = { sock = sock, on = on, interest = interest, sent = 0,
		deadline = now + seconds }
	sides[sock] = side
	poll:add(sock, interest)
	sock:setsockopt("tcp", "nodelay", true)
	return side
end

-- Ends a side and its peer.
local function drop(side)
	while side do
		local peer = side.peer
		sides[side.sock] = nil
		side.sock:close()
		side.peer = nil
		side = peer
	end
end

local function reply(client, code)
	client.sock:send(string.pack(">BBI2I4", 0, code, 0, 0), "D")
end

local function refuse(client, why)
	refusals = refusals + 1
	if refusals <= REFUSALS then print("proxy: refused: " .. tostring(why)) end
	pcall(reply, client, 91)
	drop(client)
end

-- Sends what can be sent without waiting, and says how much that was.
local function send(sock, ...)
	local ok, n = pcall(sock.send, sock, ...)
	if ok then return n end
	if n.code ~= errno.EAGAIN then error(n, 0) end
	return 0
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

local function established(remote)
	local client = remote.peer
	reply(client, 90)
	remote.rest = client.request ~= "" and client.request or nil
	client.request = nil
	remote.on, client.on = relay, relay
	relay(remote, remote.rest and event.OUT or 0)
end

-- Begins to connect and, once the socket can be written to, learns how it went.
local function connect(remote)
	if not remote.peer then return drop(remote) end
	local ok, err = pcall(remote.sock.connect, remote.sock, remote.host,
		remote.port, "D")
	if ok then
		established(remote)
	elseif err.code ~= errno.EINPROGRESS and err.code ~= errno.EALREADY then
		refuse(remote.peer, err)
	end
end

local function open(client, host, port)
	local ok, sock = pcall(socket.new, "inet", "tcp")
	if not ok then return refuse(client, sock) end
	local remote = new_side(sock, connect, event.OUT, CONNECT)
	remote.host, remote.port = host, port
	remote.peer, client.peer = client, remote
	client.deadline = remote.deadline
	client.on = drop		-- all that it can do now is break off
	watch(client, 0)
	connect(remote)
end

-- Host and port of a request, and what follows it; nothing while it is not complete.
local function parse(request)
	if request:byte() ~= 4 then error("not SOCKSv4", 0) end
	local last = request:find("\0", 9, true)	-- of the user's name
	if not last then return end
	local _, command, port, a, b, c, d = string.unpack(">BBI2BBBB", request)
	local host = ("%d.%d.%d.%d"):format(a, b, c, d)
	if a | b | c == 0 and d ~= 0 then		-- 4a: a name follows
		local first = last + 1
		last = request:find("\0", first, true)
		if not last then return end
		host = request:sub(first, last - 1)
		if host:find("[^%d.]") then error("names are not looked up", 0) end
	end
	if command ~= 1 then error("command " .. command, 0) end
	return host, port, request:sub(last + 1)
end

local function handshake(client)
	local more = client.sock:read(REQUEST - #client.request, "D")
	if not more then return drop(client) end
	client.request = client.request .. more
	client.deadline = math.min(now + SILENCE, client.latest)
	local ok, host, port, rest = pcall(parse, client.request)
	if not ok then
		refuse(client, host)
	elseif host then
		client.request = rest
		open(client, host, port)
	elseif #client.request >= REQUEST then
		refuse(client, "request too long")
	end
end

local function accept(listener)
	local client = listener.sock:accept("D")
	local side = new_side(client, handshake, event.IN, SILENCE)
	side.request, side.latest = "", now + HANDSHAKE
end

-- Once a second: whoever has taken too long, and another try to accept.
local function sweep(listener)
	for _, side in pairs(sides) do
		local client = side.request and side or side.peer
		if now < side.deadline then
			-- in time
		elseif client and client.request then
			refuse(client, "time is over")
		else
			drop(side)
		end
	end
	refusals = 0
	watch(listener, event.IN)
end

local server = socket.new("inet", "tcp")
server:setsockopt("socket", "reuseaddr", true)
server:bind("0.0.0.0", PORT)
server:listen()
local listener = new_side(server, accept, event.IN, math.maxinteger - now)
print(("proxy on %s:%d"):format(server:getsockname()))

while true do
	local _, sock, events = poll:select(1000)
	local side = sides[sock or 0]
	local ok, err = true, nil
	if side then ok, err = pcall(side.on, side, events) end
	if ok or err.code == errno.EAGAIN then
		-- on to the next
	elseif side == listener then
		pcall(print, "proxy:", err)
		watch(listener, 0)	-- no more sockets, perhaps: until the next second
	else
		if not err.code then pcall(print, "proxy:", err) end
		drop(side)
	end
	if clock() ~= now then
		now = clock()
		pcall(sweep, listener)	-- without memory: again in a second
	end
end
