-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Asks a name server for addresses, over and over, from all flows at once. Hooks
-- make the questions and look at the answers.
--
--   luadrv spawn examples/dns.lua                  a server; it asks another one in turn
--   luadrv run examples/load/dns-query.lua -- --num_flows 4
--
-- It prints how many answers there were by their code (0: no error, 3: no such
-- name), how many did not come in time, and how long one took, in ns:
--
--   code 0: 20120
--   code 3: 20119
--   lost: 0
--   latency: 47313 mean, 1900544 most

local NAMES = { "web.test", "none.test" }
local TYPE, CLASS = 1, 1	-- A, IN
local codes = collect({})
local turn, id, asked = 0, 0, {}	-- the last name and question; of each socket, the question that waits

local function question(name)
	local labels = name:gsub("([^.]+)%.?", function(label) return string.pack("s1", label) end)
	return string.pack(">I2I2I2I2I2I2zI2I2", id, 0x100, 1, 0, 0, 0, labels, TYPE, CLASS)
end

client_sendmsg(function(sock, msg, flags)
	turn, id = turn % #NAMES + 1, id + 1 & 0xffff
	local text = question(NAMES[turn])
	local n, err = send(sock, text, #text, flags)
	if not n then return nil, err end
	asked[sock] = id
	return msg.iov[1].iov_len	-- all of the request
end)

client_recvmsg(function(sock, msg, flags)
	local iov = msg.iov[1]
	local n, err = recv(sock, iov.iov_base, iov.iov_len, flags)
	if not n then return nil, err end
	if n < 12 then return -EAGAIN end
	local number, bits = string.unpack(">I2I2", iov.iov_base:string(0, 4))
	if number ~= asked[sock] then return -EAGAIN end	-- of a question that is over
	codes[bits & 15] = (codes[bits & 15] or 0) + 1
	return iov.iov_len
end)

local result = run{ role = "client", workload = "udp_rr", host = "127.0.0.1", port = 5300, control_port = 0,
	response_size = 512, test_length = "1s",
	table.unpack(arg) }

for code = 0, 15 do
	local sum = 0
	for _, counts in ipairs(codes) do sum = sum + (counts[code] or 0) end
	if sum > 0 then print(("code %d: %d"):format(code, sum)) end
end
print("lost: " .. result.lost)
print(("latency: %d mean, %d most"):format(result.latency.mean, result.latency.max))
