-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Asks a web server of HTTP/1.0 for a file, with a connection for each request.
--
--   luadrv run benchmarks/load/http.lua -- --num_flows 8 --test_length 2
require "load"

local HOST, PORT = "127.0.0.1", 8000
local REQUEST = "GET /index.html HTTP/1.0\r\n\r\n"

-- How long the response is: all that comes until the server ends.
local function response_size()
	local sock = socket.new("inet", "tcp")
	sock:connect(HOST, PORT)
	sock:send(REQUEST)
	local response = sock:read("a")
	sock:close()
	assert(response:find("^HTTP/1.0 200 "), "the server has no /index.html")
	return #response
end

client_sendmsg(function(sock, _, flags) return send(sock, REQUEST, #REQUEST, flags) end)
run{ role = "client", workload = "tcp_crr", host = HOST, port = PORT, control_port = 0, request_size = #REQUEST,
	response_size = response_size() }
