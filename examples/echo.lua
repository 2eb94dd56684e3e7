-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A TCP echo server for any number of clients, in one loop that never waits
-- for one of them: what a client is too slow to take back is kept, and no more
-- is read from it until it is gone.
--
--   cat examples/echo.lua > /dev/luadrv        Ctrl-C ends it
--   nc 127.0.0.1 7007                          says back what it is told
--
-- It prints "echo on 0.0.0.0:7007" into the kernel log, then nothing.

local PORT = 7007
local EAGAIN = socket.errno.EAGAIN

local server = socket.new("inet", "tcp")
server:setsockopt("socket", "reuseaddr", true)
server:bind("0.0.0.0", PORT)
server:listen()

local poll = socket.poll{server}
local pending = {}	-- client -> what it has not taken back yet

-- Sends what it can of the text, keeps the rest and waits until there is room.
local function send(client, text)
	local ok, sent = pcall(client.send, client, text, "D")
	if not ok then
		if sent.code ~= EAGAIN then error(sent, 0) end
		sent = 0
	end
	local rest = sent < #text and text:sub(sent + 1) or nil
	if rest and not pending[client] then
		poll:modify(client, "w")
	elseif not rest and pending[client] then
		poll:modify(client, "r")
	end
	pending[client] = rest
end

local function drop(client)
	pending[client] = nil
	client:close()			-- which takes it out of the poll set, too
	poll:modify(server, "r")	-- now there is a socket for another one
end

local function serve(client)
	local text = pending[client] or client:read(16384, "D")
	if text then send(client, text) else drop(client) end
end

print(("echo on %s:%d"):format(server:getsockname()))
while true do
	local _, sock = poll:select()
	if sock == server then
		local ok, client = pcall(server.accept, server, "D")
		if ok then
			poll:add(client, "r")
		elseif client.code ~= EAGAIN then
			poll:modify(server, "")	-- no more sockets: until one is closed
		end
	elseif not pcall(serve, sock) then
		drop(sock)
	end
end
