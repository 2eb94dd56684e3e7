-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What hooks get of an engine, and what it makes of what they do.

local load = require "load"

-- A run of few transactions, between a client and a server.
local function drive(workload, options)
	local all = { role = "both", workload = workload, test_length = workload:find("stream") and "100ms" or -20 }
	for key, value in pairs(options or {}) do all[key] = value end
	return load.run(all)
end

-- The number of errors of a cause that the workers of a role have met.
local function errors(result, role, cause, name)
	local n = 0
	for _, worker in ipairs(result.workers) do
		for _, e in ipairs(worker.role == role and worker.error_list or {}) do
			if e.cause == cause and e.name == name then n = n + e.count end
		end
	end
	return n
end

--# a message has its fields under short names and C's
client_sendmsg(function(sock, msg, flags)
	assert(#msg.iov == 1 and msg.iovlen == 1 and msg.msg_iovlen == 1)
	assert(msg.iov == msg.msg_iov and msg.iov[0] == msg.iov[1])
	local piece = msg.iov[1]
	assert(piece.iov_len == 7 and piece.len == 7 and #piece.iov_base == 7 and piece.base == piece.iov_base)
	assert(msg.name == nil and msg.msg_name == nil and #msg.control == 0 and #msg.msg_control == 0)
	assert(msg.flags == flags and msg.msg_flags == flags and flags == 0)
	assert(msg.namelen == 0 and msg.msg_namelen == 0 and msg.controllen == 0 and msg.msg_controllen == 0)
	assert(msg.nonsense == nil and msg.msg_nonsense == nil)
	return sendmsg(sock, msg, flags)
end)
eq(drive("tcp_rr", { request_size = 7 }).transactions, 20)

--# a message cannot be changed, and is there only while its hook runs
local texts = load.collect({})
local kept
client_sendmsg(function(sock, msg, flags)
	texts.set = select(2, pcall(function() msg.name = {} end))
	kept = msg
	return sendmsg(sock, msg, flags)
end)
client_recvmsg(function(sock, msg, flags)
	texts.same = kept == msg
	return recvmsg(sock, msg, flags)
end)
client_close(function(sock)
	texts.field = select(2, pcall(function() return kept.iov end))
	texts.call = select(2, pcall(sendmsg, sock, kept))
end)
drive("tcp_rr")
eq(texts[1].same, true)
assert(texts[1].set:find("fields cannot be set", 1, true), texts[1].set)
for _, key in ipairs{ "field", "call" } do
	assert(texts[1][key]:find("a message is there only while its hook runs", 1, true), texts[1][key])
end

--# a hook may move fewer bytes than it could, or others
local seen = load.collect("")
client_sendmsg(function(sock, msg, flags)
	local piece = msg.iov[1]
	if piece.iov_len > 1 then
		piece.iov_len = 1
	else
		piece.iov_base = data.new("xyz")
	end
	return sendmsg(sock, msg, flags)
end)
server_recvmsg(function(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	if n then seen = seen .. tostring(msg.iov[1].iov_base):sub(n, n) end
	return n, err
end)
eq(drive("tcp_rr", { request_size = 3, test_length = -10 }).sent, 30)
assert(seen[1]:find("x"), seen[1])

--# what is no data object, or too long, is an error
local texts = load.collect({})
client_sendmsg(function(sock, msg, flags)
	local piece = msg.iov[1]
	piece.iov_len = 2
	texts[1] = select(2, pcall(sendmsg, sock, msg, flags))
	piece.iov_base = "a string"
	texts[2] = select(2, pcall(sendmsg, sock, msg, flags))
	msg.iov[1] = nil
	texts[3] = select(2, pcall(sendmsg, sock, msg, flags))
	return send(sock, "x")
end)
drive("tcp_rr")
assert(texts[1][1]:find("iov_len must be in 0..1", 1, true), texts[1][1])
assert(texts[1][2]:find("iov_base must be a data object", 1, true), texts[1][2])
assert(texts[1][3]:find("iov[1] must be a table", 1, true), texts[1][3])

--# control messages come with a message, with their fields and as bytes
local seen = load.collect({})
server_socket(function(sock) sock:setsockopt("socket", "timestampns", true) end)
server_recvmsg(function(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	if not n then return n, err end
	local count = 0
	for at, cmsg in msg:cmsgs() do
		count = count + 1
		assert(at == count and cmsg.type == "timestampns" and cmsg.level == "socket")
		assert(cmsg.cmsg_level == SOL_SOCKET and cmsg.cmsg_type == SO_TIMESTAMPNS)
		assert(cmsg.cmsg_data == cmsg.data)
		local sec, nsec = ("<i8i8"):unpack(cmsg.cmsg_data)
		assert(cmsg.value == sec * 1000000000 + nsec)
	end
	assert(count == 1 and #msg.control == 1 and msg.control[1].value)
	assert(msg.msg_controllen == 32 and msg.msg_namelen == 16)
	local at, first = msg:cmsg_firsthdr()
	assert(at == 1 and first.value == msg.control[1].value)
	assert(msg:cmsg_nxthdr() == nil and msg:cmsg_nxthdr() == nil)
	seen.name, seen.count = msg.name, (seen.count or 0) + 1
	return n
end)
drive("udp_stream")
assert(seen[1].count > 0)
eq(seen[1].name.addr, "127.0.0.1")
eq(seen[1].name.family, AF_INET)

--# a server over UDP answers who asked, by whatever call its hook has received
for _, call in ipairs{ "recvmsg", "recvfrom", "recv", "read" } do
	local t = thread.spawn(function(call)
		local load = require "load"
		local answered = load.collect(0)
		load.server_recvmsg(function(sock, msg, flags)
			if call == "recvmsg" then return recvmsg(sock, msg, flags) end
			local piece = msg.iov[1]
			-- What stays there is not to be answered.
			assert(recv(sock, piece.iov_base, 1, "peek") == 1)
			return _G[call](sock, piece.iov_base, piece.iov_len)
		end)
		load.server_sendmsg(function(sock, msg, flags)
			assert(msg.name.addr == "127.0.0.1" and msg.name.port > 0)
			answered = answered + 1
			return sendmsg(sock, msg, flags)
		end)
		local result = load.run{ role = "both", workload = "udp_rr", num_flows = 3, test_length = -30 }
		return result.transactions, answered[1]
	end, call)
	local _, transactions, answered = t:join()
	eq(transactions, 30)
	assert(answered >= 30, call)
end

--# no call waits in a hook
local seen = load.collect({})
client_recvmsg(function(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	local again, more = recv(sock, data.new(10))
	seen.again, seen.name = again, more and more.name
	return n, err
end)
drive("tcp_rr")
eq(seen[1].again, nil)
eq(seen[1].name, "EAGAIN")

--# a flow's socket is the same object each time, that of another connection another one
local count = load.collect(0)
local last
client_sendmsg(function(sock, msg, flags)
	if sock ~= last then count = count + 1 end
	last = sock
	return sendmsg(sock, msg, flags)
end)
drive("tcp_rr")
eq(count[1], 1)
drive("tcp_crr")
eq(count[1], 20)

--# a socket that a hook keeps is closed with its flow
local names = load.collect({})
local kept = {}
client_sendmsg(function(sock, msg, flags)
	local first = kept[1]
	if first and first ~= sock then names[#names + 1] = select(2, send(first, "x")).name end
	kept[#kept + 1] = sock
	return sendmsg(sock, msg, flags)
end)
eq(drive("tcp_crr").transactions, 20)
eq(#names[1], 19)
for _, name in ipairs(names[1]) do eq(name, "EBADF") end

--# a hook may close its socket: the flow ends as if it had failed
client_sendmsg(function(sock)
	close(sock)
	return -socket.errno.EBADF
end)
local result = drive("tcp_rr", { num_flows = 3, test_length = "1s" })
eq(result.transactions, 0)
eq(errors(result, "client", "hook", "EBADF"), 3)

--# what a hook fails with is counted by its errno: as a number, or as an error object
local n = 0
client_recvmsg(function(sock, msg, flags)
	n = n + 1
	if n == 1 then return -socket.errno.ENOBUFS end
	if n == 2 then return nil, select(2, getsockopt(sock, SOL_SOCKET, 9999)) end
	if n == 3 then return -1 end
	return recvmsg(sock, msg, flags)
end)
local result = drive("tcp_rr")
eq(errors(result, "client", "hook", "ENOBUFS"), 1)
eq(errors(result, "client", "hook", "ENOPROTOOPT"), 1)
eq(errors(result, "client", "hook", "EPERM"), 1)
eq(result.transactions, 20)

--# a hook of messages that says nothing is counted as EPROTO, and asked again
local n = 0
local function forget(call)
	return function(...)
		n = n + 1
		if n % 3 > 0 then return call(...) end
	end
end
client_sendmsg(forget(sendmsg))
client_recvmsg(forget(recvmsg))
server_sendmsg(forget(sendmsg))
server_recvmsg(forget(recvmsg))
local result = drive("tcp_rr")
eq(result.transactions, 20)
assert(errors(result, "client", "hook", "EPROTO") >= 19)
assert(errors(result, "server", "hook", "EPROTO") >= 19)
for _, workload in ipairs{ "tcp_crr", "tcp_stream", "udp_rr", "udp_stream" } do
	local result = drive(workload, workload == "udp_rr" and { timeout = "10ms" })
	assert(errors(result, "client", "hook", "EPROTO") > 0, workload)
	assert(errors(result, "server", "hook", "EPROTO") > 0, workload)
	eq(result.causes.hook, result.errors, workload)
end

--# a hook that never says anything does not keep other flows from their turns
local first
client_sendmsg(function(sock, ...)
	first = first or sock
	if sock ~= first then return sendmsg(sock, ...) end
end)
for _, workload in ipairs{ "tcp_rr", "udp_rr" } do
	local result = drive(workload, { test_length = "200ms", num_flows = 2 })
	assert(result.transactions > 10, workload .. result.transactions)
	assert(errors(result, "client", "hook", "EPROTO") > 10, workload)
end

--# what is in the error queue is no cause to receive
local seen = load.collect({ queued = 0, again = 0 })
client_socket(function(sock)
	local flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_OPT_TSONLY
	assert(setsockopt(sock, SOL_SOCKET, SO_TIMESTAMPING, flags))
end)
client_recverr(function(...)
	local n, err = recvmsg(...)
	if n then seen.queued = seen.queued + 1 end
	return n, err
end)
client_recvmsg(function(...)
	local n, err = recvmsg(...)
	if not n then seen.again = seen.again + 1 end
	return n, err
end)
eq(drive("tcp_rr", { test_length = -200 }).transactions, 200)
assert(seen[1].queued > 100, seen[1].queued)
eq(seen[1].again, 0)

--# an error that is not in the queue is taken by the next call, and not reported for ever
local calls = load.collect(0)
client_recverr(function(...)
	calls = calls + 1
	return recvmsg(...)
end)
local sock = socket.new("inet", "udp")
sock:bind("127.0.0.1", 0)
local port = getsockname(sock).port
sock:close()
local result = load.run{ role = "client", workload = "udp_rr", host = "127.0.0.1", control_port = 0, port = port,
	test_length = "200ms" }
local refused = errors(result, "client", "recv", "ECONNREFUSED") + errors(result, "client", "send", "ECONNREFUSED")
assert(refused > 10, refused)
assert(calls[1] <= refused + 2, calls[1] .. " " .. refused)

--# a hook of sockets that gives an error object ends the run with it
client_socket(function(sock) return bind(sock, "192.0.2.1", 1) end)
local ok, e = pcall(drive, "tcp_rr")
eq(ok, false)
eq(e.name, "EADDRNOTAVAIL")
eq(e.call, "client_socket")

--# what no errno can be is an error that names the hook
client_sendmsg(function() return -5000 end)
raises("client_sendmsg returned -5000, which is no negative errno", drive, "tcp_rr")

--# more bytes than there was room for are an error that names the hook
server_recvmsg(function(_, msg) return msg.iov[1].iov_len + 1 end)
raises("server_recvmsg returned 2, but was to move 1 bytes at most", drive, "tcp_rr")

--# a hook may wait for nothing in a coroutine, but not yield out of itself
local text = load.collect("")
client_sendmsg(function(sock, msg, flags)
	local co = coroutine.wrap(function() coroutine.yield(1) return sendmsg(sock, msg, flags) end)
	text = select(2, pcall(coroutine.yield)) or ""
	return co() and co()
end)
eq(drive("tcp_rr").transactions, 20)
assert(text[1]:find("yield", 1, true), text[1])
