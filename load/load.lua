-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The library load: what scripts call. docs/design.md tells how it works.

--- Load: clients and servers that put each other under load, in kernel threads, with the script's functions in the
-- places where they move bytes.
--
-- A script sets hooks, calls @{load.run}, and reads what came of it. A hook runs in the worker that has the socket:
-- each worker is a kernel thread with a Lua state of its own. The hook goes there with what it refers to (`local`
-- variables, functions, tables: see @{thread.spawn}), as that is when @{load.run} is called. Hooks of one worker share
-- what they share in the script; workers share nothing. What is to come back is made with @{load.collect}.
--
-- **Hooks of sockets** get a socket and its address. That is what a client is going to connect to, and what a server
-- is going to bind to; a table as C's `struct addrinfo`: `ai_family`, `ai_socktype`, `ai_protocol`, `ai_addr`
-- (`family`, `addr`, `port`), `ai_addrlen`, and plainly `family`, `socktype`, `protocol`, `addr`, `port`. A negative
-- number, or nil and an error, ends the run; what `_close` hooks return is ignored, as the socket goes anyhow. What any
-- hook raises ends the run.
--
-- **Hooks of messages** are called in place of the kernel's call, with the socket, a message and flags. They return
-- how many bytes they have moved; 0 from receiving is the end of the connection; or what is counted as a failure:
-- `-errno`, nil and an error, or nil alone (`EPROTO`). The message has `iov` (`msg.iov[1].iov_base`, a data object, and
-- `iov_len`), `name`, `control`, `cmsgs()`. It is there for the call only.
--
-- Calls and constants go by their names in C: `recvmsg(sock, msg, flags)`, `setsockopt(sock, SOL_SOCKET, SO_MARK, 7)`,
-- which give nil and an error object when they fail. In a script for this library they are globals, and so are the
-- hooks, `run`, `collect`, `is_client`, `is_server`, `tid_iter` and `S`.
--
-- A script that has set hooks and never calls run() runs when its text has come to its end, with the options of its
-- command line. What is typed at a prompt (`luadrv repl`) has to call it.
--
-- A run can be ended early, by a signal to the command, as Ctrl-C: its result is then of the time until then, and has
-- `interrupted`. The script goes on, but begins no other run.
-- @module load

local _, core = ...
local need = core.need

local HOOKS = {
	"client_socket", "client_close", "client_sendmsg", "client_recvmsg", "client_recverr",
	"server_socket", "server_close", "server_sendmsg", "server_recvmsg", "server_recverr",
}

-- Functions of this table may be copied into workers with what refers to them. There they work on the worker's own
-- state, as all that they know is how to ask for it.
local load = { histogram = core.histogram }

-- Raises in a worker.
local function check_script(what)
	if need("load.state").worker then error(("load.%s: only the script can do this, not a hook"):format(what), 3) end
end

-- ---- hooks

for _, name in ipairs(HOOKS) do
	load[name] = function(...)
		check_script(name)
		local hook = ...
		if type(hook) ~= "function" and (hook ~= nil or select("#", ...) == 0) then
			error(("load.%s: a function expected, or nil, got %s"):format(name, hook == nil and "no value" or type(hook)), 2)
		end
		local state = need("load.state")
		if hook and state.hooks[name] then error(("load: hook %s is already set"):format(name), 2) end
		state.hooks[name] = hook
		need("load.script").expect_end()
	end
end

--- Sets what is called with each socket that a client has made, before it gets options and is connected.
-- @function load.client_socket
-- @tparam ?function hook `hook(sock, addr)`; nil takes it away
-- @return nothing
-- @raise an error when the hook is set already, or is no function
-- @usage load.client_socket(function(sock) sock:setsockopt("tcp", "nodelay", true) end)

--- Sets what is called with each socket that a server has made to listen at (UDP: to receive from), before it is bound.
-- @function load.server_socket
-- @tparam ?function hook `hook(sock, addr)`
-- @return nothing
-- @raise as @{load.client_socket}
-- @usage load.server_socket(function(sock) sock:setsockopt("socket", "rcvbuf", 65536) end)

--- Sets what is called with each socket of a client before it is closed at the end of the run.
-- @function load.client_close
-- @tparam ?function hook `hook(sock, addr)`
-- @return nothing
-- @raise as @{load.client_socket}
-- @usage load.client_close(function(sock) print(sock:getsockopt("tcp", "info").rtt) end)

--- Sets what is called with the sockets that a server listens at (UDP: receives from) before they are closed.
-- @function load.server_close
-- @tparam ?function hook `hook(sock, addr)`
-- @return nothing
-- @raise as @{load.client_socket}
-- @usage load.server_close(function(sock, addr) print(addr.port) end)

--- Sets what a client calls to send.
-- @function load.client_sendmsg
-- @tparam ?function hook `hook(sock, msg, flags)`
-- @return nothing
-- @raise as @{load.client_socket}
-- @usage load.client_sendmsg(function(sock, msg, flags) return sendmsg(sock, msg, flags) end)

--- Sets what a server calls to send.
-- @function load.server_sendmsg
-- @tparam ?function hook `hook(sock, msg, flags)`
-- @return nothing
-- @raise as @{load.client_socket}
-- @usage load.server_sendmsg(function(sock, msg, flags) return sendmsg(sock, msg, flags) end)

--- Sets what a client calls to receive.
-- @function load.client_recvmsg
-- @tparam ?function hook `hook(sock, msg, flags)`
-- @return nothing
-- @raise as @{load.client_socket}
-- @usage load.client_recvmsg(function(sock, msg, flags) return recvmsg(sock, msg, flags) end)

--- Sets what a server calls to receive.
-- @function load.server_recvmsg
-- @tparam ?function hook `hook(sock, msg, flags)`
-- @return nothing
-- @raise as @{load.client_socket}
-- @usage load.server_recvmsg(function(sock, msg, flags) return recvmsg(sock, msg, flags) end)

--- Sets what a client calls when the error queue of a socket has something.
-- @function load.client_recverr
-- @tparam ?function hook `hook(sock, msg, flags)`; the flags have `MSG_ERRQUEUE`
-- @return nothing
-- @raise as @{load.client_socket}
-- @usage load.client_recverr(function(sock, msg, flags) return recvmsg(sock, msg, flags) end)

--- Sets what a server calls when the error queue of a socket has something.
-- @function load.server_recverr
-- @tparam ?function hook `hook(sock, msg, flags)`; the flags have `MSG_ERRQUEUE`
-- @return nothing
-- @raise as @{load.client_socket}
-- @usage load.server_recverr(function(sock, msg, flags) return recvmsg(sock, msg, flags) end)

-- ---- values from workers

--- Makes a value that comes back from workers.
--
-- Where hooks have what this returns, as an upvalue or in a table that they can reach, they find the value itself,
-- each worker a copy of its own. After @{load.run} the table that this returned has what each worker's copy was at the
-- end: at 1 that of thread 0, and so on; `n` is how many there are. In a run of both a client and a server these are
-- the workers of the one whose hooks have it; if both do, the client's come first.
-- @function load.collect
-- @param value nil, a boolean, an integer, a string, a table, a function
-- @treturn table it has the value at 1
-- @raise an error in a worker
-- @usage local bytes = load.collect(0)
-- load.client_recvmsg(function(sock, msg, flags)
--	local n, err = recvmsg(sock, msg, flags)
--	bytes = bytes + (n or 0)
--	return n, err
-- end)
-- load.run{ workload = "tcp_rr", role = "both", test_length = "100ms" }
-- for thread, n in ipairs(bytes) do print(thread - 1, n) end
function load.collect(value)
	check_script("collect")
	local collector = need("load.collectors").new(value)
	table.insert(need("load.state").collected, collector)
	return collector.wrapper
end

-- ---- the run

--- Runs a load, and waits until it is over.
--
-- With a table these are the options, which @{load.md} lists; with nothing, the options are the words of the command
-- line, `luadrv run SCRIPT -- --workload tcp_rr --num-flows 10`: then the options are printed first, and the result
-- when the script has come to its end, in the form of neper; if the result does not meet the thresholds the script
-- fails.
--
-- It may run again, with other options: the hooks stay, collected values begin anew. Called again without options it
-- gives the result that there is.
-- @function load.run
-- @tparam[opt] table options by their names; words of a command line may be there, too, at 1 and up
-- @treturn table the result
-- @raise what an option lacks; what a hook raised, with its name, its worker and a traceback; error object of
--  connect(2), bind(2), ..., with the field `worker`; an error in a worker
-- @usage local result = load.run{ workload = "tcp_rr", role = "both", test_length = "100ms", num_flows = 4 }
-- print(result.transactions, result.latency.mean)
function load.run(options)
	check_script("run")
	if options ~= nil and type(options) ~= "table" then
		error(("load.run: a table of options expected, got %s"):format(type(options)), 2)
	end
	return need("load.script").run(options)
end

--- The result of the last run.
-- @function load.result
-- @treturn ?table nil before there is one
-- @raise nothing
-- @usage local result = load.result()
function load.result() return need("load.state").result end

--- All options that @{load.run} takes.
-- @function load.options
-- @treturn {table,...} of each: `name`, `short`, `kind`, `default`, `help`, `allowed`: what it may be, `workloads`:
--  which have it
-- @raise nothing
-- @usage for _, option in ipairs(load.options()) do print(option.name, option.help) end
function load.options() return need("load.options").list() end

-- ---- who asks

--- Whether a client is there: in a hook, whether it is a client's; in the script, whether the run has clients.
-- @function load.is_client
-- @treturn boolean
-- @raise in the script, before a run: what the options of the command line lack
-- @usage if load.is_client() then print("client") end
function load.is_client() return need("load.script").has_role("client") end

--- Whether a server is there: in a hook, whether it is a server's; in the script, whether the run has servers.
-- @function load.is_server
-- @treturn boolean
-- @raise as @{load.is_client}
-- @usage if load.is_server() then print("server") end
function load.is_server() return need("load.script").has_role("server") end

--- The number of the worker that a hook runs in, among those of its role.
-- @function load.thread_id
-- @treturn ?integer 0 and up; nil in the script
-- @raise nothing
-- @usage local id = load.thread_id()
function load.thread_id()
	local worker = need("load.state").worker
	return worker and worker.id
end

--- Goes over the numbers of all workers of a role, for a loop.
-- @function load.tid_iter
-- @treturn function that gives 0, 1, ...
-- @raise as @{load.is_client}
-- @usage for id in load.tid_iter() do print("thread " .. id) end
function load.tid_iter()
	local id, count = -1, need("load.script").threads()
	return function()
		id = id + 1
		if id < count then return id end
	end
end

-- What is global, too.
local GLOBALS = { run = true, collect = true, is_client = true, is_server = true, tid_iter = true }
for _, name in ipairs(HOOKS) do GLOBALS[name] = true end

-- The greatest of the numbers that are keys of a table. LuaJIT has it.
local function maxn(t)
	local most = 0
	for key in pairs(t) do
		if math.type(key) == "integer" and key > most then most = key end
	end
	return most
end
if type(table) == "table" and not rawget(table, "maxn") then rawset(table, "maxn", maxn) end

core.lazy(function(name)
	if GLOBALS[name] then return load[name] end
	return need("load.names").find(name)
end)

return load
