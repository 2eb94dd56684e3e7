-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Hooks that do what they should not: the run ends, with an error or without, and the next one goes well.

local load = require "load"
local HOOKS = { "socket", "close", "sendmsg", "recvmsg", "recverr" }

-- Has what was sent come back by the error queue.
local function stamp(sock)
	setsockopt(sock, SOL_SOCKET, SO_TIMESTAMPING,
		SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY)
end

-- Runs a workload with a hook that does this before what it should do. Gives the error as text, or an empty one. No
-- worker may have to be stopped because it does not end.
local function try(act, workload, role, what)
	local move = what == "sendmsg" and sendmsg or recvmsg
	require("load.state").hooks = {}
	if what == "recverr" then load[role .. "_socket"](stamp) end
	load[role .. "_" .. what](function(sock, msg, flags)
		act(sock, msg, flags)
		if what ~= "socket" and what ~= "close" then return move(sock, msg, flags) end
	end)
	local ok, e = pcall(load.run, both{ workload = workload, num_threads = 2, num_flows = 4, test_length = "20ms",
		suicide_length = 30 * SLOW })
	e = not ok and tostring(e) or ""
	assert(not e:find("has not ended", 1, true) and not e:find("suicide", 1, true), e)
	return e
end

-- Tries each hook. What they raise, if they should raise something, is what the run raises; it may be over before some
-- of them are called.
local function each(act, want)
	for _, workload in ipairs{ "tcp_crr", "udp_rr" } do
		for _, role in ipairs{ "client", "server" } do
			for _, what in ipairs(HOOKS) do
				local e = try(act, workload, role, what)
				local certain = what == "socket" or what == "close"
				if want then assert(e:find(want, 1, true) or e == "" and not certain, e) end
			end
		end
	end
	require("load.state").hooks = {}
	eq(load.run(both{}).transactions, 30)
end

--# hooks that close their socket
each(function(sock) sock:close() end)

--# hooks that shut their socket down
each(function(sock) pcall(sock.shutdown, sock, "both") end)

--# hooks that connect, listen and bind
each(function(sock)
	pcall(sock.connect, sock, "127.0.0.1", 1, 0)
	pcall(sock.listen, sock)
	pcall(sock.bind, sock, "127.0.0.1", 0)
end)

--# hooks that call run()
each(function() load.run{ role = "both", test_length = -1 } end, "only the script can do this, not a hook")

--# hooks that yield
each(function() coroutine.yield() end, "yield")

--# hooks that move bytes in a coroutine
each(function(sock, msg)
	local co = coroutine.wrap(function() pcall(recvmsg, sock, msg, MSG_PEEK) coroutine.yield() end)
	co()
	co = nil
	collectgarbage("step")
end)

--# hooks that raise what raises when it is told
each(function() error(setmetatable({}, { __tostring = function() error("again") end })) end, "again")

--# hooks that raise what is no text
each(function() error(nil) end, "nil")

--# hooks that change what the worker goes by
each(function()
	for name in pairs(_G) do if name ~= "collectgarbage" then _G[name] = nil end end
	for name in pairs(package and package.loaded or {}) do package.loaded[name] = nil end
end)

--# hooks that break the libraries
each(function()
	for _, library in pairs{ string, table, math, coroutine, debug, kernel, socket, thread } do
		for name in pairs(library) do library[name] = function() error("it is broken") end end
	end
	setmetatable(_G, { __index = function() error("it is broken") end })
end)

--# hooks that reach for the engine
each(function(sock, msg)
	for _, name in ipairs{ "run", "close", "finish", "start", "serve" } do
		pcall(function() return msg[name](msg) end)
		pcall(function() return sock[name](sock) end)
	end
end)

--# hooks that keep the message for the next one
local kept
each(function(_, msg)
	pcall(function() return kept.iov[1].iov_base[0] end)
	pcall(function() kept.iov[1].iov_base = data.new(10) end)
	kept = msg
end)
