-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A room where everybody hears what the others say, for any number of guests:
-- straight code for each of them, with the library async.
--
--   cat examples/chat.lua > /dev/luadrv        Ctrl-C ends it
--   nc 127.0.0.1 7070                          the first line is your name
--
-- It prints "chat on 0.0.0.0:7070" into the kernel log, then a line for each
-- guest that comes or goes. Who says nothing for ten minutes is asked to leave,
-- and who does not take what the others say in ten seconds is thrown out.

local async = require "async"

local PORT = 7070
local PATIENCE, SILENCE = 10000, 600000		-- milliseconds
local LINE = 400				-- bytes

local guests = {}	-- by their names: their sockets and what they have not heard yet

-- Has everybody hear a line, but for who said it.
local function tell(line, speaker)
	for name, guest in pairs(guests) do
		if name ~= speaker then guest.lines:send(line, 0) end	-- who has too much to hear misses it
	end
end

-- Tells a guest what the others say.
local function speak(guest)
	guest.sock:setsockopt("socket", "sndtimeo", PATIENCE)
	while true do guest.sock:write(guest.lines:receive(), "\n") end
end

-- Listens to a guest until it goes.
local function listen(guest)
	while true do
		local line = guest.sock:read("l", nil, SILENCE, LINE)
		if not line then return end
		tell(guest.name .. ": " .. line:gsub("%c", ""), guest.name)
	end
end

local function serve(sock)
	local name = (sock:read("l", nil, PATIENCE, 20) or ""):gsub("[^%w]", "")
	if name == "" or guests[name] then return sock:write("another name, please\n") end
	local guest = { name = name, sock = sock, lines = thread.channel(100) }
	guests[name] = guest
	print("chat: " .. name .. " comes")
	tell(name .. " comes", name)
	local speaker = async.spawn(function()
		if not pcall(speak, guest) then sock:close() end
	end)
	local _, err = pcall(listen, guest)
	guests[name] = nil
	speaker:cancel()
	print("chat: " .. name .. " goes" .. (err and ": " .. tostring(err.name or err) or ""))
	tell(name .. " goes")
end

async.run(function()
	local server = socket.new("inet", "tcp")
	server:setsockopt("socket", "reuseaddr", true)
	server:bind("0.0.0.0", PORT)
	server:listen()
	print(("chat on %s:%d"):format(server:getsockname()))
	while true do
		local ok, sock = pcall(server.accept, server)
		if ok then
			async.spawn(function()
				pcall(serve, sock)
				sock:close()
			end)
		else
			async.sleep(100)	-- no more sockets, perhaps
		end
	end
end)
