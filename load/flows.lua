-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The engine of a worker, made of the options: where its flows go to and come from, what they set, how fast they are.

local _, core = ...
local socket = core.need("socket")

local MOST_SOURCES = 1024	-- load/engine.h
local ANY = { inet = "0.0.0.0", inet6 = "::" }

local flows = {}

-- ---- options of sockets

local function set_if(list, wanted, level, name, value)
	if wanted then list[#list + 1] = { level, name, value } end
end

-- What every socket gets; listening ones, too.
local function common(opt)
	local list = {}
	local level = opt.family == "inet6" and "ipv6" or "ip"
	set_if(list, opt.debug, "socket", "debug", true)
	set_if(list, opt.mark ~= 0, "socket", "mark", opt.mark)
	set_if(list, opt.freebind, level, "freebind", true)
	set_if(list, opt.reuseaddr, "socket", "reuseaddr", true)
	set_if(list, opt.congestion_control, "tcp", "congestion", opt.congestion_control)
	set_if(list, opt.no_delay, "tcp", "nodelay", true)
	set_if(list, (opt.tcp_tx_delay or 0) ~= 0, "tcp", "tx_delay", opt.tcp_tx_delay)
	set_if(list, opt.max_pacing_rate ~= 0, "socket", "max_pacing_rate", opt.max_pacing_rate)
	return list
end

local function set_options(engine, opt, role)
	local list = common(opt)
	if role == "client" and opt.protocol == "tcp" then
		set_if(list, not opt.time_wait, "socket", "linger", 0)
		set_if(list, opt.tcp_fastopen, "tcp", "fastopen_connect", true)
	end
	for _, option in ipairs(list) do engine:option(table.unpack(option)) end
end

-- ---- a client

-- Ports of the server, and own addresses, begin with those of the worker's first flow.
local function set_addresses(engine, task)
	local opt, first = task.options, task.first_flow
	for i = first, first + task.num_ports - 1 do engine:target(opt.host, task.port + i % task.num_ports) end
	if opt.source_port then
		if task.num_flows > MOST_SOURCES then
			error(("load: source_port: a thread can have %d flows with ports of their own, not %d; take more threads"):format(
				MOST_SOURCES, task.num_flows), 0)
		end
		for i = first, first + task.num_flows - 1 do engine:source(ANY[opt.family], opt.source_port + i) end
	end
	local hosts = opt.local_hosts or {}
	for i = first, first + #hosts - 1 do engine:source(hosts[i % #hosts + 1], 0) end
end

-- ---- a server

-- What a hook gets as the address of a socket: as C has it in struct addrinfo, and with plain names.
local function addrinfo(family, protocol, host, port)
	local info = {
		family = family == "inet6" and 10 or 2, socktype = protocol == "udp" and 2 or 1,
		protocol = protocol == "udp" and 17 or 6, addr = host, port = port,
	}
	info.ai_flags, info.ai_family, info.ai_socktype, info.ai_protocol = 0, info.family, info.socktype, info.protocol
	local t = core.need("load.names").S.types.t
	info.ai_addr = (family == "inet6" and t.sockaddr_in6 or t.sockaddr_in)(port, host)
	info.ai_addrlen = family == "inet6" and 28 or 16
	return info
end

-- Calls the hook; what it returns can be an error, as -errno, or as nil and an error.
local function call_hook(hook, sock, info)
	local result, err = hook(sock, info)
	if math.type(result) == "integer" and result < 0 then
		error(core.failure(-result, "server_socket", ("%s:%d"):format(info.addr, info.port)), 0)
	end
	if result == nil and err ~= nil then error(err, 0) end
end

-- A socket at one port of the server, as it is before it listens. Those that serve share it: for one that only
-- reserves it nobody is to choose.
local function bound(opt, host, port, serves, hook, info)
	local sock = socket.new(opt.family, opt.protocol)
	if hook then call_hook(hook, sock, info) end
	sock:setsockopt("socket", "reuseport", serves)
	sock:setsockopt("socket", "reuseaddr", true)
	for _, option in ipairs(common(opt)) do sock:setsockopt(table.unpack(option)) end
	if opt.tcp_fastopen then sock:setsockopt("tcp", "fastopen", opt.listen_backlog) end
	sock:bind(host, port)
	return sock
end

-- Tries to get ports in a row: their sockets, and the first one; or what sockets there are, nil, and why not.
local function try_reserve(opt, port, count)
	local socks, first = {}, port
	for i = 0, count - 1 do
		local ok, sock = pcall(bound, opt, opt.host, first + i, false)
		if not ok then return socks, nil, sock end
		socks[i + 1] = sock
		if first == 0 then first = select(2, sock:getsockname()) end
		if first + count > 65536 then return socks end
	end
	return socks, first
end

-- Ports in a row, from this one on, or, with 0, that are free: the first one, and sockets that keep others from them.
function flows.reserve(opt, port, count)
	for _ = 1, 100 do
		local socks, first, err = try_reserve(opt, port, count)
		if first then return first, socks end
		for _, sock in ipairs(socks) do sock:close() end
		if port ~= 0 or type(err) == "string" then error(err, 0) end
	end
	error(("load: num_ports: there are no %d free ports in a row"):format(count), 0)
end

-- Opens what a server listens at.
local function serve(engine, task, served)
	local opt, hooks = task.options, task.hooks
	for i = 0, task.num_ports - 1 do
		local port = task.port + i
		local info = (hooks.socket or hooks.close) and addrinfo(opt.family, opt.protocol, opt.host, port)
		local sock = bound(opt, opt.host, port, true, hooks.socket, info)
		if opt.protocol == "tcp" then sock:listen(opt.listen_backlog) end
		engine:serve(sock)
		served[#served + 1] = { sock = sock, info = info }
	end
end

-- ---- the engine

-- Which directions a worker of a stream works in.
local function directions(opt, task)
	local client = task.role == "client"
	-- One connection has one direction, which is its client's.
	if client and opt.split_bidir then return task.id % 2 == 1, task.id % 2 == 0 end
	if client then return opt.client_reads, opt.client_writes end
	return opt.server_reads, opt.server_writes
end

local function config(task)
	local opt = task.options
	local reads, writes = directions(opt, task)
	local hooks = {}
	for name, hook in pairs(task.hooks) do hooks[name] = hook end
	-- Those of listening sockets are called here.
	if task.role == "server" then hooks.socket, hooks.close = nil, nil end
	return {
		client = task.role == "client", kind = opt.kind, family = opt.family, type = opt.protocol,
		flows = task.num_flows, request = opt.request_size or 1, response = opt.response_size or 1,
		buffer = opt.buffer_size, outstanding = opt.outstanding or 1, reads = reads, writes = writes,
		skips = opt.skip_rx_copy or false, no_cork = opt.no_cork or false, seed = opt.seed, transactions = task.transactions,
		skip_late = opt.skip_late, patience = task.role == "client" and opt.timeout_ns or 0,
		rtts = opt.log_rtt and task.role == "client" and task.num_flows * opt.logrtt_entries_per_flow or nil, hooks = hooks,
	}
end

-- The engine of a worker, ready to run, and the sockets that it listens at.
function flows.engine(task)
	local engine, served = core.engine(config(task)), {}
	set_options(engine, task.options, task.role)
	for _, stage in ipairs(task.stages or {}) do engine:stage(stage.length_ns, stage.from, stage.to) end
	if task.role == "client" then
		set_addresses(engine, task)
	else
		serve(engine, task, served)
	end
	return engine, served
end

-- Calls the hook for the listening sockets, before they are closed.
function flows.close(task, served)
	local hook = task.hooks.close
	if task.role ~= "server" or not hook then return end
	for _, one in ipairs(served) do hook(one.sock, one.info) end
end

return flows
