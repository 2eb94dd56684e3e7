-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A SOCKS proxy: versions 4 and 4a with CONNECT and BIND; version 5 with UDP
-- ASSOCIATE, users and IPv6 as well.
--
--   cat examples/proxy.lua > /dev/luadrv                  Ctrl-C ends it
--   sed 's/THREADS = 1/THREADS = 0/' examples/proxy.lua > /dev/luadrv     on all processors
--   curl --proxy socks4://127.0.0.1:8080 http://10.0.0.1/
--   curl --proxy socks5h://127.0.0.1:8080 http://www.example.org/
--
-- It prints "proxy on 0.0.0.0:8080" into the kernel log, and then a line for
-- each request that it refuses.
--
-- Each client is served by a task of its own, until its server is there: then
-- both are given to the kernel, which moves what they say, and closes them in
-- the end.

local HOST, PORT = "0.0.0.0", 8080	-- "::" is for clients of IPv6, too
local USERS = nil		-- or { name = "password" }, and nobody else is served
local THREADS = 1		-- that share the port and the clients; 0: as many as there are processors
local CLIENTS = 16000		-- at a time, in each thread; more of them wait
local REQUEST = 600		-- bytes that a request may have
local SILENCE, HANDSHAKE = 10, 60	-- seconds without a byte of a request; for it all
local CONNECT, BIND = 15, 120	-- seconds for a server to answer; to connect to us
local IDLE, HALF = 900, 60	-- seconds without a byte; after one side's end
local REFUSALS = 10		-- of them are told, each second
local ADDRESSES, NAMES = 8, 16	-- of a name that are tried; that UDP of a client knows

local errno = socket.errno
local async			-- the library: each thread has its own
local tunnels			-- those that have their servers; the kernel's
local clients = 0		-- that have no tunnel yet

local function clock() return kernel.time_ns() // 1000000 end

-- ---- addresses

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

-- ---- answers

-- What version 5 calls a failure; all others are 1.
local CODES = { ENETUNREACH = 3, EHOSTUNREACH = 4, ENODATA = 4, ETIMEDOUT = 4, ECONNREFUSED = 5,
	["time is over"] = 4, ["unknown command"] = 7, ["unknown type of address"] = 8, EAFNOSUPPORT = 8 }

local function reply(client, code, host, port)
	local message
	if client.version == 5 then
		message = string.pack("BBB", 5, code, 0) .. pack5(host or "0.0.0.0", port or 0)
	else
		message = (code == 0 and "\0\90" or "\0\91")
		if host and family(host) == "inet" then
			message = message .. string.pack(">I2", port) .. pack(host)
		else
			message = message .. "\0\0\0\0\0\0"
		end
	end
	client.sock:send(message, "D")
end

local refusals, second = 0, 0	-- that were told in this second

local function refuse(client, why)
	local now = clock() // 1000
	if now ~= second then refusals, second = 0, now end
	refusals = refusals + 1
	if refusals <= REFUSALS then print("proxy: refused: " .. tostring(why):gsub("%c", "?")) end	-- one line
	if client.no then return client.sock:send(client.no, "D") end	-- it is not yet time for a code
	reply(client, CODES[why] or CODES[why.name] or 1)
end

-- ---- requests: what went wrong is raised, nil when the client has gone

-- Waits for more bytes of a request.
local function more(client)
	if client.complete then error() end
	local left = math.min(SILENCE * 1000, client.latest - clock())
	if #client.text >= REQUEST then error("request too long", 0) end
	if left <= 0 then error("time is over", 0) end
	local ok, bytes = pcall(client.sock.read, client.sock, REQUEST - #client.text, nil, left)
	if not ok and bytes.code == errno.ETIMEDOUT then error("time is over", 0) end
	if not ok or not bytes then error() end
	client.text = client.text .. bytes
end

-- The next bytes.
local function take(client, size)
	local from = client.at
	while #client.text < from + size - 1 do more(client) end
	client.at = from + size
	return client.text:sub(from, from + size - 1)
end

local function take_byte(client) return take(client, 1):byte() end
local function take_text(client) return take(client, take_byte(client)) end
local function take_port(client) return (string.unpack(">I2", take(client, 2))) end

-- What comes before a zero.
local function take_name(client)
	local from = client.at
	local last = client.text:find("\0", from, true)
	while not last do
		more(client)
		last = client.text:find("\0", from, true)
	end
	client.at = last + 1
	return client.text:sub(from, last - 1)
end

-- Host and port of an address of version 5, by its type.
local ADDRESS = {
	function(client) return ("%d.%d.%d.%d"):format(take(client, 4):byte(1, 4)) end,
	nil,
	take_text,
	function(client)
		return ("%x:%x:%x:%x:%x:%x:%x:%x"):format(string.unpack(">I2I2I2I2I2I2I2I2", take(client, 16)))
	end
}

local function take_address(client)
	local host = ADDRESS[take_byte(client)] or error("unknown type of address", 0)
	return host(client), take_port(client)
end

local function request4(client)
	local command, port, a, b, c, d = string.unpack(">BI2BBBB", take(client, 7))
	take_name(client)	-- the user's
	local named = a | b | c == 0 and d ~= 0		-- 4a
	return command, named and take_name(client) or ("%d.%d.%d.%d"):format(a, b, c, d), port
end

local function request5(client)
	client.no = "\5\255"
	if not take_text(client):find(USERS and "\2" or "\0", 1, true) then
		error("no method that is known", 0)
	end
	client.sock:send(USERS and "\5\2" or "\5\0", "D")
	if USERS then
		client.no = "\1\1"
		local version, user, password = take_byte(client), take_text(client), take_text(client)
		if version ~= 1 or USERS[user] ~= password then
			error(("not the password of %q"):format(user), 0)
		end
		client.sock:send("\1\0", "D")
	end
	client.no = nil
	local version, command = take(client, 3):byte(1, 2)
	if version ~= 5 then error("not SOCKSv5", 0) end
	return command, take_address(client)
end

local function request(client)
	client.version = take_byte(client)
	if client.version == 5 then return request5(client) end
	if client.version == 4 and not USERS then return request4(client) end
	error("not SOCKS, or without a password", 0)
end

-- ---- connections

-- Calls attempt(ms) until it does not fail for being late; meanwhile the client may break off.
local function patiently(client, seconds, attempt)
	local latest = clock() + seconds * 1000
	repeat
		local ok, res = pcall(attempt, math.max(1, math.min(1000, latest - clock())))
		if ok then return res end
		if res.code ~= errno.ETIMEDOUT then error(res, 0) end
		if not pcall(client.sock.getpeername, client.sock) then error() end
	until clock() >= latest
	error("time is over", 0)
end

-- The addresses of a name; an address is its own.
local function resolve(client, name)
	if name:find("^%d+%.%d+%.%d+%.%d+$") or name:find(":", 1, true) then return { name } end
	local task = async.spawn(socket.resolve, name)
	while true do
		local first, list = async.await(task, 1000)
		if first then return list end
		if not pcall(client.sock.getpeername, client.sock) then
			async.cancel(task)
			error()
		end
	end
end

-- Connects to the first of some addresses that answers.
local function connect(client, hosts, port)
	local sock, ok, err
	for i = 1, math.min(#hosts, ADDRESSES) do
		sock = socket.new(family(hosts[i]), "tcp")
		ok, err = pcall(patiently, client, CONNECT, function(ms) sock:connect(hosts[i], port, nil, ms) end)
		if ok then return sock end
		sock:close()
	end
	error(err, 0)
end

-- Waits for the first connection from one of some addresses.
local function accept(client, listener, hosts)
	local from, anybody = {}, pack("0.0.0.0")
	for _, host in ipairs(hosts) do from[pack(host)] = true end
	while true do
		local sock = patiently(client, BIND, function(ms) return listener:accept(nil, ms) end)
		local host, port = plain(sock:getpeername())
		if from[pack(host)] or from[anybody] then return sock, host, port end
		sock:close()
	end
end

-- The address that a host sees of us, or else the client does.
local function own_address(client, host)
	if pack(host) == pack("0.0.0.0") then return plain(client.sock:getsockname()) end
	local probe = socket.new(family(host), "udp")
	local ok, err = pcall(probe.connect, probe, host, 9)
	local own = probe:getsockname()
	probe:close()
	if not ok then error(err, 0) end
	return plain(own)
end

-- What the two say is the kernel's business from now on. What the client said too early goes first.
local function join(client, server)
	local early = client.text:sub(client.at)
	if early ~= "" then server:write(early) end
	tunnels:add(client.sock, server)
end

-- Listens for the server, whose connection then is the tunnel's other side.
local function bind(client, hosts)
	local own = own_address(client, hosts[1])
	local listener = socket.new(family(own), "tcp")
	local ok, err = pcall(function()
		listener:bind(own, 0)
		listener:listen(1)
		reply(client, 0, listener:getsockname())
		local host, port
		client.server, host, port = accept(client, listener, hosts)
		reply(client, 0, host, port)
	end)
	listener:close()
	if not ok then error(err, 0) end
	join(client, client.server)
end

-- ---- UDP

local buffer, header		-- the last datagram, and where it is from

-- Datagrams for the client, with their senders' addresses before them.
local function from_server(link, outer)
	while true do
		local _, size = outer:recvmsg(header, buffer)
		local message = "\0\0\0" .. pack5(plain(header.name.addr, header.name.port)) .. buffer:string(0, size)
		pcall(link.inner.sendmsg, link.inner, { name = { link.host, link.port } }, message, "D")
		link.latest = clock() + IDLE * 1000
	end
end

-- Sends a datagram of the client's from a socket that its servers of this family know.
local function forward(link, host, port, bytes)
	local kind = family(host)
	local outer = link.socks[kind]
	if not outer then
		outer = socket.new(kind, "udp")
		link.socks[kind] = outer
		outer:bind(kind == "inet" and "0.0.0.0" or "::", 0)
		link.tasks[#link.tasks + 1] = async.spawn(from_server, link, outer)
	end
	pcall(outer.sendmsg, outer, { name = { host, port } }, bytes, "D")
end

-- Looks a name up, and remembers it.
local function look_up(link, name, port, bytes)
	local ok, host = pcall(socket.resolve, name)
	link.looking = false
	if not ok then return end
	link.count = link.count % NAMES + 1
	if link.count == 1 then link.names = {} end
	link.names[name] = host
	forward(link, host, port, bytes)
end

-- A datagram of the client's. Names are looked up one at a time; what comes for others meanwhile is lost.
local function take_datagram(link, message)
	if not message:find("^\0\0\0[\1\3\4]") then return end	-- a fragment, for one
	local part = { text = message, at = 4, complete = true }
	local ok, host, port = pcall(take_address, part)
	if not ok then return end
	local bytes = message:sub(part.at)
	if host:find("^%d+%.%d+%.%d+%.%d+$") or host:find(":", 1, true) then
		forward(link, host, port, bytes)
	elseif link.names[host] then
		forward(link, link.names[host], port, bytes)
	elseif not link.looking then
		link.looking = true
		link.tasks[2] = async.spawn(look_up, link, host, port, bytes)
	end
end

-- Datagrams of the client's: the first one shows its port.
local function from_client(link)
	while true do
		local _, size = link.inner:recvmsg(header, buffer)
		local host, port = plain(header.name.addr, header.name.port)
		if host == link.host and (not link.port or link.port == port) then
			link.port, link.latest = port, clock() + IDLE * 1000
			take_datagram(link, buffer:string(0, size))
		end
	end
end

-- Nothing more is said in the connection, and UDP lasts as long as it does.
local function associate(client)
	local own = plain(client.sock:getsockname())
	local inner = socket.new(family(own), "udp")
	local link = { inner = inner, host = plain(client.sock:getpeername()), names = {}, count = 0,
		latest = clock() + IDLE * 1000, socks = { inner } }
	local ok, err = pcall(function()
		inner:bind(own, 0)
		reply(client, 0, inner:getsockname())
		client.served = true
		link.tasks = { async.spawn(from_client, link), async.spawn(function() end) }
		while clock() < link.latest and not async.wait(client.sock, "r", link.latest - clock()) do end
	end)
	for _, task in pairs(link.tasks or {}) do async.cancel(task) end
	for _, sock in pairs(link.socks) do sock:close() end
	if not ok then error(err, 0) end
end

-- ---- all of it

local function serve_client(client)
	local command, host, port = request(client)
	if command == 1 then
		local server = connect(client, resolve(client, host), port)
		client.server = server
		if client.version == 5 then
			reply(client, 0, plain(server:getsockname()))
		else
			reply(client, 0)	-- nobody reads more of it
		end
		join(client, server)
	elseif command == 2 then
		bind(client, resolve(client, host))
	elseif command == 3 and client.version == 5 then
		associate(client)
	else
		error("unknown command", 0)
	end
end

local function serve(sock)
	local client = { sock = sock, text = "", at = 1, latest = clock() + HANDSHAKE * 1000 }
	clients = clients + 1
	local ok, why = pcall(serve_client, client)
	clients = clients - 1
	if not ok and why and not client.served then pcall(refuse, client, why) end
	if client.server then client.server:close() end
	sock:close()
end

local function listen()
	local listener = socket.new(family(HOST), "tcp")
	listener:setsockopt("socket", "reuseaddr", true)
	listener:setsockopt("socket", "reuseport", THREADS ~= 1)
	listener:bind(HOST, PORT)
	listener:listen()
	print(("proxy on %s:%d"):format(listener:getsockname()))
	return listener
end

local function accept_all()
	local listener = listen()
	while true do
		while clients + #tunnels >= CLIENTS do async.sleep(20) end
		local ok, sock = pcall(listener.accept, listener)
		if ok then
			if not pcall(async.spawn, serve, sock) then sock:close() end
		else
			pcall(print, "proxy:", sock)
			async.sleep(1000)	-- no more sockets, perhaps
		end
	end
end

local function run()
	async = require "async"
	buffer, header = data.new(65536), { name = {} }
	tunnels = socket.relays{ idle = IDLE * 1000, half = HALF * 1000 }
	async.run(accept_all)
end

-- The script is one of the threads. Another one's error is told, and the rest go on.
for _ = 2, THREADS > 0 and THREADS or kernel.cpus do thread.spawn(run) end
run()
