-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A DNS forwarder over UDP: passes its clients' questions on to a name server,
-- and the answers back.
--
--   cat examples/dns.lua > /dev/luadrv         Ctrl-C ends it
--   dig @127.0.0.1 -p 5300 www.example.org
--
-- It prints "dns on 127.0.0.1:5300" into the kernel log, then nothing.
--
-- Each question goes from a socket, and so from a port, of its own and with a
-- random number in place of the client's. Only what has that number and repeats
-- the question is an answer. Who gets none asks again, as over UDP anyway.

local HOST, PORT = "127.0.0.1", 5300
local SERVER, SERVER_PORT = "9.9.9.9", 53
local MOST, PATIENCE = 256, 5	-- questions that are open at a time; seconds for each
local QUESTION = 512		-- bytes that one may have

local listener = socket.new("inet", "udp")
listener:bind(HOST, PORT)

local poll = socket.poll{ listener }
local open, count = {}, 0	-- socket -> what was asked from it; how many there are
local buffer = data.new(65536)
local header = { name = {} }	-- of the last question

local function clock() return kernel.time_ns() // 1000000000 end

-- The question in a message: a name, which ends with a zero, a type and a class.
local function question_in(message)
	local last = message:find("\0", 13, true)
	if last and #message >= last + 4 then return message:sub(13, last + 4) end
end

-- The highest bit of a message's third byte tells an answer from a question.
local function is_answer(message) return message:byte(3) & 0x80 ~= 0 end

local function close(sock)
	open[sock], count = nil, count - 1
	sock:close()			-- which takes it out of the poll set, too
end

local function ask()
	local _, size = listener:recvmsg(header, buffer, "D")
	local message = buffer:string(0, size)
	local question = question_in(message)
	if not question or size > QUESTION or is_answer(message) or count == MOST then return end
	local sock, id = socket.new("inet", "udp"), kernel.random(2)
	open[sock], count = { id = id, question = question, client_id = message:sub(1, 2),
		client = { header.name.addr, header.name.port }, deadline = clock() + PATIENCE }, count + 1
	poll:add(sock)
	sock:connect(SERVER, SERVER_PORT)
	sock:send(id .. message:sub(3), "D")
end

local function answer(sock)
	local asked = open[sock]
	local _, size = sock:recv(buffer, "D")
	local message = buffer:string(0, size)
	if message:sub(1, 2) ~= asked.id or question_in(message) ~= asked.question then return end
	if not is_answer(message) then return end
	pcall(listener.sendmsg, listener, { name = asked.client }, asked.client_id .. message:sub(3), "D")
	close(sock)
end

local function sweep(now)
	for sock, asked in pairs(open) do
		if now >= asked.deadline then close(sock) end
	end
end

print(("dns on %s:%d"):format(listener:getsockname()))
local swept = clock()
while true do
	local _, sock = poll:select(1000)
	if sock == listener then
		pcall(ask)		-- it may fail for want of sockets or memory
	elseif sock and not pcall(answer, sock) then
		close(sock)
	end
	if clock() ~= swept then
		swept = clock()
		sweep(swept)
	end
end
