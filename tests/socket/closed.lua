-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Every method on what is no open socket.

-- Methods of sockets, with arguments that they would take.
local d = data.new(4)
local METHODS = {
	accept = { "D" },
	bind = { "127.0.0.1", 0 },
	connect = { "127.0.0.1", 1 },
	gethostname = {},
	getpeername = {},
	getsockname = {},
	getsockopt = { "socket", "type" },
	lines = {},
	listen = { 1 },
	read = { 1, "D" },
	recv = { 1, "D" },
	recvmsg = { { iov_len = 1 }, "D" },
	send = { "x", "D" },
	sendfile = { d },
	sendmsg = { { flags = "D" }, "x" },
	setsockopt = { "socket", "keepalive", 1 },
	settimeout = { 5 },
	shutdown = { "both" },
	write = { "x" },
}
local POLL = {
	add = { tcp() },
	modify = { tcp(), "r" },
	remove = { tcp() },
	select = { 0 },
}

--# every method of a closed socket raises a string that says so
for _, new in ipairs{ tcp, udp, listener, tcp_pair } do
	local s = new()
	s:close()
	for name, args in pairs(METHODS) do
		local ok, e = pcall(s[name], s, table.unpack(args))
		if ok or type(e) ~= "string" or not e:find("attempt to use a closed luasocket", 1, true) then
			error(name .. ": " .. tostring(e))
		end
	end
end

--# every method of a closed socket raises with its position
local s = tcp()
s:close()
for name, args in pairs(METHODS) do
	raises("script:" .. @+5 .. ":", function()
		s[name](s, table.unpack(args))
	end)
end

--# close and tostring of a closed socket work
local s = tcp()
s:close()
s:close()
eq(tostring(s), "socket (closed)")
local shared = tcp()
assert(thread.spawn(function() shared:close() end):join())
eq(tostring(shared), "socket (closed)")

--# every method of a socket refuses what is no socket
local co = coroutine.create(print)
for name in pairs(METHODS) do
	local f = tcp()[name]
	for _, self in ipairs{ false, 5, "luasocket", print, co, d, socket.poll(), {}, setmetatable({}, { __name = "luasocket" }) } do
		local ok, e = pcall(f, self, table.unpack(METHODS[name]))
		if ok or type(e) ~= "string" or not e:find("luasocket expected, got", 1, true) then
			error(name .. " of " .. type(self) .. ": " .. tostring(e))
		end
	end
	raises("luasocket expected, got no value", f)
	raises("luasocket expected, got nil", f, nil)
end
raises("luasocket expected", tcp().close, d)
raises("luasocket expected", tcp().close)

--# every method of a poll set refuses what is no poll set
for name, args in pairs(POLL) do
	local f = socket.poll()[name]
	for _, self in ipairs{ false, 5, "lpoll", print, d, tcp(), {} } do
		raises("lpoll expected, got", f, self, table.unpack(args))
	end
	raises("lpoll expected, got no value", f)
end
raises("lpoll expected", socket.poll().close, tcp())

--# every method of a closed poll set raises a string that says so
local p = socket.poll()
p:close()
for name, args in pairs(POLL) do
	local e = raises("attempt to use a closed lpoll", p[name], p, table.unpack(args))
	eq(type(e), "string")
end
raises("attempt to use a closed lpoll", function() return #p end)

--# methods called with a dot and no socket are a mistake
raises("luasocket expected, got no value", tcp().accept)
raises("luasocket expected, got string", tcp().connect, "127.0.0.1", 80)

--# a data object's methods do not take sockets
local s = tcp()
for _, name in ipairs{ "layout", "segment" } do raises("expected", d[name], s, {}) end

--# close in an argument's metamethod: the call on the closed socket raises, or is done
local a, b = tcp_pair()
local hdr = setmetatable({}, { __index = function(_, k) if k == "flags" then a:close() end end })
local ok, e = pcall(a.sendmsg, a, hdr, "x")
eq(ok, false)
hdr = setmetatable({}, { __index = function(_, k) if k == "iov_len" then b:close() return 5 end end })
ok, e = pcall(b.recvmsg, b, hdr)
eq(ok, false)

--# close of a socket in the middle of its setsockopt
local s = tcp()
local ok, e = pcall(s.setsockopt, s, "socket", "linger", setmetatable({}, { __index = function(_, k) s:close() return 1 end }))
eq(ok, false)

--# close from a finalizer in the middle of a method
for i = 1, 30 do
	local a, b = tcp_pair()
	b:send(("x"):rep(100))
	collectgarbage("stop")
	setmetatable({}, { __gc = function() a:close() end })
	collectgarbage("setpause", 1)
	collectgarbage("setstepmul", 1000000)
	collectgarbage("restart")
	for _ = 1, 200 do
		local ok, e = pcall(a.recv, a, 100, "P")
		if not ok then
			assert(tostring(e):find("closed", 1, true) or e.name == "EBADF", e)
			break
		end
	end
end

--# close from a finalizer in the middle of adding to a poll set
for i = 1, 30 do
	local a, b = tcp_pair()
	local p = socket.poll()
	collectgarbage("setpause", 1)
	collectgarbage("setstepmul", 1000000)
	setmetatable({}, { __gc = function() a:close() end })
	for _ = 1, 200 do
		local ok, e = pcall(p.add, p, a)
		if ok then ok, e = pcall(p.remove, p, a) end
		if not ok or e == false then break end
	end
	eq(p:select(0), nil)
end
