-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What every script of the suite thread may use, besides tests/lib.lua.

-- A copy of the value, through a channel.
local function copy(value)
	local ch = thread.channel(1)
	ch:send(value)
	return (ch:receive())
end

-- Waits until a thread's status is this.
local function await(t, status)
	while t:status() ~= status do kernel.sleep(1) end
end

-- Fails unless sending the value raises an error that is exactly this, after the position.
local function uncopied(value, text)
	local ch = thread.channel(1)
	local ok, e = pcall(ch.send, ch, value)
	assert(not ok, "it was copied")
	eq(e, text)
	eq(#ch, 0)
end
