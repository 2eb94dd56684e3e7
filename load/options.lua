-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Options of a run: from tables and command lines to one plain table that workers get.
--
-- What that has: every option of load/flags.lua by its name, checked, with its default; rates in thousandths per
-- second, tcp_tx_delay in us, max_pacing_rate in bytes per second. But times are in ns, and named so: warmup_ns
-- interval_ns wait_start_ns suicide_ns timeout_ns iostat_ns delay_ns noburst_ns test_length_ns. Beside these:
--
--   protocol "tcp", "udp"; kind "rr", "crr", "stream"; family "inet", "inet6"
--   role; client, server: whether it is just that
--   host: numeric, never nil; local_hosts: an array of them, or nil; source_port: nil if the kernel chooses
--   test_length_ns or transactions: the other one is nil
--   interval_ns: as it counts; printed_interval_ns: as it was given
--   stages: an array of { length_ns=, from=, to= }, of all workers, or nil; whether of stages, rate, delay or noburst
--   rate: the one at the beginning, or nil
--   skip_late; percentiles: an array of texts; thresholds: an array (load/thresholds.lua)
--   client_reads client_writes server_reads server_writes: booleans, of streams
--   given: which options were given, as keys

local _, core = ...
local need = core.need
local flags = need("load.flags")
local thresholds = need("load.thresholds")
local units = need("load.units")
local values = need("load.values")

local LONGEST_DATAGRAM = 65507
local MOST_RTTS = 1 << 24	-- load/engine.h
local SECOND = 1000000000

local options = {}

local function refuse(form, ...) error("load: " .. form:format(...), 0) end

-- ---- names

-- How many letters are to be changed, added or left out between two words.
local function distance(a, b)
	local row = {}
	for j = 0, #b do row[j] = j end
	for i = 1, #a do
		local left = row[0]
		row[0] = i
		for j = 1, #b do
			local cost = a:byte(i) == b:byte(j) and 0 or 1
			left, row[j] = row[j], math.min(left + cost, row[j] + 1, row[j - 1] + 1)
		end
	end
	return row[#b]
end

-- Which option may be meant.
local function nearest(name)
	local best, least
	name = name:sub(1, 40)
	for known in pairs(flags.named) do
		local far = distance(name, known)
		if not least or far < least or far == least and known < best then best, least = known, far end
	end
	return best
end

local function find(name, shown)
	local flag = flags.named[name:gsub("-", "_")]
	if not flag then refuse("%s: no such option; the nearest one is %s", shown or name, nearest(name)) end
	return flag
end

-- ---- command lines

-- The options in an array of words, as pairs in the order in which they are given. The words that are left out
-- would be a program's own arguments, which there are none of.
local function pairs_of(words, workload)
	local out, at = {}, 1
	local function put(flag, value, shown)
		if value == nil then
			at = at + 1
			value = words[at]
			if value == nil then refuse("%s: needs a value: %s", shown, values.allowed(flag)) end
		end
		out[#out + 1] = { flag, value }
	end
	local function letters(word)
		for i = 2, #word do
			local flag = flags.short(word:sub(i, i), workload)
			if not flag then refuse("-%s: no such option of %s", word:sub(i, i), workload) end
			local bare, rest = values.bare(flag), word:sub(i + 1)
			if bare and (bare == true or rest == "") then
				put(flag, bare)
			else
				return put(flag, rest ~= "" and rest or nil, "-" .. flag.short)
			end
		end
	end
	while words[at] ~= nil do
		local word = words[at]
		if type(word) ~= "string" then refuse("a word of a command line expected, got a %s", type(word)) end
		local name, value = word:match("^%-%-([^=]+)=(.*)$")
		name = name or word:match("^%-%-(.+)$")
		if name then
			local flag = find(name, "--" .. name)
			put(flag, value or values.bare(flag) or nil, "--" .. name)
		elseif word:find("^%-.") then
			letters(word)
		else
			refuse("%s: not an option", word)
		end
		at = at + 1
	end
	return out
end

-- The workload that is given last: what other words mean depends on it.
local function workload_of(sources)
	local found
	for _, source in ipairs(sources) do
		if source.workload ~= nil then found = source.workload end
		for i = 1, #source do
			local word = source[i]
			if word == "--workload" then
				found = source[i + 1]
			elseif type(word) == "string" then
				found = word:match("^%-%-workload=(.*)$") or found
			end
		end
	end
	local flag = flags.named.workload
	return values.check(flag, found == nil and flag.default or found)
end

-- Tables as they are, single words as one table.
local function sources_of(...)
	local list, words = {}, nil
	for i = 1, select("#", ...) do
		local arg = select(i, ...)
		if type(arg) == "table" then
			list[#list + 1], words = arg, nil
		elseif type(arg) == "string" then
			if not words then
				words = {}
				list[#list + 1] = words
			end
			words[#words + 1] = arg
		elseif arg ~= nil then
			refuse("a table of options or a word of a command line expected, got a %s", type(arg))
		end
	end
	return list
end

-- Checks the value of an option and keeps it.
local function give(opt, flag, value, workload)
	if not flags.fits(flag, workload) then
		local of = {}
		for _, other in ipairs(flags.workloads) do
			if flags.fits(flag, other) then of[#of + 1] = other end
		end
		refuse("%s: not an option of %s, but of %s", flag.name, workload, table.concat(of, ", "))
	end
	if flag.refused then refuse("%s: not available: %s", flag.name, flag.refused) end
	opt[flag.name] = values.check(flag, value)
	opt.given[flag.name] = true
end

local function read(sources, workload)
	local opt = { given = {} }
	for _, source in ipairs(sources) do
		local names = {}
		for name in pairs(source) do
			if type(name) == "string" then
				names[#names + 1] = name
			elseif math.type(name) ~= "integer" or name < 1 or name > #source then
				refuse("the name of an option expected, got a %s", type(name))
			end
		end
		table.sort(names)
		for _, name in ipairs(names) do give(opt, find(name), source[name], workload) end
		for _, pair in ipairs(pairs_of(source, workload)) do give(opt, pair[1], pair[2], workload) end
	end
	for _, flag in ipairs(flags.of(workload)) do
		local default = flags.default(flag, workload)
		if opt[flag.name] == nil and default ~= nil then opt[flag.name] = values.check(flag, default) end
	end
	return opt
end

-- ---- what comes of them

local function set_role(opt)
	local given = opt.given
	if opt.client and opt.server then refuse("client, server: a script is one of them; role=\"both\" is for both") end
	local role = opt.client and "client" or opt.server and "server" or nil
	if role and given.role and opt.role ~= role then refuse("role: %s is given, but %s as well", opt.role, role) end
	opt.role = role or opt.role
	-- So that what is printed is what neper would print.
	opt.client, opt.server = opt.role == "client", opt.role == "server"
end

local function family(host) return host:find(":", 1, true) and "inet6" or "inet" end

local function set_addresses(opt)
	if opt.ipv4 and opt.ipv6 then opt.ipv4, opt.ipv6 = false, false end
	local wanted = opt.ipv4 and "inet" or opt.ipv6 and "inet6" or nil
	local host = opt.host
	if host == nil and opt.role == "server" then
		host = wanted == "inet6" and "::" or "0.0.0.0"
	elseif host == nil or host == "localhost" then
		host = wanted == "inet6" and "::1" or "127.0.0.1"
	end
	opt.host, opt.family = host, family(host)
	if wanted and wanted ~= opt.family then refuse("host: %s is not of %s", host, opt.ipv4 and "ipv4" or "ipv6") end
	for i, one in ipairs(opt.local_hosts or {}) do
		if one == "localhost" then one = opt.family == "inet6" and "::1" or "127.0.0.1" end
		opt.local_hosts[i] = one
		if family(one) ~= opt.family then refuse("local_hosts: %s is of another family than host, %s", one, host) end
	end
	if opt.source_port == -1 then opt.source_port = nil end
end

local TIMES = {
	warmup = "warmup_ns", interval = "interval_ns", wait_start = "wait_start_ns", suicide_length = "suicide_ns",
	timeout = "timeout_ns", iostat_ms = "iostat_ns", delay = "delay_ns", noburst = "noburst_ns",
}

-- How long a number of transactions takes nobody knows, but who has said which interval it is to be.
local function has_few_samples(opt)
	if not opt.test_length_ns then return not opt.given.interval end
	if opt.test_length_ns == 0 then return false end
	return opt.test_length_ns // opt.interval_ns < 5
end

local function set_times(opt)
	for name, key in pairs(TIMES) do opt[name], opt[key] = nil, opt[name] end
	local length = opt.test_length
	opt.test_length, opt.test_length_ns, opt.transactions = nil, length.ns, length.transactions
	if opt.stages and not opt.given.test_length then
		opt.test_length_ns = 0
		for _, stage in ipairs(opt.stages) do opt.test_length_ns = opt.test_length_ns + stage.length_ns end
	end
	-- neper's: too few samples are worth nothing. What is printed is what was given.
	opt.printed_interval_ns = opt.interval_ns
	if has_few_samples(opt) then
		opt.interval_ns = math.max(1000000, math.min(SECOND // 5, (opt.test_length_ns or SECOND) // 5))
	end
end

-- The rate of slots; a closed loop has none.
local function set_stages(opt)
	if opt.stages then
		local from = opt.rate or 0
		for _, stage in ipairs(opt.stages) do stage.from, from = from, stage.to end
		return
	end
	if (opt.noburst_ns or 0) > 0 then
		opt.rate = SECOND * 1000 // opt.noburst_ns
	elseif (opt.delay_ns or 0) > 0 then
		opt.rate = core.muldiv(opt.kind == "stream" and opt.num_threads or opt.num_flows, SECOND * 1000, opt.delay_ns)
	end
	if opt.rate then
		opt.rate = math.max(opt.rate, 1)
		opt.stages = { { length_ns = SECOND, from = opt.rate, to = opt.rate } }
	end
end

local function set_directions(opt)
	opt.client_reads, opt.client_writes, opt.server_reads, opt.server_writes = false, true, true, false
	if opt.split_bidir then
		opt.num_flows = 2 * opt.num_flows
		opt.client_reads, opt.server_writes = true, true
	elseif opt.enable_tcp_maerts then
		opt.client_reads, opt.client_writes, opt.server_reads, opt.server_writes = true, false, false, true
	else
		opt.client_reads = opt.role ~= "server" and opt.enable_read or false
		opt.server_writes = opt.role ~= "client" and opt.enable_write or false
		-- Both ends of one script: who reads has somebody that writes.
		if opt.role == "both" then
			opt.client_reads = opt.client_reads or opt.server_writes
			opt.server_writes = opt.client_reads
		end
	end
end

-- ---- what does not go together

local function check_exclusive(opt)
	local rates = {}
	for _, name in ipairs{ "delay", "noburst", "rate" } do
		if opt.given[name] and opt[TIMES[name] or name] ~= 0 then rates[#rates + 1] = name end
	end
	if opt.stages and opt.given.stages and rates[1] and rates[1] ~= "rate" then rates[#rates + 1] = "stages" end
	if rates[2] then refuse("%s: only one of them can say when requests begin", table.concat(rates, ", ")) end
end

local function check_flows(opt)
	if opt.role ~= "server" then
		if opt.num_flows < opt.num_threads then
			refuse("num_flows: %d are fewer than num_threads, %d", opt.num_flows, opt.num_threads)
		end
		if opt.local_hosts and opt.num_flows < #opt.local_hosts then
			refuse("num_flows: %d are fewer than local_hosts, %d", opt.num_flows, #opt.local_hosts)
		end
	elseif opt.local_hosts then
		refuse("local_hosts: only clients have them")
	elseif opt.wait_start_ns > 0 then
		refuse("wait_start: only clients have it")
	end
	local port = opt.source_port
	if port and opt.local_hosts then refuse("source_port, local_hosts: only one of them can be given") end
	if port and port + opt.num_flows - 1 > 65535 then
		refuse("source_port: %d and the ports of %d flows are more than there are", port, opt.num_flows)
	end
	if opt.port == 0 and opt.role ~= "both" then refuse("port: 0, any free one, is only for role=\"both\"") end
	if opt.num_ports and opt.port + opt.num_ports - 1 > 65535 then
		refuse("num_ports: %d from %d on are more than there are", opt.num_ports, opt.port)
	end
end

local function check_rtts(opt)
	if not opt.log_rtt then return end
	local flows = (opt.num_flows + opt.num_threads - 1) // opt.num_threads
	if flows * opt.logrtt_entries_per_flow > MOST_RTTS then
		refuse("logrtt_entries_per_flow: %d for each of %d flows of a thread are more than %d; take fewer, or more threads",
			opt.logrtt_entries_per_flow, flows, MOST_RTTS)
	end
end

local function check_sizes(opt)
	if opt.kind == "stream" and opt.transactions then
		refuse("test_length: streams have no transactions; a duration expected")
	end
	if opt.test_length_ns == 0 and (opt.role ~= "server" or opt.control_port ~= 0) then
		refuse("test_length: only a server without a control port can go on for ever, 0")
	end
	if opt.protocol ~= "udp" then return end
	for _, name in ipairs{ "request_size", "response_size" } do
		local size = opt[name]
		if size and size > math.min(LONGEST_DATAGRAM, opt.buffer_size) then
			refuse("%s: a datagram has at most %d bytes, and at most buffer_size, %d", name, LONGEST_DATAGRAM, opt.buffer_size)
		end
	end
	if opt.kind == "stream" and opt.buffer_size > LONGEST_DATAGRAM then
		refuse("buffer_size: a datagram has at most %d bytes", LONGEST_DATAGRAM)
	end
end

-- ---- what the others call

-- The options of a run, and the function on_interval, if there is one. Arguments are tables of options, which may
-- have words of a command line as well, and such words; of two that say the same the last one counts. Raises what is
-- wrong with them.
function options.parse(...)
	local sources = sources_of(...)
	local workload = workload_of(sources)
	local opt = read(sources, workload)
	opt.protocol, opt.kind = flags.parts(workload)
	set_role(opt)
	set_addresses(opt)
	set_times(opt)
	check_exclusive(opt)
	set_directions(opt)
	set_stages(opt)
	opt.skip_late = opt.late == "skip"
	check_flows(opt)
	check_sizes(opt)
	check_rtts(opt)
	thresholds.check(opt.thresholds, opt.kind, opt.stages ~= nil)
	local on_interval = opt.on_interval
	opt.on_interval = nil
	return opt, on_interval
end

-- How much of @n the worker @id has, of @threads that share it evenly; the first ones have what is left over.
local function part(n, threads, id) return n // threads + (id < n % threads and 1 or 0) end

-- What worker @id (0 and up) has of "num_flows", "transactions" or "stages"; nil if nobody has any. Of "first_flow":
-- how many flows the workers before it have. @threads: among how many, if these are not all.
function options.share(opt, what, id, threads)
	threads = threads or opt.num_threads
	if what == "first_flow" then
		return id * (opt.num_flows // threads) + math.min(id, opt.num_flows % threads)
	elseif what ~= "stages" then
		return opt[what] and part(opt[what], threads, id)
	elseif opt.stages then
		local list = {}
		local function add(length_ns, from, to)
			list[#list + 1] = { length_ns = length_ns, from = part(from, threads, id), to = part(to, threads, id) }
		end
		-- Stages begin where the warm-up ends; until then it goes as at their beginning.
		local first = opt.stages[1].from
		if opt.warmup_ns > 0 then add(opt.warmup_ns, first, first) end
		for _, stage in ipairs(opt.stages) do add(stage.length_ns, stage.from, stage.to) end
		return list
	end
end

-- All options, in the order of load/flags.lua, for documents: { name=, short=, kind=, default=, help=, since=, unused=,
-- refused=, alias=, allowed=, workloads = {...} }.
function options.list()
	local list = {}
	for i, flag in ipairs(flags.list) do
		local one = { allowed = values.allowed(flag), workloads = {} }
		for key, value in pairs(flag) do one[key] = value end
		for _, workload in ipairs(flags.workloads) do
			if flags.fits(flag, workload) then one.workloads[#one.workloads + 1] = workload end
		end
		list[i] = one
	end
	return list
end

-- What --help prints: the options of a workload, one on a line.
function options.help(workload)
	local lines = {}
	for _, flag in ipairs(flags.of(workload)) do
		if not flag.refused then
			lines[#lines + 1] = ("  %s --%-20s %s"):format(flag.short and "-" .. flag.short .. "," or "   ",
				flag.name:gsub("_", "-"), flag.help .. (flag.unused and " (without effect)" or ""))
		end
	end
	table.sort(lines, function(a, b) return a:sub(7) < b:sub(7) end)
	return table.concat(lines, "\n")
end

-- ---- printing

local function seconds(ns) return ns % SECOND == 0 and ("%d"):format(ns // SECOND) or units.seconds(ns) end

local function thousandths(n) return n % 1000 == 0 and ("%d"):format(n // 1000) or units.fixed(n, 3) end

local function own(opt, what) return opt[(opt.role == "server" and "server" or "client") .. what] and "1" or "0" end

local WORDS = { ["<"] = " lt ", ["<="] = " le ", [">"] = " gt ", [">="] = " ge ", ["=="] = " eq ", ["!="] = " ne " }

local PRINT = {
	test_length = function(opt)
		return opt.transactions and ("-%d"):format(opt.transactions) or seconds(opt.test_length_ns)
	end,
	interval = function(opt) return units.seconds(opt.printed_interval_ns, 6) end,
	source_port = function(opt) return ("%d"):format(opt.source_port or -1) end,
	iostat_ms = function(opt) return ("%d"):format(opt.iostat_ns // 1000000) end,
	delay = function(opt) return ("%d"):format(opt.delay_ns) end,
	noburst = function(opt) return ("%d"):format(opt.noburst_ns) end,
	host = function(opt) return opt.given.host and opt.host or "" end,
	enable_read = function(opt) return own(opt, "_reads") end,
	enable_write = function(opt) return own(opt, "_writes") end,
	percentiles = function(opt) return table.concat(opt.percentiles, ",") end,
	local_hosts = function(opt) return table.concat(opt.local_hosts or {}, ",") end,
	rate = function(opt) return opt.given.rate and thousandths(opt.rate) or "" end,
	stages = function(opt)
		local list = {}
		for i, stage in ipairs(opt.given.stages and opt.stages or {}) do
			list[i] = ("%ss:%s"):format(seconds(stage.length_ns), thousandths(stage.to))
		end
		return table.concat(list, ",")
	end,
	thresholds = function(opt)
		local list = {}
		-- Without "=": those who read it look for the last one.
		for i, one in ipairs(opt.thresholds) do list[i] = one.text:gsub("[<>=!]=?", WORDS) end
		return table.concat(list, ",")
	end,
}
for _, name in ipairs{ "warmup", "wait_start", "suicide_length", "timeout" } do
	PRINT[name] = function(opt) return seconds(opt[TIMES[name]]) end
end

local SILENT = { help = true, version = true, on_interval = true }

local function printed(opt, name)
	if PRINT[name] then return PRINT[name](opt) end
	local value = opt[name]
	if value == nil then return "" end
	if type(value) == "boolean" then return value and "1" or "0" end
	return tostring(value)
end

-- Every option as it counts, as an array of { key, text }, in neper's order and its formats, then ours.
function options.dump(opt)
	local list = { { "VERSION", "luadrv" } }
	for _, flag in ipairs(flags.of(opt.workload)) do
		if not SILENT[flag.name] and not flag.refused then
			list[#list + 1] = { flag.name, printed(opt, flag.name) }
		end
	end
	if opt.transactions then
		list[#list + 1] = { "total_transactions", ("%d"):format(opt.transactions) }
	else
		list[#list + 1] = { "total_run_time", seconds(opt.test_length_ns) }
	end
	return list
end

return options
