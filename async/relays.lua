-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Relays, for tasks: who waits for one does not keep the others waiting.

local _, core = ...
local loop = core.need("async.loop")
local members = core.need("async.members")
local sockets = core.need("async.sockets")
local socket = core.socket
local current, failure = loop.current, sockets.failure

local methods = core.methods("relay")
local wait, stop, close = methods.wait, methods.stop, methods.close

-- Waits until a relay is over; gives why it is not, nil if it is.
local function await(relay, deadline)
	return members.wait(relay, sockets.R, deadline)
end

local function no_wait(opts)
	local all = { nowait = true }
	for key, value in pairs(opts or {}) do all[key] = value end
	return all
end

-- What a relay gives when it is over, which it is, or is stopped now.
local function finish(relay, ...)
	close(relay)
	return ...
end

-- A function that waits for the relay that it makes.
local function waiting(name, make)
	return function(a, b, opts)
		if opts ~= nil and (type(opts) ~= "table" or opts.nowait) then return make(a, b, opts) end
		local why = loop.refused()
		if why then error(failure(why, name), 0) end
		local relay = make(a, b, no_wait(opts))
		local ok
		ok, why = pcall(await, relay)
		if not ok or why then
			finish(relay, stop(relay))
			error(ok and failure(why, name) or why, 0)
		end
		return finish(relay, wait(relay, 0))
	end
end

local function wait_for(relay, ms)
	if ms == 0 or ms ~= nil and math.type(ms) ~= "integer" then return wait(relay, ms) end
	local why = loop.refused() or await(relay, loop.deadline(ms))
	if why == "ETIMEDOUT" then return end
	if why and (why ~= "ECANCELED" or current().cancelled) then error(failure(why, "relay"), 0) end
	return wait(relay, 0)
end

sockets.install(socket, { relay = waiting("relay", socket.relay), splice = waiting("splice", socket.splice) })
sockets.install(methods, { wait = wait_for }, true)
