-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A thousand relays at once (fewer on a slow kernel), and what ends them.

local MANY = math.max(1000 // SLOW, 50)

local function pairs_from(server)
	return function()
		local client = socket.new("inet", "tcp")
		client:connect(server:getsockname())
		return client, server:accept()
	end
end

local function listener()
	local server = socket.new("inet", "tcp")
	server:bind(LO, 0)
	server:listen()
	return server
end

-- Makes tunnels, half of them of a set. In one of 25 bytes go round for ever, since both of its peers are echoes: more
-- would leave the script no processor. To the others something was sent that nobody has read.
local function busy(n, opts)
	local pair, set, tunnels = pairs_from(listener()), socket.relays(opts), {}
	for i = 1, n do
		local one, t = i % 7 == 0 and unix_pair or pair, { echoes = {} }
		t.left, t.a = one()
		t.b, t.right = pair()
		t.left:write(("x"):rep(i % 900 + 1))
		if i % 2 == 0 then set:add(t.a, t.b) else t.relay = socket.relay(t.a, t.b, nowait(opts)) end
		tunnels[i] = t
	end
	for i = 1, n, 25 do
		local t = tunnels[i]
		t.echoes = { socket.splice(t.left, t.left, nowait()), socket.splice(t.right, t.right, nowait()) }
	end
	return tunnels, set
end

--# a signal ends a script with a thousand busy relays
--! stop INT TERM KILL
--! timeout 120
local tunnels, set = busy(MANY)
print("ready")
kernel.sleep(1000000)

--# a signal ends threads with hundreds of busy relays each
--! stop TERM KILL
--! timeout 120
local started = thread.channel()
local threads = {}
local function many(n, up)
	local tunnels, set = busy(n)
	up:send(true)
	kernel.sleep(1000000)
	return tunnels, set
end
for i = 1, 3 do threads[i] = thread.spawn(many, MANY // 3, started) end
for _ = 1, 3 do started:receive() end
print("ready")
kernel.sleep(1000000)

--# a script that fails takes a thousand busy relays with it
--! timeout 120
--! error ECANCELED it is enough
KEEP = { busy(MANY) }
error("it is enough")

--# a thousand busy relays are ended one after the other, in any order and in any way, and then nothing moves
--! timeout 240
math.randomseed(kernel.time_ns())
local tunnels, set = busy(MANY)
local given = #set
local function stop_echo(t, i) if t.echoes[i] then t.echoes[i]:stop() end end
local ends = {
	function(t) t.left:close() end,
	function(t) t.right:close() end,
	function(t) reset(t.left) end,
	function(t) reset(t.right) end,
	function(t) stop_echo(t, 1) t.left:shutdown("write") t.right:close() end,
	function(t) stop_echo(t, 2) t.right:shutdown("both") t.left:close() end,
	function(t) if t.relay then t.a:close() else t.left:close() end end,
	function(t) if t.relay then t.b:close() else reset(t.right) end end,
	function(t) if t.relay then t.relay:stop() else t.left:shutdown("both") t.right:shutdown("both") end end,
}
for i = #tunnels, 1, -1 do
	local j = math.random(i)
	local t = tunnels[j]
	tunnels[i], tunnels[j] = t, tunnels[i]
	-- What it is connected with may have ended it before.
	pcall(ends[math.random(#ends)], t)
end
for _, t in ipairs(tunnels) do
	for _, echo in ipairs(t.echoes) do echo:close() end
	t.left:close()
	t.right:close()
	if t.relay then
		local up, down, reason = t.relay:wait(20000)
		assert(reason and reason ~= "idle", reason)
		eq(table.concat({ up, down, reason }, " "), table.concat({ t.relay:stop() }, " ", 1, 3))
	end
end
await("the end of the set's", function() return #set == 0 end)
eq(select(3, set:count()), given)
local up, down = set:count()
kernel.sleep(5)
eq(table.concat({ set:count() }, " "), table.concat({ up, down, given }, " "))

--# a thousand busy relays are over when their time is
--! timeout 240
local tunnels, set = busy(MANY, { total = 300 * SLOW })
await("the end of the set's", function() return #set == 0 end)
for _, t in ipairs(tunnels) do
	if t.relay then over(t.relay, "total") end
end
