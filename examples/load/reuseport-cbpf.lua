-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Which of a server's threads gets a connection: all of them listen at one port,
-- and a program of the classic packet filter chooses by the processor that the
-- packet came in on.
--
--   luadrv run examples/load/reuseport-cbpf.lua
--
-- It prints how many connections each thread had; on a machine with two
-- processors, where each has its own clients, about half of them:
--
--   thread 0: 3911 connections
--   thread 1: 3807 connections

local load = require "load"
local THREADS = 2
local connections = collect(0)

-- The first one's program is for all; it listens before the hook is called with the next one.
server_socket(function(sock)
	if load.thread_id() > 0 then return end
	local program = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, SKF_AD_OFF + SKF_AD_CPU & 0xffffffff },
		{ BPF_ALU | BPF_MOD | BPF_K, 0, 0, THREADS },
		{ BPF_RET | BPF_A },
	}
	assert(setsockopt(sock, SOL_SOCKET, SO_REUSEPORT, 1))
	assert(setsockopt(sock, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program))
end)

-- In this workload each connection has one request, here of one byte.
server_recvmsg(function(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	if n == 1 then connections = connections + 1 end
	return n, err
end)

run{ role = "both", workload = "tcp_crr", num_threads = THREADS, num_flows = 2 * THREADS, test_length = "1s" }
for thread, n in ipairs(connections) do print(("thread %d: %d connections"):format(thread - 1, n)) end
