-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What this state knows of loads. Each state has its own, so what asks for it works in the script as in its workers.

local state = {
	hooks = {},		-- functions by name, as the script has set them
	collected = {},		-- what collect() has made, in its order
	worker = nil,		-- in a worker: its role, id, and how many there are of its role
	options = nil,		-- of the last run
	mode = nil,		-- of the last run: "client", "server" or "both"
	result = nil,		-- of the last run
	ran = false,		-- run() was called
	line = "",		-- what io.write() has got since the last line end
	report = false,		-- the result is to be printed when the script has ended
}

return state
