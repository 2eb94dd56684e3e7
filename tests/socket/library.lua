-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Names that need no server, one that never answers, and the library that resolves.

local silent, PORT = udp()
local SERVERS = { server = LO, port = PORT }

--# the first address can be connected to as it is
local s, port = listener()
local c = tcp()
c:connect(socket.resolve("localhost", "inet"), port)
eq(select(2, c:getpeername()), port)

--# names can be looked up in threads and coroutines
local t = thread.spawn(function() return socket.resolve("localhost", "inet") end)
eq(select(2, t:join()), "127.0.0.1")
eq(coroutine.wrap(function() return (socket.resolve("localhost", "inet")) end)(), "127.0.0.1")
local co = coroutine.wrap(function() return select("#", pcall(socket.resolve, "a b")) end)
eq(co(), 2)

--# the library in Lua is there when it is needed, and not before
eq(package.loaded["socket.resolve"], nil)
socket.resolve("10.0.0.1")
eq(type(package.loaded["socket.resolve"]), "table")
eq(require "socket.resolve", package.loaded["socket.resolve"])

--# a script may give the names of libraries to something else
local resolve = socket.resolve
socket, kernel = nil, nil
eq(resolve("localhost", "inet"), "127.0.0.1")

--# preload comes before the libraries that are built in
package.preload["socket.resolve"] = function(name, from) return { name, from } end
local library = require "socket.resolve"
eq(library[1], "socket.resolve")
eq(library[2], nil)
assert(not pcall(socket.resolve, "localhost"))

--# a script that only resolves is stopped at once
--! stop
print("ready")
socket.resolve("a.example", nil, 60000, SERVERS)

--# pcall around it does not swallow a stop
--! stop
print("ready")
while true do pcall(socket.resolve, "a.example", nil, 60000, SERVERS) end
