-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Latencies of single transactions, of the last ones that a run had: each worker has written them to a ring
-- (load/engine.h, struct lload_rtt).

local _, core = ...
local need = core.need
local units = need("load.units")

local ENTRY = "i8i8i8"
local SIZE = ENTRY:packsize()

local rtts = {}

-- What an engine has of them: { ring=, places=, count= }, or nil.
function rtts.of(engine)
	local ring, count = engine:rtts()
	return ring and { ring = ring, places = #ring // SIZE, count = count }
end

-- How many there are.
function rtts.count(workers)
	local n = 0
	for _, worker in ipairs(workers) do
		local own = worker.rtts
		n = n + (own and math.min(own.count, own.places) or 0)
	end
	return n
end

-- For a loop: end, worker, flow and latency of each, worker by worker, the oldest first.
function rtts.each(workers)
	local index, at, worker, own = 0, 0, nil, { count = 0 }
	return function()
		while at == own.count do
			index = index + 1
			worker = workers[index]
			if not worker then return end
			own = worker.rtts or { count = 0 }
			at = math.max(0, own.count - (own.places or 0))
		end
		local finish, latency, flow = own.ring:unpack(at % own.places * SIZE, ENTRY)
		at = at + 1
		return finish, worker.id, flow, latency
	end
end

-- For a loop: each as neper writes it.
function rtts.lines(workers, separator)
	local step = rtts.each(workers)
	return function()
		local finish, id, flow, latency = step()
		if not finish then return end
		return table.concat({ units.seconds(finish), id, flow, units.seconds(latency) }, separator)
	end
end

return rtts
