-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Asks a web server for files, with a connection for each, from all flows at
-- once. Hooks make the requests and look at the responses.
--
--   luadrv spawn examples/http.lua                 a server; its files are in /var/www
--   luadrv run examples/load/http-get.lua -- --num_flows 8 --percentiles 50,99
--
-- It prints how many responses there were by their status, their bytes, and how
-- long one took, from the connection to its end, in ns:
--
--   status 200: 9034
--   status 404: 9034
--   4282116 bytes
--   latency: 94811 mean, 2703360 most

local FILES = { "/hello.txt", "/not-there.txt" }
local codes, bytes = collect({}), collect(0)
local turn, heads = 0, {}	-- of each connection that has said something: its status

client_sendmsg(function(sock, msg, flags)
	turn = turn % #FILES + 1
	local request = ("GET %s HTTP/1.0\r\n\r\n"):format(FILES[turn])
	local n, err = send(sock, request, #request, flags)
	-- What a hook returns is what has been done of the request, as long as that may really be.
	return n and msg.iov[1].iov_len, err
end)

client_recvmsg(function(sock, msg, flags)
	local iov = msg.iov[1]
	local n, err = recv(sock, iov.iov_base, iov.iov_len, flags)
	if not n then return nil, err end
	bytes = bytes + n
	if n > 0 then
		heads[sock] = heads[sock] or iov.iov_base:string(0, n):match("^HTTP/1%.%d (%d+)") or "?"
		return -EAGAIN	-- there is more to come
	end
	local code = heads[sock] or "none"
	codes[code], heads[sock] = (codes[code] or 0) + 1, nil
	return iov.iov_len	-- with the connection the response ends
end)

local result = run{ role = "client", workload = "tcp_crr", host = "127.0.0.1", port = 8000, control_port = 0,
	response_size = 16384, test_length = "1s",
	table.unpack(arg) }

local all, sum = {}, 0
for worker, counts in ipairs(codes) do
	for code, n in pairs(counts) do all[code] = (all[code] or 0) + n end
	sum = sum + bytes[worker]
end
for _, code in ipairs{ "200", "404", "?", "none" } do
	if all[code] then print(("status %s: %d"):format(code, all[code])) end
end
print(sum .. " bytes")
print(("latency: %d mean, %d most"):format(result.latency.mean, result.latency.max))
