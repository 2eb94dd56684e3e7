-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Workers that share a queue of jobs: a thread on each processor takes the
-- next job from a channel, and sends what came of it to another.
--
--   cat examples/workers.lua > /dev/luadrv     runs to its end
--
-- It counts the primes below 20,000 in 20 jobs, and prints into the kernel log
-- how many jobs each worker did, "primes: 2262 of them" and "workers: ok".

local LIMIT, STEP, MAX_WORKERS = 20000, 1000, 64

local jobs, results = thread.channel(4), thread.channel(4)

local function is_prime(n)
	for d = 2, n - 1 do
		if d * d > n then break end
		if n % d == 0 then return false end
	end
	return n > 1
end

-- What it uses goes along as its upvalues: the channels, which all have in
-- common, and a copy of is_prime.
local function worker(name)
	local done = 0
	for from in function() return (jobs:receive()) end do
		local count = 0
		for n = from, from + STEP - 1 do
			if is_prime(n) then count = count + 1 end
		end
		results:send(count)
		done = done + 1
	end
	return ("workers: %s did %d jobs"):format(name, done)
end

-- The script may not use every processor: one that it may not is refused.
local threads = {}
for cpu = 0, MAX_WORKERS - 1 do
	local ok, t = pcall(thread.spawn, { cpu = cpu, name = "worker" .. cpu }, worker, "cpu " .. cpu)
	if not ok then
		if t.name ~= "EINVAL" then error(t, 0) end
	else
		threads[#threads + 1] = t
	end
end

-- One more hands the jobs out, while this one adds up.
local boss = thread.spawn(function()
	for from = 0, LIMIT - 1, STEP do jobs:send(from) end
	jobs:close()
end)

local primes = 0
for _ = 1, LIMIT // STEP do primes = primes + results:receive() end
boss:join()
for _, t in ipairs(threads) do
	local _, report = t:join()
	print(report)
end
print(("primes: %d of them"):format(primes))
print("workers: ok")
