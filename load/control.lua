-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The connection over which a client and a server of neper agree on a test.
--
-- Messages have 72 bytes, their numbers in network order. A client's HELLO bears the secret, which names the workload;
-- the server's ACK tells it to begin. When the test is over the client's DONE has its rate; the server's BYE ends it
-- all with its own. Ports are not told: both ends must have been given the same.
--
-- Over UDP, DONE and BYE have in the place of the secret, which neper does not look at there, how many datagrams there
-- were: those of the client; those of all.

local _, core = ...
local socket, kernel = core.need("socket"), core.need("kernel")

local LAYOUT = ">c32i4I4I4I4i4I4I8I8"
local SIZE = LAYOUT:packsize()
local HELLO, ACK, DONE, BYE = 1, 2, 3, 4
local DATAGRAMS, MARK = ">c4I7I7I7I7", "lua1"
local SECRETS = {
	tcp_rr = "neper tcp_rr 201703241250",
	tcp_crr = "",			-- neper has forgotten it
	tcp_stream = "neper tcp_stream 201703241300",
	udp_rr = "neper udp_rr 201703241230",
	udp_stream = "neper udp_stream 201703241240",
}

local RETRIES, PAUSE = 30, 1000		-- how often a client tries again to connect; ms between two attempts
local EPROTO = 71
local STRANGERS = 32			-- connections that have not said who they are
local SILENCE = 20			-- s after which a peer that does not even acknowledge counts as gone
local PROBE = 2				-- s between two questions whether it is there

local control = {}

-- ---- messages

function control.encode(type, fields)
	return LAYOUT:pack(fields.secret or "", fields.magic, type, fields.num_threads or 0, fields.num_flows or 0,
		fields.test_length or 0, fields.client_number or 0, fields.max_pacing_rate or 0, fields.rate or 0)
end

function control.decode(message)
	local m = {}
	m.secret, m.magic, m.type, m.num_threads, m.num_flows, m.test_length, m.client_number, m.max_pacing_rate, m.rate =
		LAYOUT:unpack(message)
	return m
end

-- What stands in the place of the secret: requests that were sent, and received, and the same of responses.
local function encode_datagrams(d)
	return d and DATAGRAMS:pack(MARK, d.sent, d.received, d.responses_sent, d.responses_received)
end

-- The same of a message; nil if it does not tell.
local function decode_datagrams(message)
	local d = {}
	d.mark, d.sent, d.received, d.responses_sent, d.responses_received = DATAGRAMS:unpack(message.secret)
	if d.mark ~= MARK then return nil end
	d.mark = nil
	return d
end

-- The secret as it is sent.
function control.secret(workload)
	return ("c32"):pack(SECRETS[workload])
end

-- What both ends say of themselves; seconds, or less than zero: how many transactions.
local function describe(opt)
	return {
		magic = opt.magic, num_threads = opt.num_threads, num_flows = opt.num_flows,
		test_length = opt.transactions and -opt.transactions or opt.test_length_ns // 1000000000,
		max_pacing_rate = opt.max_pacing_rate,
	}
end

local function name_of(sock)
	local host, port = sock:getpeername()
	return (host:find(":", 1, true) and "[%s]:%d" or "%s:%d"):format(host, port)
end

-- An error as results have it, of an error object, or a message that is not the right one; of nil, when the peer has
-- ended the connection.
local function note(text, of)
	local code, name = 0, "EOF"
	if of then code, name = of.code or EPROTO, of.name or "EPROTO" end
	return { cause = "control", code = code, name = name, count = 1, text = text }
end

-- Calls a method of a socket; false and its error when that fails.
local function try(sock, method, ...)
	local ok, err = pcall(sock[method], sock, ...)
	if not ok and type(err) ~= "table" then error(err, 0) end
	return ok, err
end

-- Reads what has come from a peer. Gives a message when all of it is there; false, why, and maybe an error object, when
-- none will come.
local function take(peer)
	local ok, bytes = try(peer.sock, "read", SIZE - #peer.begun, "D")
	if not ok then
		if bytes.name == "EAGAIN" then return nil end
		return false, tostring(bytes), bytes
	end
	if not bytes then return false, "it closed the connection" end
	peer.begun = peer.begun .. bytes
	if #peer.begun < SIZE then return nil end
	local message = control.decode(peer.begun)
	peer.begun = ""
	return message
end

-- Nothing is said during a test: the kernel looks whether the peer is there.
local function keep_alive(sock)
	sock:setsockopt("socket", "keepalive", true)
	sock:setsockopt("tcp", "keepidle", SILENCE // 2)
	sock:setsockopt("tcp", "keepintvl", PROBE)
	sock:setsockopt("tcp", "keepcnt", SILENCE // 2 // PROBE)
	sock:setsockopt("tcp", "user_timeout", 1000 * SILENCE)
end

-- Why a message is not the one that must come; nil if it is.
local function wrong(message, type, magic)
	if message.type ~= type then return ("it sent a message of type %d, not %d"):format(message.type, type) end
	if message.magic ~= magic then return ("its magic number is %d, not %d"):format(message.magic, magic) end
end

local function fail(text, ...) error("load: " .. text:format(...), 0) end

-- ---- the client

local Client = {}
Client.__index = Client

-- Errors of a server that may come yet.
local ABSENT = {
	ECONNREFUSED = true, ECONNRESET = true, ETIMEDOUT = true, EHOSTUNREACH = true, ENETUNREACH = true, EHOSTDOWN = true,
}

-- A connected socket. `left` gives the ms that are left, -1 for any time.
local function connect(host, port, retries, left)
	local sock = socket.new(host:find(":", 1, true) and "inet6" or "inet", "tcp")
	local ok, err = pcall(sock.connect, sock, host, port, nil, left())
	if ok then return sock end
	sock:close()
	if type(err) ~= "table" or not ABSENT[err.name] or retries == 0 then error(err, 0) end
	local ms = left()
	kernel.sleep(ms < 0 and PAUSE or math.min(ms, PAUSE))
	return connect(host, port, retries - 1, left)
end

-- Connects to the server of a test, and waits until it serves.
function control.connect(opt, left)
	local sock = connect(opt.host, opt.control_port, RETRIES, left)
	local self = setmetatable({ sock = sock, magic = opt.magic, name = name_of(sock), left = left, errors = {} }, Client)
	sock:setsockopt("tcp", "nodelay", true)
	keep_alive(sock)
	local hello = describe(opt)
	hello.secret = SECRETS[opt.workload]
	sock:write(control.encode(HELLO, hello))
	local why = self:receive(ACK)
	if why then fail("the server %s does not take part in %s: %s", self.name, opt.workload, why) end
	return self
end

-- Waits for a message. Gives why it is not the one that must come, and the message or an error object.
function Client:receive(type)
	local ok, bytes = try(self.sock, "read", SIZE, "W", self.left())
	if not ok then return tostring(bytes), bytes end
	if #(bytes or "") < SIZE then return "it closed the connection" end
	local message = control.decode(bytes)
	return wrong(message, type, self.magic), message
end

function Client:watch(poll)
	self.poll = poll
	poll:add(self.sock)
end

-- Nothing may come before the client is done.
function Client:ready()
	fail("the server %s ended the control connection before the test was over", self.name)
end

-- Tells the server that the test is over, and what was sent and received over UDP. Gives its rate, and, if it knows,
-- what all have; nil, and an error more, if it does not say that.
function Client:finish(rate, datagrams)
	local why, message
	if self.poll then self.poll:remove(self.sock) end
	local done = { magic = self.magic, rate = rate, secret = encode_datagrams(datagrams) }
	local ok, err = try(self.sock, "write", control.encode(DONE, done))
	if ok then ok, err = try(self.sock, "shutdown", "write") end
	if ok then
		why, message = self:receive(BYE)
	else
		why, message = tostring(err), err
	end
	self:close()
	if not why then return message.rate, decode_datagrams(message) end
	local text = ("the server %s did not say how it ended: %s"):format(self.name, why)
	table.insert(self.errors, note(text, message))
end

function Client:close() self.sock:close() end

-- ---- the server

local Server = {}
Server.__index = Server

-- Listens for the clients of a test.
function control.listen(opt)
	local sock = socket.new(opt.family, "tcp")
	local self = setmetatable({
		opt = opt, listener = sock, secret = control.secret(opt.workload),
		peers = {},		-- all connections, by their sockets
		strangers = {},		-- those that have not said HELLO, in their order
		clients = {},		-- those that have, in their order
		waiting = 0,		-- how many clients are not done
		rate = 0,		-- of all that are
		datagrams = {},		-- of those that have told
		invalid = 0,		-- how many were no clients
		errors = {},		-- of clients that did not come to their ends
	}, Server)
	sock:setsockopt("socket", "reuseaddr", true)
	if opt.family == "inet6" and opt.host then sock:setsockopt("ipv6", "v6only", true) end
	if opt.freebind then sock:setsockopt(opt.family == "inet6" and "ipv6" or "ip", "freebind", true) end
	sock:bind(opt.host or (opt.family == "inet6" and "::" or "0.0.0.0"), opt.control_port)
	sock:listen(opt.listen_backlog)
	return self
end

function Server:watch(poll)
	self.poll = poll
	poll:add(self.listener)
end

-- A connection goes, which was no client's.
function Server:refuse(peer)
	self.invalid = self.invalid + 1
	self:forget(peer)
	self.peers[peer.sock] = nil
	peer.sock:close()
end

-- It is a stranger no longer.
function Server:forget(peer)
	for i, stranger in ipairs(self.strangers) do
		if stranger == peer then
			table.remove(self.strangers, i)
			return
		end
	end
end

function Server:accept()
	local ok, sock = pcall(self.listener.accept, self.listener, "D")
	if not ok then
		-- It has gone again.
		if sock.name == "EAGAIN" or sock.name == "ECONNABORTED" then return end
		error(sock, 0)
	end
	keep_alive(sock)
	if #self.strangers == STRANGERS then self:refuse(self.strangers[1]) end
	local peer = { sock = sock, begun = "", event = self.hello }
	self.peers[sock] = peer
	table.insert(self.strangers, peer)
	self.poll:add(sock)
end

function Server:hello(peer)
	local message = take(peer)
	if message == nil then return end
	if not message or message.secret ~= self.secret or message.type ~= HELLO then return self:refuse(peer) end
	local ok, name = pcall(name_of, peer.sock)
	if not ok then return self:refuse(peer) end
	self:forget(peer)
	peer.name, peer.event = name, self.done
	self.waiting = self.waiting + 1
	table.insert(self.clients, peer)
	return "hello", peer
end

-- Tells a client to begin; with the last one the wait for more is over.
function Server:answer(peer)
	if #self.clients == self.opt.num_clients then
		self.listener:close()
		while self.strangers[1] do self:refuse(self.strangers[1]) end
	end
	local ok, err = try(peer.sock, "write", control.encode(ACK, describe(self.opt)))
	if not ok then self:lose(peer, tostring(err), err) end
end

-- A client does not come to its end. The others go on, if there are any.
function Server:lose(peer, why, err)
	local text = ("the client %s did not come to its end: %s"):format(peer.name, why)
	table.insert(self.errors, note(text, err))
	if #self.errors == self.opt.num_clients then fail("%s", text) end
	self:part(peer)
	self.peers[peer.sock] = nil
	peer.sock:close()
end

-- There is nothing more to wait for.
function Server:part(peer)
	self.poll:remove(peer.sock)
	self.waiting = self.waiting - 1
end

function Server:done(peer)
	local message, why, err = take(peer)
	if message == nil then return end
	why = message and wrong(message, DONE, self.opt.magic) or why
	if why then return self:lose(peer, why, message or err) end
	self:part(peer)
	self.rate = self.rate + message.rate
	table.insert(self.datagrams, decode_datagrams(message))
end

-- Something is there to be read, or an end, on a socket that the set watches. Gives "hello" and the client when there
-- is one that waits for an answer.
function Server:ready(sock)
	if sock == self.listener then return self:accept() end
	local peer = self.peers[sock]
	if peer then return peer.event(self, peer) end
end

-- Whether all clients have come, and are done.
function Server:is_over()
	return #self.clients == self.opt.num_clients and self.waiting == 0
end

-- What all have sent and received; nil if a client did not tell.
function Server:sum(datagrams)
	if not datagrams or #self.datagrams < self.opt.num_clients then return end
	for _, one in ipairs(self.datagrams) do
		for key, count in pairs(one) do datagrams[key] = datagrams[key] + count end
	end
	return datagrams
end

-- Tells the clients the rate of this end, and what there was over UDP. Gives their rates, all together, and, if all
-- have told, what there was.
function Server:finish(rate, datagrams)
	datagrams = self:sum(datagrams)
	local bye = control.encode(BYE, { magic = self.opt.magic, rate = rate, secret = encode_datagrams(datagrams) })
	-- One that does not wait for it has all that it wanted.
	for _, peer in ipairs(self.clients) do
		if self.peers[peer.sock] then try(peer.sock, "write", bye) end
	end
	self:close()
	return self.rate, datagrams
end

function Server:close()
	self.listener:close()
	for sock in pairs(self.peers) do sock:close() end
end

return control
