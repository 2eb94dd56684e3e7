-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Runs as the script sees them: its options or its command line, what is printed, what becomes of it at its end.

local _, core = ...
local need = core.need
local state = need("load.state")

local script = {}

-- ---- options

-- The words of the command line.
local function command_line()
	local words = {}
	for i, word in ipairs(rawget(_G, "arg") or {}) do words[i] = word end
	return words
end

-- The options of the last run; before one, those of the command line.
local function known_options()
	return state.options or (need("load.options").parse(command_line()))
end

-- Whether a role is the worker's, or one of the run's.
function script.has_role(role)
	if state.worker then return state.worker.role == role end
	local have = known_options().role
	return have == role or have == "both"
end

-- How many workers a role has.
function script.threads()
	return state.worker and state.worker.count or known_options().num_threads
end

-- ---- what is printed

local function print_pairs(list)
	for _, pair in ipairs(list) do print(("%s=%s"):format(pair[1], pair[2])) end
end

local function print_lines(text)
	for line in text:gmatch("[^\n]+") do print(line) end
end

local Complaint = { __tostring = function(complaint) return complaint.text end }

-- Fails with a message for who has typed the command line: it does not matter where in the library that is.
local function complain(text) error(setmetatable({ text = text, traceback = false }, Complaint), 0) end

-- Options of which at least some are words of a command line.
local function parse_words(input)
	local seen = false
	local ok, opt, on_interval = xpcall(need("load.options").parse, function(err)
		seen = true
		return err
	end, input)
	if ok then return opt, on_interval end
	if seen and type(opt) == "string" then complain(opt) end
	-- Want of memory does not come by the handler.
	error(seen and opt or core.failure(need("socket").errno.ENOMEM, "load"), 0)
end

-- What was not met is the script's failure.
function script.judge(result)
	if #result.failed == 0 then return end
	complain("load: thresholds not met: " .. table.concat(result.failed, "; "))
end

-- What is left to do when a text has come to its end without an error. Of what is typed, more may come.
local function at_end(last)
	if last and not state.ran and next(state.hooks) then script.run() end
	need("load.io").finish()
	if not state.report then return end
	state.report = false
	print_lines(state.result:keyvals())
	script.judge(state.result)
end

-- Has what is left done at the end of the text that runs now.
function script.expect_end() core.at_end(at_end) end

-- ---- runs

-- What is printed instead of a run; true if that is all that was asked for.
local function informs(opt)
	if opt.help then
		print_lines(need("load.options").help(opt.workload))
	elseif opt.version then
		print("luadrv")
	else
		return false
	end
	return true
end

local function run_with(opt, on_interval)
	state.options = opt
	state.result = need("load.run").run(opt, state.hooks, state.collected, on_interval)
	return state.result
end

-- With the options of the command line, and what neper prints.
local function run_command_line()
	local options = need("load.options")
	local opt, on_interval = parse_words(command_line())
	if informs(opt) then os.exit(0) end
	print_pairs(options.dump(opt))
	-- As with rushit, the script goes no further.
	if opt.dry_run then os.exit(0) end
	run_with(opt, on_interval)
	state.report = true
	script.expect_end()
	return state.result
end

function script.run(input)
	if input == nil and state.ran then return state.result end
	state.ran = true
	if input == nil then return run_command_line() end
	local opt, on_interval = (input[1] and parse_words or need("load.options").parse)(input)
	if opt.dry_run or informs(opt) then
		state.options = opt
		return { options = opt, ok = true }
	end
	return run_with(opt, on_interval)
end

return script
