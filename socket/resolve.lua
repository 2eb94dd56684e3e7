-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Names to addresses, for socket.resolve and socket.query (socket/resolve_lua.c), by the
-- kernel's own resolver or else by the name servers of /etc/resolv.conf (RFC 1035).
--
-- A query is a coroutine that yields when it must wait, with what it waits for in fields of
-- the query. Messages come from strangers: what is no answer to the question is as if it had
-- not come, and whatever a message says of how far to go has a bound.

--- Names.
-- @submodule socket

local _, core = ...
local socket, kernel = core.socket, core.kernel
local errno = socket.errno

local A, CNAME, AAAA, IN = 1, 5, 28, 1		-- types and the class of records
local KINDS = { A, AAAA }			-- in the order of the results
local FAMILY = { [A] = "inet", [AAAA] = "inet6" }
local SIZE = { [A] = 4, [AAAA] = 16 }
local CODES = { "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" }
local NO_NAME = 3				-- NXDOMAIN
local RECORDS, JUMPS, ALIASES = 100, 20, 8	-- most in an answer; in a name; before an address
local SERVERS, SUFFIXES = 3, 6			-- most that resolv.conf may have
local TIMEOUT, ATTEMPTS, NDOTS = 2, 2, 1	-- unless it has options; in seconds
local BURST = 16				-- calls before others have their turn

local TIME_IS_OVER = {}
local MUST_WAIT = { [errno.EAGAIN] = true, [errno.EINPROGRESS] = true, [errno.EALREADY] = true }

local function now() return kernel.time_ns() // 1000000 end

-- ---- messages

-- A name as its labels, in lower case and each with its length before it; nil if it is no
-- name of a host. What ends in a number could be meant as an address.
local function encode(name)
	local labels, last = {}, ""
	if #name > 254 then return end
	for label in (name:gsub("%.$", "") .. "."):lower():gmatch("([^.]*)%.") do
		if #label < 1 or #label > 63 or label:find("[^a-z0-9_-]") then return end
		labels[#labels + 1] = string.pack("s1", label)
		last = label
	end
	local encoded = table.concat(labels)
	if last:find("^%d+$") or last:find("^0x%x*$") then return end
	return encoded
end

-- The name at a position of a message, as encode() has it, and the position after it; nil if
-- there is none. Each jump must go back, before the name that it comes from.
local function read_name(message, position)
	local labels, size, jumps = {}, 0, 0
	local first, after = position, nil
	while true do
		local length = message:byte(position)
		if not length then return end
		if length == 0 then break end
		if length >= 0xc0 then
			local low = message:byte(position + 1)
			local target = low and (length & 0x3f) << 8 | low
			jumps = jumps + 1
			if not target or target + 1 >= first or jumps > JUMPS then return end
			after = after or position + 2
			position, first = target + 1, target + 1
		else
			size = size + 1 + length
			if length > 63 or size > 254 or position + length > #message then return end
			labels[#labels + 1] = message:sub(position, position + length):lower()
			position = position + 1 + length
		end
	end
	return table.concat(labels), after or position + 1
end

-- Addresses by the name that has them, and aliases; nil if the message is damaged.
local function read_records(message, position, count, kind)
	local found, aliases = {}, {}
	for _ = 1, math.min(count, RECORDS) do
		local name, start = read_name(message, position)
		if not name or start + 9 > #message then return end
		local type, class, _, size, content = string.unpack(">I2I2I4I2", message, start)
		position = content + size
		if position > #message + 1 then return end
		if class == IN and type == kind and size == SIZE[kind] then
			found[name] = found[name] or {}
			table.insert(found[name], message:sub(content, position - 1))
		elseif class == IN and type == CNAME then
			aliases[name] = read_name(message, content)
		end
	end
	return found, aliases
end

local function ask(question)
	return string.pack(">I2I2I2I2I2I2", question.id, 0x0100, 1, 0, 0, 0) .. question.text
end

local function new_question(name, kind, aliases)
	return { name = name, kind = kind, aliases = aliases, id = string.unpack("I2", kernel.random(2)),
		text = name .. string.pack(">BI2I2", 0, kind, IN) }
end

-- What a message says to a question, and more about it: "found" and addresses, "alias" and
-- the name to ask for instead, "none" and whether the name exists, "failed" and a code,
-- "truncated"; nil if it is no answer to it.
local function parse(message, question, whole)
	if #message < 12 then return end
	local first = 13 + #question.text
	local id, flags, questions, answers = string.unpack(">I2I2I2I2", message)
	local code = flags & 0xf
	if id ~= question.id or flags & 0xf800 ~= 0x8000 then return end
	-- A server that could not read the question does not repeat it.
	if questions == 0 and code ~= 0 then return "failed", code end
	if questions ~= 1 or message:sub(13, first - 1):lower() ~= question.text:lower() then return end
	if code == NO_NAME then return "none", false end
	if code ~= 0 then return "failed", code end
	if flags & 0x0200 ~= 0 and not whole then return "truncated" end
	local found, aliases = read_records(message, first, answers, question.kind)
	if not found then return end
	local name = question.name
	for _ = question.aliases, ALIASES do
		if found[name] then return "found", found[name] end
		local alias = aliases[name]
		if not alias then break end
		aliases[name] = nil	-- circles end where they began
		name = alias
	end
	if name == question.name then return "none", true end
	return "alias", name
end

-- An address as text (RFC 5952): of IPv6 the longest run of zeros is left out.
local function text_of(address)
	if #address == 4 then return ("%d.%d.%d.%d"):format(address:byte(1, 4)) end
	local text = (":%x:%x:%x:%x:%x:%x:%x:%x"):format(string.unpack(">I2I2I2I2I2I2I2I2", address))
	for n = 8, 2, -1 do
		local first, last = (text .. ":"):find((":0"):rep(n) .. ":", 1, true)
		if first then return text:sub(2, first - 1) .. "::" .. text:sub(last + 1) end
	end
	return text:sub(2)
end

-- ---- waiting

-- Lets the script wait for events of a socket, or of something like it; raises when it is too late.
local function wait(query, latest, sock, events)
	query.sock, query.events, query.deadline = sock, events, math.min(latest, query.latest)
	if now() >= query.deadline then error(TIME_IS_OVER) end
	coroutine.yield()
end

-- Calls a method of a socket that does not wait, until it has not to. Who has much to say does
-- not keep others from their turn, nor the query from its end.
local function call(query, latest, events, sock, method, ...)
	while true do
		query.calls = query.calls + 1
		if query.calls % BURST == 0 then wait(query, latest, sock, events) end
		local ok, result = pcall(sock[method], sock, ...)
		if ok then return result end
		if not MUST_WAIT[result.code] then error(result, 0) end
		wait(query, latest, sock, events)
	end
end

-- ---- servers

-- Sends the questions that are open and takes answers until all have come. Over UDP, where
-- @whole is not true, anybody may have sent what comes.
local function converse(query, send, receive, whole)
	local waiting = {}
	for kind, question in pairs(query.open) do
		send(ask(question))
		waiting[kind] = true
	end
	while next(waiting) do
		local message, what = receive(), nil
		for kind in pairs(waiting) do
			local question = query.open[kind]
			local more
			what, more = parse(message, question, whole)
			if what == "alias" and question.aliases < ALIASES then
				query.open[kind] = new_question(more, kind, question.aliases + 1)
				send(ask(query.open[kind]))
			elseif what then
				waiting[kind] = nil
				query.said[kind], query.more[kind] = what, more
				if what == "found" or what == "none" then query.open[kind] = nil end
			end
			if what then break end
		end
		if whole and not what then error({ code = errno.EBADMSG }, 0) end
	end
end

local function over_udp(query, latest, sock)
	converse(query, function(message) sock:send(message, "D") end, function()
		return call(query, latest, "r", sock, "read", 4096, "D")
	end)
end

local function over_tcp(query, latest, sock)
	local function take(size)
		local taken = ""
		while #taken < size do
			local more = call(query, latest, "r", sock, "read", size - #taken, "D")
			if not more then error({ code = errno.ECONNRESET }, 0) end
			taken = taken .. more
		end
		return taken
	end
	converse(query, function(message) sock:send(string.pack(">s2", message), "D") end, function()
		return take(string.unpack(">I2", take(2)))
	end, true)
end

-- Asks one server. Gives an errno, if it did not come to answers.
local function contact(query, server, type, exchange, latest)
	local sock
	local ok, err = pcall(function()
		sock = socket.new(core.family(server), type)
		call(query, latest, "w", sock, "connect", server, query.port, "D")
		exchange(query, latest, sock)
	end)
	if sock then sock:close() end
	if not ok and not (err == TIME_IS_OVER or err.code) then error(err, 0) end
	return not ok and (err.code or errno.ETIMEDOUT) or nil
end

-- Asks a server all that is open, over TCP if need be; gives a problem, if there is one.
local function try_server(query, server)
	for kind in pairs(query.open) do query.said[kind] = nil end
	local code = contact(query, server, "udp", over_udp, now() + query.patience)
	for kind in pairs(query.open) do
		if query.said[kind] == "truncated" then
			code = contact(query, server, "tcp", over_tcp, now() + query.patience)
			break
		end
	end
	for kind in pairs(query.open) do
		if query.said[kind] == "failed" then
			local reason = query.more[kind]
			return { code = errno.EREMOTEIO, ("%s says %s"):format(server, CODES[reason] or reason) }
		end
	end
	return code and { code = code, (code == errno.ETIMEDOUT and "no answer from " or "") .. server }
end

local function any_found(query)
	return query.said[A] == "found" or query.said[AAAA] == "found"
end

-- Asks the servers until nothing is open, or there are addresses at least; gives the last
-- problem if there is neither.
local function ask_servers(query, name)
	local problem
	query.open, query.said, query.more = {}, {}, {}
	for _, kind in ipairs(query.kinds) do query.open[kind] = new_question(name, kind, 0) end
	for _ = 1, query.attempts do
		for _, server in ipairs(query.servers) do
			problem = try_server(query, server) or problem
			if not next(query.open) or any_found(query) then return end
			if now() >= query.latest then return problem end
		end
	end
	return problem or { code = errno.EREMOTEIO, "too many aliases" }
end

-- ---- files

local function lines(path) return (core.read(path) or ""):gmatch("[^\n]+") end

-- What /etc/resolv.conf says, as the C library takes it: nameserver, search, domain, and the
-- options ndots, timeout and attempts. Others, such as rotate and use-vc, count for nothing.
local function configure(query)
	local servers, options = {}, {}
	query.suffixes = {}
	for line in lines("/etc/resolv.conf") do
		local key, rest = line:match("^%s*(%l+)%s+(.*)")
		if key == "nameserver" then
			local server = rest:match("^%S+")
			if #servers < SERVERS and core.family(server) then servers[#servers + 1] = server end
		elseif key == "search" or key == "domain" then
			query.suffixes = {}
			for word in rest:gmatch("%S+") do
				if #query.suffixes < SUFFIXES then table.insert(query.suffixes, word) end
			end
		elseif key == "options" then
			for name, value in rest:gmatch("(%l+):(%d%d?)") do options[name] = tonumber(value) end
		end
	end
	query.servers = servers[1] and servers or { "127.0.0.1" }
	query.patience = 1000 * math.max(options.timeout or TIMEOUT, 1)
	query.attempts = math.max(options.attempts or ATTEMPTS, 1)
	query.ndots = options.ndots or NDOTS
end

-- Addresses of the name in /etc/hosts.
local function from_hosts(query)
	local found = { [A] = {}, [AAAA] = {} }
	local name = query.name:lower():gsub("%.$", "")
	for line in lines("/etc/hosts") do
		if line:lower():find(name, 1, true) then
			local address, names = line:match("^%s*([^%s#]+)%s+([^#]*)")
			for word in (names or ""):lower():gmatch("%S+") do
				for kind, family in pairs(word == name and FAMILY or {}) do
					if core.family(address) == family then table.insert(found[kind], address) end
				end
			end
		end
	end
	return found
end

-- ---- queries

-- Those addresses that are wanted, each once; nil if there are none.
local function chosen(query, found)
	local list, seen = {}, {}
	for _, kind in ipairs(query.kinds) do
		for _, address in ipairs(found[kind] or {}) do
			if not seen[address] then list[#list + 1] = address end
			seen[address] = true
		end
	end
	return list[1] and list
end

-- A name may come from a stranger and go to a log.
local function fail(query, code, reason)
	local name = query.name:sub(1, 254):gsub("%c", function(c) return ("\\x%02x"):format(c:byte()) end)
	return nil, code, name .. (reason and (" (%s)"):format(reason) or "")
end

-- What the kernel's own resolver says; nothing if it cannot tell. It knows nothing of ours.
local function by_kernel(query)
	local upcall = core.upcall(query.name, query.wants[A], query.wants[AAAA])
	if not upcall then return end
	local found, none = {}, true
	for index, kind in ipairs(KINDS) do
		local text, code = upcall:result(index - 1)
		while code == errno.EINPROGRESS do
			wait(query, query.latest, upcall, "r")
			text, code = upcall:result(index - 1)
		end
		none = none and code == errno.ENODATA
		found[kind] = {}
		for word in (text or ""):gmatch("[^,]+") do
			if core.family(word) == FAMILY[kind] then table.insert(found[kind], word) end
		end
	end
	upcall:close()
	local list = chosen(query, found)
	if not list and none then return fail(query, errno.ENODATA, "no such name") end
	return list
end

-- The names to ask for, one after the other.
local function candidates(query)
	local names, absolute = {}, query.name:find("%.$")
	local dots = select(2, query.name:gsub("%.", ""))
	for _, suffix in ipairs(absolute and {} or query.suffixes) do
		names[#names + 1] = encode(query.name .. "." .. suffix)
	end
	table.insert(names, (absolute or dots >= query.ndots) and 1 or #names + 1, encode(query.name))
	return names
end

-- What the servers say.
local function by_servers(query)
	local exists
	for _, name in ipairs(candidates(query)) do
		local problem = ask_servers(query, name)
		if problem then return fail(query, problem.code, problem[1]) end
		local found = {}
		for _, kind in ipairs(query.kinds) do
			local addresses = query.said[kind] == "found" and query.more[kind] or {}
			exists = exists or query.said[kind] == "none" and query.more[kind]
			found[kind] = {}
			for index, address in ipairs(addresses) do found[kind][index] = text_of(address) end
		end
		local list = chosen(query, found)
		if list then return list end
	end
	return fail(query, errno.ENODATA, exists and "no address of this family" or "no such name")
end

-- What the name itself says.
local function by_itself(query)
	local family = core.family(query.name)
	if family then
		local wanted = family == "inet" and query.wants[A] or family == "inet6" and query.wants[AAAA]
		if wanted then return { query.name } end
		return fail(query, errno.ENODATA, "an address of another family")
	end
	if not encode(query.name) then return fail(query, errno.EINVAL, "not the name of a host") end
	if query.name:lower():find("^localhost%.?$") and not query.servers then
		return chosen(query, { [A] = { "127.0.0.1" }, [AAAA] = { "::1" } })
	end
end

local function search(query)
	local list, code, reason = by_itself(query)
	if list or code then return list, code, reason end
	if not query.servers then
		list, code, reason = by_kernel(query)
		if list or code then return list, code, reason end
		list = chosen(query, from_hosts(query))
		if list then return list end
		configure(query)
	end
	return by_servers(query)
end

local function run(query)
	local ok, list, code, reason = pcall(search, query)
	if ok then return list, code, reason end
	if list ~= TIME_IS_OVER then error(list, 0) end
	return fail(query, errno.ETIMEDOUT)
end

local methods = { step = core.step }
local meta = { __index = methods }

--- How long a query may wait before its next step.
-- @function query:left
-- @treturn integer milliseconds, 0 when none are left
-- @raise an error when called on anything but a query
-- @usage poll:select(query:left())
function methods:left() return math.max((self.deadline or 0) - now(), 0) end

--- Ends a query that is not needed any more, and what it has open.
-- @function query:close
-- @return nothing
-- @raise an error when called on anything but a query
-- @usage query:close()
function methods:close()
	if self.sock then self.sock:close() end
	self.sock, self.thread = nil, nil
end

local function new_query(name, inet, inet6, ms, servers, port)
	local query = {
		name = name, wants = { [A] = inet, [AAAA] = inet6 }, kinds = {}, latest = now() + ms,
		servers = servers, port = port, suffixes = {}, ndots = NDOTS,
		patience = 1000 * TIMEOUT, attempts = ATTEMPTS, calls = 0, thread = coroutine.create(run),
	}
	for _, kind in ipairs(KINDS) do
		if query.wants[kind] then table.insert(query.kinds, kind) end
	end
	return setmetatable(query, meta)
end

-- Gives the addresses; nil, an errno and what it is about; or nothing yet.
local function step(query)
	if not query.thread then return query.list, query.code or errno.EBADF, query.about or "a query that is closed" end
	local ok, list, code, about = coroutine.resume(query.thread, query)
	if ok and coroutine.status(query.thread) ~= "dead" then return end
	methods.close(query)
	if not ok then error(list, 0) end
	query.list, query.code, query.about = list, code, about
	return list, code, about
end

-- The same, and waits.
local function resolve(...)
	local query = new_query(...)
	local list, code, about = step(query)
	local poll, watched = socket.poll(), nil
	while not list and not code do
		if watched == query.sock then
			poll:modify(watched, query.events)
		else
			watched = query.sock
			poll:add(watched, query.events)
		end
		poll:select(query:left())
		list, code, about = step(query)
	end
	poll:close()
	return list, code, about
end

return { query = new_query, step = step, resolve = resolve }
