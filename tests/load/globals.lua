-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Globals that the library load answers for without require.

--# what load's scripts use is there without require
eq(type(recvfrom), "function")
eq(AF_INET, 2)
eq(SOL_SOCKET, 1)
assert(package.loaded.load)
eq(recvfrom, recvfrom)

--# all calls, constants and types of the library are there
local names = require "load.names"
local n = 0
for _, list in ipairs{ names.functions(), names.constants() } do
	for _, name in ipairs(list) do
		assert(_G[name], name)
		n = n + 1
	end
end
assert(n > 300, n)
for _, name in ipairs{ "bit", "in_addr", "in6_addr", "sockaddr_in", "sockaddr_storage", "scm_timestamping", "uint32_ptr" } do
	assert(_G[name], name)
end

--# hooks and what else load has are there
for name in pairs(require "load") do
	assert(_G[name] or name == "histogram" or name == "options" or name == "result" or name == "thread_id", name)
end

--# the table of globals has none of them
for _, name in ipairs{ "run", "collect", "S", "client_socket", "recvmsg", "AF_INET" } do
	eq(rawget(_G, name), nil)
	local _ = _G[name]
	eq(rawget(_G, name), nil)
end
for name in pairs(_G) do assert(name ~= "recvmsg" and name ~= "AF_INET", name) end

--# other names are not there, and do not load it
for _, name in ipairs{ "foo", "DEBUG", "Run", "unpack", "bit32", "MAX_SIZE", "client_", "client_socketx", "recvmsgs", "E", "Error", "ptr", "_ptr", "" } do
	eq(_G[name], nil)
end
eq(_G[1], nil)
eq(_G[true], nil)
eq(package.loaded.load, nil)
raises("global 'foo'", function() foo() end)

--# names that look like a constant are nil if there is none
eq(SO_NONSENSE, nil)
eq(ENONSENSE, nil)
eq(AF_INET, 2)

--# io is there for scripts that use the library
eq(io, nil)
eq(package.loaded.load, nil)
eq(type(collect), "function")
eq(type(io.write), "function")
eq(io.open, nil)

--# io writes lines as print, when their ends are there
require "load"
local lines, printed = {}, print
function print(line) lines[#lines + 1] = line end
eq(io.write("a", 1), io.stdout)
io.stderr:write("b"):write("\n\nc\nd")
io.flush() io.stdout:flush() io.stderr:flush()
print = printed
eq(table.concat(lines, "|"), "a1b||c")
raises("bad argument #2 to 'write' (string expected, got nil)", io.write, "a", nil)

--# a line that does not end is printed at the end of the worker, or when it is long
require "load"
local lines = collect({})
client_socket(function()
	function print(line) lines[#lines + 1] = line end
	io.write("begun")
end)
client_close(function()
	io.stderr:write((" and ended "):rep(100))
	io.stderr:write("well")
end)
run{ role = "both", workload = "tcp_rr", test_length = -1 }
eq(lines[1][1], "begun" .. (" and ended "):rep(100))
eq(lines[1][2], "well")

--# io goes with hooks
require "load"
local lines, io = collect({}), io
client_socket(function()
	function print(line) lines[#lines + 1] = line end
	io.stderr:write("one\n")
	io.write("two\n")
end)
run{ role = "both", workload = "tcp_rr", test_length = -1 }
eq(table.concat(lines[1], " "), "one two")

--# a script's own globals go before
function recvmsg() return "mine" end
AF_INET = 3
eq(recvmsg(), "mine")
eq(AF_INET, 3)
AF_INET = nil
eq(AF_INET, 2)

--# a script may give the globals a metatable of its own
setmetatable(_G, { __index = function(_, name) error("undeclared " .. name) end })
raises("undeclared recvmsg", function() return recvmsg end)
raises("undeclared foo", function() return foo end)
eq(package.loaded.load, nil)
setmetatable(_G, nil)
eq(recvmsg, nil)

--# they are there in threads, too
local t = thread.spawn(function() return type(recvmsg), AF_INET, rawget(_G, "AF_INET") end)
local ok, a, b, c = t:join()
eq(ok, true)
eq(a, "function")
eq(b, 2)
eq(c, nil)
