-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A load with hooks on every message, on both sides, that count messages and bytes.
--
--   luadrv run benchmarks/load/count.lua -- --workload tcp_rr --role both
require "load"

local messages, bytes = collect(0), collect(0)

local function note(n)
	if n and n > 0 then messages, bytes = messages + 1, bytes + n end
end

local function send(sock, msg, flags)
	local n, err = sendmsg(sock, msg, flags)
	note(n)
	return n, err
end

local function receive(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	note(n)
	return n, err
end

client_sendmsg(send)
client_recvmsg(receive)
server_sendmsg(send)
server_recvmsg(receive)
run()

local count, size = 0, 0
for i = 1, messages.n do count, size = count + messages[i], size + bytes[i] end
print(("messages=%d\nbytes=%d"):format(count, size))
