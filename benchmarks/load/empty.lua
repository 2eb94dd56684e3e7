-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A load with hooks on every message, on both sides, that do what would be done without them.
--
--   luadrv run benchmarks/load/empty.lua -- --workload tcp_rr --role both
require "load"

local function send(sock, msg, flags) return sendmsg(sock, msg, flags) end
local function receive(sock, msg, flags) return recvmsg(sock, msg, flags) end

client_sendmsg(send)
client_recvmsg(receive)
server_sendmsg(send)
server_recvmsg(receive)
run()
